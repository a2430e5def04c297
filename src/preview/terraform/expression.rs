//! Expressions of the configuration in a plan: the names that they mention.

use std::collections::HashSet;

use serde_json::Value;

/// The names that an expression mentions.
pub fn references(expression: &Value) -> Vec<String> {
    let mut names = Vec::new();
    collect(expression, &mut names, 16);
    names
}

fn collect(expression: &Value, names: &mut Vec<String>, depth: usize) {
    if depth == 0 {
        return;
    }
    match expression {
        Value::Object(fields) => match fields.get("references").and_then(Value::as_array) {
            Some(list) => {
                names.extend(list.iter().filter_map(Value::as_str).map(str::to_owned));
            }
            None => fields.values().for_each(|value| collect(value, names, depth - 1)),
        },
        Value::Array(items) => items.iter().for_each(|value| collect(value, names, depth - 1)),
        _ => {}
    }
}

/// The most specific names: a plan also lists the beginnings of each.
pub fn outermost(names: &[String]) -> Vec<&str> {
    let beginnings: HashSet<&str> = names
        .iter()
        .flat_map(|name| name.match_indices(['.', '[']).filter_map(|(end, _)| name.get(..end)))
        .collect();
    let mut seen = HashSet::new();
    let names = names.iter().map(String::as_str);
    names.filter(|name| !beginnings.contains(name) && seen.insert(*name)).collect()
}
