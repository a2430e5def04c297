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
    [public_access(), policy(), settings()].concat()
}

fn on_bucket(title: &'static str, action: &'static str, parameters: Value, facts: Value) -> Case {
    case(title, action, parameters, "s3.bucket", bucket(facts))
}

fn public_access() -> Vec<Case> {
    let blocked = |on| json!({ "public_access_block": block(on) });
    let account = |on| json!({ "account_id": "111122223333", "public_access_block": block(on) });
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
        case(
            "one setting is on",
            "s3.account.block_public_access",
            json!({}),
            "s3.account",
            account([true, false, false, false]),
        ),
        case(
            "recorded settings",
            "s3.account.set_public_access_block",
            block([true, false, false, false]),
            "s3.account",
            account([true; 4]),
        ),
    ]
}

fn policy() -> Vec<Case> {
    // What decides whether S3 accepts the policy was read, and nothing is blocked.
    let readable = |mut facts: Value| {
        for (name, value) in [
            ("policy_status", json!({ "is_public": false })),
            ("public_access_block", block([false; 4])),
        ] {
            if facts.get(name).is_none() {
                facts[name] = value;
            }
        }
        facts
    };
    let add = |title, parameters, facts| {
        on_bucket(title, "s3.bucket.add_statement", parameters, readable(facts))
    };
    let reads = json!({
        "Sid": "Reads", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:role/app" },
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*",
    });
    let with = |statements: Value| {
        let document = json!({ "Version": "2012-10-17", "Id": "p", "Statement": statements });
        json!({ "policy": { "document": document } })
    };
    let tls = json!({
        "Sid": "DenyInsecureTransport", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    });
    let taken = json!([{ "Sid": "DenyInsecureTransport", "Effect": "Allow" }]);
    let big = json!([{ "Sid": "Big", "Effect": "Allow", "Action": "x".repeat(20_000) }]);
    let mut public = with(json!([reads]));
    public["policy_status"] = json!({ "is_public": true });
    public["public_access_block"] = block([false, false, true, false]);
    vec![
        add("no policy", json!({}), json!({ "policy": null })),
        add("one statement that is not in a list", json!({}), with(reads.clone())),
        add("already there", json!({}), with(json!([reads, tls]))),
        add("the Sid is taken", json!({}), with(taken)),
        add("too large", json!({}), with(big)),
        add("a public policy that S3 would reject", json!({}), public),
        add(
            "another statement",
            json!({ "statement": {
                "Sid": "DenyOld", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
                "Resource": "arn:aws:s3:::logs/*",
                "Condition": { "NumericLessThan": { "s3:TlsVersion": "1.2" } },
            } }),
            with(json!([reads])),
        ),
        on_bucket(
            "the policy as it was written",
            "s3.bucket.restore_policy",
            json!({ "document": null, "added": "DenyInsecureTransport" }),
            json!({ "policy": { "document": { "Version": "2012-10-17", "Statement": [tls] } } }),
        ),
        on_bucket(
            "somebody added a statement meanwhile",
            "s3.bucket.restore_policy",
            json!({ "document": null, "added": "DenyInsecureTransport" }),
            with(json!([tls, reads])),
        ),
    ]
}

fn settings() -> Vec<Case> {
    let acl = |grantee: &str| {
        json!({
            "owner_id": "me",
            "grants": [
                { "grantee": { "type": "CanonicalUser", "id": "me" }, "permission": "FULL_CONTROL" },
                { "grantee": { "type": "CanonicalUser", "id": grantee }, "permission": "READ" },
            ],
        })
    };
    let owned = json!({ "object_ownership": "BucketOwnerEnforced" });
    let kms = json!({
        "sse_algorithm": "aws:kms", "kms_master_key_id": "arn:aws:kms:eu-west-1:111122223333:key/k",
    });
    let blocked = json!({ "rules": [
        { "sse_algorithm": "AES256", "bucket_key_enabled": false, "blocked_encryption_types": ["SSE-C"] },
    ] });
    let rule = |id: &str, filter: Value| json!({ "id": id, "status": "Enabled", "filter": filter, "expiration": { "days": 30 } });
    let lifecycle = |rules: Value| {
        let lifecycle = json!({
            "rules": rules, "transition_default_minimum_object_size": "varies_by_storage_class",
        });
        json!({ "lifecycle": lifecycle, "versioning": { "status": "Enabled" } })
    };
    let abort = |title, facts| {
        let days = json!({ "days_after_initiation": 7 });
        on_bucket(title, "s3.bucket.abort_incomplete_uploads", days, facts)
    };
    let ours = json!({
        "id": "abort-incomplete-multipart-uploads", "status": "Enabled", "filter": { "prefix": "" },
        "abort_incomplete_multipart_upload": { "days_after_initiation": 7 },
    });
    let mut ours_returned = ours.clone();
    ours_returned["filter"] = json!({});
    let versioning = |status: Value, mfa: Value| json!({ "versioning": { "status": status, "mfa_delete": mfa } });
    let enable = |title, facts| {
        on_bucket(title, "s3.bucket.set_versioning", json!({ "status": "Enabled" }), facts)
    };
    let logs = json!({ "target_bucket": "central", "target_prefix": "logs/" });
    let old = json!({ "target_bucket": "old", "target_prefix": "" });
    vec![
        enable("never configured", versioning(json!(null), json!(null))),
        enable("suspended", versioning(json!("Suspended"), json!("Disabled"))),
        enable("MFA delete", versioning(json!("Suspended"), json!("Enabled"))),
        on_bucket(
            "enabled",
            "s3.bucket.suspend_versioning",
            json!({}),
            versioning(json!("Enabled"), json!(null)),
        ),
        on_bucket("disabled", "s3.bucket.set_logging", logs.clone(), json!({ "logging": null })),
        on_bucket("elsewhere", "s3.bucket.set_logging", logs.clone(), json!({ "logging": old })),
        on_bucket(
            "to itself",
            "s3.bucket.set_logging",
            json!({ "target_bucket": "logs" }),
            json!({ "logging": null }),
        ),
        on_bucket(
            "none",
            "s3.bucket.restore_logging",
            json!({ "logging": null }),
            json!({ "logging": logs }),
        ),
        on_bucket(
            "only the owner is in the ACL",
            "s3.bucket.set_ownership",
            owned.clone(),
            json!({ "ownership_controls": null, "acl": acl("me") }),
        ),
        on_bucket(
            "the ACL grants access to others",
            "s3.bucket.set_ownership",
            owned.clone(),
            json!({ "ownership_controls": { "object_ownership": "ObjectWriter" }, "acl": acl("you") }),
        ),
        on_bucket(
            "it was never set",
            "s3.bucket.restore_ownership",
            json!({ "ownership_controls": null }),
            json!({ "ownership_controls": owned }),
        ),
        on_bucket(
            "blocked types are kept",
            "s3.bucket.set_encryption",
            kms.clone(),
            json!({ "encryption": blocked }),
        ),
        on_bucket(
            "recorded",
            "s3.bucket.restore_encryption",
            json!({ "encryption": blocked }),
            json!({ "encryption": { "rules": [kms] } }),
        ),
        abort("no lifecycle", json!({ "lifecycle": null, "versioning": { "status": null } })),
        abort("other rules stay", lifecycle(json!([rule("old", json!({ "prefix": "tmp/" }))]))),
        abort(
            "an older rule with a prefix",
            lifecycle(json!([{ "id": "old", "status": "Enabled", "prefix": "tmp/" }])),
        ),
        abort("already there", lifecycle(json!([ours]))),
        abort("already there, with an empty filter", lifecycle(json!([ours_returned]))),
        abort(
            "MFA delete",
            json!({ "lifecycle": null, "versioning": { "status": "Enabled", "mfa_delete": "Enabled" } }),
        ),
        on_bucket(
            "there was none",
            "s3.bucket.restore_lifecycle",
            json!({ "lifecycle": null }),
            lifecycle(json!([ours])),
        ),
        on_bucket(
            "S3 returns an empty filter",
            "s3.bucket.restore_lifecycle",
            json!({ "lifecycle": null }),
            lifecycle(json!([ours_returned])),
        ),
        on_bucket(
            "somebody added a rule meanwhile",
            "s3.bucket.restore_lifecycle",
            json!({ "lifecycle": null }),
            lifecycle(json!([ours, rule("new", json!({}))])),
        ),
    ]
}
