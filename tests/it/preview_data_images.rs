//! `rolecall preview`: images of other accounts, which the data source `aws_ami` of a plan returned.

use serde_json::{Value, json};

use crate::preview_defaults::{change, preview_of};
use crate::preview_launch::settings;
use crate::preview_left_open::plan;

const ADDRESS: &str = "data.aws_ami.a";

/// An image that requires IMDSv2, and has volumes with these devices.
fn image(devices: &[&str], more: Value) -> Value {
    let mapping = |device: &&str| {
        json!({
            "device_name": device, "no_device": "", "virtual_name": "",
            "ebs": {
                "delete_on_termination": "true", "encrypted": "false", "iops": "3000", "snapshot_id": "snap-9",
                "throughput": "125", "volume_size": "8", "volume_type": "gp3",
            },
        })
    };
    let mut values = json!({
        "id": "ami-9", "image_id": "ami-9", "arn": "arn:aws:ec2:eu-west-1::image/ami-9", "name": "al2023",
        "owner_id": "137112412989", "image_owner_alias": "amazon", "public": true, "imds_support": "v2.0",
        "root_device_name": "/dev/xvda", "root_device_type": "ebs", "state": "available", "deprecation_time": "",
        "creation_date": "2026-01-01T00:00:00.000Z", "virtualization_type": "hvm", "tags": {},
        "block_device_mappings": devices.iter().map(mapping).collect::<Vec<_>>(),
    });
    values.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({
        "address": ADDRESS, "mode": "data", "type": "aws_ami", "name": "a", "values": values, "sensitive_values": {},
    })
}

/// A plan with changes, and a data source that was read before, possibly in a module.
fn with_image(changes: &[Value], image: &Value, is_in_module: bool) -> Value {
    let of_group = json!({ "launch_template": [{ "id": {
        "references": ["aws_launch_template.a.id", "aws_launch_template.a"],
    } }] });
    let device = json!([{ "encrypted": { "constant_value": true } }]);
    let mut plan = plan(
        changes,
        &[
            ("aws_instance", json!({ "ami": {}, "root_block_device": device })),
            ("aws_autoscaling_group", of_group),
            ("aws_launch_template", json!({ "image_id": {} })),
        ],
    );
    let root = match is_in_module {
        true => json!({ "child_modules": [{ "address": "module.x", "resources": [image] }] }),
        false => json!({ "resources": [image] }),
    };
    plan["prior_state"] = json!({ "format_version": "1.0", "values": { "root_module": root } });
    plan
}

fn instance() -> Value {
    let after = json!({ "region": "eu-west-1", "ami": "ami-9", "root_block_device": [{ "encrypted": true }] });
    let unknown = json!({
        "id": true, "metadata_options": true, "ebs_block_device": true,
        "root_block_device": [{ "volume_id": true, "snapshot_id": true }],
    });
    change("aws_instance", Value::Null, after, unknown)
}

/// A template, and a group that uses it.
fn group() -> [Value; 2] {
    let after = json!({ "region": "eu-west-1", "name": "web", "image_id": "ami-9", "instance_type": "t3.micro" });
    let unknown = json!({ "id": true, "latest_version": true, "default_version": true });
    let template = change("aws_launch_template", Value::Null, after, unknown);
    let after = json!({
        "region": "eu-west-1", "name": "web", "min_size": 1, "launch_template": [{ "version": "$Latest" }],
    });
    let unknown = json!({ "id": true, "launch_template": [{ "id": true, "name": true }] });
    [template, change("aws_autoscaling_group", Value::Null, after, unknown)]
}

/// The resources in the lists: new failures, and what is not known.
fn found(preview: &Value) -> [Vec<&str>; 3] {
    ["new_failures", "not_known_until_apply", "not_checked"].map(|list| {
        let all = preview[list].as_array().unwrap().iter();
        all.map(|one| one["resource"]["id"].as_str().unwrap_or("-")).collect()
    })
}

#[test]
fn an_image_that_the_plan_read_decides() {
    const INSTANCE: &str = "aws_instance.a";
    const GROUP: &str = "aws_autoscaling_group.a";
    const TEMPLATE: &str = "aws_launch_template.a";
    const ROOT: &str = "aws_autoscaling_group.a.ebs_block_device[\"/dev/xvda\"]";
    const FURTHER: &str = "aws_instance.a.ebs_block_device[\"/dev/sdf\"]";
    let (encryption, tokens) = ("ebs-volume-encrypted", "ec2-instance-imdsv2");
    let usual = image(&["/dev/xvda"], json!({}));
    let other = image(&["/dev/xvda"], json!({ "imds_support": "" }));
    let without = |name: &str| {
        let mut image = usual.clone();
        image["values"].as_object_mut().unwrap().remove(name);
        image
    };
    let mut sensitive = usual.clone();
    sensitive["sensitive_values"] = json!({ "block_device_mappings": true, "imds_support": true });
    let two = image(&["/dev/xvda", "/dev/sdf"], json!({}));
    let another_root = image(&["/dev/sda", "/dev/sdf"], json!({ "root_device_name": "/dev/sda1" }));
    let defaults =
        json!({ "instance_metadata_defaults": { "http_tokens": null, "http_endpoint": null } });
    let mut night = settings(false);
    night["facts"].as_object_mut().unwrap().extend(defaults.as_object().unwrap().clone());
    let [template, of_group] = group();
    let both = [template, of_group];
    let one = [instance()];
    type Case<'c> = (&'c str, &'c [Value], &'c Value, &'c str, [&'c [&'c str]; 2]);
    let cases: &[Case<'_>] = &[
        ("only the root volume", &one, &usual, encryption, [&[], &[]]),
        ("a further volume", &one, &two, encryption, [&[FURTHER], &[]]),
        ("the root device cannot be found", &one, &another_root, encryption, [&[], &["-"]]),
        ("sensitive", &one, &sensitive, encryption, [&[], &["-"]]),
        ("IMDSv2", &one, &usual, tokens, [&[], &[]]),
        ("sensitive IMDSv2", &one, &sensitive, tokens, [&[], &[INSTANCE]]),
        // Without either default, it depends on the instance type.
        ("IMDSv1", &one, &other, tokens, [&[], &[INSTANCE]]),
        ("an old provider", &one, &without("imds_support"), tokens, [&[], &[INSTANCE]]),
        ("the group", &both, &usual, encryption, [&[ROOT], &[]]),
        ("the template", &both, &usual, "ec2-launch-template-ebs-encrypted", [&[TEMPLATE], &[]]),
        ("the template, IMDSv2", &both, &usual, "ec2-launch-template-imdsv2", [&[], &[]]),
        ("the group, IMDSv2", &both, &usual, tokens, [&[], &[]]),
        ("the group, IMDSv1", &both, &other, tokens, [&[], &[GROUP]]),
        ("it is not evaluated", &one, &usual, "ec2-ami-public", [&[], &[]]),
        ("nor is its encryption", &one, &usual, "ec2-ami-encrypted", [&[], &[]]),
    ];
    for (name, changes, image, rule, [failing, unknown]) in cases {
        for is_in_module in [false, true] {
            let json = with_image(changes, image, is_in_module);
            let preview = preview_of(name, Some(std::slice::from_ref(&night)), &json, rule);
            assert_eq!(found(&preview), [*failing, *unknown, &[]], "{name}: {preview:#}");
        }
    }
}

/// Another image can be the newest one then.
#[test]
fn an_image_that_is_read_during_the_apply_is_not_known() {
    let mut json = with_image(&[instance()], &image(&["/dev/xvda"], json!({})), false);
    let read = json!({
        "address": ADDRESS, "mode": "data", "type": "aws_ami", "name": "a",
        "change": { "actions": ["read"], "before": null, "after": {}, "after_unknown": { "id": true } },
    });
    json["resource_changes"].as_array_mut().unwrap().push(read);
    let preview = preview_of("read", Some(&[settings(false)]), &json, "ebs-volume-encrypted");
    assert_eq!(found(&preview), [vec![], vec!["-"], vec![]], "{preview:#}");
}
