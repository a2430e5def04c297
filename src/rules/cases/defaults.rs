//! The defaults of a case file: what its cases have in common. Each case starts from them and
//! overrides what differs.
//!
//! Maps are merged key by key; any other value in a case, including a list, replaces the default.
//! In `related`, the default for a kind is either a list, which the list of a case replaces, or a
//! map that each resource of that kind in a case starts from.
//!
//! Within resources and `params`, a `null` below the first level removes the key, as in a JSON
//! merge patch (RFC 7396). At the first level it is a value: a fact that is not configured.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, json};

use super::place::Step;
use crate::model::{AccountId, Region, TagRequirement, Trust};
use crate::rules::values::access::Observed;

/// The defaults of a case file.
#[derive(Debug, Clone)]
pub struct Defaults {
    pub(super) values: Map<String, Value>,
    /// Their byte range in the file.
    pub(super) span: Range<usize>,
}

/// The schema of defaults: the keys of a case, without those that are specific to each case.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    #[serde(default, rename = "facts")]
    _facts: Map<String, Value>,
    #[serde(default, rename = "related")]
    _related: BTreeMap<String, Related>,
    #[serde(default, rename = "params")]
    _params: Map<String, Value>,
    #[serde(default, rename = "now")]
    _now: Option<String>,
    #[serde(default, rename = "trust")]
    _trust: Trust,
    #[serde(default, rename = "required_tags")]
    _required_tags: Vec<TagRequirement>,
    #[serde(default, rename = "account")]
    _account: Option<AccountId>,
    #[serde(default, rename = "account_name")]
    _account_name: Option<String>,
    #[serde(default, rename = "account_labels")]
    _account_labels: BTreeMap<String, String>,
    #[serde(default, rename = "region")]
    _region: Option<Region>,
    #[serde(default, rename = "regions")]
    _regions: Vec<Region>,
    #[serde(default, rename = "unreadable")]
    _unreadable: Vec<String>,
}

/// The default for a kind in `related`.
struct Related;

impl<'de> Deserialize<'de> for Related {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Related {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a list of resources, or an object with the fields that each resource starts from",
        )
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<Map<String, Value>>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self, A::Error> {
        while fields.next_entry::<String, Value>()?.is_some() {}
        Ok(self)
    }
}

impl Defaults {
    /// Applies the defaults to a case.
    pub fn apply(&self, case: &mut Map<String, Value>) {
        for (key, default) in &self.values {
            match (default, case.get_mut(key)) {
                (Value::Object(default), Some(Value::Object(given))) if key == "related" => {
                    merge_related(default, given);
                }
                (Value::Object(default), None) if key == "related" => {
                    let mut given = Map::new();
                    merge_related(default, &mut given);
                    case.insert(key.clone(), Value::Object(given));
                }
                (_, None) => drop(case.insert(key.clone(), default.clone())),
                (Value::Object(default), Some(Value::Object(given))) => {
                    merge(default, given, true);
                }
                _ => {}
            }
        }
    }

    /// The case that with these defaults is equal to `whole`: the inverse of [`Self::apply`].
    /// Fields of the resource that `whole` does not have are an exception: they keep their
    /// defaults, because no rule reads them.
    pub fn subtract(
        &self,
        whole: &Map<String, Value>,
        params: &Map<String, Value>,
    ) -> Map<String, Value> {
        let mut case = whole.clone();
        let none = Map::new();
        for (key, default) in &self.values {
            let wanted = whole.get(key);
            let Value::Object(default) = default else {
                match wanted {
                    Some(wanted) if wanted == default => drop(case.shift_remove(key)),
                    Some(_) => {}
                    // The case has no value, so it must override the default.
                    None if matches!(key.as_str(), "regions" | "required_tags" | "unreadable") => {
                        drop(case.insert(key.clone(), json!([])))
                    }
                    None => drop(case.insert(key.clone(), Value::Null)),
                }
                continue;
            };
            let wanted = wanted.and_then(Value::as_object).unwrap_or(&none);
            let mut left = if key == "related" {
                related_difference(default, wanted)
            } else {
                difference(default, wanted)
            };
            match key.as_str() {
                "params" => missing(&mut left, default, wanted, |name| params.get(name).cloned()),
                "trust" => missing(&mut left, default, wanted, empty_trust),
                _ => {}
            }
            if left.is_empty() {
                case.shift_remove(key);
            } else {
                case.insert(key.clone(), Value::Object(left));
            }
        }
        case
    }

    /// The defaults that every case overrides.
    pub(in crate::rules) fn replaced(&self, cases: &[&Map<String, Value>]) -> Vec<Vec<Step>> {
        let mut found = Vec::new();
        for (key, default) in &self.values {
            let given: Vec<_> = cases.iter().map(|case| case.get(key)).collect();
            let mut path = vec![Step::Key(key.clone())];
            let (true, Value::Object(kinds)) = (key == "related", default) else {
                replaced(default, &given, &mut path, &mut found);
                continue;
            };
            for (kind, default) in kinds {
                let lists = given.iter().map(|given| given.and_then(|given| given.get(kind)));
                path.push(Step::Key(kind.clone()));
                if default.is_object() {
                    let lists = lists.filter_map(|list| list.and_then(Value::as_array));
                    let items: Vec<_> = lists.flatten().map(Some).collect();
                    replaced(default, &items, &mut path, &mut found);
                } else {
                    replaced(default, &lists.collect::<Vec<_>>(), &mut path, &mut found);
                }
                path.pop();
            }
        }
        found
    }

    /// The defaults that no case reads, given what all cases read.
    pub(super) fn unread(&self, observed: &[Observed]) -> Vec<Vec<Step>> {
        let mut found = Vec::new();
        for (key, default) in &self.values {
            let path = vec![Step::Key(key.clone())];
            let is_read = |test: fn(&Observed) -> bool| observed.iter().any(test);
            let read = match key.as_str() {
                "facts" => {
                    let read: Vec<_> = observed.iter().map(|one| &one.facts).collect();
                    unread(&[(None, default)], &read, &path, &mut found);
                    true
                }
                "related" => {
                    for (kind, default) in default.as_object().into_iter().flatten() {
                        let path = [&path[..], &[Step::Key(kind.clone())]].concat();
                        let read = observed.iter().filter_map(|one| one.related.get(&**kind));
                        let read: Vec<_> = read.flatten().collect();
                        match default.as_array() {
                            _ if read.is_empty() => found.push(path),
                            None => unread(&[(None, default)], &read, &path, &mut found),
                            Some(list) => {
                                let items = list.iter().enumerate();
                                let items: Vec<_> =
                                    items.map(|(index, one)| (Some(index), one)).collect();
                                unread(&items, &read, &path, &mut found);
                            }
                        }
                    }
                    true
                }
                "now" => is_read(|one| one.now.is_some()),
                "trust" => is_read(|one| one.trust.is_some()),
                "required_tags" => is_read(|one| !one.required_tags.is_empty()),
                "account" => is_read(|one| one.account.is_some()),
                "account_name" => is_read(|one| one.account_name.is_some()),
                "account_labels" => is_read(|one| !one.account_labels.is_empty()),
                "region" => is_read(|one| one.region.is_some()),
                _ => true,
            };
            if !read {
                found.push(path);
            }
        }
        found
    }
}

fn merge_related(defaults: &Map<String, Value>, given: &mut Map<String, Value>) {
    for (kind, default) in defaults {
        match (default, given.get_mut(kind)) {
            (Value::Object(default), Some(Value::Array(items))) => {
                let resources = items.iter_mut().filter_map(Value::as_object_mut);
                resources.for_each(|resource| merge(default, resource, true));
            }
            (Value::Object(_), _) | (_, Some(_)) => {}
            (list, None) => drop(given.insert(kind.clone(), list.clone())),
        }
    }
}

fn merge(defaults: &Map<String, Value>, given: &mut Map<String, Value>, outermost: bool) {
    for (key, default) in defaults {
        match (default, given.get_mut(key)) {
            (_, None) => drop(given.insert(key.clone(), default.clone())),
            (Value::Object(default), Some(Value::Object(given))) => merge(default, given, false),
            (_, Some(Value::Null)) if !outermost => drop(given.shift_remove(key)),
            (_, Some(_)) => {}
        }
    }
}

/// What [`merge`] turns into `wanted`, except for keys missing at the first level.
fn difference(defaults: &Map<String, Value>, wanted: &Map<String, Value>) -> Map<String, Value> {
    let differs = |(key, wanted): (&String, &Value)| {
        let value = match (defaults.get(key), wanted) {
            (Some(default), wanted) if default == wanted => return None,
            (Some(Value::Object(default)), Value::Object(wanted)) => {
                let mut left = difference(default, wanted);
                missing(&mut left, default, wanted, |_| Some(Value::Null));
                Value::Object(left)
            }
            _ => wanted.clone(),
        };
        Some((key.clone(), value))
    };
    wanted.iter().filter_map(differs).collect()
}

/// What [`merge_related`] turns into `wanted`.
fn related_difference(
    defaults: &Map<String, Value>,
    wanted: &Map<String, Value>,
) -> Map<String, Value> {
    let mut left = wanted.clone();
    for (kind, default) in defaults {
        match (default, left.get_mut(kind)) {
            (Value::Object(default), Some(Value::Array(items))) => {
                for resource in items.iter_mut().filter_map(Value::as_object_mut) {
                    *resource = difference(default, resource);
                }
            }
            (Value::Object(_), _) => {}
            (list, Some(wanted)) if list == wanted => drop(left.shift_remove(kind)),
            (_, Some(_)) => {}
            (_, None) => drop(left.insert(kind.clone(), json!([]))),
        }
    }
    left
}

/// Adds values for the keys that only the defaults have.
fn missing(
    case: &mut Map<String, Value>,
    defaults: &Map<String, Value>,
    wanted: &Map<String, Value>,
    value: impl Fn(&str) -> Option<Value>,
) {
    for key in defaults.keys().filter(|key| !wanted.contains_key(*key)) {
        if let Some(value) = value(key) {
            case.insert(key.clone(), value);
        }
    }
}

fn empty_trust(key: &str) -> Option<Value> {
    json!(Trust::default()).get(key).cloned()
}

fn replaced(
    default: &Value,
    given: &[Option<&Value>],
    path: &mut Vec<Step>,
    found: &mut Vec<Vec<Step>>,
) {
    let Value::Object(defaults) = default else {
        if given.iter().all(Option::is_some) {
            found.push(path.clone());
        }
        return;
    };
    let merged: Vec<Option<&Value>> =
        given.iter().copied().filter(|one| one.is_none_or(Value::is_object)).collect();
    if merged.is_empty() {
        found.push(path.clone());
        return;
    }
    for (key, default) in defaults {
        let given: Vec<_> = merged.iter().map(|one| one.and_then(|one| one.get(key))).collect();
        path.push(Step::Key(key.clone()));
        replaced(default, &given, path, found);
        path.pop();
    }
}

/// The fields of resources that no case reads. Fields nested within them are not listed separately.
fn unread(
    resources: &[(Option<usize>, &Value)],
    read: &[&Map<String, Value>],
    path: &[Step],
    found: &mut Vec<Vec<Step>>,
) {
    let mut reported = BTreeSet::new();
    for (item, resource) in resources {
        for name in resource.as_object().into_iter().flat_map(Map::keys) {
            let is_read = read.iter().any(|fields| fields.contains_key(name));
            if !is_read && reported.insert(name) {
                let steps = item.map(Step::Item).into_iter().chain([Step::Key(name.clone())]);
                found.push(path.iter().cloned().chain(steps).collect());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn defaults(value: Value) -> Defaults {
        Defaults { values: map(value), span: 0..0 }
    }

    fn paths(found: Vec<Vec<Step>>) -> Vec<String> {
        let text = |step: &Step| match step {
            Step::Key(key) => key.clone(),
            Step::Item(index) => index.to_string(),
        };
        found.iter().map(|path| path.iter().map(text).collect::<Vec<_>>().join("/")).collect()
    }

    #[test]
    fn maps_are_merged_and_other_values_replaced() {
        let defaults = defaults(json!({
            "facts": { "state": "on", "tags": { "Owner": "web", "Name": "a" }, "list": [1, 2], "policy": { "x": { "y": 1, "z": 2 } } },
            "related": { "ec2.vpc": [{ "vpc_id": "a" }, { "vpc_id": "b" }], "ec2.subnet": [{}], "ec2.volume": { "size": 8, "tags": { "a": "b" } } },
            "trust": { "accounts": ["1"], "vpcs": ["v"] },
            "now": "2026-01-01T00:00:00Z",
            "unreadable": ["policy"],
        }));
        let whole = |case: Value| {
            let mut case = map(case);
            defaults.apply(&mut case);
            Value::Object(case)
        };
        let mut plain = defaults.values.clone();
        plain["related"].as_object_mut().unwrap().shift_remove("ec2.volume");
        assert_eq!(whole(json!({})), Value::Object(plain));
        for (case, pointer, expected) in [
            (json!({ "facts": { "state": "off" } }), "/facts/state", json!("off")),
            (json!({ "facts": { "list": [3] } }), "/facts/list", json!([3])),
            (json!({ "facts": { "list": [] } }), "/facts/list", json!([])),
            (
                json!({ "facts": { "more": { "null": null } } }),
                "/facts/more",
                json!({ "null": null }),
            ),
            // At the first level, `null` is a fact that is not configured.
            (json!({ "facts": { "policy": null } }), "/facts/policy", json!(null)),
            // Below it, `null` removes the key.
            (
                json!({ "facts": { "tags": { "Owner": null } } }),
                "/facts/tags",
                json!({ "Name": "a" }),
            ),
            (json!({ "facts": { "policy": { "x": null } } }), "/facts/policy", json!({})),
            (
                json!({ "facts": { "policy": { "x": { "y": 3 } } } }),
                "/facts/policy/x",
                json!({ "y": 3, "z": 2 }),
            ),
            (json!({ "facts": { "policy": { "x": 3 } } }), "/facts/policy/x", json!(3)),
            // Lists are not merged.
            (
                json!({ "facts": { "list": [{ "a": null }] } }),
                "/facts/list",
                json!([{ "a": null }]),
            ),
            (
                json!({ "related": { "ec2.vpc": [] } }),
                "/related",
                json!({ "ec2.vpc": [], "ec2.subnet": [{}] }),
            ),
            (
                json!({ "trust": { "vpcs": [] } }),
                "/trust",
                json!({ "accounts": ["1"], "vpcs": [] }),
            ),
            (json!({ "now": null }), "/now", json!(null)),
            (json!({ "unreadable": [] }), "/unreadable", json!([])),
        ] {
            let got = whole(case.clone());
            assert_eq!(got.pointer(pointer), Some(&expected), "{case}");
        }
    }

    #[test]
    fn defaults_are_subtracted_from_a_case() {
        let defaults = defaults(json!({
            "facts": { "state": "on", "unread": 1, "tags": { "Owner": "web" }, "options": { "a": 1, "b": { "c": 1 } } },
            "related": { "ec2.vpc": [{ "vpc_id": "a" }], "ec2.subnet": [{}], "ec2.volume": { "size": 8, "tags": { "a": "b" } } },
            "params": { "days": 3 },
            "trust": { "accounts": ["111122223333"], "organization_id": "o-a1b2c3d4e5" },
            "now": "2026-01-01T00:00:00Z",
            "region": "us-east-1",
            "unreadable": ["policy"],
        }));
        let params = map(json!({ "days": 90, "more": 1 }));
        let none = json!({
            "related": { "ec2.vpc": [], "ec2.subnet": [] }, "params": { "days": 90 },
            "trust": { "accounts": [], "organization_id": null }, "now": null, "region": null, "unreadable": [],
        });
        let with = |case: Value| {
            let mut all = map(none.clone());
            all.extend(map(case));
            all
        };
        for (whole, expected) in [
            (json!({ "name": "a", "facts": {} }), with(json!({ "name": "a" }))),
            (
                json!({ "facts": { "state": "on", "policy": null } }),
                with(json!({ "facts": { "policy": null } })),
            ),
            (
                json!({ "facts": { "tags": {}, "options": { "b": { "c": 1, "d": 2 } } } }),
                with(
                    json!({ "facts": { "tags": { "Owner": null }, "options": { "b": { "d": 2 }, "a": null } } }),
                ),
            ),
            (
                json!({ "facts": {}, "related": { "ec2.volume": [{ "size": 8, "tags": {} }], "ec2.subnet": [{}] } }),
                with(
                    json!({ "related": { "ec2.volume": [{ "tags": { "a": null } }], "ec2.vpc": [] } }),
                ),
            ),
            (
                json!({ "facts": {}, "related": { "ec2.vpc": [{ "vpc_id": "b" }] } }),
                with(json!({ "related": { "ec2.vpc": [{ "vpc_id": "b" }], "ec2.subnet": [] } })),
            ),
        ] {
            let case = defaults.subtract(&map(whole.clone()), &params);
            assert_eq!(case, expected, "{whole}");
            let mut again = case;
            defaults.apply(&mut again);
            let kept = again.get("facts").unwrap();
            for (kind, value) in
                whole.get("related").and_then(Value::as_object).into_iter().flatten()
            {
                assert_eq!(again["related"].get(kind), Some(value), "{whole}");
            }
            for (field, value) in whole["facts"].as_object().unwrap() {
                assert_eq!(kept.get(field), Some(value), "{whole}");
            }
        }
        // A case that is equal to the defaults becomes empty.
        let mut plain = Map::new();
        defaults.apply(&mut plain);
        assert_eq!(defaults.subtract(&plain, &params), Map::new());
    }

    #[test]
    fn defaults_overridden_by_every_case_are_found() {
        let defaults = defaults(json!({
            "facts": { "a": 1, "b": { "c": 1, "d": 1 }, "e": { "f": 1 } },
            "related": { "ec2.vpc": [{}], "ec2.volume": { "size": 8, "state": "on" }, "ec2.subnet": { "state": "on" } },
            "now": "x",
        }));
        let found = |cases: &[Value]| {
            let cases: Vec<_> = cases.iter().map(|case| map(case.clone())).collect();
            paths(defaults.replaced(&cases.iter().collect::<Vec<_>>()))
        };
        assert_eq!(found(&[json!({})]), ["related/ec2.volume", "related/ec2.subnet"]);
        let one = json!({ "facts": { "a": 2, "b": { "c": null }, "e": 3 }, "related": { "ec2.vpc": [], "ec2.volume": [{ "size": 1 }, { "size": 8, "state": "off" }], "ec2.subnet": [{}] }, "now": null });
        assert_eq!(
            found(std::slice::from_ref(&one)),
            [
                "facts/a",
                "facts/b/c",
                "facts/e",
                "related/ec2.vpc",
                "related/ec2.volume/size",
                "now"
            ]
        );
        assert_eq!(
            found(&[one.clone(), json!({ "facts": { "a": 1, "e": { "f": 2 } } })]),
            ["facts/a", "facts/e/f", "related/ec2.volume/size"]
        );
        assert_eq!(found(&[one, json!({})]), ["related/ec2.volume/size"]);
    }

    #[test]
    fn fields_that_no_case_reads_are_found() {
        let facts = json!({ "a": 1, "b": { "c": 1 }, "gone": 1 });
        let items = json!([{ "x": 1, "y": 1 }, { "y": 1, "z": 1 }]);
        let read = [map(json!({ "a": 2, "b": {} })), map(json!({ "x": null }))];
        let read: Vec<_> = read.iter().collect();
        let mut found = Vec::new();
        unread(&[(None, &facts)], &read, &["facts".into()], &mut found);
        let items = [(Some(0), &items[0]), (Some(1), &items[1])];
        unread(&items, &read, &["related".into(), "ec2.vpc".into()], &mut found);
        assert_eq!(paths(found), ["facts/gone", "related/ec2.vpc/0/y", "related/ec2.vpc/1/z"]);
    }
}
