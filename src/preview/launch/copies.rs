//! Encryption of new images and of copies: that of the snapshots that they are of, or that of the region.

use serde_json::Value;

use super::common::IMAGE;
use super::defaults::{by_default, field, is_encrypted};
use crate::model::Cause;
use crate::preview::item::{Copied, Described, ItemKey};
use crate::preview::resources::{Live, known};

const MAPPINGS: &str = "block_device_mappings";
const ENCRYPTED: &str = "encrypted";
const SIZE: &str = "volume_size";

/// Whether a copy is encrypted. What is encrypted cannot be copied without encryption.
fn decided(encrypts: Option<bool>, by_default: Option<bool>, source: Option<bool>) -> Option<bool> {
    match (encrypts, by_default, source) {
        (Some(true), ..) | (_, Some(true), _) | (.., Some(true)) => Some(true),
        (Some(false), Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

/// The volumes of a new image: those that it is registered with, or those of the image that it is a copy of.
pub(in crate::preview) fn with_new_image(described: &Described, live: &mut Live, image: &ItemKey) {
    let Some(copied) = described.copies.get(image) else { return registered(live, image) };
    let on = by_default(described, live, image);
    let source = live.get(&copied.source).and_then(|source| known(source, MAPPINGS));
    let Some(Value::Array(mut mappings)) = source.cloned() else { return };
    let Some(resource) = live.get_mut(image) else { return };
    // Something else of the change can say what they are.
    let cause = resource.unreadable.get(MAPPINGS).filter(|why| why.is_of_plan()).cloned();
    let Some(cause) = cause else { return };
    resource.unreadable.remove(MAPPINGS);
    for (position, mapping) in mappings.iter_mut().enumerate() {
        let Some(Value::Object(ebs)) = mapping.get_mut("ebs") else { continue };
        let source = ebs.get(ENCRYPTED).and_then(Value::as_bool);
        let encrypted = decided(copied.encrypts, on, source);
        // The copy has snapshots and keys of its own.
        for (name, value) in [("snapshot_id", None), ("kms_key_id", None), (ENCRYPTED, encrypted)] {
            ebs.insert(name.to_owned(), value.into());
            if value.is_none() {
                let path = format!("{MAPPINGS}[{position}].ebs.{name}");
                resource.unreadable.insert(path, cause.clone());
            }
        }
    }
    let all: Vec<Option<bool>> = mappings
        .iter()
        .filter_map(|mapping| mapping.get("ebs").filter(|ebs| ebs.is_object()))
        .map(|ebs| ebs.get(ENCRYPTED).and_then(Value::as_bool))
        .collect();
    resource.facts.insert(MAPPINGS.to_owned(), Value::Array(mappings));
    // The snapshot that is in place of all.
    let key = ItemKey { kind: "ec2.snapshot", ..image.clone() };
    if let (Some(snapshot), [Some(first), rest @ ..]) = (live.get_mut(&key), all.as_slice())
        && rest.iter().all(|other| other == &Some(*first))
        && snapshot.unreadable.remove(ENCRYPTED).is_some()
    {
        snapshot.facts.insert(ENCRYPTED.to_owned(), (*first).into());
    }
}

/// A volume that an image is registered with is encrypted if its snapshot is, and is as large.
fn registered(live: &mut Live, image: &ItemKey) {
    let Some(resource) = live.get(image).filter(|_| image.kind == IMAGE) else { return };
    let is_left_open = |path: &String| {
        resource.unreadable.get(path).is_some_and(|why| why.code == Cause::LEFT_TO_DEFAULT)
    };
    let mappings = resource.facts.get(MAPPINGS).and_then(Value::as_array);
    let open = mappings.into_iter().flatten().enumerate().filter_map(|(position, mapping)| {
        let path = format!("{MAPPINGS}[{position}].ebs.{ENCRYPTED}");
        let snapshot =
            mapping.get("ebs")?.get("snapshot_id")?.as_str().filter(|_| is_left_open(&path))?;
        let size = field(live, image, ("ec2.snapshot", snapshot), SIZE).cloned();
        Some((position, path, is_encrypted(live, image, snapshot)?, size))
    });
    let found: Vec<(usize, String, bool, Option<Value>)> = open.collect();
    let Some(resource) = live.get_mut(image) else { return };
    for (position, path, encrypted, size) in found {
        let mapping = resource.facts.get_mut(MAPPINGS).and_then(|list| list.get_mut(position));
        if let Some(Value::Object(ebs)) = mapping.and_then(|mapping| mapping.get_mut("ebs")) {
            ebs.insert(ENCRYPTED.to_owned(), encrypted.into());
            resource.unreadable.remove(&path);
            let path = format!("{MAPPINGS}[{position}].ebs.{SIZE}");
            if let Some(size) = size.filter(|_| resource.unreadable.remove(&path).is_some()) {
                ebs.insert(SIZE.to_owned(), size);
            }
        }
    }
}

/// A new snapshot is encrypted as its volume is, and a copy if its source is or if the region encrypts
/// by default.
pub(in crate::preview) fn with_snapshot(
    described: &Described,
    live: &mut Live,
    snapshot: &ItemKey,
) {
    let copied = of_snapshot(described, live, snapshot)
        .or_else(|| by_default(described, live, snapshot).filter(|on| *on));
    let Some(resource) = live.get(snapshot) else { return };
    let id = known(resource, "volume_id").and_then(Value::as_str);
    let is_open = |name: &&str| resource.unreadable.get(*name).is_some_and(Cause::is_of_plan);
    let open: Vec<&str> = ["encrypted", "kms_key_id"].into_iter().filter(is_open).collect();
    let of_volume = |name: &&str| {
        let value = field(live, snapshot, ("ec2.volume", id?), name)?;
        Some((name.to_string(), value.clone()))
    };
    let found: Vec<(String, Value)> = open.iter().filter_map(of_volume).collect();
    let Some(resource) = live.get_mut(snapshot) else { return };
    for (name, value) in found {
        resource.unreadable.remove(&name);
        resource.facts.insert(name, value);
    }
    let is_left_open = |why: &Cause| why.code == Cause::LEFT_TO_DEFAULT;
    let is_copy = resource.unreadable.contains_key("volume_id");
    if is_copy
        && let Some(encrypted) = copied
        && resource.unreadable.get("encrypted").is_some_and(is_left_open)
    {
        resource.unreadable.remove("encrypted");
        resource.facts.insert("encrypted".to_owned(), encrypted.into());
    }
}

/// Whether a new copy of a snapshot is encrypted; `None` if it is not a copy, or not known.
fn of_snapshot(described: &Described, live: &Live, copy: &ItemKey) -> Option<bool> {
    let Copied { source, encrypts } = described.copies.get(copy)?;
    let encrypted = live.get(source).and_then(|source| known(source, ENCRYPTED)?.as_bool());
    decided(*encrypts, by_default(described, live, copy), encrypted)
}
