//! JSON objects of formats for other tools, in which values that are missing have no key.

use serde_json::{Map, Value};

/// An object without keys whose value is `null`, blank, or an empty list or object.
pub(super) fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let is_missing = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    let present = fields.into_iter().filter(|(_, value)| !is_missing(value));
    Value::Object(present.map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>())
}
