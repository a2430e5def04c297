//! `ec2.settings`: the one resource with the EC2 settings of a region.

use super::spec::Spec;
use crate::facts::ec2::settings::KIND;
use crate::facts::ec2::{subnet, vpc};
use crate::preview::terraform::convert::{Converter, Target, fields};
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("aws_ebs_encryption_by_default", ebs_encryption_by_default),
    Spec::new("aws_ebs_default_kms_key", ebs_default_kms_key),
    Spec::new("aws_ebs_snapshot_block_public_access", snapshot_block_public_access),
    Spec::new("aws_ec2_allowed_images_settings", allowed_images_settings),
    Spec::new("aws_ec2_image_block_public_access", image_block_public_access),
    Spec::new("aws_ec2_instance_metadata_defaults", instance_metadata_defaults),
    Spec::new("aws_ec2_serial_console_access", serial_console_access),
    Spec::new("aws_vpc_block_public_access_exclusion", exclusion),
    Spec::new("aws_vpc_block_public_access_options", vpc_block_public_access_options),
];

fn ebs_encryption_by_default(cx: &mut Converter<'_>) {
    // Enabled unless the configuration says otherwise.
    let enabled = cx.get("enabled").flag().map(|on| on.unwrap_or(true));
    let tree = fields([("ebs_encryption_by_default", enabled.into())]);
    cx.set_singleton(&KIND, fields([("ebs_encryption_by_default", tree)]));
}

fn ebs_default_kms_key(cx: &mut Converter<'_>) {
    let tree = fields([("kms_key_id", cx.get("key_arn").text().into())]);
    cx.set_singleton(&KIND, fields([("ebs_default_kms_key_id", tree)]));
}

fn snapshot_block_public_access(cx: &mut Converter<'_>) {
    let tree = fields([("state", cx.get("state").text().into())]);
    cx.set_singleton(&KIND, fields([("snapshot_block_public_access", tree)]));
}

fn allowed_images_settings(cx: &mut Converter<'_>) {
    if cx.resource.is_changed() {
        let unknown = Tree::Unknown(Why::NotConverted);
        cx.set_singleton(&KIND, fields([("allowed_images_settings", unknown)]));
    }
}

fn image_block_public_access(cx: &mut Converter<'_>) {
    let tree = fields([("image_block_public_access_state", cx.get("state").text().into())]);
    cx.set_singleton(&KIND, fields([("image_block_public_access", tree)]));
}

fn instance_metadata_defaults(cx: &mut Converter<'_>) {
    let text = |name: &str| {
        // `no-preference` is the absence of a default.
        cx.get(name).text().map(|value| value.filter(|value| *value != "no-preference")).into()
    };
    let hops = cx.get("http_put_response_hop_limit").number();
    let tree = fields([
        ("http_tokens", text("http_tokens")),
        ("http_endpoint", text("http_endpoint")),
        ("instance_metadata_tags", text("instance_metadata_tags")),
        ("http_put_response_hop_limit", hops.map(|hops| hops.filter(|hops| *hops > 0)).into()),
    ]);
    cx.set_singleton(&KIND, fields([("instance_metadata_defaults", tree)]));
}

fn serial_console_access(cx: &mut Converter<'_>) {
    let enabled = cx.get("enabled").flag().map(|on| on.unwrap_or(true));
    let tree = fields([("serial_console_access_enabled", enabled.into())]);
    cx.set_singleton(&KIND, fields([("serial_console_access", tree)]));
}

fn vpc_block_public_access_options(cx: &mut Converter<'_>) {
    let mut tree = fields([(
        "internet_gateway_block_mode",
        cx.get("internet_gateway_block_mode").text().into(),
    )]);
    if cx.resource.is_changed() {
        tree.add(fields([("state", "update-complete".into())]));
    }
    cx.set_singleton(&KIND, fields([("vpc_block_public_access_options", tree)]));
    states(cx);
}

/// VPCs and subnets have the mode that results for them.
fn states(cx: &mut Converter<'_>) {
    let anywhere = Tree::Unknown(Why::Apply);
    for kind in [&subnet::KIND, &vpc::KIND] {
        cx.unknown(kind, &anywhere, &["block_public_access_states"]);
    }
}

fn exclusion(cx: &mut Converter<'_>) {
    let location = cx.location.clone();
    let arn_of = |kind: &str, id: Tree| match id.as_str() {
        // Exclusions refer to a VPC or a subnet by its ARN, which has its id.
        Some(id) if !id.contains("aws_") => Tree::Known(
            format!("arn:aws:ec2:{}:{}:{kind}/{id}", location.region, location.account).into(),
        ),
        _ => Tree::Unknown(Why::Apply),
    };
    let (vpc, subnet) = (cx.get("vpc_id"), cx.get("subnet_id"));
    let arn = match (cx.get("resource_arn").text(), vpc.is_empty()) {
        (Ok(Some(arn)), _) => arn.into(),
        (_, false) => arn_of("vpc", cx.link("vpc_id")),
        (_, true) => arn_of("subnet", cx.link_at("subnet_id", subnet, &["id"])),
    };
    let item = fields([
        ("exclusion_id", cx.get("id").text().into()),
        ("resource_arn", arn),
        (
            "internet_gateway_exclusion_mode",
            cx.get("internet_gateway_exclusion_mode").text().into(),
        ),
        ("state", "create-complete".into()),
        ("reason", ABSENT),
        ("creation_timestamp", Tree::Unknown(Why::Apply)),
        ("last_update_timestamp", Tree::Unknown(Why::Apply)),
        ("deletion_timestamp", ABSENT),
        ("tags", Tree::Object(Default::default())),
    ]);
    let target = Target::Id(location.region.as_str().to_owned());
    let tree = fields([("vpc_block_public_access_exclusions", Tree::List(vec![item]))]);
    cx.set(&KIND, target, &["vpc_block_public_access_exclusions"], tree);
    states(cx);
}
