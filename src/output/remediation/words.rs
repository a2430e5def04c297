//! The words that text and Markdown share.

use std::collections::BTreeMap;

use crate::fixes::FixClass;
use crate::model::{AccountId, counted};
use crate::remediation::plan::{Item, NotPlanned, Plan, Subject};

/// The totals, in one line.
pub(super) fn totals(plan: &Plan) -> String {
    let counts = plan.counts();
    let mut parts =
        vec![counted(counts.findings, "finding"), format!("{} fixable", counts.fixable)];
    for (count, what) in [
        (counts.hidden, "more with `--unsafe-fixes`"),
        (counts.by_hand, "by hand"),
        (counts.not_planned, "not planned"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    parts.join(", ")
}

/// The number of changes by class, in one line.
pub(super) fn changes(plan: &Plan) -> String {
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
