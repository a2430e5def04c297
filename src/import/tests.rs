//! Imports every kind and fact from JSON as AWS writes it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::answers::{command, pick, place_of_list, within_item};
use super::want::{ExpectedType, Field, Object, of_fact, of_kind};
use super::*;
use crate::facts::{EmptyResponse, FactSpec, KINDS, Kind};
use crate::model::Partition;

/// A pseudorandom number generator (SplitMix64), so that failures are reproducible.
struct Dice {
    state: u64,
    /// Whether optional fields are always present.
    whole: bool,
}

impl Dice {
    fn new(state: u64) -> Self {
        Self { state, whole: false }
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

/// `ip_permissions` in AWS's spelling.
fn camel(name: &str) -> String {
    let word = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    name.split('_').map(word).collect()
}

/// A value as AWS writes it, and as the facts have it.
fn value(expected: &ExpectedType, dice: &mut Dice) -> (Value, Value) {
    match expected {
        ExpectedType::Object(object) => {
            let (aws, fact) = fields(object, dice, false);
            (Value::Object(aws), Value::Object(fact))
        }
        ExpectedType::List(item) => {
            let (aws, fact): (Vec<_>, Vec<_>) =
                (0..dice.roll(3)).map(|_| value(item, dice)).unzip();
            (aws.into(), fact.into())
        }
        ExpectedType::Tags => {
            let tags: BTreeMap<String, String> = (0..dice.roll(3))
                .map(|key| (format!("k{key}"), dice.roll(9).to_string()))
                .collect();
            let aws: Vec<Value> =
                tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
            (aws.into(), json!(tags))
        }
        ExpectedType::Time => match dice.roll(3) {
            0 => (json!("2026-01-02T03:04:05+00:00"), json!("2026-01-02T03:04:05Z")),
            1 => (json!("2026-01-02T05:04:05.678+02:00"), json!("2026-01-02T03:04:05Z")),
            _ => (json!("2026-01-02T03:04:05"), json!("2026-01-02T03:04:05Z")),
        },
        ExpectedType::String => same(json!(format!("text-{}", dice.roll(1_000)))),
        ExpectedType::Integer => same(json!(dice.roll(1 << 40))),
        ExpectedType::Number => same(json!(0.5 * dice.roll(1_000) as f64)),
        ExpectedType::Bool if dice.roll(2) == 0 => (json!({ "Value": true }), json!(true)),
        ExpectedType::Bool => same(json!(false)),
        ExpectedType::Secret => (json!("hunter2"), json!("present")),
        ExpectedType::UserData => match dice.roll(3) {
            0 => (
                json!({}),
                json!({ "present": false, "looks_like_secret": false, "detector": null }),
            ),
            1 => (
                json!({ "Value": "ZWNobyBoaQ==" }),
                json!({ "present": true, "looks_like_secret": false, "detector": null }),
            ),
            _ => (
                json!("DB_PASSWORD=hunter2"),
                json!({ "present": true, "looks_like_secret": true, "detector": "password" }),
            ),
        },
        ExpectedType::Policy => {
            let document = json!({ "Version": "2012-10-17", "Statement": [{ "Sid": dice.roll(9).to_string() }] });
            (json!(document.to_string()), json!({ "document": document }))
        }
        ExpectedType::Json => {
            let document = json!({ "Statement": [] });
            (json!(document.to_string()), document)
        }
    }
}

fn same(value: Value) -> (Value, Value) {
    (value.clone(), value)
}

fn fields(object: &Object, dice: &mut Dice, all: bool) -> (Map<String, Value>, Map<String, Value>) {
    let (mut aws, mut fact) = (Map::new(), Map::new());
    let is_there =
        |field: &Field, dice: &mut Dice| field.required || all || dice.whole || dice.roll(3) > 0;
    for field in object.fields.values() {
        if is_there(field, dice) {
            let (left, right) = value(&field.expected, dice);
            aws.insert(camel(&field.name), left);
            fact.insert(field.name.clone(), right);
        }
    }
    for (field, place) in &object.elsewhere {
        let there = is_there(field, dice);
        let (left, right) = match place.strip_suffix('?') {
            Some(_) => (json!({}), json!(there)),
            None => value(&field.expected, dice),
        };
        if there {
            nest(&mut aws, place.trim_end_matches('?'), left);
        }
        if there || place.ends_with('?') {
            fact.insert(field.name.clone(), right);
        }
    }
    (aws, fact)
}

/// Inserts a value at `A.B[0]`, `A[].B` or `A`.
fn nest(into: &mut Map<String, Value>, place: &str, value: Value) {
    let (step, rest) =
        place.split_once('.').map_or((place, None), |(step, rest)| (step, Some(rest)));
    let name = step.split('[').next().unwrap().to_owned();
    match rest {
        None if step.ends_with("[0]") => drop(into.insert(name, json!([value]))),
        None => drop(into.insert(name, value)),
        Some(rest) => {
            let mut inner = into.get(&name).and_then(Value::as_object).cloned().unwrap_or_default();
            nest(&mut inner, rest, value);
            into.insert(name, if step.ends_with("[]") { json!([inner]) } else { inner.into() });
        }
    }
}

fn write(dir: &Path, name: &str, answer: &Value) -> String {
    fs::write(dir.join(name), answer.to_string()).unwrap();
    dir.join(name).to_str().unwrap().to_owned()
}

/// Two resources of a kind: the response of its list call, and the fields by id.
fn list(kind: &Kind, dice: &mut Dice) -> (Value, BTreeMap<String, Map<String, Value>>) {
    let ExpectedType::Object(object) = of_kind(kind) else { panic!("{}", kind.name) };
    dice.whole = !kind.list[0].always.is_empty();
    let ending = if kind.name == "s3.directory_bucket" { "--x-s3" } else { "" };
    let (mut items, mut by_id) = (Vec::new(), BTreeMap::new());
    for number in 0..2 {
        let (mut aws, mut fact) = fields(object, dice, true);
        let mut set = |name: &str, value: Value| {
            if fact.contains_key(name) {
                aws.insert(camel(name), value.clone());
                fact.insert(name.to_owned(), value);
            }
        };
        let id = format!("id-{number}{ending}");
        set(kind.id, json!(id));
        if kind.list[0].own_only {
            set("owner_id", json!("111122223333"));
        }
        set("home_region", json!("eu-west-1"));
        set("bucket_region", json!("eu-west-1"));
        items.push(Value::Object(aws));
        by_id.insert(id, fact);
    }
    let mut answer = Map::new();
    nest(&mut answer, place_of_list(&kind.list[0]), items.into());
    (answer.into(), by_id)
}

/// The response that contains a fact of a resource, and the fact.
fn fact(
    kind: &Kind,
    fact: &FactSpec,
    id: &str,
    resource: &Map<String, Value>,
    dice: &mut Dice,
) -> (Value, Value) {
    let expected = of_fact(kind, fact);
    let mut answer = Map::new();
    dice.whole = !fact.call.always.is_empty();
    if fact.call.for_all || fact.call.answer == "LoggingConfigurations" {
        let (mut aws, mut known) = match expected {
            ExpectedType::Object(object) => fields(object, dice, true),
            _ => (Map::new(), Map::new()),
        };
        let (place, pick) = pick(fact.call.answer);
        aws.insert(camel(kind.id), json!(id));
        if known.contains_key(kind.id) {
            known.insert(kind.id.to_owned(), json!(id));
        }
        if let Some((own, theirs)) = pick {
            let number = place::get(resource, theirs).unwrap().1.clone();
            aws.insert(own.to_owned(), number.clone());
            let name = known.keys().find(|name| camel(name) == own).unwrap().clone();
            known.insert(name, number);
        }
        let place = match within_item(place) {
            (list, None) => list,
            (list, Some(within)) => {
                aws.remove(&camel(kind.id));
                let inner = Value::Object(std::mem::take(&mut aws));
                aws = Map::from_iter([(camel(kind.id), json!(id)), (within.to_owned(), inner)]);
                list
            }
        };
        nest(&mut answer, place, json!([aws]));
        return (
            answer.into(),
            if *expected == ExpectedType::Bool { json!(true) } else { known.into() },
        );
    }
    let (aws, known) = match expected {
        ExpectedType::Object(object) => {
            let (aws, known) = fields(object, dice, true);
            (aws.into(), known.into())
        }
        other => value(other, dice),
    };
    if fact.call.answer.is_empty() && matches!(expected, ExpectedType::Object(_)) {
        return (aws, known);
    }
    nest(
        &mut answer,
        if fact.call.answer.is_empty() { camel(fact.name) } else { fact.call.answer.to_owned() }
            .as_str(),
        aws,
    );
    (answer.into(), known)
}

fn round_trip(kind: &'static Kind, seed: u64) {
    let mut dice = Dice::new(seed);
    let dir = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    let mut expected = match kind.list {
        [] => BTreeMap::new(),
        [call, ..] => {
            let (answer, by_id) = list(kind, &mut dice);
            files.push(write(dir.path(), &format!("{}.json", command(call)), &answer));
            by_id
        }
    };
    let singleton = if kind.id == "account_id" { "111122223333" } else { "eu-west-1" };
    let id = expected.keys().next().cloned().unwrap_or_else(|| singleton.to_owned());
    let resource = expected
        .entry(id.clone())
        .or_insert_with(|| Map::from_iter([(kind.id.to_owned(), json!(singleton))]));
    for spec in kind.facts.iter().filter(|fact| fact.is_response()) {
        let (answer, known) = fact(kind, spec, &id, &resource.clone(), &mut dice);
        let file = write(dir.path(), &format!("{}.json", spec.name), &answer);
        files.push(format!("{}/{}@{id}={file}", kind.name, spec.name));
        let normal = (spec.shape.normalize)(known).unwrap();
        let none = normal == json!([])
            || normal == json!({})
            || (spec.shape.normalize)(json!({})).is_ok_and(|none| none == normal);
        let normal =
            if none && spec.call.if_empty == EmptyResponse::Absent { Value::Null } else { normal };
        resource.insert(spec.name.to_owned(), normal);
    }
    let (account, region) = ("111122223333".parse().unwrap(), "eu-west-1".parse().unwrap());
    let request = Request {
        account: &account,
        partition: &Partition::default(),
        region: &region,
        files: &files,
    };
    let imported = read(&request, &mut std::io::empty())
        .unwrap_or_else(|error| panic!("{}: {error}", kind.name));
    let [(listed, resources)] = imported.lists.as_slice() else {
        panic!("{}: {:?}", kind.name, imported.lists)
    };
    assert_eq!((listed.kind.as_str(), resources.len()), (kind.name, expected.len()));
    assert_eq!(imported.ignored, BTreeMap::new(), "{}", kind.name);
    for got in resources {
        let mut all = expected[&got.id].clone();
        let facts: Vec<_> =
            kind.facts.iter().filter_map(|fact| all.remove_entry(fact.name)).collect();
        let mut normalized = (kind.shape.normalize)(Value::Object(all)).unwrap();
        normalized.as_object_mut().unwrap().extend(facts);
        for (name, value) in normalized.as_object().unwrap() {
            assert_eq!(got.facts.get(name), Some(value), "{} {}: {name}", kind.name, got.id);
        }
        assert_eq!(
            got.facts.len(),
            normalized.as_object().unwrap().len(),
            "{} {}",
            kind.name,
            got.id
        );
        let imported = kind.facts.iter().filter(|fact| fact.is_response()).count();
        let unknown = if got.id == id { 0 } else { imported };
        assert_eq!(
            got.unreadable.len(),
            unknown,
            "{} {}: facts that were not imported are unknown",
            kind.name,
            got.id
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_kind_is_imported_from_its_aws_json(seed: u64) {
        let can_be_imported = |kind: &&&Kind| {
            !kind.list.is_empty() || kind.facts.iter().any(FactSpec::is_response)
        };
        for kind in KINDS.iter().filter(can_be_imported) {
            round_trip(kind, seed);
        }
    }
}

#[test]
fn a_list_is_recognized_by_its_fields() {
    let dir = tempfile::tempdir().unwrap();
    let (account, region) = ("111122223333".parse().unwrap(), "eu-west-1".parse().unwrap());
    for kind in KINDS.iter().filter(|kind| !kind.list.is_empty()) {
        let files = [write(dir.path(), "saved.json", &list(kind, &mut Dice::new(7)).0)];
        let request = Request {
            account: &account,
            partition: &Partition::default(),
            region: &region,
            files: &files,
        };
        let imported = read(&request, &mut std::io::empty())
            .unwrap_or_else(|error| panic!("{}: {error}", kind.name));
        assert_eq!(imported.lists[0].0.kind, kind.name);
    }
}

#[test]
fn folded_field_names_are_unique() {
    fn check(path: &str, expected: &ExpectedType) {
        match expected {
            ExpectedType::Object(object) => {
                let names: Vec<String> =
                    object.fields.values().map(|field| super::want::fold(&field.name)).collect();
                assert_eq!(names.len(), object.fields.len(), "{path}");
                object
                    .fields
                    .values()
                    .for_each(|field| check(&format!("{path}.{}", field.name), &field.expected));
            }
            ExpectedType::List(item) => check(path, item),
            ExpectedType::Json => panic!("{path}: rolecall would copy arbitrary JSON"),
            _ => {}
        }
    }
    for kind in KINDS {
        check(kind.name, of_kind(kind));
        for fact in kind.facts {
            check(&format!("{}/{}", kind.name, fact.name), of_fact(kind, fact));
        }
    }
}
