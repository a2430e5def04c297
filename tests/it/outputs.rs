//! Where reports go, and what others make of them: CI logs, file modes, outputs that fail.

mod formats;

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::program::{Ran, ran, rolecall, run, snapshot, text};

const EVALUATE: [&str; 3] = ["evaluate", "--snapshot", "fixtures/acme"];

fn evaluate(more: &[&str]) -> Ran {
    run(&[&EVALUATE[..], more].concat())
}

/// Lines that a runner would obey: of GitHub Actions, Azure Pipelines, TeamCity and GitLab.
fn commands(printed: &str) -> Vec<&str> {
    let is_command = |line: &&str| {
        let lower = line.to_ascii_lowercase();
        line.trim_start().starts_with("::")
            || ["##[", "##vso[", "##teamcity["].iter().any(|start| lower.contains(start))
            || ["section_start:", "section_end:"].iter().any(|start| lower.contains(start))
    };
    printed.lines().filter(is_command).collect()
}

#[test]
fn names_of_resources_and_accounts_are_no_commands_in_a_ci_log() {
    let dir = tempfile::tempdir().unwrap();
    let names = [
        "::add-mask::critical",
        "##[group]x",
        "##vso[task.setvariable variable=a]b",
        "section_start:1560896352:a[collapsed=true]",
        "##teamcity[x]",
    ];
    let resources: Vec<_> = names
        .iter()
        .flat_map(|name| {
            let group = json!({ "group_id": name, "group_name": "default", "ip_permissions": [] });
            let bucket = json!({ "name": name, "versioning": {}, "tags": { "Name": name } });
            [
                ("ec2.security_group", *name, "eu-west-1", group),
                ("s3.bucket", *name, "eu-west-1", bucket),
            ]
        })
        .collect();
    let folder = snapshot(dir.path(), "111122223333", &resources);
    let manifest = folder.join("snapshot.json");
    for name in names {
        let mut value: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(&manifest).unwrap()).unwrap();
        value["targets"][0]["name"] = json!(name);
        value["skipped_accounts"] =
            json!([{ "account": "444455556666", "name": name, "reason": "SUSPENDED" }]);
        fs::write(&manifest, value.to_string()).unwrap();
        let json = dir.path().join("report.json");
        let to = format!("json={}", text(&json));
        let folder = text(&folder);
        let args = ["evaluate", "--snapshot", folder, "--rule", "s3-bucket-versioning,ebs-*"];
        let ran = run(&[&args[..], &["-o", "text", "-o", &to, "--baseline", "none"]].concat());
        assert!(ran.stdout.contains("add-mask"), "{}", ran.stdout);
        assert_eq!(commands(&ran.stdout), [""; 0], "{name}");
        assert_eq!(commands(&ran.stderr), [""; 0], "{name}");
        // JSON is data: nothing in it is changed.
        assert!(fs::read_to_string(&json).unwrap().contains(&format!("\"id\":\"{name}\"")));
        let empty = dir.path().join("empty.json");
        let other = format!("json={}", text(&empty));
        evaluate(&["--rule", "s3-bucket-versioning,ebs-*", "-o", &other]);
        for args in [
            vec!["diff", text(&empty), text(&json)],
            vec![
                "evaluate",
                "--snapshot",
                folder,
                "--resource",
                name,
                "--trace",
                "--rule",
                "s3-bucket-versioning",
            ],
        ] {
            let ran = run(&args);
            assert_eq!(commands(&ran.stdout), [""; 0], "{args:?}");
            assert_eq!(commands(&ran.stderr), [""; 0], "{args:?}");
        }
    }
}

#[test]
fn two_outputs_to_one_file_are_refused_however_they_are_spelled() {
    let dir = tempfile::tempdir().unwrap();
    let path = text(dir.path());
    for (one, other) in [
        (format!("json={path}/a.json"), format!("text={path}/./a.json")),
        (format!("json={path}/a.json"), format!("sarif={path}/../{}/a.json", name(dir.path()))),
        ("text=-".to_owned(), "json=/dev/stdout".to_owned()),
        // The numbers of the parts of a SARIF report.
        (format!("sarif={path}/a.sarif"), format!("json={path}/a-001.sarif")),
    ] {
        let ran = evaluate(&["-o", &one, "-o", &other, "--baseline", "none"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{one} {other}: {}", ran.stderr);
        assert!(ran.stderr.contains("two outputs write to"), "{}", ran.stderr);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is written");
    }
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// A full disk under one report does not cost the others.
#[cfg(target_os = "linux")]
#[test]
fn an_output_that_fails_does_not_stop_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name);
    let [json, words] = [file("a.json"), file("a.txt")];
    let [to_json, to_text] = [format!("json={}", text(&json)), format!("text={}", text(&words))];
    for broken in ["json=/dev/full", "text=/dev/full", "sarif=/dev/full"] {
        let outputs = ["-o", broken, "-o", &to_json, "-o", &to_text, "--baseline", "none"];
        let ran = evaluate(&outputs);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains("cannot write to `/dev/full`"), "{}", ran.stderr);
        assert!(ran.stderr.contains("; not all reports were written"), "{}", ran.stderr);
        let report = fs::read_to_string(&json).unwrap();
        assert!(serde_json::from_str::<serde_json::Value>(&report).is_ok());
        assert!(fs::read_to_string(&words).unwrap().contains("Summary"));
        fs::remove_file(&json).unwrap();
        fs::remove_file(&words).unwrap();
    }
    // Every error is printed.
    let both = ["-o", "json=/dev/full", "-o", "text=/dev/full"];
    assert_eq!(evaluate(&both).code, 2);
}

#[cfg(unix)]
#[test]
fn reports_follow_the_umask_unless_they_are_private() {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    let dir = tempfile::tempdir().unwrap();
    let program = rolecall();
    for (umask, option, mode) in
        [("022", "", 0o644), ("027", "", 0o640), ("022", "--private", 0o600)]
    {
        for report in ["text=a.txt", "json=a.json", "sarif=a.sarif"] {
            let snapshot = crate::program::root().join("fixtures/acme");
            let script = format!(
                "umask {umask} && exec {} evaluate --snapshot {} -o {report} --baseline none {option}",
                program.get_program().display(),
                snapshot.display()
            );
            let output =
                Command::new("sh").args(["-c", &script]).current_dir(dir.path()).output().unwrap();
            let ran = ran(output);
            let path = dir.path().join(report.split_once('=').unwrap().1);
            let found = fs::metadata(&path).unwrap_or_else(|_| panic!("{}", ran.stderr));
            assert_eq!(found.permissions().mode() & 0o777, mode, "{umask} {option} {report}");
        }
    }
}

/// What was not read although the run is complete is in the last words, wherever they are read.
#[test]
fn last_words_name_what_was_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("rolecall.toml");
    fs::write(&config, "[[accepted_gap]]\ncall = \"*\"\nreason = \"known\"\n").unwrap();
    let file = dir.path().join("a.txt");
    let to = format!("text={}", text(&file));
    // Only accounts of which everything is readable or accepted.
    let args = ["--config", text(&config), "--fail-on", "none", "--account", "acme-prod"];
    let rule = ["--rule", "s3-bucket-policy-not-public,s3-bucket-tls-only"];
    for quiet in [&[][..], &["--quiet"]] {
        let ran = evaluate(&[&args[..], &rule, quiet, &["-o", &to]].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let words = fs::read_to_string(&file).unwrap();
        let last = words.lines().rev().take(2).collect::<Vec<_>>();
        let said = [last[1], last[0]].join(" ");
        assert!(said.contains("not read"), "{words}");
        for word in ["Clean", "Complete", "everything"] {
            assert!(!said.contains(word), "{said}");
        }
        assert_eq!(ran.stderr.contains("not read"), quiet.is_empty(), "{}", ran.stderr);
        assert!(!ran.stderr.contains("; clean"), "{}", ran.stderr);
    }
}

#[test]
fn the_index_links_to_reports_of_every_night() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    };
    for name in [
        "2026-06-01/report.html",
        "2026-06-01/report.json",
        "2026-06-02/report.html",
        "2026-06-02/<img src=x onerror=alert(1)>.md",
        "2026-06-02/.hidden.json",
        "2026-06-02/program.exe",
        "nightly/snapshot.json",
        "nightly/run.json",
    ] {
        file(name);
    }
    let index = || run(&["index", text(dir.path())]);
    let ran = index();
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let counts = "4 reports of 2 nights; left out 1 file without the extension of a report";
    assert!(ran.stderr.contains(counts), "{}", ran.stderr);
    let page = fs::read_to_string(dir.path().join("index.html")).unwrap();
    let at = |part: &str| page.find(part).unwrap_or_else(|| panic!("{part}: {page}"));
    assert!(at(">2026-06-02<") < at(">2026-06-01<"));
    at("<a href=\"2026-06-01/report.json\">2026-06-01/report.json</a>");
    at("&lt;img src=x onerror=alert(1)&gt;.md</a>");
    for missing in ["<img", "hidden", "program", "run.json", "<script"] {
        assert!(!page.contains(missing), "{missing}: {page}");
    }
    // Its own page is replaced, and not listed.
    file("2026-06-03/report.html");
    assert!(index().stderr.contains("5 reports of 3 nights"));

    fs::write(dir.path().join("index.html"), "<title>My page</title>").unwrap();
    let ran = index();
    assert_eq!((ran.code, ran.stderr.contains("it is not replaced")), (2, true), "{}", ran.stderr);
    let empty = tempfile::tempdir().unwrap();
    let ran = run(&["index", text(empty.path())]);
    assert_eq!((ran.code, ran.stderr.contains("contains no reports")), (2, true), "{}", ran.stderr);
    let ran = run(&["index", text(&empty.path().join("missing"))]);
    assert_eq!((ran.code, ran.stderr.contains("cannot read folder")), (2, true), "{}", ran.stderr);
}
