//! The network interface that EC2 creates with a new instance.

use serde_json::Value;

use super::common::set_if_open;
use super::subnet::SubnetFields;
use super::template::Template;
use crate::model::Resource;
use crate::preview::item::{Described, ItemKey, Launch, PublicAddress};
use crate::preview::resources::{self, Live, group_names};
use crate::preview::tree::{ABSENT, Tree, Why};

/// In place of an address that AWS assigns. It is shown in findings.
const ASSIGNED: &str = "(assigned at launch)";

impl Described {
    /// Describes the interface of a new instance, if it is the only one.
    pub(super) fn launch_interface(
        &mut self,
        key: &ItemKey,
        launch: &Launch,
        template: &Template,
        existing_ones: &[Resource],
    ) {
        let own = &launch.network;
        let interfaces = template.items("network_interfaces");
        let primary = interfaces.as_ref().and_then(|all| all.first());
        let says =
            |name: &str| primary.and_then(|one| one.get(name)).filter(|one| !one.is_absent());
        let sets_any = own.sets_subnet
            || own.sets_groups
            || own.sets_addresses
            || own.public_address != PublicAddress::NotSet;
        let is_first = says("device_index").is_none_or(|index| index == Tree::from(Some(0)));
        // EC2 refuses interfaces of the template together with a subnet or groups of the instance.
        let is_described = interfaces.as_ref().is_some_and(|all| {
            !own.is_attached
                && all.len() <= 1
                && (all.is_empty() || !sets_any)
                && is_first
                && says("network_interface_id").is_none()
                && says("associate_carrier_ip_address").is_none_or(|flag| flag == Tree::from(false))
        });
        if own.is_attached && matches!(template, Template::None) {
            self.attached_interface(key, own, existing_ones);
        }
        let Some(instance) = self.after.items.get_mut(key) else { return };
        if !is_described {
            let why = match template {
                Template::None => Why::Default,
                _ => Why::Template,
            };
            set_if_open(&mut instance.tree, "security_groups", Tree::Unknown(why));
            set_if_open(&mut instance.tree, "subnet_id", Tree::Unknown(why));
            return;
        }
        let groups = says("groups").filter(|list| list.items().is_none_or(|all| !all.is_empty()));
        let groups = groups.or_else(|| template.list("security_group_ids"));
        let groups = groups.or_else(|| {
            // Names, which say nothing without the VPC.
            template.list("security_groups").map(|_| Tree::Unknown(Why::Apply))
        });
        if let Some(groups) = groups {
            let of = |ids: Vec<Tree>| ids.into_iter().map(|id| Tree::object([("group_id", id)]));
            let list = groups.items().map(|ids| Tree::List(of(ids).collect()));
            set_if_open(&mut instance.tree, "security_groups", list.unwrap_or(groups));
        }
        if let Some(subnet) = says("subnet_id") {
            set_if_open(&mut instance.tree, "subnet_id", subnet);
        }
        let field = |name: &str| instance.tree.get(name).unwrap_or(Tree::Unknown(Why::Apply));
        let (subnet_id, groups) = (field("subnet_id"), field("security_groups"));
        let (private_ip, source_dest_check) =
            (Tree::Unknown(Why::Apply), field("source_dest_check"));
        let (vpc_id, is_public, has_no_ipv6) = {
            let subnet = SubnetFields::of(self, key, &subnet_id, existing_ones);
            let subnet = |name: &str| subnet.get(name);
            let is_public = match (own.public_address, says("associate_public_ip_address")) {
                // The provider sends it only with the subnet.
                (PublicAddress::Set(public), _) if own.sets_subnet => public.into(),
                (PublicAddress::NotSet, Some(of_template)) => of_template,
                // A subnet without IPv4 has no public addresses of this kind.
                (PublicAddress::NotSet, None) if subnet("ipv6_native") == Tree::from(true) => {
                    Tree::Unknown(Why::Apply)
                }
                (PublicAddress::NotSet, None) => subnet("map_public_ip_on_launch"),
                _ => Tree::Unknown(Why::Apply),
            };
            let has_no_ipv6 = !own.sets_addresses
                && says("ipv6_address_count").is_none_or(|count| count == Tree::from(Some(0)))
                && subnet("assign_ipv6_address_on_creation") == Tree::from(false);
            (subnet("vpc_id"), is_public, has_no_ipv6)
        };
        let association = match &is_public {
            Tree::Known(Value::Bool(true)) => Tree::object([
                ("public_ip", ASSIGNED.into()),
                ("carrier_ip", ABSENT),
                ("public_dns_name", Tree::Unknown(Why::Apply)),
                ("ip_owner_id", "amazon".into()),
            ]),
            Tree::Known(_) => ABSENT,
            _ => Tree::Unknown(Why::Apply),
        };
        let private = match own.sets_addresses {
            true => Tree::Unknown(Why::Apply),
            false => Tree::List(vec![Tree::object([
                ("private_ip_address", private_ip.clone()),
                ("primary", true.into()),
                ("association", association.clone()),
            ])]),
        };
        // Only a template can ask for prefixes.
        let has_no_prefixes = has_no_ipv6 && matches!(template, Template::None);
        let prefixes = match has_no_prefixes {
            true => Tree::List(Vec::new()),
            false => Tree::Unknown(Why::Apply),
        };
        let ipv6 = if has_no_ipv6 { Tree::List(Vec::new()) } else { Tree::Unknown(Why::Apply) };
        let interface = Tree::object([
            ("network_interface_id", Tree::Unknown(Why::Apply)),
            ("subnet_id", subnet_id),
            ("vpc_id", vpc_id.clone()),
            ("interface_type", says("interface_type").unwrap_or_else(|| "interface".into())),
            ("association", association),
            ("private_ip_address", private_ip),
            ("private_ip_addresses", private),
            ("ipv6_addresses", ipv6),
            ("ipv6_prefixes", prefixes),
            ("source_dest_check", source_dest_check),
            ("groups", groups),
        ]);
        let Some(instance) = self.after.items.get_mut(key) else { return };
        let public_address = match is_public {
            Tree::Known(Value::Bool(true)) => ASSIGNED.into(),
            Tree::Known(_) => ABSENT,
            other => other,
        };
        set_if_open(&mut instance.tree, "network_interfaces", Tree::List(vec![interface]));
        set_if_open(&mut instance.tree, "public_ip_address", public_address);
        set_if_open(&mut instance.tree, "vpc_id", vpc_id);
        if has_no_ipv6 {
            set_if_open(&mut instance.tree, "ipv6_address", ABSENT);
        }
    }
}

/// The names of the security groups of new instances.
pub(in crate::preview) fn name_groups(live: &mut Live, created: &[ItemKey]) {
    for key in created.iter().filter(|key| key.kind == "ec2.instance") {
        let names = group_names(live, &key.region);
        let Some(Resource { facts, unreadable, .. }) = live.get_mut(key) else { continue };
        let own = facts.get_mut("security_groups");
        resources::name_groups(own, "security_groups", &names, unreadable);
        let interfaces = facts.get_mut("network_interfaces").and_then(Value::as_array_mut);
        for (position, one) in interfaces.into_iter().flatten().enumerate() {
            let path = format!("network_interfaces[{position}].groups");
            resources::name_groups(one.get_mut("groups"), &path, &names, unreadable);
        }
    }
}
