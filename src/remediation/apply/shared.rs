//! Results of accounts that are worked on at the same time.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, PoisonError};

use super::job::{Fresh, Job};
use super::journal::JournalError;
use super::outcome::{ItemEnd, Outcome};

/// Results of accounts that are worked on at the same time.
#[derive(Default)]
pub(super) struct Shared {
    /// Unexpected errors so far.
    pub(super) errors: AtomicUsize,
    /// By item id.
    pub(super) ends: Mutex<BTreeMap<String, ItemEnd>>,
    /// By item id.
    pub(super) doubts: Mutex<BTreeMap<String, Fresh>>,
    /// The first one.
    pub(super) journal_error: Mutex<Option<JournalError>>,
}

impl Shared {
    pub(super) fn end(&self, id: &str, end: ItemEnd) {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), end);
    }

    /// Ends items that are not begun, unless they have ended before.
    pub(super) fn not_begun(&self, jobs: &[&Job], reason: &str) {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        for job in jobs {
            let end = || ItemEnd::NotBegun(reason.to_owned());
            ends.entry(job.change.id.clone()).or_insert_with(end);
        }
    }

    /// After an item turned out to be settled: notes what planning again says about its findings.
    pub(super) fn doubt(&self, job: &Job) {
        if matches!(job.fresh, Fresh::Changed(_) | Fresh::Unread(_))
            && self.is_settled(&job.change.id)
        {
            let mut doubts = self.doubts.lock().unwrap_or_else(PoisonError::into_inner);
            doubts.insert(job.change.id.clone(), job.fresh.clone());
        }
    }

    pub(super) fn is_settled(&self, id: &str) -> bool {
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        ends.get(id).and_then(ItemEnd::outcome).is_some_and(Outcome::is_settled)
    }

    /// Ends the run, because the journal cannot be used.
    pub(super) fn breaks(&self, error: JournalError) {
        let mut first = self.journal_error.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(error);
    }

    pub(super) fn is_broken(&self) -> bool {
        self.journal_error.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}
