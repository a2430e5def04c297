//! Resource policies, and S3's outcome of them, shared by everything that can have one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A resource policy as it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyDocument {
    /// The JSON of the policy, with AWS's key names (`Version`, `Statement`, …). Use the helpers
    /// `policy_statements` and `public_statements` to read it.
    pub document: Value,
}

/// S3's own outcome of a policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyStatus {
    /// Whether the policy is public in S3's sense. Block Public Access is not taken into account.
    pub is_public: bool,
}
