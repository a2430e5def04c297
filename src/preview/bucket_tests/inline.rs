//! Blocks of `aws_s3_bucket`.

use serde_json::{Value, json};

use super::{V3, check, created, data, fact, live, unchanged, updated, with_field};

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

/// A resource for a setting replaces the block of the bucket: both set all of it. What is set last applies,
/// which is known if one of them refers to the bucket, or does not change.
#[test]
fn a_setting_is_that_of_what_sets_it_last() {
    const SSE: &str = "aws_s3_bucket_server_side_encryption_configuration";
    let sse = |algorithm: &str| {
        json!([{ "rule": [{ "bucket_key_enabled": false,
            "apply_server_side_encryption_by_default": [{ "sse_algorithm": algorithm, "kms_master_key_id": "" }] }] }])
    };
    let inline = |algorithm: &str| {
        data(json!({ "server_side_encryption_configuration": sse(algorithm), "tags": {} }))
    };
    let without = || data(json!({ "server_side_encryption_configuration": [] }));
    let satellite = |algorithm: &str| data(json!({ "rule": sse(algorithm)[0]["rule"] }));
    let algorithms = |of: &[&str]| {
        let of = of.iter().map(|one| {
            json!({ "sse_algorithm": one, "kms_master_key_id": null, "bucket_key_enabled": false,
                "blocked_encryption_types": [] })
        });
        json!({ "rules": of.collect::<Vec<_>>() })
    };
    let known = |algorithm: &str| json!({ "value": algorithms(&[algorithm]), "unknown": ["encryption.rules[0].blocked_encryption_types"] });
    let either = json!({ "value": { "rules": [] }, "unknown": ["encryption.rules"] });
    let block = json!({ "server_side_encryption_configuration": [{ "rule": [{}] }] });
    let apart = json!({ V3: block.clone() });
    let refers = json!({ V3: block, SSE: { "bucket": { "references": ["aws_s3_bucket.a.id", "aws_s3_bucket.a"] } } });
    let removed =
        json!({ SSE: { "bucket": { "references": ["aws_s3_bucket.a.id", "aws_s3_bucket.a"] } } });
    let kept = || unchanged(V3, inline("aws:kms"));
    let changed = || updated(V3, inline("aws:kms"), inline("aws:kms:dsse"));
    let new = || created(V3, inline("aws:kms"), json!({}));
    let added = |algorithm: &str| created(SSE, satellite(algorithm), json!({}));
    let tagged = || {
        updated(V3, with_field(&inline("aws:kms"), "tags", &json!({ "a": "b" })), inline("aws:kms"))
    };
    for (what, bucket, of, arguments, is_new, expected) in [
        ("kept", kept(), added("AES256"), &apart, false, known("AES256")),
        ("tagged", tagged(), added("AES256"), &apart, false, known("AES256")),
        ("new", new(), added("AES256"), &refers, true, known("AES256")),
        ("new, apart", new(), added("AES256"), &apart, true, either.clone()),
        ("changed", changed(), added("AES256"), &refers, false, known("AES256")),
        ("changed, apart", changed(), added("AES256"), &apart, false, either.clone()),
        ("changed, same", changed(), added("aws:kms:dsse"), &apart, false, known("aws:kms:dsse")),
        (
            "moved",
            updated(V3, inline("aws:kms"), without()),
            added("AES256"),
            &removed,
            false,
            known("AES256"),
        ),
        (
            "block last",
            changed(),
            unchanged(SSE, satellite("aws:kms")),
            &refers,
            false,
            known("aws:kms:dsse"),
        ),
        (
            "block removed",
            updated(V3, inline("aws:kms"), without()),
            unchanged(SSE, satellite("aws:kms")),
            &removed,
            false,
            known("AES256"),
        ),
    ] {
        let facts = json!({ "encryption": algorithms(&["aws:kms"]) });
        let mut plan = vec![bucket, of];
        for order in ["first", "last"] {
            let live = if is_new { Vec::new() } else { live(facts.clone()) };
            let what = format!("{what}, {order}");
            check(&what, (live, &plan, arguments), &[("encryption", expected.clone())]);
            plan.reverse();
        }
    }
    // The rules of a lifecycle configuration are those of the resource as well.
    const LIFECYCLE: &str = "aws_s3_bucket_lifecycle_configuration";
    let rule =
        json!([{ "id": "old", "enabled": true, "prefix": "", "expiration": [{ "days": 30 }] }]);
    let of = data(
        json!({ "rule": [{ "id": "off", "status": "Disabled", "expiration": [{ "days": 1 }] }] }),
    );
    let plan =
        [unchanged(V3, data(json!({ "lifecycle_rule": rule }))), created(LIFECYCLE, of, json!({}))];
    let arguments = json!({ V3: { "lifecycle_rule": [{}] } });
    let after = super::after(live(json!({ "lifecycle": null })), &plan, &arguments);
    let lifecycle = fact(&after, "s3.bucket", "lifecycle");
    let rules = lifecycle.pointer("/value/rules").and_then(Value::as_array).unwrap();
    let ids: Vec<&Value> = rules.iter().map(|rule| &rule["id"]).collect();
    assert_eq!(ids, ["off"], "{lifecycle}");
}
