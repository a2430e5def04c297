//! Indexes of the resources of an account, each built when it is first used. All threads that evaluate
//! the account share them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rhai::Dynamic;

use crate::facts::{CompactResource, CompactValue, Content};
use crate::model::{Cause, Region};

/// The resources of a list by the value of a field.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Value as text → positions.
    positions: HashMap<String, Vec<usize>>,
    /// Why the field of some resources is not known: they could have any value.
    pub(super) unreadable: Vec<Cause>,
}

/// An index of resources by values that a native function defines.
pub(crate) struct ValueIndex {
    /// Its name, which differs from all fields of the kind.
    pub(crate) name: &'static str,
    /// The facts that it reads.
    pub(crate) facts: &'static [&'static str],
    /// The paths of what it reads in them.
    pub(crate) reads: &'static [&'static str],
    /// The values of a resource.
    pub(crate) values: fn(&CompactResource) -> Vec<String>,
}

/// What identifies an index: the kind, the region of the list, and the path of a field, the kind
/// that it refers to, or the name of a [`ValueIndex`].
type Key = (&'static str, Region, String);

/// Indexes by what identifies them.
#[derive(Debug, Default)]
pub(super) struct Indexes(Mutex<HashMap<Key, Arc<Index>>>);

impl Indexes {
    /// The index with this key.
    pub(super) fn get(&self, key: Key, build: impl FnOnce() -> Index) -> Arc<Index> {
        // Other threads wait, because they probably need the same index.
        let mut indexes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        indexes.entry(key).or_insert_with(|| Arc::new(build())).clone()
    }
}

impl Index {
    /// Adds a resource by the values at a path within one of its fields.
    pub(super) fn add(&mut self, position: usize, value: CompactValue<'_>, path: &str) {
        for key in value.values(path).into_iter().filter_map(key_of_field) {
            self.insert(key, position);
        }
    }

    /// Adds a resource by a value as text. Resources are added in ascending order.
    pub(super) fn insert(&mut self, key: String, position: usize) {
        let positions = self.positions.entry(key).or_default();
        // Several items of a list can have the same value.
        if positions.last() != Some(&position) {
            positions.push(position);
        }
    }

    /// The positions of the resources with this value as text, in ascending order.
    pub(super) fn get(&self, key: &str) -> Option<&[usize]> {
        self.positions.get(key).map(Vec::as_slice)
    }
}

/// A key that is equal for equal values and differs between types.
pub(super) fn key_of(value: &Dynamic) -> Option<String> {
    if let Ok(text) = value.as_immutable_string_ref() {
        return Some(format!("t{}", text.as_str()));
    }
    value
        .as_int()
        .map(|int| format!("i{int}"))
        .or_else(|_| value.as_bool().map(|b| format!("b{b}")))
        .ok()
}

/// The same for the value of a field, as scripts see it.
fn key_of_field(value: CompactValue<'_>) -> Option<String> {
    match value.content() {
        Content::Text(text) => Some(format!("t{text}")),
        Content::Number(number) => number.as_i64().map(|int| format!("i{int}")),
        Content::Bool(b) => Some(format!("b{b}")),
        Content::Null | Content::List(_) | Content::Object(_) => None,
    }
}
