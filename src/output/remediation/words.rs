//! The words that text and Markdown share.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::fixes::FixClass;
use crate::model::text::one_line;
use crate::model::{AccountId, counted};
use crate::remediation::plan::{Item, NotPlanned, Plan, Subject};

/// The numbers of changes and of findings, in one line. A plan that undoes a journal has no findings.
pub(super) fn totals(plan: &Plan) -> (String, Option<String>) {
    (changes(plan), plan.undoes.is_none().then(|| findings(plan)))
}

fn findings(plan: &Plan) -> String {
    let counts = plan.counts();
    let hidden = format!("more with {}", allows_hidden(plan));
    let mut parts =
        vec![counted(counts.findings, "finding"), format!("{} fixable", counts.fixable)];
    for (count, what) in [
        (counts.hidden, hidden.as_str()),
        (counts.by_hand, "by hand"),
        (counts.not_planned, "not planned"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    parts.join(", ")
}

/// What would allow the unsafe fixes that are not planned.
pub(super) fn allows_hidden(plan: &Plan) -> String {
    plan.allows_hidden().replace("--unsafe-fixes", "`--unsafe-fixes`")
}

/// Until when the plan can be applied: a word, the time, and what to do if that is over.
pub(super) fn expiry(plan: &Plan, now: Timestamp) -> (&'static str, String, &'static str) {
    let time = one_line(&plan.expires, 40);
    let expires = plan.expires.parse::<Timestamp>();
    match (expires.is_ok_and(|expires| expires <= now), &plan.undoes) {
        (false, _) => ("expires", time, ""),
        (true, None) => ("EXPIRED", time, ": collect and plan again"),
        (true, Some(_)) => ("EXPIRED", time, ": run `rolecall remediate undo` again"),
    }
}

/// The number of changes by class, in one line.
fn changes(plan: &Plan) -> String {
    let unsafe_ones = plan.items.iter().filter(|item| item.class != FixClass::Safe).count();
    let changes = counted(plan.items.len(), "change");
    match unsafe_ones {
        0 => changes,
        number => format!("{changes}, {number} of them unsafe"),
    }
}

/// The items by account, unsafe ones first.
pub(super) fn by_account(plan: &Plan) -> BTreeMap<&AccountId, Vec<&Item>> {
    let mut accounts: BTreeMap<&AccountId, Vec<&Item>> = BTreeMap::new();
    for item in &plan.items {
        accounts.entry(&item.account).or_default().push(item);
    }
    for items in accounts.values_mut() {
        items.sort_by_key(|item| item.class);
    }
    accounts
}

/// What is not planned, by cause.
pub(super) fn by_cause(plan: &Plan) -> BTreeMap<&str, Vec<&NotPlanned>> {
    let mut causes: BTreeMap<&str, Vec<&NotPlanned>> = BTreeMap::new();
    for finding in &plan.not_planned {
        causes.entry(&finding.cause).or_default().push(finding);
    }
    causes
}

/// The name and the id of a resource, or the id alone.
pub(super) fn label(resource: &Subject) -> String {
    match &resource.name {
        Some(name) if *name != resource.id => format!("{name} ({})", resource.id),
        _ => resource.id.clone(),
    }
}

/// `safe` or `unsafe`, as it is read.
pub(super) fn class(item: &Item) -> &'static str {
    match item.class {
        FixClass::Safe => "safe",
        FixClass::Unsafe | FixClass::ByHand => "UNSAFE",
    }
}
