//! The run, as outputs receive it: its rules, its selection and its frameworks.

use std::collections::BTreeMap;

use serde_json::Value;

use super::frameworks::FrameworkInfo;
use crate::model::{Origin, Severity, SkippedAccount};

/// What is known before the first account.
#[derive(Debug, Clone)]
pub struct RunInfo {
    /// Program and version: `rolecall 0.1.0`.
    pub tool: String,
    /// Which rules are evaluated.
    pub selection: Selection,
    /// Every selected rule, sorted by id.
    pub rules: Vec<RuleInfo>,
    /// The selected frameworks, in the order in which they were named.
    pub frameworks: Vec<FrameworkInfo>,
    /// Failures of this severity or worse make the run fail; `None` if no failure does.
    pub fail_on: Option<Severity>,
    /// Whether only failures that are new since the baseline make the run fail.
    pub fail_on_new: bool,
    /// Whether findings are compared with a baseline.
    pub compared: bool,
    /// When the last account of the baseline was collected, in RFC 3339 format, if it is known.
    pub baseline_at: Option<String>,
    /// How many accounts will follow.
    pub accounts: usize,
    /// Accounts of the organization that are skipped, sorted by id.
    pub skipped_accounts: Vec<SkippedAccount>,
    /// Whether accounts that this report does not contain never had code scanning alerts.
    pub knows_all_accounts: bool,
    /// Whether the code of resources was looked for.
    pub has_sources: bool,
    /// What the evaluated snapshot is of, if not of what exists.
    pub origin: Option<Origin>,
}

impl RunInfo {
    /// A selected rule.
    pub fn rule(&self, id: &str) -> Option<&RuleInfo> {
        let found = self.rules.binary_search_by(|rule| rule.id.as_str().cmp(id)).ok();
        found.and_then(|index| self.rules.get(index))
    }

    /// One sentence for each custom rule that overrides a built-in one, so that readers of a
    /// verdict know which rule it comes from.
    pub fn replacements(&self) -> Vec<String> {
        let note = |rule: &RuleInfo| match &rule.origin {
            RuleOrigin::Folder { folder, replaces_built_in: true } => {
                Some(format!("{} from {folder} overrides the built-in rule", rule.id))
            }
            _ => None,
        };
        self.rules.iter().filter_map(note).collect()
    }
}

/// Which rules and resources a run evaluates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The configured name of the selection, or else the profile or framework. `None` for a
    /// filtered selection without a name.
    pub name: Option<String>,
    /// Command-line options that filter this run (`--rule`, `--region`, …), so that its report is
    /// partial. `--account` is not included: an account that is reported is reported completely.
    pub narrowed_by: Vec<String>,
    /// The part of the categories of code scanning before the account: `rolecall/baseline`. `None`
    /// for a filtered or nameless selection without a category of its own.
    pub category: Option<String>,
    /// Whether alerts are at the code of resources instead of paths of the resources themselves.
    pub code_locations: bool,
}

impl Selection {
    /// A selection. `category` replaces the category that follows from its name.
    pub fn new(name: Option<String>, narrowed_by: Vec<String>, category: Option<String>) -> Self {
        let by_name = || {
            let name = name.as_ref().filter(|_| narrowed_by.is_empty());
            name.map(|name| format!("rolecall/{name}"))
        };
        let category = category.or_else(by_name);
        Self { name, narrowed_by, category, code_locations: false }
    }
}

/// A rule, as outputs describe it.
#[derive(Debug, Clone)]
pub struct RuleInfo {
    /// Its id: the name of its file.
    pub id: String,
    /// The oldest id it ever had; fingerprints use it.
    pub oldest_id: String,
    /// The problem that it reports, in one line.
    pub title: String,
    /// The resource type that it evaluates.
    pub kind: String,
    /// The severity as configured for this run.
    pub severity: Severity,
    /// The severity declared by the rule.
    pub default_severity: Severity,
    /// The first paragraph of its documentation.
    pub summary: String,
    /// Its documentation as Markdown, without the leading `//!`.
    pub markdown: String,
    /// Whether plans can contain fixes of its findings.
    pub is_fixable: bool,
    /// The first reference in its documentation, if it has one.
    pub help_uri: Option<String>,
    /// Tags to filter by: the service, and the framework requirements that it checks.
    pub tags: Vec<String>,
    /// Its file, relative to the folder of its rule pack, with `/` as separator:
    /// `s3/s3-bucket-versioning.rhai`.
    pub path: String,
    /// Its origin.
    pub origin: RuleOrigin,
    /// SHA-256 of its source.
    pub sha256: String,
    /// Its parameters as configured.
    pub params: serde_json::Map<String, Value>,
    /// Its parameters in some accounts.
    pub overrides: Vec<ParamOverrideInfo>,
}

/// Parameters of a rule in some accounts.
#[derive(Debug, Clone, PartialEq)]
pub struct ParamOverrideInfo {
    /// Patterns for ids or names of accounts; empty: all.
    pub accounts: Vec<String>,
    /// Patterns for the values of labels.
    pub labels: BTreeMap<String, Vec<String>>,
    /// The parameters.
    pub params: serde_json::Map<String, Value>,
}

impl RuleInfo {
    /// The oldest id that it ever had: renaming a rule does not change its alerts.
    pub fn oldest(&self) -> &str {
        if self.oldest_id.is_empty() { &self.id } else { &self.oldest_id }
    }
}

/// The origin of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleOrigin {
    /// The built-in rule pack.
    BuiltIn,
    /// A folder of custom rules.
    Folder {
        /// The folder, as the user named it.
        folder: String,
        /// Whether it overrides a built-in rule of the same id.
        replaces_built_in: bool,
    },
}
