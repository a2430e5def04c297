//! How an account relates to the baseline of its run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::alerts::OpenFinding;
use crate::model::{Fingerprint, Waived};

/// What changed in an account since the baseline, besides the states of its findings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// Findings that failed in the baseline; now the resource passes, is skipped or no longer
    /// exists. Sorted by resource and rule, like the others.
    pub fixed: Vec<OpenFinding>,
    /// Findings that failed in the baseline and were not checked now.
    pub unknown_now: Vec<OpenFinding>,
    /// Why findings have their state, if more than the state is known: of new findings, and of those
    /// above.
    pub reasons: BTreeMap<Fingerprint, Reason>,
    /// Of new findings to which the rule did not apply in the baseline: why it did not.
    pub skip_messages: BTreeMap<Fingerprint, Arc<str>>,
    /// Of failures that were waived in the baseline and are not any more: the waiver then.
    pub ended_waivers: BTreeMap<Fingerprint, Arc<Waived>>,
    /// Of these failures: those whose waiver the config still has, so that it no longer applies.
    pub kept_waivers: BTreeSet<Fingerprint>,
}

impl Changes {
    /// Whether a finding failed in the baseline, too, but a waiver applied to it then.
    pub fn waiver_ended(&self, finding: &Fingerprint) -> bool {
        self.reasons.get(finding) == Some(&Reason::WaiverEnded)
    }

    /// Sets which waivers the config still has.
    pub fn keep_waivers(&mut self, has: impl Fn(&Waived) -> bool) {
        let kept = self.ended_waivers.iter().filter(|(_, terms)| has(terms));
        self.kept_waivers = kept.map(|(fingerprint, _)| *fingerprint).collect();
    }

    /// Whether the resource of a fixed finding no longer exists.
    pub fn is_gone(&self, finding: &Fingerprint) -> bool {
        self.reasons.get(finding) == Some(&Reason::Gone)
    }
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
    /// New: the resource is not in the earlier report.
    ResourceAdded,
    /// New: the region was not scanned for the earlier report.
    RegionAdded,
    /// New: it passed in the earlier report.
    PassedBefore,
    /// New: the rule did not apply to the resource in the earlier report.
    SkippedBefore,
    /// New: it could not be checked for the earlier report.
    NotCheckedBefore,
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
