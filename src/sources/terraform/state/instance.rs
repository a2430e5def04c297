//! What is kept of a state.

use std::sync::Arc;

use crate::sources::terraform::address::{Address, Key, ResourceName, Step};
use crate::sources::terraform::relations::PathId;

/// A value that is kept of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Which attribute.
    pub path: PathId,
    /// For attributes in a list: the position in the outermost list.
    pub item: u16,
    /// The value, as text.
    pub text: Box<str>,
}

/// A resource instance of a state.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// The modules that contain it.
    pub modules: Arc<[Step]>,
    /// Its type.
    pub resource_type: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// Its key.
    pub key: Option<Key>,
    /// Whether a newer object replaced it, and it only waits to be destroyed.
    pub is_deposed: bool,
    /// The values that are kept, sorted by path.
    pub values: Box<[Kept]>,
    /// Its account, and its region.
    pub scope: Scope,
    /// Which provider configuration manages it, as a number within the state.
    pub(super) provider: u32,
}

/// The account and the region of an instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The account, if it is known.
    pub account: Option<Arc<str>>,
    /// Whether the account is an attribute of the instance; otherwise, all others of its provider
    /// configuration have it.
    pub is_own_account: bool,
    /// The region, if it is known.
    pub region: Option<Arc<str>>,
    /// If the account is not known because others of its provider configuration differ: two of them.
    pub accounts: Option<[Arc<str>; 2]>,
    /// The same of the region.
    pub regions: Option<[Arc<str>; 2]>,
}

/// What is read of a state.
#[derive(Debug, Default, PartialEq)]
pub struct State {
    /// The lineage, if the format has one.
    pub lineage: Option<String>,
    /// The resource instances of the provider `aws`.
    pub instances: Vec<Instance>,
}

impl Instance {
    /// The values of an attribute.
    pub fn values(&self, path: PathId) -> impl Iterator<Item = &Kept> {
        let start = self.values.partition_point(|kept| kept.path < path);
        self.values.iter().skip(start).take_while(move |kept| kept.path == path)
    }

    /// Its address.
    pub fn address(&self) -> Address {
        let (resource_type, name) = ((*self.resource_type).into(), (*self.name).into());
        let key = self.key.clone();
        Address {
            modules: self.modules.to_vec(),
            resource: Some(ResourceName { resource_type, name, key }),
        }
    }
}
