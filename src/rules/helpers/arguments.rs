//! Conversions between script values and Rust types, for all helpers.

use rhai::{Array, Dynamic, EvalAltResult, ImmutableString, Map, Position};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::model::Cause;
use crate::rules::values::budget::charge_items;
use crate::rules::values::context::EvalContext;
use crate::rules::values::evidence::EvidenceValue;
use crate::rules::values::interrupt::Interrupt;
use crate::rules::values::json::{Lost, known_fields_json, known_json, to_json, type_name};
use crate::rules::values::object::Object;

/// How many comparisons the conversion of one item takes the time of.
const ITEM_WEIGHT: usize = 16;

pub(super) type Scripted<T> = Result<T, Box<EvalAltResult>>;

/// Converts a script value to a Rust type; the error names the helper.
pub(super) fn read<T: DeserializeOwned>(
    helper: &str,
    expected: &str,
    value: &Dynamic,
) -> Scripted<T> {
    charge(value)?;
    converted(helper, expected, value, to_json(value)?)
}

/// What no helper needs to be known: ids of associations, what people say of rules, and the Block Public
/// Access of a subnet's owner, without which the owner's is not known. A resource that does not exist yet
/// has none.
const UNUSED: [&str; 4] = [
    "block_public_access_states",
    "description",
    "network_acl_association_id",
    "route_table_association_id",
];

/// Converts fields of a resource, so that it does not matter if others could not be read.
pub(super) fn read_fields<T: DeserializeOwned>(
    helper: &str,
    expected: &str,
    resource: &Dynamic,
    fields: &[&str],
) -> Scripted<T> {
    let (json, lost) = used_fields(resource, fields)?;
    if !lost.is_empty() {
        Interrupt::Unreadable(lost).record(Position::NONE);
    }
    converted(helper, expected, resource, json)
}

/// The same, or why one of the fields could not be read.
pub(super) fn try_fields<T: DeserializeOwned>(
    helper: &str,
    expected: &str,
    resource: &Dynamic,
    fields: &[&str],
) -> Scripted<Result<T, Cause>> {
    let (json, lost) = used_fields(resource, fields)?;
    match lost.into_iter().next() {
        Some(cause) => Ok(Err(cause)),
        None => converted(helper, expected, resource, json).map(Ok),
    }
}

/// What is known of fields of a resource, and why the rest is not.
fn used_fields(resource: &Dynamic, fields: &[&str]) -> Scripted<(Value, Vec<Cause>)> {
    charge(resource)?;
    let mut lost = Lost::new();
    let json = known_fields_json(resource, fields, &mut lost)?;
    let is_used = |path: &str| !UNUSED.contains(&path.rsplit('.').next().unwrap_or(path));
    lost.retain(|(path, _)| fields.contains(&path.as_str()) || is_used(path));
    Ok((json, lost.into_iter().map(|(_, cause)| cause).collect()))
}

/// Converts what is known of a value. What could not be read is returned with its path, as in
/// `groups.group_id`.
pub(super) fn read_known<T: DeserializeOwned>(
    helper: &str,
    expected: &str,
    value: &Dynamic,
) -> Scripted<(T, Lost)> {
    charge(value)?;
    let mut lost = Lost::new();
    let json = known_json(value, &mut lost)?.unwrap_or_default();
    Ok((converted(helper, expected, value, json)?, lost))
}

fn converted<T: DeserializeOwned>(
    helper: &str,
    expected: &str,
    value: &Dynamic,
    json: Value,
) -> Scripted<T> {
    serde_json::from_value(json).or_else(|_| {
        let got = type_name(value);
        Interrupt::Broken(format!("`{helper}` expects {expected}, got {got}")).raise()
    })
}

/// Charges for the conversion of a value.
pub(super) fn charge(value: &Dynamic) -> Scripted<()> {
    let items = value.as_array_ref().map_or(1, |items| items.len());
    charge_items(items.saturating_mul(ITEM_WEIGHT))
}

/// A string, or `None` for `()`.
pub(super) fn optional_text(helper: &str, value: &Dynamic) -> Scripted<Option<ImmutableString>> {
    if value.is_unit() {
        return Ok(None);
    }
    match value.as_immutable_string_ref() {
        Ok(text) => Ok(Some(text.clone())),
        Err(_) => {
            let got = type_name(value);
            Interrupt::Broken(format!("`{helper}` expects a string or `()`, got {got}")).raise()
        }
    }
}

/// A field of a resource, an object or a map, read as a script reads it; `()` for any other value.
pub(super) fn field(cx: &EvalContext, value: &Dynamic, name: &str) -> Scripted<Dynamic> {
    if let Some(object) = value.read_lock::<Object>() {
        return cx.read(&object, name);
    }
    let map = value.as_map_ref().ok();
    Ok(map.and_then(|map| map.get(name).cloned()).unwrap_or(Dynamic::UNIT))
}

/// The same for a field that is only shown: it does not matter if it could not be read, unless a script
/// uses it for something else.
pub(super) fn shown_field(cx: &EvalContext, value: &Dynamic, name: &str) -> Scripted<Dynamic> {
    if let Some(object) = value.read_lock::<Object>()
        && let Err(Interrupt::Unreadable(causes)) = object.read(Some(&cx.current()?), name)
        && let Some(cause) = causes.into_iter().next()
    {
        // A test case needs to know that the function tried.
        cx.record(|recorder| recorder.seen.read(object.address(), name, &Dynamic::UNIT));
        return Ok(EvidenceValue::unread(name, cause));
    }
    field(cx, value, name)
}

/// A field that is a string, or `None`.
pub(super) fn text_field(
    cx: &EvalContext,
    value: &Dynamic,
    name: &str,
) -> Scripted<Option<ImmutableString>> {
    Ok(field(cx, value, name)?.into_immutable_string().ok())
}

/// Whether a field is `true`.
pub(super) fn is_true(cx: &EvalContext, value: &Dynamic, name: &str) -> Scripted<bool> {
    Ok(field(cx, value, name)?.as_bool().unwrap_or(false))
}

/// A string as a script value, or `()`.
pub(super) fn script_text(text: Option<&str>) -> Dynamic {
    text.map_or(Dynamic::UNIT, |text| Dynamic::from(ImmutableString::from(text)))
}

/// Converts a result to a script value that the script owns: a map with all fields of the type.
pub(super) fn script_value(value: &impl Serialize) -> Dynamic {
    script_map(serde_json::to_value(value).unwrap_or_default())
}

/// Converts JSON to a script value that the script owns.
pub(super) fn script_map(value: Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(b) => Dynamic::from_bool(b),
        Value::Number(number) => number.as_i64().map_or(Dynamic::UNIT, Dynamic::from_int),
        Value::String(text) => Dynamic::from(ImmutableString::from(text)),
        Value::Array(items) => {
            Dynamic::from_array(items.into_iter().map(script_map).collect::<Array>())
        }
        Value::Object(map) => Dynamic::from_map(
            map.into_iter().map(|(key, value)| (key.into(), script_map(value))).collect::<Map>(),
        ),
    }
}
