//! Script values as JSON.

use rhai::Dynamic;
use serde_json::Value;

use super::object::{Dictionary, Object};
use super::tracking;

/// A script value as JSON, for evidence. Anything that is not data, or is nested too deep, becomes
/// the name of its type.
pub(crate) fn to_json(value: &Dynamic, depth: usize) -> Value {
    let nested = |value: &Dynamic| to_json(value, depth + 1);
    if depth > 16 {
        return Value::String("…".to_owned());
    }
    if value.is_unit() {
        Value::Null
    } else if let Ok(text) = value.as_immutable_string_ref() {
        Value::String(text.to_string())
    } else if let Ok(b) = value.as_bool() {
        Value::Bool(b)
    } else if let Ok(int) = value.as_int() {
        Value::from(int)
    } else if let Ok(float) = value.as_float() {
        Value::from(float)
    } else if let Ok(c) = value.as_char() {
        Value::String(c.to_string())
    } else if let Ok(items) = value.as_array_ref() {
        Value::Array(items.iter().map(nested).collect())
    } else if let Ok(map) = value.as_map_ref() {
        // Missing values are not evidence.
        let present = map.iter().filter(|(_, value)| !value.is_unit());
        Value::Object(present.map(|(key, value)| (key.to_string(), nested(value))).collect())
    } else if let Some(object) = value.read_lock::<Object>() {
        tracking::mark_used(object.address());
        Value::Object(object.fields().map(|(key, value)| (key.to_owned(), nested(value))).collect())
    } else if let Some(dictionary) = value.read_lock::<Dictionary>() {
        tracking::mark_used(dictionary.address());
        Value::Object(
            dictionary.0.iter().map(|(key, value)| (key.to_string(), nested(value))).collect(),
        )
    } else {
        Value::String(type_name(value).to_owned())
    }
}

/// The name of a value's type, as the documentation of helpers writes it.
pub(crate) fn type_name(value: &Dynamic) -> &'static str {
    if value.read_lock::<Object>().is_some() {
        return "object";
    }
    if value.read_lock::<Dictionary>().is_some() {
        return "map";
    }
    script_type(value.type_name())
}

/// The name of a type of the engine, as messages write it.
pub(crate) fn script_type(name: &str) -> &'static str {
    let is = |part: &str| name.contains(part);
    match name.rsplit("::").next().unwrap_or(name) {
        "()" => "()",
        "bool" => "bool",
        "i64" | "INT" => "int",
        "f64" | "FLOAT" => "float",
        "array" | "Array" => "list",
        "map" | "Map" | "Dictionary" | "dictionary" => "map",
        "Fn" | "FnPtr" => "closure",
        "Object" | "object" => "object",
        "VerdictValue" | "verdict" => "verdict",
        "char" => "char",
        _ if is("String") || is("string") || is("str") => "string",
        _ if is("range") || is("Range") => "range",
        _ => "another type",
    }
}

pub(crate) fn same(a: &Dynamic, b: &Dynamic) -> bool {
    to_json(a, 0) == to_json(b, 0)
}
