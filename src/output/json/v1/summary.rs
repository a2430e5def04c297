//! The summary: counts over all accounts.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::finding::{StaleWaiver, UnreadWaiver, Waived, WaivedFindings, WaiverProblem};
use super::place::Sources;
use super::usage::Collection;
use crate::model::{DeniedBy, Severity, Verdict};
use crate::report;

/// Number of findings per verdict, including zeros.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Verdicts {
    /// Resources that comply with the rule.
    pub pass: usize,
    /// Resources that violate the rule.
    pub fail: usize,
    /// Resources that the rule does not apply to.
    pub skip: usize,
    /// Resources that could not be evaluated.
    pub unknown: usize,
    /// Resources for which the rule raised an error.
    pub error: usize,
}

impl From<&BTreeMap<Verdict, usize>> for Verdicts {
    fn from(numbers: &BTreeMap<Verdict, usize>) -> Self {
        let of = |verdict| numbers.get(&verdict).copied().unwrap_or(0);
        Self {
            pass: of(Verdict::Pass),
            fail: of(Verdict::Fail),
            skip: of(Verdict::Skip),
            unknown: of(Verdict::Unknown),
            error: of(Verdict::Error),
        }
    }
}

/// Number of failures per severity, including zeros.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the fields are named after the severities")]
pub struct Severities {
    pub critical: usize,
    pub high: usize,
    pub medium: usize,
    pub low: usize,
    pub info: usize,
}

impl From<&BTreeMap<Severity, usize>> for Severities {
    fn from(failures: &BTreeMap<Severity, usize>) -> Self {
        let of = |severity| failures.get(&severity).copied().unwrap_or(0);
        Self {
            critical: of(Severity::Critical),
            high: of(Severity::High),
            medium: of(Severity::Medium),
            low: of(Severity::Low),
            info: of(Severity::Info),
        }
    }
}

/// Number of findings per state.
#[derive(Debug, Serialize, JsonSchema)]
pub struct States {
    /// Findings that fail now but did not fail in the baseline, per severity.
    pub new: Severities,
    /// Of the new ones, those that were waived in the baseline.
    pub waiver_ended: usize,
    /// Findings that fail now and also failed in the baseline.
    pub unchanged: usize,
    /// Findings that failed in the baseline; now the resource passes, is skipped or no longer exists.
    pub fixed: usize,
    /// Of the fixed ones, those whose resource no longer exists.
    pub gone: usize,
    /// Findings that failed in the baseline and were not checked now, in accounts of this run.
    pub unknown_now: usize,
    /// Of these, the ones that were waived in the baseline.
    pub unknown_now_waived: usize,
    /// Findings that failed in the baseline, in accounts that are not part of this run.
    pub not_scanned: usize,
}

impl From<&report::StateCounts> for States {
    fn from(states: &report::StateCounts) -> Self {
        Self {
            new: Severities::from(&states.new),
            waiver_ended: states.waiver_ended,
            unchanged: states.unchanged,
            fixed: states.fixed,
            gone: states.gone,
            unknown_now: states.unknown_now,
            unknown_now_waived: states.unknown_now_waived,
            not_scanned: states.not_scanned,
        }
    }
}

/// An accepted gap in the config that matches nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StaleGap {
    /// The patterns of the accepted gap.
    pub covers: String,
    /// Why it was accepted.
    pub reason: String,
}

/// Totals over all accounts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Summary {
    /// Accounts in the report.
    pub accounts: usize,
    /// Of those, accounts that could not be accessed.
    pub accounts_not_entered: usize,
    /// Of those, accounts that were only partially read.
    pub accounts_incomplete: usize,
    /// Resources evaluated by at least one rule.
    pub resources: usize,
    /// Findings per verdict.
    pub verdicts: Verdicts,
    /// Failures per severity, without those that are waived.
    pub failures: Severities,
    /// Waived findings. They are included in `verdicts`, but not in `failures`.
    pub waived: WaivedFindings,
    /// Findings per state; `null` without a baseline.
    pub states: Option<States>,
    /// Failures by what is known about their code; only if the run has sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sources: Option<Sources>,
    /// Gaps that are not accepted.
    pub gaps: usize,
    /// Gaps that the config accepts.
    pub accepted_gaps: usize,
    /// Findings per rule and verdict.
    pub rules: BTreeMap<String, Verdicts>,
    /// Gaps per kind of policy that denied the call.
    pub denied_by: BTreeMap<DeniedBy, usize>,
    /// How often each API was called for these accounts.
    pub calls_by_api: BTreeMap<String, u64>,
    /// What the collection took. Only the reports of the run that collected the accounts have it: it
    /// differs from run to run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection: Option<Collection>,
    /// Accepted gaps in the config that match nothing.
    pub stale_accepted_gaps: Vec<StaleGap>,
    /// Waivers that expired, or that match nothing.
    pub stale_waivers: Vec<StaleWaiver>,
    /// Waivers that may be about findings that could not be checked, and that waived nothing.
    pub unread_waivers: Vec<UnreadWaiver>,
    /// Whether there are gaps that are not accepted, or a rule raised an error.
    pub incomplete: bool,
}

impl From<&report::Summary> for Summary {
    fn from(summary: &report::Summary) -> Self {
        Self {
            accounts: summary.accounts,
            accounts_not_entered: summary.accounts_not_entered,
            accounts_incomplete: summary.accounts_incomplete,
            resources: summary.resources,
            verdicts: Verdicts::from(&summary.verdicts),
            failures: Severities::from(&summary.failures),
            waived: WaivedFindings {
                fail: summary.waived(Verdict::Fail),
                unknown: summary.waived(Verdict::Unknown),
            },
            states: summary.states.as_ref().map(States::from),
            sources: summary.sources.as_ref().map(Sources::from),
            gaps: summary.gaps,
            accepted_gaps: summary.accepted_gaps,
            rules: summary
                .rules
                .iter()
                .map(|(rule, numbers)| (rule.clone(), Verdicts::from(numbers)))
                .collect(),
            denied_by: summary.denied_by.clone(),
            calls_by_api: summary.calls_by_api.clone(),
            collection: summary.collection.as_ref().map(Collection::from),
            stale_accepted_gaps: summary
                .stale_accepted_gaps
                .iter()
                .map(|gap| StaleGap { covers: gap.covers.clone(), reason: gap.reason.clone() })
                .collect(),
            stale_waivers: summary
                .stale_waivers
                .iter()
                .map(|stale| StaleWaiver {
                    problem: match stale.expired {
                        true => WaiverProblem::Expired,
                        false => WaiverProblem::Unmatched,
                    },
                    covers: stale.covers.clone(),
                    findings: stale.findings,
                    waiver: Waived::from(&stale.terms),
                })
                .collect(),
            unread_waivers: summary
                .unread_waivers
                .iter()
                .map(|unread| UnreadWaiver {
                    covers: unread.covers.clone(),
                    waiver: Waived::from(&unread.terms),
                })
                .collect(),
            incomplete: summary.incomplete,
        }
    }
}
