//! Resources that do not change themselves, but that have to do with something that does: a VPC whose flow
//! log is deleted, an instance in a security group that is opened.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use crate::evaluate::Evaluation;
use crate::model::Resource;
use crate::preview::{Described, ItemKey};
use crate::report::Concerned;

/// Adds to `concerned` what changes that the resources of an account refer to, or that refers to them.
pub(super) fn add_related(
    concerned: &mut Concerned,
    described: &Described,
    (before, after): (&[Resource], &[Resource]),
) {
    // What changes, and the changes that mention a string.
    let changed: Vec<(&ItemKey, &BTreeSet<String>)> = described.changed.iter().collect();
    let mut mentions: HashMap<String, BTreeSet<usize>> = HashMap::new();
    let mut by_id: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut everywhere = BTreeSet::new();
    for (at, (key, _)) in changed.iter().enumerate() {
        by_id.entry(key.id.as_str()).or_default().push(at);
        let is_setting = matches!(key.kind, "ec2.settings" | "s3.account");
        if is_setting {
            everywhere.insert(at);
        }
        for text in described.texts_of(key) {
            mentions.entry(text).or_default().insert(at);
        }
    }
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    for resource in after.iter().chain(before) {
        if !seen.insert((&resource.kind, &resource.id)) {
            continue;
        }
        let mut found = everywhere.clone();
        found.extend(mentions.get(&resource.id).into_iter().flatten());
        for value in resource.facts.values() {
            ids_in(value, &by_id, &mut found);
        }
        let addresses = found.into_iter().filter_map(|at| changed.get(at));
        let related: BTreeSet<(String, String)> = addresses
            .flat_map(|(key, addresses)| {
                addresses.iter().map(|address| (key.kind.to_owned(), address.clone()))
            })
            .collect();
        if !related.is_empty() {
            concerned.related.insert((resource.kind.clone(), resource.id.clone()), related);
        }
    }
}

fn ids_in(value: &Value, by_id: &HashMap<&str, Vec<usize>>, found: &mut BTreeSet<usize>) {
    match value {
        Value::String(text) => found.extend(by_id.get(text.as_str()).into_iter().flatten()),
        Value::Array(items) => items.iter().for_each(|item| ids_in(item, by_id, found)),
        Value::Object(fields) => fields.values().for_each(|field| ids_in(field, by_id, found)),
        _ => {}
    }
}

/// The kinds whose resources rules look up.
pub(super) fn looked_up(evaluation: &Evaluation) -> BTreeMap<String, BTreeSet<String>> {
    let rules = evaluation.rules.iter().map(|rule| &rule.rule);
    rules
        .map(|rule| {
            let kinds = rule.meta.needs.related.keys().map(|kind| (*kind).to_owned());
            (rule.id.to_string(), kinds.collect())
        })
        .collect()
}
