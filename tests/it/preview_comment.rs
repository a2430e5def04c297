//! The comment on a pull request: a reviewer can decide from it alone.

use std::fs;

use serde_json::{Value, json};

use crate::history::validate;
use crate::preview::snapshot;
use crate::preview_defaults::change;
use crate::program::{run, text};

/// A security group that lets the internet in.
fn open_group() -> Value {
    json!({
        "kind": "ec2.security_group", "id": "sg-1",
        "facts": {
            "group_id": "sg-1", "group_name": "web", "vpc_id": "vpc-1", "owner_id": "111122223333",
            "description": "", "tags": {}, "ip_permissions_egress": [],
            "ip_permissions": [{
                "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }],
                "ipv6_ranges": [], "prefix_list_ids": [], "user_id_group_pairs": [],
            }],
        },
    })
}

/// An instance in these groups.
fn instance(groups: &Value) -> Value {
    let groups: Vec<Value> = groups
        .as_array()
        .unwrap()
        .iter()
        .map(|id| json!({ "group_id": id, "group_name": "web" }))
        .collect();
    json!({
        "kind": "ec2.instance", "id": "i-1",
        "facts": {
            "instance_id": "i-1", "state": { "name": "running" }, "security_groups": groups, "tags": {},
            "vpc_id": "vpc-1", "block_device_mappings": [],
            "network_interfaces": [{
                "network_interface_id": "eni-1", "groups": groups, "vpc_id": "vpc-1",
                "private_ip_addresses": [], "ipv6_addresses": [],
            }],
            "metadata_options": { "http_tokens": "required", "http_endpoint": "enabled" },
        },
    })
}

/// The same in Terraform.
fn planned(groups: &Value, tokens: &str) -> Value {
    json!({
        "id": "i-1", "arn": "arn:aws:ec2:eu-west-1:111122223333:instance/i-1", "region": "eu-west-1",
        "ami": "ami-1", "primary_network_interface_id": "eni-1", "vpc_security_group_ids": groups, "user_data": "hunter2",
        "metadata_options": [{ "http_tokens": tokens, "http_endpoint": "enabled" }],
    })
}

/// A change whose values may be shown.
pub(crate) fn shown(mut change: Value, more: &Value) -> Value {
    let of = change["change"].as_object_mut().unwrap();
    of.insert("before_sensitive".into(), json!({}));
    of.insert("after_sensitive".into(), json!({}));
    of.extend(more.as_object().unwrap().clone());
    change
}

/// The reports of a plan, as JSON and as Markdown, and the exit code.
pub(crate) fn previewed(
    night: &[Value],
    changes: &[Value],
    rules: &[&str],
) -> (Value, String, i32) {
    let plan = json!({ "format_version": "1.2", "resource_changes": changes });
    reports_of(night, &plan, rules)
}

/// The same of a whole plan.
pub(crate) fn reports_of(night: &[Value], plan: &Value, rules: &[&str]) -> (Value, String, i32) {
    let dir = tempfile::tempdir().unwrap();
    let (folder, file) = (dir.path().join("night"), dir.path().join("plan.json"));
    let (report, comment) = (dir.path().join("report.json"), dir.path().join("comment.md"));
    snapshot(&folder, night);
    fs::write(&file, plan.to_string()).unwrap();
    let outputs = [format!("json={}", text(&report)), format!("markdown={}", text(&comment))];
    let mut args = vec!["preview", "--snapshot", text(&folder), "--plan", text(&file)];
    outputs.iter().for_each(|output| args.extend(["--output", output]));
    rules.iter().for_each(|rule| args.extend(["--rule", rule]));
    let ran = run(&args);
    let read = |path| fs::read_to_string(path).unwrap_or_else(|_| panic!("{}", ran.stderr));
    let json: Value = serde_json::from_str(&read(report)).unwrap();
    validate("preview/v1.schema.json", &json);
    (json, read(comment), ran.code)
}

#[test]
fn a_row_says_what_happens_to_the_resource_and_which_values_change() {
    let groups = json!(["sg-1"]);
    let update = change(
        "aws_instance",
        planned(&groups, "required"),
        planned(&groups, "optional"),
        json!({}),
    );
    let mut replace = update.clone();
    replace["change"]["actions"] = json!(["delete", "create"]);
    replace["change"]["replace_paths"] = json!([["metadata_options", 0, "http_tokens"]]);
    let tokens = "`metadata_options.http_tokens`: `required` → `optional`";
    let secret = json!({ "before_sensitive": { "metadata_options": [{ "http_tokens": true }] } });
    for (plan, action, expected) in [
        (shown(update.clone(), &json!({})), "`aws_instance.a`: update", Some(tokens)),
        (
            shown(replace, &json!({})),
            "`aws_instance.a`: **destroy and create again**, because `metadata_options.http_tokens` changes",
            Some(tokens),
        ),
        (
            shown(update.clone(), &secret),
            "`aws_instance.a`: update",
            Some("`metadata_options.http_tokens`: `(sensitive value)` → `(sensitive value)`"),
        ),
        // The plan does not say what is sensitive.
        (update, "`aws_instance.a`: update", None),
    ] {
        let (json, comment, code) =
            previewed(&[instance(&groups), open_group()], &[plan], &["ec2-instance-imdsv2"]);
        assert_eq!(code, 1, "{comment}");
        assert!(comment.contains(action), "{action}: {comment}");
        let values = &json["new_failures"][0]["changes"][0]["values"];
        match expected {
            Some(expected) => assert!(comment.contains(expected), "{expected}: {comment}"),
            None => assert_eq!(*values, json!([]), "{comment}"),
        }
        assert!(!comment.contains("hunter2") && !json.to_string().contains("hunter2"), "{json}");
        assert!(!comment.contains("not_read"), "{comment}");
        assert!(comment.contains("[`ec2-instance-imdsv2`](https://"), "{comment}");
    }
}

#[test]
fn what_joins_a_group_that_fails_already_is_named() {
    let rules = ["sg-ingress-remote-admin-ipv4", "sg-unused"];
    let (none, one) = (json!([]), json!(["sg-1"]));
    let case = |night: &Value, before: Value, after: Value| {
        let plan = shown(change("aws_instance", before, after, json!({})), &json!({}));
        previewed(&[instance(night), open_group()], &[plan], &rules)
    };
    // It moves into the group.
    let (before, after) = (planned(&none, "required"), planned(&one, "required"));
    let (json, comment, code) = case(&none, before, after.clone());
    let exposed = json["newly_exposed"].as_array().unwrap();
    assert_eq!((exposed.len(), code), (1, 0), "{json}");
    assert_eq!(exposed[0]["joined_by"], json!(["aws_instance.a"]));
    assert_eq!(exposed[0]["rule"], "sg-ingress-remote-admin-ipv4");
    let expected = "| `sg-1` | `aws_instance.a` | `open to the IPv4 internet: TCP 22` |";
    assert!(comment.contains(expected), "{comment}");
    // It is in the group already.
    let (json, comment, _) = case(&one, planned(&one, "required"), planned(&one, "optional"));
    assert_eq!(json["newly_exposed"], json!([]), "{json}");
    assert!(!comment.contains("Newly exposed"), "{comment}");
    // It is created in the group.
    let (json, ..) = case(&none, Value::Null, after);
    assert_eq!(json["newly_exposed"][0]["joined_by"], json!(["aws_instance.a"]), "{json}");
}

#[test]
fn a_long_comment_is_cut_between_rows() {
    let changes: Vec<Value> = (0..200)
        .map(|number| {
            let after = json!({
                "region": "eu-west-1", "name": format!("{number}{}", "long".repeat(30)), "vpc_id": "vpc-1",
                "ingress": [{
                    "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"],
                    "description": format!("{number}{}", "d".repeat(200)),
                }],
            });
            let mut one = change("aws_security_group", Value::Null, after, json!({ "id": true }));
            one["address"] = json!(format!("aws_security_group.{}[{number}]", "a".repeat(120)));
            shown(one, &json!({}))
        })
        .collect();
    let (json, comment, _) = previewed(&[], &changes, &["sg-*"]);
    assert!(json["new_failures"].as_array().unwrap().len() >= 200);
    assert!(comment.len() < 60_000, "{}", comment.len());
    assert!(comment.contains("; the JSON report lists all of them"));
    // Rows are whole, and what comes after the table is still there.
    let rows = comment.lines().filter(|line| line.starts_with('|'));
    assert!(rows.clone().count() > 10);
    rows.for_each(|row| assert!(row.ends_with('|'), "{row}"));
    assert!(comment.trim_end().ends_with("</sub>"), "{comment}");
}

#[test]
fn what_s3_refuses_is_said() {
    let open = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*",
        }],
    });
    let mut limited = open.clone();
    limited["Statement"][0]["Condition"] =
        json!({ "StringEquals": { "aws:PrincipalOrgID": "o-aaaaaaaaaa" } });
    let block = |on: bool| {
        json!({
            "block_public_acls": on, "ignore_public_acls": on,
            "block_public_policy": on, "restrict_public_buckets": on,
        })
    };
    let night = |of_bucket: bool, of_account: bool, ownership: &str| {
        vec![
            json!({
                "kind": "s3.bucket", "id": "data", "region": "eu-west-1",
                "facts": {
                    "name": "data", "bucket_region": "eu-west-1", "public_access_block": block(of_bucket),
                    "ownership_controls": { "object_ownership": ownership }, "policy": null, "policy_status": null,
                    "acl": { "owner_id": "o", "grants": [] }, "tags": null,
                },
            }),
            json!({
                "kind": "s3.account", "id": "111122223333", "region": "global",
                "facts": { "account_id": "111122223333", "public_access_block": block(of_account) },
            }),
        ]
    };
    let of_data = |mut attributes: Value| {
        attributes["bucket"] = json!("data");
        attributes["region"] = json!("eu-west-1");
        attributes
    };
    let policy = |document: &Value| {
        let after = of_data(json!({ "policy": document.to_string() }));
        change("aws_s3_bucket_policy", Value::Null, after, json!({ "id": true }))
    };
    let acl = |acl: &str| {
        let after = of_data(json!({ "acl": acl }));
        change("aws_s3_bucket_acl", Value::Null, after, json!({ "id": true }))
    };
    let opening = change(
        "aws_s3_bucket_public_access_block",
        of_data(block(true)),
        of_data(block(false)),
        json!({}),
    );
    let (writer, enforced) = ("ObjectWriter", "BucketOwnerEnforced");
    for (night, changes, expected) in [
        (
            night(true, false, enforced),
            vec![policy(&open)],
            Some("BlockPublicPolicy of the bucket is on"),
        ),
        (
            night(false, true, enforced),
            vec![policy(&open)],
            Some("BlockPublicPolicy of the account is on"),
        ),
        (night(false, false, enforced), vec![policy(&open)], None),
        (night(true, true, enforced), vec![policy(&limited)], None),
        // Terraform can turn it off first.
        (night(true, false, enforced), vec![policy(&open), opening], None),
        (
            night(true, false, writer),
            vec![acl("public-read")],
            Some("BlockPublicAcls of the bucket is on"),
        ),
        (night(true, false, writer), vec![acl("private")], None),
        (night(false, false, writer), vec![acl("public-read")], None),
        (
            night(false, false, enforced),
            vec![acl("private")],
            Some("AccessControlListNotSupported"),
        ),
    ] {
        let (json, comment, _) = previewed(&night, &changes, &["s3-bucket-policy-not-public"]);
        let refused = json["refused"].as_array().unwrap();
        match expected {
            Some(expected) => {
                assert_eq!(refused.len(), 1, "{expected}: {json}");
                let message = refused[0]["message"].as_str().unwrap();
                assert!(message.contains(expected), "{expected}: {message}");
                assert_eq!(refused[0]["id"], "data");
                assert!(comment.contains("The apply will fail (1)"), "{comment}");
                let heading = match json["new_failures"].as_array().unwrap().is_empty() {
                    true => "## rolecall: the apply will fail",
                    false => "## rolecall: this change introduces failures",
                };
                assert!(comment.contains(heading), "{comment}");
            }
            None => assert!(refused.is_empty(), "{changes:?}: {refused:?}"),
        }
    }
}

/// Neither Object Lock nor replication works without versioning.
#[test]
fn versioning_that_is_needed_is_not_suspended() {
    let rule = json!({ "id": "all", "status": "Enabled", "destination": { "bucket": "arn:aws:s3:::copy" } });
    let role = "arn:aws:iam::111122223333:role/copy";
    let replication = json!({ "role": role, "rules": [rule] });
    let lock = json!({ "object_lock_enabled": "Enabled", "rule": null });
    let night = |versioning: &str, lock: &Value, replication: &Value| {
        vec![json!({
            "kind": "s3.bucket", "id": "data", "region": "eu-west-1",
            "facts": {
                "name": "data", "bucket_region": "eu-west-1", "versioning": { "status": versioning },
                "object_lock": lock, "replication": replication, "tags": null,
            },
        })]
    };
    let of = |status: &str| {
        json!({
            "bucket": "data", "id": "data", "region": "eu-west-1",
            "versioning_configuration": [{ "status": status, "mfa_delete": "" }],
        })
    };
    let versioning =
        |before: Value, after: Value| change("aws_s3_bucket_versioning", before, after, json!({}));
    let suspended = || vec![versioning(of("Enabled"), of("Suspended"))];
    let deleted = || vec![versioning(of("Enabled"), Value::Null)];
    let copying = |status: &str| {
        let rule = json!({
            "id": "all", "status": status, "priority": 0, "prefix": "",
            "destination": [{ "bucket": "arn:aws:s3:::copy" }],
        });
        json!({ "bucket": "data", "id": "data", "region": "eu-west-1", "role": role, "rule": [rule] })
    };
    let of_replication = |after: Value| {
        change("aws_s3_bucket_replication_configuration", copying("Enabled"), after, json!({}))
    };
    let locked = || {
        let after = json!({ "bucket": "data", "region": "eu-west-1", "object_lock_enabled": true });
        let unknown = json!({ "id": true });
        vec![
            change("aws_s3_bucket", Value::Null, after, unknown),
            versioning(Value::Null, of("Suspended")),
        ]
    };
    let none = &Value::Null;
    let (by_lock, by_replication) =
        (Some("the bucket has Object Lock"), Some("the bucket has a replication configuration"));
    // Why S3 refuses it, and the new failures of rules on versioning, Object Lock and replication.
    for (what, night, changes, expected, failures) in [
        ("lock", night("Enabled", &lock, none), suspended(), by_lock, vec![]),
        ("replication", night("Enabled", none, &replication), suspended(), by_replication, vec![]),
        ("both", night("Enabled", &lock, &replication), suspended(), by_lock, vec![]),
        ("neither", night("Enabled", none, none), suspended(), None, vec!["s3-bucket-versioning"]),
        ("already", night("Suspended", none, none), suspended(), None, vec![]),
        // The provider accepts the error for Object Lock, and only that.
        ("lock, deleted", night("Enabled", &lock, none), deleted(), None, vec![]),
        (
            "replication, deleted",
            night("Enabled", none, &replication),
            deleted(),
            by_replication,
            vec![],
        ),
        (
            "replication changes as well",
            night("Enabled", none, &replication),
            [suspended(), vec![of_replication(copying("Disabled"))]].concat(),
            by_replication,
            vec!["s3-bucket-replication"],
        ),
        // Terraform can delete it first.
        (
            "replication is deleted as well",
            night("Enabled", none, &replication),
            [suspended(), vec![of_replication(Value::Null)]].concat(),
            None,
            vec!["s3-bucket-replication", "s3-bucket-versioning"],
        ),
        (
            "new",
            Vec::new(),
            locked(),
            by_lock,
            vec!["s3-bucket-object-lock", "s3-bucket-replication", "s3-bucket-versioning"],
        ),
    ] {
        let rules = ["s3-bucket-versioning", "s3-bucket-object-lock", "s3-bucket-replication"];
        let (json, ..) = previewed(&night, &changes, &rules);
        let refused: Vec<&str> = json["refused"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["message"].as_str().unwrap())
            .collect();
        let expected = expected.map(|because| {
            format!("S3 will refuse to suspend versioning (InvalidBucketState): {because}")
        });
        assert_eq!(refused, Vec::from_iter(expected.as_deref()), "{what}: {json}");
        let mut found: Vec<&str> = json["new_failures"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["rule"].as_str().unwrap())
            .collect();
        found.sort_unstable();
        assert_eq!(found, failures, "{what}: {json}");
        assert_eq!(json["not_known_until_apply"], json!([]), "{what}: {json}");
    }
}
