//! What a preview shows of a change besides the verdicts: what a change set does, names that are
//! generated, and links.

use std::fs;

use serde_json::{Value, json};

use crate::preview::snapshot;
use crate::preview_change_set::{STACK, account, all_traffic, modify, resource, with};
use crate::preview_comment::shown;
use crate::preview_defaults::change;
use crate::program::{run, text};

#[test]
fn a_change_set_says_what_it_does_to_a_resource() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| text(&dir.path().join(name)).to_owned();
    let closed = json!({
        "group_name": "web", "vpc_id": "vpc-1", "owner_id": "111122223333", "tags": {},
        "ip_permissions": [], "ip_permissions_egress": [all_traffic()],
    });
    let mut night = account();
    night.retain(|one| one["id"] != "sg-1");
    night.push(resource("ec2.security_group", "sg-1", closed));
    snapshot(&dir.path().join("night"), &night);
    let ingress = |cidr: &str| {
        json!({
            "GroupDescription": "web", "VpcId": "vpc-1",
            "SecurityGroupIngress": [{ "IpProtocol": "tcp", "FromPort": "22", "ToPort": "22", "CidrIp": cidr }],
        })
    };
    let group = "AWS::EC2::SecurityGroup";
    let detail = json!({ "Target": {
        "Attribute": "Properties", "Name": "SecurityGroupIngress", "RequiresRecreation": "Never",
        "Path": "/Properties/SecurityGroupIngress/0/CidrIp", "BeforeValue": "10.0.0.0/8", "AfterValue": "0.0.0.0/0",
    } });
    let changed = with(
        modify(group, "sg-1", ingress("10.0.0.0/8"), ingress("0.0.0.0/0")),
        json!({ "Replacement": "False", "Details": [detail] }),
    );
    let set = json!({
        "StackId": STACK, "StackName": "web", "Status": "CREATE_COMPLETE",
        "Changes": [{ "Type": "Resource", "ResourceChange": changed }],
    });
    fs::write(at("set.json"), set.to_string()).unwrap();
    let outputs = [format!("json={}", at("report.json")), format!("markdown={}", at("comment.md"))];
    let ran = run(&[
        "preview",
        "--snapshot",
        &at("night"),
        "--change-set",
        &at("set.json"),
        "--rule",
        "sg-ingress-remote-admin-ipv4",
        "--output",
        &outputs[0],
        "--output",
        &outputs[1],
        "--output",
        "text",
    ]);
    assert_eq!(ran.code, 1, "{} {}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("Stack     web\n"), "{}", ran.stdout);
    let comment = fs::read_to_string(at("comment.md")).unwrap();
    for part in ["\nStack `web`\n", ": update<br>", ".CidrIp`: `10.0.0.0/8` → `0.0.0.0/0`"] {
        assert!(comment.contains(part), "{part}: {comment}");
    }
    let json: Value =
        serde_json::from_str(&fs::read_to_string(at("report.json")).unwrap()).unwrap();
    assert_eq!(json["stack"], "web");
    assert_eq!(json["new_failures"][0]["changes"][0]["action"], "update", "{json}");
}

/// `default` is reserved for the groups that AWS creates.
#[test]
fn a_generated_name_is_not_that_of_a_default_group() {
    let group = |name: Value, expressions: Value| {
        let after = json!({
            "region": "eu-west-1", "vpc_id": "vpc-1", "description": "workers", "ingress": [], "egress": [],
            "name_prefix": name,
        });
        let unknown =
            json!({ "id": true, "arn": true, "name": true, "name_prefix": name.is_null() });
        let resource = json!({
            "address": "aws_security_group.a", "mode": "managed", "type": "aws_security_group", "name": "a",
            "provider_config_key": "aws", "expressions": expressions,
        });
        let group = change("aws_security_group", Value::Null, after, unknown);
        (shown(group, &json!({})), json!({ "root_module": { "resources": [resource] } }))
    };
    let prefix = json!({ "name_prefix": { "constant_value": "default" } });
    let computed = json!({ "name": { "references": ["random_pet.a.id", "random_pet.a"] } });
    for (name, expressions, not_known) in [
        (json!("default"), prefix, 0),
        (Value::Null, json!({}), 0),
        // It can be any name.
        (Value::Null, computed, 1),
    ] {
        let (group, configuration) = group(name, expressions.clone());
        let (json, comment, _) = previewed_with(&[group], &configuration);
        let list = json["not_known_until_apply"].as_array().unwrap();
        assert_eq!(list.len(), not_known, "{expressions}: {comment}");
    }
}

fn previewed_with(changes: &[Value], configuration: &Value) -> (Value, String, i32) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("plan.json");
    let plan = json!({
        "format_version": "1.2", "resource_changes": changes, "configuration": configuration,
    });
    fs::write(&file, plan.to_string()).unwrap();
    let args = ["--account", "111122223333", "--rule", "sg-default-closed", "--output", "json"];
    let ran = run(&[&["preview", "--plan", text(&file)], &args[..]].concat());
    let json = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    (json, ran.stdout, ran.code)
}

/// The AWS console has no page for what does not exist yet.
#[test]
fn new_resources_have_no_links_in_sarif() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| text(&dir.path().join(name)).to_owned();
    let settings = json!({
        "kind": "ec2.settings", "id": "eu-west-1",
        "facts": { "region_name": "eu-west-1", "ebs_encryption_by_default": { "ebs_encryption_by_default": false } },
    });
    snapshot(&dir.path().join("night"), &[settings]);
    let volume = |encrypted: bool| json!({ "region": "eu-west-1", "availability_zone": "eu-west-1a", "size": 8, "encrypted": encrypted });
    let created = change("aws_ebs_volume", Value::Null, volume(false), json!({ "id": true }));
    let plan = json!({ "format_version": "1.2", "resource_changes": [shown(created, &json!({}))] });
    fs::write(at("plan.json"), plan.to_string()).unwrap();
    let sarif = format!("sarif={}", at("p.sarif"));
    let (night, file) = (at("night"), at("plan.json"));
    let change = ["preview", "--snapshot", &night, "--plan", &file];
    let rest = ["--rule", "ebs-volume-encrypted", "--output", &sarif];
    let ran = run(&[&change[..], &rest[..]].concat());
    let sarif = fs::read_to_string(at("p.sarif")).unwrap_or_else(|_| panic!("{}", ran.stderr));
    assert!(sarif.contains("aws_ebs_volume.a"), "{sarif}");
    assert!(!sarif.contains("console.aws.amazon.com"), "{sarif}");
    // What exists has one.
    let group = json!({
        "kind": "ec2.security_group", "id": "sg-1",
        "facts": {
            "group_id": "sg-1", "group_name": "web", "vpc_id": "vpc-1", "owner_id": "111122223333",
            "description": "", "tags": {}, "ip_permissions_egress": [], "ip_permissions": [],
        },
    });
    let after = json!({
        "region": "eu-west-1", "security_group_id": "sg-1", "ip_protocol": "tcp",
        "from_port": 22, "to_port": 22, "cidr_ipv4": "0.0.0.0/0",
    });
    let rule = "aws_vpc_security_group_ingress_rule";
    let opened = shown(change_of(rule, after), &json!({}));
    snapshot(&dir.path().join("other"), &[group]);
    let plan = json!({ "format_version": "1.2", "resource_changes": [opened] });
    fs::write(at("plan.json"), plan.to_string()).unwrap();
    let (night, out) = (at("other"), format!("sarif={}", at("q.sarif")));
    let rest = ["--rule", "sg-ingress-remote-admin-ipv4", "--output", &out];
    run(&[&["preview", "--snapshot", &night, "--plan", &file], &rest[..]].concat());
    let sarif = fs::read_to_string(at("q.sarif")).unwrap();
    assert!(sarif.contains("console.aws.amazon.com"), "{sarif}");
}

fn change_of(of: &str, after: Value) -> Value {
    change(of, Value::Null, after, json!({ "id": true }))
}
