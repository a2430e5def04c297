//! Resources of a snapshot: what several parts of the overlay ask of them and do with them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::item::ItemKey;
use crate::facts;
use crate::model::unreadable::outermost;
use crate::model::{Cause, Resource};

/// The resources of an account.
pub(super) type Live = BTreeMap<ItemKey, Resource>;

/// Whether Block Public Access makes public grants of ACLs ineffective.
pub(super) fn ignores_public_acls(resource: &Resource) -> bool {
    let block = resource.facts.get("public_access_block");
    block.and_then(|block| block.get("ignore_public_acls")) == Some(&Value::Bool(true))
}

/// Makes a field or fact unreadable.
pub(super) fn hide(resource: &mut Resource, field: &str, cause: Cause) {
    if facts::kind(&resource.kind).is_some_and(|kind| kind.fact(field).is_some()) {
        resource.facts.remove(field);
    }
    resource.unreadable.retain(|path, _| outermost(path) != field);
    resource.unreadable.insert(field.to_owned(), cause);
}
