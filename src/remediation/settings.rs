//! The settings of a plan.

use serde_json::Value;

use crate::model::{Globs, HandsOff};

/// What planning depends on beside the rules.
#[derive(Debug, Clone, Default)]
pub struct PlanSettings {
    /// Whether unsafe fixes of rules that allow them are planned.
    pub unsafe_fixes: bool,
    /// For how many days after the earliest collection a plan can be applied.
    pub expires_days: u32,
    /// Resources that no plan changes.
    pub hands_off: Vec<HandsOff>,
    /// Further tags of resources that something else manages: patterns for keys, or for `Key=Value`.
    pub managed_tags: Option<Globs>,
    /// Further settings that planning depends on, for the hash of the config.
    pub config: Value,
}
