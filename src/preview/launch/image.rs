//! What instances have because of the image that they were launched from.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::common::IMAGE;
use crate::model::{Cause, Resource};
use crate::preview::item::{Described, Item, ItemKey};
use crate::preview::resources::{Live, hide, known};
use crate::preview::tree::Tree;

const METADATA: &str = "image_metadata";
/// Whether the settings of the account allow the image, which follows from all of it.
const ALLOWED: &str = "image_allowed";
/// The fields that say something of the image, with those of the image itself.
const FIELDS: [(&str, &str); 8] = [
    ("creation_date", "creation_date"),
    ("deprecation_time", "deprecation_time"),
    ("image_id", "image_id"),
    ("image_owner_alias", "image_owner_alias"),
    ("is_public", "public"),
    ("name", "name"),
    ("owner_id", "owner_id"),
    ("state", "state"),
];
const VIRTUALIZATION: &str = "virtualization_type";

/// A new instance has what its image has.
pub(in crate::preview) fn with_image(live: &mut Live, instance: &ItemKey) {
    let Some(resource) = live.get(instance) else { return };
    let id = known(resource, "image_id").and_then(Value::as_str).map(str::to_owned);
    let key = id.map(|id| ItemKey { kind: IMAGE, id, ..instance.clone() });
    let Some(image) = key.and_then(|key| live.get(&key)).cloned() else { return };
    let Some(resource) = live.get_mut(instance) else { return };
    let is_open = |resource: &Resource, name: &str| {
        resource.unreadable.get(name).filter(|why| why.is_of_plan()).cloned()
    };
    if is_open(resource, VIRTUALIZATION).is_some()
        && let Some(virtualization @ Value::String(_)) = known(&image, VIRTUALIZATION)
    {
        resource.unreadable.remove(VIRTUALIZATION);
        resource.facts.insert(VIRTUALIZATION.to_owned(), virtualization.clone());
    }
    let Some(cause) = is_open(resource, METADATA) else { return };
    resource.unreadable.remove(METADATA);
    resource.facts.insert(METADATA.to_owned(), Value::Object(Map::new()));
    for (field, name) in FIELDS {
        set(resource, field, known(&image, name).cloned(), &cause);
    }
    set(resource, ALLOWED, None, &cause);
}

/// What changes of an image is also in what its instances say of it.
pub(in crate::preview) fn with_changed_images(
    described: &Described,
    live: &mut Live,
    near: impl Fn(&ItemKey) -> bool,
    cause: &Cause,
) {
    let Described { before, after, .. } = described;
    let field = |items: &BTreeMap<ItemKey, Item>, key: &ItemKey, name: &str| {
        items.get(key).and_then(|item| item.tree.get(name)).map(Tree::normal)
    };
    for (key, was) in before.items.iter().filter(|(key, _)| key.kind == IMAGE && near(key)) {
        let is = after.items.get(key);
        let is_gone = was.declared.is_some() && is.is_none_or(|item| item.declared.is_none());
        let changes =
            |name: &str| field(&before.items, key, name) != field(&after.items, key, name);
        change(live, key, is_gone, &changes, cause);
    }
    let added = after.items.iter().filter(|(key, item)| {
        key.kind == IMAGE && near(key) && !item.is_created && !before.items.contains_key(*key)
    });
    for (key, item) in added {
        change(live, key, false, &|name| item.tree.get(name).is_some(), cause);
    }
}

/// Changes what the instances of an image say of it.
fn change(
    live: &mut Live,
    image: &ItemKey,
    is_gone: bool,
    changes: &dyn Fn(&str) -> bool,
    cause: &Cause,
) {
    let changed = FIELDS
        .iter()
        .filter(|(_, name)| changes(name) || *name == "public" && changes("launch_permission"));
    let value = |name: &str| known(live.get(image)?, name).cloned();
    let changed: Vec<(&str, Option<Value>)> =
        changed.map(|(field, name)| (*field, value(name))).collect();
    if !is_gone && changed.is_empty() {
        return;
    }
    let instances = live.iter_mut().filter(|(key, instance)| {
        key.kind == "ec2.instance"
            && key.region == image.region
            && instance.facts.get("image_id").and_then(Value::as_str) == Some(&image.id)
            && instance.facts.get(METADATA).is_some_and(Value::is_object)
    });
    for (_, instance) in instances {
        if is_gone {
            // AWS reports little more than the id of an image that is deregistered.
            hide(instance, METADATA, cause.clone());
            continue;
        }
        for (field, value) in &changed {
            set(instance, field, value.clone(), cause);
        }
        set(instance, ALLOWED, None, cause);
    }
}

/// Sets a field of what an instance says of its image; `None` if it is not known.
fn set(instance: &mut Resource, field: &str, value: Option<Value>, cause: &Cause) {
    let Some(Value::Object(metadata)) = instance.facts.get_mut(METADATA) else { return };
    let path = format!("{METADATA}.{field}");
    match value {
        Some(value) => {
            metadata.insert(field.to_owned(), value);
            instance.unreadable.remove(&path);
        }
        None => {
            metadata.insert(field.to_owned(), Value::Null);
            instance.unreadable.insert(path, cause.clone());
        }
    }
}
