//! Traces: `rolecall evaluate --trace`, and the limits of the sandbox while tracing.

use std::fs;

use serde_json::{Value, json};

use crate::program::{run, snapshot, text};

const RULE: &str = r#"//! Test.
const RULE = #{ title: "t", resource: "ec2.security_group", severity: "high", params: #{ ports: [22] } };
fn check(group, params) {
    let open = [];
    for permission in group.ip_permissions {
        if permission.from_port in
            params.ports {
            open += permission
                .ip_ranges;
        }
    }
    if open.some(|range| range.cidr_ip == "0.0.0.0/0") { fail(`${group.group_name} is open`, open) } else { pass() }
}
"#;

fn group(id: &str, name: &str) -> Value {
    let permission = |port: u16, ranges: Value| {
        json!({
            "ip_protocol": "tcp", "from_port": port, "to_port": port, "ip_ranges": ranges,
            "ipv6_ranges": [], "prefix_list_ids": [], "user_id_group_pairs": [],
        })
    };
    json!({
        "group_id": id, "group_name": name,
        "ip_permissions": [permission(443, json!([])), permission(22, json!([{ "cidr_ip": "0.0.0.0/0" }]))],
        "ip_permissions_egress": [],
    })
}

#[test]
fn values_read_by_a_rule_are_shown_in_order_with_their_lines() {
    let dir = tempfile::tempdir().unwrap();
    let groups = [
        ("ec2.security_group", "sg-1", "eu-west-1", group("sg-1", "web")),
        ("ec2.security_group", "sg-2", "eu-west-1", group("sg-2", "web")),
        ("s3.bucket", "sg-2", "eu-west-1", json!({ "name": "sg-2" })),
    ];
    snapshot(dir.path(), "111122223333", &groups);
    let rule = dir.path().join("group-open.rhai");
    fs::write(&rule, RULE).unwrap();
    let trace = |resource: &str, more: &[&str]| {
        let mut args = vec![
            "evaluate",
            "--snapshot",
            text(dir.path()),
            "--rule",
            text(&rule),
            "--trace",
            "--resource",
            resource,
        ];
        args.extend(more);
        run(&args)
    };
    let ran = trace("sg-1", &[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let file = rule.display();
    let expected = format!(
        "ec2.security_group sg-1\nhostile (111122223333) · eu-west-1 · collected 2026-06-01T00:00:00Z\n\n\
         group-open  high  {file}\n\
         \x20 verdict   fail: web is open\n\
         \x20 evidence  {{\"cidr_ip\":\"0.0.0.0/0\"}}\n\
         \x20 read      line 5    ec2.security_group.ip_permissions = [{{\"from_port\":443,\"ip_protocol\":\"tcp\",\"ip_ranges\":[],\
         \"ipv6_ranges\":[],\"prefix_list_ids\":[],\"to_port\":443,\"user_id_group_pairs\":[]}},{{\"from_port\":22,\"ip_protocol\":\"tcp\",\
         \"ip_ranges\":[{{\"cidr_ip\":\"0.0.0.0/0\"}}],\"ipv6_ranges\":[],\"prefix_list_ids\"…\n\
         \x20           line 7    params.ports = [22]\n\
         \x20           line 6    ec2.security_group.ip_permissions[0].from_port = 443\n\
         \x20           line 7    params.ports = [22]\n\
         \x20           line 6    ec2.security_group.ip_permissions[1].from_port = 22\n\
         \x20           line 9    ec2.security_group.ip_permissions[1].ip_ranges = [{{\"cidr_ip\":\"0.0.0.0/0\"}}]\n\
         \x20           line 12   ec2.security_group.ip_permissions[1].ip_ranges[0].cidr_ip = \"0.0.0.0/0\"\n\
         \x20           line 12   ec2.security_group.group_name = \"web\"\n"
    );
    assert_eq!(ran.stdout, expected);
    assert_eq!(trace("sg-1", &["--fail-on", "critical"]).code, 0);

    let ran = trace("sg-1", &["--output", "json"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["resource"]["id"], "sg-1");
    assert_eq!(report["rules"][0]["verdict"], "fail");
    assert_eq!(
        report["rules"][0]["reads"][1],
        json!({ "line": 7, "path": "params.ports", "value": [22] })
    );

    // A group and a bucket have the same id; the rule evaluates the group.
    assert_eq!(trace("sg-2", &[]).code, 1);
    for (resource, more, part) in [
        (
            "sg-3",
            &[][..],
            "no resource in the snapshot has the ARN, id or name `sg-3`: did you mean `sg-",
        ),
        ("zzz", &[], "no resource in the snapshot"),
        ("sg-1", &["--output", "sarif"], "--trace supports the formats"),
        (
            "sg-1",
            &["--rule", "group-opn"],
            "`--rule group-opn` matches no rule: did you mean `group-open`?",
        ),
    ] {
        let ran = trace(resource, more);
        assert_eq!(ran.code, 2, "{resource} {more:?}");
        assert!(ran.stderr.contains(part), "{resource} {more:?}: {}", ran.stderr);
    }
    let plain = [
        "evaluate",
        "--snapshot",
        text(dir.path()),
        "--rule",
        "ebs-volume-encrypted",
        "--trace",
        "--resource",
        "sg-1",
    ];
    let ran = run(&plain);
    assert!(
        ran.stderr.contains(
            "none of the selected rules evaluates `ec2.security_group` resources; they evaluate `ec2.volume`"
        ),
        "{}",
        ran.stderr
    );
}

#[test]
fn resources_with_the_same_name_are_listed() {
    let dir = tempfile::tempdir().unwrap();
    for account in ["111122223333", "444455556666"] {
        snapshot(
            dir.path(),
            account,
            &[("ec2.security_group", "sg-1", "eu-west-1", group("sg-1", "web"))],
        );
    }
    let args = ["evaluate", "--snapshot", text(dir.path()), "--trace", "--resource", "sg-1"];
    let ran = run(&args);
    assert_eq!(ran.code, 2);
    for part in [
        "several resources match `sg-1`",
        "account 111122223333, eu-west-1",
        "account 444455556666, eu-west-1",
    ] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
    let ran = run(&[&args[..], &["--account", "444455556666", "--output", "json"]].concat());
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let evaluated: Vec<_> = report["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["rule"].as_str().unwrap())
        .collect();
    assert!(
        evaluated.contains(&"sg-ingress-remote-admin-ipv4")
            && evaluated.iter().all(|id| id.starts_with("sg-")),
        "{evaluated:?}"
    );
}

#[test]
fn tracing_obeys_the_limits_and_traces_are_bounded() {
    for (body, says) in [
        ("for i in 0..9000000000 { group.group_name; } pass()", "error: line 4:31: exceeded the "),
        ("fn f(n) { f(n + 1) } f(0); pass()", "line 6:15: exceeded the call depth limit"),
        (
            "for i in 0..1010 { if group.group_name == \"\" { return skip(\"s\"); } } pass()",
            "… and 10 more",
        ),
        ("group.group_nam", "has no field `group_nam`: did you mean `group_name`?"),
    ] {
        let (body, more) = match body.strip_prefix("fn f(n) { f(n + 1) } ") {
            Some(body) => (body, "fn f(n) { f(n + 1) }\n"),
            None => (body, ""),
        };
        let dir = tempfile::tempdir().unwrap();
        snapshot(
            dir.path(),
            "111122223333",
            &[("ec2.security_group", "sg-1", "eu-west-1", group("sg-1", &"x".repeat(5_000)))],
        );
        let rule = dir.path().join("group-test.rhai");
        let head = RULE.lines().take(2).collect::<Vec<_>>().join("\n");
        fs::write(&rule, format!("{head}\nfn check(group, params) {{\n{body}\n}}\n{more}"))
            .unwrap();
        let ran = run(&[
            "evaluate",
            "--snapshot",
            text(dir.path()),
            "--rule",
            text(&rule),
            "--trace",
            "--resource",
            "sg-1",
        ]);
        assert!(
            ran.stdout.contains(says),
            "{body}: {}{}",
            ran.stdout.lines().take(10).collect::<String>(),
            ran.stderr
        );
        assert!(ran.stdout.lines().all(|line| line.chars().count() < 400), "{body}");
        assert!(ran.stdout.lines().count() < 1_010, "{body}");
    }
}

#[test]
fn a_timeline_and_what_rules_read_are_different_traces() {
    let dir = tempfile::tempdir().unwrap();
    let groups = [("ec2.security_group", "sg-1", "eu-west-1", group("sg-1", "web"))];
    snapshot(dir.path(), "111122223333", &groups);
    let file = dir.path().join("trace.json");
    let evaluate = |args: &[&str]| {
        let always = ["evaluate", "--fail-on", "none", "-q", "--snapshot", text(dir.path())];
        run(&[&always[..], args].concat())
    };
    for (args, message) in [
        (&["--trace"][..], "`--trace` requires a file for the timeline, or --resource"),
        (&["--trace", "t.json", "--resource", "sg-1"], "cannot be combined with --resource"),
        (&["--trace", "missing/t.json"], "the folder does not exist"),
    ] {
        let ran = evaluate(args);
        assert!(ran.code == 2 && ran.stderr.contains(message), "{args:?}: {}", ran.stderr);
    }
    let ran = evaluate(&["--trace", text(&file)]);
    assert_ne!(ran.code, 2, "{}", ran.stderr);
    let timeline: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let events = timeline["traceEvents"].as_array().unwrap();
    let of_account = |event: &&Value| event["args"]["account"] == "111122223333";
    assert!(events.iter().filter(of_account).count() >= 3, "{timeline:#}");
}
