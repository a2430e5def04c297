//! The report of an earlier run: which findings were open, and what was never checked.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::read::{
    BaselineError, ReadAccount, ReadError, ReadExtent, ReadFinding, ReadReport, read,
};
use super::seen::Seen;
use crate::model::text::one_line;
use crate::model::{AccountId, Fingerprint, Partition, Region, ResourceRef, Verdict, Waived};
use crate::report::{AbsentAccount, NeverChecked, OpenFinding, OpenGroup, Part, Reason, Selection};

/// The contents of an earlier report.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    selection: Selection,
    /// When its last account was collected, in RFC 3339 format, if it says so.
    pub collected_at: Option<String>,
    /// Whether accounts that it does not contain never had alerts.
    pub(super) knows_all_accounts: bool,
    /// The oldest ids of its rules.
    pub(super) rules: BTreeSet<String>,
    pub(super) accounts: BTreeMap<AccountId, EarlierAccount>,
}

/// One account in an earlier report.
#[derive(Debug, Clone)]
pub struct EarlierAccount {
    /// Its name.
    pub name: Option<String>,
    /// Its partition.
    pub partition: Partition,
    /// The regions scanned then.
    pub regions: BTreeSet<Region>,
    /// Findings that were open when they were last checked.
    pub open: Vec<OpenFinding>,
    /// Those of which GitHub has no alert, because they exceeded its limit.
    pub not_written: BTreeSet<Fingerprint>,
    /// Alerts of groups that were open.
    pub groups: Vec<OpenGroup>,
    /// What no report had ever checked.
    pub never_checked: Vec<NeverChecked>,
    /// The waivers of failures that were waived.
    pub(super) waivers: HashMap<Fingerprint, Arc<Waived>>,
    /// Its findings.
    pub(super) seen: Seen,
    /// Whether the report has all findings that passed or were skipped.
    pub(super) lists_passes: bool,
    /// What it did not check.
    pub(super) unread: BTreeSet<Part>,
}

impl EarlierAccount {
    /// The regions in which it may have alerts.
    pub fn regions_with_alerts(&self) -> BTreeSet<Region> {
        let groups = self.open_groups().map(|group| &group.alert);
        let open = self.with_alerts().chain(groups).map(|open| open.resource.region.clone());
        self.regions.iter().cloned().chain(open).chain([Region::global()]).collect()
    }

    /// Open findings that have an alert, of their own or of their group: those that are neither
    /// waived nor above GitHub's limit.
    pub(super) fn with_alerts(&self) -> impl Iterator<Item = &OpenFinding> {
        let without: HashSet<&Fingerprint> = self
            .groups
            .iter()
            .filter(|group| self.not_written.contains(&group.alert.fingerprint))
            .flat_map(|group| &group.members)
            .chain(&self.not_written)
            .collect();
        let has_alert =
            move |open: &&OpenFinding| !open.waived && !without.contains(&open.fingerprint);
        self.open.iter().filter(has_alert)
    }

    /// Groups that have an alert.
    pub(super) fn open_groups(&self) -> impl Iterator<Item = &OpenGroup> {
        self.groups.iter().filter(|group| !self.not_written.contains(&group.alert.fingerprint))
    }

    /// Why a failure that is not among its own is new, if its rule was evaluated then. `others` are
    /// the findings of now on the same resource.
    pub(super) fn why_new<'a>(
        &self,
        resource: &ResourceRef,
        fingerprint: &Fingerprint,
        mut others: impl Iterator<Item = &'a Fingerprint>,
    ) -> Option<Reason> {
        if let Some(reason) = self.seen.reason(fingerprint) {
            return Some(reason);
        }
        if self.seen.is_unchecked(resource) || self.unread.iter().any(|part| part.holds(resource)) {
            return Some(Reason::NotCheckedBefore);
        }
        let is_regional = Part::is_regional(&resource.kind) && !resource.region.is_global();
        if is_regional && !self.regions.contains(&resource.region) {
            return Some(Reason::RegionAdded);
        }
        // If the report lost its passes, nothing can be said.
        (self.lists_passes && !others.any(|other| self.seen.contains(other)))
            .then_some(Reason::ResourceAdded)
    }

    /// Findings that failed when they were last checked.
    pub(super) fn failed(&self) -> impl Iterator<Item = &OpenFinding> {
        self.open.iter().filter(|finding| finding.failed)
    }
}

impl Baseline {
    /// Reads a JSON v1 report.
    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        read(path, &ReadFinding::is_open)
            .and_then(|report| Self::new(report).map_err(ReadError::Unusable))
            .map_err(|error| error.at(path))
    }

    /// The contents of a report.
    pub(super) fn new(report: ReadReport) -> Result<Self, String> {
        let selection = Selection {
            code_locations: report.code_locations,
            ..Selection::new(report.selection, report.narrowed_by, report.category)
        };
        let oldest: BTreeMap<String, String> =
            report.rules.into_iter().map(|rule| (rule.id, rule.oldest_id)).collect();
        let times = report.accounts.iter().filter_map(|account| account.collected_at.clone());
        let collected_at = times.max();
        let rules = oldest.values().cloned().collect();
        let mut accounts = BTreeMap::new();
        let mut add = |account: AccountId, earlier: EarlierAccount| {
            let shown = account.to_string();
            match accounts.insert(account, earlier) {
                None => Ok(()),
                Some(_) => Err(format!("account {shown} appears twice")),
            }
        };
        let decided = report.accounts.iter().map(|account| account.seen.decided()).sum();
        let lists_passes = report.decided == Some(decided);
        for account in report.accounts {
            let id = account.account.clone();
            add(id, earlier_account(account, &oldest, lists_passes)?)?;
        }
        for absent in report.absent_accounts {
            let earlier = EarlierAccount {
                name: absent.name,
                partition: absent.partition,
                regions: BTreeSet::new(),
                open: absent.carried,
                groups: absent.open_groups,
                not_written: BTreeSet::new(),
                never_checked: absent.never_checked,
                waivers: HashMap::new(),
                seen: Seen::default(),
                lists_passes: false,
                unread: BTreeSet::from([Part::Account]),
            };
            add(absent.account, earlier)?;
        }
        let knows_all_accounts = report.knows_all_accounts;
        Ok(Self { selection, collected_at, knows_all_accounts, rules, accounts })
    }

    /// Why it does not say what was open for a run with another selection. A filtered run can be
    /// compared with an unfiltered one. With `code_scanning`, the alerts must be the same, so filter
    /// and category must be, too.
    pub fn mismatch(&self, now: &Selection, code_scanning: bool) -> Option<String> {
        let Selection { narrowed_by, category, .. } = &self.selection;
        if *narrowed_by != now.narrowed_by && (code_scanning || !narrowed_by.is_empty()) {
            let shown = |by: &[String]| match by {
                [] => "without a filter".to_owned(),
                by => format!("with the filter {}", one_line(&by.join(", "), 200)),
            };
            return Some(format!(
                "it comes from a run {}, but this run is {}: use the report of a run with the same filter",
                shown(narrowed_by),
                shown(&now.narrowed_by)
            ));
        }
        let shown = |category: &Option<String>| match category {
            Some(category) => format!("the category `{}`", one_line(category, 120)),
            None => "no category".to_owned(),
        };
        (code_scanning && *category != now.category).then(|| {
            format!(
                "its alerts have {}, but the alerts of this run have {}: use the last report with the same category, or --baseline none if no such report exists",
                shown(category),
                shown(&now.category)
            )
        })
    }

    /// Why all alerts would be closed and opened again if a run uploads its alerts at other places.
    pub fn moved_alerts(&self, now: &Selection) -> Option<String> {
        let shown = |code: bool| if code { "in code" } else { "at paths of resources" };
        let (then, now) = (self.selection.code_locations, now.code_locations);
        (then != now).then(|| {
            format!(
                "its alerts are {}, but the alerts of this run are {}, so code scanning would close all of them and open new ones, and dismissals would be lost: use another category (--sarif-category NAME), or confirm the change with --yes",
                shown(then),
                shown(now)
            )
        })
    }

    /// What it contains about an account.
    pub fn account(&self, account: &AccountId) -> Option<&EarlierAccount> {
        self.accounts.get(account)
    }

    /// Its accounts that are not among these: their alerts stay open.
    pub fn absent(&self, present: &BTreeSet<AccountId>) -> Vec<AbsentAccount> {
        let absent = self.accounts.iter().filter(|(account, _)| !present.contains(account));
        absent
            .map(|(account, earlier)| AbsentAccount {
                account: account.clone(),
                name: earlier.name.clone(),
                partition: earlier.partition.clone(),
                carried: earlier.with_alerts().cloned().collect(),
                groups: earlier.open_groups().cloned().collect(),
                never_checked: earlier.never_checked.clone(),
            })
            .collect()
    }
}

/// The rule's oldest id.
pub(super) fn oldest_of<'a>(
    rule: &str,
    oldest: &'a BTreeMap<String, String>,
) -> Result<&'a str, String> {
    oldest.get(rule).map(String::as_str).ok_or_else(|| {
        format!(
            "it contains a finding from rule `{}`, but does not list this rule",
            one_line(rule, 80)
        )
    })
}

fn earlier_account(
    account: ReadAccount,
    oldest: &BTreeMap<String, String>,
    lists_passes: bool,
) -> Result<EarlierAccount, String> {
    let records = account.carried.is_some();
    let mut open = Vec::new();
    let mut unread = BTreeSet::new();
    let mut waivers = HashMap::new();
    for finding in account.findings {
        if finding.resource.id.is_none() && finding.verdict != Verdict::Fail {
            unread.insert(Part::List(finding.resource.kind.into_owned(), finding.resource.region));
            continue;
        }
        let rule = oldest_of(&finding.rule, oldest)?;
        // Before rolecall recorded what it carried, it opened an alert for each of these.
        if finding.verdict == Verdict::Fail || !records {
            waivers.extend(finding.terms.map(|terms| (finding.fingerprint, terms)));
            open.push(OpenFinding {
                rule: rule.to_owned(),
                severity: finding.severity,
                message: finding.message,
                resource: finding.resource,
                fingerprint: finding.fingerprint,
                checked_at: account.collected_at.clone(),
                failed: finding.verdict == Verdict::Fail,
                waived: finding.waived.is_some(),
                source: finding.source,
            });
        }
    }
    open.extend(account.carried.unwrap_or_default());
    let mut never_checked = account.never_checked;
    for gap in account.gaps {
        match gap.unknown {
            ReadExtent::Account => drop(unread.insert(Part::Account)),
            ReadExtent::Regions => {
                unread.insert(Part::OtherRegions(account.regions.clone()));
            }
            ReadExtent::List { kind } => drop(unread.insert(Part::List(kind, gap.region))),
            ReadExtent::Facts => {}
        }
    }
    if !account.entered {
        unread = BTreeSet::from([Part::Account]);
    }
    if !records {
        let rules: BTreeSet<String> = oldest.values().cloned().collect();
        never_checked.extend(
            unread.iter().map(|part| NeverChecked { part: part.clone(), rules: rules.clone() }),
        );
    }
    Ok(EarlierAccount {
        name: account.name,
        partition: account.partition,
        regions: account.regions,
        open,
        not_written: account.not_written,
        groups: account.open_groups,
        never_checked,
        waivers,
        seen: account.seen,
        lists_passes,
        unread,
    })
}
