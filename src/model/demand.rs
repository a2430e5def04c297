//! The kinds and facts that the selected rules need. Only they determine which calls are made.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Kinds to list and, for each, the facts to read beyond the list. Names are those of the table of
/// kinds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Demand(BTreeMap<String, BTreeSet<String>>);

impl Demand {
    /// Requests the list of `kind`.
    pub fn add_kind(&mut self, kind: &str) {
        self.0.entry(kind.to_owned()).or_default();
    }

    /// Requests `fact` of every resource of `kind`, and so its list.
    pub fn add_fact(&mut self, kind: &str, fact: &str) {
        self.0.entry(kind.to_owned()).or_default().insert(fact.to_owned());
    }

    /// Adds everything that `other` requests.
    pub fn merge(&mut self, other: &Self) {
        for (kind, facts) in &other.0 {
            self.0.entry(kind.clone()).or_default().extend(facts.iter().cloned());
        }
    }

    /// The requested kinds, sorted.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether the list of `kind` is requested.
    pub fn wants_kind(&self, kind: &str) -> bool {
        self.0.contains_key(kind)
    }

    /// Whether `fact` of `kind` is requested.
    pub fn wants(&self, kind: &str, fact: &str) -> bool {
        self.0.get(kind).is_some_and(|facts| facts.contains(fact))
    }

    /// The requested facts of `kind`, sorted.
    pub fn facts(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.0.get(kind).into_iter().flatten().map(String::as_str)
    }

    /// Whether everything that `other` requests is requested here too.
    pub fn covers(&self, other: &Self) -> bool {
        other
            .0
            .iter()
            .all(|(kind, facts)| self.0.get(kind).is_some_and(|mine| mine.is_superset(facts)))
    }

    /// Whether nothing is requested.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
