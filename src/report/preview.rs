//! What a planned change would change in the findings.

use std::collections::{BTreeSet, HashMap};

use super::account::AccountReport;
use super::concerned::Concerned;
use super::previewed::Previewed;
use super::worse;
use crate::model::{
    AccountId, Cause, Finding, Place, PlannedAction, Refusal, ResourceRef, Severity, Verdict,
};

/// What a planned change would change.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// Program and version.
    pub tool: String,
    /// The plan, as the user named it.
    pub plan: String,
    /// What the plan is, in the causes of what is not known: `terraform:plan`.
    pub source: String,
    /// The snapshot, as the user named it.
    pub snapshot: Option<String>,
    /// The name of the configuration: part of the category of code scanning.
    pub root: String,
    /// The stack of a change set.
    pub stack: Option<String>,
    /// New failures of this severity or worse count for the exit code; `None` if none does.
    pub fail_on: Option<Severity>,
    /// Whether what is not known until the change is applied makes the result incomplete.
    pub strict: bool,
    /// Whether AWS's current defaults were assumed.
    pub assume_defaults: bool,
    /// Number of rules.
    pub rules: usize,
    /// The name of their selection, such as a profile.
    pub selection: Option<String>,
    /// Whether these are all rules.
    pub has_all_rules: bool,
    /// The accounts that the change concerns.
    pub accounts: Vec<PreviewAccount>,
    /// Number of resources that the plan changes, as Terraform or CloudFormation counts them.
    pub changes: usize,
    /// What the plan does to them, as far as it says so.
    pub actions: Vec<PlannedAction>,
    /// Number of resources of AWS that rules know and that the change concerns.
    pub resources: usize,
    /// Failures that the change would introduce. Sorted by severity, rule, account and resource, like
    /// the other lists.
    pub new_failures: Vec<Previewed>,
    /// Failures before and after the change that it makes worse. They count for the exit code as new
    /// ones do.
    pub worse: Vec<Previewed>,
    /// Failures of security groups that do not change, but that a resource joins: they also let in traffic
    /// to it. They do not count for the exit code.
    pub exposed: Vec<Previewed>,
    /// What AWS will refuse, so that the apply fails.
    pub refused: Vec<Refused>,
    /// Findings that fail now and would not any more.
    pub fixed: Vec<Previewed>,
    /// What is known only after the change is applied.
    pub not_known: Vec<Previewed>,
    /// What cannot be checked because of the snapshot, in resources that the change concerns, and
    /// rules that failed with an error.
    pub not_checked: Vec<Previewed>,
    /// Passes that hold only for the defaults of AWS that were assumed.
    pub by_default: Vec<Previewed>,
    /// What the change destroys with its data. It does not count for the exit code.
    pub destroyed: Vec<Destroyed>,
    /// The types of what changes and no rule reads, with how many change.
    pub unread_types: Vec<(String, usize)>,
    /// Failures of resources that the change concerns, before and after it, and not worse.
    pub unchanged: Vec<Previewed>,
    /// Number of passes of resources that the change concerns, after it.
    pub passes: usize,
    /// Types that the preview cannot read, with the first address.
    pub unknown_types: Vec<(String, String)>,
    /// The nested stacks that a change set changes.
    pub nested: Vec<String>,
    /// Whether something is left to a later plan.
    pub is_partial: bool,
    /// The addresses of what is left to a later plan, as far as the plan names it, with the reason.
    pub deferred: Vec<(String, &'static str)>,
}

/// A part of a change that AWS will refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The account.
    pub account: AccountId,
    /// The kind of the resource.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// The addresses in the code that concern it.
    pub addresses: Vec<String>,
    /// The one that declares it.
    pub declared: Option<String>,
    /// Why.
    pub message: String,
    /// The line of code that declares it.
    pub place: Option<Place>,
}

impl Refused {
    /// The resource, as the plan and AWS name it.
    pub fn label(&self) -> String {
        match &self.declared {
            Some(address) if *address != self.id => format!("{address} ({})", self.id),
            _ => self.id.clone(),
        }
    }
}

/// A resource that is destroyed with its data.
#[derive(Debug, Clone, PartialEq)]
pub struct Destroyed {
    /// The account.
    pub account: AccountId,
    /// The resource.
    pub resource: ResourceRef,
    /// The address of what is destroyed in the code: the resource, or the instance that has it.
    pub address: Option<String>,
    /// Its size in GiB, of a volume or a snapshot.
    pub size_gib: Option<u64>,
    /// What is left of the data, or whether AWS refuses to destroy it.
    pub remark: Option<String>,
    /// The line of code that declares what is at the address, if the code still has it.
    pub place: Option<Place>,
}

/// An account that a change concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewAccount {
    /// Its id.
    pub account: AccountId,
    /// Its name.
    pub name: Option<String>,
    /// When it was collected, in RFC 3339 format; `None` without a snapshot.
    pub collected_at: Option<String>,
    /// Whether the snapshot does not have it, so that only what the plan says of it is known.
    pub is_missing: bool,
}

impl Preview {
    /// Number of new failures that count for the exit code.
    pub fn failures(&self) -> usize {
        self.counted(&self.new_failures)
    }

    /// Number of failures that get worse and count for the exit code.
    pub fn worse_failures(&self) -> usize {
        self.counted(&self.worse)
    }

    fn counted(&self, list: &[Previewed]) -> usize {
        let Some(threshold) = self.fail_on else { return 0 };
        let counts = |one: &&Previewed| one.severity.at_least(threshold) && !one.waived;
        list.iter().filter(counts).count()
    }

    /// Whether the change introduces failures, or makes some worse, that count for the exit code.
    pub fn is_failing(&self) -> bool {
        self.failures() + self.worse_failures() > 0
    }

    /// Whether something that the change concerns could not be checked, or an account was not collected.
    /// What is known only after the change counts if the user says so.
    pub fn is_incomplete(&self) -> bool {
        let is_open = !self.not_known.is_empty() || self.is_partial;
        let has_gap = !self.not_checked.is_empty() || self.missing().next().is_some();
        has_gap || (self.strict && is_open)
    }

    /// The accounts that the snapshot does not have.
    pub fn missing(&self) -> impl Iterator<Item = &PreviewAccount> {
        self.accounts.iter().filter(|account| account.is_missing)
    }

    /// Everything that is about findings.
    fn lists_mut(&mut self) -> [&mut Vec<Previewed>; 8] {
        [
            &mut self.new_failures,
            &mut self.worse,
            &mut self.exposed,
            &mut self.fixed,
            &mut self.not_known,
            &mut self.not_checked,
            &mut self.by_default,
            &mut self.unchanged,
        ]
    }

    /// The findings that are neither new failures nor worse ones.
    pub fn others_mut(&mut self) -> impl Iterator<Item = &mut Previewed> {
        let [_, _, others @ ..] = self.lists_mut();
        others.into_iter().flatten()
    }

    /// Keeps the values that rules read; see [`Previewed::choose_values`].
    pub fn choose_values(&mut self, reads: impl Fn(&str, &str) -> Option<Vec<String>>) {
        self.lists_mut().into_iter().flatten().for_each(|one| one.choose_values(&reads));
    }

    /// Sorts the addresses of each finding; see [`Previewed::order_addresses`].
    pub fn order_addresses(&mut self, rank: impl Fn(&str, &str) -> Option<usize>) {
        self.lists_mut().into_iter().flatten().for_each(|one| one.order_addresses(&rank));
    }

    /// Sorts the lists.
    pub fn sort(&mut self) {
        for list in self.lists_mut() {
            list.sort_by(|a, b| {
                let key = |one: &Previewed| {
                    (one.severity, one.rule.clone(), one.account.clone(), one.resource.clone())
                };
                key(a).cmp(&key(b))
            });
        }
    }
}

impl Preview {
    /// Adds an account: its report before the change, the one after it, the one after it without AWS's
    /// defaults if they were assumed, and the one after it without what AWS refuses.
    pub fn add(
        &mut self,
        before: &AccountReport,
        after: &AccountReport,
        (without_defaults, without_refused): (Option<&AccountReport>, Option<&AccountReport>),
        concerned: &Concerned,
    ) {
        for (key, why) in &concerned.refused {
            let addresses = concerned.addresses.get(key).into_iter().flatten().cloned();
            let addresses: Vec<String> = addresses.collect();
            let (kind, id) = key.clone();
            self.refused.extend(why.iter().map(|Refusal { message, .. }| Refused {
                account: after.account.clone(),
                kind: kind.clone(),
                id: id.clone(),
                addresses: addresses.clone(),
                declared: concerned.declared.get(key).cloned(),
                message: message.clone(),
                place: None,
            }));
        }
        type Key<'r> = (&'r str, &'r str, Option<&'r str>);
        let index =
            |report: &'_ AccountReport| -> HashMap<(String, String, Option<String>), usize> {
                let key = |finding: &Finding| {
                    let ResourceRef { kind, id, .. } = &*finding.resource;
                    (finding.rule.to_string(), kind.to_string(), id.as_deref().map(str::to_owned))
                };
                report.findings.iter().enumerate().map(|(at, finding)| (key(finding), at)).collect()
            };
        let find = |report: &'_ AccountReport,
                    index: &HashMap<(String, String, Option<String>), usize>,
                    (rule, kind, id): Key<'_>| {
            let key = (rule.to_owned(), kind.to_owned(), id.map(str::to_owned));
            index.get(&key).and_then(|at| report.findings.get(*at)).cloned()
        };
        let (by_before, by_plain) = (index(before), without_defaults.map(index));
        let by_refused = without_refused.map(index);
        let mut seen: BTreeSet<(String, String, Option<String>)> = BTreeSet::new();
        for finding in &after.findings {
            let ResourceRef { kind, id, .. } = &*finding.resource;
            let own = id.as_deref().map(str::to_owned);
            let replaced = own
                .as_ref()
                .and_then(|id| concerned.replaces.get(&(kind.to_string(), id.clone())))
                .cloned();
            let earlier_id = replaced.or(own);
            seen.insert((finding.rule.to_string(), kind.to_string(), earlier_id.clone()));
            let was = find(before, &by_before, (&finding.rule, kind, earlier_id.as_deref()));
            let addresses = concerned.of(&finding.resource);
            let verdict = was.as_ref().map(|was| was.verdict);
            let plain = without_defaults.zip(by_plain.as_ref()).and_then(|(report, index)| {
                find(report, index, (&finding.rule, kind, id.as_deref()))
            });
            // What AWS refuses fixes nothing.
            let is_fixed = verdict == Some(Verdict::Fail)
                && matches!(finding.verdict, Verdict::Pass | Verdict::Skip);
            let real = without_refused.zip(by_refused.as_ref()).filter(|_| is_fixed);
            let real = real.and_then(|(report, index)| {
                find(report, index, (&finding.rule, kind, id.as_deref()))
            });
            let findings = (real.as_ref().unwrap_or(finding), was.as_ref(), plain.as_ref());
            self.classify((after, concerned), findings, verdict, addresses);
        }
        for finding in before.findings.iter().filter(|finding| finding.verdict == Verdict::Fail) {
            let ResourceRef { kind, id, .. } = &*finding.resource;
            let id = id.as_deref().map(str::to_owned);
            if seen.contains(&(finding.rule.to_string(), kind.to_string(), id)) {
                continue;
            }
            let addresses = concerned.of(&finding.resource).unwrap_or_default();
            let verdicts = (Some(Verdict::Fail), None);
            self.fixed.push(previewed((before, concerned), finding, addresses, verdicts));
        }
        self.without_said(concerned);
    }

    /// Without results for lists that say the same as others.
    fn without_said(&mut self, concerned: &Concerned) {
        let (mut lists, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.not_known)
            .into_iter()
            .partition(|one| one.resource.id.is_none());
        for list in &mut lists {
            let all = std::mem::take(&mut list.addresses);
            let said = |address: &String| concerned.is_said(list, address, &others);
            let left: Vec<String> = all.into_iter().filter(|address| !said(address)).collect();
            list.addresses = left;
        }
        lists.retain(|list| !list.addresses.is_empty());
        self.not_known = others;
        self.not_known.append(&mut lists);
    }

    fn classify(
        &mut self,
        of: (&AccountReport, &Concerned),
        (finding, was, plain): (&Finding, Option<&Finding>, Option<&Finding>),
        before: Option<Verdict>,
        addresses: Option<Vec<String>>,
    ) {
        let is_concerned = addresses.is_some();
        let one = |addresses: Option<Vec<String>>| {
            let verdicts = (before, Some(finding.verdict));
            previewed(of, finding, addresses.unwrap_or_default(), verdicts)
        };
        match finding.verdict {
            Verdict::Fail if before == Some(Verdict::Fail) => {
                let ids = was
                    .and_then(|was| was.resource.id.as_deref())
                    .zip(finding.resource.id.as_deref());
                let was = was.map(|was| was.evidence.to_vec()).unwrap_or_default();
                let was = match ids.filter(|(old, new)| old != new) {
                    Some((old, new)) => worse::renamed(was, old, new),
                    None => was,
                };
                let added = worse::added(&was, &finding.evidence.to_vec());
                if !added.is_empty() {
                    self.worse.push(Previewed { added, ..one(addresses.clone()) });
                } else if is_concerned {
                    self.unchanged.push(one(addresses.clone()));
                }
                let joined_by = of.1.joined(finding);
                if !joined_by.is_empty() {
                    // The cause is what joins.
                    let is_planned = |address: &&String| of.1.planned.contains_key(*address);
                    let joining: Vec<String> =
                        joined_by.iter().filter(is_planned).cloned().collect();
                    let addresses = Some(joining).filter(|all| !all.is_empty()).or(addresses);
                    self.exposed.push(Previewed { joined_by, ..one(addresses) });
                }
            }
            Verdict::Fail => self.new_failures.push(one(addresses)),
            Verdict::Pass | Verdict::Skip => {
                self.passes += usize::from(is_concerned && finding.verdict == Verdict::Pass);
                if before == Some(Verdict::Fail) {
                    let mut fixed = one(addresses.clone());
                    if let Some(was) = was {
                        fixed.message = was.message.to_string();
                        fixed.evidence = was.evidence.to_vec();
                    }
                    self.fixed.push(fixed);
                }
                if plain.is_some_and(|plain| plain.verdict == Verdict::Unknown) {
                    let mut assumed = one(addresses);
                    assumed.causes = plain.map(|plain| plain.causes.to_vec()).unwrap_or_default();
                    self.by_default.push(assumed);
                }
            }
            Verdict::Unknown => {
                // What the rule itself could not decide is not a gap: nothing that is collected decides it.
                let is_of_rule = |cause: &Cause| cause.code == Cause::RULE_UNDECIDED;
                let is_open = |cause: &Cause| cause.is_of_plan() || is_of_rule(cause);
                let is_of_plan = finding.causes.iter().all(is_open);
                let has_plan = finding.causes.iter().any(Cause::is_of_plan);
                let same = was.is_some_and(|was| was.causes == finding.causes);
                if same && finding.causes.iter().all(is_of_rule) {
                    return;
                }
                // A resource type as a whole is reported only if the change affects its list.
                if finding.resource.id.is_none() && (!is_concerned || !has_plan) {
                    return;
                }
                if is_of_plan || (has_plan && !is_concerned) {
                    if is_concerned || before != Some(Verdict::Unknown) {
                        self.not_known.push(one(addresses));
                    }
                } else if (is_concerned || (!same && before.is_some_and(|v| v != Verdict::Unknown)))
                    && finding.accepted.is_none()
                {
                    self.not_checked.push(one(addresses));
                }
            }
            Verdict::Error => {
                if is_concerned || before != Some(Verdict::Error) {
                    self.not_checked.push(one(addresses));
                }
            }
        }
    }
}

fn previewed(
    (report, concerned): (&AccountReport, &Concerned),
    finding: &Finding,
    mut addresses: Vec<String>,
    (before, after): (Option<Verdict>, Option<Verdict>),
) -> Previewed {
    // Of a resource that changes itself, another one can be the cause as well.
    if after.is_some() || addresses.is_empty() {
        let mut others = concerned.causes(finding, !addresses.is_empty());
        others.retain(|one| !addresses.contains(one));
        addresses.extend(others);
    }
    Previewed {
        account: report.account.clone(),
        account_name: report.name.clone(),
        rule: finding.rule.to_string(),
        severity: finding.severity,
        message: finding.message.to_string(),
        evidence: finding.evidence.to_vec(),
        added: Vec::new(),
        resource: (*finding.resource).clone(),
        part: concerned.part(&finding.resource),
        changes: concerned.changes(&addresses),
        joined_by: Vec::new(),
        is_created: concerned.is_created(&finding.resource),
        read: concerned.read_of(finding),
        refused: concerned.refused(finding),
        addresses,
        fingerprint: finding.fingerprint,
        before,
        after,
        causes: finding.causes.to_vec(),
        waived: finding.waived.is_some(),
        placing: finding.placing.as_deref().cloned(),
    }
}
