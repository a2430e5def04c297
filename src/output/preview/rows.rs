//! Rows of findings in the comment on a pull request: one for all that have the same cause.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::words::{note, reasons};
use crate::model::text::markdown;
use crate::model::{AccountId, PlannedAction, PlannedChange, Severity, ValueChange, Verdict};
use crate::output::code_span::code;
use crate::output::words::evidence;
use crate::report::Previewed;

/// Pieces of evidence of a new failure.
const EVIDENCE: usize = 2;

/// Changed attributes of a resource.
const VALUES: usize = 5;

/// Resources of a row.
const RESOURCES: usize = 2;

/// How many findings of a row are compared.
const COMPARED: usize = 50;

/// Findings of a rule that have the same cause.
pub(super) struct Group<'p> {
    first: &'p Previewed,
    all: Vec<&'p Previewed>,
}

/// What findings in one row have in common.
type Key<'p> = (
    Severity,
    &'p str,
    (&'p AccountId, &'p str),
    Option<String>,
    Option<Verdict>,
    Option<Verdict>,
    bool,
    String,
);

/// The findings of a list in the order of the list. Those of a rule with the same message and line of
/// code are together, and those without a line if all that is said of them is the same.
pub(super) fn groups(list: &[Previewed]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known: HashMap<Key<'_>, usize> = HashMap::new();
    for one in list {
        let place = one.place().map(|place| place.position());
        let rest = match place {
            Some(_) => reasons(one),
            None => said(one),
        };
        let key = (
            one.severity,
            one.rule.as_str(),
            (&one.account, one.message.as_str()),
            place,
            one.before,
            one.after,
            one.waived,
            format!("{rest} {}", one.refused.join("; ")),
        );
        let at = *known.entry(key).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.all.push(one),
            None => groups.push(Group { first: one, all: vec![one] }),
        }
    }
    groups
}

/// All that is said of a finding besides its resource.
fn said(one: &Previewed) -> String {
    let evidence: Vec<String> = one.evidence.iter().map(Value::to_string).collect();
    let shown: Vec<String> = values(one);
    let actions: Vec<&str> = one.changes.iter().map(|change| change.action.in_words()).collect();
    [evidence.join(" "), reasons(one), shown.join(" "), actions.join(" ")].join(" ")
}

impl Group<'_> {
    /// How many findings it has.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The severity.
    pub(super) fn severity(&self) -> Severity {
        self.first.severity
    }

    /// The id of the rule.
    pub(super) fn rule(&self) -> &str {
        &self.first.rule
    }

    /// Whether the rule fails before or after the change.
    pub(super) fn fails(&self) -> bool {
        let Previewed { before, after, .. } = self.first;
        [*before, *after].contains(&Some(Verdict::Fail))
            && !matches!(after, Some(Verdict::Unknown | Verdict::Error))
    }

    /// The resources, with what the plan does to them, and the line of code.
    pub(super) fn resource(&self) -> String {
        let one = self.first;
        let mut resource: Vec<String> = match self.all.as_slice() {
            [_] => {
                let addresses = one.shown_addresses().take(RESOURCES);
                let mut shown: Vec<String> =
                    addresses.map(|address| planned(one, address)).collect();
                let number = one.shown_addresses().count();
                if let Some(more) = number.checked_sub(RESOURCES).filter(|more| *more > 0) {
                    shown.push(format!("and {more} more"));
                }
                let label = one.resource.label();
                match one.shown_addresses().take(RESOURCES).any(|address| *address == label) {
                    // The id of the only instance that is evaluated is the address of the group.
                    true => shown.extend(one.part.clone()),
                    false => shown.push(code(&label, 150)),
                }
                shown
            }
            all => {
                let name = |one: &&Previewed| match one.shown_addresses().next() {
                    Some(address) => planned(one, address),
                    None => code(&one.resource.label(), 150),
                };
                let mut shown: Vec<String> = all.iter().take(RESOURCES).map(name).collect();
                let more = all.len().saturating_sub(RESOURCES);
                shown.extend((more > 0).then(|| format!("and {more} more")));
                shown
            }
        };
        resource.extend(one.place().map(|place| code(&place.position(), 200)));
        resource.join("<br>")
    }

    /// What is said of all of them.
    pub(super) fn details(&self) -> String {
        let mut lines = details(self.first);
        for one in self.all.iter().skip(1).take(COMPARED) {
            let other = details(one);
            lines.retain(|line| other.contains(line));
        }
        lines.join("<br>")
    }
}

/// An address, with what the plan does to it.
fn planned(one: &Previewed, address: &String) -> String {
    let change = one.changes.iter().find(|change| change.address == *address);
    let name = code(address, 150);
    change.map_or(name.clone(), |change| format!("{name}: {}", action(change)))
}

/// What is said of a finding, in lines.
fn details(one: &Previewed) -> Vec<String> {
    let mut details = Vec::new();
    details.extend(note(one).map(str::to_owned));
    details.extend(one.waived.then(|| "waived".to_owned()));
    let message = match one.after {
        Some(Verdict::Unknown) if !one.causes.is_empty() => code(&reasons(one), 300),
        _ => code(&one.message, 200),
    };
    details.extend((!message.is_empty()).then_some(message));
    let mut details = vec![details.join(": ")];
    if one.after == Some(Verdict::Fail) {
        let pieces = if one.added.is_empty() { &one.evidence } else { &one.added };
        let pieces = pieces.iter().filter_map(read);
        let added = if one.added.is_empty() { "" } else { "added: " };
        let shown = |piece: Value| format!("{added}{}", code(&evidence(&piece, 200), 200));
        details.extend(pieces.take(EVIDENCE).map(shown));
    }
    details.extend(one.refused.iter().map(|why| format!("**{}**", markdown(why))));
    details.extend(values(one));
    details.retain(|detail| !detail.is_empty());
    details
}

/// What a plan does to a resource.
fn action(change: &PlannedChange) -> String {
    let words = change.action.in_words();
    if change.action != PlannedAction::Replace {
        return words.to_owned();
    }
    let because: Vec<String> =
        change.replaced_by.iter().take(2).map(|attribute| code(attribute, 60)).collect();
    match because.is_empty() {
        true => format!("**{words}**"),
        false => {
            let verb = if because.len() == 1 { "changes" } else { "change" };
            format!("**{words}**, because {} {verb}", because.join(" and "))
        }
    }
}

/// The values that change, of what the rule reads.
fn values(one: &Previewed) -> Vec<String> {
    // Nothing of what is destroyed is set.
    let stays = |change: &&PlannedChange| change.action != PlannedAction::Delete;
    // The rule fails without what is not known.
    let counts = |value: &&ValueChange| !one.is_failing() || !value.is_open();
    let values = one.changes.iter().filter(stays).flat_map(|change| &change.values);
    let all: Vec<&ValueChange> = values.filter(counts).collect();
    let value = |value: &Option<String>| match value {
        Some(text) => code(text, 100),
        None => "not set".to_owned(),
    };
    let mut shown: Vec<String> = all
        .iter()
        .take(VALUES)
        .map(|change| {
            let after = value(&change.after);
            match &change.before {
                None => format!("{}: {after}", code(&change.attribute, 80)),
                before => format!("{}: {} → {after}", code(&change.attribute, 80), value(before)),
            }
        })
        .collect();
    if let Some(more) = all.len().checked_sub(VALUES).filter(|more| *more > 0) {
        shown.push(format!("and {more} more"));
    }
    shown
}

/// Evidence without what could not be read, which says nothing about a change; `None` if nothing is left.
fn read(piece: &Value) -> Option<Value> {
    let is_unread = |value: &Value| value.get("not_read").is_some();
    match piece {
        piece if is_unread(piece) => None,
        Value::Object(fields) => {
            let left: Map<String, Value> = fields
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), read(value)?)))
                .collect();
            (!left.is_empty() || fields.is_empty()).then_some(Value::Object(left))
        }
        Value::Array(items) => Some(items.iter().filter_map(read).collect()),
        value => Some(value.clone()),
    }
}
