//! Blocks of `aws_s3_bucket`.

use serde_json::{Value, json};

use super::{V3, check, created, data, live, unchanged, updated, with_field};

/// The blocks of version 3, and of later versions, which read them if they are left out.
#[test]
fn inline_blocks_are_what_the_provider_sends() {
    let status = |status: Value, mfa: Value| json!({ "status": status, "mfa_delete": mfa });
    let on = |on: bool| json!({ "versioning": [{ "enabled": on, "mfa_delete": false }] });
    let group = |name: &str, permission: &str| {
        json!({
            "grantee": { "type": "Group", "id": null, "email_address": null,
                "uri": format!("http://acs.amazonaws.com/groups/{name}") },
            "permission": permission,
        })
    };
    let full = json!({
        "grantee": { "type": "CanonicalUser", "id": "o", "uri": null, "email_address": null },
        "permission": "FULL_CONTROL",
    });
    let owner =
        json!({ "id": "o", "type": "CanonicalUser", "uri": "", "permissions": ["FULL_CONTROL"] });
    let public = json!({ "id": "", "type": "Group", "permissions": ["READ"],
        "uri": "http://acs.amazonaws.com/groups/global/AllUsers" });
    let canned = |others: Vec<Value>| {
        let mut owner = full.clone();
        owner["grantee"]["id"] = "(the bucket owner)".into();
        let grants: Vec<Value> = std::iter::once(owner).chain(others).collect();
        json!({ "owner_id": "(the bucket owner)", "grants": grants })
    };
    let acl = json!({ "owner_id": "o", "grants": [full] });
    let open = json!({ "owner_id": "o", "grants": [full, group("global/AllUsers", "READ")] });
    let lifecycle = |days: u32| {
        json!({ "lifecycle_rule": [{
        "id": "old", "enabled": true, "prefix": "logs/", "tags": {},
        "expiration": [{ "days": days, "date": "", "expired_object_delete_marker": false }],
        "abort_incomplete_multipart_upload_days": 7,
    }] })
    };
    let rules = json!({ "rules": [{
        "id": "old", "status": "Enabled", "prefix": null,
        "filter": { "prefix": "logs/", "tag": null, "and": null, "object_size_greater_than": null,
            "object_size_less_than": null },
        "expiration": { "days": 30, "date": null, "expired_object_delete_marker": null },
        "transitions": [], "noncurrent_version_expiration": null,
        "noncurrent_version_transitions": [],
        "abort_incomplete_multipart_upload": { "days_after_initiation": 7 },
    }], "transition_default_minimum_object_size": null });
    let aes = json!({ "rules": [{
        "sse_algorithm": "AES256", "kms_master_key_id": null, "bucket_key_enabled": false,
        "blocked_encryption_types": [],
    }] });
    let retention = |days: i64| json!({ "default_retention": { "mode": "COMPLIANCE", "days": days, "years": null } });
    let lock = |days: i64| {
        json!({ "object_lock_configuration": [{
        "object_lock_enabled": "Enabled",
        "rule": [{ "default_retention": [{ "mode": "COMPLIANCE", "days": days, "years": 0 }] }],
    }] })
    };
    let site = json!({
        "redirect_all_requests_to": null, "index_document": { "suffix": "index.html" },
        "error_document": null, "routing_rules": [],
    });
    for (what, before, after, facts, name, expected) in [
        (
            "suspend",
            on(true),
            on(false),
            json!({ "versioning": status("Enabled".into(), Value::Null) }),
            "versioning",
            status("Suspended".into(), "Disabled".into()),
        ),
        (
            "stay off",
            with_field(&on(false), "tags", &json!({ "a": "b" })),
            on(false),
            json!({ "versioning": status(Value::Null, Value::Null) }),
            "versioning",
            status(Value::Null, Value::Null),
        ),
        (
            "website goes",
            json!({ "website": [{ "index_document": "index.html" }] }),
            json!({ "website": [] }),
            json!({ "website": site }),
            "website",
            Value::Null,
        ),
        (
            "website comes",
            json!({ "website": [] }),
            json!({ "website": [{ "index_document": "index.html" }] }),
            json!({ "website": null }),
            "website",
            site.clone(),
        ),
        (
            "cors goes",
            json!({ "cors_rule": [{}] }),
            json!({ "cors_rule": [] }),
            json!({ "cors": { "cors_rules": [] } }),
            "cors",
            Value::Null,
        ),
        (
            "lifecycle goes",
            lifecycle(30),
            json!({ "lifecycle_rule": [] }),
            json!({ "lifecycle": rules }),
            "lifecycle",
            Value::Null,
        ),
        (
            "lifecycle changes",
            lifecycle(60),
            lifecycle(30),
            json!({ "lifecycle": null }),
            "lifecycle",
            json!({ "value": rules, "unknown": ["lifecycle.transition_default_minimum_object_size"] }),
        ),
        (
            "encryption goes",
            json!({ "server_side_encryption_configuration": [{ "rule": [{
                "apply_server_side_encryption_by_default": [{ "sse_algorithm": "aws:kms" }] }] }] }),
            json!({ "server_side_encryption_configuration": [] }),
            json!({ "encryption": null }),
            "encryption",
            json!({ "value": aes, "unknown": ["encryption.rules[0].blocked_encryption_types"] }),
        ),
        (
            "retention",
            lock(1),
            lock(30),
            json!({ "object_lock": { "object_lock_enabled": "Enabled", "rule": retention(1) } }),
            "object_lock",
            json!({ "object_lock_enabled": "Enabled", "rule": retention(30) }),
        ),
        (
            "payer",
            json!({ "request_payer": "BucketOwner" }),
            json!({ "request_payer": "Requester" }),
            json!({ "request_payment": { "payer": "BucketOwner" } }),
            "request_payment",
            json!({ "payer": "Requester" }),
        ),
        // Version 4 and later compute the grants.
        (
            "canned",
            json!({ "acl": "private", "grant": [owner] }),
            json!({ "acl": "public-read", "grant": [owner] }),
            json!({ "acl": acl }),
            "acl",
            canned(vec![group("global/AllUsers", "READ")]),
        ),
        (
            "adopted",
            json!({ "acl": null, "grant": [owner, public] }),
            json!({ "acl": "bucket-owner-full-control", "grant": [owner, public] }),
            json!({ "acl": open }),
            "acl",
            canned(vec![]),
        ),
        (
            "granted",
            json!({ "acl": "private", "grant": [owner] }),
            json!({ "acl": "private", "grant": [owner, public] }),
            json!({ "acl": acl }),
            "acl",
            open.clone(),
        ),
        (
            "revoked",
            json!({ "acl": "private", "grant": [owner, public] }),
            json!({ "acl": "private", "grant": [] }),
            json!({ "acl": open }),
            "acl",
            canned(vec![]),
        ),
        (
            "nothing",
            json!({ "acl": "private", "grant": [owner, public], "tags": {} }),
            json!({ "acl": "private", "grant": [owner, public], "tags": null }),
            json!({ "acl": open }),
            "acl",
            open.clone(),
        ),
    ] {
        let plan = [updated(V3, data(before), data(after))];
        check(what, (live(facts), &plan, &json!({})), &[(name, expected)]);
    }
}

#[test]
fn inline_blocks_of_a_new_bucket_are_what_the_provider_sends() {
    let rule = json!({ "default_retention": { "mode": "COMPLIANCE", "days": 30, "years": null } });
    let block = json!([{
        "object_lock_enabled": "Enabled",
        "rule": [{ "default_retention": [{ "mode": "COMPLIANCE", "days": 30, "years": 0 }] }],
    }]);
    let lock = |rule: Value| json!({ "object_lock_enabled": "Enabled", "rule": rule });
    let enabled = json!({ "status": "Enabled", "mfa_delete": null });
    let never = json!({ "status": null, "mfa_delete": null });
    for (what, bucket, unknown, expected) in [
        (
            "3",
            json!({ "object_lock_configuration": block }),
            json!({}),
            vec![("object_lock", lock(rule.clone())), ("versioning", enabled.clone())],
        ),
        (
            "4",
            json!({ "object_lock_enabled": true }),
            json!({ "object_lock_configuration": true }),
            vec![("object_lock", lock(Value::Null)), ("versioning", enabled.clone())],
        ),
        (
            "off",
            json!({ "versioning": [{ "enabled": false, "mfa_delete": false }] }),
            json!({}),
            vec![("object_lock", Value::Null), ("versioning", never)],
        ),
        // Version 4 computes what is left out; version 3 does not, so it is a dynamic block.
        (
            "computed",
            json!({}),
            json!({ "object_lock_enabled": true, "website": true }),
            vec![("website", Value::Null)],
        ),
        (
            "dynamic",
            json!({}),
            json!({ "website": true, "versioning": true }),
            vec![
                ("website", "?".into()),
                ("versioning", json!({ "status": null, "mfa_delete": null })),
            ],
        ),
    ] {
        let plan = [created(V3, data(bucket), unknown)];
        let expected: Vec<(&str, Value)> = expected;
        check(what, (Vec::new(), &plan, &json!({})), &expected);
    }
    // The rule of a satellite, wherever it is in the plan, and that of the snapshot.
    let of = "aws_s3_bucket_object_lock_configuration";
    let satellite = || {
        data(json!({ "rule": [{ "default_retention": [{ "mode": "COMPLIANCE", "days": 30 }] }] }))
    };
    let on = || data(json!({ "object_lock_enabled": true }));
    let argument = json!({ V3: { "object_lock_enabled": { "constant_value": true } } });
    let mut plan = [created(V3, on(), json!({})), created(of, satellite(), json!({}))];
    let expected = [("object_lock", lock(rule.clone()))];
    check("first", (Vec::new(), &plan, &argument), &expected);
    plan.reverse();
    check("last", (Vec::new(), &plan, &argument), &expected);
    let plan = [created(of, satellite(), json!({})), unchanged(V3, on())];
    let snapshot = live(json!({ "object_lock": lock(Value::Null) }));
    check("exists", (snapshot, &plan, &argument), &expected);
}

/// An argument that is a variable without a value is not set.
#[test]
fn an_argument_that_is_null_is_left_out() {
    let plan =
        [created(V3, data(json!({})), json!({ "policy": true, "object_lock_enabled": true }))];
    let argument = |expression: Value| json!({ V3: { "policy": expression } });
    for (expression, expected) in [
        (json!({ "constant_value": null }), Value::Null),
        (json!({ "references": ["local.policy"] }), "?".into()),
    ] {
        check("policy", (Vec::new(), &plan, &argument(expression)), &[("policy", expected)]);
    }
}
