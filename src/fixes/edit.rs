//! Reading and editing facts in actions.

use serde::Serialize;
use serde_json::{Map, Value};

use super::scene::{Effect, Scene};
use super::spec::{Facts, Refusal};
use crate::model::unreadable;

/// A fact or field of the resource, `null` if AWS says that it is not configured. What was not read
/// is a reason to refuse: an action must not change what nobody looked at.
pub(super) fn known<'a>(scene: &Scene<'a>, name: &str) -> Result<&'a Value, Refusal> {
    let read = unreadable::of(&scene.resource.unreadable, name).is_none();
    let value = scene.resource.facts.get(name).filter(|_| read);
    value.ok_or_else(|| Refusal::new(format!("`{name}` was not read")))
}

/// The object that a fact or field is; a reason to refuse if it is something else.
pub(super) fn known_object(scene: &Scene<'_>, name: &str) -> Result<Map<String, Value>, Refusal> {
    let value = known(scene, name)?.as_object().cloned();
    value.ok_or_else(|| Refusal::new(format!("AWS did not return `{name}`")))
}

/// The list that a fact or field is; `null` is an empty list.
pub(super) fn known_list(scene: &Scene<'_>, name: &str) -> Result<Vec<Value>, Refusal> {
    Ok(known(scene, name)?.as_array().cloned().unwrap_or_default())
}

/// The effect that a fact, which must have been read, gets this value: empty if it has that already.
pub(super) fn becomes(scene: &Scene<'_>, name: &str, value: Value) -> Result<Effect, Refusal> {
    all_become(scene, [(name, value)])
}

/// The effect that facts get these values, without those that have them already.
pub(super) fn all_become<'a>(
    scene: &Scene<'_>,
    values: impl IntoIterator<Item = (&'a str, Value)>,
) -> Result<Effect, Refusal> {
    let mut facts = Map::new();
    for (name, value) in values {
        if !equal(known(scene, name)?, &value) {
            facts.insert(name.to_owned(), value);
        }
    }
    Ok(Effect { facts, ..Effect::default() })
}

/// Whether two states are equal if what is absent counts as `null`.
pub fn same_state(a: &Facts, b: &Facts) -> bool {
    a.keys().chain(b.keys()).all(|key| equal(field(a, key), field(b, key)))
}

/// Whether two values are equal if a field that is absent counts as `null`.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.keys().chain(b.keys()).all(|key| equal(field(a, key), field(b, key)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (a, b) => a == b,
    }
}

fn field<'a>(map: &'a Map<String, Value>, key: &str) -> &'a Value {
    map.get(key).unwrap_or(&Value::Null)
}

/// A value of a type of facts, as JSON.
pub(super) fn json(value: &impl Serialize) -> Value {
    // Facts and parameters are structs of plain data, so this cannot fail.
    serde_json::to_value(value).unwrap_or_default()
}

/// A string in an object.
pub(super) fn text<'a>(object: &'a Map<String, Value>, field: &str) -> Option<&'a str> {
    object.get(field).and_then(Value::as_str)
}

/// A state of one entry.
pub(super) fn state_of(name: &str, value: Value) -> Facts {
    Map::from_iter([(name.to_owned(), value)])
}

/// A list whose order means nothing, sorted.
pub(super) fn sorted(value: &Value) -> Value {
    let mut list = value.as_array().cloned().unwrap_or_default();
    list.sort_by_cached_key(Value::to_string);
    Value::Array(list)
}

/// Refuses a resource that another account owns and shares with the scanned one.
pub(super) fn owned(scene: &Scene<'_>) -> Result<(), Refusal> {
    match scene.fact("owner_id").and_then(Value::as_str) {
        Some(owner) if owner != scene.account.as_str() => {
            Err(Refusal::new(format!("account {owner} owns it")))
        }
        _ => Ok(()),
    }
}

/// Refuses a setting that an EC2 declarative policy of the organization manages.
pub(super) fn own_setting(setting: &Map<String, Value>) -> Result<(), Refusal> {
    match text(setting, "managed_by") {
        None | Some("account") => Ok(()),
        Some(by) => Err(Refusal::new(format!("it is managed by: {by}"))),
    }
}

/// Refuses a resource that is not in this state: `the transit gateway is modifying`.
pub(super) fn in_state(
    scene: &Scene<'_>,
    what: &str,
    field: &str,
    wanted: &str,
) -> Result<(), Refusal> {
    match known(scene, field)?.as_str() {
        Some(state) if state == wanted => Ok(()),
        Some(state) => Err(Refusal::new(format!("the {what} is {state}, not {wanted}"))),
        None => Err(Refusal::new(format!("AWS did not return the state of the {what}"))),
    }
}
