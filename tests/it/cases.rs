//! Defects that other scanners had, replayed: each folder of `tests/cases/` has what the AWS CLI
//! printed and the verdicts that are right.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::program::{root, run, text};

/// `expected.toml` of a case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// What went wrong, and why the verdicts below are right.
    why: String,
    /// The files to import, if not all JSON files of the folder: names as `rolecall import` takes
    /// them.
    files: Option<Vec<String>>,
    /// rolecall.toml.
    config: Option<String>,
    /// Rule → resource → verdict.
    verdicts: BTreeMap<String, BTreeMap<String, String>>,
    /// Rule → resource → part of the message.
    #[serde(default)]
    messages: BTreeMap<String, BTreeMap<String, String>>,
}

/// Imports the files and evaluates the rules; returns the findings.
fn findings(dir: &Path, files: &[String], config: &str, rules: &[&str]) -> Vec<Value> {
    let work = tempfile::tempdir().unwrap();
    let snapshot = work.path().join("snapshot");
    let mut args = vec!["import", "--account", "111122223333", "--region", "eu-west-1"];
    args.extend(["--collected-at", "2026-03-01T00:00:00Z", "--snapshot", text(&snapshot)]);
    let files: Vec<String> = files
        .iter()
        .map(|file| match file.split_once('=') {
            Some((fact, file)) => format!("{fact}={}", text(&dir.join(file))),
            None => text(&dir.join(file)).to_owned(),
        })
        .collect();
    args.extend(files.iter().map(String::as_str));
    let imported = run(&args);
    assert_eq!(imported.code, 0, "{}: {}", dir.display(), imported.stderr);
    let path = work.path().join("rolecall.toml");
    fs::write(&path, config).unwrap();
    let mut args = vec!["evaluate", "--config", text(&path), "--snapshot", text(&snapshot)];
    args.extend(["--fail-on", "none", "-o", "json"]);
    args.extend(rules.iter().flat_map(|rule| ["--rule", rule]));
    let ran = run(&args);
    let report: Value = serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{}: {error}: {}", dir.display(), ran.stderr));
    report["accounts"][0]["findings"].as_array().unwrap().clone()
}

#[test]
fn every_case_gets_the_right_verdicts() {
    let mut folders: Vec<_> = fs::read_dir(root().join("tests/cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("expected.toml").is_file())
        .collect();
    folders.sort();
    assert!(folders.len() >= 5);
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let expected = fs::read_to_string(folder.join("expected.toml")).unwrap();
        let expected: Expected =
            toml::from_str(&expected).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!expected.why.is_empty(), "{name}");
        let mut files = expected.files.unwrap_or_else(|| {
            let names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
            let names = names.map(|name| name.into_string().unwrap());
            names.filter(|name| name.ends_with(".json")).collect()
        });
        files.sort();
        let rules: Vec<&str> = expected.verdicts.keys().map(String::as_str).collect();
        let config = expected.config.unwrap_or_default();
        let mut verdicts: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for finding in findings(&folder, &files, &config, &rules) {
            let field = |pointer: &str| {
                finding.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            let (rule, resource) = (field("/rule"), field("/resource/id"));
            if let Some(part) = expected.messages.get(&rule).and_then(|all| all.get(&resource)) {
                assert!(field("/message").contains(part), "{name}: {finding}");
            }
            verdicts.entry(rule).or_default().insert(resource, field("/verdict"));
        }
        assert_eq!(verdicts, expected.verdicts, "{name}: {}", expected.why);
    }
}

/// AWS allows 1,000 entries in a prefix list. Every rule on security groups and routes must come to
/// its verdict about such a list, however many it takes to cover the internet.
#[test]
fn prefix_lists_of_a_thousand_entries_are_evaluated() {
    for entries in [250, 1_000] {
        let dir = tempfile::tempdir().unwrap();
        // Networks of one size from the start of the address space, and the rest in large parts.
        let small = entries - 16;
        let mut cidrs: Vec<String> =
            (0..small).map(|number| format!("0.{}.{}.0/24", number / 256, number % 256)).collect();
        cidrs.extend((0..16).map(|block| format!("{}.0.0.0/4", block * 16)));
        let cidrs: Vec<Value> = cidrs.iter().map(|cidr| json!({ "Cidr": cidr })).collect();
        let list = |id: &str| json!({ "PrefixListId": id, "PrefixListName": id, "OwnerId": "111122223333", "State": "create-complete" });
        let permission = |protocol: &str, from: i64, to: i64| {
            json!({ "IpProtocol": protocol, "FromPort": from, "ToPort": to, "IpRanges": [], "Ipv6Ranges": [],
                "UserIdGroupPairs": [], "PrefixListIds": [{ "PrefixListId": "pl-1" }, { "PrefixListId": "pl-2" }] })
        };
        for (name, content) in [
            (
                "describe-security-groups.json",
                json!({ "SecurityGroups": [{ "GroupId": "sg-1", "GroupName": "a", "OwnerId": "111122223333", "VpcId": "vpc-1",
                    "IpPermissionsEgress": [], "IpPermissions": [permission("tcp", 0, 65_535), permission("udp", 0, 65_535)] }] }),
            ),
            (
                "describe-managed-prefix-lists.json",
                json!({ "PrefixLists": [list("pl-1"), list("pl-2")] }),
            ),
            ("get-managed-prefix-list-entries.pl-1.json", json!({ "Entries": cidrs })),
            ("get-managed-prefix-list-entries.pl-2.json", json!({ "Entries": cidrs })),
        ] {
            fs::write(dir.path().join(name), content.to_string()).unwrap();
        }
        let files = [
            "describe-security-groups.json",
            "describe-managed-prefix-lists.json",
            "ec2.managed_prefix_list/entries@pl-1=get-managed-prefix-list-entries.pl-1.json",
            "ec2.managed_prefix_list/entries@pl-2=get-managed-prefix-list-entries.pl-2.json",
        ]
        .map(str::to_owned);
        let rules = [
            "sg-ingress-all-ports",
            "sg-ingress-authorized-ports",
            "sg-ingress-high-risk-ports",
            "sg-ingress-remote-admin-ipv4",
            "sg-ingress-smb",
            "sg-prefix-list-internet",
        ];
        let found = findings(dir.path(), &files, "", &rules);
        assert_eq!(found.len(), rules.len());
        for finding in found {
            assert_eq!(finding["verdict"], "fail", "{entries} entries: {}", finding["message"]);
        }
    }
}

/// A rule that cannot decide is not a gap that can be accepted, and the run is incomplete.
#[test]
fn an_undecided_rule_makes_the_run_incomplete_whatever_is_accepted() {
    let work = tempfile::tempdir().unwrap();
    let snapshot = work.path().join("snapshot");
    let file = root().join("tests/cases/stopped-without-a-time/describe-instances.json");
    let mut args = vec!["import", "--account", "111122223333", "--region", "eu-west-1"];
    args.extend(["--collected-at", "2026-03-01T00:00:00Z", "--snapshot", text(&snapshot)]);
    args.push(text(&file));
    assert_eq!(run(&args).code, 0);
    let config = work.path().join("rolecall.toml");
    fs::write(&config, "[[accepted_gap]]\ncall = \"*\"\nreason = \"known\"\n").unwrap();
    let evaluate = |format: &str| {
        let mut args = vec!["evaluate", "--config", text(&config), "--snapshot", text(&snapshot)];
        args.extend(["--rule", "ec2-instance-stopped-too-long", "--fail-on", "none", "-o", format]);
        run(&args)
    };
    let ran = evaluate("json");
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let account = &report["accounts"][0];
    assert_eq!((&account["complete"], &account["gaps"]), (&json!(false), &json!([])));
    let findings = account["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["verdict"] == "unknown").unwrap();
    assert_eq!(finding["accepted"], Value::Null);
    assert_eq!(finding["causes"][0]["code"], "RuleUndecided");
    let shown = evaluate("text").stdout;
    let message = "stopped, but AWS does not report when it was stopped";
    assert_eq!(shown.matches(message).count(), 1, "{shown}");
}
