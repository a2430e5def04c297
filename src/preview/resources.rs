//! Resources of a snapshot: what several parts of the overlay ask of them and do with them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::item::ItemKey;
use super::tree::Tree;
use crate::facts;
use crate::model::unreadable::{Unreadable, outermost};
use crate::model::{Cause, Region, Resource};

/// The resources of an account.
pub(super) type Live = BTreeMap<ItemKey, Resource>;

/// Fields that something may set.
pub(super) type Unknown = BTreeMap<&'static str, Setters>;

/// What may set a field of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setters {
    /// The addresses.
    pub addresses: BTreeSet<String>,
    /// Whether all of them only add rules of a security group.
    pub only_add: bool,
}

/// Whether Block Public Access makes public grants of ACLs ineffective.
pub(super) fn ignores_public_acls(resource: &Resource) -> bool {
    let block = resource.facts.get("public_access_block");
    block.and_then(|block| block.get("ignore_public_acls")) == Some(&Value::Bool(true))
}

/// A field or fact; `None` if all or a part of it is not known.
pub(super) fn known<'r>(resource: &'r Resource, name: &str) -> Option<&'r Value> {
    let is_known = !resource.unreadable.keys().any(|path| outermost(path) == name);
    Some(resource.facts.get(name).unwrap_or(&Value::Null)).filter(|_| is_known)
}

/// The names of the security groups of a region, by id.
pub(super) fn group_names(live: &Live, region: &Region) -> BTreeMap<String, Value> {
    live.iter()
        .filter(|(key, _)| key.kind == "ec2.security_group" && key.region == *region)
        .filter_map(|(key, group)| Some((key.id.clone(), known(group, "group_name")?.clone())))
        .collect()
}

/// Names the groups in a list at a path of a resource.
pub(super) fn name_groups(
    list: Option<&mut Value>,
    path: &str,
    names: &BTreeMap<String, Value>,
    unreadable: &mut Unreadable,
) {
    let groups = list.and_then(Value::as_array_mut).into_iter().flatten().enumerate();
    for (position, group) in groups {
        let name = group.get("group_id").and_then(Value::as_str).and_then(|id| names.get(id));
        if let (Some(name), Some(group)) = (name.cloned(), group.as_object_mut()) {
            group.insert("group_name".to_owned(), name);
            unreadable.remove(&format!("{path}[{position}].group_name"));
        }
    }
}

/// Makes a field or fact unreadable.
pub(super) fn hide(resource: &mut Resource, field: &str, cause: Cause) {
    if facts::kind(&resource.kind).is_some_and(|kind| kind.fact(field).is_some()) {
        resource.facts.remove(field);
    }
    resource.unreadable.retain(|path, _| outermost(path) != field);
    resource.unreadable.insert(field.to_owned(), cause);
}

/// Whether a resource has tags that a change does not name.
pub(super) fn has_other_tags(resource: &Resource, before: &Tree, after: &Tree) -> bool {
    let named = |key: &String| {
        [before, after]
            .iter()
            .any(|side| side.get("tags").is_some_and(|tags| tags.get(key).is_some()))
    };
    let tags = resource.facts.get("tags").and_then(Value::as_object);
    tags.into_iter().flatten().any(|(key, _)| !key.starts_with("aws:") && !named(key))
}
