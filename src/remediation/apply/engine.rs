//! Decides what is written, and when. Each account is worked on by itself, one change at a time:
//! read; if the state is what the plan wants, nothing is to be done; if it is not what the plan was
//! made for, nothing is done; otherwise record, write, record, and read until the change is visible.
//!
//! A write without an answer is looked at, never repeated. Canary accounts come first, and the others
//! only if everything there was verified.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::difference::difference;
use super::job::{Fresh, Job};
use super::journal::{Event, Journal, JournalError, Progress, Record};
use super::outcome::{ItemEnd, Outcome};
use super::shared::Shared;
use crate::fixes::{Change, Facts, Present, WriteError, WriteErrorKind, Writer, same_state};
use crate::model::{AccountId, Cause};

/// How many accounts are worked on at once.
const ACCOUNTS: usize = 4;

/// How often a change is tried while AWS answers that it is busy, and a dry run that is not answered.
const TRIES: u32 = 3;

/// What is said of a resource that was deleted.
const GONE: &str = "the resource no longer exists";

/// What is said of items that are not begun because of the journal.
const NO_JOURNAL: &str = "the journal cannot be used";

/// Why nothing is begun in an account whose role cannot be assumed.
const NO_ROLE: &str = "the role that changes resources could not be assumed in the account";

/// What is said of the other items of an account if AWS would refuse one.
const REFUSED: &str =
    "AWS would refuse another change in the account, so nothing else is begun there";

/// The same if AWS did not answer.
const UNANSWERED: &str = "AWS did not answer the dry run of another change in the account, so nothing else is begun there";

/// How long to wait between two reads, at most.
const MAX_PAUSE: Duration = Duration::from_secs(10);

/// Time, which tests can replace.
pub trait Clock: Sync {
    /// The current time.
    fn now(&self) -> Timestamp;
    /// Waits.
    fn sleep(&self, time: Duration);
}

/// Limits of a run.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Accounts that come first.
    pub canaries: BTreeSet<AccountId>,
    /// How many unexpected errors end the run.
    pub max_errors: usize,
    /// How long to wait for a change to become visible, at most; `None`: as long as the action needs.
    pub wait: Option<Duration>,
}

/// What a run works with.
pub struct Engine<'a> {
    /// Carries changes out.
    pub writer: &'a dyn Writer,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Where everything is recorded.
    pub journal: &'a Journal,
    /// Limits.
    pub limits: Limits,
    /// Whether the user wants to stop; the change that is being made is finished.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Why a change is not made although it was approved, by the present tags of its resource. They are
    /// read immediately before the write, because somebody may set them to stop it.
    pub forbids: &'a (dyn Fn(&Change, &Facts) -> Option<String> + Sync),
    /// What to do at the end of each item of this run, such as to show it.
    pub ended: &'a (dyn Fn(&Change, &Outcome) + Sync),
}

/// Why an item is not begun if the user wants to stop.
pub const INTERRUPTED: &str = "interrupted";

/// What became of the items of a run.
#[derive(Debug)]
pub struct Results {
    /// By item id.
    pub ends: BTreeMap<String, ItemEnd>,
    /// For items that an earlier run settled: what planning again says now, if it is neither that they
    /// are still planned nor that their findings no longer fail.
    pub doubts: BTreeMap<String, Fresh>,
    /// Items that an earlier run with the same journal ended, and that are not settled; they are not sent
    /// again.
    pub earlier: BTreeSet<String>,
    /// What is wrong with the journal, if anything.
    pub journal_error: Option<JournalError>,
}

impl Engine<'_> {
    /// Applies the items. `record` is what the journal said before.
    pub fn run(&self, jobs: &[Job], record: &Record) -> Results {
        let shared = Shared::default();
        for job in jobs {
            if let Some(end) = record.progress(&job.change.id).end {
                shared.end(&job.change.id, ItemEnd::Ended(end));
            }
        }
        let (first, rest): (Vec<&Job>, Vec<&Job>) =
            jobs.iter().partition(|job| self.limits.canaries.contains(&job.change.account));
        self.phase(&first, record, &shared);
        if first.iter().all(|job| shared.is_settled(&job.change.id)) {
            self.phase(&rest, record, &shared);
        } else {
            shared.not_begun(&rest, "the changes in a canary account were not all verified");
        }
        let ends = shared.ends.into_inner().unwrap_or_else(PoisonError::into_inner);
        let is_earlier = |job: &&Job| {
            let before = record.progress(&job.change.id).end;
            before.is_some_and(|end| {
                !end.is_settled() && ends.get(&job.change.id) == Some(&ItemEnd::Ended(end))
            })
        };
        let earlier = jobs.iter().filter(is_earlier).map(|job| job.change.id.clone()).collect();
        Results {
            ends,
            earlier,
            doubts: shared.doubts.into_inner().unwrap_or_else(PoisonError::into_inner),
            journal_error: shared
                .journal_error
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Works on accounts side by side.
    fn phase(&self, jobs: &[&Job], record: &Record, shared: &Shared) {
        let mut accounts: BTreeMap<&AccountId, Vec<&Job>> = BTreeMap::new();
        for job in jobs {
            accounts.entry(&job.change.account).or_default().push(job);
        }
        let count = accounts.len().min(ACCOUNTS);
        let queue: Mutex<VecDeque<Vec<&Job>>> = Mutex::new(accounts.into_values().collect());
        std::thread::scope(|scope| {
            for _ in 0..count {
                scope.spawn(|| {
                    loop {
                        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                        let Some(jobs) = next else { break };
                        self.account(&jobs, record, shared);
                    }
                });
            }
        });
    }

    /// Works on one account.
    fn account(&self, jobs: &[&Job], record: &Record, shared: &Shared) {
        let (ended, open): (Vec<&Job>, Vec<&Job>) =
            jobs.iter().partition(|job| record.progress(&job.change.id).end.is_some());
        let mut failed = None;
        for job in ended {
            let progress = record.progress(&job.change.id);
            if let Some(end) = progress.end.as_ref().filter(|_| progress.is_uncertain()) {
                failed = failed.or(self.look_again(job, end, shared));
            } else if let Some(outcome) = self.undone(&job.change, record) {
                shared.end(&job.change.id, ItemEnd::Ended(outcome));
            }
            shared.doubt(job);
        }
        // What an interrupted run began comes first: nothing else may be written before it is known.
        let (begun, mut waiting): (Vec<&Job>, Vec<&Job>) =
            open.into_iter().partition(|job| record.progress(&job.change.id).intended.is_some());
        for job in begun {
            let outcome = self.look(&job.change, &record.progress(&job.change.id));
            failed = failed.or(self.finish(job, outcome, shared));
            shared.doubt(job);
        }
        if failed.is_none() {
            failed = self.rehearse(&mut waiting, shared);
        }
        let mut waiting = waiting.into_iter();
        for job in waiting.by_ref() {
            let reason = self.obstacle(job, failed, shared);
            if let Some(reason) = reason {
                shared.not_begun(&[job], &reason);
                continue;
            }
            match self.apply(job, shared) {
                Ok(outcome) => failed = failed.or(self.finish(job, outcome, shared)),
                Err(error) => {
                    shared.breaks(error);
                    shared.not_begun(&[job], NO_JOURNAL);
                }
            }
        }
    }

    /// Why an item is not begun now.
    fn obstacle(&self, job: &Job, failed: Option<&str>, shared: &Shared) -> Option<String> {
        if shared.is_broken() {
            return Some(NO_JOURNAL.to_owned());
        }
        if shared.errors.load(Ordering::SeqCst) >= self.limits.max_errors {
            return Some(format!("the run ended after {} errors", self.limits.max_errors));
        }
        if let Some(reason) = failed {
            return Some(reason.to_owned());
        }
        if (self.stop)() {
            return Some(INTERRUPTED.to_owned());
        }
        let missing = job.depends_on.iter().find(|id| !shared.is_settled(id))?;
        Some(format!("item {} was not done", missing.get(..12).unwrap_or(missing)))
    }

    /// Ends the items that need no write, and asks AWS about all others that it can be asked about,
    /// before the first write in the account. Leaves the items to write. Returns why the account is to
    /// be left alone, if so.
    fn rehearse(&self, waiting: &mut Vec<&Job>, shared: &Shared) -> Option<&'static str> {
        let mut failed = None;
        let mut refused = None;
        waiting.retain(|job| {
            // The state before of an item that depends on another one can be what that one leaves.
            let is_later = !job.depends_on.is_empty();
            if is_later || refused.is_some() || self.obstacle(job, failed, shared).is_some() {
                return true;
            }
            let (outcome, reason) = match self.before(job) {
                Some(outcome) => (outcome, None),
                None if job.change.action.spec().has_dry_run(&job.change.kind) => {
                    let Err(WriteError { kind, cause, .. }) = self.dry_run(&job.change) else {
                        return true;
                    };
                    match kind {
                        WriteErrorKind::Denied => {
                            let is_closed = cause.call == "sts:AssumeRole";
                            let reason = if is_closed { NO_ROLE } else { REFUSED };
                            (Outcome::Denied { cause }, Some(reason))
                        }
                        WriteErrorKind::Refused => (Outcome::Failed { cause }, Some(REFUSED)),
                        WriteErrorKind::Busy | WriteErrorKind::Unanswered => {
                            (Outcome::Failed { cause }, Some(UNANSWERED))
                        }
                    }
                }
                None => return true,
            };
            refused = refused.or(reason);
            failed = failed.or(self.finish(job, outcome, shared));
            false
        });
        if let Some(reason) = refused {
            shared.not_begun(waiting, reason);
            waiting.clear();
        }
        failed
    }

    /// Asks AWS whether it would accept a change. This changes nothing, so what was not answered is
    /// asked again.
    fn dry_run(&self, change: &Change) -> Result<(), WriteError> {
        let mut pause = Duration::from_secs(1);
        for _ in 1..TRIES {
            match self.writer.dry_run(change) {
                Err(error)
                    if matches!(error.kind, WriteErrorKind::Busy | WriteErrorKind::Unanswered) => {}
                ended => return ended,
            }
            self.clock.sleep(pause);
            pause *= 2;
        }
        self.writer.dry_run(change)
    }

    /// The outcome of an item that an earlier run with the same journal settled, if the resource has
    /// changed since.
    fn undone(&self, change: &Change, record: &Record) -> Option<Outcome> {
        record.progress(&change.id).end.filter(Outcome::is_settled)?;
        match self.writer.read(change) {
            Err(cause) => Some(Outcome::Unread { cause }),
            Ok(present) if present.gone => Some(Outcome::Changed { difference: GONE.to_owned() }),
            Ok(present) if same_state(&present.state, &change.after) => None,
            Ok(present) => {
                let difference = difference(&change.after, &present.state);
                let difference = format!("since an earlier run changed it: {difference}");
                Some(Outcome::Changed { difference })
            }
        }
    }

    /// The outcome of an item that is not written: because it is so already, or is not what the plan
    /// was made for.
    fn before(&self, job: &Job) -> Option<Outcome> {
        let change = &job.change;
        let Present { state, refusal, gone } = match self.writer.read(change) {
            Ok(present) => present,
            Err(cause) => return Some(Outcome::Unread { cause }),
        };
        if gone {
            return Some(Outcome::Changed { difference: GONE.to_owned() });
        }
        let is_done = same_state(&state, &change.after);
        match &job.fresh {
            // Although it is so already, its findings may fail for other reasons now.
            Fresh::Unread(cause) => return Some(Outcome::Unread { cause: cause.clone() }),
            Fresh::Changed(difference) => {
                return Some(Outcome::Changed { difference: difference.clone() });
            }
            Fresh::Same | Fresh::Settled if is_done => {
                return Some(Outcome::Already { left: state });
            }
            Fresh::Settled => {
                let difference = "planning again no longer needs it".to_owned();
                return Some(Outcome::Changed { difference });
            }
            Fresh::Same => {}
        }
        let difference = match same_state(&state, &change.before) {
            false => Some(difference(&change.before, &state)),
            true => refusal,
        };
        difference.map(|difference| Outcome::Changed { difference })
    }

    /// The outcome of an item that the tags of its resource now forbid.
    fn forbidden(&self, change: &Change) -> Option<Outcome> {
        match self.writer.tags(change) {
            Ok(tags) => {
                let difference = (self.forbids)(change, &tags)?;
                Some(Outcome::Changed { difference })
            }
            Err(cause) => Some(Outcome::Unread { cause }),
        }
    }

    /// Writes an item.
    fn apply(&self, job: &Job, shared: &Shared) -> Result<Outcome, JournalError> {
        let change = &job.change;
        if let Some(outcome) = self.before(job).or_else(|| self.forbidden(change)) {
            return Ok(outcome);
        }
        self.journal.append(Event::Intend { item: change.id.clone() })?;
        let mut pause = Duration::from_secs(1);
        for _ in 1..TRIES {
            match self.attempt(change, shared) {
                Err(error) if error.kind == WriteErrorKind::Busy => {}
                ended => return Ok(self.ended(change, ended)),
            }
            self.clock.sleep(pause);
            pause *= 2;
            if let Some(outcome) = self.before(job).or_else(|| self.forbidden(change)) {
                return Ok(outcome);
            }
        }
        Ok(self.ended(change, self.attempt(change, shared)))
    }

    /// Sends a change once, unless the journal cannot be written any more.
    fn attempt(&self, change: &Change, shared: &Shared) -> Result<(), WriteError> {
        if shared.is_broken() {
            let cause = Cause::new("rolecall", "Journal", NO_JOURNAL);
            // Not sent, and not tried again.
            return Err(WriteError { kind: WriteErrorKind::Refused, cause, request_id: None });
        }
        let sent = self.writer.write(change)?;
        let event = Event::Sent {
            item: change.id.clone(),
            request_id: sent.request_id,
            created: sent.created,
        };
        if let Err(error) = self.journal.append(event) {
            // It was sent all the same, and `intend` is on disk.
            shared.breaks(error);
        }
        Ok(())
    }

    /// The outcome after a change was sent, or could not be.
    fn ended(&self, change: &Change, sent: Result<(), WriteError>) -> Outcome {
        match sent {
            Ok(()) => self.wait(change, None),
            Err(error) => match error.kind {
                WriteErrorKind::Denied => Outcome::Denied { cause: error.cause },
                WriteErrorKind::Refused | WriteErrorKind::Busy => {
                    Outcome::Failed { cause: error.cause }
                }
                WriteErrorKind::Unanswered => self.wait(change, Some(error.cause)),
            },
        }
    }

    /// The outcome of an item that an interrupted run began.
    fn look(&self, change: &Change, progress: &Progress) -> Outcome {
        let interrupted =
            Cause::new("rolecall", "Interrupted", "an earlier run was interrupted at this change");
        match self.wait(change, (!progress.sent).then_some(interrupted)) {
            Outcome::Failed { .. } => Outcome::Interrupted {},
            outcome => outcome,
        }
    }

    /// Looks once more at an item that an earlier run sent, but did not see. Returns why nothing else is
    /// begun in the account, if it is still not there.
    fn look_again(&self, job: &Job, end: &Outcome, shared: &Shared) -> Option<&'static str> {
        let doubt = Cause::new("rolecall", "Unknown", "an earlier run did not see this change");
        match self.wait(&job.change, Some(doubt)) {
            done @ Outcome::Done { .. } => self.finish(job, done, shared),
            _ => consequence(end),
        }
    }

    /// Reads until the change is visible, or the time is up. `doubt`: why it is not known whether it
    /// was carried out.
    fn wait(&self, change: &Change, doubt: Option<Cause>) -> Outcome {
        let settles = Duration::from_secs(change.action.spec().settles.into());
        let time = self.limits.wait.map_or(settles, |limit| settles.min(limit));
        let begun = self.clock.now();
        let mut pause = Duration::from_secs(1);
        loop {
            let read = self.writer.read(change);
            if let Ok(Present { state, gone: false, .. }) = &read
                && same_state(state, &change.after)
            {
                return Outcome::Done { left: state.clone() };
            }
            let present = read.map(|present| present.state);
            let passed = Duration::try_from(self.clock.now().duration_since(begun));
            // The clock was set back.
            let passed = passed.unwrap_or(time);
            if passed >= time {
                // What did not happen in the time that the action needs does not happen any more.
                let is_late = time >= settles;
                return match (present, doubt) {
                    (Err(cause), _) => Outcome::Unknown { cause },
                    (Ok(present), Some(cause))
                        if is_late && same_state(&present, &change.before) =>
                    {
                        Outcome::Failed { cause }
                    }
                    (Ok(_), Some(cause)) => Outcome::Unknown { cause },
                    (Ok(present), None) => Outcome::NotVerified { present },
                };
            }
            self.clock.sleep(pause.min(time - passed));
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }

    /// Records the end of an item. Returns why nothing else is begun in the account, if so.
    fn finish(&self, job: &Job, outcome: Outcome, shared: &Shared) -> Option<&'static str> {
        let failed = consequence(&outcome);
        if failed.is_some() {
            shared.errors.fetch_add(1, Ordering::SeqCst);
        }
        let event = Event::End { item: job.change.id.clone(), result: outcome.clone() };
        if let Err(error) = self.journal.append(event) {
            shared.breaks(error);
        }
        (self.ended)(&job.change, &outcome);
        shared.end(&job.change.id, ItemEnd::Ended(outcome));
        failed
    }
}

/// Why nothing else is begun in an account after an unexpected end of an item.
fn consequence(outcome: &Outcome) -> Option<&'static str> {
    outcome.is_unexpected().then_some(match outcome {
        Outcome::Unread { .. } => "another resource in the account could not be read",
        Outcome::NotVerified { .. } | Outcome::Unknown { .. } => {
            "it is not known whether another change in the account was made"
        }
        _ => "another change in the account failed",
    })
}
