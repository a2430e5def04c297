//! Code scanning alerts that a run must not close: findings that were open in an earlier report and
//! were not checked again, and parts of an account of which nobody knows whether alerts are open.

use std::collections::BTreeSet;

use crate::facts::{self, Scope};
use crate::model::{
    AccountId, Finding, Fingerprint, Partition, Place, Region, ResourceRef, Severity,
};

/// A part of an account that a run could not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The entire account.
    Account,
    /// Regional resources in all regions other than these.
    OtherRegions(BTreeSet<Region>),
    /// A resource type in a region; `global` means a list that covers every region.
    List(String, Region),
    /// One resource.
    Resource(ResourceRef),
}

impl Part {
    /// Whether a resource type is listed region by region.
    pub fn is_regional(kind: &str) -> bool {
        facts::kind(kind).is_none_or(|kind| kind.scope == Scope::Regional)
    }

    /// Whether a resource belongs to it.
    pub fn holds(&self, resource: &ResourceRef) -> bool {
        match self {
            Self::Account => true,
            // Types that are listed once for all regions were read.
            Self::OtherRegions(scanned) => {
                Self::is_regional(&resource.kind)
                    && !resource.region.is_global()
                    && !scanned.contains(&resource.region)
            }
            Self::List(kind, region) => {
                resource.kind == *kind && (region.is_global() || resource.region == *region)
            }
            Self::Resource(other) => same(other, resource),
        }
    }

    /// Whether it can contain resources of a type.
    pub fn concerns(&self, kind: &str) -> bool {
        match self {
            Self::Account => true,
            Self::OtherRegions(_) => Self::is_regional(kind),
            Self::List(listed, _) => listed == kind,
            Self::Resource(resource) => resource.kind == kind,
        }
    }

    /// What two parts have in common, or a little more: never less.
    pub fn common(&self, other: &Self) -> Option<Self> {
        use Part::{Account, List, OtherRegions, Resource};
        match (self, other) {
            (Account, part) | (part, Account) => Some(part.clone()),
            (Resource(resource), part) | (part, Resource(resource)) => {
                part.holds(resource).then(|| Resource(resource.clone()))
            }
            (List(kind, here), List(other, there)) => {
                let region = match (here.is_global(), there.is_global()) {
                    (true, _) => there,
                    (false, true) => here,
                    (false, false) if here == there => here,
                    (false, false) => return None,
                };
                (kind == other).then(|| List(kind.clone(), region.clone()))
            }
            (OtherRegions(scanned), List(kind, region))
            | (List(kind, region), OtherRegions(scanned)) => (Self::is_regional(kind)
                && !scanned.contains(region))
            .then(|| List(kind.clone(), region.clone())),
            (OtherRegions(here), OtherRegions(there)) => {
                Some(OtherRegions(here.union(there).cloned().collect()))
            }
        }
    }

    /// Whether alerts of the resources in a region can be affected.
    pub fn touches(&self, region: &Region) -> bool {
        match self {
            Self::Account => true,
            Self::OtherRegions(scanned) => !region.is_global() && !scanned.contains(region),
            Self::List(_, place) => place.is_global() || place == region,
            Self::Resource(resource) => resource.region == *region,
        }
    }
}

fn same(a: &ResourceRef, b: &ResourceRef) -> bool {
    (&a.kind, &a.region, &a.id) == (&b.kind, &b.region, &b.id)
}

/// A finding that was open when it was last checked.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenFinding {
    /// The oldest id of its rule.
    pub rule: String,
    /// The severity then.
    pub severity: Severity,
    /// What was wrong, as one printable line.
    pub message: String,
    /// The resource.
    pub resource: ResourceRef,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// When it was last checked, in RFC 3339 format, if known.
    pub checked_at: Option<String>,
    /// Whether it failed then. An earlier version also opened alerts for what it could not check.
    pub failed: bool,
    /// Whether a waiver applied to it then, so that it has no alert.
    pub waived: bool,
    /// Where code declared the cause then.
    pub source: Option<Box<Place>>,
}

/// The alert of a group of resources, which is open as long as one of them fails.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenGroup {
    /// The alert. Its resource is the group.
    pub alert: OpenFinding,
    /// How many members failed when they were last checked.
    pub failures: usize,
    /// Fingerprints of findings that have no alert but this one: failures, and what could not be
    /// checked.
    pub members: BTreeSet<Fingerprint>,
    /// Positions of the failures among the findings of this run. If there are none, the alert stays
    /// open because something was not checked.
    pub failing: Vec<usize>,
}

/// Resources that were never checked with some rules, so that alerts may be open for them that no
/// report lists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NeverChecked {
    /// Where they are.
    pub part: Part,
    /// The oldest ids of the rules.
    pub rules: BTreeSet<String>,
}

/// How many results of a run GitHub stores, the most severe first.
pub const STORED_RESULTS: usize = 5_000;

/// What a run must remember about the alerts of an account.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Alerts {
    /// Findings of earlier reports that this run did not check, sorted by resource and rule.
    pub carried: Vec<OpenFinding>,
    /// Alerts of groups that are open after this run, sorted by group and rule.
    pub groups: Vec<OpenGroup>,
    /// What no report has ever checked.
    pub never_checked: Vec<NeverChecked>,
    /// Its categories of code scanning.
    pub categories: Vec<Category>,
    /// Fingerprints of findings and groups whose alerts were open before this run.
    pub open_before: BTreeSet<Fingerprint>,
}

/// A category of code scanning, and what is uploaded of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Category {
    /// Its region, if each region has a category of its own.
    pub region: Option<Region>,
    /// Why nothing is uploaded, so that all its alerts stay as they are.
    pub withheld: Option<String>,
    /// Failures and groups that exceed the number of results that GitHub stores.
    pub not_written: BTreeSet<Fingerprint>,
    /// New failures whose place in code is not known now, and will be: their alerts would move.
    pub unplaced: BTreeSet<Fingerprint>,
}

impl Alerts {
    /// Findings that have no alert of their own, because their group has one.
    pub fn grouped(&self) -> BTreeSet<&Fingerprint> {
        self.groups.iter().flat_map(|group| &group.members).collect()
    }
}

impl Alerts {
    /// Leaves new failures out of the categories: their place in code could not be read, and a result
    /// at another place would become another alert later.
    pub fn leave_out(&mut self, unplaced: &BTreeSet<Fingerprint>, findings: &[Finding]) {
        let grouped: BTreeSet<Fingerprint> = self.grouped().into_iter().cloned().collect();
        for finding in findings.iter().filter(|finding| unplaced.contains(&finding.fingerprint)) {
            let region = &finding.resource.region;
            let mut here = self.categories.iter_mut().filter(|category| {
                category.region.as_ref().is_none_or(|wanted| wanted == region)
                    && !category.not_written.contains(&finding.fingerprint)
            });
            if let Some(category) = here.next().filter(|_| !grouped.contains(&finding.fingerprint))
            {
                category.unplaced.insert(finding.fingerprint);
            }
        }
    }

    /// Uploads nothing: it is not known which alerts are open, and where.
    pub fn withhold(&mut self, why: &str) {
        for category in &mut self.categories {
            category.withheld.get_or_insert_with(|| why.to_owned());
        }
    }
}

/// An account of an earlier report that is not part of this run.
#[derive(Debug, Clone, PartialEq)]
pub struct AbsentAccount {
    /// Its id.
    pub account: AccountId,
    /// Its name in that report.
    pub name: Option<String>,
    /// Its partition.
    pub partition: Partition,
    /// Findings that were open when they were last checked.
    pub carried: Vec<OpenFinding>,
    /// Alerts of groups that are open.
    pub groups: Vec<OpenGroup>,
    /// What no report has ever checked.
    pub never_checked: Vec<NeverChecked>,
}
