//! The record of one evaluation: the values that the rule read, and the nodes that it reached.

use std::collections::{BTreeSet, HashMap};

use rhai::{Dynamic, Position};
use serde::Serialize;
use serde_json::{Map, Value};

use super::access::AccessLog;
use super::json::try_json;
use super::object::{Dictionary, Object};
use crate::model::text;

/// Reads beyond this number are counted, but not kept.
const MAX_READS: usize = 1_000;
/// How much of one value is kept, in bytes.
const MAX_VALUE: usize = 1_000;
/// How many items of one list are tracked by index.
const MAX_ITEMS: usize = 10_000;
const MAX_DEPTH: usize = 16;

/// A position in a rule's file, 1-based.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Place {
    pub(crate) fn of(position: Position) -> Option<Self> {
        Some(Self { line: position.line()?, column: position.position().unwrap_or(1) })
    }
}

/// One value that a rule read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Read {
    /// The line that read it.
    pub line: Option<usize>,
    /// The path of the value: `ec2.security_group.ip_permissions[0].from_port`, `params.ports`,
    /// `related("ec2.vpc")`.
    pub path: String,
    /// The value, truncated if it is long.
    pub value: Value,
}

/// What is recorded during one evaluation.
#[derive(Default)]
pub(crate) struct Recorder {
    /// The node that is being evaluated.
    place: Option<Place>,
    pub(crate) reads: Vec<Read>,
    pub(crate) left_out: usize,
    pub(crate) reached: BTreeSet<Place>,
    /// The paths of the objects that the rule has accessed.
    paths: HashMap<*const (), String>,
    /// What a test case would need.
    pub(crate) seen: AccessLog,
}

impl Recorder {
    pub(crate) fn reach(&mut self, position: Position) {
        if let Some(place) = Place::of(position) {
            self.place = Some(place);
            self.reached.insert(place);
        }
    }

    /// Records that a field of an object, or a key of a map, was read. `label` names the object if
    /// its path is unknown.
    pub(crate) fn read(&mut self, object: *const (), label: &str, name: &str, value: &Dynamic) {
        let path = member(self.paths.get(&object).map_or(label, String::as_str), name);
        self.learn(&path, value);
        self.seen.read(object, name, value);
        self.write(path, |left| brief(value, 0, left));
    }

    /// Records a look-up of resources of another kind, with its results.
    pub(crate) fn related<'a>(
        &mut self,
        (helper, kind): (&str, &str),
        region: Option<&str>,
        key: Option<(&str, &Dynamic)>,
        found: impl Iterator<Item = (&'a str, &'a Dynamic)>,
    ) {
        let mut ids = Vec::new();
        for (id, object) in found {
            self.learn(&format!("{kind}[{}]", quoted(id)), object);
            ids.push(Value::String(text::one_line(id, 200)));
        }
        let call = match region {
            None => format!("{helper}({}", quoted(kind)),
            Some(region) => format!("{helper}({}, {}", quoted(region), quoted(kind)),
        };
        let path = match key {
            None => format!("{call})"),
            Some((field, value)) => {
                let value = brief(value, 0, &mut MAX_VALUE.clone());
                format!("{call}, {}, {value})", quoted(field))
            }
        };
        self.write(path, |left| shortened(ids.into_iter(), left, |id, left| take(left, id)));
    }

    fn write(&mut self, path: String, value: impl FnOnce(&mut usize) -> Value) {
        if self.reads.len() < MAX_READS {
            let value = value(&mut MAX_VALUE.clone());
            self.reads.push(Read { line: self.place.map(|place| place.line), path, value });
        } else {
            self.left_out += 1;
        }
    }

    /// Remembers the paths of the objects in a value.
    fn learn(&mut self, path: &str, value: &Dynamic) {
        if let Some(object) = value.read_lock::<Object>() {
            self.paths.insert(object.address(), path.to_owned());
        } else if let Some(dictionary) = value.read_lock::<Dictionary>() {
            self.paths.insert(dictionary.address(), path.to_owned());
        } else if let Ok(items) = value.as_array_ref() {
            for (index, item) in items.iter().enumerate().take(MAX_ITEMS) {
                self.learn(&format!("{path}[{index}]"), item);
            }
        }
    }
}

/// The path of a member: `.name`, or `["any string"]`.
fn member(path: &str, name: &str) -> String {
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.is_empty();
    if plain { format!("{path}.{name}") } else { format!("{path}[{}]", quoted(name)) }
}

fn quoted(name: &str) -> Value {
    Value::String(text::one_line(name, 200))
}

/// A value as JSON, truncated to `left` bytes.
fn brief(value: &Dynamic, depth: usize, left: &mut usize) -> Value {
    let nested = |value: &Dynamic, left: &mut usize| brief(value, depth + 1, left);
    if depth > MAX_DEPTH {
        return cut(left);
    }
    if let Ok(items) = value.as_array_ref() {
        return shortened(items.iter(), left, nested);
    }
    if let Some(object) = value.read_lock::<Object>() {
        return entries(object.known_fields(), left, nested);
    }
    if let Some(dictionary) = value.read_lock::<Dictionary>() {
        return entries(
            dictionary.0.iter().map(|(key, value)| (key.as_str(), value)),
            left,
            nested,
        );
    }
    if let Ok(text) = value.as_immutable_string_ref() {
        return take(left, Value::String(text::one_line(&text, MAX_VALUE.min((*left).max(20)))));
    }
    match try_json(value, depth) {
        Some(json) => take(left, json),
        None => cut(left),
    }
}

fn shortened<T>(
    items: impl Iterator<Item = T>,
    left: &mut usize,
    each: impl Fn(T, &mut usize) -> Value,
) -> Value {
    let mut kept = Vec::new();
    let mut items = items;
    while let Some(item) = items.next() {
        if *left == 0 {
            kept.push(Value::String(format!("… and {} more", items.count() + 1)));
            break;
        }
        kept.push(each(item, left));
    }
    Value::Array(kept)
}

fn entries<'a>(
    items: impl Iterator<Item = (&'a str, &'a Dynamic)>,
    left: &mut usize,
    each: impl Fn(&Dynamic, &mut usize) -> Value,
) -> Value {
    let mut kept = Map::new();
    let mut items = items;
    while let Some((name, value)) = items.next() {
        if *left == 0 {
            kept.insert("…".to_owned(), Value::String(format!("and {} more", items.count() + 1)));
            break;
        }
        let name = text::one_line(name, 200);
        *left = left.saturating_sub(name.len() + 4);
        kept.insert(name, each(value, left));
    }
    Value::Object(kept)
}

fn take(left: &mut usize, value: Value) -> Value {
    let bytes = match &value {
        Value::String(text) => text.len() + 2,
        _ => 8,
    };
    *left = left.saturating_sub(bytes);
    value
}

fn cut(left: &mut usize) -> Value {
    take(left, Value::String("…".to_owned()))
}
