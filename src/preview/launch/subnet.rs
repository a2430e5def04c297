//! The subnet of a new instance.

use super::common::existing;
use crate::model::Resource;
use crate::preview::item::{Described, Item, ItemKey};
use crate::preview::resources::known;
use crate::preview::tree::{Tree, Why};

pub(super) const SUBNET: &str = "ec2.subnet";

/// The fields of a subnet, by the plan or by what exists.
pub(super) struct SubnetFields<'s> {
    planned: Option<&'s Item>,
    live: Option<&'s Resource>,
}

impl<'s> SubnetFields<'s> {
    /// Those of the subnet with an id, in the region of an instance.
    pub(super) fn of(
        described: &'s Described,
        instance: &ItemKey,
        id: &Tree,
        existing_ones: &'s [Resource],
    ) -> Self {
        let key =
            id.as_str().map(|id| ItemKey { kind: SUBNET, id: id.to_owned(), ..instance.clone() });
        let planned = key.as_ref().and_then(|key| described.after.items.get(key));
        let live = key.as_ref().and_then(|key| existing(existing_ones, key, SUBNET, &key.id));
        Self { planned, live }
    }

    /// A field.
    pub(super) fn get(&self, name: &str) -> Tree {
        let planned = self.planned.and_then(|item| item.tree.get(name));
        let live = || self.live.and_then(|live| known(live, name)).cloned().map(Tree::Known);
        planned.or_else(live).unwrap_or(Tree::Unknown(Why::Apply))
    }
}
