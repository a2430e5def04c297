//! Resource policies and their status, shared by all kinds that have them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::UniqueKeys;

/// A resource policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyDocument {
    /// The JSON of the policy, with AWS's key names (`Version`, `Statement`, …). Use the helpers
    /// `policy_statements` and `public_statements` to read it.
    pub document: Value,
}

impl PolicyDocument {
    /// Parses the text of a policy. AWS rejects policies with duplicate keys, so a text that has
    /// some is not what AWS evaluates. The error says what the text is instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        match UniqueKeys::parse(text) {
            Ok(document @ Value::Object(_)) => Ok(Self { document }),
            Ok(_) => Err("not a JSON object".to_owned()),
            Err(error) => Err(UniqueKeys::describe(&error)),
        }
    }
}

/// The policy status according to S3.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyStatus {
    /// Whether S3 considers the policy public. Block Public Access is not taken into account.
    pub is_public: bool,
}
