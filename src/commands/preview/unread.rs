//! What a change is of and no selected rule reads.

use std::collections::{BTreeMap, BTreeSet};

use crate::evaluate::Evaluation;
use crate::preview::{Described, terraform};

/// The types of a plan that only change resources of kinds that no rule reads, with how many change.
pub(super) fn unread_types(described: &Described, evaluation: &Evaluation) -> Vec<(String, usize)> {
    let mut read: BTreeSet<&str> = BTreeSet::new();
    for rule in evaluation.rules.iter().map(|rule| &rule.rule.meta) {
        read.insert(rule.kind.name);
        read.extend(rule.needs.related.keys());
    }
    // By address: whether a rule reads something that it changes.
    let mut changes: BTreeMap<&str, bool> = BTreeMap::new();
    for (key, addresses) in &described.changed {
        for address in addresses {
            *changes.entry(address).or_default() |= read.contains(key.kind);
        }
    }
    let mut types: BTreeMap<String, usize> = BTreeMap::new();
    let unread = changes
        .into_iter()
        .filter(|(address, is_read)| !is_read && described.planned.contains_key(*address));
    // Rules on instances read what the instances of groups are launched from.
    let is_launched_from = |name: &str| {
        name == "aws_launch_template"
            && !described.groups.is_empty()
            && read.contains("ec2.instance")
    };
    let names = unread.filter_map(|(address, _)| terraform::type_of(address));
    for name in names.filter(|name| !is_launched_from(name)) {
        *types.entry(name).or_default() += 1;
    }
    types.into_iter().collect()
}
