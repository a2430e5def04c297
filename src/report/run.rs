//! The run as outputs see it: its rules, its selection and its frameworks.

use serde_json::Value;

use super::frameworks::FrameworkInfo;
use crate::model::{Severity, SkippedAccount};

/// What is known before the first account.
#[derive(Debug, Clone)]
pub struct RunInfo {
    /// Program and version: `rolecall 0.1.0`.
    pub tool: String,
    /// The rules that are evaluated.
    pub selection: Selection,
    /// Every selected rule, sorted by id.
    pub rules: Vec<RuleInfo>,
    /// The frameworks by which rules were selected, in the order in which they were named.
    pub frameworks: Vec<FrameworkInfo>,
    /// Failures of this severity or worse make the run fail; `None`: no failure does.
    pub fail_on: Option<Severity>,
    /// How many accounts will follow.
    pub accounts: usize,
    /// Accounts of the organization that are left out, sorted by id.
    pub skipped_accounts: Vec<SkippedAccount>,
}

impl RunInfo {
    /// A selected rule.
    pub fn rule(&self, id: &str) -> Option<&RuleInfo> {
        self.rules
            .binary_search_by(|rule| rule.id.as_str().cmp(id))
            .ok()
            .map(|index| &self.rules[index])
    }

    /// Rules of the site that stand in the place of built-in ones, as a sentence each: whoever
    /// reads a verdict must know whose rule it is.
    pub fn replacements(&self) -> Vec<String> {
        let told = |rule: &RuleInfo| match &rule.origin {
            RuleOrigin::Folder { folder, replaces_built_in: true } => {
                Some(format!("{} of {folder} takes the place of the built-in rule", rule.id))
            }
            _ => None,
        };
        self.rules.iter().filter_map(told).collect()
    }
}

/// Which rules and resources a run evaluates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The configured name of the selection; without one the profile or the framework. `None`:
    /// narrowed without a name.
    pub name: Option<String>,
    /// Options that narrow this run on the command line (`--rule`, `--region`, …): its report must
    /// not be taken for the whole. `--account` is not among them: an account that is reported at
    /// all is reported whole.
    pub narrowed_by: Vec<String>,
}

/// A rule, as outputs describe it.
#[derive(Debug, Clone)]
pub struct RuleInfo {
    /// Its id: the name of its file.
    pub id: String,
    /// The oldest id it ever had; fingerprints use it.
    pub oldest_id: String,
    /// What is wrong when it fails, in one line.
    pub title: String,
    /// The kind of resource it evaluates.
    pub kind: String,
    /// Severity as configured for this run.
    pub severity: Severity,
    /// Severity as the rule says.
    pub default_severity: Severity,
    /// First paragraph of its prose.
    pub summary: String,
    /// Its whole prose as Markdown, without the leading `//!`.
    pub markdown: String,
    /// The first reference of its prose, if it has one.
    pub help_uri: Option<String>,
    /// Words to filter by: the service, and the framework requirements that it decides.
    pub tags: Vec<String>,
    /// Its file, relative to the pack's folder with `/` between parts:
    /// `s3/s3-bucket-versioning.rhai`.
    pub path: String,
    /// Where it comes from.
    pub origin: RuleOrigin,
    /// SHA-256 of its source.
    pub sha256: String,
    /// Its parameters as configured.
    pub params: serde_json::Map<String, Value>,
}

/// Where a rule comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleOrigin {
    /// The pack inside the binary.
    BuiltIn,
    /// A folder of the site.
    Folder {
        /// The folder, as the user named it.
        folder: String,
        /// Whether it stands in the place of a built-in rule of the same id.
        replaces_built_in: bool,
    },
}
