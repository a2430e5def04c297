//! Version 1 of the JSON report. These types define the format. They are separate from the types of
//! the program, so that the program can change without changing the format by accident.
//! `v1.schema.json` next to this file is generated from them.
//!
//! Within version 1, fields and enum values may be added; none is removed or changes its meaning.

mod account;
mod compliance;
mod finding;
mod open;
mod place;
mod summary;
mod usage;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

pub use account::{AccountHead, Gap, Resource, SkippedAccount};
pub use compliance::Framework;
pub use finding::{Finding, Waived};
pub use open::{AbsentAccount, Category, ChangedFinding, NeverChecked, OpenFinding, OpenGroup};
pub use place::Place;
pub use summary::Summary;

use crate::model::Severity;
use crate::report;

/// A rolecall report: what was evaluated, the findings, and what could not be read.
#[cfg(test)]
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "rolecall report, version 1")]
pub struct Report {
    /// Format version.
    pub version: Version,
    /// What the report is of: absent for a report of what exists, `plan` for one of a planned change,
    /// which cannot be a baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<ReportOrigin>,
    /// The program that wrote the report.
    pub tool: Tool,
    /// Which rules were evaluated.
    pub selection: Selection,
    /// Failures of this severity or worse make the run fail; `null` if no failure does.
    pub fail_on: Option<Severity>,
    /// Whether only failures that are new since the baseline make the run fail.
    pub fail_on_new: bool,
    /// Every selected rule, sorted by id.
    pub rules: Vec<Rule>,
    /// Accounts of the organization that were skipped, sorted by id.
    pub skipped_accounts: Vec<SkippedAccount>,
    /// Whether accounts that this report does not contain never had code scanning alerts.
    pub knows_all_accounts: bool,
    /// Every account, sorted by id.
    pub accounts: Vec<Account>,
    /// Accounts of the baseline that are not part of this run, sorted by id.
    pub absent_accounts: Vec<AbsentAccount>,
    /// The selected frameworks, with the outcome of each requirement over all accounts.
    pub frameworks: Vec<Framework>,
    /// Totals over all accounts.
    pub summary: Summary,
}

/// An account with its findings.
#[cfg(test)]
#[derive(Debug, Serialize, JsonSchema)]
pub struct Account {
    /// General information about the account.
    #[serde(flatten)]
    pub head: AccountHead,
    /// Findings of earlier reports that this run did not check: their code scanning alerts stay open.
    pub carried: Vec<OpenFinding>,
    /// Open code scanning alerts of groups of resources, if the config groups them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open_groups: Vec<OpenGroup>,
    /// What no report has ever checked, so that alerts may be open that none of them lists.
    pub never_checked: Vec<NeverChecked>,
    /// Categories of code scanning that are withheld or shortened.
    pub code_scanning: Vec<Category>,
    /// Findings that failed in the baseline; now the resource passes, is skipped or no longer exists.
    pub fixed: Vec<ChangedFinding>,
    /// Findings that failed in the baseline and were not checked now.
    pub unknown_now: Vec<ChangedFinding>,
    /// Coverage gaps: what could not be read, as far as the selected rules need it.
    pub gaps: Vec<Gap>,
    /// One finding per rule and resource, for every verdict.
    pub findings: Vec<Finding>,
}

/// What a report is of.
#[cfg(test)]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
pub enum ReportOrigin {
    /// What exists, with a planned change laid over it.
    Plan,
}

/// Format version.
#[derive(Debug, Serialize, JsonSchema)]
pub enum Version {
    /// Version 1.
    #[serde(rename = "1")]
    V1,
}

/// A program.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Tool {
    /// The program's name.
    pub name: String,
    /// The program's version; empty if unknown.
    pub version: String,
}

impl Tool {
    /// Parses `rolecall 0.1.0`.
    pub fn new(text: &str) -> Self {
        let (name, version) = text.split_once(' ').unwrap_or((text, ""));
        Self { name: name.to_owned(), version: version.to_owned() }
    }
}

/// Which rules and resources were evaluated.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Selection {
    /// The configured name of the selection; `null` if the selection has none.
    pub name: Option<String>,
    /// Command-line options that filtered the run. If this is not empty, the report is partial.
    pub narrowed_by: Vec<String>,
    /// The part of the categories of code scanning before the account; `null` if there is none.
    pub category: Option<String>,
    /// Whether the alerts of code scanning are at the code of resources.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub code_locations: bool,
}

impl From<&report::Selection> for Selection {
    fn from(selection: &report::Selection) -> Self {
        Self {
            name: selection.name.clone(),
            narrowed_by: selection.narrowed_by.clone(),
            category: selection.category.clone(),
            code_locations: selection.code_locations,
        }
    }
}

/// A rule.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Rule {
    /// The rule's id.
    pub id: String,
    /// The oldest id that the rule ever had; fingerprints are computed from this id.
    pub oldest_id: String,
    /// The problem that the rule reports, in one line.
    pub title: String,
    /// The resource type that the rule evaluates, for example `s3.bucket`.
    pub kind: String,
    /// The severity as configured.
    pub severity: Severity,
    /// The severity declared by the rule.
    pub default_severity: Severity,
    /// The first paragraph of the rule's documentation.
    pub summary: String,
    /// A page with more information.
    pub help_uri: Option<String>,
    /// Tags to filter by.
    pub tags: Vec<String>,
    /// The rule's file, relative to its rule pack.
    pub path: String,
    /// The rule's origin.
    pub origin: Origin,
    /// SHA-256 of the rule's source, in hexadecimal.
    pub sha256: String,
    /// The rule's parameters as configured.
    pub params: serde_json::Map<String, Value>,
    /// Parameters that differ in some accounts; if several apply, later ones take precedence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<ParamOverride>,
}

/// Parameters of a rule that differ in some accounts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ParamOverride {
    /// Patterns for ids or names of accounts; empty: all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    /// Patterns for the values of labels, all of which an account must have.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, Vec<String>>,
    /// The parameters.
    pub params: serde_json::Map<String, Value>,
}

/// The origin of a rule.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "pack", rename_all = "snake_case")]
pub enum Origin {
    /// The built-in rule pack.
    BuiltIn,
    /// A folder of your own rules.
    Folder {
        /// The folder.
        folder: String,
        /// Whether the rule overrides a built-in rule of the same id.
        replaces_built_in: bool,
    },
}

impl From<&report::RuleInfo> for Rule {
    fn from(rule: &report::RuleInfo) -> Self {
        Self {
            id: rule.id.clone(),
            oldest_id: rule.oldest_id.clone(),
            title: rule.title.clone(),
            kind: rule.kind.clone(),
            severity: rule.severity,
            default_severity: rule.default_severity,
            summary: rule.summary.clone(),
            help_uri: rule.help_uri.clone(),
            tags: rule.tags.clone(),
            path: rule.path.clone(),
            origin: match &rule.origin {
                report::RuleOrigin::BuiltIn => Origin::BuiltIn,
                report::RuleOrigin::Folder { folder, replaces_built_in } => {
                    Origin::Folder { folder: folder.clone(), replaces_built_in: *replaces_built_in }
                }
            },
            sha256: rule.sha256.clone(),
            params: rule.params.clone(),
            overrides: rule.overrides.iter().map(ParamOverride::from).collect(),
        }
    }
}

impl From<&report::ParamOverrideInfo> for ParamOverride {
    fn from(one: &report::ParamOverrideInfo) -> Self {
        Self {
            accounts: one.accounts.clone(),
            labels: one.labels.clone(),
            params: one.params.clone(),
        }
    }
}
