//! `ec2.spot_fleet_request`: `aws_spot_fleet_request`. It launches instances.

use serde_json::Value;

use super::common::tags_of;
use super::spec::Spec;
use crate::facts::ec2::spot_fleet_request::KIND;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, fields};
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[Spec::new("aws_spot_fleet_request", request)];

fn request(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let mut tree = fields([("spot_fleet_request_id", id.0.as_str().into()), ("tags", tags_of(cx))]);
    if cx.is_created() {
        let config = fields([
            ("iam_fleet_role", cx.get("iam_fleet_role").text().into()),
            ("type", cx.get("fleet_type").text().into()),
            ("allocation_strategy", cx.get("allocation_strategy").text().into()),
            ("target_capacity", cx.get("target_capacity").number().into()),
            ("spot_price", cx.get("spot_price").text().into()),
            ("valid_from", cx.get("valid_from").text().into()),
            ("valid_until", cx.get("valid_until").text().into()),
            ("launch_specifications", {
                let has_snapshots = !leaves_out_snapshots(cx);
                let of = |block: Attribute<'_>| specification(block, has_snapshots);
                cx.get("launch_specification").list_tree(of)
            }),
            ("launch_template_configs", cx.get("launch_template_config").list_tree(template)),
        ]);
        tree.add(fields([
            ("spot_fleet_request_state", "active".into()),
            ("spot_fleet_request_config", config),
        ]));
    }
    cx.declare(&KIND, id, tree);
    for kind in ["ec2.address", "ec2.instance", "ec2.network_interface", "ec2.volume"] {
        cx.brings(kind, Why::NotConverted);
    }
}

/// Whether the configuration has all block devices of the plan, and none with a snapshot: the provider
/// computes the argument, so the plan does not say that there is none. Dynamic blocks are not in the
/// configuration.
fn leaves_out_snapshots(cx: &Converter<'_>) -> bool {
    const DEVICES: &str = "ebs_block_device";
    let configured = cx.plan().argument(cx.resource, "launch_specification");
    let Some(configured) = configured.and_then(Value::as_array) else { return false };
    let devices = |one: &Value| one.get(DEVICES).and_then(Value::as_array).cloned();
    let configured: Vec<Value> = configured.iter().filter_map(devices).flatten().collect();
    let planned = cx.get("launch_specification").items().unwrap_or_default();
    let planned: Result<Vec<usize>, Why> =
        planned.iter().map(|one| Ok(one.get(DEVICES).items()?.len())).collect();
    let is_same = planned.is_ok_and(|all| all.iter().sum::<usize>() == configured.len());
    is_same && configured.iter().all(|device| device.get("snapshot_id").is_none())
}

fn specification(block: Attribute<'_>, has_snapshots: bool) -> Tree {
    let device = |block: Attribute<'_>, is_root: bool| {
        let ebs = fields([
            (
                "encrypted",
                match block.get("encrypted").flag() {
                    Ok(None) | Err(Why::Apply) => ABSENT,
                    other => other.into(),
                },
            ),
            ("kms_key_id", block.get("kms_key_id").text().into()),
            (
                "snapshot_id",
                match block.get("snapshot_id").text() {
                    Err(Why::Apply) if !has_snapshots => ABSENT,
                    other => other.into(),
                },
            ),
            ("volume_size", block.get("volume_size").positive().into()),
            ("volume_type", block.get("volume_type").text().into()),
            ("iops", block.get("iops").positive().into()),
            ("throughput", block.get("throughput").positive().into()),
            ("delete_on_termination", block.get("delete_on_termination").flag().into()),
        ]);
        let name = if is_root {
            Tree::Unknown(Why::Apply)
        } else {
            block.get("device_name").text().into()
        };
        fields([("device_name", name), ("virtual_name", ABSENT), ("ebs", ebs)])
    };
    let mut devices = Vec::new();
    for (argument, is_root) in [("root_block_device", true), ("ebs_block_device", false)] {
        match block.get(argument).items() {
            Ok(blocks) => devices.extend(blocks.into_iter().map(|block| device(block, is_root))),
            Err(Why::Apply) if is_root => {}
            Err(_) => return Tree::Unknown(Why::Apply),
        }
    }
    fields([
        ("image_id", block.get("ami").text().into()),
        ("instance_type", block.get("instance_type").text().into()),
        ("key_name", block.get("key_name").text().into()),
        ("subnet_id", block.get("subnet_id").text().into()),
        ("block_device_mappings", Tree::List(devices)),
        ("ebs_optimized", block.get("ebs_optimized").flag().into()),
        ("user_data", user_data(block.get("user_data"))),
    ])
}

/// The plan has a hash of user data, or the text, which is not looked at.
fn user_data(value: Attribute<'_>) -> Tree {
    if value.is_unknown() {
        return Tree::Unknown(Why::Apply);
    }
    match value.is_empty() {
        true => fields([
            ("present", false.into()),
            ("looks_like_secret", false.into()),
            ("detector", ABSENT),
        ]),
        false => fields([
            ("present", true.into()),
            ("looks_like_secret", Tree::Unknown(Why::NotConverted)),
            ("detector", Tree::Unknown(Why::NotConverted)),
        ]),
    }
}

fn template(block: Attribute<'_>) -> Tree {
    let of = |block: Attribute<'_>| {
        fields([
            ("launch_template_id", block.get("id").text().into()),
            ("launch_template_name", block.get("name").text().into()),
            ("version", block.get("version").text().into()),
        ])
    };
    fields([
        (
            "launch_template_specification",
            block.get("launch_template_specification").block_tree(of),
        ),
        ("overrides", Tree::Unknown(Why::NotConverted)),
    ])
}
