//! `rolecall scan`: collect, evaluate, report.

use std::sync::Arc;

use crate::cli::{Global, ScanArgs};
use crate::evaluate::Evaluation;
use crate::exit::Exit;
use crate::interrupts;
use crate::progress::Progress;
use crate::run::aws_session::AwsSession;
use crate::run::collection::{self, ClearProgressOnDrop, Resume};
use crate::run::error::CommandError;
use crate::run::evaluation::{evaluation, manifest_target};
use crate::run::reporting::Reports;
use crate::run::run_json::{self, FindingCounts, RunResult};
use crate::run::setup::Setup;
use crate::run::targets::TargetSet;
use crate::run::timeline::Tracing;
use crate::snapshot::Reader;

/// Runs the command.
pub fn run(global: &Global, args: &ScanArgs) -> Result<Exit, CommandError> {
    let setup = Setup::new(global, &args.narrowing, &args.rules, true)?;
    setup.print_lint_errors(global.quiet);
    let mut reports = Reports::new(global, &setup, &args.outputs, &args.evaluation)?;
    reports.find_code(&setup, &args.code)?;
    let trace = args.trace.trace.as_deref();
    let tracing = Tracing::begin(&setup, trace, reports.destinations())?;
    reports.trace(&tracing);
    let mut session = AwsSession::begin(&setup, &args.aws)?;
    session.trace(&tracing);
    session.end_after(args.limits.deadline, &setup);
    let interrupts = session.interrupts();
    let resumed = args.snapshot.as_deref().filter(|_| args.resume);
    let targets = TargetSet::resolve(&setup, &mut session, resumed, global.quiet)?;
    let run = reports.run_info(&setup, targets.targets.len(), &targets.skipped);
    // Errors that reject the run are reported before any account is accessed.
    reports.check(&run)?;
    let resume = Resume::of(args.resume, args.recollect);
    let folder =
        collection::folder(&setup, &mut session, &targets, args.snapshot.as_deref(), resume)?;
    if args.snapshot.is_none() {
        interrupts::remove_at_exit(folder.path());
    }
    let accounts = targets.targets.iter().map(|target| target.account.clone()).collect();
    let evaluation = Evaluation {
        sources: reports.sources(),
        ..evaluation(
            &setup,
            Some(accounts),
            targets.targets.iter().map(manifest_target).collect(),
            targets.known(),
        )
    };

    let progress =
        Arc::new(Progress::new(collection::names(&targets.targets, &folder), global.quiet));
    let collected = {
        let _cleared = ClearProgressOnDrop(&progress);
        collection::collect(&setup, &args.aws, session, targets, &folder, progress.clone())?
    };
    if !collected.outcome.left.is_empty() {
        // What is missing is recorded even if the evaluation fails.
        collected.print_left(&folder);
        let result = RunResult {
            summary: "not evaluated".to_owned(),
            gaps: 0,
            accepted_gaps: 0,
            findings: None,
        };
        run_json::write(&folder, &collected, Exit::Incomplete, &result, &[])?;
    }
    let reader = Reader::open(folder.path())?.with_why_missing(collected.why_missing());
    // After a signal during collection, the accounts that are done are still reported.
    let is_interrupted = collected.is_interrupted();
    let stop = || {
        interrupts
            .received()
            .filter(|_| !is_interrupted)
            .map(|signal| collection::interrupted_after(signal, &folder, &collected))
            .map(CommandError::Usage)
    };
    reports.collected(collected.usage());
    let reported = reports.evaluate(&run, &evaluation, &reader, stop)?;
    let mut notices = collected.notices(&setup);
    collection::print_notices(&notices, global.quiet);
    notices.extend(reported.notices.iter().map(ToString::to_string));
    let result = RunResult {
        summary: reported.line.clone(),
        gaps: reported.summary.gaps,
        accepted_gaps: reported.summary.accepted_gaps,
        findings: Some(FindingCounts::new(&reported.summary)),
    };
    let traced = tracing.finish();
    let exit = if traced.is_ok() { reported.exit } else { Exit::CouldNotRun };
    run_json::write(&folder, &collected, exit, &result, &notices)?;
    let exit = reported.result()?;
    traced?;
    Ok(exit)
}
