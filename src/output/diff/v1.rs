//! Version 1 of the JSON format of `rolecall diff`. `v1.schema.json` next to this file is generated
//! from these types.
//!
//! Within version 1, fields and enum values may be added; none is removed or changes its meaning.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::Severity;
use crate::output::json::v1::{Resource, Version};
use crate::report::{self, Reason};

/// The difference between two rolecall reports, OLD and NEW.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "rolecall diff, version 1")]
pub struct Diff {
    /// Format version.
    pub version: Version,
    /// The earlier report.
    pub old: Report,
    /// The later report.
    pub new: Report,
    /// New failures of this severity or worse result in exit code 1; `null` if none does.
    pub fail_on: Option<Severity>,
    /// Number of new failures of this severity or worse.
    pub new_failures_that_count: usize,
    /// Whether new failures may be missing, or known ones were not checked: exit code 3.
    pub incomplete: bool,
    /// Findings that fail in NEW but did not fail in OLD, the most severe first.
    pub new_failures: Vec<Change>,
    /// Number of findings that fail in both.
    pub unchanged: usize,
    /// Of these, findings that are waived.
    pub unchanged_waived: usize,
    /// Findings that failed in OLD; now the resource passes, is skipped or no longer exists.
    pub fixed: Vec<Change>,
    /// Findings that failed when they were last checked, and that NEW did not check.
    pub unknown_now: Vec<Change>,
    /// Coverage gaps that only NEW has.
    pub new_gaps: Vec<Gap>,
    /// Coverage gaps that only OLD has, in accounts and regions that NEW read.
    pub closed_gaps: Vec<Gap>,
    /// Accounts that only NEW has.
    pub added_accounts: Vec<Account>,
    /// Accounts that only OLD has.
    pub removed_accounts: Vec<Account>,
    /// Ids of rules that only NEW has.
    pub added_rules: Vec<String>,
    /// Ids of rules that only OLD has.
    pub removed_rules: Vec<String>,
    /// Rules that have a different id in NEW.
    pub renamed_rules: Vec<Renamed>,
    /// Accounts in NEW for which something is unknown that no accepted gap covers.
    pub incomplete_accounts: Vec<String>,
}

/// A report.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    /// The report's file, as given on the command line.
    pub file: String,
    /// Program and version that wrote the report.
    pub tool: String,
    /// The configured name of the report's selection of rules; `null` if the report has none.
    pub selection: Option<String>,
    /// When the report's last account was collected, in RFC 3339 format; `null` if none was.
    pub collected_at: Option<String>,
    /// Number of accounts.
    pub accounts: usize,
    /// Number of rules.
    pub rules: usize,
}

/// A finding whose state changed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Change {
    /// The account: twelve digits.
    pub account: String,
    /// The account's name.
    pub account_name: Option<String>,
    /// The rule's id: that in NEW, if NEW has the rule.
    pub rule: String,
    /// The severity.
    pub severity: Severity,
    /// What is or was wrong.
    pub message: String,
    /// The resource.
    pub resource: Resource,
    /// Identifies the finding across runs: 32 hexadecimal digits.
    pub fingerprint: String,
    /// Why the finding has this state; `null` for a new failure of an account and rule that are in
    /// both reports.
    pub reason: Option<Reason>,
    /// Whether a waiver applies to the finding. If so, the finding does not affect the exit code.
    pub waived: bool,
}

/// A coverage gap that only one report has.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Gap {
    /// The account: twelve digits.
    pub account: String,
    /// The region; `global` for account-wide data.
    pub region: String,
    /// The API call.
    pub call: String,
    /// The error code.
    pub code: String,
    /// Whether the config accepts it.
    pub accepted: bool,
}

/// An account that only one report has.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Account {
    /// Its id: twelve digits.
    pub account: String,
    /// Its name.
    pub name: Option<String>,
}

/// A rule that was renamed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Renamed {
    /// The rule's id in OLD.
    pub old: String,
    /// The rule's id in NEW.
    pub new: String,
}

impl From<&report::Diff> for Diff {
    fn from(diff: &report::Diff) -> Self {
        let changes = |changes: &[report::Change]| changes.iter().map(Change::from).collect();
        let gaps = |gaps: &[report::GapChange]| gaps.iter().map(Gap::from).collect();
        let accounts =
            |accounts: &[report::AccountChange]| accounts.iter().map(Account::from).collect();
        let renamed =
            |(old, new): &(String, String)| Renamed { old: old.clone(), new: new.clone() };
        Self {
            version: Version::V1,
            old: Report::from(&diff.old),
            new: Report::from(&diff.new),
            fail_on: diff.fail_on,
            new_failures_that_count: diff.failures(),
            incomplete: diff.is_incomplete(),
            new_failures: changes(&diff.new_failures),
            unchanged: diff.unchanged,
            unchanged_waived: diff.unchanged_waived,
            fixed: changes(&diff.fixed),
            unknown_now: changes(&diff.unknown_now),
            new_gaps: gaps(&diff.new_gaps),
            closed_gaps: gaps(&diff.closed_gaps),
            added_accounts: accounts(&diff.added_accounts),
            removed_accounts: accounts(&diff.removed_accounts),
            added_rules: diff.added_rules.clone(),
            removed_rules: diff.removed_rules.clone(),
            renamed_rules: diff.renamed_rules.iter().map(renamed).collect(),
            incomplete_accounts: diff.incomplete.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<&report::Compared> for Report {
    fn from(report: &report::Compared) -> Self {
        Self {
            file: report.file.clone(),
            tool: report.tool.clone(),
            selection: report.selection.clone(),
            collected_at: report.collected_at.clone(),
            accounts: report.accounts,
            rules: report.rules,
        }
    }
}

impl From<&report::Change> for Change {
    fn from(change: &report::Change) -> Self {
        Self {
            account: change.account.to_string(),
            account_name: change.account_name.clone(),
            rule: change.rule.clone(),
            severity: change.severity,
            message: change.message.clone(),
            resource: Resource::from(&change.resource),
            fingerprint: change.fingerprint.to_string(),
            reason: change.reason,
            waived: change.waived,
        }
    }
}

impl From<&report::GapChange> for Gap {
    fn from(gap: &report::GapChange) -> Self {
        Self {
            account: gap.account.to_string(),
            region: gap.region.to_string(),
            call: gap.call.clone(),
            code: gap.code.clone(),
            accepted: gap.accepted,
        }
    }
}

impl From<&report::AccountChange> for Account {
    fn from(change: &report::AccountChange) -> Self {
        Self { account: change.account.to_string(), name: change.name.clone() }
    }
}
