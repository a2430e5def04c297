//! A rule's cases: what it must say of which facts. They stand beside the rule in `<id>.cases.json`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{AccountFacts, Judgement, Rule, Sandbox, SelectedRule};
use crate::facts::{self, Kind, Scope};
use crate::model::{AccountId, Cause, Partition, Region, Resource, Trust, Verdict};

/// One case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows, unique within the file.
    pub name: String,
    /// The verdict that must come.
    pub expect: Verdict,
    /// The resource: the fields that the rule reads, and `null` for a fact that AWS says is not configured.
    pub facts: Map<String, Value>,
    /// Resources of other kinds, by kind.
    #[serde(default)]
    pub related: BTreeMap<String, Vec<Map<String, Value>>>,
    /// Parameters in place of the rule's defaults.
    #[serde(default)]
    pub params: Map<String, Value>,
    /// Time of collection.
    #[serde(default)]
    pub now: Option<String>,
    /// Whom the site trusts.
    #[serde(default)]
    pub trust: Trust,
    /// The account.
    #[serde(default)]
    pub account: Option<AccountId>,
    /// The region; the partition follows from it.
    #[serde(default)]
    pub region: Option<Region>,
    /// What could not be read: `"policy"`, `"ec2.vpc"`, `"ec2.vpc/attributes"`.
    #[serde(default)]
    pub unreadable: Vec<String>,
    /// The exact message, where it matters.
    #[serde(default)]
    pub message: Option<String>,
}

/// Runs the cases of a rule. One text per difference: nothing means that the rule keeps its word.
pub fn run(rule: &std::sync::Arc<Rule>, cases: &str) -> Vec<String> {
    let cases: Vec<Case> = match serde_json::from_str(cases) {
        Ok(cases) => cases,
        Err(error) => return vec![format!("{}: the cases cannot be read: {error}", rule.id)],
    };
    let mut differences = Vec::new();
    for verdict in [Verdict::Pass, Verdict::Fail] {
        if !cases.iter().any(|case| case.expect == verdict) {
            differences.push(format!("{}: no case expects `{verdict}`", rule.id));
        }
    }
    let mut names = std::collections::BTreeSet::new();
    for case in &cases {
        if !names.insert(&case.name) {
            differences.push(format!("{}: two cases are named `{}`", rule.id, case.name));
        }
        let difference = match judge(rule, case) {
            Err(reason) => Some(reason),
            Ok(got) if got.verdict != case.expect => {
                Some(format!("expected {}, got {}: {}", case.expect, got.verdict, got.message))
            }
            Ok(got) => case
                .message
                .as_ref()
                .filter(|message| **message != got.message)
                .map(|message| format!("expected the message\n      {message}\n    got\n      {}", got.message)),
        };
        differences.extend(difference.map(|difference| format!("{}: {}: {difference}", rule.id, case.name)));
    }
    differences
}

/// What the rule says of a case.
pub fn judge(rule: &std::sync::Arc<Rule>, case: &Case) -> Result<Judgement, String> {
    let kind = rule.meta.kind;
    let region = case.region.clone().unwrap_or_else(|| default_region(kind));
    let account = match &case.account {
        Some(account) => account.clone(),
        None => "111122223333".parse::<AccountId>().map_err(|error| error.to_string())?,
    };
    let mut resources = vec![resource(kind, "case", region.clone(), case.facts.clone())?];
    for (name, list) in &case.related {
        let related = facts::kind(name).ok_or_else(|| format!("unknown kind `{name}` in `related`"))?;
        for (number, facts) in list.iter().enumerate() {
            let at = if related.scope == Scope::Global { default_region(related) } else { region.clone() };
            resources.push(resource(related, &format!("related-{number}"), at, facts.clone())?);
        }
    }
    let mut closed = Vec::new();
    for what in &case.unreadable {
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
        let of = facts::kind(of).ok_or_else(|| format!("unknown kind in `unreadable`: `{what}`"))?;
        match fact {
            None => closed.push((of.name.to_owned(), cause(of.list_call()))),
            Some(fact) => {
                let spec = of.fact(fact).ok_or_else(|| format!("`{what}` in `unreadable` is no fact of {}", of.name))?;
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
            return Err(format!("the rule has no parameter `{name}`"));
        }
        params.insert(name.clone(), value.clone());
    }
    let selected = SelectedRule { rule: rule.clone(), severity: rule.meta.severity, params };
    let mut sandbox = Sandbox::new(&[std::sync::Arc::new(selected)]).map_err(|fault| fault.to_string())?;
    sandbox.enter(AccountFacts {
        account,
        partition: Partition::of_region(&region),
        now: case.now.clone().unwrap_or_else(|| "2026-01-01T00:00:00Z".to_owned()),
        trust: case.trust.clone().into(),
        resources,
        list_gap: Box::new(move |kind, _| closed.iter().find(|(name, _)| name == kind).map(|(_, cause)| cause.clone())),
    });
    Ok(sandbox.judge(0, 0))
}

fn default_region(kind: &Kind) -> Region {
    match kind.scope {
        Scope::Global if kind.list.is_empty() => Region::global(),
        _ => "eu-west-1".parse().unwrap_or_else(|_| Region::global()),
    }
}

/// A resource from the fields that the case gives. Texts that the list always returns are filled in, since the rule does not read them.
fn resource(kind: &Kind, id: &str, region: Region, mut facts: Map<String, Value>) -> Result<Resource, String> {
    let schema = (kind.shape.schema)();
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    for name in required {
        let is_text = schema.pointer(&format!("/properties/{name}/type")).and_then(Value::as_str) == Some("string");
        if is_text && !facts.contains_key(name) {
            facts.insert(name.to_owned(), Value::String(format!("example-{name}")));
        }
    }
    let given = facts.clone();
    let resource = Resource {
        kind: kind.name.to_owned(),
        id: id.to_owned(),
        region,
        arn: None,
        name: None,
        facts,
        unreadable: BTreeMap::new(),
    };
    let resource = facts::normalise(resource)?.ok_or("unknown kind")?;
    // What the normal form does not have is no field of the kind.
    if let Some(unknown) = unknown_field(&Value::Object(given), &Value::Object(resource.facts.clone())) {
        return Err(format!("{} has no field `{unknown}`", kind.name));
    }
    Ok(resource)
}

/// The path of the first field that is in `given` and not in `normal`.
fn unknown_field(given: &Value, normal: &Value) -> Option<String> {
    match (given, normal) {
        (Value::Object(given), Value::Object(normal)) => given.iter().find_map(|(name, value)| match normal.get(name) {
            None => Some(name.clone()),
            Some(normal) => unknown_field(value, normal).map(|inner| format!("{name}.{inner}")),
        }),
        (Value::Array(given), Value::Array(normal)) => given.iter().zip(normal).find_map(|(a, b)| unknown_field(a, b)),
        _ => None,
    }
}
