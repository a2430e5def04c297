//! `rolecall preview`: plans that leave something to a later plan, what only OpenTofu has in plans, and
//! what does not change the exit code.

use std::fs;

use serde_json::{Value, json};

use crate::preview::snapshot;
use crate::preview_defaults::{change, preview_of};
use crate::program::{Ran, run, text};

fn bucket(name: &str, versioning: &str) -> Value {
    json!({
        "kind": "s3.bucket", "id": name,
        "facts": {
            "name": name, "bucket_region": "eu-west-1", "tags": null, "policy": null,
            "versioning": { "status": versioning, "mfa_delete": null },
        },
    })
}

fn volume(id: &str, encrypted: bool) -> Value {
    json!({
        "kind": "ec2.volume", "id": id,
        "facts": { "volume_id": id, "state": "available", "encrypted": encrypted, "attachments": [], "tags": {} },
    })
}

fn deferred(reason: &str, change: Value) -> Value {
    json!({ "reason": reason, "resource_change": change })
}

#[test]
fn what_is_deferred_is_not_known_until_a_later_plan() {
    let night = [bucket("data", "Enabled"), volume("vol-1", true), volume("vol-2", true)];
    let null = Value::Null;
    let versioning = |bucket: &str| json!({ "region": "eu-west-1", "id": bucket, "bucket": bucket, "versioning_configuration": [{ "status": "Enabled" }] });
    let volume_of = |id: &str| json!({ "region": "eu-west-1", "id": id, "availability_zone": "eu-west-1a", "size": 8, "encrypted": true });
    let mut instances = change(
        "aws_ebs_volume",
        null.clone(),
        json!({ "region": "eu-west-1", "size": 8 }),
        json!({ "id": true }),
    );
    instances["address"] = "aws_ebs_volume.a[*]".into();
    instances["index_unknown"] = true.into();
    let prior = json!([
        { "address": "aws_ebs_volume.a[0]", "mode": "managed", "type": "aws_ebs_volume", "name": "a", "values": volume_of("vol-1") },
        { "address": "aws_ebs_volume.b[0]", "mode": "managed", "type": "aws_ebs_volume", "name": "b", "values": volume_of("vol-2") },
    ]);
    for (name, left, rule, resources, why) in [
        (
            "a satellite",
            deferred(
                "provider_config_unknown",
                change(
                    "aws_s3_bucket_versioning",
                    versioning("data"),
                    versioning("data"),
                    json!({ "versioning_configuration": true }),
                ),
            ),
            "s3-bucket-versioning",
            vec![Some("data")],
            "because of aws_s3_bucket_versioning.a (deferred to a later plan: arguments of its provider are not known yet)",
        ),
        (
            "a resource that exists",
            deferred(
                "deferred_prereq",
                change("aws_ebs_volume", volume_of("vol-1"), volume_of("vol-1"), json!({})),
            ),
            "ebs-volume-encrypted",
            vec![Some("vol-1")],
            "something that it depends on is deferred",
        ),
        (
            "a resource that may be deleted",
            deferred(
                "deferred_prereq",
                change("aws_ebs_volume", volume_of("vol-1"), null.clone(), json!({})),
            ),
            "ebs-volume-encrypted",
            vec![Some("vol-1")],
            "something that it depends on is deferred",
        ),
        (
            "a new resource",
            deferred(
                "resource_config_unknown",
                change(
                    "aws_ebs_volume",
                    null.clone(),
                    json!({ "region": "eu-west-1" }),
                    json!({ "id": true }),
                ),
            ),
            "ebs-volume-encrypted",
            vec![None],
            "which EBS volumes exist is known only after apply, because of aws_ebs_volume.a (deferred to a later plan: arguments of the resource are not known yet)",
        ),
        (
            "instances",
            deferred("instance_count_unknown", instances),
            "ebs-volume-encrypted",
            vec![None, Some("vol-1")],
            "aws_ebs_volume.a[*] (deferred to a later plan: its `count` or `for_each` is not known yet)",
        ),
        (
            "something else",
            deferred(
                "a_reason_of_tomorrow",
                change(
                    "aws_nat_gateway",
                    null.clone(),
                    json!({ "region": "eu-west-1" }),
                    json!({}),
                ),
            ),
            "ec2-eni-public-ip",
            vec![None],
            "aws_nat_gateway.a (deferred to a later plan: Terraform does not say why)",
        ),
    ] {
        let plan = json!({
            "format_version": "1.2", "resource_changes": [], "applyable": true, "complete": false,
            "deferred_changes": [left],
            "prior_state": { "values": { "root_module": { "resources": prior } } },
        });
        let preview = preview_of(name, Some(&night), &plan, rule);
        let open = preview["not_known_until_apply"].as_array().unwrap();
        let mut ids: Vec<Option<&str>> =
            open.iter().map(|one| one["resource"]["id"].as_str()).collect();
        ids.sort_unstable();
        assert_eq!(ids, resources, "{name}: {preview}");
        for one in open {
            let message = one["causes"][0]["message"].as_str().unwrap();
            assert!(message.contains(why), "{name}: {message}");
        }
        assert_eq!(preview["new_failures"], json!([]), "{name}");
        assert_eq!(preview["partial"], true, "{name}");
        assert_eq!(preview["deferred"].as_array().unwrap().len(), 1, "{name}");
    }
}

/// Runs a preview of a plan.
fn previewed(night: &[Value], plan: &Value, more: &[&str]) -> Ran {
    let dir = tempfile::tempdir().unwrap();
    let (folder, file) = (dir.path().join("night"), dir.path().join("plan.json"));
    fs::write(&file, plan.to_string()).unwrap();
    snapshot(&folder, night);
    run(&[&["preview", "--snapshot", text(&folder), "--plan", text(&file)], more].concat())
}

#[test]
fn a_plan_that_is_not_complete_says_so() {
    let bucket = change(
        "aws_s3_bucket",
        Value::Null,
        json!({ "region": "eu-west-1", "bucket": "a" }),
        json!({ "id": true }),
    );
    let plan = |complete: Option<bool>, deferred: &[Value]| {
        let mut plan = json!({ "format_version": "1.2", "resource_changes": [], "deferred_changes": deferred });
        if let Some(complete) = complete {
            plan["complete"] = complete.into();
        }
        plan
    };
    let left = deferred("absent_prereq", bucket);
    let left = std::slice::from_ref(&left);
    for (name, plan, said, listed) in [
        ("complete", plan(Some(true), &[]), None, false),
        ("OpenTofu does not say it", plan(None, &[]), None, false),
        ("-target", plan(Some(false), &[]), Some("`complete` is false"), false),
        ("deferred", plan(Some(false), left), Some("after it is applied, plan again"), true),
        ("deferred only", plan(None, left), Some("after it is applied, plan again"), true),
    ] {
        for format in ["text", "markdown"] {
            let rule = ["--rule", "ebs-volume-encrypted", "--output", format];
            let ran = previewed(&[], &plan, &rule);
            assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
            let shown = ran.stdout.replace('\n', " ");
            assert_eq!(
                shown.contains("The plan is not complete"),
                said.is_some(),
                "{name}: {shown}"
            );
            assert!(said.is_none_or(|said| shown.contains(said)), "{name}: {shown}");
            assert_eq!(shown.contains("Deferred to a later plan"), listed, "{name}: {shown}");
            assert_eq!(
                shown.contains("something that it needs does not exist yet"),
                listed,
                "{name}"
            );
            let strict = previewed(&[], &plan, &[&rule[..], &["--strict"]].concat());
            assert_eq!(
                strict.code,
                if said.is_some() { 3 } else { 0 },
                "{name}: {}",
                strict.stdout
            );
        }
    }
}

#[test]
fn plans_of_opentofu_are_read() {
    let volume = change(
        "aws_ebs_volume",
        Value::Null,
        json!({ "region": "eu-west-1", "encrypted": false, "size": 8 }),
        json!({ "id": true }),
    );
    // It opens them while it runs, and they have no values.
    let ephemeral = json!({
        "address": "ephemeral.aws_ebs_volume.a", "mode": "ephemeral", "type": "aws_ebs_volume", "name": "a",
        "change": { "actions": ["Open"], "before": null, "after": null, "after_unknown": {} },
    });
    let forgotten = json!({
        "address": "aws_ebs_volume.b", "mode": "managed", "type": "aws_ebs_volume", "name": "b",
        "change": {
            "actions": ["forget", "create"], "before": { "region": "eu-west-1", "id": "vol-1", "encrypted": false },
            "after": { "region": "eu-west-1", "encrypted": true }, "after_unknown": { "id": true },
        },
    });
    let night = [json!({
        "kind": "ec2.settings", "id": "eu-west-1",
        "facts": { "region_name": "eu-west-1", "ebs_encryption_by_default": { "ebs_encryption_by_default": false } },
    })];
    let configured = |mode: &str, expressions: Value| json!({ "address": "a", "mode": mode, "type": "aws_ebs_volume", "name": "a", "expressions": expressions });
    let plan = json!({
        "format_version": "1.2", "terraform_version": "1.11.0", "errored": false,
        "variables": { "token": {} },
        "resource_changes": [ephemeral, volume, forgotten],
        "configuration": { "root_module": { "resources": [
            configured("ephemeral", json!({ "snapshot_id": { "references": ["var.token"] } })),
            configured("managed", json!({})),
        ] } },
    });
    let preview = preview_of("opentofu", Some(&night), &plan, "ebs-volume-encrypted");
    let new = preview["new_failures"].as_array().unwrap();
    assert_eq!(new.len(), 1, "{preview}");
    assert_eq!(new[0]["resource"]["id"], "aws_ebs_volume.a", "{preview}");
    assert_eq!(preview["changes"], 2, "{preview}");
    assert_eq!(preview["partial"], false, "{preview}");
}

#[test]
fn instances_of_a_provider_are_in_regions_and_accounts_of_their_own() {
    let plan = |expressions: Value, after: Value| {
        let existing = json!({
            "region": null, "id": "vol-1", "encrypted": true,
            "arn": "arn:aws:ec2:eu-west-1:111122223333:volume/vol-1",
        });
        let named = |name: &str, change: Value| {
            let mut change = change;
            change["address"] = format!("aws_ebs_volume.{name}").into();
            change["name"] = name.into();
            change
        };
        let configured = ["a", "b"].map(|name| {
            json!({
                "address": format!("aws_ebs_volume.{name}"), "mode": "managed", "type": "aws_ebs_volume", "name": name,
                "provider_config_key": "aws.each", "expressions": {},
            })
        });
        json!({
            "format_version": "1.2",
            "resource_changes": [
                named("a", change("aws_ebs_volume", existing.clone(), existing, json!({}))),
                named("b", change("aws_ebs_volume", Value::Null, after, json!({ "id": true, "arn": true }))),
            ],
            "configuration": {
                "provider_config": { "aws.each": { "name": "aws", "alias": "each", "expressions": expressions } },
                "root_module": { "resources": configured },
            },
        })
    };
    let each = json!({ "references": ["each.value"] });
    let anywhere = json!({ "size": 8, "encrypted": true });
    let here = json!({ "region": "eu-west-1", "size": 8, "encrypted": true });
    let role = json!([{ "role_arn": { "references": ["each.value.role", "each.value"] } }]);
    for (name, plan, message) in [
        (
            "the region of the other instance",
            plan(json!({ "region": each }), anywhere.clone()),
            Some(
                "which region `aws_ebs_volume.b` (provider `aws.each`) is in: use `--region each=REGION`",
            ),
        ),
        ("its own region", plan(json!({ "region": each }), here.clone()), None),
        (
            "the account of the other instance",
            plan(json!({ "assume_role": role }), here.clone()),
            Some(
                "which account `aws_ebs_volume.b` (provider `aws.each`) belongs to: use `--account each=ID`",
            ),
        ),
        ("one provider", plan(json!({}), here), None),
        ("one provider, region of the other resource", plan(json!({}), anywhere), None),
    ] {
        let ran = previewed(&[volume("vol-1", true)], &plan, &["--rule", "ebs-volume-encrypted"]);
        assert_eq!(ran.code, if message.is_some() { 2 } else { 0 }, "{name}: {}", ran.stderr);
        assert!(
            message.is_none_or(|message| ran.stderr.contains(message)),
            "{name}: {}",
            ran.stderr
        );
    }
}

#[test]
fn what_s3_refuses_and_what_becomes_exposed_do_not_change_the_exit_code() {
    let blocked = json!({
        "block_public_acls": true, "ignore_public_acls": true, "block_public_policy": true, "restrict_public_buckets": true,
    });
    let mut data = bucket("data", "Enabled");
    data["facts"]["public_access_block"] = blocked;
    let public = json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" });
    let document = json!({ "Version": "2012-10-17", "Statement": [public] }).to_string();
    let policy = change(
        "aws_s3_bucket_policy",
        Value::Null,
        json!({ "region": "eu-west-1", "bucket": "data", "policy": document }),
        json!({ "id": true }),
    );
    let plan = json!({ "format_version": "1.2", "resource_changes": [policy] });
    // The rule does not read the policy.
    let args = ["--rule", "s3-bucket-versioning", "--output", "json"];
    let ran = previewed(std::slice::from_ref(&data), &plan, &args);
    let preview: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(preview["refused"].as_array().unwrap().len(), 1, "{preview}");
    assert_eq!((ran.code, &preview["new_failures"]), (0, &json!([])), "{preview}");
    // A rule that fails because of the same change counts.
    let args = ["--rule", "s3-bucket-policy-not-public", "--fail-on", "info", "--output", "json"];
    let ran = previewed(&[data], &plan, &args);
    let preview: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(preview["refused"].as_array().unwrap().len(), 1, "{preview}");
    let number = preview["new_failures"].as_array().unwrap().len();
    assert_eq!((ran.code, number), (1, 1), "{preview}");
    let help = run(&["preview", "--help"]).stdout.replace("\n", " ");
    assert!(help.contains("are reported, but do not change the exit code"), "{help}");
}
