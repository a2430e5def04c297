//! Wording that all formats share.

use crate::facts::fields::Field;
use crate::facts::{ATTRIBUTES, ApiCall, Kind, Scope};

/// The scope of a resource type, in words.
pub(super) fn scope(kind: &Kind) -> &'static str {
    match kind.scope {
        Scope::Global | Scope::Account => "account",
        Scope::Regional => "region",
    }
}

/// The call with its IAM action.
pub(super) fn call(call: &ApiCall) -> String {
    let action = if call.name == call.action { "of the same name" } else { call.action };
    format!("{} (IAM action {action})", call.name)
}

/// The attributes of the resources of a kind, in the form of fields.
pub(super) fn attributes(kind: &Kind) -> Vec<Field> {
    let attributes = ATTRIBUTES.iter().filter_map(|known| kind.attribute(known.name));
    let field = |attribute: &crate::facts::Attribute| Field {
        path: attribute.name.to_owned(),
        kind: if attribute.optional { "string?" } else { "string" }.to_owned(),
        doc: attribute.doc.to_owned(),
        closed: Vec::new(),
        format: None,
    };
    attributes.map(field).collect()
}
