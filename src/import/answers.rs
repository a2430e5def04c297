//! Which calls there are, what the CLI names them, and where their answers keep what is asked for.

use serde_json::{Map, Value};

use super::place::{self, Found, Place};
use super::source::{REGION_FIELD, field_of_second_call};
use super::want::{Want, fold};
use crate::facts::{ApiCall, FactSpec, KINDS, Kind};

/// Something that a file can be: a list, a fact, or the answer of the second call of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// The kind.
    pub(super) kind: &'static Kind,
    /// The call.
    pub(super) call: &'static ApiCall,
    /// What of the kind.
    pub(super) part: Part,
}

/// What of a kind an answer has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// The list.
    List,
    /// A fact.
    Fact(&'static FactSpec),
    /// What the list leaves out.
    Field,
}

/// Everything that a file can be.
pub(super) fn candidates() -> impl Iterator<Item = Candidate> {
    KINDS.iter().copied().flat_map(|kind| {
        let list = kind.list.first().map(|call| Candidate { kind, call, part: Part::List });
        let field = field_of_second_call(kind).and_then(|_| kind.list.get(1));
        let field = field.map(|call| Candidate { kind, call, part: Part::Field });
        let facts = kind.facts.iter().map(move |fact| Candidate {
            kind,
            call: &fact.call,
            part: Part::Fact(fact),
        });
        list.into_iter().chain(field).chain(facts)
    })
}

impl Candidate {
    /// How a person says that a file is this.
    pub(super) fn form(&self) -> String {
        let kind = self.kind.name;
        match self.part {
            Part::List => format!("{kind}=FILE"),
            Part::Fact(fact) if self.kind.list.is_empty() || fact.call.for_all => {
                format!("{kind}/{}=FILE", fact.name)
            }
            Part::Fact(fact) => format!("{kind}/{}@RESOURCE=FILE", fact.name),
            Part::Field => format!("{kind}/{}@RESOURCE=FILE", REGION_FIELD),
        }
    }
}

/// `DescribeVpcs` of `ec2:DescribeVpcs`.
pub(super) fn operation(call: &ApiCall) -> &'static str {
    call.name.split_once(':').map_or(call.name, |(_, operation)| operation)
}

/// The CLI's name of a call: `describe-vpcs`.
pub(super) fn command(call: &ApiCall) -> String {
    let mut out = String::new();
    for c in operation(call).chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// What the call is about: `Vpcs` of `DescribeVpcs`. Most lists are under that name in the answer.
fn noun(call: &ApiCall) -> &'static str {
    let operation = operation(call);
    ["Describe", "List", "Get"]
        .iter()
        .find_map(|verb| operation.strip_prefix(verb))
        .unwrap_or(operation)
}

/// Where the items of a list are.
pub(super) fn place_of_list(call: &ApiCall) -> &'static str {
    if call.answer.is_empty() { noun(call) } else { call.answer }
}

/// `X[A=B]` in parts: where, and which item.
pub(super) fn pick(place: &'static str) -> (&'static str, Option<(&'static str, &'static str)>) {
    let parts = place
        .strip_suffix(']')
        .and_then(|place| place.split_once('['))
        .and_then(|(at, pick)| Some((at, pick.split_once('=')?)));
    parts.map_or((place, None), |(at, pick)| (at, Some(pick)))
}

/// `A[].B` in parts: where the list is of which each item names a resource, and where in the item
/// the fact is.
pub(super) fn within_item(place: &'static str) -> (&'static str, Option<&'static str>) {
    place.split_once("[].").map_or((place, None), |(list, inner)| (list, Some(inner)))
}

/// Where a fact is in its answer.
#[derive(Debug)]
pub(super) enum Kept<'v> {
    /// It is the answer.
    Whole,
    /// There.
    There(Found<'v>),
    /// The answer has nothing under these names.
    Nowhere(String),
}

/// Finds a fact in its answer.
pub(super) fn kept<'v>(
    fact: &FactSpec,
    want: &Want,
    answer: &'v Map<String, Value>,
) -> Result<Kept<'v>, (Place, String)> {
    let names = match (fact.call.answer, want) {
        ("", Want::Object(_)) => return Ok(Kept::Whole),
        ("", _) => [fact.name, noun(&fact.call)],
        (answer, _) => [within_item(pick(answer).0).0; 2],
    };
    for name in names {
        if let Some(found) = place::find(answer, name, &Place::default())? {
            return Ok(Kept::There(found));
        }
    }
    // A policy that was saved without what is around it.
    if *want == Want::Policy && place::get(answer, "Statement").is_some() {
        return Ok(Kept::Whole);
    }
    // As AWS would write it.
    let word = |word: &str| {
        word.chars()
            .take(1)
            .map(|c| c.to_ascii_uppercase())
            .chain(word.chars().skip(1))
            .collect::<String>()
    };
    Ok(Kept::Nowhere(names[0].split('_').map(word).collect()))
}

/// Whether an answer names the resources that it is about, item by item.
pub(super) fn is_keyed(fact: &FactSpec, want: &Want, kept: &Kept<'_>) -> bool {
    let listed =
        matches!(kept, Kept::There((_, Value::Array(_)))) && matches!(want, Want::Object(_));
    fact.call.for_all || listed
}

/// The resource that an answer names beside what it says: `{"VpcId": "vpc-1", "EnableDnsSupport":
/// …}`.
pub(super) fn named_resource<'v>(kind: &Kind, answer: &'v Map<String, Value>) -> Option<&'v str> {
    place::get(answer, kind.id).and_then(|(_, id)| id.as_str()).filter(|id| !id.is_empty())
}

/// What boto adds to an answer.
pub(super) fn is_metadata(key: &str) -> bool {
    fold(key) == "responsemetadata"
}

/// The field by which an answer says that it is not all.
pub(super) fn cut_at(answer: &Map<String, Value>) -> Option<&str> {
    let says = |name: &str| {
        place::get(answer, name)
            .filter(|(_, value)| !matches!(value, Value::Null | Value::Bool(false)) && *value != "")
    };
    let truncated = place::get(answer, "IsTruncated");
    let next = ["NextToken", "NextContinuationToken", "NextMarker", "IsTruncated"]
        .into_iter()
        .find_map(says);
    // Where it says whether it is truncated, this is the token with which the page was asked for.
    let token = says("ContinuationToken").filter(|_| truncated.is_none());
    next.or(token).map(|(key, _)| key)
}
