//! Divides the evaluation of accounts among threads: one large account occupies all of them, and so do
//! many small ones. What they return does not depend on the number of threads.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use super::account::{AccountEvaluation, BegunReport, Evaluator, OpenAccount, Results};
use super::evaluation::{EvaluateError, Evaluation};
use crate::model::{AccountId, Demand};
use crate::rules::STACK_SIZE;
use crate::snapshot::{ManifestTarget, Reader};

/// Receives what the threads of an evaluation do, from any of them.
pub trait EvaluationObserver: Send + Sync {
    /// A thread has done something.
    fn done(&self, work: &Work<'_>);
}

/// What a thread did.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    /// What it is.
    pub kind: WorkKind,
    /// The account.
    pub account: &'a AccountId,
    /// When it began.
    pub begun: Instant,
    /// When it ended.
    pub ended: Instant,
}

/// Kinds of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkKind {
    /// Reading an account.
    Read,
    /// Evaluating that many resources.
    Evaluate(usize),
    /// Making the report of an account.
    Report,
}

/// How the work is divided.
#[derive(Debug, Clone, Copy)]
pub(super) struct Division {
    /// The number of threads.
    pub(super) threads: usize,
    /// How many resources a thread evaluates before it takes other work.
    pub(super) part: usize,
}

/// The accounts of a run, and what is left to do.
pub(super) struct Pool<'a> {
    evaluation: &'a Evaluation,
    demand: &'a Demand,
    reader: &'a Reader,
    accounts: &'a [ManifestTarget],
    division: Division,
    observer: Option<&'a dyn EvaluationObserver>,
    work: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The next account to open, by index.
    next: usize,
    /// How many results were taken.
    taken: usize,
    /// Accounts with parts that were not evaluated yet, in the order in which they were opened.
    open: Vec<Progress>,
    /// Results that were not taken yet, by the index of the account.
    finished: BTreeMap<usize, Result<AccountEvaluation, EvaluateError>>,
    /// Whether the results are not needed any more.
    stopped: bool,
}

/// An account that is being evaluated.
struct Progress {
    index: usize,
    account: Arc<OpenAccount>,
    begun: BegunReport,
    /// The first position whose results are not in the report yet.
    added: usize,
    /// The results of parts after it, by their positions. They are added in order as early as possible,
    /// because a large account has many findings.
    parts: Vec<(Range<usize>, Results)>,
    /// The first position that no thread has taken.
    next: usize,
    /// How many parts are being evaluated.
    running: usize,
    failed: Option<EvaluateError>,
}

impl Progress {
    /// Adds the parts that follow what the report has.
    fn add_in_order(&mut self) {
        while let Some(at) = self.parts.iter().position(|(part, _)| part.start == self.added) {
            let (part, results) = self.parts.swap_remove(at);
            self.begun.add(results);
            self.added = part.end;
        }
    }
}

enum Task {
    /// Read the account with this index.
    Open(usize),
    /// Evaluate a part of the account with this index.
    Evaluate(usize, Arc<OpenAccount>, Range<usize>),
    /// Leave the account, because other threads evaluate the rest of it.
    Leave,
}

impl<'a> Pool<'a> {
    pub(super) fn new(
        evaluation: &'a Evaluation,
        demand: &'a Demand,
        reader: &'a Reader,
        accounts: &'a [ManifestTarget],
        division: Division,
    ) -> Self {
        let (work, changed) = (Mutex::default(), Condvar::new());
        let observer = None;
        Self { evaluation, demand, reader, accounts, division, observer, work, changed }
    }

    /// The same, observed.
    pub(super) fn observed(self, observer: Option<&'a dyn EvaluationObserver>) -> Self {
        Self { observer, ..self }
    }

    /// Evaluates the accounts and passes each result to `each`, in their order.
    pub(super) fn run(
        &self,
        mut each: impl FnMut(AccountEvaluation) -> Result<(), EvaluateError>,
    ) -> Result<(), EvaluateError> {
        thread::scope(|scope| {
            let _stop = StopAtEnd { pool: self, only_on_panic: false };
            for number in 0..self.division.threads.max(1) {
                let thread = thread::Builder::new().stack_size(STACK_SIZE);
                thread
                    .name(format!("evaluate-{number}"))
                    .spawn_scoped(scope, || self.work())
                    .map_err(EvaluateError::Thread)?;
            }
            (0..self.accounts.len()).try_for_each(|index| each(self.result(index)?))
        })
    }

    /// What one thread does.
    fn work(&self) {
        let _stop = StopAtEnd { pool: self, only_on_panic: true };
        let mut evaluator: Option<Evaluator<'_>> = None;
        let mut entered = None;
        while let Some(task) = self.next_task(entered) {
            let is_same = matches!(task, Task::Evaluate(index, ..) if entered == Some(index));
            if !is_same && entered.take().is_some() {
                evaluator.iter_mut().for_each(Evaluator::leave);
            }
            let (index, account, part) = match task {
                Task::Open(index) => {
                    self.observe(WorkKind::Read, index, || self.open(index));
                    continue;
                }
                Task::Evaluate(index, account, part) => (index, account, part),
                Task::Leave => continue,
            };
            let results = match self.evaluator(&mut evaluator) {
                Ok(evaluator) => {
                    if entered.replace(index).is_none() {
                        evaluator.enter(&account);
                    }
                    let kind = WorkKind::Evaluate(part.len());
                    self.observe(kind, index, || evaluator.evaluate(&account, part.clone()))
                        .map(|results| (part, results))
                }
                Err(error) => Err(error),
            };
            drop(account);
            if let Some(ended) = self.add(index, results) {
                // Its facts are dropped before the report is made.
                evaluator.iter_mut().for_each(Evaluator::leave);
                entered = None;
                self.observe(WorkKind::Report, index, || self.finish(ended));
            }
        }
    }

    /// Works on the account with this index.
    fn observe<T>(&self, kind: WorkKind, index: usize, work: impl FnOnce() -> T) -> T {
        let (Some(observer), Some(target)) = (self.observer, self.accounts.get(index)) else {
            return work();
        };
        let (begun, done) = (Instant::now(), work());
        let account = &target.account;
        observer.done(&Work { kind, account, begun, ended: Instant::now() });
        done
    }

    /// The evaluator of a thread, which takes a while to make: not every thread needs one.
    fn evaluator<'e>(
        &self,
        evaluator: &'e mut Option<Evaluator<'a>>,
    ) -> Result<&'e mut Evaluator<'a>, EvaluateError> {
        match evaluator {
            Some(evaluator) => Ok(evaluator),
            none => {
                let new = Evaluator::new(self.evaluation, self.demand);
                Ok(none.insert(new.map_err(EvaluateError::Rule)?))
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'g>(&self, work: MutexGuard<'g, State>) -> MutexGuard<'g, State> {
        self.changed.wait(work).unwrap_or_else(PoisonError::into_inner)
    }

    /// The next task of a thread that has entered an account; `None` if there is none left.
    fn next_task(&self, entered: Option<usize>) -> Option<Task> {
        let mut work = self.lock();
        loop {
            if work.stopped {
                return None;
            }
            let has_parts = |progress: &&mut Progress| progress.next < progress.account.len();
            let mut open = work.open.iter_mut().filter(has_parts);
            let own = open.by_ref().find(|progress| Some(progress.index) == entered);
            let progress = match own {
                Some(own) => Some(own),
                None => work.open.iter_mut().find(has_parts),
            };
            if let Some(progress) = progress {
                let end = (progress.next + self.division.part.max(1)).min(progress.account.len());
                let part = progress.next..end;
                progress.next = end;
                progress.running += 1;
                return Some(Task::Evaluate(progress.index, progress.account.clone(), part));
            }
            if work.next >= self.accounts.len() {
                // Those that are being read are evaluated by the threads that are left.
                let is_over = work.open.is_empty() && work.finished.len() + work.taken >= work.next;
                if is_over {
                    return None;
                }
            } else if work.next < work.taken + 2 * self.division.threads.max(1) {
                // Otherwise, results wait for the outputs, which are slower.
                work.next += 1;
                return Some(Task::Open(work.next - 1));
            }
            if entered.is_some() {
                return Some(Task::Leave);
            }
            work = self.wait(work);
        }
    }

    /// Reads an account, so that all threads can evaluate it.
    fn open(&self, index: usize) {
        let Some(target) = self.accounts.get(index) else { return };
        let kept = |kind: &crate::facts::Kind| self.demand.wants_kind(kind.name);
        // With few accounts, the other threads wait for this one.
        let threads = self.division.threads / self.accounts.len().max(1);
        let progress = match self.reader.compact_account(&target.account, &kept, threads.max(1)) {
            Ok(collected) => {
                let (account, begun) =
                    OpenAccount::new(self.evaluation, self.demand, target, collected);
                Progress {
                    index,
                    account: Arc::new(account),
                    begun,
                    added: 0,
                    parts: Vec::new(),
                    next: 0,
                    running: 0,
                    failed: None,
                }
            }
            Err(error) => {
                self.lock().finished.insert(index, Err(error.into()));
                self.changed.notify_all();
                return;
            }
        };
        if progress.account.len() == 0 {
            return self.finish(progress);
        }
        self.lock().open.push(progress);
        self.changed.notify_all();
    }

    /// Adds the results of a part. Returns the account if it was the last one.
    fn add(
        &self,
        index: usize,
        results: Result<(Range<usize>, Results), EvaluateError>,
    ) -> Option<Progress> {
        let mut work = self.lock();
        let at = work.open.iter().position(|progress| progress.index == index)?;
        let progress = work.open.get_mut(at)?;
        progress.running -= 1;
        match results {
            Ok(results) => {
                progress.parts.push(results);
                progress.add_in_order();
            }
            Err(error) => {
                progress.failed.get_or_insert(error);
                progress.next = progress.account.len();
            }
        }
        let is_last = progress.running == 0 && progress.next >= progress.account.len();
        is_last.then(|| work.open.remove(at))
    }

    /// Makes the report of an account.
    fn finish(&self, progress: Progress) {
        let Progress { index, account, begun, failed, .. } = progress;
        drop(account);
        let result = match failed {
            Some(error) => Err(error),
            None => Ok(begun.finish()),
        };
        self.lock().finished.insert(index, result);
        self.changed.notify_all();
    }

    /// Waits for the result of an account.
    fn result(&self, index: usize) -> Result<AccountEvaluation, EvaluateError> {
        let mut work = self.lock();
        loop {
            if let Some(result) = work.finished.remove(&index) {
                work.taken = index + 1;
                self.changed.notify_all();
                return result;
            }
            if work.stopped {
                return Err(EvaluateError::Stopped);
            }
            work = self.wait(work);
        }
    }
}

/// Stops the threads of a pool when it is dropped, so that none waits for another forever.
struct StopAtEnd<'a> {
    pool: &'a Pool<'a>,
    only_on_panic: bool,
}

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        if !self.only_on_panic || thread::panicking() {
            self.pool.lock().stopped = true;
            self.pool.changed.notify_all();
        }
    }
}
