//! A resource, and the states of its fields and facts.

use serde_json::Value;

use super::account::InventoryAccount;
use crate::facts::{Fact, FactSpec, Kind};
use crate::model::{Cause, Resource};
use crate::snapshot::Listed;

/// The state of a field or fact.
pub(super) enum State<'a> {
    Known(&'a Value),
    Absent,
    Unreadable(Cause),
    /// It was not requested.
    NotCollected,
}

/// A resource, and what is known about its account.
pub(super) struct Subject<'a> {
    pub(super) kind: &'static Kind,
    pub(super) account: &'a InventoryAccount,
    /// The list that it is from.
    pub(super) listed: Option<&'a Listed>,
    pub(super) resource: &'a Resource,
}

impl<'a> Subject<'a> {
    pub(super) fn state(&self, name: &str) -> State<'a> {
        if self.was_not_requested(name) {
            return State::NotCollected;
        }
        match self.kind.fact_of(self.resource, name) {
            Fact::Known(value) => State::Known(value),
            Fact::Absent => State::Absent,
            Fact::Unreadable(cause) => State::Unreadable(cause),
        }
    }

    fn was_not_requested(&self, name: &str) -> bool {
        let requested = |listed: &Listed| listed.facts.contains(name);
        self.kind.fact(name).is_some()
            && !self.resource.facts.contains_key(name)
            && !self.resource.unreadable.contains_key(name)
            && !self.listed.is_some_and(requested)
    }

    /// The facts that were not requested.
    pub(super) fn not_collected(&self) -> impl Iterator<Item = &'static FactSpec> {
        self.kind.facts.iter().filter(|fact| self.was_not_requested(fact.name))
    }

    /// The fields and facts that could not be read.
    pub(super) fn unreadable(&self) -> impl Iterator<Item = (&'a str, Cause)> {
        let missing = self.kind.facts.iter().filter_map(|fact| match self.state(fact.name) {
            State::Unreadable(cause) if !self.resource.unreadable.contains_key(fact.name) => {
                Some((fact.name, cause))
            }
            _ => None,
        });
        let stored = self.resource.unreadable.iter();
        stored.map(|(name, cause)| (name.as_str(), cause.clone())).chain(missing)
    }
}
