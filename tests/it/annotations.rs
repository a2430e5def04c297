//! Failures at their lines for other programs: annotations of GitHub, and the problem matchers in
//! `deploy/`, which must match what the program prints.

use std::fs;
use std::path::Path;
use std::process::Command;

use regex::Regex;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Ran, ran, rolecall, root, snapshot, text};

const ACCOUNT: &str = "111122223333";

const TEMPLATE: &str = "AWSTemplateFormatVersion: '2010-09-09'
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration:
        Status: Suspended
  Logs:
    Type: AWS::S3::Bucket
";

const RULE: &str = r#"//! Bucket has no versions.
//!
//! ## Why it matters
//! X.
//!
//! ## How to fix it
//! Enable it.
//!
//! - Console: Enable.
//! - Terraform: set `status = "Enabled"` in `aws_s3_bucket_versioning`; the bucket is `aws_s3_bucket`.
//!
//! ## References
//! - https://docs.aws.amazon.com/

const RULE = #{
    title: "Bucket has no versions",
    resource: "s3.bucket",
    needs: ["versioning"],
    severity: "high",
    terraform: ["aws_s3_bucket_versioning.versioning_configuration.status", "aws_s3_bucket"],
};

fn check(it, params) {
    if it.versioning.status == "Enabled" { pass() } else { fail("versioning is off") }
}
"#;

/// A repository with a template, a rule with a test case that fails, and a snapshot.
fn world() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    let case = json!({ "name": "suspended", "expect": "pass", "facts": { "versioning": { "status": "Suspended" } } });
    write("rules/bucket-versioned.rhai", RULE);
    write("rules/bucket-versioned.cases.json", &json!({ "cases": [case] }).to_string());
    write("cfn/data.yaml", TEMPLATE);
    let resource = |logical: &str, physical: &str| {
        json!({ "StackName": "data", "StackId": format!("arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/data/1"),
                "LogicalResourceId": logical, "PhysicalResourceId": physical, "ResourceType": "AWS::S3::Bucket" })
    };
    let resources =
        json!({ "StackResources": [resource("Data", "data-1"), resource("Logs", "logs-1")] });
    write("stacks.json", &resources.to_string());
    write(
        "rolecall.toml",
        "[scan]\nrule_folders = [\"rules\"]\n[scan.selection]\nname = \"mine\"\nrules = [\"bucket-versioned\"]\n\
         [[source]]\ncloudformation = \"cfn/*.yaml\"\nresources = [\"stacks.json\"]\n",
    );
    let facts = |id: &str| json!({ "name": id, "bucket_region": "eu-west-1", "versioning": { "status": "Suspended" }, "tags": {} });
    let buckets =
        ["data-1", "logs-1", "manual-1"].map(|id| ("s3.bucket", id, "eu-west-1", facts(id)));
    let folder = dir.path().join("snapshot");
    fs::create_dir(&folder).unwrap();
    snapshot(&folder, ACCOUNT, &buckets);
    let git = |args: &[&str]| {
        let output = Command::new("git").args(args).current_dir(dir.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "--quiet"]);
    git(&["add", "cfn", "rules"]);
    dir
}

fn run(dir: &Path, args: &[&str]) -> Ran {
    ran(rolecall().args(args).current_dir(dir).output().unwrap())
}

#[test]
fn failures_are_annotations_at_lines_of_templates() {
    let dir = world();
    let args = ["evaluate", "--snapshot", "snapshot", "--fail-on", "none", "--output", "github=-"];
    let ran = run(dir.path(), &args);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let title = "title=bucket-versioned%3A Bucket has no versions";
    let data =
        format!("::error file=cfn/data.yaml,line=7,endLine=7,col=9,endColumn=25,{title}::data-1 (");
    let logs =
        format!("::error file=cfn/data.yaml,line=8,endLine=8,col=3,endColumn=6,{title}::logs-1 (");
    assert_eq!(lines.len(), 3, "{}\n{}", ran.stdout, ran.stderr);
    assert!(lines[0].starts_with(&data) && lines[0].ends_with("; data/Data"), "{}", lines[0]);
    assert!(lines[1].starts_with(&logs), "{}", lines[1]);
    assert!(lines[1].ends_with("; data/Logs (which does not set it)"), "{}", lines[1]);
    assert_eq!(
        lines[2],
        "::notice title=rolecall::Not shown here: 1 failure without a known line of code"
    );
}

/// What a matcher of `deploy/problem-matchers.json` finds: the values of its groups by name, as GitHub
/// reads them: the patterns of a matcher match consecutive lines.
fn matches(owner: &str, printed: &str) -> Vec<Value> {
    let file = fs::read_to_string(root().join("deploy/problem-matchers.json")).unwrap();
    let all: Value = serde_json::from_str(&file).unwrap();
    let matchers = all["problemMatcher"].as_array().unwrap();
    let matcher = matchers.iter().find(|matcher| matcher["owner"] == owner).unwrap();
    let patterns: Vec<(Regex, &Value)> = matcher["pattern"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pattern| (Regex::new(pattern["regexp"].as_str().unwrap()).unwrap(), pattern))
        .collect();
    let lines: Vec<&str> = printed.lines().collect();
    let found = lines.windows(patterns.len()).filter_map(|window| {
        let mut found = json!({});
        for ((regex, pattern), line) in patterns.iter().zip(window) {
            let groups = regex.captures(line)?;
            for (name, group) in pattern.as_object().unwrap() {
                if let Some(number) = group.as_u64() {
                    let value = groups.get(number as usize).map(|value| value.as_str());
                    found[name] = json!(value);
                }
            }
        }
        Some(found)
    });
    found.collect()
}

#[test]
fn problem_matchers_match_what_is_printed() {
    let dir = world();
    let scan = run(dir.path(), &["evaluate", "--snapshot", "snapshot", "--fail-on", "none"]);
    assert_eq!(
        matches("rolecall-scan", &scan.stdout),
        [
            json!({ "file": "cfn/data.yaml", "line": "7", "message": "data/Data" }),
            json!({ "file": "cfn/data.yaml", "line": "8", "message": "data/Logs (which does not set it)" }),
        ],
        "{}",
        scan.stdout
    );
    let test = run(dir.path(), &["test", "rules"]);
    let cases = text(&dir.path().join("rules/bucket-versioned.cases.json")).to_owned();
    let found = matches("rolecall-test", &test.stdout);
    assert_eq!(found.len(), 1, "{}", test.stdout);
    assert_eq!(found[0]["message"], "failed  bucket-versioned/suspended");
    assert_eq!(found[0]["line"], "1");
    assert!(cases.ends_with(found[0]["file"].as_str().unwrap()), "{}", found[0]);

    let rule = dir.path().join("rules/bucket-versioned.rhai");
    let broken = RULE.replace("it.versioning.status", "it.versioning.state");
    fs::write(&rule, &broken).unwrap();
    let lint = run(dir.path(), &["lint", "rules/bucket-versioned.rhai"]);
    let found = matches("rolecall-lint", &lint.stdout);
    let line = broken.lines().position(|line| line.contains("state")).unwrap() + 1;
    let at = found.iter().find(|found| found["line"] == line.to_string().as_str());
    let at = at.unwrap_or_else(|| panic!("{}", lint.stdout));
    assert_eq!(at["severity"], "error");
    assert_eq!(at["file"], "rules/bucket-versioned.rhai");
    assert!(at["code"].as_str().unwrap().starts_with('R'), "{at}");
}

/// The hooks run commands that exist, and start for the files of rules.
#[test]
fn pre_commit_hooks_run() {
    let dir = world();
    let file = fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
    let value = |line: &str, key: &str| {
        let value = line.trim().trim_start_matches("- ").strip_prefix(key)?.strip_prefix(": ")?;
        Some(value.trim_matches('\'').to_owned())
    };
    let values =
        |key: &str| -> Vec<String> { file.lines().filter_map(|line| value(line, key)).collect() };
    assert_eq!(values("id"), ["rolecall-lint", "rolecall-test"]);
    for entry in values("entry") {
        let args: Vec<&str> = entry.strip_prefix("rolecall ").unwrap().split(' ').collect();
        // Anything but a usage error: the test case fails.
        let ran = run(dir.path(), &args);
        assert!(ran.code <= 1, "{entry}: {}{}", ran.stdout, ran.stderr);
    }
    for (files, wanted) in values("files").iter().zip([true, false]) {
        let regex = Regex::new(files).unwrap();
        for name in ["rules/a.rhai", "a.rhai", "rules/a.cases.json"] {
            assert!(regex.is_match(name), "{files} {name}");
        }
        for name in ["a.rhai.bak", "a.json", "my-rolecall.toml.md"] {
            assert!(!regex.is_match(name), "{files} {name}");
        }
        assert_eq!(regex.is_match("rolecall.toml"), wanted, "{files}");
        assert_eq!(regex.is_match("config/rolecall.toml"), wanted, "{files}");
    }
}
