//! Findings and waivers.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::account::{Cause, Resource};
use super::place::Place;
use crate::model::{self, Severity, State, Verdict};
use crate::report::{self, Reason};

/// The result of one rule on one resource.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// The rule's severity, as configured.
    pub severity: Severity,
    /// The verdict.
    pub verdict: Verdict,
    /// What is wrong, why the resource was skipped, or what could not be read. Empty for a pass.
    pub message: String,
    /// The offending values: strings or small objects.
    pub evidence: Vec<Value>,
    /// The resource.
    pub resource: Resource,
    /// For `unknown`: what could not be read.
    pub causes: Vec<Cause>,
    /// For `unknown`: the reason for accepting this gap, from the config; `null` if it is not
    /// accepted.
    pub accepted: Option<String>,
    /// The waiver that covers a `fail`, or an `unknown` that the rule itself returned. It does not
    /// change the verdict; `null` if there is none.
    pub waived: Option<Waived>,
    /// The waiver that covered the finding in the baseline and no longer does: it expired, was
    /// removed or changed, or no longer applies. Without a baseline: the last waiver that expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_waiver: Option<Waived>,
    /// Identifies the finding across runs: 32 hexadecimal digits.
    pub fingerprint: String,
    /// How the finding relates to the baseline; `null` without a baseline, and if the finding
    /// failed neither then nor now.
    pub state: Option<State>,
    /// For new findings: why they are new, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// With the reason `skipped_before`: why the rule did not apply in the baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped_because: Option<String>,
    /// Where code declares the cause, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

impl Finding {
    pub(in crate::output::json) fn new(
        finding: &model::Finding,
        report: &report::AccountReport,
    ) -> Self {
        let is_new = finding.state == Some(State::New);
        let changes = report.changes.as_ref().filter(|_| is_new);
        let reason = changes.and_then(|changes| changes.reasons.get(&finding.fingerprint));
        Self {
            rule: finding.rule.to_string(),
            severity: finding.severity,
            verdict: finding.verdict,
            message: finding.message.to_string(),
            evidence: finding.evidence.to_vec(),
            resource: Resource::from(&*finding.resource),
            causes: finding.causes.iter().map(Cause::from).collect(),
            accepted: finding.accepted.as_deref().map(str::to_owned),
            waived: finding.waived.as_deref().map(Waived::from),
            ended_waiver: report.ended_waiver(finding).map(Waived::from),
            fingerprint: finding.fingerprint.to_string(),
            state: finding.state,
            reason: reason.copied(),
            skipped_because: changes
                .and_then(|changes| changes.skip_messages.get(&finding.fingerprint))
                .map(|message| message.to_string()),
            source: finding.place().map(Place::from),
        }
    }
}

/// A waiver: a problem that somebody accepts for a limited time.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Waived {
    /// Why the problem is accepted.
    pub reason: String,
    /// Who accepts the problem.
    pub owner: String,
    /// The last day on which the waiver applies, for example `2026-12-31`. It is compared with the
    /// day in UTC on which the account was collected.
    pub expires: String,
    /// A ticket about the problem.
    pub ticket: Option<String>,
    /// The file that contains the waiver.
    pub file: String,
    /// The 1-based line in that file.
    pub line: usize,
}

impl From<&model::Waived> for Waived {
    fn from(waived: &model::Waived) -> Self {
        Self {
            reason: waived.reason.clone(),
            owner: waived.owner.clone(),
            expires: waived.expires.to_string(),
            ticket: waived.ticket.clone(),
            file: waived.file.clone(),
            line: waived.line,
        }
    }
}

/// Number of waived findings per verdict.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct WaivedFindings {
    /// Waived failures.
    pub fail: usize,
    /// Waived `unknown` findings.
    pub unknown: usize,
}

/// A waiver that expired, or that matches nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StaleWaiver {
    /// What is wrong with the waiver.
    pub problem: WaiverProblem,
    /// The findings that the waiver selects.
    pub covers: String,
    /// The number of findings that the waiver no longer waives.
    pub findings: usize,
    /// The waiver.
    #[serde(flatten)]
    pub waiver: Waived,
}

/// A waiver that may be about findings that could not be checked, and that waived nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnreadWaiver {
    /// The findings that the waiver selects.
    pub covers: String,
    /// The waiver.
    #[serde(flatten)]
    pub waiver: Waived,
}

/// What is wrong with a waiver.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaiverProblem {
    /// It expired before an account was collected.
    Expired,
    /// No finding that could be waived matches it.
    Unmatched,
}
