//! The network of an existing `aws_instance` that changes: its primary interface, and what of the
//! others is not known after the change.

use serde_json::json;

use crate::facts::ec2::network_interface;
use crate::preview::terraform::convert::{Converter, Target, When, fields};
use crate::preview::terraform::plan::Action;
use crate::preview::tree::{Tree, Why};

/// Whether an attribute changes, or can change.
pub(super) fn changed(cx: &Converter<'_>, name: &str) -> bool {
    let after = cx.resource.after().get(name);
    after.is_unknown() || cx.resource.before().get(name).raw() != after.raw()
}

/// The security groups of the primary interface.
pub(super) const GROUPS: &str = "vpc_security_group_ids";

const CHECK: &str = "source_dest_check";

const NETWORK: [&str; 8] = [
    GROUPS,
    "security_groups",
    CHECK,
    "associate_public_ip_address",
    "network_interface",
    "primary_network_interface",
    "secondary_private_ips",
    "ipv6_addresses",
];

pub(super) fn changes_network(cx: &Converter<'_>) -> bool {
    NETWORK.iter().any(|name| changed(cx, name))
}

/// Whether nothing of the network of an existing instance changes but settings of its primary interface,
/// and these are known: its security groups, and the source/destination check.
pub(super) fn changes_primary_only(cx: &Converter<'_>) -> bool {
    let (before, after) = (cx.resource.before(), cx.resource.after());
    let is_set = |name: &str| before.get(name).is_set() && after.get(name).is_set();
    let is_empty = |name: &str| before.get(name).is_empty() && after.get(name).is_empty();
    let others = NETWORK.iter().filter(|name| ![GROUPS, CHECK].contains(name));
    cx.resource.action == Action::Update
        && [GROUPS, CHECK].iter().any(|name| changed(cx, name))
        && [GROUPS, CHECK].iter().all(|name| {
            !changed(cx, name) || before.get(name).is_known() && after.get(name).is_known()
        })
        && is_set("primary_network_interface_id")
        // The provider leaves the check of interfaces that are configured by themselves.
        && (!changed(cx, CHECK)
            || ["network_interface", "primary_network_interface"].into_iter().all(is_empty))
        && !others.into_iter().any(|name| changed(cx, name))
}

/// Sets what changes of the primary interface.
pub(super) fn primary_interface(cx: &mut Converter<'_>, instance: &str) {
    let Ok(Some(interface)) = cx.get("primary_network_interface_id").text() else { return };
    let attachment = fields([("instance_id", instance.into()), ("device_index", Some(0).into())]);
    let mut tree = fields([("attachment", attachment)]);
    if changed(cx, GROUPS) {
        tree.add(fields([("groups", security_groups(cx))]));
    }
    if changed(cx, CHECK) {
        tree.add(fields([(CHECK, cx.get(CHECK).flag().into())]));
    }
    cx.set(&network_interface::KIND, Target::Id(interface.to_owned()), &[], tree);
}

/// Attaches the interfaces that a new instance names instead of having one of its own.
pub(super) fn attach_interfaces(cx: &mut Converter<'_>, instance: &str) {
    const ID: &str = "network_interface_id";
    for name in ["network_interface", "primary_network_interface"] {
        // What is not configured is computed from what AWS returns.
        let blocks = cx.get(name).items().unwrap_or_default();
        for (index, block) in blocks.into_iter().enumerate() {
            let id = cx.link_at(&format!("{name}.{index}.{ID}"), block.get(ID), &["id"]);
            let target = match id.as_str() {
                Some(id) => Target::Id(id.to_owned()),
                // One that is attached already is not attached to this one.
                None => Target::Unresolved { is_anywhere: false },
            };
            let index = match block.get("device_index").number() {
                Ok(None) if name != "network_interface" => Some(0).into(),
                index => index.into(),
            };
            let attachment = fields([
                ("instance_id", instance.into()),
                ("device_index", index),
                ("status", "attached".into()),
                ("delete_on_termination", Tree::Unknown(Why::Apply)),
            ]);
            let tree = fields([("attachment", attachment), ("status", "in-use".into())]);
            cx.set(&network_interface::KIND, target, &["attachment", "status"], tree);
        }
    }
}

/// How many interfaces a new instance names; `None` if it is not known.
pub(super) fn named_interfaces(cx: &Converter<'_>) -> Option<usize> {
    if cx.get("secondary_network_interface").is_set()
        || cx.has_argument("secondary_network_interface")
    {
        return None;
    }
    let number = |name: &str| {
        let blocks = cx.get(name);
        match blocks.items() {
            Ok(blocks) => Some(blocks.len()),
            Err(_) if blocks.is_unknown() && !cx.has_argument(name) => Some(0),
            Err(_) => None,
        }
    };
    Some(number("network_interface")? + number("primary_network_interface")?)
}

/// What a change of the network of an existing instance makes unknown.
pub(super) fn network(cx: &Converter<'_>, tree: &mut Tree) {
    let is_changed = cx.when == When::After && cx.resource.is_changed();
    if is_changed && changes_network(cx) && !changes_primary_only(cx) {
        tree.add(fields([
            ("network_interfaces", Tree::Unknown(Why::NotConverted)),
            ("security_groups", Tree::Unknown(Why::NotConverted)),
            ("public_ip_address", Tree::Unknown(Why::Apply)),
        ]));
    }
    // A new type, or a changed start, stops the instance for a while.
    if cx.when == When::After && changed(cx, "instance_type") {
        tree.add(fields([("state", json!({ "name": "running" }).into())]));
    }
}

pub(super) fn security_groups(cx: &Converter<'_>) -> Tree {
    let groups = cx.get("vpc_security_group_ids");
    if !groups.is_set() && !cx.has_argument("vpc_security_group_ids") {
        return Tree::Unknown(Why::Default);
    }
    match cx.group_links("vpc_security_group_ids", groups) {
        Tree::List(ids) => {
            Tree::List(ids.into_iter().map(|id| fields([("group_id", id)])).collect())
        }
        other => other,
    }
}
