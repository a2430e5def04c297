//! `rolecall preview`: what the plan leaves open and the snapshot decides.

use std::fs;

use serde_json::{Value, json};

use crate::preview::snapshot;
use crate::program::{run, text};

fn settings(on: bool) -> Value {
    json!({
        "kind": "ec2.settings", "id": "eu-west-1",
        "facts": { "region_name": "eu-west-1", "ebs_encryption_by_default": { "ebs_encryption_by_default": on } },
    })
}

fn volume(encrypted: Value, snapshot: Value) -> Value {
    // Both are computed if the configuration leaves them open.
    let unknown = json!({ "encrypted": encrypted.is_null(), "snapshot_id": snapshot.is_null() });
    json!({
        "address": "aws_ebs_volume.a", "mode": "managed", "type": "aws_ebs_volume", "name": "a",
        "change": {
            "actions": ["create"], "before": null, "after_unknown": unknown,
            "after": { "region": "eu-west-1", "availability_zone": "eu-west-1a", "size": 8, "encrypted": encrypted, "snapshot_id": snapshot },
        },
    })
}

#[test]
fn encryption_by_default_of_the_region_decides_for_new_volumes() {
    let turned_on = json!({
        "address": "aws_ebs_encryption_by_default.a", "mode": "managed", "type": "aws_ebs_encryption_by_default", "name": "a",
        "change": {
            "actions": ["create"], "before": null, "after_unknown": { "id": true },
            "after": { "region": "eu-west-1", "enabled": true },
        },
    });
    // The volume has what the snapshot of the image has.
    let instance = json!({
        "address": "aws_instance.a", "mode": "managed", "type": "aws_instance", "name": "a",
        "change": {
            "actions": ["create"], "before": null,
            "after": { "region": "eu-west-1", "ami": "ami-1", "root_block_device": [{ "volume_size": 8 }] },
            "after_unknown": { "id": true, "root_block_device": [{ "encrypted": true, "volume_id": true }] },
        },
    });
    let null = Value::Null;
    for (name, on, changes, expected) in [
        ("on", Some(true), vec![volume(null.clone(), null.clone())], "-"),
        ("on, false", Some(true), vec![volume(json!(false), null.clone())], "-"),
        ("on, with a snapshot", Some(true), vec![volume(null.clone(), json!("snap-1"))], "-"),
        ("off", Some(false), vec![volume(null.clone(), null.clone())], "new_failures"),
        (
            "off, with a snapshot",
            Some(false),
            vec![volume(null.clone(), json!("snap-1"))],
            "not_known_until_apply",
        ),
        ("off, true", Some(false), vec![volume(json!(true), null.clone())], "-"),
        (
            "turned on by the plan",
            Some(false),
            vec![volume(null.clone(), null.clone()), turned_on],
            "not_known_until_apply",
        ),
        ("volume of an image, on", Some(true), vec![instance.clone()], "-"),
        ("volume of an image, off", Some(false), vec![instance], "not_known_until_apply"),
        ("no setting", None, vec![volume(null.clone(), null)], "not_known_until_apply"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (night, plan) = (dir.path().join("night"), dir.path().join("plan.json"));
        snapshot(&night, &on.map(settings).into_iter().collect::<Vec<_>>());
        let json = json!({ "format_version": "1.2", "resource_changes": changes });
        fs::write(&plan, json.to_string()).unwrap();
        let ran = run(&[
            "preview",
            "--snapshot",
            text(&night),
            "--plan",
            text(&plan),
            "--rule",
            "ebs-volume-encrypted",
            "--output",
            "json",
        ]);
        let preview: Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{name}: {}", ran.stderr));
        for list in ["new_failures", "not_known_until_apply", "not_checked"] {
            let number = preview[list].as_array().unwrap().len();
            assert_eq!(number, usize::from(list == expected), "{name}: {list}: {}", ran.stdout);
        }
    }
}
