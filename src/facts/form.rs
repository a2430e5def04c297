//! The types of fields, derived from JSON Schemas.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use serde_json::Value;

use crate::facts::kind::{Kind, Shape};
use crate::facts::kinds::KINDS;

/// The types of what the list calls of the kinds return. Each is derived on first use, because that is
/// slow.
static LISTS: LazyLock<BTreeMap<&str, OnceLock<FieldType>>> =
    LazyLock::new(|| KINDS.iter().map(|kind| (kind.name, OnceLock::new())).collect());

/// The type of a field or fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// An object with exactly these fields.
    Object(BTreeMap<String, FieldType>),
    /// A list.
    List(Box<FieldType>),
    /// A string.
    String,
    /// An integer.
    Int,
    /// A number, with or without a fractional part.
    Float,
    /// `true` or `false`.
    Bool,
    /// A map with arbitrary keys (tags), and the type of its values.
    Map(Box<FieldType>),
    /// Any JSON (policy documents).
    Any,
}

impl FieldType {
    /// The type of a shape.
    pub fn of(shape: &Shape) -> Self {
        let schema = (shape.schema)();
        Self::read(&schema, &schema, 0)
    }

    /// The type of what the list call of a kind returns; nothing for a kind that is not in the table.
    pub fn of_list(kind: &Kind) -> Option<&'static Self> {
        Some(LISTS.get(kind.name)?.get_or_init(|| Self::of(&kind.shape)))
    }

    /// The type of the values at a path of fields separated by dots: `metadata_options.http_tokens`,
    /// `tags.Owner`. For a list, on the way or at the end, it is that of its items.
    pub fn at(&self, path: &str) -> Option<&Self> {
        let mut form = self.item();
        let mut rest = Some(path);
        while let Some(path) = rest {
            let (name, after) = match form {
                // The key of a map may contain dots.
                Self::Map(_) => (path, None),
                _ => path.split_once('.').map_or((path, None), |(name, after)| (name, Some(after))),
            };
            form = match form {
                Self::Object(fields) => fields.get(name)?.item(),
                Self::Map(values) => values.item(),
                _ => return None,
            };
            rest = after;
        }
        Some(form)
    }

    fn item(&self) -> &Self {
        match self {
            Self::List(items) => items.item(),
            form => form,
        }
    }

    /// The values at a path for which [`Self::at`] knows a type.
    pub fn values<'a>(value: &'a Value, path: &str) -> Vec<&'a Value> {
        match value {
            Value::Array(items) => items.iter().flat_map(|item| Self::values(item, path)).collect(),
            value if path.is_empty() => vec![value],
            Value::Object(fields) => match fields.get(path) {
                Some(value) => Self::values(value, ""),
                None => path
                    .split_once('.')
                    .and_then(|(name, rest)| Some((fields.get(name)?, rest)))
                    .map_or_else(Vec::new, |(value, rest)| Self::values(value, rest)),
            },
            _ => Vec::new(),
        }
    }

    /// The type of a field, if this is an object that has it.
    #[cfg(test)]
    pub fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.get(name),
            _ => None,
        }
    }

    fn read(schema: &Value, root: &Value, depth: usize) -> Self {
        // Types of facts are a few levels deep; a recursive one would be a bug.
        if depth > 16 {
            return Self::Any;
        }
        if let Some(name) =
            schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix("#/$defs/"))
        {
            return root
                .get("$defs")
                .and_then(|defs| defs.get(name))
                .map_or(Self::Any, |def| Self::read(def, root, depth + 1));
        }
        if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
            let not_null = choices
                .iter()
                .find(|choice| choice.get("type").and_then(Value::as_str) != Some("null"));
            return not_null.map_or(Self::Any, |choice| Self::read(choice, root, depth + 1));
        }
        let is = |name: &str| match schema.get("type") {
            Some(Value::String(one)) => one == name,
            Some(Value::Array(several)) => several.iter().any(|one| one == name),
            _ => false,
        };
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            let fields = properties
                .iter()
                .map(|(name, schema)| (name.clone(), Self::read(schema, root, depth + 1)));
            Self::Object(fields.collect())
        } else if let Some(items) = schema.get("items") {
            Self::List(Box::new(Self::read(items, root, depth + 1)))
        } else if let Some(values) =
            schema.get("additionalProperties").filter(|values| is("object") && values.is_object())
        {
            Self::Map(Box::new(Self::read(values, root, depth + 1)))
        } else {
            let scalars = [
                ("string", Self::String),
                ("integer", Self::Int),
                ("number", Self::Float),
                ("boolean", Self::Bool),
            ];
            let mut fitting =
                scalars.into_iter().filter(|(name, _)| is(name)).map(|(_, scalar)| scalar);
            match (fitting.next(), fitting.next()) {
                (Some(scalar), None) if !is("object") && !is("array") => scalar,
                _ => Self::Any,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::kinds::kind;
    use crate::facts::{ec2, s3};

    #[test]
    fn objects_lists_maps_and_any_json_are_distinguished() {
        let group = FieldType::of(&ec2::security_group::KIND.shape);
        let Some(FieldType::List(permission)) = group.field("ip_permissions") else {
            panic!("{group:?}")
        };
        assert!(matches!(permission.field("ip_ranges"), Some(FieldType::List(_))));
        assert_eq!(permission.field("from_port"), Some(&FieldType::Int));
        assert_eq!(permission.field("ip_protocol"), Some(&FieldType::String));
        assert_eq!(group.field("tags"), Some(&FieldType::Map(Box::new(FieldType::String))));
        let instance = FieldType::of(&ec2::instance::KIND.shape);
        assert!(instance.field("metadata_options").unwrap().field("http_tokens").is_some());
        let policy = FieldType::of(&s3::bucket::KIND.fact("policy").unwrap().shape);
        assert_eq!(policy.field("document"), Some(&FieldType::Any));
        assert_eq!(
            FieldType::of(&kind("s3.bucket").unwrap().fact("tags").unwrap().shape),
            FieldType::Map(Box::new(FieldType::String))
        );
    }
}
