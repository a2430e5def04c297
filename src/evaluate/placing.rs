//! Finds the places of failures in code.

use std::collections::BTreeMap;

use super::evaluation::Evaluation;
use crate::model::{AccountId, Evidence, Finding, Placing, ResourceRef, Verdict};
use crate::rules::causes;
use crate::sources::{Sources, Subject};
use crate::waivers::Tags;

impl Evaluation {
    /// Where code declares the cause of some of the evidence of a failure; `None` if none does, or if it
    /// is not known. `types`: the resource types of the cause, if they are not those of the rule.
    pub fn place(
        &self,
        account: &AccountId,
        (rule, types): (&str, Option<&[String]>),
        failure: (&ResourceRef, &[Evidence]),
    ) -> Option<Placing> {
        let sources = self.sources.as_ref()?;
        let selected = self.rules.iter().find(|one| *one.rule.id == *rule)?;
        let terraform = match types {
            Some(types) => (types, ""),
            None => {
                let instructions = selected.instructions().unwrap_or_default();
                (&*selected.rule.meta.terraform, instructions)
            }
        };
        place(sources, account, failure, terraform, None).map(|placing| *placing)
    }
}

/// Where code declares the cause of a failure; `None` if none does. `terraform`: the resource types of
/// the rule, and its documentation if the values in it are right.
pub(super) fn placing(
    sources: &Sources,
    account: &AccountId,
    finding: &Finding,
    (terraform, instructions): (&[String], &str),
    tags: Tags<'_>,
) -> Option<Box<Placing>> {
    if finding.verdict != Verdict::Fail || finding.resource.id.is_none() {
        return None;
    }
    let tags: Option<BTreeMap<String, String>> = match tags {
        Tags::Unknown => None,
        Tags::Known(tags) => {
            let tags = tags.into_iter().flatten();
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            Some(tags.map(|(key, value)| (key.clone(), text(value))).collect())
        }
    };
    let evidence = finding.evidence.to_vec();
    let failure = (&*finding.resource, &*evidence);
    place(sources, account, failure, (terraform, instructions), tags.as_ref())
}

fn place(
    sources: &Sources,
    account: &AccountId,
    (resource, evidence): (&ResourceRef, &[Evidence]),
    (terraform, instructions): (&[String], &str),
    tags: Option<&BTreeMap<String, String>>,
) -> Option<Box<Placing>> {
    let subject = Subject {
        account,
        region: &resource.region,
        resource,
        tags,
        terraform: &causes(terraform, instructions, evidence),
        evidence,
    };
    match sources.place(&subject) {
        Placing::NotDeclared => None,
        placing => Some(Box::new(placing)),
    }
}
