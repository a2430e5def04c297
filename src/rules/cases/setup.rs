//! The input that a case describes: an account with the resources of the case.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::case::Case;
use super::place::{CaseError, Step};
use super::unreadable;
use crate::facts::{self, Kind, REGION_FIELD, Scope};
use crate::model::{
    AccountId, Cause, Partition, Region, Resource, TagRequirements, did_you_mean, text,
};
use crate::rules::language::meta::Meta;
use crate::rules::language::param_types::{same_type, type_of};
use crate::rules::values::account::AccountFacts;

/// The account of a case that does not set one.
pub const DEFAULT_ACCOUNT: &str = "111122223333";
/// The time of collection of a case that does not set one.
pub(super) const DEFAULT_NOW: &str = "2026-01-01T00:00:00Z";

/// The region of resources that a case places nowhere.
const HOME: &str = "eu-west-1";

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

/// The input that a case describes.
pub(super) struct Setup {
    /// The parameters of `check`.
    pub(super) params: Map<String, Value>,
    /// The parameters of `fix`.
    pub(super) fix_params: Map<String, Value>,
    pub(super) facts: AccountFacts,
}

/// Required strings of the list call, by kind, computed once.
pub(super) type RequiredStrings = BTreeMap<&'static str, Vec<String>>;

pub(super) fn setup(
    meta: &Meta,
    case: &Case,
    required: &mut RequiredStrings,
) -> Result<Setup, CaseError> {
    if let Some(now) = case.now.as_deref().filter(|now| !is_time(now)) {
        return Err(CaseError {
            help: Some(TIME_HELP.to_owned()),
            ..CaseError::new(vec!["now".into()], invalid_time(now))
        });
    }
    let kind = meta.kind;
    let region = match (&case.region, region_in(kind, &case.facts, &["facts".into()])?) {
        (Some(region), Some(other)) if *region != other => {
            let message = format!("`{REGION_FIELD}` is `{other}`, but `region` is `{region}`");
            return Err(CaseError {
                help: Some("remove one of them".to_owned()),
                ..CaseError::new(vec!["facts".into(), REGION_FIELD.into()], message)
            });
        }
        (region, other) => region.clone().or(other).unwrap_or_else(|| default_region(kind)),
    };
    let account = match &case.account {
        Some(account) => account.clone(),
        None => DEFAULT_ACCOUNT
            .parse::<AccountId>()
            .map_err(|error| CaseError::new(Vec::new(), error.to_string()))?,
    };
    let place = Placement { account: &account, region: &region };
    let mut related = Vec::new();
    for (name, list) in &case.related {
        let steps = ["related".into(), Step::Key(name.clone())];
        let kind = facts::kind(name).ok_or_else(|| CaseError {
            help: facts::suggest_kind(name).map(|meant| format!("did you mean `{meant}`?")),
            ..CaseError::new(steps.to_vec(), format!("unknown kind `{name}` in `related`"))
        })?;
        if kind.scope == Scope::Account {
            return Err(CaseError::new(steps.to_vec(), facts::not_looked_up(kind)));
        }
        for (number, facts) in list.iter().enumerate() {
            let steps = [&steps[..], &[number.into()]].concat();
            let mut facts = facts.clone();
            let at = match kind.attribute("region").and_then(|_| facts.shift_remove("region")) {
                Some(at) => region_of(&at, "region", &steps)?,
                None if facts.contains_key(REGION_FIELD) => {
                    region_in(kind, &facts, &steps)?.unwrap_or_else(|| region.clone())
                }
                // The resources of an account have no region in common.
                None if kind.scope == Scope::Global || region.is_global() => default_region(kind),
                None => region.clone(),
            };
            let id = format!("related-{number}");
            let place = Placement { region: &at, ..place };
            related.push(resource(kind, &id, place, facts, required, &steps)?);
        }
    }
    let mut own = case.facts.clone();
    let (mut name, mut labels) = (case.account_name.clone(), case.account_labels.clone());
    if kind.scope == Scope::Account {
        let regional = related.iter().map(|one: &Resource| &one.region);
        let mut regions: BTreeSet<&str> =
            regional.filter(|region| !region.is_global()).map(Region::as_str).collect();
        if regions.is_empty() {
            regions.insert(HOME);
        }
        // The facts of the account and its keys in the case describe the same.
        name = own.get("name").and_then(Value::as_str).map(str::to_owned).or(name);
        let given = own.get("labels").cloned().unwrap_or_default();
        labels.extend(
            serde_json::from_value::<BTreeMap<String, String>>(given.clone()).unwrap_or_default(),
        );
        if given.is_null() || given.is_object() {
            own.insert("labels".to_owned(), json!(labels));
        }
        own.insert("name".to_owned(), json!(name));
        for (field, value) in [
            ("id", json!(account)),
            ("partition", json!(Partition::of_region(&region))),
            ("regions", json!(regions)),
        ] {
            own.entry(field).or_insert(value);
        }
    }
    let mut resources = vec![resource(kind, "case", place, own, required, &["facts".into()])?];
    let account = match kind.scope {
        Scope::Account => {
            resources.iter().find_map(|one| one.id.parse().ok()).ok_or_else(|| {
                let at = vec!["facts".into(), "id".into()];
                CaseError::new(at, "`id` is not a valid account id: use 12 digits".to_owned())
            })?
        }
        _ => account,
    };
    resources.append(&mut related);
    let scanned = scanned_regions(case, &region, &resources);
    let closed = unreadable::apply(meta, case, &scanned, &mut resources)?;
    if let Some(fix) = &case.fix {
        fix.check(meta, case.expect)?;
    }
    let mut params = base_params(meta, case)?;
    let mut fix_params = params.clone();
    fix_params.extend(meta.fix.iter().flat_map(|fix| fix.params.clone()));
    let defaults = fix_params.clone();
    for (name, value) in &case.params {
        let Some(default) = defaults.get(name) else {
            let meant = did_you_mean(name, defaults.keys().map(String::as_str))
                .map(|meant| format!("did you mean `{meant}`?"));
            let at = vec!["params".into(), Step::Key(name.clone())];
            return Err(CaseError {
                help: meant,
                ..CaseError::new(at, format!("the rule has no parameter `{name}`"))
            });
        };
        if !same_type(default, value) {
            let at = vec!["params".into(), Step::Key(name.clone())];
            return Err(CaseError {
                help: Some(format!("the default is `{default}`")),
                ..CaseError::new(at, format!("parameter `{name}` must be {}", type_of(default)))
            });
        }
        if let Some(wrong) = meta.limits.get(name).and_then(|limits| limits.violation(value)) {
            let at = vec!["params".into(), Step::Key(name.clone())];
            return Err(CaseError::new(at, format!("parameter `{name}` {wrong}")));
        }
        fix_params.insert(name.clone(), value.clone());
        if let Some(param) = params.get_mut(name) {
            *param = value.clone();
        }
    }
    let facts = AccountFacts {
        account,
        name,
        labels,
        partition: Partition::of_region(&region),
        now: case.now.clone().unwrap_or_else(|| DEFAULT_NOW.to_owned()),
        trust: case.trust.clone().into(),
        required_tags: TagRequirements(case.required_tags.clone()).into(),
        resources: resources.into(),
        list_gap: Box::new(move |kind, region| {
            let covers = |closed: &Option<Region>| {
                region.is_global() || closed.as_ref().is_none_or(|closed| closed == region)
            };
            let gap = closed.iter().find(|(name, closed, _)| name == kind && covers(closed));
            gap.map(|(.., cause)| cause.clone()).or_else(|| not_scanned(kind, region, &scanned))
        }),
    };
    Ok(Setup { params, fix_params, facts })
}

/// The parameters of the rule, or of the variant that the case names.
fn base_params(meta: &Meta, case: &Case) -> Result<Map<String, Value>, CaseError> {
    let error = |at: Vec<Step>, message: String, help: String| {
        Err(CaseError { help: Some(help), ..CaseError::new(at, message) })
    };
    let ids = || meta.variants.iter().map(|variant| variant.id.as_str());
    match &case.variant {
        None => match ids().next() {
            None => Ok(meta.params.clone()),
            Some(first) => error(
                Vec::new(),
                "the test case does not name a variant".to_owned(),
                format!("add the id of the variant, for example `\"variant\": \"{first}\"`"),
            ),
        },
        Some(id) => match meta.variant(id) {
            Some(variant) => Ok(meta.of_variant(variant).params),
            None if meta.variants.is_empty() => error(
                vec!["variant".into()],
                "the rule has no variants".to_owned(),
                "remove `variant`".to_owned(),
            ),
            None => error(
                vec!["variant".into()],
                format!("unknown variant `{}`", text::one_line(id, 120)),
                match did_you_mean(id, ids()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "use the id of one of the `variants` in `RULE`".to_owned(),
                },
            ),
        },
    }
}

/// The regions that a case has.
fn scanned_regions(case: &Case, own: &Region, resources: &[Resource]) -> BTreeSet<Region> {
    let mut scanned: BTreeSet<Region> = case.regions.iter().cloned().collect();
    scanned.insert(own.clone());
    for resource in resources {
        scanned.insert(resource.region.clone());
        if facts::kind(&resource.kind).is_some_and(|kind| kind.scope == Scope::Account) {
            let named = resource.facts.get("regions").and_then(Value::as_array);
            let named = named.into_iter().flatten().filter_map(Value::as_str);
            scanned.extend(named.filter_map(|region| region.parse::<Region>().ok()));
        }
    }
    scanned
}

/// Why nothing is known in a region that a case does not have, as in a snapshot.
fn not_scanned(kind: &str, region: &Region, scanned: &BTreeSet<Region>) -> Option<Cause> {
    let kind = facts::kind(kind).filter(|kind| kind.scope == Scope::Regional)?;
    if region.is_global() || scanned.contains(region) {
        return None;
    }
    let message = format!("region {region} was not scanned; add it to `regions`");
    Some(Cause { message, ..Cause::not_collected(kind.list_call()) })
}

/// The region, if that is the cause.
pub(super) fn not_scanned_region(cause: &Cause) -> Option<Region> {
    let region = cause.message.strip_prefix("region ")?.split_once(" was not scanned")?.0;
    region.parse().ok()
}

pub(super) fn default_region(kind: &Kind) -> Region {
    match kind.scope {
        Scope::Account => Region::global(),
        Scope::Global if kind.list.is_empty() => Region::global(),
        _ => HOME.parse().unwrap_or_else(|_| Region::global()),
    }
}

/// The region that a case states for a resource, under that key.
fn region_of(written: &Value, key: &str, steps: &[Step]) -> Result<Region, CaseError> {
    let at = || [steps, &[key.into()]].concat();
    let Some(text) = written.as_str() else {
        return Err(CaseError::new(at(), format!("invalid `{key}`: expected a string")));
    };
    text.parse().map_err(|error: crate::model::InvalidId| CaseError::new(at(), error.to_string()))
}

/// The region that is a field of the resource, if the case sets it.
fn region_in(
    kind: &Kind,
    facts: &Map<String, Value>,
    steps: &[Step],
) -> Result<Option<Region>, CaseError> {
    let has_field = || (kind.shape.fields)().iter().any(|name| name == REGION_FIELD);
    match facts.get(REGION_FIELD).filter(|_| has_field()) {
        None => Ok(None),
        // In a run, it is known, or unreadable.
        Some(Value::Null) if kind.field_of_second_call() == Some(REGION_FIELD) => Err(CaseError {
            help: Some("omit it, or list it in `unreadable`".to_owned()),
            ..CaseError::new(
                [steps, &[REGION_FIELD.into()]].concat(),
                format!("`{REGION_FIELD}` cannot be `null`: AWS always returns it"),
            )
        }),
        Some(Value::Null) => Ok(None),
        Some(written) => region_of(written, REGION_FIELD, steps).map(Some),
    }
}

/// Where the resources of a case are.
#[derive(Clone, Copy)]
pub(super) struct Placement<'a> {
    account: &'a AccountId,
    region: &'a Region,
}

/// Builds a resource from the fields that the case has at `place`. Required strings are filled in,
/// because the rule does not read them.
pub(super) fn resource(
    kind: &'static Kind,
    id: &str,
    at: Placement<'_>,
    mut facts: Map<String, Value>,
    required: &mut RequiredStrings,
    place: &[Step],
) -> Result<Resource, CaseError> {
    for name in required.entry(kind.name).or_insert_with(|| required_strings(kind)) {
        if !facts.contains_key(name) {
            facts.insert(name.clone(), Value::String(format!("example-{name}")));
        }
    }
    let of_second_call = kind.field_of_second_call().filter(|_| !at.region.is_global());
    if let Some(name) = of_second_call.filter(|name| !facts.contains_key(*name)) {
        facts.insert(name.to_owned(), Value::String(at.region.to_string()));
    }
    let arn = kind.attribute("arn").and_then(|_| facts.shift_remove("arn"));
    let arn = match arn {
        Some(Value::String(arn)) => Some(Some(arn)),
        Some(Value::Null) => Some(None),
        None => None,
        Some(_) => {
            let at = [place, &["arn".into()]].concat();
            return Err(CaseError::new(at, "invalid `arn`: expected a string".to_owned()));
        }
    };
    let impossible = kind.facts.iter().find(|fact| {
        let is_null = facts.get(fact.name).is_some_and(Value::is_null);
        is_null && fact.is_always_known() && fact.defaults().is_none()
    });
    if let Some(fact) = impossible {
        return Err(CaseError {
            help: Some("set its fields, or list it in `unreadable`".to_owned()),
            ..CaseError::new(
                [place, &[fact.name.into()]].concat(),
                format!("`{}` cannot be `null`: AWS always returns it", fact.name),
            )
        });
    }
    let partition = Partition::of_region(at.region);
    let identity = kind.identify(&facts, at.account, &partition, at.region);
    let given = facts.clone();
    let id = identity.as_ref().map_or(id, |identity| &identity.id);
    let arn = arn.unwrap_or_else(|| identity.as_ref().and_then(|identity| identity.arn.clone()));
    let resource = |facts: Map<String, Value>| Resource {
        kind: kind.name.to_owned(),
        id: id.to_owned(),
        region: at.region.clone(),
        arn: arn.clone(),
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
