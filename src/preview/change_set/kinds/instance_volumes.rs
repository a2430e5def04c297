//! The volumes of `ec2.instance`: those that its block device mappings describe.

use std::collections::BTreeSet;

use super::common::has_template;
use crate::facts::ec2::{instance, volume};
use crate::preview::change_set::converter::{Change, Converter, flag, number, text};
use crate::preview::launch::device_id;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::tree::{Tree, Why};

const MAPPINGS: &str = "BlockDeviceMappings";
const VOLUMES: &str = "Volumes";

/// What an attached volume changes.
const ATTACHED: &[&str] = &["attachments", "state"];

/// Whether a new instance has block devices of its own; `None` if that is not known.
pub(super) fn has_own_devices(cx: &Converter<'_>) -> Option<bool> {
    let mappings = cx.get(MAPPINGS).items().ok()?;
    mappings.iter().all(|mapping| device(*mapping).is_some()).then_some(!mappings.is_empty())
}

/// Devices of which a new instance says that they have no EBS volume.
pub(super) fn without_volume(cx: &Converter<'_>) -> BTreeSet<String> {
    let mappings = cx.get(MAPPINGS).items().unwrap_or_default();
    let has_none =
        |mapping: &&Attribute<'_>| mapping.get("Ebs").raw().is_null() && !is_open(**mapping);
    mappings.iter().filter(has_none).filter_map(|mapping| device(*mapping)).collect()
}

/// Whether it is not known what a mapping says.
fn is_open(mapping: Attribute<'_>) -> bool {
    mapping.why().is_some() || mapping.get("Ebs").why().is_some()
}

fn device(mapping: Attribute<'_>) -> Option<String> {
    mapping.get("DeviceName").text().ok().flatten().map(str::to_owned)
}

/// Describes the volumes of an instance.
pub(super) fn volumes(cx: &mut Converter<'_>, instance: &str) {
    if cx.is_created() {
        // The image can have more of them, which follows from what exists.
        cx.brings("ec2.volume");
        for mapping in cx.get(MAPPINGS).items().unwrap_or_default() {
            let has_volume = !mapping.get("Ebs").raw().is_null() || is_open(mapping);
            if let Some(device) = device(mapping).filter(|_| has_volume) {
                volume_of(cx, instance, &device, mapping.get("Ebs"));
            }
        }
    } else if cx.is_after && !matches!(cx.change(MAPPINGS), Change::None) {
        // Only whether the volumes are deleted with the instance.
        cx.hide(&instance::KIND, Some(instance), &["block_device_mappings"]);
        cx.hide(&volume::KIND, Some(instance), &["attachments"]);
    }
    let (own, other) = (cx.get(VOLUMES), cx.contexts.1.properties().get(VOLUMES));
    let is_same = own.is_known() && other.is_known() && own.raw() == other.raw();
    if cx.is_created() || cx.is_deleted() || !is_same {
        cx.hide_named(&volume::KIND, "Volumes.VolumeId", ATTACHED);
        if cx.is_after && !is_same {
            cx.hide(&instance::KIND, Some(instance), &["block_device_mappings"]);
        }
    }
}

/// A volume that a new instance brings along. What is not set is that of the image.
fn volume_of(cx: &mut Converter<'_>, instance: &str, device: &str, ebs: Attribute<'_>) {
    let set = |name: &str, make: fn(Attribute<'_>) -> Tree| {
        let value = ebs.get(name);
        if value.is_empty() { Tree::Unknown(Why::Default) } else { make(value) }
    };
    let encrypted = match flag(ebs.get("Encrypted")) {
        Ok(Some(true)) => true.into(),
        // `false` does not turn off encryption by default.
        Ok(_) => Tree::Unknown(Why::Default),
        Err(why) => Tree::Unknown(why),
    };
    let snapshot = ebs.get("SnapshotId");
    let attachment = Tree::object([
        ("instance_id", instance.into()),
        ("device", device.into()),
        ("state", "attached".into()),
        ("delete_on_termination", set("DeleteOnTermination", |value| flag(value).into())),
    ]);
    let id = device_id(&cx.resource.address, device);
    let mut tree = Tree::object([
        ("volume_id", id.as_str().into()),
        ("state", "in-use".into()),
        ("multi_attach_enabled", false.into()),
        ("attachments", Tree::List(vec![attachment])),
        ("encrypted", encrypted),
        ("kms_key_id", set("KmsKeyId", text)),
        ("size", set("VolumeSize", number)),
        ("volume_type", set("VolumeType", text)),
        ("iops", set("Iops", number)),
        ("throughput", Tree::Unknown(Why::Default)),
        // Without one of its own, a device has the snapshot that the image has for it.
        (
            "snapshot_id",
            if snapshot.is_empty() { Tree::Unknown(Why::Apply) } else { text(snapshot) },
        ),
    ]);
    // A launch template can have tags for volumes.
    let tags = match flag(cx.get("PropagateTagsToVolumeOnCreation")) {
        Ok(None | Some(false)) if !has_template(cx) => Tree::Object(Default::default()),
        _ => Tree::Unknown(Why::Apply),
    };
    tree.add(Tree::object([("tags", tags)]));
    cx.declare(&volume::KIND, (id, true), tree);
}
