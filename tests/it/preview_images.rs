//! `rolecall preview`: images, what instances have because of them, and copies of snapshots.

use serde_json::{Value, json};

use crate::preview_defaults::{change, preview_of};
use crate::preview_launch::settings;
use crate::preview_left_open::plan;

const LISTS: [&str; 3] = ["new_failures", "fixed", "not_known_until_apply"];

/// The findings in each list.
fn counts(preview: &Value) -> [usize; 3] {
    LISTS.map(|list| preview[list].as_array().unwrap().len())
}

const DEPRECATED: &str = "ec2-instance-deprecated-ami";

fn image(deprecated: &str) -> Value {
    json!({
        "kind": "ec2.image", "id": "ami-1",
        "facts": {
            "image_id": "ami-1", "name": "web", "owner_id": "111122223333", "public": false,
            "state": "available", "deprecation_time": deprecated, "virtualization_type": "paravirtual",
            "block_device_mappings": [], "product_codes": [], "tags": {}, "launch_permission": [],
        },
    })
}

fn instance(deprecated: &str) -> Value {
    json!({
        "kind": "ec2.instance", "id": "i-1",
        "facts": {
            "instance_id": "i-1", "state": { "name": "running" }, "security_groups": [], "tags": {},
            "image_id": "ami-1", "block_device_mappings": [], "network_interfaces": [],
            "image_metadata": {
                "image_id": "ami-1", "name": "web", "owner_id": "111122223333", "state": "available",
                "is_public": false, "deprecation_time": deprecated,
            },
        },
    })
}

/// What changes of an image is also in what AWS says of it for its instances.
#[test]
fn an_image_is_that_of_its_instances() {
    let (past, future) = ("2021-01-01T00:00:00Z", "2040-01-01T00:00:00Z");
    let ami = |deprecated: Value| json!({ "id": "ami-1", "region": "eu-west-1", "name": "web", "deprecation_time": deprecated });
    let set = |before: &str, after: Value, unknown: Value| {
        change("aws_ami", ami(before.into()), after, unknown)
    };
    let open = json!({ "deprecation_time": true });
    for (name, before, changed, expected) in [
        ("deprecated later", past, set(past, ami(future.into()), json!({})), [0, 1, 0]),
        ("deprecated now", future, set(future, ami(past.into()), json!({})), [1, 0, 0]),
        ("not known", past, set(past, ami(Value::Null), open), [0, 0, 1]),
        ("deregistered", past, set(past, Value::Null, json!({})), [0, 0, 1]),
        (
            "renamed",
            past,
            set(
                past,
                json!({ "id": "ami-1", "region": "eu-west-1", "name": "api", "deprecation_time": past }),
                json!({}),
            ),
            [0, 0, 0],
        ),
    ] {
        let night = [image(before), instance(before)];
        let preview = preview_of(name, Some(&night), &plan(&[changed], &[]), DEPRECATED);
        assert_eq!(counts(&preview), expected, "{name}: {preview}");
    }
}

/// A new instance has what its image has, if that is in the snapshot.
#[test]
fn a_new_instance_has_what_its_image_has() {
    let past = "2021-01-01T00:00:00Z";
    let new = || {
        let after = json!({ "region": "eu-west-1", "ami": "ami-1" });
        let unknown =
            json!({ "id": true, "disable_api_termination": true, "instance_lifecycle": true });
        change("aws_instance", Value::Null, after, unknown)
    };
    let spot = || {
        let mut spot = new();
        spot["change"]["after"]["instance_market_options"] = json!([{ "market_type": "spot" }]);
        spot
    };
    let templated = || {
        let mut templated = new();
        templated["change"]["after"]["launch_template"] = json!([{ "id": "lt-1", "version": "1" }]);
        templated
    };
    let protection = "ec2-instance-termination-protection";
    for (name, night, changed, rule, expected) in [
        ("image", vec![image(past)], new(), DEPRECATED, [1, 0, 0]),
        ("no image", vec![], new(), DEPRECATED, [0, 0, 1]),
        ("virtualization", vec![image(past)], new(), "ec2-instance-no-paravirtual", [1, 0, 0]),
        ("on demand", vec![], new(), protection, [1, 0, 0]),
        ("spot", vec![], spot(), protection, [0, 0, 0]),
        ("a template", vec![], templated(), protection, [0, 0, 1]),
    ] {
        let json = plan(&[changed], &[("aws_instance", json!({ "ami": {} }))]);
        let preview = preview_of(name, Some(&night), &json, rule);
        assert_eq!(counts(&preview), expected, "{name}: {preview}");
    }
}

/// Copies of snapshots are encrypted by default as volumes are, and what is registered is a machine image.
#[test]
fn new_images_and_copies_have_the_defaults() {
    let copy = || {
        let after = json!({ "region": "eu-west-1", "source_snapshot_id": "snap-1", "source_region": "eu-west-1" });
        let unknown = json!({ "id": true, "volume_id": true, "encrypted": true });
        change("aws_ebs_snapshot_copy", Value::Null, after, unknown)
    };
    let ami = |support: Value| {
        let after = json!({ "region": "eu-west-1", "name": "web", "imds_support": support });
        change("aws_ami", Value::Null, after, json!({ "id": true }))
    };
    // What it is a copy of, which is in the account. It has an owner that does not fail itself.
    let source = |encrypted: bool| {
        json!({
            "kind": "ec2.snapshot", "id": "snap-1",
            "facts": { "snapshot_id": "snap-1", "encrypted": encrypted, "state": "completed", "tags": {}, "volume_id": "vol-9" },
        })
    };
    // A snapshot is like its volume, whatever the default is.
    let volume = json!({
        "kind": "ec2.volume", "id": "vol-1",
        "facts": { "volume_id": "vol-1", "encrypted": false, "state": "available", "tags": {}, "attachments": [] },
    });
    let state = json!({ "id": "vol-1", "region": "eu-west-1", "encrypted": false, "size": 8 });
    let mut kept = change("aws_ebs_volume", state.clone(), state, json!({}));
    kept["change"]["actions"] = json!(["no-op"]);
    let of_volume = || {
        let after = json!({ "region": "eu-west-1", "volume_id": "vol-1" });
        change("aws_ebs_snapshot", Value::Null, after, json!({ "id": true, "encrypted": true }))
    };
    let arguments = [
        (
            "aws_ebs_snapshot",
            json!({ "volume_id": { "references": ["aws_ebs_volume.a.id", "aws_ebs_volume.a"] } }),
        ),
        ("aws_ebs_snapshot_copy", json!({ "source_region": { "constant_value": "eu-west-1" } })),
    ];
    let encrypted = "ebs-snapshot-encrypted";
    for (name, night, changes, rule, expected) in [
        ("on", vec![settings(true)], vec![copy()], encrypted, [0, 0, 0]),
        ("off", vec![settings(false)], vec![copy()], encrypted, [0, 0, 1]),
        ("off, of one", vec![settings(false), source(false)], vec![copy()], encrypted, [1, 0, 0]),
        (
            "off, of a good one",
            vec![settings(false), source(true)],
            vec![copy()],
            encrypted,
            [0, 0, 0],
        ),
        ("not known, of a good one", vec![source(true)], vec![copy()], encrypted, [0, 0, 0]),
        ("not known, of one", vec![source(false)], vec![copy()], encrypted, [0, 0, 1]),
        (
            "of a volume",
            vec![settings(true), volume],
            vec![kept, of_volume()],
            encrypted,
            [1, 0, 0],
        ),
        ("IMDSv1", vec![], vec![ami(Value::Null)], "ec2-ami-imds-v2", [1, 0, 0]),
        ("IMDSv2", vec![], vec![ami("v2.0".into())], "ec2-ami-imds-v2", [0, 0, 0]),
    ] {
        let preview = preview_of(name, Some(&night), &plan(&changes, &arguments), rule);
        assert_eq!(counts(&preview), expected, "{name}: {preview}");
    }
}

/// An image is encrypted if the snapshots are that it is registered with, or copied with.
#[test]
fn a_new_image_is_encrypted_as_its_snapshots_are() {
    let snapshot = |encrypted: bool| {
        json!({
            "kind": "ec2.snapshot", "id": "snap-1",
            "facts": {
                "snapshot_id": "snap-1", "encrypted": encrypted, "state": "completed", "tags": {},
                "volume_size": 8,
            },
        })
    };
    let registered = |encrypted: Value| {
        let device =
            json!({ "device_name": "/dev/xvda", "snapshot_id": "snap-1", "encrypted": encrypted });
        let after = json!({
            "region": "eu-west-1", "name": "web", "ebs_block_device": [device],
            "ephemeral_block_device": [{ "device_name": "/dev/sdb", "virtual_name": "ephemeral0" }],
        });
        let unknown = json!({ "id": true, "ebs_block_device": [{ "encrypted": encrypted.is_null(), "volume_size": true }] });
        change("aws_ami", Value::Null, after, unknown)
    };
    let original = |encrypted: bool| {
        let mut original = image("2040-01-01T00:00:00Z");
        original["facts"]["block_device_mappings"] = json!([{
            "device_name": "/dev/xvda",
            "ebs": { "snapshot_id": "snap-1", "encrypted": encrypted, "volume_size": 8 },
        }]);
        original
    };
    let copied = |encrypted: Option<bool>| {
        let after = json!({
            "region": "eu-west-1", "name": "copy", "source_ami_id": "ami-1",
            "source_ami_region": "eu-west-1", "encrypted": encrypted,
        });
        let unknown = json!({ "id": true, "ebs_block_device": true });
        change("aws_ami_copy", Value::Null, after, unknown)
    };
    let (off, on) = (settings(false), settings(true));
    let set = json!(true);
    for (name, night, changed, expected) in [
        ("of a good one", vec![snapshot(true)], registered(Value::Null), [0, 0, 0]),
        ("of one without", vec![snapshot(false)], registered(Value::Null), [1, 0, 0]),
        ("of an unknown one", vec![], registered(Value::Null), [0, 0, 1]),
        ("that says so", vec![snapshot(false)], registered(set), [0, 0, 0]),
        ("copied with", vec![original(false), off.clone()], copied(Some(true)), [0, 0, 0]),
        ("copied without", vec![original(false), off.clone()], copied(Some(false)), [1, 0, 0]),
        ("copied by default", vec![original(false), on], copied(None), [0, 0, 0]),
        ("copied a good one", vec![original(true), off.clone()], copied(None), [0, 0, 0]),
        ("copied an unknown one", vec![off], copied(None), [0, 0, 1]),
        ("copied where", vec![original(false)], copied(Some(false)), [0, 0, 1]),
    ] {
        let preview = preview_of(name, Some(&night), &plan(&[changed], &[]), "ec2-ami-encrypted");
        let of = |list: &&str| {
            let all = preview[*list].as_array().unwrap().iter();
            all.filter(|one| one["resource"]["id"] != "ami-1").count()
        };
        let found: Vec<usize> = LISTS.iter().map(of).collect();
        assert_eq!(found, expected, "{name}: {preview}");
    }
}

/// The launch specifications of a Spot Fleet request are those of the plan.
#[test]
fn a_spot_fleet_encrypts_what_it_says() {
    let rule = "ec2-spot-fleet-ebs-encrypted";
    let fleet = |encrypted: Value, data: Value| {
        let specification = json!({
            "ami": null, "instance_type": "t3.micro", "user_data": data,
            "ebs_block_device": [{ "device_name": "/dev/xvda", "encrypted": encrypted, "snapshot_id": null }],
        });
        let after = json!({ "region": "eu-west-1", "launch_specification": [specification] });
        change("aws_spot_fleet_request", Value::Null, after, json!({ "id": true }))
    };
    // What the provider computes is not known, but only the configuration names a snapshot.
    let computed = || {
        let mut computed = fleet(Value::Null, Value::Null);
        let device = json!({ "encrypted": true, "snapshot_id": true });
        computed["change"]["after_unknown"]["launch_specification"] =
            json!([{ "ebs_block_device": [device] }]);
        computed
    };
    let device = |more: Value| {
        let mut device = json!({ "device_name": { "constant_value": "/dev/xvda" } });
        device.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "launch_specification": [{ "ebs_block_device": [device] }] })
    };
    let of_snapshot = json!({ "snapshot_id": { "references": ["aws_ebs_snapshot.a.id"] } });
    for (name, arguments, expected) in [
        ("computed", device(json!({})), [1, 0, 0]),
        ("of a snapshot", device(of_snapshot), [0, 0, 1]),
        ("a dynamic block", json!({ "launch_specification": [{}] }), [0, 0, 1]),
    ] {
        let json = plan(&[computed()], &[("aws_spot_fleet_request", arguments)]);
        let preview = preview_of(name, Some(&[settings(false)]), &json, rule);
        assert_eq!(counts(&preview), expected, "{name}: {preview}");
    }
    for (name, by_default, changed, expected) in [
        ("not set", false, fleet(Value::Null, Value::Null), [1, 0, 0]),
        ("off", false, fleet(json!(false), "hash".into()), [1, 0, 0]),
        ("on", false, fleet(json!(true), "".into()), [0, 0, 0]),
        ("by default", true, fleet(Value::Null, "hash".into()), [0, 0, 0]),
    ] {
        let night = [settings(by_default)];
        let preview = preview_of(name, Some(&night), &plan(&[changed], &[]), rule);
        assert_eq!(counts(&preview), expected, "{name}: {preview}");
    }
}

/// An image that the plan makes public is public, whatever else it is.
#[test]
fn an_image_that_is_made_public_is_public_without_a_snapshot() {
    let share = |group: Value| {
        change(
            "aws_ami_launch_permission",
            Value::Null,
            json!({ "region": "eu-west-1", "image_id": "ami-1", "group": group, "account_id": null }),
            json!({ "id": true }),
        )
    };
    for (name, group, expected) in [
        ("everyone", json!("all"), [1, 0, 0]),
        // It can be public already.
        ("an account", Value::Null, [0, 0, 1]),
    ] {
        let preview = preview_of(name, None, &plan(&[share(group)], &[]), "ec2-ami-public");
        assert_eq!(counts(&preview), expected, "{name}: {preview}");
    }
}

/// The snapshots of a new copy of an image are private.
#[test]
fn a_new_copy_of_an_image_has_private_snapshots() {
    let copy = |more: Value| {
        let mut after = json!({ "region": "eu-west-1", "name": "copy", "source_ami_id": "ami-1", "source_ami_region": "eu-west-1" });
        after.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        change("aws_ami_copy", Value::Null, after, json!({ "id": true, "ebs_block_device": true }))
    };
    let mut source = image("2040-01-01T00:00:00Z");
    source["facts"]["block_device_mappings"] = json!([{ "device_name": "/dev/xvda", "ebs": { "snapshot_id": "snap-1", "encrypted": false } }]);
    let night = [source, settings(false)];
    for (name, more, rule, expected) in [
        ("public", json!({}), "ebs-snapshot-public", [0, 0, 0]),
        ("encrypted", json!({ "encrypted": true }), "ebs-snapshot-encrypted", [0, 0, 0]),
        ("not encrypted", json!({ "encrypted": false }), "ebs-snapshot-encrypted", [1, 0, 0]),
    ] {
        for night in [Some(&night[..]), None] {
            let preview = preview_of(name, night, &plan(&[copy(more.clone())], &[]), rule);
            // Without a snapshot, encryption by default is not known.
            let is_open = night.is_none() && name == "not encrypted";
            let expected = if is_open { [0, 0, 1] } else { expected };
            assert_eq!(counts(&preview), expected, "{name}, {}: {preview}", night.is_some());
        }
    }
}
