//! Totals of a run.

use std::collections::{BTreeMap, BTreeSet};

use super::account::{AccountReport, StaleGap};
use super::alerts::AbsentAccount;
use super::run::RunInfo;
use super::sources::SourceCoverage;
use super::states::StateCounts;
use super::usage::CollectionUsage;
use crate::model::{DeniedBy, Extent, Severity, Verdict, counted};
use crate::waivers::{StaleWaiver, UnreadWaiver};

/// Totals of a run.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Accounts reported.
    pub accounts: usize,
    /// Of those, accounts that could not be accessed or are missing from the snapshot.
    pub accounts_not_entered: usize,
    /// Of those, accounts that were only partially read.
    pub accounts_incomplete: usize,
    /// Of those, accounts whose regions could not be listed, if a rule needs them.
    pub accounts_with_unknown_regions: usize,
    /// Resources evaluated by at least one rule.
    pub resources: usize,
    /// Findings per verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// Failures per severity, without those that are waived.
    pub failures: BTreeMap<Severity, usize>,
    /// Waived findings per verdict.
    pub waived: BTreeMap<Verdict, usize>,
    /// Waived failures per rule.
    pub waived_failures: BTreeMap<String, usize>,
    /// Findings per state; `None` without a baseline.
    pub states: Option<StateCounts>,
    /// Failures by what is known about their code; `None` if no code was looked for.
    pub sources: Option<SourceCoverage>,
    /// Gaps that are not accepted.
    pub gaps: usize,
    /// Gaps that the config accepts.
    pub accepted_gaps: usize,
    /// Findings per verdict for each rule. Rules without findings are included with no verdicts.
    pub rules: BTreeMap<String, BTreeMap<Verdict, usize>>,
    /// Gaps per kind of policy that denied the call.
    pub denied_by: BTreeMap<DeniedBy, usize>,
    /// How often each API was called for the accounts reported.
    pub calls_by_api: BTreeMap<String, u64>,
    /// Accounts of an earlier report that are not part of this run, sorted by id.
    pub absent_accounts: Vec<AbsentAccount>,
    /// Accepted gaps that match nothing.
    pub stale_accepted_gaps: Vec<StaleGap>,
    /// Waivers that expired, or that match nothing.
    pub stale_waivers: Vec<StaleWaiver>,
    /// Waivers that may be about findings that could not be checked, and that waived nothing.
    pub unread_waivers: Vec<UnreadWaiver>,
    /// What the collection took; `None` if the run only evaluated a snapshot.
    pub collection: Option<CollectionUsage>,
    /// Whether there are gaps in what the selected rules need that are not accepted, or a rule
    /// raised an error.
    pub incomplete: bool,
}

impl Summary {
    /// A summary without any accounts.
    pub fn new(run: &RunInfo) -> Self {
        Self {
            rules: run.rules.iter().map(|rule| (rule.id.clone(), BTreeMap::new())).collect(),
            states: run.compared.then(StateCounts::default),
            sources: run.has_sources.then(SourceCoverage::default),
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
        let mut last = None;
        for finding in &report.findings {
            *self.verdicts.entry(finding.verdict).or_default() += 1;
            if finding.waived.is_some() {
                *self.waived.entry(finding.verdict).or_default() += 1;
                if finding.verdict == Verdict::Fail {
                    *self.waived_failures.entry(finding.rule.to_string()).or_default() += 1;
                }
            } else if finding.verdict == Verdict::Fail {
                *self.failures.entry(finding.severity).or_default() += 1;
            }
            let verdicts = match self.rules.get_mut(&*finding.rule) {
                Some(verdicts) => verdicts,
                None => self.rules.entry(finding.rule.to_string()).or_default(),
            };
            *verdicts.entry(finding.verdict).or_default() += 1;
            // The findings on a resource follow each other.
            if finding.resource.id.is_some() && last != Some(&finding.resource) {
                last = Some(&finding.resource);
                resources.insert(&finding.resource);
            }
        }
        self.resources += resources.len();
        if let Some(states) = &mut self.states {
            states.add(report);
        }
        if let Some(sources) = &mut self.sources {
            sources.add(&report.account, &report.findings);
        }
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

    /// Number of findings with a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.verdicts.get(&verdict).copied().unwrap_or(0)
    }

    /// What was not read although the run counts as complete, in words.
    pub fn reservations(&self, run: &RunInfo) -> Vec<String> {
        let gaps = match self.accepted_gaps {
            0 => None,
            number => Some(format!("{} (not read)", counted(number, "accepted gap"))),
        };
        let skipped = match run.skipped_accounts.len() {
            0 => None,
            1 => Some("1 account of the organization was not scanned".to_owned()),
            number => Some(format!("{number} accounts of the organization were not scanned")),
        };
        [gaps, skipped].into_iter().flatten().collect()
    }

    /// Whether everything was read, and nothing was waived.
    pub fn is_clean(&self, run: &RunInfo) -> bool {
        !self.incomplete && self.waived.is_empty() && self.reservations(run).is_empty()
    }

    /// Number of waived findings with a verdict.
    pub fn waived(&self, verdict: Verdict) -> usize {
        self.waived.get(&verdict).copied().unwrap_or(0)
    }

    /// Number of failures of severity `threshold` or worse, without waived ones, that make the run fail: all of them, or
    /// with `--fail-on-new` those that are new since the baseline.
    pub fn failures_at_least(&self, run: &RunInfo, threshold: Severity) -> usize {
        let failures = match &self.states {
            Some(states) if run.fail_on_new => &states.new,
            _ => &self.failures,
        };
        failures
            .iter()
            .filter(|(severity, _)| severity.at_least(threshold))
            .map(|(_, count)| count)
            .sum()
    }

    /// Adds the accounts of the baseline that are not part of the run.
    pub fn add_absent(&mut self, absent: Vec<AbsentAccount>) {
        if let Some(states) = &mut self.states {
            let open = absent.iter().flat_map(|account| &account.carried);
            states.not_scanned += open.filter(|finding| finding.failed).count();
        }
        self.absent_accounts = absent;
    }
}
