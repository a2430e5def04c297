//! Which code scanning alerts of an account must stay open although this run did not check them.
//!
//! GitHub closes an alert that is missing from the next upload of its category. A run must therefore
//! repeat what was open in the part that it could not read, and must not be uploaded if nobody knows
//! what is open there. Each JSON report records both, so that any number of runs can follow each
//! other: what was checked is known from then on, whether or not it was uploaded.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::earlier::{Baseline, EarlierAccount};
use super::groups::{Groups, sort};
use super::unread::{is_undecided, unread_parts, why_unread};
use crate::model::{AccountId, Fingerprint, Region, ResourceRef, Verdict};
use crate::report::{
    AbsentAccount, AccountReport, Alerts, Category, NeverChecked, OpenFinding, OpenGroup, Part,
    RuleInfo, RunInfo, STORED_RESULTS, could_not_check,
};

/// What is known about alerts before the run.
#[derive(Debug, Clone, Default)]
pub enum Before {
    /// Nothing: there may be alerts that no report lists.
    #[default]
    Unknown,
    /// There were no alerts (`--baseline none`).
    NoAlerts,
    /// What an earlier report says.
    Report(Box<Baseline>),
}

/// How a run is uploaded to code scanning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeScanning {
    /// Whether each region of an account has a category of its own.
    pub per_region: bool,
    /// Whether accounts with anything unknown are withheld.
    pub withhold_unknown: bool,
    /// How many results of a category are stored.
    pub results: usize,
}

impl Default for CodeScanning {
    fn default() -> Self {
        Self { per_region: false, withhold_unknown: false, results: STORED_RESULTS }
    }
}

/// What is known about the alerts of one account.
pub(super) enum Known<'a> {
    /// Nothing.
    Nothing,
    /// There were none.
    None,
    /// What the earlier report says.
    Earlier(&'a EarlierAccount),
}

impl Before {
    /// Whether accounts that were never reported have no alerts.
    pub fn knows_all_accounts(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::NoAlerts => true,
            Self::Report(baseline) => baseline.knows_all_accounts,
        }
    }

    /// The earlier report.
    pub fn report(&self) -> Option<&Baseline> {
        match self {
            Self::Report(baseline) => Some(baseline),
            _ => None,
        }
    }

    /// The accounts that are not part of this run, with what is known about their alerts: those of
    /// the earlier report, and retired ones, which have none any more.
    pub fn absent(
        &self,
        present: &BTreeSet<AccountId>,
        retired: &BTreeSet<AccountId>,
    ) -> Vec<AbsentAccount> {
        let mut absent = self.report().map(|baseline| baseline.absent(present)).unwrap_or_default();
        for account in retired.iter().filter(|account| !present.contains(account)) {
            match absent.iter_mut().find(|absent| absent.account == *account) {
                Some(absent) => {
                    absent.carried.clear();
                    absent.groups.clear();
                    absent.never_checked.clear();
                }
                None => absent.push(AbsentAccount {
                    account: account.clone(),
                    name: None,
                    partition: Default::default(),
                    carried: Vec::new(),
                    groups: Vec::new(),
                    never_checked: Vec::new(),
                }),
            }
        }
        absent.sort_by(|a, b| a.account.cmp(&b.account));
        absent
    }

    pub(super) fn about(&self, report: &AccountReport) -> Known<'_> {
        match self {
            Self::Unknown => Known::Nothing,
            Self::NoAlerts => Known::None,
            Self::Report(baseline) => {
                match baseline
                    .account(&report.account)
                    .filter(|earlier| earlier.partition == report.partition)
                {
                    Some(earlier) => Known::Earlier(earlier),
                    None if baseline.knows_all_accounts => Known::None,
                    None => Known::Nothing,
                }
            }
        }
    }

    /// What must be remembered about the alerts of an account, and what is uploaded of it.
    pub fn alerts(&self, run: &RunInfo, report: &AccountReport, settings: CodeScanning) -> Alerts {
        let known = self.about(report);
        let rules: BTreeMap<&str, &RuleInfo> =
            run.rules.iter().map(|rule| (rule.oldest(), rule)).collect();
        let unread = unread_parts(run, report);
        let (open, groups_before): (Vec<&OpenFinding>, Vec<&OpenGroup>) = match known {
            Known::Earlier(earlier) => {
                (earlier.with_alerts().collect(), earlier.open_groups().collect())
            }
            _ => Default::default(),
        };
        let verdicts = verdicts(report, &open, &groups_before);
        let in_groups: BTreeSet<&Fingerprint> =
            groups_before.iter().flat_map(|group| &group.members).collect();
        let own = open.iter().map(|open| &open.fingerprint).filter(|own| !in_groups.contains(own));
        let own: BTreeSet<&Fingerprint> = own.collect();
        let grouping = Groups::new(run, report);
        let groups = grouping.open(&groups_before, &own, &unread, &verdicts);
        let unknown_groups = grouping.undecided(&groups);
        let never_checked = never_checked(&known, &unread, report, &rules, unknown_groups);
        let is_unchecked = |finding: &OpenFinding| {
            rules.contains_key(finding.rule.as_str())
                && match verdicts.get(&finding.fingerprint) {
                    Some(undecided) => *undecided,
                    None => unread.iter().any(|part| part.holds(&finding.resource)),
                }
        };
        let mut alerts = Alerts {
            carried: open.iter().filter(|open| is_unchecked(open)).copied().cloned().collect(),
            open_before: own
                .into_iter()
                .chain(groups_before.iter().map(|group| &group.alert.fingerprint))
                .cloned()
                .collect(),
            groups,
            never_checked,
            categories: Vec::new(),
        };
        let earlier_regions = match known {
            // Regions that are no longer scanned: their categories are written once without results.
            Known::Earlier(earlier) if unread.is_empty() => earlier.regions.clone(),
            _ => BTreeSet::new(),
        };
        let before = open.iter().copied().chain(groups_before.iter().map(|group| &group.alert));
        let before = before.map(|open| open.resource.region.clone()).chain(earlier_regions);
        alerts.categories = categories(report, &alerts, before.collect(), settings);
        if alerts.categories.iter().any(|category| category.withheld.is_some()) {
            // Alerts of rules and regions that this run does not include stay open, too.
            let outside = |rule: &str, part: &Part| match rules.contains_key(rule) {
                true => outside(part, report),
                false => Some(part.clone()),
            };
            let is_outside = |finding: &OpenFinding| {
                outside(&finding.rule, &Part::Resource(finding.resource.clone())).is_some()
                    && !verdicts.contains_key(&finding.fingerprint)
                    && !is_unchecked(finding)
            };
            // What is waived now keeps its alert where nothing is uploaded.
            let waived: BTreeSet<&Fingerprint> = report
                .findings
                .iter()
                .filter(|finding| finding.waived.is_some())
                .map(|finding| &finding.fingerprint)
                .collect();
            let is_withheld = |region: &Region| {
                alerts.categories.iter().any(|category| {
                    category.withheld.is_some()
                        && category.region.as_ref().is_none_or(|here| here == region)
                })
            };
            let is_kept = |finding: &OpenFinding| {
                is_outside(finding)
                    || (waived.contains(&finding.fingerprint)
                        && is_withheld(&finding.resource.region))
            };
            let kept: Vec<OpenFinding> =
                open.iter().filter(|open| is_kept(open)).copied().cloned().collect();
            alerts.carried.extend(kept);
            let waived_groups = grouping.waived();
            let is_open: BTreeSet<&Fingerprint> =
                alerts.groups.iter().map(|group| &group.alert.fingerprint).collect();
            let is_kept = |group: &OpenGroup| {
                let OpenFinding { rule, resource, fingerprint, .. } = &group.alert;
                let is_waived = waived_groups.contains(fingerprint)
                    || group.members.iter().any(|member| waived.contains(member));
                outside(rule, &Part::Resource(resource.clone())).is_some()
                    || (is_waived && is_withheld(&resource.region))
            };
            let kept: Vec<OpenGroup> = groups_before
                .iter()
                .filter(|group| !is_open.contains(&group.alert.fingerprint) && is_kept(group))
                .map(|group| (*group).clone())
                .collect();
            alerts.groups.extend(kept);
            sort(&mut alerts.groups);
            if let Known::Earlier(earlier) = known {
                for never in &earlier.never_checked {
                    for rule in &never.rules {
                        let rules = BTreeSet::from([rule.clone()]);
                        let part = outside(rule, &never.part);
                        alerts.never_checked.extend(part.map(|part| NeverChecked { part, rules }));
                    }
                }
            }
        }
        alerts.carried.sort_by(|a, b| {
            (&a.resource, &a.rule, &a.fingerprint).cmp(&(&b.resource, &b.rule, &b.fingerprint))
        });
        alerts.never_checked = merged(alerts.never_checked);
        alerts
    }
}

/// Whether the findings with an alert are undecided now, if they were made. Most findings of an account
/// have none.
fn verdicts<'a>(
    report: &'a AccountReport,
    open: &[&OpenFinding],
    groups: &[&OpenGroup],
) -> BTreeMap<&'a Fingerprint, bool> {
    let members = groups.iter().flat_map(|group| &group.members);
    let wanted: HashSet<&Fingerprint> =
        open.iter().map(|open| &open.fingerprint).chain(members).collect();
    if wanted.is_empty() {
        return BTreeMap::new();
    }
    let findings = report.findings.iter().filter(|finding| wanted.contains(&finding.fingerprint));
    findings.map(|finding| (&finding.fingerprint, is_undecided(finding))).collect()
}

/// A part that lies in a region in which the account is not scanned.
fn outside(part: &Part, report: &AccountReport) -> Option<Part> {
    let unscanned = |kind: &str, region: &Region| {
        !region.is_global() && !report.regions.contains(region) && Part::is_regional(kind)
    };
    if !report.entered {
        return None;
    }
    match part {
        // Which regions there are was known, so these are the others, which are not scanned at all.
        Part::Account | Part::OtherRegions(_) => None,
        Part::List(kind, region) => unscanned(kind, region).then(|| part.clone()),
        Part::Resource(resource) => {
            unscanned(&resource.kind, &resource.region).then(|| part.clone())
        }
    }
}

/// What was not read now and never before. `groups` are those about which something is unknown:
/// their members change, so what they have in common is where they are.
fn never_checked<'a>(
    known: &Known<'_>,
    unread: &BTreeSet<Part>,
    report: &AccountReport,
    rules: &BTreeMap<&str, &RuleInfo>,
    groups: impl Iterator<Item = (&'a RuleInfo, Part)>,
) -> Vec<NeverChecked> {
    let mut parts: BTreeMap<Part, BTreeSet<String>> = BTreeMap::new();
    for (rule, part) in groups {
        parts.entry(part).or_default().insert(rule.oldest().to_owned());
    }
    let groups = parts.into_iter().map(|(part, rules)| NeverChecked { part, rules });
    let mut now: Vec<NeverChecked> = unread
        .iter()
        .map(|part| NeverChecked {
            part: part.clone(),
            rules: rules
                .iter()
                .filter(|(_, rule)| part.concerns(&rule.kind))
                .map(|(oldest, _)| (*oldest).to_owned())
                .collect(),
        })
        .collect();
    let by_id: BTreeMap<&str, &str> =
        rules.iter().map(|(oldest, rule)| (rule.id.as_str(), *oldest)).collect();
    let mut resources: BTreeMap<&ResourceRef, BTreeSet<String>> = BTreeMap::new();
    for finding in &report.findings {
        if is_undecided(finding)
            && finding.resource.id.is_some()
            && let Some(oldest) = by_id.get(&*finding.rule)
        {
            resources.entry(&finding.resource).or_default().insert((*oldest).to_owned());
        }
    }
    now.extend(
        resources.into_iter().map(|(resource, rules)| NeverChecked {
            part: Part::Resource(resource.clone()),
            rules,
        }),
    );
    match known {
        Known::None => Vec::new(),
        Known::Nothing => now.into_iter().chain(groups).collect(),
        Known::Earlier(earlier) => {
            let open: BTreeSet<(&str, Option<&str>, &str)> = earlier
                .open
                .iter()
                .map(|finding| {
                    let resource = &finding.resource;
                    (&*resource.kind, resource.id.as_deref(), finding.rule.as_str())
                })
                .collect();
            // Two resources have only themselves in common.
            let (resources, others): (Vec<_>, Vec<_>) = earlier
                .never_checked
                .iter()
                .partition(|then| matches!(then.part, Part::Resource(_)));
            let by_part: BTreeMap<&Part, &NeverChecked> =
                resources.iter().map(|then| (&then.part, *then)).collect();
            let mut both = BTreeSet::new();
            let now = now.into_iter().map(|now| (now, false));
            for (now, is_group) in now.chain(groups.map(|now| (now, true))) {
                let alike = match now.part {
                    Part::Resource(_) => by_part.get(&now.part).copied().into_iter().collect(),
                    _ if is_group => Vec::new(),
                    _ => resources.clone(),
                };
                for then in others.iter().copied().chain(alike) {
                    let Some(part) = now.part.common(&then.part) else { continue };
                    let is_open = |rule: &str| match &part {
                        Part::Resource(resource) => {
                            open.contains(&(&*resource.kind, resource.id.as_deref(), rule))
                        }
                        _ => false,
                    };
                    let rules = now.rules.intersection(&then.rules);
                    let rules: BTreeSet<String> =
                        rules.filter(|rule| !is_open(rule)).cloned().collect();
                    if !rules.is_empty() {
                        both.insert(NeverChecked { part, rules });
                    }
                }
            }
            both.into_iter().collect()
        }
    }
}

/// One entry for each part.
fn merged(entries: Vec<NeverChecked>) -> Vec<NeverChecked> {
    let mut parts: BTreeMap<Part, BTreeSet<String>> = BTreeMap::new();
    for NeverChecked { part, rules } in entries {
        parts.entry(part).or_default().extend(rules);
    }
    parts.into_iter().map(|(part, rules)| NeverChecked { part, rules }).collect()
}

/// The categories of the account, and what is uploaded of each.
fn categories(
    report: &AccountReport,
    alerts: &Alerts,
    before: BTreeSet<Region>,
    settings: CodeScanning,
) -> Vec<Category> {
    let grouped = alerts.grouped();
    let regions: BTreeSet<Option<Region>> = if settings.per_region {
        let known = report.regions.iter().cloned().chain([Region::global()]);
        let found = report.findings.iter().map(|finding| finding.resource.region.clone());
        known.chain(found).chain(before).map(Some).collect()
    } else {
        BTreeSet::from([None])
    };
    let gaps = could_not_check(report);
    let is_unknown =
        !report.entered || !report.gaps.is_empty() || report.findings.iter().any(is_undecided);
    let category = |region: Option<Region>| {
        let here = |place: &Region| region.as_ref().is_none_or(|region| region == place);
        let never = alerts
            .never_checked
            .iter()
            .any(|never| region.as_ref().is_none_or(|region| never.part.touches(region)));
        let withheld = match (settings.withhold_unknown && is_unknown, never) {
            (true, _) => Some(why_unread(report, region.as_ref())),
            (false, true) => Some(format!(
                "{}, and no earlier report lists the open alerts for the part that could not be checked",
                why_unread(report, region.as_ref())
            )),
            (false, false) => None,
        };
        let carried = alerts
            .carried
            .iter()
            .filter(|open| here(&open.resource.region) && !grouped.contains(&open.fingerprint));
        let groups = || alerts.groups.iter().filter(|group| here(&group.alert.resource.region));
        let kept = groups().filter(|group| group.failing.is_empty()).count();
        let first = carried.count() + kept + gaps.iter().filter(|gap| here(&gap.region)).count();
        let withheld = withheld.or_else(|| {
            (first > settings.results).then(|| {
                format!(
                    "{}, and the number of alerts that must stay open exceeds what GitHub stores per category",
                    why_unread(report, region.as_ref())
                )
            })
        });
        let mut not_written = BTreeSet::new();
        if withheld.is_none() {
            let single = report.findings.iter().filter(|finding| {
                finding.verdict == Verdict::Fail
                    && finding.waived.is_none()
                    && here(&finding.resource.region)
                    && !grouped.contains(&finding.fingerprint)
            });
            let single = single.map(|f| (&f.fingerprint, f.severity, &*f.rule, &*f.resource));
            let failing = groups().filter(|group| !group.failing.is_empty()).map(|g| &g.alert);
            let failing =
                failing.map(|f| (&f.fingerprint, f.severity, f.rule.as_str(), &f.resource));
            let mut failures: Vec<_> = single.chain(failing).collect();
            let room = settings.results.saturating_sub(first);
            if failures.len() > room {
                failures.sort_by_key(|(fingerprint, severity, rule, resource)| {
                    (!alerts.open_before.contains(*fingerprint), *severity, *rule, *resource)
                });
                not_written = failures.split_off(room).into_iter().map(|f| *f.0).collect();
            }
        }
        Category { region, withheld, not_written, unplaced: BTreeSet::new() }
    };
    regions.into_iter().map(category).collect()
}
