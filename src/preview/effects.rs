//! What AWS does to other resources when one is created or deleted.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::item::{Described, Item, ItemKey};
use super::refused::is_public_grant;
use super::resources::{Live, group_names, hide, ignores_public_acls, known, name_groups};
use super::tree::Tree;
use super::{launch, policy_status};
use crate::model::unreadable::outermost;
use crate::model::{AccountId, Cause, Resource};

const CHECK: &str = "source_dest_check";
const PEERING: &str = "ec2.vpc_peering_connection";

/// The effects of a change in an account.
pub(super) struct Effects<'a> {
    pub(super) described: &'a Described,
    pub(super) account: &'a AccountId,
    /// The cause for what is not known.
    pub(super) not_known: Cause,
}

impl Effects<'_> {
    /// Applies them to the resources after the change.
    /// `ignored`: whether the account made public grants of ACLs ineffective before the change.
    pub(super) fn apply(&self, live: &mut Live, ignored: bool) {
        self.with_effective_acls(live, ignored);
        for key in self.keys(false) {
            match key.kind {
                "ec2.subnet" => without_subnet(live, &key),
                "ec2.instance" => without_instance(live, &key),
                "ec2.vpc" => without_vpc(live, &key),
                _ => {}
            }
        }
        self.move_associations(live);
        for key in self.interfaces("groups") {
            self.with_groups(live, &key);
        }
        for key in self.interfaces(CHECK) {
            self.with_check(live, &key);
        }
        let created = self.keys(true);
        launch::name_groups(live, &created);
        for key in created {
            match key.kind {
                "ec2.subnet" => self.with_subnet(live, &key),
                "ec2.network_interface" => in_vpc(live, &key),
                "ec2.route_table" => with_local_route(live, &key),
                "ec2.volume" => launch::with_volume(self.described, live, &key),
                "ec2.image" => launch::with_new_image(self.described, live, &key),
                "ec2.instance" => {
                    launch::with_instance(self.described, live, &key);
                    launch::with_image(live, &key);
                }
                _ => {}
            }
        }
        let is_own = |key: &ItemKey| key.account == *self.account;
        launch::with_changed_images(self.described, live, is_own, &self.not_known);
        for snapshot in self.keys(true).iter().filter(|key| key.kind == "ec2.snapshot") {
            launch::with_snapshot(self.described, live, snapshot);
        }
        self.hide_peering_copies(live);
        live.values_mut().for_each(policy_status::decide);
    }

    /// S3 leaves out public grants of ACLs while they have no effect. What the change does not concern
    /// stays as it is in the snapshot.
    fn with_effective_acls(&self, live: &mut Live, ignored: bool) {
        let in_account =
            live.iter().any(|(key, one)| key.kind == "s3.account" && ignores_public_acls(one));
        for (key, bucket) in live.iter_mut().filter(|(key, _)| key.kind == "s3.bucket") {
            let is_changed = in_account != ignored || self.described.after.items.contains_key(key);
            if in_account || ignores_public_acls(bucket) {
                if is_changed {
                    without_public_grants(bucket, &self.not_known);
                }
            } else if ignored
                && !self.sets_acl(key)
                && bucket.facts.get("acl").is_some_and(Value::is_object)
            {
                hide(bucket, "acl", self.not_known.clone());
            }
        }
    }

    /// A peering connection between two regions is listed in both. What the options are in the other one,
    /// if they change in one, is not documented.
    fn hide_peering_copies(&self, live: &mut Live) {
        const SIDES: [&str; 2] = ["requester_vpc_info", "accepter_vpc_info"];
        let Described { before, after, .. } = self.described;
        let field = |items: &BTreeMap<ItemKey, Item>, key: &ItemKey, name: &str| {
            items.get(key).and_then(|item| item.tree.get(name)).map(Tree::normal)
        };
        let is_peering = |key: &&ItemKey| key.kind == PEERING && key.account == *self.account;
        for key in after.items.keys().filter(is_peering) {
            for side in SIDES {
                let is = field(&after.items, key, side);
                if is.is_none() || is == field(&before.items, key, side) {
                    continue;
                }
                let copies = live.iter_mut().filter(|(other, _)| {
                    other.kind == PEERING && other.id == key.id && other.region != key.region
                });
                // What the change says of the other region itself is known.
                let copies = copies.filter(|(other, _)| !after.items.contains_key(*other));
                for (_, copy) in copies {
                    hide(copy, side, self.not_known.clone());
                }
            }
        }
    }

    /// Whether the change sets the ACL of a bucket, so that it is known.
    fn sets_acl(&self, key: &ItemKey) -> bool {
        let Described { before, after, .. } = self.described;
        let acl = |items: &BTreeMap<ItemKey, Item>| items.get(key)?.tree.get("acl");
        let is = acl(&after.items);
        is.as_ref().is_some_and(|acl| acl.is_known()) && is != acl(&before.items)
    }

    /// What the change creates, or deletes.
    fn keys(&self, created: bool) -> Vec<ItemKey> {
        let Described { before, after, .. } = self.described;
        let (in_one, in_other) = match created {
            true => (&after.items, &before.items),
            false => (&before.items, &after.items),
        };
        let is_declared = |items: &BTreeMap<ItemKey, Item>, key: &ItemKey| {
            items.get(key).is_some_and(|item| item.declared.is_some())
        };
        in_one
            .keys()
            .filter(|key| key.account == *self.account)
            .filter(|key| is_declared(in_one, key) && !is_declared(in_other, key))
            .filter(|key| created || !self.described.protected.contains(key))
            .cloned()
            .collect()
    }

    /// The interfaces of which a field changes.
    fn interfaces(&self, field: &str) -> Vec<ItemKey> {
        let Described { before, after, .. } = self.described;
        let keys = before.items.keys().chain(after.items.keys());
        let mut keys: Vec<ItemKey> = keys
            .filter(|key| key.kind == "ec2.network_interface" && key.account == *self.account)
            .filter(|key| {
                let value = |items: &BTreeMap<ItemKey, Item>| {
                    items.get(key).and_then(|item| item.tree.get(field)).map(Tree::normal)
                };
                value(&before.items) != value(&after.items)
            })
            .cloned()
            .collect();
        keys.dedup();
        keys
    }

    /// The groups of an interface are those of the instance that it is attached to.
    fn with_groups(&self, live: &mut Live, interface: &ItemKey) {
        let names = group_names(live, &interface.region);
        let Some(resource) = live.get_mut(interface) else { return };
        let Resource { facts, unreadable, .. } = resource;
        name_groups(facts.get_mut("groups"), "groups", &names, unreadable);
        let groups = known(resource, "groups").filter(|groups| groups.is_array()).cloned();
        let attachment = resource.facts.get("attachment").cloned();
        let is_known = !["attachment", "attachment.instance_id", "attachment.device_index"]
            .iter()
            .any(|path| resource.unreadable.contains_key(*path));
        let attachment = attachment.filter(|_| is_known);
        let Some(attachment) = attachment else {
            // What attaches a new interface says what it makes of the instance.
            let item = self.described.after.items.get(interface).filter(|item| item.is_created);
            if item.and_then(|item| item.tree.get("attachment")).is_some_and(|own| own.is_absent())
            {
                return;
            }
            // It can be that of any instance.
            for instance in near(live, interface, "ec2.instance") {
                hide(instance, "network_interfaces", self.not_known.clone());
                hide(instance, "security_groups", self.not_known.clone());
            }
            return;
        };
        let Some(id) = text(&attachment, "instance_id") else { return };
        let key = ItemKey { kind: "ec2.instance", id: id.clone(), ..interface.clone() };
        let Some(instance) = live.get_mut(&key) else { return };
        let Some(groups) = groups else {
            hide(instance, "network_interfaces", self.not_known.clone());
            hide(instance, "security_groups", self.not_known.clone());
            return;
        };
        if let Some(Value::Array(interfaces)) = instance.facts.get_mut("network_interfaces") {
            let is_it = |one: &&mut Value| text(one, "network_interface_id") == Some(&interface.id);
            let one = interfaces.iter_mut().find(is_it).and_then(Value::as_object_mut);
            one.and_then(|one| one.insert("groups".to_owned(), groups.clone()));
        }
        if attachment.get("device_index").and_then(Value::as_i64) == Some(0) {
            instance.facts.insert("security_groups".to_owned(), groups);
            instance.unreadable.retain(|path, _| outermost(path) != "security_groups");
        }
    }

    /// The instance that an existing interface is attached to has its source/destination check as well.
    fn with_check(&self, live: &mut Live, interface: &ItemKey) {
        let Some(resource) = live.get(interface) else { return };
        let check = known(resource, CHECK).cloned();
        let attachment = resource.facts.get("attachment").cloned().unwrap_or_default();
        let Some(id) = text(&attachment, "instance_id").cloned() else { return };
        let key = ItemKey { kind: "ec2.instance", id, ..interface.clone() };
        let Some(instance) = live.get_mut(&key) else { return };
        let Some(check) = check else {
            hide(instance, "network_interfaces", self.not_known.clone());
            return;
        };
        if let Some(Value::Array(interfaces)) = instance.facts.get_mut("network_interfaces") {
            let is_it = |one: &&mut Value| text(one, "network_interface_id") == Some(&interface.id);
            let one = interfaces.iter_mut().find(is_it).and_then(Value::as_object_mut);
            one.and_then(|one| one.insert(CHECK.to_owned(), check));
        }
    }

    /// A subnet has one network ACL: a new association replaces the one that it has, and without one, it
    /// has the default ACL.
    fn move_associations(&self, live: &mut Live) {
        let Described { before, after, .. } = self.described;
        let is_acl = |key: &&ItemKey| key.kind == "ec2.network_acl" && key.account == *self.account;
        let subnets = |items: &BTreeMap<ItemKey, Item>, key: &ItemKey| -> BTreeSet<String> {
            let associations = items.get(key).and_then(|item| item.tree.get("associations"));
            let items = associations.and_then(|list| list.items()).unwrap_or_default();
            let ids = items.into_iter().filter_map(|one| one.get("subnet_id"));
            ids.filter_map(|id| id.as_str().map(str::to_owned)).collect()
        };
        let keys: BTreeSet<&ItemKey> =
            before.items.keys().chain(after.items.keys()).filter(is_acl).collect();
        let mut left = BTreeSet::new();
        for key in keys {
            let (was, is) = (subnets(&before.items, key), subnets(&after.items, key));
            for subnet in is.difference(&was) {
                let others = live.iter_mut().filter(|(other, _)| {
                    is_acl(other) && *other != key && other.region == key.region
                });
                for (_, acl) in others {
                    without_association(acl, subnet);
                }
            }
            let of = |id: &String| ItemKey { kind: "ec2.subnet", id: id.clone(), ..key.clone() };
            left.extend(was.difference(&is).map(of));
        }
        for subnet in left {
            if live.contains_key(&subnet) {
                self.with_subnet(live, &subnet);
            }
        }
    }

    /// A new subnet is associated with the default network ACL of its VPC, unless something else is
    /// said.
    fn with_subnet(&self, live: &mut Live, subnet: &ItemKey) {
        let vpc = live.get(subnet).and_then(|subnet| {
            let is_known = !subnet.unreadable.contains_key("vpc_id");
            subnet.facts.get("vpc_id").and_then(Value::as_str).filter(|_| is_known)
        });
        let vpc = vpc.map(str::to_owned);
        let acls = |live: &Live| -> Vec<ItemKey> {
            let here =
                |key: &&ItemKey| key.kind == "ec2.network_acl" && key.region == subnet.region;
            live.keys().filter(here).cloned().collect()
        };
        let has = |acl: &Resource| {
            let items = acl.facts.get("associations").and_then(Value::as_array);
            items.into_iter().flatten().any(|one| text(one, "subnet_id") == Some(&subnet.id))
        };
        let acls = acls(live);
        if acls.iter().any(|key| live.get(key).is_some_and(has)) {
            return;
        }
        let is_default = |acl: &Resource| {
            acl.facts.get("is_default") == Some(&Value::Bool(true))
                && vpc.is_some()
                && acl.facts.get("vpc_id").and_then(Value::as_str) == vpc.as_deref()
        };
        let default = acls.iter().find(|key| live.get(key).is_some_and(is_default)).cloned();
        if let Some(acl) = default.and_then(|key| live.get_mut(&key)) {
            if let Some(Value::Array(items)) = acl.facts.get_mut("associations") {
                let path = format!("associations[{}].network_acl_association_id", items.len());
                items.push(json!({ "network_acl_association_id": null, "subnet_id": subnet.id }));
                acl.unreadable.insert(path, self.not_known.clone());
            }
            return;
        }
        for key in acls {
            if let Some(acl) = live.get_mut(&key) {
                hide(acl, "associations", self.not_known.clone());
            }
        }
    }
}

/// Removes the grants to everyone from the ACL of a bucket.
fn without_public_grants(bucket: &mut Resource, not_known: &Cause) {
    let acl = bucket.facts.get_mut("acl");
    let Some(Value::Array(grants)) = acl.and_then(|acl| acl.get_mut("grants")) else { return };
    let Some(first) = grants.iter().position(is_public_grant) else { return };
    grants.retain(|grant| !is_public_grant(grant));
    // What is not known is noted by position.
    let is_behind = |path: &String| {
        let position = path.strip_prefix("acl.grants[").and_then(|rest| rest.split(']').next());
        position.and_then(|position| position.parse().ok()).is_some_and(|at: usize| at >= first)
    };
    if bucket.unreadable.keys().any(is_behind) {
        hide(bucket, "acl", not_known.clone());
    }
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v String> {
    match value.get(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// The local route of a new route table has the range of its VPC, which the change need not declare.
fn with_local_route(live: &mut Live, table: &ItemKey) {
    let range_of = |live: &Live| {
        let vpc = known(live.get(table)?, "vpc_id")?.as_str()?.to_owned();
        let vpc = live.get(&ItemKey { kind: "ec2.vpc", id: vpc, ..table.clone() })?;
        Some(known(vpc, "cidr_block")?.as_str()?.to_owned())
    };
    let Some(range) = range_of(live) else { return };
    let Some(Resource { facts, unreadable, .. }) = live.get_mut(table) else { return };
    let routes = facts.get_mut("routes").and_then(Value::as_array_mut);
    for (position, route) in routes.into_iter().flatten().enumerate() {
        let path = format!("routes[{position}].destination_cidr_block");
        let is_local = route.get("gateway_id") == Some(&Value::from("local"));
        if is_local
            && let Some(route) = route.as_object_mut()
            && unreadable.remove(&path).is_some()
        {
            route.insert("destination_cidr_block".to_owned(), Value::from(range.as_str()));
        }
    }
}

/// A new interface is in the VPC of its subnet.
fn in_vpc(live: &mut Live, interface: &ItemKey) {
    const VPC: &str = "vpc_id";
    let vpc_of = |live: &Live| {
        let one = live.get(interface).filter(|one| one.unreadable.contains_key(VPC))?;
        let id = known(one, "subnet_id")?.as_str()?.to_owned();
        let subnet = live.get(&ItemKey { kind: "ec2.subnet", id, ..interface.clone() })?;
        Some(known(subnet, VPC)?.as_str()?.to_owned())
    };
    if let Some(vpc) = vpc_of(live)
        && let Some(one) = live.get_mut(interface)
    {
        one.unreadable.remove(VPC);
        one.facts.insert(VPC.to_owned(), vpc.into());
    }
}

/// The resources of a kind in the region of another one.
fn near<'l>(
    live: &'l mut Live,
    of: &ItemKey,
    kind: &'static str,
) -> impl Iterator<Item = &'l mut Resource> {
    let region = of.region.clone();
    live.iter_mut()
        .filter(move |(key, _)| key.kind == kind && key.region == region)
        .map(|(_, resource)| resource)
}

/// A deleted subnet has no associations.
fn without_subnet(live: &mut Live, subnet: &ItemKey) {
    for kind in ["ec2.network_acl", "ec2.route_table"] {
        for resource in near(live, subnet, kind) {
            without_association(resource, &subnet.id);
        }
    }
}

fn without_association(resource: &mut Resource, subnet: &String) {
    if let Some(Value::Array(items)) = resource.facts.get_mut("associations") {
        items.retain(|one| text(one, "subnet_id") != Some(subnet));
    }
}

/// What is attached to a deleted instance is deleted with it, or detached.
fn without_instance(live: &mut Live, instance: &ItemKey) {
    let is_attached = |one: &Value| text(one, "instance_id") == Some(&instance.id);
    let goes = |one: &Value| one.get("delete_on_termination") == Some(&Value::Bool(true));
    live.retain(|key, resource| {
        let attachments = match key.kind {
            "ec2.volume" => resource.facts.get("attachments").and_then(Value::as_array).cloned(),
            "ec2.network_interface" => {
                resource.facts.get("attachment").cloned().map(|one| vec![one])
            }
            _ => None,
        };
        let attachments = attachments.unwrap_or_default();
        key.region != instance.region
            || !attachments.iter().any(|one| is_attached(one) && goes(one))
    });
    for volume in near(live, instance, "ec2.volume") {
        if let Some(Value::Array(items)) = volume.facts.get_mut("attachments") {
            let before = items.len();
            items.retain(|one| !is_attached(one));
            if items.is_empty() && before > 0 {
                volume.facts.insert("state".to_owned(), "available".into());
            }
        }
    }
    for interface in near(live, instance, "ec2.network_interface") {
        if interface.facts.get("attachment").is_some_and(is_attached) {
            interface.facts.insert("attachment".to_owned(), Value::Null);
            interface.facts.insert("status".to_owned(), "available".into());
        }
    }
    for address in near(live, instance, "ec2.address") {
        if address.facts.get("instance_id").and_then(Value::as_str) == Some(&instance.id) {
            for name in [
                "instance_id",
                "association_id",
                "network_interface_id",
                "network_interface_owner_id",
                "private_ip_address",
                "subnet_id",
            ] {
                address.facts.insert(name.to_owned(), Value::Null);
            }
        }
    }
}

/// What AWS created with a VPC is deleted with it.
fn without_vpc(live: &mut Live, vpc: &ItemKey) {
    live.retain(|key, resource| {
        let is_in = resource.facts.get("vpc_id").and_then(Value::as_str) == Some(&vpc.id);
        let is_default = match key.kind {
            "ec2.security_group" => {
                resource.facts.get("group_name").and_then(Value::as_str) == Some("default")
            }
            "ec2.network_acl" => resource.facts.get("is_default") == Some(&Value::Bool(true)),
            "ec2.route_table" => {
                let items = resource.facts.get("associations").and_then(Value::as_array);
                items.into_iter().flatten().any(|one| one.get("main") == Some(&Value::Bool(true)))
            }
            _ => false,
        };
        !(is_in && is_default && key.region == vpc.region)
    });
}
