//! Trees and the types of the fields that they are for.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::tree::{Tree, Why};
use crate::facts::{FieldType, Kind};

/// The type of a field or fact.
pub(super) fn field_type(kind: &Kind, field: &str) -> Option<FieldType> {
    match kind.fact(field) {
        Some(fact) => Some(FieldType::of(&fact.shape)),
        None => match FieldType::of(&kind.shape) {
            FieldType::Object(mut fields) => fields.remove(field),
            _ => None,
        },
    }
}

/// A tree in which everything that the type has is described: what is not is unknown.
pub(super) fn complete(tree: Tree, form: Option<&FieldType>, why: Why) -> Tree {
    match (tree, form) {
        (Tree::Object(mut fields), Some(FieldType::Object(types))) => {
            for (name, form) in types {
                let tree = fields.remove(name).unwrap_or(Tree::Unknown(why));
                fields.insert(name.clone(), complete(tree, Some(form), why));
            }
            Tree::Object(fields)
        }
        (Tree::List(items), Some(FieldType::List(form))) => {
            Tree::List(items.into_iter().map(|item| complete(item, Some(form), why)).collect())
        }
        (tree, _) => tree,
    }
}

/// Lists and maps of the list call are empty, not absent.
pub(super) fn empty_instead_of_absent(kind: &Kind, field: &str, tree: Tree) -> Tree {
    if !tree.is_absent() {
        return tree;
    }
    match field_type(kind, field) {
        Some(FieldType::List(_)) => Tree::List(Vec::new()),
        Some(FieldType::Map(_)) => Tree::Object(BTreeMap::new()),
        _ => tree,
    }
}

/// Whether a value has the type of the field or fact.
pub(super) fn is_valid(kind: &Kind, field: &str, value: &Value) -> bool {
    match kind.fact(field) {
        Some(_) if value.is_null() => true,
        Some(fact) => (fact.shape.normalize)(value.clone()).is_ok(),
        None => {
            // The other fields of the list are optional, apart from the id.
            let mut fields = Map::new();
            fields.insert(kind.id.to_owned(), Value::from("id"));
            fields.insert(field.to_owned(), value.clone());
            (kind.shape.normalize)(Value::Object(fields)).is_ok()
        }
    }
}
