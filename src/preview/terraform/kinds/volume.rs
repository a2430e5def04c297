//! `ec2.volume`: `aws_ebs_volume` and `aws_volume_attachment`. Volumes of instances are converted with
//! the instance.

use super::common::tags_of;
use super::spec::Spec;
use crate::facts::ec2::instance as instance_kind;
use crate::facts::ec2::volume::KIND;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, When, fields};
use crate::preview::terraform::plan::Action;
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] =
    &[Spec::new("aws_ebs_volume", volume), Spec::new("aws_volume_attachment", attachment)];

fn volume(cx: &mut Converter<'_>) {
    let mut tree = fields([
        ("size", cx.get("size").positive().into()),
        ("volume_type", cx.get("type").text().into()),
        ("iops", cx.get("iops").positive().into()),
        ("throughput", cx.get("throughput").positive().into()),
        ("availability_zone", cx.get("availability_zone").text().into()),
        (
            "multi_attach_enabled",
            cx.get("multi_attach_enabled").flag().map(|on| on.unwrap_or(false)).into(),
        ),
        ("tags", tags_of(cx)),
    ]);
    tree.add(encryption(cx, cx.attributes()));
    // The provider computes it, but a volume has a snapshot only if the configuration says so.
    let snapshot = cx.get("snapshot_id");
    if cx.is_created() && snapshot.is_unknown() && !cx.has_argument("snapshot_id") {
        tree.add(fields([("snapshot_id", ABSENT)]));
    }
    // Its last snapshot is like it, but has no name yet.
    let is_removed = matches!(cx.resource.action, Action::Delete | Action::Replace);
    if cx.when == When::Before && is_removed && cx.get("final_snapshot").flag() == Ok(Some(true)) {
        cx.gap("ec2.snapshot", Why::NotConverted);
    }
    let id = cx.own_id("id");
    tree.add(fields([("volume_id", id.0.as_str().into())]));
    if cx.is_created() {
        tree.add(fields([("attachments", Tree::List(Vec::new())), ("state", "available".into())]));
    }
    cx.declare(&KIND, id, tree);
}

/// Encryption, which follows from the snapshot and from the settings of the region if it is not set.
pub(super) fn encryption(cx: &Converter<'_>, block: Attribute<'_>) -> Tree {
    let encrypted = block.get("encrypted");
    let snapshot = block.get("snapshot_id");
    let key = block.get("kms_key_id");
    let by_default = || Tree::Unknown(Why::Default);
    let tree = match encrypted.flag() {
        Ok(Some(true)) => true.into(),
        // `false` is what an omitted value is stored as, and does not turn off encryption by default.
        Ok(Some(false)) if cx.is_created() => Tree::Unknown(Why::TurnedOff),
        Ok(Some(false)) => false.into(),
        Ok(None) | Err(Why::Apply) if cx.is_created() => by_default(),
        other => other.into(),
    };
    let is_encrypted = tree == Tree::from(true);
    let key = match key.text() {
        Ok(None) if is_encrypted => Tree::Unknown(Why::Default),
        Ok(None) if cx.is_created() => Tree::Unknown(Why::Default),
        other => other.into(),
    };
    fields([("encrypted", tree), ("kms_key_id", key), ("snapshot_id", snapshot.text().into())])
}

fn attachment(cx: &mut Converter<'_>) {
    let instance = cx.link("instance_id");
    let item = fields([
        ("instance_id", instance),
        ("device", cx.get("device_name").text().into()),
        ("state", "attached".into()),
        // The API default for volumes that are attached to a running instance.
        ("delete_on_termination", false.into()),
    ]);
    let mut tree = fields([("attachments", Tree::List(vec![item]))]);
    if cx.resource.is_changed() {
        tree.add(fields([("state", "in-use".into())]));
    }
    let target = cx.target("volume_id", &["id"]);
    cx.set(&KIND, target, &["attachments", "state"], tree);
    let instance = cx.link("instance_id");
    cx.unknown(&instance_kind::KIND, &instance, &["block_device_mappings"]);
}
