//! Verdicts that do not depend on what is not known: names that are generated, and the resources and
//! principals in policies.

use std::collections::{BTreeSet, HashMap};

use crate::evaluate::Evaluation;
use crate::model::{Demand, EvidenceList, Finding, Verdict};
use crate::preview::{Described, ItemKey};
use crate::report::AccountReport;
use crate::run::error::CommandError;
use crate::snapshot::{AccountSnapshot, Collected, ManifestTarget};

/// The message of a finding whose verdict is the same for everything that is possible.
const ANY: &str = "decided, whatever the values are that are not known until apply";

/// Evaluates an account with what is possible.
pub(super) struct Decider<'a> {
    pub(super) described: &'a Described,
    pub(super) evaluation: &'a Evaluation,
    pub(super) target: &'a ManifestTarget,
    pub(super) demand: &'a Demand,
}

impl Decider<'_> {
    /// The report of a snapshot.
    pub(super) fn report(&self, snapshot: AccountSnapshot) -> Result<AccountReport, CommandError> {
        let report = self.reports(vec![snapshot])?.pop();
        report.ok_or_else(|| CommandError::Usage("the evaluation returned no report".to_owned()))
    }

    fn reports(&self, snapshots: Vec<AccountSnapshot>) -> Result<Vec<AccountReport>, CommandError> {
        let whole = |snapshot| Collected::Whole(Box::new(snapshot));
        let collected = snapshots.into_iter().map(whole).collect();
        Ok(self.evaluation.snapshots(self.target, self.demand, collected)?)
    }

    /// The same for what a change makes, in which not everything is known.
    pub(super) fn decided(&self, snapshot: AccountSnapshot) -> Result<AccountReport, CommandError> {
        let is_here = |key: &ItemKey| key.account == snapshot.header.account;
        let names = self.described.generated.iter().filter(|(key, _)| is_here(key));
        let named = snapshot.with_names(names);
        let policies = self.described.partial.iter().filter(|(key, _)| is_here(key));
        let extremes = named.first().unwrap_or(&snapshot).extremes(policies.clone());
        let of_policies: BTreeSet<(String, String)> =
            policies.map(|(key, _)| (key.kind.to_owned(), key.id.clone())).collect();
        let mut report = self.report(snapshot)?;
        for (snapshots, undecided) in [(named, None), (extremes, Some(&of_policies))] {
            if !snapshots.is_empty() {
                decide(&mut report, &self.reports(snapshots)?, undecided);
            }
        }
        Ok(report)
    }
}

/// Decides findings, possibly only on some resources, if their verdict is the same whatever is not
/// known.
fn decide(
    after: &mut AccountReport,
    possible: &[AccountReport],
    undecided: Option<&BTreeSet<(String, String)>>,
) {
    let index = |report: &'_ AccountReport| -> HashMap<(String, String, String, String), usize> {
        let of = |(at, finding): (usize, &Finding)| (name_of(finding), at);
        report.findings.iter().enumerate().map(of).collect()
    };
    let indexes: Vec<_> = possible.iter().map(index).collect();
    for finding in &mut after.findings {
        let resource = &finding.resource;
        let id = resource.id.as_deref().unwrap_or_default().to_owned();
        let is_meant = undecided.is_none_or(|all| all.contains(&(resource.kind.to_string(), id)));
        if finding.verdict != Verdict::Unknown || !is_meant {
            continue;
        }
        let name = name_of(finding);
        let found: Option<Vec<&Finding>> = possible
            .iter()
            .zip(&indexes)
            .map(|(report, index)| report.findings.get(*index.get(&name)?))
            .collect();
        let Some(found) = found else { continue };
        let Some(first) = found.first() else { continue };
        let is_decided = first.verdict != Verdict::Unknown
            && found.iter().all(|other| other.verdict == first.verdict);
        if !is_decided {
            continue;
        }
        let is_same = found
            .iter()
            .all(|other| (&other.message, &other.evidence) == (&first.message, &first.evidence));
        *finding = (*first).clone();
        if !is_same {
            // What they say is about one of the possibilities.
            finding.evidence = EvidenceList::default();
            finding.message = ANY.into();
        }
    }
}

/// What identifies a finding in a report.
fn name_of(finding: &Finding) -> (String, String, String, String) {
    let resource = &finding.resource;
    let id = resource.id.as_deref().unwrap_or_default().to_owned();
    (finding.rule.to_string(), resource.kind.to_string(), id, resource.region.to_string())
}
