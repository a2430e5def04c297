//! Cases of actions on S3.

use serde_json::{Value, json};

use super::scenery::{Case, case};

/// A bucket with these facts.
fn bucket(facts: Value) -> Value {
    let mut bucket = json!({ "name": "logs", "bucket_region": "eu-west-1" });
    bucket.as_object_mut().unwrap().extend(facts.as_object().unwrap().clone());
    bucket
}

fn block(on: [bool; 4]) -> Value {
    json!({
        "block_public_acls": on[0], "ignore_public_acls": on[1],
        "block_public_policy": on[2], "restrict_public_buckets": on[3],
    })
}

pub(super) fn cases() -> Vec<Case> {
    let on_bucket = |title, action, parameters, facts| {
        case(title, action, parameters, "s3.bucket", bucket(facts))
    };
    let blocked = |on| json!({ "public_access_block": block(on) });
    vec![
        on_bucket(
            "settings that are on stay on",
            "s3.bucket.block_public_access",
            json!({ "ignore_public_acls": true, "restrict_public_buckets": true }),
            blocked([true, false, false, false]),
        ),
        on_bucket(
            "everything is on",
            "s3.bucket.block_public_access",
            json!({ "ignore_public_acls": true }),
            blocked([true; 4]),
        ),
        on_bucket(
            "recorded settings",
            "s3.bucket.set_public_access_block",
            block([true, false, false, false]),
            blocked([true; 4]),
        ),
    ]
}
