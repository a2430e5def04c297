//! What outputs see of one account.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts;
use crate::model::{AccountId, Cause, Extent, Finding, Gap, Partition, Region, Verdict};

/// The IAM action that a denied call lacks, for people who have to allow it; `None` for another
/// cause, or a call that this version does not make.
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
