//! `rolecall diff` and `rolecall history`: formats, bad input, and findings over many nights.

use std::fs;

use serde_json::{Value, json};

use crate::nights::{ACCOUNT, Account, Is, Nights, OTHER};
use crate::program::{root, run, text};

pub fn validate(schema: &str, value: &Value) {
    let schema = fs::read_to_string(root().join("src/output").join(schema)).unwrap();
    let mut schema: Value = serde_json::from_str(&schema).unwrap();
    forbid_unlisted_fields(&mut schema);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// Readers tolerate new fields, but every field that is written must be in the schema.
fn forbid_unlisted_fields(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.contains_key("properties") {
                object.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            object.values_mut().for_each(forbid_unlisted_fields);
        }
        Value::Array(items) => items.iter_mut().for_each(forbid_unlisted_fields),
        _ => {}
    }
}

fn bucket(is: Is) -> Account {
    Account::of(&[("logs", is)])
}

/// Two nights with every kind of change.
fn two_nights() -> Nights {
    let nights = Nights::new();
    let mut first = Account::of(&[("fixed", Is::Failing), ("hidden", Is::Failing)]);
    first.buckets.insert("same", ("eu-west-1", Is::Failing));
    first.buckets.insert("gap", ("eu-west-1", Is::Unknown));
    nights.night(1, &[(ACCOUNT, first)], &["--baseline", "none"]);
    let mut second = Account::of(&[("fixed", Is::Passing), ("hidden", Is::Unknown)]);
    second.buckets.insert("same", ("eu-west-1", Is::Failing));
    second.buckets.insert("gap", ("us-east-1", Is::Passing));
    second.buckets.insert("a`|<b>[x](y)@z", ("us-east-1", Is::Failing));
    second.unlisted = vec![("ec2.security_group", "us-east-1")];
    nights.after(1, 2, &[(ACCOUNT, second), (OTHER, Account::denied())]);
    nights
}

#[test]
fn a_diff_has_the_same_content_in_each_format() {
    let nights = two_nights();
    let (code, diff) = nights.diff(1, 2);
    assert_eq!(code, 3);
    validate("diff/v1.schema.json", &diff);
    assert_eq!(diff["incomplete_accounts"], json!([ACCOUNT, OTHER]));
    let calls = |list: &str| {
        let gaps = diff[list].as_array().unwrap().iter();
        gaps.map(|gap| gap["call"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // The call failed for another bucket of the region before.
    assert_eq!(calls("new_gaps"), ["ec2:DescribeSecurityGroups", "sts:AssumeRole"]);
    assert_eq!(calls("closed_gaps"), Vec::<String>::new());
    let back = nights.diff(2, 1);
    assert_eq!(back.0, 3);
    assert_eq!(back.1["closed_gaps"][0]["call"], "ec2:DescribeSecurityGroups");

    let [old, new] = [nights.report(1), nights.report(2)];
    let as_format = |format| run(&["diff", text(&old), text(&new), "--format", format]);
    let readable = as_format("text");
    assert_eq!(readable.code, 3);
    for part in [
        "New failures (1)\n  high      bucket-versioned\n",
        "a`|<b>[x](y)@z · us-east-1 · acme-1111 (111122223333) · the resource is not in OLD\n              versioning is off",
        "Fixed (1)",
        "fixed · eu-west-1 · acme-1111 (111122223333) · passes",
        "Unknown now (1)",
        "hidden · eu-west-1 · acme-1111 (111122223333) · could not be checked",
        "444455556666 · global · sts:AssumeRole · AccessDenied",
        "Added accounts (1)\n  acme-4444 (444455556666)",
        "1 new, 1 unchanged, 1 fixed, 1 unknown now; 2 new gaps, 0 closed",
        "Incomplete: 2 accounts in NEW could not be read completely, and 1 finding from OLD could not be",
        "1 new failure at or above high (exit code 3).",
    ] {
        assert!(readable.stdout.contains(part), "missing {part:?} in\n{}", readable.stdout);
    }
    let markdown = as_format("markdown");
    assert_eq!(markdown.code, 3);
    for part in [
        "## New failures (1)",
        "| high | `bucket-versioned` | `acme-1111` `111122223333` | us-east-1 | ``a`\\|<b>[x](y)@z`` | the resource is not in OLD: `versioning is off` |",
        "## Fixed (1)",
        "| passes: `versioning is off` |",
        "- `acme-4444` `444455556666`",
    ] {
        assert!(markdown.stdout.contains(part), "missing {part:?} in\n{}", markdown.stdout);
    }
    let reversed = run(&["diff", text(&new), text(&old)]);
    assert!(reversed.stderr.contains("note: NEW was collected before OLD"), "{}", reversed.stderr);
}

#[test]
fn accepted_gaps_do_not_count_but_are_shown() {
    let nights = Nights::new();
    nights.night(1, &[(ACCOUNT, bucket(Is::Failing))], &["--baseline", "none"]);
    nights.night(2, &[(ACCOUNT, bucket(Is::Unknown))], &[]);
    let path = nights.report(2);
    let mut report: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let account = &mut report["accounts"][0];
    account["complete"] = json!(true);
    account["gaps"][0]["accepted"] = json!("known");
    account["findings"][0]["accepted"] = json!("known");
    fs::write(&path, report.to_string()).unwrap();
    let (code, diff) = nights.diff(1, 2);
    assert_eq!((code, diff["unknown_now"].as_array().unwrap().len()), (0, 1));
    assert_eq!(diff["new_gaps"][0]["accepted"], true);
    let old = nights.report(1);
    let ran = run(&["diff", text(&old), text(&path)]);
    assert!(ran.stdout.contains("1 finding from OLD could not be checked; 0 new failures"));
}

#[test]
fn a_waived_failure_is_new_but_does_not_count() {
    let nights = Nights::new();
    nights.night(1, &[(ACCOUNT, bucket(Is::Passing))], &["--baseline", "none"]);
    nights.after(1, 2, &[(ACCOUNT, bucket(Is::Failing))]);
    let path = nights.report(2);
    let mut report: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    report["accounts"][0]["findings"][0]["waived"] = json!({ "reason": "known", "owner": "me" });
    fs::write(&path, report.to_string()).unwrap();
    let (code, diff) = nights.diff(1, 2);
    assert_eq!((code, &diff["new_failures"][0]["waived"]), (0, &json!(true)));
    // It failed then, so it is not new; it has no alert, so none is carried.
    let night = nights.after(2, 3, &[(ACCOUNT, bucket(Is::Unknown))]);
    assert_eq!(night.listed("unknown_now"), ["logs"]);
    assert_eq!(night.report["accounts"][0]["carried"], json!([]));
}

#[test]
fn files_that_are_not_reports_cannot_be_compared() {
    let nights = two_nights();
    let good = nights.report(1);
    let bad = nights.path("bad.json");
    let original = fs::read_to_string(&good).unwrap();
    let sorted: Value = serde_json::from_str(&original).unwrap();
    let twice = {
        let mut report = sorted.clone();
        let account = report["accounts"][0].clone();
        report["accounts"].as_array_mut().unwrap().push(account);
        report.to_string()
    };
    for (content, says) in [
        (String::new(), "it is empty: use a report written with `--output json=FILE`"),
        (" ".to_owned(), "it is not a rolecall JSON report, or it was truncated"),
        ("hello".to_owned(), "it is not a rolecall JSON report"),
        ("[]".to_owned(), "it is not a valid rolecall JSON report (expected a report"),
        ("{}".to_owned(), "missing key `version`"),
        (original[..original.len() / 2].to_owned(), "or it was truncated"),
        (format!("{original}x"), "it is not a rolecall JSON report"),
        (
            r#"{"tool":{"name":"rolecall"},"accounts":{},"version":"2"}"#.to_owned(),
            "it has version 2, but this version of rolecall reads only version 1",
        ),
        (original.replacen("\"version\": \"1\"", "\"version\": \"9\"", 1), "it has version 9"),
        (original.replace("bucket-versioned\",\"old", "x\",\"old"), "but does not list this rule"),
        (twice, "appears twice"),
        (original.replacen("{\n", "{\"accounts\":[],", 1), "duplicate field `accounts`"),
        ("{\"version\":".repeat(100_000), "it is not a"),
    ] {
        fs::write(&bad, content).unwrap();
        for args in [["diff", text(&good), text(&bad)], ["diff", text(&bad), text(&good)]] {
            let ran = run(&args);
            assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{says}");
            assert!(ran.stderr.contains(says), "{says}: {}", ran.stderr);
            assert!(ran.stderr.contains("bad.json"), "{}", ran.stderr);
        }
    }
    let same = nights.path("reports/../reports/01.json");
    let ran = run(&["diff", text(&good), text(&same)]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("are the same file: pass two different reports"));
    let ran = run(&["diff", text(&good), text(&nights.path("missing.json"))]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("cannot read report `"), "{}", ran.stderr);
    // The order of keys does not matter, as after `jq --sort-keys`.
    let mut keys: Vec<(String, Value)> = sorted.as_object().unwrap().clone().into_iter().collect();
    keys.sort_by(|a, b| a.0.cmp(&b.0));
    let sorted: serde_json::Map<String, Value> = keys.into_iter().collect();
    fs::write(&bad, Value::Object(sorted).to_string()).unwrap();
    let ran = run(&["diff", text(&bad), text(&good)]);
    assert_eq!(ran.code, 3, "its account has a gap: {}", ran.stderr);
    assert!(ran.stdout.contains("0 new, 3 unchanged, 0 fixed, 0 unknown now"), "{}", ran.stdout);
}

/// Days; what the account looks like on each; the expected row of the report.
#[test]
fn unknown_nights_close_nothing_and_time_to_fix_counts_from_the_first_failure() {
    let nights = Nights::new();
    let two = |a, b| Account::of(&[("a", a), ("b", b)]);
    use Is::{Failing, Passing, Unknown};
    for (day, account) in [
        (1, two(Failing, Passing)),
        (2, two(Failing, Failing)),
        (3, two(Unknown, Unknown)),
        (4, Account::denied()),
        (5, Account { unlisted: vec![("s3.bucket", "global")], ..Account::default() }),
        (6, two(Failing, Failing)),
        (8, two(Failing, Passing)),
        (9, two(Passing, Failing)),
        (10, Account { unlisted: vec![("s3.bucket", "global")], ..Account::default() }),
    ] {
        // Without baselines: the history does not depend on them.
        nights.night(day, &[(ACCOUNT, account)], &[]);
    }
    let (code, history) = nights.history();
    assert_eq!(code, 0);
    validate("history/v1.schema.json", &history);
    let rows: Vec<_> = history["reports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            ["new", "fixed", "unknown_now", "failures", "open"]
                .map(|key| row[key].as_u64().unwrap())
        })
        .collect();
    #[rustfmt::skip]
    assert_eq!(rows, [
        [0, 0, 0, 1, 1],
        [1, 0, 0, 2, 2],
        [0, 0, 2, 0, 2],
        [0, 0, 2, 0, 2],
        [0, 0, 2, 0, 2],
        [0, 0, 0, 2, 2],
        [0, 1, 0, 1, 1],
        [1, 1, 0, 1, 1],
        [0, 0, 1, 0, 1],
    ]);
    // `b` was fixed after 6 days, `a` after at least 8.
    let trend = json!({
        "at_start": 1, "new": 2, "fixed": 2, "open": 1, "unknown_now": 1,
        "mean_seconds_to_fix": 7 * 86_400, "at_least": true,
    });
    assert_eq!(history["total"], trend);
    assert_eq!(history["rules"][0]["fixed"], 2);
    assert_eq!(history["rules"][0]["rule"], "bucket-versioned");
    assert_eq!(history["rules"][1]["open"], 0);
    let account = &history["accounts"][0];
    assert_eq!((&account["account"], &account["name"]), (&json!(ACCOUNT), &json!("acme-1111")));
    assert_eq!(account["collected_at"], "2026-06-10T02:00:00Z");
    let ran = run(&["history", text(&nights.path("reports"))]);
    assert_eq!(ran.code, 0);
    for part in [
        "2026-06-08T02:00:00Z  08.json     1        1       0        0    0      1\n",
        "acme-1111 (111122223333)     1        1         1    2      2           ≥ 7.0 d\n",
        "bucket-versioned             1        1         1    2      2           ≥ 7.0 d\n",
    ] {
        let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(squeeze(&ran.stdout).contains(&squeeze(part)), "{part}\n{}", ran.stdout);
    }
    // A new finding of a rule that was checked before has an exact age.
    for day in [1, 9, 10] {
        fs::remove_file(nights.report(day)).unwrap();
    }
    let (_, history) = nights.history();
    assert_eq!(history["total"]["at_start"], 2);
    assert_eq!(history["total"]["mean_seconds_to_fix"], 6 * 86_400);
}

#[test]
fn renamed_rules_moved_resources_and_other_jobs_do_not_change_the_history() {
    let nights = Nights::new();
    let at = |region, is| {
        let mut account = Account::default();
        account.buckets.insert("logs", (region, is));
        account.groups.insert(("sg-1", "eu-west-1"), Is::Failing);
        account
    };
    nights.night(1, &[(ACCOUNT, at("eu-west-1", Is::Failing))], &[]);
    nights.remove_rule("bucket-versioned");
    nights.bucket_rule("bucket-keeps-versions", ", aliases: [\"bucket-versioned\"]");
    nights.night(2, &[(ACCOUNT, at("us-east-1", Is::Failing))], &[]);
    // A job for another account and another rule: it checks nothing of the first one.
    nights.remove_rule("group-default");
    nights.night(3, &[(OTHER, at("eu-west-1", Is::Passing))], &[]);
    nights.night(4, &[(ACCOUNT, at("us-east-1", Is::Unknown))], &[]);
    nights.night(5, &[(ACCOUNT, at("us-east-1", Is::Passing))], &[]);
    let (code, history) = nights.history();
    assert_eq!(code, 0);
    let numbers = |of: &Value| ["at_start", "new", "fixed", "open"].map(|key| of[key].clone());
    assert_eq!(numbers(&history["total"]), [2, 0, 1, 1].map(|n| json!(n)));
    let rules = history["rules"].as_array().unwrap();
    assert_eq!((rules.len(), &rules[0]["rule"]), (2, &json!("bucket-keeps-versions")));
    assert_eq!(numbers(&rules[0]), [1, 0, 1, 0].map(|n| json!(n)));
    assert_eq!(rules[0]["mean_seconds_to_fix"], 4 * 86_400);
}

#[test]
fn findings_are_counted_for_each_framework() {
    let nights = Nights::new();
    for (day, is) in [(1, Is::Failing), (2, Is::Passing)] {
        nights.night(day, &[(ACCOUNT, bucket(is))], &[]);
        let path = nights.report(day);
        let mut report: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        report["rules"][0]["tags"] = json!(["s3", "cis-aws-7.0/2.1", "cis-aws-7.0/2.2", "own/1"]);
        fs::write(&path, report.to_string()).unwrap();
    }
    let (_, history) = nights.history();
    let frameworks = history["frameworks"].as_array().unwrap();
    let found: Vec<_> = frameworks.iter().map(|f| (&f["framework"], &f["fixed"])).collect();
    assert_eq!(found, [(&json!("cis-aws-7.0"), &json!(1)), (&json!("own"), &json!(1))]);
}

#[test]
fn files_that_are_not_used_are_named() {
    let nights = Nights::new();
    let reports = nights.path("reports");
    let history = || run(&["history", text(&reports)]);
    let ran = history();
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("contains no usable reports; use a folder with JSON reports"));
    fs::write(reports.join("broken.json"), "{").unwrap();
    let ran = history();
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("(broken.json: it is not a rolecall JSON report, or it was"));
    let missing = run(&["history", text(&nights.path("missing"))]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("cannot read folder"), "{}", missing.stderr);
    fs::remove_file(reports.join("broken.json")).unwrap();

    nights.night(1, &[(ACCOUNT, bucket(Is::Failing))], &[]);
    fs::copy(nights.report(1), reports.join("copy.json")).unwrap();
    fs::write(reports.join(".hidden"), "").unwrap();
    let ran = history();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.stderr, "note: copy.json was skipped: it is a copy of 01.json\n");
    assert_eq!(run(&["-q", "history", text(&reports)]).stderr, "");

    nights.night(2, &[(ACCOUNT, bucket(Is::Failing))], &["--rule", "bucket-*"]);
    let original = fs::read_to_string(nights.report(1)).unwrap();
    let write = |name: &str, content: &str| fs::write(reports.join(name), content).unwrap();
    write("broken.json", &original[..original.len() - 20]);
    write("foreign.json", r#"{"$schema":"https://json.schemastore.org/sarif-2.1.0.json"}"#);
    write("later.json", &original.replacen("\"version\": \"1\"", "\"version\": \"2\"", 1));
    write("time.json", &original.replace("2026-06-01T02:00:00Z", "yesterday"));
    write("notes.txt", "");
    fs::create_dir(reports.join("more")).unwrap();
    let ran = history();
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let mut expected = vec![
        ("02.json", "it comes from a filtered run (--rule bucket-*)"),
        ("broken.json", "it is not a rolecall JSON report, or it was truncated"),
        ("copy.json", "it is a copy of 01.json"),
        ("foreign.json", "it is not a valid rolecall JSON report (missing key `version`)"),
        ("later.json", "it has version 2, but this version of rolecall reads only version 1"),
        ("more", "it is a folder; only files directly in DIR are read"),
        ("notes.txt", "its name does not end with `.json`"),
        ("time.json", "its collection time is not valid"),
    ];
    for line in ran.stderr.lines() {
        let (file, reason) = expected.remove(0);
        assert!(line.contains(&format!("{file} was skipped: {reason}")), "{line}");
    }
    assert!(expected.is_empty(), "{expected:?}");
    let (code, json) = nights.history();
    assert_eq!((code, &json["incomplete"]), (3, &json!(true)));
    validate("history/v1.schema.json", &json);
    assert_eq!(json["skipped"].as_array().unwrap().len(), 8);
}
