//! `ec2.volume`. Volumes of instances are converted with the instance.

use super::spec::Spec;
use crate::facts::ec2::volume::KIND;
use crate::preview::change_set::converter::{Converter, flag, number, text};
use crate::preview::change_set::resource::Action;
use crate::preview::item::{Described, Item, ItemKey};
use crate::preview::tree::{Tree, Why};

/// What an attachment changes of a volume.
pub(super) const ATTACHED: &[&str] = &["attachments", "state"];

impl Described {
    /// The only new volume of a stack is the one that an attachment of a new volume names.
    pub(in crate::preview::change_set) fn attach_volume(&mut self) {
        let is_new = |(key, item): &(&ItemKey, &mut Item)| key.kind == KIND.name && item.is_created;
        let mut new = self.after.items.iter_mut().filter(is_new);
        let (Some((_, volume)), None) = (new.next(), new.next()) else { return };
        let unresolved = self.after.unresolved.iter_mut();
        for one in unresolved.filter(|one| one.kind == KIND.name && !one.is_anywhere) {
            if one.fields == ATTACHED {
                volume.tree.replace(Tree::object([("state", "in-use".into())]));
                one.fields = &["attachments"];
            }
        }
    }
}

pub const TYPES: &[Spec] = &[Spec::new("AWS::EC2::Volume", "ec2.volume", volume)];

fn volume(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let mut tree = Tree::object([]);
    let by_default = || Tree::Unknown(Why::Default);
    let is_created = cx.is_created();
    cx.put(&mut tree, ("Encrypted", "encrypted"), by_default(), |value| match flag(value) {
        // Encryption by default applies to new volumes.
        Ok(Some(false)) if is_created => by_default(),
        other => other.into(),
    });
    cx.put(&mut tree, ("KmsKeyId", "kms_key_id"), by_default(), text);
    cx.put(&mut tree, ("AvailabilityZone", "availability_zone"), by_default(), text);
    cx.put(&mut tree, ("VolumeType", "volume_type"), by_default(), text);
    for (property, field) in [("Size", "size"), ("Iops", "iops"), ("Throughput", "throughput")] {
        cx.put(&mut tree, (property, field), by_default(), number);
    }
    let is_multiple = ("MultiAttachEnabled", "multi_attach_enabled");
    cx.put(&mut tree, is_multiple, false.into(), |value| flag(value).into());
    // CloudFormation does not mark volumes.
    cx.put_tags(&mut tree, false);
    if is_created {
        // A copy of a volume is encrypted as that one is.
        let source = cx.get("SourceVolumeId");
        let snapshot = cx.get("SnapshotId");
        let snapshot = match source.is_empty() {
            true => text(snapshot),
            false => Tree::Unknown(Why::NotConverted),
        };
        tree.add(Tree::object([
            ("volume_id", id.0.as_str().into()),
            ("attachments", Tree::List(Vec::new())),
            ("state", "available".into()),
            ("snapshot_id", snapshot),
        ]));
    }
    let is_gone = cx.resource.action == Action::Remove || cx.resource.is_replaced;
    if is_gone && cx.resource.has_snapshot {
        cx.gap("ec2.snapshot");
    }
    cx.declare(&KIND, id, tree);
}
