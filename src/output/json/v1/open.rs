//! Alerts of earlier runs that this run leaves open, and what changed since the baseline.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::account::Resource;
use super::place::Place;
use crate::model::Severity;
use crate::report::{self, Reason};

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
    pub(in crate::output::json) fn new(
        open: &report::OpenFinding,
        changes: &report::Changes,
    ) -> Self {
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
