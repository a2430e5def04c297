//! What used to be passed over in silence: files that are not read, and regions that are not known.

use std::fs;

use serde_json::Value;

use crate::program::{Ran, ran, rolecall, root, run, text};

const GREEN: &str = "//! Test.\n//!\n//! ## Why it matters\n//! X.\n//!\n//! ## How to fix it\n//! X.\n//!\n//! ## References\n//! - https://docs.aws.amazon.com/\n\n\
     const RULE = #{ title: \"Group is default\", resource: \"ec2.security_group\", severity: \"low\" };\n\
     fn check(group, params) { if group.group_name == \"default\" { fail(\"default\") } else { pass() } }\n";
const CASES: &str = r#"[{"name":"good","expect":"pass","facts":{"group_name":"x"}},{"name":"bad","expect":"fail","facts":{"group_name":"default"}}]"#;

#[test]
fn files_that_look_like_rules_are_noted() {
    let dir = tempfile::tempdir().unwrap();
    let rules = dir.path().join("mine");
    fs::create_dir_all(rules.join("frameworks")).unwrap();
    let write = |name: &str, text: &str| fs::write(rules.join(name), text).unwrap();
    for (name, text) in [
        ("group-default.rhai", GREEN),
        ("group-default.cases.json", CASES),
        ("OTHER.RHAI", GREEN),
        ("third.rhai.txt", GREEN),
        ("group-default.case.json", CASES),
        ("frameworks/own.tml", ""),
        ("README.md", ""),
        ("rolecall.d.rhai", ""),
    ] {
        write(name, text);
    }
    let notes = |ran: &Ran| -> Vec<String> {
        let lines = ran.stderr.lines().filter(|line| line.contains("is not read"));
        lines.map(|line| line.rsplit("mine/").next().unwrap().to_owned()).collect()
    };
    let expected = [
        "OTHER.RHAI` is not read: rename it to `other.rhai`",
        "frameworks/own.tml` is not read: rename it to `own.toml`",
        "group-default.case.json` is not read: rename it to `group-default.cases.json`",
        "third.rhai.txt` is not read: rename it to `third.rhai`",
    ];
    let acme = root().join("fixtures/acme");
    let [folder, acme] = [text(&rules), text(&acme)];
    for args in [
        &["lint", folder][..],
        &["test", folder],
        &["rules", "--rules", folder],
        &["evaluate", "--snapshot", acme, "--rules", folder, "--rule", "group-default"],
    ] {
        let ran = run(args);
        assert_eq!(notes(&ran), expected, "{args:?}: {}", ran.stderr);
    }
    // Many of them are counted.
    fs::create_dir(rules.join("many")).unwrap();
    for number in 0..40 {
        write(&format!("many/r{number:02}.RHAI"), GREEN);
    }
    let ran = run(&["lint", folder]);
    assert!(notes(&ran).iter().any(|note| note.contains("r15.RHAI")), "{}", ran.stderr);
    assert!(ran.stderr.contains("and 24 more files not read either"), "{}", ran.stderr);
    fs::remove_dir_all(rules.join("many")).unwrap();
    // A folder with nothing else says why it has no rules.
    for name in ["group-default.rhai", "group-default.cases.json"] {
        fs::remove_file(rules.join(name)).unwrap();
    }
    let ran = run(&["lint", folder]);
    assert_eq!(ran.code, 2);
    assert_eq!(notes(&ran), expected, "{}", ran.stderr);
    assert!(notes(&run(&["--quiet", "lint", folder])).is_empty());
}

/// The verdict of a rule on `s3.account` that counts the volumes of all regions.
fn verdict(change: impl Fn(Vec<String>) -> Vec<String>) -> (String, String) {
    let dir = tempfile::tempdir().unwrap();
    let rule = "//! Test.\nconst RULE = #{ title: \"t\", resource: \"s3.account\", severity: \"low\", needs: [\"ec2.volume\"] };\n\
                fn check(account, params) { if related(\"ec2.volume\").len() > 9999 { fail(\"many\") } else { pass() } }\n";
    fs::write(dir.path().join("few-volumes.rhai"), rule).unwrap();
    let snapshot = dir.path().join("snapshot");
    fs::create_dir(&snapshot).unwrap();
    for entry in fs::read_dir(root().join("fixtures/acme")).unwrap() {
        let path = entry.unwrap().path();
        let mut text = fs::read_to_string(&path).unwrap();
        if path.ends_with("333344445555.jsonl") {
            text = change(text.lines().map(str::to_owned).collect()).join("\n") + "\n";
        }
        fs::write(snapshot.join(path.file_name().unwrap()), text).unwrap();
    }
    let args = ["evaluate", "--snapshot", "snapshot", "--rule", "./few-volumes.rhai"];
    let more = ["--account", "333344445555", "--fail-on", "none", "-o", "json"];
    let ran = ran(rolecall().current_dir(dir.path()).args(args).args(more).output().unwrap());
    let report: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let account = &report["accounts"][0];
    match account["findings"].as_array().unwrap().as_slice() {
        [] => ("pass".to_owned(), String::new()),
        [one] => {
            let part = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            (part("verdict"), part("message"))
        }
        more => panic!("{more:?}"),
    }
}

#[test]
fn fallback_regions_are_not_all_regions_of_the_account() {
    assert_eq!(verdict(|lines| lines).0, "pass");
    let gap = r#"{"call":"ec2:DescribeRegions","code":"UnauthorizedOperation","extent":{"of":"regions"},"message":"no","region":"global","type":"gap"}"#;
    let (verdict, message) = verdict(|mut lines| {
        let end = lines.pop().unwrap();
        lines.push(gap.to_owned());
        lines.push(end.replace("\"gaps\":0", "\"gaps\":1"));
        lines
    });
    assert_eq!(verdict, "unknown", "{message}");
    assert!(message.contains("ec2:DescribeRegions"), "{message}");
}

/// Settings of the account have no region, so a filter by region excludes their rules: it is said.
#[test]
fn rules_on_account_settings_that_a_region_filter_excludes_are_counted() {
    let rule = ["evaluate", "--snapshot", "fixtures/acme", "--rule", "s3-account-*"];
    let said = "skipped 1 rule for account settings: add --region global";
    for (regions, expected) in [(vec!["eu-west-1"], true), (vec!["eu-*", "global"], false)] {
        let options: Vec<&str> = regions.iter().flat_map(|region| ["--region", region]).collect();
        let ran = run(&[&rule[..], &options].concat());
        assert_eq!(ran.stderr.contains(said), expected, "{regions:?}: {}", ran.stderr);
    }
    assert!(!run(&rule).stderr.contains("not evaluated"));
}
