//! The types of parameters: a value must have that of the default.

use serde_json::Value;

use crate::model::code_series;

/// Whether a value has the type of the default; for lists, every item must have the type of the
/// default's first item. A default of `()` allows any type.
pub(crate) fn same_type(default: &Value, value: &Value) -> bool {
    match (default, value) {
        (Value::Null, _) => true,
        (Value::Bool(_), Value::Bool(_)) | (Value::String(_), Value::String(_)) => true,
        (Value::Number(a), Value::Number(b)) => a.is_f64() || !b.is_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.first().is_none_or(|a| b.iter().all(|b| same_type(a, b)))
        }
        (Value::Object(a), Value::Object(b)) => {
            b.iter().all(|(name, value)| a.get(name).is_some_and(|a| same_type(a, value)))
                && a.keys().all(|name| b.contains_key(name))
        }
        _ => false,
    }
}

/// The type of a default in words: `a list, each item of which is an integer`.
pub(crate) fn type_of(value: &Value) -> String {
    match value {
        Value::Null => "any value".to_owned(),
        Value::Bool(_) => "`true` or `false`".to_owned(),
        Value::Number(number) if number.is_f64() => "a number".to_owned(),
        Value::Number(_) => "an integer".to_owned(),
        Value::String(_) => "a string".to_owned(),
        Value::Array(items) => match items.first() {
            Some(first) => format!("a list, each item of which is {}", type_of(first)),
            None => "a list".to_owned(),
        },
        Value::Object(map) => {
            format!("a table with the keys {}", code_series(map.keys(), "and"))
        }
    }
}
