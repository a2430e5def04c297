//! Why failures of the baseline could not be checked again.

use std::collections::HashMap;

use super::words::{cause, reason, why_unknown};
use crate::model::{Extent, Finding, Gap, Verdict};
use crate::report::{AccountReport, OpenFinding, Reason};

/// What an account's run could not read, by finding.
pub(super) struct NotChecked<'a> {
    report: &'a AccountReport,
    undecided: HashMap<&'a str, &'a Finding>,
}

impl<'a> NotChecked<'a> {
    pub(super) fn new(report: &'a AccountReport) -> Self {
        let has_any = report.changes.as_ref().is_some_and(|one| !one.unknown_now.is_empty());
        let undecided = report.findings.iter().filter(|finding| {
            has_any && matches!(finding.verdict, Verdict::Unknown | Verdict::Error)
        });
        let undecided = undecided.map(|finding| (finding.fingerprint.as_str(), finding));
        Self { report, undecided: undecided.collect() }
    }

    /// Why a failure could not be checked again, in words, with the call that failed if one did.
    pub(super) fn why(&self, open: &OpenFinding) -> Option<String> {
        let changes = self.report.changes.as_ref()?;
        let why = changes.reasons.get(&open.fingerprint).copied()?;
        let text = reason(why, "the baseline");
        if why != Reason::CouldNotBeChecked {
            return Some(text);
        }
        let of_finding = || match self.undecided.get(open.fingerprint.as_str())? {
            finding if finding.verdict == Verdict::Error => {
                Some(format!("the rule raised an error: {}", finding.message))
            }
            finding => Some(why_unknown(finding)),
        };
        let of_gap = || {
            let mut gaps = self.report.gaps.iter().map(|reported| &reported.gap);
            gaps.find(|gap| is_about(gap, open)).map(|gap| cause(&gap.cause))
        };
        Some(match of_finding().or_else(of_gap) {
            Some(cause) => format!("{text}: {cause}"),
            None => text,
        })
    }
}

/// Whether a gap can be the cause of not seeing a resource.
fn is_about(gap: &Gap, open: &OpenFinding) -> bool {
    let resource = &open.resource;
    let is_here = gap.region.is_global() || gap.region == resource.region;
    match &gap.extent {
        Extent::Account => true,
        Extent::Regions => !resource.region.is_global(),
        Extent::List { kind } => *kind == resource.kind && is_here,
        Extent::Facts { kind, resources, .. } => {
            *kind == resource.kind && resource.id.as_ref().is_some_and(|id| resources.contains(id))
        }
    }
}
