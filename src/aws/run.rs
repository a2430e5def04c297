//! A whole collection: takes targets and a demand, and writes a snapshot, account by account.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use super::account::{self, CollectedAccount, CollectionPlan};
use super::assume;
use super::descriptors::Budget;
use super::failure;
use super::meter::{Meter, Observer, Stats};
use super::session::BaseSession;
use super::storage::{Existing, Storage, StorageError};
use crate::model::{
    AcceptedGap, AccountId, Cause, Demand, Gap, Globs, Hop, Region, S3Place, Target, text,
};
use crate::snapshot::{ListLines, RunStamp, SnapshotError, Writer};

/// How many lists are read at once for each call that can be in flight: lists wait for the rate
/// limits, too, and for the facts of their resources. Each account has its share, so that the lists of
/// one that is slow keep none of another waiting.
const LISTS_PER_CALL: usize = 4;
/// An account has at least this many.
const MIN_LISTS: usize = 8;

/// Concurrency limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConcurrencyLimits {
    /// Accounts at once. Memory use is proportional to it.
    pub accounts: usize,
    /// API calls at once in one account.
    pub calls_per_account: usize,
    /// API calls at once in all accounts together. The limit on open files can lower it.
    pub calls: usize,
}

impl Default for ConcurrencyLimits {
    fn default() -> Self {
        Self { accounts: 16, calls_per_account: 128, calls: 128 }
    }
}

/// What to collect, from where, and how.
#[derive(Debug, Clone)]
pub struct CollectRequest {
    /// The base credentials.
    pub base: BaseSession,
    /// A hub role that the base credentials assume first, and that assumes the target roles.
    pub via: Option<Hop>,
    /// The accounts, without duplicates.
    pub targets: Vec<Target>,
    /// The kinds and facts that the rules need.
    pub demand: Demand,
    /// Regions to scan if the regions of an account cannot be listed; those of other partitions are
    /// ignored.
    pub fallback_regions: Vec<Region>,
    /// Accepted gaps, which do not count as open.
    pub accepted_gaps: Vec<AcceptedGap>,
    /// Limits the regions in which regional kinds are listed.
    pub region_filter: Option<Globs>,
    /// Concurrency limits.
    pub concurrency: ConcurrencyLimits,
    /// Name of the sessions in CloudTrail; `None`: `rolecall-<run id>`. Characters that STS rejects
    /// become `-`.
    pub session_name: Option<String>,
    /// Identifies this run.
    pub run_id: String,
    /// The current time: [`jiff::Timestamp::now`], except in tests.
    pub clock: fn() -> jiff::Timestamp,
    /// The run, if several processes collect it.
    pub stamp: Option<RunStamp>,
    /// How much time there is; `None`: any amount.
    pub deadline: Option<Deadline>,
    /// How long one account may take; `None`: any time. What is not read by then is a gap.
    pub account_timeout: Option<Duration>,
    /// Where the files of accounts are also kept, each as soon as it is complete.
    pub upload: Option<(Arc<Storage>, S3Place)>,
}

/// Why a collection failed as a whole.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The snapshot could not be written.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A file could not be copied to S3.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// How much time a collection has. What ends it is the caller's `stop`; this says how to use the
/// time until then.
#[derive(Debug, Clone)]
pub struct Deadline {
    /// When it ends.
    pub at: Instant,
    /// How long accounts took in an earlier run. An account that would not fit is not begun.
    pub expected: BTreeMap<AccountId, Duration>,
    /// Whether an earlier run ended at its deadline without finishing any account that it could
    /// access. If so, accounts are collected one by one until one is entered, and that one is written
    /// with what could be read in time: otherwise no run might ever finish it.
    pub is_stalled: bool,
}

impl Deadline {
    /// The time that is kept back for writing an account that is cut short.
    const RESERVE: Duration = Duration::from_millis(500);

    /// When to cut the first account short; `None` if it is not to be.
    fn cut_at(&self, accounts: usize) -> Option<Instant> {
        let at = self.at.checked_sub(Self::RESERVE).unwrap_or(self.at);
        (self.is_stalled || accounts == 1).then_some(at)
    }

    /// Whether there is enough time left for an account.
    fn fits(&self, account: &AccountId, now: Instant) -> bool {
        self.expected.get(account).is_none_or(|time| now + *time <= self.at)
    }
}

/// The outcome for one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountOutcome {
    /// The account.
    pub account: AccountId,
    /// Its file in the snapshot.
    pub path: PathBuf,
    /// Why it could not be entered, if that failed.
    pub not_entered: Option<Cause>,
    /// How many gaps its file contains.
    pub gaps: usize,
    /// How many of them are not accepted.
    pub open_gaps: usize,
    /// Those that the config accepts.
    pub accepted_gaps: usize,
    /// How many resources its file contains.
    pub resources: usize,
}

/// The outcome of a collection. The collected facts are in the snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CollectOutcome {
    /// The accounts, sorted by id.
    pub accounts: Vec<AccountOutcome>,
    /// Accounts that were not collected, because the run was stopped before.
    pub left: BTreeSet<AccountId>,
    /// How long each collected account took.
    pub durations: BTreeMap<AccountId, Duration>,
    /// Counts for `run.json`.
    pub stats: Stats,
}

impl CollectOutcome {
    /// How many accounts could not be entered.
    pub fn failed(&self) -> usize {
        self.accounts.iter().filter(|account| account.not_entered.is_some()).count()
    }
}

/// Collects every target into the snapshot, until `stop` completes. An error of AWS becomes a gap;
/// only a snapshot that cannot be written, or copied to where it is kept, ends the run with an error.
///
/// Accounts that are not complete by then leave no file, and are in [`CollectOutcome::left`]. Also
/// returns the output of `stop`, if it completed first.
pub async fn collect<S>(
    request: CollectRequest,
    writer: &Writer,
    observer: Arc<dyn Observer>,
    stop: impl Future<Output = S>,
) -> Result<(CollectOutcome, Option<S>), CollectError> {
    let mut stop = pin!(stop);
    let meter = Meter::new(observer);
    let mut outcome = CollectOutcome::default();
    let plan = tokio::select! {
        plan = prepare(&request, &meter) => plan,
        stopped = &mut stop => {
            outcome.left = request.targets.into_iter().map(|target| target.account).collect();
            return Ok((outcome, Some(stopped)));
        }
    };

    let deadline = request.deadline;
    let cut_at = deadline.as_ref().and_then(|one| one.cut_at(request.targets.len()));
    // Only an account that is collected before all others has the whole time to itself.
    let cut = Arc::new(CollectionPlan { cut_at, ..plan.clone() });
    let plan = Arc::new(plan);
    let is_stalled = deadline.as_ref().is_some_and(|deadline| deadline.is_stalled);
    let mut waiting = request.targets.into_iter();
    let mut running = JoinSet::new();
    let mut targets = HashMap::new();
    let mut is_any_entered = false;
    let mut uploads = Uploads { to: request.upload, running: JoinSet::new() };
    let mut keep = |done: Done, targets: &mut HashMap<_, (Arc<Target>, Instant)>| {
        let (id, collected) = match done {
            Ok((id, collected)) => (id, Ok(collected)),
            Err(error) => (error.id(), Err(error)),
        };
        let Some((target, begun)) = targets.remove(&id) else { return Ok(false) };
        let collected = collected
            .unwrap_or_else(|error| CollectedAccount::not_entered(&target, &plan, internal(error)));
        let name = target.name.as_deref();
        let written = write(collected, name, writer, &meter, &request.accepted_gaps)?;
        let is_entered = written.not_entered.is_none();
        uploads.begin(&written.path);
        outcome.accounts.push(written);
        outcome.durations.insert(target.account.clone(), begun.elapsed());
        Ok::<bool, SnapshotError>(is_entered)
    };
    let mut left = BTreeSet::new();
    let mut failed: Option<SnapshotError> = None;
    let stopped = loop {
        let at_once = match is_stalled && !is_any_entered {
            true => 1,
            false => request.concurrency.accounts.max(1),
        };
        while running.len() < at_once {
            let Some(target) = waiting.next() else { break };
            let now = Instant::now();
            // The first account is begun in any case: if it never fits, no run would collect it.
            let is_first = running.is_empty() && !is_any_entered;
            let is_late = cut_at.is_some_and(|at| now >= at);
            let fits = deadline.as_ref().is_none_or(|one| one.fits(&target.account, now));
            let is_left = if is_first { is_late } else { !fits };
            if is_left {
                left.insert(target.account);
                continue;
            }
            let target = Arc::new(target);
            let (plan, own) = (if is_first { &cut } else { &plan }.clone(), target.clone());
            let task = running.spawn(async move { account::collect(&own, &plan).await });
            targets.insert(task.id(), (target, now));
        }
        let done = tokio::select! {
            done = running.join_next_with_id() => done,
            stopped = &mut stop => break Some(stopped),
        };
        let Some(done) = done else { break None };
        match keep(done, &mut targets) {
            Ok(is_entered) => is_any_entered |= is_entered,
            Err(error) => {
                failed = Some(error);
                break None;
            }
        }
    };
    // What has finished in the meantime is kept.
    while failed.is_none()
        && let Some(done) = running.try_join_next_with_id()
    {
        failed = keep(done, &mut targets).err();
    }
    // Accounts that are complete are copied to S3 even if another one could not be written.
    let uploaded = uploads.finish().await;
    if let Some(error) = failed {
        if let Err(error) = uploaded {
            tracing::warn!("{error}");
        }
        return Err(error.into());
    }
    uploaded?;
    let interrupted = targets.into_values().map(|(target, _)| target.account.clone());
    left.extend(interrupted.chain(waiting.map(|target| target.account)));
    outcome.left = left;
    outcome.accounts.sort_by(|a, b| a.account.cmp(&b.account));
    outcome.stats = meter.snapshot();
    Ok((outcome, stopped))
}

/// Files of accounts that are being copied to S3.
struct Uploads {
    to: Option<(Arc<Storage>, S3Place)>,
    running: JoinSet<Result<(), StorageError>>,
}

impl Uploads {
    fn begin(&mut self, path: &Path) {
        let name = path.file_name().and_then(|name| name.to_str());
        if let (Some((storage, folder)), Some(name)) = (&self.to, name) {
            let (storage, place, path) = (storage.clone(), folder.join(name), path.to_owned());
            self.running
                .spawn(async move { storage.upload(&path, &place, Existing::Replace).await });
        }
    }

    /// Waits for all of them, and returns the first error.
    async fn finish(mut self) -> Result<(), StorageError> {
        let mut first = Ok(());
        while let Some(done) = self.running.join_next().await {
            match done {
                Ok(done) => first = first.and(done),
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            }
        }
        first
    }
}

/// The end of an account's task.
type Done = Result<(tokio::task::Id, CollectedAccount), JoinError>;

/// What all accounts of a run share. Assumes the hub role, if there is one.
pub(super) async fn prepare(request: &CollectRequest, meter: &Meter) -> CollectionPlan {
    let calls = fit(request.concurrency.calls, request.base.budget());
    let session_name =
        request.session_name.clone().unwrap_or_else(|| format!("rolecall-{}", request.run_id));
    let session_name = assume::session_name(&session_name);
    let caller =
        assume::caller(&request.base, request.via.as_ref(), &request.targets, &session_name, meter)
            .await;
    let accounts = request.concurrency.accounts.min(request.targets.len()).max(1);
    CollectionPlan {
        base: request.base.clone(),
        caller,
        scope: assume::SessionScope::of_demand(&request.demand),
        demand: request.demand.clone(),
        session_name,
        fallback_regions: request.fallback_regions.clone(),
        region_filter: request.region_filter.clone(),
        calls_per_account: request.concurrency.calls_per_account.clamp(1, calls),
        calls: Arc::new(Semaphore::new(calls)),
        meter: meter.clone(),
        clock: request.clock,
        stamp: request.stamp.clone(),
        cut_at: None,
        account_timeout: request.account_timeout,
        lists_per_account: (calls.saturating_mul(LISTS_PER_CALL) / accounts).max(MIN_LISTS),
    }
}

/// How many calls may run at once, given how many are configured.
fn fit(configured: usize, budget: Budget) -> usize {
    let calls = configured.min(budget.calls).clamp(1, Semaphore::MAX_PERMITS);
    if calls < configured {
        tracing::info!(
            "concurrency reduced from {configured} to {calls} calls by the limit on open files; raise `ulimit -n` for more"
        );
    }
    calls
}

/// Writes the file of an account, and releases its facts from memory.
fn write(
    collected: CollectedAccount,
    name: Option<&str>,
    writer: &Writer,
    meter: &Meter,
    accepted: &[AcceptedGap],
) -> Result<AccountOutcome, SnapshotError> {
    let CollectedAccount { header, lists, gaps } = collected;
    let account = header.account.clone();
    let not_entered = if header.entered { None } else { gaps.first().map(|gap| gap.cause.clone()) };
    let is_accepted =
        |gap: &&Gap| accepted.iter().any(|known| known.covers_gap((&account, name), gap));
    let accepted_gaps = gaps.iter().filter(is_accepted).count();
    let open_gaps = gaps.len() - accepted_gaps;
    let (gap_count, resources) = (gaps.len(), lists.iter().map(ListLines::resources).sum());
    let mut file = writer.account(header)?;
    for list in lists {
        file.list_lines(list)?;
    }
    file.gaps(gaps)?;
    let path = file.finish()?;
    meter.observer().account_finished(&account, &path, not_entered.is_none(), gap_count);
    Ok(AccountOutcome {
        account,
        path,
        not_entered,
        gaps: gap_count,
        open_gaps,
        accepted_gaps,
        resources,
    })
}

/// A panic in the task of one account must not abort the others.
pub(super) fn internal(error: JoinError) -> Cause {
    let reason = match error.try_into_panic() {
        Ok(payload) => {
            let message = payload
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| payload.downcast_ref().cloned());
            message.unwrap_or_else(|| "panic".to_owned())
        }
        Err(error) => error.to_string(),
    };
    failure::cause(
        "sts:AssumeRole",
        "Internal",
        &format!(
            "internal error: {}. This is a bug in rolecall; please report it",
            text::one_line(&reason, 200)
        ),
    )
}
