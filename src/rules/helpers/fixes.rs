//! The fix for a failing resource.

use rhai::Dynamic;
use serde_json::{Map, Value};

use super::arguments::Scripted;
use super::table::topic;
use crate::fixes::{Action, FixClass, Origin};
use crate::model::code_series;
use crate::rules::values::fix::{ActionValue, FixValue};
use crate::rules::values::interrupt::Interrupt;
use crate::rules::values::json::{to_json, type_name};
use crate::rules::values::tracking;

/// How many actions one fix can have.
const MAX_ACTIONS: usize = 50;

topic! {
    /// Every path through `fix` must return one of `safe_fix`, `unsafe_fix` and `by_hand`. `fix` is
    /// called only if `check` fails, and only to plan remediation.
    "Fixes";

    /// An action on the resource: one of those that `docs/fixes.md` lists, with its parameters.
    fn action(name: "string") -> "action" (name: "string", parameters: "map") -> "action";
    "type_of(action(\"s3.bucket.block_public_access\", #{ ignore_public_acls: true }))" => "\"action\"";
    |engine, _| {
        engine.register_type_with_name::<ActionValue>("action");
        engine.register_fn("action", |name: &str| action(name, &Dynamic::UNIT));
        engine.register_fn("action", |name: &str, parameters: Dynamic| action(name, &parameters))
    };

    /// A fix that breaks nothing: every request that works today still works, except for making
    /// something public.
    fn safe_fix(actions: "action or list of action") -> "fix";
    "safe_fix(action(\"s3.bucket.block_public_access\"))" => "safe_fix([action(\"s3.bucket.block_public_access\")])";
    |engine, _| {
        engine.register_type_with_name::<FixValue>("fix");
        engine.register_fn("safe_fix", |actions: Dynamic| fix(FixClass::Safe, "", &actions))
    };

    /// A fix that can break a workload, with the reason. It is planned only if the config allows it.
    fn unsafe_fix(reason: "string", actions: "action or list of action") -> "fix";
    "unsafe_fix(\"may be in use\", [action(\"s3.bucket.block_public_access\")])" => "unsafe_fix(\"may be in use\", action(\"s3.bucket.block_public_access\"))";
    |engine, _| engine.register_fn("unsafe_fix", |reason: &str, actions: Dynamic| {
        fix(FixClass::Unsafe, reason, &actions)
    });

    /// Only a person can decide how to fix it, for this reason. The plan then shows the commands of
    /// `## How to fix it`.
    fn by_hand(reason: "string") -> "fix";
    "by_hand(`who needs ${\"access\"} is a decision`)" => "by_hand(\"who needs access is a decision\")";
    |engine, _| engine.register_fn("by_hand", |reason: &str| FixValue {
        class: FixClass::ByHand,
        reason: reason.to_owned(),
        actions: Vec::new(),
    });
}

fn action(name: &str, parameters: &Dynamic) -> Scripted<ActionValue> {
    let parameters = match tracking::without_tracking(|| to_json(parameters))? {
        Value::Null => Map::new(),
        Value::Object(parameters) => parameters,
        _ => {
            let got = type_name(parameters);
            let message = format!("`action` expects a map of parameters, got {got}");
            return Interrupt::Broken(message).raise();
        }
    };
    match Action::new(name, parameters) {
        Ok(action) if action.spec().origin == Origin::Rule => Ok(ActionValue(action)),
        Ok(action) => {
            let message = format!(
                "`{}` only undoes other actions, so a rule cannot propose it",
                action.spec().name
            );
            Interrupt::Broken(message).raise()
        }
        Err(error) => Interrupt::Broken(error.to_string()).raise(),
    }
}

/// A fix with one action or a list of actions.
fn fix(class: FixClass, reason: &str, actions: &Dynamic) -> Scripted<FixValue> {
    let one = |value: &Dynamic| match value.read_lock::<ActionValue>() {
        Some(action) => Ok(action.0.clone()),
        None => {
            let got = type_name(value);
            let names = code_series(["action(…)"], "or");
            Interrupt::Broken(format!("a fix consists of {names}, got {got}")).raise()
        }
    };
    let actions = match actions.as_array_ref() {
        Ok(list) => list.iter().map(one).collect::<Scripted<Vec<_>>>()?,
        Err(_) => vec![one(actions)?],
    };
    if actions.is_empty() || actions.len() > MAX_ACTIONS {
        let message = format!("a fix must have 1 to {MAX_ACTIONS} actions, got {}", actions.len());
        return Interrupt::Broken(message).raise();
    }
    Ok(FixValue { class, reason: reason.to_owned(), actions })
}
