//! `rolecall notify`, against a fake webhook.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::fake_service::{Answer, FakeService};
use crate::nights::{ACCOUNT, Account, Is, Nights, OTHER};
use crate::program::{Ran, ran, rolecall, text};

const SECRET: &str = "/services/T0/B0/kept-between-us";

fn notify(address: &str, report: &Path, args: &[&str]) -> Ran {
    let mut command = rolecall();
    command.args(["notify", text(report)]).args(args);
    if !address.is_empty() {
        command.env("ROLECALL_WEBHOOK_URL", address);
    }
    let ran = ran(command.output().unwrap());
    for shown in [&ran.stdout, &ran.stderr] {
        assert!(!shown.contains("kept-between-us") && !shown.contains("panicked"), "{shown}");
    }
    ran
}

fn webhook(answers: Vec<Answer>) -> (FakeService, String) {
    let answers = std::sync::Mutex::new(answers.into_iter());
    let service = FakeService::start(move |_| {
        answers.lock().unwrap().next().unwrap_or_else(|| Answer::new(200, "ok"))
    });
    let address = format!("{}{SECRET}", service.url());
    (service, address)
}

/// Three nights: one failure, one more and an account that cannot be read, and the same again.
fn nights() -> Nights {
    let nights = Nights::new();
    let first = || Account::of(&[("logs", Is::Failing), ("web", Is::Passing)]);
    let second = || Account::of(&[("logs", Is::Failing), ("web", Is::Failing)]);
    nights.night(1, &[(ACCOUNT, first()), (OTHER, first())], &["--baseline", "none"]);
    nights.after(1, 2, &[(ACCOUNT, second()), (OTHER, Account::denied())]);
    nights.after(2, 3, &[(ACCOUNT, second()), (OTHER, Account::denied())]);
    nights
}

#[test]
fn only_what_is_new_is_posted_and_what_was_not_checked_is_named() {
    let nights = nights();
    let (service, address) = webhook(Vec::new());
    let ran = notify(&address, &nights.report(2), &["--to", "slack"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    assert_eq!(ran.stderr, "note: posted: 1 new failure: 1 high\n");
    let received = service.received();
    assert_eq!((received.len(), received[0].path.as_str()), (1, SECRET));
    assert_eq!(received[0].header("content-type"), "application/json");
    let message = received[0].json();
    assert_eq!(message["text"], "rolecall: 1 new failure: 1 high");
    let sections: Vec<&str> = message["blocks"].as_array().unwrap()[1..]
        .iter()
        .map(|block| block["text"]["text"].as_str().unwrap())
        .collect();
    let failure = "*high*  Bucket has no versions\nweb · acme-1111 · eu-west-1";
    assert_eq!(sections[0], failure);
    assert!(sections[1].contains("1 still failing"), "{sections:?}");
    assert!(sections[1].contains("1 that failed before could not be checked"), "{sections:?}");
    assert!(sections[2].contains("may be more: 1 coverage gap"), "{sections:?}");
    assert!(sections[2].contains("acme-4444 (could not be accessed)"), "{sections:?}");
    // The message of the finding stays where the report is.
    assert!(!message.to_string().contains("versioning is off"), "{message}");

    // Nothing is new on the third night.
    let ran = notify(&address, &nights.report(3), &["--to", "slack"]);
    assert_eq!((ran.code, service.received().len()), (0, 1));
    assert!(ran.stderr.contains("nothing was posted; incomplete"), "{}", ran.stderr);
    let ran = notify(&address, &nights.report(3), &["--to", "teams", "--when", "incomplete"]);
    assert_eq!((ran.code, service.received().len()), (0, 2), "{}", ran.stderr);
    let card = service.received()[1].json()["attachments"][0]["content"].clone();
    assert_eq!(card["type"], "AdaptiveCard");
    assert_eq!(card["body"][0]["text"], "rolecall: no new failures");
    let ran = notify(&address, &nights.report(2), &["--to", "slack", "--min-severity", "critical"]);
    assert_eq!((ran.code, service.received().len()), (0, 2), "{}", ran.stderr);
    let always = ["--to", "slack", "--min-severity", "critical", "--when", "always"];
    assert_eq!(notify(&address, &nights.report(2), &always).code, 0);
    assert_eq!(service.received()[2].json()["text"], "rolecall: no new failures");
}

#[test]
fn temporary_refusals_are_retried_and_others_explained() {
    let nights = nights();
    let report = nights.report(2);
    let again = |status| Answer::new(status, "").with("retry-after", "0");
    let (service, address) = webhook(vec![again(429), again(503)]);
    assert_eq!(notify(&address, &report, &["--to", "slack"]).code, 0);
    assert_eq!(service.received().len(), 3);

    for (status, body, part) in [
        (400, "invalid_payload", "check that --to is the kind of chat"),
        (404, &*format!("no {SECRET}"), "create a new webhook"),
        (410, "channel_is_archived", "channel_is_archived"),
        (302, "", "address of a webhook"),
    ] {
        let (service, address) = webhook(vec![Answer::new(status, body)]);
        let ran = notify(&address, &report, &["--to", "slack"]);
        assert_eq!((ran.code, service.received().len()), (2, 1), "{status}");
        assert!(ran.stderr.contains(part), "{status}: {}", ran.stderr);
    }
    let (service, address) = webhook(vec![Answer::new(429, "").with("retry-after", "3600")]);
    let ran = notify(&address, &report, &["--to", "slack"]);
    assert_eq!((ran.code, service.received().len()), (2, 1), "{}", ran.stderr);
    let address = format!("http://127.0.0.1:9{SECRET}");
    let ran = notify(&address, &report, &["--to", "slack"]);
    assert_eq!((ran.code, ran.stderr.contains("no response")), (2, true), "{}", ran.stderr);
}

#[test]
fn a_dry_run_needs_no_webhook_and_prints_the_message() {
    let nights = nights();
    let args = ["--dry-run", "--to", "teams", "--link", "https://example.com/r.html#2026-06-02"];
    let ran = notify("", &nights.report(2), &args);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let message: Value = serde_json::from_str(&ran.stdout).unwrap();
    let action = &message["attachments"][0]["content"]["actions"][0];
    assert_eq!(action["url"], "https://example.com/r.html#2026-06-02");
}

#[test]
fn invalid_input_is_explained() {
    let nights = nights();
    let good = nights.report(2);
    let other = nights.path("other.json");
    let fails = |address: &str, report: &Path, args: &[&str], part: &str| {
        let ran = notify(address, report, args);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{part}");
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    };
    fails("", &good, &[], "set the environment variable ROLECALL_WEBHOOK_URL");
    let unknown = format!("https://chat.example.com{SECRET}");
    fails(&unknown, &good, &[], "--to slack or --to teams");
    let plain = format!("http://hooks.slack.com{SECRET}");
    fails(&plain, &good, &["--to", "slack"], "does not begin with `https://`");
    fails(
        &unknown,
        &good,
        &["--to", "slack", "--link", "javascript:x"],
        "--link is not a valid address",
    );
    fails(&unknown, &nights.path("missing.json"), &[], "cannot read report");
    fails(&unknown, &nights.path("mine"), &[], "is not a file");
    for content in ["", "{}", "[", "{\"version\":\"1\"}", &"[".repeat(100_000)] {
        fs::write(&other, content).unwrap();
        fails(&unknown, &other, &[], "is not a JSON report");
    }
    // A report that was not compared with another one.
    let mut report: Value = serde_json::from_str(&fs::read_to_string(&good).unwrap()).unwrap();
    report["summary"]["states"] = json!(null);
    fs::write(&other, report.to_string()).unwrap();
    fails(&unknown, &other, &[], "write it with `--baseline FILE`");
    report["version"] = json!("9");
    fs::write(&other, report.to_string()).unwrap();
    fails(&unknown, &other, &[], "it has version 9");
}
