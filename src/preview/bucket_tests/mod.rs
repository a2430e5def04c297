//! What a plan makes of a bucket, compared with what the provider does.

mod access_points;
mod inline;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::accounts::{AccountOption, Accounts};
use super::overlay::Overlay;
use super::terraform::{self, Known};
use super::tree::Finishing;
use super::unread::without_snapshot;
use crate::model::unreadable::outermost;
use crate::model::{AccountId, Partition, Resource};
use crate::snapshot::{AccountHeader, AccountSnapshot};

/// A change of a resource with the name `a`.
fn change(of: &str, actions: &[&str], before: &Value, after: &Value, unknown: &Value) -> Value {
    json!({
        "address": format!("{of}.a"), "mode": "managed", "type": of, "name": "a",
        "change": {
            "actions": actions, "before": before, "after": after, "after_unknown": unknown,
            "after_sensitive": {},
        },
    })
}

fn created(of: &str, after: Value, unknown: Value) -> Value {
    change(of, &["create"], &Value::Null, &after, &unknown)
}

fn updated(of: &str, before: Value, after: Value) -> Value {
    change(of, &["update"], &before, &after, &json!({}))
}

fn deleted(of: &str, before: Value) -> Value {
    change(of, &["delete"], &before, &Value::Null, &json!({}))
}

fn unchanged(of: &str, state: Value) -> Value {
    change(of, &["no-op"], &state, &state, &json!({}))
}

/// The attributes of the bucket `data`, with more.
fn data(more: Value) -> Value {
    let mut all = json!({ "bucket": "data", "id": "data", "region": "eu-west-1" });
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all
}

/// The bucket `data` of a snapshot.
fn live(facts: Value) -> Vec<Resource> {
    let mut all = json!({ "name": "data", "bucket_region": "eu-west-1" });
    all.as_object_mut().unwrap().extend(facts.as_object().unwrap().clone());
    let bucket = json!({ "kind": "s3.bucket", "id": "data", "region": "eu-west-1", "facts": all });
    vec![serde_json::from_value(bucket).unwrap()]
}

/// The resources after a plan. `arguments`: the expressions of resources with the name `a`, by type.
fn after(live: Vec<Resource>, changes: &[Value], arguments: &Value) -> Vec<Resource> {
    let configured: Vec<Value> = arguments
        .as_object()
        .unwrap()
        .iter()
        .map(|(of, expressions)| {
            json!({ "mode": "managed", "type": of, "name": "a", "expressions": expressions })
        })
        .collect();
    after_with(live, changes, &configured, &json!([]))
}

/// The same, with what was read before the plan.
fn after_with(
    live: Vec<Resource>,
    changes: &[Value],
    configured: &[Value],
    read: &Value,
) -> Vec<Resource> {
    let missing = without_snapshot(terraform::SOURCE);
    let missing = live.is_empty().then_some(&missing);
    let plan = json!({
        "format_version": "1.2", "resource_changes": changes,
        "prior_state": { "values": { "root_module": { "resources": read } } },
        "configuration": { "root_module": { "resources": configured } },
    });
    let account: AccountId = "111122223333".parse().unwrap();
    let accounts = Accounts::new(&[AccountOption { alias: None, value: account.clone() }]).unwrap();
    let known = Known { accounts, ..Known::default() };
    let described = terraform::describe(Path::new("plan.json"), plan, &known).unwrap();
    let finishing = Finishing { source: terraform::SOURCE, assume_defaults: false };
    let overlay = Overlay { described: &described, finishing, missing };
    let header = AccountHeader {
        account,
        partition: Partition::default(),
        collected_at: "2026-01-01T00:00:00Z".to_owned(),
        entered: true,
        regions: ["eu-west-1".parse().unwrap()].into(),
        region_filter: Vec::new(),
        demand: Default::default(),
        calls: BTreeMap::new(),
        run: None,
    };
    let snapshot =
        AccountSnapshot { header, lists: BTreeMap::new(), resources: live, gaps: Vec::new() };
    overlay.account(snapshot).after.resources
}

/// A fact of the bucket: `?` if it is not known, and with the paths within it that are not.
fn fact(resources: &[Resource], kind: &str, name: &str) -> Value {
    let resource = resources.iter().find(|one| one.kind == kind).unwrap();
    if resource.unreadable.contains_key(name) {
        return "?".into();
    }
    let unknown: Vec<&str> = resource
        .unreadable
        .keys()
        .filter(|path| outermost(path) == name)
        .map(String::as_str)
        .collect();
    let value = resource.facts.get(name).cloned().unwrap_or_else(|| "missing".into());
    if unknown.is_empty() { value } else { json!({ "value": value, "unknown": unknown }) }
}

fn check(
    what: &str,
    (live, changes, arguments): (Vec<Resource>, &[Value], &Value),
    expected: &[(&str, Value)],
) {
    let resources = after(live, changes, arguments);
    for (name, value) in expected {
        assert_eq!(fact(&resources, "s3.bucket", name), *value, "{what}: {name}");
    }
}

/// The owner of a new bucket is that of the others, or the account whose id the plan reads.
#[test]
fn owners_of_new_buckets_are_known_from_others() {
    let new =
        [created(V3, json!({ "bucket": "new", "region": "eu-west-1" }), json!({ "id": true }))];
    let read = |ids: &[&str]| -> Value {
        let user = |id: &&str| {
            json!({ "address": format!("data.aws_canonical_user_id.{id}"), "mode": "data", "type": "aws_canonical_user_id",
                "name": id, "values": { "id": id } })
        };
        ids.iter().map(user).collect()
    };
    for (live, ids, expected) in [
        (live(json!({ "owner_canonical_user_id": "abc" })), read(&[]), json!("abc")),
        // The plan can read the id of another account.
        (live(json!({ "owner_canonical_user_id": "abc" })), read(&["xyz"]), json!("abc")),
        (live(json!({})), read(&[]), json!(null)),
        (live(json!({})), read(&["xyz"]), json!("xyz")),
        (live(json!({})), read(&["xyz", "other"]), json!(null)),
        (vec![], read(&["xyz"]), json!("xyz")),
        (vec![], read(&[]), json!(null)),
    ] {
        let mut resources = after_with(live, &new, &[], &ids);
        resources.retain(|one| one.id == "new");
        assert_eq!(fact(&resources, "s3.bucket", "owner_canonical_user_id"), expected, "{ids}");
    }
}

const V3: &str = "aws_s3_bucket";

/// What the type for a setting of a bucket leaves when it is deleted.
#[test]
fn deleted_settings_are_what_the_provider_leaves() {
    let lock = |rule: Value| json!({ "object_lock_enabled": "Enabled", "rule": rule });
    let retention =
        json!({ "default_retention": { "mode": "GOVERNANCE", "days": 1, "years": null } });
    let status = |status: Value| json!({ "status": status, "mfa_delete": null });
    let versioning = |status: &str| json!({ "versioning_configuration": [{ "status": status }] });
    let aes = json!({ "rules": [{
        "sse_algorithm": "AES256", "kms_master_key_id": null, "bucket_key_enabled": false,
        "blocked_encryption_types": [],
    }] });
    let kms = json!({ "rules": [{
        "sse_algorithm": "aws:kms", "kms_master_key_id": "alias/a", "bucket_key_enabled": true,
        "blocked_encryption_types": ["SSE-C"],
    }] });
    let block = |on: bool| {
        json!({
            "block_public_acls": on, "ignore_public_acls": on, "block_public_policy": on,
            "restrict_public_buckets": on,
        })
    };
    let with = |mut block: Value, name: &str, value: Value| {
        block[name] = value;
        block
    };
    for (of, before, facts, name, expected) in [
        (
            "versioning",
            versioning("Enabled"),
            json!({ "versioning": status("Enabled".into()), "object_lock": null }),
            "versioning",
            status("Suspended".into()),
        ),
        // S3 refuses that with Object Lock, and the provider accepts it.
        (
            "versioning",
            versioning("Enabled"),
            json!({ "versioning": status("Enabled".into()), "object_lock": lock(Value::Null) }),
            "versioning",
            status("Enabled".into()),
        ),
        (
            "versioning",
            versioning("Enabled"),
            json!({ "versioning": status("Enabled".into()) }),
            "versioning",
            json!({ "value": { "mfa_delete": null, "status": null }, "unknown": ["versioning.status"] }),
        ),
        (
            "versioning",
            versioning("Disabled"),
            json!({ "versioning": status(Value::Null), "object_lock": null }),
            "versioning",
            status(Value::Null),
        ),
        (
            "object_lock_configuration",
            json!({ "rule": [{ "default_retention": [{ "mode": "GOVERNANCE", "days": 1 }] }] }),
            json!({ "object_lock": lock(retention.clone()) }),
            "object_lock",
            lock(Value::Null),
        ),
        (
            "server_side_encryption_configuration",
            json!({ "rule": [{ "apply_server_side_encryption_by_default": [{ "sse_algorithm": "aws:kms" }] }] }),
            json!({ "encryption": kms }),
            "encryption",
            json!({ "value": aes, "unknown": ["encryption.rules[0].blocked_encryption_types"] }),
        ),
        (
            "public_access_block",
            block(true),
            json!({ "public_access_block": block(true) }),
            "public_access_block",
            block(false),
        ),
        (
            "public_access_block",
            with(block(true), "skip_destroy", true.into()),
            json!({ "public_access_block": block(true) }),
            "public_access_block",
            block(true),
        ),
        (
            "acl",
            json!({ "acl": "public-read" }),
            json!({ "acl": { "owner_id": "o", "grants": [] } }),
            "acl",
            json!({ "owner_id": "o", "grants": [] }),
        ),
        (
            "accelerate_configuration",
            json!({ "status": "Enabled" }),
            json!({ "accelerate": { "status": "Enabled" } }),
            "accelerate",
            json!({ "status": "Suspended" }),
        ),
        (
            "request_payment_configuration",
            json!({ "payer": "Requester" }),
            json!({ "request_payment": { "payer": "Requester" } }),
            "request_payment",
            json!({ "payer": "BucketOwner" }),
        ),
        (
            "ownership_controls",
            json!({ "rule": [{ "object_ownership": "BucketOwnerEnforced" }] }),
            json!({ "ownership_controls": { "object_ownership": "BucketOwnerEnforced" } }),
            "ownership_controls",
            Value::Null,
        ),
        (
            "inventory",
            json!({ "name": "all" }),
            json!({ "inventory": { "inventory_configurations": [] } }),
            "inventory",
            "?".into(),
        ),
    ] {
        let plan = [deleted(&format!("aws_s3_bucket_{of}"), data(before))];
        // Without a snapshot, what is left is known if that does not depend on something else.
        let is_known_alone = !matches!(name, "acl" | "versioning" | "public_access_block");
        if is_known_alone || expected == block(false) {
            check(of, (Vec::new(), &plan, &json!({})), &[(name, expected.clone())]);
        }
        check(of, (live(facts), &plan, &json!({})), &[(name, expected)]);
    }
}

/// Changes of settings that this version does not convert are not those of the snapshot.
#[test]
fn changed_settings_are_not_those_before() {
    let cors = |origin: &str| json!({ "cors_rule": [{ "allowed_methods": ["GET"], "allowed_origins": [origin] }] });
    let website = json!({
        "redirect_all_requests_to": null, "index_document": { "suffix": "index.html" },
        "error_document": null, "routing_rules": [],
    });
    for (of, before, after, facts, name, expected) in [
        (
            "aws_s3_bucket_cors_configuration",
            cors("https://a.example"),
            cors("*"),
            json!({ "cors": null }),
            "cors",
            json!({ "cors_rules": [{
                "id": null, "allowed_methods": ["GET"], "allowed_origins": ["*"],
                "allowed_headers": [], "expose_headers": [], "max_age_seconds": null,
            }] }),
        ),
        (
            "aws_s3_bucket_inventory",
            json!({ "enabled": true }),
            json!({ "enabled": false }),
            json!({ "inventory": null }),
            "inventory",
            "?".into(),
        ),
        (
            "aws_s3_bucket_website_configuration",
            json!({ "routing_rules": "[1]" }),
            json!({ "routing_rules": "[2]" }),
            json!({ "website": website }),
            "website",
            json!({
                "value": with_field(&website, "routing_rules", &json!([])),
                "unknown": ["website.routing_rules"],
            }),
        ),
        (
            "aws_s3_bucket_notification",
            json!({ "eventbridge": true }),
            json!({ "eventbridge": false }),
            json!({ "notification": {
                "topic_configurations": [], "queue_configurations": [],
                "lambda_function_configurations": [], "event_bridge": true,
            } }),
            "notification",
            Value::Null,
        ),
        (
            "aws_s3_object",
            json!({ "acl": "public-read" }),
            json!({ "acl": "private" }),
            json!({ "object_acls": null }),
            "object_acls",
            "?".into(),
        ),
        (
            "aws_s3_object",
            json!({ "acl": null, "etag": "a" }),
            json!({ "acl": null, "etag": "b" }),
            json!({ "object_acls": null }),
            "object_acls",
            Value::Null,
        ),
    ] {
        let plan = [updated(of, data(before), data(after))];
        check(of, (live(facts), &plan, &json!({})), &[(name, expected)]);
    }
}

fn with_field(object: &Value, name: &str, value: &Value) -> Value {
    let mut object = object.clone();
    object[name] = value.clone();
    object
}

/// A satellite that is deleted after it is created again, and one of a bucket that is replaced, have no
/// effect.
#[test]
fn settings_that_an_apply_loses_are_lost() {
    let block = |on: bool| {
        json!({
            "block_public_acls": on, "ignore_public_acls": on, "block_public_policy": on,
            "restrict_public_buckets": on,
        })
    };
    let of = "aws_s3_bucket_public_access_block";
    let on = || data(block(true));
    let snapshot = || live(json!({ "public_access_block": block(true) }));
    for (actions, expected) in
        [(["create", "delete"], block(false)), (["delete", "create"], block(true))]
    {
        let plan = [change(of, &actions, &on(), &on(), &json!({ "id": true }))];
        let expected = [("public_access_block", expected)];
        check("replaced", (snapshot(), &plan, &json!({})), &expected);
    }
    let bucket = |actions: &[&str]| {
        change(V3, actions, &data(json!({})), &data(json!({})), &json!({ "id": true }))
    };
    let plan = [bucket(&["delete", "create"]), unchanged(of, on())];
    let expected = [("public_access_block", Value::from("?"))];
    check("bucket replaced", (snapshot(), &plan, &json!({})), &expected);
    let plan = [bucket(&["no-op"]), unchanged(of, on())];
    let expected = [("public_access_block", block(true))];
    check("bucket stays", (snapshot(), &plan, &json!({})), &expected);
}

#[test]
fn versioning_that_is_disabled_is_left_as_it_is() {
    let of = "aws_s3_bucket_versioning";
    let disabled = || data(json!({ "versioning_configuration": [{ "status": "Disabled" }] }));
    let enabled = json!({ "status": "Enabled", "mfa_delete": null });
    let unknown = json!({ "id": true, "versioning_configuration": [{ "mfa_delete": true }] });
    let plan = [created(of, disabled(), unknown.clone())];
    let snapshot = live(json!({ "versioning": enabled }));
    let block = json!({ of: { "versioning_configuration": [{ "status": {} }] } });
    check("exists", (snapshot, &plan, &block), &[("versioning", enabled.clone())]);
    // What is not configured is not turned on; what is configured is not known.
    let on = || data(json!({ "versioning_configuration": [{ "status": "Enabled" }] }));
    let new = |unknown: &Value| {
        [created(V3, data(json!({})), json!({})), created(of, on(), unknown.clone())]
    };
    check("new", (Vec::new(), &new(&unknown), &block), &[("versioning", enabled)]);
    let mfa = |references: Value| json!({ of: { "versioning_configuration": [{ "status": {}, "mfa_delete": references }] } });
    let open = json!({
        "value": { "status": "Enabled", "mfa_delete": null }, "unknown": ["versioning.mfa_delete"],
    });
    let local = mfa(json!({ "references": ["local.mfa"] }));
    check("mfa", (Vec::new(), &new(&unknown), &local), &[("versioning", open)]);
    let variable = mfa(json!({ "references": ["var.versioning[\"mfa\"]", "var.versioning"] }));
    let enabled = json!({ "status": "Enabled", "mfa_delete": null });
    check("null", (Vec::new(), &new(&unknown), &variable), &[("versioning", enabled)]);
}

/// Since version 6 of the provider, what is left out of a rule is computed.
#[test]
fn what_the_provider_computes_of_a_rule_is_not_set() {
    let of = "aws_s3_bucket_server_side_encryption_configuration";
    let default = "apply_server_side_encryption_by_default";
    let rule = |rule: Value| data(json!({ "rule": [rule] }));
    let unknown = json!({ "rule": [{
        "bucket_key_enabled": true, "blocked_encryption_types": true,
        default: [{ "kms_master_key_id": true }],
    }] });
    let plan = [created(of, rule(json!({ default: [{ "sse_algorithm": "aws:kms" }] })), unknown)];
    let value = |key: &str| {
        json!({ "rules": [{
        "sse_algorithm": key, "kms_master_key_id": null, "bucket_key_enabled": false,
        "blocked_encryption_types": [],
    }] })
    };
    let blocked = "encryption.rules[0].blocked_encryption_types";
    let left_out = json!({ of: { "rule": [{ default: [{ "sse_algorithm": {} }] }] } });
    let expected = json!({ "value": value("aws:kms"), "unknown": [blocked] });
    let snapshot = || live(json!({ "encryption": value("AES256") }));
    check("left out", (snapshot(), &plan, &left_out), &[("encryption", expected)]);
    let key = json!({ of: { "rule": [{ default: [{ "kms_master_key_id": { "references": ["local.key"] } }] }] } });
    let expected = json!({
        "value": value("aws:kms"), "unknown": [blocked, "encryption.rules[0].kms_master_key_id"],
    });
    check("key", (snapshot(), &plan, &key), &[("encryption", expected)]);
    // Without an algorithm, S3 applies its own.
    let none = [created(of, rule(json!({ "blocked_encryption_types": ["SSE-C"] })), json!({}))];
    let found = fact(&after(snapshot(), &none, &json!({})), "s3.bucket", "encryption");
    assert!(found["unknown"].to_string().contains("sse_algorithm"), "{found}");
}

/// Types for one setting also have the name of the bucket.
#[test]
fn a_setting_can_refer_to_another_one() {
    let block =
        json!({ "versioning_configuration": [{ "status": "Enabled" }], "region": "eu-west-1" });
    let lock = json!({ "object_lock_enabled": "Enabled", "region": "eu-west-1" });
    let unknown = json!({ "bucket": true, "id": true });
    let (versioning, locked) =
        ("aws_s3_bucket_versioning", "aws_s3_bucket_object_lock_configuration");
    let bucket = json!({ "region": "eu-west-1", "object_lock_enabled": true });
    let refers = |to: &str| json!({ "bucket": { "references": [format!("{to}.a.bucket"), format!("{to}.a")] } });
    let plan = [
        created(V3, bucket, unknown.clone()),
        created(versioning, block, unknown.clone()),
        created(locked, lock, unknown),
    ];
    let arguments = json!({ versioning: refers(V3), locked: refers(versioning) });
    let resources = after(Vec::new(), &plan, &arguments);
    assert_eq!(resources.iter().filter(|one| one.kind == "s3.bucket").count(), 1);
    let expected = json!({ "object_lock_enabled": "Enabled", "rule": null });
    assert_eq!(fact(&resources, "s3.bucket", "object_lock"), expected);
    // One that is not known can be that of any bucket.
    let open = json!({ versioning: { "bucket": { "references": ["local.name"] } }, locked: refers(versioning) });
    let resources = after(Vec::new(), &plan, &open);
    assert_eq!(fact(&resources, "s3.bucket", "object_lock"), "?");
}

/// S3 returns the grants that are in force: while public ones are ignored, it leaves them out.
#[test]
fn public_grants_that_are_ignored_are_left_out() {
    let group = |name: &str| format!("http://acs.amazonaws.com/groups/global/{name}");
    let grant = |grantee: Value| json!({ "grantee": grantee, "permission": "READ" });
    let (own, public) = (
        grant(json!({ "type": "CanonicalUser", "id": "own", "uri": null, "email_address": null })),
        grant(json!({
            "type": "Group", "id": null, "uri": group("AuthenticatedUsers"), "email_address": null,
        })),
    );
    let acl = |grants: &[&Value]| json!({ "owner_id": "own", "grants": grants });
    let block = |on: bool| {
        json!({
            "block_public_acls": false, "ignore_public_acls": on, "block_public_policy": false,
            "restrict_public_buckets": false,
        })
    };
    for (of_bucket, of_account, expected) in [
        (false, None, acl(&[&own, &public])),
        (false, Some(false), acl(&[&own, &public])),
        (true, None, acl(&[&own])),
        (false, Some(true), acl(&[&own])),
    ] {
        let mut resources =
            live(json!({ "acl": acl(&[&own, &public]), "public_access_block": block(false) }));
        let changes = match of_account {
            None => vec![created(
                "aws_s3_bucket_public_access_block",
                data(block(of_bucket)),
                json!({}),
            )],
            Some(on) => {
                let account = json!({
                    "kind": "s3.account", "id": "111122223333", "region": "global",
                    "facts": { "public_access_block": block(false) },
                });
                resources.push(serde_json::from_value(account).unwrap());
                let of_account =
                    |on| with_field(&data(block(on)), "account_id", &"111122223333".into());
                vec![updated(
                    "aws_s3_account_public_access_block",
                    of_account(false),
                    of_account(on),
                )]
            }
        };
        let after = after(resources, &changes, &json!({}));
        let what = format!("bucket {of_bucket}, account {of_account:?}");
        assert_eq!(fact(&after, "s3.bucket", "acl"), expected, "{what}");
    }
    // Nothing changes: what is in the snapshot stays.
    let facts = json!({ "acl": acl(&[&own, &public]), "public_access_block": block(true) });
    let same = after(live(facts), &[], &json!({}));
    assert_eq!(fact(&same, "s3.bucket", "acl"), acl(&[&own, &public]));
}
