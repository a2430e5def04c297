//! What outputs see: the selected rules, then one report per account in sorted order, then the
//! summary. Nothing in it differs between two evaluations of the same snapshot.

mod compliance;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub use compliance::{FrameworkInfo, Open, RequirementInfo, RequirementOutcome, Status};

use crate::facts;
use crate::model::{
    AccountId, Cause, DeniedBy, Extent, Finding, Gap, Partition, Region, Severity, SkippedAccount,
    Verdict,
};

/// The IAM action that a denied call lacks, for people who have to allow it; `None` for another
/// cause, or a call that this version does not make.
pub fn missing_action(cause: &Cause) -> Option<&'static str> {
    facts::action(&cause.call).filter(|_| cause.is_denial())
}

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

/// Everything about one account.
#[derive(Debug, Clone)]
pub struct AccountReport {
    /// Its id.
    pub account: AccountId,
    /// Its name.
    pub name: Option<String>,
    /// Its partition.
    pub partition: Partition,
    /// The site's labels.
    pub labels: BTreeMap<String, String>,
    /// When it was collected, RFC 3339; `None` when the snapshot has nothing of it.
    pub collected_at: Option<String>,
    /// Whether it could be entered.
    pub entered: bool,
    /// The regions scanned.
    pub regions: BTreeSet<Region>,
    /// How often each API was called to collect it; retries do not count. Empty where nobody called
    /// AWS.
    pub calls_by_api: BTreeMap<String, u64>,
    /// One per rule and resource, sorted by region, kind, resource and rule.
    pub findings: Vec<Finding>,
    /// Gaps that touch what the selected rules need, sorted.
    pub gaps: Vec<ReportedGap>,
}

/// A gap, and whether the site accepts it.
#[derive(Debug, Clone)]
pub struct ReportedGap {
    /// The gap.
    pub gap: Gap,
    /// Why it is accepted, when it is.
    pub accepted: Option<String>,
}

impl AccountReport {
    /// Its name, or its id.
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(self.account.as_str())
    }

    /// Whether resources that the selected rules evaluate may be missing from the findings: a list
    /// failed, regions are not known, or the account could not be entered. Accepted gaps count too.
    pub fn resources_unknown(&self) -> bool {
        self.gaps.iter().any(|gap| !matches!(gap.gap.extent, Extent::Facts { .. }))
            || self
                .findings
                .iter()
                .any(|finding| finding.verdict == Verdict::Unknown && finding.resource.id.is_none())
    }

    /// Whether something that the selected rules need was not read (and is no accepted gap), or a
    /// rule broke.
    pub fn incomplete(&self) -> bool {
        self.gaps.iter().any(|gap| gap.accepted.is_none())
            || self.findings.iter().any(|finding| match finding.verdict {
                Verdict::Unknown => finding.accepted.is_none(),
                Verdict::Error => true,
                _ => false,
            })
    }
}

/// An accepted gap of the config that covers nothing in this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleGap {
    /// What it was meant to cover: `account 1111*, region *, call ec2:*`.
    pub covers: String,
    /// Its reason.
    pub reason: String,
}

/// The whole run in numbers.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Accounts reported.
    pub accounts: usize,
    /// Of those, accounts that could not be entered or have nothing in the snapshot.
    pub accounts_not_entered: usize,
    /// Of those, accounts entered but not read wholly.
    pub accounts_incomplete: usize,
    /// Of those, accounts whose regions are not all known, where a rule needs them.
    pub accounts_with_unknown_regions: usize,
    /// Resources evaluated by at least one rule.
    pub resources: usize,
    /// Findings per verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// Failures per severity.
    pub failures: BTreeMap<Severity, usize>,
    /// Gaps that nobody accepts.
    pub gaps: usize,
    /// Gaps that the site accepts.
    pub accepted_gaps: usize,
    /// Per rule: findings per verdict. Rules that evaluated nothing are in it with no verdict.
    pub rules: BTreeMap<String, BTreeMap<Verdict, usize>>,
    /// Who denied calls, how often: for the hint what to do about it.
    pub denied_by: BTreeMap<DeniedBy, usize>,
    /// How often each API was called for the accounts reported.
    pub calls_by_api: BTreeMap<String, u64>,
    /// Accepted gaps that cover nothing.
    pub stale_accepted_gaps: Vec<StaleGap>,
    /// Whether something that the selected rules need was not read (and is no accepted gap), or a
    /// rule broke.
    pub incomplete: bool,
}

impl Summary {
    /// A summary of no account yet.
    pub fn new(run: &RunInfo) -> Self {
        Self {
            rules: run.rules.iter().map(|rule| (rule.id.clone(), BTreeMap::new())).collect(),
            ..Self::default()
        }
    }

    /// Counts one account.
    pub fn add(&mut self, report: &AccountReport) {
        self.accounts += 1;
        if !report.entered {
            self.accounts_not_entered += 1;
        } else if report.incomplete() {
            self.accounts_incomplete += 1;
        }
        self.accounts_with_unknown_regions +=
            usize::from(report.gaps.iter().any(|gap| gap.gap.extent == Extent::Regions));
        self.incomplete |= report.incomplete();
        let mut resources = BTreeSet::new();
        for finding in &report.findings {
            *self.verdicts.entry(finding.verdict).or_default() += 1;
            if finding.verdict == Verdict::Fail {
                *self.failures.entry(finding.severity).or_default() += 1;
            }
            *self
                .rules
                .entry(finding.rule.clone())
                .or_default()
                .entry(finding.verdict)
                .or_default() += 1;
            if finding.resource.id.is_some() {
                resources.insert(&finding.resource);
            }
        }
        self.resources += resources.len();
        for (call, times) in &report.calls_by_api {
            *self.calls_by_api.entry(call.clone()).or_default() += times;
        }
        for gap in &report.gaps {
            if gap.accepted.is_some() {
                self.accepted_gaps += 1;
            } else {
                self.gaps += 1;
                if let Some(by) = gap.gap.cause.denied_by {
                    *self.denied_by.entry(by).or_default() += 1;
                }
            }
        }
    }

    /// How many findings have that verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.verdicts.get(&verdict).copied().unwrap_or(0)
    }

    /// How many failures are as bad as `threshold` or worse.
    pub fn failures_at_least(&self, threshold: Severity) -> usize {
        self.failures
            .iter()
            .filter(|(severity, _)| severity.at_least(threshold))
            .map(|(_, count)| count)
            .sum()
    }
}
