//! The plan of one account.

use std::collections::{BTreeMap, HashMap};

use super::code::{CodeFailure, CodeFix};
use super::commands::commands;
use super::drafts::{self, Proposal};
use super::items::items;
use super::plan::{ByHand, Item, NotPlanned, Subject};
use super::settings::PlanSettings;
use super::simulation::Simulation;
use super::surroundings::{Barrier, barrier};
use super::undecided::{Undecided, undecided};
use super::world::World;
use crate::evaluate::{EvaluateError, Evaluation, Evaluator};
use crate::facts::{self, Fact};
use crate::fixes::{Action, FixClass};
use crate::model::{AccountId, Cause, Finding, Fingerprint, Placing, Region, Resource, Verdict};
use crate::rules::{AccountFacts, FixOutcome, SelectedRule};
use crate::snapshot::{AccountSnapshot, Collected, ManifestTarget};
use crate::sources::Sources;

/// The plan of one account.
#[derive(Debug)]
pub(super) struct AccountPlan {
    pub(super) account: AccountId,
    pub(super) collected_at: Option<String>,
    pub(super) items: Vec<Item>,
    pub(super) by_hand: Vec<ByHand>,
    pub(super) not_planned: Vec<NotPlanned>,
    /// Findings that are `unknown` or `error`, without accepted gaps.
    pub(super) unknown: usize,
    /// Gaps that no setting accepts.
    pub(super) gaps: usize,
    pub(super) undecided: Vec<Undecided>,
    /// The rules and fingerprints of findings that pass, or are skipped.
    pub(super) fine: Vec<(String, Fingerprint)>,
}

/// What becomes of a failing finding.
enum Decision {
    Propose { class: FixClass, reason: String, actions: Vec<Action> },
    ByHand(String),
    InCode(CodeFix),
    NotPlanned(Cant),
}

/// What code says of a failure.
enum InCode {
    /// It declares the resource, and is to be changed.
    Fix(CodeFix),
    /// Code that could not be read may declare it.
    Unread(String),
    /// Nothing.
    No,
}

/// Why a finding gets no item.
pub(super) struct Cant {
    pub(super) cause: String,
    pub(super) unreadable: bool,
    pub(super) unsafe_fix: bool,
}

impl Cant {
    pub(super) fn because(cause: impl Into<String>) -> Self {
        Self { cause: cause.into(), unreadable: false, unsafe_fix: false }
    }

    fn unreadable(causes: &[Cause]) -> Self {
        let causes: Vec<String> =
            causes.iter().map(|cause| format!("{}: {}", cause.call, cause.code)).collect();
        Self { cause: causes.join("; "), unreadable: true, unsafe_fix: false }
    }
}

/// Plans the fixes of an account.
pub(super) fn plan_account(
    settings: &PlanSettings,
    evaluation: &Evaluation,
    evaluator: &mut Evaluator<'_>,
    target: &ManifestTarget,
    collected: Collected,
) -> Result<AccountPlan, EvaluateError> {
    let frame = match &collected {
        Collected::Whole(snapshot) => Some(AccountSnapshot {
            header: snapshot.header.clone(),
            lists: snapshot.lists.clone(),
            resources: Vec::new(),
            gaps: snapshot.gaps.clone(),
        }),
        Collected::Missing(_) => None,
    };
    let report = evaluator.account(target, collected)?.report;
    let is_open = |finding: &&Finding| match finding.verdict {
        Verdict::Unknown => finding.accepted.is_none() && finding.waived.is_none(),
        Verdict::Error => true,
        Verdict::Fail | Verdict::Pass | Verdict::Skip => false,
    };
    let mut plan = AccountPlan {
        account: target.account.clone(),
        collected_at: report.collected_at.clone(),
        items: Vec::new(),
        by_hand: Vec::new(),
        not_planned: Vec::new(),
        unknown: report.findings.iter().filter(is_open).count(),
        gaps: report.gaps.iter().filter(|gap| gap.accepted.is_none()).count(),
        undecided: report
            .findings
            .iter()
            .filter_map(|one| undecided(one, &target.account))
            .collect(),
        fine: report
            .findings
            .iter()
            .filter(|one| matches!(one.verdict, Verdict::Pass | Verdict::Skip))
            .map(|one| (one.rule.to_string(), one.fingerprint))
            .collect(),
    };
    let failing = |finding: &&Finding| finding.verdict == Verdict::Fail;
    let (Some(frame), true) = (frame, report.findings.iter().any(|finding| failing(&finding)))
    else {
        return Ok(plan);
    };
    let Some(facts) = evaluator.facts() else { return Ok(plan) };
    let positions = positions(facts);
    let mut world = {
        let resources = facts.resources.json().to_vec();
        World::new(target.account.clone(), report.partition.clone(), resources)
    };
    let rules: HashMap<&str, usize> = evaluation
        .rules
        .iter()
        .enumerate()
        .map(|(index, rule)| (rule.rule.id.as_str(), index))
        .collect();
    let mut managed: BTreeMap<usize, String> = BTreeMap::new();
    let mut proposals: Vec<Proposal> = Vec::new();
    let account = (&target.account, target.name.as_deref());
    for (index, finding) in report.findings.iter().enumerate().filter(|(_, one)| failing(one)) {
        let Some(rule) = rules.get(&*finding.rule).copied() else { continue };
        let Some(selected) = evaluation.rules.get(rule) else { continue };
        let place = (&*finding.resource.kind, &finding.resource.region);
        let at = finding.resource.id.as_deref().and_then(|id| positions.get(&(place, id.into())));
        let found = at.and_then(|at| Some((*at, world.resource(*at)?)));
        let Some((at, resource)) = found else {
            let cause = Cant::because("the resource is not in the snapshot");
            plan.not_planned.push(not_planned(finding, &target.account, cause));
            continue;
        };
        let barrier = barrier(settings, account, selected.rule.meta.kind, resource);
        let evidence = finding.evidence.to_vec();
        let failure = CodeFailure {
            instructions: selected.instructions().unwrap_or_default(),
            terraform: &selected.rule.meta.terraform,
            evidence: &evidence,
        };
        let sources = evaluation.sources.as_deref();
        let in_code = in_code(finding, sources, &target.account, &failure);
        let decision =
            decide(finding, selected, (barrier, in_code), resource, || evaluator.fix(rule, at))?;
        match decision {
            (Decision::Propose { class, reason, actions }, managed_by) => {
                managed.extend(managed_by.map(|manager| (at, manager)));
                let allow_unsafe = settings.unsafe_fixes && selected.fix.allows_unsafe();
                let proposal = Proposal {
                    finding: index,
                    resource: at,
                    kind: selected.rule.meta.kind.name,
                    class,
                    reason,
                    actions,
                    allow_unsafe,
                };
                proposals.push(proposal);
            }
            (Decision::ByHand(reason), _) => {
                let subject = subject(finding);
                let region = &finding.resource.region;
                plan.by_hand.push(ByHand {
                    rule: finding.rule.to_string(),
                    fingerprint: finding.fingerprint,
                    account: target.account.clone(),
                    region: region.clone(),
                    commands: commands(
                        &selected.rule.prose.markdown,
                        &target.account,
                        region,
                        &subject,
                        &finding.evidence.to_vec(),
                    ),
                    resource: subject,
                    reason,
                    source: None,
                    patch: None,
                });
            }
            (Decision::InCode(CodeFix { source, reason, patch }), _) => {
                plan.by_hand.push(ByHand {
                    rule: finding.rule.to_string(),
                    fingerprint: finding.fingerprint,
                    account: target.account.clone(),
                    region: finding.resource.region.clone(),
                    resource: subject(finding),
                    reason,
                    commands: Vec::new(),
                    source,
                    patch,
                });
            }
            (Decision::NotPlanned(cause), _) => {
                plan.not_planned.push(not_planned(finding, &target.account, cause));
            }
        }
    }
    let all = drafts::drafts(&proposals, &|at| managed.get(&at).cloned());
    let (allowed, denied) = drafts::allowed(all, &mut world);
    let mut cannot: BTreeMap<usize, Cant> = BTreeMap::new();
    for draft in denied {
        let cause = if draft.reasons.is_empty() {
            "unsafe".to_owned()
        } else {
            format!("unsafe: {}", draft.reason())
        };
        for finding in draft.findings {
            let rule = report.findings.get(finding).map_or("", |finding| &*finding.rule);
            let selected = rules.get(rule).and_then(|rule| evaluation.rules.get(*rule));
            let is_allowed = selected.is_some_and(|selected| selected.fix.allows_unsafe());
            let cause = settings.denied(&cause, rule, is_allowed);
            cannot.entry(finding).or_insert(Cant { cause, unreadable: false, unsafe_fix: true });
        }
    }
    let drafts = drafts::without_included(drafts::unite(allowed), &mut world);
    let simulation = Simulation { target, frame, evaluation };
    let drafts = simulation.without_needless(evaluator, drafts, &world, &report.findings)?;
    let mut after = world.clone();
    let (steps, refused) = drafts::apply(drafts, &mut after);
    for (draft, refusal) in refused {
        for finding in draft.findings {
            // Another action of the same fix may be possible, but a fix is done as a whole.
            cannot.entry(finding).or_insert_with(|| Cant::because(refusal.to_string()));
        }
    }
    let steps =
        if steps.iter().any(|step| step.draft.findings.iter().any(|f| cannot.contains_key(f))) {
            let lost: Vec<usize> = cannot.keys().copied().collect();
            let drafts = steps.into_iter().map(|step| step.draft).collect();
            after = world.clone();
            drafts::apply(drafts::without(drafts, &lost), &mut after).0
        } else {
            steps
        };
    let lost = cannot.into_iter().filter_map(|(finding, cause)| {
        Some(not_planned(report.findings.get(finding)?, &target.account, cause))
    });
    plan.not_planned.extend(lost);
    if !steps.is_empty() {
        plan.items = items(&simulation, evaluator, &report, steps, &world, after)?;
    }
    Ok(plan)
}

/// The positions of resources by kind, region and id.
fn positions(facts: &AccountFacts) -> HashMap<((&str, &Region), std::borrow::Cow<'_, str>), usize> {
    facts
        .resources
        .json()
        .iter()
        .enumerate()
        .map(|(at, resource)| {
            ((((resource.kind.as_str()), &resource.region), resource.id.as_str().into()), at)
        })
        .collect()
}

/// What code says of a failing finding.
fn in_code(
    finding: &Finding,
    sources: Option<&Sources>,
    account: &AccountId,
    failure: &CodeFailure<'_>,
) -> InCode {
    let Some(sources) = sources else { return InCode::No };
    match finding.placing.as_deref() {
        Some(Placing::Placed(place)) => InCode::Fix(CodeFix::new(place, sources, failure)),
        Some(Placing::NotFound { address, reason }) => {
            InCode::Fix(CodeFix::somewhere(address, reason))
        }
        None | Some(Placing::NotDeclared) => {
            sources.problem(account).map_or(InCode::No, InCode::Unread)
        }
    }
}

/// What becomes of a failing finding, and what manages its resource.
fn decide(
    finding: &Finding,
    selected: &SelectedRule,
    (barrier, in_code): (Barrier, InCode),
    resource: &Resource,
    fix: impl FnOnce() -> Result<FixOutcome, EvaluateError>,
) -> Result<(Decision, Option<String>), EvaluateError> {
    let not_planned = |cause: Cant| Ok((Decision::NotPlanned(cause), None));
    if let Some(waived) = &finding.waived {
        return not_planned(Cant::because(format!("waived until {}", waived.expires)));
    }
    if let Barrier::Forbidden(reason) = barrier {
        return not_planned(Cant::because(reason));
    }
    let meta = selected.rule.meta.fix.as_ref();
    let unset = meta.and_then(|fix| {
        let mut required = fix.params.iter().filter(|(_, default)| default.is_null());
        required.find(|(name, _)| !selected.fix.params.contains_key(*name))
    });
    let in_code = match (in_code, unset) {
        (InCode::Fix(code), Some(_)) => return Ok((Decision::InCode(code), None)),
        (InCode::Fix(code), None) => {
            let most = meta.map(|fix| fix.most);
            return Ok((Decision::InCode(code.with_warning(fix()?, most)), None));
        }
        (other, _) => other,
    };
    if let Some((name, _)) = unset {
        let rule = &selected.rule.id;
        return not_planned(Cant::because(format!("set [rules.\"{rule}\".fix] params.{name}")));
    }
    match fix()? {
        FixOutcome::None => {
            Ok((Decision::ByHand("the rule has no automatic fix".to_owned()), None))
        }
        FixOutcome::Unknown(causes) => not_planned(Cant::unreadable(&causes)),
        FixOutcome::Error(message) => {
            let cause = format!("`fix` failed with an error: {message}");
            not_planned(Cant { unreadable: true, ..Cant::because(cause) })
        }
        FixOutcome::Proposed { class: FixClass::ByHand, reason, .. } => {
            Ok((Decision::ByHand(reason), None))
        }
        FixOutcome::Proposed { class, reason, actions } => {
            if let InCode::Unread(problem) = in_code {
                let cause = format!("code that may declare it could not be read: {problem}");
                return not_planned(Cant { unreadable: true, ..Cant::because(cause) });
            }
            let managed_by = match barrier {
                Barrier::Unreadable(cause) => return not_planned(Cant::unreadable(&[cause])),
                Barrier::None { managed_by } => managed_by,
                Barrier::Forbidden(_) => None,
            };
            let causes = unread(resource, &actions);
            if !causes.is_empty() {
                return not_planned(Cant::unreadable(&causes));
            }
            Ok((Decision::Propose { class, reason, actions }, managed_by))
        }
    }
}

/// Why facts of the resource that actions change are not known.
fn unread(resource: &Resource, actions: &[Action]) -> Vec<Cause> {
    let Some(kind) = facts::kind(&resource.kind) else { return Vec::new() };
    let touched = actions.iter().flat_map(|action| action.spec().touches);
    let mut causes: Vec<Cause> = touched
        .filter_map(|name| match kind.fact_of(resource, name) {
            Fact::Unreadable(cause) => Some(cause),
            Fact::Known(_) | Fact::Absent => None,
        })
        .collect();
    causes.sort();
    causes.dedup();
    causes
}

fn subject(finding: &Finding) -> Subject {
    let resource = &finding.resource;
    Subject {
        kind: resource.kind.to_string(),
        id: resource.id.as_deref().unwrap_or_default().to_owned(),
        arn: resource.arn.as_deref().map(str::to_owned),
        name: resource.name.as_deref().map(str::to_owned),
    }
}

fn not_planned(finding: &Finding, account: &AccountId, cant: Cant) -> NotPlanned {
    NotPlanned {
        rule: finding.rule.to_string(),
        fingerprint: finding.fingerprint,
        account: account.clone(),
        region: finding.resource.region.clone(),
        resource: subject(finding),
        cause: cant.cause,
        unreadable: cant.unreadable,
        unsafe_fix: cant.unsafe_fix,
    }
}
