//! What could not be read is unreadable: in snapshots, in imports and in test cases.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{root, run, text};

const PROSE: &str = "//! T.\n//!\n//! ## Why it matters\n//! T.\n//!\n//! ## How to fix it\n//! T.\n//!\n//! ## References\n//! - https://docs.aws.amazon.com/\n\n";

/// Writes a rule, and returns its file.
fn rule(dir: &Path, kind: &str, needs: &str, body: &str) -> std::path::PathBuf {
    let path = dir.join("own.rhai");
    let text = format!(
        "{PROSE}const RULE = #{{ title: \"T\", resource: \"{kind}\", needs: [{needs}], severity: \"low\" }};\n\nfn check(it, params) {{\n    {body}\n}}\n"
    );
    fs::write(&path, text).unwrap();
    path
}

/// The verdicts of the rule in a snapshot, by the id of the resource.
fn verdicts(snapshot: &Path, rule: &Path) -> Vec<(String, String)> {
    let args = ["evaluate", "--snapshot", text(snapshot), "--rule", text(rule), "-o", "json"];
    let ran = run(&[&args[..], &["--fail-on", "none"]].concat());
    let report: Value = serde_json::from_str(&ran.stdout).expect(&ran.stderr);
    let found = report["accounts"].as_array().unwrap().iter();
    let found = found.flat_map(|account| account["findings"].as_array().unwrap());
    let of = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    found.map(|one| (of(&one["resource"]["id"]), of(&one["verdict"]))).collect()
}

const PUBLIC_ADDRESS: &str = "for card in it.network_interfaces {\n        if card.private_ip_addresses.some(|a| is_configured(a.association)) { return fail(\"x\"); }\n    }\n    pass()";

/// A list that AWS always sends is not empty if it is missing, wherever it is nested.
#[test]
fn missing_lists_are_unreadable_in_snapshots() {
    let dir = tempfile::tempdir().unwrap();
    let bastion = "i-0ca5b05a9bbc3a71a";
    let acme = root().join("fixtures/acme");
    let own = rule(dir.path(), "ec2.instance", "", PUBLIC_ADDRESS);
    let found = verdicts(&acme, &own);
    let failed = found.iter().filter(|(_, verdict)| verdict == "fail").count();
    assert_eq!(failed, 4, "{found:?}");
    // Nothing is known of one account.
    let unknown: Vec<&str> =
        found.iter().filter(|(_, verdict)| verdict == "unknown").map(|(id, _)| &**id).collect();
    assert_eq!(unknown, [""], "{found:?}");

    for (kind, id, path, body) in [
        ("ec2.instance", bastion, "network_interfaces[].private_ip_addresses", PUBLIC_ADDRESS),
        ("ec2.instance", bastion, "network_interfaces[].groups", PUBLIC_ADDRESS),
        ("ec2.instance", bastion, "network_interfaces", PUBLIC_ADDRESS),
        (
            "ec2.security_group",
            "sg-028606de17cec8f36",
            "ip_permissions[].ip_ranges",
            "if it.ip_permissions.is_empty() { fail(\"x\") } else { pass() }",
        ),
        (
            "ec2.network_interface",
            "eni-0960eb5a596fd0d01",
            "private_ip_addresses",
            "if it.private_ip_addresses.is_empty() { fail(\"x\") } else { pass() }",
        ),
    ] {
        let copy = dir.path().join(path.replace(['[', ']', '.'], "-") + kind);
        fs::create_dir(&copy).unwrap();
        for entry in fs::read_dir(&acme).unwrap() {
            let from = entry.unwrap().path();
            let each = |line: &str| match serde_json::from_str::<Value>(line) {
                Ok(mut value) if value["kind"] == kind && value["id"] == id => {
                    remove(&mut value["facts"], path);
                    value.to_string()
                }
                _ => line.to_owned(),
            };
            let text = fs::read_to_string(&from).unwrap();
            let is_whole = from.extension().is_some_and(|ending| ending == "json");
            let text = if is_whole {
                text
            } else {
                text.lines().map(each).collect::<Vec<_>>().join("\n") + "\n"
            };
            fs::write(copy.join(from.file_name().unwrap()), text).unwrap();
        }
        let own = rule(dir.path(), kind, "", body);
        let found = verdicts(&copy, &own);
        let of = found.iter().find(|(found, _)| found == id).expect(id);
        assert_eq!(of.1, "unknown", "{path}");
    }
}

fn remove(value: &mut Value, path: &str) {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    let name = step.trim_end_matches("[]");
    match (value, rest) {
        (Value::Array(items), _) => items.iter_mut().for_each(|item| remove(item, path)),
        (Value::Object(map), None) => drop(map.remove(name)),
        (Value::Object(map), Some(rest)) => {
            map.get_mut(name).into_iter().for_each(|inner| remove(inner, rest))
        }
        _ => {}
    }
}

#[test]
fn missing_lists_are_unreadable_in_imports() {
    let dir = tempfile::tempdir().unwrap();
    let own = rule(dir.path(), "ec2.instance", "", PUBLIC_ADDRESS);
    let card = |addresses: Value| json!({ "NetworkInterfaceId": "eni-1", "Groups": [], "Ipv6Addresses": [], "PrivateIpAddresses": addresses });
    for (cards, expected) in [
        (json!([card(json!([{ "Association": { "PublicIp": "198.51.100.1" } }]))]), "fail"),
        (json!([card(json!([]))]), "pass"),
        (json!([]), "pass"),
        (json!([{ "NetworkInterfaceId": "eni-1", "Groups": [], "Ipv6Addresses": [] }]), "unknown"),
        (json!([card(json!([])), { "NetworkInterfaceId": "eni-2" }]), "unknown"),
    ] {
        let instance = json!({
            "InstanceId": "i-1", "State": { "Name": "running" }, "VirtualizationType": "hvm", "LaunchTime": "2026-01-01T00:00:00Z",
            "BlockDeviceMappings": [], "SecurityGroups": [], "NetworkInterfaces": cards,
        });
        let file = dir.path().join("describe-instances.json");
        fs::write(&file, json!({ "Reservations": [{ "Instances": [instance] }] }).to_string())
            .unwrap();
        let snapshot = tempfile::tempdir().unwrap();
        let into = snapshot.path().join("theirs");
        let mut args = vec!["import", "--account", "111122223333", "--region", "eu-west-1"];
        args.extend(["--snapshot", text(&into), text(&file)]);
        let ran = run(&args);
        assert!(ran.code == 0 || ran.code == 3, "{}", ran.stderr);
        assert_eq!(verdicts(&into, &own), [("i-1".to_owned(), expected.to_owned())], "{cards}");
    }
}

/// Lint and `test` accept and refuse the same cases.
#[test]
fn cases_name_what_can_be_unreadable() {
    let dir = tempfile::tempdir().unwrap();
    let region = "if it.bucket_region == \"eu-west-1\" { pass() } else { fail(it.bucket_region) }";
    let attribute = "if it.region == \"eu-west-1\" { pass() } else { fail(\"x\") }";
    let tags = "if it.tags.is_empty() { fail(\"x\") } else { pass() }";
    for (kind, needs, body, case, expected) in [
        // Fields and facts.
        (
            "s3.bucket",
            "",
            region,
            r#""expect": "unknown", "unreadable": ["bucket_region"], "facts": {}"#,
            "",
        ),
        (
            "s3.bucket",
            "",
            attribute,
            r#""expect": "unknown", "unreadable": ["bucket_region"], "facts": {}"#,
            "",
        ),
        (
            "s3.bucket",
            "",
            region,
            r#""expect": "unknown", "unreadable": ["s3.bucket/bucket_region"], "facts": {}"#,
            "",
        ),
        (
            "ec2.instance",
            "",
            tags,
            r#""expect": "unknown", "unreadable": ["tags"], "facts": {}"#,
            "",
        ),
        (
            "s3.bucket",
            "",
            region,
            r#""expect": "pass", "unreadable": ["bucket_regoin"], "facts": {}"#,
            "did you mean `bucket_region`?",
        ),
        (
            "s3.bucket",
            "",
            region,
            r#""expect": "pass", "unreadable": ["name"], "facts": {}"#,
            "`name` in `unreadable` is always known",
        ),
        (
            "s3.bucket",
            "",
            region,
            r#""expect": "pass", "unreadable": ["policy"], "facts": {}"#,
            "the rule does not read it",
        ),
        // Lists.
        (
            "ec2.instance",
            "",
            tags,
            r#""expect": "unknown", "unreadable": ["ec2.instance"], "facts": {}"#,
            "the list of its own kind",
        ),
        (
            "ec2.volume",
            "",
            tags,
            r#""expect": "unknown", "unreadable": ["ec2.instance"], "facts": {}"#,
            "add `\"ec2.instance\"` to `needs`",
        ),
        (
            "ec2.volume",
            "",
            tags,
            r#""expect": "unknown", "unreadable": ["ec2.instance@eu-west-1"], "facts": {}"#,
            "add `\"ec2.instance\"` to `needs`",
        ),
        (
            "ec2.volume",
            "",
            tags,
            r#""expect": "unknown", "unreadable": ["ec2.instance/user_data"], "facts": {}"#,
            "add `\"ec2.instance/user_data\"` to `needs`",
        ),
        (
            "ec2.volume",
            "",
            tags,
            r#""expect": "unknown", "unreadable": ["ec2.instance/tags"], "facts": {}"#,
            "add `\"ec2.instance\"` to `needs`",
        ),
        (
            "ec2.volume",
            "",
            tags,
            r#""expect": "unknown", "unreadable": ["ec2.instence"], "facts": {}"#,
            "did you mean `ec2.instance`?",
        ),
        // The region of a bucket is a field and an attribute.
        ("s3.bucket", "", region, r#""expect": "pass", "facts": {}"#, ""),
        (
            "s3.bucket",
            "",
            attribute,
            r#""expect": "fail", "facts": { "bucket_region": "us-east-1" }"#,
            "",
        ),
        ("s3.bucket", "", region, r#""expect": "fail", "region": "us-east-1", "facts": {}"#, ""),
        (
            "s3.bucket",
            "",
            region,
            r#""expect": "fail", "region": "eu-west-1", "facts": { "bucket_region": "us-east-1" }"#,
            "`bucket_region` is `us-east-1`, but `region` is `eu-west-1`",
        ),
        (
            "s3.bucket",
            "",
            region,
            r#""expect": "fail", "facts": { "bucket_region": null }"#,
            "AWS always returns it",
        ),
        // In a scan, an instance that is not in the response has no readable fact.
        (
            "ec2.instance",
            "\"image_metadata?\"",
            tags,
            r#""expect": "fail", "facts": { "image_metadata": null }"#,
            "`image_metadata` cannot be `null`: AWS always returns it",
        ),
        // Values.
        (
            "ec2.instance",
            "",
            tags,
            r#""expect": "fail", "facts": { "tags": null }"#,
            "invalid `tags`",
        ),
        (
            "ec2.instance",
            "",
            tags,
            r#""expect": "fail", "facts": { "network_interfaces": null }"#,
            "invalid `network_interfaces`",
        ),
    ] {
        let path = rule(dir.path(), kind, needs, body);
        let others = r#"{ "name": "a", "expect": "pass", "facts": { "tags": { "a": "b" } } }, { "name": "b", "expect": "fail", "facts": {} }"#;
        let others = if kind == "s3.bucket" {
            others.replace(r#"{ "tags": { "a": "b" } }"#, "{}").replace(
                "\"fail\", \"facts\": {}",
                "\"fail\", \"facts\": { \"bucket_region\": \"us-east-1\" }",
            )
        } else {
            others.to_owned()
        };
        let cases = format!("[{others}, {{ \"name\": \"c\", {case} }}]");
        fs::write(dir.path().join("own.cases.json"), &cases).unwrap();
        let [tested, linted] = ["test", "lint"].map(|command| run(&[command, text(&path)]));
        let tested = format!("{}{}", tested.stdout, tested.stderr);
        if expected.is_empty() {
            assert!(tested.contains("3 passed"), "{cases}\n{tested}");
            assert!(linted.stderr.contains("no errors"), "{cases}\n{}", linted.stdout);
        } else {
            assert!(tested.contains(expected), "{cases}\n{tested}");
            assert!(linted.stdout.contains(expected), "{cases}\n{}", linted.stdout);
            assert!(linted.stdout.contains("own.cases.json:1:"), "{cases}\n{}", linted.stdout);
        }
    }
}

#[test]
fn a_field_that_could_not_be_read_is_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let list =
        json!({ "Buckets": [{ "Name": "nowhere", "CreationDate": "2026-01-01T00:00:00Z" }] });
    let file = dir.path().join("list-buckets.json");
    fs::write(&file, list.to_string()).unwrap();
    let into = dir.path().join("theirs");
    let mut args = vec!["import", "--account", "111122223333", "--region", "eu-west-1"];
    args.extend(["--snapshot", text(&into), text(&file)]);
    run(&args);
    for body in [
        "if it.bucket_region == \"eu-west-1\" { pass() } else { fail(it.bucket_region) }",
        "if it.region == \"eu-west-1\" { pass() } else { fail(\"x\") }",
    ] {
        let path = rule(dir.path(), "s3.bucket", "", body);
        let mut args = vec!["record", "--snapshot", text(&into), "--rule", text(&path)];
        args.extend(["--resource", "nowhere", "--expect", "unknown"]);
        let ran = run(&args);
        assert_eq!(ran.code, 0, "{body}: {}", ran.stderr);
        let cases = dir.path().join("own.cases.json");
        let text_of = fs::read_to_string(&cases).unwrap();
        assert!(text_of.contains("\"unreadable\": [\n      \"bucket_region\"\n    ]"), "{text_of}");
        let ran = run(&["test", text(&path)]);
        assert!(ran.stdout.contains("1 passed"), "{}{}", ran.stdout, ran.stderr);
        fs::remove_file(cases).unwrap();
    }
}

/// A part of a field that could not be read decides no comparison.
#[test]
fn a_comparison_with_a_map_does_not_ignore_what_is_unreadable() {
    let dir = tempfile::tempdir().unwrap();
    let bastion = "i-0ca5b05a9bbc3a71a";
    let copy = dir.path().join("acme");
    fs::create_dir(&copy).unwrap();
    for entry in fs::read_dir(root().join("fixtures/acme")).unwrap() {
        let from = entry.unwrap().path();
        let content = fs::read_to_string(&from).unwrap();
        let lines = content.lines().map(|line| {
            let mut value: Value = match serde_json::from_str(line) {
                Ok(value) => value,
                Err(_) => return line.to_owned(),
            };
            if value["kind"] == "ec2.instance" && value["id"] == bastion {
                let cause =
                    json!({ "call": "ec2:DescribeInstances", "code": "NotKnown", "message": "" });
                value["unreadable"] =
                    json!({ "metadata_options.http_put_response_hop_limit": cause });
                return value.to_string();
            }
            line.to_owned()
        });
        let lines: Vec<String> = lines.collect();
        fs::write(copy.join(from.file_name().unwrap()), lines.join("\n") + "\n").unwrap();
    }
    for body in [
        "if it.metadata_options == #{} { fail(\"x\") } else { pass() }",
        "if it.metadata_options != #{} { pass() } else { fail(\"x\") }",
    ] {
        let own = rule(dir.path(), "ec2.instance", "", body);
        let found = verdicts(&copy, &own);
        let of_bastion = found.iter().find(|(id, _)| id == bastion).unwrap();
        assert_eq!(of_bastion.1, "unknown", "{body}");
        assert!(found.iter().any(|(_, verdict)| verdict == "pass"), "{body}");
    }
}
