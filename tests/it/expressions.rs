//! What rules can express: hours, groups, and lifecycle rules for all objects; and what is refused.

use std::fs;

use serde_json::Value;

use crate::program::{root, run, text};

const PROSE: &str = "//! T.\n//!\n//! ## Why it matters\n//! T.\n//!\n//! ## How to fix it\n//! T.\n//!\n//! ## References\n//! - https://docs.aws.amazon.com/\n\n";

#[test]
fn rules_with_hours_groups_and_lifecycles_pass_lint_and_their_cases() {
    let folder = root().join("tests/cases/authoring/expressions");
    for args in [["lint", text(&folder)].as_slice(), &["test", "--coverage", text(&folder)]] {
        let ran = run(args);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    }
}

/// The rules of the samples run, and decide by hours and by the name of the account.
#[test]
fn hours_and_names_of_accounts_decide() {
    let folder = root().join("tests/cases/authoring/times");
    let mut args = vec!["evaluate", "--snapshot", "fixtures/acme", "--rules", text(&folder)];
    args.extend(["--rule", "hours", "--rule", "labels", "--fail-on", "none", "-o", "json"]);
    let report: Value = serde_json::from_str(&run(&args).stdout).unwrap();
    for account in report["accounts"].as_array().unwrap() {
        let is_prod = account["account"] == "111122223333";
        for finding in account["findings"].as_array().unwrap() {
            let expected: &[&str] = match finding["rule"].as_str() {
                Some("labels") if is_prod => &["fail"],
                Some("labels") => &["pass", "unknown"],
                _ => &["fail", "pass", "unknown"],
            };
            let verdict = finding["verdict"].as_str().unwrap();
            assert!(expected.contains(&verdict), "{finding}");
        }
    }
}

#[test]
fn wrong_uses_are_lint_errors_or_errors_of_the_run() {
    let dir = tempfile::tempdir().unwrap();
    let rule = dir.path().join("own.rhai");
    for (body, lint, message) in [
        (
            r#"if hours_between(volume.create_time, 3) > 1 { pass() } else { fail("") }"#,
            true,
            "hours_between",
        ),
        (r#"if age_hours(volume.size) > 1 { pass() } else { fail("") }"#, true, "age_hours"),
        (
            r#"if is_older_than(volume.create_time, "12", "hours") { pass() } else { fail("") }"#,
            true,
            "expected int",
        ),
        (
            r#"if is_older_than(volume.create_time, 12, "weeks") { pass() } else { fail("") }"#,
            false,
            "expects the unit `days` or `hours`, got `weeks`",
        ),
        (
            r#"if related("ec2.volume").count_by("stat").len() > 1 { pass() } else { fail("") }"#,
            true,
            "did you mean `state`?",
        ),
        (
            r#"if related("ec2.volume").group_by("attachments.stat").len() > 1 { pass() } else { fail("") }"#,
            true,
            "attachments",
        ),
        (
            r#"if related("ec2.volume").count_by(|volume| volume.stat).len() > 1 { pass() } else { fail("") }"#,
            true,
            "did you mean `state`?",
        ),
        (
            r#"if related("ec2.volume").count_by("state").some(|one| one.cuont > 1) { pass() } else { fail("") }"#,
            true,
            "cuont",
        ),
        (
            r#"if related("ec2.volume").count_by("state").some(|one| one.count == "2") { pass() } else { fail("") }"#,
            true,
            "int",
        ),
        (
            r#"if related("ec2.volume").group_by("state").some(|one| one.items.some(|item| item.sise > 1)) { pass() } else { fail("") }"#,
            true,
            "sise",
        ),
        (
            r#"if applies_to_all_objects(volume) { pass() } else { fail("") }"#,
            false,
            "expects a rule of `lifecycle.rules`, got object",
        ),
    ] {
        let source = format!(
            "{PROSE}const RULE = #{{ title: \"T\", resource: \"ec2.volume\", needs: [\"ec2.volume\"], severity: \"low\" }};\n\nfn check(volume, params) {{\n    {body}\n}}\n"
        );
        fs::write(&rule, source).unwrap();
        fs::write(
            rule.with_extension("cases.json"),
            r#"[{ "name": "p", "expect": "pass", "facts": {} }, { "name": "f", "expect": "fail", "facts": {} }]"#,
        )
        .unwrap();
        let ran = match lint {
            true => run(&["lint", text(&rule)]),
            false => run(&["evaluate", "--snapshot", "fixtures/acme", "--rule", text(&rule)]),
        };
        assert_ne!(ran.code, 0, "{body}");
        let out: Vec<&str> = ran.stdout.split_whitespace().collect();
        // A run-time error of a helper has no position of its own.
        let placed = !lint || ran.stdout.contains("own.rhai:15:");
        assert!(out.join(" ").contains(message) && placed, "{body}\n{}", ran.stdout);
    }
}
