//! `rolecall preview`: the resource that is named, and its line, are what causes a failure, makes it worse or
//! fixes it, also if other parts of the same resource change.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::history::validate;
use crate::preview::snapshot;
use crate::preview_comment::{previewed, shown};
use crate::preview_defaults::change;
use crate::program::{ran, rolecall};

const MAIN: &str = r#"resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = "vpc-1"
}

resource "aws_security_group_rule" "ssh" {
  security_group_id = aws_security_group.web.id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_security_group_rule" "rdp" {
  security_group_id = aws_security_group.web.id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 3389
  to_port           = 3389
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_s3_bucket" "data" {
  bucket = "data"
}

resource "aws_s3_bucket_policy" "data" {
  bucket = aws_s3_bucket.data.id
  policy = "{}"
}

resource "aws_s3_bucket_versioning" "data" {
  bucket = aws_s3_bucket.data.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_ebs_volume" "cache" {
  availability_zone = "eu-west-1a"
  size              = 20
}

resource "aws_instance" "batch" {
  ami                    = "ami-1"
  vpc_security_group_ids = [aws_security_group.web.id]
}
"#;

fn at(mut change: Value, address: &str) -> Value {
    change["address"] = address.into();
    change["name"] = address.split('.').next_back().unwrap().into();
    shown(change, &json!({}))
}

fn same(of: &str, name: &str, values: &Value) -> Value {
    let mut change = change(of, values.clone(), values.clone(), json!({}));
    change["change"]["actions"] = json!(["no-op"]);
    at(change, &format!("{of}.{name}"))
}

fn rule(port: u16, range: &str) -> Value {
    json!({
        "region": "eu-west-1", "security_group_id": "sg-1", "type": "ingress", "protocol": "tcp", "from_port": port,
        "to_port": port, "cidr_blocks": [range], "ipv6_cidr_blocks": [], "prefix_list_ids": [], "self": false,
    })
}

fn new_rule(port: u16, range: &str, name: &str) -> Value {
    let new =
        change("aws_security_group_rule", Value::Null, rule(port, range), json!({ "id": true }));
    at(new, &format!("aws_security_group_rule.{name}"))
}

fn group(ports: &[u16]) -> Value {
    let permission = |port: &u16| {
        json!({
            "ip_protocol": "tcp", "from_port": port, "to_port": port, "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }],
            "ipv6_ranges": [], "prefix_list_ids": [], "user_id_group_pairs": [],
        })
    };
    let permissions: Vec<Value> = ports.iter().map(permission).collect();
    json!({
        "kind": "ec2.security_group", "id": "sg-1",
        "facts": {
            "group_id": "sg-1", "group_name": "web", "vpc_id": "vpc-1", "owner_id": "111122223333", "description": "", "tags": {},
            "ip_permissions": permissions, "ip_permissions_egress": [],
        },
    })
}

fn bucket() -> Value {
    json!({
        "kind": "s3.bucket", "id": "data",
        "facts": {
            "name": "data", "bucket_region": "eu-west-1", "policy": null, "policy_status": null, "tags": null,
            "versioning": { "status": null, "mfa_delete": null }, "lifecycle": null,
        },
    })
}

/// The policy and the versioning of a bucket.
fn settings() -> [Value; 2] {
    let own = |more: Value| {
        let mut all = json!({ "region": "eu-west-1", "bucket": "data" });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let new = |of: &str, values: Value| {
        let change = change(of, Value::Null, values, json!({ "id": true }));
        at(change, &format!("{of}.data"))
    };
    let policy = json!({ "Version": "2012-10-17", "Statement": [] }).to_string();
    let status = json!({ "versioning_configuration": [{ "status": "Enabled" }] });
    [
        new("aws_s3_bucket_policy", own(json!({ "policy": policy }))),
        new("aws_s3_bucket_versioning", own(status)),
    ]
}

/// The JSON report, the annotations and the comment, with the code.
fn of_code(night: &[Value], changes: &[Value], rule: &str) -> (Value, String, String) {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("env")).unwrap();
    fs::write(dir.path().join("env/main.tf"), MAIN).unwrap();
    snapshot(&dir.path().join("night"), night);
    let plan = json!({ "format_version": "1.2", "resource_changes": changes });
    fs::write(dir.path().join("plan.json"), plan.to_string()).unwrap();
    for args in [&["init", "--quiet"][..], &["add", "env"]] {
        let output = Command::new("git").args(args).current_dir(dir.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let args = ["preview", "--snapshot", "night", "--plan", "plan.json", "--source", "env"];
    let outputs = ["--output", "json", "--output", "github=lines", "--output", "markdown=comment"];
    let args = [&args[..], &["--rule", rule], &outputs].concat();
    let ran = ran(rolecall().args(args).current_dir(dir.path()).output().unwrap());
    let json = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    validate("preview/v1.schema.json", &json);
    let read = |name| fs::read_to_string(dir.path().join(name)).unwrap();
    (json, read("lines"), read("comment"))
}

/// The line in `MAIN` that contains this.
fn line_of(part: &str) -> usize {
    1 + MAIN.lines().position(|line| line.contains(part)).unwrap()
}

#[test]
fn what_gets_worse_is_at_the_line_of_what_the_change_adds() {
    let web = json!({ "region": "eu-west-1", "id": "sg-1", "name": "web", "vpc_id": "vpc-1" });
    let mut ssh = rule(22, "0.0.0.0/0");
    ssh["id"] = "sgrule-1".into();
    let changes = [
        same("aws_security_group", "web", &web),
        same("aws_security_group_rule", "ssh", &ssh),
        new_rule(3389, "0.0.0.0/0", "rdp"),
    ];
    let (json, lines, _) = of_code(&[group(&[22])], &changes, "sg-ingress-remote-admin-ipv4");
    let worse = &json["worse_failures"][0];
    assert_eq!(worse["source"]["line"], 15, "{json}");
    assert_eq!(worse["addresses"], json!(["aws_security_group_rule.rdp"]), "{json}");
    assert!(lines.contains("file=env/main.tf,line=15,"), "{lines}");
    assert!(!lines.contains("line=6,"), "{lines}");
}

#[test]
fn the_setting_that_a_rule_reads_is_named_and_its_line() {
    let data = json!({ "region": "eu-west-1", "id": "data", "bucket": "data" });
    let [policy, versioning] = settings();
    let changes = [same("aws_s3_bucket", "data", &data), policy, versioning];
    let (json, lines, _) = of_code(&[bucket()], &changes, "s3-bucket-versioned-lifecycle");
    let new = &json["new_failures"][0];
    let expected = json!(["aws_s3_bucket_versioning.data", "aws_s3_bucket_policy.data"]);
    assert_eq!(new["addresses"], expected, "{json}");
    assert_eq!(new["source"]["address"], "aws_s3_bucket_versioning.data", "{json}");
    assert!(lines.contains("file=env/main.tf,line=3"), "{lines}");
    // What is fixed names its cause.
    let mut versioned = bucket();
    versioned["facts"]["versioning"]["status"] = "Enabled".into();
    let [policy, mut versioning] = settings();
    versioning["change"]["actions"] = json!(["update"]);
    versioning["change"]["before"] = versioning["change"]["after"].clone();
    versioning["change"]["after"]["versioning_configuration"][0]["status"] = "Suspended".into();
    versioning["change"]["after_unknown"] = json!({});
    let (json, comment, _) =
        previewed(&[versioned], &[policy, versioning], &["s3-bucket-versioned-lifecycle"]);
    assert_eq!(json["fixed"][0]["addresses"], expected, "{json}");
    let values = "`versioning_configuration.status`: `Enabled` → `Suspended`";
    assert!(comment.contains(values), "{comment}");
    assert!(!comment.contains("aws_s3_bucket_policy"), "{comment}");
}

/// What is fixed, not known, destroyed, exposed or as before has a line, too.
#[test]
fn what_is_no_new_failure_has_a_line() {
    let data = json!({ "region": "eu-west-1", "id": "data", "bucket": "data" });
    let same_bucket = same("aws_s3_bucket", "data", &data);
    let [policy, versioning] = settings();
    let mut open = versioning.clone();
    open["change"]["after"]["versioning_configuration"] = json!([{}]);
    open["change"]["after_unknown"]["versioning_configuration"] = json!([{ "status": true }]);
    let volume = |encrypted: bool| {
        json!({
            "region": "eu-west-1", "id": "vol-1", "availability_zone": "eu-west-1a", "size": 20, "encrypted": encrypted,
        })
    };
    let mut new = volume(true);
    new.as_object_mut().unwrap().remove("id");
    let mut replaced = change("aws_ebs_volume", volume(false), new, json!({ "id": true }));
    replaced["change"]["actions"] = json!(["delete", "create"]);
    let cache = at(replaced, "aws_ebs_volume.cache");
    let night_volume = json!({
        "kind": "ec2.volume", "id": "vol-1",
        "facts": { "volume_id": "vol-1", "size": 20, "encrypted": true, "state": "available", "tags": {}, "attachments": [] },
    });
    let instance =
        json!({ "region": "eu-west-1", "ami": "ami-1", "vpc_security_group_ids": ["sg-1"] });
    let unknown = json!({ "id": true, "arn": true, "primary_network_interface_id": true });
    let batch = at(change("aws_instance", Value::Null, instance, unknown), "aws_instance.batch");
    let (versioned, admin) = ("s3-bucket-versioning", "sg-ingress-remote-admin-ipv4");
    for (list, night, changes, rule, part) in [
        ("fixed", bucket(), vec![same_bucket.clone(), versioning], versioned, "status ="),
        ("not_known_until_apply", bucket(), vec![same_bucket.clone(), open], versioned, "status ="),
        (
            "failing_before_and_after",
            bucket(),
            vec![same_bucket, policy],
            versioned,
            "resource \"aws_s3_bucket\"",
        ),
        ("destroyed", night_volume, vec![cache], versioned, "\"cache\""),
        ("newly_exposed", group(&[22]), vec![batch], admin, "\"batch\""),
    ] {
        let (json, lines, comment) = of_code(&[night], &changes, rule);
        let line = line_of(part);
        assert_eq!(json[list][0]["source"]["file"], "env/main.tf", "{list}: {json}");
        assert_eq!(json[list][0]["source"]["line"], line, "{list}: {json}");
        assert!(comment.contains(&format!("`env/main.tf:{line}`")), "{list}: {comment}");
        // Annotations are for failures.
        assert!(!lines.contains("file="), "{list}: {lines}");
    }
}

/// Ports alone do not make a rule the cause: its address range does.
#[test]
fn a_rule_for_another_range_is_not_the_cause() {
    let mut all = rule(0, "0.0.0.0/0");
    all["protocol"] = "-1".into();
    let new = change("aws_security_group_rule", Value::Null, all, json!({ "id": true }));
    let changes = [new_rule(22, "10.0.0.0/8", "office"), at(new, "aws_security_group_rule.vpn")];
    let (json, comment, _) = previewed(&[group(&[])], &changes, &["sg-ingress-remote-admin-ipv4"]);
    let new = &json["new_failures"][0];
    assert_eq!(new["addresses"][0], "aws_security_group_rule.vpn", "{json}");
    assert!(!comment.contains("10.0.0.0/8"), "{comment}");
}

/// Of two endpoints that are deleted, one is for the service.
#[test]
fn what_is_missing_names_what_was_deleted() {
    let vpc = json!({
        "kind": "ec2.vpc", "id": "vpc-1",
        "facts": { "vpc_id": "vpc-1", "owner_id": "111122223333", "is_default": false, "state": "available", "tags": {} },
    });
    let endpoint = |id: &str, of: &str, service: &str| {
        let night = json!({
            "kind": "ec2.vpc_endpoint", "id": id,
            "facts": {
                "vpc_endpoint_id": id, "vpc_endpoint_type": of, "vpc_id": "vpc-1", "state": "available",
                "service_name": format!("com.amazonaws.eu-west-1.{service}"), "owner_id": "111122223333", "tags": {},
                "requester_managed": false, "subnet_ids": [], "groups": [], "route_table_ids": [], "private_dns_enabled": true,
            },
        });
        let before = json!({
            "region": "eu-west-1", "id": id, "vpc_id": "vpc-1", "vpc_endpoint_type": of,
            "service_name": format!("com.amazonaws.eu-west-1.{service}"),
        });
        let change = change("aws_vpc_endpoint", before, Value::Null, json!({}));
        (night, at(change, &format!("aws_vpc_endpoint.{service}")))
    };
    let (s3, no_s3) = endpoint("vpce-1", "Gateway", "s3");
    let (ssm, no_ssm) = endpoint("vpce-2", "Interface", "ssm");
    let (json, comment, _) = previewed(&[vpc, s3, ssm], &[no_s3, no_ssm], &["vpc-endpoint-ssm"]);
    let expected = json!(["aws_vpc_endpoint.ssm", "aws_vpc_endpoint.s3"]);
    assert_eq!(json["new_failures"][0]["addresses"], expected, "{json}");
    assert!(!comment.contains("aws_vpc_endpoint.s3"), "{comment}");
}

/// A new VPC has nothing that the rule reads.
#[test]
fn values_that_a_rule_does_not_read_are_not_shown() {
    let values = json!({ "region": "eu-west-1", "cidr_block": "10.0.0.0/16", "instance_tenancy": "default" });
    let unknown = json!({ "id": true, "default_security_group_id": true });
    let vpc = at(change("aws_vpc", Value::Null, values, unknown), "aws_vpc.a");
    let (json, comment, _) = previewed(&[], &[vpc], &["vpc-flow-logs"]);
    assert_eq!(json["new_failures"].as_array().unwrap().len(), 1, "{json}");
    assert!(comment.contains("new resource"), "{comment}");
    for value in ["cidr_block", "instance_tenancy", "`region`"] {
        assert!(!comment.contains(value), "{value}: {comment}");
    }
    // Only rules that are about their own group have it.
    let (_, comment, _) = previewed(
        &[group(&[])],
        &[new_rule(22, "0.0.0.0/0", "ssh")],
        &["sg-ingress-remote-admin-ipv4"],
    );
    assert!(comment.contains("`from_port`: `22`") && !comment.contains("`self`"), "{comment}");
}
