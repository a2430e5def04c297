//! The calls, their CLI commands, and where their responses contain lists and facts.

use serde_json::{Map, Value};

use super::place::{self, Located, Place};
use super::want::{ExpectedType, Object, aws_name, fold, of_fact};
use crate::facts::{ApiCall, FactSpec, KINDS, Kind, REGION_FIELD};
use crate::model::text;

/// What a file can contain: a list, a fact, or the response of the second call of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// The kind.
    pub(super) kind: &'static Kind,
    /// The call.
    pub(super) call: &'static ApiCall,
    /// The part of the kind.
    pub(super) part: Part,
}

/// The part of a kind that a response contains.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// The list.
    List,
    /// A fact.
    Fact(&'static FactSpec),
    /// A field that the list lacks.
    Field,
}

/// Everything that a file can contain.
pub(super) fn candidates() -> impl Iterator<Item = Candidate> {
    KINDS.iter().copied().flat_map(|kind| {
        let list = kind.list.first().map(|call| Candidate { kind, call, part: Part::List });
        let field = kind.field_of_second_call().and_then(|_| kind.list.get(1));
        let field = field.map(|call| Candidate { kind, call, part: Part::Field });
        let facts = kind.facts.iter().filter(|fact| fact.is_response());
        let facts =
            facts.map(move |fact| Candidate { kind, call: &fact.call, part: Part::Fact(fact) });
        list.into_iter().chain(field).chain(facts)
    })
}

impl Candidate {
    /// The command line argument that declares a file as this.
    pub(super) fn argument(&self) -> String {
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

/// The CLI command of a call: `describe-vpcs`.
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

/// The complete command: `aws ec2 describe-vpcs`.
pub(super) fn cli_command(call: &ApiCall) -> String {
    let service = match call.name.split_once(':') {
        Some(("s3", _)) => "s3api",
        Some((service, _)) => service,
        None => "",
    };
    format!("aws {service} {}", command(call))
}

/// The noun of a call: `Vpcs` of `DescribeVpcs`. Most responses have their list under that name.
fn noun(call: &ApiCall) -> &'static str {
    let operation = operation(call);
    ["Describe", "List", "Get"]
        .iter()
        .find_map(|verb| operation.strip_prefix(verb))
        .unwrap_or(operation)
}

/// The place of the items of a list.
pub(super) fn place_of_list(call: &ApiCall) -> &'static str {
    if call.answer.is_empty() { noun(call) } else { call.answer }
}

/// Splits `X[A=B]` into the place and the condition that selects the item.
pub(super) fn pick(place: &'static str) -> (&'static str, Option<(&'static str, &'static str)>) {
    let parts = place
        .strip_suffix(']')
        .and_then(|place| place.split_once('['))
        .and_then(|(at, pick)| Some((at, pick.split_once('=')?)));
    parts.map_or((place, None), |(at, pick)| (at, Some(pick)))
}

/// Splits `A[].B` into the place of a list whose items name a resource each, and the place of the
/// fact in an item.
pub(super) fn within_item(place: &'static str) -> (&'static str, Option<&'static str>) {
    place.split_once("[].").map_or((place, None), |(list, inner)| (list, Some(inner)))
}

/// Where a response contains a fact.
#[derive(Debug)]
pub(super) enum FactLocation<'v> {
    /// The whole response is the fact.
    WholeResponse,
    /// At that place.
    At(Located<'v>),
    /// The response does not have it. With the name that AWS would use.
    Missing(String),
}

/// Locates a fact in a response.
pub(super) fn locate<'v>(
    fact: &FactSpec,
    expected: &ExpectedType,
    answer: &'v Map<String, Value>,
) -> Result<FactLocation<'v>, (Place, String)> {
    let names = match (fact.call.answer, expected) {
        ("", ExpectedType::Object(_)) => return Ok(FactLocation::WholeResponse),
        ("", _) => [fact.name, noun(&fact.call)],
        (answer, _) => [within_item(pick(answer).0).0; 2],
    };
    for name in names {
        if let Some(found) = place::find(answer, name, &Place::default())? {
            return Ok(FactLocation::At(found));
        }
    }
    // A policy document that was saved without the rest of the response.
    if *expected == ExpectedType::Policy && place::get(answer, "Statement").is_some() {
        return Ok(FactLocation::WholeResponse);
    }
    Ok(FactLocation::Missing(aws_name(names[0])))
}

/// Whether each item of a response names its resource.
pub(super) fn is_keyed(
    fact: &FactSpec,
    expected: &ExpectedType,
    location: &FactLocation<'_>,
) -> bool {
    let listed = matches!(location, FactLocation::At((_, Value::Array(_))))
        && matches!(expected, ExpectedType::Object(_));
    fact.call.for_all || listed
}

/// The resource that a response names beside the fact: `{"VpcId": "vpc-1", "EnableDnsSupport": …}`.
pub(super) fn named_resource<'v>(kind: &Kind, answer: &'v Map<String, Value>) -> Option<&'v str> {
    place::get(answer, kind.id).and_then(|(_, id)| id.as_str()).filter(|id| !id.is_empty())
}

/// Whether a response says that a fact is not configured by having nothing of it. Calls with a "not
/// configured" code do not, and responses of lists always tell whether they are complete.
pub(super) fn is_silence(kind: &Kind, fact: &FactSpec, answer: &Map<String, Value>) -> bool {
    let is_list = operation(&fact.call).starts_with("List");
    fact.call.is_silent_if_unset()
        && answer.keys().all(|key| fold(key) == fold(kind.id) || fold(key) == TRUNCATED)
        && (!is_list || answer.keys().any(|key| fold(key) == TRUNCATED))
}

/// Whether a response has its list or fact, or a part of it, in a field of that name.
pub(super) fn is_field_of_response(candidate: &Candidate, name: &str) -> bool {
    let is = |place: &str| place::begins_with(place, name);
    match candidate.part {
        Part::List => is(place_of_list(candidate.call)),
        Part::Field => is(candidate.call.answer),
        Part::Fact(fact) => match (fact.call.answer, of_fact(candidate.kind, fact)) {
            ("", ExpectedType::Object(object)) => is_part(object, name),
            ("", _) => is(fact.name) || is(noun(&fact.call)),
            (place, _) => is(place),
        },
    }
}

/// Whether a field of a response, in AWS's name, is a part of an object.
pub(super) fn is_part(object: &Object, key: &str) -> bool {
    object.fields.contains_key(&fold(key))
        || object.elsewhere.iter().any(|(_, place)| place::begins_with(place, key))
}

const TRUNCATED: &str = "istruncated";

/// What boto adds to a response.
pub(super) fn is_metadata(key: &str) -> bool {
    fold(key) == "responsemetadata"
}

/// Why a response is incomplete: it indicates more results, or it is not the first page.
pub(super) fn truncation(answer: &Map<String, Value>) -> Option<String> {
    let help = "rerun the AWS CLI command without";
    if let Some(field) = truncation_field(answer) {
        return Some(format!(
            "incomplete response: `{}` indicates more results; {help} `--max-items` and `--no-paginate`",
            text::one_line(field, 60)
        ));
    }
    // The token of the request, which the response repeats.
    const OF_REQUEST: [&str; 6] = [
        "ContinuationToken",
        "Marker",
        "StartingToken",
        "StartAfter",
        "KeyMarker",
        "VersionIdMarker",
    ];
    let is_set = |value: &Value| !matches!(value, Value::Null | Value::Bool(false)) && *value != "";
    let field = OF_REQUEST
        .iter()
        .find_map(|name| place::get(answer, name).filter(|(_, value)| is_set(value)))?
        .0;
    Some(format!(
        "incomplete response: `{}` shows that the response is a later page; the earlier pages are missing; {help} `--starting-token` and `--no-paginate`",
        text::one_line(field, 60)
    ))
}

/// The field that indicates more results.
fn truncation_field(answer: &Map<String, Value>) -> Option<&str> {
    let says = |name: &str| {
        place::get(answer, name)
            .filter(|(_, value)| !matches!(value, Value::Null | Value::Bool(false)) && *value != "")
    };
    let truncated = place::get(answer, "IsTruncated");
    let next = ["NextToken", "NextContinuationToken", "NextMarker", "IsTruncated"]
        .into_iter()
        .find_map(says);
    // If the response has `IsTruncated`, `ContinuationToken` is the token of the request.
    let token = says("ContinuationToken").filter(|_| truncated.is_none());
    next.or(token).map(|(key, _)| key)
}

/// The HTTP status that boto adds to a response, if it is not that of a success. An error in that
/// form has no code, and would look like a response without fields.
pub(super) fn failure_status(answer: &Map<String, Value>) -> Option<&Value> {
    let metadata = answer.iter().filter(|(key, _)| is_metadata(key));
    let fields = metadata.filter_map(|(_, value)| value.as_object()).flatten();
    let is_success =
        |status: &Value| status.as_u64().is_some_and(|status| (200..300).contains(&status));
    fields
        .filter(|(key, _)| fold(key) == "httpstatuscode")
        .map(|(_, status)| status)
        .find(|status| !is_success(status))
}

/// The prefix of names that a list was limited to, which the response repeats.
pub(super) fn prefix_of_request(answer: &Map<String, Value>) -> Option<&str> {
    place::get(answer, "Prefix")
        .and_then(|(_, prefix)| prefix.as_str())
        .filter(|text| !text.is_empty())
}

/// The fields of the response of a call that it has beside its list or facts and that rolecall does
/// not know.
pub(super) fn unknown_fields<'v>(
    kind: &'static Kind,
    call: &'static ApiCall,
    answer: &'v Map<String, Value>,
) -> impl Iterator<Item = &'v str> {
    // What the AWS CLI has beside every list.
    const KNOWN: [&str; 7] = [
        TRUNCATED,
        "nexttoken",
        "continuationtoken",
        "nextcontinuationtoken",
        "nextmarker",
        "marker",
        "prefix",
    ];
    let same: Vec<Candidate> = candidates().filter(|one| one.call.name == call.name).collect();
    let is_known = move |key: &str| {
        let folded = fold(key);
        KNOWN.contains(&folded.as_str())
            || call.shared.iter().any(|(_, place)| place::begins_with(place, key))
            || folded == fold(kind.id)
            || same.iter().any(|candidate| is_field_of_response(candidate, key))
    };
    answer.keys().map(String::as_str).filter(move |key| !is_known(key))
}
