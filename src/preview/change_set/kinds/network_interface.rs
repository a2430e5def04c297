//! `ec2.network_interface`. Interfaces of new instances are not known before they exist.

use super::common::groups;
use super::spec::Spec;
use crate::facts::ec2::instance;
use crate::facts::ec2::network_interface::KIND;
use crate::preview::change_set::converter::{Change, Converter, flag, text};
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] =
    &[Spec::new("AWS::EC2::NetworkInterface", "ec2.network_interface", interface).with(&[
        "ConnectionTrackingSpecification",
        "Description",
        "EnablePrimaryIpv6",
        "GroupSet",
        "InterfaceType",
        "Ipv4PrefixCount",
        "Ipv4Prefixes",
        "Ipv6AddressCount",
        "Ipv6Addresses",
        "Ipv6PrefixCount",
        "Ipv6Prefixes",
        "PrivateIpAddress",
        "PrivateIpAddresses",
        "SecondaryPrivateIpAddressCount",
        "SourceDestCheck",
        "SubnetId",
        "Tags",
    ])];

/// What other properties decide of an interface.
const ADDRESSES: [(&str, &str); 8] = [
    ("Ipv4PrefixCount", "ipv4_prefixes"),
    ("Ipv4Prefixes", "ipv4_prefixes"),
    ("Ipv6AddressCount", "ipv6_addresses"),
    ("Ipv6Addresses", "ipv6_addresses"),
    ("Ipv6PrefixCount", "ipv6_prefixes"),
    ("Ipv6Prefixes", "ipv6_prefixes"),
    ("PrivateIpAddresses", "private_ip_addresses"),
    ("SecondaryPrivateIpAddressCount", "private_ip_addresses"),
];

/// What an interface adds to the instance that it belongs to.
const OF_INSTANCE: &[&str] =
    &["ipv6_address", "network_interfaces", "public_ip_address", "security_groups"];

fn interface(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let mut tree = Tree::object([]);
    cx.put(&mut tree, ("SubnetId", "subnet_id"), Tree::Unknown(Why::Apply), text);
    cx.put(&mut tree, ("Description", "description"), ABSENT, text);
    let check = ("SourceDestCheck", "source_dest_check");
    cx.put(&mut tree, check, true.into(), |value| flag(value).into());
    let changes = |name: &str| !matches!(cx.change(name), Change::None);
    let changes_check = changes("SourceDestCheck");
    let (own, other) = (cx.get("GroupSet"), cx.contexts.1.properties().get("GroupSet"));
    let is_same = own.is_known() && other.is_known() && own.raw() == other.raw();
    if cx.is_created() || (cx.is_after || cx.is_before_update()) && !is_same {
        let was_left_open = !cx.is_created() && (own.is_empty() || other.is_empty());
        let groups = if was_left_open { Tree::Unknown(Why::Apply) } else { groups(own) };
        tree.add(Tree::object([("groups", groups)]));
    }
    if cx.is_after && !cx.is_created() {
        for (property, field) in ADDRESSES {
            if changes(property) {
                let unknown = Tree::Unknown(Why::NotConverted);
                tree.add(Tree::Object([(field.to_owned(), unknown)].into()));
            }
        }
    }
    cx.put_tags(&mut tree, true);
    if cx.is_created() {
        let kind = match cx.get("InterfaceType") {
            kind if kind.is_empty() => "interface".into(),
            kind => text(kind),
        };
        tree.add(Tree::object([
            ("network_interface_id", id.0.as_str().into()),
            ("owner_id", cx.owner()),
            ("attachment", ABSENT),
            ("association", ABSENT),
            ("status", "available".into()),
            ("interface_type", kind),
            ("requester_managed", false.into()),
            ("operator", Tree::object([("managed", false.into()), ("principal", ABSENT)])),
        ]));
    }
    // The instance that has it is known from what exists.
    if let Some(interface) = cx.resource.physical_id.clone() {
        let fields: &[&str] = match cx.is_deleted() {
            true => OF_INSTANCE,
            false if changes_check => &["network_interfaces", "source_dest_check"],
            false => &[],
        };
        if !fields.is_empty() {
            cx.hide(&instance::KIND, Some(&interface), fields);
        }
    }
    cx.declare(&KIND, id, tree);
}
