//! The line of what a change adds to a failure: that of the rule of a security group that is new, not of
//! one that was there before.

use std::collections::BTreeMap;

use crate::evaluate::Evaluation;
use crate::model::{Evidence, Placing, PlannedAction, PlannedChange};
use crate::preview::terraform;
use crate::report::{Preview, Previewed};

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

fn is_at(placing: &Placing, is_it: impl Fn(&String) -> bool) -> bool {
    matches!(placing, Placing::Placed(place) if is_it(&place.address))
}
