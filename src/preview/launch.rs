//! What AWS sets on new instances and volumes that a change leaves open: the volumes of the image,
//! encryption by default, and the metadata options of the region and of the image.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::item::{Described, Item, ItemKey, TemplateVersion};
use super::resources::Live;
use super::tree::{ABSENT, Tree, Why};
use crate::model::unreadable::outermost;
use crate::model::{AccountId, Cause, Resource};

/// The kind whose resources say which volumes an instance brings along.
pub const IMAGE: &str = "ec2.image";

impl Described {
    /// The accounts in which instances are launched.
    pub fn launching(&self) -> impl Iterator<Item = &AccountId> {
        self.launches.iter().map(|key| &key.account)
    }

    /// Describes the volumes that new instances have because their images have them.
    pub fn launch(&mut self, account: &AccountId, images: &[Resource]) {
        let launches: Vec<ItemKey> =
            self.launches.iter().filter(|key| key.account == *account).cloned().collect();
        for key in launches {
            let Some(instance) = self.after.items.get(&key) else { continue };
            let image = instance.tree.get("image_id");
            let image = image.as_ref().and_then(Tree::as_str);
            let is_it = |one: &&Resource| {
                one.kind == IMAGE && one.region == key.region && Some(one.id.as_str()) == image
            };
            let Some(image) = images.iter().find(is_it) else { continue };
            let is_known =
                |name: &str| !image.unreadable.keys().any(|path| outermost(path) == name);
            let (Some(Value::Array(mappings)), Some(address)) =
                (image.facts.get("block_device_mappings"), instance.declared.clone())
            else {
                continue;
            };
            if !is_known("block_device_mappings") || !is_known("root_device_name") {
                continue;
            }
            let location = instance.location.clone();
            let root = image.facts.get("root_device_name").and_then(Value::as_str);
            let mut own = self.volumes_of(&key, &address, root);
            for mapping in mappings {
                let (Some(device), Some(ebs)) = (
                    mapping.get("device_name").and_then(Value::as_str),
                    mapping.get("ebs").filter(|ebs| ebs.is_object()),
                ) else {
                    continue;
                };
                let volume = own.remove(device).unwrap_or_else(|| {
                    let id = format!("{address}.ebs_block_device[{}]", Value::from(device));
                    let volume = ItemKey { kind: "ec2.volume", id: id.clone(), ..key.clone() };
                    let mut item = Item::new(&location);
                    item.declared = Some(address.clone());
                    (item.is_created, item.has_stand_in) = (true, true);
                    item.addresses.insert(address.clone());
                    item.tree = new_volume(&id, &key.id, device, ebs);
                    self.after.items.insert(volume.clone(), item);
                    self.changed.entry(volume.clone()).or_default().insert(address.clone());
                    volume
                });
                if let Some(item) = self.after.items.get_mut(&volume) {
                    fill(&mut item.tree, ebs);
                }
            }
            // The others are new.
            for volume in own.values() {
                if let Some(item) = self.after.items.get_mut(volume) {
                    fill(&mut item.tree, &json!({ "snapshot_id": null }));
                }
            }
            self.gaps.retain(|gap| gap.kind != "ec2.volume" || gap.address != address);
        }
    }

    /// The volumes in the blocks of an instance, by device.
    fn volumes_of(
        &self,
        instance: &ItemKey,
        address: &str,
        root: Option<&str>,
    ) -> BTreeMap<String, ItemKey> {
        let mut found = BTreeMap::new();
        let is_own = |(key, item): &(&ItemKey, &Item)| {
            key.kind == "ec2.volume"
                && key.account == instance.account
                && key.region == instance.region
                && item.declared.as_deref() == Some(address)
        };
        for (key, item) in self.after.items.iter().filter(is_own) {
            let attachments = item.tree.get("attachments").and_then(|list| list.items());
            let device = attachments.iter().flatten().find_map(|one| one.get("device"));
            let device = match key.id.ends_with(".root_block_device[0]") {
                true => root.map(str::to_owned),
                false => device.as_ref().and_then(Tree::as_str).map(str::to_owned),
            };
            found.extend(device.map(|device| (device, key.clone())));
        }
        found
    }
}

/// A volume that an instance has because of its image.
fn new_volume(id: &str, instance: &str, device: &str, ebs: &Value) -> Tree {
    let on_termination = ebs.get("delete_on_termination").and_then(Value::as_bool);
    let known = |name: &str| match ebs.get(name) {
        Some(value) if !value.is_null() => Tree::Known(value.clone()),
        _ => Tree::Unknown(Why::Default),
    };
    Tree::object([
        ("volume_id", id.into()),
        ("state", "in-use".into()),
        ("multi_attach_enabled", false.into()),
        ("encrypted", Tree::Unknown(Why::Default)),
        ("kms_key_id", Tree::Unknown(Why::Default)),
        ("snapshot_id", Tree::Unknown(Why::Apply)),
        ("size", known("volume_size")),
        ("volume_type", known("volume_type")),
        (
            "attachments",
            Tree::List(vec![Tree::object([
                ("instance_id", instance.into()),
                ("device", device.into()),
                ("state", "attached".into()),
                ("delete_on_termination", on_termination.unwrap_or(true).into()),
            ])]),
        ),
    ])
}

/// What the plan leaves open of a volume is that of the image.
fn fill(volume: &mut Tree, ebs: &Value) {
    let Tree::Object(fields) = volume else { return };
    for (field, of_image) in
        [("snapshot_id", "snapshot_id"), ("size", "volume_size"), ("volume_type", "volume_type")]
    {
        let Some(value) = ebs.get(of_image) else { continue };
        let is_open = matches!(fields.get(field), None | Some(Tree::Unknown(_)));
        if is_open && (field == "snapshot_id" || !value.is_null()) {
            let tree = if value.is_null() { ABSENT } else { Tree::Known(value.clone()) };
            fields.insert(field.to_owned(), tree);
        }
    }
}

/// Whether a change sets a fact of the settings of a region: what is launched can be earlier or later.
fn sets(described: &Described, of: &ItemKey, fact: &str) -> bool {
    let settings =
        ItemKey { kind: "ec2.settings", id: of.region.as_str().to_owned(), ..of.clone() };
    let tree = |items: &BTreeMap<ItemKey, Item>| {
        items.get(&settings).and_then(|item| item.tree.get(fact)).map(Tree::normal)
    };
    tree(&described.before.items) != tree(&described.after.items)
}

/// A fact of the settings of a region; `None` if it is not known.
fn setting<'l>(live: &'l Live, of: &ItemKey, fact: &str) -> Option<&'l Value> {
    let is_setting = |key: &ItemKey| key.kind == "ec2.settings" && key.region == of.region;
    let (_, settings) = live.iter().find(|(key, _)| is_setting(key))?;
    let is_known = !settings.unreadable.keys().any(|path| outermost(path) == fact);
    settings.facts.get(fact).filter(|_| is_known)
}

/// A field of a resource of the list; `None` if it is not known.
fn field<'l>(
    live: &'l Live,
    of: &ItemKey,
    (kind, id): (&str, &str),
    name: &str,
) -> Option<&'l Value> {
    let is_it = |key: &ItemKey| key.kind == kind && key.region == of.region && key.id == id;
    let (_, resource) = live.iter().find(|(key, _)| is_it(key))?;
    let is_known = !resource.unreadable.keys().any(|path| outermost(path) == name);
    Some(resource.facts.get(name).unwrap_or(&Value::Null)).filter(|_| is_known)
}

/// What does not say whether a new volume is encrypted leaves it to its snapshot, and to the setting of
/// the region.
pub(super) fn with_volume(described: &Described, live: &mut Live, volume: &ItemKey) {
    const FACT: &str = "ebs_encryption_by_default";
    let Some(resource) = live.get(volume) else { return };
    let is_left_open =
        resource.unreadable.get("encrypted").is_some_and(|why| why.code == Cause::LEFT_TO_DEFAULT);
    if !is_left_open {
        return;
    }
    let by_default = setting(live, volume, FACT)
        .and_then(|fact| fact.get(FACT))
        .and_then(Value::as_bool)
        .filter(|_| !sets(described, volume, FACT));
    // Without encryption by default, a volume is encrypted if its snapshot is.
    let of_snapshot = match resource.facts.get("snapshot_id").and_then(Value::as_str) {
        _ if resource.unreadable.contains_key("snapshot_id") => None,
        None => Some(false),
        Some(id) => is_encrypted(live, volume, id),
    };
    let encrypted = match (by_default, of_snapshot) {
        (Some(true), _) | (_, Some(true)) => true,
        (Some(false), Some(false)) => false,
        _ => return,
    };
    if let Some(resource) = live.get_mut(volume) {
        resource.unreadable.remove("encrypted");
        resource.facts.insert("encrypted".to_owned(), encrypted.into());
    }
}

/// Whether a snapshot is encrypted, by the snapshot itself or by an image that has it.
fn is_encrypted(live: &Live, near: &ItemKey, snapshot: &str) -> Option<bool> {
    let own = field(live, near, ("ec2.snapshot", snapshot), "encrypted");
    if let Some(own) = own.and_then(Value::as_bool) {
        return Some(own);
    }
    let images = live.iter().filter(|(key, _)| key.kind == IMAGE && key.region == near.region);
    let mappings =
        images.filter_map(|(_, image)| image.facts.get("block_device_mappings")?.as_array());
    let mut devices = mappings.flatten().filter_map(|mapping| mapping.get("ebs"));
    let is_it = |ebs: &&Value| ebs.get("snapshot_id").and_then(Value::as_str) == Some(snapshot);
    devices.find(is_it)?.get("encrypted")?.as_bool()
}

/// The metadata options in the version of a launch template; `None` if they are not known.
fn template_options(live: &Live, instance: &ItemKey, of: &TemplateVersion) -> Option<Value> {
    const KIND: &str = "ec2.launch_template";
    let (id, version) = (of.template.as_deref()?, of.version.as_deref()?);
    let (_, template) = live.iter().find(|(key, one)| {
        let name = one.facts.get("launch_template_name").and_then(Value::as_str);
        key.kind == KIND && key.region == instance.region && (key.id == id || name == Some(id))
    })?;
    let read = |name: &str| {
        // Only the options have to be known.
        let path = format!("{name}.launch_template_data.metadata_options");
        let is_hidden = template.unreadable.keys().any(|known| {
            let hides = |outer: &str, inner: &str| {
                inner
                    .strip_prefix(outer)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            hides(known, &path) || hides(&path, known)
        });
        template.facts.get(name).filter(|fact| !is_hidden && fact.is_object())
    };
    let fact = match version {
        "$Default" => read("default_version"),
        "$Latest" => read("latest_version"),
        number => {
            let number: i64 = number.parse().ok()?;
            let is_it =
                |fact: &&Value| fact.get("version_number").and_then(Value::as_i64) == Some(number);
            [read("latest_version"), read("default_version")].into_iter().flatten().find(is_it)
        }
    };
    fact?.get("launch_template_data")?.get("metadata_options").cloned().or(Some(Value::Null))
}

/// What a new instance does not say of its metadata options is what its launch template says, else the
/// default of the region, or else that of the image.
pub(super) fn with_instance(described: &Described, live: &mut Live, instance: &ItemKey) {
    const FACT: &str = "instance_metadata_defaults";
    const OPTIONS: &str = "metadata_options";
    let Some(resource) = live.get(instance) else { return };
    let open: Vec<(String, Cause)> = resource
        .unreadable
        .iter()
        .filter(|(path, why)| outermost(path) == OPTIONS && why.code == Cause::LEFT_TO_DEFAULT)
        .map(|(path, why)| (path.clone(), why.clone()))
        .collect();
    let Some((_, cause)) = open.first().cloned() else { return };
    let template = match described.templates.get(instance) {
        None => Value::Null,
        Some(template) => match template_options(live, instance, template) {
            Some(options) => options,
            // It can say anything.
            None => return,
        },
    };
    let of_template = |name: &str| template.get(name).filter(|value| !value.is_null()).cloned();
    let defaults = setting(live, instance, FACT).filter(|_| !sets(described, instance, FACT));
    let defaults = defaults.cloned();
    if defaults.is_none() && template.is_null() {
        return;
    }
    let of_region =
        |name: &str| defaults.as_ref()?.get(name).filter(|value| !value.is_null()).cloned();
    let image = resource.facts.get("image_id").and_then(Value::as_str);
    let image = image.filter(|_| !resource.unreadable.contains_key("image_id"));
    let support = image.and_then(|id| field(live, instance, (IMAGE, id), "imds_support"));
    // Without either, it depends on the instance type.
    let of_image = support.filter(|support| *support == "v2.0").map(|_| "required");
    let of_image = of_image.filter(|_| defaults.is_some());
    let value = |name: &str| match name {
        "http_tokens" => {
            of_template(name).or_else(|| of_region(name)).or(of_image.map(Value::from))
        }
        "http_endpoint" => of_template(name)
            .or_else(|| of_region(name))
            .or_else(|| defaults.as_ref().map(|_| "enabled".into())),
        "state" => Some("applied".into()),
        _ => of_template(name).or_else(|| of_region(name)),
    };
    let Some(resource) = live.get_mut(instance) else { return };
    let names = match open.iter().any(|(path, _)| path == OPTIONS) {
        true => {
            resource.unreadable.remove(OPTIONS);
            resource.facts.insert(OPTIONS.to_owned(), Value::Object(Map::new()));
            vec![
                "http_tokens",
                "http_endpoint",
                "http_put_response_hop_limit",
                "http_protocol_ipv6",
                "instance_metadata_tags",
                "state",
            ]
        }
        false => {
            open.iter().filter_map(|(path, _)| path.strip_prefix("metadata_options.")).collect()
        }
    };
    let Some(Value::Object(options)) = resource.facts.get_mut(OPTIONS) else { return };
    for name in names {
        let path = format!("{OPTIONS}.{name}");
        match value(name) {
            Some(value) => {
                options.insert(name.to_owned(), value);
                resource.unreadable.remove(&path);
            }
            None => {
                options.insert(name.to_owned(), Value::Null);
                resource.unreadable.insert(path, cause.clone());
            }
        }
    }
}
