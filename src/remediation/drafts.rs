//! Drafts of items: the actions that rules propose for an account, merged.

use serde_json::Value;

use super::plan::Settled;
use super::world::{Change, World};
use crate::fixes::{Action, FixClass, Refusal};

/// A failing finding for which a rule proposes actions.
#[derive(Debug, Clone)]
pub(super) struct Proposal {
    /// The index of the finding in the report of the account.
    pub(super) finding: usize,
    /// The position of the resource.
    pub(super) resource: usize,
    /// The kind of the resource.
    pub(super) kind: &'static str,
    pub(super) class: FixClass,
    pub(super) reason: String,
    pub(super) actions: Vec<Action>,
    /// Whether the settings allow unsafe fixes of the rule.
    pub(super) allow_unsafe: bool,
}

/// An action with all findings that it is for.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) resource: usize,
    pub(super) kind: &'static str,
    pub(super) action: Action,
    /// The most careful class of its findings.
    pub(super) class: FixClass,
    pub(super) reasons: Vec<String>,
    /// Indices of findings, sorted.
    pub(super) findings: Vec<usize>,
    allow_unsafe: bool,
    pub(super) managed_by: Option<String>,
}

/// A draft that is applied, with the states and its predecessors.
pub(super) struct Step {
    pub(super) draft: Draft,
    pub(super) change: Change,
    /// Indices of steps that must be done before.
    pub(super) after: Vec<usize>,
}

impl Draft {
    pub(super) fn is_allowed(&self) -> bool {
        self.class == FixClass::Safe || self.allow_unsafe
    }

    pub(super) fn reason(&self) -> String {
        self.reasons.join("; ")
    }

    /// Adds the findings of another draft for the same resource, whose effect this one includes.
    fn take(&mut self, other: Self) {
        self.class = self.class.min(other.class);
        self.allow_unsafe |= other.allow_unsafe;
        for reason in other.reasons {
            if !self.reasons.contains(&reason) {
                self.reasons.push(reason);
            }
        }
        self.settle(&other.findings);
        self.managed_by = self.managed_by.take().or(other.managed_by);
    }

    /// Adds findings that it settles.
    pub(super) fn settle(&mut self, findings: &[usize]) {
        self.findings.extend(findings);
        self.findings.sort_unstable();
        self.findings.dedup();
    }

    /// What drafts are sorted by.
    pub(super) fn key(&self) -> (usize, &'static str, String) {
        let mut parameters = Value::Object(self.action.parameters().clone());
        parameters.sort_all_objects();
        (self.resource, self.action.spec().name, parameters.to_string())
    }

    /// Whether both change the same facts of one resource.
    fn touches_same(&self, other: &Self) -> bool {
        let other_touches = other.action.spec().touches;
        self.resource == other.resource
            && self.action.spec().touches.iter().any(|fact| other_touches.contains(fact))
    }
}

/// The drafts of proposals, sorted by resource, action and parameters. Equal actions are one draft.
/// `managed_by` returns what manages a resource: its fixes are unsafe.
pub(super) fn drafts(
    proposals: &[Proposal],
    managed_by: &dyn Fn(usize) -> Option<String>,
) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    for proposal in proposals {
        let managed_by = managed_by(proposal.resource);
        let mut class = proposal.class;
        let mut reasons = vec![proposal.reason.clone()];
        if let Some(manager) = &managed_by {
            class = class.min(FixClass::Unsafe);
            reasons.push(format!("managed by {manager}, so change it there"));
        }
        reasons.retain(|reason| !reason.is_empty());
        for action in &proposal.actions {
            let draft = Draft {
                resource: proposal.resource,
                kind: proposal.kind,
                action: action.clone(),
                class,
                reasons: reasons.clone(),
                findings: vec![proposal.finding],
                allow_unsafe: proposal.allow_unsafe,
                managed_by: managed_by.clone(),
            };
            let same = |known: &&mut Draft| {
                known.resource == draft.resource && known.action == draft.action
            };
            match drafts.iter_mut().find(same) {
                Some(known) => known.take(draft),
                None => drafts.push(draft),
            }
        }
    }
    drafts.sort_by_cached_key(Draft::key);
    drafts
}

/// Adds what the settings do not allow to the drafts that have the same effect, which are then not
/// safer than it. Returns the drafts that are allowed, and those that are not.
pub(super) fn allowed(drafts: Vec<Draft>, world: &mut World) -> (Vec<Draft>, Vec<Draft>) {
    let (mut allowed, others): (Vec<Draft>, Vec<Draft>) =
        drafts.into_iter().partition(Draft::is_allowed);
    let mut denied = Vec::new();
    for other in others {
        let includes = |draft: &&mut Draft| {
            draft.touches_same(&other) && has_no_effect(&other, &[&**draft], world)
        };
        match allowed.iter_mut().find(includes) {
            Some(draft) => draft.take(other),
            None => denied.push(other),
        }
    }
    let (allowed, now_denied): (Vec<Draft>, Vec<Draft>) =
        allowed.into_iter().partition(Draft::is_allowed);
    denied.extend(now_denied);
    // A finding is settled as a whole, or not at all.
    let lost: Vec<usize> = denied.iter().flat_map(|draft| draft.findings.clone()).collect();
    (without(allowed, &lost), denied)
}

/// The drafts without these findings; those that have no others are dropped.
pub(super) fn without(mut drafts: Vec<Draft>, findings: &[usize]) -> Vec<Draft> {
    for draft in &mut drafts {
        draft.findings.retain(|finding| !findings.contains(finding));
    }
    drafts.retain(|draft| !draft.findings.is_empty());
    drafts
}

/// Unites actions on one resource whose parameters are lists of what to change.
pub(super) fn unite(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut united: Vec<Draft> = Vec::new();
    for draft in drafts {
        let merged = united.iter().enumerate().find_map(|(index, known)| {
            let is_same = known.resource == draft.resource;
            Some((index, is_same.then(|| union(&known.action, &draft.action))??))
        });
        match merged.and_then(|(index, action)| Some((united.get_mut(index)?, action))) {
            Some((known, action)) => {
                known.take(draft);
                known.action = action;
            }
            None => united.push(draft),
        }
    }
    united
}

/// One action that does what both do.
fn union(a: &Action, b: &Action) -> Option<Action> {
    let spec = a.spec();
    if spec.name != b.spec().name || spec.unites.is_empty() {
        return None;
    }
    let mut parameters = a.parameters().clone();
    for (name, value) in b.parameters() {
        match (parameters.get_mut(name), value) {
            (Some(Value::Array(known)), Value::Array(more))
                if spec.unites.contains(&name.as_str()) =>
            {
                let new = more.iter().filter(|item| !known.contains(item)).cloned();
                let new: Vec<Value> = new.collect();
                known.extend(new);
                known.sort_by_cached_key(|item| {
                    let mut item = item.clone();
                    item.sort_all_objects();
                    item.to_string()
                });
            }
            (Some(known), value) if known == value => {}
            _ => return None,
        }
    }
    Action::new(spec.name, parameters).ok()
}

/// Drops drafts that change nothing once the others on their resource are done, unsafe ones first.
pub(super) fn without_included(mut drafts: Vec<Draft>, world: &mut World) -> Vec<Draft> {
    let mut order: Vec<(FixClass, std::cmp::Reverse<usize>)> =
        drafts.iter().enumerate().map(|(at, draft)| (draft.class, std::cmp::Reverse(at))).collect();
    order.sort_unstable();
    let mut dropped = vec![false; drafts.len()];
    for (_, std::cmp::Reverse(at)) in order {
        let Some(draft) = drafts.get(at).cloned() else { continue };
        let others: Vec<usize> = drafts
            .iter()
            .enumerate()
            .filter(|(other, known)| {
                *other != at && dropped.get(*other) == Some(&false) && known.touches_same(&draft)
            })
            .map(|(other, _)| other)
            .collect();
        let applied: Vec<&Draft> = others.iter().filter_map(|other| drafts.get(*other)).collect();
        if applied.is_empty() || !has_no_effect(&draft, &applied, world) {
            continue;
        }
        // Preferably, its findings belong to the draft that is enough by itself.
        let enough = others.iter().find(|other| {
            drafts.get(**other).is_some_and(|other| has_no_effect(&draft, &[other], world))
        });
        let heir = enough.or(others.first()).and_then(|other| drafts.get_mut(*other));
        if let (Some(heir), Some(dropped)) = (heir, dropped.get_mut(at)) {
            heir.take(draft);
            *dropped = true;
        }
    }
    let mut dropped = dropped.into_iter();
    drafts.retain(|_| !dropped.next().unwrap_or(false));
    drafts
}

/// Whether a draft changes nothing after others on the same resource.
fn has_no_effect(draft: &Draft, after: &[&Draft], world: &mut World) -> bool {
    world.try_on(draft.resource, |world| {
        let done = after.iter().all(|other| world.apply(draft.resource, &other.action).is_ok());
        done && world.apply(draft.resource, &draft.action).is_ok_and(|change| !change.effective)
    })
}

/// Applies the drafts in order. Returns the steps, and the drafts that are not possible.
pub(super) fn apply(drafts: Vec<Draft>, world: &mut World) -> (Vec<Step>, Vec<(Draft, Refusal)>) {
    let (mut steps, mut refused): (Vec<Step>, Vec<(Draft, Refusal)>) = Default::default();
    for draft in drafts {
        match world.apply(draft.resource, &draft.action) {
            Ok(change) if !change.effective => {
                refused.push((draft, Refusal::new("the fix would change nothing")));
            }
            Ok(change) => {
                let before = steps.iter().enumerate();
                let after =
                    before.filter(|(_, step)| step.draft.touches_same(&draft)).map(|(at, _)| at);
                steps.push(Step { after: after.collect(), draft, change });
            }
            Err(refusal) => refused.push((draft, refusal)),
        }
    }
    (steps, refused)
}

/// Sorts what becomes of findings, each once.
pub(super) fn sorted(mut settled: Vec<Settled>) -> Vec<Settled> {
    settled.sort_by(|a, b| (&a.rule, &a.fingerprint).cmp(&(&b.rule, &b.fingerprint)));
    settled.dedup();
    settled
}
