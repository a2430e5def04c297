//! The volumes that a new instance has: those of its image, of its launch template, and in its own blocks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::common::{IMAGE, existing};
use super::template::Template;
use crate::model::Resource;
use crate::preview::item::{Described, Item, ItemKey, Launch};
use crate::preview::resources::known;
use crate::preview::tree::{ABSENT, Tree, Why};

const VOLUME: &str = "ec2.volume";

/// The block devices of an image.
struct Image {
    /// The name of the root device.
    root: Option<String>,
    /// The EBS volumes, by device.
    volumes: BTreeMap<String, Tree>,
}

impl Image {
    /// Those of an image that exists; `None` if they are not known.
    fn of(image: &Resource) -> Option<Self> {
        let mappings = known(image, "block_device_mappings")?.as_array()?;
        let device = |mapping: &Value| Some(mapping.get("device_name")?.as_str()?.to_owned());
        let volume = |mapping: &Value| {
            let ebs = mapping.get("ebs").filter(|ebs| ebs.is_object())?;
            Some((device(mapping)?, Tree::of_json(ebs.clone())))
        };
        let root = known(image, "root_device_name")?.as_str().map(str::to_owned);
        let is_mapped =
            |name: &String| mappings.iter().any(|one| device(one).as_ref() == Some(name));
        // Some images name a root device (`/dev/sda1`) that is not in their mappings (`/dev/sda`).
        let root = root.filter(is_mapped).or_else(|| device(mappings.first()?));
        Some(Self { root, volumes: mappings.iter().filter_map(volume).collect() })
    }
}

impl Described {
    /// Describes the volumes of a new instance.
    pub(super) fn launch_volumes(
        &mut self,
        key: &ItemKey,
        launch: &Launch,
        template: &Template,
        (resources, has_snapshot): (&[Resource], bool),
    ) {
        let Some(instance) = self.after.items.get(key) else { return };
        let Some(address) = instance.declared.clone() else { return };
        let image = instance.tree.get("image_id");
        let image = image.as_ref().and_then(Tree::as_str);
        let is_unread = |id: &&str| existing(resources, key, IMAGE, id).is_none();
        let unread = image.filter(is_unread).filter(|_| has_snapshot);
        self.unread_images.extend(unread.map(|id| (address.clone(), id.to_owned())));
        let image = image.and_then(|id| existing(resources, key, IMAGE, id)).and_then(Image::of);
        let root = image.as_ref().and_then(|image| image.root.clone());
        let mut own = self.volumes_of(key, &address, root.as_deref());
        let Some(mappings) = devices_of(template) else { return };
        if launch.has_own_devices != Some(false) && !mappings.is_empty() {
            return;
        }
        // By device: what says something about the volume, the first one first.
        let mut volumes: BTreeMap<String, Vec<Tree>> = BTreeMap::new();
        let is_image_known = image.is_some();
        for (device, ebs) in image.into_iter().flat_map(|image| image.volumes) {
            volumes.insert(device, vec![ebs]);
        }
        let mut uncertain: BTreeSet<String> = BTreeSet::new();
        for (device, mapping) in mappings {
            match mapping.get("ebs") {
                Some(Tree::Unknown(_)) => drop(uncertain.insert(device)),
                Some(ebs) if !ebs.is_absent() => {
                    volumes.entry(device).or_default().insert(0, ebs);
                }
                // An instance store volume instead of the one of the image; or else the mapping may say
                // that the instance does not have the device.
                _ => {
                    let is_store =
                        mapping.get("virtual_name").is_some_and(|name| !name.is_absent());
                    if volumes.remove(&device).is_some() && !is_store {
                        uncertain.insert(device);
                    }
                }
            }
        }
        volumes.retain(|device, _| {
            !launch.without_volume.contains(device) && !uncertain.contains(device)
        });
        if !is_image_known && !volumes.is_empty() {
            // One of them can be the root volume.
            for (volume, _) in own.values().filter(|(_, is_root)| *is_root) {
                self.after.items.remove(volume);
                self.changed.remove(volume);
            }
            own.retain(|_, (_, is_root)| !*is_root);
        }
        for (device, sources) in &volumes {
            let (volume, is_root) = own
                .remove(device)
                .unwrap_or_else(|| (self.new_volume(key, &address, device), false));
            if let Some(item) = self.after.items.get_mut(&volume) {
                let is_root = is_root || root.as_deref() == Some(device);
                fill(&mut item.tree, sources, is_image_known, is_root);
            }
        }
        // The others are new ones, and not of the image. The root device has a name if it is known.
        own.retain(|device, _| !device.is_empty() && !uncertain.contains(device));
        for (volume, is_root) in own.values().filter(|_| is_image_known) {
            if let Some(item) = self.after.items.get_mut(volume) {
                fill(&mut item.tree, &[], true, *is_root);
            }
        }
        if is_image_known && launch.has_own_devices.is_some() && uncertain.is_empty() {
            self.gaps.retain(|gap| gap.kind != VOLUME || gap.address != address);
        }
    }

    /// The volumes that the plan has of an instance, by device, and whether it is the root volume. The
    /// device of the root volume is that of the image.
    fn volumes_of(
        &self,
        instance: &ItemKey,
        address: &str,
        root: Option<&str>,
    ) -> BTreeMap<String, (ItemKey, bool)> {
        let mut found = BTreeMap::new();
        let is_own = |(key, item): &(&ItemKey, &Item)| {
            key.kind == VOLUME
                && key.account == instance.account
                && key.region == instance.region
                && item.declared.as_deref() == Some(address)
        };
        for (key, item) in self.after.items.iter().filter(is_own) {
            let is_root = key.id.ends_with(".root_block_device[0]");
            let attachments = item.tree.get("attachments").and_then(|list| list.items());
            let device = attachments.iter().flatten().find_map(|one| one.get("device"));
            let device = match is_root {
                true => Some(root.unwrap_or_default().to_owned()),
                false => device.as_ref().and_then(Tree::as_str).map(str::to_owned),
            };
            found.extend(device.map(|device| (device, (key.clone(), is_root))));
        }
        found
    }

    /// Describes a volume that an instance has because of its image or its launch template.
    fn new_volume(&mut self, instance: &ItemKey, address: &str, device: &str) -> ItemKey {
        let id = device_id(address, device);
        let key = ItemKey { kind: VOLUME, id: id.clone(), ..instance.clone() };
        let location = self.after.items.get(instance).map(|item| item.location.clone());
        let Some(location) = location else { return key };
        let mut item = Item::new(&location);
        item.declared = Some(address.to_owned());
        (item.is_created, item.has_stand_in) = (true, true);
        item.addresses.insert(address.to_owned());
        let by_default = || Tree::Unknown(Why::Default);
        item.tree = Tree::object([
            ("volume_id", id.as_str().into()),
            ("state", "in-use".into()),
            ("multi_attach_enabled", false.into()),
            ("encrypted", by_default()),
            ("kms_key_id", by_default()),
            ("snapshot_id", Tree::Unknown(Why::Apply)),
            ("size", by_default()),
            ("volume_type", by_default()),
            (
                "attachments",
                Tree::List(vec![Tree::object([
                    ("instance_id", instance.id.as_str().into()),
                    ("device", device.into()),
                    ("state", "attached".into()),
                    ("delete_on_termination", by_default()),
                ])]),
            ),
        ]);
        self.after.items.insert(key.clone(), item);
        self.changed.entry(key.clone()).or_default().insert(address.to_owned());
        key
    }
}

/// The id of a volume that does not exist yet: that of a device of the instance at an address.
pub fn device_id(address: &str, device: &str) -> String {
    format!("{address}.ebs_block_device[{}]", Value::from(device))
}

/// The mappings of a launch template, by device; `None` if they are not known.
fn devices_of(template: &Template) -> Option<Vec<(String, Tree)>> {
    let device = |mapping: Tree| {
        let name = mapping.get("device_name")?.as_str()?.to_owned();
        Some((name, mapping))
    };
    template.items("block_device_mappings")?.into_iter().map(device).collect()
}

/// What the sources say about a volume, as far as the plan leaves it open. Only if the image is known,
/// there is nothing else that says something.
fn fill(volume: &mut Tree, sources: &[Tree], is_image_known: bool, is_root: bool) {
    let first = |name: &str| {
        sources.iter().filter_map(|source| source.get(name)).find(|value| !value.is_absent())
    };
    let Tree::Object(fields) = volume else { return };
    let is_open = |tree: Option<&Tree>| matches!(tree, None | Some(Tree::Unknown(_)));
    for (field, name) in [
        ("size", "volume_size"),
        ("volume_type", "volume_type"),
        ("iops", "iops"),
        ("throughput", "throughput"),
    ] {
        if is_open(fields.get(field))
            && let Some(value) = first(name)
        {
            fields.insert(field.to_owned(), value);
        }
    }
    if is_open(fields.get("snapshot_id")) {
        let none = if is_image_known { ABSENT } else { Tree::Unknown(Why::Apply) };
        fields.insert("snapshot_id".to_owned(), first("snapshot_id").unwrap_or(none));
    }
    // `false` does not turn off encryption by default, or that of the snapshot.
    match sources.iter().find_map(|source| source.get("encrypted").filter(|one| !one.is_absent())) {
        Some(Tree::Known(Value::Bool(true))) if is_open(fields.get("encrypted")) => {
            fields.insert("encrypted".to_owned(), true.into());
        }
        Some(Tree::Known(Value::Bool(false)))
            if fields.get("encrypted") == Some(&Tree::Unknown(Why::Default)) =>
        {
            fields.insert("encrypted".to_owned(), Tree::Unknown(Why::TurnedOff));
        }
        // It can be encrypted in any case, but not known to be without.
        Some(Tree::Unknown(_)) => {
            fields.insert("snapshot_id".to_owned(), Tree::Unknown(Why::Apply));
        }
        _ => {}
    }
    if is_open(fields.get("kms_key_id"))
        && let Some(key) = first("kms_key_id")
    {
        fields.insert("kms_key_id".to_owned(), key);
    }
    if let Some(Tree::List(attachments)) = fields.get_mut("attachments")
        && let Some(Tree::Object(attachment)) = attachments.first_mut()
        && is_open(attachment.get("delete_on_termination"))
    {
        let by_default = || if is_root { true.into() } else { Tree::Unknown(Why::Default) };
        let value = first("delete_on_termination").unwrap_or_else(by_default);
        attachment.insert("delete_on_termination".to_owned(), value);
    }
}
