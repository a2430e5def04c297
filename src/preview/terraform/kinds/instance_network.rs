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

const NETWORK: [&str; 8] = [
    GROUPS,
    "security_groups",
    "source_dest_check",
    "associate_public_ip_address",
    "network_interface",
    "primary_network_interface",
    "secondary_private_ips",
    "ipv6_addresses",
];

pub(super) fn changes_network(cx: &Converter<'_>) -> bool {
    NETWORK.iter().any(|name| changed(cx, name))
}

/// Whether nothing of the network of an existing instance changes but its security groups, and these are
/// known. They are those of its primary interface.
pub(super) fn changes_groups_only(cx: &Converter<'_>) -> bool {
    let (before, after) = (cx.resource.before(), cx.resource.after());
    let is_known = |name: &str| before.get(name).is_set() && after.get(name).is_set();
    let others = NETWORK.iter().filter(|name| **name != GROUPS);
    cx.resource.action == Action::Update
        && changed(cx, GROUPS)
        && after.get(GROUPS).is_known()
        && before.get(GROUPS).is_known()
        && is_known("primary_network_interface_id")
        && !others.into_iter().any(|name| changed(cx, name))
}

/// Sets the groups of the primary interface.
pub(super) fn interface_groups(cx: &mut Converter<'_>, instance: &str) {
    let Ok(Some(interface)) = cx.get("primary_network_interface_id").text() else { return };
    let attachment = fields([("instance_id", instance.into()), ("device_index", Some(0).into())]);
    let tree = fields([("groups", security_groups(cx)), ("attachment", attachment)]);
    cx.set(&network_interface::KIND, Target::Id(interface.to_owned()), &[], tree);
}

/// What a change of the network of an existing instance makes unknown.
pub(super) fn network(cx: &Converter<'_>, tree: &mut Tree) {
    let is_changed = cx.when == When::After && cx.resource.is_changed();
    if is_changed && changes_network(cx) && !changes_groups_only(cx) {
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
    match cx.links("vpc_security_group_ids", groups) {
        Tree::List(ids) => {
            Tree::List(ids.into_iter().map(|id| fields([("group_id", id)])).collect())
        }
        other => other,
    }
}
