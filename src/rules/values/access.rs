//! What an outcome depends on: the fields that the rule read, of the resource and of related ones,
//! and the context, such as the time. A test case needs exactly that to reproduce the outcome.
//! [`super::recorder`] fills the log.
//!
//! A field counts as a whole if a native function used it, or if nothing within it was read: then
//! its value itself mattered. Otherwise it is reduced to the fields within it that were read, the
//! same for every item of a list.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use rhai::Dynamic;
use serde_json::{Map, Value};

use super::account::{AccountFacts, reach};
use super::object::{Dictionary, Object};
use super::tracking;
use super::view::AccountView;
use crate::facts::{self, Kind, Scope};
use crate::model::{AccountId, Cause, Region, Resource, TagRequirement, Trust};
use crate::rules::language::needs::Needs;
use crate::rules::values::resources::Resources;

/// Runs an evaluation, and adds to the log which objects it used as a whole.
pub(crate) fn complete<T>(evaluate: impl FnOnce() -> (T, AccessLog)) -> (T, AccessLog) {
    let ((done, mut log), used) = tracking::while_tracking(evaluate);
    for object in used {
        if let Some(FieldPath { resource, path }) = log.paths.get(&object).cloned() {
            log.part(resource, &path).whole = true;
        }
    }
    (done, log)
}

/// What was read within a value.
#[derive(Debug, Clone, Default)]
struct AccessTree {
    /// The whole value counts.
    whole: bool,
    fields: BTreeMap<String, AccessTree>,
}

/// The path of an object; all items of a list have the path of the list.
#[derive(Debug, Clone)]
struct FieldPath {
    resource: usize,
    path: Vec<String>,
}

/// What was accessed during one evaluation.
#[derive(Debug, Default)]
pub(crate) struct AccessLog {
    resources: BTreeMap<usize, AccessTree>,
    paths: HashMap<*const (), FieldPath>,
    /// The kinds that were looked up, with the positions of the results.
    related: BTreeMap<&'static str, BTreeSet<usize>>,
    /// The lists that were looked up in a region; [`Region::global`]: in all regions.
    lists: BTreeSet<(&'static str, Region)>,
    pub(crate) account: bool,
    pub(crate) account_name: bool,
    pub(crate) account_labels: BTreeSet<String>,
    pub(crate) region: bool,
    pub(crate) now: bool,
    pub(crate) trust: bool,
    pub(crate) required_tags: bool,
}

impl AccessLog {
    /// Registers the evaluated resource.
    pub(crate) fn subject(&mut self, position: usize, object: &Dynamic) {
        self.learn(&FieldPath { resource: position, path: Vec::new() }, object);
    }

    /// Records a look-up in a region.
    pub(crate) fn asked(&mut self, kind: &'static Kind, region: &Region) {
        self.lists.insert((kind.name, region.clone()));
    }

    /// Records a look-up of resources, by one of their fields or all of the kind.
    pub(crate) fn found<'a>(
        &mut self,
        kind: &'static Kind,
        by: Option<&str>,
        found: impl Iterator<Item = (usize, &'a Dynamic)>,
    ) {
        let mut positions = BTreeSet::new();
        for (position, object) in found {
            self.subject(position, object);
            let path: Vec<String> =
                by.into_iter().flat_map(|field| field.split('.')).map(str::to_owned).collect();
            self.part(position, &path);
            positions.insert(position);
        }
        self.related.entry(kind.name).or_default().extend(positions);
    }

    /// Records that a field of an object was read.
    pub(crate) fn read(&mut self, object: *const (), name: &str, value: &Dynamic) {
        let Some(mut at) = self.paths.get(&object).cloned() else { return };
        at.path.push(name.to_owned());
        self.part(at.resource, &at.path);
        self.learn(&at, value);
    }

    fn part(&mut self, resource: usize, path: &[String]) -> &mut AccessTree {
        let root = self.resources.entry(resource).or_default();
        path.iter().fold(root, |part, name| part.fields.entry(name.clone()).or_default())
    }

    fn learn(&mut self, at: &FieldPath, value: &Dynamic) {
        if let Some(object) = value.read_lock::<Object>() {
            self.paths.insert(object.address(), at.clone());
        } else if let Some(dictionary) = value.read_lock::<Dictionary>() {
            self.paths.insert(dictionary.address(), at.clone());
        } else if let Ok(items) = value.as_array_ref() {
            items.iter().for_each(|item| self.learn(at, item));
        }
    }
}

/// What a test case needs for the rule to reproduce the outcome.
#[derive(Debug, Clone)]
pub struct Observed {
    /// Fields of the resource; `null` for a fact that is not configured.
    pub facts: Map<String, Value>,
    /// Resources that were looked up, by kind.
    pub related: BTreeMap<&'static str, Vec<Map<String, Value>>>,
    /// What could not be read, as a case lists it.
    pub unreadable: BTreeSet<String>,
    /// The account, if the rule used it.
    pub account: Option<AccountId>,
    /// The name of the account, if the rule used it.
    pub account_name: Option<String>,
    /// The labels of the account that the rule used.
    pub account_labels: BTreeMap<String, String>,
    /// The region of the resource, if the rule used it or the partition.
    pub region: Option<Region>,
    /// The other regions in which the rule looked up resources and found none.
    pub regions: BTreeSet<Region>,
    /// The time of collection, if the rule used it.
    pub now: Option<String>,
    /// The `[trust]` settings, if the rule used them.
    pub trust: Option<Arc<Trust>>,
    /// The required tags of the kind, if the rule used them.
    pub required_tags: Vec<TagRequirement>,
}

impl AccessLog {
    /// What was accessed, with its values. `whole`: fields are not reduced to what was read within
    /// them.
    pub(crate) fn gather(
        &self,
        view: &AccountView,
        kind: &'static Kind,
        needs: &Needs,
        subject: usize,
        whole: bool,
    ) -> Option<Observed> {
        let facts = &view.facts;
        let resource = facts.resources.json().get(subject)?;
        let none = BTreeSet::new();
        let uses_region = self.uses_region(facts, resource);
        let of = |kind: &'static Kind,
                  needed: &BTreeSet<&'static str>,
                  positions: &mut dyn Iterator<Item = usize>| {
            let part = self.of_kind(kind, &facts.resources);
            let resources = positions
                .filter_map(|position| Some((position, facts.resources.json().get(position)?)));
            resources
                .map(|(position, one)| {
                    let mut fields = fields(kind, needed, one, &part, whole);
                    let is_other = position != subject && one.region != resource.region;
                    let in_region = match kind.scope {
                        Scope::Regional => uses_region && is_other,
                        Scope::Global | Scope::Account => {
                            part.fields.contains_key("region") && is_other
                        }
                    };
                    if in_region && kind.attribute("region").is_some() {
                        fields.insert("region".to_owned(), one.region.as_str().into());
                    }
                    fields
                })
                .collect::<Vec<_>>()
        };
        let mut unreadable = BTreeSet::new();
        let own = needs.own.iter().filter(|fact| view.unreadable(subject, kind, fact).is_some());
        unreadable.extend(own.map(|fact| (*fact).to_owned()));
        unreadable
            .extend(self.unreadable_fields(kind, needs, subject, resource).map(str::to_owned));
        let mut related = BTreeMap::new();
        for (name, needed) in &needs.related {
            let Some(other) = facts::kind(name) else { continue };
            if (facts.list_gap)(other.name, &reach(other, &resource.region)).is_some() {
                unreadable.insert(other.name.to_owned());
            }
            let Some(found) = self.related.get(other.name) else { continue };
            for fact in needed {
                if found.iter().any(|&position| view.unreadable(position, other, fact).is_some()) {
                    unreadable.insert(format!("{name}/{fact}"));
                }
            }
            for (position, one) in
                found.iter().filter_map(|at| Some((*at, facts.resources.json().get(*at)?)))
            {
                let fields = self.unreadable_fields(kind, needs, position, one);
                unreadable.extend(fields.map(|field| format!("{name}/{field}")));
            }
            // The evaluated resource is always included.
            let mut others = found.iter().copied().filter(|position| *position != subject);
            related.insert(other.name, of(other, needed, &mut others));
        }
        let mut regions = BTreeSet::new();
        for (kind, region) in &self.lists {
            match (facts.list_gap)(kind, region) {
                Some(_) if region.is_global() => drop(unreadable.insert((*kind).to_owned())),
                // A case does not have the region, so it is the same there.
                Some(cause) if cause.code == Cause::NOT_COLLECTED && region.doubt().is_some() => {}
                Some(_) => drop(unreadable.insert(format!("{kind}@{region}"))),
                None if region.is_global() || *region == resource.region => {}
                None => drop(regions.insert(region.clone())),
            }
        }
        let found = self.related.values().flatten();
        for one in found.filter_map(|position| facts.resources.json().get(*position)) {
            regions.remove(&one.region);
        }
        let also = needs.related.get(kind.name).unwrap_or(&none);
        let needed = needs.own.union(also).copied().collect();
        let labels = facts.labels.iter().filter(|(key, _)| self.account_labels.contains(*key));
        Some(Observed {
            facts: of(kind, &needed, &mut std::iter::once(subject)).pop()?,
            related,
            unreadable,
            account: self.account.then(|| facts.account.clone()),
            account_name: facts.name.clone().filter(|_| self.account_name),
            account_labels: labels.map(|(key, value)| (key.clone(), value.clone())).collect(),
            region: uses_region.then(|| resource.region.clone()),
            regions,
            now: self.now.then(|| facts.now.clone()),
            trust: self.trust.then(|| facts.trust.clone()),
            required_tags: match self.required_tags {
                true => facts.required_tags.of(&resource.kind).cloned().collect(),
                false => Vec::new(),
            },
        })
    }

    /// The fields of the list that the rule tried to read of a resource, and that were unreadable.
    fn unreadable_fields<'r>(
        &self,
        of: &'static Kind,
        needs: &Needs,
        position: usize,
        resource: &'r Resource,
    ) -> impl Iterator<Item = &'r str> {
        let kind = facts::kind(&resource.kind);
        let read = self.resources.get(&position).map(|part| &part.fields);
        let is_read = move |name: &str| read.is_some_and(|read| read.contains_key(name));
        // What is near a resource without a known region is unknown.
        let near = needs.related.keys().filter_map(|name| facts::kind(name));
        let uses_region = is_read("region")
            || (of.name == resource.kind
                && near.into_iter().any(|kind| kind.scope == Scope::Regional));
        let counts = move |kind: &Kind, name: &str| {
            kind.fact(name).is_none()
                && (is_read(name)
                    || (uses_region && kind.field_of_second_call() == Some(name))
                    || (is_read("arn") && kind.arn_fields().any(|field| field == name)))
        };
        let names = resource.unreadable.keys().map(String::as_str);
        names.filter(move |name| kind.is_some_and(|kind| counts(kind, name)))
    }

    /// Whether the outcome depends on regions.
    fn uses_region(&self, facts: &AccountFacts, subject: &Resource) -> bool {
        let read = |(position, part): (&usize, &AccessTree)| {
            let kind = facts.resources.json().get(*position).and_then(|one| facts::kind(&one.kind));
            kind.is_some_and(|kind| {
                kind.attribute("region").is_some() && part.fields.contains_key("region")
            })
        };
        self.region
            || !self.lists.is_empty()
            || subject.region.is_global()
            || self.resources.iter().any(read)
    }

    /// What was read of any resource of a kind; reading a field that one resource lacks also counts
    /// for the others.
    fn of_kind(&self, kind: &Kind, resources: &Resources) -> AccessTree {
        let mut all = AccessTree::default();
        for (position, part) in &self.resources {
            if resources.json().get(*position).is_some_and(|resource| resource.kind == kind.name) {
                all.merge(part);
            }
        }
        all
    }
}

impl AccessTree {
    fn merge(&mut self, other: &Self) {
        self.whole |= other.whole;
        for (name, part) in &other.fields {
            self.fields.entry(name.clone()).or_default().merge(part);
        }
    }

    /// A value reduced to what was read of it.
    fn cut(&self, value: &Value) -> Value {
        match value {
            _ if self.whole || self.fields.is_empty() => full(value),
            Value::Object(map) => {
                let read = map
                    .iter()
                    .filter_map(|(name, value)| Some((name, value, self.fields.get(name)?)));
                let there = read.filter(|(_, value, _)| !value.is_null());
                Value::Object(
                    there.map(|(name, value, part)| (name.clone(), part.cut(value))).collect(),
                )
            }
            Value::Array(items) => Value::Array(items.iter().map(|item| self.cut(item)).collect()),
            other => other.clone(),
        }
    }
}

/// A value without the nulls of the normal form, which carry no information.
fn full(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let there = map.iter().filter(|(_, value)| !value.is_null());
            Value::Object(there.map(|(name, value)| (name.clone(), full(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(full).collect()),
        other => other.clone(),
    }
}

/// The fields of a resource that count: those that were read, the facts that the rule needs to be
/// evaluated, and the required fields of the kind. Required strings are left out, because they are
/// filled in when cases run.
fn fields(
    kind: &'static Kind,
    needed: &BTreeSet<&'static str>,
    resource: &Resource,
    part: &AccessTree,
    whole: bool,
) -> Map<String, Value> {
    let schema = (kind.shape.schema)();
    let required = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let required: Vec<&str> = required.collect();
    let mut fields = Map::new();
    for (name, value) in &resource.facts {
        let is_fact = kind.fact(name).is_some();
        let counts = part.fields.contains_key(name)
            || (name == kind.id && part.fields.contains_key("id"))
            || (part.whole && !is_fact)
            || needed.contains(name.as_str())
            || (required.contains(&name.as_str()) && !value.is_string());
        if !counts || (!is_fact && resource.unreadable.contains_key(name)) {
            continue;
        }
        let cut = part.fields.get(name).filter(|_| !whole).map(|part| part.cut(value));
        // Some nested objects have required fields.
        let cut = cut.filter(|cut| is_valid(resource, name, cut));
        fields.insert(name.clone(), cut.unwrap_or_else(|| full(value)));
    }
    if kind.attribute("arn").is_some() && part.fields.contains_key("arn") {
        fields.insert("arn".to_owned(), resource.arn.as_deref().into());
    }
    fields
}

/// Whether the value is valid for that field of the resource.
fn is_valid(resource: &Resource, name: &str, value: &Value) -> bool {
    let mut other = resource.clone();
    other.facts.insert(name.to_owned(), value.clone());
    facts::normalize(other).is_ok()
}
