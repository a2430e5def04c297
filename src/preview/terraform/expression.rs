//! Expressions of the configuration in a plan: the names that they mention.

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
    let is_beginning = |name: &str, other: &str| {
        other.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', '[']))
    };
    let mut out: Vec<&str> = Vec::new();
    for name in names {
        let is_part = names.iter().any(|other| is_beginning(name, other));
        if !is_part && !out.contains(&name.as_str()) {
            out.push(name);
        }
    }
    out
}
