//! `rolecall preview`: what exists and is known in part, or not at all.

use serde_json::{Value, json};

use crate::preview::snapshot;
use crate::preview_defaults::{change, preview_of};
use crate::preview_left_open::plan;
use crate::program::{run, text};

const LISTS: [&str; 4] = ["new_failures", "fixed", "not_known_until_apply", "not_checked"];
const RULE: &str = "aws_vpc_security_group_ingress_rule";

fn counts(name: &str, night: Option<&[Value]>, plan: &Value, rule: &str) -> Vec<usize> {
    let preview = preview_of(name, night, plan, rule);
    LISTS.iter().map(|list| preview[list].as_array().unwrap().len()).collect()
}

fn group() -> Value {
    json!({
        "kind": "ec2.security_group", "id": "sg-1",
        "facts": {
            "group_id": "sg-1", "group_name": "a", "vpc_id": "vpc-1", "owner_id": "111122223333",
            "description": "", "tags": {}, "ip_permissions_egress": [], "ip_permissions": [],
        },
    })
}

fn rule(port: u16, range: &str) -> Value {
    json!({
        "region": "eu-west-1", "security_group_id": "sg-1", "ip_protocol": "tcp",
        "from_port": port, "to_port": port, "cidr_ipv4": range,
    })
}

#[test]
fn a_part_of_a_rule_that_is_not_known_does_not_hide_the_rest() {
    let described = |range: &str| {
        let unknown = json!({ "id": true, "description": true });
        change(RULE, Value::Null, rule(22, range), unknown)
    };
    let several = |ranges: Value, unknown: Value| {
        let values = json!({
            "region": "eu-west-1", "security_group_id": "sg-1", "type": "ingress", "protocol": "tcp",
            "from_port": 22, "to_port": 22, "cidr_blocks": ranges,
        });
        let unknown = json!({ "id": true, "cidr_blocks": unknown });
        change("aws_security_group_rule", Value::Null, values, unknown)
    };
    let port = || {
        let mut values = rule(22, "0.0.0.0/0");
        values["to_port"] = Value::Null;
        change(RULE, Value::Null, values, json!({ "id": true, "to_port": true }))
    };
    let (new, unknown) = ([1, 0, 0, 0], [0, 0, 1, 0]);
    for (name, change, expected) in [
        ("description", described("0.0.0.0/0"), new),
        ("description of another rule", described("10.0.0.0/8"), [0; 4]),
        ("one of two", several(json!(["0.0.0.0/0", null]), json!([false, true])), new),
        (
            "one of two, not open",
            several(json!(["10.0.0.0/8", null]), json!([false, true])),
            unknown,
        ),
        ("port", port(), unknown),
    ] {
        let plan = plan(&[change], &[]);
        assert_eq!(counts(name, Some(&[group()]), &plan, "sg-ingress-ssh"), expected, "{name}");
    }
}

#[test]
fn a_rule_of_a_group_that_is_not_known_fails_whatever_else_the_group_has() {
    let ssh = plan(&[change(RULE, Value::Null, rule(22, "0.0.0.0/0"), json!({ "id": true }))], &[]);
    for (checked, expected) in
        [("sg-ingress-ssh", [1, 0, 0, 0]), ("sg-ingress-all-ports", [0, 0, 1, 0])]
    {
        assert_eq!(counts(checked, None, &ssh, checked), expected, "{checked}");
    }
    let preview = preview_of("reason", None, &ssh, "sg-ingress-all-ports");
    let reason = preview["not_known_until_apply"][0].to_string();
    assert!(reason.contains("what exists is not known without --snapshot"), "{reason}");
    let closed = change(RULE, Value::Null, rule(22, "10.0.0.0/8"), json!({ "id": true }));
    let closed = plan(&[closed], &[]);
    assert_eq!(counts("closed", None, &closed, "sg-ingress-ssh"), [0, 0, 1, 0]);
}

#[test]
fn a_resource_that_changes_and_is_not_in_the_snapshot_is_not_checked() {
    let instance = |tokens: &str| {
        json!({
            "region": "eu-west-1", "id": "i-1", "ami": "ami-1", "instance_type": "t3.micro",
            "tags": { "tokens": tokens },
        })
    };
    let of = |actions: &str, before: &str, after: &str| {
        let mut change = change("aws_instance", instance(before), instance(after), json!({}));
        change["change"]["actions"] = json!([actions]);
        plan(&[change], &[])
    };
    let imdsv2 = "ec2-instance-imdsv2";
    let updated = of("update", "a", "b");
    assert_eq!(counts("update", Some(&[]), &updated, imdsv2), [0, 0, 0, 1]);
    assert_eq!(counts("no snapshot", None, &updated, imdsv2), [0, 0, 1, 0]);
    let preview = preview_of("reason", Some(&[]), &updated, imdsv2);
    let reason = preview["not_checked"][0].to_string();
    assert!(reason.contains("the snapshot does not have this resource; collect again"), "{reason}");
    assert_eq!(preview["incomplete"], true, "{preview}");
}

#[test]
fn reports_say_what_is_new_and_what_was_before() {
    let dir = tempfile::tempdir().unwrap();
    let (night, file) = (dir.path().join("night"), dir.path().join("plan.json"));
    snapshot(&night, &[group()]);
    let new = json!({
        "region": "eu-west-1", "name": "b", "vpc_id": "vpc-1", "egress": [],
        "ingress": [{ "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"] }],
    });
    let mut values = rule(22, "0.0.0.0/0");
    values["cidr_ipv4"] = Value::Null;
    let unknown = change(RULE, Value::Null, values, json!({ "id": true, "cidr_ipv4": true }));
    let expressions =
        json!({ "cidr_ipv4": { "references": ["aws_eip.a.public_ip", "aws_eip.a"] } });
    let expressions = [(RULE, expressions)];
    let new = change("aws_security_group", Value::Null, new, json!({ "id": true }));
    let open = change(RULE, Value::Null, rule(22, "0.0.0.0/0"), json!({ "id": true }));
    let preview = |plan: &Value, args: &[&str]| {
        std::fs::write(&file, plan.to_string()).unwrap();
        let rules = ["--rule", "sg-ingress-ssh"];
        let args = [&["preview", "--plan", text(&file)], args, &rules].concat();
        let shown = run(&args).stdout;
        // Without line breaks.
        shown.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let night = ["--snapshot", text(&night)];
    let unknown = plan(&[unknown], &expressions);
    let shown = preview(&unknown, &night);
    assert!(shown.contains("a (sg-1) · eu-west-1 · passes before the change"), "{shown}");
    let shown = preview(&unknown, &[&night[..], &["--output", "markdown"]].concat());
    assert!(shown.contains("| passes | `known only after"), "{shown}");
    for args in [&night[..], &["--account", "111122223333"]] {
        let shown = preview(&plan(std::slice::from_ref(&new), &[]), args);
        assert!(shown.contains("· new resource"), "{args:?}: {shown}");
    }
    // Without a snapshot, a resource that has an id can exist.
    let shown = preview(&plan(&[open], &[]), &["--account", "111122223333"]);
    assert!(shown.contains("New failures (1)") && !shown.contains("new resource"), "{shown}");
}

#[test]
fn a_peering_connection_is_deleted_in_both_regions() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("plan.json");
    let values = |owner: &str| {
        json!({
            "region": "eu-west-1", "id": "pcx-02739d8fb6e0621df", "vpc_id": "vpc-0530b3ee2caa9f7b4",
            "peer_vpc_id": "vpc-02134df005bdc393c", "peer_region": "eu-central-1", "peer_owner_id": owner,
        })
    };
    let delete =
        |owner: &str| change("aws_vpc_peering_connection", values(owner), Value::Null, json!({}));
    let unchanged = change(
        "aws_vpc_peering_connection",
        values("111122223333"),
        values("111122223333"),
        json!({ "accept_status": true }),
    );
    for (name, change, expected) in [
        ("delete", delete("111122223333"), 0),
        // The other side is in another account.
        ("delete, peer", delete("999999999999"), 1),
        ("update", unchanged, 2),
    ] {
        std::fs::write(&file, plan(&[change], &[]).to_string()).unwrap();
        let to = dir.path().join(name);
        let ran = run(&[
            "preview",
            "--snapshot",
            "fixtures/acme",
            "--plan",
            text(&file),
            "--account",
            "111122223333",
            "--to",
            text(&to),
        ]);
        assert!(ran.code != 2, "{name}: {}", ran.stderr);
        let after = std::fs::read_to_string(to.join("111122223333.jsonl")).unwrap();
        let lines = after.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let left = lines
            .filter(|line| line["type"] == "resource" && line["id"] == "pcx-02739d8fb6e0621df")
            .count();
        assert_eq!(left, expected, "{name}");
    }
}

/// What the other region lists is not known if options change in one.
#[test]
fn options_of_a_peering_connection_are_not_known_in_the_other_region() {
    let dir = tempfile::tempdir().unwrap();
    let (file, to) = (dir.path().join("plan.json"), dir.path().join("to"));
    let values = |on: bool| {
        json!({
            "region": "eu-west-1", "id": "pcx-02739d8fb6e0621df",
            "vpc_peering_connection_id": "pcx-02739d8fb6e0621df", "accepter": [],
            "requester": [{ "allow_remote_vpc_dns_resolution": on }],
        })
    };
    let of = "aws_vpc_peering_connection_options";
    let changed = change(of, values(false), values(true), json!({}));
    std::fs::write(&file, plan(&[changed], &[]).to_string()).unwrap();
    let account = ["--account", "111122223333", "--to", text(&to)];
    let plan = ["preview", "--snapshot", "fixtures/acme", "--plan", text(&file)];
    let ran = run(&[&plan[..], &account[..]].concat());
    assert!(ran.code != 2, "{}", ran.stderr);
    let after = std::fs::read_to_string(to.join("111122223333.jsonl")).unwrap();
    let lines = after.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let hidden: Vec<(Value, bool)> = lines
        .filter(|line| line["type"] == "resource" && line["id"] == "pcx-02739d8fb6e0621df")
        .map(|line| {
            (line["region"].clone(), line["unreadable"].get("requester_vpc_info").is_some())
        })
        .collect();
    assert_eq!(hidden, [(json!("eu-central-1"), true), (json!("eu-west-1"), false)]);
}

#[test]
fn replication_to_a_new_bucket_is_known_from_its_name() {
    let data = json!({
        "kind": "s3.bucket", "id": "data",
        "facts": { "name": "data", "bucket_region": "eu-west-1", "replication": null },
    });
    let mut bucket = change(
        "aws_s3_bucket",
        Value::Null,
        json!({ "region": "eu-central-1", "bucket": "acme-dr" }),
        json!({ "id": true, "arn": true, "bucket_region": true }),
    );
    bucket["address"] = "aws_s3_bucket.d".into();
    bucket["name"] = "d".into();
    let of = "aws_s3_bucket_replication_configuration";
    let rule = |id: &str| {
        json!({
            "id": id, "status": "Enabled", "priority": 1, "filter": [{ "prefix": "" }],
            "destination": [{ "bucket": null }],
        })
    };
    let replication = change(
        of,
        Value::Null,
        json!({ "region": "eu-west-1", "bucket": "data", "role": "r", "rule": [rule("a")] }),
        json!({ "id": true, "rule": [{ "destination": [{ "bucket": true }] }] }),
    );
    let configured = |count: usize| {
        let rule = json!({ "destination": [{
            "bucket": { "references": ["aws_s3_bucket.d.arn", "aws_s3_bucket.d"] },
        }] });
        json!({ "rule": vec![rule; count] })
    };
    let night = [data];
    let checked = "s3-bucket-cross-region-replication";
    for (name, count, expected) in
        [("one rule", 1, [0, 1, 0, 0]), ("another number of rules", 2, [0, 0, 1, 0])]
    {
        let changes = [bucket.clone(), replication.clone()];
        let mut plan = plan(&changes, &[(of, configured(count))]);
        let resources = plan["configuration"]["root_module"]["resources"].as_array_mut().unwrap();
        resources.push(json!({
            "address": "aws_s3_bucket.d", "mode": "managed", "type": "aws_s3_bucket", "name": "d",
            "expressions": { "bucket": { "constant_value": "acme-dr" } },
        }));
        let preview = preview_of(name, Some(&night), &plan, checked);
        let of_data = |list: &str| {
            let all = preview[list].as_array().unwrap().iter();
            all.filter(|one| one["resource"]["id"] == "data").count()
        };
        assert_eq!(LISTS.map(of_data), expected, "{name}: {preview}");
    }
}
