//! `ec2.image` and `ec2.snapshot`: images and snapshots that the plan copies or creates, and who they are
//! shared with.

use super::common::{owner, tags_of};
use super::spec::Spec;
use super::volume::encryption;
use crate::facts::ec2::{image, snapshot};
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, fields};
use crate::preview::terraform::plan::Action;
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("aws_ami", ami),
    Spec::new("aws_ami_copy", ami),
    Spec::new("aws_ami_launch_permission", launch_permission),
    Spec::new("aws_ebs_snapshot", ebs_snapshot),
    Spec::new("aws_ebs_snapshot_copy", ebs_snapshot),
    Spec::new("aws_ebs_snapshot_import", ebs_snapshot),
    Spec::new("aws_snapshot_create_volume_permission", create_volume_permission),
];

fn ami(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let is_copy = cx.resource.type_name == "aws_ami_copy";
    let mut tree = fields([
        ("image_id", id.0.as_str().into()),
        ("name", cx.get("name").text().into()),
        ("description", cx.get("description").text().into()),
        ("owner_id", owner(cx)),
        ("imds_support", cx.get("imds_support").text().into()),
        ("deprecation_time", cx.get("deprecation_time").text().into()),
        ("architecture", cx.get("architecture").text().into()),
        ("virtualization_type", cx.get("virtualization_type").text().into()),
        ("root_device_name", cx.get("root_device_name").text().into()),
        ("tags", tags_of(cx)),
    ]);
    if cx.is_created() {
        tree.add(fields([
            ("public", false.into()),
            ("image_type", "machine".into()),
            ("image_owner_alias", ABSENT),
            ("state", "available".into()),
            ("product_codes", Tree::Unknown(Why::Apply)),
        ]));
        if is_copy {
            tree.add(fields([("imds_support", Tree::Unknown(Why::Apply))]));
        }
        // Snapshots of copies, and of AMIs that snapshots are registered as, are made with them.
        if is_copy {
            copied_snapshots(cx);
            let source = cx.link("source_ami_id");
            cx.copied(&image::KIND, &source, cx.get("source_ami_region").text());
        } else if let Some(devices) = devices(cx) {
            tree.add(fields([("block_device_mappings", devices)]));
        }
    }
    cx.declare(&image::KIND, id, tree);
}

/// The snapshots of a new copy: one in place of all. They are private until something shares them.
fn copied_snapshots(cx: &mut Converter<'_>) {
    // The provider deletes those of the copy that it replaces.
    if cx.resource.action == Action::Replace {
        return cx.gap("ec2.snapshot", Why::NotConverted);
    }
    let encrypted = match cx.get("encrypted").flag() {
        Ok(Some(true)) => true.into(),
        _ => Tree::Unknown(Why::Default),
    };
    let tree = fields([
        ("owner_id", owner(cx)),
        ("encrypted", encrypted),
        // That of every copy.
        ("volume_id", "vol-ffffffff".into()),
        ("outpost_arn", cx.get("destination_outpost_arn").text().into()),
        ("state", "completed".into()),
        ("state_message", ABSENT),
        ("progress", "100%".into()),
        ("availability_zone", ABSENT),
        ("restore_expiry_time", ABSENT),
    ]);
    let id = cx.resource.address.clone();
    cx.declare(&snapshot::KIND, (id, true), tree);
}

/// The block devices that a new AMI is registered with; `None` if they are not known.
fn devices(cx: &Converter<'_>) -> Option<Tree> {
    let ebs = |block: &Attribute<'_>| {
        let snapshot = block.get("snapshot_id");
        let encrypted = match block.get("encrypted").flag() {
            Ok(Some(true)) => true.into(),
            // It is encrypted if the snapshot is.
            _ if snapshot.why().is_none() && !snapshot.is_empty() => Tree::Unknown(Why::Default),
            _ => Tree::Unknown(Why::Apply),
        };
        let ebs = fields([
            ("snapshot_id", snapshot.text().into()),
            ("encrypted", encrypted),
            ("volume_type", block.get("volume_type").text().into()),
            ("volume_size", block.get("volume_size").positive().into()),
            ("iops", block.get("iops").positive().into()),
            ("throughput", block.get("throughput").positive().into()),
            ("delete_on_termination", block.get("delete_on_termination").flag().into()),
        ]);
        let name = block.get("device_name").text().into();
        fields([("device_name", name), ("virtual_name", ABSENT), ("ebs", ebs)])
    };
    let store = |block: &Attribute<'_>| {
        fields([
            ("device_name", block.get("device_name").text().into()),
            ("virtual_name", block.get("virtual_name").text().into()),
            ("ebs", ABSENT),
        ])
    };
    let blocks = cx.get("ebs_block_device");
    let volumes = blocks.items().ok().filter(|all| !all.is_empty())?;
    let stores = cx.get("ephemeral_block_device").items().ok()?;
    Some(Tree::List(volumes.iter().map(ebs).chain(stores.iter().map(store)).collect()))
}

fn launch_permission(cx: &mut Converter<'_>) {
    let item = fields([
        ("group", cx.get("group").text().into()),
        ("user_id", cx.get("account_id").text().into()),
        ("organization_arn", cx.get("organization_arn").text().into()),
        ("organizational_unit_arn", cx.get("organizational_unit_arn").text().into()),
    ]);
    let mut tree = fields([("launch_permission", Tree::List(vec![item]))]);
    match cx.get("group").text() {
        Ok(Some("all")) if cx.resource.is_changed() => tree.add(fields([("public", true.into())])),
        Err(why) => tree.add(fields([("public", Tree::Unknown(why))])),
        _ => {}
    }
    cx.set(&image::KIND, cx.target("image_id", &["id"]), &["launch_permission", "public"], tree);
}

fn ebs_snapshot(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let is_copy = cx.resource.type_name == "aws_ebs_snapshot_copy";
    let mut tree = fields([
        ("snapshot_id", id.0.as_str().into()),
        ("owner_id", owner(cx)),
        ("description", cx.get("description").text().into()),
        ("volume_id", cx.link("volume_id")),
        ("volume_size", cx.get("volume_size").positive().into()),
        ("outpost_arn", cx.get("outpost_arn").text().into()),
        ("tags", tags_of(cx)),
    ]);
    let encrypted = match (is_copy, cx.get("encrypted").flag()) {
        (true, Ok(Some(true))) => true.into(),
        // A copy is encrypted if the source is, or by default.
        (true, _) if cx.is_created() => Tree::Unknown(Why::Default),
        (_, other) => other.into(),
    };
    tree.add(fields([("encrypted", encrypted)]));
    if !is_copy && cx.is_created() {
        // As the volume is.
        let of_volume = cx.referred("volume_id", &["id"]).map(|volume| volume.after());
        if let Some(volume) = of_volume {
            tree.add(fields([(
                "encrypted",
                encryption(cx, volume).get("encrypted").unwrap_or(Tree::Unknown(Why::Apply)),
            )]));
        }
    }
    if cx.is_created() {
        tree.add(fields([
            ("state", "completed".into()),
            ("state_message", ABSENT),
            ("progress", "100%".into()),
            ("availability_zone", ABSENT),
            ("restore_expiry_time", ABSENT),
        ]));
    }
    if is_copy && cx.is_created() {
        let source = cx.link("source_snapshot_id");
        cx.copied(&snapshot::KIND, &source, cx.get("source_region").text());
    }
    cx.declare(&snapshot::KIND, id, tree);
}

fn create_volume_permission(cx: &mut Converter<'_>) {
    let item = fields([("group", ABSENT), ("user_id", cx.get("account_id").text().into())]);
    let tree = fields([("create_volume_permission", Tree::List(vec![item]))]);
    let target = cx.target("snapshot_id", &["id"]);
    cx.set(&snapshot::KIND, target, &["create_volume_permission"], tree);
}
