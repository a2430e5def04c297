//! What became of each item and of each finding of a plan: the report of `apply`, as text and as
//! JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::approve::Approved;
use super::engine::{INTERRUPTED, Results};
use super::job::Fresh;
use super::outcome::{ItemEnd, Outcome};
use crate::model::text::one_line;
use crate::model::{Cause, DeniedBy, Fingerprint, counted};
use crate::remediation::plan::{Item, Settled};

/// The version of the JSON report.
pub const VERSION: u32 = 1;

/// The report of `rolecall remediate apply`, version 1. Within this version, fields and enum values can
/// be added; none is removed or changes its meaning.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "rolecall remediate apply, version 1")]
pub struct ApplyReport {
    /// The version of the format: 1.
    pub version: u32,
    /// The version of rolecall.
    pub tool: String,
    /// The hash of the plan: `sha256:…`.
    pub plan: String,
    /// What is wrong with the journal, if anything. The run began no item after it noticed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What became of each item, in the order of the plan.
    pub items: Vec<ItemReport>,
    /// What became of each finding, sorted by rule and fingerprint.
    pub findings: Vec<FindingReport>,
    /// What the exit code says of the findings of items that an earlier run settled.
    #[serde(skip)]
    doubt: Completion,
}

/// An item.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ItemReport {
    /// Its id.
    pub id: String,
    /// The account.
    pub account: String,
    /// The region, or `global`.
    pub region: String,
    /// The id of the resource.
    pub resource: String,
    /// The name of the action.
    pub action: String,
    /// What became of it.
    pub outcome: ItemOutcome,
    /// Why, if it was not done.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The call that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// AWS's error code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The type of policy that denied it, if AWS names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denied_by: Option<DeniedBy>,
}

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemOutcome {
    /// Changed, and verified.
    Done,
    /// It was so already.
    Already,
    /// Accepted, but not visible in time.
    NotVerified,
    /// Not what the plan was made for; nothing was sent.
    Changed,
    /// A policy denied it.
    Denied,
    /// It failed; nothing was changed.
    Failed,
    /// An earlier run was interrupted before the change; nothing was changed.
    Interrupted,
    /// The state before could not be read; nothing was sent.
    Unread,
    /// Sent, but it is not known whether it was carried out.
    Unknown,
    /// Not begun; the same command can begin it.
    NotBegun,
}

/// A finding that the plan settles.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FindingReport {
    /// The rule.
    pub rule: String,
    /// The fingerprint.
    pub fingerprint: String,
    /// The account.
    pub account: String,
    /// The id of the resource that is changed for it.
    pub resource: String,
    /// What became of it, as far as its items say; the next scan evaluates the rule.
    pub status: FindingStatus,
    /// Why, if it is not fixed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The ids of its items.
    pub items: Vec<String>,
}

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingStatus {
    /// Everything was changed as planned.
    Fixed,
    /// Not everything was changed.
    NotFixed,
    /// The resource was changed by somebody else after the plan was made.
    ChangedMeanwhile,
    /// A policy denied the change.
    Denied,
    /// It is not known whether everything was changed.
    CannotTell,
}

impl FindingStatus {
    /// `fixed`, `not fixed`, …
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::NotFixed => "not fixed",
            Self::ChangedMeanwhile => "changed meanwhile",
            Self::Denied => "denied",
            Self::CannotTell => "cannot tell",
        }
    }

    fn of(end: &ItemEnd) -> Self {
        match end {
            ItemEnd::Ended(outcome) if outcome.is_settled() => Self::Fixed,
            ItemEnd::Ended(outcome) if outcome.is_uncertain() => Self::CannotTell,
            ItemEnd::Ended(Outcome::Changed { .. }) => Self::ChangedMeanwhile,
            ItemEnd::Ended(Outcome::Denied { .. }) => Self::Denied,
            ItemEnd::Ended(_) | ItemEnd::NotBegun(_) => Self::NotFixed,
        }
    }
}

/// What the exit code says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Completion {
    /// Everything is done and verified.
    #[default]
    Complete,
    /// Something is not as planned, which is known.
    Partial,
    /// It is not known whether something was changed.
    Uncertain,
}

impl ApplyReport {
    /// The report of a run.
    pub fn new(approved: &Approved, results: &Results) -> Self {
        let missing = ItemEnd::NotBegun("the run ended early".to_owned());
        let end = |id: &str| results.ends.get(id).unwrap_or(&missing);
        let items = approved.items.iter().map(|item| {
            let mut report = ItemReport::new(item, end(&item.id));
            let is_known = report.outcome == ItemOutcome::Interrupted;
            if results.earlier.contains(&item.id) && !is_known {
                let reason = std::mem::take(&mut report.reason);
                let reason = if reason.is_empty() { reason } else { format!("{reason}; ") };
                report.reason = format!(
                    "{reason}this is the result of an earlier run, and the item is not tried again: plan again"
                );
            }
            report
        });
        Self {
            version: VERSION,
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            plan: approved.hash.clone(),
            error: results.journal_error.as_ref().map(ToString::to_string),
            items: items.collect(),
            findings: findings(approved, &end, &results.doubts),
            doubt: items_with_doubt(approved, results),
        }
    }

    /// What the exit code says. A run whose journal cannot be used is not complete.
    pub fn completion(&self) -> Completion {
        let of = |item: &ItemReport| match item.outcome {
            ItemOutcome::Done | ItemOutcome::Already => Completion::Complete,
            ItemOutcome::NotVerified | ItemOutcome::Unread | ItemOutcome::Unknown => {
                Completion::Uncertain
            }
            _ => Completion::Partial,
        };
        let error = self.error.as_ref().map(|_| Completion::Uncertain);
        self.items.iter().map(of).chain(error).max().unwrap_or_default().max(self.doubt)
    }

    /// The report for people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for item in &self.items {
            // Writing to a string cannot fail.
            let _ = writeln!(
                out,
                "{:<12} {} {} {} in {} ({})",
                item.outcome.as_str(),
                item.id.get(..12).unwrap_or(&item.id),
                item.action,
                one_line(&item.resource, 200),
                item.account,
                item.region,
            );
            if !item.reason.is_empty() {
                let _ = writeln!(out, "             {}", one_line(&item.reason, 500));
            }
        }
        if !self.findings.is_empty() {
            out.push('\n');
        }
        for finding in &self.findings {
            let _ = write!(
                out,
                "{}: {} {} in {}",
                finding.status.as_str(),
                one_line(&finding.rule, 100),
                one_line(&finding.resource, 200),
                finding.account
            );
            // The item says why it was not changed.
            let is_known = self
                .items
                .iter()
                .any(|item| finding.items.contains(&item.id) && item.reason == finding.reason);
            let _ = match finding.reason.as_str() {
                "" => writeln!(out),
                _ if is_known => writeln!(out),
                reason => writeln!(out, " ({})", one_line(reason, 300)),
            };
        }
        let mut counts: BTreeMap<FindingStatus, usize> = BTreeMap::new();
        for finding in &self.findings {
            *counts.entry(finding.status).or_default() += 1;
        }
        let counts: Vec<String> =
            counts.iter().map(|(status, count)| format!("{count} {}", status.as_str())).collect();
        let done = self
            .items
            .iter()
            .filter(|item| matches!(item.outcome, ItemOutcome::Done | ItemOutcome::Already))
            .count();
        let _ = write!(out, "\n{done} of {} done", counted(self.items.len(), "item"));
        let _ = match counts.is_empty() {
            true => writeln!(out, "."),
            false => writeln!(out, "; findings: {}.", counts.join(", ")),
        };
        let is_interrupted =
            |item: &ItemReport| item.outcome == ItemOutcome::NotBegun && item.reason == INTERRUPTED;
        if self.items.iter().any(is_interrupted) {
            out.push_str("The run was interrupted: run the same command again to continue.\n");
        }
        if let Some(error) = &self.error {
            let _ = writeln!(out, "Error: {}", one_line(error, 500));
        }
        out
    }
}

impl ItemOutcome {
    /// `done`, `already so`, `not begun`, …
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Already => "already so",
            Self::NotVerified => "not verified",
            Self::Changed => "changed",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::Unread => "not read",
            Self::Unknown => "unknown",
            Self::NotBegun => "not begun",
        }
    }
}

impl ItemReport {
    fn new(item: &Item, end: &ItemEnd) -> Self {
        let (outcome, reason, cause) = explain(end);
        Self {
            id: item.id.clone(),
            account: item.account.to_string(),
            region: item.region.to_string(),
            resource: item.resource.id.clone(),
            action: item.action.clone(),
            outcome,
            reason,
            call: cause.map(|cause| cause.call.clone()),
            code: cause.map(|cause| cause.code.clone()),
            denied_by: cause.and_then(|cause| cause.denied_by),
        }
    }
}

/// What became of an item, why, and which call failed.
fn explain(end: &ItemEnd) -> (ItemOutcome, String, Option<&Cause>) {
    let failure = |cause: &Cause| match cause.message.as_str() {
        "" => cause.to_string(),
        message => format!("{cause}: {message}"),
    };
    match end {
        ItemEnd::NotBegun(reason) => (ItemOutcome::NotBegun, reason.clone(), None),
        ItemEnd::Ended(outcome) => match outcome {
            Outcome::Done { .. } => (ItemOutcome::Done, String::new(), None),
            Outcome::Already { .. } => (ItemOutcome::Already, String::new(), None),
            Outcome::NotVerified { .. } => (
                ItemOutcome::NotVerified,
                "AWS accepted the change, but it was not visible in time".to_owned(),
                None,
            ),
            Outcome::Changed { difference } => (ItemOutcome::Changed, difference.clone(), None),
            Outcome::Interrupted {} => (
                ItemOutcome::Interrupted,
                "an earlier run was interrupted before the change; plan again".to_owned(),
                None,
            ),
            Outcome::Denied { cause } => (ItemOutcome::Denied, failure(cause), Some(cause)),
            Outcome::Failed { cause } => (ItemOutcome::Failed, failure(cause), Some(cause)),
            Outcome::Unread { cause } => (ItemOutcome::Unread, failure(cause), Some(cause)),
            Outcome::Unknown { cause } => (ItemOutcome::Unknown, failure(cause), Some(cause)),
        },
    }
}

/// What the exit code says of the findings of items that an earlier run settled. What a plan undoes has
/// no findings.
fn items_with_doubt(approved: &Approved, results: &Results) -> Completion {
    let of = |item: &Item| match results.doubts.get(&item.id) {
        Some(Fresh::Unread(_)) if item.findings.iter().any(is_settled) => Completion::Uncertain,
        Some(Fresh::Changed(_)) if item.findings.iter().any(is_settled) => Completion::Partial,
        _ => Completion::Complete,
    };
    approved.items.iter().map(of).max().unwrap_or_default()
}

/// Whether the plan says that a finding no longer fails.
fn is_settled(finding: &Settled) -> bool {
    matches!(finding.after.as_str(), "pass" | "skip")
}

/// What became of each finding of the items that were selected. It is fixed if all of its items in the
/// plan are done, the plan says that the rule passes then, and planning again does not say otherwise.
fn findings<'a>(
    approved: &'a Approved,
    end: &dyn Fn(&str) -> &'a ItemEnd,
    doubts: &BTreeMap<String, Fresh>,
) -> Vec<FindingReport> {
    let mut by_finding: BTreeMap<(&str, Fingerprint), Vec<(&Item, &Settled)>> = BTreeMap::new();
    for item in &approved.plan.items {
        for finding in &item.findings {
            let key = (finding.rule.as_str(), finding.fingerprint);
            by_finding.entry(key).or_default().push((item, finding));
        }
    }
    let selected: BTreeSet<&str> = approved.items.iter().map(|item| item.id.as_str()).collect();
    by_finding.retain(|_, of| of.iter().any(|(item, _)| selected.contains(item.id.as_str())));
    let not_selected = ItemEnd::NotBegun("another item that it needs was not selected".to_owned());
    let end = |id: &str| if selected.contains(id) { end(id) } else { &not_selected };
    let report = |((rule, fingerprint), of): ((&str, Fingerprint), Vec<(&Item, &Settled)>)| {
        let worst = of
            .iter()
            .map(|(item, _)| end(&item.id))
            .max_by_key(|end| FindingStatus::of(end))
            .map_or((FindingStatus::NotFixed, String::new()), |end| {
                (FindingStatus::of(end), explain(end).1)
            });
        let after =
            of.iter().map(|(_, settled)| settled.after.as_str()).find(|after| *after != "pass");
        let doubt = of.iter().find_map(|(item, _)| match doubts.get(&item.id)? {
            Fresh::Changed(difference) => {
                Some((FindingStatus::ChangedMeanwhile, difference.clone()))
            }
            Fresh::Unread(cause) => Some((FindingStatus::CannotTell, cause.to_string())),
            Fresh::Same | Fresh::Settled => None,
        });
        let doubt = doubt.filter(|_| of.iter().all(|(_, settled)| is_settled(settled)));
        let worst = match (worst, doubt) {
            ((FindingStatus::Fixed, _), Some(doubt)) => doubt,
            (worst, _) => worst,
        };
        let (status, reason) = match (worst, after) {
            ((FindingStatus::Fixed, _), Some("skip") | None) => {
                (FindingStatus::Fixed, String::new())
            }
            ((FindingStatus::Fixed, _), Some("fail")) => {
                (FindingStatus::NotFixed, "the rule still fails, as planned".to_owned())
            }
            ((FindingStatus::Fixed, _), Some(_)) => (
                FindingStatus::CannotTell,
                "the plan does not know whether the rule passes; scan again".to_owned(),
            ),
            (worst, _) => worst,
        };
        FindingReport {
            rule: rule.to_owned(),
            fingerprint: fingerprint.to_string(),
            account: of.first().map(|(item, _)| item.account.to_string()).unwrap_or_default(),
            resource: of.first().map(|(item, _)| item.resource.id.clone()).unwrap_or_default(),
            status,
            reason,
            items: of.iter().map(|(item, _)| item.id.clone()).collect(),
        }
    };
    by_finding.into_iter().map(report).collect()
}
