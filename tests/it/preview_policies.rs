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
