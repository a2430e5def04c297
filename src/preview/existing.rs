//! Resources that exist and that the snapshot does not have: they are as the change says that they were
//! before it.

use std::collections::{BTreeMap, BTreeSet};

use super::item::{Item, ItemKey};
use super::overlay::{Overlay, key_of};
use super::policy_status;
use super::resources::Live;
use super::tree::Finished;
use super::unread::{not_in_snapshot, not_read};
use crate::model::{AccountId, Partition, Resource};
use crate::snapshot::AccountSnapshot;

impl Overlay<'_> {
    /// The account before the change, with what the change says of resources that the snapshot does not
    /// have.
    pub fn before(self, mut snapshot: AccountSnapshot) -> AccountSnapshot {
        let account = snapshot.header.account.clone();
        let known: BTreeSet<ItemKey> =
            snapshot.resources.iter().filter_map(|one| key_of(&account, one)).collect();
        let mut own = self.described.before.items.keys().filter(|key| key.account == account);
        if self.missing.is_none() && own.all(|key| known.contains(key)) {
            return snapshot;
        }
        let live = std::mem::take(&mut snapshot.resources).into_iter();
        let (known, rest): (Vec<_>, Vec<_>) =
            live.map(|one| (key_of(&account, &one), one)).partition(|(key, _)| key.is_some());
        let known = known.into_iter().filter_map(|(key, one)| Some((key?, one)));
        let mut live: Live = known.collect();
        let missing = self.missing_before(&account, &live, &snapshot.header.partition, |_| true);
        live.extend(missing);
        let rest = rest.into_iter().map(|(_, one)| one);
        let mut resources: Vec<Resource> = live.into_values().chain(rest).collect();
        resources.sort_by(|a, b| (&a.kind, &a.region, &a.id).cmp(&(&b.kind, &b.region, &b.id)));
        snapshot.resources = resources;
        self.count_lists(&mut snapshot);
        self.without_others(&mut snapshot);
        snapshot
    }

    /// What the change deletes and the snapshot does not have.
    pub(super) fn missing_and_deleted(
        &self,
        account: &AccountId,
        live: &Live,
        partition: &Partition,
    ) -> Live {
        let (before, after) = (&self.described.before.items, &self.described.after.items);
        let is_declared = |item: Option<&Item>| item.is_some_and(|item| item.declared.is_some());
        self.missing_before(account, live, partition, |key| {
            is_declared(before.get(key)) && !is_declared(after.get(key))
        })
    }

    /// The resources that the change describes before it, and that are not among those of the snapshot.
    fn missing_before(
        &self,
        account: &AccountId,
        live: &Live,
        partition: &Partition,
        is_wanted: impl Fn(&ItemKey) -> bool,
    ) -> Live {
        let items = self.described.before.items.iter();
        let missing = items.filter(|(key, item)| {
            key.account == *account
                && !item.has_stand_in
                && !live.contains_key(*key)
                && is_wanted(key)
        });
        let existing = |(key, item): (&ItemKey, &Item)| {
            let mut resource = self.existing(key, item, live, partition)?;
            policy_status::decide(&mut resource);
            Some((key.clone(), resource))
        };
        missing.filter_map(existing).collect()
    }

    /// A resource that exists, of which only what the change says is known.
    fn existing(
        &self,
        key: &ItemKey,
        item: &Item,
        live: &Live,
        partition: &Partition,
    ) -> Option<Resource> {
        let kind = key.kind()?;
        let mut item = Item { is_created: false, ..item.clone() };
        self.complete_existing(key, kind, &mut item, live);
        let mut finished = Finished::default();
        let described = self.created(key, kind, &item, BTreeMap::new(), partition, &mut finished);
        match self.missing {
            Some(cause) if cause.is_of_plan() => described,
            Some(cause) => not_read(kind, described, |_| cause.clone()),
            None => not_read(kind, described, not_in_snapshot),
        }
    }
}
