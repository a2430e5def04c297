//! What differs between two states, for people.

use std::collections::BTreeSet;

use crate::fixes::{Facts, same_state};

/// What differs between two states, by name and value.
pub(super) fn difference(planned: &Facts, present: &Facts) -> String {
    let names: BTreeSet<&String> = planned.keys().chain(present.keys()).collect();
    let differs = |name: &&&String| {
        let only = |facts: &Facts| facts.get_key_value(**name).map(|(k, v)| (k.clone(), v.clone()));
        !same_state(&only(planned).into_iter().collect(), &only(present).into_iter().collect())
    };
    let shown = |facts: &Facts, name: &str| {
        facts.get(name).map_or_else(|| "absent".to_owned(), ToString::to_string)
    };
    let parts: Vec<String> = names
        .iter()
        .filter(differs)
        .map(|name| {
            format!("`{name}` is {}, not {} as planned", shown(present, name), shown(planned, name))
        })
        .collect();
    crate::model::text::one_line(&parts.join("; "), 500)
}
