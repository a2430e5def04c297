use std::path::Path;

use serde_json::{Value, json};

use super::*;

const GROUP: &str = "aws_security_group";
const RULE: &str = "aws_vpc_security_group_ingress_rule";
const ID: &str = "security_group_id";

/// A resource of the plan: `module.m.aws_vpc.a` or `data.aws_vpc.a`.
fn change(address: &str, actions: &[&str], before: Value, after: Value, unknown: Value) -> Value {
    let parts = parts(address).unwrap();
    let (outer, rest) = parts.split_at(parts.len() - 2);
    let [of, name] = rest else { panic!("{address}") };
    let (module, mode) = match outer {
        [data] if data.name == "data" => (String::new(), "data"),
        calls => {
            let names: Vec<&str> = calls.iter().map(|part| part.name.as_str()).collect();
            (names.join("."), "managed")
        }
    };
    json!({
        "address": address, "mode": mode, "type": of.name, "name": name.name, "module_address": module,
        "change": { "actions": actions, "before": before, "after": after, "after_unknown": unknown },
    })
}

fn new(address: &str) -> Value {
    change(address, &["create"], Value::Null, json!({}), json!({ "id": true, "arn": true }))
}

fn kept(address: &str, id: &str) -> Value {
    let state = json!({ "id": id });
    change(address, &["no-op"], state.clone(), state, json!({}))
}

fn refers(names: &[&str]) -> Value {
    json!({ "references": names })
}

/// The configuration of a module: its resources with their arguments, and what it calls.
fn module(resources: &[(&str, Value)], more: Value) -> Value {
    let resource = |(name, own): &(&str, Value)| {
        let (mode, name) = match name.strip_prefix("data.") {
            Some(name) => ("data", name),
            None => ("managed", *name),
        };
        let (of, name) = name.split_once('.').unwrap();
        let mut config = json!({ "mode": mode, "type": of, "name": name, "expressions": {} });
        config.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        config
    };
    let mut module = more;
    module["resources"] = resources.iter().map(resource).collect();
    module
}

/// What the id of the rule `a` in the root, or at another address, can be.
fn of(changes: &[Value], root: &Value, rule: &str) -> String {
    let json = json!({
        "format_version": "1.2", "resource_changes": changes, "configuration": { "root_module": root },
    });
    let plan = Plan::new(Path::new("plan.json"), json).unwrap();
    match plan.candidates(plan.at(rule).unwrap(), ID) {
        None => "nothing".to_owned(),
        Some(Candidates::All) => "anything".to_owned(),
        Some(Candidates::These(ids)) => ids.into_iter().collect::<Vec<_>>().join(" "),
        Some(Candidates::Among(ids)) => {
            format!("perhaps {}", ids.into_iter().collect::<Vec<_>>().join(" "))
        }
    }
}

fn rule(address: &str) -> Value {
    change(address, &["create"], Value::Null, json!({}), json!({ "id": true, ID: true }))
}

#[test]
fn an_id_that_is_not_known_is_of_something_new() {
    let (a, b) = ("aws_security_group.a", "aws_security_group.b");
    let old = || kept("aws_security_group.old", "sg-1");
    let gone = change(
        "aws_security_group.b",
        &["delete"],
        json!({ "id": "sg-2" }),
        Value::Null,
        json!({}),
    );
    let (before, unknown) = (json!({ "id": "sg-3" }), json!({ "id": true }));
    let replaced = change(b, &["delete", "create"], before.clone(), json!({}), unknown.clone());
    let updated = change(b, &["update"], before, json!({}), unknown);
    let instance = || {
        let unknown = json!({ "id": true, "private_ip": true });
        change("aws_instance.a", &["create"], Value::Null, json!({}), unknown)
    };
    let user = || {
        let unknown = json!({ "id": true, "vpc_security_group_ids": true });
        change("aws_instance.user", &["create"], Value::Null, json!({}), unknown)
    };
    let endpoint = || {
        let unknown = json!({ "id": true, "security_group_ids": true });
        change("aws_vpc_endpoint.a", &["create"], Value::Null, json!({}), unknown)
    };
    let vpc = || {
        let unknown = json!({ "id": true, "default_security_group_id": true });
        change("aws_vpc.a", &["create"], Value::Null, json!({}), unknown)
    };
    let read = |of: &str| {
        change(&format!("data.{of}.a"), &["read"], Value::Null, json!({}), json!({ "id": true }))
    };
    let stored = |values: Value, unknown: Value| {
        change("terraform_data.a", &["create"], Value::Null, values, unknown)
    };
    let default_vpc = || {
        let unknown = json!({ "id": true, "default_security_group_id": true });
        change("aws_default_vpc.a", &["create"], Value::Null, json!({}), unknown)
    };
    let local: &[&str] = &["local.id"];
    for (name, more, names, expected) in [
        ("one", vec![new(a)], &["aws_security_group.a.id"][..], a),
        (
            "two",
            vec![new(a), new(b)],
            &["aws_security_group.a.id", "aws_security_group.b.id"],
            "aws_security_group.a aws_security_group.b",
        ),
        (
            "a stored id",
            vec![new(a), stored(json!({ "input": "sg-9" }), json!({ "output": true }))],
            &["terraform_data.a.output"],
            "sg-9",
        ),
        (
            "a stored condition",
            vec![new(a), stored(json!({ "input": "prod" }), json!({ "output": true }))],
            &["terraform_data.a.output"],
            "anything",
        ),
        (
            "one of several stored values",
            vec![new(a), stored(json!({ "input": { "id": "sg-9" } }), json!({ "output": true }))],
            &["terraform_data.a.output.id", "terraform_data.a.output"],
            "anything",
        ),
        (
            "the default of a VPC that exists",
            vec![new(a), default_vpc()],
            &["aws_default_vpc.a.default_security_group_id", "aws_default_vpc.a"],
            "anything",
        ),
        (
            "one that exists",
            vec![new(a), old()],
            &["aws_security_group.a.id", "aws_security_group.old.id"],
            a,
        ),
        (
            "one without instances",
            vec![new(a)],
            &["aws_security_group.b[0].id", "aws_security_group.b[0]", "aws_security_group.a.id"],
            a,
        ),
        (
            "one that is deleted",
            vec![new(a), gone],
            &["aws_security_group.a.id", "aws_security_group.b.id"],
            a,
        ),
        ("one that is replaced", vec![replaced], &["aws_security_group.b.id"], b),
        ("one that stays the same", vec![updated], &["aws_security_group.b.id"], "sg-3"),
        ("a local value", vec![new(a), old()], local, a),
        ("a local value, nothing new", vec![old()], local, "nothing"),
        (
            "a local value, two",
            vec![new(a), new(b)],
            local,
            "aws_security_group.a aws_security_group.b",
        ),
        ("a local value, and a default group", vec![new(a), vpc()], local, "anything"),
        (
            "a local value, and a group that is looked up",
            vec![new(a), read("aws_security_group")],
            local,
            "anything",
        ),
        // Everything that is not known can choose among what exists.
        (
            "a local value, and a policy",
            vec![new(a), read("aws_iam_policy_document")],
            local,
            "anything",
        ),
        ("a local value, and an instance", vec![new(a), old(), instance()], local, "anything"),
        ("a local value that chooses nothing new", vec![old(), instance()], local, "anything"),
        ("a local value, and an instance that uses it", vec![new(a), user()], local, a),
        ("a local value, and an endpoint", vec![new(a), endpoint()], local, "anything"),
        (
            "read before",
            vec![new(a)],
            &["data.aws_security_group.a.id", "aws_security_group.a.id"],
            a,
        ),
        (
            "read later",
            vec![new(a), read("aws_security_group")],
            &["data.aws_security_group.a.id", "aws_security_group.a.id"],
            "anything",
        ),
        (
            "a condition that is not known",
            vec![new(a), old(), instance()],
            &["aws_instance.a.private_ip", "aws_security_group.old.id", "aws_security_group.a.id"],
            "anything",
        ),
        (
            // A plan does not have literals.
            "a condition that is not known, and perhaps a literal",
            vec![new(a), instance()],
            &["aws_instance.a.private_ip", "aws_security_group.a.id"],
            "anything",
        ),
        (
            "a condition, and a variable",
            vec![new(a), instance()],
            &["aws_instance.a.private_ip", "var.id", "aws_security_group.a.id"],
            "anything",
        ),
        ("a variable", vec![new(a)], &["var.create", "aws_security_group.a.id"], a),
        (
            "another rule",
            vec![new(a), rule("aws_vpc_security_group_ingress_rule.b")],
            &["aws_vpc_security_group_ingress_rule.b.security_group_id"],
            a,
        ),
        (
            "something that is not configured",
            vec![new(a)],
            &["aws_security_group.a.id", "aws_security_group.x[0].id"],
            "anything",
        ),
        (
            "groups of endpoints",
            vec![new(a), endpoint()],
            &["aws_vpc_endpoint.a.security_group_ids", "aws_security_group.a.id"],
            "anything",
        ),
        (
            "a local value that counts",
            vec![new(a), new(b)],
            &["local.is_on", "aws_security_group.a.id"],
            a,
        ),
    ] {
        let root = module(
            &[
                (
                    "aws_vpc_security_group_ingress_rule.a",
                    json!({ "expressions": { ID: refers(names) } }),
                ),
                (
                    "aws_vpc_security_group_ingress_rule.b",
                    json!({ "expressions": { ID: refers(&["aws_security_group.a.id"]) } }),
                ),
                ("aws_security_group.a", json!({})),
                ("aws_security_group.b", json!({ "count_expression": refers(&["local.is_on"]) })),
                ("aws_security_group.old", json!({})),
                ("aws_instance.a", json!({})),
                (
                    "aws_instance.user",
                    json!({ "expressions": { "vpc_security_group_ids": refers(&["local.id"]) } }),
                ),
                ("aws_vpc.a", json!({})),
                ("aws_vpc_endpoint.a", json!({})),
                ("data.aws_security_group.a", json!({})),
                ("data.aws_iam_policy_document.a", json!({})),
            ],
            json!({}),
        );
        let mut changes = more;
        changes.push(rule("aws_vpc_security_group_ingress_rule.a"));
        assert_eq!(
            of(&changes, &root, "aws_vpc_security_group_ingress_rule.a"),
            expected,
            "{name}"
        );
    }
}

#[test]
fn values_come_into_modules_only_by_variables() {
    let inner = module(
        &[
            (
                &format!("{RULE}.a"),
                json!({ "expressions": { ID: refers(&["local.id"]), "from_port": refers(&["var.rules", "count.index"]), "to_port": refers(&["var.rules", "count.index"]) } }),
            ),
            (
                &format!("{GROUP}.a"),
                json!({ "expressions": { "vpc_id": refers(&["var.vpc_id"]) } }),
            ),
        ],
        json!({ "outputs": { "id": { "expression": refers(&["local.id"]) } }, "variables": { "vpc_id": {} } }),
    );
    let address = "module.m.aws_vpc_security_group_ingress_rule.a";
    let own = "module.m.aws_security_group.a";
    let vpc = change(
        "aws_vpc.a",
        &["create"],
        Value::Null,
        json!({}),
        json!({ "id": true, "default_security_group_id": true }),
    );
    let other = "aws_security_group.b";
    for (name, arguments, with_own, expected) in [
        ("none", json!({}), true, own),
        ("a VPC", json!({ "vpc_id": refers(&["aws_vpc.a"]) }), true, "anything"),
        ("a name", json!({ "name": { "constant_value": "x" } }), true, own),
        (
            "a group",
            json!({ "other": refers(&["aws_security_group.b.id"]) }),
            true,
            "aws_security_group.b module.m.aws_security_group.a",
        ),
        ("only a group", json!({ "other": refers(&["aws_security_group.b.id"]) }), false, other),
        (
            "rules with a group",
            json!({ "rules": refers(&["aws_security_group.b.id"]) }),
            true,
            "aws_security_group.b module.m.aws_security_group.a",
        ),
        ("a local value", json!({ "other": refers(&["local.other"]) }), true, "anything"),
        (
            "a group of the module that is looked up",
            json!({ "other": refers(&["data.aws_security_group.x.id"]) }),
            true,
            own,
        ),
    ] {
        let root = module(
            &[
                ("aws_vpc.a", json!({})),
                ("aws_security_group.b", json!({})),
                ("data.aws_security_group.x", json!({})),
            ],
            json!({ "module_calls": { "m": { "expressions": arguments, "module": inner } } }),
        );
        let mut changes = vec![vpc.clone(), new(other), rule(address)];
        changes.extend(with_own.then(|| new(own)));
        assert_eq!(of(&changes, &root, address), expected, "{name}");
    }
}

/// The module for security groups of the registry, or a submodule of it: the code of both is public.
#[test]
fn local_values_of_published_modules_are_known() {
    let rule_of = |module: &str| format!("{module}.{RULE}.a");
    let inner = || {
        module(
            &[
                (
                    &format!("{RULE}.a"),
                    json!({ "expressions": { ID: refers(&["local.this_sg_id"]) } }),
                ),
                (&format!("{GROUP}.this"), json!({})),
                (&format!("{GROUP}.this_name_prefix"), json!({})),
            ],
            json!({}),
        )
    };
    let vpc = change("aws_vpc.a", &["create"], Value::Null, json!({}), json!({ "id": true }));
    let other = "aws_security_group.b";
    for (source, argument, group, expected) in [
        ("terraform-aws-modules/security-group/aws", "vpc_id", "this_name_prefix", Some("")),
        (
            "registry.terraform.io/terraform-aws-modules/security-group/aws",
            "vpc_id",
            "this",
            Some(""),
        ),
        ("./security-group", "vpc_id", "this", Some("anything")),
        ("terraform-aws-modules/security-group/aws", "security_group_id", "", Some(other)),
        ("terraform-aws-modules/security-group/google", "vpc_id", "this", Some("anything")),
        ("terraform-aws-modules/security-group/aws", "security_group_id", "this", None),
    ] {
        let passed = match argument {
            "vpc_id" => refers(&["aws_vpc.a.id"]),
            _ => refers(&["aws_security_group.b.id"]),
        };
        let root = module(
            &[("aws_vpc.a", json!({})), (other, json!({}))],
            json!({ "module_calls": { "m": {
                "source": source, "expressions": { argument: passed }, "module": inner(),
            } } }),
        );
        let own = format!("module.m.{GROUP}.{group}");
        let address = rule_of("module.m");
        let mut changes = vec![vpc.clone(), new(other), rule(&address)];
        changes.extend((!group.is_empty()).then(|| new(&own)));
        let both = format!("{other} {own}");
        let expected = match expected {
            Some("") => own.as_str(),
            Some(other) => other,
            None => both.as_str(),
        };
        assert_eq!(of(&changes, &root, &address), expected, "{source} {argument} {group}");
    }
    let submodule = module(
        &[],
        json!({ "module_calls": { "sg": {
            "source": "../../", "expressions": { "vpc_id": refers(&["var.vpc_id"]) }, "module": inner(),
        } } }),
    );
    let calls = |source: &str| {
        json!({ "module_calls": { "m": {
            "source": source, "expressions": { "vpc_id": refers(&["aws_vpc.a.id"]) }, "module": submodule,
        } } })
    };
    let own = format!("module.m.module.sg.{GROUP}.this");
    let address = rule_of("module.m.module.sg");
    for (source, expected) in [
        ("terraform-aws-modules/security-group/aws//modules/http-80", own.as_str()),
        ("./modules/http-80", "anything"),
    ] {
        let root = module(&[("aws_vpc.a", json!({}))], calls(source));
        let changes = [vpc.clone(), new(&own), rule(&address)];
        assert_eq!(of(&changes, &root, &address), expected, "{source}");
    }
}
