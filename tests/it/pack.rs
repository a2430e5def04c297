//! Every built-in rule has a cases file next to it, and its cases pass.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use regex::Regex;
use rolecall::internals::{AccountId, Placeholders, cases, script_of};

/// The commands in documentation: those in blocks, and those in code spans outside of them.
fn commands(markdown: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut block: Option<bool> = None;
    for line in markdown.lines().map(str::trim) {
        if let Some(language) = line.strip_prefix("```") {
            block = if block.is_none() { Some(language == "sh") } else { None };
            continue;
        }
        let is_start = line.starts_with("aws ") || line.starts_with('#');
        match (block, commands.last_mut()) {
            (Some(true), Some(command)) if !is_start => {
                command.push(' ');
                command.push_str(line);
            }
            (Some(true), _) => commands.push(line.to_owned()),
            (Some(false), _) => {}
            (None, _) => {
                let spans = line.split('`').skip(1).step_by(2);
                commands.extend(spans.filter(|span| span.starts_with("aws ")).map(str::to_owned));
            }
        }
    }
    commands
}

/// What is wrong with the commands of a rule on resources of a type.
fn mistakes(kind: &str, markdown: &str) -> Vec<String> {
    // Anyone who copies a command must not reach the resource of an example.
    let example = Regex::new(
        r"\b[a-z-]+-0[0-9a-f]{7,}\b|--region [a-z]|--bucket [a-z]|\b[0-9]{12}\b|[a-z]{2}-[a-z]+-[0-9][a-z:.]",
    )
    .unwrap();
    let word = Regex::new("[A-Za-z0-9_-]+").unwrap();
    let account: AccountId = "999988887777".parse().unwrap();
    let region = "eu-west-3".parse().unwrap();
    let evidence = [serde_json::json!({ "bucket": "the-bucket" })];
    let id = Some("the-id");
    let names = Placeholders { account: &account, region: &region, kind, id, evidence: &evidence };
    let mut mistakes = Vec::new();
    for command in commands(markdown) {
        // Requests about Multi-Region Access Points always go there.
        let without = command.replace("--region us-west-2", "");
        if let Some(found) = example.find(&without) {
            mistakes.push(format!("use a placeholder instead of `{}`", found.as_str()));
        }
        let is_regional = ["aws ec2 ", "aws s3control "].iter().any(|it| command.starts_with(it));
        if is_regional && kind != "s3.account" && !command.contains("--region ") {
            mistakes.push(format!("add `--region REGION`: {command}"));
        }
        // Values of options such as `VPC` are no placeholders.
        let filled = names.fill_in(&command);
        for (before, after) in word.find_iter(&command).zip(word.find_iter(&filled)) {
            let before = before.as_str();
            let is_placeholder = before == "REGION"
                || before.ends_with("_ID")
                || before.ends_with("BUCKET")
                || before.ends_with("ACCESS_POINT");
            if before != after.as_str() && !is_placeholder {
                mistakes.push(format!("`{before}` became `{}`: {filled}", after.as_str()));
            }
        }
        if kind == "s3.access_point" && word.find_iter(&filled).any(|it| it.as_str() == "BUCKET") {
            mistakes.push(format!("the bucket is not filled in: {filled}"));
        }
        if filled.contains("REGION") && !filled.contains("MULTI_REGION") {
            mistakes.push(format!("the region is not filled in: {filled}"));
        }
    }
    mistakes
}

#[test]
fn every_rule_has_cases_that_pass() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let pack = rolecall::internals::load(&[]).unwrap();
    // Those on required tags are generated.
    let (generated, pack): (BTreeMap<_, _>, BTreeMap<_, _>) =
        pack.into_iter().partition(|(_, rule)| rule.is_on_required_tags());
    assert!(pack.len() >= 10, "the pack has only {} rules", pack.len());
    let mut differences = Vec::new();
    for (id, rule) in &generated {
        match cases::beside(rule) {
            Ok(Some(file)) => differences.extend(cases::run(rule, &file.text)),
            _ => differences.push(format!("{id}: no cases")),
        }
    }
    for (id, rule) in generated.iter().chain(&pack) {
        let mistakes = mistakes(rule.meta.kind.name, &rule.prose.markdown);
        differences.extend(mistakes.into_iter().map(|mistake| format!("{id}: {mistake}")));
    }
    // The variants of a script have one file of cases.
    let scripts: BTreeMap<_, _> =
        pack.values().map(script_of).map(|script| (&script.id, script)).collect();
    for rule in scripts.into_values() {
        let path = rules.join(rule.path.replace(".rhai", ".cases.json"));
        match fs::read_to_string(&path) {
            Ok(cases) => differences.extend(rolecall::internals::cases::run(rule, &cases)),
            Err(error) => differences.push(format!("{}: {error}", path.display())),
        }
        if rule.prose.summary.is_empty() || rule.prose.help_uri.is_none() {
            differences.push(format!(
                "{}: the documentation has no first paragraph or no reference",
                rule.id
            ));
        }
        for section in ["## Why it matters", "## How to fix it", "## References"] {
            if !rule.prose.markdown.contains(section) {
                differences.push(format!("{}: the documentation has no `{section}`", rule.id));
            }
        }
        let (folder, _) = rule.path.split_once('/').unwrap_or_default();
        if folder != rule.meta.kind.service() {
            differences.push(format!(
                "{}: is in `{folder}/` but evaluates {}",
                rule.id, rule.meta.kind.name
            ));
        }
    }
    assert!(differences.is_empty(), "\n{}\n", differences.join("\n"));
}
