//! `rolecall preview --source`: a plan shows only what a list of security groups refers to, and the code shows
//! whether that is all of it.

use std::fs;

use serde_json::{Value, json};

use crate::preview_code::{created, world};
use crate::program::{ran, rolecall};

fn refers(names: &[&str]) -> Value {
    json!({ "references": names })
}

/// A resource of the configuration.
fn configured(of: (&str, &str), expressions: Value) -> Value {
    json!({
        "address": format!("{}.{}", of.0, of.1), "mode": "managed", "type": of.0, "name": of.1,
        "provider_config_key": "aws", "expressions": expressions,
    })
}

fn group(module: &str, name: &str) -> Value {
    let after = json!({ "name": name, "vpc_id": "vpc-1", "ingress": [], "egress": [] });
    created(module, ("aws_security_group", name), after, json!({ "id": true, "arn": true }))
}

/// A new instance, or a launch template, in groups that are not known.
fn launched(module: &str, of: &str) -> Value {
    let after = json!({ "ami": "ami-1", "instance_type": "t3.micro", "subnet_id": "subnet-1", "name": "web" });
    let unknown = json!({
        "id": true, "vpc_security_group_ids": true, "latest_version": true, "default_version": true,
    });
    created(module, (of, "web"), after, unknown)
}

const GROUPS: [&str; 2] = ["aws_security_group.web.id", "aws_security_group.web"];

/// A plan of resources, those of the configuration, and calls of modules.
fn plan(changes: &[Value], resources: &[Value], calls: &Value) -> Value {
    json!({
        "format_version": "1.2", "resource_changes": changes,
        "configuration": {
            "provider_config": { "aws": { "name": "aws", "expressions": { "region": { "constant_value": "eu-west-1" } } } },
            "root_module": { "resources": resources, "module_calls": calls },
        },
    })
}

/// The results about instances that are not known, with the code of the root and of a module.
fn unknown(plan: &Value, root: &str, module: &str, more: &[&str]) -> usize {
    let dir = world();
    let write = |name: &str, content: &str| fs::write(dir.path().join(name), content).unwrap();
    write("plan.json", &plan.to_string());
    write("envs/prod/main.tf", root);
    write("modules/bucket/main.tf", module);
    let args = ["preview", "--snapshot", "night", "--plan", "plan.json", "--output", "json"];
    let rule = ["--rule", "ec2-instance-launch-wizard-group"];
    let ran =
        ran(rolecall().args(args).args(rule).args(more).current_dir(dir.path()).output().unwrap());
    let value: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    assert_eq!(value["not_checked"], json!([]), "{value:#}");
    assert_eq!(value["new_failures"], json!([]), "{value:#}");
    value["not_known_until_apply"].as_array().unwrap().len()
}

#[test]
fn the_code_says_which_groups_an_instance_is_in() {
    const SOURCE: &[&str] = &["--source", "envs/prod"];
    let own = configured(
        ("aws_instance", "web"),
        json!({ "ami": {}, "subnet_id": {}, "vpc_security_group_ids": refers(&GROUPS) }),
    );
    let of_group = |name: &str| configured(("aws_security_group", name), json!({}));
    let changes = [group("", "web"), launched("", "aws_instance")];
    let one = plan(&changes, &[of_group("web"), own], &json!({}));
    let code = |groups: &str| {
        format!(
            "resource \"aws_security_group\" \"web\" {{}}\nresource \"aws_security_group\" \"other\" {{}}\nresource \"aws_instance\" \"web\" {{\n  vpc_security_group_ids = {groups}\n}}\n"
        )
    };
    let whole = code("[aws_security_group.web.id]");
    // The plan alone is the same with a further group that is a literal.
    assert_eq!(unknown(&one, &whole, "", &[]), 1);
    for (groups, expected) in [
        ("[aws_security_group.web.id]", 0),
        ("[\n    # the only one\n    aws_security_group.web.id,\n  ]", 0),
        ("[aws_security_group.web.id, \"sg-1\"]", 1),
        ("concat([aws_security_group.web.id], [\"sg-1\"])", 1),
        ("[for group in [aws_security_group.web] : group.id]", 1),
        ("aws_security_group.web[*].id", 1),
        ("[coalesce(\"sg-1\", aws_security_group.web.id)]", 1),
        // Not the code of this plan.
        ("[aws_security_group.other.id]", 1),
    ] {
        assert_eq!(unknown(&one, &code(groups), "", SOURCE), expected, "{groups}");
    }
    let both =
        refers(&[GROUPS[0], GROUPS[1], "aws_security_group.other.id", "aws_security_group.other"]);
    let own = configured(
        ("aws_instance", "web"),
        json!({ "ami": {}, "subnet_id": {}, "vpc_security_group_ids": both }),
    );
    let changes = [group("", "web"), group("", "other"), launched("", "aws_instance")];
    let two = plan(&changes, &[of_group("web"), of_group("other"), own], &json!({}));
    for (groups, expected) in [
        ("[aws_security_group.other.id, aws_security_group.web.id]", 0),
        ("[aws_security_group.web.id]", 1),
    ] {
        assert_eq!(unknown(&two, &code(groups), "", SOURCE), expected, "{groups}");
    }
}

#[test]
fn the_code_of_the_call_says_which_groups_a_module_gets() {
    const SOURCE: &[&str] = &["--source", "envs/prod"];
    let passed = configured(
        ("aws_instance", "web"),
        json!({ "ami": {}, "subnet_id": {}, "vpc_security_group_ids": refers(&["var.groups"]) }),
    );
    let call = json!({ "logs": {
        "source": "../../modules/bucket", "expressions": { "groups": refers(&GROUPS) },
        "module": { "resources": [passed], "variables": { "groups": {} } },
    } });
    let changes = [group("", "web"), launched("module.logs", "aws_instance")];
    let of_group = configured(("aws_security_group", "web"), json!({}));
    let json = plan(&changes, &[of_group], &call);
    let root = |groups: &str| {
        format!(
            "resource \"aws_security_group\" \"web\" {{}}\nmodule \"logs\" {{\n  source = \"../../modules/bucket\"\n  groups = {groups}\n}}\n"
        )
    };
    let module = |groups: &str| {
        format!(
            "variable \"groups\" {{}}\nresource \"aws_instance\" \"web\" {{\n  vpc_security_group_ids = {groups}\n}}\n"
        )
    };
    let list = "[aws_security_group.web.id]";
    for (root, module, expected) in [
        (root(list), module("var.groups"), 0),
        (root(list), module("concat(var.groups, [\"sg-1\"])"), 1),
        (root("[aws_security_group.web.id, \"sg-1\"]"), module("var.groups"), 1),
    ] {
        assert_eq!(unknown(&json, &root, &module, SOURCE), expected, "{root}{module}");
    }
}

/// A module that gets the id of one group.
#[test]
fn a_variable_is_a_group_if_it_is_the_only_item() {
    let groups = refers(&["var.group"]);
    let passed = configured(
        ("aws_instance", "web"),
        json!({ "ami": {}, "subnet_id": {}, "vpc_security_group_ids": groups }),
    );
    let call = json!({ "logs": {
        "source": "../../modules/bucket", "expressions": { "group": refers(&GROUPS) },
        "module": { "resources": [passed], "variables": { "group": {} } },
    } });
    let changes = [group("", "web"), launched("module.logs", "aws_instance")];
    let of_group = configured(("aws_security_group", "web"), json!({}));
    let json = plan(&changes, &[of_group], &call);
    let root = "resource \"aws_security_group\" \"web\" {}\nmodule \"logs\" {\n  source = \"../../modules/bucket\"\n  group = aws_security_group.web.id\n}\n";
    for (groups, expected) in [("[var.group]", 0), ("[var.group, \"sg-1\"]", 1)] {
        let module = format!(
            "variable \"group\" {{}}\nresource \"aws_instance\" \"web\" {{\n  vpc_security_group_ids = {groups}\n}}\n"
        );
        let found = unknown(&json, root, &module, &["--source", "envs/prod"]);
        assert_eq!(found, expected, "{groups}");
    }
}

/// An output can be something else in a case in which it is known, so only one by itself is certain.
#[test]
fn an_output_of_a_module_is_a_group_if_it_is_the_only_item() {
    const SOURCE: &[&str] = &["--source", "envs/prod"];
    let module = json!({ "logs": {
        "source": "../../modules/bucket",
        "module": {
            "resources": [configured(("aws_security_group", "this"), json!({}))],
            "outputs": { "id": { "expression": refers(&["aws_security_group.this.id", "aws_security_group.this"]) } },
        },
    } });
    let code = |groups: &str| {
        format!(
            "module \"logs\" {{\n  source = \"../../modules/bucket\"\n}}\nresource \"aws_security_group\" \"web\" {{}}\nresource \"aws_instance\" \"web\" {{\n  vpc_security_group_ids = {groups}\n}}\n"
        )
    };
    let of_module = "resource \"aws_security_group\" \"this\" {}\noutput \"id\" {\n  value = aws_security_group.this.id\n}\n";
    for (references, groups, expected) in [
        (vec!["module.logs.id", "module.logs"], "[module.logs.id]", 0),
        (
            vec!["module.logs.id", "module.logs", GROUPS[0], GROUPS[1]],
            "[module.logs.id, aws_security_group.web.id]",
            1,
        ),
    ] {
        let own = configured(
            ("aws_instance", "web"),
            json!({ "ami": {}, "subnet_id": {}, "vpc_security_group_ids": refers(&references) }),
        );
        let changes =
            [group("module.logs", "this"), group("", "web"), launched("", "aws_instance")];
        let of_group = configured(("aws_security_group", "web"), json!({}));
        let json = plan(&changes, &[of_group, own], &module);
        assert_eq!(unknown(&json, &code(groups), of_module, SOURCE), expected, "{groups}");
    }
}

/// The instances of a group are in the groups of the launch template.
#[test]
fn the_code_says_which_groups_a_launch_template_has() {
    let template = configured(
        ("aws_launch_template", "web"),
        json!({ "vpc_security_group_ids": refers(&GROUPS), "name": {} }),
    );
    let by_id = refers(&["aws_launch_template.web.id", "aws_launch_template.web"]);
    let instances = configured(
        ("aws_autoscaling_group", "web"),
        json!({ "launch_template": [{ "id": by_id }] }),
    );
    let after =
        json!({ "name": "web", "min_size": 1, "launch_template": [{ "version": "$Latest" }] });
    let open = json!({ "id": true, "launch_template": [{ "id": true, "name": true }] });
    let changes = [
        group("", "web"),
        launched("", "aws_launch_template"),
        created("", ("aws_autoscaling_group", "web"), after, open),
    ];
    let of_group = configured(("aws_security_group", "web"), json!({}));
    let json = plan(&changes, &[of_group, template, instances], &json!({}));
    let code = |groups: &str| {
        format!(
            "resource \"aws_security_group\" \"web\" {{}}\nresource \"aws_autoscaling_group\" \"web\" {{}}\nresource \"aws_launch_template\" \"web\" {{\n  vpc_security_group_ids = {groups}\n}}\n"
        )
    };
    for (groups, expected) in
        [("[aws_security_group.web.id]", 0), ("[aws_security_group.web.id, local.more]", 1)]
    {
        let found = unknown(&json, &code(groups), "", &["--source", "envs/prod"]);
        assert_eq!(found, expected, "{groups}");
    }
}
