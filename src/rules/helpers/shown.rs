//! Lists and maps as strings, for messages: as the engine writes them, in one pass. The engine
//! copies the string of each level into that of the next one.

use std::fmt::Write as _;

use rhai::{Array, Dynamic, Engine, ImmutableString, Map, NativeCallContext};

use super::arguments::Scripted;
use super::counted::{measured, size};
use crate::rules::values::budget::charge_items;
use crate::rules::values::json::{MAX_NESTING, to_json, too_deep};

/// The function that shows a value within another one.
const DEBUG: &str = "to_debug";

/// Registers them with an engine, which prefers them to those of its packages.
pub(super) fn register(engine: &mut Engine) {
    for name in ["to_string", DEBUG] {
        engine.register_fn(name, |cx: NativeCallContext, list: &mut Array| {
            show(&cx, size(list.iter(), 1), |text| items(&cx, text, list, 1))
        });
        engine.register_fn(name, |cx: NativeCallContext, map: &mut Map| {
            show(&cx, size(map.values(), 1), |text| entries(&cx, text, map, 1))
        });
    }
    engine.register_fn("to_json", |map: &mut Map| -> Scripted<String> {
        charge_items(measured(map.values())?)?;
        let map = map.iter().map(|(key, value)| Ok((key.to_string(), to_json(value)?)));
        Ok(serde_json::Value::Object(map.collect::<Scripted<_>>()?).to_string())
    });
}

/// The string of a value of this size. String interpolation and `+` ignore the error of a value
/// that is too deep and write it in their own way, with a stack frame for each level. So they get a
/// string, and the sandbox ends the rule with the error, which is recorded.
fn show(
    cx: &NativeCallContext,
    size: Option<usize>,
    write: impl FnOnce(&mut String) -> Scripted<()>,
) -> Scripted<ImmutableString> {
    let Some(size) = size else {
        too_deep().record(cx.call_position());
        return Ok("…".into());
    };
    charge_items(size)?;
    let mut text = String::new();
    write(&mut text)?;
    Ok(text.into())
}

fn items(cx: &NativeCallContext, text: &mut String, list: &Array, depth: usize) -> Scripted<()> {
    text.push('[');
    for (position, item) in list.iter().enumerate() {
        if position > 0 {
            text.push_str(", ");
        }
        value(cx, text, item, depth)?;
    }
    text.push(']');
    Ok(())
}

fn entries(cx: &NativeCallContext, text: &mut String, map: &Map, depth: usize) -> Scripted<()> {
    text.push_str("#{");
    for (position, (key, item)) in map.iter().enumerate() {
        if position > 0 {
            text.push_str(", ");
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "{key:?}: ");
        value(cx, text, item, depth)?;
    }
    text.push('}');
    Ok(())
}

fn value(cx: &NativeCallContext, text: &mut String, item: &Dynamic, depth: usize) -> Scripted<()> {
    if depth > MAX_NESTING {
        return too_deep().raise();
    }
    if let Ok(list) = item.as_array_ref() {
        return items(cx, text, &list, depth + 1);
    }
    if let Ok(map) = item.as_map_ref() {
        return entries(cx, text, &map, depth + 1);
    }
    // Most values; a call takes fifty times as long.
    if item.is_int() || item.is_bool() {
        text.push_str(&item.to_string());
        return Ok(());
    }
    let shown = cx.call_native_fn_raw(DEBUG, true, &mut [&mut item.clone()])?;
    match shown.as_immutable_string_ref() {
        Ok(shown) => text.push_str(&shown),
        Err(other) => text.push_str(other),
    }
    Ok(())
}
