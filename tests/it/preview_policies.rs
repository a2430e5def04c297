//! `rolecall preview` of policies that `aws_iam_policy_document` makes of what is not known yet.

use serde_json::{Value, json};

use crate::preview_defaults::{change, preview_of};
use crate::preview_left_open::plan;

/// A new bucket whose policy consists of these statements; the document is read during apply.
fn with_policy(statements: &Value, unknown: &Value) -> Value {
    let null = Value::Null;
    let bucket = json!({ "region": "eu-west-1", "bucket": "site" });
    let mut document = change(
        "aws_iam_policy_document",
        null.clone(),
        json!({ "statement": statements }),
        json!({ "json": true, "statement": unknown }),
    );
    document["mode"] = "data".into();
    document["address"] = "data.aws_iam_policy_document.a".into();
    document["change"]["actions"] = json!(["read"]);
    let policy = json!({ "region": "eu-west-1", "bucket": "site" });
    let policy =
        change("aws_s3_bucket_policy", null.clone(), policy, json!({ "policy": true, "id": true }));
    let references =
        json!(["data.aws_iam_policy_document.a.json", "data.aws_iam_policy_document.a"]);
    let configured = ("aws_s3_bucket_policy", json!({ "policy": { "references": references } }));
    let bucket = change("aws_s3_bucket", null, bucket, json!({ "id": true }));
    plan(&[bucket, document, policy], &[configured])
}

#[test]
fn values_of_conditions_that_are_not_known_matter_only_where_they_decide() {
    let allow = |principals: Value| {
        json!({
            "effect": "Allow", "actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::site/*"],
            "principals": [principals],
            "condition": [{ "test": "StringEquals", "variable": "AWS:SourceArn", "values": [] }],
        })
    };
    let unknown = json!([{ "condition": [{ "values": true }] }]);
    // Origin access control of CloudFront, and everyone.
    let cloudfront =
        allow(json!({ "type": "Service", "identifiers": ["cloudfront.amazonaws.com"] }));
    let everyone = allow(json!({ "type": "*", "identifiers": ["*"] }));
    for (name, statement, rule, failed, open) in [
        ("a service is not the public", &cloudfront, "s3-bucket-policy-not-public", 0, 0),
        ("nothing is denied", &cloudfront, "s3-bucket-tls-only", 1, 0),
        ("the value limits everyone", &everyone, "s3-bucket-policy-not-public", 0, 1),
        ("nor by this one", &everyone, "s3-bucket-tls-only", 1, 0),
    ] {
        let plan = with_policy(&json!([statement]), &unknown);
        let preview = preview_of(name, Some(&[]), &plan, rule);
        let count = |list: &str| preview[list].as_array().unwrap().len();
        assert_eq!(count("new_failures"), failed, "{name}: {preview}");
        assert_eq!(count("not_known_until_apply"), open, "{name}: {preview}");
    }
}

/// The plan, with a role, and what the identifiers of the only principal refer to.
fn with_role(identifiers: &Value, unknown: &Value, references: &[&str]) -> Value {
    let statement = json!({
        "sid": "Reader", "effect": "Allow", "actions": ["s3:PutBucketPolicy"], "resources": ["arn:aws:s3:::site"],
        "principals": [{ "type": "AWS", "identifiers": identifiers }],
    });
    let unknown = json!([{ "principals": [{ "identifiers": unknown }] }]);
    let mut plan = with_policy(&json!([statement]), &unknown);
    for (of, name) in [("aws_iam_role", "reader"), ("aws_sqs_queue", "reader")] {
        let role = change(
            of,
            Value::Null,
            json!({ "name": name, "path": "/app/", "region": "eu-west-1" }),
            json!({ "arn": true }),
        );
        plan["resource_changes"].as_array_mut().unwrap().push(role);
    }
    let principals = json!([{ "identifiers": { "references": references }, "type": { "constant_value": "AWS" } }]);
    plan["configuration"]["root_module"]["resources"].as_array_mut().unwrap().push(json!({
        "address": "data.aws_iam_policy_document.a", "mode": "data", "type": "aws_iam_policy_document", "name": "a",
        "expressions": { "statement": [{ "principals": principals }] },
    }));
    plan
}

#[test]
fn a_role_of_the_plan_is_neither_everyone_nor_another_account() {
    const ROLE: [&str; 2] = ["aws_iam_role.a.arn", "aws_iam_role.a"];
    let (one, two) = (json!([null]), json!([true]));
    let named = |more: &str| [ROLE[0], ROLE[1], more].map(str::to_owned);
    for (name, identifiers, unknown, references, public, outside) in [
        ("its ARN", &one, &two, ROLE.map(str::to_owned).to_vec(), [0, 0], [0, 0]),
        (
            "and everyone",
            &json!([null, "*"]),
            &json!([true, false]),
            ROLE.map(str::to_owned).to_vec(),
            [1, 0],
            [1, 0],
        ),
        // An expression can choose something else.
        ("or a variable", &one, &two, named("var.public").to_vec(), [0, 1], [0, 1]),
        ("or a local value", &one, &two, named("local.reader").to_vec(), [0, 1], [0, 1]),
        (
            "or something by the name",
            &one,
            &two,
            named("aws_iam_role.a.name").to_vec(),
            [0, 1],
            [0, 1],
        ),
        ("or something else", &one, &two, named("aws_sqs_queue.a.arn").to_vec(), [0, 1], [0, 1]),
        (
            "any number of them",
            &Value::Null,
            &json!(true),
            ROLE.map(str::to_owned).to_vec(),
            [0, 1],
            [0, 1],
        ),
    ] {
        let references: Vec<&str> = references.iter().map(String::as_str).collect();
        let plan = with_role(identifiers, unknown, &references);
        for (rule, expected) in [
            ("s3-bucket-policy-not-public", public),
            ("s3-bucket-policy-cross-account-sensitive-actions", outside),
        ] {
            let preview = preview_of(name, Some(&[]), &plan, rule);
            let count = |list: &str| preview[list].as_array().unwrap().len();
            let found = ["new_failures", "not_known_until_apply"].map(count);
            assert_eq!(found, expected, "{name}, {rule}: {preview:#}");
        }
    }
}

#[test]
fn actions_say_what_resources_that_are_not_known_can_be() {
    let null = Value::Null;
    let off = json!({
        "region": "eu-west-1", "bucket": "site", "block_public_acls": false, "ignore_public_acls": false,
        "block_public_policy": false, "restrict_public_buckets": false,
    });
    let account = json!({
        "kind": "s3.account", "id": "111122223333", "region": "global",
        "facts": { "account_id": "111122223333", "public_access_block": null },
    });
    let reference = json!({ "references": ["aws_s3_bucket.a.id", "aws_s3_bucket.a"] });
    // Of these, some apply to the bucket, and some to its objects: S3 rejects a statement with an action
    // that applies to none of its resources.
    for (actions, read, write) in [
        (&["s3:GetObject"][..], "fail", "unknown"),
        (&["s3:PutObject"], "unknown", "fail"),
        (&["s3:GetObject", "s3:ListBucket"], "fail", "unknown"),
        (&["s3:*"], "fail", "fail"),
        (&["s3:List*", "s3:PutObject"], "unknown", "fail"),
    ] {
        let statement = json!({
            "effect": "Allow", "actions": actions, "resources": [null],
            "principals": [{ "type": "*", "identifiers": ["*"] }], "condition": [],
        });
        let mut named = with_policy(&json!([statement]), &json!([{ "resources": [true] }]));
        let open = change(
            "aws_s3_bucket_public_access_block",
            null.clone(),
            off.clone(),
            json!({ "id": true }),
        );
        named["resource_changes"].as_array_mut().unwrap().push(open);
        // The same with a bucket whose name can be any.
        let mut unnamed = named.clone();
        for one in unnamed["resource_changes"].as_array_mut().unwrap() {
            if let Some(after) = one["change"]["after"].as_object_mut()
                && after.remove("bucket").is_some()
            {
                one["change"]["after_unknown"]["bucket"] = true.into();
            }
        }
        let configured =
            unnamed["configuration"]["root_module"]["resources"].as_array_mut().unwrap();
        configured[0]["expressions"]["bucket"] = reference.clone();
        for (of, bucket) in [
            ("aws_s3_bucket_public_access_block", reference.clone()),
            ("aws_s3_bucket", json!({ "references": ["random_pet.a.id", "random_pet.a"] })),
        ] {
            configured.push(json!({
                "address": format!("{of}.a"), "mode": "managed", "type": of, "name": "a",
                "expressions": { "bucket": bucket },
            }));
        }
        for (plan, name) in [(named, "named"), (unnamed, "unnamed")] {
            for (rule, expected) in
                [("s3-bucket-public-read", read), ("s3-bucket-public-write", write)]
            {
                let preview = preview_of(name, Some(std::slice::from_ref(&account)), &plan, rule);
                let has = |list: &str| !preview[list].as_array().unwrap().is_empty();
                let verdict = match (has("new_failures"), has("not_known_until_apply")) {
                    (true, false) => "fail",
                    (false, true) => "unknown",
                    _ => "pass",
                };
                assert_eq!(verdict, expected, "{name} {actions:?} {rule}: {preview:#}");
            }
        }
    }
}

#[test]
fn what_of_a_policy_is_not_known_is_named() {
    let deny = json!({
        "sid": "TLS", "effect": "Deny", "actions": ["s3:*"], "resources": [null, null], "principals": [{ "type": "*", "identifiers": ["*"] }],
        "condition": [{ "test": "Bool", "variable": "aws:SecureTransport", "values": ["false"] }],
    });
    let mut unnamed = deny.clone();
    unnamed["sid"] = Value::Null;
    let unknown = json!([{ "resources": [true, true] }, { "resources": [true, true] }]);
    let encoded = {
        let of = json!({ "policy": { "references": ["aws_s3_bucket.a.arn", "aws_s3_bucket.a", "var.tenant"] } });
        let policy = change(
            "aws_s3_bucket_policy",
            Value::Null,
            json!({ "region": "eu-west-1", "bucket": "site" }),
            json!({ "policy": true, "id": true }),
        );
        let bucket = change(
            "aws_s3_bucket",
            Value::Null,
            json!({ "region": "eu-west-1", "bucket": "site" }),
            json!({ "id": true, "arn": true }),
        );
        plan(&[bucket, policy], &[("aws_s3_bucket_policy", of)])
    };
    for (plan, expected) in [
        (with_policy(&json!([deny.clone()]), &unknown), "the resources of statement `TLS`"),
        (
            with_policy(&json!([deny, unnamed]), &unknown),
            "the resources of statement `TLS` and the resources of statement 2",
        ),
        (encoded, "what it has of `aws_s3_bucket.a.arn`"),
    ] {
        let preview = preview_of(expected, Some(&[]), &plan, "s3-bucket-tls-only");
        let causes = &preview["not_known_until_apply"][0]["causes"];
        let message = format!("known only after the change is applied: {expected}");
        assert_eq!(causes[0]["message"], json!(message), "{preview:#}");
    }
}
