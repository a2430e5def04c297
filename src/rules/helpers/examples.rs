//! The table holds what it says: nothing of ours is missing in it, and every example gives what it promises. Examples run in the
//! sandbox itself, in an account that [`world`] makes up.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{TOPICS, helpers};
use crate::facts::normalise;
use crate::model::{Region, Resource, Trust};
use crate::rules::bridge::Context;
use crate::rules::{AccountFacts, Judgement, RuleFilter, Sandbox, load, select};

/// Whom the site of the examples trusts.
fn trust() -> Trust {
    serde_json::from_value(json!({
        "organization_id": "o-a1b2c3d4e5",
        "accounts": ["222233334444"],
        "services": ["logdelivery.elasticloadbalancing.amazonaws.com"],
        "vpcs": ["vpc-0a"],
        "vpc_endpoints": ["vpce-0a"],
        "networks": ["192.0.2.0/24"],
    }))
    .unwrap()
}

/// The account of the examples.
fn world() -> AccountFacts {
    let resource = |kind: &str, id: &str, region: &str, facts: Value| {
        let resource = Resource {
            kind: kind.to_owned(),
            id: id.to_owned(),
            region: region.parse().unwrap(),
            arn: None,
            name: None,
            facts: facts.as_object().unwrap().clone(),
            unreadable: BTreeMap::new(),
        };
        normalise(resource).unwrap().unwrap()
    };
    let here: Region = "eu-west-1".parse().unwrap();
    AccountFacts {
        account: "111122223333".parse().unwrap(),
        partition: Default::default(),
        now: "2026-01-01T00:00:00Z".into(),
        trust: Arc::new(trust()),
        resources: vec![
            resource(
                "ec2.managed_prefix_list",
                "pl-1",
                here.as_str(),
                json!({ "prefix_list_id": "pl-1", "entries": [{ "cidr": "0.0.0.0/1" }, { "cidr": "128.0.0.0/1" }] }),
            ),
            resource("ec2.security_group", "sg-1", here.as_str(), json!({ "group_id": "sg-1" })),
            resource(
                "ec2.volume",
                "vol-1",
                here.as_str(),
                json!({ "volume_id": "vol-1", "size": 8, "tags": { "Owner": "web", "Name": "root" } }),
            ),
            resource("ec2.volume", "vol-2", here.as_str(), json!({ "volume_id": "vol-2", "size": 100 })),
        ],
        list_gap: Box::new(|_, _| None),
    }
}

/// What a rule with that body says of the security group of the account.
pub(super) fn judge(body: &str) -> Judgement {
    let dir = tempfile::tempdir().unwrap();
    let rule = format!(
        "//! Test.\nconst RULE = #{{ title: \"t\", resource: \"ec2.security_group\", severity: \"low\", needs: [\"ec2.volume\", \"ec2.managed_prefix_list/entries\"] }};\n\
         fn check(group, params) {{\n{body}\n}}\n"
    );
    fs::write(dir.path().join("example.rhai"), rule).unwrap();
    let pack = load(&[dir.path().to_owned()]).unwrap_or_else(|error| panic!("{body}\n{error:?}"));
    let only = RuleFilter { rules: Some(crate::model::Globs::new(&["example"]).unwrap()), ..Default::default() };
    let rules: Vec<Arc<_>> = select(&pack, &BTreeMap::new(), &[&only]).unwrap();
    let judge = move || {
        let mut sandbox = Sandbox::new(&rules).unwrap();
        sandbox.enter(world());
        sandbox.judge(0, 0)
    };
    std::thread::Builder::new().stack_size(crate::rules::STACK_SIZE).spawn(judge).unwrap().join().unwrap()
}

#[test]
fn every_example_gives_what_it_says() {
    let mut wrong = Vec::new();
    for helper in helpers() {
        let verdict = helper.signatures.iter().any(|signature| signature.returns == "verdict");
        for example in helper.examples {
            let (got, wanted) = if verdict {
                (judge(example.script), judge(example.gives))
            } else {
                let both = judge(&format!("fail(\"\", #{{ got: {}, wanted: {} }})", example.script, example.gives));
                let pick = |name: &str| {
                    let value = both.evidence.first().and_then(|piece| piece.get(name));
                    Judgement { evidence: value.cloned().into_iter().collect(), ..both.clone() }
                };
                (pick("got"), pick("wanted"))
            };
            if got.verdict == crate::model::Verdict::Error || got != wanted {
                wrong.push(format!("{}: {} gives {got:?}, not {wanted:?}", helper.name, example.script));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_engine_knows_what_the_table_says_and_nothing_else_of_ours() {
    let engine = crate::rules::engine::engine(&Rc::new(Context::default()));
    let signatures = |with_packages| -> BTreeSet<(String, usize)> {
        let all = engine.gen_fn_signatures(with_packages).into_iter();
        all.filter_map(|text| {
            let (name, rest) = text.split_once('(')?;
            let params = rest.split_once(") ->").map_or(rest.trim_end_matches(')'), |(params, _)| params);
            // Operators and indexers are no functions to call.
            let called = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            called.then(|| (name.to_owned(), if params.trim().is_empty() { 0 } else { params.split(", ").count() }))
        })
        .collect()
    };
    let table: BTreeSet<(String, usize)> =
        helpers().flat_map(|helper| helper.arities().into_iter().map(|arity| (helper.name.to_owned(), arity))).collect();
    let ours = signatures(false);
    assert!(ours.len() > 20, "{ours:?}");
    let undocumented: Vec<_> = ours.difference(&table).collect();
    assert!(undocumented.is_empty(), "registered, but not in the table: {undocumented:?}");
    let all = signatures(true);
    let imagined: Vec<_> = table.difference(&all).collect();
    assert!(imagined.is_empty(), "in the table, but not registered: {imagined:?}");
}

#[test]
fn the_table_is_sound() {
    let mut names = BTreeSet::new();
    for helper in helpers() {
        assert!(names.insert(helper.name), "{} stands in the table twice", helper.name);
        assert!(helper.summary().ends_with('.'), "{}: {}", helper.name, helper.summary());
        let named = helper.examples.iter().any(|example| example.script.contains(helper.name));
        assert!(named || helper.name == "to_string", "{}: no example calls it", helper.name);
    }
    let titles: BTreeSet<_> = TOPICS.iter().map(|topic| topic.title).collect();
    assert_eq!(titles.len(), TOPICS.len());
}
