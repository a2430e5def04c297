//! `rolecall preview`: what the plan leaves open and the snapshot decides, and what follows from a change.

use std::fs;

use serde_json::{Value, json};

use crate::preview::snapshot;
use crate::program::{run, text};

fn settings(on: bool) -> Value {
    json!({
        "kind": "ec2.settings", "id": "eu-west-1",
        "facts": { "region_name": "eu-west-1", "ebs_encryption_by_default": { "ebs_encryption_by_default": on } },
    })
}

fn volume(encrypted: Value, snapshot: Value) -> Value {
    // Both are computed if the configuration leaves them open.
    let unknown = json!({ "encrypted": encrypted.is_null(), "snapshot_id": snapshot.is_null() });
    json!({
        "address": "aws_ebs_volume.a", "mode": "managed", "type": "aws_ebs_volume", "name": "a",
        "change": {
            "actions": ["create"], "before": null, "after_unknown": unknown,
            "after": { "region": "eu-west-1", "availability_zone": "eu-west-1a", "size": 8, "encrypted": encrypted, "snapshot_id": snapshot },
        },
    })
}

/// The preview of a plan with one rule.
fn preview(name: &str, night: &[Value], plan: &Value, rule: &str) -> Value {
    preview_of(name, Some(night), plan, rule)
}

/// The same, possibly without a snapshot.
pub fn preview_of(name: &str, night: Option<&[Value]>, plan: &Value, rule: &str) -> Value {
    let dir = tempfile::tempdir().unwrap();
    let (folder, file) = (dir.path().join("night"), dir.path().join("plan.json"));
    fs::write(&file, plan.to_string()).unwrap();
    let known = match night {
        Some(night) => {
            snapshot(&folder, night);
            ["--snapshot", text(&folder)]
        }
        None => ["--account", "111122223333"],
    };
    let files = ["--plan", text(&file)];
    let args = ["preview", "--rule", rule, "--output", "json"];
    let ran = run(&[&args[..], &known[..], &files[..]].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{name}: {}", ran.stderr))
}

#[test]
fn encryption_by_default_of_the_region_decides_for_new_volumes() {
    let turned_on = json!({
        "address": "aws_ebs_encryption_by_default.a", "mode": "managed", "type": "aws_ebs_encryption_by_default", "name": "a",
        "change": {
            "actions": ["create"], "before": null, "after_unknown": { "id": true },
            "after": { "region": "eu-west-1", "enabled": true },
        },
    });
    // The volume has what the snapshot of the image has.
    let instance = json!({
        "address": "aws_instance.a", "mode": "managed", "type": "aws_instance", "name": "a",
        "change": {
            "actions": ["create"], "before": null,
            "after": { "region": "eu-west-1", "ami": "ami-1", "root_block_device": [{ "volume_size": 8 }] },
            "after_unknown": { "id": true, "root_block_device": [{ "encrypted": true, "volume_id": true }] },
        },
    });
    let null = Value::Null;
    for (name, on, changes, expected) in [
        ("on", Some(true), vec![volume(null.clone(), null.clone())], "-"),
        ("on, false", Some(true), vec![volume(json!(false), null.clone())], "-"),
        ("on, with a snapshot", Some(true), vec![volume(null.clone(), json!("snap-1"))], "-"),
        ("off", Some(false), vec![volume(null.clone(), null.clone())], "new_failures"),
        (
            "off, with a snapshot",
            Some(false),
            vec![volume(null.clone(), json!("snap-1"))],
            "not_known_until_apply",
        ),
        ("off, true", Some(false), vec![volume(json!(true), null.clone())], "-"),
        (
            "turned on by the plan",
            Some(false),
            vec![volume(null.clone(), null.clone()), turned_on],
            "not_known_until_apply",
        ),
        ("volume of an image, on", Some(true), vec![instance.clone()], "-"),
        ("volume of an image, off", Some(false), vec![instance], "not_known_until_apply"),
        ("no setting", None, vec![volume(null.clone(), null)], "not_known_until_apply"),
    ] {
        let night: Vec<Value> = on.map(settings).into_iter().collect();
        let json = json!({ "format_version": "1.2", "resource_changes": changes });
        let preview = preview(name, &night, &json, "ebs-volume-encrypted");
        for list in ["new_failures", "not_known_until_apply", "not_checked"] {
            let number = preview[list].as_array().unwrap().len();
            assert_eq!(number, usize::from(list == expected), "{name}: {list}: {preview}");
        }
    }
}

/// A change of a resource `a` of a type.
pub fn change(of: &str, before: Value, after: Value, unknown: Value) -> Value {
    let actions = match (before.is_null(), after.is_null()) {
        (true, _) => ["create"],
        (_, true) => ["delete"],
        _ => ["update"],
    };
    json!({
        "address": format!("{of}.a"), "mode": "managed", "type": of, "name": "a",
        "change": { "actions": actions, "before": before, "after": after, "after_unknown": unknown },
    })
}

fn policy(statement: &Value) -> Value {
    let text = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    json!({ "region": "eu-west-1", "id": "data", "bucket": "data", "policy": text })
}

/// A bucket with a policy, which S3 does not consider public.
fn bucket(policy: Option<&Value>) -> Value {
    let document = policy.map(|statement| json!({ "document": { "Statement": [statement] } }));
    let status = policy.map(|_| json!({ "is_public": false }));
    json!({
        "kind": "s3.bucket", "id": "data",
        "facts": { "name": "data", "policy": document, "policy_status": status },
    })
}

#[test]
fn what_follows_from_a_change_is_not_what_was_before() {
    let web = json!({ "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:role/web" }, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" });
    let everyone = json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" });
    let roles = json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*", "Condition": { "StringLike": { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/*" } } });
    let tls = json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::data/*", "Condition": { "Bool": { "aws:SecureTransport": "false" } } });
    let null = Value::Null;
    let of_policy = |before: Value, after: Value| {
        change("aws_s3_bucket_policy", before, after, json!({ "id": true }))
    };
    let group = json!({
        "kind": "ec2.security_group", "id": "sg-1",
        "facts": {
            "group_id": "sg-1", "group_name": "default", "vpc_id": "vpc-1", "owner_id": "111122223333", "description": "", "tags": {},
            "ip_permissions": [{ "ip_protocol": "-1", "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }], "ipv6_ranges": [], "prefix_list_ids": [], "user_id_group_pairs": [] }],
            "ip_permissions_egress": [],
        },
    });
    let of_group = json!({
        "region": "eu-west-1", "id": "sg-1", "vpc_id": "vpc-1", "egress": [],
        "ingress": [{ "protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"] }],
    });
    let imds = json!({
        "kind": "ec2.settings", "id": "eu-west-1",
        "facts": {
            "region_name": "eu-west-1",
            "instance_metadata_defaults": { "http_tokens": "required" },
        },
    });
    let defaults = json!({ "region": "eu-west-1", "id": "x", "http_tokens": "required" });
    let table = json!({
        "kind": "ec2.route_table", "id": "rtb-1",
        "facts": { "route_table_id": "rtb-1", "vpc_id": "vpc-1", "owner_id": "111122223333", "associations": [], "routes": [], "propagating_vgws": [], "tags": {} },
    });
    let gateway = change(
        "aws_internet_gateway",
        null.clone(),
        json!({ "region": "eu-west-1", "vpc_id": "vpc-1" }),
        json!({ "id": true }),
    );
    let route = change(
        "aws_route",
        null.clone(),
        json!({ "region": "eu-west-1", "route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0" }),
        json!({ "id": true, "gateway_id": true }),
    );
    for (name, night, changes, rule, expected) in [
        (
            "the status of a new policy",
            bucket(Some(&web)),
            vec![of_policy(policy(&web), policy(&roles))],
            "s3-bucket-policy-not-public",
            "not_known_until_apply",
        ),
        (
            "the status of a policy that is not public in any case",
            bucket(Some(&everyone)),
            vec![of_policy(policy(&everyone), policy(&web))],
            "s3-bucket-policy-not-public",
            "fixed",
        ),
        (
            "a policy that allows nothing",
            bucket(None),
            vec![of_policy(null.clone(), policy(&tls))],
            "s3-bucket-policy-not-public",
            "-",
        ),
        (
            "a default group stays",
            group,
            vec![change("aws_default_security_group", of_group, null.clone(), json!({}))],
            "sg-default-closed",
            "unchanged",
        ),
        (
            "defaults that are taken back",
            imds,
            vec![change("aws_ec2_instance_metadata_defaults", defaults, null, json!({}))],
            "ec2-imds-defaults-v2",
            "new_failures",
        ),
        (
            "a route to a new gateway",
            table,
            vec![gateway, route],
            "route-default-to-igw",
            "new_failures",
        ),
    ] {
        let references = ["aws_internet_gateway.a.id", "aws_internet_gateway.a"];
        let json = json!({
            "format_version": "1.2",
            "resource_changes": changes,
            "configuration": { "root_module": { "resources": [{
                "address": "aws_route.a", "mode": "managed", "type": "aws_route", "name": "a",
                "expressions": { "gateway_id": { "references": references } },
            }] } },
        });
        let preview = preview(name, &[night], &json, rule);
        for list in ["new_failures", "fixed", "not_known_until_apply", "not_checked"] {
            let number = preview[list].as_array().unwrap().len();
            assert_eq!(number, usize::from(list == expected), "{name}: {list}: {preview}");
        }
    }
}

/// Where versioning was off, S3 has no replication, and none appears because versioning is turned on.
/// An ACL can, because S3 kept it.
#[test]
fn versioning_that_is_turned_on_brings_no_replication() {
    let night = [json!({
        "kind": "s3.bucket", "id": "acme-data", "region": "eu-west-1",
        "facts": {
            "name": "acme-data", "bucket_region": "eu-west-1", "versioning": {}, "replication": null, "object_lock": null,
            "ownership_controls": { "object_ownership": "BucketOwnerEnforced" }, "acl": null,
        },
    })];
    let created = |name: &str, after: Value| {
        json!({
            "address": format!("{name}.a"), "mode": "managed", "type": name, "name": "a",
            "change": { "actions": ["create"], "before": null, "after_unknown": { "id": true }, "after": after },
        })
    };
    let versioning = json!({ "region": "eu-west-1", "bucket": "acme-data", "versioning_configuration": [{ "status": "Enabled" }] });
    let owner = json!({ "region": "eu-west-1", "bucket": "acme-data", "rule": [{ "object_ownership": "ObjectWriter" }] });
    let changes = [
        created("aws_s3_bucket_versioning", versioning),
        created("aws_s3_bucket_ownership_controls", owner),
    ];
    let plan = json!({ "format_version": "1.2", "resource_changes": changes });
    for (rule, unknown) in [
        ("s3-bucket-replication", 0),
        ("s3-bucket-object-lock", 0),
        ("s3-bucket-acl-external-grantee", 1),
    ] {
        let preview = preview(rule, &night, &plan, rule);
        assert_eq!(preview["new_failures"], json!([]), "{rule}");
        let listed = preview["not_known_until_apply"].as_array().unwrap();
        assert_eq!(listed.len(), unknown, "{rule}: {preview}");
    }
}

/// If a plan leaves open what versioning becomes, replication stays as it is.
#[test]
fn replication_stays_if_it_is_not_known_what_versioning_becomes() {
    let rule = json!({ "id": "all", "status": "Enabled", "destination": { "bucket": "arn:aws:s3:::acme-copy" } });
    let night = [json!({
        "kind": "s3.bucket", "id": "acme-data", "region": "eu-west-1",
        "facts": {
            "name": "acme-data", "bucket_region": "eu-west-1", "versioning": { "status": "Enabled" },
            "replication": { "role": "arn:aws:iam::111122223333:role/copy", "rules": [rule] },
        },
    })];
    let versioning = |status: Value| json!({ "region": "eu-west-1", "bucket": "acme-data", "versioning_configuration": [{ "status": status }] });
    let plan = json!({ "format_version": "1.2", "resource_changes": [{
        "address": "aws_s3_bucket_versioning.a", "mode": "managed", "type": "aws_s3_bucket_versioning", "name": "a",
        "change": {
            "actions": ["update"], "before": versioning("Enabled".into()), "after": versioning(Value::Null),
            "after_unknown": { "versioning_configuration": [{ "status": true }] },
        },
    }] });
    let preview = preview("replication", &night, &plan, "s3-bucket-replication");
    assert_eq!(preview["new_failures"], json!([]), "{preview}");
}
