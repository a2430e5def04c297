//! The engine's own functions that look at every item of a list or map, with the work counted.

use rhai::{Array, Dynamic, Engine, EvalAltResult, Map, NativeCallContext};

use super::arguments::Scripted;
use crate::rules::values::budget::charge_items;
use crate::rules::values::interrupt::broken;
use crate::rules::values::json::type_name;

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
    engine.register_fn("==", |cx: NativeCallContext, a: &mut Array, b: Array| equals(&cx, a, &b));
    engine.register_fn("!=", |cx: NativeCallContext, a: &mut Array, b: Array| {
        equals(&cx, a, &b).map(|equal| !equal)
    });
    engine.register_fn("sort", |list: &mut Array| sort(list));
    engine.register_fn("order", |mut list: Array| sort(&mut list).map(|()| list));
    engine.register_fn("dedup", |cx: NativeCallContext, list: &mut Array| -> Scripted<()> {
        charge_items(list.len())?;
        let mut kept = Array::with_capacity(list.len());
        for item in std::mem::take(list) {
            let again = match kept.last() {
                Some(last) => equal(&cx, last, &item)?,
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
            charge_items(size(map.values()).saturating_add(size(other.values())))?;
            map.extend(other);
            Ok(())
        });
    }
    engine.register_fn("+", |mut map: Map, other: Map| -> Scripted<Map> {
        charge_items(size(map.values()).saturating_add(size(other.values())))?;
        map.extend(other);
        Ok(map)
    });
    engine.register_fn("fill_with", |map: &mut Map, other: Map| -> Scripted<()> {
        charge_items(size(map.values()).saturating_add(size(other.values())))?;
        for (key, value) in other {
            map.entry(key).or_insert(value);
        }
        Ok(())
    });
}

/// How many values a list or map contains, on all levels.
fn size<'a>(values: impl Iterator<Item = &'a Dynamic>) -> usize {
    let nested = |value: &Dynamic| {
        if let Ok(items) = value.as_array_ref() {
            return size(items.iter());
        }
        value.as_map_ref().map_or(0, |map| size(map.values()))
    };
    values.map(|value| 1 + nested(value)).sum()
}

fn position(cx: &NativeCallContext, list: &Array, value: &Dynamic) -> Scripted<Option<usize>> {
    charge_items(list.len())?;
    for (position, item) in list.iter().enumerate() {
        if equal(cx, item, value)? {
            return Ok(Some(position));
        }
    }
    Ok(None)
}

fn equals(cx: &NativeCallContext, a: &Array, b: &Array) -> Scripted<bool> {
    if a.len() != b.len() {
        return Ok(false);
    }
    charge_items(a.len())?;
    for (a, b) in a.iter().zip(b) {
        if !equal(cx, a, b)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether two items are equal, as `==` defines it. Values of different types are not.
fn equal(cx: &NativeCallContext, a: &Dynamic, b: &Dynamic) -> Scripted<bool> {
    if let (Ok(a), Ok(b)) = (a.as_immutable_string_ref(), b.as_immutable_string_ref()) {
        return Ok(*a == *b);
    }
    if let (Ok(a), Ok(b)) = (a.as_int(), b.as_int()) {
        return Ok(a == b);
    }
    if a.is_unit() || b.is_unit() {
        return Ok(a.is_unit() && b.is_unit());
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

/// Sorts numbers, strings or booleans in ascending order.
fn sort(list: &mut Array) -> Scripted<()> {
    charge_items(list.len().saturating_mul(4))?;
    let Some(first) = list.first() else { return Ok(()) };
    if let Some(other) = list.iter().find(|item| item.type_id() != first.type_id()) {
        return broken(format!(
            "`sort` cannot sort a list of {} and {}: pass a closure that compares two items",
            type_name(first),
            type_name(other)
        ));
    }
    if first.is_int() {
        list.sort_by_key(|item| item.as_int().unwrap_or_default());
    } else if first.is_float() {
        let float = |item: &Dynamic| item.as_float().unwrap_or_default();
        list.sort_by(|a, b| float(a).total_cmp(&float(b)));
    } else if first.is_string() {
        let text = |item: &Dynamic| item.as_immutable_string_ref().map(|text| text.clone()).ok();
        list.sort_by_cached_key(|item| text(item));
    } else if first.is_bool() {
        list.sort_by_key(|item| item.as_bool().unwrap_or_default());
    } else if !first.is_unit() {
        return broken(format!(
            "`sort` cannot compare items of type {}: pass a closure that compares two items",
            type_name(first)
        ));
    }
    Ok(())
}
