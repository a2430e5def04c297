//! Which findings of a plan pass now: the report of `verify`, as text and as JSON.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::plan::Item;
use crate::evaluate::Evaluation;
use crate::model::text::one_line;
use crate::model::{AccountId, Finding, Fingerprint, Region, Verdict, counted};
use crate::report::AccountReport;

/// The version of the JSON report.
const VERSION: u32 = 1;

/// The report of `rolecall remediate verify`, version 1. Within this version, fields and enum values can
/// be added; none is removed or changes its meaning.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "rolecall remediate verify, version 1")]
pub struct VerifyReport {
    /// The version of the format: 1.
    pub version: u32,
    /// The version of rolecall.
    pub tool: String,
    /// The hash of the plan: `sha256:…`.
    pub plan: String,
    /// Whether the plan was made for other rules, so that a pass may mean something else. `null` for the
    /// journal of an earlier version, which does not contain them.
    pub other_rules: Option<bool>,
    /// Whether the plan was made with other settings, such as `[trust]`, so that a pass may mean
    /// something else. `null` as above.
    pub other_settings: Option<bool>,
    /// The findings that the plan settles, sorted by rule and fingerprint.
    pub findings: Vec<VerifiedFinding>,
}

/// A finding, as it is now.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct VerifiedFinding {
    /// The rule.
    pub rule: String,
    /// The fingerprint.
    pub fingerprint: String,
    /// The account.
    pub account: String,
    /// The region, or `global`.
    pub region: String,
    /// The id of the resource.
    pub resource: String,
    /// What became of it.
    pub status: VerifiedStatus,
    /// The message of the rule, or why its status is unknown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The ids of the items that settle it.
    pub items: Vec<String>,
}

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerifiedStatus {
    /// The rule passes.
    Passes,
    /// The rule does not apply to the resource any more.
    Skipped,
    /// The resource no longer exists.
    Gone,
    /// The rule still fails.
    Fails,
    /// Something could not be read, or the rule is not selected.
    CannotTell,
}

impl VerifiedStatus {
    /// `1 passes`, `2 pass`, …
    fn counted(self, count: usize) -> String {
        let plural = match self {
            Self::Passes if count != 1 => "pass",
            Self::Fails if count != 1 => "fail",
            Self::CannotTell => "could not be checked",
            one => one.as_str(),
        };
        format!("{count} {plural}")
    }

    /// `passes`, `cannot tell`, …
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Skipped => "skipped",
            Self::Gone => "gone",
            Self::Fails => "fails",
            Self::CannotTell => "cannot tell",
        }
    }
}

/// Whether a plan was made for other rules, and with other settings; `None`: not known.
pub type Differences = (Option<bool>, Option<bool>);

impl VerifyReport {
    /// What the reports of accounts say about the findings of a plan.
    pub fn new(
        plan: &str,
        (other_rules, other_settings): Differences,
        items: &[Item],
        evaluation: &Evaluation,
        reports: &BTreeMap<AccountId, AccountReport>,
    ) -> Self {
        let mut findings: BTreeMap<(&str, Fingerprint), Vec<&Item>> = BTreeMap::new();
        for item in items {
            for finding in &item.findings {
                let key = (finding.rule.as_str(), finding.fingerprint);
                findings.entry(key).or_default().push(item);
            }
        }
        let verified = findings.into_iter().filter_map(|((rule, fingerprint), of)| {
            let item = *of.first()?;
            let is_selected = evaluation.rules.iter().any(|selected| selected.rule.id == rule);
            let report = reports.get(&item.account).filter(|report| report.entered);
            let is_it = |one: &&Finding| &*one.rule == rule && one.fingerprint == fingerprint;
            let found = report.and_then(|report| report.findings.iter().find(is_it));
            let (status, reason) = match is_selected {
                true => now(report, found, evaluation, item),
                false => (VerifiedStatus::CannotTell, "the rule is not selected".to_owned()),
            };
            // An item can settle findings of other resources, in other regions.
            let place = found.map(|finding| &finding.resource);
            let region = place.map_or(&item.region, |place| &place.region);
            let resource = place.and_then(|place| place.id.as_deref()).unwrap_or(&item.resource.id);
            Some(VerifiedFinding {
                rule: rule.to_owned(),
                fingerprint: fingerprint.to_string(),
                account: item.account.to_string(),
                region: region.to_string(),
                resource: resource.to_owned(),
                status,
                reason,
                items: of.iter().map(|item| item.id.clone()).collect(),
            })
        });
        Self {
            version: VERSION,
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            plan: plan.to_owned(),
            other_rules,
            other_settings,
            findings: verified.collect(),
        }
    }

    /// Whether a pass may mean something else than in the plan.
    pub fn differs(&self) -> bool {
        [self.other_rules, self.other_settings].contains(&Some(true))
    }

    /// Whether a finding has this status.
    pub fn has(&self, status: VerifiedStatus) -> bool {
        self.findings.iter().any(|finding| finding.status == status)
    }

    /// The report for people.
    pub fn text(&self) -> String {
        let mut counts: BTreeMap<VerifiedStatus, usize> = BTreeMap::new();
        let mut text = String::new();
        for finding in &self.findings {
            *counts.entry(finding.status).or_default() += 1;
            let resource = one_line(&finding.resource, 200);
            let status = finding.status.as_str();
            text.push_str(&format!(
                "{status}: {} {resource} in {}",
                one_line(&finding.rule, 100),
                finding.account
            ));
            if !finding.reason.is_empty() && finding.status != VerifiedStatus::Passes {
                text.push_str(&format!(" ({})", one_line(&finding.reason, 300)));
            }
            text.push('\n');
        }
        let parts: Vec<String> =
            counts.iter().map(|(status, count)| status.counted(*count)).collect();
        let others = [("other rules", self.other_rules), ("other settings", self.other_settings)];
        for (what, _) in others.iter().filter(|(_, differs)| *differs == Some(true)) {
            text.push_str(&format!(
                "the plan was made for {what}, so a pass may mean something else: use the same --rule, --account, --region and --config as for `plan`, or plan again\n"
            ));
        }
        let total = counted(self.findings.len(), "finding");
        text.push_str(&format!("{total}: {}\n", parts.join(", ")));
        text
    }
}

/// What the report of an account says about a finding of an item, and why. `found`: the finding in it.
fn now(
    report: Option<&AccountReport>,
    found: Option<&Finding>,
    evaluation: &Evaluation,
    item: &Item,
) -> (VerifiedStatus, String) {
    let region = &item.region;
    let cannot_tell = |reason: String| (VerifiedStatus::CannotTell, reason);
    let Some(report) = report else {
        return cannot_tell("the account could not be entered".to_owned());
    };
    match found {
        Some(finding) => {
            let status = match finding.verdict {
                Verdict::Pass => VerifiedStatus::Passes,
                Verdict::Skip => VerifiedStatus::Skipped,
                Verdict::Fail => VerifiedStatus::Fails,
                Verdict::Unknown | Verdict::Error => VerifiedStatus::CannotTell,
            };
            (status, finding.message.to_string())
        }
        None if !was_scanned(report, evaluation, region) => {
            cannot_tell(format!("region {region} was not scanned"))
        }
        // An item for a whole account settles findings in all regions.
        None if region.is_global() && evaluation.regions.is_some() => {
            cannot_tell("not all regions were scanned".to_owned())
        }
        // A list that failed hides its resources, also if the config accepts that.
        None if !report.gaps.is_empty() || report.incomplete() => {
            cannot_tell("something in the account could not be read".to_owned())
        }
        None if report.findings.iter().any(|one| is_of(one, item)) => cannot_tell(
            "the rule no longer evaluates it, or its resource no longer exists".to_owned(),
        ),
        None => (
            VerifiedStatus::Gone,
            "the resource no longer exists, or no selected rule evaluates it".to_owned(),
        ),
    }
}

/// Whether a finding is about the resource of an item.
fn is_of(finding: &Finding, item: &Item) -> bool {
    let resource = &finding.resource;
    resource.region == item.region
        && resource.kind == item.resource.kind
        && resource.id.as_deref() == Some(&*item.resource.id)
}

/// Whether resources in a region are in a report.
fn was_scanned(report: &AccountReport, evaluation: &Evaluation, region: &Region) -> bool {
    evaluation.regions.as_ref().is_none_or(|globs| globs.matches(region.as_str()))
        && (region.is_global() || report.regions.is_empty() || report.regions.contains(region))
}
