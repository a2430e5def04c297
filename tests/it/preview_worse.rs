//! Failures that a change makes worse, and what a comment must not hide.

use serde_json::{Value, json};

use crate::preview_comment::{previewed, shown};
use crate::preview_defaults::change;

/// A security group with a rule that lets a range in.
fn group(cidr: &str) -> Value {
    json!({
        "kind": "ec2.security_group", "id": "sg-1",
        "facts": {
            "group_id": "sg-1", "group_name": "bastion", "vpc_id": "vpc-1", "owner_id": "111122223333",
            "description": "", "tags": {}, "ip_permissions_egress": [],
            "ip_permissions": [{
                "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ip_ranges": [{ "cidr_ip": cidr }],
                "ipv6_ranges": [], "prefix_list_ids": [], "user_id_group_pairs": [],
            }],
        },
    })
}

fn rule(protocol: &str, port: Option<u16>, cidr: &str) -> Value {
    let after = json!({
        "region": "eu-west-1", "security_group_id": "sg-1", "ip_protocol": protocol,
        "from_port": port, "to_port": port, "cidr_ipv4": cidr,
    });
    let rule =
        change("aws_vpc_security_group_ingress_rule", Value::Null, after, json!({ "id": true }));
    shown(rule, &json!({}))
}

#[test]
fn a_failure_that_gets_worse_counts() {
    let all = "TCP 22, 3389 (including by a rule for all traffic)";
    for (night, plan, worse) in [
        ("0.0.0.0/0", rule("-1", None, "0.0.0.0/0"), Some(all)),
        ("0.0.0.0/0", rule("tcp", Some(3389), "0.0.0.0/0"), Some("TCP 22, 3389")),
        // It is open already, or not a failure.
        ("0.0.0.0/0", rule("tcp", Some(22), "0.0.0.0/1"), None),
        ("0.0.0.0/0", rule("tcp", Some(443), "0.0.0.0/0"), None),
        ("0.0.0.0/0", rule("tcp", Some(3389), "10.0.0.0/8"), None),
    ] {
        let ids = ["sg-ingress-remote-admin-ipv4"];
        let (json, comment, code) = previewed(&[group(night)], &[plan], &ids);
        let list = json["worse_failures"].as_array().unwrap();
        assert_eq!(json["new_failures"], json!([]), "{json}");
        match worse {
            Some(message) => {
                assert_eq!((list.len(), code), (1, 1), "{json}");
                assert_eq!(json["worse_failures_that_count"], 1);
                assert_eq!(json["unchanged_failures"], 0);
                assert_eq!(list[0]["before"], "fail");
                assert!(list[0]["message"].as_str().unwrap().ends_with(message), "{json}");
                assert!(!list[0]["added_evidence"].as_array().unwrap().is_empty(), "{json}");
                for part in [
                    "## rolecall: this change makes failures worse\n",
                    "0 new failures and 1 failure made worse at or above high",
                    "### Worse than before (1)\n",
                ] {
                    assert!(comment.contains(part), "{part}: {comment}");
                }
            }
            None => {
                assert_eq!((list.len(), code), (0, 0), "{json}");
                assert_eq!(json["unchanged_failures"], 1);
                assert!(comment.contains("## rolecall: no new failures\n"), "{comment}");
            }
        }
    }
}

/// The bucket is replaced by one with another name, whose policy says the same of it.
#[test]
fn what_has_another_name_is_not_worse() {
    let policy = |name: &str| {
        json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{name}/*"),
        }] })
    };
    let night = json!({
        "kind": "s3.bucket", "id": "data",
        "facts": {
            "name": "data", "bucket_region": "eu-west-1", "policy": { "document": policy("data") },
            "policy_status": { "is_public": true }, "public_access_block": null,
        },
    });
    let of_bucket = |name: &str, of: &str, more: Value| {
        let mut all = json!({ "region": "eu-west-1", "id": name, "bucket": name });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        (of.to_owned(), all)
    };
    let replaced = |more: fn(&str) -> Value, of: &str| {
        let (of, before) = of_bucket("data", of, more("data"));
        let (_, mut after) = of_bucket("data-2", &of, more("data-2"));
        after.as_object_mut().unwrap().remove("id");
        let mut change = change(&of, before, after, json!({ "id": true }));
        change["change"]["actions"] = json!(["delete", "create"]);
        shown(change, &json!({}))
    };
    let off = |_: &str| {
        json!({
            "block_public_acls": false, "ignore_public_acls": false, "block_public_policy": false,
            "restrict_public_buckets": false,
        })
    };
    let text = |name: &str| {
        let resource = format!("arn:aws:s3:::{name}/*");
        let statement = json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": resource });
        json!({ "policy": json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string() })
    };
    let changes = [
        replaced(|_| json!({}), "aws_s3_bucket"),
        replaced(text, "aws_s3_bucket_policy"),
        replaced(off, "aws_s3_bucket_public_access_block"),
    ];
    let (json, _, code) = previewed(&[night], &changes, &["s3-bucket-policy-not-public"]);
    assert_eq!((&json["worse_failures"], code), (&json!([]), 0), "{json}");
    assert_eq!(json["unchanged_failures"], 1, "{json}");
}

/// A new bucket whose public access block is off, with a policy that is not known.
#[test]
fn a_failure_does_not_hide_what_is_more_severe_and_not_known() {
    let of_new = |of: &str, mut attributes: Value, mut unknown: Value| {
        attributes["bucket"] = json!("data");
        attributes["region"] = json!("eu-west-1");
        unknown["id"] = json!(true);
        shown(change(of, Value::Null, attributes, unknown), &json!({}))
    };
    let open = json!({
        "block_public_acls": false, "ignore_public_acls": false,
        "block_public_policy": false, "restrict_public_buckets": false,
    });
    let bucket = of_new("aws_s3_bucket", json!({}), json!({}));
    let block = of_new("aws_s3_bucket_public_access_block", open, json!({}));
    let policy = of_new("aws_s3_bucket_policy", json!({}), json!({ "policy": true }));
    let rules = ["s3-bucket-policy-not-public", "s3-bucket-versioning"];
    let plan = [bucket, block, policy];
    let (json, comment, code) = previewed(&[], &plan, &rules);
    assert_eq!(json["new_failures"].as_array().unwrap().len(), 1, "{json}");
    assert_eq!(json["not_known_until_apply"].as_array().unwrap().len(), 1, "{json}");
    assert_eq!(code, 0, "{comment}");
    for part in [
        "## rolecall: this change introduces failures below high, and some critical results are not known until apply\n",
        "<details open><summary>Not known until apply (1)</summary>",
        // A title states the failure, which is not known.
        "| critical | Bucket policy is public?<br>",
    ] {
        assert!(comment.contains(part), "{part}: {comment}");
    }
    // Alone, the failure is not.
    let (_, comment, _) = previewed(&[], &plan[..2], &rules);
    let heading = "## rolecall: this change introduces failures below high\n";
    assert!(comment.contains(heading), "{comment}");
}
