//! What the change sets on a resource, without saying on which one.

use std::collections::{BTreeMap, BTreeSet};

use super::item::{ItemKey, Side};
use super::overlay::Overlay;
use super::permissions;
use super::resources::{Setters, Unknown, hide};
use super::table::{Merge, merge_of};
use crate::model::{AccountId, Resource};

impl Overlay<'_> {
    /// The fields that something sets on a resource that is not known, for each resource that it can be.
    pub(super) fn unresolved(
        &self,
        account: &AccountId,
        live: &BTreeMap<ItemKey, Resource>,
    ) -> BTreeMap<ItemKey, Unknown> {
        let mut found: BTreeMap<ItemKey, Unknown> = BTreeMap::new();
        let Side { items, unresolved } = &self.described.after;
        for one in unresolved.iter().filter(|one| one.location.account == *account) {
            let is_there = |key: &&ItemKey| {
                key.account == *account
                    && key.kind == one.kind
                    && (key.region.is_global() || key.region == one.location.region)
            };
            let is_named =
                |key: &&ItemKey| one.among.as_ref().is_some_and(|all| all.contains(&key.id));
            let planned = items.keys().filter(|key| one.among.is_none() || is_named(key));
            let planned = planned.filter(is_there);
            let existing = live.keys().filter(|key| one.is_anywhere || is_named(key));
            let existing = existing.filter(is_there);
            for key in planned.chain(existing) {
                let fields = found.entry(key.clone()).or_default();
                for field in one.fields {
                    let adds = one.has_values && merge_of(one.kind, field) == Merge::Permissions;
                    let setters = fields
                        .entry(*field)
                        .or_insert_with(|| Setters { addresses: BTreeSet::new(), only_add: true });
                    setters.addresses.insert(one.address.clone());
                    setters.only_add &= adds;
                }
            }
        }
        found
    }

    /// Hides what something sets that is not known to set it on this resource.
    pub(super) fn hide_unknown(&self, resource: &mut Resource, unknown: Unknown) {
        for (field, setters) in unknown {
            let addresses = setters.addresses.iter().map(String::as_str);
            let cause = self.because(None, addresses);
            // The rules that a group has are known, and more do not close what they open.
            if !(setters.only_add && permissions::add_unknown(resource, field, &cause)) {
                hide(resource, field, cause);
            }
        }
    }
}
