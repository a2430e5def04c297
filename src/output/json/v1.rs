//! Version 1 of the JSON report. These types define the format. They are separate from the types of
//! the program, so that the program can change without changing the format by accident.
//! `v1.schema.json` next to this file is generated from them.
//!
//! Within version 1, fields and enum values may be added; none is removed or changes its meaning.

mod compliance;
mod place;
mod usage;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

pub use compliance::Framework;
pub use place::{Place, Sources};
pub use usage::Collection;

use crate::model::{self, DeniedBy, Severity, State, Verdict};
use crate::report::{self, Reason};

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

/// An account of the organization that was skipped.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SkippedAccount {
    /// The account's id: twelve digits.
    pub account: String,
    /// The account's name.
    pub name: Option<String>,
    /// The reason: its state, or the setting that excludes it.
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

/// General information about an account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccountHead {
    /// The account's id: twelve digits.
    pub account: String,
    /// The account's name.
    pub name: Option<String>,
    /// The account's partition, for example `aws`.
    pub partition: String,
    /// The account's labels from the config.
    pub labels: BTreeMap<String, String>,
    /// When the account was collected, in RFC 3339 format; `null` if nothing was collected.
    pub collected_at: Option<String>,
    /// Whether the account could be accessed.
    pub entered: bool,
    /// Whether everything that the selected rules need was read, except for accepted gaps, and no
    /// rule raised an error.
    pub complete: bool,
    /// The regions scanned.
    pub regions: BTreeSet<String>,
    /// How often each API was called to collect the account, without retries. Empty if the facts
    /// were not collected from AWS.
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

/// A finding that was open when it was last checked.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OpenFinding {
    /// The oldest id of the finding's rule.
    pub rule: String,
    /// The severity then.
    pub severity: Severity,
    /// What was wrong.
    pub message: String,
    /// The resource.
    pub resource: Resource,
    /// Identifies the finding across runs: 32 hexadecimal digits.
    pub fingerprint: String,
    /// When the finding was last checked, in RFC 3339 format; `null` if unknown.
    pub checked_at: Option<String>,
    /// Whether the finding failed then; `false` if an earlier version of rolecall opened a code
    /// scanning alert because the resource could not be checked.
    pub failed: bool,
    /// Where code declared the cause then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

impl From<&report::OpenFinding> for OpenFinding {
    fn from(open: &report::OpenFinding) -> Self {
        Self {
            rule: open.rule.clone(),
            severity: open.severity,
            message: open.message.clone(),
            resource: Resource::from(&open.resource),
            fingerprint: open.fingerprint.to_string(),
            checked_at: open.checked_at.clone(),
            failed: open.failed,
            source: open.source.as_deref().map(Place::from),
        }
    }
}

/// A finding of the baseline that is fixed or was not checked again.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangedFinding {
    /// The finding as it was then.
    #[serde(flatten)]
    pub finding: OpenFinding,
    /// Why it is fixed or was not checked again.
    pub reason: Option<Reason>,
}

impl ChangedFinding {
    pub(super) fn new(open: &report::OpenFinding, changes: &report::Changes) -> Self {
        let reason = changes.reasons.get(&open.fingerprint).copied();
        Self { finding: OpenFinding::from(open), reason }
    }
}

/// An open code scanning alert of a group of resources.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OpenGroup {
    /// The alert; its resource is the group.
    #[serde(flatten)]
    pub alert: OpenFinding,
    /// How many members of the group failed when they were last checked.
    pub failures: usize,
    /// Fingerprints of the findings that have no alert but this one: failures, and what could not be
    /// checked.
    pub members: BTreeSet<String>,
}

impl From<&report::OpenGroup> for OpenGroup {
    fn from(group: &report::OpenGroup) -> Self {
        Self {
            alert: OpenFinding::from(&group.alert),
            failures: group.failures,
            members: group.members.iter().map(ToString::to_string).collect(),
        }
    }
}

/// Resources that were never checked with some rules.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NeverChecked {
    /// Where they are.
    #[serde(flatten)]
    pub part: Part,
    /// The oldest ids of the rules.
    pub rules: BTreeSet<String>,
}

/// A part of an account.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Part {
    /// The entire account.
    Account,
    /// Regional resources in all regions other than these.
    OtherRegions {
        /// The regions.
        scanned: BTreeSet<String>,
    },
    /// A resource type in a region.
    List {
        /// The resource type.
        kind: String,
        /// The region; `global` for a list that covers every region.
        region: String,
    },
    /// One resource.
    Resource {
        /// The resource.
        resource: Resource,
    },
}

impl From<&report::NeverChecked> for NeverChecked {
    fn from(never: &report::NeverChecked) -> Self {
        let part = match &never.part {
            report::Part::Account => Part::Account,
            report::Part::OtherRegions(scanned) => {
                Part::OtherRegions { scanned: scanned.iter().map(ToString::to_string).collect() }
            }
            report::Part::List(kind, region) => {
                Part::List { kind: kind.clone(), region: region.to_string() }
            }
            report::Part::Resource(resource) => {
                Part::Resource { resource: Resource::from(resource) }
            }
        };
        Self { part, rules: never.rules.clone() }
    }
}

/// A category of code scanning of which less is uploaded than what was found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Category {
    /// The category's region, if each region has a separate category; otherwise `null`.
    pub region: Option<String>,
    /// Why nothing is uploaded for the category, so that all its alerts stay unchanged; `null` if
    /// the category is uploaded.
    pub withheld: Option<String>,
    /// Fingerprints of failures and groups that exceed the number of results that GitHub stores, and
    /// of new failures whose place in code could not be read.
    pub not_written: BTreeSet<String>,
}

impl Category {
    /// The category, if anything is missing from it.
    pub fn new(category: &report::Category) -> Option<Self> {
        let mut not_written = category.not_written.iter().chain(&category.unplaced).peekable();
        let complete = category.withheld.is_none() && not_written.peek().is_none();
        (!complete).then(|| Self {
            region: category.region.as_ref().map(ToString::to_string),
            withheld: category.withheld.clone(),
            not_written: not_written.map(ToString::to_string).collect(),
        })
    }
}

/// An account of the baseline that is not part of this run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AbsentAccount {
    /// The account's id: twelve digits.
    pub account: String,
    /// The account's name in the baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The account's partition.
    pub partition: String,
    /// Findings that were open when they were last checked.
    pub carried: Vec<OpenFinding>,
    /// Open code scanning alerts of groups of resources.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open_groups: Vec<OpenGroup>,
    /// What no report has ever checked.
    pub never_checked: Vec<NeverChecked>,
}

impl From<&report::AbsentAccount> for AbsentAccount {
    fn from(absent: &report::AbsentAccount) -> Self {
        Self {
            account: absent.account.to_string(),
            name: absent.name.clone(),
            partition: absent.partition.to_string(),
            carried: absent.carried.iter().map(OpenFinding::from).collect(),
            open_groups: absent.groups.iter().map(OpenGroup::from).collect(),
            never_checked: absent.never_checked.iter().map(NeverChecked::from).collect(),
        }
    }
}

/// Why something could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Cause {
    /// The API call, for example `s3:GetBucketPolicy`.
    pub call: String,
    /// The error code.
    pub code: String,
    /// The error message; may be empty.
    pub message: String,
    /// The kind of policy that denied the call, if the error message names it.
    pub denied_by: Option<DeniedBy>,
    /// The IAM action that is required, if the call was denied. For S3, its name often differs from
    /// the call's.
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
    /// The region; `global` for account-wide data.
    pub region: String,
    /// The cause.
    #[serde(flatten)]
    pub cause: Cause,
    /// What is unknown because of it.
    pub unknown: Extent,
    /// The reason for accepting the gap, from the config; `null` if it is not accepted.
    pub accepted: Option<String>,
}

/// What is unknown because of a gap.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Extent {
    /// The whole account.
    Account,
    /// All regions other than those scanned.
    Regions,
    /// Every resource of a type in the region.
    List {
        /// The resource type.
        kind: String,
    },
    /// A fact of some resources.
    Facts {
        /// The resource type.
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
    /// The resource's type, for example `s3.bucket`.
    pub kind: String,
    /// The resource's id; `null` if the resources of this type and region are not known.
    pub id: Option<String>,
    /// The resource's ARN.
    pub arn: Option<String>,
    /// The resource's name, if it has one in addition to its id.
    pub name: Option<String>,
    /// The resource's region, or `global`.
    pub region: String,
}

impl From<&model::ResourceRef> for Resource {
    fn from(resource: &model::ResourceRef) -> Self {
        Self {
            kind: resource.kind.to_string(),
            id: resource.id.as_deref().map(str::to_owned),
            arn: resource.arn.as_deref().map(str::to_owned),
            name: resource.name.as_deref().map(str::to_owned),
            region: resource.region.to_string(),
        }
    }
}

/// The result of one rule on one resource.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// The rule's severity, as configured.
    pub severity: Severity,
    /// The verdict.
    pub verdict: Verdict,
    /// What is wrong, why the resource was skipped, or what could not be read. Empty for a pass.
    pub message: String,
    /// The offending values: strings or small objects.
    pub evidence: Vec<Value>,
    /// The resource.
    pub resource: Resource,
    /// For `unknown`: what could not be read.
    pub causes: Vec<Cause>,
    /// For `unknown`: the reason for accepting this gap, from the config; `null` if it is not
    /// accepted.
    pub accepted: Option<String>,
    /// The waiver that covers a `fail`, or an `unknown` that the rule itself returned. It does not
    /// change the verdict; `null` if there is none.
    pub waived: Option<Waived>,
    /// The waiver that covered the finding in the baseline and no longer does: it expired, was
    /// removed or changed, or no longer applies. Without a baseline: the last waiver that expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_waiver: Option<Waived>,
    /// Identifies the finding across runs: 32 hexadecimal digits.
    pub fingerprint: String,
    /// How the finding relates to the baseline; `null` without a baseline, and if the finding
    /// failed neither then nor now.
    pub state: Option<State>,
    /// For new findings: why they are new, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// With the reason `skipped_before`: why the rule did not apply in the baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped_because: Option<String>,
    /// Where code declares the cause, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

impl Finding {
    pub(super) fn new(finding: &model::Finding, report: &report::AccountReport) -> Self {
        let is_new = finding.state == Some(State::New);
        let changes = report.changes.as_ref().filter(|_| is_new);
        let reason = changes.and_then(|changes| changes.reasons.get(&finding.fingerprint));
        Self {
            rule: finding.rule.to_string(),
            severity: finding.severity,
            verdict: finding.verdict,
            message: finding.message.to_string(),
            evidence: finding.evidence.to_vec(),
            resource: Resource::from(&*finding.resource),
            causes: finding.causes.iter().map(Cause::from).collect(),
            accepted: finding.accepted.as_deref().map(str::to_owned),
            waived: finding.waived.as_deref().map(Waived::from),
            ended_waiver: report.ended_waiver(finding).map(Waived::from),
            fingerprint: finding.fingerprint.to_string(),
            state: finding.state,
            reason: reason.copied(),
            skipped_because: changes
                .and_then(|changes| changes.skip_messages.get(&finding.fingerprint))
                .map(|message| message.to_string()),
            source: finding.place().map(Place::from),
        }
    }
}

/// A waiver: a problem that somebody accepts for a limited time.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Waived {
    /// Why the problem is accepted.
    pub reason: String,
    /// Who accepts the problem.
    pub owner: String,
    /// The last day on which the waiver applies, for example `2026-12-31`. It is compared with the
    /// day in UTC on which the account was collected.
    pub expires: String,
    /// A ticket about the problem.
    pub ticket: Option<String>,
    /// The file that contains the waiver.
    pub file: String,
    /// The 1-based line in that file.
    pub line: usize,
}

impl From<&model::Waived> for Waived {
    fn from(waived: &model::Waived) -> Self {
        Self {
            reason: waived.reason.clone(),
            owner: waived.owner.clone(),
            expires: waived.expires.to_string(),
            ticket: waived.ticket.clone(),
            file: waived.file.clone(),
            line: waived.line,
        }
    }
}

/// Number of waived findings per verdict.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct WaivedFindings {
    /// Waived failures.
    pub fail: usize,
    /// Waived `unknown` findings.
    pub unknown: usize,
}

/// A waiver that expired, or that matches nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StaleWaiver {
    /// What is wrong with the waiver.
    pub problem: WaiverProblem,
    /// The findings that the waiver selects.
    pub covers: String,
    /// The number of findings that the waiver no longer waives.
    pub findings: usize,
    /// The waiver.
    #[serde(flatten)]
    pub waiver: Waived,
}

/// A waiver that may be about findings that could not be checked, and that waived nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnreadWaiver {
    /// The findings that the waiver selects.
    pub covers: String,
    /// The waiver.
    #[serde(flatten)]
    pub waiver: Waived,
}

/// What is wrong with a waiver.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaiverProblem {
    /// It expired before an account was collected.
    Expired,
    /// No finding that could be waived matches it.
    Unmatched,
}

/// Number of findings per verdict, including zeros.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Verdicts {
    /// Resources that comply with the rule.
    pub pass: usize,
    /// Resources that violate the rule.
    pub fail: usize,
    /// Resources that the rule does not apply to.
    pub skip: usize,
    /// Resources that could not be evaluated.
    pub unknown: usize,
    /// Resources for which the rule raised an error.
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

/// Number of failures per severity, including zeros.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the fields are named after the severities")]
pub struct Severities {
    pub critical: usize,
    pub high: usize,
    pub medium: usize,
    pub low: usize,
    pub info: usize,
}

impl From<&BTreeMap<Severity, usize>> for Severities {
    fn from(failures: &BTreeMap<Severity, usize>) -> Self {
        let of = |severity| failures.get(&severity).copied().unwrap_or(0);
        Self {
            critical: of(Severity::Critical),
            high: of(Severity::High),
            medium: of(Severity::Medium),
            low: of(Severity::Low),
            info: of(Severity::Info),
        }
    }
}

/// Number of findings per state.
#[derive(Debug, Serialize, JsonSchema)]
pub struct States {
    /// Findings that fail now but did not fail in the baseline, per severity.
    pub new: Severities,
    /// Of the new ones, those that were waived in the baseline.
    pub waiver_ended: usize,
    /// Findings that fail now and also failed in the baseline.
    pub unchanged: usize,
    /// Findings that failed in the baseline; now the resource passes, is skipped or no longer exists.
    pub fixed: usize,
    /// Of the fixed ones, those whose resource no longer exists.
    pub gone: usize,
    /// Findings that failed in the baseline and were not checked now, in accounts of this run.
    pub unknown_now: usize,
    /// Of these, the ones that were waived in the baseline.
    pub unknown_now_waived: usize,
    /// Findings that failed in the baseline, in accounts that are not part of this run.
    pub not_scanned: usize,
}

impl From<&report::StateCounts> for States {
    fn from(states: &report::StateCounts) -> Self {
        Self {
            new: Severities::from(&states.new),
            waiver_ended: states.waiver_ended,
            unchanged: states.unchanged,
            fixed: states.fixed,
            gone: states.gone,
            unknown_now: states.unknown_now,
            unknown_now_waived: states.unknown_now_waived,
            not_scanned: states.not_scanned,
        }
    }
}

/// An accepted gap in the config that matches nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StaleGap {
    /// The patterns of the accepted gap.
    pub covers: String,
    /// Why it was accepted.
    pub reason: String,
}

/// Totals over all accounts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Summary {
    /// Accounts in the report.
    pub accounts: usize,
    /// Of those, accounts that could not be accessed.
    pub accounts_not_entered: usize,
    /// Of those, accounts that were only partially read.
    pub accounts_incomplete: usize,
    /// Resources evaluated by at least one rule.
    pub resources: usize,
    /// Findings per verdict.
    pub verdicts: Verdicts,
    /// Failures per severity, without those that are waived.
    pub failures: Severities,
    /// Waived findings. They are included in `verdicts`, but not in `failures`.
    pub waived: WaivedFindings,
    /// Findings per state; `null` without a baseline.
    pub states: Option<States>,
    /// Failures by what is known about their code; only if the run has sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sources: Option<Sources>,
    /// Gaps that are not accepted.
    pub gaps: usize,
    /// Gaps that the config accepts.
    pub accepted_gaps: usize,
    /// Findings per rule and verdict.
    pub rules: BTreeMap<String, Verdicts>,
    /// Gaps per kind of policy that denied the call.
    pub denied_by: BTreeMap<DeniedBy, usize>,
    /// How often each API was called for these accounts.
    pub calls_by_api: BTreeMap<String, u64>,
    /// What the collection took. Only the reports of the run that collected the accounts have it: it
    /// differs from run to run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection: Option<Collection>,
    /// Accepted gaps in the config that match nothing.
    pub stale_accepted_gaps: Vec<StaleGap>,
    /// Waivers that expired, or that match nothing.
    pub stale_waivers: Vec<StaleWaiver>,
    /// Waivers that may be about findings that could not be checked, and that waived nothing.
    pub unread_waivers: Vec<UnreadWaiver>,
    /// Whether there are gaps that are not accepted, or a rule raised an error.
    pub incomplete: bool,
}

impl From<&report::Summary> for Summary {
    fn from(summary: &report::Summary) -> Self {
        Self {
            accounts: summary.accounts,
            accounts_not_entered: summary.accounts_not_entered,
            accounts_incomplete: summary.accounts_incomplete,
            resources: summary.resources,
            verdicts: Verdicts::from(&summary.verdicts),
            failures: Severities::from(&summary.failures),
            waived: WaivedFindings {
                fail: summary.waived(Verdict::Fail),
                unknown: summary.waived(Verdict::Unknown),
            },
            states: summary.states.as_ref().map(States::from),
            sources: summary.sources.as_ref().map(Sources::from),
            gaps: summary.gaps,
            accepted_gaps: summary.accepted_gaps,
            rules: summary
                .rules
                .iter()
                .map(|(rule, numbers)| (rule.clone(), Verdicts::from(numbers)))
                .collect(),
            denied_by: summary.denied_by.clone(),
            calls_by_api: summary.calls_by_api.clone(),
            collection: summary.collection.as_ref().map(Collection::from),
            stale_accepted_gaps: summary
                .stale_accepted_gaps
                .iter()
                .map(|gap| StaleGap { covers: gap.covers.clone(), reason: gap.reason.clone() })
                .collect(),
            stale_waivers: summary
                .stale_waivers
                .iter()
                .map(|stale| StaleWaiver {
                    problem: match stale.expired {
                        true => WaiverProblem::Expired,
                        false => WaiverProblem::Unmatched,
                    },
                    covers: stale.covers.clone(),
                    findings: stale.findings,
                    waiver: Waived::from(&stale.terms),
                })
                .collect(),
            unread_waivers: summary
                .unread_waivers
                .iter()
                .map(|unread| UnreadWaiver {
                    covers: unread.covers.clone(),
                    waiver: Waived::from(&unread.terms),
                })
                .collect(),
            incomplete: summary.incomplete,
        }
    }
}
