//! Operators and functions of Terraform on values of which a part may not be known.

use std::collections::BTreeMap;

use hcl_edit::expr::BinaryOperator;

use super::unify;
use super::value::{Order, Value, is_certain, known_start};

/// How much is evaluated for one argument: a value costs its length.
pub const MAX_WORK: usize = 1 << 20;

/// The result of a comparison; `None` if it depends on what is not known.
pub(super) fn compared(operator: BinaryOperator, a: &Value, b: &Value) -> Option<bool> {
    let number = |value: &Value| match value {
        Value::Number(number) => number.as_i64(),
        _ => None,
    };
    match operator {
        BinaryOperator::And => match (a.truth(), b.truth()) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        BinaryOperator::Or => match (a.truth(), b.truth()) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        BinaryOperator::Eq => are_equal(a, b),
        BinaryOperator::NotEq => are_equal(a, b).map(|are| !are),
        BinaryOperator::Greater => Some(number(a)? > number(b)?),
        BinaryOperator::GreaterEq => Some(number(a)? >= number(b)?),
        BinaryOperator::Less => Some(number(a)? < number(b)?),
        BinaryOperator::LessEq => Some(number(a)? <= number(b)?),
        _ => None,
    }
}

/// Values of different types are never equal, also `1` and `"1"`, or a list and a tuple.
fn are_equal(a: &Value, b: &Value) -> Option<bool> {
    /// The same for the items in order.
    fn all<'v>(pairs: impl Iterator<Item = (&'v Value, &'v Value)>) -> Option<bool> {
        let mut are = Some(true);
        for (a, b) in pairs {
            match are_equal(a, b) {
                Some(false) => return Some(false),
                None => are = None,
                Some(true) => {}
            }
        }
        are
    }
    match (a, b) {
        (Value::Unknown, _) | (_, Value::Unknown) => None,
        (Value::Null, _) | (_, Value::Null) => Some(a == b),
        (Value::String(a), Value::String(b)) => {
            if is_certain(a) && is_certain(b) {
                return Some(a == b);
            }
            // What is not known can only be behind what is.
            let (start, other) = (known_start(a), known_start(b));
            let can_be = match (is_certain(a), is_certain(b)) {
                (true, _) => start.starts_with(other),
                (_, true) => other.starts_with(start),
                _ => start.starts_with(other) || other.starts_with(start),
            };
            (!can_be).then_some(false)
        }
        (Value::Json(_), Value::String(_) | Value::Json(_))
        | (Value::String(_), Value::Json(_)) => None,
        (Value::List(Order::Loose, _), Value::List(..))
        | (Value::List(..), Value::List(Order::Loose, _)) => None,
        (Value::List(order, a), Value::List(other, b)) => {
            let are = a.len() == b.len() && all(a.iter().zip(b)) != Some(false);
            match (order, other) {
                _ if !are => Some(false),
                (Order::Tuple, Order::Tuple) => all(a.iter().zip(b)),
                _ => None,
            }
        }
        (Value::Object(a), Value::Object(b)) => {
            let are = a.keys().eq(b.keys()) && all(a.values().zip(b.values())) != Some(false);
            // One can be a map and the other one an object.
            (!are).then_some(false)
        }
        (Value::Bool(_), Value::Bool(_)) | (Value::Number(_), Value::Number(_)) => Some(a == b),
        _ => Some(false),
    }
}

/// Functions of Terraform; `None` for others, and for arguments of which too little is known.
pub(super) fn apply(name: &str, arguments: Vec<Value>) -> Option<Value> {
    let mut all = arguments.into_iter();
    match name {
        "jsonencode" => Some(only(all)?.encoded()),
        "tolist" => match only(all)? {
            Value::List(order, items) => Some(Value::List(listed(order), unify::items(items))),
            _ => None,
        },
        "toset" => match only(all)? {
            Value::List(_, items) => Some(unify::set(unify::items(items))),
            _ => None,
        },
        "tomap" => match only(all)? {
            Value::Object(fields) => {
                let (names, values): (Vec<String>, Vec<Value>) = fields.into_iter().unzip();
                let fields = names.into_iter().zip(unify::items(values));
                Some(Value::Object(fields.collect()))
            }
            _ => None,
        },
        "tostring" => match only(all)? {
            value @ (Value::Null | Value::Json(_)) => Some(value),
            value => value.text().map(Value::String),
        },
        "concat" => concat(all.collect()),
        "setunion" => {
            let (orders, items) = joined(all.collect())?;
            (!orders.is_empty()).then(|| unify::set(items))
        }
        "distinct" => {
            let Value::List(order, items) = only(all)? else { return None };
            let mut items = unify::items(items);
            let is_certain = items.len() < 2 || unify::certain_texts(&items).is_some();
            unify::once(&mut items);
            Some(Value::List(if is_certain { listed(order) } else { Order::Loose }, items))
        }
        "sort" => {
            let Value::List(order, items) = only(all)? else { return None };
            let items = texts(items)?;
            if items.len() < 2 {
                return Some(Value::List(Order::List, items));
            }
            let Some(mut texts) = unify::certain_texts(&items).filter(|_| order != Order::Loose)
            else {
                return Some(Value::List(Order::Loose, items));
            };
            texts.sort();
            Some(Value::List(Order::List, texts.into_iter().map(Value::String).collect()))
        }
        "flatten" => {
            let Value::List(order, items) = only(all)? else { return None };
            let mut flat = Vec::new();
            let is_loose = flatten(order, items, &mut flat)?;
            Some(Value::List(if is_loose { Order::Loose } else { Order::Tuple }, flat))
        }
        "compact" => {
            let Value::List(order, items) = only(all)? else { return None };
            let items = items.into_iter().filter(|item| *item != Value::Null).collect();
            let mut items = texts(items)?;
            items.retain(|item| *item != Value::String(String::new()));
            let can_be_empty = |item: &Value| match item {
                Value::String(text) => known_start(text).is_empty(),
                _ => true,
            };
            let is_certain = !items.iter().any(can_be_empty);
            is_certain.then(|| Value::List(listed(order), items))
        }
        "merge" => {
            let mut out = BTreeMap::new();
            for value in all {
                match value {
                    Value::Object(fields) => out.extend(fields),
                    Value::Null => {}
                    _ => return None,
                }
            }
            Some(Value::Object(out))
        }
        "keys" => match only(all)? {
            Value::Object(fields) => {
                Some(Value::List(Order::List, fields.into_keys().map(Value::String).collect()))
            }
            _ => None,
        },
        "values" => match only(all)? {
            Value::Object(fields) => Some(Value::List(Order::List, fields.into_values().collect())),
            _ => None,
        },
        "length" => match only(all)? {
            Value::List(Order::Loose, _) => None,
            Value::List(_, items) => Some(Value::Number(items.len().into())),
            Value::Object(fields) => Some(Value::Number(fields.len().into())),
            _ => None,
        },
        "join" => {
            let between = all.next()?.text()?;
            let mut parts = Vec::new();
            for list in all {
                match list {
                    Value::List(order, items) if order != Order::Loose || items.len() < 2 => {
                        let is_null = items.contains(&Value::Null);
                        parts.extend((!is_null).then_some(items)?);
                    }
                    _ => return None,
                }
            }
            if between.len().saturating_mul(parts.len()) > MAX_WORK {
                return None;
            }
            let parts: Vec<String> = parts.iter().map(Value::part).collect();
            Some(Value::String(parts.join(&between)))
        }
        "format" => {
            let first = all.next()?.certain_text()?;
            let mut pieces = first.split("%s");
            let mut text = pieces.next()?.to_owned();
            for piece in pieces {
                match all.next()? {
                    Value::Null | Value::List(..) | Value::Object(_) => return None,
                    value => text.push_str(&value.part()),
                }
                text.push_str(piece);
            }
            // Other verbs than `%s`.
            let is_plain = all.next().is_none() && !first.replace("%s", "").contains('%');
            is_plain.then_some(Value::String(text))
        }
        "lower" | "upper" => {
            // Go converts some letters of other alphabets differently.
            let text = only(all)?.certain_text().filter(|text| text.is_ascii())?;
            Some(Value::String(match name {
                "lower" => text.to_ascii_lowercase(),
                _ => text.to_ascii_uppercase(),
            }))
        }
        _ => None,
    }
}

/// The order of a list that is made from another one, or from a set.
pub(super) fn listed(order: Order) -> Order {
    if order == Order::Loose { order } else { Order::List }
}

/// Items as strings; `None` if they cannot be converted.
fn texts(items: Vec<Value>) -> Option<Vec<Value>> {
    let text = |item: Value| match item {
        Value::Unknown | Value::Json(_) => Some(item),
        item => item.text().map(Value::String),
    };
    items.into_iter().map(text).collect()
}

/// Lists of one type are a list of that type. If one is a tuple, so is the result, and nothing is converted.
fn concat(all: Vec<Value>) -> Option<Value> {
    let is_tuple = |one: &Value| matches!(one, Value::List(Order::Tuple, _));
    let is_tuple = all.iter().any(is_tuple);
    let (orders, items) = match is_tuple {
        true => lists(all)?,
        false => joined(all)?,
    };
    let order = match is_tuple {
        _ if orders.contains(&Order::Loose) => Order::Loose,
        true => Order::Tuple,
        false => Order::List,
    };
    let are_lists = !orders.is_empty() && !orders.contains(&Order::Set);
    are_lists.then_some(Value::List(order, items))
}

/// The items of lists, after each other, and the orders of the lists.
fn lists(all: Vec<Value>) -> Option<(Vec<Order>, Vec<Value>)> {
    let (mut orders, mut items) = (Vec::new(), Vec::new());
    for one in all {
        let Value::List(order, more) = one else { return None };
        orders.push(order);
        items.extend(more);
    }
    Some((orders, items))
}

/// The same with items of one type.
fn joined(all: Vec<Value>) -> Option<(Vec<Order>, Vec<Value>)> {
    let is_empty = |one: &Value| match one {
        Value::List(order, items) => *order != Order::Tuple && items.is_empty(),
        _ => false,
    };
    let has_empty = all.iter().any(is_empty);
    let (orders, mut items) = lists(all)?;
    if has_empty {
        // It can be of any type, like a null.
        items.push(Value::Null);
    }
    let mut items = unify::items(items);
    if has_empty {
        items.pop();
    }
    Some((orders, items))
}

/// Appends what is in lists, also in those in them; returns whether the order is not known.
fn flatten(order: Order, items: Vec<Value>, out: &mut Vec<Value>) -> Option<bool> {
    let mut is_loose = order == Order::Loose;
    for item in items {
        match item {
            // It can be a list.
            Value::Unknown => return None,
            Value::List(order, items) => is_loose |= flatten(order, items, out)?,
            item => out.push(item),
        }
    }
    Some(is_loose)
}

fn only(mut all: impl Iterator<Item = Value>) -> Option<Value> {
    let first = all.next()?;
    all.next().is_none().then_some(first)
}
