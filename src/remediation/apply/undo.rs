//! A plan that undoes what a journal says was done: the inverse of each change, the last one first. A
//! resource that is not as the application left it is left alone.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::difference::difference;
use super::fresh::is_same;
use super::job::Fresh;
use super::journal::{Progress, Record};
use super::outcome::Outcome;
use crate::facts;
use crate::fixes::{Action, Call, Facts, FixClass, Inverse, same_state};
use crate::model::{AccountId, Cause, Region, Resource, Verdict, unreadable};
use crate::remediation::file::PLAN_VERSION;
use crate::remediation::items::{id_of, permissions_of};
use crate::remediation::plan::{Item, Plan, Settled, Undo};
use crate::remediation::settings::PlanSettings;
use crate::remediation::surroundings::{Barrier, barrier};
use crate::remediation::world::World;

/// What was read of the accounts of a journal.
pub type AccountResources = BTreeMap<AccountId, Result<Vec<Resource>, Cause>>;

/// How the accounts of a journal are now.
#[derive(Debug)]
pub struct Present<'a> {
    /// Their resources.
    pub accounts: AccountResources,
    /// Their names.
    pub names: BTreeMap<AccountId, String>,
    /// What is not to be changed.
    pub settings: &'a PlanSettings,
}

/// A plan of inverses.
#[derive(Debug)]
pub struct UndoPlan {
    /// The plan.
    pub plan: Plan,
    /// What it does not undo, and why.
    pub left: Vec<NotUndone>,
}

/// A change that is not undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotUndone {
    /// The id of the item.
    pub item: String,
    /// The account.
    pub account: AccountId,
    /// The region of the resource, or `global`.
    pub region: Region,
    /// The id of the resource.
    pub resource: String,
    /// Why.
    pub reason: String,
    /// Whether it could not be read.
    pub unreadable: bool,
}

/// Plans to undo a journal. What was already so, or was not changed, is not undone.
pub fn plan(record: &Record, present: &Present<'_>, expires: Timestamp) -> UndoPlan {
    let accounts = &present.accounts;
    let mut worlds: BTreeMap<&AccountId, Result<(World, &[Resource]), &Cause>> = BTreeMap::new();
    let (mut items, mut left): (Vec<Item>, Vec<NotUndone>) = (Vec::new(), Vec::new());
    for item in record.items.iter().rev() {
        let progress = record.progress(&item.id);
        if !needs_undo(&progress) {
            continue;
        }
        let world = worlds.entry(&item.account).or_insert_with(|| {
            let read = accounts.get(&item.account).map(Result::as_deref);
            match read {
                Some(Ok(all)) => {
                    let (account, partition) = (item.account.clone(), item.partition.clone());
                    Ok((World::new(account, partition, all.to_vec()), all))
                }
                Some(Err(cause)) => Err(cause),
                None => {
                    Ok((World::new(item.account.clone(), item.partition.clone(), Vec::new()), &[]))
                }
            }
        });
        let undone = match world {
            Ok((world, all)) => undo(item, &progress, world, all).and_then(|undone| {
                undone.map(|undone| unless_forbidden(undone, present, all)).transpose()
            }),
            Err(cause) => Err((cause.to_string(), true)),
        };
        match undone {
            Ok(None) => {}
            Ok(Some(mut undone)) => {
                // Changes of one resource are undone in order.
                let earlier = items.iter().rev().find(|other: &&Item| {
                    (&other.account, &other.region, &other.resource)
                        == (&undone.account, &undone.region, &undone.resource)
                });
                undone.depends_on = earlier.map(|other| other.id.clone()).into_iter().collect();
                items.push(undone);
            }
            Err((reason, unreadable)) => left.push(NotUndone {
                item: item.id.clone(),
                account: item.account.clone(),
                region: item.region.clone(),
                resource: item.resource.id.clone(),
                reason,
                unreadable,
            }),
        }
    }
    let plan = Plan {
        version: PLAN_VERSION,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        rules: String::new(),
        config: String::new(),
        snapshot: String::new(),
        expires: expires.to_string(),
        undoes: Some(record.hash.clone()),
        items,
        by_hand: Vec::new(),
        not_planned: Vec::new(),
    };
    UndoPlan { plan, left }
}

/// Whether an item was changed, or may have been: also a change without an answer that was not seen can
/// have been made later.
fn needs_undo(progress: &Progress) -> bool {
    match &progress.end {
        Some(Outcome::Done { .. } | Outcome::NotVerified { .. } | Outcome::Unknown { .. }) => true,
        Some(Outcome::Failed { .. } | Outcome::Interrupted {}) | None => {
            progress.intended.is_some()
        }
        Some(_) => false,
    }
}

/// Whether it is not known that AWS made the change. If the state is that of before, it did not.
fn is_doubtful(progress: &Progress) -> bool {
    !progress.sent && !matches!(progress.end, Some(Outcome::Done { .. }))
}

/// Whether each value of a state is that of before or of after: what remains if one of two calls failed.
fn is_between(state: &Facts, before: &Facts, after: &Facts) -> bool {
    let of = |facts: &Facts, name: &str| {
        let value = facts.get(name).cloned().unwrap_or_default();
        Facts::from_iter([(name.to_owned(), value)])
    };
    state.keys().all(|name| {
        let is_as_in = |other: &Facts| same_state(&of(state, name), &of(other, name));
        is_as_in(before) || is_as_in(after)
    })
}

/// The item, unless its resource is not to be changed.
fn unless_forbidden(
    item: Item,
    present: &Present<'_>,
    all: &[Resource],
) -> Result<Item, (String, bool)> {
    let is_it = |one: &&Resource| {
        one.kind == item.resource.kind && one.region == item.region && one.id == item.resource.id
    };
    let (resource, kind) = (all.iter().find(is_it), facts::kind(&item.resource.kind));
    let (Some(resource), Some(kind)) = (resource, kind) else {
        return Err(("the resource no longer exists".to_owned(), false));
    };
    let account = (&item.account, present.names.get(&item.account).map(String::as_str));
    match barrier(present.settings, account, kind, resource) {
        Barrier::Forbidden(reason) => Err((reason, false)),
        Barrier::Unreadable(cause) => Err((cause.to_string(), true)),
        Barrier::None { managed_by } => Ok(Item { managed_by, ..item }),
    }
}

/// What planning to undo again says about an item of a plan.
pub fn compare(item: &Item, again: &UndoPlan) -> Fresh {
    let items = &again.plan.items;
    if items.iter().any(|other| is_same(item, other, items)) {
        return Fresh::Same;
    }
    let is_here = |left: &&NotUndone| {
        (&left.account, &left.region, &left.resource)
            == (&item.account, &item.region, &item.resource.id)
    };
    match again.left.iter().find(is_here) {
        Some(left) if left.unreadable => {
            Fresh::Unread(Cause::new("undo", "Unreadable", &left.reason))
        }
        Some(left) => Fresh::Changed(left.reason.clone()),
        None => Fresh::Changed("the journal undoes it in another way".to_owned()),
    }
}

/// An error if something that an action changes could not be read.
fn readable(world: &World, at: usize, action: &Action) -> Result<(), (String, bool)> {
    let resource = world.resource(at);
    let mut touched = action.spec().touches.iter();
    let unread = touched.find_map(|name| unreadable::of(&resource?.unreadable, name));
    unread.map_or(Ok(()), |cause| Err((cause.to_string(), true)))
}

/// The inverse of an item, or nothing if it was not changed; or why there is none, and whether something
/// could not be read.
fn undo(
    item: &Item,
    progress: &Progress,
    world: &mut World,
    all: &[Resource],
) -> Result<Option<Item>, (String, bool)> {
    let refuse = |reason: String| (reason, false);
    let left: &Facts = match &progress.end {
        Some(Outcome::Done { left }) => left,
        _ => &item.after,
    };
    let at = all.iter().position(|resource| {
        resource.kind == item.resource.kind
            && resource.region == item.region
            && resource.id == item.resource.id
    });
    let is_unseen = matches!(progress.end, Some(Outcome::Failed { .. } | Outcome::Interrupted {}));
    let Some(at) = at else {
        let gone = refuse("the resource no longer exists".to_owned());
        return if is_unseen { Ok(None) } else { Err(gone) };
    };
    let action = Action::new(&item.action, item.parameters.clone())
        .map_err(|error| refuse(error.to_string()))?;
    readable(world, at, &action)?;
    let present = world.state(at, &action).unwrap_or_default();
    if is_doubtful(progress) && same_state(&present, &item.before) {
        return Ok(None);
    }
    if is_unseen {
        // Somebody else may have made it as well.
        let reason = "the run did not see the change, but it is there now: check who made it, and undo it by hand";
        return if same_state(&present, left) { Err(refuse(reason.to_owned())) } else { Ok(None) };
    }
    let inverse = match action.inverse(&item.before) {
        Inverse::Action(call) => (call, ""),
        Inverse::Nearly(call, note) => (call, note),
        Inverse::Created { name, parameter } => {
            let Some(id) = &progress.created else {
                return Err(refuse("the id of what was created is not known".to_owned()));
            };
            let parameters = Facts::from_iter([(parameter.to_owned(), id.clone().into())]);
            (Call { name, parameters }, "")
        }
        Inverse::Never(reason) => return Err(refuse(reason.to_owned())),
    };
    let (call, note) = inverse;
    let inverse =
        Action::new(call.name, call.parameters).map_err(|error| refuse(error.to_string()))?;
    readable(world, at, &inverse)?;
    let target = item.target();
    let is_whole = same_state(&present, left);
    let is_half = !is_whole
        && is_doubtful(progress)
        && action.writes(&target, &item.before).len() > 1
        && is_between(&present, &item.before, left);
    if !is_half && !is_whole {
        return Err(refuse(format!(
            "it was changed after it was applied: {}",
            difference(left, &present)
        )));
    }
    let change = world.apply(at, &inverse).map_err(|refusal| refuse(refusal.to_string()))?;
    if !change.effective {
        return Err(refuse("there is nothing to undo".to_owned()));
    }
    let part = if is_half { ", of which a part was made" } else { "" };
    let again = |finding: &Settled| Settled { after: Verdict::Fail.to_string(), ..finding.clone() };
    Ok(Some(Item {
        id: id_of((&item.account, &item.region), &item.resource, &inverse, &change.before),
        class: FixClass::Unsafe,
        reason: format!("restores what was there before item {}{part}", item.id),
        account: item.account.clone(),
        partition: item.partition.clone(),
        region: item.region.clone(),
        resource: item.resource.clone(),
        action: inverse.spec().name.to_owned(),
        parameters: inverse.parameters().clone(),
        iam: permissions_of(&inverse, &target, &change.before),
        before: change.before,
        after: change.after,
        findings: Vec::new(),
        makes_worse: item.findings.iter().map(again).collect(),
        undo: Undo {
            action: Some(item.action.clone()),
            parameters: item.parameters.clone(),
            note: note.to_owned(),
        },
        depends_on: Vec::new(),
        managed_by: item.managed_by.clone(),
        source: item.source.clone(),
    }))
}
