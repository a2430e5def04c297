//! Images that the data source `aws_ami` returned: most are of another account, so a snapshot does not have them.

use serde_json::{Map, Value};

use super::attribute::Attribute;
use super::plan::Plan;
use crate::facts;
use crate::facts::ec2::image::KIND;
use crate::model::{Arn, Region, Resource};
use crate::preview::tree::Why;

/// The fields that the data source has in the same form; an empty string is none.
const TEXTS: [&str; 19] = [
    "architecture",
    "boot_mode",
    "creation_date",
    "deprecation_time",
    "image_id",
    "image_location",
    "image_owner_alias",
    "image_type",
    "imds_support",
    "last_launched_time",
    "name",
    "owner_id",
    "platform",
    "platform_details",
    "root_device_name",
    "root_device_type",
    "state",
    "tpm_support",
    "virtualization_type",
];
const FLAGS: [&str; 2] = ["ena_support", "public"];
const MAPPINGS: &str = "block_device_mappings";

/// The images that were read before the plan, each once.
pub fn read(plan: &Plan, source: &str) -> Vec<Resource> {
    let mut images: Vec<Resource> = Vec::new();
    for image in plan.read_data("aws_ami").iter().filter_map(|data| image(data, source)) {
        if !images.iter().any(|one| one.id == image.id) {
            images.push(image);
        }
    }
    images
}

/// The image of a data source; `None` if it is not known where it is.
fn image(data: &Attribute<'_>, source: &str) -> Option<Resource> {
    let text = |name: &str| data.get(name).text().ok().flatten();
    let id = text("image_id")?.to_owned();
    let of_arn = || text("arn")?.parse::<Arn>().ok()?.region.parse().ok();
    let named = || text("region")?.parse().ok();
    let region: Region = named().or_else(of_arn).filter(|region: &Region| !region.is_global())?;
    let mut image = Resource {
        kind: KIND.name.to_owned(),
        id,
        region,
        arn: text("arn").map(str::to_owned),
        name: text("name").map(str::to_owned),
        facts: Map::new(),
        unreadable: Default::default(),
    };
    let names = data.names();
    for name in TEXTS {
        let value = data.get(name).text().map(Value::from);
        set(&mut image, name, value.ok().filter(|_| names.contains(name)), source);
    }
    for name in FLAGS {
        let value = data.get(name).flag().map(Value::from);
        set(&mut image, name, value.ok().filter(|_| names.contains(name)), source);
    }
    let tags = data.get("tags");
    set(
        &mut image,
        "tags",
        Some(tags.raw().clone()).filter(|raw| tags.is_known() && raw.is_object()),
        source,
    );
    set(&mut image, MAPPINGS, mappings(data), source);
    for name in (KIND.shape.fields)() {
        if !image.facts.contains_key(&name) {
            set(&mut image, &name, None, source);
        }
    }
    facts::normalize(image).ok().flatten()
}

/// Sets a field; `None` if it is not known.
fn set(image: &mut Resource, name: &str, value: Option<Value>, source: &str) {
    match value {
        Some(value) => drop(image.facts.insert(name.to_owned(), value)),
        None => drop(image.unreadable.insert(name.to_owned(), Why::NotConverted.cause(source))),
    }
}

/// The block devices, if all of them are known.
fn mappings(data: &Attribute<'_>) -> Option<Value> {
    let all = data.get(MAPPINGS);
    let items = all.items().ok().filter(|items| all.is_known() && !items.is_empty())?;
    let is_root = |one: &Attribute<'_>| {
        let root = data.get("root_device_name").text();
        root.is_ok_and(|root| root.is_some()) && one.get("device_name").text() == root
    };
    // The data source does not keep the order, by which the root device would be found otherwise.
    if items.len() > 1 && !items.iter().any(is_root) {
        return None;
    }
    let items: Option<Vec<Value>> = items.iter().map(mapping).collect();
    Some(items?.into())
}

fn mapping(one: &Attribute<'_>) -> Option<Value> {
    let value = |value: Result<Option<Value>, Why>| value.ok().map(Option::unwrap_or_default);
    let text = |of: &Attribute<'_>, name: &str| {
        value(of.get(name).text().map(|text| text.map(Value::from)))
    };
    let number = |of: &Attribute<'_>, name: &str| {
        value(of.get(name).positive().map(|number| number.map(Value::from)))
    };
    let flag = |of: &Attribute<'_>, name: &str| {
        value(of.get(name).flag().map(|flag| flag.map(Value::from)))
    };
    let mut mapping = Map::new();
    for name in ["device_name", "virtual_name"] {
        mapping.insert(name.to_owned(), text(one, name)?);
    }
    if let Some(ebs) = one.get("ebs").block().ok()?.filter(|ebs| !ebs.is_empty()) {
        let mut fields = Map::new();
        for name in ["snapshot_id", "volume_type"] {
            fields.insert(name.to_owned(), text(&ebs, name)?);
        }
        for name in ["volume_size", "iops", "throughput"] {
            fields.insert(name.to_owned(), number(&ebs, name)?);
        }
        for name in ["encrypted", "delete_on_termination"] {
            fields.insert(name.to_owned(), flag(&ebs, name)?);
        }
        mapping.insert("ebs".to_owned(), fields.into());
    }
    Some(mapping.into())
}
