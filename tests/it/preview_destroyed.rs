//! `rolecall preview`: what a change destroys together with its data.

use std::fs;

use serde_json::{Value, json};

use crate::preview::snapshot;
use crate::preview_comment::{previewed, shown};
use crate::preview_defaults::change;
use crate::program::{run, text};

fn night() -> Vec<Value> {
    let volume = |id: &str, instance: Option<&str>| {
        let attachments = instance.map(|instance| {
            json!({ "instance_id": instance, "state": "attached", "device": "/dev/xvda", "delete_on_termination": true })
        });
        json!({
            "kind": "ec2.volume", "id": id, "name": id.replace("vol", "db"),
            "facts": {
                "volume_id": id, "size": 500, "encrypted": true, "state": "in-use", "tags": { "Name": id.replace("vol", "db") },
                "attachments": attachments.into_iter().collect::<Vec<_>>(),
            },
        })
    };
    vec![
        volume("vol-1", None),
        volume("vol-2", None),
        volume("vol-3", Some("i-1")),
        volume("vol-4", None),
        json!({
            "kind": "ec2.snapshot", "id": "snap-2",
            "facts": { "snapshot_id": "snap-2", "volume_id": "vol-2", "volume_size": 500, "state": "completed", "tags": {} },
        }),
        json!({
            "kind": "ec2.instance", "id": "i-1",
            "facts": {
                "instance_id": "i-1", "state": { "name": "running" }, "security_groups": [], "tags": {},
                "block_device_mappings": [], "network_interfaces": [],
            },
        }),
    ]
}

fn at(mut change: Value, address: &str) -> Value {
    change["address"] = address.into();
    shown(change, &json!({}))
}

fn gone(of: &str, name: &str, before: Value) -> Value {
    let mut before = before;
    before["region"] = "eu-west-1".into();
    at(change(of, before, Value::Null, json!({})), &format!("{of}.{name}"))
}

fn changes() -> Vec<Value> {
    let volume = |id: &str| json!({ "id": id, "size": 500, "encrypted": true, "availability_zone": "eu-west-1a" });
    let bucket =
        |name: &str, force: bool| json!({ "id": name, "bucket": name, "force_destroy": force });
    let mut replaced = volume("vol-2");
    replaced["region"] = "eu-west-1".into();
    let mut new = replaced.clone();
    (new["id"], new["encrypted"]) = (Value::Null, true.into());
    let mut replaced = change("aws_ebs_volume", replaced, new, json!({ "id": true }));
    replaced["change"]["actions"] = json!(["delete", "create"]);
    vec![
        gone("aws_ebs_volume", "alone", volume("vol-1")),
        at(replaced, "aws_ebs_volume.copied"),
        gone(
            "aws_instance",
            "a",
            json!({ "id": "i-1", "ami": "ami-1", "disable_api_termination": false }),
        ),
        gone("aws_s3_bucket", "full", bucket("acme-full", true)),
        gone("aws_s3_bucket", "empty", bucket("acme-empty", false)),
        gone(
            "aws_ebs_snapshot",
            "a",
            json!({ "id": "snap-9", "volume_id": "vol-9", "volume_size": 20 }),
        ),
        gone("aws_eip", "a", json!({ "id": "eipalloc-1" })),
    ]
}

#[test]
fn data_that_is_destroyed_is_named() {
    let (json, comment, code) = previewed(&night(), &changes(), &["ec2-instance-imdsv2"]);
    assert_eq!(code, 0, "{json}");
    let found: Vec<String> = json["destroyed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "{} {} {} {}",
                one["address"], one["resource"]["id"], one["size_gib"], one["remark"]
            )
            .replace('"', "")
        })
        .collect();
    let expected = [
        "aws_ebs_snapshot.a snap-9 20 null",
        "aws_ebs_volume.alone vol-1 500 the account has no EBS snapshot of it",
        "aws_ebs_volume.copied vol-2 500 the account has 1 EBS snapshot of it",
        "aws_instance.a vol-3 500 the account has no EBS snapshot of it",
        "aws_s3_bucket.empty acme-empty null S3 refuses it unless the bucket is empty (no `force_destroy`)",
        "aws_s3_bucket.full acme-full null with all objects (`force_destroy`)",
    ];
    assert_eq!(found, expected, "{json}");
    for line in [
        "## rolecall: no new failures; the change destroys 6 resources with their data\n",
        "### Destroyed with their data (6)",
        "- `aws_ebs_volume.alone`, `db-1 (vol-1)`, `500 GiB`: the account has no EBS snapshot of it",
        "- `aws_s3_bucket.full`, `acme-full`: with all objects (`force_destroy`)",
    ] {
        assert!(comment.contains(line), "{line}: {comment}");
    }
}

#[test]
fn a_last_snapshot_is_named() {
    let volume = json!({
        "id": "vol-4", "size": 500, "encrypted": true, "availability_zone": "eu-west-1a", "final_snapshot": true,
    });
    let changes = [gone("aws_ebs_volume", "final", volume)];
    let (json, _, _) = previewed(&night(), &changes, &["ec2-instance-imdsv2"]);
    let remark = "`final_snapshot` creates an EBS snapshot first";
    assert_eq!(json["destroyed"][0]["remark"], remark, "{json}");
}

/// What does not change of a bucket that is replaced is known, too.
#[test]
fn the_settings_of_what_is_replaced_count() {
    let bucket = |id: Option<&str>, name: &str| json!({ "id": id, "bucket": name, "force_destroy": true, "region": "eu-west-1" });
    let mut replaced = change(
        "aws_s3_bucket",
        bucket(Some("acme-old"), "acme-old"),
        bucket(None, "acme-new"),
        json!({ "id": true }),
    );
    replaced["change"]["actions"] = json!(["delete", "create"]);
    let changes = [at(replaced, "aws_s3_bucket.a")];
    let old = json!({
        "kind": "s3.bucket", "id": "acme-old", "facts": { "name": "acme-old", "bucket_region": "eu-west-1" },
    });
    let (json, _, _) = previewed(&[old], &changes, &["ec2-instance-imdsv2"]);
    let remark = "with all objects (`force_destroy`)";
    assert_eq!(json["destroyed"][0]["remark"], remark, "{json}");
}

/// Which snapshots there are is not known.
#[test]
fn the_plan_alone_says_what_it_destroys() {
    let dir = tempfile::tempdir().unwrap();
    let (file, night) = (dir.path().join("plan.json"), dir.path().join("night"));
    let plan = json!({ "format_version": "1.2", "resource_changes": changes() });
    fs::write(&file, plan.to_string()).unwrap();
    snapshot(&night, &[]);
    let args = ["preview", "--plan", text(&file), "--account", "111122223333"];
    let ran = run(&args);
    let line = "aws_ebs_volume.alone · vol-1 · 500 GiB\n";
    assert!(ran.stdout.contains(line), "{}", ran.stdout);
    assert!(ran.stdout.contains("Destroyed with their data (5)"), "{}", ran.stdout);
}

/// A plan that destroys no data.
#[test]
fn nothing_else_is_listed_as_destroyed_data() {
    let changes = [gone("aws_eip", "a", json!({ "id": "eipalloc-1" }))];
    let (json, comment, _) = previewed(&night(), &changes, &["ec2-instance-imdsv2"]);
    assert_eq!(json["destroyed"], json!([]), "{json}");
    assert!(!comment.contains("Destroyed with"), "{comment}");
}

#[test]
fn what_no_rule_reads_is_named() {
    let template = json!({ "region": "eu-west-1", "id": "lt-1", "name": "a", "image_id": "ami-1" });
    let mut other = template.clone();
    other["image_id"] = "ami-2".into();
    let templates = change("aws_launch_template", template, other, json!({}));
    let bucket = json!({ "region": "eu-west-1", "bucket": "data" });
    let bucket = change("aws_s3_bucket", Value::Null, bucket, json!({ "id": true }));
    let changes = [at(templates, "aws_launch_template.a"), at(bucket, "aws_s3_bucket.a")];
    let line = "No rule that is selected reads `aws_launch_template` (1 changed).";
    for (rule, is_named) in [("s3-bucket-versioning", true), ("ec2-launch-template-imdsv2", false)]
    {
        let (json, comment, _) = previewed(&[], &changes, &[rule, "s3-bucket-versioning"]);
        assert_eq!(comment.contains(line), is_named, "{rule}: {comment}");
        let number = json["types_without_rules"].as_array().unwrap().len();
        assert_eq!(number, usize::from(is_named), "{rule}: {json}");
    }
}
