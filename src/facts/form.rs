//! The form of a fact: which fields an object has, and where a value is free.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::facts::kind::Shape;

/// What a value of a fact can be, read from its JSON Schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// An object with exactly these fields.
    Object(BTreeMap<String, Form>),
    /// A list.
    Array(Box<Form>),
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A map with keys of AWS's user (tags), and what its values are.
    Map(Box<Form>),
    /// Anything: JSON as somebody wrote it (policies).
    Free,
}

impl Form {
    /// The form of a shape.
    pub fn of(shape: &Shape) -> Self {
        let schema = (shape.schema)();
        Self::read(&schema, &schema, 0)
    }

    /// The form of a field, if this is an object that has it.
    pub fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.get(name),
            _ => None,
        }
    }

    fn read(schema: &Value, root: &Value, depth: usize) -> Self {
        // Our own types are a few levels deep; a schema that refers to itself would be a mistake in
        // them.
        if depth > 16 {
            return Self::Free;
        }
        if let Some(name) =
            schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix("#/$defs/"))
        {
            return root
                .get("$defs")
                .and_then(|defs| defs.get(name))
                .map_or(Self::Free, |def| Self::read(def, root, depth + 1));
        }
        if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
            let not_null = choices
                .iter()
                .find(|choice| choice.get("type").and_then(Value::as_str) != Some("null"));
            return not_null.map_or(Self::Free, |choice| Self::read(choice, root, depth + 1));
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
            Self::Array(Box::new(Self::read(items, root, depth + 1)))
        } else if let Some(values) =
            schema.get("additionalProperties").filter(|values| is("object") && values.is_object())
        {
            Self::Map(Box::new(Self::read(values, root, depth + 1)))
        } else {
            let scalars = [
                ("string", Self::Text),
                ("integer", Self::Integer),
                ("number", Self::Number),
                ("boolean", Self::Boolean),
            ];
            let mut fitting =
                scalars.into_iter().filter(|(name, _)| is(name)).map(|(_, form)| form);
            match (fitting.next(), fitting.next()) {
                (Some(form), None) if !is("object") && !is("array") => form,
                _ => Self::Free,
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
    fn fields_lists_and_free_parts_are_told_apart() {
        let group = Form::of(&ec2::security_group::KIND.shape);
        let Some(Form::Array(permission)) = group.field("ip_permissions") else {
            panic!("{group:?}")
        };
        assert!(matches!(permission.field("ip_ranges"), Some(Form::Array(_))));
        assert_eq!(permission.field("from_port"), Some(&Form::Integer));
        assert_eq!(permission.field("ip_protocol"), Some(&Form::Text));
        assert_eq!(group.field("tags"), Some(&Form::Map(Box::new(Form::Text))));
        let instance = Form::of(&ec2::instance::KIND.shape);
        assert!(instance.field("metadata_options").unwrap().field("http_tokens").is_some());
        let policy = Form::of(&s3::bucket::KIND.fact("policy").unwrap().shape);
        assert_eq!(policy.field("document"), Some(&Form::Free));
        assert_eq!(
            Form::of(&kind("s3.bucket").unwrap().fact("tags").unwrap().shape),
            Form::Map(Box::new(Form::Text))
        );
    }
}
