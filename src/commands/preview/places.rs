//! The lines of a preview: that of what a change adds to a failure, such as the new rule of a security group
//! and not one that was there before, and for everything else that of what changes.

use std::collections::BTreeMap;

use crate::evaluate::Evaluation;
use crate::model::{Evidence, Placing, PlannedAction, PlannedChange};
use crate::preview::terraform;
use crate::report::{Preview, Previewed};
use crate::sources::Sources;

/// How many pieces of evidence are looked for.
const PIECES: usize = 20;

/// Places the new and worse failures of a preview at what the plan changes, if something of that is the cause
/// of a part of the evidence. `planned`: what the plan changes, by address.
pub(super) fn place_changes(
    preview: &mut Preview,
    evaluation: &Evaluation,
    planned: &BTreeMap<String, PlannedChange>,
) {
    if evaluation.sources.is_none() {
        return;
    }
    let is_changed = |placing: &Placing| is_at(placing, |address| planned.contains_key(address));
    for one in preview.new_failures.iter_mut().chain(&mut preview.worse) {
        if one.added.is_empty() && one.placing.as_ref().is_some_and(is_changed) {
            continue;
        }
        let Some(placing) = placing(one, evaluation, is_changed) else { continue };
        if let Placing::Placed(place) = &placing
            && !one.addresses.contains(&place.address)
            && let Some(change) = planned.get(&place.address)
        {
            one.addresses.push(place.address.clone());
            one.changes.push(change.clone());
        }
        one.placing = Some(placing);
    }
}

/// The first place that the plan changes: of all evidence, or of one piece.
fn placing(
    one: &Previewed,
    evaluation: &Evaluation,
    is_changed: impl Fn(&Placing) -> bool,
) -> Option<Placing> {
    let pieces = if one.added.is_empty() { &one.evidence } else { &one.added };
    let all: &[Evidence] = pieces;
    let single = pieces.iter().take(PIECES).map(std::slice::from_ref);
    let place = |evidence: &[Evidence]| {
        evaluation.place(&one.account, (&one.rule, None), (&one.resource, evidence))
    };
    std::iter::once(all).chain(single).filter_map(place).find(is_changed)
}

/// Places those of which the line is not one of what the plan changes at the resource that is named first.
pub(super) fn place_named(preview: &mut Preview, evaluation: &Evaluation) {
    if evaluation.sources.is_none() {
        return;
    }
    for one in preview.new_failures.iter_mut().chain(&mut preview.worse) {
        let is_named = |placing: &Placing| is_at(placing, |known| one.addresses.contains(known));
        let is_cause = |change: &&PlannedChange| {
            let is_read = !change.values.is_empty() || one.read.contains(&change.address);
            is_read && change.action != PlannedAction::Delete
        };
        let change = one.changes.first().filter(is_cause);
        let Some(change) = change.filter(|_| !one.placing.as_ref().is_some_and(is_named)) else {
            continue;
        };
        let Some(of) = terraform::type_of(&change.address) else { continue };
        let attribute = change.values.first().map(|value| format!("{of}.{}", value.attribute));
        let types = [attribute.unwrap_or_else(|| of.clone())];
        // Which of several, such as permissions of an AMI, the values can say.
        let values = change.values.iter().filter_map(|value| {
            let name = value.attribute.rsplit('.').next()?;
            Some((name.to_owned(), Evidence::from(value.after.as_deref()?)))
        });
        let values = [Evidence::Object(values.collect())];
        let place = |evidence: &[Evidence]| {
            let of = (&*one.rule, Some(&types[..]));
            evaluation.place(&one.account, of, (&one.resource, evidence))
        };
        let is_it = |new: &Placing| is_at(new, |known| *known == change.address);
        let placing = place(&one.evidence).filter(is_it).or_else(|| place(&values).filter(is_it));
        one.placing = placing.or(one.placing.take());
    }
}

/// Places everything that is neither a new failure nor a worse one at what changes.
pub(super) fn place_others(preview: &mut Preview, evaluation: &Evaluation) {
    let Some(sources) = &evaluation.sources else { return };
    for one in preview.others_mut() {
        if let Some(placing) = place_other(one, evaluation, sources) {
            one.placing = Some(placing);
        }
    }
    let declaration = |address: Option<&String>| sources.declaration(address?);
    for one in &mut preview.destroyed {
        one.place = declaration(one.address.as_ref());
    }
    for one in &mut preview.refused {
        one.place = declaration(one.declared.as_ref().or(one.addresses.first()));
    }
}

/// Where code declares what the rule reads of what changes, or what changes. `None` if the code does not
/// have it any more.
fn place_other(one: &Previewed, evaluation: &Evaluation, sources: &Sources) -> Option<Placing> {
    let declaration = |address: &String| sources.declaration(address).map(Placing::Placed);
    // What exposes a security group is what joins it.
    if !one.joined_by.is_empty() {
        return one.joined_by.iter().find_map(declaration);
    }
    if one.is_failing() && one.place().is_some() {
        return None;
    }
    let is_deleted = |address: &String| {
        let change = one.changes.iter().find(|change| change.address == *address);
        change.is_some_and(|change| change.action == PlannedAction::Delete)
    };
    let address = one.addresses.first()?;
    let is_it = |placing: &Placing| is_at(placing, |known| known == address);
    let of_rule = || {
        let types = terraform::type_of(address).map(|of| [of]);
        let place = |types: Option<&[String]>| {
            evaluation.place(&one.account, (&one.rule, types), (&one.resource, &one.evidence))
        };
        place(None).filter(is_it).or_else(|| place(Some(types.as_ref()?)).filter(is_it))
    };
    match is_deleted(address) {
        true => declaration(address),
        false => of_rule().or_else(|| declaration(address)),
    }
}

fn is_at(placing: &Placing, is_it: impl Fn(&String) -> bool) -> bool {
    matches!(placing, Placing::Placed(place) if is_it(&place.address))
}
