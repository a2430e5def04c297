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
        self.report_of(self.evaluation, snapshot)
    }

    fn report_of(
        &self,
        evaluation: &Evaluation,
        snapshot: AccountSnapshot,
    ) -> Result<AccountReport, CommandError> {
        let collected = vec![Collected::Whole(Box::new(snapshot))];
        let report = evaluation.snapshots(self.target, self.demand, collected)?.pop();
        let mut report = report
            .ok_or_else(|| CommandError::Usage("the evaluation returned no report".to_owned()))?;
        report.findings.retain(|finding| !images::is_about(finding, self.images));
        Ok(report)
    }

    /// The same for what a change makes, in which not everything is known.
    pub(super) fn decided(&self, snapshot: AccountSnapshot) -> Result<AccountReport, CommandError> {
        let is_here = |key: &ItemKey| key.account == snapshot.header.account;
        let names = || self.described.generated.iter().filter(|(key, _)| is_here(key));
        let policies = || self.described.partial.iter().filter(|(key, _)| is_here(key));
        if names().next().is_none() && policies().next().is_none() {
            return self.report(snapshot);
        }
        let mut report = self.report(snapshot.clone())?;
        self.decide(&mut report, snapshot.with_names(names()), None)?;
        let of_policies: BTreeSet<(String, String)> =
            policies().map(|(key, _)| (key.kind.to_owned(), key.id.clone())).collect();
        let named = snapshot.with_names(names()).next();
        let base = named.as_ref().unwrap_or(&snapshot);
        self.decide(&mut report, base.extremes(policies()), Some(&of_policies))?;
        Ok(report)
    }

    /// Decides findings, possibly only on some resources, if their verdict is the same whatever is not
    /// known. `possible`: the account with what that can be. They are evaluated one after the other, since an
    /// account can be large, and only with the rules that have something to decide.
    fn decide(
        &self,
        after: &mut AccountReport,
        possible: impl Iterator<Item = AccountSnapshot>,
        undecided: Option<&BTreeSet<(String, String)>>,
    ) -> Result<(), CommandError> {
        let is_open = |finding: &Finding| {
            let resource = &finding.resource;
            let id = resource.id.as_deref().unwrap_or_default().to_owned();
            let is_meant =
                undecided.is_none_or(|all| all.contains(&(resource.kind.to_string(), id)));
            finding.verdict == Verdict::Unknown && is_meant
        };
        let open = after.findings.iter().filter(|finding| is_open(finding));
        let mut open: HashMap<Name, Vec<Finding>> =
            open.map(|finding| (name_of(finding), Vec::new())).collect();
        for snapshot in possible {
            let rules: BTreeSet<&str> = open.keys().map(|(rule, ..)| rule.as_str()).collect();
            let mut evaluation = self.evaluation.clone();
            evaluation.rules.retain(|one| rules.contains(&*one.rule.id));
            if evaluation.rules.is_empty() {
                return Ok(());
            }
            let report = self.report_of(&evaluation, snapshot)?;
            let mut found: HashMap<Name, Finding> = report
                .findings
                .into_iter()
                .map(|finding| (name_of(&finding), finding))
                .filter(|(name, _)| open.contains_key(name))
                .collect();
            open.retain(|name, known| {
                let Some(finding) = found.remove(name) else { return false };
                let is_same = known.first().is_none_or(|first| first.verdict == finding.verdict);
                let is_possible = finding.verdict != Verdict::Unknown && is_same;
                known.push(finding);
                is_possible
            });
        }
        for finding in &mut after.findings {
            let Some(found) = open.get(&name_of(finding)) else { continue };
            let Some(first) = found.first() else { continue };
            let is_same = found.iter().all(|other| other.message == first.message);
            // What only some of them say is about one of the possibilities.
            let evidence = agreed(found.iter().map(|one| one.evidence.to_vec()));
            *finding = first.clone();
            finding.evidence = evidence;
            if !is_same {
                finding.message = ANY.into();
            }
        }
        Ok(())
    }
}

/// What identifies a finding in a report: rule, and kind, id and region of the resource.
type Name = (String, String, String, String);

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

fn name_of(finding: &Finding) -> Name {
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
