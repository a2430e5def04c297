//! The whole run in numbers.

use std::collections::{BTreeMap, BTreeSet};

use super::account::{AccountReport, StaleGap};
use super::run::RunInfo;
use crate::model::{DeniedBy, Extent, Severity, Verdict};

/// The whole run in numbers.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Accounts reported.
    pub accounts: usize,
    /// Of those, accounts that could not be entered or have nothing in the snapshot.
    pub accounts_not_entered: usize,
    /// Of those, accounts entered but not read wholly.
    pub accounts_incomplete: usize,
    /// Of those, accounts whose regions are not all known, where a rule needs them.
    pub accounts_with_unknown_regions: usize,
    /// Resources evaluated by at least one rule.
    pub resources: usize,
    /// Findings per verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// Failures per severity.
    pub failures: BTreeMap<Severity, usize>,
    /// Gaps that nobody accepts.
    pub gaps: usize,
    /// Gaps that the site accepts.
    pub accepted_gaps: usize,
    /// Per rule: findings per verdict. Rules that evaluated nothing are in it with no verdict.
    pub rules: BTreeMap<String, BTreeMap<Verdict, usize>>,
    /// Who denied calls, how often: for the hint what to do about it.
    pub denied_by: BTreeMap<DeniedBy, usize>,
    /// How often each API was called for the accounts reported.
    pub calls_by_api: BTreeMap<String, u64>,
    /// Accepted gaps that cover nothing.
    pub stale_accepted_gaps: Vec<StaleGap>,
    /// Whether something that the selected rules need was not read (and is no accepted gap), or a
    /// rule broke.
    pub incomplete: bool,
}

impl Summary {
    /// A summary of no account yet.
    pub fn new(run: &RunInfo) -> Self {
        Self {
            rules: run.rules.iter().map(|rule| (rule.id.clone(), BTreeMap::new())).collect(),
            ..Self::default()
        }
    }

    /// Counts one account.
    pub fn add(&mut self, report: &AccountReport) {
        self.accounts += 1;
        if !report.entered {
            self.accounts_not_entered += 1;
        } else if report.incomplete() {
            self.accounts_incomplete += 1;
        }
        self.accounts_with_unknown_regions +=
            usize::from(report.gaps.iter().any(|gap| gap.gap.extent == Extent::Regions));
        self.incomplete |= report.incomplete();
        let mut resources = BTreeSet::new();
        for finding in &report.findings {
            *self.verdicts.entry(finding.verdict).or_default() += 1;
            if finding.verdict == Verdict::Fail {
                *self.failures.entry(finding.severity).or_default() += 1;
            }
            *self
                .rules
                .entry(finding.rule.clone())
                .or_default()
                .entry(finding.verdict)
                .or_default() += 1;
            if finding.resource.id.is_some() {
                resources.insert(&finding.resource);
            }
        }
        self.resources += resources.len();
        for (call, times) in &report.calls_by_api {
            *self.calls_by_api.entry(call.clone()).or_default() += times;
        }
        for gap in &report.gaps {
            if gap.accepted.is_some() {
                self.accepted_gaps += 1;
            } else {
                self.gaps += 1;
                if let Some(by) = gap.gap.cause.denied_by {
                    *self.denied_by.entry(by).or_default() += 1;
                }
            }
        }
    }

    /// How many findings have that verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.verdicts.get(&verdict).copied().unwrap_or(0)
    }

    /// How many failures are as bad as `threshold` or worse.
    pub fn failures_at_least(&self, threshold: Severity) -> usize {
        self.failures
            .iter()
            .filter(|(severity, _)| severity.at_least(threshold))
            .map(|(_, count)| count)
            .sum()
    }
}
