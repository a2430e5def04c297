//! Reports for other tools: their readers accept them, and they have the counts of the JSON report.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::hostile::peak_memory;
use crate::nights::{ACCOUNT, Account, Is, Nights, OTHER};
use crate::program::{root, run, snapshot, text};
use crate::python::python;

/// Names that readers could misunderstand.
const NAMES: [&str; 8] = [
    " ",
    "two\nlines\u{2028}\u{202e}",
    "\u{1b}[31m\u{0}",
    "</script>\"'\\",
    "=cmd()|' /C calc'!A0",
    "../..",
    "漢字 🦀",
    "{0} %s ${x} `@someone`",
];

/// Validates a report, and returns the number of its findings.
fn validated(format: &str, report: &Path) -> usize {
    let output = Command::new(python())
        .arg(root().join("tests/it/support/check_formats.py"))
        .args([format.as_ref(), report.as_os_str()])
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// All findings of a JSON report.
fn findings(report: &Value) -> Vec<&Value> {
    let accounts = report["accounts"].as_array().unwrap();
    accounts.iter().flat_map(|account| account["findings"].as_array().unwrap()).collect()
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The reports of a snapshot in a format and in JSON.
fn evaluated(dir: &Path, snapshot: &str, format: &str, more: &[&str]) -> (PathBuf, Value) {
    let (path, json) = (dir.join("report"), dir.join("report.json"));
    let (to, to_json) = (format!("{format}={}", text(&path)), format!("json={}", text(&json)));
    let args = ["evaluate", "--snapshot", snapshot, "--output", &to, "--output", &to_json];
    let ran = run(&[&args[..], more].concat());
    assert!(matches!(ran.code, 0 | 1 | 3), "{}", ran.stderr);
    (path, read(&json))
}

/// A snapshot of resources with names that readers could misunderstand.
fn hostile(dir: &Path) -> PathBuf {
    let long = "x".repeat(20_000);
    let names: Vec<&str> = NAMES.iter().copied().chain([long.as_str()]).collect();
    let resources: Vec<_> = names
        .iter()
        .map(|name| {
            let bucket = json!({ "name": name, "versioning": {}, "tags": { "Name": name } });
            ("s3.bucket", *name, "eu-west-1", bucket)
        })
        .collect();
    snapshot(dir, ACCOUNT, &resources)
}

#[test]
fn ocsf_reports_are_valid_and_have_every_finding() {
    let dir = tempfile::tempdir().unwrap();
    let acme = ["--rule-profile", "all", "--baseline", "none"];
    let (path, json) = evaluated(dir.path(), "fixtures/acme", "ocsf", &acme);
    assert_eq!(validated("ocsf", &path), findings(&json).len());
    let folder = hostile(dir.path());
    let (path, json) = evaluated(dir.path(), text(&folder), "ocsf", &["--rule-profile", "all"]);
    assert!(findings(&json).len() > NAMES.len());
    assert_eq!(validated("ocsf", &path), findings(&json).len());

    let nights = Nights::new();
    let (path, night) = two_nights(&nights, "ocsf");
    let events = fs::read_to_string(&path).unwrap();
    let events: Vec<Value> =
        events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // Beside the findings: one that no longer exists, and one of an account that was not entered.
    assert_eq!(validated("ocsf", &path), findings(&night).len() + 2);
    let of = |name: &str| {
        let mut found = events.iter().filter(|event| event["resources"][0]["name"] == name);
        let event = found.next().unwrap_or_else(|| panic!("{name}"));
        ["activity_id", "status_id"]
            .map(|key| event[key].as_u64().unwrap())
            .into_iter()
            .chain([event["compliance"]["status_id"].as_u64().unwrap()])
            .collect::<Vec<_>>()
    };
    assert_eq!(of("stays"), [2, 1, 3]);
    assert_eq!(of("new"), [1, 1, 3]);
    assert_eq!(of("fixed"), [3, 4, 1]);
    assert_eq!(of("gone"), [3, 4, 99]);
    assert_eq!(of("unknown"), [2, 1, 2]);
}

#[test]
fn asff_reports_are_valid_and_archive_only_what_was_checked() {
    let dir = tempfile::tempdir().unwrap();
    let failed =
        |json: &Value| findings(json).iter().filter(|finding| finding["verdict"] == "fail").count();
    let acme = ["--rule-profile", "all"];
    let (path, json) = evaluated(dir.path(), "fixtures/acme", "asff", &acme);
    assert_eq!(validated("asff", &path), failed(&json));
    let folder = hostile(dir.path());
    let (path, json) = evaluated(dir.path(), text(&folder), "asff", &["--rule-profile", "all"]);
    assert!(failed(&json) > NAMES.len());
    assert_eq!(validated("asff", &path), failed(&json));

    let nights = Nights::new();
    let (path, night) = two_nights(&nights, "asff");
    let batches = fs::read_to_string(&path).unwrap();
    let batches: Vec<Value> =
        batches.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(batches.len(), 2, "one for each account");
    assert_eq!(validated("asff", &path), failed(&night) + 3 + 1);
    let all: Vec<&Value> = batches.iter().flat_map(|batch| batch.as_array().unwrap()).collect();
    let of = |name: &str| {
        let id = format!("arn:aws:s3:::{name}");
        let finding = all.iter().find(|finding| finding["Resources"][0]["Id"] == id);
        let finding = finding.unwrap_or_else(|| panic!("{name}"));
        [&finding["Compliance"]["Status"], &finding["RecordState"]]
            .map(|value| value.as_str().unwrap().to_owned())
    };
    assert_eq!(of("stays"), ["FAILED", "ACTIVE"]);
    assert_eq!(of("new"), ["FAILED", "ACTIVE"]);
    assert_eq!(of("fixed"), ["PASSED", "ARCHIVED"]);
    assert_eq!(of("gone"), ["NOT_AVAILABLE", "ARCHIVED"]);
    assert_eq!(of("unknown"), ["WARNING", "ACTIVE"]);
    // Its account could not be entered again.
    assert_eq!(of("denied"), ["WARNING", "ACTIVE"]);
}

/// Two nights with every change; the report of the second one in a format, and in JSON.
fn two_nights(nights: &Nights, format: &str) -> (PathBuf, Value) {
    use Is::{Failing, Passing, Unknown};
    let first = [
        ("stays", Failing),
        ("new", Passing),
        ("fixed", Failing),
        ("gone", Failing),
        ("unknown", Failing),
    ];
    let second = [("stays", Failing), ("new", Failing), ("fixed", Passing), ("unknown", Unknown)];
    let other = Account::of(&[("denied", Failing)]);
    let night = [(ACCOUNT, Account::of(&first)), (OTHER, other)];
    nights.night(1, &night, &["--baseline", "none"]);
    let path = nights.path("report");
    let to = format!("{format}={}", text(&path));
    let before = nights.report(1);
    let night = [(ACCOUNT, Account::of(&second)), (OTHER, Account::denied())];
    let night = nights.night(2, &night, &["--baseline", text(&before), "--output", &to]);
    (path, night.report)
}

#[test]
fn unknown_formats_are_refused_with_a_suggestion() {
    for (written, meant) in [
        ("ocfs", "did you mean `ocsf`?"),
        ("asf", "did you mean `asff`?"),
        ("markdowns", "did you mean `markdown`?"),
        ("sarif_full", "did you mean `sarif-full`?"),
        ("report.asff", "use `asff=report.asff`"),
    ] {
        let args = ["evaluate", "--snapshot", "fixtures/acme", "--output", written];
        let ran = run(&args);
        assert_eq!(ran.code, 2, "{written}");
        assert!(ran.stderr.contains(meant), "{written}: {}", ran.stderr);
    }
    let config = tempfile::tempdir().unwrap();
    let path = config.path().join("rolecall.toml");
    fs::write(&path, "[[output]]\nformat = \"ocfs\"\n").unwrap();
    let args = ["evaluate", "--snapshot", "fixtures/acme", "--config", text(&path)];
    let ran = run(&args);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("`ocsf`"), "{}", ran.stderr);
}

/// A snapshot of many accounts with 1,000 buckets each, of which every one fails.
fn many(dir: &Path, accounts: usize) {
    let demand = json!({ "s3.bucket": ["versioning"] });
    let id = |number: usize| format!("{:012}", 100_000_000_000_usize + number);
    let targets: Vec<Value> =
        (0..accounts).map(|number| json!({ "account": id(number) })).collect();
    let manifest = json!({ "format": 1, "tool": "test", "targets": targets, "demand": demand });
    fs::write(dir.join("snapshot.json"), manifest.to_string()).unwrap();
    for number in 0..accounts {
        let mut lines = vec![
            json!({
                "type": "header", "account": id(number), "collected_at": "2026-06-01T00:00:00Z",
                "entered": true, "regions": ["eu-west-1"], "demand": demand,
            }),
            json!({ "type": "listed", "kind": "s3.bucket", "region": "global", "facts": ["versioning"], "count": 1_000 }),
        ];
        lines.extend((0..1_000).map(|bucket| {
            let name = format!("b-{number}-{bucket}");
            json!({
                "type": "resource", "kind": "s3.bucket", "id": name, "region": "eu-west-1",
                "arn": format!("arn:aws:s3:::{name}"),
                "facts": { "name": name, "versioning": { "status": "Suspended" } },
            })
        }));
        lines.push(json!({ "type": "end", "resources": 1_000, "gaps": 0 }));
        let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(dir.join(format!("{}.jsonl", id(number))), lines).unwrap();
    }
}

/// 40,000 findings in every format need no more memory than 5,000: less than 256 bytes for each.
#[cfg(unix)]
#[test]
fn memory_does_not_grow_with_the_number_of_findings() {
    const FORMATS: [&str; 12] = [
        "text",
        "json",
        "sarif",
        "sarif-full",
        "html",
        "markdown",
        "junit",
        "csv",
        "gitlab",
        "github",
        "ocsf",
        "asff",
    ];
    let measure = |accounts: usize| {
        let dir = tempfile::tempdir().unwrap();
        many(dir.path(), accounts);
        let out = tempfile::tempdir().unwrap();
        let outputs: Vec<String> = FORMATS
            .iter()
            .map(|format| format!("{format}={}", text(&out.path().join(format))))
            .collect();
        let mut args = vec!["evaluate", "--snapshot", text(dir.path()), "--baseline", "none"];
        args.extend(["--rule", "s3-bucket-versioning", "--sarif-category", "many"]);
        for output in &outputs {
            args.extend(["--output", output]);
        }
        let peak = peak_memory(&args);
        for format in FORMATS.iter().filter(|format| **format != "sarif") {
            let length = fs::metadata(out.path().join(format)).unwrap().len();
            // Markdown has a maximum length, and annotations have a maximum number.
            let expected = match *format {
                "markdown" => 20_000,
                "github" => 50,
                _ => accounts as u64 * 50_000,
            };
            assert!(length > expected, "{format}: {length}");
        }
        peak
    };
    let (few, many) = (measure(5), measure(40));
    assert!(
        many < few + 35_000 * 256 / 1024,
        "{few} KiB for 5,000 findings, {many} KiB for 40,000"
    );
}
