//! Resource policies and their status, shared by all kinds that have them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A resource policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyDocument {
    /// The JSON of the policy, with AWS's key names (`Version`, `Statement`, …). Use the helpers
    /// `policy_statements` and `public_statements` to read it.
    pub document: Value,
}

/// The policy status according to S3.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyStatus {
    /// Whether S3 considers the policy public. Block Public Access is not taken into account.
    pub is_public: bool,
}
