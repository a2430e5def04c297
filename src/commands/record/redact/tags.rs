//! Required tags: their keys and values are those of tags in the facts.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::stand_ins::StandIns;
use crate::model::TagRequirement;

/// The values that tags of a case have or would get: those of resources, labels and defaults.
pub(super) fn values(case: &Map<String, Value>) -> BTreeSet<String> {
    let own = case.get("facts").into_iter();
    let related = case.get("related").and_then(Value::as_object).into_iter().flatten();
    let related = related.flat_map(|(_, list)| list.as_array().into_iter().flatten());
    let tags = own.chain(related).filter_map(|resource| resource.get("tags"));
    let maps = tags.chain(case.get("account_labels")).filter_map(Value::as_object);
    let required = case.get("required_tags").and_then(Value::as_array).into_iter().flatten();
    let defaults = required.filter_map(|tag| tag.get("default")?.as_array()).flatten();
    let values = maps.flat_map(|map| map.values());
    let values = values.chain(defaults.filter_map(|default| default.get("value")));
    values.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Replaces what identifies the owner in a required tag. A pattern for values says nothing about their
/// replacements, so that it becomes the list of those that it allows.
pub(super) fn required(stand_ins: &mut StandIns<'_>, tag: &mut Value, values: &BTreeSet<String>) {
    let requirement: Option<TagRequirement> = serde_json::from_value(tag.clone()).ok();
    let Some(tag) = tag.as_object_mut() else { return };
    if let Some(Value::String(key)) = tag.get_mut("key") {
        *key = stand_ins.tag_key(key);
    }
    for key in tag.get_mut("spellings").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::String(key) = key {
            *key = stand_ins.tag_key(key);
        }
    }
    if tag.contains_key("values") || tag.contains_key("pattern") {
        let is_allowed = |value: &&String| {
            requirement.as_ref().is_some_and(|requirement| requirement.values.allow(value))
        };
        let allowed: Vec<&String> = values.iter().filter(is_allowed).collect();
        let mut allowed: Vec<String> =
            allowed.into_iter().map(|value| stand_ins.chosen(value)).collect();
        if allowed.is_empty() {
            // A name that no tag has.
            allowed.push(stand_ins.name("a value that is allowed"));
        }
        tag.shift_remove("pattern");
        tag.insert("values".to_owned(), json!(allowed));
    }
    for default in tag.get_mut("default").and_then(Value::as_array_mut).into_iter().flatten() {
        // The kind in `copy_from` is one of AWS's.
        if let Some(Value::String(label)) = default.get_mut("label") {
            *label = stand_ins.tag_key(label);
        }
        if let Some(Value::String(value)) = default.get_mut("value") {
            *value = stand_ins.chosen(value);
        }
    }
}
