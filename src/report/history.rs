//! How findings developed over many reports.

use crate::model::AccountId;

/// How findings developed over many reports.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// The reports, in the order of their time of collection.
    pub reports: Vec<HistoryReport>,
    /// The filters of these reports.
    pub narrowed_by: Vec<String>,
    /// Files that were not used.
    pub skipped: Vec<SkippedFile>,
    /// All findings.
    pub total: Trend,
    /// Findings by account, sorted by id.
    pub accounts: Vec<AccountTrend>,
    /// Findings by rule, sorted by id.
    pub rules: Vec<(String, Trend)>,
    /// Findings by framework, sorted by id. A finding counts for each framework with a requirement
    /// that its rule checks.
    pub frameworks: Vec<(String, Trend)>,
}

/// A report in a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryReport {
    /// The name of its file.
    pub file: String,
    /// When its last account was collected, in RFC 3339 format.
    pub collected_at: String,
    /// Findings that were new.
    pub new: usize,
    /// Findings that were fixed.
    pub fixed: usize,
    /// Findings that were open before and that it could not check.
    pub unknown_now: usize,
    /// Findings that were open afterwards.
    pub open: usize,
    /// Of these, the ones that failed in it and were not waived: its open failures.
    pub failures: usize,
    /// Of the open ones, those that failed in it and were waived.
    pub waived: usize,
}

impl HistoryReport {
    /// Open findings that it did not check, also those in accounts and of rules that are not part of
    /// it.
    pub fn not_checked(&self) -> usize {
        self.open.saturating_sub(self.failures).saturating_sub(self.waived)
    }
}

/// A file that was not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedFile {
    /// Its name.
    pub file: String,
    /// Why.
    pub reason: String,
    /// Whether something may be missing from the history because of it.
    pub is_missing: bool,
}

/// An account in a history.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountTrend {
    /// Its id.
    pub account: AccountId,
    /// Its name in the last report.
    pub name: Option<String>,
    /// When it was last collected, in RFC 3339 format.
    pub collected_at: Option<String>,
    /// Its findings.
    pub trend: Trend,
}

/// How a group of findings developed: those open at the start and the new ones were fixed or are
/// still open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trend {
    /// Open in the first report.
    pub at_start: usize,
    /// New since then.
    pub new: usize,
    /// Fixed since then.
    pub fixed: usize,
    /// Open at the end.
    pub open: usize,
    /// Of these, the ones that the last report of their account could not check.
    pub unknown_now: usize,
    /// Seconds from the first report of a finding to the first report without it, summed over all
    /// fixed findings.
    pub fix_seconds: u64,
    /// Whether fixed findings may be older than the first report in which they were seen.
    pub at_least: bool,
}

impl Trend {
    /// Mean number of seconds until a finding was fixed; `None` if none was.
    pub fn mean_fix_seconds(&self) -> Option<u64> {
        self.fix_seconds.checked_div(u64::try_from(self.fixed).unwrap_or(u64::MAX))
    }

    /// Adds another group.
    pub fn add(&mut self, other: &Self) {
        self.at_start += other.at_start;
        self.new += other.new;
        self.fixed += other.fixed;
        self.open += other.open;
        self.unknown_now += other.unknown_now;
        self.fix_seconds = self.fix_seconds.saturating_add(other.fix_seconds);
        self.at_least |= other.at_least;
    }
}

impl History {
    /// Whether something may be missing.
    pub fn is_incomplete(&self) -> bool {
        self.skipped.iter().any(|skipped| skipped.is_missing)
    }
}
