//! Values as Terraform has them, as far as they are known.

use std::collections::BTreeMap;

use serde_json::{Number, Value as Json};

use crate::model::{NOT_KNOWN, STAND_IN};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Nothing of it is known, not even its type.
    Unknown,
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number that is known exactly; see [`Value::number`].
    Number(Number),
    /// A string, of which parts may not be known.
    String(String),
    /// A string of which only the meaning as JSON is known: not its blanks, nor the order of lists, nor whether
    /// [`NOT_KNOWN`] is a string.
    Json(String),
    /// A list, a tuple or a set.
    List(Order, Vec<Value>),
    /// A map or an object, in the order in which Terraform reads it.
    Object(BTreeMap<String, Value>),
}

/// What is known of the order of items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// A tuple: items have types of their own.
    Tuple,
    /// A list or a tuple.
    List,
    /// A set, in the order in which Terraform reads it.
    Set,
    /// A list or a set, in the order in which Terraform reads it.
    Either,
    /// Some order. Items that are listed several times can be one.
    Loose,
}

/// How many digits are exact in the numbers of the crates that read code and plans.
const EXACT_DIGITS: usize = 15;

impl Value {
    /// A number, unless it can be another one than Terraform has.
    pub(super) fn number(number: &Number) -> Self {
        if number.is_i64() || number.is_u64() {
            return Self::Number(number.clone());
        }
        let Some(value) = number.as_f64() else { return Self::Unknown };
        let text = value.abs().to_string();
        let digits = text.replace('.', "");
        match digits.trim_start_matches('0').len() {
            0..=EXACT_DIGITS if value.fract() == 0.0 => Self::Number(Number::from(value as i64)),
            0..=EXACT_DIGITS => Self::Number(number.clone()),
            _ => Self::Unknown,
        }
    }

    /// A value of a plan, which does not distinguish lists from sets: that is `order`.
    pub(super) fn of(json: Json, order: Order) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(value),
            Json::Number(number) => Self::number(&number),
            Json::String(text) if text.chars().eq([NOT_KNOWN]) => Self::Unknown,
            Json::String(text) => Self::String(text),
            Json::Array(items) => {
                Self::List(order, items.into_iter().map(|item| Self::of(item, order)).collect())
            }
            Json::Object(fields) => {
                let of = |(name, value)| (name, Self::of(value, order));
                Self::Object(fields.into_iter().map(of).collect())
            }
        }
    }

    /// The value with [`NOT_KNOWN`] in place of what is not known.
    pub(super) fn into_json(self) -> Json {
        match self {
            Self::Unknown => Json::String(NOT_KNOWN.to_string()),
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(value),
            Self::Number(number) => Json::Number(number),
            Self::String(text) | Self::Json(text) => Json::String(text),
            Self::List(_, items) => items.into_iter().map(Self::into_json).collect(),
            Self::Object(fields) => {
                fields.into_iter().map(|(name, value)| (name, value.into_json())).collect()
            }
        }
    }

    /// A primitive value as a string, to which Terraform converts it.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::String(text) => Some(text.clone()),
            Self::Bool(value) => Some(value.to_string()),
            Self::Number(number) => Some(match number.as_f64() {
                // Without an exponent.
                Some(value) if number.is_f64() => value.to_string(),
                _ => number.to_string(),
            }),
            _ => None,
        }
    }

    /// A primitive value as a part of a string.
    pub(super) fn part(&self) -> String {
        self.text().unwrap_or_else(|| NOT_KNOWN.to_string())
    }

    /// A string that is known as a whole, or a value that converts to one.
    pub(super) fn certain_text(&self) -> Option<String> {
        self.text().filter(|text| is_certain(text))
    }

    /// A value as a condition.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::String(text) if text == "true" => Some(true),
            Self::String(text) if text == "false" => Some(false),
            _ => None,
        }
    }

    /// About how many bytes it has, with `step` for each item.
    pub(super) fn size(&self, step: usize) -> usize {
        match self {
            Self::String(text) | Self::Json(text) => text.len(),
            Self::List(_, items) => items.iter().map(|item| step + item.size(step)).sum(),
            Self::Object(fields) => {
                fields.iter().map(|(name, value)| step + name.len() + value.size(step)).sum()
            }
            Self::Unknown | Self::Null | Self::Bool(_) | Self::Number(_) => 0,
        }
    }

    /// As JSON in the text that `jsonencode` returns.
    pub(super) fn encoded(&self) -> Self {
        let mut text = String::new();
        match self.encode(&mut text) {
            true => Self::String(text),
            false => Self::Json(text),
        }
    }

    /// Appends JSON; returns whether it is the text that Terraform writes.
    fn encode(&self, out: &mut String) -> bool {
        match self {
            Self::Unknown => {
                quote(&NOT_KNOWN.to_string(), out);
                false
            }
            Self::Null => {
                out.push_str("null");
                true
            }
            Self::Bool(_) | Self::Number(_) => {
                out.push_str(&self.part());
                true
            }
            Self::String(text) => quote(text, out),
            Self::Json(text) => {
                quote(text, out);
                false
            }
            Self::List(order, items) => {
                let mut is_exact = *order != Order::Loose;
                out.push('[');
                for (position, item) in items.iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    is_exact &= item.encode(out);
                }
                out.push(']');
                is_exact
            }
            Self::Object(fields) => {
                let mut is_exact = true;
                out.push('{');
                for (position, (name, value)) in fields.iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    is_exact &= quote(name, out);
                    out.push(':');
                    is_exact &= value.encode(out);
                }
                out.push('}');
                is_exact
            }
        }
    }
}

/// Whether a string is known as a whole.
pub(super) fn is_certain(text: &str) -> bool {
    known_start(text).len() == text.len()
}

/// A string up to the first part that is not known.
pub(super) fn known_start(text: &str) -> &str {
    text.split([NOT_KNOWN, STAND_IN]).next().unwrap_or_default()
}

/// Appends a string as Go writes it in JSON; returns whether all of its versions do.
fn quote(text: &str, out: &mut String) -> bool {
    let mut is_exact = true;
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                is_exact &= !matches!(c, '\u{8}' | '\u{c}');
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    is_exact
}
