//! The input that a case describes: an account with the resources of the case.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::case::{Case, Step};
use crate::facts::{self, Kind, Scope};
use crate::model::{AccountId, Cause, Partition, Region, Resource, did_you_mean, text};
use crate::rules::pack::rule::Rule;
use crate::rules::values::account::AccountFacts;

/// The account of a case that does not set one.
pub const DEFAULT_ACCOUNT: &str = "111122223333";
/// The time of collection of a case that does not set one.
pub(super) const DEFAULT_NOW: &str = "2026-01-01T00:00:00Z";

/// The help for an invalid time.
pub(crate) const TIME_HELP: &str = "use RFC 3339, for example `2026-01-31T12:00:00Z`";

/// Whether a string is a time in the format of facts.
pub(crate) fn is_time(written: &str) -> bool {
    written.parse::<jiff::Timestamp>().is_ok()
}

/// The message for an invalid time.
pub(crate) fn invalid_time(written: &str) -> String {
    format!("`{}` in `now` is not a valid time", text::one_line(written, 60))
}

/// An error in a case, and its position.
pub(super) struct CaseError {
    pub(super) at: Vec<Step>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl CaseError {
    pub(super) fn new(at: Vec<Step>, message: String) -> Self {
        Self { at, message, help: None }
    }
}

/// The input that a case describes.
pub(super) struct Setup {
    pub(super) params: Map<String, Value>,
    pub(super) facts: AccountFacts,
}

/// Required strings of the list call, by kind, computed once.
pub(super) type RequiredStrings = BTreeMap<&'static str, Vec<String>>;

pub(super) fn setup(
    rule: &Rule,
    case: &Case,
    required: &mut RequiredStrings,
) -> Result<Setup, CaseError> {
    if let Some(now) = case.now.as_deref().filter(|now| !is_time(now)) {
        return Err(CaseError {
            help: Some(TIME_HELP.to_owned()),
            ..CaseError::new(vec!["now".into()], invalid_time(now))
        });
    }
    let kind = rule.meta.kind;
    let region = case.region.clone().unwrap_or_else(|| default_region(kind));
    let account = match &case.account {
        Some(account) => account.clone(),
        None => DEFAULT_ACCOUNT
            .parse::<AccountId>()
            .map_err(|error| CaseError::new(Vec::new(), error.to_string()))?,
    };
    let mut resources = vec![resource(
        kind,
        "case",
        region.clone(),
        case.facts.clone(),
        required,
        &["facts".into()],
    )?];
    for (name, list) in &case.related {
        let place = ["related".into(), Step::Key(name.clone())];
        let related = facts::kind(name).ok_or_else(|| CaseError {
            help: facts::suggest_kind(name).map(|meant| format!("did you mean `{meant}`?")),
            ..CaseError::new(place.to_vec(), format!("unknown kind `{name}` in `related`"))
        })?;
        for (number, facts) in list.iter().enumerate() {
            let at = if related.scope == Scope::Global {
                default_region(related)
            } else {
                region.clone()
            };
            let place = [&place[..], &[number.into()]].concat();
            let id = facts
                .get(related.id)
                .and_then(Value::as_str)
                .map_or_else(|| format!("related-{number}"), str::to_owned);
            resources.push(resource(related, &id, at, facts.clone(), required, &place)?);
        }
    }
    let mut closed = Vec::new();
    for (number, what) in case.unreadable.iter().enumerate() {
        let error = |message: String, meant: Option<&str>| CaseError {
            help: meant.map(|meant| format!("did you mean `{meant}`?")),
            ..CaseError::new(vec!["unreadable".into(), number.into()], message)
        };
        let cause = |call: &str| Cause {
            call: call.to_owned(),
            code: "AccessDenied".to_owned(),
            message: String::new(),
            denied_by: None,
        };
        let (of, fact) = match what.split_once('/') {
            Some((of, fact)) => (of, Some(fact)),
            None if what.contains('.') => (what.as_str(), None),
            None => (kind.name, Some(what.as_str())),
        };
        let unknown =
            || error(format!("unknown kind `{of}` in `unreadable`"), facts::suggest_kind(of));
        let of = facts::kind(of).ok_or_else(unknown)?;
        match fact {
            None => closed.push((of.name.to_owned(), cause(of.list_call()))),
            Some(fact) => {
                let none = || {
                    error(
                        format!("`{what}` in `unreadable` is not a fact of `{}`", of.name),
                        of.suggest_fact(fact),
                    )
                };
                let spec = of.fact(fact).ok_or_else(none)?;
                for resource in resources.iter_mut().filter(|resource| resource.kind == of.name) {
                    resource.facts.remove(spec.name);
                    resource.unreadable.insert(spec.name.to_owned(), cause(spec.call.name));
                }
            }
        }
    }
    let mut params = rule.meta.params.clone();
    for (name, value) in &case.params {
        if !params.contains_key(name) {
            let meant = did_you_mean(name, params.keys().map(String::as_str))
                .map(|meant| format!("did you mean `{meant}`?"));
            let at = vec!["params".into(), Step::Key(name.clone())];
            return Err(CaseError {
                help: meant,
                ..CaseError::new(at, format!("the rule has no parameter `{name}`"))
            });
        }
        params.insert(name.clone(), value.clone());
    }
    let facts = AccountFacts {
        account,
        partition: Partition::of_region(&region),
        now: case.now.clone().unwrap_or_else(|| DEFAULT_NOW.to_owned()),
        trust: case.trust.clone().into(),
        resources: resources.into(),
        list_gap: Box::new(move |kind, _| {
            closed.iter().find(|(name, _)| name == kind).map(|(_, cause)| cause.clone())
        }),
    };
    Ok(Setup { params, facts })
}

pub(super) fn default_region(kind: &Kind) -> Region {
    match kind.scope {
        Scope::Global if kind.list.is_empty() => Region::global(),
        _ => "eu-west-1".parse().unwrap_or_else(|_| Region::global()),
    }
}

/// Builds a resource from the fields that the case has at `place`. Required strings are filled in,
/// because the rule does not read them.
pub(super) fn resource(
    kind: &'static Kind,
    id: &str,
    region: Region,
    mut facts: Map<String, Value>,
    required: &mut RequiredStrings,
    place: &[Step],
) -> Result<Resource, CaseError> {
    for name in required.entry(kind.name).or_insert_with(|| required_strings(kind)) {
        if !facts.contains_key(name) {
            facts.insert(name.clone(), Value::String(format!("example-{name}")));
        }
    }
    let given = facts.clone();
    let resource = |facts: Map<String, Value>| Resource {
        kind: kind.name.to_owned(),
        id: id.to_owned(),
        region: region.clone(),
        arn: None,
        name: None,
        facts,
        unreadable: BTreeMap::new(),
    };
    let wrong = |message: String| CaseError::new(place.to_vec(), message);
    let resource = match facts::normalize(resource(facts)) {
        Ok(normal) => normal.ok_or_else(|| wrong("unknown kind".to_owned()))?,
        Err(message) => {
            // The error is about the missing field; the others are valid.
            let without = |name: &&String| {
                let mut others = given.clone();
                others.shift_remove(*name);
                facts::normalize(resource(others)).is_ok()
            };
            let field = given.keys().find(without);
            // The id in the message is a placeholder.
            let of = format!(" of {} `{}`", kind.name, text::one_line(id, 100));
            let message = message.replacen(&of, "", 1);
            let message = match (field, message.strip_prefix("invalid facts: ")) {
                (Some(name), Some(reason)) => format!("invalid `{name}`: {reason}"),
                _ => message,
            };
            let field = field.map(|name| Step::Key(name.clone()));
            let at = place.iter().cloned().chain(field).collect();
            return Err(CaseError::new(at, message));
        }
    };
    // Fields that normalization removed do not exist in the kind.
    match unknown_field(&Value::Object(given), &Value::Object(resource.facts.clone())) {
        None => Ok(resource),
        Some(Unknown { steps, mut known }) => {
            let path: Vec<&str> = steps
                .iter()
                .filter_map(|step| if let Step::Key(key) = step { Some(&**key) } else { None })
                .collect();
            if path.len() == 1 {
                known.extend(kind.facts.iter().map(|fact| fact.name.to_owned()));
            }
            let meant =
                path.last().and_then(|wrong| did_you_mean(wrong, known.iter().map(String::as_str)));
            let help = meant.map(|meant| format!("did you mean `{meant}`?"));
            let message = format!("`{}` has no field `{}`", kind.name, path.join("."));
            Err(CaseError { help, ..CaseError::new([place, &steps].concat(), message) })
        }
    }
}

pub(super) fn required_strings(kind: &Kind) -> Vec<String> {
    let schema = (kind.shape.schema)();
    let required = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let is_text = |name: &&str| {
        schema.pointer(&format!("/properties/{name}/type")).and_then(Value::as_str)
            == Some("string")
    };
    required.filter(is_text).map(str::to_owned).collect()
}

/// An unknown field, and the known fields at the same level.
pub(super) struct Unknown {
    steps: Vec<Step>,
    known: Vec<String>,
}

/// The first field that is in `given` but not in `normal`.
pub(super) fn unknown_field(given: &Value, normal: &Value) -> Option<Unknown> {
    let inside = |step: Step, inner: Option<Unknown>| {
        inner.map(|inner| Unknown { steps: [vec![step], inner.steps].concat(), known: inner.known })
    };
    match (given, normal) {
        (Value::Object(given), Value::Object(normal)) => {
            given.iter().find_map(|(name, value)| match normal.get(name) {
                None => Some(Unknown {
                    steps: vec![Step::Key(name.clone())],
                    known: normal.keys().cloned().collect(),
                }),
                Some(normal) => inside(Step::Key(name.clone()), unknown_field(value, normal)),
            })
        }
        (Value::Array(given), Value::Array(normal)) => {
            let mut pairs = given.iter().zip(normal).enumerate();
            pairs.find_map(|(index, (given, normal))| {
                inside(Step::Item(index), unknown_field(given, normal))
            })
        }
        _ => None,
    }
}
