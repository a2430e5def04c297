//! Script values as JSON.

use rhai::{Dynamic, EvalAltResult, Position};
use serde_json::{Map, Value};

use super::evidence::{EvidenceValue, not_read};
use super::hidden::NotRead;
use super::interrupt::Interrupt;
use super::object::{Dictionary, Object};
use super::tracking;
use crate::model::Cause;

/// How many levels of lists and maps can be compared, converted and shown. Facts have a dozen, and
/// the native stack of an evaluation thread is finite.
pub(crate) const MAX_NESTING: usize = 64;

/// The error for a value with more levels than [`MAX_NESTING`].
pub(crate) fn too_deep() -> Interrupt {
    Interrupt::Broken(format!(
        "a list or map is nested more than {MAX_NESTING} levels deep: keep only what the verdict needs"
    ))
}

/// A script value as JSON. Anything that is not data becomes the name of its type. A value that is
/// nested too deep is an error: cut off, it would be equal to others.
pub(crate) fn to_json(value: &Dynamic) -> Result<Value, Box<EvalAltResult>> {
    convert(value, 0, Purpose::Use)
}

/// The same as [`to_json`] for evidence, which does not affect the verdict: it says what could not be read.
pub(crate) fn evidence_json(value: &Dynamic) -> Result<Value, Box<EvalAltResult>> {
    convert(value, 0, Purpose::Show)
}

/// What could not be read within a value: the path of the field, without positions in lists, and why.
pub(crate) type Lost = Vec<(String, Cause)>;

/// The same as [`to_json`] for what is known of a value; the rest is left out and added to `lost`.
pub(crate) fn known_json(
    value: &Dynamic,
    lost: &mut Lost,
) -> Result<Option<Value>, Box<EvalAltResult>> {
    known_within(value, "", 0, lost)
}

/// The same for some fields of an object; the others are left out. Any other value is converted as a
/// whole.
pub(crate) fn known_fields_json(
    value: &Dynamic,
    names: &[&str],
    lost: &mut Lost,
) -> Result<Value, Box<EvalAltResult>> {
    let Some(object) = value.read_lock::<Object>() else { return to_json(value) };
    tracking::mark_used(object.address());
    known_object(object.fields_with_causes(Some(names)), "", 0, lost)
}

fn known_within(
    value: &Dynamic,
    path: &str,
    depth: usize,
    lost: &mut Lost,
) -> Result<Option<Value>, Box<EvalAltResult>> {
    if depth > MAX_NESTING {
        return too_deep().raise();
    }
    if let Some(cause) = NotRead::of(value) {
        lost.push((path.to_owned(), cause));
        return Ok(None);
    }
    if let Some(object) = value.read_lock::<Object>() {
        tracking::mark_used(object.address());
        return known_object(object.fields_with_causes(None), path, depth, lost).map(Some);
    }
    match value.as_array_ref() {
        Ok(items) => {
            let known = items
                .iter()
                .filter_map(|item| known_within(item, path, depth + 1, lost).transpose());
            known.collect::<Result<_, _>>().map(|items| Some(Value::Array(items)))
        }
        Err(_) => to_json(value).map(Some),
    }
}

fn known_object<'a>(
    fields: impl Iterator<Item = (&'a str, Result<&'a Dynamic, Cause>)>,
    path: &str,
    depth: usize,
    lost: &mut Lost,
) -> Result<Value, Box<EvalAltResult>> {
    let mut known = Map::new();
    for (name, value) in fields {
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value.map(|value| known_within(value, &path, depth + 1, lost)) {
            Ok(value) => known.extend(value?.map(|value| (name.to_owned(), value))),
            Err(cause) => lost.push((path, cause)),
        }
    }
    Ok(Value::Object(known))
}

fn convert(value: &Dynamic, depth: usize, purpose: Purpose) -> Result<Value, Box<EvalAltResult>> {
    match json_for(value, depth, purpose) {
        Some(json) => Ok(json),
        None => too_deep().raise(),
    }
}

/// What a value is converted for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// The verdict can depend on it, so the evaluation ends if something in it could not be read.
    Use,
    /// It is only shown.
    Show,
}

/// The same, to show a value at this level of another one; `None` if it is nested too deep.
pub(crate) fn try_json(value: &Dynamic, depth: usize) -> Option<Value> {
    json_for(value, depth, Purpose::Show)
}

fn json_for(value: &Dynamic, depth: usize, purpose: Purpose) -> Option<Value> {
    let nested = |value: &Dynamic| json_for(value, depth + 1, purpose);
    if depth > MAX_NESTING {
        return None;
    }
    let object = |entries: &mut dyn Iterator<Item = (String, &Dynamic)>| {
        let entries = entries.map(|(key, value)| Some((key, nested(value)?)));
        Some(Value::Object(entries.collect::<Option<_>>()?))
    };
    let scalar = if value.is_unit() {
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
        return Some(Value::Array(items.iter().map(nested).collect::<Option<_>>()?));
    } else if let Ok(map) = value.as_map_ref() {
        // Missing values are not evidence.
        let present = map.iter().filter(|(_, value)| !is_missing(value));
        return object(&mut present.map(|(key, value)| (key.to_string(), value)));
    } else if let Some(frozen) = value.read_lock::<Object>() {
        tracking::mark_used(frozen.address());
        if purpose == Purpose::Show {
            let shown = frozen.fields_with_causes(None).map(|(key, value)| {
                let value = value.map_or_else(|cause| Some(not_read(&cause)), nested);
                Some((key.to_owned(), value?))
            });
            return Some(Value::Object(shown.collect::<Option<_>>()?));
        }
        return object(&mut frozen.fields().map(|(key, value)| (key.to_owned(), value)));
    } else if let Some(dictionary) = value.read_lock::<Dictionary>() {
        tracking::mark_used(dictionary.address());
        return object(&mut dictionary.0.iter().map(|(key, value)| (key.to_string(), value)));
    } else if let Some(token) = value.read_lock::<EvidenceValue>() {
        if purpose == Purpose::Use {
            token.misuse().record(Position::NONE);
            return Some(Value::Null);
        }
        return match &token.value {
            Ok(known) => nested(known),
            Err(cause) => Some(not_read(cause)),
        };
    } else {
        Value::String(type_name(value).to_owned())
    };
    Some(scalar)
}

/// Whether a value is `()`, or evidence that is.
fn is_missing(value: &Dynamic) -> bool {
    let token = value.read_lock::<EvidenceValue>();
    value.is_unit() || token.is_some_and(|token| token.value.as_ref().is_ok_and(Dynamic::is_unit))
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
        "map" | "Map" => "map",
        "Dictionary" | "dictionary" => "tag map",
        "Fn" | "FnPtr" => "closure",
        "Object" | "object" => "object",
        "VerdictValue" | "verdict" => "verdict",
        "FixValue" | "fix" => "fix",
        "ActionValue" | "action" => "action",
        "EvidenceValue" | "evidence" => "evidence",
        "char" => "char",
        _ if is("String") || is("string") || is("str") => "string",
        _ if is("range") || is("Range") => "range",
        _ => "another type",
    }
}

pub(crate) fn same(a: &Dynamic, b: &Dynamic) -> Result<bool, Box<EvalAltResult>> {
    Ok(to_json(a)? == to_json(b)?)
}
