//! `rolecall preview`: ids that are known only after apply, and what they can be of.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::preview::snapshot;
use crate::preview_defaults::preview_of;
use crate::program::{run, text};

/// A group that lets in nobody.
fn group(id: &str) -> Value {
    json!({
        "kind": "ec2.security_group", "id": id,
        "facts": {
            "group_id": id, "group_name": id, "vpc_id": "vpc-1", "owner_id": "111122223333", "tags": {},
            "ip_permissions": [], "ip_permissions_egress": [],
        },
    })
}

fn created(address: &str, module: &str, after: Value, unknown: Value) -> Value {
    let rest = address.strip_prefix(module).unwrap().trim_start_matches('.');
    let (of, name) = rest.split_once('.').unwrap();
    let (name, index) = match name.split_once('[') {
        Some((name, index)) => (name, json!(index.trim_end_matches(']').parse::<u64>().unwrap())),
        None => (name, Value::Null),
    };
    let mut after = after;
    after["region"] = json!("eu-west-1");
    json!({
        "address": address, "mode": "managed", "type": of, "name": name, "index": index,
        "module_address": module,
        "change": { "actions": ["create"], "before": null, "after": after, "after_unknown": unknown },
    })
}

fn refers(names: &[&str]) -> Value {
    json!({ "references": names })
}

fn configured(of: &str, expressions: Value) -> Value {
    json!({ "mode": "managed", "type": of, "name": "this", "expressions": expressions })
}

/// A module with a group, and a rule for what a local value says.
fn group_module() -> Value {
    json!({
        "resources": [
            configured("aws_security_group", json!({ "vpc_id": refers(&["var.vpc_id"]) })),
            configured("aws_security_group_rule", json!({ "security_group_id": refers(&["local.id"]) })),
        ],
        "outputs": { "id": { "expression": refers(&["local.id"]) } },
    })
}

/// A group of a module, and its rule.
fn group_and_rule(module: &str, cidr: &str) -> [Value; 2] {
    let group = json!({ "name_prefix": "web", "vpc_id": "vpc-1" });
    let unknown = json!({ "id": true, "name": true, "ingress": true, "egress": true });
    let rule = json!({ "type": "ingress", "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": [cidr] });
    let open = json!({ "id": true, "security_group_id": true });
    [
        created(&format!("{module}.aws_security_group.this[0]"), module, group, unknown),
        created(&format!("{module}.aws_security_group_rule.this[0]"), module, rule, open),
    ]
}

fn plan(changes: &[Value], root: Value) -> Value {
    json!({ "format_version": "1.2", "resource_changes": changes, "configuration": { "root_module": root } })
}

/// The ids in a list of a preview.
fn ids(preview: &Value, list: &str) -> Vec<String> {
    let all = preview[list].as_array().unwrap().iter();
    all.map(|one| one["resource"]["id"].as_str().unwrap_or("-").to_owned()).collect()
}

const RULE: &str = "sg-ingress-remote-admin-ipv4";

/// As in the module for security groups of the registry.
#[test]
fn a_rule_for_a_local_value_is_one_of_the_group_that_the_module_creates() {
    let night = [group("sg-1"), group("sg-2")];
    for (name, cidr, expected) in [("open", "0.0.0.0/0", 1), ("private", "10.0.0.0/8", 0)] {
        let changes = group_and_rule("module.m", cidr);
        let call = json!({ "expressions": { "vpc_id": refers(&["data.aws_vpc.a.id"]) }, "module": group_module() });
        let plan = plan(&changes, json!({ "module_calls": { "m": call } }));
        for night in [Some(&night[..]), None] {
            let preview = preview_of(name, night, &plan, RULE);
            let new = ids(&preview, "new_failures");
            let wanted = vec!["module.m.aws_security_group.this[0]"; expected];
            assert_eq!(new, wanted, "{name}: {preview:#}");
            assert_eq!(ids(&preview, "not_known_until_apply"), [""; 0], "{name}: {preview:#}");
        }
    }
}

/// What a module is given can also be what its rules are for: only the code says that.
#[test]
fn a_rule_that_can_be_of_two_groups_is_of_neither_without_the_code() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("repo");
    let files = |expression: &str| {
        [
            ("main.tf", "module \"a\" {\n  source = \"./group\"\n}\nmodule \"b\" {\n  source = \"./group\"\n  peer = module.a.id\n}\n".to_owned()),
            ("group/main.tf", format!("locals {{\n  id = {expression}\n}}\nresource \"aws_security_group\" \"this\" {{\n  count = 1\n}}\nresource \"aws_security_group_rule\" \"this\" {{\n  count = 1\n  security_group_id = local.id\n}}\n")),
        ]
    };
    let mut changes = group_and_rule("module.a", "10.0.0.0/8").to_vec();
    changes.extend(group_and_rule("module.b", "0.0.0.0/0"));
    let call = |arguments: Value| json!({ "expressions": arguments, "module": group_module() });
    let calls = json!({
        "a": call(json!({})),
        "b": call(json!({ "peer": refers(&["module.a.id", "module.a"]) })),
    });
    let json = plan(&changes, json!({ "module_calls": calls }));
    let (night, file) = (dir.path().join("night"), dir.path().join("plan.json"));
    snapshot(&night, &[group("sg-1")]);
    fs::write(&file, json.to_string()).unwrap();
    let (a, b) = ("module.a.aws_security_group.this[0]", "module.b.aws_security_group.this[0]");
    for (expression, failures, unknown) in [
        (None, vec![], vec![a, b]),
        (Some("concat(aws_security_group.this[*].id, [\"\"])[0]"), vec![b], vec![]),
        (Some("var.peer != \"\" ? var.peer : aws_security_group.this[0].id"), vec![], vec![a, b]),
        (Some("local.other"), vec![], vec![a, b]),
    ] {
        let mut args = vec![
            "preview",
            "--snapshot",
            text(&night),
            "--plan",
            text(&file),
            "--rule",
            RULE,
            "--output",
            "json",
        ];
        if let Some(expression) = expression {
            for (name, content) in files(expression) {
                let path = root.join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, content).unwrap();
            }
            let init = Command::new("git").args(["init", "--quiet"]).current_dir(&root).output();
            assert!(init.unwrap().status.success());
            args.extend(["--source", text(&root)]);
        }
        let ran = run(&args);
        let preview: Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
        assert_eq!(ids(&preview, "new_failures"), failures, "{expression:?}: {preview:#}");
        assert_eq!(ids(&preview, "not_known_until_apply"), unknown, "{expression:?}: {preview:#}");
    }
}

/// A plan does not have local values, nor literals: what chooses the group can choose one that exists.
#[test]
fn a_rule_is_of_no_group_if_something_that_is_not_known_can_choose_another_one() {
    let night = [group("sg-1"), group("sg-2")];
    let of_group = configured("aws_security_group", json!({ "name": {} }));
    let rule = |names: &[&str]| {
        configured(
            "aws_vpc_security_group_ingress_rule",
            json!({ "security_group_id": refers(names) }),
        )
    };
    let changes = |condition: Value| {
        let after = json!({ "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "0.0.0.0/0" });
        let open = json!({ "id": true, "security_group_id": true });
        vec![
            condition,
            created(
                "aws_security_group.this",
                "",
                json!({ "name": "web", "vpc_id": "vpc-1" }),
                json!({ "id": true, "ingress": true, "egress": true }),
            ),
            created("aws_vpc_security_group_ingress_rule.this", "", after, open),
        ]
    };
    let random = || {
        created(
            "random_id.this",
            "",
            json!({ "byte_length": 1 }),
            json!({ "id": true, "hex": true }),
        )
    };
    let mut read = created("aws_region.this", "", json!({}), json!({ "id": true, "name": true }));
    read["mode"] = json!("data");
    read["address"] = json!("data.aws_region.this");
    read["change"]["actions"] = json!(["read"]);
    let region = json!({ "mode": "data", "type": "aws_region", "name": "this", "expressions": {} });
    let of_random = configured("random_id", json!({ "byte_length": {} }));
    let direct = [
        "random_id.this.hex",
        "random_id.this",
        "aws_security_group.this.id",
        "aws_security_group.this",
    ];
    let new = "aws_security_group.this";
    for (name, condition, config, names, unknown) in [
        (
            "a local value",
            random(),
            of_random.clone(),
            &["local.id"][..],
            vec![new, "sg-1", "sg-2"],
        ),
        ("a data source", read, region, &["local.id"], vec![new, "sg-1", "sg-2"]),
        ("a literal", random(), of_random.clone(), &direct, vec![new, "sg-1", "sg-2"]),
        ("only literals", random(), of_random.clone(), &direct[..2], vec![new, "sg-1", "sg-2"]),
        (
            "an id of something else",
            random(),
            of_random.clone(),
            &["random_id.this.id", "random_id.this"],
            vec![new, "sg-1", "sg-2"],
        ),
        ("the group", random(), of_random, &direct[2..], vec![]),
    ] {
        let plan =
            plan(&changes(condition), json!({ "resources": [config, of_group, rule(names)] }));
        let preview = preview_of(name, Some(&night), &plan, RULE);
        let failures = if unknown.is_empty() { vec![new] } else { vec![] };
        assert_eq!(ids(&preview, "new_failures"), failures, "{name}: {preview:#}");
        assert_eq!(ids(&preview, "not_known_until_apply"), unknown, "{name}: {preview:#}");
    }
}

/// A rule that a group may get does not close what its own rules open, but it can open more.
#[test]
fn a_group_still_fails_if_it_may_get_another_rule() {
    let of = |id: &str, rules: &[(u16, &str)]| {
        let rule = |(port, cidr): &(u16, &str)| {
            json!({
                "ip_protocol": "tcp", "from_port": port, "to_port": port, "ip_ranges": [{ "cidr_ip": cidr }],
                "ipv6_ranges": [], "prefix_list_ids": [], "user_id_group_pairs": [],
            })
        };
        let mut group = group(id);
        group["facts"]["ip_permissions"] = rules.iter().map(rule).collect();
        group
    };
    let mut default = of("sg-default", &[]);
    default["facts"]["group_name"] = json!("default");
    let night = [
        of("sg-closed", &[(443, "10.0.0.0/8")]),
        default,
        of("sg-empty", &[]),
        of("sg-open", &[(22, "0.0.0.0/0")]),
    ];
    let inline = |port: u16| {
        let rule = json!({
            "protocol": "tcp", "from_port": port, "to_port": port, "cidr_blocks": ["0.0.0.0/0"], "description": "",
            "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": false,
        });
        let after = json!({ "name": "web", "vpc_id": "vpc-1", "ingress": [rule], "egress": [] });
        created("aws_security_group.this", "", after, json!({ "id": true, "arn": true }))
    };
    let random = created("random_id.this", "", json!({}), json!({ "id": true, "hex": true }));
    let after = json!({ "ip_protocol": "tcp", "from_port": 3389, "to_port": 3389, "cidr_ipv4": "0.0.0.0/0" });
    let rule = created(
        "aws_vpc_security_group_ingress_rule.this",
        "",
        after,
        json!({ "id": true, "security_group_id": true }),
    );
    let root = json!({ "resources": [
        configured("random_id", json!({})),
        configured("aws_security_group", json!({ "ingress": {} })),
        configured(
            "aws_vpc_security_group_ingress_rule",
            json!({ "security_group_id": refers(&["local.id"]) }),
        ),
    ] });
    let new = "aws_security_group.this";
    // The rule does not apply to default groups.
    let unused = vec![new, "sg-closed", "sg-empty", "sg-open"];
    for (port, rule_id, failures, unknown) in [
        (22, RULE, vec![new], vec!["sg-closed", "sg-default", "sg-empty"]),
        (443, RULE, vec![], vec![new, "sg-closed", "sg-default", "sg-empty"]),
        // A list without rules may get one, or not.
        (22, "sg-default-closed", vec![], vec!["sg-default"]),
        // The rule can use the group as its source.
        (22, "sg-unused", vec![], unused),
        (
            22,
            "sg-too-many-rules",
            vec![],
            vec![new, "sg-closed", "sg-default", "sg-empty", "sg-open"],
        ),
    ] {
        let changes = [random.clone(), inline(port), rule.clone()];
        let plan = plan(&changes, root.clone());
        let preview = preview_of(rule_id, Some(&night), &plan, rule_id);
        assert_eq!(ids(&preview, "new_failures"), failures, "{rule_id} {port}: {preview:#}");
        assert_eq!(
            ids(&preview, "not_known_until_apply"),
            unknown,
            "{rule_id} {port}: {preview:#}"
        );
    }
}

/// As in the module for buckets of the registry: a local value chooses between a policy and the bucket.
#[test]
fn a_setting_is_of_the_bucket_that_is_left_if_the_other_resource_has_no_instances() {
    let to = |names: &[&str]| json!({ "bucket": refers(names) });
    let bucket = "aws_s3_bucket.this[0].id";
    let chosen = ["local.has_policy", "aws_s3_bucket_policy.this[0].id", bucket];
    let mut policy = configured("aws_s3_bucket_policy", to(&["var.is_directory", bucket]));
    policy["count_expression"] = refers(&["local.has_policy"]);
    let module = json!({ "resources": [
        configured("aws_s3_bucket", json!({ "bucket": refers(&["var.bucket"]) })),
        policy,
        configured("aws_s3_bucket_acl", to(&[bucket])),
        configured("aws_s3_bucket_ownership_controls", to(&chosen)),
        configured("aws_s3_bucket_public_access_block", to(&[bucket])),
    ] });
    let unknown = || json!({ "id": true, "bucket": true });
    let of = |module: &str, acl: &str| {
        let block = json!({
            "block_public_acls": false, "ignore_public_acls": false, "block_public_policy": false,
            "restrict_public_buckets": false,
        });
        let new = |of: &str, after: Value, unknown: Value| {
            created(&format!("{module}.{of}.this[0]"), module, after, unknown)
        };
        let controls = json!({ "rule": [{ "object_ownership": "BucketOwnerPreferred" }] });
        let name = module.trim_start_matches("module.");
        [
            new(
                "aws_s3_bucket",
                json!({ "bucket": name }),
                json!({ "id": true, "bucket_domain_name": true }),
            ),
            new("aws_s3_bucket_acl", json!({ "acl": acl }), unknown()),
            new("aws_s3_bucket_ownership_controls", controls, unknown()),
            new("aws_s3_bucket_public_access_block", block, unknown()),
        ]
    };
    let mut changes = of("module.logs", "private").to_vec();
    changes.extend(of("module.site", "public-read"));
    let call = |arguments: Value| json!({ "expressions": arguments, "module": module });
    let calls = json!({
        "logs": call(json!({ "bucket": { "constant_value": "logs" } })),
        // Another bucket comes into the module by another argument.
        "site": call(json!({
            "bucket": { "constant_value": "site" }, "logging": refers(&["module.logs.id", "module.logs"]),
        })),
    });
    let mut calls = calls;
    for name in ["logs", "site"] {
        calls[name]["module"]["outputs"] = json!({ "id": { "expression": refers(&[bucket]) } });
    }
    let plan = plan(&changes, json!({ "module_calls": calls }));
    let old = json!({
        "kind": "s3.bucket", "id": "old",
        "facts": { "name": "old", "bucket_region": "eu-west-1", "acl": null, "ownership_controls": { "object_ownership": "BucketOwnerEnforced" } },
    });
    for (rule, expected) in
        [("s3-bucket-public-read", vec!["site"]), ("s3-bucket-acls-disabled", vec!["logs", "site"])]
    {
        let preview = preview_of(rule, Some(std::slice::from_ref(&old)), &plan, rule);
        assert_eq!(ids(&preview, "new_failures"), expected, "{rule}: {preview:#}");
        assert_eq!(ids(&preview, "not_known_until_apply"), [""; 0], "{rule}: {preview:#}");
    }
}

/// `aws_security_group.b["${each.key}-public"].id` mentions the same names as `aws_security_group.b[each.key].id`.
#[test]
fn a_key_in_an_expression_is_that_of_the_instance_if_it_can_be_no_other() {
    let group = |key: Value| {
        let after = json!({ "name_prefix": "web", "vpc_id": "vpc-1", "ingress": [] });
        let unknown = json!({ "id": true, "name": true, "egress": true });
        let mut change = created("aws_security_group.b", "", after, unknown);
        change["address"] = format!("aws_security_group.b[{key}]").into();
        change["index"] = key;
        change
    };
    let rule = |key: Value| {
        let after = json!({ "type": "ingress", "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"] });
        let unknown = json!({ "id": true, "security_group_id": true });
        let mut change = created("aws_security_group_rule.r", "", after, unknown);
        change["address"] = format!("aws_security_group_rule.r[{key}]").into();
        change["index"] = key;
        change
    };
    // The keys of groups, those of rules, and the number of groups that certainly fail.
    for (name, groups, rules, failing, unknown) in [
        ("the same", json!(["app", "app-public"]), json!(["app", "app-public"]), 2, 0),
        ("unlike", json!(["app", "web"]), json!(["app"]), 1, 0),
        ("with an end", json!(["app", "app-public"]), json!(["app"]), 0, 2),
        ("with a start", json!(["a", "b", "my-a", "my-b"]), json!(["a", "b"]), 0, 4),
        ("not for all", json!(["a", "b", "my-a"]), json!(["a", "b"]), 2, 0),
        ("lowercase", json!(["A", "a"]), json!(["A"]), 0, 2),
        ("without an end", json!(["a", "a-x"]), json!(["a-x"]), 0, 2),
        ("all indexes", json!([0, 1, 2]), json!([0, 1, 2]), 3, 0),
        ("fewer indexes", json!([0, 1, 2]), json!([0, 1]), 0, 3),
    ] {
        let all = |keys: &Value| keys.as_array().unwrap().clone();
        let groups = all(&groups).into_iter().map(group);
        let changes: Vec<Value> = groups.chain(all(&rules).into_iter().map(rule)).collect();
        let repeated = |of: &str, name: &str, expressions: Value, key: &str| json!({ "mode": "managed", "type": of, "name": name, "expressions": expressions, key: {} });
        let is_counted = name.ends_with("indexes");
        let (key, by) = match is_counted {
            true => ("count.index", "count_expression"),
            false => ("each.key", "for_each_expression"),
        };
        let id = refers(&["aws_security_group.b", key]);
        let root = json!({ "resources": [
            repeated("aws_security_group", "b", json!({ "name_prefix": {} }), by),
            repeated("aws_security_group_rule", "r", json!({ "security_group_id": id }), by),
        ] });
        let preview = preview_of(name, None, &plan(&changes, root), RULE);
        let found =
            [ids(&preview, "new_failures").len(), ids(&preview, "not_known_until_apply").len()];
        assert_eq!(found, [failing, unknown], "{name}: {preview:#}");
    }
}
