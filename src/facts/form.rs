//! The types of fields, derived from JSON Schemas.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::facts::kind::Shape;

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
