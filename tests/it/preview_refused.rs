//! `rolecall preview`: what AWS refuses of a plan fixes nothing.

use serde_json::{Value, json};

use crate::preview_defaults::{change, preview_of};
use crate::preview_left_open::plan;

/// The findings in each list.
fn counts(preview: &Value) -> [usize; 4] {
    ["refused", "new_failures", "fixed", "not_known_until_apply"]
        .map(|list| preview[list].as_array().unwrap().len())
}

fn grants(of: &[(&str, &str)]) -> Vec<Value> {
    let grant = |(group, permission): &(&str, &str)| {
        json!({
            "grantee": { "type": "Group", "uri": format!("http://acs.amazonaws.com/groups/global/{group}") },
            "permission": permission,
        })
    };
    of.iter().map(grant).collect()
}

#[test]
fn what_s3_refuses_fixes_nothing() {
    let arn = "arn:aws:s3:::data/*";
    let everyone =
        json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": arn });
    let tls = json!({
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::data", arn],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    });
    let block = |on: bool| {
        json!({
            "block_public_acls": on, "ignore_public_acls": false, "block_public_policy": on,
            "restrict_public_buckets": false,
        })
    };
    let bucket = |blocked: bool| {
        json!({
            "kind": "s3.bucket", "id": "data",
            "facts": {
                "name": "data", "bucket_region": "eu-west-1", "policy": null, "policy_status": null,
                "public_access_block": block(blocked),
                "ownership_controls": { "object_ownership": "ObjectWriter" },
                "acl": { "grants": grants(&[("AuthenticatedUsers", "READ_ACP")]) },
            },
        })
    };
    let acl = |name: &str| {
        json!({ "region": "eu-west-1", "id": "data", "bucket": "data", "acl": name,
            "access_control_policy": [] })
    };
    let acl = change("aws_s3_bucket_acl", acl("authenticated-read"), acl("public-read"), json!({}));
    let text = json!({ "Version": "2012-10-17", "Statement": [everyone, tls] }).to_string();
    let policy = json!({ "region": "eu-west-1", "bucket": "data", "policy": text });
    let policy = change("aws_s3_bucket_policy", Value::Null, policy, json!({ "id": true }));
    for (name, blocked, changed, rule, expected) in [
        ("acl", true, &acl, "s3-bucket-acl-authenticated-users", [1, 0, 0, 0]),
        ("acl", false, &acl, "s3-bucket-acl-authenticated-users", [0, 0, 1, 0]),
        ("policy", true, &policy, "s3-bucket-tls-only", [1, 0, 0, 0]),
        ("policy", false, &policy, "s3-bucket-tls-only", [0, 0, 1, 0]),
        // What would be a failure is one.
        ("policy", true, &policy, "s3-bucket-policy-not-public", [1, 1, 0, 0]),
    ] {
        let json = plan(std::slice::from_ref(changed), &[]);
        let preview = preview_of(name, Some(&[bucket(blocked)]), &json, rule);
        assert_eq!(counts(&preview), expected, "{name}, {blocked}, {rule}: {preview}");
    }
}

/// S3 disables ACLs only if the ACL grants nobody but the owner access.
#[test]
fn acls_that_grant_others_access_are_not_disabled() {
    let owner =
        json!({ "grantee": { "type": "CanonicalUser", "id": "me" }, "permission": "FULL_CONTROL" });
    let other =
        json!({ "grantee": { "type": "CanonicalUser", "id": "you" }, "permission": "READ" });
    let public = grants(&[("AllUsers", "READ")]);
    let bucket = |ownership: &str, of: &[&Value]| {
        json!({
            "kind": "s3.bucket", "id": "data",
            "facts": {
                "name": "data", "bucket_region": "eu-west-1", "policy": null, "policy_status": null,
                "public_access_block": {
                    "block_public_acls": false, "ignore_public_acls": false, "block_public_policy": false,
                    "restrict_public_buckets": false,
                },
                "ownership_controls": { "object_ownership": ownership },
                "acl": { "owner_id": "me", "grants": of },
            },
        })
    };
    let controls = |ownership: &str| {
        json!({ "region": "eu-west-1", "id": "data", "bucket": "data",
            "rule": [{ "object_ownership": ownership }] })
    };
    let disable = change(
        "aws_s3_bucket_ownership_controls",
        controls("ObjectWriter"),
        controls("BucketOwnerEnforced"),
        json!({}),
    );
    let acl = json!({ "region": "eu-west-1", "bucket": "data", "acl": "private", "access_control_policy": [] });
    let private = change("aws_s3_bucket_acl", Value::Null, acl, json!({ "id": true }));
    let rule = "s3-bucket-acls-disabled";
    for (name, of, changed, expected) in [
        ("only the owner", vec![&owner], vec![disable.clone()], [0, 0, 1, 0]),
        ("another account", vec![&owner, &other], vec![disable.clone()], [1, 0, 0, 0]),
        ("everyone", vec![&owner, &public[0]], vec![disable.clone()], [1, 0, 0, 0]),
        ("taken away as well", vec![&owner, &other], vec![disable.clone(), private], [0, 0, 1, 0]),
    ] {
        let json = plan(&changed, &[]);
        let preview = preview_of(name, Some(&[bucket("ObjectWriter", &of)]), &json, rule);
        assert_eq!(counts(&preview), expected, "{name}: {preview}");
        if expected[0] == 1 {
            let said = preview["refused"].to_string();
            assert!(said.contains("InvalidBucketAclWithObjectOwnership"), "{said}");
        }
    }
}

/// Rules on other facts of the bucket do not say it.
#[test]
fn what_s3_refuses_is_said_of_what_it_is_about() {
    let block = json!({
        "block_public_acls": true, "ignore_public_acls": true, "block_public_policy": true, "restrict_public_buckets": true,
    });
    let bucket = json!({
        "kind": "s3.bucket", "id": "data",
        "facts": {
            "name": "data", "bucket_region": "eu-west-1", "policy": null, "policy_status": null,
            "public_access_block": block, "versioning": { "status": null, "mfa_delete": null },
        },
    });
    let everyone = json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" });
    let text = json!({ "Version": "2012-10-17", "Statement": [everyone] }).to_string();
    let policy = json!({ "region": "eu-west-1", "bucket": "data", "policy": text });
    let policy = change("aws_s3_bucket_policy", Value::Null, policy, json!({ "id": true }));
    let status = json!({ "region": "eu-west-1", "bucket": "data", "versioning_configuration": [{ "status": "Disabled" }] });
    let versioning = change("aws_s3_bucket_versioning", Value::Null, status, json!({ "id": true }));
    let json = plan(&[policy, versioning], &[]);
    for (rule, list, is_said) in [
        ("s3-bucket-policy-not-public", "new_failures", true),
        ("s3-bucket-versioning", "failing_before_and_after", false),
    ] {
        let preview = preview_of(rule, Some(std::slice::from_ref(&bucket)), &json, rule);
        assert_eq!(preview["refused"].as_array().unwrap().len(), 1, "{preview}");
        let found = preview[list][0].as_object().unwrap_or_else(|| panic!("{preview}"));
        assert_eq!(found.contains_key("refused"), is_said, "{rule}: {preview}");
    }
}

/// Since version 6, the provider turns termination protection off only if the state says so.
#[test]
fn a_protected_instance_is_not_terminated() {
    let attachment = |on_termination: bool| {
        json!([{ "instance_id": "i-1", "device": "/dev/sda1", "state": "attached",
            "delete_on_termination": on_termination }])
    };
    let night = [
        json!({
            "kind": "ec2.instance", "id": "i-1",
            "facts": {
                "instance_id": "i-1", "state": { "name": "running" }, "security_groups": [], "tags": {},
                "vpc_id": "vpc-1", "block_device_mappings": [], "network_interfaces": [],
                "metadata_options": { "http_tokens": "optional", "http_endpoint": "enabled" },
            },
        }),
        json!({
            "kind": "ec2.volume", "id": "vol-1",
            "facts": {
                "volume_id": "vol-1", "encrypted": false, "state": "in-use", "tags": {},
                "attachments": attachment(true),
            },
        }),
    ];
    let instance = |protected: Value, force: Option<Value>| {
        let mut all = json!({
            "id": "i-1", "region": "eu-west-1", "ami": "ami-1", "disable_api_termination": protected,
            "root_block_device": [{ "volume_id": "vol-1", "delete_on_termination": true }],
        });
        if let Some(force) = force {
            all["force_destroy"] = force;
        }
        all
    };
    let imds = "ec2-instance-imdsv2";
    let volumes = "ebs-volume-encrypted";
    for (name, protected, force, is_replaced, rule, expected) in [
        ("protected", true, Some(json!(false)), false, imds, [1, 0, 0, 0]),
        ("its volume", true, Some(json!(false)), false, volumes, [1, 0, 0, 0]),
        ("upgraded", true, Some(Value::Null), false, imds, [1, 0, 0, 0]),
        ("replaced", true, Some(json!(false)), true, imds, [1, 1, 0, 0]),
        ("forced", true, Some(json!(true)), false, imds, [0, 0, 1, 0]),
        ("its volume, forced", true, Some(json!(true)), false, volumes, [0, 0, 1, 0]),
        ("not protected", false, Some(json!(false)), false, imds, [0, 0, 1, 0]),
        ("version 5", true, None, false, imds, [0, 0, 1, 0]),
    ] {
        let before = instance(protected.into(), force);
        let options = json!([{ "http_tokens": "optional", "http_endpoint": "enabled" }]);
        let new = json!({ "region": "eu-west-1", "ami": "ami-2", "metadata_options": options });
        let after = if is_replaced { new } else { Value::Null };
        let mut changed = change("aws_instance", before, after, json!({ "id": true }));
        if is_replaced {
            changed["change"]["actions"] = json!(["delete", "create"]);
        }
        let preview = preview_of(name, Some(&night), &plan(&[changed], &[]), rule);
        assert_eq!(counts(&preview), expected, "{name}: {preview}");
        if let Some(refused) = preview["refused"].as_array().unwrap().first() {
            assert_eq!(refused["id"], "i-1", "{name}");
            let message = refused["message"].as_str().unwrap();
            assert!(message.contains("OperationNotPermitted"), "{name}: {message}");
        }
    }
}

/// Settings of a region refuse instances without IMDSv2, and public AMIs.
#[test]
fn what_the_settings_of_the_region_refuse() {
    let settings = |enforced: &str, images: &str| {
        json!({
            "kind": "ec2.settings", "id": "eu-west-1",
            "facts": {
                "region_name": "eu-west-1",
                "instance_metadata_defaults": {
                    "http_tokens": null, "http_endpoint": null, "http_put_response_hop_limit": null,
                    "instance_metadata_tags": null, "http_tokens_enforced": enforced,
                },
                "image_block_public_access": { "image_block_public_access_state": images },
            },
        })
    };
    let image = |public: bool| {
        json!({
            "kind": "ec2.image", "id": "ami-1",
            "facts": {
                "image_id": "ami-1", "name": "web", "owner_id": "111122223333", "public": public,
                "state": "available", "block_device_mappings": [], "product_codes": [], "tags": {},
                "launch_permission": [],
            },
        })
    };
    let instance = |tokens: &str, endpoint: &str| {
        let options = json!([{ "http_tokens": tokens, "http_endpoint": endpoint }]);
        let after = json!({ "region": "eu-west-1", "ami": "ami-2", "metadata_options": options });
        change("aws_instance", Value::Null, after, json!({ "id": true }))
    };
    let share = |group: &str| {
        let after = json!({ "region": "eu-west-1", "image_id": "ami-1", "group": group });
        change("aws_ami_launch_permission", Value::Null, after, json!({ "id": true }))
    };
    let with = |account: &str| {
        let after = json!({ "region": "eu-west-1", "image_id": "ami-1", "account_id": account });
        change("aws_ami_launch_permission", Value::Null, after, json!({ "id": true }))
    };
    let unblock = change(
        "aws_ec2_image_block_public_access",
        json!({ "region": "eu-west-1", "id": "eu-west-1", "state": "block-new-sharing" }),
        json!({ "region": "eu-west-1", "id": "eu-west-1", "state": "unblocked" }),
        json!({}),
    );
    let (imds, public) = ("ec2-instance-imdsv2", "ec2-ami-public");
    let (on, off) = (settings("enabled", "block-new-sharing"), settings("disabled", "unblocked"));
    for (name, settings, is_public, changes, rule, expected) in [
        (
            "enforced",
            &on,
            false,
            vec![instance("optional", "enabled")],
            imds,
            "UnsupportedOperation",
        ),
        ("required", &on, false, vec![instance("required", "enabled")], imds, ""),
        ("no endpoint", &on, false, vec![instance("optional", "disabled")], imds, ""),
        ("not enforced", &off, false, vec![instance("optional", "enabled")], imds, ""),
        ("blocked", &on, false, vec![share("all")], public, "OperationNotPermitted"),
        ("public already", &on, true, vec![share("all")], public, ""),
        ("an account", &on, false, vec![with("222233334444")], public, ""),
        ("not blocked", &off, false, vec![share("all")], public, ""),
        ("not blocked any more", &on, false, vec![share("all"), unblock], public, ""),
    ] {
        let night = [settings.clone(), image(is_public)];
        let preview = preview_of(name, Some(&night), &plan(&changes, &[]), rule);
        let refused = preview["refused"].as_array().unwrap();
        assert_eq!(refused.len(), usize::from(!expected.is_empty()), "{name}: {preview}");
        if let Some(refused) = refused.first() {
            let message = refused["message"].as_str().unwrap();
            assert!(message.contains(expected), "{name}: {message}");
        }
    }
}

/// A policy of which only the resource is not known is refused, whatever that is.
#[test]
fn a_public_policy_is_refused_whatever_its_resource_is() {
    let bucket = json!({
        "kind": "s3.bucket", "id": "data",
        "facts": {
            "name": "data", "bucket_region": "eu-west-1", "policy": null, "policy_status": null,
            "public_access_block": {
                "block_public_acls": true, "ignore_public_acls": true, "block_public_policy": true,
                "restrict_public_buckets": true,
            },
        },
    });
    for (principal, expected) in [
        (json!("*"), [1, 1, 0, 0]),
        (json!({ "AWS": "arn:aws:iam::111122223333:root" }), [0, 0, 0, 0]),
    ] {
        let of =
            if principal == "*" { ["*", "*"] } else { ["AWS", "arn:aws:iam::111122223333:root"] };
        let statement = json!({
            "sid": null, "effect": null, "actions": ["s3:GetObject"], "not_actions": null, "condition": [],
            "not_principals": [], "not_resources": null, "resources": [null],
            "principals": [{ "type": of[0], "identifiers": [of[1]] }],
        });
        let mut data = change(
            "aws_iam_policy_document",
            Value::Null,
            json!({
                "override_policy_documents": null, "source_policy_documents": null, "policy_id": null,
                "version": null, "override_json": null, "source_json": null, "statement": [statement],
            }),
            json!({ "id": true, "json": true, "statement": [{
                "actions": [false], "principals": [{ "identifiers": [false] }], "resources": [true],
            }] }),
        );
        data["address"] = "data.aws_iam_policy_document.a".into();
        data["mode"] = "data".into();
        data["change"]["actions"] = json!(["read"]);
        let policy = json!({ "region": "eu-west-1", "bucket": "data" });
        let unknown = json!({ "id": true, "policy": true });
        let policy = change("aws_s3_bucket_policy", Value::Null, policy, unknown);
        let names = ["data.aws_iam_policy_document.a.json", "data.aws_iam_policy_document.a"];
        let arguments = json!({ "policy": { "references": names } });
        let json = plan(&[data, policy], &[("aws_s3_bucket_policy", arguments)]);
        let rule = "s3-bucket-policy-not-public";
        let preview = preview_of("policy", Some(std::slice::from_ref(&bucket)), &json, rule);
        assert_eq!(counts(&preview), expected, "{principal}: {preview}");
    }
}

/// What AWS refuses is also in annotations and in SARIF.
#[test]
fn annotations_and_sarif_say_what_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let block = json!({
        "block_public_acls": true, "ignore_public_acls": false, "block_public_policy": true,
        "restrict_public_buckets": false,
    });
    let bucket = json!({
        "kind": "s3.bucket", "id": "data",
        "facts": {
            "name": "data", "bucket_region": "eu-west-1", "policy": null, "policy_status": null,
            "public_access_block": block,
        },
    });
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*",
    }] });
    let after = json!({ "region": "eu-west-1", "bucket": "data", "policy": policy.to_string() });
    let changed = change("aws_s3_bucket_policy", Value::Null, after, json!({ "id": true }));
    std::fs::write(path("plan.json"), plan(&[changed], &[]).to_string()).unwrap();
    crate::preview::snapshot(&dir.path().join("night"), &[bucket]);
    let ran = crate::program::run(&[
        "preview",
        "--rule",
        "s3-bucket-policy-not-public",
        "--snapshot",
        &path("night"),
        "--plan",
        &path("plan.json"),
        "--output",
        "github=-",
        "--output",
        &format!("sarif={}", path("s.sarif")),
    ]);
    let expected = "data: S3 will refuse the public bucket policy (AccessDenied)";
    let first = ran.stdout.lines().next().unwrap_or_default();
    assert!(first.starts_with("::error title=rolecall%3A the apply will fail::"), "{}", ran.stdout);
    assert!(first.contains(expected), "{}", ran.stdout);
    let sarif = std::fs::read_to_string(path("s.sarif")).unwrap();
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let run = &sarif["runs"][0];
    let note = &run["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(note["level"], "error", "{sarif}");
    assert!(note["message"]["text"].as_str().unwrap().contains(expected), "{sarif}");
    let result = run["results"][0]["message"]["text"].as_str().unwrap();
    assert!(result.contains("S3 will refuse the public bucket policy"), "{result}");
}
