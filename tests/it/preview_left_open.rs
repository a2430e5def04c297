//! `rolecall preview`: names that are generated, and what new instances get from the region and the image.

use std::fs;

use serde_json::{Value, json};

use crate::preview::snapshot;
use crate::preview_defaults::{change, preview_of};
use crate::program::{run, text};

const LISTS: [&str; 4] = ["new_failures", "fixed", "not_known_until_apply", "not_checked"];

/// A plan, with the arguments that the configuration of resources has.
pub fn plan(changes: &[Value], arguments: &[(&str, Value)]) -> Value {
    let resources: Vec<Value> = arguments
        .iter()
        .map(|(of, expressions)| {
            json!({
                "address": format!("{of}.a"), "mode": "managed", "type": of, "name": "a",
                "expressions": expressions,
            })
        })
        .collect();
    json!({
        "format_version": "1.2", "resource_changes": changes,
        "configuration": { "root_module": { "resources": resources } },
    })
}

/// The number of findings in each list.
fn counts(preview: &Value) -> Vec<usize> {
    LISTS.iter().map(|list| preview[list].as_array().unwrap().len()).collect()
}

fn bucket(name: &str, logs_to: &str) -> Value {
    json!({
        "kind": "s3.bucket", "id": name,
        "facts": {
            "name": name, "bucket_region": "eu-west-1", "policy": null, "tags": null,
            "logging": { "target_bucket": logs_to, "target_prefix": "" },
        },
    })
}

#[test]
fn a_name_that_is_generated_is_not_that_of_something_else() {
    let night = [bucket("data", "logs"), bucket("logs", "data")];
    let prefixed = plan(
        &[change(
            "aws_s3_bucket",
            Value::Null,
            json!({ "region": "eu-west-1", "bucket_prefix": "acme-" }),
            json!({ "id": true, "bucket": true }),
        )],
        &[("aws_s3_bucket", json!({ "bucket_prefix": { "constant_value": "acme-" } }))],
    );
    let unnamed = plan(
        &[change(
            "aws_s3_bucket",
            Value::Null,
            json!({ "region": "eu-west-1" }),
            json!({ "id": true, "bucket": true, "bucket_prefix": true }),
        )],
        &[("aws_s3_bucket", json!({ "force_destroy": { "constant_value": true } }))],
    );
    // Somebody else decides about the name, so it can be any.
    let computed = plan(
        &[change(
            "aws_s3_bucket",
            Value::Null,
            json!({ "region": "eu-west-1" }),
            json!({ "id": true, "bucket": true, "bucket_prefix": true }),
        )],
        &[(
            "aws_s3_bucket",
            json!({ "bucket": { "references": ["random_pet.a.id", "random_pet.a"] } }),
        )],
    );
    for (name, plan, rule, expected) in [
        // Rules that read the name only to compare it with patterns, of which there are none.
        ("prefix", &prefixed, "s3-bucket-lifecycle", [1, 0, 0, 0]),
        ("no name", &unnamed, "s3-bucket-lifecycle", [1, 0, 0, 0]),
        ("computed", &computed, "s3-bucket-lifecycle", [1, 0, 0, 0]),
        // Rules that compare it with other names.
        ("prefix", &prefixed, "s3-bucket-log-target-valid", [0, 0, 0, 0]),
        ("no name", &unnamed, "s3-bucket-log-target-valid", [0, 0, 0, 0]),
        ("computed", &computed, "s3-bucket-log-target-valid", [0, 0, 2, 0]),
        ("prefix", &prefixed, "s3-bucket-policy-lockout", [0, 0, 0, 0]),
        ("computed", &computed, "s3-bucket-policy-lockout", [0, 0, 1, 0]),
    ] {
        let preview = preview_of(name, Some(&night), plan, rule);
        assert_eq!(counts(&preview), expected, "{name}: {rule}: {preview}");
        let text = preview.to_string();
        assert!(!text.contains("acme-0") && !text.contains("terraform-0"), "{text}");
    }
}

#[test]
fn block_public_access_of_the_account_decides_for_a_new_bucket() {
    let account = |restrict: bool| {
        json!({
            "kind": "s3.account", "id": "111122223333", "region": "global",
            "facts": {
                "account_id": "111122223333",
                "public_access_block": {
                    "block_public_acls": true, "ignore_public_acls": true,
                    "block_public_policy": true, "restrict_public_buckets": restrict,
                },
            },
        })
    };
    let created = change(
        "aws_s3_bucket",
        Value::Null,
        json!({ "region": "eu-west-1", "bucket": "new" }),
        json!({ "id": true }),
    );
    for (restrict, expected) in [(true, [0, 0, 0, 0]), (false, [0, 0, 1, 0])] {
        let rule = "s3-bucket-effective-public-access-block";
        let json = plan(std::slice::from_ref(&created), &[]);
        let preview = preview_of("bucket", Some(&[account(restrict)]), &json, rule);
        assert_eq!(counts(&preview), expected, "{restrict}: {preview}");
    }
}

fn settings(facts: &[(&str, Value)]) -> Value {
    let mut all = json!({ "region_name": "eu-west-1" });
    for (name, value) in facts {
        all[*name] = value.clone();
    }
    json!({ "kind": "ec2.settings", "id": "eu-west-1", "facts": all })
}

fn image(support: Value, devices: &[(&str, bool)]) -> Value {
    let mappings: Vec<Value> = devices
        .iter()
        .map(|(device, encrypted)| {
            let snapshot = format!("snap-{}", device.trim_start_matches("/dev/"));
            json!({ "device_name": device, "ebs": { "snapshot_id": snapshot, "encrypted": encrypted, "volume_size": 8, "delete_on_termination": true } })
        })
        .collect();
    json!({
        "kind": "ec2.image", "id": "ami-1",
        "facts": {
            "image_id": "ami-1", "owner_id": "111122223333", "imds_support": support, "public": false,
            "root_device_name": "/dev/xvda", "block_device_mappings": mappings,
        },
    })
}

/// A new instance, with attributes; those that it does not have are computed.
fn instance(attributes: &[(&str, Value)]) -> Value {
    let mut after = json!({ "region": "eu-west-1", "ami": "ami-1", "launch_template": [] });
    let mut unknown = json!({
        "id": true, "metadata_options": true, "root_block_device": true, "ebs_block_device": true,
    });
    for (name, value) in attributes {
        after[*name] = value.clone();
        unknown[*name] = match *name {
            "metadata_options" => json!([{ "http_tokens": value[0].get("http_tokens").is_none() }]),
            "root_block_device" | "ebs_block_device" => {
                let encrypted = value[0].get("encrypted").is_none();
                json!([{ "encrypted": encrypted, "snapshot_id": true, "volume_id": true }])
            }
            _ => json!(false),
        };
    }
    change("aws_instance", Value::Null, after, unknown)
}

#[test]
fn metadata_options_that_are_not_set_are_those_of_the_region_or_the_image() {
    let defaults = |tokens: Value| {
        let facts = json!({ "http_tokens": tokens, "http_endpoint": null, "http_put_response_hop_limit": null });
        settings(&[("instance_metadata_defaults", facts)])
    };
    let (v1, v2) = (image(Value::Null, &[]), image(json!("v2.0"), &[]));
    let plain = instance(&[]);
    let optional = instance(&[("metadata_options", json!([{ "http_tokens": "optional" }]))]);
    let partly = instance(&[("metadata_options", json!([{ "http_endpoint": "enabled" }]))]);
    let from_template = ("launch_template", json!([{ "id": "lt-1" }]));
    let partly_templated = instance(&[
        from_template.clone(),
        ("metadata_options", json!([{ "http_endpoint": "enabled" }])),
    ]);
    let templated = instance(&[from_template]);
    let changed = change(
        "aws_ec2_instance_metadata_defaults",
        json!({ "region": "eu-west-1", "id": "x", "http_tokens": "optional" }),
        json!({ "region": "eu-west-1", "id": "x", "http_tokens": "required" }),
        json!({}),
    );
    let template = change(
        "aws_launch_template",
        Value::Null,
        json!({ "region": "eu-west-1", "name": "web", "image_id": "ami-2" }),
        json!({ "id": true, "metadata_options": true }),
    );
    let (pass, fail, unknown) = ([0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0]);
    let of_instance = "ec2-instance-imdsv2";
    type Case = (&'static str, Vec<Value>, Vec<Value>, &'static str, [usize; 4]);
    let cases: Vec<Case> = vec![
        ("required", vec![defaults(json!("required"))], vec![plain.clone()], of_instance, pass),
        (
            "optional",
            vec![defaults(json!("optional")), v2.clone()],
            vec![plain.clone()],
            of_instance,
            fail,
        ),
        ("set", vec![defaults(json!("required"))], vec![optional], of_instance, fail),
        ("partly", vec![defaults(json!("required"))], vec![partly], of_instance, pass),
        ("image", vec![defaults(Value::Null), v2], vec![plain.clone()], of_instance, pass),
        ("old image", vec![defaults(Value::Null), v1], vec![plain.clone()], of_instance, unknown),
        ("no image", vec![defaults(Value::Null)], vec![plain.clone()], of_instance, unknown),
        ("no settings", vec![], vec![plain.clone()], of_instance, unknown),
        ("template", vec![defaults(json!("required"))], vec![templated], of_instance, unknown),
        (
            "partly, template",
            vec![defaults(json!("required"))],
            vec![partly_templated],
            of_instance,
            unknown,
        ),
        (
            "in the plan",
            vec![defaults(json!("optional"))],
            vec![plain, changed],
            of_instance,
            unknown,
        ),
        (
            "in a template",
            vec![defaults(json!("required"))],
            vec![template.clone()],
            "ec2-launch-template-imdsv2",
            pass,
        ),
        (
            "in a template",
            vec![defaults(Value::Null)],
            vec![template],
            "ec2-launch-template-imdsv2",
            fail,
        ),
    ];
    let options =
        json!({ "metadata_options": [{ "http_endpoint": { "constant_value": "enabled" } }] });
    let options = [("aws_instance", options)];
    for (name, night, changes, rule, expected) in cases {
        let arguments = if name.starts_with("partly") { &options[..] } else { &[] };
        let json = plan(&changes, arguments);
        let preview = preview_of(name, Some(&night), &json, rule);
        assert_eq!(counts(&preview), expected, "{name}: {preview}");
    }
}

#[test]
fn volumes_of_an_instance_are_those_of_its_image() {
    let by_default = |on: bool| {
        settings(&[("ebs_encryption_by_default", json!({ "ebs_encryption_by_default": on }))])
    };
    let root = ("/dev/xvda", false);
    let plain = instance(&[]);
    let templated = instance(&[("launch_template", json!([{ "id": "lt-1" }]))]);
    let with_block = instance(&[("root_block_device", json!([{ "volume_size": 20 }]))]);
    let overridden = instance(&[(
        "ebs_block_device",
        json!([{ "device_name": "/dev/sdf", "volume_size": 20, "encrypted": true }]),
    )]);
    type Case<'c> = (&'c str, Vec<Value>, &'c Value, &'c [&'c str], usize);
    let cases: Vec<Case<'_>> = vec![
        // Without the image, there can be further volumes.
        ("on", vec![by_default(true)], &plain, &[], 1),
        ("off", vec![by_default(false)], &plain, &[], 1),
        ("on, image", vec![by_default(true), image(Value::Null, &[root])], &plain, &[], 0),
        (
            "off, image",
            vec![by_default(false), image(Value::Null, &[root])],
            &plain,
            &["aws_instance.a.root_block_device[0]"],
            0,
        ),
        ("off, template", vec![by_default(false), image(Value::Null, &[root])], &templated, &[], 2),
        (
            "off, encrypted image",
            vec![by_default(false), image(Value::Null, &[("/dev/xvda", true)])],
            &plain,
            &[],
            0,
        ),
        (
            "off, block",
            vec![by_default(false), image(Value::Null, &[root])],
            &with_block,
            &["aws_instance.a.root_block_device[0]"],
            0,
        ),
        (
            "off, two volumes",
            vec![
                by_default(false),
                image(Value::Null, &[("/dev/xvda", true), ("/dev/sdf", false)]),
            ],
            &plain,
            &["aws_instance.a.ebs_block_device[\"/dev/sdf\"]"],
            0,
        ),
        (
            "off, a volume that the instance overrides",
            vec![
                by_default(false),
                image(Value::Null, &[("/dev/xvda", true), ("/dev/sdf", false)]),
            ],
            &overridden,
            &[],
            0,
        ),
    ];
    for (name, night, changed, failing, not_known) in cases {
        let json = plan(std::slice::from_ref(changed), &[]);
        let preview = preview_of(name, Some(&night), &json, "ebs-volume-encrypted");
        let new = preview["new_failures"].as_array().unwrap().iter();
        let new: Vec<&str> = new.map(|one| one["resource"]["id"].as_str().unwrap()).collect();
        assert_eq!(new, failing, "{name}: {preview}");
        let open = preview["not_known_until_apply"].as_array().unwrap().len();
        assert_eq!(open, not_known, "{name}: {preview}");
    }
}

#[test]
fn metadata_options_that_are_not_set_are_those_of_the_launch_template() {
    let region = |tokens: &str| {
        let facts = json!({ "http_tokens": tokens, "http_endpoint": null, "http_put_response_hop_limit": null });
        settings(&[("instance_metadata_defaults", facts)])
    };
    let version = |number: i64, options: Value| {
        json!({
            "launch_template_id": "lt-1", "version_number": number, "default_version": number == 1,
            "launch_template_data": {
                "metadata_options": options, "network_interfaces": [], "security_group_ids": [], "security_groups": [],
                "block_device_mappings": [], "tag_specifications": [],
                "user_data": { "present": false, "looks_like_secret": false },
            },
        })
    };
    // Version 1 is the default, version 2 the latest one.
    let template = |default: Value, latest: Value| {
        json!({
            "kind": "ec2.launch_template", "id": "lt-1",
            "facts": {
                "launch_template_id": "lt-1", "launch_template_name": "web", "default_version_number": 1,
                "latest_version_number": 2, "tags": {}, "default_version": version(1, default),
                "latest_version": version(2, latest),
            },
        })
    };
    let tokens = |value: &str| json!({ "http_tokens": value, "http_endpoint": "enabled" });
    let night = |tokens_of_region: &str| {
        vec![region(tokens_of_region), template(tokens("optional"), tokens("required"))]
    };
    let of = |block: Value| instance(&[("launch_template", json!([block]))]);
    let new = change(
        "aws_launch_template",
        Value::Null,
        json!({
            "region": "eu-west-1", "name": "new", "metadata_options": [{ "http_tokens": "optional" }],
        }),
        json!({ "id": true, "latest_version": true }),
    );
    let mut by_address = of(json!({}));
    by_address["change"]["after_unknown"]["launch_template"] =
        json!([{ "id": true, "version": true }]);
    let references = json!([{
        "id": { "references": ["aws_launch_template.a.id", "aws_launch_template.a"] },
        "version": { "references": ["aws_launch_template.a.latest_version", "aws_launch_template.a"] },
    }]);
    let no_arguments: &[(&str, Value)] = &[];
    let (pass, fail, unknown) = ([0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0]);
    for (name, night, changes, arguments, expected) in [
        ("default", night("required"), vec![of(json!({ "id": "lt-1" }))], no_arguments, fail),
        (
            "by name",
            night("required"),
            vec![of(json!({ "name": "web", "version": "$Default" }))],
            no_arguments,
            fail,
        ),
        (
            "latest",
            night("optional"),
            vec![of(json!({ "id": "lt-1", "version": "$Latest" }))],
            no_arguments,
            pass,
        ),
        (
            "by number",
            night("optional"),
            vec![of(json!({ "id": "lt-1", "version": "2" }))],
            no_arguments,
            pass,
        ),
        (
            "another version",
            night("required"),
            vec![of(json!({ "id": "lt-1", "version": "7" }))],
            no_arguments,
            unknown,
        ),
        (
            "another template",
            night("required"),
            vec![of(json!({ "id": "lt-9" }))],
            no_arguments,
            unknown,
        ),
        (
            "none in the template",
            vec![region("required"), template(Value::Null, Value::Null)],
            vec![of(json!({ "id": "lt-1" }))],
            no_arguments,
            pass,
        ),
        (
            "of the plan",
            vec![region("required")],
            vec![new, by_address],
            &[("aws_instance", json!({ "launch_template": references }))],
            fail,
        ),
    ] {
        let json = plan(&changes, arguments);
        let preview = preview_of(name, Some(&night), &json, "ec2-instance-imdsv2");
        assert_eq!(counts(&preview), expected, "{name}: {preview}");
    }
}

/// Version 3 of the provider has the default of `acl` in the plan, too.
#[test]
fn grants_of_a_bucket_come_before_the_default_acl() {
    let everyone = json!({ "type": "Group", "uri": "http://acs.amazonaws.com/groups/global/AllUsers", "permissions": ["READ_ACP"] });
    for (grants, expected) in [(json!([everyone]), true), (json!([]), false)] {
        let after = json!({ "region": "eu-west-1", "bucket": "acme-open", "acl": "private", "grant": grants });
        let owner = json!({ "region": "eu-west-1", "bucket": "acme-open", "rule": [{ "object_ownership": "ObjectWriter" }] });
        let created =
            |name: &str, after: Value| change(name, Value::Null, after, json!({ "id": true }));
        let changes =
            [created("aws_s3_bucket", after), created("aws_s3_bucket_ownership_controls", owner)];
        let plan = plan(&changes, &[]);
        let preview = preview_of("plan", Some(&[]), &plan, "s3-bucket-acl-readable-by-all");
        assert_eq!(counts(&preview), [usize::from(expected), 0, 0, 0], "{preview}");
    }
}

/// S3 turns on versioning for a new bucket with Object Lock.
#[test]
fn a_new_bucket_with_object_lock_has_versioning() {
    let bucket = |lock: Value, unknown: Value| {
        let mut after = json!({ "region": "eu-west-1", "bucket": "acme-locked" });
        after["object_lock_enabled"] = lock;
        change("aws_s3_bucket", Value::Null, after, unknown)
    };
    let (id, lists) = (json!({ "id": true }), ["new_failures", "not_known_until_apply"]);
    for (lock, expected) in [(true, [0, 0]), (false, [1, 0])] {
        let plan = plan(&[bucket(lock.into(), id.clone())], &[]);
        for rule in ["s3-bucket-versioning", "s3-bucket-object-lock"] {
            let preview = preview_of("plan", Some(&[]), &plan, rule);
            let found = lists.map(|list| preview[list].as_array().unwrap().len());
            assert_eq!(found, expected, "{rule}: {lock}: {preview}");
        }
    }
    let unknown = "{{changeSet:KNOWN_AFTER_APPLY}}";
    for (lock, expected) in
        [(json!("true"), [0, 0]), (json!(false), [1, 0]), (json!(unknown), [0, 1])]
    {
        let properties = json!({ "BucketName": "acme-locked", "ObjectLockEnabled": lock });
        let set = json!({
            "StackName": "web", "StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/web/1", "Status": "CREATE_COMPLETE",
            "Changes": [{ "Type": "Resource", "ResourceChange": {
                "Action": "Add", "LogicalResourceId": "Data", "ResourceType": "AWS::S3::Bucket", "Scope": [], "Details": [],
                "AfterContext": json!({ "Properties": properties }).to_string(),
            } }],
        });
        let dir = tempfile::tempdir().unwrap();
        let (night, file) = (dir.path().join("night"), dir.path().join("set.json"));
        snapshot(&night, &[]);
        fs::write(&file, set.to_string()).unwrap();
        for rule in ["s3-bucket-versioning", "s3-bucket-object-lock"] {
            let args = [
                "preview",
                "--snapshot",
                text(&night),
                "--change-set",
                text(&file),
                "--rule",
                rule,
                "--output",
                "json",
            ];
            let ran = run(&args);
            let preview: Value = serde_json::from_str(&ran.stdout).unwrap();
            let found = lists.map(|list| preview[list].as_array().unwrap().len());
            assert_eq!(found, expected, "{rule}: {lock}: {preview}");
        }
    }
}
