//! From a snapshot to reports: evaluates every account, passes it to all outputs, and determines
//! the exit code.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use super::closing::{excluded_by_region, one_line, print_usage, stale_waivers, warn_skipped};
use super::error::CommandError;
use super::memory;
use super::outputs::{OutputPlan, check_parts, earlier_reports, planned, sarif_options};
use super::setup::{Setup, unmatched};
use super::sources;
use super::timeline::{RunTimeline, Tracing};
use crate::baseline::{Baseline, BaselineError, Before, Code, CodeScanning, Unplaced};
use crate::cli::{self, CodeArgs, Global, Outputs, SarifUnknown};
use crate::evaluate::{EvaluateError, Evaluation, EvaluationObserver, run_info, with_frameworks};
use crate::exit::Exit;
use crate::model::{
    AccountId, AlertLocation, Extent, Gap, Globs, Region, Severity, SkippedAccount, did_you_mean,
    series,
};
use crate::output::{Destination, Format, Notice, Output, OutputError, print_error};
use crate::report::{AccountReport, CollectionUsage, RuleOrigin, RunInfo, Selection, Summary};
use crate::snapshot::{Collected, Reader};
use crate::sources::Sources;

/// The reports that a run writes, checked before expensive work begins.
pub struct Reports {
    open: Vec<Open>,
    /// Errors of reports that were given up.
    failed: Vec<OutputError>,
    fail_on: Option<Severity>,
    /// Whether only new failures make the run fail.
    fail_on_new: bool,
    /// Whether the text report goes to stdout, so that the short summary on stderr is redundant.
    text_on_stdout: bool,
    quiet: bool,
    /// Configured regions, for suggestions.
    configured_regions: BTreeSet<Region>,
    /// What is known about code scanning alerts before the run.
    before: Before,
    writes_sarif: bool,
    /// Where the results of SARIF reports are.
    location: AlertLocation,
    /// The code that declares resources.
    sources: Option<Arc<Sources>>,
    selection: Selection,
    code_scanning: CodeScanning,
    retire: BTreeSet<AccountId>,
    /// What the collection took, if this run collected the accounts.
    collection: Option<CollectionUsage>,
    /// Receives what the evaluation does.
    timeline: Option<Arc<RunTimeline>>,
    /// Where the reports go.
    destinations: Vec<Destination>,
    /// Whether people see what each API took.
    has_usage: bool,
}

/// One report.
struct Open {
    output: Box<dyn Output>,
    /// Whether it rejects some runs. It is started before the first AWS call, so that the error is
    /// reported early.
    may_reject: bool,
}

/// The result of a run.
#[derive(Debug)]
pub struct Reported {
    /// The exit code.
    pub exit: Exit,
    /// The totals.
    pub summary: Summary,
    /// The result in one line.
    pub line: String,
    /// Notices about the reports.
    pub notices: Vec<Notice>,
    /// Why a report was not written; the others are.
    pub failed: Option<CommandError>,
}

impl Reported {
    /// The exit code, or the error of a report.
    pub fn result(self) -> Result<Exit, CommandError> {
        self.failed.map_or(Ok(self.exit), Err)
    }
}

impl Reports {
    /// Determines the outputs: from the command line, else from the config, else text on stdout.
    /// Reports errors now rather than after a long scan.
    pub fn new(
        global: &Global,
        setup: &Setup,
        outputs: &Outputs,
        evaluation: &cli::Evaluation,
    ) -> Result<Self, CommandError> {
        let planned = planned(setup, outputs)?;
        Destination::check(planned.iter().map(|(_, to)| to))?;
        planned.iter().try_for_each(|(_, to)| to.probe())?;
        check_parts(&planned)?;
        let any = |format: Format| planned.iter().any(|(planned, _)| *planned == format);
        let sarif_only = [
            (outputs.sarif_category.is_some(), "--sarif-category"),
            (!outputs.retire.is_empty(), "--retire"),
        ];
        if let Some((_, option)) =
            sarif_only.iter().find(|(given, _)| *given && !any(Format::Sarif))
        {
            return Err(CommandError::Usage(format!(
                "{option} requires SARIF output: add --output sarif=FILE"
            )));
        }
        let history = earlier_reports(outputs, any(Format::Html) || any(Format::Markdown))?;
        let before = match &outputs.baseline {
            None => Before::Unknown,
            Some(path) if path.as_os_str() == "none" => Before::NoAlerts,
            Some(path) => Before::Report(Box::new(Baseline::read(path)?)),
        };
        let writes_sarif = any(Format::Sarif);
        let selection = selection(setup, outputs);
        if let (Some(path), Some(baseline)) = (&outputs.baseline, before.report())
            && let Some(reason) = baseline.mismatch(&selection, writes_sarif)
        {
            return Err(BaselineError::Unusable { path: path.clone(), reason }.into());
        }
        if let (Some(path), Some(baseline)) = (&outputs.baseline, before.report())
            && let Some(reason) = baseline.moved_alerts(&selection)
            && writes_sarif
            && !outputs.yes
        {
            return Err(BaselineError::Unusable { path: path.clone(), reason }.into());
        }
        let code_scanning = CodeScanning {
            per_region: setup.config.outputs.iter().any(|output| output.per_region),
            withhold_unknown: outputs.sarif_unknown == SarifUnknown::LeaveOut,
            ..CodeScanning::default()
        };
        let mode = outputs.mode();
        let mut open = Vec::new();
        let destinations = planned.iter().map(|(_, to)| to.clone()).collect();
        let text_on_stdout = planned.contains(&(Format::Text, Destination::Stdout));
        for (format, to) in planned {
            let plan = OutputPlan {
                format,
                mode,
                color: global.color,
                has_usage: global.verbose > 0,
                sarif: sarif_options(outputs, &before, code_scanning, &setup.config),
                history: history.clone(),
            };
            open.push(Open { output: plan.open(to, setup), may_reject: format == Format::Sarif });
        }
        let fail_on = evaluation.fail_on.map_or(setup.config.scan.fail_on, |typed| typed.0);
        let configured_regions =
            setup.config.targets().into_iter().flat_map(|target| target.regions).collect();
        Ok(Self {
            open,
            failed: Vec::new(),
            fail_on,
            fail_on_new: evaluation.fail_on_new,
            text_on_stdout,
            quiet: global.quiet,
            configured_regions,
            before,
            writes_sarif,
            location: setup.config.alert_location(),
            sources: None,
            selection,
            code_scanning,
            retire: outputs.retire.iter().cloned().collect(),
            collection: None,
            timeline: None,
            destinations,
            has_usage: global.verbose > 0,
        })
    }

    /// The reports name the code of failures, if the config or the arguments say where it is.
    pub fn find_code(&mut self, setup: &Setup, code: &CodeArgs) -> Result<(), CommandError> {
        self.sources = sources::open(&setup.config, &code.source)?;
        Ok(())
    }

    /// The code that declares resources.
    pub fn sources(&self) -> Option<Arc<Sources>> {
        self.sources.clone()
    }

    /// Starts the reports that may reject the run (SARIF of a filtered run). Call this before
    /// expensive work.
    pub fn check(&mut self, run: &RunInfo) -> Result<(), CommandError> {
        if self.location == AlertLocation::Code && self.sources.is_none() && self.writes_sarif {
            return Err(CommandError::Usage(
                "the SARIF report has `location = \"code\"`, but no code is configured: add a [[source]] to the config, or pass --source DIR".to_owned(),
            ));
        }
        self.each(|open| if open.may_reject { open.output.begin(run) } else { Ok(()) })?;
        // Nothing was collected yet, so it is best to correct the command.
        self.first_failure().map_or(Ok(()), Err)
    }

    /// How the run is described in the reports.
    pub fn run_info(&self, setup: &Setup, accounts: usize, skipped: &[SkippedAccount]) -> RunInfo {
        let mut run = run_info(&setup.rules, self.selection.clone(), self.fail_on, accounts);
        for rule in &mut run.rules {
            if let RuleOrigin::Folder { folder, .. } = &mut rule.origin {
                *folder = setup.staging.shown(folder);
            }
        }
        let run = RunInfo {
            skipped_accounts: skipped.to_vec(),
            knows_all_accounts: self.before.knows_all_accounts(),
            fail_on_new: self.fail_on_new,
            compared: self.before.is_known(),
            has_sources: self.sources.is_some(),
            baseline_at: self.before.report().and_then(|baseline| baseline.collected_at.clone()),
            ..run
        };
        with_frameworks(run, &setup.frameworks, &setup.selected_frameworks, &setup.rules)
    }

    /// Where the reports go.
    pub fn destinations(&self) -> &[Destination] {
        &self.destinations
    }

    /// The evaluation is added to the timeline.
    pub(crate) fn trace(&mut self, tracing: &Tracing) {
        self.timeline = tracing.timeline();
    }

    /// This run collected the accounts, which took this.
    pub fn collected(&mut self, usage: CollectionUsage) {
        self.collection = Some(usage);
    }

    /// Evaluates a snapshot and finishes the reports. `stop` is called before each account and can
    /// end the run with an error. [`Self::check`] must have been called with `run`.
    pub fn evaluate(
        mut self,
        run: &RunInfo,
        evaluation: &Evaluation,
        reader: &Reader,
        stop: impl Fn() -> Option<CommandError>,
    ) -> Result<Reported, CommandError> {
        if let Some(globs) = &evaluation.regions {
            check_regions(globs, &self.configured_regions, evaluation, reader)?;
        }
        self.each(|open| if open.may_reject { Ok(()) } else { open.output.begin(run) })?;
        let mut summary = Summary::new(run);
        let mut failed: Option<CommandError> = None;
        let mut present = BTreeSet::new();
        let mut withheld = false;
        let timeline = self.timeline.take();
        let observer = timeline.as_deref().map(|one| one as &dyn EvaluationObserver);
        let evaluated = evaluation.run_observed(reader, observer, |mut report| {
            self.before.compare(run, &mut report, evaluation.regions.as_ref());
            let unplaced = self.keep_places(&mut report);
            if let Some(changes) = &mut report.changes {
                changes.keep_waivers(|terms| evaluation.waivers.contain(terms));
            }
            report.alerts = self.before.alerts(run, &report, self.code_scanning);
            match unplaced {
                Some(Unplaced::New(new)) => report.alerts.leave_out(&new, &report.findings),
                Some(Unplaced::Unknown) => report.alerts.withhold(CODE_NOT_READ),
                None => {}
            }
            withheld |= report.alerts.categories.iter().any(|category| category.withheld.is_some());
            present.insert(report.account.clone());
            summary.add(&report);
            let written = stop()
                .map_or(Ok(()), Err)
                .and_then(|()| self.each(|open| open.output.account(run, &report)));
            written.map_err(|error| {
                failed = Some(error);
                EvaluateError::Stopped
            })
        });
        if let Some(error) = failed {
            return Err(error);
        }
        let unused = evaluated?;
        // A filtered run cannot determine whether an accepted gap is stale.
        let is_whole = run.selection.narrowed_by.is_empty()
            && evaluation
                .accounts
                .as_ref()
                .is_none_or(|wanted| reader.accounts().count() == wanted.len());
        if is_whole {
            summary.stale_accepted_gaps = unused.gaps;
        }
        summary.stale_waivers = evaluation.waivers.stale(&unused.waivers, is_whole);
        summary.unread_waivers = evaluation.waivers.unread(&unused.waivers, is_whole);
        summary.add_absent(self.before.absent(&present, &self.retire));
        summary.collection = self.collection.take().map(|usage| CollectionUsage {
            peak_memory_kib: memory::peak_kib().or(usage.peak_memory_kib),
            ..usage
        });
        let mut notices = stale_waivers(&summary);
        if let (Some(sources), Some(coverage)) = (&self.sources, &mut summary.sources) {
            coverage.problems = sources.problems();
            let problems = coverage.problems.iter().take(PROBLEMS_SHOWN);
            notices
                .extend(problems.map(|problem| Notice::new(&format!("code not read: {problem}"))));
        }
        notices.extend(excluded_by_region(evaluation));
        if withheld && self.writes_sarif && matches!(self.before, Before::Unknown) {
            notices.push(Notice::new(
                "to include these accounts in the SARIF report, pass the JSON report of the previous run with --baseline FILE; if code scanning has no alerts from rolecall yet, use --baseline none",
            ));
        }
        for open in std::mem::take(&mut self.open) {
            match open.output.finish(run, &summary) {
                Ok(more) => notices.extend(more),
                Err(error) => self.failed.extend((!error.is_closed_pipe()).then_some(error)),
            }
        }
        let findings =
            run.fail_on.is_some_and(|threshold| summary.failures_at_least(run, threshold) > 0);
        let failed = self.first_failure();
        let exit = match failed {
            None => Exit::of_run(findings, summary.incomplete),
            Some(_) => Exit::CouldNotRun,
        };
        let line = one_line(run, &summary, exit);
        let reported = Reported { exit, line, summary, notices, failed };
        if !self.quiet {
            self.print_summary(run, &reported);
        }
        Ok(reported)
    }

    /// Keeps alerts in code at their files.
    fn keep_places(&self, report: &mut AccountReport) -> Option<Unplaced> {
        let sources = self.sources.as_ref().filter(|_| self.location == AlertLocation::Code)?;
        let code = Code {
            is_incomplete: sources.is_incomplete(&report.account),
            still_declared: &|place| sources.still_declared(place),
        };
        Some(self.before.keep_places(report, &code))
    }

    /// Calls `act` for every output. An output that fails is dropped, and the others go on; if none
    /// is left, there is nothing to go on for. An output whose pipe was closed does not affect the
    /// exit code.
    fn each(
        &mut self,
        mut act: impl FnMut(&mut Open) -> Result<(), OutputError>,
    ) -> Result<(), CommandError> {
        let failed = &mut self.failed;
        self.open.retain_mut(|open| match act(open) {
            Ok(()) => true,
            Err(error) => {
                failed.extend((!error.is_closed_pipe()).then_some(error));
                false
            }
        });
        if self.open.is_empty() { self.first_failure().map_or(Ok(()), Err) } else { Ok(()) }
    }

    /// The first error of an output. The others are printed, because only one can end the program.
    fn first_failure(&mut self) -> Option<CommandError> {
        let mut failed = std::mem::take(&mut self.failed).into_iter();
        let first = failed.next();
        for error in failed {
            print_error(&error.to_string());
        }
        first.map(CommandError::from)
    }

    /// Prints the summary on stderr: notices and, unless the text report goes to stdout, the result
    /// in one line.
    fn print_summary(&self, run: &RunInfo, reported: &Reported) {
        warn_skipped(&run.skipped_accounts);
        let mut stderr = crate::output::stderr();
        for notice in &reported.notices {
            writeln!(stderr, "note: {notice}").ok();
        }
        if !self.text_on_stdout {
            for note in run.replacements() {
                writeln!(stderr, "note: {note}").ok();
            }
            writeln!(stderr, "{}", reported.line).ok();
            drop(stderr);
            if let Some(usage) = &reported.summary.collection {
                print_usage(usage, self.has_usage);
            }
        }
    }
}

/// Why an account is not uploaded.
const CODE_NOT_READ: &str =
    "some code could not be read, and no earlier report contains the places of its open alerts";

/// How many problems of sources are printed; the JSON report has all.
const PROBLEMS_SHOWN: usize = 20;

/// What the run evaluates, with its category of code scanning.
fn selection(setup: &Setup, outputs: &Outputs) -> Selection {
    let Selection { name, narrowed_by, .. } = setup.selection.clone();
    Selection {
        code_locations: setup.config.alert_location() == AlertLocation::Code,
        ..Selection::new(name, narrowed_by, outputs.sarif_category.clone())
    }
}

/// Rejects a region pattern that matches no region in the snapshot: it is a typo, not a clean run.
/// If it is not known in which regions an account has resources, a pattern may match one of them.
fn check_regions(
    globs: &Globs,
    configured: &BTreeSet<Region>,
    evaluation: &Evaluation,
    reader: &Reader,
) -> Result<(), CommandError> {
    let mut seen = BTreeSet::from([Region::global()]);
    let is_of_known_regions = |gap: &Gap| match gap.extent {
        Extent::Facts { .. } => true,
        Extent::List { .. } => !gap.region.is_global(),
        _ => false,
    };
    for target in evaluation.accounts(reader) {
        match reader.account(&target.account)? {
            Collected::Whole(account) if account.gaps.iter().all(is_of_known_regions) => {
                seen.extend(account.header.regions);
                seen.extend(account.resources.into_iter().map(|resource| resource.region));
            }
            _ => return Ok(()),
        }
    }
    let names: Vec<&str> = seen.iter().map(Region::as_str).collect();
    let configured: Vec<&str> = configured.iter().map(Region::as_str).collect();
    match globs.unmatched(&names) {
        Some((pattern, meant)) => {
            let meant = meant.or_else(|| did_you_mean(pattern, configured));
            let advice =
                format!("the scanned regions are {}", series(names.iter().copied(), "and"));
            Err(CommandError::Usage(unmatched(
                "--region",
                pattern,
                "scanned region",
                meant,
                &advice,
            )))
        }
        None => Ok(()),
    }
}
