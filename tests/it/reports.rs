//! Public bug reports of other scanners, replayed: each entry of `tests/reports/*.json` names a
//! report, says what went wrong, and has a test case for the built-in rule that answers the same
//! question. `expected` is the right verdict; `got` is that of the version with which the entry was
//! first replayed, and shows where rolecall was wrong itself. Where no scanner got a question wrong in
//! public, the report is about the meaning of the fields, in a provider or a module.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::program::{root, run, text};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Replayed {
    /// `owner/repository#number`.
    report: String,
    what: String,
    rule: String,
    expected: String,
    got: String,
    case: Value,
}

/// The number of different reports that each group has at least.
const REPORTS: usize = 10;
/// The scripts for whose question no report of another scanner is known.
const WITHOUT_REPORT: [&str; 0] = [];
const VERDICTS: [&str; 5] = ["pass", "fail", "skip", "unknown", "error"];

fn group(path: &Path) -> Vec<Replayed> {
    let entries: Vec<Replayed> = serde_json::from_str(&fs::read_to_string(path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    for entry in &entries {
        let report = &entry.report;
        let number = report.split_once('#').and_then(|(name, number)| {
            assert_eq!(name.matches('/').count(), 1, "{report}");
            number.parse::<u32>().ok()
        });
        assert!(number.is_some(), "{report}");
        assert!(entry.what.ends_with('.'), "{report}: {}", entry.what);
        assert!(VERDICTS.contains(&entry.got.as_str()), "{report}: {}", entry.got);
        assert_eq!(entry.case["expect"], entry.expected, "{report}");
    }
    entries
}

/// The file of a built-in rule.
fn built_in(rule: &str) -> String {
    let services = fs::read_dir(root().join("rules")).unwrap();
    let mut files = services.map(|entry| entry.unwrap().path().join(format!("{rule}.rhai")));
    let file = files.find(|file| file.is_file()).unwrap_or_else(|| panic!("no rule `{rule}`"));
    fs::read_to_string(file).unwrap()
}

#[test]
fn reported_defects_of_other_scanners_get_the_right_verdicts() {
    let mut groups: Vec<_> = fs::read_dir(root().join("tests/reports"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    groups.sort();
    assert_eq!(groups.len(), 10, "{groups:?}");
    let mut replayed = BTreeSet::new();
    for path in groups {
        let entries = group(&path);
        let reports: BTreeSet<&str> = entries.iter().map(|entry| entry.report.as_str()).collect();
        assert!(reports.len() >= REPORTS, "{}: {} reports", path.display(), reports.len());
        let mut rules: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for entry in &entries {
            rules.entry(&entry.rule).or_default().push(&entry.case);
        }
        let pack = tempfile::tempdir().unwrap();
        for (rule, cases) in &rules {
            let file = |extension: &str| pack.path().join(format!("{rule}.{extension}"));
            fs::write(file("rhai"), built_in(rule)).unwrap();
            fs::write(file("cases.json"), serde_json::to_string(cases).unwrap()).unwrap();
        }
        let ran = run(&["test", text(pack.path())]);
        let summary = format!("{} rules, {1} cases: {1} passed", rules.len(), entries.len());
        assert_eq!(ran.code, 0, "{}: {}{}", path.display(), ran.stdout, ran.stderr);
        assert!(ran.stdout.contains(&summary), "{}: {}", path.display(), ran.stdout);
        replayed.extend(entries.into_iter().map(|entry| entry.rule));
    }
    let without: Vec<String> =
        scripts().into_iter().filter(|rule| !replayed.contains(rule)).collect();
    assert_eq!(without, WITHOUT_REPORT, "rules without a report");
}

/// The names of the built-in scripts, without the rules on tags, which are generated.
fn scripts() -> BTreeSet<String> {
    let folders = ["account", "ec2", "s3"].map(|folder| root().join("rules").join(folder));
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let files = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    files.filter_map(|file| Some(file.strip_suffix(".rhai")?.to_owned())).collect()
}

/// Rules cannot share code, so the two rules on volumes of launches have copies of it.
#[test]
fn rules_on_encrypted_volumes_agree() {
    let shared = |rule: &str| {
        let script = built_in(rule);
        let start = script.find("// The reason why the volume of a mapping").unwrap();
        // The reasons for fixing by hand differ.
        script[start..].split("\nfn fix").next().unwrap().trim_end().to_owned()
    };
    let template = shared("ec2-launch-template-ebs-encrypted");
    assert!(template.contains("fn unencrypted_ami_reason"));
    assert_eq!(template, shared("ec2-spot-fleet-ebs-encrypted"));
}
