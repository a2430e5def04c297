//! Operators and functions of Terraform on values of which a part may not be known.

use std::collections::BTreeSet;

use hcl_edit::expr::BinaryOperator;
use serde_json::{Map, Value};

use crate::model::{NOT_KNOWN, is_open};

/// How much is evaluated for one argument: a value costs its length.
pub const MAX_WORK: usize = 1 << 20;

/// The result of a comparison; `None` if it depends on what is not known.
pub(super) fn compared(operator: BinaryOperator, a: &Value, b: &Value) -> Option<bool> {
    match (operator, a, b) {
        (BinaryOperator::And, Value::Bool(a), Value::Bool(b)) => return Some(*a && *b),
        (BinaryOperator::And, Value::Bool(false), _)
        | (BinaryOperator::And, _, Value::Bool(false)) => return Some(false),
        (BinaryOperator::Or, Value::Bool(a), Value::Bool(b)) => return Some(*a || *b),
        (BinaryOperator::Or, Value::Bool(true), _) | (BinaryOperator::Or, _, Value::Bool(true)) => {
            return Some(true);
        }
        _ if is_open(a) || is_open(b) => return None,
        _ => {}
    }
    match operator {
        // Numbers can be equal in several forms.
        BinaryOperator::Eq if !a.is_number() => Some(a == b),
        BinaryOperator::NotEq if !a.is_number() => Some(a != b),
        BinaryOperator::Eq => Some(a.as_i64()? == b.as_i64()?),
        BinaryOperator::NotEq => Some(a.as_i64()? != b.as_i64()?),
        BinaryOperator::Greater => Some(a.as_i64()? > b.as_i64()?),
        BinaryOperator::GreaterEq => Some(a.as_i64()? >= b.as_i64()?),
        BinaryOperator::Less => Some(a.as_i64()? < b.as_i64()?),
        BinaryOperator::LessEq => Some(a.as_i64()? <= b.as_i64()?),
        _ => None,
    }
}

/// Functions of Terraform; `None` for others, and for arguments of which too little is known.
pub(super) fn apply(name: &str, arguments: Vec<Value>) -> Option<Value> {
    let lists = |arguments: Vec<Value>| -> Option<Vec<Value>> {
        let items = |value| match value {
            Value::Array(items) => Some(items),
            _ => None,
        };
        Some(arguments.into_iter().map(items).collect::<Option<Vec<_>>>()?.concat())
    };
    let mut all = arguments.into_iter();
    match name {
        "jsonencode" => Some(Value::String(serde_json::to_string(&only(all)?).ok()?)),
        "tolist" | "tomap" => only(all).filter(|value| value.is_array() || value.is_object()),
        // The order of items does not matter where these are used.
        "toset" | "distinct" | "sort" => {
            let Value::Array(mut items) = only(all)? else { return None };
            let mut seen = BTreeSet::new();
            items.retain(|item| is_open(item) || seen.insert(item.to_string()));
            Some(Value::Array(items))
        }
        "tostring" => only(all).filter(|value| value.is_string()),
        "concat" | "setunion" => lists(all.collect()).map(Value::Array),
        "flatten" => {
            fn flat(value: Value, out: &mut Vec<Value>) -> Option<()> {
                match value {
                    Value::Array(items) => items.into_iter().try_for_each(|one| flat(one, out)),
                    // It can be a list.
                    value if value.as_str().is_some_and(|text| text.contains(NOT_KNOWN)) => None,
                    value => {
                        out.push(value);
                        Some(())
                    }
                }
            }
            let mut out = Vec::new();
            flat(only(all)?, &mut out)?;
            Some(Value::Array(out))
        }
        "compact" => {
            let mut items = lists(all.collect())?;
            let is_certain = !items.iter().any(is_open);
            items.retain(|item| !item.is_null() && item.as_str() != Some(""));
            is_certain.then_some(Value::Array(items))
        }
        "merge" => {
            let mut out = Map::new();
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
                let mut names: Vec<String> = fields.into_iter().map(|(name, _)| name).collect();
                names.sort();
                Some(names.into())
            }
            _ => None,
        },
        "values" => match only(all)? {
            Value::Object(fields) => {
                let mut fields: Vec<(String, Value)> = fields.into_iter().collect();
                fields.sort_by(|(a, _), (b, _)| a.cmp(b));
                Some(fields.into_iter().map(|(_, value)| value).collect())
            }
            _ => None,
        },
        "length" => match only(all)? {
            // Items that are not known can be the same.
            Value::Array(items) if !items.iter().any(is_open) => Some(items.len().into()),
            Value::Object(fields) => Some(fields.len().into()),
            _ => None,
        },
        "join" => {
            let (between, rest) = (all.next()?, lists(all.collect())?);
            let between = between.as_str()?;
            if between.len().saturating_mul(rest.len()) > MAX_WORK {
                return None;
            }
            let parts: Option<Vec<String>> = rest.iter().map(shown).collect();
            Some(Value::String(parts?.join(between)))
        }
        "format" => {
            let first = all.next()?;
            let mut pieces = first.as_str()?.split("%s");
            let mut text = pieces.next()?.to_owned();
            for piece in pieces {
                text.push_str(&shown(&all.next()?)?);
                text.push_str(piece);
            }
            // Other verbs than `%s`.
            let is_plain = all.next().is_none() && !first.as_str()?.replace("%s", "").contains('%');
            is_plain.then_some(Value::String(text))
        }
        "lower" | "upper" => {
            let value = only(all).filter(|value| !is_open(value))?;
            let text = value.as_str()?;
            Some(Value::String(match name {
                "lower" => text.to_lowercase(),
                _ => text.to_uppercase(),
            }))
        }
        _ => None,
    }
}

fn only(mut all: impl Iterator<Item = Value>) -> Option<Value> {
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

/// A value as a part of a string.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        _ => None,
    }
}
