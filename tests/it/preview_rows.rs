//! Rows of the comment on a pull request: which resources they name, and how many there are.

use std::fs;

use serde_json::{Value, json};

use crate::preview::snapshot;
use crate::preview_change_set::{LATER, STACK, account, add, change as of_stack};
use crate::preview_comment::{previewed, shown};
use crate::preview_defaults::change;
use crate::program::{Ran, run, text};

/// The row of a rule.
fn row<'c>(comment: &'c str, rule: &str) -> &'c str {
    let is_it = |line: &&str| line.starts_with('|') && line.contains(&format!("`{rule}`"));
    comment.lines().find(is_it).unwrap_or_else(|| panic!("{rule}: {comment}"))
}

fn at(mut change: Value, address: &str) -> Value {
    change["address"] = address.into();
    shown(change, &json!({}))
}

/// New buckets, each with a setting of its own.
fn versioning(name: &str, status: &str) -> [Value; 2] {
    let bucket = json!({ "region": "eu-west-1", "bucket": name });
    let bucket = change("aws_s3_bucket", Value::Null, bucket, json!({ "id": true, "arn": true }));
    let setting = json!({
        "region": "eu-west-1", "bucket": name, "versioning_configuration": [{ "status": status }],
    });
    let setting = change("aws_s3_bucket_versioning", Value::Null, setting, json!({ "id": true }));
    [
        at(bucket, &format!("aws_s3_bucket.a[\"{name}\"]")),
        at(setting, &format!("aws_s3_bucket_versioning.a[\"{name}\"]")),
    ]
}

#[test]
fn failures_with_the_same_cause_are_one_row() {
    let mut changes: Vec<Value> =
        (0..120).flat_map(|number| versioning(&format!("acme-{number:03}"), "Suspended")).collect();
    changes.extend(versioning("acme-other", "Disabled"));
    let (json, comment, _) = previewed(&[], &changes, &["s3-bucket-versioning"]);
    assert_eq!(json["new_failures"].as_array().unwrap().len(), 121);
    let rows: Vec<&str> =
        comment.lines().filter(|line| line.contains("`s3-bucket-versioning`")).collect();
    assert_eq!(rows.len(), 2, "{comment}");
    assert!(rows[0].contains("`aws_s3_bucket_versioning.a[\"acme-000\"]`: create"), "{}", rows[0]);
    assert!(rows[0].contains("and 118 more"), "{}", rows[0]);
    assert!(rows[1].contains("acme-other"), "{}", rows[1]);
    assert!(comment.len() < 4_000, "{comment}");
    assert!(comment.contains("242 resources created. Checks: 121 new"), "{comment}");
}

#[test]
fn rules_whose_rows_are_left_out_are_listed() {
    let changes: Vec<Value> = (0..150)
        .flat_map(|number| {
            let after = json!({
                "region": "eu-west-1", "name": format!("{number}"), "vpc_id": "vpc-1",
                "ingress": [{ "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"], "description": format!("{number}") }],
            });
            let group = change("aws_security_group", Value::Null, after, json!({ "id": true }));
            [at(group, &format!("aws_security_group.a[{number}]"))]
        })
        .collect();
    let rules = ["sg-ingress-remote-admin-ipv4", "sg-ingress-high-risk-ports"];
    let (_, comment, _) = previewed(&[], &changes, &rules);
    let end = "more (100 of `sg-ingress-remote-admin-ipv4`, 150 of `sg-ingress-high-risk-ports`); the JSON report lists all of them";
    let other = "more (100 of `sg-ingress-high-risk-ports`, 150 of `sg-ingress-remote-admin-ipv4`); the JSON report lists all of them";
    assert!(comment.contains(end) || comment.contains(other), "{comment}");
}

/// A group of which one of several rules opens a port.
#[test]
fn the_resources_with_the_values_of_the_evidence_are_named() {
    let null = Value::Null;
    let group = json!({ "region": "eu-west-1", "id": "sg-1", "name": "a", "vpc_id": "vpc-1" });
    let rule = |name: &str, port: i64| {
        let after = json!({
            "region": "eu-west-1", "security_group_id": "sg-1", "type": "ingress", "protocol": "tcp", "from_port": port, "to_port": port,
            "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": [], "prefix_list_ids": [], "self": false,
        });
        let rule = change("aws_security_group_rule", null.clone(), after, json!({ "id": true }));
        at(rule, &format!("aws_security_group_rule.{name}"))
    };
    let night = json!({
        "kind": "ec2.security_group", "id": "sg-1",
        "facts": {
            "group_id": "sg-1", "group_name": "a", "vpc_id": "vpc-1", "owner_id": "111122223333", "description": "", "tags": {},
            "ip_permissions": [], "ip_permissions_egress": [],
        },
    });
    let mut tagged = group.clone();
    tagged["tags"] = json!({ "a": "b" });
    let tags = shown(change("aws_security_group", group, tagged, json!({})), &json!({}));
    let changes = [tags, rule("es", 9200), rule("rdp", 3389), rule("ssh", 22)];
    let (json, comment, _) = previewed(&[night], &changes, &["sg-ingress-remote-admin-ipv4"]);
    let row = row(&comment, "sg-ingress-remote-admin-ipv4");
    for (address, is_named) in [("ssh", true), ("rdp", true), ("es", false)] {
        let name = format!("`aws_security_group_rule.{address}`");
        assert_eq!(row.contains(&name), is_named, "{address}: {row}");
    }
    assert!(!row.contains("`aws_security_group.a`"), "{row}");
    // JSON has all that concern the resource.
    assert_eq!(json["new_failures"][0]["addresses"].as_array().unwrap().len(), 4, "{json}");
}

#[test]
fn settings_that_a_rule_does_not_read_are_not_named() {
    let night = json!({
        "kind": "ec2.settings", "id": "eu-west-1",
        "facts": {
            "region_name": "eu-west-1", "ebs_encryption_by_default": { "ebs_encryption_by_default": true },
            "snapshot_block_public_access": { "state": "unblocked" },
        },
    });
    let changes = [
        at(
            change(
                "aws_ebs_encryption_by_default",
                json!({ "region": "eu-west-1", "id": "x", "enabled": true }),
                json!({ "region": "eu-west-1", "id": "x", "enabled": false }),
                json!({}),
            ),
            "aws_ebs_encryption_by_default.a",
        ),
        at(
            change(
                "aws_ebs_snapshot_block_public_access",
                Value::Null,
                json!({ "region": "eu-west-1", "state": "block-all-sharing" }),
                json!({ "id": true }),
            ),
            "aws_ebs_snapshot_block_public_access.a",
        ),
    ];
    let (_, comment, _) = previewed(&[night], &changes, &["ec2-ebs-encryption-by-default"]);
    let row = row(&comment, "ec2-ebs-encryption-by-default");
    assert!(row.contains("`aws_ebs_encryption_by_default.a`: update"), "{row}");
    assert!(!row.contains("snapshot_block"), "{row}");
    assert!(comment.contains("1 resource created, 1 updated."), "{comment}");
}

/// The VPC does not change, but what records its traffic does.
#[test]
fn what_is_destroyed_is_named_with_the_failure_of_something_else() {
    let night = [
        json!({
            "kind": "ec2.vpc", "id": "vpc-1",
            "facts": { "vpc_id": "vpc-1", "owner_id": "111122223333", "is_default": false, "state": "available", "tags": {} },
        }),
        json!({
            "kind": "ec2.flow_log", "id": "fl-1",
            "facts": {
                "flow_log_id": "fl-1", "resource_id": "vpc-1", "flow_log_status": "ACTIVE", "traffic_type": "ALL",
                "deliver_logs_status": "SUCCESS", "tags": {},
            },
        }),
    ];
    let log =
        json!({ "region": "eu-west-1", "id": "fl-1", "vpc_id": "vpc-1", "traffic_type": "ALL" });
    let other = json!({ "region": "eu-west-1", "id": "eipalloc-1" });
    let changes = [
        at(change("aws_flow_log", log, Value::Null, json!({})), "aws_flow_log.a"),
        at(change("aws_eip", other, Value::Null, json!({})), "aws_eip.a"),
    ];
    let (json, comment, _) = previewed(&night, &changes, &["vpc-flow-logs"]);
    assert_eq!(json["new_failures"][0]["addresses"], json!(["aws_flow_log.a"]), "{json}");
    let row = row(&comment, "vpc-flow-logs");
    assert!(row.contains("`aws_flow_log.a`: destroy"), "{row}");
    // Nothing of what is destroyed is set.
    assert!(!row.contains("not set"), "{row}");
    assert!(comment.contains("2 resources destroyed."), "{comment}");
}

#[test]
fn a_comment_says_which_rules_were_evaluated() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| text(&dir.path().join(name)).to_owned();
    snapshot(&dir.path().join("night"), &[]);
    fs::write(
        at("plan.json"),
        json!({ "format_version": "1.2", "resource_changes": [] }).to_string(),
    )
    .unwrap();
    for (more, expected) in [
        (&[][..], " rules of `baseline` evaluated.<"),
        (&["--rule-profile", "all"], "<sub>All "),
        (&["--rule", "sg-unused"], "<sub>Only 1 selected rule evaluated.<"),
    ] {
        let args = [
            "preview",
            "--snapshot",
            &at("night"),
            "--plan",
            &at("plan.json"),
            "--account",
            "111122223333",
            "--output",
            "markdown",
        ];
        let ran = run(&[&args[..], more].concat());
        assert!(ran.stdout.contains(expected), "{more:?}: {}", ran.stdout);
        assert!(ran.stdout.contains("No resources changed."), "{more:?}: {}", ran.stdout);
    }
}

/// The comment on a change set, for all rules of the baseline.
fn of_change_set(changes: &[Value], more: Value) -> Ran {
    let mut set = json!({ "StackName": "web", "StackId": STACK, "Status": "CREATE_COMPLETE" });
    set["Changes"] =
        changes.iter().map(|one| json!({ "Type": "Resource", "ResourceChange": one })).collect();
    set.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| text(&dir.path().join(name)).to_owned();
    snapshot(&dir.path().join("night"), &account());
    fs::write(at("set.json"), set.to_string()).unwrap();
    let files = [at("night"), at("set.json")];
    run(&["preview", "--snapshot", &files[0], "--change-set", &files[1], "--output", "markdown"])
}

#[test]
fn a_nested_stack_is_one_row() {
    let stack = add("AWS::CloudFormation::Stack", json!({ "TemplateURL": LATER }));
    let ran = of_change_set(&[stack], json!({}));
    let rows: Vec<&str> = ran.stdout.lines().filter(|line| line.contains("`web/One`")).collect();
    assert_eq!(rows.len(), 1, "{}", ran.stdout);
    assert!(rows[0].contains("a nested stack has a change set of its own"), "{}", rows[0]);
    assert!(rows[0].starts_with("| critical | "), "{}", rows[0]);
}

#[test]
fn a_change_set_without_values_says_how_to_save_them() {
    let change = of_stack("Modify", "AWS::EC2::SecurityGroup", Some("sg-1"), [None, None]);
    let ran = of_change_set(&[change], json!({}));
    let expected = "because of web/One (the change set has no property values: save it with --include-property-values)";
    assert!(ran.stdout.contains(expected), "{}", ran.stdout);
}

#[test]
fn a_change_set_without_changes_is_an_empty_preview() {
    let failed = |reason: &str| json!({ "Status": "FAILED", "StatusReason": reason });
    let ran = of_change_set(
        &[],
        failed(
            "The submitted information didn't contain changes. Submit different information to create a change set.",
        ),
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("## rolecall: no new failures"), "{}", ran.stdout);
    let ran = of_change_set(&[], failed("Template format error"));
    assert_eq!(ran.code, 2, "{}", ran.stdout);
}
