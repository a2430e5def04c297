//! The difference between two reports.

use super::changes::Reason;
use crate::model::{AccountId, Fingerprint, Region, ResourceRef, Severity};

/// The difference between two reports.
#[derive(Debug, Clone, PartialEq)]
pub struct Diff {
    /// The earlier report.
    pub old: Compared,
    /// The later report.
    pub new: Compared,
    /// New failures of this severity or worse count for the exit code; `None` if none does.
    pub fail_on: Option<Severity>,
    /// Failures that did not fail in the earlier report. Sorted by severity, rule, account and
    /// resource, like the other lists of findings.
    pub new_failures: Vec<Change>,
    /// Number of failures in both reports.
    pub unchanged: usize,
    /// Of these, those to which a waiver applies.
    pub unchanged_waived: usize,
    /// Findings that failed in the earlier report and were fixed.
    pub fixed: Vec<Change>,
    /// Findings that failed when they were last checked, which the later report did not.
    pub unknown_now: Vec<Change>,
    /// Gaps that the earlier report does not have.
    pub new_gaps: Vec<GapChange>,
    /// Gaps that only the earlier report has, where the later one read everything.
    pub closed_gaps: Vec<GapChange>,
    /// Accounts that only the later report has, sorted by id.
    pub added_accounts: Vec<AccountChange>,
    /// Accounts that only the earlier report has.
    pub removed_accounts: Vec<AccountChange>,
    /// Ids of rules that only the later report has, sorted.
    pub added_rules: Vec<String>,
    /// Ids of rules that only the earlier report has.
    pub removed_rules: Vec<String>,
    /// Rules that were renamed: the id then and now.
    pub renamed_rules: Vec<(String, String)>,
    /// Accounts of the later report in which something is unknown that is not an accepted gap.
    pub incomplete: Vec<AccountId>,
}

/// A compared report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Its file, as the user named it.
    pub file: String,
    /// Program and version that wrote it.
    pub tool: String,
    /// The name of its selection of rules.
    pub selection: Option<String>,
    /// When its last account was collected, in RFC 3339 format, if any was.
    pub collected_at: Option<String>,
    /// Number of accounts.
    pub accounts: usize,
    /// Number of rules.
    pub rules: usize,
}

/// A finding whose state changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The account.
    pub account: AccountId,
    /// Its name.
    pub account_name: Option<String>,
    /// The rule's id: that of the later report, if it has the rule.
    pub rule: String,
    /// The severity.
    pub severity: Severity,
    /// What is or was wrong.
    pub message: String,
    /// The resource.
    pub resource: ResourceRef,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Why it has its state, if there is anything to say.
    pub reason: Option<Reason>,
    /// Whether a waiver applies to it.
    pub waived: bool,
}

/// A gap that only one report has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GapChange {
    /// The account.
    pub account: AccountId,
    /// The region, or `global`.
    pub region: Region,
    /// The call.
    pub call: String,
    /// The error code.
    pub code: String,
    /// Whether it is accepted.
    pub accepted: bool,
}

/// An account that only one report has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountChange {
    /// Its id.
    pub account: AccountId,
    /// Its name.
    pub name: Option<String>,
}

impl Diff {
    /// Number of new failures that count for the exit code.
    pub fn failures(&self) -> usize {
        let Some(threshold) = self.fail_on else { return 0 };
        let counts = |change: &&Change| change.severity.at_least(threshold) && !change.waived;
        self.new_failures.iter().filter(counts).count()
    }

    /// Whether new failures may be missing, or known ones were not checked. What the config accepts
    /// does not count.
    pub fn is_incomplete(&self) -> bool {
        // If its account is complete, an accepted gap is the reason why a finding is unknown.
        let was_dropped = |change: &Change| change.reason != Some(Reason::CouldNotBeChecked);
        !self.incomplete.is_empty() || self.unknown_now.iter().any(was_dropped)
    }
}
