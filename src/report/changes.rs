//! How an account relates to the baseline of its run.

use super::alerts::OpenFinding;

/// What changed in an account since the baseline, besides the states of its findings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// Findings that failed in the baseline; now the resource passes, is skipped or no longer
    /// exists. Sorted by resource and rule, like the others.
    pub fixed: Vec<OpenFinding>,
    /// Findings that failed in the baseline and were not checked now.
    pub unknown_now: Vec<OpenFinding>,
}

/// Why a finding has its state.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// New: the account is not in the earlier report.
    AccountAdded,
    /// New: the rule is not in the earlier report.
    RuleAdded,
    /// New: it failed in the earlier report, too, but a waiver applied to it.
    WaiverEnded,
    /// Fixed: the resource passes.
    Passes,
    /// Fixed: the rule does not apply to the resource any more.
    Skipped,
    /// Fixed: the resource no longer exists.
    Gone,
    /// Unknown now: what the rule needs could not be read, or the rule raised an error.
    CouldNotBeChecked,
    /// Unknown now: the rule was not evaluated.
    RuleNotEvaluated,
    /// Unknown now: the region was not scanned.
    RegionNotScanned,
    /// Unknown now: the account was not scanned.
    AccountNotScanned,
}
