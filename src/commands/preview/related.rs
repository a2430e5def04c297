//! Resources that do not change themselves, but that have to do with something that does: a VPC whose flow
//! log is deleted, an instance in a security group that is opened.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use crate::evaluate::Evaluation;
use crate::facts::Kind;
use crate::model::Resource;
use crate::preview::{Described, ItemKey, terraform};
use crate::report::{Concerned, RuleReads};
use crate::rules::Meta;

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

/// What rules read.
pub(super) fn reads(evaluation: &Evaluation) -> BTreeMap<String, RuleReads> {
    let type_of = |entry: &String| entry.split('.').next().unwrap_or_default().to_owned();
    let rules = evaluation.rules.iter().map(|rule| &rule.rule);
    rules
        .map(|rule| {
            let Meta { kind, needs, terraform, .. } = &rule.meta;
            let facts = needs.own.iter().flat_map(|fact| with_status(kind, fact));
            let reads = RuleReads {
                kinds: needs.related.keys().map(|kind| (*kind).to_owned()).collect(),
                facts: facts.map(str::to_owned).collect(),
                // All that a plan sets of these are facts.
                has_only_facts: kind.name == "s3.bucket" && !needs.own.is_empty(),
                types: terraform.iter().map(type_of).collect(),
            };
            (rule.id.to_string(), reads)
        })
        .collect()
}

/// A fact, and the one that decides it.
fn with_status(kind: &'static Kind, fact: &'static str) -> impl Iterator<Item = &'static str> {
    let by = match fact {
        "policy_status" => Some("policy"),
        _ => kind.fact(fact).and_then(|spec| spec.settled_by()),
    };
    [Some(fact), by].into_iter().flatten()
}

/// The types of what changes, by address.
pub(super) fn types(described: &Described) -> BTreeMap<String, String> {
    let of = |address: &String| Some((address.clone(), terraform::type_of(address)?));
    described.planned.keys().filter_map(of).collect()
}
