//! Secrets in facts.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

/// A secret that AWS returned. Only its presence is kept: any string is deserialized as `present`, so
/// that a secret cannot get into a snapshot, a report or a rule, regardless of the source of the
/// facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Secret {
    /// AWS returned the secret.
    #[serde(rename = "present")]
    Present,
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|_| Self::Present)
    }
}

impl JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "const": "present" })
    }
}
