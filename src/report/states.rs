//! Number of findings per state relative to the baseline.

use std::collections::BTreeMap;

use super::account::AccountReport;
use crate::model::{Severity, State, Verdict};

/// Number of findings per state. Waived failures do not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateCounts {
    /// Failures that did not fail in the baseline or were waived there, per severity.
    pub new: BTreeMap<Severity, usize>,
    /// Failures that failed in the baseline.
    pub unchanged: usize,
    /// Findings that failed in the baseline; now the resource passes, is skipped or no longer
    /// exists.
    pub fixed: usize,
    /// Findings that failed in the baseline and were not checked now, in accounts of the run.
    pub unknown_now: usize,
    /// Findings that failed in the baseline, in accounts that are not part of the run.
    pub not_scanned: usize,
}

impl StateCounts {
    /// Counts an account.
    pub fn add(&mut self, report: &AccountReport) {
        let failures = report
            .findings
            .iter()
            .filter(|finding| finding.verdict == Verdict::Fail && finding.waived.is_none());
        for finding in failures {
            match finding.state {
                Some(State::New) => *self.new.entry(finding.severity).or_default() += 1,
                Some(State::Unchanged) => self.unchanged += 1,
                _ => {}
            }
        }
        if let Some(changes) = &report.changes {
            self.fixed += changes.fixed.len();
            self.unknown_now += changes.unknown_now.len();
        }
    }

    /// Number of failures that did not fail in the baseline.
    pub fn new_failures(&self) -> usize {
        self.new.values().sum()
    }

    /// In words: `1 new, 2 unchanged, 0 fixed, 0 unknown now`.
    pub fn in_words(&self) -> String {
        format!(
            "{} new, {} unchanged, {} fixed, {} unknown now",
            self.new_failures(),
            self.unchanged,
            self.fixed,
            self.unknown_now
        )
    }
}
