//! Lines of resources, which are almost all lines of a snapshot.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::thread;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::facts::{self, CompactResource, FactsText, Kind, Lost};
use crate::model::{Cause, Region, Resource};

/// A resource of a snapshot, in one of the forms in which it can be kept.
pub(super) trait Kept: Sized {
    /// The resource of a line, with normalized facts; `None` if the line has to be parsed as a whole.
    fn parse(kind: &'static Kind, line: ResourceLine<'_>) -> Option<Self>;

    /// The resource of a line that was parsed as a whole.
    fn of(resource: Resource) -> Self;

    /// Its kind, region and id.
    fn identity(&self) -> (&str, &Region, &str);
}

impl Kept for Resource {
    fn parse(kind: &'static Kind, line: ResourceLine<'_>) -> Option<Self> {
        let facts = FactsText::new(line.facts.get())?;
        let lost = facts.lost(kind);
        let facts = facts.normalize(kind)?;
        let ResourceLine { id, region, arn, name, unreadable, .. } = line;
        let kind = kind.name.to_owned();
        let resource = Self { kind, id, region, arn, name, facts, unreadable };
        Some(without_impossible(without_lost(resource, lost)))
    }

    fn of(resource: Resource) -> Self {
        resource
    }

    fn identity(&self) -> (&str, &Region, &str) {
        (&self.kind, &self.region, &self.id)
    }
}

impl Kept for CompactResource {
    fn parse(kind: &'static Kind, line: ResourceLine<'_>) -> Option<Self> {
        let facts = FactsText::new(line.facts.get())?;
        let ready = if facts.lost(kind).is_empty() { facts.compact(kind) } else { None };
        let Some(facts) = ready else {
            return Resource::parse(kind, line).map(Self::of);
        };
        let ResourceLine { id, region, arn, name, unreadable, .. } = line;
        Some(Self::new(kind, (id, region), (arn, name), facts, unreadable))
    }

    fn of(resource: Resource) -> Self {
        resource.into()
    }

    fn identity(&self) -> (&str, &Region, &str) {
        (self.kind.map_or("", |kind| kind.name), &self.about.region, self.id())
    }
}

/// A resource line whose facts are not parsed yet.
#[derive(Deserialize)]
pub(super) struct ResourceLine<'a> {
    #[serde(borrow, rename = "type")]
    tag: Cow<'a, str>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    id: String,
    region: Region,
    #[serde(default)]
    arn: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(borrow)]
    facts: &'a RawValue,
    #[serde(default)]
    unreadable: BTreeMap<String, Cause>,
}

/// A resource line that was parsed, or only checked.
#[derive(Debug, PartialEq)]
pub(super) enum ParsedLine<R> {
    Kept(R),
    Checked(Identity),
}

/// The identity of a resource within an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    pub(super) kind: &'static str,
    pub(super) region: Region,
    pub(super) id: String,
}

/// The resource of a line, with normalized facts. `None` for every other line, which the caller
/// parses as a whole: of another type, of an unknown kind, or with an error.
pub(super) fn resource_of<R: Kept>(
    line: &[u8],
    kept: &dyn Fn(&Kind) -> bool,
) -> Option<ParsedLine<R>> {
    let line: ResourceLine<'_> = serde_json::from_str(std::str::from_utf8(line).ok()?).ok()?;
    let kind = facts::collected_kind(&line.kind).filter(|_| line.tag == "resource")?;
    if kept(kind) {
        return R::parse(kind, line).map(ParsedLine::Kept);
    }
    let is_valid = FactsText::new(line.facts.get())?.is_valid(kind);
    let ResourceLine { id, region, .. } = line;
    is_valid.then_some(ParsedLine::Checked(Identity { kind: kind.name, region, id }))
}

/// What a resource lacks whose facts are not normalized yet.
pub(super) fn lost(resource: &Resource) -> Vec<Lost> {
    let text = Value::Object(resource.facts.clone()).to_string();
    let found = facts::kind(&resource.kind).zip(FactsText::new(&text));
    found.map(|(kind, facts)| facts.lost(kind)).unwrap_or_default()
}

/// A resource whose fields that AWS always sends, but that the snapshot does not have, are
/// unreadable. A list would be empty otherwise. Causes that the snapshot has are better.
pub(super) fn without_lost(mut resource: Resource, lost: Vec<Lost>) -> Resource {
    let Some(kind) = facts::kind(&resource.kind).filter(|_| !lost.is_empty()) else {
        return resource;
    };
    let explained = |lost: &Lost| lost.is_explained_by(&resource.unreadable);
    let lost: Vec<Lost> = lost.into_iter().filter(|lost| !explained(lost)).collect();
    for Lost { name, cause, .. } in lost {
        if kind.fact(name).is_some() {
            resource.facts.remove(name);
        }
        resource.unreadable.entry(name.to_owned()).or_insert(cause);
    }
    resource
}

/// A resource without `null` facts that AWS always returns: what they are was not collected.
pub(super) fn without_impossible(mut resource: Resource) -> Resource {
    for fact in facts::kind(&resource.kind).map_or(&[][..], |kind| kind.facts) {
        if fact.is_always_known() && resource.facts.get(fact.name).is_some_and(Value::is_null) {
            resource.facts.remove(fact.name);
        }
    }
    resource
}

/// Fewer lines are not worth a thread.
const PER_THREAD: usize = 64;

/// Parses the lines of resources among some lines on several threads.
pub(super) fn parse_on_threads<R: Kept + Send>(
    lines: &[&[u8]],
    kept: &(dyn Fn(&Kind) -> bool + Sync),
    threads: usize,
) -> Vec<Option<ParsedLine<R>>> {
    let parse = |lines: &[&[u8]]| -> Vec<Option<ParsedLine<R>>> {
        lines.iter().map(|line| resource_of(line, kept)).collect()
    };
    let size = lines.len().div_ceil(threads.max(1)).max(PER_THREAD);
    let Some((own, others)) = lines.split_at_checked(size) else { return parse(lines) };
    thread::scope(|scope| {
        let started: Vec<_> = others
            .chunks(size)
            .map(|part| (part, thread::Builder::new().spawn_scoped(scope, move || parse(part))))
            .collect();
        let mut parsed = parse(own);
        for (part, thread) in started {
            parsed.extend(match thread.map(|thread| thread.join()) {
                Ok(joined) => joined.unwrap_or_else(|panic| resume_unwind(panic)),
                // Without another thread, it only takes longer.
                Err(_) => parse(part),
            });
        }
        parsed
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_parsed_in_their_order_on_any_number_of_threads() {
        let line = |number: usize| match number % 50 {
            7 => r#"{"facts":{},"kind":"ec2.vpc","type":"resource"}"#.to_owned(),
            8 => r#"{"gaps":0,"resources":2,"type":"end"}"#.to_owned(),
            _ => format!(
                r#"{{"facts":{{"vpc_id":"vpc-{number}"}},"id":"vpc-{number}","kind":"ec2.vpc","region":"eu-west-1","type":"resource"}}"#
            ),
        };
        let lines: Vec<String> = (0..1_000).map(line).collect();
        let lines: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
        for kept in [true, false] {
            let parse = |threads| parse_on_threads::<Resource>(&lines, &|_| kept, threads);
            let one = parse(1);
            assert_eq!(one.iter().filter(|line| line.is_none()).count(), 40);
            for threads in [0, 2, 3, 100] {
                assert_eq!(parse(threads), one, "{threads} threads");
            }
        }
    }
}
