//! Array functions that take a closure. They stand in the place of the engine's own, which read anything but `true` as `false` and,
//! in `sort`, go on when the closure fails: a slip in a closure would silently match nothing.

use std::cmp::Ordering;

use rhai::{Array, Dynamic, Engine, FnPtr, NativeCallContext};

use super::Scripted;
use crate::rules::bridge::Interrupt;

/// Registers the functions of this topic.
pub(super) fn register(engine: &mut Engine) {
    engine.register_fn("filter", |cx: NativeCallContext, list: &mut Array, test: FnPtr| -> Scripted<Array> {
        let mut kept = Array::new();
        for item in list.iter() {
            if holds(&cx, "filter", &test, item)? {
                kept.push(item.clone());
            }
        }
        Ok(kept)
    });
    engine.register_fn("find", |cx: NativeCallContext, list: &mut Array, test: FnPtr| -> Scripted<Dynamic> {
        for item in list.iter() {
            if holds(&cx, "find", &test, item)? {
                return Ok(item.clone());
            }
        }
        Ok(Dynamic::UNIT)
    });
    for (name, wanted, found, otherwise) in
        [("some", true, true, false), ("all", false, false, true), ("none", true, false, true)]
    {
        engine.register_fn(name, move |cx: NativeCallContext, list: &mut Array, test: FnPtr| -> Scripted<bool> {
            for item in list.iter() {
                if holds(&cx, name, &test, item)? == wanted {
                    return Ok(found);
                }
            }
            Ok(otherwise)
        });
    }
    engine.register_fn("sort", |cx: NativeCallContext, list: &mut Array, order: FnPtr| -> Scripted<()> {
        let mut failed = None;
        list.sort_by(|a, b| {
            if failed.is_some() {
                return Ordering::Equal;
            }
            match compare(&cx, &order, a, b) {
                Ok(ordering) => ordering,
                Err(error) => {
                    failed = Some(error);
                    Ordering::Equal
                }
            }
        });
        failed.map_or(Ok(()), Err)
    });
    // A function's name in the place of a closure reaches the engine's own functions; the two that swallow errors are closed.
    for name in ["sort", "dedup"] {
        engine.register_fn(name, move |_: &mut Array, _: &str| -> Scripted<()> {
            Interrupt::Broken(format!("`{name}` wants a closure, not the name of a function")).raise()
        });
    }
}

fn holds(cx: &NativeCallContext, name: &str, test: &FnPtr, item: &Dynamic) -> Scripted<bool> {
    let answer = test.call_raw(cx, None, [item.clone()])?;
    answer.as_bool().or_else(|_| {
        let got = if answer.is_unit() { "()" } else { answer.type_name() };
        Interrupt::Broken(format!("the closure of `{name}` must return true or false, it returned {got}")).raise()
    })
}

fn compare(cx: &NativeCallContext, order: &FnPtr, a: &Dynamic, b: &Dynamic) -> Scripted<Ordering> {
    let answer = order.call_raw(cx, None, [a.clone(), b.clone()])?;
    match answer.as_int() {
        Ok(number) => Ok(number.cmp(&0)),
        Err(_) => {
            Interrupt::Broken("the closure of `sort` must return a whole number: negative, 0 or positive".to_owned()).raise()
        }
    }
}
