//! `rolecall upload github`, against a fake of GitHub's API.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::fake_github::{COMMIT, FakeGitHub, TOKEN};
use super::fake_service::Answer;
use crate::nights::{ACCOUNT, Account, Is, Nights, OTHER};
use crate::program::{Ran, ran, rolecall, text};

/// Uploads to the fake.
fn upload(github: &FakeGitHub, args: &[&str]) -> Ran {
    let mut command = rolecall();
    command
        .args(["upload", "github"])
        .args(args)
        .envs([("GITHUB_API_URL", github.url().as_str()), ("GITHUB_TOKEN", TOKEN)])
        .envs([("GITHUB_REPOSITORY", "octo/repo"), ("GITHUB_SHA", COMMIT)])
        .env("GITHUB_REF", "refs/heads/main");
    let ran = ran(command.output().unwrap());
    for shown in [&ran.stdout, &ran.stderr] {
        assert!(!shown.contains(TOKEN) && !shown.contains("panicked"), "{shown}");
    }
    ran
}

/// Two accounts, of which one fails in two buckets; the second one cannot be read if `denied`.
fn night(nights: &Nights, day: usize, before: Option<usize>, denied: bool) -> PathBuf {
    let first = Account::of(&[("logs", Is::Failing), ("web", Is::Failing)]);
    let second = if denied { Account::denied() } else { Account::of(&[("data", Is::Failing)]) };
    let sarif = nights.path(&format!("{day}.sarif"));
    let output = format!("sarif={}", text(&sarif));
    let baseline = before.map(|day| nights.report(day));
    let full = format!("sarif-full={}", text(&nights.path("full.sarif")));
    let mut args = vec!["--output", &output, "--output", &full];
    args.extend(baseline.iter().flat_map(|path| ["--baseline", text(path)]));
    nights.night(day, &[(ACCOUNT, first), (OTHER, second)], &args);
    sarif
}

/// A file with one empty run for the category `c/<n>`.
fn small(dir: &Path, name: &str) -> PathBuf {
    let run = json!({
        "tool": { "driver": { "name": "rolecall" } }, "results": [],
        "automationDetails": { "id": format!("c/{name}/x") },
    });
    let path = dir.join(format!("{name}.sarif"));
    fs::write(&path, json!({ "version": "2.1.0", "runs": [run] }).to_string()).unwrap();
    path
}

#[test]
fn alerts_open_and_withheld_accounts_are_left_alone() {
    let (github, nights) = (FakeGitHub::start(), Nights::new());
    let first = night(&nights, 1, None, false);
    let ran = upload(&github, &[text(&first), "--report", text(&nights.report(1))]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(ran.stdout, format!("{}: processed (2 runs, 3 results)\n", first.display()));
    assert_eq!(github.open().len(), 3, "{:?}", github.open());
    let post = &github.received()[0];
    assert_eq!(post.header("accept"), "application/vnd.github+json");
    assert_eq!(post.json()["tool_name"], "rolecall");
    assert!(post.header("user-agent").starts_with("rolecall/"));

    // Without a baseline, nothing is known about the account that cannot be read.
    let second = night(&nights, 2, None, true);
    let report = nights.report(2);
    let ran = upload(&github, &[text(&second), "--report", text(&report)]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("(1 run, "), "{}", ran.stdout);
    assert_eq!(github.open().len(), 3, "its alert stays open: {:?}", github.open());

    // The file of the first night contains the account, and is refused before anything is sent.
    let before = github.received().len();
    let ran = upload(&github, &[text(&first), "--report", text(&report)]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("it is a file of another run"), "{}", ran.stderr);
    assert_eq!(github.received().len(), before);
    let ran = upload(&github, &[text(&first), text(&second)]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("upload only files of one run"), "{}", ran.stderr);
    let ran = upload(&github, &[text(&nights.path("full.sarif"))]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("for other tools than code scanning"), "{}", ran.stderr);
    assert_eq!(github.received().len(), before);
}

#[test]
fn every_refusal_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (small(dir.path(), "a"), small(dir.path(), "b"));
    let message = |text: &str| json!({ "message": text }).to_string();
    let disabled =
        message("Code Security must be enabled for this repository to use code scanning.");
    for (status, body, others, part) in [
        (301, "", false, "renamed or moved"),
        (400, &*message("bad \u{1b}[31m SARIF"), true, "bad \u{fffd}[31m SARIF"),
        (401, &*message("Bad credentials"), false, "Bad credentials"),
        (403, &*message("Resource not accessible by integration"), false, "security_events: write"),
        (403, &*disabled, false, "code scanning is not enabled for octo/repo"),
        (404, "<html>", false, "/api/v3"),
        (409, "", true, "in a few minutes"),
        (413, "", true, "account/region"),
        (422, &*message("commit not found"), true, "--commit"),
    ] {
        let github = FakeGitHub::start();
        github.uploads([Answer::new(status, body)]);
        let ran = upload(&github, &[text(&a), text(&b)]);
        assert_eq!(ran.code, 2, "{status}");
        assert!(ran.stderr.contains(&format!("status {status}")), "{}", ran.stderr);
        assert!(ran.stderr.contains(part), "{status}: {}", ran.stderr);
        // What is wrong with one file does not matter for the other one.
        assert_eq!(github.posts(), if others { 2 } else { 1 }, "{status}");
        assert_eq!(ran.stderr.contains("1 more file not uploaded"), !others, "{}", ran.stderr);
        assert_eq!(ran.stdout.contains("processed"), others, "{}", ran.stdout);
    }
    let github = FakeGitHub::start();
    github.uploads([Answer::new(403, &disabled)]);
    let ran = upload(&github, &[text(&a), "--skip-if-disabled"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert!(ran.stderr.starts_with("note: nothing was uploaded"), "{}", ran.stderr);
    // A token that may not upload is a mistake all the same.
    github.uploads([Answer::new(403, "")]);
    assert_eq!(upload(&github, &[text(&a), "--skip-if-disabled"]).code, 2);
}

#[test]
fn temporary_problems_are_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let file = small(dir.path(), "a");
    let github = FakeGitHub::start();
    let limit = r#"{"message":"You have exceeded a secondary rate limit."}"#;
    github.uploads([
        Answer::new(503, "").with("retry-after", "0"),
        Answer::new(429, "").with("retry-after", "0"),
        Answer::new(403, limit).with("Retry-After", "1"),
        Answer::new(500, ""),
    ]);
    github.statuses([
        Answer::new(404, ""),
        Answer::new(502, "").with("retry-after", "0"),
        Answer::new(200, r#"{"processing_status":"pending"}"#),
    ]);
    let ran = upload(&github, &[text(&file)]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(github.posts(), 5);
    assert!(ran.stdout.contains("processed (1 run, 0 results)"), "{}", ran.stdout);

    // Not longer than --timeout.
    github.uploads([Answer::new(429, "").with("retry-after", "3600")]);
    let ran = upload(&github, &[text(&file), "--timeout", "5s"]);
    assert_eq!((ran.code, github.posts()), (2, 6));
    assert!(ran.stderr.contains("longer than --timeout"), "{}", ran.stderr);
}

#[test]
fn the_result_of_the_processing_decides() {
    let dir = tempfile::tempdir().unwrap();
    let file = small(dir.path(), "a");
    let github = FakeGitHub::start();
    let status = |text: &str| Answer::new(200, text);
    github.statuses(vec![status(r#"{"processing_status":"pending"}"#); 20]);
    let ran = upload(&github, &[text(&file), "--timeout", "3s"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (3, ""));
    assert!(ran.stdout.contains("not processed before --timeout"), "{}", ran.stdout);

    let ran = upload(&github, &[text(&file), "--no-wait"]);
    assert_eq!((ran.code, ran.stdout.contains(": accepted (")), (0, true));

    let github = FakeGitHub::start();
    let failed =
        json!({ "processing_status": "failed", "errors": [format!("bad {TOKEN}"), "x\ny"] });
    github.statuses([status(&failed.to_string())]);
    let ran = upload(&github, &[text(&file)]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("could not process the file: bad ***; x y"), "{}", ran.stderr);

    // An id that is none is not used as a path.
    github.uploads([Answer::new(202, r#"{"id":"../../user"}"#)]);
    let ran = upload(&github, &[text(&file)]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("no valid id"), "{}", ran.stderr);
}

#[test]
fn numbered_parts_are_found_and_empty_files_skipped() {
    let dir = tempfile::tempdir().unwrap();
    let github = FakeGitHub::start();
    for name in ["night-001", "night-002", "night-20260801", "nightly-003"] {
        small(dir.path(), name);
    }
    let whole = dir.path().join("night.sarif");
    let ran = upload(&github, &[text(&whole)]);
    assert_eq!((ran.code, ran.stdout.lines().count()), (0, 2), "{}", ran.stdout);
    assert!(ran.stdout.contains("night-002.sarif: processed"), "{}", ran.stdout);

    // Nothing is needed to upload nothing.
    fs::write(&whole, r#"{"version":"2.1.0","runs":[]}"#).unwrap();
    let ran = ran_alone(&["upload", "github", text(&whole)]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("no accounts, so there is nothing to upload"), "{}", ran.stdout);
}

fn ran_alone(args: &[&str]) -> Ran {
    ran(rolecall().args(args).output().unwrap())
}

#[test]
fn what_is_missing_or_invalid_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = small(dir.path(), "a");
    let full = ["--repo", "o/r", "--commit", COMMIT, "--ref", "refs/heads/main"];
    let with = |at: usize, value: &'static str| {
        let mut args = full;
        args[at] = value;
        args
    };
    let start = ["upload", "github", text(&file)];
    let all = |more: &[&str]| {
        let mut program = rolecall();
        program.args([&start[..], more].concat()).env("GITHUB_TOKEN", "token");
        ran(program.output().unwrap())
    };
    for (args, part) in [
        (
            &full[..0],
            "missing: the repository (--repo OWNER/NAME, or GITHUB_REPOSITORY), the commit (--commit SHA, or GITHUB_SHA), the ref (--ref refs/heads/BRANCH, or GITHUB_REF) and the token (the environment variable ROLECALL_GITHUB_TOKEN or GITHUB_TOKEN)",
        ),
        (&full[..2], "missing: the commit"),
        (&full[..4], "missing: the ref"),
        (&full[..], "missing: the token (the environment variable ROLECALL_GITHUB_TOKEN"),
    ] {
        let ran = ran_alone(&[&start[..], args].concat());
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(ran.stderr.contains(part), "{args:?}: {}", ran.stderr);
    }
    for (args, part) in [
        (&with(1, "https://github.com/o/r"), "use OWNER/NAME"),
        (&with(3, "abc1234"), "git rev-parse HEAD"),
        (&with(5, "main"), "use `refs/heads/main`"),
    ] {
        let ran = all(args);
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(ran.stderr.contains(part), "{args:?}: {}", ran.stderr);
    }
    for (url, part) in [
        ("http://github.example.com/api/v3", "does not begin with `https://`"),
        ("https://me:pw@github.example.com", "contains a user name"),
    ] {
        let ran = all(&[&full[..], &["--api-url", url]].concat());
        assert_eq!((ran.code, ran.stderr.contains(part)), (2, true), "{}", ran.stderr);
        assert!(!ran.stderr.contains("pw"), "{}", ran.stderr);
    }
    for (content, part) in [
        ("", "is not a SARIF file"),
        ("{}", "is not a SARIF file"),
        (
            r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[]}]}"#,
            "a report of x",
        ),
    ] {
        fs::write(&file, content).unwrap();
        let ran = all(&full);
        assert_eq!((ran.code, ran.stderr.contains(part)), (2, true), "{}", ran.stderr);
    }
    fs::remove_file(&file).unwrap();
    let ran = all(&full);
    assert_eq!((ran.code, ran.stderr.contains("cannot read")), (2, true), "{}", ran.stderr);
    for not_file in [text(dir.path()), "/dev/null"] {
        let ran = ran_alone(&["upload", "github", not_file]);
        assert_eq!((ran.code, ran.stderr.contains("it is not a file")), (2, true), "{not_file}");
    }
}

#[test]
fn a_service_that_is_not_there_is_an_error_without_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let file = small(dir.path(), "a");
    let mut command = rolecall();
    command
        .args(["upload", "github", text(&file), "--repo", "o/r", "--commit", COMMIT])
        .args(["--ref", "refs/heads/main", "--timeout", "1s", "--api-url", "http://127.0.0.1:9"])
        .env("ROLECALL_GITHUB_TOKEN", TOKEN);
    let ran = ran(command.output().unwrap());
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("no response") && ran.stderr.contains("HTTPS_PROXY"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains(TOKEN), "{}", ran.stderr);
    // A report of something else.
    let other: Value = json!({ "version": "2" });
    let report = dir.path().join("report.json");
    fs::write(&report, other.to_string()).unwrap();
    let ran = ran_alone(&["upload", "github", text(&file), "--report", text(&report)]);
    assert_eq!((ran.code, ran.stderr.contains("not a JSON report")), (2, true), "{}", ran.stderr);
}
