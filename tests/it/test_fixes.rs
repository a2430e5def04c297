//! Fixes in `rolecall test`, tested through the binary.

use std::fs;

use quick_junit::Report;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Ran, ran, rolecall};

/// `keep_open` leaves one setting off, so that the fix is not sufficient.
const RULE: &str = r#"//! A bucket without Block Public Access.
const RULE = #{
    title: "Block Public Access is off",
    resource: "s3.bucket",
    severity: "low",
    needs: ["public_access_block"],
    params: #{ exempt: false },
    fix: #{ most: "safe", needs: ["policy_status"], params: #{ keep_open: false } },
};

fn check(bucket, params) {
    if params.exempt { return skip("exempt"); }
    let block = bucket.public_access_block;
    if block.ignore_public_acls && block.restrict_public_buckets { return pass(); }
    fail("off", block)
}

fn fix(bucket, params) {
    if bucket.name == "broken" { return safe_fix(action("s3.bucket.block_public_access", #{ all: true })); }
    if bucket.name == "website" { return by_hand("a website may need it"); }
    let block = action("s3.bucket.block_public_access", #{ ignore_public_acls: true, restrict_public_buckets: !params.keep_open });
    if is_configured(bucket.policy_status) && bucket.policy_status.is_public { return unsafe_fix("the policy is public", block); }
    safe_fix(block)
}
"#;

fn folder(cases: &Value) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("blocked.rhai"), RULE).unwrap();
    let text = match cases {
        Value::String(text) => text.clone(),
        cases => format!("{cases:#}"),
    };
    fs::write(dir.path().join("blocked.cases.json"), text).unwrap();
    dir
}

fn test(dir: &TempDir, args: &[&str]) -> Ran {
    ran(rolecall()
        .current_dir(dir.path())
        .args(["test", "blocked.rhai"])
        .args(args)
        .output()
        .unwrap())
}

/// A failing case, with these additional keys.
fn failing(more: &Value) -> Value {
    let mut case = json!({
        "name": "off",
        "expect": "fail",
        "facts": { "public_access_block": null, "policy_status": null }
    });
    for (key, value) in more.as_object().unwrap() {
        match (case.get_mut(key), value) {
            (Some(Value::Object(known)), Value::Object(more)) => known.extend(more.clone()),
            _ => case[key] = value.clone(),
        }
    }
    case
}

fn with(more: &Value) -> TempDir {
    let on = json!({
        "block_public_acls": true, "ignore_public_acls": true,
        "block_public_policy": true, "restrict_public_buckets": true,
    });
    let pass = json!({ "name": "on", "expect": "pass", "facts": { "public_access_block": on } });
    folder(&json!([pass, failing(more)]))
}

fn action(parameters: &Value) -> Value {
    json!([{ "action": "s3.bucket.block_public_access", "parameters": parameters }])
}

fn both() -> Value {
    action(&json!({ "ignore_public_acls": true, "restrict_public_buckets": true }))
}

#[test]
fn a_case_states_the_fix_and_the_verdict_after_it() {
    let public = json!({ "policy_status": { "is_public": true } });
    let one = action(&json!({ "ignore_public_acls": true, "block_public_acls": false }));
    for (case, wrong) in [
        // Without the key, only the verdict after the fix matters.
        (json!({}), ""),
        (json!({ "params": { "keep_open": true } }), "got       fail after the fix: off\n"),
        (json!({ "fix": { "class": "safe", "actions": both() } }), ""),
        (
            json!({ "fix": { "class": "safe", "actions": both() }, "facts": public }),
            "expected  safe fix\n",
        ),
        (json!({ "fix": { "class": "unsafe", "actions": both() }, "facts": public }), ""),
        (
            json!({ "fix": { "class": "unsafe", "actions": both(), "reason": "the policy is public" }, "facts": public }),
            "",
        ),
        (
            json!({ "fix": { "class": "unsafe", "actions": both(), "reason": "it is public" }, "facts": public }),
            "got       unsafe fix: the policy is public\n",
        ),
        // Parameters are compared in their normal form.
        (
            json!({ "fix": { "class": "safe", "actions": one, "after": "fail" }, "params": { "keep_open": true } }),
            "",
        ),
        (
            json!({ "fix": { "class": "safe", "actions": one }, "params": { "keep_open": true } }),
            "expected  pass after the fix\n  got       fail after the fix: off\n",
        ),
        (
            json!({ "fix": { "class": "safe", "actions": both(), "after": "fail" } }),
            "expected  fail after the fix\n  got       pass after the fix\n",
        ),
        (
            json!({ "fix": { "class": "safe", "actions": one } }),
            "got       safe fix\n            s3.bucket.block_public_access {",
        ),
        (json!({ "fix": { "class": "by_hand" }, "facts": { "name": "website" } }), ""),
        (
            json!({ "fix": { "class": "by_hand", "reason": "x" }, "facts": { "name": "website" } }),
            "expected  by hand: x\n  got       by hand: a website may need it\n",
        ),
        (json!({ "fix": { "class": "unknown" }, "unreadable": ["policy_status"] }), ""),
        (
            json!({ "fix": { "class": "safe", "actions": both() }, "unreadable": ["policy_status"] }),
            "got       unknown fix: s3:GetBucketPolicyStatus: AccessDenied\n",
        ),
        (json!({ "fix": { "class": "unknown" } }), "expected  unknown fix\n  got       safe fix\n"),
        // An error in `fix` counts without the key too.
        (
            json!({ "facts": { "name": "broken" } }),
            "got       error in `fix`: line 19:50: invalid parameters of `s3.bucket.block_public_access`: ",
        ),
    ] {
        let ran = test(&with(&case), &[]);
        assert_eq!(ran.code, i32::from(!wrong.is_empty()), "{case}\n{}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains(wrong), "{case}: `{wrong}` is missing in\n{}", ran.stdout);
    }
}

#[test]
fn a_different_fix_is_in_every_format() {
    let dir = with(&json!({ "fix": { "class": "by_hand" } }));
    let text = test(&dir, &[]).stdout;
    assert!(text.contains("  read      line 19   s3.bucket.name = "), "{text}");
    assert!(text.contains("  line 21   params.keep_open = false\n"), "{text}");
    let json: Value = serde_json::from_str(&test(&dir, &["--format", "json"]).stdout).unwrap();
    let fix = &json["rules"][0]["cases"][1]["difference"]["fix"];
    assert_eq!((&fix["expected"], &fix["got"][0]), (&json!(["by hand"]), &json!("safe fix")));
    assert_eq!(fix["reads"].as_array().map(Vec::is_empty), Some(false), "{fix}");
    let junit = test(&dir, &["--format", "junit"]).stdout;
    let report = Report::deserialize_from_str(&junit).unwrap();
    assert_eq!((report.tests, report.failures), (2, 1), "{junit}");
    assert!(junit.contains("got       safe fix"), "{junit}");
}

/// Coverage includes what `fix` reaches and reads.
#[test]
fn coverage_includes_fixes() {
    let cases = |facts: Value| {
        json!({
            "defaults": { "facts": { "policy_status": null, "public_access_block": { "block_public_acls": false,
                "ignore_public_acls": false, "block_public_policy": false, "restrict_public_buckets": false } } },
            "cases": [
                { "name": "on", "expect": "pass", "facts": { "public_access_block": { "ignore_public_acls": true, "restrict_public_buckets": true } } },
                { "name": "exempt", "expect": "skip", "params": { "exempt": true } },
                { "name": "off", "expect": "fail", "facts": facts },
            ]
        })
    };
    let ran = test(&folder(&cases(json!({}))), &["--coverage"]);
    let missed = ran.stdout.split("not covered").nth(1).unwrap();
    for (part, is_missed) in [("website", true), ("broken", true), ("safe_fix(block)", false)] {
        assert_eq!(missed.contains(part), is_missed, "{part}: {}", ran.stdout);
    }
    assert!(!ran.stdout.contains("no test case reads"), "{}", ran.stdout);
    let ran =
        test(&folder(&cases(json!({ "policy_status": { "is_public": true } }))), &["--coverage"]);
    assert!(ran.stdout.contains("safe_fix(block)"), "{}", ran.stdout);
}

#[test]
fn invalid_fixes_in_cases_are_reported_where_they_are() {
    let text = |fix: &str| {
        format!(
            "[\n{{ \"name\": \"off\", \"expect\": \"fail\", \"facts\": {{ \"public_access_block\": null, \"policy_status\": null }},\n\"fix\": {fix} }}]"
        )
    };
    let action = "{ \"action\": \"s3.bucket.block_public_access\" }";
    for (fix, parts) in [
        ("{ \"clas\": \"safe\" }", &["3:10", "unknown key `clas` in `fix`", "`class`?"][..]),
        (
            "{ \"class\": \"save\" }",
            &["3:19", "unknown class of fix `save`", "did you mean `safe`?"],
        ),
        (
            "{ \"class\": \"safe\", \"after\": \"passed\" }",
            &["3:36", "unknown verdict `passed` in `after`"],
        ),
        ("{ \"reason\": \"x\" }", &["missing key `class`"]),
        (
            "{ \"class\": \"safe\", \"actions\": [{ \"actions\": \"x\" }] }",
            &["3:41", "unknown key `actions` in an action", "`action`?"],
        ),
    ] {
        let ran = test(&folder(&Value::String(text(fix))), &[]);
        assert_eq!(ran.code, 2, "{fix}\n{}{}", ran.stdout, ran.stderr);
        for part in parts {
            assert!(ran.stderr.contains(part), "{fix}: `{part}` is missing in\n{}", ran.stderr);
        }
    }
    let of_safe =
        |more: &str| format!("{{ \"class\": \"safe\", \"actions\": [{action}], {more} }}");
    let listed = |action: &str| format!("{{ \"class\": \"safe\", \"actions\": [{action}] }}");
    for (fix, parts) in [
        ("{ \"class\": \"safe\" }".to_owned(), &["3:1", "missing `actions` in `fix`"][..]),
        (
            format!("{{ \"class\": \"by_hand\", \"actions\": [{action}] }}"),
            &["3:30", "`actions` in `fix`: a fix of class `by_hand` has no actions"],
        ),
        ("{ \"class\": \"unknown\", \"reason\": \"x\" }".to_owned(), &["3:30", "has no reason"]),
        (
            "{ \"class\": \"by_hand\", \"after\": \"fail\" }".to_owned(),
            &["3:30", "changes nothing"],
        ),
        (of_safe("\"reason\": \"x\""), &["a fix of class `safe` has no reason"]),
        (of_safe("\"after\": \"error\""), &["`after` cannot be `error`"]),
        (
            listed("{ \"action\": \"s3.bucket.block_public_acces\" }"),
            &[
                "3:41",
                "unknown action `s3.bucket.block_public_acces`\n",
                "did you mean `s3.bucket.block_public_access`?",
            ],
        ),
        (
            listed(
                "{ \"action\": \"s3.bucket.block_public_access\", \"parameters\": { \"all\": true } }",
            ),
            &["3:84", "invalid parameters of `s3.bucket.block_public_access`: unknown"],
        ),
        (
            listed(
                "{ \"action\": \"s3.bucket.set_public_access_block\", \"parameters\": { \"block_public_acls\": true, \"ignore_public_acls\": true, \"block_public_policy\": true, \"restrict_public_buckets\": true } }",
            ),
            &["only undoes other actions"],
        ),
    ] {
        let ran = test(&folder(&Value::String(text(&fix))), &[]);
        assert_eq!(ran.code, 1, "{fix}\n{}{}", ran.stdout, ran.stderr);
        for part in parts {
            assert!(ran.stdout.contains(part), "{fix}: `{part}` is missing in\n{}", ran.stdout);
        }
    }
    let other = |case: Value| folder(&json!([case]));
    let by_hand = json!({ "class": "by_hand" });
    let block = json!({ "public_access_block": null });
    for (case, part) in [
        (
            json!({ "name": "a", "expect": "pass", "facts": {}, "fix": by_hand }),
            "`fix` has no effect if the case expects `pass`",
        ),
        (
            json!({ "name": "a", "expect": "fail", "facts": block, "fix": by_hand }),
            "the test case does not set the fact `policy_status`, which `fix` needs",
        ),
        (
            json!({ "name": "a", "expect": "unknown", "facts": block, "unreadable": ["policy_status"] }),
            "`policy_status` in `unreadable` has no effect",
        ),
        (
            json!({ "name": "a", "expect": "fail", "facts": {}, "params": { "keep_opn": true } }),
            "the rule has no parameter `keep_opn`",
        ),
    ] {
        let ran = test(&other(case), &[]);
        assert!(ran.code == 1 && ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    // A case that only states a verdict need not set what only `fix` reads.
    let ran = test(&other(json!({ "name": "a", "expect": "fail", "facts": block })), &[]);
    assert!(ran.stdout.contains("1 case: 1 passed"), "{}", ran.stdout);
    let dir = folder(&json!([failing(&json!({ "fix": by_hand }))]));
    let without = RULE.replace("    fix: #{ most: \"safe\", needs: [\"policy_status\"], params: #{ keep_open: false } },\n", "");
    fs::write(dir.path().join("blocked.rhai"), without.split("\nfn fix").next().unwrap()).unwrap();
    let ran = test(&dir, &[]);
    assert!(ran.stdout.contains("the rule has no function `fix`"), "{}", ran.stdout);
}
