//! Array functions that take a closure. They stand in the place of the engine's own, which read
//! anything but `true` as `false` and, in `sort`, go on when the closure fails: a slip in a closure
//! would silently match nothing.

use std::cmp::Ordering;

use rhai::{Array, Dynamic, Engine, FnPtr, NativeCallContext};

use super::table::topic;
use crate::rules::helpers::arguments::Scripted;
use crate::rules::values::interrupt::Interrupt;

topic! {
    /// Array functions that take a closure, called as methods: `list.filter(|x| …)`. Rhai's own
    /// `map` and `reduce` are there as well. A closure that tests must return `true` or `false`.
    "Lists";

    /// The items for which the closure is true.
    fn filter(list: "list", test: "closure") -> "list";
    "[22, 80, 443].filter(|port| port < 100)" => "[22, 80]";
    |engine, _| engine.register_fn("filter", |cx: NativeCallContext, list: &mut Array, test: FnPtr| -> Scripted<Array> {
        let mut kept = Array::new();
        for item in list.iter() {
            if holds(&cx, "filter", &test, item)? {
                kept.push(item.clone());
            }
        }
        Ok(kept)
    });

    /// The first item for which the closure is true, or `()`.
    fn find(list: "list", test: "closure") -> "any";
    "[22, 80, 443].find(|port| port > 22)" => "80";
    "[22, 80, 443].find(|port| port > 1024)" => "()";
    |engine, _| engine.register_fn("find", |cx: NativeCallContext, list: &mut Array, test: FnPtr| -> Scripted<Dynamic> {
        for item in list.iter() {
            if holds(&cx, "find", &test, item)? {
                return Ok(item.clone());
            }
        }
        Ok(Dynamic::UNIT)
    });

    /// Whether the closure is true for at least one item.
    fn some(list: "list", test: "closure") -> "bool";
    "[22, 80].some(|port| port == 22)" => "true";
    "[].some(|port| true)" => "false";
    |engine, _| quantifier(engine, "some", true, true);

    /// Whether the closure is true for every item; so it is for an empty list.
    fn all(list: "list", test: "closure") -> "bool";
    "[22, 80].all(|port| port == 22)" => "false";
    "[].all(|port| false)" => "true";
    |engine, _| quantifier(engine, "all", false, false);

    /// Whether the closure is true for no item.
    fn none(list: "list", test: "closure") -> "bool";
    "[22, 80].none(|port| port == 443)" => "true";
    |engine, _| quantifier(engine, "none", true, false);

    /// Sorts a list in place by a closure that compares two items: negative when the first comes
    /// first, 0 when they are equal, else positive. The list must be the rule's own.
    fn sort(list: "list", order: "closure") -> "()";
    "{ let ports = [443, 22]; ports.sort(|a, b| a - b); ports }" => "[22, 443]";
    |engine, _| {
        engine.register_fn("sort", sort);
        refuse_name(engine, "sort")
    };

    /// Takes neighbors that are equal out of a list in place, but for the first of them; the
    /// closure says what is equal. This is Rhai's own; the name of a function in the place of the
    /// closure is refused, here and in `sort`.
    fn dedup(list: "list") -> "()" (list: "list", same: "closure") -> "()";
    "{ let ports = [22, 22, 443]; ports.dedup(); ports }" => "[22, 443]";
    |engine, _| refuse_name(engine, "dedup");
}

/// Registers a test over all items: the first one for which the closure says `wanted` makes the
/// answer `found`.
fn quantifier(engine: &mut Engine, name: &'static str, wanted: bool, found: bool) {
    engine.register_fn(
        name,
        move |cx: NativeCallContext, list: &mut Array, test: FnPtr| -> Scripted<bool> {
            for item in list.iter() {
                if holds(&cx, name, &test, item)? == wanted {
                    return Ok(found);
                }
            }
            Ok(!found)
        },
    );
}

/// A function's name in the place of a closure reaches the engine's own functions; the two that
/// swallow errors are closed.
fn refuse_name(engine: &mut Engine, name: &'static str) {
    engine.register_fn(name, move |_: &mut Array, _: &str| -> Scripted<()> {
        Interrupt::Broken(format!("`{name}` wants a closure, not the name of a function")).raise()
    });
}

fn sort(cx: NativeCallContext, list: &mut Array, order: FnPtr) -> Scripted<()> {
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
}

fn holds(cx: &NativeCallContext, name: &str, test: &FnPtr, item: &Dynamic) -> Scripted<bool> {
    let answer = test.call_raw(cx, None, [item.clone()])?;
    answer.as_bool().or_else(|_| {
        let got = if answer.is_unit() { "()" } else { answer.type_name() };
        Interrupt::Broken(format!(
            "the closure of `{name}` must return true or false, it returned {got}"
        ))
        .raise()
    })
}

fn compare(cx: &NativeCallContext, order: &FnPtr, a: &Dynamic, b: &Dynamic) -> Scripted<Ordering> {
    let answer = order.call_raw(cx, None, [a.clone(), b.clone()])?;
    match answer.as_int() {
        Ok(number) => Ok(number.cmp(&0)),
        Err(_) => Interrupt::Broken(
            "the closure of `sort` must return a whole number: negative, 0 or positive".to_owned(),
        )
        .raise(),
    }
}
