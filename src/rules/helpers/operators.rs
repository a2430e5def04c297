//! Operators on values that have no order, or that cannot be added. The engine's own operators
//! return `false` if one of two compared values is `()` or of another type, take `()` for the empty
//! string in `+`, and for an open end in `..`; a rule would decide by what it does not know.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::rc::Rc;

use rhai::{Dynamic, Engine, ImmutableString, NativeCallContext};

use super::arguments::Scripted;
use super::floats::{float, not_finite};
use crate::rules::values::interrupt::Interrupt;
use crate::rules::values::json::type_name;
use crate::rules::values::recorder::Place;

/// The operators that compare by order, each with the orders for which it is `true`.
const ORDERS: [(&str, [Ordering; 2]); 4] = [
    ("<", [Ordering::Less, Ordering::Less]),
    ("<=", [Ordering::Less, Ordering::Equal]),
    (">", [Ordering::Greater, Ordering::Greater]),
    (">=", [Ordering::Greater, Ordering::Equal]),
];

/// The places of ranges of a script that are written without an end or a start.
pub(crate) type OpenRanges = Rc<BTreeSet<Place>>;

thread_local! {
    /// Those of the rule that is evaluated on this thread.
    static OPEN_RANGES: RefCell<OpenRanges> = RefCell::default();
}

/// Sets the open ranges of the rule that is evaluated next: in others, `()` is a missing value.
pub(crate) fn set_open_ranges(open: &OpenRanges) {
    OPEN_RANGES.set(open.clone());
}

/// Registers the operators with an engine, which must not use its fast ones.
pub(super) fn register(engine: &mut Engine) {
    for (operator, wanted) in ORDERS {
        engine.register_fn(
            operator,
            move |cx: NativeCallContext, a: Dynamic, b: Dynamic| -> Scripted<bool> {
                finite(operator, &a, &b)?;
                match order(&a, &b) {
                    Some(found) => Ok(wanted.contains(&found)),
                    None => refuse(&cx, operator, &a, &b),
                }
            },
        );
    }
    for (operator, wanted) in [("==", true), ("!=", false)] {
        let equal = move |a: f64, b: f64| -> Scripted<bool> {
            finite(operator, &a.into(), &b.into())?;
            Ok((compare(a, b) == Ordering::Equal) == wanted)
        };
        engine.register_fn(operator, equal);
        engine.register_fn(operator, move |a: f64, b: i64| equal(a, float(b)));
        engine.register_fn(operator, move |a: i64, b: f64| equal(float(a), b));
    }
    for operator in ["+", "+="] {
        engine.register_fn(
            operator,
            move |cx: NativeCallContext, a: ImmutableString, (): ()| -> Scripted<ImmutableString> {
                refuse(&cx, operator, &a.into(), &Dynamic::UNIT)
            },
        );
        engine.register_fn(
            operator,
            move |cx: NativeCallContext, (): (), b: ImmutableString| -> Scripted<ImmutableString> {
                refuse(&cx, operator, &Dynamic::UNIT, &b.into())
            },
        );
    }
    engine.register_fn("..", |cx: NativeCallContext, start: i64, (): ()| {
        open(&cx, "..", start.into(), Dynamic::UNIT, start..i64::MAX)
    });
    engine.register_fn("..=", |cx: NativeCallContext, start: i64, (): ()| {
        open(&cx, "..=", start.into(), Dynamic::UNIT, start..=i64::MAX)
    });
    engine.register_fn("..", |cx: NativeCallContext, (): (), end: i64| {
        open(&cx, "..", Dynamic::UNIT, end.into(), 0..end)
    });
    engine.register_fn("..=", |cx: NativeCallContext, (): (), end: i64| {
        open(&cx, "..=", Dynamic::UNIT, end.into(), 0..=end)
    });
}

/// Refuses NaN and infinity, with which every comparison is decided by what is not known.
fn finite(operator: &str, a: &Dynamic, b: &Dynamic) -> Scripted<()> {
    let mut floats = [a, b].into_iter().filter_map(|value| value.as_float().ok());
    match floats.find(|number| !number.is_finite()) {
        Some(number) => not_finite(operator, number),
        None => Ok(()),
    }
}

/// The order of two values, if they have one.
fn order(a: &Dynamic, b: &Dynamic) -> Option<Ordering> {
    if let (Ok(a), Ok(b)) = (a.as_int(), b.as_int()) {
        return Some(a.cmp(&b));
    }
    if let (Some(a), Some(b)) = (number(a), number(b)) {
        return Some(compare(a, b));
    }
    if let (Ok(a), Ok(b)) = (a.as_immutable_string_ref(), b.as_immutable_string_ref()) {
        return Some(a.as_str().cmp(b.as_str()));
    }
    if let (Some(a), Some(b)) = (text(a), text(b)) {
        return Some(a.cmp(&b));
    }
    match (a.as_bool(), b.as_bool()) {
        (Ok(a), Ok(b)) => Some(a.cmp(&b)),
        _ => None,
    }
}

/// As the engine compares fractions: almost equal is equal.
fn compare(a: f64, b: f64) -> Ordering {
    let largest = if a * b == 0.0 { 1.0 } else { a.abs().max(b.abs()) };
    if ((a - b) / largest).abs() <= f64::EPSILON {
        return Ordering::Equal;
    }
    a.total_cmp(&b)
}

fn number(value: &Dynamic) -> Option<f64> {
    value.as_float().or_else(|_| value.as_int().map(float)).ok()
}

/// A string or a character.
fn text(value: &Dynamic) -> Option<String> {
    value
        .as_char()
        .map(String::from)
        .ok()
        .or_else(|| value.as_immutable_string_ref().map(|text| text.to_string()).ok())
}

fn open<T>(
    cx: &NativeCallContext,
    operator: &'static str,
    start: Dynamic,
    end: Dynamic,
    range: T,
) -> Scripted<T> {
    let place = Place::of(cx.call_position());
    let written = OPEN_RANGES.with_borrow(|open| place.is_some_and(|place| open.contains(&place)));
    if written { Ok(range) } else { refuse(cx, operator, &start, &end) }
}

fn refuse<T>(cx: &NativeCallContext, operator: &str, a: &Dynamic, b: &Dynamic) -> Scripted<T> {
    let types = [type_name(a), type_name(b)].map(str::to_owned);
    Interrupt::Operator { operator: operator.to_owned(), types }.raise_at(cx.call_position())
}
