//! Times in facts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A time: RFC 3339 in UTC with seconds, `2026-01-31T08:15:02Z`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Time(pub String);
