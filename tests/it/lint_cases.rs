//! Rules that are correct, and rules that pass their cases and are wrong: `lint` must report nothing
//! about the former, and each of the latter at its position.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::program::{root, run, text};

#[derive(Deserialize)]
struct Table {
    rule: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    name: String,
    #[serde(default = "volume")]
    resource: String,
    /// More entries of `const RULE`.
    #[serde(default)]
    metadata: String,
    body: String,
    /// A JSON list of test cases, all of which the rule must pass.
    #[serde(default = "any_cases")]
    cases: String,
    /// What `lint` must report: `CODE:LINE:COLUMN`, with lines of `body`.
    #[serde(default)]
    reports: Vec<String>,
}

fn volume() -> String {
    "ec2.volume".to_owned()
}

fn any_cases() -> String {
    r#"[{"name":"a","expect":"pass","facts":{}},{"name":"b","expect":"fail","facts":{}}]"#
        .to_owned()
}

const PROSE: &str = "//! Something is wrong.\n//!\n//! ## Why it matters\n//! It does.\n//!\n//! ## How to fix it\n//! Do it.\n//!\n\
     //! ## References\n//! - https://docs.aws.amazon.com/\n\n";

fn rules(table: &str) -> Vec<Rule> {
    let file = root().join("tests/cases/lint").join(table);
    toml::from_str::<Table>(&fs::read_to_string(file).unwrap()).unwrap().rule
}

/// Writes a rule with its cases, and returns the number of lines before its body.
fn write(folder: &Path, number: usize, rule: &Rule) -> u64 {
    let mut head = PROSE.to_owned();
    let metadata = if rule.metadata.is_empty() { "" } else { ", " };
    writeln!(
        head,
        "const RULE = #{{ title: \"T\", severity: \"low\", resource: \"{}\"{metadata}{} }};\n",
        rule.resource, rule.metadata
    )
    .unwrap();
    fs::write(folder.join(format!("rule-{number}.rhai")), format!("{head}{}", rule.body)).unwrap();
    fs::write(folder.join(format!("rule-{number}.cases.json")), &rule.cases).unwrap();
    head.lines().count() as u64
}

/// Lints all rules of a table, and compares what is reported about each.
fn lint(table: &str) -> tempfile::TempDir {
    let rules = rules(table);
    let folder = tempfile::tempdir().unwrap();
    let before: Vec<u64> =
        rules.iter().enumerate().map(|(number, rule)| write(folder.path(), number, rule)).collect();
    let ended = run(&["lint", text(folder.path()), "--format", "json"]);
    let json: Value = serde_json::from_str(&ended.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", ended.stdout, ended.stderr));
    let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for one in json["diagnostics"].as_array().unwrap() {
        let file = Path::new(one["file"].as_str().unwrap()).file_name().unwrap().to_string_lossy();
        let number = file.trim_start_matches("rule-").split('.').next().unwrap().parse().unwrap();
        let before: u64 = before[number];
        let line = one["line"].as_u64().unwrap().saturating_sub(before);
        let shown = format!("{}:{line}:{}", one["code"].as_str().unwrap(), one["column"]);
        found.entry(number).or_default().push(shown);
    }
    let wrong: Vec<String> = rules
        .iter()
        .enumerate()
        .filter_map(|(number, rule)| {
            let found = found.remove(&number).unwrap_or_default();
            (found != rule.reports)
                .then(|| format!("{}: {found:?}, not {:?}\n{}", rule.name, rule.reports, rule.body))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    folder
}

#[test]
fn correct_rules_have_no_errors_and_pass_their_cases() {
    let folder = lint("correct.toml");
    let ended = run(&["test", text(folder.path())]);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
}

#[test]
fn wrong_rules_are_reported_at_their_position() {
    lint("wrong.toml");
}
