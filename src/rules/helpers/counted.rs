//! The engine's own functions that look at every item of a list or map, with the work counted.

use rhai::{Array, Dynamic, Engine, EvalAltResult, Map, NativeCallContext};

use super::arguments::Scripted;
use super::floats::not_finite;
use crate::rules::values::budget::charge_items;
use crate::rules::values::evidence::EvidenceValue;
use crate::rules::values::interrupt::broken;
use crate::rules::values::json::{MAX_NESTING, too_deep, type_name};

/// Registers them with an engine, which prefers them to those of its packages.
pub(super) fn register(engine: &mut Engine) {
    engine.register_fn(
        "contains",
        |cx: NativeCallContext, list: &mut Array, value: Dynamic| -> Scripted<bool> {
            Ok(position(&cx, list, &value)?.is_some())
        },
    );
    engine.register_fn(
        "index_of",
        |cx: NativeCallContext, list: &mut Array, value: Dynamic| -> Scripted<i64> {
            let found = position(&cx, list, &value)?;
            Ok(found.and_then(|position| i64::try_from(position).ok()).unwrap_or(-1))
        },
    );
    engine.register_fn("==", |cx: NativeCallContext, a: &mut Array, b: Array| {
        a.iter().chain(&b).try_for_each(|item| refuse(item, 1))?;
        same_items(&cx, a, &b, 0)
    });
    engine.register_fn("!=", |cx: NativeCallContext, a: &mut Array, b: Array| {
        a.iter().chain(&b).try_for_each(|item| refuse(item, 1))?;
        same_items(&cx, a, &b, 0).map(|equal| !equal)
    });
    engine.register_fn("==", |cx: NativeCallContext, a: &mut Map, b: Map| {
        a.values().chain(b.values()).try_for_each(|value| refuse(value, 1))?;
        same_entries(&cx, a, &b, 0)
    });
    engine.register_fn("!=", |cx: NativeCallContext, a: &mut Map, b: Map| {
        a.values().chain(b.values()).try_for_each(|value| refuse(value, 1))?;
        same_entries(&cx, a, &b, 0).map(|equal| !equal)
    });
    engine.register_fn("sort", |list: &mut Array| sort("sort", list));
    engine.register_fn("order", |mut list: Array| sort("order", &mut list).map(|()| list));
    engine.register_fn("sort_desc", |list: &mut Array| {
        sort("sort_desc", list).map(|()| list.reverse())
    });
    engine.register_fn("order_desc", |mut list: Array| {
        sort("order_desc", &mut list).map(|()| list.reverse()).map(|()| list)
    });
    engine.register_fn("dedup", |cx: NativeCallContext, list: &mut Array| -> Scripted<()> {
        charge_items(list.len())?;
        let mut kept = Array::with_capacity(list.len());
        for item in std::mem::take(list) {
            let again = match kept.last() {
                Some(last) => equal(&cx, last, &item, 1)?,
                None => false,
            };
            if !again {
                kept.push(item);
            }
        }
        *list = kept;
        Ok(())
    });
    for name in ["mixin", "+="] {
        engine.register_fn(name, |map: &mut Map, other: Map| -> Scripted<()> {
            charge_items(measured(map.values())?.saturating_add(measured(other.values())?))?;
            map.extend(other);
            Ok(())
        });
    }
    engine.register_fn("+", |mut map: Map, other: Map| -> Scripted<Map> {
        charge_items(measured(map.values())?.saturating_add(measured(other.values())?))?;
        map.extend(other);
        Ok(map)
    });
    engine.register_fn("fill_with", |map: &mut Map, other: Map| -> Scripted<()> {
        charge_items(measured(map.values())?.saturating_add(measured(other.values())?))?;
        for (key, value) in other {
            map.entry(key).or_insert(value);
        }
        Ok(())
    });
}

/// How many values a list or map contains on all levels, for a function that needs them all.
pub(super) fn measured<'a>(values: impl Iterator<Item = &'a Dynamic>) -> Scripted<usize> {
    size(values, 1).map_or_else(|| too_deep().raise(), Ok)
}

/// The same; `None` if the values, which are at this depth, are nested too deep.
pub(super) fn size<'a>(values: impl Iterator<Item = &'a Dynamic>, depth: usize) -> Option<usize> {
    if depth > MAX_NESTING {
        return None;
    }
    let mut count = 0_usize;
    for value in values {
        let nested = if let Ok(items) = value.as_array_ref() {
            size(items.iter(), depth + 1)?
        } else if let Ok(map) = value.as_map_ref() {
            size(map.values(), depth + 1)?
        } else {
            0
        };
        count = count.saturating_add(1).saturating_add(nested);
    }
    Some(count)
}

fn position(cx: &NativeCallContext, list: &Array, value: &Dynamic) -> Scripted<Option<usize>> {
    charge_items(list.len())?;
    for (position, item) in list.iter().enumerate() {
        if equal(cx, item, value, 1)? {
            return Ok(Some(position));
        }
    }
    Ok(None)
}

/// Whether two lists at this depth are equal.
fn same_items(cx: &NativeCallContext, a: &Array, b: &Array, depth: usize) -> Scripted<bool> {
    if a.len() != b.len() {
        return Ok(false);
    }
    charge_items(a.len())?;
    for (a, b) in a.iter().zip(b) {
        if !equal(cx, a, b, depth + 1)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether two maps at this depth are equal.
fn same_entries(cx: &NativeCallContext, a: &Map, b: &Map, depth: usize) -> Scripted<bool> {
    if a.len() != b.len() {
        return Ok(false);
    }
    charge_items(a.len())?;
    for ((key_a, a), (key_b, b)) in a.iter().zip(b) {
        if key_a != key_b || !equal(cx, a, b, depth + 1)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Ends the evaluation if a value at this depth contains one that is only evidence: lists and maps of
/// different lengths are not compared any further.
fn refuse(value: &Dynamic, depth: usize) -> Scripted<()> {
    if depth > MAX_NESTING {
        return too_deep().raise();
    }
    if let Some(token) = value.read_lock::<EvidenceValue>() {
        return token.misused();
    }
    if let Ok(items) = value.as_array_ref() {
        return items.iter().try_for_each(|item| refuse(item, depth + 1));
    }
    match value.as_map_ref() {
        Ok(map) => map.values().try_for_each(|value| refuse(value, depth + 1)),
        Err(_) => Ok(()),
    }
}

/// Whether two items at this depth are equal, as `==` defines it. Values of different types are not.
fn equal(cx: &NativeCallContext, a: &Dynamic, b: &Dynamic, depth: usize) -> Scripted<bool> {
    if depth > MAX_NESTING {
        return too_deep().raise();
    }
    if let (Ok(a), Ok(b)) = (a.as_immutable_string_ref(), b.as_immutable_string_ref()) {
        return Ok(*a == *b);
    }
    if let (Ok(a), Ok(b)) = (a.as_int(), b.as_int()) {
        return Ok(a == b);
    }
    if a.is_unit() || b.is_unit() {
        return Ok(a.is_unit() && b.is_unit());
    }
    if let (Ok(a), Ok(b)) = (a.as_array_ref(), b.as_array_ref()) {
        return same_items(cx, &a, &b, depth);
    }
    if let (Ok(a), Ok(b)) = (a.as_map_ref(), b.as_map_ref()) {
        return same_entries(cx, &a, &b, depth);
    }
    let differ = a.type_id() != b.type_id();
    let (mut a, mut b) = (a.clone(), b.clone());
    match cx.call_native_fn_raw("==", true, &mut [&mut a, &mut b]) {
        Ok(equal) => equal.as_bool().or(Ok(false)),
        Err(error) if differ && matches!(*error, EvalAltResult::ErrorFunctionNotFound(..)) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Sorts numbers, strings or booleans in ascending order, for the function with this name.
fn sort(name: &str, list: &mut Array) -> Scripted<()> {
    charge_items(list.len().saturating_mul(4))?;
    let Some(first) = list.first() else { return Ok(()) };
    if list.iter().any(Dynamic::is_unit) {
        return broken(format!(
            "`{name}` cannot sort absent items (`()`): remove them with `filter(|x| is_configured(x))`"
        ));
    }
    let advice = match name {
        "sort" => "pass a closure that compares two items",
        _ => "use `sort` with a closure that compares two items",
    };
    if let Some(other) = list.iter().find(|item| item.type_id() != first.type_id()) {
        return broken(format!(
            "`{name}` cannot sort a list of {} and {}: {advice}",
            type_name(first),
            type_name(other)
        ));
    }
    if first.is_int() {
        list.sort_by_key(|item| item.as_int().unwrap_or_default());
    } else if first.is_float() {
        let float = |item: &Dynamic| item.as_float().unwrap_or_default();
        if let Some(item) = list.iter().map(float).find(|item| !item.is_finite()) {
            return not_finite(name, item);
        }
        list.sort_by(|a, b| float(a).total_cmp(&float(b)));
    } else if first.is_string() {
        let text = |item: &Dynamic| item.as_immutable_string_ref().map(|text| text.clone()).ok();
        list.sort_by_cached_key(|item| text(item));
    } else if first.is_bool() {
        list.sort_by_key(|item| item.as_bool().unwrap_or_default());
    } else if first.is_char() {
        list.sort_by_key(|item| item.as_char().unwrap_or_default());
    } else {
        return broken(format!(
            "`{name}` cannot compare items of type {}: {advice}",
            type_name(first)
        ));
    }
    Ok(())
}
