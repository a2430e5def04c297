//! Every built-in rule has a cases file next to it, and its cases pass.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rolecall::internals::cases;

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
        if rule.prose.markdown.contains("my-bucket") || rule.prose.markdown.contains("111122223333")
        {
            differences.push(format!("{id}: use placeholders in the commands"));
        }
        match cases::beside(rule) {
            Ok(Some(file)) => differences.extend(cases::run(rule, &file.text)),
            _ => differences.push(format!("{id}: no cases")),
        }
    }
    // Who copies a command must not reach the resource of an example.
    let example = regex::Regex::new(
        r"\b[a-z-]+-0[0-9a-f]{7,}\b|--region [a-z]|--bucket [a-z]|\b[0-9]{12}\b|[a-z]{2}-[a-z]+-[0-9][a-z:.]",
    )
    .unwrap();
    for rule in pack.values() {
        let commands = rule.prose.markdown.split("```sh").skip(1);
        for command in commands.filter_map(|rest| rest.split("```").next()) {
            // Requests about Multi-Region Access Points always go there.
            let command = command.replace("--region us-west-2", "");
            if let Some(found) = example.find(&command) {
                differences.push(format!(
                    "{}: use a placeholder in the commands instead of `{}`",
                    rule.id,
                    found.as_str()
                ));
            }
        }
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
