//! The network interface that a new instance has instead of one of its own: it is described elsewhere in
//! the plan, or exists.

use serde_json::Value;

use super::common::{existing, set_if_open};
use super::subnet::SubnetFields;
use crate::model::Resource;
use crate::preview::item::{Described, Item, ItemKey, LaunchNetwork};
use crate::preview::resources::known;
use crate::preview::tree::{ABSENT, Tree, Why};

pub(super) const INTERFACE: &str = "ec2.network_interface";

impl Described {
    /// Describes the network of an instance that names one interface, which is its primary one.
    pub(super) fn attached_interface(
        &mut self,
        key: &ItemKey,
        own: &LaunchNetwork,
        existing_ones: &[Resource],
    ) {
        let is_its = |(other, item): &(&ItemKey, &Item)| {
            let attachment = item.tree.get("attachment");
            let field = |name: &str| attachment.as_ref().and_then(|one| one.get(name));
            other.kind == INTERFACE
                && other.account == key.account
                && other.region == key.region
                && field("instance_id").is_some_and(|id| id.as_str() == Some(&key.id))
                && field("device_index") == Some(Tree::from(Some(0)))
        };
        let mut all = self.after.items.iter().filter(is_its);
        let (Some((eni, item)), None) = (all.next(), all.next()) else { return };
        if own.interfaces != Some(1) {
            return;
        }
        let live = existing(existing_ones, eni, INTERFACE, &eni.id).filter(|_| !item.is_created);
        let field = |name: &str| {
            let live = || live.and_then(|live| known(live, name)).cloned().map(Tree::of_json);
            item.tree.get(name).or_else(live).unwrap_or(Tree::Unknown(Why::Apply))
        };
        let subnet_id = field("subnet_id");
        let subnet = SubnetFields::of(self, key, &subnet_id, existing_ones);
        let vpc_id = match field("vpc_id") {
            Tree::Unknown(_) => subnet.get("vpc_id"),
            known => known,
        };
        let ipv6 = match field("ipv6_addresses") {
            Tree::Unknown(Why::Default)
                if subnet.get("assign_ipv6_address_on_creation") == Tree::from(false) =>
            {
                Tree::List(Vec::new())
            }
            Tree::List(items) => {
                let address = |item: &Tree| item.get("ipv6_address");
                let of = |item: Tree| {
                    let address = address(&item).unwrap_or(Tree::Unknown(Why::Apply));
                    Tree::object([("ipv6_address", address)])
                };
                Tree::List(items.into_iter().map(of).collect())
            }
            other => other,
        };
        let has_no_ipv6 = ipv6 == Tree::List(Vec::new());
        let association = associated(field("association"));
        let private = match field("private_ip_addresses") {
            Tree::List(items) => {
                let of = |item: Tree| {
                    let field = |name: &str| item.get(name).unwrap_or(Tree::Unknown(Why::Apply));
                    Tree::object([
                        ("private_ip_address", field("private_ip_address")),
                        ("primary", field("primary")),
                        ("association", associated(field("association"))),
                    ])
                };
                Tree::List(items.into_iter().map(of).collect())
            }
            other => other,
        };
        let groups = match field("groups") {
            Tree::List(items) => {
                let id = |item: Tree| {
                    let id = item.get("group_id").unwrap_or(Tree::Unknown(Why::Apply));
                    Tree::object([("group_id", id)])
                };
                Tree::List(items.into_iter().map(id).collect())
            }
            other => other,
        };
        let public_address = match &association {
            Tree::Object(fields) => {
                fields.get("public_ip").cloned().unwrap_or(Tree::Unknown(Why::Apply))
            }
            other => other.clone(),
        };
        let check = field("source_dest_check");
        let interface = Tree::object([
            ("network_interface_id", eni.id.as_str().into()),
            ("subnet_id", subnet_id.clone()),
            ("vpc_id", vpc_id.clone()),
            ("interface_type", field("interface_type")),
            ("association", association),
            ("private_ip_address", field("private_ip_address")),
            ("private_ip_addresses", private),
            ("ipv6_addresses", ipv6),
            ("ipv6_prefixes", field("ipv6_prefixes")),
            ("source_dest_check", check.clone()),
            ("groups", groups.clone()),
        ]);
        let Some(instance) = self.after.items.get_mut(key) else { return };
        for (name, tree) in [
            ("network_interfaces", Tree::List(vec![interface])),
            ("security_groups", groups),
            ("subnet_id", subnet_id),
            ("vpc_id", vpc_id),
            ("public_ip_address", public_address),
        ] {
            if !matches!(tree, Tree::Unknown(_)) {
                set_or_replace_absent(&mut instance.tree, name, tree);
            }
        }
        if has_no_ipv6 {
            set_if_open(&mut instance.tree, "ipv6_address", ABSENT);
        }
        // The provider leaves the check of interfaces that are configured by themselves.
        instance.tree.replace(Tree::object([("source_dest_check", check)]));
    }
}

/// Sets a field that the instance leaves open, also if that looks like none.
fn set_or_replace_absent(tree: &mut Tree, name: &str, value: Tree) {
    match tree.get(name) {
        Some(own) if own.is_absent() => tree.replace(Tree::object([(name, value)])),
        _ => set_if_open(tree, name, value),
    }
}

/// An association of an interface, as instances have it.
fn associated(association: Tree) -> Tree {
    match association {
        Tree::Object(_) => {
            let field = |name: &str| association.get(name).unwrap_or(ABSENT);
            Tree::object([
                ("public_ip", field("public_ip")),
                ("carrier_ip", field("carrier_ip")),
                ("public_dns_name", field("public_dns_name")),
                ("ip_owner_id", field("ip_owner_id")),
            ])
        }
        Tree::Known(Value::Null) => ABSENT,
        other => other,
    }
}
