//! Version 1 of the JSON report. These types are the format: they copy what the program knows, so
//! that the program can change and the format cannot by accident. `v1.schema.json` beside this file
//! is made from them.
//!
//! Within version 1 fields and words may be added; none changes its meaning or goes away.

mod compliance;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

pub use compliance::{Framework, Requirement, Status};

use crate::model::{self, DeniedBy, Severity, Verdict};
use crate::report;

/// A report of rolecall: what was evaluated, what came of it, and what could not be seen.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "rolecall report, version 1")]
pub struct Report {
    /// Version of the format.
    pub version: Version,
    /// Which program wrote it.
    pub tool: Tool,
    /// Which rules were evaluated.
    pub selection: Selection,
    /// Failures of this severity or worse make the run fail; `null`: none does.
    pub fail_on: Option<Severity>,
    /// Every selected rule, sorted by id.
    pub rules: Vec<Rule>,
    /// Accounts of the organization that were left out, sorted by id.
    pub skipped_accounts: Vec<SkippedAccount>,
    /// Every account, sorted by id.
    pub accounts: Vec<Account>,
    /// The frameworks by which rules were selected, with what came of each requirement over all
    /// accounts.
    pub frameworks: Vec<Framework>,
    /// The whole in numbers.
    pub summary: Summary,
}

/// Version of the format.
#[derive(Debug, Serialize, JsonSchema)]
pub enum Version {
    /// The only one.
    #[serde(rename = "1")]
    V1,
}

/// A program.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version; empty when unknown.
    pub version: String,
}

impl Tool {
    /// From `rolecall 0.1.0`.
    pub fn new(text: &str) -> Self {
        let (name, version) = text.split_once(' ').unwrap_or((text, ""));
        Self { name: name.to_owned(), version: version.to_owned() }
    }
}

/// Which rules and resources were evaluated.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Selection {
    /// The configured name of the selection; `null` when it has none.
    pub name: Option<String>,
    /// Options of the command line that narrowed the run. Not empty: the report is not the whole.
    pub narrowed_by: Vec<String>,
}

impl From<&report::Selection> for Selection {
    fn from(selection: &report::Selection) -> Self {
        Self { name: selection.name.clone(), narrowed_by: selection.narrowed_by.clone() }
    }
}

/// A rule.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Rule {
    /// Its id.
    pub id: String,
    /// The oldest id it ever had; fingerprints are made from it.
    pub oldest_id: String,
    /// What is wrong when it fails, in one line.
    pub title: String,
    /// The kind of resource it evaluates: `s3.bucket`.
    pub kind: String,
    /// Severity as configured.
    pub severity: Severity,
    /// Severity as the rule says.
    pub default_severity: Severity,
    /// The first paragraph of its prose.
    pub summary: String,
    /// A page about it.
    pub help_uri: Option<String>,
    /// Words to filter by.
    pub tags: Vec<String>,
    /// Its file, relative to its pack.
    pub path: String,
    /// Where it comes from.
    pub origin: Origin,
    /// SHA-256 of its source, in hex.
    pub sha256: String,
    /// Its parameters as configured.
    pub params: serde_json::Map<String, Value>,
}

/// Where a rule comes from.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "pack", rename_all = "snake_case")]
pub enum Origin {
    /// The pack inside the program.
    BuiltIn,
    /// A folder of the site.
    Folder {
        /// The folder.
        folder: String,
        /// Whether it stands in the place of a built-in rule of the same id.
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
        }
    }
}

/// An account of the organization that was left out.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SkippedAccount {
    /// Its id: twelve digits.
    pub account: String,
    /// Its name.
    pub name: Option<String>,
    /// Why, in words: its state, or what excludes it.
    pub reason: String,
}

impl From<&model::SkippedAccount> for SkippedAccount {
    fn from(skipped: &model::SkippedAccount) -> Self {
        Self {
            account: skipped.account.to_string(),
            name: skipped.name.clone(),
            reason: skipped.reason.clone(),
        }
    }
}

/// An account with everything that was found in it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Account {
    /// What the account is.
    #[serde(flatten)]
    pub head: AccountHead,
    /// What could not be read, as far as the selected rules need it.
    pub gaps: Vec<Gap>,
    /// One per rule and resource, every verdict.
    pub findings: Vec<Finding>,
}

/// What an account is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccountHead {
    /// Its id: twelve digits.
    pub account: String,
    /// Its name.
    pub name: Option<String>,
    /// Its partition: `aws`.
    pub partition: String,
    /// The site's labels.
    pub labels: BTreeMap<String, String>,
    /// When it was collected, RFC 3339; `null` when nothing was.
    pub collected_at: Option<String>,
    /// Whether it could be entered.
    pub entered: bool,
    /// Whether everything that the selected rules need was read, but for accepted gaps, and no rule
    /// broke.
    pub complete: bool,
    /// The regions scanned.
    pub regions: BTreeSet<String>,
    /// How often each API was called to collect it; retries do not count. Empty for facts that were
    /// not collected from AWS.
    pub calls_by_api: BTreeMap<String, u64>,
}

impl From<&report::AccountReport> for AccountHead {
    fn from(report: &report::AccountReport) -> Self {
        Self {
            account: report.account.to_string(),
            name: report.name.clone(),
            partition: report.partition.to_string(),
            labels: report.labels.clone(),
            collected_at: report.collected_at.clone(),
            entered: report.entered,
            complete: !report.incomplete(),
            regions: report.regions.iter().map(ToString::to_string).collect(),
            calls_by_api: report.calls_by_api.clone(),
        }
    }
}

/// Why something could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Cause {
    /// The API call: `s3:GetBucketPolicy`.
    pub call: String,
    /// The error code.
    pub code: String,
    /// The error text; may be empty.
    pub message: String,
    /// Who denied it, when the text says so.
    pub denied_by: Option<DeniedBy>,
    /// The IAM action that allows the call, when it was denied; for S3 often another word than the
    /// call's.
    pub missing_action: Option<String>,
}

impl From<&model::Cause> for Cause {
    fn from(cause: &model::Cause) -> Self {
        Self {
            call: cause.call.clone(),
            code: cause.code.clone(),
            message: cause.message.clone(),
            denied_by: cause.denied_by,
            missing_action: report::missing_action(cause).map(str::to_owned),
        }
    }
}

/// Something that could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Gap {
    /// Where; `global` for what belongs to the whole account.
    pub region: String,
    /// Why.
    #[serde(flatten)]
    pub cause: Cause,
    /// What is unknown because of it.
    pub unknown: Extent,
    /// Why the site accepts it; `null` when it does not.
    pub accepted: Option<String>,
}

/// What is unknown because of a gap.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Extent {
    /// The whole account.
    Account,
    /// Its regions beyond those scanned.
    Regions,
    /// Every resource of a kind in the region.
    List {
        /// The kind.
        kind: String,
    },
    /// A fact of some resources.
    Facts {
        /// Their kind.
        kind: String,
        /// The fact.
        fact: String,
        /// Their ids.
        resources: BTreeSet<String>,
    },
}

impl From<&report::ReportedGap> for Gap {
    fn from(reported: &report::ReportedGap) -> Self {
        Self {
            region: reported.gap.region.to_string(),
            cause: Cause::from(&reported.gap.cause),
            unknown: match &reported.gap.extent {
                model::Extent::Account => Extent::Account,
                model::Extent::Regions => Extent::Regions,
                model::Extent::List { kind } => Extent::List { kind: kind.clone() },
                model::Extent::Facts { kind, fact, resources } => Extent::Facts {
                    kind: kind.clone(),
                    fact: fact.clone(),
                    resources: resources.clone(),
                },
            },
            accepted: reported.accepted.clone(),
        }
    }
}

/// The resource that a finding is about.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Resource {
    /// Its kind: `s3.bucket`.
    pub kind: String,
    /// Its id; `null` when the resources of this kind and region are not known.
    pub id: Option<String>,
    /// Its ARN.
    pub arn: Option<String>,
    /// Its name, where it has one beside its id.
    pub name: Option<String>,
    /// Its region, or `global`.
    pub region: String,
}

/// What one rule says of one resource.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// The rule's severity, as configured.
    pub severity: Severity,
    /// What it says.
    pub verdict: Verdict,
    /// What is wrong, why it was skipped, what could not be read. Empty for a pass.
    pub message: String,
    /// The values at fault: texts or small objects.
    pub evidence: Vec<Value>,
    /// What it is about.
    pub resource: Resource,
    /// For `unknown`: what could not be read.
    pub causes: Vec<Cause>,
    /// For `unknown`: why the site accepts that; `null` when it does not.
    pub accepted: Option<String>,
    /// Its identity from run to run: 32 hex digits.
    pub fingerprint: String,
}

impl From<&model::Finding> for Finding {
    fn from(finding: &model::Finding) -> Self {
        let resource = &finding.resource;
        Self {
            rule: finding.rule.clone(),
            severity: finding.severity,
            verdict: finding.verdict,
            message: finding.message.clone(),
            evidence: finding.evidence.clone(),
            resource: Resource {
                kind: resource.kind.clone(),
                id: resource.id.clone(),
                arn: resource.arn.clone(),
                name: resource.name.clone(),
                region: resource.region.to_string(),
            },
            causes: finding.causes.iter().map(Cause::from).collect(),
            accepted: finding.accepted.clone(),
            fingerprint: finding.fingerprint.to_string(),
        }
    }
}

/// Numbers per verdict; every verdict is named.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Verdicts {
    /// Resources that keep the rule.
    pub pass: usize,
    /// Resources that break the rule.
    pub fail: usize,
    /// Resources that the rule does not apply to.
    pub skip: usize,
    /// Resources that could not be evaluated.
    pub unknown: usize,
    /// Resources on which the rule broke.
    pub error: usize,
}

impl From<&BTreeMap<Verdict, usize>> for Verdicts {
    fn from(numbers: &BTreeMap<Verdict, usize>) -> Self {
        let of = |verdict| numbers.get(&verdict).copied().unwrap_or(0);
        Self {
            pass: of(Verdict::Pass),
            fail: of(Verdict::Fail),
            skip: of(Verdict::Skip),
            unknown: of(Verdict::Unknown),
            error: of(Verdict::Error),
        }
    }
}

/// Numbers per severity; every severity is named.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the words are those of the severities")]
pub struct Severities {
    pub critical: usize,
    pub high: usize,
    pub medium: usize,
    pub low: usize,
    pub info: usize,
}

/// An accepted gap of the config that covers nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StaleGap {
    /// What it was meant to cover.
    pub covers: String,
    /// Why it was accepted.
    pub reason: String,
}

/// The whole in numbers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Summary {
    /// Accounts in the report.
    pub accounts: usize,
    /// Of those, accounts that could not be entered.
    pub accounts_not_entered: usize,
    /// Of those, accounts entered but not read wholly.
    pub accounts_incomplete: usize,
    /// Resources evaluated by at least one rule.
    pub resources: usize,
    /// Findings per verdict.
    pub verdicts: Verdicts,
    /// Failures per severity.
    pub failures: Severities,
    /// Gaps that nobody accepts.
    pub gaps: usize,
    /// Gaps that the site accepts.
    pub accepted_gaps: usize,
    /// Findings per rule and verdict.
    pub rules: BTreeMap<String, Verdicts>,
    /// Gaps per kind of policy that denied the call.
    pub denied_by: BTreeMap<DeniedBy, usize>,
    /// How often each API was called for these accounts.
    pub calls_by_api: BTreeMap<String, u64>,
    /// Accepted gaps of the config that cover nothing.
    pub stale_accepted_gaps: Vec<StaleGap>,
    /// Whether something was not read (and is no accepted gap), or a rule broke.
    pub incomplete: bool,
}

impl From<&report::Summary> for Summary {
    fn from(summary: &report::Summary) -> Self {
        let failures = |severity| summary.failures.get(&severity).copied().unwrap_or(0);
        Self {
            accounts: summary.accounts,
            accounts_not_entered: summary.accounts_not_entered,
            accounts_incomplete: summary.accounts_incomplete,
            resources: summary.resources,
            verdicts: Verdicts::from(&summary.verdicts),
            failures: Severities {
                critical: failures(Severity::Critical),
                high: failures(Severity::High),
                medium: failures(Severity::Medium),
                low: failures(Severity::Low),
                info: failures(Severity::Info),
            },
            gaps: summary.gaps,
            accepted_gaps: summary.accepted_gaps,
            rules: summary
                .rules
                .iter()
                .map(|(rule, numbers)| (rule.clone(), Verdicts::from(numbers)))
                .collect(),
            denied_by: summary.denied_by.clone(),
            calls_by_api: summary.calls_by_api.clone(),
            stale_accepted_gaps: summary
                .stale_accepted_gaps
                .iter()
                .map(|gap| StaleGap { covers: gap.covers.clone(), reason: gap.reason.clone() })
                .collect(),
            incomplete: summary.incomplete,
        }
    }
}
