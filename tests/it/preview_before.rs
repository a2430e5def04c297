//! `rolecall preview`: resources that exist and that the snapshot does not have are as the plan says that
//! they were before the change.

use serde_json::{Value, json};

use crate::preview_comment::{previewed, shown};
use crate::preview_defaults::{change, preview_of};
use crate::preview_left_open::plan;

const LISTS: [&str; 6] = [
    "new_failures",
    "worse_failures",
    "fixed",
    "not_known_until_apply",
    "not_checked",
    "newly_exposed",
];
const RULE: &str = "aws_vpc_security_group_ingress_rule";
const SSH: &str = "sg-ingress-remote-admin-ipv4";

fn counts(preview: &Value) -> [usize; 6] {
    LISTS.map(|list| preview[list].as_array().unwrap().len())
}

fn of(name: &str, preview: &Value, expected: [usize; 6], unchanged: usize) {
    assert_eq!(
        (counts(preview), &preview["unchanged_failures"]),
        (expected, &json!(unchanged)),
        "{name}: {preview}"
    );
}

/// A rule that lets a range in, with a description.
fn rule(range: &str, description: &str) -> Value {
    json!({
        "region": "eu-west-1", "id": "sgr-1", "security_group_id": "sg-1", "ip_protocol": "tcp",
        "from_port": 22, "to_port": 22, "cidr_ipv4": range, "description": description,
    })
}

fn group(ports: &[u16]) -> Value {
    let blocks: Vec<Value> = ports
        .iter()
        .map(|port| json!({ "protocol": "tcp", "from_port": port, "to_port": port, "cidr_blocks": ["0.0.0.0/0"] }))
        .collect();
    json!({
        "region": "eu-west-1", "id": "sg-1", "name": "web", "vpc_id": "vpc-1", "ingress": blocks, "egress": [],
    })
}

#[test]
fn what_failed_before_the_change_is_not_new_without_the_resource_in_the_snapshot() {
    let (everyone, office) = ("0.0.0.0/0", "203.0.113.0/24");
    let update = |before: Value, after: Value| change(RULE, before, after, json!({}));
    let groups = |before: &[u16], after: &[u16]| {
        change("aws_security_group", group(before), group(after), json!({}))
    };
    let mut hidden = update(rule(everyone, "a"), rule(everyone, "a"));
    hidden["change"]["before_sensitive"] = json!({ "cidr_ipv4": true });
    let none = [0; 6];
    for (name, change, expected, unchanged) in [
        ("description", update(rule(everyone, "a"), rule(everyone, "b")), none, 1),
        ("opened", update(rule(office, "a"), rule(everyone, "a")), [1, 0, 0, 0, 0, 0], 0),
        ("another port", groups(&[22], &[22, 443]), none, 1),
        ("worse", groups(&[22], &[22, 3389]), [0, 1, 0, 0, 0, 0], 0),
        ("fixed", groups(&[22, 443], &[443]), [0, 0, 1, 0, 0, 0], 0),
        ("opened group", groups(&[], &[22]), [1, 0, 0, 0, 0, 0], 0),
        (
            "deleted",
            change("aws_security_group", group(&[22]), Value::Null, json!({})),
            [0, 0, 1, 0, 0, 0],
            0,
        ),
        // What is sensitive before the change is not read.
        ("sensitive", hidden, [1, 0, 0, 0, 0, 0], 0),
    ] {
        let plan = plan(&[change], &[]);
        for night in [None, Some(&[][..])] {
            let name = format!("{name}, {night:?}");
            of(&name, &preview_of(&name, night, &plan, SSH), expected, unchanged);
        }
    }
}

/// Nothing that the plan does not change is in a report, whatever the snapshot has.
#[test]
fn what_does_not_change_is_not_reported() {
    let mut same = change(RULE, rule("0.0.0.0/0", "a"), rule("0.0.0.0/0", "a"), json!({}));
    same["change"]["actions"] = json!(["no-op"]);
    let mut instance = json!({
        "region": "eu-west-1", "id": "i-1", "ami": "ami-1", "vpc_security_group_ids": ["sg-1"], "tags": { "a": "b" },
        "metadata_options": [{ "http_tokens": "optional", "http_endpoint": "enabled" }],
    });
    let before = instance.clone();
    instance["tags"] = json!({ "a": "c" });
    let tagged = change("aws_instance", before, instance, json!({}));
    let plan = plan(&[same, tagged], &[]);
    for night in [None, Some(&[][..])] {
        // The instance joins nothing.
        of("group", &preview_of("group", night, &plan, SSH), [0; 6], 0);
        let preview = preview_of("tokens", night, &plan, "ec2-instance-imdsv2");
        assert_eq!(preview["new_failures"], json!([]), "{preview}");
    }
}

#[test]
fn an_update_is_not_a_new_resource() {
    let open =
        shown(change(RULE, rule("10.0.0.0/8", "a"), rule("0.0.0.0/0", "a"), json!({})), &json!({}));
    let add = shown(change(RULE, Value::Null, rule("0.0.0.0/0", "a"), json!({})), &json!({}));
    for change in [open, add] {
        let (json, comment, _) = previewed(&[], &[change], &[SSH]);
        assert_eq!(json["new_failures"].as_array().unwrap().len(), 1, "{json}");
        assert!(!comment.contains("new resource"), "{comment}");
    }
}
