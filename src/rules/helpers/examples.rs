//! The table of helpers is complete, and every example evaluates to the value it states. Examples
//! run in the real sandbox, against the account made up by [`world`].

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{RENAMED, SHAPES, TOPICS, helpers, result_shape};
use crate::facts::normalize;
use crate::model::{Region, Resource, TagRequirement, TagRequirements, Trust, Verdict};
use crate::rules::pack::load::one;
use crate::rules::pack::select::SelectedRule;
use crate::rules::sandbox::evaluation::Sandbox;
use crate::rules::sandbox::outcome::RuleOutcome;
use crate::rules::values::account::AccountFacts;
use crate::rules::values::context::EvalContext;

/// The `[trust]` settings of the examples.
fn trust() -> Trust {
    serde_json::from_value(json!({
        "organization_id": "o-a1b2c3d4e5",
        "accounts": ["222233334444"],
        "services": ["logdelivery.elasticloadbalancing.amazonaws.com"],
        "origin_access_identities": ["E2TRUSTED"],
        "canonical_users": ["b".repeat(64)],
        "principal_ids": ["AROATRUSTED"],
        "vpcs": ["vpc-0a"],
        "vpc_endpoints": ["vpce-0a"],
        "networks": ["192.0.2.0/24"],
    }))
    .unwrap()
}

/// The tag that the examples require.
fn required_tag() -> TagRequirement {
    serde_json::from_value(json!({ "key": "Owner", "default": [{ "value": "web" }] })).unwrap()
}

/// The account that the examples are evaluated against.
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
        normalize(resource).unwrap().unwrap()
    };
    let here: Region = "eu-west-1".parse().unwrap();
    let endpoint = |id: &str, service: &str, kind: &str| {
        let facts = json!({
            "vpc_endpoint_id": id, "vpc_id": "vpc-1", "vpc_endpoint_type": kind, "state": "available",
            "service_name": format!("com.amazonaws.{here}.{service}"),
        });
        resource("ec2.vpc_endpoint", id, here.as_str(), facts)
    };
    AccountFacts {
        account: "111122223333".parse().unwrap(),
        name: Some("acme-prod".into()),
        labels: [("env".to_owned(), "prod".to_owned())].into(),
        partition: Default::default(),
        now: "2026-01-01T00:00:00Z".into(),
        trust: Arc::new(trust()),
        required_tags: Arc::new(TagRequirements(vec![required_tag()])),
        resources: vec![
            resource(
                "ec2.managed_prefix_list",
                "pl-1",
                here.as_str(),
                json!({ "prefix_list_id": "pl-1", "entries": [{ "cidr": "0.0.0.0/1" }, { "cidr": "128.0.0.0/1" }] }),
            ),
            resource(
                "ec2.route_table",
                "rtb-1",
                here.as_str(),
                json!({
                    "route_table_id": "rtb-1", "vpc_id": "vpc-1", "associations": [{ "main": true }],
                    "routes": [{ "destination_cidr_block": "0.0.0.0/0", "nat_gateway_id": "nat-1" }],
                }),
            ),
            resource(
                "s3.bucket",
                "logs",
                here.as_str(),
                json!({ "name": "logs", "lifecycle": { "rules": [
                    { "status": "Enabled", "filter": { "prefix": "" } },
                    { "status": "Enabled", "filter": { "prefix": "old/" } },
                ] } }),
            ),
            resource("ec2.security_group", "sg-1", here.as_str(), json!({ "group_id": "sg-1" })),
            resource(
                "ec2.subnet",
                "subnet-1",
                here.as_str(),
                json!({ "subnet_id": "subnet-1", "vpc_id": "vpc-1" }),
            ),
            resource(
                "ec2.volume",
                "vol-1",
                here.as_str(),
                json!({ "volume_id": "vol-1", "size": 8, "tags": { "Owner": "web", "Name": "root" } }),
            ),
            resource("ec2.volume", "vol-2", here.as_str(), json!({ "volume_id": "vol-2", "size": 100 })),
            resource("ec2.volume", "vol-3", "us-east-1", json!({ "volume_id": "vol-3", "size": 500 })),
            resource(
                "ec2.subnet",
                "subnet-9",
                here.as_str(),
                json!({ "subnet_id": "subnet-9", "vpc_id": "vpc-9", "owner_id": "111122223333", "cidr_block": "10.9.0.0/24" }),
            ),
            resource(
                "ec2.route_table",
                "rtb-9",
                here.as_str(),
                json!({
                    "route_table_id": "rtb-9", "vpc_id": "vpc-9", "associations": [{ "main": true }],
                    "routes": [{ "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-9", "state": "active" }],
                }),
            ),
            resource(
                "ec2.internet_gateway",
                "igw-9",
                here.as_str(),
                json!({ "internet_gateway_id": "igw-9", "attachments": [{ "vpc_id": "vpc-9", "state": "available" }] }),
            ),
            resource(
                "ec2.network_acl",
                "acl-9",
                here.as_str(),
                json!({
                    "network_acl_id": "acl-9", "vpc_id": "vpc-9", "associations": [{ "subnet_id": "subnet-9" }],
                    "entries": [
                        { "rule_number": 100, "egress": false, "rule_action": "allow", "protocol": "-1", "cidr_block": "0.0.0.0/0" },
                        { "rule_number": 100, "egress": true, "rule_action": "allow", "protocol": "-1", "cidr_block": "0.0.0.0/0" },
                    ],
                }),
            ),
            resource(
                "ec2.security_group",
                "sg-9",
                here.as_str(),
                json!({
                    "group_id": "sg-9", "vpc_id": "vpc-9",
                    "ip_permissions": [{ "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }] }],
                }),
            ),
            resource(
                "ec2.settings",
                here.as_str(),
                here.as_str(),
                json!({ "region_name": here, "vpc_block_public_access_options": { "internet_gateway_block_mode": "off" } }),
            ),
            endpoint("vpce-1", "s3", "Gateway"),
            endpoint("vpce-2", "ssm", "Interface"),
        ]
        .into(),
        list_gap: Box::new(|_, _| None),
    }
}

/// Evaluates a rule with that body against the security group of the account.
pub(in crate::rules) fn evaluate(body: &str) -> RuleOutcome {
    evaluate_all(&[body.to_owned()]).remove(0)
}

/// Evaluates rules with these bodies against it, all in one sandbox, because creating a sandbox
/// takes longer than evaluating.
pub(in crate::rules) fn evaluate_all(bodies: &[String]) -> Vec<RuleOutcome> {
    let rule = |body: &String| {
        let text = format!(
            "//! Test.\nconst RULE = #{{ title: \"t\", resource: \"ec2.security_group\", severity: \"low\", \
             needs: [\"ec2.volume\", \"ec2.managed_prefix_list/entries\", \"ec2.vpc_endpoint\", \"ec2.subnet\", \"ec2.route_table\", \"s3.bucket/lifecycle\", \"ec2.network_interface\", \"ec2.security_group\", \"ec2.vpc\", \"ec2.launch_template\", \"ec2.internet_gateway\", \"ec2.network_acl\", \"ec2.settings/vpc_block_public_access_options\", \"ec2.settings/vpc_block_public_access_exclusions\", \"s3.account\", \"s3.access_point\", \"s3.multi_region_access_point\"] }};\nfn check(group, params) {{\n{body}\n}}\n"
        );
        let rule =
            one("example", &text).unwrap_or_else(|diagnostics| panic!("{body}\n{diagnostics:?}"));
        Arc::new(SelectedRule {
            severity: rule.meta.severity,
            params: rule.meta.params.clone(),
            overrides: Vec::new(),
            fix: Default::default(),
            rule: Arc::new(rule),
        })
    };
    let rules: Vec<Arc<SelectedRule>> = bodies.iter().map(rule).collect();
    let evaluate = move || {
        let mut sandbox = Sandbox::new(&rules).unwrap();
        sandbox.enter(world());
        let group = sandbox
            .facts()
            .unwrap()
            .resources
            .json()
            .iter()
            .position(|resource| resource.kind == "ec2.security_group");
        (0..rules.len()).map(|rule| sandbox.evaluate(rule, group.unwrap())).collect()
    };
    std::thread::Builder::new()
        .stack_size(crate::rules::STACK_SIZE)
        .spawn(evaluate)
        .unwrap()
        .join()
        .unwrap()
}

#[test]
fn every_example_returns_its_stated_value() {
    let examples: Vec<_> = helpers()
        .flat_map(|helper| helper.examples.iter().map(move |example| (helper, example)))
        .collect();
    // A verdict ends a rule; any other value is passed as evidence.
    let body = |returns: &str, script: &str| {
        if returns == "verdict" {
            script.to_owned()
        } else {
            format!("fail(\"\", #{{ value: {script} }})")
        }
    };
    let bodies: Vec<String> = examples
        .iter()
        .flat_map(|(helper, example)| {
            [example.script, example.value].map(|script| body(helper.signatures[0].returns, script))
        })
        .collect();
    let evaluated = evaluate_all(&bodies);
    assert_eq!(evaluated.len(), 2 * examples.len());
    for ((helper, example), pair) in examples.iter().zip(evaluated.chunks(2)) {
        let [got, wanted] = pair else { panic!("{}", helper.name) };
        let fine = got.verdict != Verdict::Error && got == wanted;
        assert!(fine, "{}: {} is {got:?}, not {wanted:?}", helper.name, example.script);
    }
}

/// What helpers return has exactly the fields of their shapes, with values of the right types. `()`
/// is left out of evidence.
#[test]
fn results_have_their_shapes() {
    let examples =
        helpers().flat_map(|helper| helper.examples.iter().map(move |one| (helper, one)));
    let mut shaped = BTreeMap::new();
    for (helper, example) in examples {
        let returns = helper.signatures[0].returns;
        let (Some(shape), true) = (result_shape(returns), example.script.starts_with(helper.name))
        else {
            continue;
        };
        // Up to the end of the call: what follows reads a part of the result.
        let mut depth = 0;
        let end = example.script.char_indices().find(|(_, c)| {
            depth += match c {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            *c == ')' && depth == 0
        });
        let call = &example.script[..=end.unwrap().0];
        let fields: Vec<String> = (shape.shape.fields)();
        let keys: Vec<String> = fields.iter().map(|field| format!("{field:?}")).collect();
        // Reads every field of the first result, if there is one, so that each is there.
        let list =
            if returns.starts_with("list of ") { call.to_owned() } else { format!("[{call}]") };
        let body = format!(
            "let all = {list}; if all.is_empty() {{ return pass(); }} let first = all[0]; \
             let names = [{}]; fail(\"x\", #{{ value: first, names: names.map(|name| type_of(first[name])) }})",
            keys.join(", ")
        );
        let outcome = evaluate(&body);
        assert_ne!(outcome.verdict, Verdict::Error, "{call}: {outcome:?}");
        let Some(evidence) = outcome.evidence.first() else { continue };
        let value = evidence["value"].clone();
        let known: BTreeSet<&str> = fields.iter().map(String::as_str).collect();
        let names = value.as_object().unwrap().keys().map(String::as_str);
        let unknown: Vec<&str> = names.filter(|name| !known.contains(name)).collect();
        assert!(unknown.is_empty(), "{call}: {unknown:?} are not in the shape");
        (shape.shape.normalize)(value).unwrap_or_else(|error| panic!("{call}: {error}"));
        shaped.insert(shape.name, ());
    }
    let all: Vec<&str> = SHAPES.iter().map(|shape| shape.name).collect();
    let without: Vec<_> = all.iter().filter(|name| !shaped.contains_key(**name)).collect();
    assert!(without.is_empty(), "no example has a result of {without:?}");
}

#[test]
fn an_unknown_field_of_a_result_is_an_error_at_run_time() {
    let call = "policy_statements(#{ Statement: #{ Effect: \"Deny\", Principal: \"*\", Action: \"s3:*\", Resource: \"*\" } })[0]";
    for read in [".effct", "[\"effct\"]", "?.effct"] {
        let outcome =
            evaluate(&format!("if {call}{read} == \"Deny\" {{ fail(\"x\") }} else {{ pass() }}"));
        assert_eq!(outcome.verdict, Verdict::Error, "{read}: {outcome:?}");
        assert!(outcome.message.contains("effct"), "{read}: {outcome:?}");
    }
}

#[test]
fn a_call_with_wrong_arguments_reports_the_signature() {
    for (body, message) in [
        (
            "if age_days(group.description) > 1 { pass() } else { fail(\"\") }",
            "line 4:4: `age_days` does not accept `(())`: `age_days(time: time) -> int`; the value may be missing, so check `is_configured(…)` first",
        ),
        (
            "days_between(now(), 3); pass()",
            "line 4:1: `days_between` does not accept `(string, int)`: `days_between(earlier: time, later: time) -> int`",
        ),
        (
            "related(3); pass()",
            "line 4:1: `related` does not accept `(int)`: see `rolecall helpers related`",
        ),
        ("related2(3); pass()", "line 4:1: unknown function `related2`: did you mean `related`?"),
    ] {
        let outcome = evaluate(body);
        assert_eq!(
            (outcome.verdict, outcome.message.as_str()),
            (Verdict::Error, message),
            "{body}"
        );
    }
}

#[test]
fn a_call_to_a_renamed_helper_reports_the_new_name() {
    for (old, new) in RENAMED {
        assert!(helpers().all(|helper| helper.name != old), "{old} is a helper");
        assert!(helpers().any(|helper| helper.name == new), "{new} is not a helper");
        let calls = ["", "1", "[], \"tcp\", 22", "[], \"tcp\", 22, []"]
            .map(|arguments| format!("{old}({arguments}); pass()"));
        for (outcome, call) in evaluate_all(&calls).iter().zip(&calls) {
            assert_eq!(
                (outcome.verdict, outcome.message.as_str()),
                (Verdict::Error, format!("line 4:1: `{old}` was renamed to `{new}`").as_str()),
                "{call}"
            );
        }
    }
    // A function defined by the rule itself is not a renamed helper.
    let own = evaluate("opens_to_world(); pass()\n}\nfn opens_to_world(group) {\ntrue");
    assert_eq!(
        (own.verdict, own.message.as_str()),
        (Verdict::Error, "line 4:1: `opens_to_world` takes 1 argument, not 0")
    );
}

#[test]
fn the_engine_registers_exactly_the_helpers_in_the_table() {
    let engine = crate::rules::sandbox::evaluation::engine(&Rc::new(EvalContext::default()));
    let signatures = |engine: &rhai::Engine, with_packages| -> BTreeSet<(String, usize)> {
        let all = engine.gen_fn_signatures(with_packages).into_iter();
        all.filter_map(|text| {
            let (name, rest) = text.split_once('(')?;
            let params =
                rest.split_once(") ->").map_or(rest.trim_end_matches(')'), |(params, _)| params);
            // Operators and indexers are not functions that a script calls by name.
            let called = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            called.then(|| {
                (
                    name.to_owned(),
                    if params.trim().is_empty() { 0 } else { params.split(", ").count() },
                )
            })
        })
        .collect()
    };
    let table: BTreeSet<(String, usize)> = helpers()
        .flat_map(|helper| {
            helper.arities().into_iter().map(|arity| (helper.name.to_owned(), arity))
        })
        .collect();
    let ours = signatures(&engine, false);
    assert!(ours.len() > 20, "{ours:?}");
    // What replaces a function of the engine is documented by the engine.
    let of_engine = signatures(&crate::rules::language::engine::bare(), true);
    let undocumented: Vec<_> =
        ours.difference(&table).filter(|function| !of_engine.contains(function)).collect();
    assert!(undocumented.is_empty(), "registered, but not in the table: {undocumented:?}");
    let all = signatures(&engine, true);
    let imagined: Vec<_> = table.difference(&all).collect();
    assert!(imagined.is_empty(), "in the table, but not registered: {imagined:?}");
}

#[test]
fn the_table_is_well_formed() {
    let mut names = BTreeSet::new();
    for helper in helpers() {
        assert!(names.insert(helper.name), "{} is in the table twice", helper.name);
        assert!(helper.summary().ends_with('.'), "{}: {}", helper.name, helper.summary());
        let named = helper.examples.iter().any(|example| example.script.contains(helper.name));
        assert!(named || helper.name == "to_string", "{}: no example calls it", helper.name);
    }
    let titles: BTreeSet<_> = TOPICS.iter().map(|topic| topic.title).collect();
    assert_eq!(titles.len(), TOPICS.len());
}
