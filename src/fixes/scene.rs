//! What an action can see of the account, and what it does to the facts.

use serde_json::{Map, Value};

use crate::model::{AccountId, Partition, Resource};

/// The resource that an action changes, and its surroundings.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The scanned account.
    pub account: &'a AccountId,
    /// Its partition.
    pub partition: &'a Partition,
    /// The resource.
    pub resource: &'a Resource,
    /// The resources of a kind in the same account, in the region of the resource or `global`.
    pub related: &'a dyn Fn(&str) -> Vec<&'a Resource>,
}

impl<'a> Scene<'a> {
    /// A known fact or field of the resource; `None` if it is absent or was not read.
    pub fn fact(&self, name: &str) -> Option<&'a Value> {
        self.resource.facts.get(name).filter(|value| !value.is_null())
    }
}

/// What an action changes in the facts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Effect {
    /// New values of facts and fields of the resource, by name; `null` means "not configured".
    pub facts: Map<String, Value>,
    /// Resources that it creates.
    pub creates: Vec<NewResource>,
    /// Resources that it deletes, by kind and id.
    pub deletes: Vec<(&'static str, String)>,
}

/// A resource that an action creates. Its id is not known before.
#[derive(Debug, Clone, PartialEq)]
pub struct NewResource {
    /// Its kind.
    pub kind: &'static str,
    /// The fields of its list and its facts.
    pub facts: Map<String, Value>,
}
