//! Collection, shared by `scan` and `collect`: targets, snapshot folder, sessions, progress,
//! interruption, and the record of the run.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use super::aws_session::AwsSession;
use super::error::CommandError;
use super::setup::Setup;
use super::targets::{self, TargetSet};
use crate::aws::{self, CollectOutcome, CollectRequest, Stats};
use crate::cli::AwsArgs;
use crate::exit::Exit;
use crate::facts;
use crate::model::{AccountId, Target, Verdict, counted, series};
use crate::progress::Progress;
use crate::report::Summary;
use crate::snapshot::{SnapshotError, Writer};

/// The folder of the snapshot, which may be a resumed one.
pub(crate) struct Folder {
    writer: Writer,
    /// Accounts that are already complete in the snapshot.
    done: BTreeSet<AccountId>,
    /// Deletes the folder on drop, if the user did not specify one.
    temporary: Option<tempfile::TempDir>,
}

impl Folder {
    /// The folder of the snapshot.
    pub(crate) fn path(&self) -> &Path {
        self.writer.dir()
    }

    /// Accounts that were complete in the snapshot before this run.
    pub(crate) fn done(&self) -> &BTreeSet<AccountId> {
        &self.done
    }
}

/// Creates or resumes the folder of the snapshot.
pub(crate) fn folder(
    setup: &Setup,
    targets: &TargetSet,
    named: Option<&Path>,
    resume: bool,
) -> Result<Folder, CommandError> {
    let demand = setup.demand();
    let manifest = targets.for_snapshot();
    let Some(dir) = named else {
        let temporary = tempfile::Builder::new().prefix("rolecall-").tempdir();
        let temporary = temporary
            .map_err(|error| SnapshotError::Io { path: std::env::temp_dir(), error })
            .map_err(CommandError::from)?;
        let writer = Writer::create(temporary.path(), manifest, &demand)?;
        return Ok(Folder { writer, done: BTreeSet::new(), temporary: Some(temporary) });
    };
    if resume {
        let (writer, done) = Writer::resume(dir, manifest, &demand)?;
        Ok(Folder { writer, done: done.into_iter().collect(), temporary: None })
    } else {
        Ok(Folder {
            writer: Writer::create(dir, manifest, &demand)?,
            done: BTreeSet::new(),
            temporary: None,
        })
    }
}

/// The result of a collection, apart from the facts.
pub(crate) struct CollectionResult {
    pub(crate) run_id: String,
    pub(crate) started: Timestamp,
    pub(crate) outcome: CollectOutcome,
}

impl CollectionResult {
    /// Notices about the collection.
    pub(crate) fn notices(&self, setup: &Setup) -> Vec<String> {
        let accounts = self.outcome.stats.accounts_by_security_audit.len();
        if accounts == 0 {
            return Vec::new();
        }
        let mut text = format!(
            "the sessions in {} were limited by the AWS managed policy SecurityAudit, because the session policy for the selected rules exceeds the size limit of STS",
            counted(accounts, "account")
        );
        let not_allowed = facts::not_in_security_audit(&setup.demand());
        if !not_allowed.is_empty() {
            text.push_str(&format!(
                "; SecurityAudit does not allow {}, so the affected facts are unknown",
                series(not_allowed, "and")
            ));
        }
        vec![text]
    }
}

/// Writes notices to stderr, one line each.
pub(crate) fn print_notices(notices: &[String], quiet: bool) {
    if !quiet {
        let mut stderr = crate::output::stderr();
        for notice in notices {
            writeln!(stderr, "note: {notice}").ok();
        }
    }
}

/// Collects the accounts that are missing in the folder.
pub(crate) fn collect(
    setup: &Setup,
    args: &AwsArgs,
    mut session: AwsSession,
    targets: TargetSet,
    folder: &Folder,
    progress: &Arc<Progress>,
) -> Result<CollectionResult, CommandError> {
    let waiting: Vec<Target> = targets
        .targets
        .into_iter()
        .filter(|target| !folder.done.contains(&target.account))
        .collect();
    let wanted: Vec<AccountId> = waiting.iter().map(|target| target.account.clone()).collect();
    let request = request(setup, args, &mut session, waiting)?;
    let outcome =
        session.block_on(aws::collect(request, &folder.writer, progress.clone()), |signal| {
            let collected = progress.collected();
            interrupted(
                signal,
                folder,
                wanted.iter().filter(|account| !collected.contains(account)).collect(),
                wanted.len(),
            )
        });
    let AwsSession { started, run_id, runtime, .. } = session;
    // Do not wait for calls that were interrupted.
    runtime.shutdown_background();
    let mut outcome = outcome?;
    targets::add(&mut outcome.stats, targets.stats);
    Ok(CollectionResult { run_id, started, outcome })
}

/// How many calls may run at once in all accounts together.
pub(crate) fn calls_at_once(setup: &Setup) -> usize {
    setup.config.scan.concurrency.calls.max(aws::ConcurrencyLimits::default().calls)
}

/// What to collect in these accounts, and how.
pub(crate) fn request(
    setup: &Setup,
    args: &AwsArgs,
    session: &mut AwsSession,
    targets: Vec<Target>,
) -> Result<CollectRequest, CommandError> {
    let scan = &setup.config.scan;
    let concurrency = aws::ConcurrencyLimits {
        accounts: args.concurrency.map_or(scan.concurrency.accounts, usize::from),
        calls_per_account: scan.concurrency.calls,
        calls: calls_at_once(setup),
    };
    Ok(CollectRequest {
        base: session.base()?,
        via: setup.config.via.clone(),
        targets,
        accepted_gaps: setup.config.accepted_gaps.clone(),
        demand: setup.demand(),
        fallback_regions: scan.fallback_regions.clone(),
        region_filter: setup.regions.clone(),
        concurrency,
        session_name: Some(session.session_name().to_owned()),
        run_id: session.run_id.clone(),
        clock: Timestamp::now,
    })
}

/// The message after a signal: what was collected, what is missing, and how to resume.
fn interrupted(signal: &str, folder: &Folder, missing: Vec<&AccountId>, wanted: usize) -> String {
    const SHOWN: usize = 5;
    let dir = folder.path().display();
    if folder.temporary.is_some() {
        return format!(
            "interrupted by {signal}; nothing was saved. To keep finished accounts if a run is interrupted, use --snapshot DIR; to continue such a run, add --resume"
        );
    }
    if missing.is_empty() {
        return interrupted_after(signal, folder);
    }
    let mut names =
        missing.iter().take(SHOWN).map(|account| account.as_str()).collect::<Vec<_>>().join(", ");
    if missing.len() > SHOWN {
        names.push_str(&format!(" and {} more", missing.len() - SHOWN));
    }
    format!(
        "interrupted by {signal}: collected {} of {} into {dir}; missing: {names}. To continue, run the same command with --resume",
        wanted - missing.len(),
        counted(wanted, "account")
    )
}

/// The message after a signal when all accounts were already collected.
pub(crate) fn interrupted_after(signal: &str, folder: &Folder) -> String {
    if folder.temporary.is_some() {
        return format!(
            "interrupted by {signal}; nothing was saved. To keep collected facts if a run is interrupted, use --snapshot DIR"
        );
    }
    let dir = folder.path().display();
    format!(
        "interrupted by {signal}: all accounts were collected into {dir}. To create the reports, run `rolecall evaluate --snapshot {dir}`"
    )
}

/// Names of the targets, for progress.
pub(crate) fn names(targets: &[Target], folder: &Folder) -> BTreeMap<AccountId, String> {
    let waiting = targets.iter().filter(|target| !folder.done.contains(&target.account));
    waiting
        .map(|target| (target.account.clone(), target.name.clone().unwrap_or_default()))
        .collect()
}

/// Clears the progress bar on drop, even if the collection fails.
pub(crate) struct ClearProgressOnDrop<'a>(pub(crate) &'a Progress);

impl Drop for ClearProgressOnDrop<'_> {
    fn drop(&mut self) {
        self.0.finish();
    }
}

/// The result of a run in `run.json`.
#[derive(Debug, Serialize)]
pub(crate) struct RunResult {
    /// In one line, as on stderr.
    pub(crate) summary: String,
    /// Gaps that are not accepted.
    pub(crate) gaps: usize,
    /// Accepted gaps, which were not read either.
    pub(crate) accepted_gaps: usize,
    /// Findings, if the run evaluated rules.
    #[serde(flatten)]
    pub(crate) findings: Option<FindingCounts>,
}

/// Numbers of findings in `run.json`.
#[derive(Debug, Serialize)]
pub(crate) struct FindingCounts {
    /// Per verdict, waived ones included.
    pub(crate) verdicts: BTreeMap<Verdict, usize>,
    /// Waived ones, per verdict.
    pub(crate) waived: BTreeMap<Verdict, usize>,
    /// Per state since the baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) states: Option<StateNumbers>,
}

/// Numbers of findings per state in `run.json`.
#[derive(Debug, Serialize)]
pub(crate) struct StateNumbers {
    new: usize,
    unchanged: usize,
    fixed: usize,
    unknown_now: usize,
    not_scanned: usize,
}

impl FindingCounts {
    /// Those of a summary.
    pub(crate) fn new(summary: &Summary) -> Self {
        Self {
            verdicts: summary.verdicts.clone(),
            waived: summary.waived.clone(),
            states: summary.states.as_ref().map(|states| StateNumbers {
                new: states.new_failures(),
                unchanged: states.unchanged,
                fixed: states.fixed,
                unknown_now: states.unknown_now,
                not_scanned: states.not_scanned,
            }),
        }
    }
}

/// `run.json` next to a snapshot: everything that differs between runs.
#[derive(Serialize)]
struct RunRecord<'a> {
    tool: &'static str,
    run_id: &'a str,
    started_at: String,
    finished_at: String,
    seconds: f64,
    exit_code: u8,
    result: &'a RunResult,
    accounts: usize,
    accounts_not_entered: usize,
    /// Peak memory use of the process in KiB, where the system reports it.
    peak_memory_kib: Option<u64>,
    notices: &'a [String],
    #[serde(flatten)]
    stats: &'a Stats,
}

/// Writes `run.json`, unless the folder is temporary.
pub(crate) fn record(
    folder: &Folder,
    collected: &CollectionResult,
    exit: Exit,
    result: &RunResult,
    notices: &[String],
) -> Result<(), CommandError> {
    if folder.temporary.is_some() {
        return Ok(());
    }
    let finished = Timestamp::now();
    let record = RunRecord {
        tool: concat!("rolecall ", env!("CARGO_PKG_VERSION")),
        run_id: &collected.run_id,
        started_at: collected.started.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        finished_at: finished.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        seconds: finished.duration_since(collected.started).as_secs_f64(),
        exit_code: exit.code(),
        result,
        accounts: collected.outcome.accounts.len(),
        accounts_not_entered: collected.outcome.failed(),
        peak_memory_kib: peak_memory(),
        notices,
        stats: &collected.outcome.stats,
    };
    let path: PathBuf = folder.path().join("run.json");
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".rolecall-").tempfile_in(folder.path())?;
        serde_json::to_writer_pretty(&mut file, &record)?;
        file.write_all(b"\n")?;
        file.persist(&path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error| CommandError::Snapshot(SnapshotError::Io { path: path.clone(), error }))
}

fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
