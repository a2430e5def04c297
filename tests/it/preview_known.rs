//! `rolecall preview`: what is known decides, although something of the same kind is known only after apply.

use std::fs;

use serde_json::{Value, json};

use crate::preview::snapshot;
use crate::preview_defaults::{change, preview_of};
use crate::preview_left_open::plan;
use crate::program::{run, text};

const ACCOUNT: &str = "111122223333";

/// The numbers of new failures, of fixed ones, and of what is not known until apply.
fn counts(preview: &Value) -> [usize; 3] {
    ["new_failures", "fixed", "not_known_until_apply"]
        .map(|list| preview[list].as_array().unwrap().len())
}

fn group(id: &str, permissions: &Value) -> Value {
    json!({
        "kind": "ec2.security_group", "id": id,
        "facts": {
            "group_id": id, "group_name": id, "owner_id": ACCOUNT, "vpc_id": "vpc-1",
            "ip_permissions": permissions, "ip_permissions_egress": [],
        },
    })
}

/// A VPC with an instance, which uses two security groups, one of them open. Nothing uses `sg-idle`.
fn night() -> Vec<Value> {
    let open = json!([{
        "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }],
        "ipv6_ranges": [], "prefix_list_ids": [], "user_id_group_pairs": [],
    }]);
    let interface = json!({
        "network_interface_id": "eni-1", "vpc_id": "vpc-1", "interface_type": "interface", "status": "in-use",
        "groups": [{ "group_id": "sg-used" }, { "group_id": "sg-open" }],
        "attachment": { "instance_id": "i-1", "device_index": 0, "attach_time": "2026-03-01T00:00:00Z" },
    });
    let instance = json!({
        "instance_id": "i-1", "state": { "name": "running" }, "launch_time": "2026-03-01T00:00:00Z",
        "instance_type": "m1.small", "ebs_optimized": false,
    });
    let of_type = json!({ "instance_type": "m1.small", "ebs_info": { "ebs_optimized_support": "unsupported" } });
    vec![
        json!({ "kind": "ec2.vpc", "id": "vpc-1", "facts": { "vpc_id": "vpc-1", "owner_id": ACCOUNT } }),
        json!({ "kind": "ec2.subnet", "id": "subnet-1", "facts": { "subnet_id": "subnet-1", "vpc_id": "vpc-1" } }),
        group("sg-used", &json!([])),
        group("sg-open", &open),
        group("sg-idle", &json!([])),
        json!({ "kind": "ec2.network_interface", "id": "eni-1", "facts": interface }),
        json!({ "kind": "ec2.instance", "id": "i-1", "facts": instance }),
        json!({ "kind": "ec2.instance_type", "id": "m1.small", "facts": of_type }),
    ]
}

#[test]
fn what_is_new_leaves_what_there_is_as_it_is() {
    let attributes = || json!({ "region": "eu-west-1", "id": "x", "subnets": ["subnet-1"] });
    let created = |of: &str| change(of, Value::Null, attributes(), json!({ "id": true }));
    let updated = |of: &str| {
        let mut before = attributes();
        before["subnets"] = json!(["subnet-2"]);
        change(of, before, attributes(), json!({}))
    };
    let deleted = |of: &str| change(of, attributes(), Value::Null, json!({}));
    let (balancer, nodes, policy) = ("aws_lb", "aws_eks_node_group", "aws_autoscaling_policy");
    for (name, changes, rule, not_known) in [
        ("created", vec![created(balancer)], "sg-unused", 1),
        ("created", vec![created(balancer)], "vpc-unused", 0),
        ("created", vec![created(balancer)], "sg-ingress-any-port-internet", 0),
        ("created", vec![created(balancer)], "ec2-instance-max-age", 0),
        ("nodes", vec![created(nodes)], "sg-unused", 1),
        ("nodes", vec![created(nodes)], "ec2-instance-ebs-optimized", 1),
        // It can delete the interface, or put other groups in it.
        ("updated", vec![updated(balancer)], "sg-unused", 3),
        ("updated", vec![updated(balancer)], "ec2-instance-max-age", 1),
        ("deleted", vec![deleted(balancer)], "sg-unused", 3),
        ("deleted", vec![deleted(balancer)], "vpc-unused", 1),
        ("deleted", vec![deleted(balancer)], "sg-ingress-any-port-internet", 1),
        ("both", vec![created(balancer), deleted(nodes)], "sg-unused", 3),
        // It can terminate instances.
        ("a scaling policy", vec![created(policy)], "sg-unused", 3),
    ] {
        let preview = preview_of(name, Some(&night()), &plan(&changes, &[]), rule);
        assert_eq!(counts(&preview), [0, 0, not_known], "{name}: {rule}: {preview}");
    }
}

#[test]
fn a_member_that_is_not_known_leaves_the_others_known() {
    let interface = change(
        "aws_network_interface",
        Value::Null,
        json!({ "region": "eu-west-1", "subnet_id": "subnet-1" }),
        json!({ "id": true, "security_groups": true }),
    );
    let of_data = json!({ "references": ["data.aws_security_groups.all.ids", "data.aws_security_groups.all"] });
    let interfaces = plan(
        &[interface],
        &[(
            "aws_network_interface",
            json!({ "subnet_id": { "constant_value": "subnet-1" }, "security_groups": of_data }),
        )],
    );
    // Of a new launch template, the image is not known, but the groups are.
    let template = |groups: &[&str]| {
        let template = change(
            "aws_launch_template",
            Value::Null,
            json!({ "region": "eu-west-1", "name": "web", "vpc_security_group_ids": groups }),
            json!({ "id": true, "image_id": true, "default_version": true, "latest_version": true }),
        );
        let image = json!({ "references": ["aws_ami_copy.a.id", "aws_ami_copy.a"] });
        plan(
            &[template],
            &[(
                "aws_launch_template",
                json!({
                    "name": { "constant_value": "web" }, "image_id": image,
                    "vpc_security_group_ids": { "constant_value": groups },
                }),
            )],
        )
    };
    let log = change(
        "aws_flow_log",
        Value::Null,
        json!({ "region": "eu-west-1", "traffic_type": "ALL" }),
        json!({ "id": true, "vpc_id": true }),
    );
    let of_data = json!({ "references": ["data.aws_vpc.a.id", "data.aws_vpc.a"] });
    let logs = plan(&[log], &[("aws_flow_log", json!({ "vpc_id": of_data }))]);
    let mut night = night();
    night.push(json!({
        "kind": "ec2.flow_log", "id": "fl-1",
        "facts": { "flow_log_id": "fl-1", "resource_id": "vpc-1", "flow_log_status": "ACTIVE", "traffic_type": "ALL", "deliver_logs_status": "SUCCESS" },
    }));
    night.push(json!({ "kind": "ec2.vpc", "id": "vpc-2", "facts": { "vpc_id": "vpc-2", "owner_id": ACCOUNT } }));
    for (name, plan, rule, expected) in [
        // Only the group without uses may be one of its groups.
        ("interface", &interfaces, "sg-unused", [0, 0, 1]),
        ("template", &template(&["sg-used"]), "sg-unused", [0, 0, 0]),
        ("template of the group", &template(&["sg-idle"]), "sg-unused", [0, 1, 0]),
        // Only the VPC without flow logs may be the one that it is of.
        ("flow log", &logs, "vpc-flow-logs", [0, 0, 1]),
    ] {
        let preview = preview_of(name, Some(&night), plan, rule);
        assert_eq!(counts(&preview), expected, "{name}: {preview}");
    }
}

#[test]
fn without_a_snapshot_what_the_plan_has_decides() {
    let vpc = change(
        "aws_vpc",
        Value::Null,
        json!({ "region": "eu-west-1", "cidr_block": "10.0.0.0/16" }),
        json!({ "id": true }),
    );
    let log = change(
        "aws_flow_log",
        Value::Null,
        json!({ "region": "eu-west-1", "traffic_type": "ALL" }),
        json!({ "id": true, "vpc_id": true }),
    );
    let of_vpc = json!({ "vpc_id": { "references": ["aws_vpc.a.id", "aws_vpc.a"] } });
    for (name, changes, not_known) in
        [("with flow log", vec![vpc.clone(), log], 0), ("without", vec![vpc], 1)]
    {
        let plan = plan(&changes, &[("aws_flow_log", of_vpc.clone())]);
        let preview = preview_of(name, None, &plan, "vpc-flow-logs");
        assert_eq!(counts(&preview), [0, 0, not_known], "{name}: {preview}");
    }
}

#[test]
fn a_key_of_the_plan_is_none_of_aws() {
    const ENCRYPTION: &str = "aws_s3_bucket_server_side_encryption_configuration";
    const DEFAULT: &str = "apply_server_side_encryption_by_default";
    let dir = tempfile::tempdir().unwrap();
    let [night, file, config] =
        ["night", "plan.json", "rolecall.toml"].map(|name| dir.path().join(name));
    snapshot(&night, &[]);
    fs::write(&config, "[rules.\"s3-bucket-kms-encryption\"]\nparams.require_named_key = true\n")
        .unwrap();
    let bucket = change(
        "aws_s3_bucket",
        Value::Null,
        json!({ "region": "eu-west-1", "bucket": "new" }),
        json!({ "id": true }),
    );
    let key = |of: &str| {
        change(
            of,
            Value::Null,
            json!({ "region": "eu-west-1" }),
            json!({ "id": true, "arn": true, "key_id": true }),
        )
    };
    let there = |of: &str| {
        change(
            of,
            Value::Null,
            json!({ "region": "us-east-1" }),
            json!({ "id": true, "arn": true, "key_id": true }),
        )
    };
    let encryption = change(
        ENCRYPTION,
        Value::Null,
        json!({ "region": "eu-west-1", "bucket": "new", "rule": [{ DEFAULT: [{ "sse_algorithm": "aws:kms" }] }] }),
        json!({ "id": true, "rule": [{ DEFAULT: [{ "kms_master_key_id": true }] }] }),
    );
    for (references, keys, not_known) in [
        (&["aws_kms_key.a.arn", "aws_kms_key.a"][..], vec![key("aws_kms_key")], 0),
        (&["aws_kms_key.a.key_id", "aws_kms_key.a"], vec![key("aws_kms_key")], 0),
        (
            &["aws_kms_external_key.a.arn", "aws_kms_external_key.a"],
            vec![key("aws_kms_external_key")],
            0,
        ),
        // An alias can be that of a key of AWS, as far as the plan says.
        (&["data.aws_kms_alias.a.target_key_arn", "data.aws_kms_alias.a"], vec![], 1),
        // It can be none of them.
        (
            &[
                "aws_kms_key.a.arn",
                "aws_kms_key.a",
                "aws_kms_external_key.a.arn",
                "aws_kms_external_key.a",
            ],
            vec![key("aws_kms_key"), key("aws_kms_external_key")],
            1,
        ),
        (&["aws_kms_key.a.policy", "aws_kms_key.a"], vec![key("aws_kms_key")], 1),
        // Where it is, its ARN says.
        (&["aws_kms_key.a.arn", "aws_kms_key.a"], vec![there("aws_kms_key")], 1),
    ] {
        let rule = json!([{ DEFAULT: [{
            "sse_algorithm": { "constant_value": "aws:kms" }, "kms_master_key_id": { "references": references },
        }] }]);
        let changes = [vec![bucket.clone(), encryption.clone()], keys].concat();
        let of_bucket = json!({ "references": ["aws_s3_bucket.a.id", "aws_s3_bucket.a"] });
        let arguments = [(ENCRYPTION, json!({ "bucket": of_bucket, "rule": rule }))];
        fs::write(&file, plan(&changes, &arguments).to_string()).unwrap();
        let args = ["preview", "--rule", "s3-bucket-kms-encryption", "--output", "json"];
        let files = ["--snapshot", text(&night), "--plan", text(&file), "--config", text(&config)];
        let ran = run(&[&args[..], &files[..]].concat());
        let preview: Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
        assert_eq!(counts(&preview), [0, 0, not_known], "{references:?}: {preview}");
    }
}
