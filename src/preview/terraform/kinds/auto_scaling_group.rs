//! `aws_autoscaling_group`: which instances exist is not known, but what each instance of a new group is
//! follows from its launch template. One of them is described in place of all.

use serde_json::json;

use super::instance::template;
use super::spec::Spec;
use crate::facts::ec2::instance::KIND;
use crate::preview::item::{Launch, LaunchNetwork, PublicAddress};
use crate::preview::terraform::convert::{Converter, fields};
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[Spec::new("aws_autoscaling_group", group)];

/// What instances bring along.
const LISTS: [&str; 5] =
    ["ec2.address", "ec2.instance", "ec2.instance_type", "ec2.network_interface", "ec2.volume"];

fn group(cx: &mut Converter<'_>) {
    for list in LISTS {
        cx.brings(list, Why::NotConverted);
    }
    if cx.is_created() && launches_instances(cx) && has_only_template(cx) {
        instance(cx);
    }
}

/// Whether the group certainly launches an instance.
fn launches_instances(cx: &Converter<'_>) -> bool {
    let number = |name: &str| cx.get(name).number().ok().flatten().unwrap_or(0);
    number("desired_capacity").max(number("min_size")) > 0
}

/// Whether all that decides about its instances is one launch template.
fn has_only_template(cx: &Converter<'_>) -> bool {
    let is_left_out = |name: &str| {
        let value = cx.get(name);
        value.is_empty() || value.is_unknown() && cx.has_configuration() && !cx.has_argument(name)
    };
    cx.get("launch_template").items().is_ok_and(|blocks| blocks.len() == 1)
        && is_left_out("launch_configuration")
        && is_left_out("mixed_instances_policy")
}

/// An instance in place of all that the group launches.
fn instance(cx: &mut Converter<'_>) {
    let id = cx.resource.address.clone();
    let left_open = || Tree::Unknown(Why::Default);
    let subnets = cx.links("vpc_zone_identifier", cx.get("vpc_zone_identifier"));
    let subnet = match subnets.items().as_deref() {
        Some([subnet]) => subnet.clone(),
        // Each is in one of them.
        _ => Tree::Unknown(Why::Apply),
    };
    let tree = fields([
        ("instance_id", id.as_str().into()),
        ("instance_type", left_open()),
        ("image_id", left_open()),
        ("key_name", left_open()),
        ("subnet_id", subnet),
        ("iam_instance_profile", left_open()),
        ("source_dest_check", true.into()),
        ("ebs_optimized", Tree::Default(false.into())),
        ("monitoring", fields([("state", Tree::Default("disabled".into()))])),
        ("metadata_options", left_open()),
        ("enclave_options", fields([("enabled", Tree::Default(false.into()))])),
        ("disable_api_termination", Tree::Default(false.into())),
        ("disable_api_stop", Tree::Default(false.into())),
        ("user_data", left_open()),
        ("state", json!({ "name": "running" }).into()),
        ("security_groups", left_open()),
        ("placement", fields([("tenancy", left_open())])),
        ("operator", fields([("managed", Tree::Unknown(Why::Apply)), ("principal", ABSENT)])),
    ]);
    cx.declare(&KIND, (id.clone(), true), tree);
    let launch = Launch {
        template: Some(template(cx)),
        has_own_devices: Some(false),
        without_volume: Default::default(),
        network: LaunchNetwork {
            is_attached: false,
            interfaces: Some(0),
            // The subnets of the group are those of the interface of the template.
            sets_subnet: false,
            sets_groups: false,
            sets_addresses: false,
            public_address: PublicAddress::NotSet,
        },
    };
    cx.launched(&KIND, &id, launch);
    cx.stands_for_group();
}
