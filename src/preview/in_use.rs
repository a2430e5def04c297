//! Security groups and volumes that a change deletes: EC2 refuses to delete a group that a network
//! interface uses, and a volume that is attached.

use std::collections::BTreeMap;

use serde_json::Value;

use super::item::{Described, Hidden, Item, ItemKey, Unresolved};
use super::overlay::Overlay;
use super::resources::{Live, hide, known};
use crate::model::{AccountId, PlannedAction, PlannedChange, Refusal, Resource};

const GROUP: &str = "ec2.security_group";
const INSTANCE: &str = "ec2.instance";
const VOLUME: &str = "ec2.volume";

impl Overlay<'_> {
    /// The volumes that the change deletes while an instance that stays has them, so that EC2 refuses it:
    /// each with the instance. What detaches them is deleted before. `live`: before the change.
    pub(super) fn attached_volumes(
        &self,
        account: &AccountId,
        live: &Live,
    ) -> BTreeMap<ItemKey, String> {
        let is_declared = |item: Option<&Item>| item.is_some_and(|item| item.declared.is_some());
        let (before, after) = (&self.described.before.items, &self.described.after.items);
        let is_gone = |key: &ItemKey| {
            is_declared(before.get(key))
                && !is_declared(after.get(key))
                && !self.described.protected.contains(key)
        };
        let mut found = BTreeMap::new();
        let own = |(key, _): &(&ItemKey, &Item)| key.kind == VOLUME && key.account == *account;
        for (key, item) in before.iter().filter(own).filter(|(key, _)| is_gone(key)) {
            let is_detached = item.tree.get("attachments").is_some()
                || self.described.hidden.iter().any(|one: &Hidden| {
                    one.kind == VOLUME
                        && one.location.account == *account
                        && one.location.region == key.region
                        && (one.is_anywhere || one.id.as_deref().is_none_or(|id| id == key.id))
                })
                || self.described.after.unresolved.iter().any(|one: &Unresolved| {
                    one.kind == VOLUME && one.location.account == *account && one.is_anywhere
                });
            let attachments = live.get(key).and_then(|volume| known(volume, "attachments"));
            let attachments = attachments.and_then(Value::as_array).into_iter().flatten();
            let holds = |one: &Value| {
                let is_attached = one.get("state").and_then(Value::as_str) == Some("attached");
                let id = one.get("instance_id").and_then(Value::as_str).filter(|_| is_attached)?;
                let instance = ItemKey { kind: INSTANCE, id: id.to_owned(), ..key.clone() };
                let stays = live.contains_key(&instance) && !is_gone(&instance);
                stays.then(|| self.named(&instance))
            };
            let holder = attachments.filter_map(holds).next();
            if let Some(holder) = holder.filter(|_| !is_detached && self.has_instances(key)) {
                found.insert(key.clone(), holder);
            }
        }
        found
    }

    /// Why EC2 refuses to delete volumes. CloudFormation leaves them, and does not fail.
    pub(super) fn attached(
        &self,
        volumes: BTreeMap<ItemKey, String>,
    ) -> BTreeMap<ItemKey, Vec<Refusal>> {
        let is_plan = self.described.stack.is_null();
        let message = |instance: String| {
            format!(
                "EC2 will refuse to delete the volume (VolumeInUse): it is attached to {instance}"
            )
        };
        let volumes = volumes.into_iter().filter(|_| is_plan);
        volumes.map(|(key, instance)| (key, vec![Refusal::of_all(message(instance))])).collect()
    }

    /// A resource, as the change and AWS name it.
    fn named(&self, key: &ItemKey) -> String {
        let items = [&self.described.after.items, &self.described.before.items];
        let declared = items.iter().find_map(|items| items.get(key)?.declared.as_ref());
        match declared.filter(|address| **address != key.id) {
            Some(address) => format!("{address} ({})", key.id),
            None => key.id.clone(),
        }
    }

    /// Whether all instances of a region are known that the change deletes: what is not converted can
    /// delete others.
    fn has_instances(&self, near: &ItemKey) -> bool {
        !self.described.gaps.iter().any(|gap| {
            gap.kind == INSTANCE
                && !gap.only_adds
                && gap.location.account == near.account
                && gap.location.region == near.region
        })
    }

    /// The groups that Terraform deletes before it creates others in their place, while an instance that
    /// stays has them: that is updated only then. Each with the instance. What attaches a group or a network
    /// interface to the instance can be deleted before. `live`: before the change.
    pub(super) fn groups_in_use(
        &self,
        account: &AccountId,
        live: &Live,
    ) -> BTreeMap<ItemKey, ItemKey> {
        let Described { before, after, deleted_first, .. } = self.described;
        let is_declared = |item: Option<&Item>| item.is_some_and(|item| item.declared.is_some());
        let is_gone = |key: &ItemKey| {
            is_declared(before.items.get(key)) && !is_declared(after.items.get(key))
        };
        let detaches = |(address, change): (&String, &PlannedChange)| {
            matches!(change.action, PlannedAction::Delete | PlannedAction::Replace)
                && address.split('.').any(|part| part.starts_with("aws_network_interface"))
        };
        if self.described.planned.iter().any(detaches) {
            return BTreeMap::new();
        }
        let own = deleted_first.iter().filter(|key| key.kind == GROUP && key.account == *account);
        let user = |group: &ItemKey| {
            let mut instances = live.iter().filter(|(other, _)| {
                other.kind == INSTANCE && other.region == group.region && !is_gone(other)
            });
            let (instance, _) = instances.find(|(_, one)| uses(one, &group.id))?;
            Some((group.clone(), instance.clone()))
        };
        own.filter(|group| self.has_instances(group)).filter_map(user).collect()
    }

    /// Deletes the groups that the change deletes, except those that an instance still uses, and says
    /// why EC2 refuses that. CloudFormation tries it after everything else, and does not fail then.
    /// `in_use`: those that an instance uses until it is updated.
    pub(super) fn delete_groups(
        &self,
        account: &AccountId,
        in_use: &BTreeMap<ItemKey, ItemKey>,
        live: &mut Live,
    ) -> BTreeMap<ItemKey, Vec<Refusal>> {
        let is_declared = |item: Option<&Item>| item.is_some_and(|item| item.declared.is_some());
        let (before, after) = (&self.described.before.items, &self.described.after.items);
        let deleted = before.iter().filter(|(key, item)| {
            key.kind == GROUP
                && key.account == *account
                && is_declared(Some(item))
                && !is_declared(after.get(key))
        });
        let mut refused = BTreeMap::new();
        for (key, item) in deleted {
            let has_instances = self.has_instances(key);
            let user = live.iter().find(|(other, one)| {
                other.kind == INSTANCE && other.region == key.region && uses(one, &key.id)
            });
            let addresses = || item.addresses.iter().map(String::as_str);
            let user = user.map(|(instance, _)| (self.named(instance), ""));
            let until = "; with `create_before_destroy`, it is updated before";
            let too_long = in_use.get(key).map(|instance| (self.named(instance), until));
            match user.filter(|_| has_instances).or(too_long) {
                Some((instance, advice)) => {
                    if self.described.stack.is_null() {
                        let message = format!(
                            "EC2 will refuse to delete the security group (DependencyViolation): {instance} uses it{advice}"
                        );
                        refused.insert(key.clone(), vec![Refusal::of_all(message)]);
                    }
                    // Its rules are deleted before.
                    if let Some(group) = live.get_mut(key).filter(|_| item.addresses.len() > 1) {
                        for field in ["ip_permissions", "ip_permissions_egress"] {
                            hide(group, field, self.because(None, addresses()));
                        }
                    }
                }
                None => {
                    live.remove(key);
                    for (_, one) in live.iter_mut().filter(|(other, _)| other.region == key.region)
                    {
                        let fields: &[&str] = match one.kind.as_str() {
                            INSTANCE => &["network_interfaces", "security_groups"],
                            "ec2.network_interface" => &["groups"],
                            _ => continue,
                        };
                        if uses(one, &key.id) {
                            for field in fields {
                                hide(one, field, self.because(None, addresses()));
                            }
                        }
                    }
                }
            }
        }
        refused
    }
}

/// Whether an instance or a network interface is known to use a group.
fn uses(resource: &Resource, group: &str) -> bool {
    let is_it = |one: &Value| one.get("group_id").and_then(Value::as_str) == Some(group);
    let list = |name: &str| known(resource, name).and_then(Value::as_array).into_iter().flatten();
    let mut interfaces = list("network_interfaces")
        .filter_map(|interface| interface.get("groups").and_then(Value::as_array));
    list("groups").chain(list("security_groups")).any(is_it)
        || interfaces.any(|groups| groups.iter().any(is_it))
}
