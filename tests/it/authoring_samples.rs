//! Mistakes of rule authors, replayed: rules that take the identity of a built-in one, broken
//! frameworks, accepted gaps, linked folders, and rules on more resources than fit into a list.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::program::{rolecall, root, run, text};

fn sample(name: &str) -> PathBuf {
    root().join("tests/cases/authoring").join(name)
}

fn evaluate(folder: &Path, more: &[&str]) -> crate::program::Ran {
    let mut args = vec!["evaluate", "--snapshot", "fixtures/acme", "--rules", text(folder)];
    args.extend(more);
    run(&args)
}

/// `lint`, `test` and a run refuse the same.
#[test]
fn rules_and_frameworks_that_a_run_refuses_are_refused_everywhere() {
    for (name, file, expected) in [
        ("alias-of-built-in", "vol.rhai:", "`s3-bucket-versioning`"),
        ("replaced-by-another-kind", "vpc-flow-logs.rhai:", "`ec2.vpc`"),
        ("framework-broken", "frameworks/acme.toml:10:", "`hgh`"),
    ] {
        let folder = sample(name);
        let lint = run(&["lint", text(&folder)]);
        assert_eq!(lint.code, 1, "{name}: {}", lint.stdout);
        assert!(lint.stdout.contains(file) && lint.stdout.contains(expected), "{}", lint.stdout);
        for ran in [run(&["test", text(&folder)]), evaluate(&folder, &[])] {
            let out = format!("{}{}", ran.stdout, ran.stderr);
            assert_ne!(ran.code, 0, "{name}: {out}");
            assert!(out.contains(file) && out.contains(expected), "{name}: {out}");
        }
    }
}

/// What the snapshot does not have is not covered by an accepted gap.
#[test]
fn accepted_gaps_do_not_cover_what_was_not_collected() {
    let folder = sample("accepted");
    let config = folder.join("accepted.toml");
    let more = ["--config", text(&config), "--rule", "s3-bucket-open-cors"];
    let ran = evaluate(&folder, &more);
    assert_eq!(ran.code, 3, "{}", ran.stdout);
    assert!(!ran.stdout.contains("Clean"), "{}", ran.stdout);
    assert!(ran.stdout.contains("s3:GetBucketCors"), "{}", ran.stdout);
}

#[test]
fn accounts_of_accepted_gaps_can_be_names() {
    let config = sample("accepted/accepted-by-name.toml");
    let args = ["evaluate", "--snapshot", "fixtures/acme", "--config", text(&config)];
    let more = ["--account", "acme-prod", "--rule-profile", "all", "-o", "json"];
    let ran = run(&[&args[..], &more].concat());
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let gaps = report["accounts"][0]["gaps"].as_array().unwrap();
    assert!(gaps.len() == 2 && gaps.iter().all(|gap| gap["accepted"] == "x"), "{gaps:?}");
}

/// More volumes than a list may have.
fn many(dir: &Path) -> PathBuf {
    const VOLUMES: usize = 12_000;
    let account = "111122223333";
    let demand = json!({ "ec2.settings": [], "ec2.volume": [] });
    let manifest = json!({ "format": 1, "tool": "test", "targets": [{ "account": account }], "demand": demand });
    fs::write(dir.join("snapshot.json"), manifest.to_string()).unwrap();
    let listed = |kind: &str, count: usize| json!({ "type": "listed", "kind": kind, "region": "eu-west-1", "facts": [], "count": count });
    let resource = |kind: &str, id: &str, facts: Value| json!({ "type": "resource", "kind": kind, "id": id, "region": "eu-west-1", "facts": facts });
    let mut lines = vec![
        json!({ "type": "header", "account": account, "collected_at": "2026-06-01T00:00:00Z", "entered": true, "regions": ["eu-west-1"], "demand": demand }),
        listed("ec2.settings", 1),
        resource("ec2.settings", "eu-west-1", json!({ "region_name": "eu-west-1" })),
        listed("ec2.volume", VOLUMES),
    ];
    lines.extend((0..VOLUMES).map(|number| {
        let id = format!("vol-{number}");
        let facts = json!({ "volume_id": id, "encrypted": number % 2 == 0 });
        resource("ec2.volume", &id, facts)
    }));
    lines.push(json!({ "type": "end", "resources": VOLUMES + 1, "gaps": 0 }));
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    fs::write(dir.join(format!("{account}.jsonl")), lines.join("\n") + "\n").unwrap();
    dir.to_owned()
}

#[test]
fn rules_on_many_resources_have_verdicts() {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = many(dir.path());
    let folder = sample("many");
    // The same from a rule on the account, which counts and groups them.
    let own = dir.path().join("own-account.rhai");
    fs::write(
        &own,
        "//! x\nconst RULE = #{ title: \"T\", resource: \"account\", needs: [\"ec2.volume\"], severity: \"high\" };\n\
         fn check(account, params) {\n    let all = related_in(\"*\", \"ec2.volume\").count_by(|volume| volume.encrypted);\n    \
         fail(`${all.map(|one| one.count)} of ${related(\"ec2.volume\").group_by(\"encrypted\").len()}`)\n}\n",
    )
    .unwrap();
    let mut args = vec!["evaluate", "--snapshot", text(&snapshot), "--rules", text(&folder)];
    args.extend(["--rule", text(&own), "--rule", "many-vols", "--rule", "plain-vols"]);
    args.extend(["--fail-on", "none", "-o", "json"]);
    let ran = run(&args);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let findings = report["accounts"][0]["findings"].as_array().unwrap().iter();
    let mut found: Vec<String> = findings
        .map(|one| format!("{} {} {}", one["rule"], one["verdict"], one["message"]))
        .collect();
    found.sort();
    let expected = [
        r#""many-vols" "fail" "12000 volumes""#,
        r#""own-account" "fail" "[6000, 6000] of 2""#,
        r#""plain-vols" "fail" "6000 plain volumes in the region""#,
    ];
    assert_eq!(found, expected);
}

/// As Kubernetes mounts a ConfigMap: every file is a link through `..data` to a folder.
#[cfg(unix)]
#[test]
fn linked_rules_of_a_mounted_folder_are_read_and_others_are_refused() {
    use std::os::unix::fs::symlink;
    let rule = fs::read_to_string(sample("framework-broken/vol.rhai")).unwrap();
    let cases = fs::read_to_string(sample("framework-broken/vol.cases.json")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mounted = dir.path().join("mounted");
    let data = mounted.join("..2026_01_01");
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("vol.rhai"), &rule).unwrap();
    fs::write(data.join("vol.cases.json"), &cases).unwrap();
    symlink("..2026_01_01", mounted.join("..data")).unwrap();
    for file in ["vol.rhai", "vol.cases.json"] {
        symlink(Path::new("..data").join(file), mounted.join(file)).unwrap();
    }
    for args in [&["lint", text(&mounted)][..], &["test", text(&mounted)]] {
        let ran = run(args);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        assert!(format!("{}{}", ran.stdout, ran.stderr).contains('1'));
    }
    // A folder of files and links loses nothing.
    fs::write(mounted.join("own.rhai"), &rule).unwrap();
    let ran = run(&["rules", "--rules", text(&mounted), "--rule", "own", "--rule", "vol"]);
    assert!(ran.stdout.contains("own ") && ran.stdout.contains("vol "), "{}", ran.stdout);
    // A link out of the folder is refused.
    let outside = dir.path().join("outside.rhai");
    fs::write(&outside, &rule).unwrap();
    symlink(&outside, mounted.join("linked.rhai")).unwrap();
    for args in [&["lint", text(&mounted)][..], &["rules", "--rules", text(&mounted)]] {
        let ran = run(args);
        assert_ne!(ran.code, 0, "{}", ran.stdout);
        assert!(ran.stderr.contains("linked.rhai"), "{}", ran.stderr);
    }
}

/// A mistake that was reported elsewhere: what the program must say about it.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Replayed {
    why: String,
    command: String,
    code: i32,
    said: Vec<String>,
}

/// Mistakes that users of other tools reported, as rules and test cases.
#[test]
fn replayed_mistakes_are_reported() {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(sample("replayed")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() >= 67, "{}", folders.len());
    let mut wrong = Vec::new();
    for folder in folders {
        let expected = fs::read_to_string(folder.join("expected.toml")).unwrap();
        let expected: Replayed = toml::from_str(&expected)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        assert!(expected.why.contains('#'), "{}", folder.display());
        let mut args: Vec<&str> =
            expected.command.split(' ').map(|word| word.trim_matches('\'')).collect();
        if !args.iter().any(|word| word.starts_with('.')) {
            args.push(".");
        }
        let ended = rolecall().current_dir(&folder).args(&args).output().unwrap();
        let ended = crate::program::ran(ended);
        let out = format!("{}{}", ended.stdout, ended.stderr);
        let missing: Vec<&String> =
            expected.said.iter().filter(|part| !out.contains(part.as_str())).collect();
        if ended.code != expected.code || !missing.is_empty() {
            let folder = folder.file_name().unwrap().display();
            wrong.push(format!(
                "{folder} ({}): exit code {}, without {missing:?}\n{out}",
                expected.why, ended.code
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
