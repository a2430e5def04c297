//! What happens to values of which Terraform makes one type: the items of a list, or the results of a
//! condition. `[1, "a"]` becomes `["1", "a"]`.

use std::collections::{BTreeMap, BTreeSet};

use super::value::{Order, Value, is_certain};

/// The type of a value, as far as it decides whether a value is converted.
enum Shape {
    /// No value.
    Nothing,
    Null,
    String,
    Number,
    Bool,
    List(Box<Shape>),
    Set(Box<Shape>),
    Object(BTreeMap<String, Shape>),
    Map(Box<Shape>),
}

impl Shape {
    /// `None` if the type is not known, or if its items are converted once they have one type.
    fn of(value: &Value) -> Option<Self> {
        let all = |items: &[Value]| Some(Box::new(Self::of_all(items.iter())?));
        match value {
            Value::Null => Some(Self::Null),
            Value::String(_) | Value::Json(_) => Some(Self::String),
            Value::Number(_) => Some(Self::Number),
            Value::Bool(_) => Some(Self::Bool),
            // Like a null, one without items can be of any type.
            Value::List(Order::List, items) if items.is_empty() => {
                Some(Self::List(Box::new(Self::Null)))
            }
            Value::List(Order::Set, items) if items.is_empty() => {
                Some(Self::Set(Box::new(Self::Null)))
            }
            Value::Object(fields) if fields.is_empty() => Some(Self::Map(Box::new(Self::Null))),
            Value::List(Order::Tuple | Order::List, items) => all(items).map(Self::List),
            Value::List(Order::Set, items) => all(items).map(Self::Set),
            Value::Object(fields) => {
                let of = |(name, value): (&String, _)| Some((name.clone(), Self::of(value)?));
                fields.iter().map(of).collect::<Option<_>>().map(Self::Object)
            }
            Value::Unknown | Value::List(Order::Either | Order::Loose, _) => None,
        }
    }

    /// The type of several values; `None` if one of them is converted to it.
    fn of_all<'v>(mut values: impl Iterator<Item = &'v Value>) -> Option<Self> {
        values.try_fold(Self::Nothing, |shape, value| shape.with(Self::of(value)?))
    }

    fn with(self, other: Self) -> Option<Self> {
        let all = |fields: BTreeMap<String, Self>| {
            fields.into_values().try_fold(Self::Nothing, Self::with)
        };
        Some(match (self, other) {
            (Self::Nothing, one) | (one, Self::Nothing) => one,
            (Self::Null, Self::Null) => Self::Null,
            // The null can be one of any type. If it is of another one, the rest becomes a string.
            (Self::Null | Self::String, Self::Null | Self::String) => Self::String,
            (Self::Number, Self::Number) => Self::Number,
            (Self::Bool, Self::Bool) => Self::Bool,
            (Self::List(a), Self::List(b)) => Self::List(Box::new(a.with(*b)?)),
            (Self::Set(a), Self::Set(b)) => Self::Set(Box::new(a.with(*b)?)),
            (Self::Map(a), Self::Map(b)) => Self::Map(Box::new(a.with(*b)?)),
            (Self::Map(a), Self::Object(b)) | (Self::Object(b), Self::Map(a)) => {
                Self::Map(Box::new(a.with(all(b)?)?))
            }
            (Self::Object(a), Self::Object(b)) if a.keys().eq(b.keys()) => {
                let pairs = a.into_iter().zip(b.into_values());
                let fields = pairs.map(|((name, a), b)| Some((name, a.with(b)?)));
                Self::Object(fields.collect::<Option<_>>()?)
            }
            (Self::Object(a), Self::Object(b)) => Self::Map(Box::new(all(a)?.with(all(b)?)?)),
            _ => return None,
        })
    }
}

/// One of two values of which Terraform makes one type. The other one can be written as `{}`.
pub(super) fn chosen(value: Value, other: &Value, is_braces: bool) -> Value {
    let of_other = match is_braces {
        true => Some(Shape::Map(Box::new(Shape::Nothing))),
        false => Shape::of(other),
    };
    let shape = Shape::of(&value).zip(of_other);
    let fits = shape.is_some_and(|(shape, other)| shape.with(other).is_some());
    match (value, other) {
        (value, Value::String(_) | Value::Json(_)) if !fits => {
            value.text().map_or(Value::Unknown, Value::String)
        }
        (value, _) if fits => listed(value),
        (value, _) => loosened(value),
    }
}

/// The items of a list, a set or a map.
pub(super) fn items(items: Vec<Value>) -> Vec<Value> {
    let fits = Shape::of_all(items.iter()).is_some();
    items.into_iter().map(if fits { listed } else { loosened }).collect()
}

/// A value whose tuples can be lists.
fn listed(value: Value) -> Value {
    match value {
        Value::List(order, items) => {
            let order = if order == Order::Tuple { Order::List } else { order };
            Value::List(order, items.into_iter().map(listed).collect())
        }
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (name, listed(value))).collect())
        }
        value => value,
    }
}

/// A value that may be converted to another type of which nothing is known: numbers and booleans to
/// strings, lists to sets.
pub(super) fn loosened(value: Value) -> Value {
    match value {
        Value::Bool(_) | Value::Number(_) => Value::Unknown,
        Value::List(_, items) => {
            let order = if items.len() < 2 { Order::Either } else { Order::Loose };
            Value::List(order, items.into_iter().map(loosened).collect())
        }
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (name, loosened(value))).collect())
        }
        value => value,
    }
}

/// A set of items of one type.
pub(super) fn set(mut items: Vec<Value>) -> Value {
    if let Some(mut texts) = certain_texts(&items) {
        texts.sort();
        texts.dedup();
        return Value::List(Order::Set, texts.into_iter().map(Value::String).collect());
    }
    let numbers = |item: &Value| match item {
        Value::Number(number) => number.as_i64(),
        _ => None,
    };
    if let Some(mut numbers) = items.iter().map(numbers).collect::<Option<Vec<i64>>>() {
        numbers.sort_unstable();
        numbers.dedup();
        let items = numbers.into_iter().map(|number| Value::Number(number.into()));
        return Value::List(Order::Set, items.collect());
    }
    once(&mut items);
    let order = if items.len() < 2 { Order::Set } else { Order::Loose };
    Value::List(order, items)
}

/// Removes strings that are there already.
pub(super) fn once(items: &mut Vec<Value>) {
    let mut seen = BTreeSet::new();
    items.retain(|item| match item {
        Value::String(text) if is_certain(text) => seen.insert(text.clone()),
        _ => true,
    });
}

/// Items that are all strings, and known.
pub(super) fn certain_texts(items: &[Value]) -> Option<Vec<String>> {
    let text = |item: &Value| match item {
        Value::String(text) if is_certain(text) => Some(text.clone()),
        _ => None,
    };
    items.iter().map(text).collect()
}
