//! Required tags, tested through the binary: which rules run, what they report, and errors in the
//! config.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Ran, ran, rolecall};

const REQUIRED: &str = r#"
[[tags.require]]
key = "Owner"
kinds = ["ec2.instance", "ec2.volume"]
values = ["team-*"]
default = [{ copy_from = "instance" }, { value = "team-x" }]
spellings = ["owner"]
"#;

/// Runs the program with a config.
fn run(config: &str, args: &[&str]) -> Ran {
    let dir: TempDir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rolecall.toml");
    fs::write(&path, config).unwrap();
    ran(rolecall().args(args).arg("--config").arg(&path).output().unwrap())
}

fn ids(config: &str, more: &[&str]) -> Vec<String> {
    let ran = run(config, &[&["rules", "--format", "json"], more].concat());
    let rules: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    let ids = rules.as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap().to_owned());
    ids.filter(|id| id.ends_with("-tags")).collect()
}

#[test]
fn rules_on_tags_run_if_tags_are_required() {
    let both = ["ec2-instance-tags", "ec2-volume-tags"];
    assert!(ids("", &["--rule-profile", "all"]).is_empty());
    assert_eq!(ids(REQUIRED, &[]), both);
    assert_eq!(ids(REQUIRED, &["--rule-profile", "strict"]), both);
    assert_eq!(ids(REQUIRED, &["--rule", "ec2-volume-tags"]), ["ec2-volume-tags"]);
    let off = "[rules.\"ec2-instance-tags\"]\nenabled = false\n";
    assert_eq!(ids(&format!("{REQUIRED}{off}"), &[]), ["ec2-volume-tags"]);
    let ran = run(off, &["rules"]);
    assert!(
        ran.stderr.contains("it runs only if [[tags.require]] requires tags of `ec2.instance`"),
        "{}",
        ran.stderr
    );
    let ran = run("", &["explain", "ec2-instance-tags"]);
    assert!(ran.stdout.contains("Instance has missing or wrong tags"), "{}", ran.stdout);
}

#[test]
fn findings_contain_the_tags_that_resources_would_get() {
    let args = ["evaluate", "--snapshot", "fixtures/acme", "--fail-on", "none", "-o", "json"];
    let without = run("", &args);
    let with = run(REQUIRED, &args);
    let report: Value =
        serde_json::from_str(&with.stdout).unwrap_or_else(|_| panic!("{}", with.stderr));
    let accounts = report["accounts"].as_array().unwrap().iter();
    let findings: Vec<&Value> = accounts
        .flat_map(|account| account["findings"].as_array().unwrap())
        .filter(|finding| finding["rule"] == "ec2-instance-tags" && finding["verdict"] == "fail")
        .collect();
    assert!(!findings.is_empty());
    for finding in findings {
        let problem = &finding["evidence"][0];
        assert_eq!(problem["key"], "Owner");
        assert!(problem["new_value"].is_string() && problem["source"].is_string(), "{finding}");
    }
    // What `[tags]` does not concern stays as it is.
    assert!(!without.stdout.contains("-tags\""));
    assert_eq!(run("[scan]\n", &args).stdout, without.stdout);
}

#[test]
fn errors_in_requirements_have_positions() {
    let ran = run(&REQUIRED.replace("ec2.volume", "ec2.volum"), &["rules"]);
    assert_eq!(ran.code, 2);
    for part in
        ["rolecall.toml:4:26", "unknown resource type `ec2.volum`", "did you mean `ec2.volume`?"]
    {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
}
