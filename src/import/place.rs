//! Places in a response: for messages, and for finding values by the places in the table of kinds.

use std::fmt;

use serde_json::{Map, Value};

use super::want::fold;
use crate::model::text;

/// A place in a file: `Reservations[0].Instances[2].State`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place(String);

impl Place {
    /// A field of the object at this place.
    pub(super) fn field(&self, name: &str) -> Self {
        let name = text::one_line(name, 60);
        Self(if self.0.is_empty() { name } else { format!("{}.{name}", self.0) })
    }

    /// An item of the list at this place.
    pub(super) fn item(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// The place without list indexes.
    pub(super) fn without_numbers(&self) -> String {
        let mut out = String::with_capacity(self.0.len());
        let mut rest = self.0.as_str();
        while let Some((before, after)) = rest.split_once('[') {
            out.push_str(before);
            rest = after.split_once(']').map_or("", |(_, rest)| rest);
        }
        out + rest
    }

    /// Whether this is the whole response.
    pub(super) fn is_top(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "the response" } else { &self.0 })
    }
}

/// A value and its place.
pub(super) type Located<'v> = (Place, &'v Value);

/// A field by its name, in any spelling.
pub(super) fn get<'v>(map: &'v Map<String, Value>, name: &str) -> Option<(&'v str, &'v Value)> {
    match map.get_key_value(name) {
        Some((key, value)) => Some((key, value)),
        None => {
            let name = fold(name);
            map.iter().find(|(key, _)| fold(key) == name).map(|(key, value)| (key.as_str(), value))
        }
    }
}

/// The first field of a place in the table of kinds: `Reservations` of `Reservations[].Instances`.
pub(super) fn head(place: &str) -> &str {
    place.split(['.', '[', '?']).next().unwrap_or(place)
}

/// Whether a place in the table of kinds starts with that field.
pub(super) fn begins_with(place: &str, key: &str) -> bool {
    fold(head(place)) == fold(key)
}

/// The value at `A.B` or `A.B[0]`; `None` if any part of the path is missing.
pub(super) fn find<'v>(
    map: &'v Map<String, Value>,
    place: &str,
    at: &Place,
) -> Result<Option<Located<'v>>, (Place, String)> {
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
                _ => return Err((at, "expected list".to_owned())),
            }
        }
        match value {
            Value::Null => return Ok(None),
            _ if steps.peek().is_none() => return Ok(Some((at, value))),
            Value::Object(inner) => map = inner,
            _ => return Err((at, "expected object".to_owned())),
        }
    }
    Ok(None)
}

/// All items at `A` or `A[].B`; `None` if the response has no `A`.
pub(super) fn items<'v>(
    map: &'v Map<String, Value>,
    place: &str,
) -> Result<Option<Vec<Located<'v>>>, (Place, String)> {
    let (first, rest) =
        place.split_once("[].").map_or((place, None), |(first, rest)| (first, Some(rest)));
    let Some((key, value)) = get(map, first) else { return Ok(None) };
    let listed = list(value, &Place::default().field(key))?;
    let Some(rest) = rest else { return Ok(Some(listed)) };
    let mut out = Vec::new();
    for (at, value) in listed {
        let Value::Object(map) = value else { return Err((at, "expected object".to_owned())) };
        // AWS returns no group without items, so something removed them.
        let inner = match get(map, rest) {
            Some((key, value)) => list(value, &at.field(key))?,
            None => Vec::new(),
        };
        if inner.is_empty() {
            let message = format!("missing `{rest}`; rerun the AWS CLI command without `--query`");
            return Err((at, message));
        }
        out.extend(inner);
    }
    Ok(Some(out))
}

/// An object of a response with two fields whose names differ only in their spelling, and a message
/// about them: which of them AWS means is not known.
pub(super) fn two_spellings(response: &Map<String, Value>) -> Option<(Place, String)> {
    let (path, message) = two_spellings_in(response)?;
    Some((Place(path.trim_start_matches('.').to_owned()), message))
}

fn two_spellings_in(map: &Map<String, Value>) -> Option<(String, String)> {
    let shown = |key: &str| text::one_line(key, 60);
    let mut folded: Vec<(String, &String)> = map.keys().map(|key| (fold(key), key)).collect();
    folded.sort();
    for two in folded.windows(2) {
        if let [(one, first), (other, second)] = two
            && one == other
        {
            let names = format!("`{}` and `{}`", shown(first), shown(second));
            return Some((String::new(), format!("duplicate field in two spellings: {names}")));
        }
    }
    map.iter().find_map(|(key, value)| {
        let (path, message) = match value {
            Value::Object(_) | Value::Array(_) if ANY_KEYS.contains(&fold(key).as_str()) => None,
            Value::Object(inner) => two_spellings_in(inner),
            Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
                let (path, message) = two_spellings_in(item.as_object()?)?;
                Some((format!("[{index}]{path}"), message))
            }),
            _ => None,
        }?;
        Some((format!(".{}{path}", shown(key)), message))
    })
}

/// The fields whose values can have any keys (tags, policies), [`fold`]ed.
const ANY_KEYS: [&str; 6] =
    ["tags", "tagset", "policy", "policydocument", "statement", "responsemetadata"];

fn list<'v>(value: &'v Value, at: &Place) -> Result<Vec<Located<'v>>, (Place, String)> {
    match value {
        Value::Array(items) => {
            Ok(items.iter().enumerate().map(|(index, value)| (at.item(index), value)).collect())
        }
        // AWS prints an empty list as `[]`. A query for a field that does not exist prints null.
        Value::Null => Err((
            at.clone(),
            "expected list, found null; rerun the AWS CLI command without `--query`".to_owned(),
        )),
        _ => Err((at.clone(), "expected list".to_owned())),
    }
}
