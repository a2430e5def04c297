//! What AWS sets on new instances and volumes that neither the change nor a launch template says:
//! encryption by default, and the metadata options of the region and of the image.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::common::IMAGE;
use crate::model::Cause;
use crate::model::text::one_line;
use crate::model::unreadable::outermost;
use crate::preview::item::{Described, Item, ItemKey};
use crate::preview::resources::{Live, known};
use crate::preview::tree::{Tree, Why};

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
    known(settings, fact).filter(|_| settings.facts.contains_key(fact))
}

/// Whether the region encrypts by default; `None` if it is not known, or changes.
pub(super) fn by_default(described: &Described, live: &Live, of: &ItemKey) -> Option<bool> {
    const FACT: &str = "ebs_encryption_by_default";
    let on = setting(live, of, FACT)?.get(FACT)?.as_bool();
    on.filter(|_| !sets(described, of, FACT))
}

/// A field of a resource of the list; `None` if it is not known.
pub(super) fn field<'l>(
    live: &'l Live,
    of: &ItemKey,
    (kind, id): (&str, &str),
    name: &str,
) -> Option<&'l Value> {
    let is_it = |key: &ItemKey| key.kind == kind && key.region == of.region && key.id == id;
    let (_, resource) = live.iter().find(|(key, _)| is_it(key))?;
    known(resource, name)
}

/// What does not say whether a new volume is encrypted leaves it to its snapshot, and to the setting of
/// the region.
pub(in crate::preview) fn with_volume(described: &Described, live: &mut Live, volume: &ItemKey) {
    let Some(resource) = live.get(volume) else { return };
    let is_left_open =
        resource.unreadable.get("encrypted").is_some_and(|why| why.code == Cause::LEFT_TO_DEFAULT);
    if !is_left_open {
        return;
    }
    let by_default = by_default(described, live, volume);
    // Without encryption by default, a volume is encrypted if its snapshot is.
    let of_snapshot = match resource.facts.get("snapshot_id").and_then(Value::as_str) {
        _ if resource.unreadable.contains_key("snapshot_id") => None,
        None => Some(false),
        Some(id) => is_encrypted(live, volume, id),
    };
    let encrypted = match (by_default, of_snapshot) {
        (Some(true), _) | (_, Some(true)) => true,
        (Some(false), Some(false)) => false,
        (Some(false), None) => return name_image(live, volume),
        _ => return,
    };
    if let Some(resource) = live.get_mut(volume) {
        resource.unreadable.remove("encrypted");
        resource.facts.insert("encrypted".to_owned(), encrypted.into());
    }
}

/// Says that a volume depends on an image that the snapshot does not have.
fn name_image(live: &mut Live, volume: &ItemKey) {
    let image_of = |live: &Live| {
        let attachments = live.get(volume)?.facts.get("attachments")?.as_array()?;
        let id = attachments.first()?.get("instance_id")?.as_str()?.to_owned();
        let instance = live.get(&ItemKey { kind: "ec2.instance", id, ..volume.clone() })?;
        let image = known(instance, "image_id")?.as_str()?.to_owned();
        let is_read = live.keys().any(|key| key.kind == IMAGE && key.id == image);
        (!is_read).then_some(image)
    };
    let Some(image) = image_of(live) else { return };
    let off = Why::TurnedOff.cause("").message;
    let cause = live.get_mut(volume).and_then(|one| one.unreadable.get_mut("encrypted"));
    if let Some(cause) = cause {
        let set = if cause.message == off { "set to false" } else { "not set" };
        let image = one_line(&image, 60);
        cause.message = format!(
            "{set}, so the volume is encrypted only if the image is, and the snapshot does not have image {image}"
        );
    }
}

/// Whether a snapshot is encrypted, by the snapshot itself or by an image that has it.
pub(super) fn is_encrypted(live: &Live, near: &ItemKey, snapshot: &str) -> Option<bool> {
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

/// What a new instance and its launch template do not say of the metadata options is the default of the
/// region, or else that of the image.
pub(in crate::preview) fn with_instance(
    described: &Described,
    live: &mut Live,
    instance: &ItemKey,
) {
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
    let defaults = setting(live, instance, FACT).filter(|_| !sets(described, instance, FACT));
    let Some(defaults) = defaults.cloned() else { return };
    let of_region = |name: &str| defaults.get(name).filter(|value| !value.is_null()).cloned();
    let image = resource.facts.get("image_id").and_then(Value::as_str);
    let image = image.filter(|_| !resource.unreadable.contains_key("image_id"));
    let support = image.and_then(|id| field(live, instance, (IMAGE, id), "imds_support"));
    // Without either, it depends on the instance type.
    let of_image = support.filter(|support| *support == "v2.0").map(|_| "required".into());
    let value = |name: &str| match name {
        "http_tokens" => of_region(name).or(of_image.clone()),
        "http_endpoint" => of_region(name).or(Some("enabled".into())),
        "state" => Some("applied".into()),
        _ => of_region(name),
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
