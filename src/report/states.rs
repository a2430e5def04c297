//! Number of findings per state relative to the baseline.

use std::collections::BTreeMap;

use super::account::AccountReport;
use crate::model::{Severity, State, Verdict};

/// Number of findings per state. Waived failures do not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateCounts {
    /// Failures that did not fail in the baseline or were waived there, per severity.
    pub new: BTreeMap<Severity, usize>,
    /// Of these, the ones that were waived in the baseline.
    pub waiver_ended: usize,
    /// Failures that did not fail in the baseline, and that are waived. They do not count as new.
    pub new_waived: usize,
    /// Failures that failed in the baseline.
    pub unchanged: usize,
    /// Findings that failed in the baseline; now the resource passes, is skipped or no longer
    /// exists.
    pub fixed: usize,
    /// Of these, the ones whose resource no longer exists.
    pub gone: usize,
    /// Findings that failed in the baseline and were not checked now, in accounts of the run.
    pub unknown_now: usize,
    /// Of these, the ones that were waived in the baseline.
    pub unknown_now_waived: usize,
    /// Findings that failed in the baseline, in accounts that are not part of the run.
    pub not_scanned: usize,
}

impl StateCounts {
    /// Counts an account.
    pub fn add(&mut self, report: &AccountReport) {
        let failures = report.findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
        for finding in failures {
            match (finding.state, &finding.waived) {
                (Some(State::New), None) => {
                    *self.new.entry(finding.severity).or_default() += 1;
                    let changes = report.changes.as_ref();
                    let ended =
                        changes.is_some_and(|changes| changes.waiver_ended(&finding.fingerprint));
                    self.waiver_ended += usize::from(ended);
                }
                (Some(State::New), Some(_)) => self.new_waived += 1,
                (Some(State::Unchanged), None) => self.unchanged += 1,
                _ => {}
            }
        }
        if let Some(changes) = &report.changes {
            self.fixed += changes.fixed.len();
            let gone = changes.fixed.iter().filter(|open| changes.is_gone(&open.fingerprint));
            self.gone += gone.count();
            self.unknown_now += changes.unknown_now.len();
            let waived = changes.unknown_now.iter().filter(|open| open.waived);
            self.unknown_now_waived += waived.count();
        }
    }

    /// Number of failures that did not fail in the baseline.
    pub fn new_failures(&self) -> usize {
        self.new.values().sum()
    }

    /// In words: `2 new (1 no longer waived), 2 unchanged, 0 fixed, 0 unknown now`.
    pub fn in_words(&self) -> String {
        let of_these = |number: usize, what: &str| match number {
            0 => String::new(),
            number => format!(" ({number} {what})"),
        };
        format!(
            "{} new{}, {} unchanged, {} fixed{}, {} unknown now{}",
            self.new_failures(),
            of_these(self.waiver_ended, "no longer waived"),
            self.unchanged,
            self.fixed,
            of_these(
                self.gone,
                if self.gone == 1 { "no longer exists" } else { "no longer exist" }
            ),
            self.unknown_now,
            of_these(self.unknown_now_waived, "waived before")
        )
    }
}
