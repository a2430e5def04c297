//! What the instances of a new Auto Scaling group will be follows from its launch template.

use serde_json::{Value, json};

use crate::preview_comment::{previewed, reports_of};
use crate::preview_defaults::{change, preview_of};
use crate::preview_launch::settings;
use crate::preview_left_open::plan;

/// A group that launches instances from a new template.
fn group(tokens: &str, public: bool, more: Value) -> Value {
    let template = json!({
        "region": "eu-west-1", "name": "worker", "image_id": "ami-1", "instance_type": "t3.large",
        "metadata_options": [{ "http_endpoint": "enabled", "http_tokens": tokens }],
        "network_interfaces": [{ "associate_public_ip_address": public.to_string(), "security_groups": ["sg-1"] }],
        "block_device_mappings": [{ "device_name": "/dev/xvda", "ebs": [{ "encrypted": "true" }] }],
    });
    let unknown =
        json!({ "id": true, "arn": true, "latest_version": true, "default_version": true });
    let template = change("aws_launch_template", Value::Null, template, unknown);
    let mut after = json!({
        "region": "eu-west-1", "name": "worker", "min_size": 1, "max_size": 3, "launch_configuration": null,
        "launch_template": [{ "version": "$Latest" }], "vpc_zone_identifier": ["subnet-1", "subnet-2"],
    });
    after.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let unknown = json!({
        "id": true, "arn": true, "desired_capacity": true, "mixed_instances_policy": true,
        "launch_template": [{ "id": true, "name": true }],
    });
    let group = change("aws_autoscaling_group", Value::Null, after, unknown);
    let of = |expressions: Value| ("aws_autoscaling_group", expressions);
    let by_id = json!({ "references": ["aws_launch_template.a.id", "aws_launch_template.a"] });
    let mixed = more.get("mixed").is_some();
    let mut expressions = json!({ "launch_template": [{ "id": by_id }] });
    if mixed {
        expressions["mixed_instances_policy"] = json!([{}]);
    }
    plan(&[template, group], &[of(expressions), ("aws_launch_template", json!({}))])
}

#[test]
fn instances_of_a_new_group_are_what_its_template_says() {
    const GROUP: &str = "aws_autoscaling_group.a";
    let none = json!({});
    let failing: &[&str] = &[GROUP];
    for (name, plan, rule, expected) in [
        ("IMDSv1", group("optional", false, none.clone()), "ec2-instance-imdsv2", failing),
        ("IMDSv2", group("required", false, none.clone()), "ec2-instance-imdsv2", &[]),
        ("public", group("required", true, none.clone()), "ec2-instance-public-ip", failing),
        ("private", group("required", false, none.clone()), "ec2-instance-public-ip", &[]),
        // It may never launch an instance.
        (
            "no instances",
            group("optional", false, json!({ "min_size": 0 })),
            "ec2-instance-imdsv2",
            &[],
        ),
        // Something else can decide.
        (
            "mixed instances",
            group("optional", false, json!({ "mixed": true })),
            "ec2-instance-imdsv2",
            &[],
        ),
        (
            "another version",
            group("optional", false, json!({ "launch_template": [{ "version": "7" }] })),
            "ec2-instance-imdsv2",
            &[],
        ),
    ] {
        let preview = preview_of(name, Some(&[]), &plan, rule);
        let ids = |list: &str| -> Vec<String> {
            let all = preview[list].as_array().unwrap().iter();
            all.map(|one| one["resource"]["id"].as_str().unwrap_or("-").to_owned()).collect()
        };
        assert_eq!(ids("new_failures"), expected, "{name}: {preview:#}");
        // One instance stands for all: that it is not known which ones exist adds nothing.
        let unknown = ids("not_known_until_apply");
        let expected: &[&str] = match name {
            "no instances" | "mixed instances" => &["-"],
            // A group can have Elastic IP addresses.
            "another version" | "private" => &[GROUP],
            _ => &[],
        };
        assert_eq!(unknown, expected, "{name}: {preview:#}");
        assert_eq!(ids("not_checked"), [""; 0], "{name}: {preview:#}");
    }
}

/// A reader can tell what a row is about.
/// Rules on instances read the template of a group, and only these.
#[test]
fn a_template_whose_instances_are_evaluated_is_not_unread() {
    let plan = group("optional", false, json!({}));
    for (rule, unread) in [("ec2-instance-imdsv2", false), ("s3-bucket-versioning", true)] {
        let preview = preview_of(rule, Some(&[]), &plan, rule);
        let types = preview["types_without_rules"].to_string();
        assert_eq!(types.contains("aws_launch_template"), unread, "{rule}: {types}");
    }
}

#[test]
fn rows_name_the_instances_and_the_devices() {
    let mut plan = group("required", false, json!({}));
    let template = &mut plan["resource_changes"][0]["change"]["after"];
    template["block_device_mappings"] = json!([
        { "device_name": "/dev/xvda", "ebs": [{ "volume_size": 20 }] },
        { "device_name": "/dev/sdf", "ebs": [{ "volume_size": 30 }] },
    ]);
    template["metadata_options"] = json!([]);
    let second = {
        let mut other = plan["resource_changes"][1].clone();
        other["address"] = "aws_autoscaling_group.b".into();
        other["name"] = "b".into();
        other["change"]["after"]["min_size"] = 0.into();
        other
    };
    plan["resource_changes"].as_array_mut().unwrap().push(second);
    let night = [settings(false)];
    let rules = ["ebs-volume-encrypted", "ec2-instance-imdsv2"];
    let (json, comment, _) = reports_of(&night, &plan, &rules);
    let image = "the snapshot does not have image ami-1";
    for expected in [
        format!("`aws_autoscaling_group.a (/dev/sdf of its instances)`, `aws_autoscaling_group.a (/dev/xvda of its instances)` | – | `not set, so the volume is encrypted only if the image is, and {image}`"),
        // The other group may launch something.
        "`aws_autoscaling_group.b` | – | `which EBS volumes exist".to_owned(),
        "`aws_autoscaling_group.a (its instances)` | – | `not set".to_owned(),
        "`aws_autoscaling_group.b` | – | `which EC2 instances exist is known only after apply, because of aws_autoscaling_group.b and 1 more`".to_owned(),
    ] {
        assert!(comment.contains(&expected), "{expected}: {comment}");
    }
    assert_eq!(json["not_known_until_apply"].as_array().unwrap().len(), 5, "{json:#}");
}

/// A type that nobody uses yet is not in the snapshot, which nobody can change.
#[test]
fn what_a_rule_cannot_decide_does_not_make_the_preview_incomplete() {
    let of = |instance_type: &str| json!({ "id": "i-1", "region": "eu-west-1", "instance_type": instance_type });
    let changed = change("aws_instance", of("t3.small"), of("t3.medium"), json!({}));
    let known = json!({
        "kind": "ec2.instance_type", "id": "t3.small",
        "facts": { "instance_type": "t3.small", "ebs_info": { "ebs_optimized_support": "default" } },
    });
    let instance = json!({
        "kind": "ec2.instance", "id": "i-1",
        "facts": {
            "instance_id": "i-1", "state": { "name": "running" }, "security_groups": [], "tags": {},
            "instance_type": "t3.small", "ebs_optimized": false, "block_device_mappings": [], "network_interfaces": [],
        },
    });
    let (json, _, code) =
        previewed(&[instance, known], &[changed], &["ec2-instance-ebs-optimized"]);
    assert_eq!(code, 0, "{json:#}");
    assert_eq!(json["not_checked"], json!([]));
    let unknown = &json["not_known_until_apply"][0]["causes"][0]["message"];
    let expected = "the snapshot does not have instance type t3.medium, so it does not say whether the type supports EBS optimization";
    assert_eq!(unknown, expected, "{json:#}");
}
