//! Places in an answer: where something is, for faults, and finding what a table says where it is.

use std::fmt;

use serde_json::{Map, Value};

use super::want::fold;
use crate::model::text;

/// Where something is in a file: `Reservations[0].Instances[2].State`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place(String);

impl Place {
    /// A field of the object here.
    pub(super) fn field(&self, name: &str) -> Self {
        let name = text::one_line(name, 60);
        Self(if self.0.is_empty() { name } else { format!("{}.{name}", self.0) })
    }

    /// An item of the list here.
    pub(super) fn item(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// The same place in every item.
    pub(super) fn without_numbers(&self) -> String {
        let mut out = String::with_capacity(self.0.len());
        let mut rest = self.0.as_str();
        while let Some((before, after)) = rest.split_once('[') {
            out.push_str(before);
            rest = after.split_once(']').map_or("", |(_, rest)| rest);
        }
        out + rest
    }

    /// Whether this is the whole answer.
    pub(super) fn is_top(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "the answer" } else { &self.0 })
    }
}

/// Something that was found, and where.
pub(super) type Found<'v> = (Place, &'v Value);

/// A field by its name, however it is spelt.
pub(super) fn get<'v>(map: &'v Map<String, Value>, name: &str) -> Option<(&'v str, &'v Value)> {
    match map.get_key_value(name) {
        Some((key, value)) => Some((key, value)),
        None => {
            let name = fold(name);
            map.iter().find(|(key, _)| fold(key) == name).map(|(key, value)| (key.as_str(), value))
        }
    }
}

/// The first name of a place in a table: `Reservations` of `Reservations[].Instances`.
pub(super) fn head(place: &str) -> &str {
    place.split(['.', '[', '?']).next().unwrap_or(place)
}

/// Whether a place in a table leads through that field.
pub(super) fn begins_with(place: &str, key: &str) -> bool {
    fold(head(place)) == fold(key)
}

/// What is at `A.B` or `A.B[0]`; `None` where a part of the way is not there.
pub(super) fn find<'v>(
    map: &'v Map<String, Value>,
    place: &str,
    at: &Place,
) -> Result<Option<Found<'v>>, (Place, String)> {
    let mut map = map;
    let mut at = at.clone();
    let mut steps = place.split('.').peekable();
    while let Some(step) = steps.next() {
        let Some((key, mut value)) = get(map, head(step)) else { return Ok(None) };
        at = at.field(key);
        if step.ends_with("[0]") {
            match value {
                Value::Null => return Ok(None),
                Value::Array(items) => match items.first() {
                    Some(first) => (at, value) = (at.item(0), first),
                    None => return Ok(None),
                },
                _ => return Err((at, "expected a list".to_owned())),
            }
        }
        match value {
            Value::Null => return Ok(None),
            _ if steps.peek().is_none() => return Ok(Some((at, value))),
            Value::Object(inner) => map = inner,
            _ => return Err((at, "expected an object".to_owned())),
        }
    }
    Ok(None)
}

/// All items at `A` or `A[].B`; `None` where the answer has no `A`.
pub(super) fn items<'v>(
    map: &'v Map<String, Value>,
    place: &str,
) -> Result<Option<Vec<Found<'v>>>, (Place, String)> {
    let (first, rest) =
        place.split_once("[].").map_or((place, None), |(first, rest)| (first, Some(rest)));
    let Some((key, value)) = get(map, first) else { return Ok(None) };
    let listed = list(value, &Place::default().field(key))?;
    let Some(rest) = rest else { return Ok(Some(listed)) };
    let mut out = Vec::new();
    for (at, value) in listed {
        let Value::Object(map) = value else { return Err((at, "expected an object".to_owned())) };
        if let Some((key, value)) = get(map, rest) {
            out.extend(list(value, &at.field(key))?);
        }
    }
    Ok(Some(out))
}

fn list<'v>(value: &'v Value, at: &Place) -> Result<Vec<Found<'v>>, (Place, String)> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => {
            Ok(items.iter().enumerate().map(|(index, value)| (at.item(index), value)).collect())
        }
        _ => Err((at.clone(), "expected a list".to_owned())),
    }
}
