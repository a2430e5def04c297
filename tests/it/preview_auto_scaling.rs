//! What the instances of a new Auto Scaling group will be follows from its launch template.

use serde_json::{Value, json};

use crate::preview_defaults::{change, preview_of};
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
        // How many there are is not known.
        assert!(ids("not_known_until_apply").contains(&"-".to_owned()), "{name}: {preview:#}");
        assert_eq!(ids("not_checked"), [""; 0], "{name}: {preview:#}");
    }
}
