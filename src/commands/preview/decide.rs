//! Verdicts that do not depend on what is not known: names that are generated, and the resources and
//! principals in policies.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::images;
use crate::evaluate::Evaluation;
use crate::model::{Demand, Evidence, EvidenceList, Finding, Verdict};
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
    /// Images that are not evaluated.
    pub(super) images: &'a BTreeSet<String>,
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
        let mut reports = self.evaluation.snapshots(self.target, self.demand, collected)?;
        for report in &mut reports {
            report.findings.retain(|finding| !images::is_about(finding, self.images));
        }
        Ok(reports)
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
        let is_same = found.iter().all(|other| other.message == first.message);
        let evidence = agreed(found.iter().map(|one| one.evidence.to_vec()));
        *finding = (*first).clone();
        // What only some of them say is about one of the possibilities.
        finding.evidence = evidence;
        if !is_same {
            finding.message = ANY.into();
        }
    }
}

/// What all lists of evidence say.
fn agreed(lists: impl Iterator<Item = Vec<Evidence>>) -> EvidenceList {
    let common = |a: Vec<Evidence>, b: Vec<Evidence>| match a.len() == b.len() {
        true => a.iter().zip(&b).filter_map(|(a, b)| both(a, b)).collect(),
        // Pieces cannot be matched with each other.
        false => a.into_iter().filter(|piece| b.contains(piece)).collect(),
    };
    lists.reduce(common).unwrap_or_default().into()
}

/// What two pieces of evidence have in common; `None` if that is nothing.
fn both(a: &Value, b: &Value) -> Option<Value> {
    match (a, b) {
        (a, b) if a == b => Some(a.clone()),
        (Value::Object(a), Value::Object(b)) => {
            let field = |(name, a): (&String, &Value)| Some((name.clone(), both(a, b.get(name)?)?));
            let common: Map<String, Value> = a.iter().filter_map(field).collect();
            (!common.is_empty()).then_some(Value::Object(common))
        }
        _ => None,
    }
}

/// What identifies a finding in a report.
fn name_of(finding: &Finding) -> (String, String, String, String) {
    let resource = &finding.resource;
    let id = resource.id.as_deref().unwrap_or_default().to_owned();
    (finding.rule.to_string(), resource.kind.to_string(), id, resource.region.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn evidence_is_what_all_possibilities_agree_on() {
        let grant = |resource: &str| json!({ "sid": "Read", "principal": "*", "actions": ["s3:GetObject"], "resources": [resource] });
        let common = json!({ "sid": "Read", "principal": "*", "actions": ["s3:GetObject"] });
        for (lists, expected) in [
            (vec![vec![grant("a")], vec![grant("a")]], vec![grant("a")]),
            (vec![vec![grant("a")], vec![grant("b")], vec![grant("a")]], vec![common.clone()]),
            (vec![vec![json!("a"), json!("b")], vec![json!("a"), json!("c")]], vec![json!("a")]),
            (vec![vec![json!({ "x": 1 })], vec![json!({ "x": 2 })]], vec![]),
            (vec![vec![grant("a"), grant("b")], vec![grant("b")]], vec![grant("b")]),
            (vec![vec![grant("a")], vec![]], vec![]),
        ] {
            let found = agreed(lists.clone().into_iter());
            assert_eq!(found.to_vec(), expected, "{lists:?}");
        }
    }
}
