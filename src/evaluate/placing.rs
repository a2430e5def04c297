//! Finds the places of failures in code.

use std::collections::BTreeMap;

use crate::model::{AccountId, Finding, Placing, Verdict};
use crate::rules::causes;
use crate::sources::{Sources, Subject};
use crate::waivers::Tags;

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
    let subject = Subject {
        account,
        region: &finding.resource.region,
        resource: &finding.resource,
        tags: tags.as_ref(),
        terraform: &causes(terraform, instructions, &evidence),
        evidence: &evidence,
    };
    match sources.place(&subject) {
        Placing::NotDeclared => None,
        placing => Some(Box::new(placing)),
    }
}
