//! The report of one account, as outputs receive it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::alerts::{Alerts, OpenFinding};
use super::changes::Changes;
use crate::facts;
use crate::model::{
    AccountId, Cause, Finding, Fingerprint, Gap, Partition, Region, State, Verdict, Waived,
};

/// The missing IAM action of a denied call; `None` for other causes, or for a call that this
/// version does not make.
pub fn missing_action(cause: &Cause) -> Option<&'static str> {
    facts::action(&cause.call).filter(|_| cause.is_denial())
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
    /// Its labels from the config.
    pub labels: BTreeMap<String, String>,
    /// When it was collected, in RFC 3339 format; `None` if the snapshot does not have the account.
    pub collected_at: Option<String>,
    /// Whether it could be accessed.
    pub entered: bool,
    /// The regions scanned.
    pub regions: BTreeSet<Region>,
    /// How often each API was called to collect it, without retries. Empty if AWS was not called.
    pub calls_by_api: BTreeMap<String, u64>,
    /// One per rule and resource, sorted by region, kind, resource and rule.
    pub findings: Vec<Finding>,
    /// Gaps in what the selected rules need, sorted.
    pub gaps: Vec<ReportedGap>,
    /// What is known about its code scanning alerts.
    pub alerts: Alerts,
    /// What changed since the baseline; `None` without a baseline.
    pub changes: Option<Changes>,
}

/// A gap, and whether the config accepts it.
#[derive(Debug, Clone)]
pub struct ReportedGap {
    /// The gap.
    pub gap: Gap,
    /// The reason for accepting it, if it is accepted.
    pub accepted: Option<String>,
}

impl AccountReport {
    /// Its name, or its id.
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(self.account.as_str())
    }

    /// Failures of the baseline that are not among the findings of this run: fixed, because their
    /// resource no longer exists or the rule no longer applies, or not checked again.
    pub fn earlier(&self) -> Vec<(&OpenFinding, State)> {
        let Some(changes) = &self.changes else { return Vec::new() };
        let written: BTreeSet<&Fingerprint> =
            self.findings.iter().map(|finding| &finding.fingerprint).collect();
        let fixed = changes.fixed.iter().map(|open| (open, State::Fixed));
        let unknown_now = changes.unknown_now.iter().map(|open| (open, State::UnknownNow));
        fixed.chain(unknown_now).filter(|(open, _)| !written.contains(&open.fingerprint)).collect()
    }

    /// The waiver that no longer covers a finding: with a baseline, that of the baseline if this is
    /// why the finding is new, and otherwise the last one that expired.
    pub fn ended_waiver<'a>(&'a self, finding: &'a Finding) -> Option<&'a Waived> {
        let expired = finding.expired_waivers.first();
        match &self.changes {
            None => expired,
            Some(changes) if !changes.waiver_ended(&finding.fingerprint) => None,
            Some(changes) => {
                changes.ended_waivers.get(&finding.fingerprint).map(Arc::as_ref).or(expired)
            }
        }
    }

    /// The waivers that do not cover a finding any more: those that expired, though it may never
    /// have been waived, or else that of the baseline.
    pub fn ended_waivers<'a>(&'a self, finding: &'a Finding) -> &'a [Waived] {
        let earlier =
            || self.changes.as_ref().and_then(|one| one.ended_waivers.get(&finding.fingerprint));
        match &*finding.expired_waivers {
            [] => earlier().map(|terms| std::slice::from_ref(&**terms)).unwrap_or_default(),
            expired => expired,
        }
    }

    /// Whether there are gaps in what the selected rules need that are not accepted, or a rule
    /// raised an error.
    pub fn incomplete(&self) -> bool {
        self.gaps.iter().any(|gap| gap.accepted.is_none())
            || self.findings.iter().any(|finding| match finding.verdict {
                Verdict::Unknown => finding.accepted.is_none() && finding.waived.is_none(),
                Verdict::Error => true,
                _ => false,
            })
    }
}

/// An accepted gap in the config that matches nothing in this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleGap {
    /// Its patterns: `account 1111*, region *, call ec2:*`.
    pub covers: String,
    /// Its reason.
    pub reason: String,
}
