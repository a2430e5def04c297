//! Attributes of a planned resource: their values, and which parts of them are not known or sensitive.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::preview::tree::{ABSENT, Tree, Why};

static NULL: Value = Value::Null;

/// Marks a sensitive value before a change that changes it. Plans mark both with `true`, so they would
/// look the same.
pub const CHANGES: &str = "changes";

/// An attribute, a block, or a part of one.
#[derive(Debug, Clone, Copy)]
pub struct Attribute<'p> {
    value: &'p Value,
    unknown: &'p Value,
    sensitive: &'p Value,
}

/// The part of a marking (`after_unknown`, `after_sensitive`) for a field or an item: `true` marks
/// everything within.
fn part<'p>(marks: &'p Value, find: impl FnOnce(&'p Value) -> Option<&'p Value>) -> &'p Value {
    if *marks == Value::Bool(true) || *marks == *CHANGES {
        marks
    } else {
        find(marks).unwrap_or(&NULL)
    }
}

fn has_mark(marks: &Value) -> bool {
    match marks {
        Value::Bool(mark) => *mark,
        Value::String(mark) => mark == CHANGES,
        Value::Array(items) => items.iter().any(has_mark),
        Value::Object(fields) => fields.values().any(has_mark),
        _ => false,
    }
}

impl<'p> Attribute<'p> {
    /// All attributes of a resource.
    pub fn new(value: &'p Value, unknown: &'p Value, sensitive: &'p Value) -> Self {
        Self { value, unknown, sensitive }
    }

    /// An attribute that is not set.
    pub fn none() -> Self {
        Self { value: &NULL, unknown: &NULL, sensitive: &NULL }
    }

    /// An attribute with a value that is known.
    pub fn of(value: &'p Value) -> Self {
        Self { value, unknown: &NULL, sensitive: &NULL }
    }

    /// An attribute of a block.
    pub fn get(&self, name: &str) -> Self {
        Self {
            value: self.value.get(name).unwrap_or(&NULL),
            unknown: part(self.unknown, |marks| marks.get(name)),
            sensitive: part(self.sensitive, |marks| marks.get(name)),
        }
    }

    /// Why it is not known as a whole.
    pub fn why(&self) -> Option<Why> {
        if *self.unknown == Value::Bool(true) {
            return Some(Why::Apply);
        }
        match self.sensitive {
            Value::Bool(true) => Some(Why::Sensitive),
            Value::String(mark) if mark == CHANGES => Some(Why::SensitiveBefore),
            _ => None,
        }
    }

    /// Whether all of it is known.
    pub fn is_known(&self) -> bool {
        !self.has_unknown() && !self.has_sensitive()
    }

    /// Whether a part of it is known only after the change.
    pub fn has_unknown(&self) -> bool {
        has_mark(self.unknown)
    }

    /// Whether a part of it is sensitive.
    pub fn has_sensitive(&self) -> bool {
        has_mark(self.sensitive)
    }

    /// The attributes of a block, including those that are known only after the change.
    pub fn names(&self) -> BTreeSet<&'p str> {
        let names = |value: &'p Value| value.as_object().into_iter().flat_map(|all| all.keys());
        names(self.value).chain(names(self.unknown)).map(String::as_str).collect()
    }

    /// Whether it is known only after the change.
    pub fn is_unknown(&self) -> bool {
        *self.unknown == Value::Bool(true)
    }

    /// Whether it is known to be not set, or set to nothing.
    pub fn is_empty(&self) -> bool {
        self.why().is_none()
            && match self.value {
                Value::Null => true,
                Value::String(text) => text.is_empty(),
                Value::Array(items) => items.is_empty(),
                // Fields that are known only after the change are left out.
                Value::Object(fields) => fields.is_empty() && !self.has_unknown(),
                _ => false,
            }
    }

    /// Whether something in it is set and known.
    pub fn is_set(&self) -> bool {
        self.why().is_none() && !self.is_empty()
    }

    /// Its value, whatever is known of it.
    pub fn raw(&self) -> &'p Value {
        self.value
    }

    fn known(&self) -> Result<&'p Value, Why> {
        self.why().map_or(Ok(self.value), Err)
    }

    /// A string; an empty one is not set.
    pub fn text(&self) -> Result<Option<&'p str>, Why> {
        Ok(self.known()?.as_str().filter(|text| !text.is_empty()))
    }

    /// A boolean, also one that is written as a string.
    pub fn flag(&self) -> Result<Option<bool>, Why> {
        Ok(match self.known()? {
            Value::Bool(value) => Some(*value),
            Value::String(text) => text.parse().ok(),
            _ => None,
        })
    }

    /// An integer, also one that is written as a string, or as `22.0`. Another number is not known.
    pub fn number(&self) -> Result<Option<i64>, Why> {
        Ok(match self.known()? {
            Value::Number(number) => {
                let whole = number.as_i64().or_else(|| whole(number.as_f64()?));
                Some(whole.ok_or(Why::NotConverted)?)
            }
            Value::String(text) => text.parse().ok(),
            _ => None,
        })
    }

    /// An integer for which 0 means that it is not set.
    pub fn positive(&self) -> Result<Option<i64>, Why> {
        Ok(self.number()?.filter(|number| *number != 0))
    }

    /// The items of a list or set, or of repeated blocks.
    pub fn items(&self) -> Result<Vec<Self>, Why> {
        match self.known()? {
            Value::Array(items) => Ok(items
                .iter()
                .enumerate()
                .map(|(index, value)| Self {
                    value,
                    unknown: part(self.unknown, |marks| marks.get(index)),
                    sensitive: part(self.sensitive, |marks| marks.get(index)),
                })
                .collect()),
            Value::Null => Ok(Vec::new()),
            _ => Ok(vec![*self]),
        }
    }

    /// A block of which there is at most one.
    pub fn block(&self) -> Result<Option<Self>, Why> {
        Ok(self.items()?.first().copied())
    }

    /// A tree of the block: what `make` returns for it, or `null` if there is none.
    pub fn block_tree(&self, make: impl FnOnce(Self) -> Tree) -> Tree {
        match self.block() {
            Ok(Some(block)) => make(block),
            Ok(None) => ABSENT,
            Err(why) => Tree::Unknown(why),
        }
    }

    /// A tree of the items.
    pub fn list_tree(&self, make: impl FnMut(Self) -> Tree) -> Tree {
        match self.items() {
            Ok(items) => Tree::List(items.into_iter().map(make).collect()),
            Err(why) => Tree::Unknown(why),
        }
    }

    /// A list of strings.
    pub fn texts(&self) -> Tree {
        self.list_tree(|item| item.text().into())
    }

    /// Tags.
    pub fn tags(&self) -> Tree {
        let value = match self.known() {
            Ok(value) => value,
            Err(why) => return Tree::Unknown(why),
        };
        if !value.is_object() {
            return ABSENT;
        }
        let tag = |key: &str| {
            // Terraform stores an empty value as an empty string.
            let value =
                self.get(key).known().map(|value| Value::from(value.as_str().unwrap_or("")));
            (key.to_owned(), value.into())
        };
        Tree::Object(self.names().into_iter().map(tag).collect())
    }
}

/// The integer that a number is, as far as such a number is exact.
fn whole(number: f64) -> Option<i64> {
    let is_exact = number.fract() == 0.0 && number.abs() < 1e15;
    is_exact.then(|| format!("{number:.0}").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_integers_or_not_known() {
        for (value, expected) in [
            (json!(22), Ok(Some(22))),
            (json!("22"), Ok(Some(22))),
            (json!(22.0), Ok(Some(22))),
            (json!(-1.0), Ok(Some(-1))),
            (json!(22.5), Err(Why::NotConverted)),
            (json!(1e30), Err(Why::NotConverted)),
            (json!(u64::MAX), Err(Why::NotConverted)),
            (json!(null), Ok(None)),
        ] {
            assert_eq!(Attribute::of(&value).number(), expected, "{value}");
        }
    }
}
