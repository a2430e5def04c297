//! A finding that a planned change would change.

use std::collections::BTreeSet;

use ipnet::IpNet;
use serde_json::Value;

use crate::model::{
    AccountId, Cause, Evidence, Fingerprint, Place, Placing, PlannedAction, PlannedChange,
    ResourceRef, Severity, Verdict,
};

/// How many attributes of a new resource are shown if the rule could read any of them.
const FEW: usize = 8;

/// How many pieces of evidence are compared with what changes.
const PIECES: usize = 100;

/// A finding that would change.
#[derive(Debug, Clone, PartialEq)]
pub struct Previewed {
    /// The account.
    pub account: AccountId,
    /// Its name.
    pub account_name: Option<String>,
    /// The rule's id.
    pub rule: String,
    /// The severity.
    pub severity: Severity,
    /// What would be or was wrong, or what is not known.
    pub message: String,
    /// The values that cause it.
    pub evidence: Vec<Evidence>,
    /// For a failure that gets worse: the evidence that the change adds.
    pub added: Vec<Evidence>,
    /// The resource.
    pub resource: ResourceRef,
    /// The addresses in the code that concern the resource, and those of what changes of the resources
    /// that the rule looks up.
    pub addresses: Vec<String>,
    /// Which part of the first of these the resource is: a device, or the instances of a group.
    pub part: Option<String>,
    /// Those that change something that the rule reads; empty if that is not known.
    pub read: BTreeSet<String>,
    /// What the plan does to these, in the same order, with the values that the rule reads.
    pub changes: Vec<PlannedChange>,
    /// For a failure of a security group that does not change: the resources that join the group.
    pub joined_by: Vec<String>,
    /// Whether the change creates the resource.
    pub is_created: bool,
    /// Why AWS will refuse a part of the change of the resource, so that the apply fails.
    pub refused: Vec<String>,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// The verdict before the change; `None` if the resource does not exist yet, or if nothing is known of
    /// it.
    pub before: Option<Verdict>,
    /// The verdict after it; `None` if the resource does not exist any more.
    pub after: Option<Verdict>,
    /// Why it is not known.
    pub causes: Vec<Cause>,
    /// Whether a waiver applies to it.
    pub waived: bool,
    /// What code declares of the resource; `None` if none does, or if it was not looked for.
    pub placing: Option<Placing>,
}

impl Previewed {
    /// Whether the change fixes it.
    fn is_fixed(&self) -> bool {
        self.before == Some(Verdict::Fail)
            && !matches!(self.after, Some(Verdict::Fail | Verdict::Unknown | Verdict::Error))
    }

    /// Whether the rule fails after the change.
    pub fn is_failing(&self) -> bool {
        self.after == Some(Verdict::Fail)
    }

    /// Whether it is of a resource that did not exist before the change.
    pub fn is_new(&self) -> bool {
        self.before.is_none() && self.is_created
    }

    /// The line of code that causes it.
    pub fn place(&self) -> Option<&Place> {
        match self.placing.as_ref()? {
            Placing::Placed(place) => Some(place),
            _ => None,
        }
    }

    /// The addresses that say why: the first one, and the others of which the rule reads something that
    /// changes.
    pub fn shown_addresses(&self) -> impl Iterator<Item = &String> {
        let has_values = |address: &String| {
            let change = self.changes.iter().find(|change| change.address == *address);
            change.is_some_and(|change| !change.values.is_empty())
        };
        let all = self.addresses.iter().enumerate();
        // All of them make a list unknown.
        let is_list = self.resource.id.is_none();
        all.filter(move |(at, address)| *at == 0 || is_list || has_values(address))
            .map(|(_, address)| address)
    }

    /// Keeps the values that the rule reads. `reads` returns the attributes of the resource at an address
    /// that a rule reads: none means all of them, `None` that it reads nothing of it.
    pub fn choose_values(&mut self, reads: impl Fn(&str, &str) -> Option<Vec<String>>) {
        for change in &mut self.changes {
            let is_read = self.read.contains(&change.address);
            match reads(&self.rule, &change.address).or(is_read.then(Vec::new)) {
                None => change.values.clear(),
                // All that a large new resource sets says nothing.
                Some(all) if all.is_empty() => {
                    let is_whole =
                        matches!(change.action, PlannedAction::Create | PlannedAction::Delete);
                    if is_whole && change.values.len() > FEW {
                        change.values.clear();
                    }
                }
                Some(some) => change
                    .values
                    .retain(|value| some.iter().any(|attribute| value.is_in(attribute))),
            }
        }
    }

    /// Sorts the addresses: the one that the code of the failure is in first, then those with the values of
    /// the evidence, those that change what the rule reads, and then by the types in which failures are
    /// fixed. `rank` is the position of the type of an address among those.
    pub fn order_addresses(&mut self, rank: impl Fn(&str, &str) -> Option<usize>) {
        let place = self.place().map(|place| place.address.clone());
        let causes = self.closest_to_evidence();
        let Self { rule, addresses, changes, read, .. } = self;
        let rank = |address: &String| rank(rule, address).unwrap_or(usize::MAX);
        addresses.sort_by_cached_key(|address| {
            let is_elsewhere = place.as_ref() != Some(address);
            let of_type = rank(address);
            let is_unread = !read.contains(address);
            let is_other = of_type == usize::MAX || !causes.contains(address);
            (is_elsewhere, is_unread, is_other, of_type, address.clone())
        });
        let position =
            |change: &PlannedChange| addresses.iter().position(|one| *one == change.address);
        changes.sort_by_key(position);
        // Of several resources of a type, the others say nothing.
        let types: BTreeSet<usize> = causes.iter().map(rank).collect();
        for change in changes.iter_mut().filter(|change| !causes.contains(&change.address)) {
            let of_type = rank(&change.address);
            if of_type != usize::MAX && types.contains(&of_type) {
                change.values.clear();
            }
        }
    }

    /// The addresses whose values are most like each piece of evidence. All of them if none is more like it
    /// than others.
    fn closest_to_evidence(&self) -> BTreeSet<String> {
        let mut closest = BTreeSet::new();
        let pieces = if self.added.is_empty() { &self.evidence } else { &self.added };
        // What is missing is only named.
        let named = Value::from(quoted(&self.message));
        let named = pieces.is_empty().then_some(&named);
        for piece in pieces.iter().take(PIECES).chain(named) {
            let mut wanted = BTreeSet::new();
            texts(piece, &mut wanted);
            let ranges: BTreeSet<IpNet> =
                wanted.iter().filter_map(|one| one.parse().ok()).collect();
            let likeness = |change: &PlannedChange| {
                let is_gone = change.action == PlannedAction::Delete || self.is_fixed();
                let values = change.values.iter().filter_map(|value| match is_gone {
                    true => value.before.as_ref(),
                    false => value.after.as_ref(),
                });
                let values: BTreeSet<&String> = values.collect();
                // Other address ranges are about something else, whatever the ports are.
                let mut others =
                    values.iter().filter_map(|one| one.parse::<IpNet>().ok()).peekable();
                if others.peek().is_some()
                    && !ranges.is_empty()
                    && !others.any(|one| ranges.contains(&one))
                {
                    return 0;
                }
                values.into_iter().filter(|value| is_wanted(value, &wanted)).count()
            };
            let most = self.changes.iter().map(likeness).max().unwrap_or(0);
            let like = self.changes.iter().filter(|change| most > 0 && likeness(change) == most);
            closest.extend(like.map(|change| change.address.clone()));
        }
        closest
    }
}

/// Whether a value, or the last part of a name such as `com.amazonaws.eu-west-1.ssm`, is wanted.
fn is_wanted(value: &str, wanted: &BTreeSet<String>) -> bool {
    let last = value.rsplit('.').next().unwrap_or(value);
    let is_name = value.starts_with("com.amazonaws.");
    wanted.contains(value) || is_name && wanted.contains(last)
}

/// What is in backticks.
fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

/// The strings and numbers in a piece of evidence.
fn texts(piece: &Value, out: &mut BTreeSet<String>) {
    match piece {
        Value::String(text) => drop(out.insert(text.clone())),
        Value::Number(number) => drop(out.insert(number.to_string())),
        Value::Array(items) => items.iter().for_each(|item| texts(item, out)),
        Value::Object(fields) => fields.values().for_each(|value| texts(value, out)),
        Value::Bool(_) | Value::Null => {}
    }
}
