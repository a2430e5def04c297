//! `ec2.network_interface`: `aws_network_interface` and its attachments.

use serde_json::json;

use super::common::{owner, tags_of};
use super::spec::Spec;
use crate::facts::ec2::instance;
use crate::facts::ec2::network_interface::KIND;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, Target, fields};
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("aws_network_interface", interface),
    Spec::new("aws_network_interface_attachment", attachment),
    Spec::new("aws_network_interface_sg_attachment", group),
];

/// Arguments for more IPv4 addresses than one, and for those of IPv6.
const IPV4: [&str; 5] =
    ["private_ips", "private_ips_count", "private_ip_list", "ipv4_prefixes", "ipv4_prefix_count"];
const IPV6: [&str; 6] = [
    "ipv6_addresses",
    "ipv6_address_count",
    "ipv6_address_list",
    "ipv6_prefixes",
    "ipv6_prefix_count",
    "enable_primary_ipv6",
];

fn interface(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let groups = match cx.group_links("security_groups", cx.get("security_groups")) {
        Tree::List(ids) => {
            Tree::List(ids.into_iter().map(|id| fields([("group_id", id)])).collect())
        }
        Tree::Unknown(_) if !cx.has_argument("security_groups") => Tree::Unknown(Why::Default),
        other => other,
    };
    let mut tree = fields([
        ("network_interface_id", id.0.as_str().into()),
        ("subnet_id", cx.link("subnet_id")),
        ("description", cx.get("description").text().into()),
        (
            "source_dest_check",
            cx.get("source_dest_check").flag().map(|on| on.unwrap_or(true)).into(),
        ),
        ("tags", tags_of(cx)),
    ]);
    let is_described = cx.is_created() || cx.described("security_groups").is_some();
    if is_described {
        tree.add(fields([("groups", groups)]));
    }
    if cx.is_created() {
        let attached = cx.get("attachment");
        let status = if attached.is_empty() { "available" } else { "in-use" };
        let of = |block: Attribute<'_>| {
            let instance = cx.link_at("attachment.0.instance", block.get("instance"), &["id"]);
            fields([
                ("instance_id", instance),
                ("device_index", block.get("device_index").number().into()),
                ("status", "attached".into()),
                ("delete_on_termination", Tree::Unknown(Why::Apply)),
            ])
        };
        let attachment = match attached.is_unknown() && !cx.has_argument("attachment") {
            true => ABSENT,
            false => attached.block_tree(of),
        };
        let status = if attachment.is_absent() { "available" } else { status };
        tree.add(fields([
            ("attachment", attachment),
            ("status", status.into()),
            ("owner_id", owner(cx)),
            ("interface_type", "interface".into()),
            ("requester_managed", false.into()),
            ("association", ABSENT),
            ("operator", json!({ "managed": false, "principal": null }).into()),
        ]));
        // What is not configured is computed.
        let is_left_out = |name: &str| {
            let value = cx.get(name);
            value.is_empty() || value.is_unknown() && !cx.has_argument(name)
        };
        if cx.has_configuration() && IPV4.into_iter().all(is_left_out) {
            // No public address is assigned to an interface that is created by itself.
            let address = fields([
                ("private_ip_address", Tree::Unknown(Why::Apply)),
                ("primary", true.into()),
                ("association", ABSENT),
            ]);
            tree.add(fields([("private_ip_addresses", Tree::List(vec![address]))]));
        }
        if cx.has_configuration() && IPV6.into_iter().all(is_left_out) {
            // It can be assigned by the subnet.
            tree.add(fields([
                ("ipv6_addresses", Tree::Unknown(Why::Default)),
                ("ipv6_prefixes", Tree::List(Vec::new())),
            ]));
        }
    }
    cx.declare(&KIND, id, tree);
}

fn attachment(cx: &mut Converter<'_>) {
    let tree = fields([
        ("status", "in-use".into()),
        (
            "attachment",
            fields([
                ("instance_id", cx.link("instance_id")),
                ("device_index", cx.get("device_index").number().into()),
                ("status", "attached".into()),
            ]),
        ),
    ]);
    if cx.resource.is_changed() {
        cx.set(&KIND, cx.target("network_interface_id", &["id"]), &["attachment", "status"], tree);
        let instance = cx.link("instance_id");
        cx.unknown(&instance::KIND, &instance, INSTANCE);
    }
}

/// One more group of an interface. The instance that the interface belongs to is known from what exists.
fn group(cx: &mut Converter<'_>) {
    const ID: &str = "network_interface_id";
    let groups = Tree::List(vec![fields([("group_id", cx.link("security_group_id"))])]);
    let interface = cx.get(ID);
    // The first interface of an instance that does not exist yet.
    if interface.is_unknown()
        && let Tree::Known(id) = cx.link_at(ID, interface, &["primary_network_interface_id"])
        && let Some(id) = id.as_str()
    {
        let target = Target::Id(id.to_owned());
        let names = &["security_groups"];
        return cx.set(&instance::KIND, target, names, fields([("security_groups", groups)]));
    }
    let target = cx.target(ID, &["id"]);
    if !matches!(target, Target::Id(_)) {
        cx.unknown(&instance::KIND, &Tree::Unknown(Why::Apply), INSTANCE);
        if !cx.resource.is_changed() {
            return;
        }
    }
    cx.set(&KIND, target, &["groups"], fields([("groups", groups)]));
}

/// What an interface adds to an instance.
const INSTANCE: &[&str] =
    &["ipv6_address", "network_interfaces", "public_ip_address", "security_groups"];
