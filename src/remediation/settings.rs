//! The settings of a plan.

use serde_json::Value;

use crate::model::{Globs, HandsOff};

/// In the cause of an unsafe fix that is not planned: what follows would allow it.
pub(super) const ALLOWED_BY: &str = "allowed by";
/// The setting in `[rules."ID".fix]`.
pub(super) const ALLOWS_UNSAFE: &str = "unsafe = true";

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

impl PlanSettings {
    /// Why an unsafe fix of a rule is not planned. `is_allowed`: whether the config allows it.
    pub(super) fn denied(&self, cause: &str, rule: &str, is_allowed: bool) -> String {
        let option = (!self.unsafe_fixes).then(|| "--unsafe-fixes".to_owned());
        let setting = (!is_allowed).then(|| format!("[rules.\"{rule}\".fix] {ALLOWS_UNSAFE}"));
        let needed: Vec<String> = option.into_iter().chain(setting).collect();
        match needed.as_slice() {
            [] => cause.to_owned(),
            needed => format!("{cause} ({ALLOWED_BY} {})", needed.join(" and ")),
        }
    }
}
