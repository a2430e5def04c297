//! `rolecall preview`: changes that a plan hides, such as those of sensitive values and of resources
//! that have another name now, are not taken for no change.

use std::fs;

use serde_json::{Value, json};

use crate::preview_defaults::{change, preview_of};
use crate::preview_left_open::plan;
use crate::program::{run, text};

const LISTS: [&str; 4] = ["new_failures", "fixed", "not_known_until_apply", "not_checked"];

/// The number of findings in each list.
fn counts(name: &str, night: &[Value], plan: &Value, rule: &str) -> Vec<usize> {
    let preview = preview_of(name, Some(night), plan, rule);
    LISTS.iter().map(|list| preview[list].as_array().unwrap().len()).collect()
}

/// A change whose values are marked as sensitive on both sides.
fn sensitive(mut change: Value, marks: &Value) -> Value {
    for side in ["before_sensitive", "after_sensitive"] {
        change["change"][side] = marks.clone();
    }
    change
}

fn blocked(block: bool) -> Value {
    json!({
        "block_public_acls": block, "ignore_public_acls": block,
        "block_public_policy": block, "restrict_public_buckets": block,
    })
}

/// A bucket with Block Public Access.
fn bucket(name: &str) -> Value {
    json!({
        "kind": "s3.bucket", "id": name,
        "facts": { "name": name, "public_access_block": blocked(true) },
    })
}

fn account() -> Value {
    json!({
        "kind": "s3.account", "id": "111122223333", "region": "global",
        "facts": { "account_id": "111122223333", "public_access_block": null },
    })
}

const BLOCK: &str = "aws_s3_bucket_public_access_block";
const BLOCKED: &str = "s3-bucket-effective-public-access-block";

fn block(of: &str, block: bool) -> Value {
    let mut values = blocked(block);
    for (name, value) in [("bucket", of), ("id", of), ("region", "eu-west-1")] {
        values[name] = value.into();
    }
    values
}

#[test]
fn a_sensitive_value_that_changes_is_not_known() {
    let group = |range: &str| {
        json!({
            "kind": "ec2.security_group", "id": "sg-1",
            "facts": {
                "group_id": "sg-1", "group_name": "a", "vpc_id": "vpc-1", "owner_id": "111122223333",
                "description": "", "tags": {}, "ip_permissions_egress": [],
                "ip_permissions": [{
                    "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ipv6_ranges": [],
                    "prefix_list_ids": [], "user_id_group_pairs": [], "ip_ranges": [{ "cidr_ip": range }],
                }],
            },
        })
    };
    let rule = |range: &str| {
        json!({
            "region": "eu-west-1", "id": "sgr-1", "security_group_id": "sg-1", "ip_protocol": "tcp",
            "from_port": 22, "to_port": 22, "cidr_ipv4": range,
        })
    };
    let inline = |range: &str| {
        json!({
            "region": "eu-west-1", "id": "sg-1", "name": "a", "vpc_id": "vpc-1", "egress": [],
            "ingress": [{ "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": [range] }],
        })
    };
    let (inside, outside) = ("10.0.0.0/8", "0.0.0.0/0");
    let night = [account(), bucket("data"), group(inside)];
    let of_rule = |to: &str| {
        let marks = json!({ "cidr_ipv4": true });
        let of = "aws_vpc_security_group_ingress_rule";
        sensitive(change(of, rule(inside), rule(to), json!({})), &marks)
    };
    let of_group = |to: &str, marks: Value| {
        sensitive(change("aws_security_group", inline(inside), inline(to), json!({})), &marks)
    };
    let within = || json!({ "ingress": [{ "cidr_blocks": true }] });
    let of_block = |to: bool| {
        let marks = json!({ "block_public_policy": true, "restrict_public_buckets": true });
        sensitive(change(BLOCK, block("data", true), block("data", to), json!({})), &marks)
    };
    let ssh = "sg-ingress-ssh";
    let unknown = [0, 0, 1, 0];
    for (name, change, checked, expected) in [
        ("rule", of_rule(outside), ssh, unknown),
        ("rule, the same", of_rule(inside), ssh, [0; 4]),
        ("group", of_group(outside, json!({ "ingress": true })), ssh, unknown),
        ("group, the same", of_group(inside, json!({ "ingress": true })), ssh, [0; 4]),
        ("group, only the range", of_group(outside, within()), ssh, unknown),
        ("group, only the range, the same", of_group(inside, within()), ssh, [0; 4]),
        ("block", of_block(false), BLOCKED, unknown),
        ("block, the same", of_block(true), BLOCKED, [0; 4]),
    ] {
        let plan = plan(&[change], &[]);
        assert_eq!(counts(name, &night, &plan, checked), expected, "{name}");
    }
}

#[test]
fn what_one_resource_removes_and_another_sets_is_not_known() {
    let night = [account(), bucket("data")];
    let kept = change(BLOCK, block("data", true), block("data", true), json!({}));
    let mut deposed = change(BLOCK, block("data", true), Value::Null, json!({}));
    deposed["deposed"] = "0123abcd".into();
    let mut old = change(BLOCK, block("data", true), Value::Null, json!({}));
    old["address"] = format!("{BLOCK}.old").into();
    old["name"] = "old".into();
    let new = change(BLOCK, Value::Null, block("data", true), json!({}));
    let off = change(BLOCK, Value::Null, block("data", false), json!({}));
    let elsewhere = change(BLOCK, Value::Null, block("other", true), json!({}));
    let replaced = |actions: [&str; 2]| {
        let mut change = kept.clone();
        change["change"]["actions"] = json!(actions);
        change
    };
    let created_first = replaced(["create", "delete"]);
    let deleted_first = replaced(["delete", "create"]);
    for (name, changes, expected) in [
        ("deposed", vec![kept.clone(), deposed], [0, 0, 1, 0]),
        ("renamed", vec![old.clone(), new], [0, 0, 1, 0]),
        ("renamed, and off either way", vec![old.clone(), off], [1, 0, 0, 0]),
        ("replaced, created first", vec![created_first], [1, 0, 0, 0]),
        ("replaced, deleted first", vec![deleted_first], [0; 4]),
        ("kept", vec![kept], [0; 4]),
        ("only removed", vec![old.clone()], [1, 0, 0, 0]),
        ("another bucket", vec![old, elsewhere], [1, 0, 0, 0]),
    ] {
        let night = [&night[..], &[bucket("other")]].concat();
        let plan = plan(&changes, &[]);
        assert_eq!(counts(name, &night, &plan, BLOCKED), expected, "{name}");
    }
}

#[test]
fn a_setting_of_the_account_that_is_deleted_last_is_not_known() {
    let mut values = blocked(true);
    values["id"] = "111122223333".into();
    values["account_id"] = "111122223333".into();
    let mut on = account();
    on["facts"]["public_access_block"] = blocked(true);
    let of = "aws_s3_account_public_access_block";
    for (actions, expected) in
        [(["create", "delete"], [0, 0, 1, 0]), (["delete", "create"], [0; 4])]
    {
        let mut replaced = change(of, values.clone(), values.clone(), json!({}));
        replaced["change"]["actions"] = json!(actions);
        let plan = plan(&[replaced], &[]);
        let found =
            counts("account", std::slice::from_ref(&on), &plan, "s3-account-public-access-block");
        assert_eq!(found, expected, "{actions:?}");
    }
}

#[test]
fn satellites_find_their_resource_by_key() {
    let created = |of: &str, key: &str, after: Value, unknown: Value| {
        let mut one = change(of, Value::Null, after, unknown);
        one["address"] = format!("{of}.a[\"{key}\"]").into();
        one["index"] = key.into();
        one
    };
    let group = |key: &str| {
        let after = json!({ "region": "eu-west-1", "name": key, "vpc_id": "vpc-1" });
        created("aws_security_group", key, after, json!({ "id": true }))
    };
    let rule = |key: &str, range: &str| {
        let after = json!({
            "region": "eu-west-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22,
            "cidr_ipv4": range,
        });
        let of = "aws_vpc_security_group_ingress_rule";
        created(of, key, after, json!({ "id": true, "security_group_id": true }))
    };
    let changes =
        [group("x"), group("y"), rule("x", "0.0.0.0/0"), rule("y", "10.0.0.0/8")].to_vec();
    // Of `aws_security_group.a[each.key].id`, plans have no attribute.
    let by = |names: Value| {
        let expression = json!({ "security_group_id": { "references": names } });
        plan(&changes, &[("aws_vpc_security_group_ingress_rule", expression)])
    };
    let key = by(json!(["aws_security_group.a", "each.key"]));
    assert_eq!(counts("by key", &[], &key, "sg-ingress-ssh"), [1, 0, 0, 0]);
    // Something else has the name of the type.
    let other = by(json!(["aws_vpc.a", "each.key"]));
    assert_eq!(counts("of another type", &[], &other, "sg-ingress-ssh"), [0, 0, 2, 0]);
}

#[test]
fn options_that_are_set_but_not_known_are_not_the_defaults() {
    let night = [json!({
        "kind": "ec2.settings", "id": "eu-west-1",
        "facts": {
            "region_name": "eu-west-1",
            "instance_metadata_defaults": { "http_tokens": "required", "http_endpoint": null },
        },
    })];
    let options = json!([{ "http_endpoint": "enabled", "http_tokens": null }]);
    let created = change(
        "aws_instance",
        Value::Null,
        json!({ "region": "eu-west-1", "ami": "ami-1", "launch_template": [], "metadata_options": options }),
        json!({ "id": true, "metadata_options": [{ "http_tokens": true }] }),
    );
    let endpoint = json!({ "constant_value": "enabled" });
    let tokens = json!({ "references": ["null_resource.a.id", "null_resource.a"] });
    let null = change("null_resource", Value::Null, json!({}), json!({ "id": true }));
    for (name, options, expected) in [
        ("left out", json!([{ "http_endpoint": endpoint }]), [0; 4]),
        ("not known", json!([{ "http_endpoint": endpoint, "http_tokens": tokens }]), [0, 0, 1, 0]),
    ] {
        let arguments = [("aws_instance", json!({ "metadata_options": options }))];
        let plan = plan(&[created.clone(), null.clone()], &arguments);
        assert_eq!(counts(name, &night, &plan, "ec2-instance-imdsv2"), expected, "{name}");
    }
}

#[test]
fn versions_of_launch_templates_are_counted() {
    let version = |number: u32, tokens: &str| {
        json!({
            "launch_template_id": "lt-1", "version_number": number,
            "launch_template_data": {
                "metadata_options": { "http_tokens": tokens },
                "user_data": { "present": false, "looks_like_secret": false, "detector": null },
            },
        })
    };
    let template = |default: Value, latest: Value| {
        json!({
            "kind": "ec2.launch_template", "id": "lt-1",
            "facts": {
                "launch_template_id": "lt-1", "launch_template_name": "web", "tags": {},
                "default_version_number": default["version_number"], "default_version": default,
                "latest_version_number": latest["version_number"], "latest_version": latest,
            },
        })
    };
    let values = |tokens: &str, default: u32, tag: &str| {
        json!({
            "region": "eu-west-1", "id": "lt-1", "name": "web", "latest_version": 8,
            "default_version": default, "tags": { "a": tag },
            "metadata_options": [{ "http_tokens": tokens }],
        })
    };
    let with = |mut values: Value, name: &str, value: Value| {
        values[name] = value;
        values
    };
    let safe = || template(version(7, "required"), version(8, "required"));
    let unsafe_latest = || template(version(7, "required"), version(8, "optional"));
    let unsafe_default = || template(version(7, "optional"), version(8, "required"));
    let before = || values("required", 7, "x");
    let newer = || json!({ "latest_version": true });
    let both = || json!({ "latest_version": true, "default_version": true });
    let updates = |values: Value| with(values, "update_default_version", true.into());
    for (name, night, before, after, unknown, expected) in [
        ("tags", safe(), before(), values("required", 7, "y"), newer(), [0; 4]),
        ("worse", safe(), before(), values("optional", 7, "x"), newer(), [1, 0, 0, 0]),
        (
            "better, and the default",
            template(version(7, "optional"), version(8, "optional")),
            updates(values("optional", 7, "x")),
            updates(with(values("required", 7, "x"), "default_version", Value::Null)),
            both(),
            [0, 1, 0, 0],
        ),
        (
            "the latest becomes the default",
            unsafe_default(),
            before(),
            values("required", 8, "x"),
            json!({}),
            [0, 1, 0, 0],
        ),
        (
            "the last number",
            safe(),
            with(before(), "latest_version", i64::MAX.into()),
            with(values("optional", 7, "x"), "latest_version", Value::Null),
            newer(),
            [0, 0, 1, 0],
        ),
        // What an older version sets is only in AWS.
        (
            "an older one becomes the default",
            safe(),
            before(),
            values("required", 3, "x"),
            json!({}),
            [0, 0, 1, 0],
        ),
        (
            "better, not the default",
            unsafe_latest(),
            values("optional", 7, "x"),
            values("required", 7, "x"),
            newer(),
            [0, 1, 0, 0],
        ),
    ] {
        let settings = json!({
            "kind": "ec2.settings", "id": "eu-west-1",
            "facts": { "region_name": "eu-west-1", "instance_metadata_defaults": null },
        });
        let plan = plan(&[change("aws_launch_template", before, after, unknown)], &[]);
        let found = counts(name, &[night, settings], &plan, "ec2-launch-template-imdsv2");
        assert_eq!(found, expected, "{name}");
    }
}

/// Of an account that the snapshot could not read, the change is all that is known. What else there is
/// was not read, and does not only wait for the apply.
#[test]
fn a_change_of_an_account_that_could_not_be_read_is_checked() {
    let ssh =
        json!({ "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"] });
    let group = |id: &str, ingress: &[Value]| json!({ "region": "eu-west-1", "id": id, "name": "a", "vpc_id": "vpc-1", "ingress": ingress });
    let created = change(
        "aws_security_group",
        Value::Null,
        group("", std::slice::from_ref(&ssh)),
        json!({ "id": true, "egress": true }),
    );
    let mut described = group("sg-1", &[]);
    described["description"] = "x".into();
    let updated = change("aws_security_group", group("sg-1", &[]), described, json!({}));
    let rule = json!({
        "region": "eu-west-1", "id": "sgr-1", "security_group_id": "sg-1", "ip_protocol": "tcp",
        "from_port": 443, "to_port": 443, "cidr_ipv4": "10.0.0.0/8",
    });
    let added = change("aws_vpc_security_group_ingress_rule", Value::Null, rule, json!({}));
    let admin = json!("sg-ingress-remote-admin-ipv4");
    for (name, change, code, list) in [
        ("created", created, 1, "new_failures"),
        ("updated", updated, 3, "not_checked"),
        ("rule added", added, 3, "not_checked"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("plan.json");
        fs::write(&file, plan(&[change], &[]).to_string()).unwrap();
        let args = ["preview", "--snapshot", "fixtures/acme", "--plan", text(&file)];
        let args = [&args[..], &["--account", "444455556666", "--output", "json"]].concat();
        let ran = run(&args);
        let preview: Value = serde_json::from_str(&ran.stdout).expect(&ran.stderr);
        let found = preview[list].as_array().unwrap().iter();
        assert!(found.clone().any(|one| one["rule"] == admin), "{name}: {preview}");
        assert_eq!(ran.code, code, "{name}: {preview}");
    }
}

#[test]
fn what_is_not_converted_is_not_known_after_a_change_in_place() {
    let settings = json!({
        "kind": "ec2.settings", "id": "eu-west-1",
        "facts": {
            "region_name": "eu-west-1",
            "allowed_images_settings": { "state": "enabled", "image_criteria": [], "managed_by": "account" },
        },
    });
    let table = json!({
        "kind": "ec2.route_table", "id": "rtb-1",
        "facts": {
            "route_table_id": "rtb-1", "vpc_id": "vpc-1", "owner_id": "111122223333", "tags": {},
            "associations": [{ "main": true }], "routes": [], "propagating_vgws": [{ "gateway_id": "vgw-1" }],
        },
    });
    let night = [settings, table];
    let allowed = |state: &str| json!({ "id": "eu-west-1", "region": "eu-west-1", "state": state });
    let images = |before: &str, after: &str| {
        change("aws_ec2_allowed_images_settings", allowed(before), allowed(after), json!({}))
    };
    let gateway = |id: &str| json!({ "region": "eu-west-1", "route_table_id": "rtb-1", "vpn_gateway_id": id });
    let propagation = |actions: &[&str], after: &str| {
        let of = "aws_vpn_gateway_route_propagation";
        let mut change = change(of, gateway("vgw-1"), gateway(after), json!({}));
        change["change"]["actions"] = json!(actions);
        change
    };
    let (amis, routes) = ("ec2-allowed-amis-enabled", "route-default-to-igw");
    let unknown = [0, 0, 1, 0];
    for (name, change, checked, expected) in [
        ("settings", images("enabled", "audit-mode"), amis, unknown),
        ("gateway", propagation(&["delete", "create"], "vgw-2"), routes, unknown),
        ("no change", propagation(&["no-op"], "vgw-1"), routes, [0; 4]),
    ] {
        let plan = plan(&[change], &[]);
        assert_eq!(counts(name, &night, &plan, checked), expected, "{name}");
    }
}

#[test]
fn what_two_resources_set_differently_is_not_known() {
    let night = [account(), bucket("data")];
    let named = |name: &str, mut change: Value| {
        change["address"] = format!("{BLOCK}.{name}").into();
        change["name"] = name.into();
        change
    };
    let new = |name: &str, on: bool| {
        named(name, change(BLOCK, Value::Null, block("data", on), json!({})))
    };
    let same = |name: &str, on: bool| {
        let mut same = change(BLOCK, block("data", on), block("data", on), json!({}));
        same["change"]["actions"] = json!(["no-op"]);
        named(name, same)
    };
    let versioning = |name: &str, status: &str| {
        let of = "aws_s3_bucket_versioning";
        let values = json!({
            "region": "eu-west-1", "bucket": "data", "versioning_configuration": [{ "status": status }],
        });
        let mut change = change(of, Value::Null, values, json!({}));
        change["address"] = format!("{of}.{name}").into();
        change["name"] = name.into();
        change
    };
    let mut versioned = bucket("data");
    versioned["facts"]["versioning"] = json!({ "status": "Enabled", "mfa_delete": null });
    let (new_failure, unknown) = ([1, 0, 0, 0], [0, 0, 1, 0]);
    for (name, night, changes, checked, expected) in [
        ("off, on", &night, [new("a", false), new("b", true)], BLOCKED, unknown),
        ("on, off", &night, [new("a", true), new("b", false)], BLOCKED, unknown),
        ("twice", &night, [new("a", false), new("b", false)], BLOCKED, new_failure),
        // It was set before.
        ("new, same", &night, [new("a", false), same("b", true)], BLOCKED, new_failure),
        ("same, new", &night, [same("a", true), new("b", false)], BLOCKED, new_failure),
        (
            "versioning",
            &[account(), versioned],
            [versioning("a", "Suspended"), versioning("b", "Enabled")],
            "s3-bucket-versioning",
            unknown,
        ),
    ] {
        let plan = plan(&changes, &[]);
        assert_eq!(counts(name, night, &plan, checked), expected, "{name}");
    }
}

#[test]
fn an_instance_that_is_started_is_the_only_one_that_is_not_known() {
    let instance = |id: &str| {
        json!({
            "kind": "ec2.instance", "id": id,
            "facts": {
                "instance_id": id, "state": { "code": 80, "name": "stopped" }, "public_ip_address": null,
                "network_interfaces": [], "tags": {}, "launch_time": "2024-01-01T00:00:00Z",
                "state_transition_reason": "User initiated (2024-02-01 00:00:00 GMT)",
            },
        })
    };
    let night = [instance("i-1"), instance("i-2")];
    let state =
        json!({ "region": "eu-west-1", "instance_id": "i-1", "state": "running", "force": false });
    let started = change("aws_ec2_instance_state", Value::Null, state, json!({ "id": true }));
    let json = plan(&[started], &[]);
    for rule in ["ec2-instance-public-ip", "ec2-instance-stopped-too-long"] {
        assert_eq!(counts("started", &night, &json, rule), [0, 0, 1, 0], "{rule}");
    }
}
