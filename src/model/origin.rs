//! What data are of, if they are not of what exists.

use serde::{Deserialize, Serialize};

/// Where the resources of a snapshot are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// What exists, with a planned change laid over it. No result of it can be a baseline, or close
    /// an alert.
    Plan,
}
