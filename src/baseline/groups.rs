//! Which alerts of groups are open: a group has one alert per rule, whichever of its members fail.
//!
//! Members come and go, so the alert closes only if none of them fails and all of them were checked:
//! those of now, and those for which it was opened.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::unread::is_undecided;
use crate::model::text::one_line;
use crate::model::{Finding, Fingerprint, Group, ResourceRef, Verdict, counted};
use crate::report::{AccountReport, OpenFinding, OpenGroup, Part, RuleInfo, RunInfo};

/// The groups of an account in this run.
pub(super) struct Groups<'a> {
    report: &'a AccountReport,
    rules: HashMap<&'a str, &'a RuleInfo>,
    now: BTreeMap<Fingerprint, Members<'a>>,
}

/// The members of a group that fail or could not be checked.
struct Members<'a> {
    rule: &'a RuleInfo,
    alert: ResourceRef,
    /// Positions among the findings.
    failing: Vec<usize>,
    undecided: BTreeSet<&'a Fingerprint>,
}

impl<'a> Groups<'a> {
    /// The groups of the findings.
    pub(super) fn new(run: &'a RunInfo, report: &'a AccountReport) -> Self {
        let rules = run.rules.iter().map(|rule| (rule.id.as_str(), rule)).collect();
        let mut groups = Self { report, rules, now: BTreeMap::new() };
        for (position, finding) in report.findings.iter().enumerate() {
            let fails = finding.verdict == Verdict::Fail && finding.waived.is_none();
            if !fails && !is_undecided(finding) {
                continue;
            }
            let Some((rule, group, fingerprint)) = groups.of(finding) else { continue };
            let members = groups.now.entry(fingerprint).or_insert_with(|| {
                let region = &finding.resource.region;
                let AccountReport { partition, account, .. } = report;
                let alert = ResourceRef::of_group(group, partition, account, region);
                Members { rule, alert, failing: Vec::new(), undecided: BTreeSet::new() }
            });
            if fails {
                members.failing.push(position);
            } else {
                members.undecided.insert(&finding.fingerprint);
            }
        }
        groups
    }

    /// The rule of a finding, its group, and the identity of the group's alert.
    fn of<'f>(&self, finding: &'f Finding) -> Option<(&'a RuleInfo, &'f Group, Fingerprint)> {
        let group = finding.group.as_ref()?;
        let rule = *self.rules.get(&*finding.rule)?;
        let AccountReport { partition, account, .. } = self.report;
        let region = &finding.resource.region;
        let identity = group.identity();
        let id = Fingerprint::new(rule.oldest(), partition, account, region, &identity);
        Some((rule, group, id))
    }

    /// The alerts that are open after this run. `before` are those of the last one, and `own` says
    /// which findings have an open alert of their own.
    pub(super) fn open(
        &self,
        before: &[&OpenGroup],
        own: &BTreeSet<&Fingerprint>,
        unread: &BTreeSet<Part>,
        verdicts: &BTreeMap<&Fingerprint, bool>,
    ) -> Vec<OpenGroup> {
        let rules: HashMap<&str, &RuleInfo> =
            self.rules.values().map(|rule| (rule.oldest(), *rule)).collect();
        let before: BTreeMap<&Fingerprint, &OpenGroup> =
            before.iter().map(|group| (&group.alert.fingerprint, *group)).collect();
        let mut open = Vec::new();
        let all: BTreeSet<&Fingerprint> = self.now.keys().chain(before.keys().copied()).collect();
        for fingerprint in all {
            let now = self.now.get(fingerprint);
            let old = before.get(fingerprint);
            let mut members: BTreeSet<Fingerprint> = BTreeSet::new();
            // Findings for which the alert was opened, and which were not checked again.
            let mut is_unread = false;
            if let Some(old) = old
                && let Some(rule) = rules.get(old.alert.rule.as_str())
            {
                let place =
                    ResourceRef { kind: rule.kind.clone().into(), ..old.alert.resource.clone() };
                is_unread = unread.iter().any(|part| part.holds(&place));
                let is_unchecked =
                    |member: &&Fingerprint| verdicts.get(*member).copied().unwrap_or(is_unread);
                members.extend(old.members.iter().filter(is_unchecked).cloned());
            }
            let is_kept = is_unread || !members.is_empty();
            let undecided = now.map(|now| &now.undecided).into_iter().flatten();
            members.extend(undecided.filter(|one| !own.contains(*one)).map(|one| *(*one)));
            match (now, old) {
                (Some(now), _) if !now.failing.is_empty() => {
                    let failing = now.failing.iter().filter_map(|at| self.report.findings.get(*at));
                    members.extend(failing.map(|finding| finding.fingerprint));
                    open.push(self.failing(fingerprint, now, members));
                }
                (now, Some(old)) if is_kept || now.is_some() => {
                    open.push(OpenGroup { members, failing: Vec::new(), ..(*old).clone() });
                }
                _ => {}
            }
        }
        sort(&mut open);
        open
    }

    fn failing(
        &self,
        fingerprint: &Fingerprint,
        now: &Members<'_>,
        members: BTreeSet<Fingerprint>,
    ) -> OpenGroup {
        let findings: Vec<&Finding> =
            now.failing.iter().filter_map(|at| self.report.findings.get(*at)).collect();
        OpenGroup {
            alert: OpenFinding {
                rule: now.rule.oldest().to_owned(),
                severity: now.rule.severity,
                message: message(now, &findings),
                resource: now.alert.clone(),
                fingerprint: *fingerprint,
                checked_at: self.report.collected_at.clone(),
                failed: true,
                waived: false,
                source: None,
            },
            failures: findings.len(),
            members,
            failing: now.failing.clone(),
        }
    }

    /// Groups with something unknown whose alert is not known to be open, by rule, and where they
    /// are.
    pub(super) fn undecided<'s>(
        &'s self,
        open: &'s [OpenGroup],
    ) -> impl Iterator<Item = (&'a RuleInfo, Part)> + 's {
        let open: BTreeSet<&Fingerprint> =
            open.iter().map(|group| &group.alert.fingerprint).collect();
        let unknown = self.now.iter().filter(move |(fingerprint, now)| {
            !now.undecided.is_empty() && !open.contains(fingerprint)
        });
        unknown
            .map(|(_, now)| (now.rule, Part::List(now.rule.kind.clone(), now.alert.region.clone())))
    }

    /// Identities of groups of which a failing member is waived.
    pub(super) fn waived(&self) -> BTreeSet<Fingerprint> {
        let waived = self.report.findings.iter().filter(|finding| finding.waived.is_some());
        waived.filter_map(|finding| self.of(finding).map(|(.., fingerprint)| fingerprint)).collect()
    }
}

/// In the order of reports.
pub(super) fn sort(groups: &mut [OpenGroup]) {
    groups.sort_by(|OpenGroup { alert: a, .. }, OpenGroup { alert: b, .. }| {
        (&a.resource, &a.rule, &a.fingerprint).cmp(&(&b.resource, &b.rule, &b.fingerprint))
    });
}

/// `3 instances of this Auto Scaling group fail: …`, with what they have in common.
fn message(now: &Members<'_>, failing: &[&Finding]) -> String {
    let noun = now.rule.kind.rsplit('.').next().unwrap_or_default().replace('_', " ");
    let verb = if failing.len() == 1 { "fails" } else { "fail" };
    let first = failing.first().map(|finding| finding.message.trim()).unwrap_or_default();
    let alike = failing.iter().all(|finding| finding.message.trim() == first);
    let what = if alike && !first.is_empty() { first } else { &now.rule.title };
    let text = format!(
        "{} of this {} {verb}: {what}",
        counted(failing.len(), &noun),
        Group::noun(&now.alert.kind)
    );
    one_line(&text, 500)
}
