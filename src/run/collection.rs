//! Collection, shared by `scan` and `collect`: targets, snapshot folder, sessions, progress, and
//! what ends it early.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::aws_session::AwsSession;
use super::earlier_run::EarlierRun;
use super::error::CommandError;
use super::memory;
use super::setup::Setup;
use super::targets::{self, TargetSet};
use crate::aws::{self, CollectOutcome, CollectRequest, Deadline, Observer};
use crate::cli::AwsArgs;
use crate::facts;
use crate::model::{AccountId, Target, counted, series, text};
use crate::progress::Progress;
use crate::report::CollectionUsage;
use crate::snapshot::{Manifest, Needs, Reader, Resumed, SnapshotError, Writer};

/// How long accounts that were collected in time can be uploaded after the deadline.
const TO_UPLOAD: Duration = Duration::from_secs(60);

/// The folder of the snapshot, which may be a resumed one.
pub(crate) struct Folder {
    writer: Writer,
    /// Accounts that are already complete in the snapshot.
    done: BTreeSet<AccountId>,
    /// Deletes the folder on drop, if the user did not specify one.
    temporary: Option<tempfile::TempDir>,
    /// How to keep what is collected, if the folder is temporary.
    advice: &'static str,
}

impl Folder {
    /// The folder of the snapshot.
    pub(crate) fn path(&self) -> &Path {
        self.writer.dir()
    }

    /// Whether it is deleted at the end of the run.
    pub(super) fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }

    /// Accounts that were complete in the snapshot before this run.
    pub(crate) fn done(&self) -> &BTreeSet<AccountId> {
        &self.done
    }
}

/// How a snapshot is resumed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resume {
    /// Whether accounts that were collected for less are collected again.
    recollect: bool,
}

impl Resume {
    /// From the options of the command line.
    pub(crate) fn of(resume: bool, recollect: bool) -> Option<Self> {
        resume.then_some(Self { recollect })
    }
}

/// Creates or resumes the folder of the snapshot. Without credentials, no snapshot is begun that the
/// next run would have to resume.
pub(crate) fn folder(
    setup: &Setup,
    session: &mut AwsSession,
    targets: &TargetSet,
    named: Option<&Path>,
    resume: Option<Resume>,
) -> Result<Folder, CommandError> {
    let demand = targets.demand(setup);
    // Only `remediate plan` collects what fixes need into a temporary folder.
    let advice = match setup.has_fixes() {
        true => "run `rolecall collect --fixes --snapshot DIR`, if necessary again with --resume",
        false => "use --snapshot DIR, then --resume",
    };
    let filter = match &targets.part {
        Some(part) => part.regions.as_ref(),
        None => setup.regions.as_ref(),
    };
    let regions: BTreeMap<_, _> = targets
        .targets
        .iter()
        .map(|target| (target.account.clone(), target.regions.clone()))
        .collect();
    let needs = Needs { demand: &demand, regions: &regions, region_filter: filter };
    if resume.is_none() {
        named.map_or(Ok(()), Writer::check_free)?;
        session.base()?;
    }
    let (folder, again) = local_folder(targets, &needs, named, resume)?;
    let folder = Folder { advice, ..folder };
    for account in again {
        setup.staging.delete(folder.path(), &Reader::file_name(&account))?;
    }
    // A run that is killed can be resumed if its list of targets is there.
    setup.staging.keep(folder.path(), Manifest::FILE)?;
    Ok(folder)
}

/// The folder on this machine, and the accounts of which it had less than is needed.
fn local_folder(
    targets: &TargetSet,
    needs: &Needs<'_>,
    named: Option<&Path>,
    resume: Option<Resume>,
) -> Result<(Folder, Vec<AccountId>), CommandError> {
    let manifest = targets.for_snapshot();
    let Some(dir) = named else {
        let temporary = tempfile::Builder::new().prefix("rolecall-").tempdir();
        let temporary = temporary
            .map_err(|error| SnapshotError::Io { path: std::env::temp_dir(), error })
            .map_err(CommandError::from)?;
        let writer = Writer::create(temporary.path(), manifest, needs.demand)?;
        let temporary = Some(temporary);
        let folder = Folder { writer, done: BTreeSet::new(), temporary, advice: "" };
        return Ok((folder, Vec::new()));
    };
    let (writer, Resumed { done, again }) = match resume {
        Some(Resume { recollect }) => {
            let stamp = targets.part.as_ref().map(|part| &part.list.stamp);
            Writer::resume(dir, manifest, needs, stamp, recollect)?
        }
        None => (Writer::create(dir, manifest, needs.demand)?, Resumed::default()),
    };
    Ok((Folder { writer, done, temporary: None, advice: "" }, again))
}

/// What ended a collection before all accounts were collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// A signal, such as `SIGTERM`.
    Signal(&'static str),
    /// The deadline.
    Deadline,
}

/// The result of a collection, apart from the facts.
pub(crate) struct CollectionResult {
    pub(crate) run_id: String,
    pub(crate) started: Timestamp,
    pub(crate) outcome: CollectOutcome,
    pub(crate) stopped: Option<Stop>,
    pub(crate) deadline: Option<Duration>,
    /// How long the collection took, without the evaluation.
    time: Duration,
    /// Earlier durations of accounts that this run did not collect.
    pub(super) earlier_durations: BTreeMap<AccountId, Duration>,
}

impl CollectionResult {
    /// Whether a signal ended the collection. A further signal ends the program.
    pub(crate) fn is_interrupted(&self) -> bool {
        matches!(self.stopped, Some(Stop::Signal(_)))
    }

    /// What the collection took so far.
    pub(crate) fn usage(&self) -> CollectionUsage {
        CollectionUsage {
            accounts: self.outcome.accounts.len(),
            time: self.time,
            peak_memory_kib: memory::peak_kib(),
            apis: self.outcome.stats.apis.clone(),
        }
    }

    /// Prints which accounts are missing, and how to collect them; with `-q` too, since without
    /// them the result is incomplete.
    pub(crate) fn print_left(&self, folder: &Folder) {
        if let Some(text) = self.left(folder) {
            writeln!(crate::output::stderr(), "{text}").ok();
        }
    }

    fn left(&self, folder: &Folder) -> Option<String> {
        const SHOWN: usize = 5;
        let left = &self.outcome.left;
        if left.is_empty() {
            return None;
        }
        let reason = self.stop_reason();
        let collected = self.outcome.accounts.len();
        let mut missing =
            left.iter().take(SHOWN).map(|account| account.as_str()).collect::<Vec<_>>().join(", ");
        if left.len() > SHOWN {
            missing.push_str(&format!(" and {} more", left.len() - SHOWN));
        }
        let accounts = counted(collected + left.len(), "account");
        Some(if folder.temporary.is_some() {
            format!(
                "{reason}: collected {collected} of {accounts}; missing: {missing}. To keep finished accounts and continue later, {}",
                folder.advice
            )
        } else {
            let dir = folder.path().display();
            format!(
                "{reason}: collected {collected} of {accounts} into {dir}; missing: {missing}. To continue, run the same command with --resume"
            )
        })
    }

    /// Why accounts are missing.
    fn stop_reason(&self) -> String {
        match (self.stopped, self.deadline) {
            (Some(Stop::Signal(name)), _) => format!("interrupted by {name}"),
            (_, Some(deadline)) => {
                format!("stopped at the deadline of {}", text::duration(deadline))
            }
            (_, None) => "stopped".to_owned(),
        }
    }

    /// Why a report does not know about the accounts that are missing.
    pub(crate) fn why_missing(&self) -> Option<String> {
        let is_complete = self.outcome.left.is_empty();
        (!is_complete)
            .then(|| format!("the run was {} before it collected this account", self.stop_reason()))
    }

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

/// Collects the accounts that are missing in the folder, until a signal or the deadline.
pub(crate) fn collect(
    setup: &Setup,
    args: &AwsArgs,
    mut session: AwsSession,
    targets: TargetSet,
    folder: &Folder,
    observer: Arc<dyn Observer>,
) -> Result<CollectionResult, CommandError> {
    let mut waiting: Vec<Target> = targets
        .targets
        .into_iter()
        .filter(|target| !folder.done.contains(&target.account))
        .collect();
    // Accounts that could not be accessed before come last, so that they do not delay the others.
    waiting.sort_by_cached_key(|target| {
        folder.path().join(Reader::file_name(&target.account)).exists()
    });
    let earlier = EarlierRun::read(folder.path());
    let mut durations = earlier.durations();
    if let Some(part) = &targets.part {
        durations.extend(part.durations());
    }
    let limit = session.limit;
    let at = limit.map(|time| session.begun + time);
    let request = CollectRequest {
        deadline: at.map(|at| Deadline {
            at,
            expected: durations,
            is_stalled: earlier.is_stalled(),
        }),
        ..request(setup, args, &mut session, waiting)?
    };
    let request = match targets.part {
        Some(part) => CollectRequest {
            demand: part.list.demand,
            region_filter: part.regions,
            stamp: Some(part.list.stamp),
            ..request
        },
        None => request,
    };
    if let Some(at) = at {
        setup.staging.end_at((at + TO_UPLOAD).into_std());
    }
    let upload = setup.staging.snapshot(folder.path());
    let request = CollectRequest {
        upload: upload.map(|(connection, place)| (connection.storage(), place)),
        ..request
    };
    let observer = session.observer(observer);
    let interrupts = session.interrupts();
    let stop = async {
        let deadline = async {
            match at {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            signal = interrupts.wait() => Stop::Signal(signal),
            () = deadline => Stop::Deadline,
        }
    };
    let collecting = aws::collect(request, &folder.writer, observer, stop);
    let begun = Instant::now();
    let result = session.runtime.block_on(collecting);
    let time = begun.elapsed();
    let AwsSession { started, run_id, runtime, .. } = session;
    // Do not wait for calls that were interrupted.
    runtime.shutdown_background();
    let (mut outcome, stopped) = result.map_err(|error| not_written(error, folder))?;
    targets::add(&mut outcome.stats, targets.stats);
    let mut earlier_durations = earlier.durations();
    earlier_durations.retain(|account, _| !outcome.durations.contains_key(account));
    Ok(CollectionResult {
        run_id,
        started,
        outcome,
        stopped,
        deadline: limit,
        time,
        earlier_durations,
    })
}

/// An error that ends a collection, with how to continue: accounts that are complete are kept.
fn not_written(error: aws::CollectError, folder: &Folder) -> CommandError {
    let aws::CollectError::Snapshot(error @ SnapshotError::Io { .. }) = error else {
        return error.into();
    };
    let advice = match folder.is_temporary() {
        true => "Nothing was kept: to keep finished accounts, use --snapshot DIR".to_owned(),
        false => format!(
            "Finished accounts are in {}: to continue, run the same command with --resume",
            folder.path().display()
        ),
    };
    CommandError::NotWritten { error: Box::new(error), advice }
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
        stamp: None,
        deadline: None,
        account_timeout: scan.timeouts.account,
        upload: None,
    })
}

/// The message after a signal during the evaluation.
pub(crate) fn interrupted_after(
    signal: &str,
    folder: &Folder,
    collected: &CollectionResult,
) -> String {
    if folder.temporary.is_some() {
        return format!(
            "interrupted by {signal}; nothing was saved. To keep collected facts if a run is interrupted, use --snapshot DIR"
        );
    }
    let dir = folder.path().display();
    if !collected.outcome.left.is_empty() {
        return format!(
            "interrupted by {signal} during the evaluation, so there are no reports. To collect the missing accounts into {dir}, run the same command with --resume"
        );
    }
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
