//! `ec2.launch_template`: `aws_launch_template`. A change of its settings makes a new version; whether
//! that becomes the default one is an argument.

use super::common::tags_of;
use super::spec::Spec;
use super::user_data::inspected;
use crate::facts::ec2::launch_template::KIND;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, When, fields};
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[Spec::new("aws_launch_template", template)];

/// What is not part of a version.
const OF_TEMPLATE: [&str; 11] = [
    "arn",
    "default_version",
    "id",
    "latest_version",
    "name",
    "name_prefix",
    "region",
    "tags",
    "tags_all",
    "timeouts",
    "update_default_version",
];

fn template(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let mut tree = fields([
        ("launch_template_id", id.0.as_str().into()),
        ("launch_template_name", cx.get("name").text().into()),
        ("tags", tags_of(cx)),
    ]);
    let version = |number: i64, is_default: bool| {
        fields([
            ("launch_template_id", id.0.as_str().into()),
            ("version_number", Some(number).into()),
            ("version_description", cx.get("description").text().into()),
            ("default_version", is_default.into()),
            ("launch_template_data", data(cx)),
        ])
    };
    let latest = cx.resource.before().get("latest_version").number().ok().flatten();
    let latest = latest.filter(|number| (1..i64::MAX).contains(number));
    match (cx.is_created(), latest) {
        // The only version is both.
        (true, _) => tree.add(fields([
            ("default_version_number", Some(1).into()),
            ("latest_version_number", Some(1).into()),
            ("operator", ABSENT),
            ("default_version", version(1, true)),
            ("latest_version", version(1, true)),
        ])),
        (false, _) if cx.when == When::Before || !cx.resource.is_changed() => {}
        (false, Some(latest)) => {
            // Each version has the next number.
            let newest = if makes_version(cx) { latest + 1 } else { latest };
            let default = default_version(cx, newest);
            if newest > latest {
                tree.add(fields([
                    ("latest_version_number", Some(newest).into()),
                    ("latest_version", version(newest, default == Ok(Some(newest)))),
                ]));
            }
            tree.add(match default {
                Ok(None) => fields([]),
                Ok(Some(number)) => fields([
                    ("default_version_number", Some(number).into()),
                    (
                        "default_version",
                        match number == newest {
                            true => version(number, true),
                            // An older version, which is in AWS only.
                            false => Tree::Unknown(Why::Apply),
                        },
                    ),
                ]),
                Err(why) => fields([
                    ("default_version_number", Tree::Unknown(why)),
                    ("default_version", Tree::Unknown(why)),
                ]),
            });
        }
        (false, None) => {
            let unknown = || Tree::Unknown(Why::Apply);
            tree.add(fields([
                ("default_version_number", unknown()),
                ("default_version", unknown()),
                ("latest_version_number", unknown()),
                ("latest_version", unknown()),
            ]));
        }
    }
    cx.declare(&KIND, id, tree);
}

/// Whether an update makes a version: if the settings change.
fn makes_version(cx: &Converter<'_>) -> bool {
    let (before, after) = (cx.resource.before(), cx.resource.after());
    let mut names = before.names();
    names.extend(after.names());
    names.into_iter().filter(|name| !OF_TEMPLATE.contains(name)).any(|name| {
        let (before, after) = (before.get(name), after.get(name));
        after.has_unknown() || before.raw() != after.raw()
    })
}

/// The number of the default version if an update sets it; `newest` is that of the latest version then.
fn default_version(cx: &Converter<'_>, newest: i64) -> Result<Option<i64>, Why> {
    if cx.get("update_default_version").flag()? == Some(true) {
        return Ok(Some(newest));
    }
    let (before, after) = (cx.resource.before().get("default_version"), cx.get("default_version"));
    let number = after.number()?;
    Ok(number.filter(|_| before.raw() != after.raw()))
}

/// The settings in a version. What is not set is not in the version.
fn data(cx: &Converter<'_>) -> Tree {
    let text = |name: &str| Tree::from(cx.get(name).text());
    let flag = |name: &str| Tree::from(cx.get(name).flag());
    fields([
        ("image_id", cx.link("image_id")),
        ("instance_type", text("instance_type")),
        ("key_name", text("key_name")),
        (
            "iam_instance_profile",
            cx.get("iam_instance_profile").block_tree(|block| {
                fields([
                    ("arn", block.get("arn").text().into()),
                    ("name", block.get("name").text().into()),
                ])
            }),
        ),
        ("metadata_options", options(cx)),
        ("network_interfaces", interfaces(cx)),
        (
            "security_group_ids",
            cx.group_links("vpc_security_group_ids", cx.get("vpc_security_group_ids")),
        ),
        ("security_groups", cx.get("security_group_names").texts()),
        ("block_device_mappings", cx.get("block_device_mappings").list_tree(device)),
        ("ebs_optimized", flag("ebs_optimized")),
        ("user_data", inspected(cx, "user_data")),
        (
            "monitoring",
            cx.get("monitoring")
                .block_tree(|block| fields([("enabled", block.get("enabled").flag().into())])),
        ),
        (
            "placement",
            cx.get("placement").block_tree(|block| {
                fields([
                    ("availability_zone", block.get("availability_zone").text().into()),
                    ("group_name", block.get("group_name").text().into()),
                    ("tenancy", block.get("tenancy").text().into()),
                    ("host_id", block.get("host_id").text().into()),
                ])
            }),
        ),
        ("disable_api_termination", flag("disable_api_termination")),
        ("disable_api_stop", flag("disable_api_stop")),
        ("instance_initiated_shutdown_behavior", text("instance_initiated_shutdown_behavior")),
        ("instance_market_options", not_converted(cx.get("instance_market_options"))),
        (
            "credit_specification",
            cx.get("credit_specification").block_tree(|block| {
                fields([("cpu_credits", block.get("cpu_credits").text().into())])
            }),
        ),
        (
            "enclave_options",
            cx.get("enclave_options")
                .block_tree(|block| fields([("enabled", block.get("enabled").flag().into())])),
        ),
        (
            "hibernation_options",
            cx.get("hibernation_options").block_tree(|block| {
                fields([("configured", block.get("configured").flag().into())])
            }),
        ),
        ("maintenance_options", not_converted(cx.get("maintenance_options"))),
        (
            "tag_specifications",
            cx.get("tag_specifications").list_tree(|block| {
                let tags = block.get("tags");
                let tags =
                    if tags.is_empty() { Tree::Object(Default::default()) } else { tags.tags() };
                fields([
                    ("resource_type", block.get("resource_type").text().into()),
                    ("tags", tags),
                ])
            }),
        ),
    ])
}

fn not_converted(block: Attribute<'_>) -> Tree {
    if block.is_empty() { ABSENT } else { Tree::Unknown(Why::NotConverted) }
}

/// Without the block, a new template has none, and the region's defaults apply.
fn options(cx: &Converter<'_>) -> Tree {
    let block = cx.get("metadata_options");
    if block.is_unknown() && cx.is_created() && !cx.has_argument("metadata_options") {
        return ABSENT;
    }
    block.block_tree(|block| metadata_options(cx, block))
}

fn metadata_options(cx: &Converter<'_>, block: Attribute<'_>) -> Tree {
    let configured = cx.plan().expression(cx.resource, "metadata_options");
    let configured = configured.and_then(|blocks| blocks.get(0));
    // The provider computes what AWS returns; what is not configured is not in the template.
    let left_open = |name: &str| match configured {
        Some(block) if cx.is_created() && block.get(name).is_none() => ABSENT,
        _ => Tree::Unknown(Why::Default),
    };
    let text = |name: &str| match block.get(name).text() {
        Err(Why::Apply) => left_open(name),
        other => other.into(),
    };
    fields([
        ("http_tokens", text("http_tokens")),
        ("http_endpoint", text("http_endpoint")),
        (
            "http_put_response_hop_limit",
            match block.get("http_put_response_hop_limit").positive() {
                Err(Why::Apply) => left_open("http_put_response_hop_limit"),
                other => other.into(),
            },
        ),
        ("http_protocol_ipv6", text("http_protocol_ipv6")),
        ("instance_metadata_tags", text("instance_metadata_tags")),
    ])
}

fn interfaces(cx: &Converter<'_>) -> Tree {
    match cx.get("network_interfaces").items() {
        Ok(blocks) => {
            let blocks = blocks.into_iter().enumerate();
            Tree::List(blocks.map(|(index, block)| interface(cx, index, block)).collect())
        }
        Err(why) => Tree::Unknown(why),
    }
}

fn interface(cx: &Converter<'_>, index: usize, block: Attribute<'_>) -> Tree {
    let flag = |name: &str| Tree::from(block.get(name).flag());
    let at = |name: &str| format!("network_interfaces.{index}.{name}");
    fields([
        ("device_index", block.get("device_index").number().into()),
        ("associate_public_ip_address", flag("associate_public_ip_address")),
        ("associate_carrier_ip_address", flag("associate_carrier_ip_address")),
        ("interface_type", block.get("interface_type").text().into()),
        (
            "network_interface_id",
            cx.link_at(&at("network_interface_id"), block.get("network_interface_id"), &["id"]),
        ),
        ("subnet_id", cx.link_at(&at("subnet_id"), block.get("subnet_id"), &["id"])),
        ("groups", cx.group_links(&at("security_groups"), block.get("security_groups"))),
        ("ipv6_address_count", block.get("ipv6_address_count").positive().into()),
        ("delete_on_termination", flag("delete_on_termination")),
    ])
}

fn device(block: Attribute<'_>) -> Tree {
    let ebs = |block: Attribute<'_>| {
        let encrypted = block.get("encrypted").flag();
        fields([
            ("encrypted", encrypted.into()),
            ("kms_key_id", block.get("kms_key_id").text().into()),
            ("snapshot_id", block.get("snapshot_id").text().into()),
            ("volume_size", block.get("volume_size").positive().into()),
            ("volume_type", block.get("volume_type").text().into()),
            ("iops", block.get("iops").positive().into()),
            ("throughput", block.get("throughput").positive().into()),
            ("delete_on_termination", block.get("delete_on_termination").flag().into()),
        ])
    };
    fields([
        ("device_name", block.get("device_name").text().into()),
        ("virtual_name", block.get("virtual_name").text().into()),
        ("ebs", block.get("ebs").block_tree(ebs)),
    ])
}
