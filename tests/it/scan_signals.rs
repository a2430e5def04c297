//! Signals: the first ends a run gracefully, the second immediately.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::aws::{Estate, FakeAws, Options, Request, Response};
use crate::support::rolecall::Rolecall;
use crate::usage::events;

const ACCOUNTS: [&str; 3] = ["100000000000", "100000000001", "100000000002"];

fn config() -> String {
    let mut text = "[role]\nname = \"audit\"\n[scan]\nregions = [\"us-east-1\"]\n".to_owned();
    ACCOUNTS
        .iter()
        .for_each(|account| text.push_str(&format!("[[account]]\nid = \"{account}\"\n")));
    text
}

fn start(program: &Rolecall, args: &[&str]) -> Child {
    program.command(args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until a condition holds, for at most a minute.
fn until(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "not after a minute: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// The exit status of the program, and its stderr.
fn end(mut child: Child) -> (ExitStatus, String) {
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    (child.wait().unwrap(), stderr)
}

/// The last account cannot be entered: STS does not respond.
fn hanging() -> FakeAws {
    let hang = |request: &Request, response: &mut Response| {
        if request.call == "sts:AssumeRole" && request.role_account() == ACCOUNTS[2] {
            *response = Response::hang();
        }
    };
    FakeAws::start(
        Options::new(Estate { accounts: 3, buckets: 3, ..Estate::default() }).spoil(hang),
    )
}

#[test]
fn the_first_signal_keeps_finished_accounts_and_reports_what_is_missing() {
    for (signal, name) in [("-TERM", "SIGTERM"), ("-INT", "SIGINT")] {
        let fake = hanging();
        let program = Rolecall::on(&fake).config(&config());
        let collect = ["collect", "--rule", "s3-bucket-versioning", "--snapshot", "snapshot"];
        let child = start(&program, &collect);
        let file = |account: &str| program.path("snapshot").join(format!("{account}.jsonl"));
        until("two accounts are collected", || {
            ACCOUNTS[..2].iter().all(|account| file(account).exists())
        });
        send(signal, &child);
        let (status, stderr) = end(child);
        assert_eq!(status.code(), Some(3), "{stderr}");
        assert!(
            stderr.contains(&format!("interrupted by {name}: collected 2 of 3 accounts")),
            "{stderr}"
        );
        assert!(
            stderr.contains(&format!("missing: {}", ACCOUNTS[2])) && stderr.contains("--resume"),
            "{stderr}"
        );
        assert!(!file(ACCOUNTS[2]).exists());

        let whole =
            FakeAws::start(Options::new(Estate { accounts: 3, buckets: 3, ..Estate::default() }));
        let program = program
            .env("HTTPS_PROXY", &whole.proxy_url())
            .env("AWS_CA_BUNDLE", whole.ca_pem_path().to_str().unwrap());
        let resumed = program.run(&[&collect[..], &["--resume"]].concat());
        assert!(
            resumed.assert_code(0).stderr.contains("3 accounts, 9 resources, 0 gaps"),
            "{}",
            resumed.stderr
        );
        assert_eq!(
            whole.counts().calls_by_name["sts:AssumeRole"],
            1,
            "the others are not collected again"
        );
    }
}

#[test]
fn an_interrupted_scan_reports_the_accounts_that_are_done() {
    let fake = hanging();
    let program = Rolecall::on(&fake).config(&config());
    std::fs::create_dir(program.path("tmp")).unwrap();
    let tmp = program.path("tmp");
    let program = program.env("TMPDIR", tmp.to_str().unwrap());
    let child =
        start(&program, &["scan", "--rule", "s3-bucket-versioning", "-q", "-o", "json=r.json"]);
    until("buckets are being read", || {
        fake.counts().calls_by_name.get("s3:GetBucketVersioning") == Some(&6)
    });
    until("two accounts are written", || finished(&program) == 2);
    send("-TERM", &child);
    let (status, stderr) = end(child);
    assert_eq!(status.code(), Some(3), "{stderr}");
    assert!(
        stderr.contains("interrupted by SIGTERM: collected 2 of 3 accounts; missing: 100000000002")
            && stderr.contains("--snapshot DIR"),
        "{stderr}"
    );
    let report = program.json("r.json");
    let entered: Vec<_> = report["accounts"].as_array().unwrap().iter().collect();
    let entered: Vec<_> = entered.iter().map(|account| account["entered"].clone()).collect();
    assert_eq!(entered, [true, true, false], "{report:#}");
}

/// The timeline, which is valid whenever it is read.
fn timeline(program: &Rolecall) -> Vec<Value> {
    let timeline = program.json("trace.json");
    events(&timeline).into_iter().cloned().collect()
}

#[test]
fn a_trace_is_valid_however_the_run_ends() {
    let fake = hanging();
    let program = Rolecall::on(&fake).config(&config());
    for signals in [&["-TERM"][..], &["-INT"], &["-TERM", "-TERM"], &["-KILL"]] {
        std::fs::remove_dir_all(program.path("snapshot")).ok();
        let args = ["collect", "--rule", "s3-*", "--snapshot", "snapshot", "--trace", "trace.json"];
        let child = start(&program, &args);
        let file = |account: &str| program.path("snapshot").join(format!("{account}.jsonl"));
        until("two accounts are collected", || {
            ACCOUNTS[..2].iter().all(|account| file(account).exists())
        });
        timeline(&program);
        for signal in signals {
            send(signal, &child);
        }
        end(child);
        let events = timeline(&program);
        if signals.len() == 1 && signals[0] != "-KILL" {
            let accounts = events.iter().filter(|event| event["cat"] == "account");
            let canceled = |event: &Value| event["args"]["canceled"] == true;
            let canceled: Vec<bool> = accounts.map(canceled).collect();
            assert_eq!(canceled, [false, false, true]);
        }
        let left = std::fs::read_dir(program.path("")).unwrap().flatten();
        let left = left.filter(|file| file.file_name().to_string_lossy().starts_with(".rolecall"));
        assert_eq!(left.count(), 0);
    }
}

/// How many accounts the program has written to its temporary snapshot.
fn finished(program: &Rolecall) -> usize {
    let folders = std::fs::read_dir(program.path("tmp")).into_iter().flatten().flatten();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.path()).unwrap().flatten());
    files.filter(|file| file.path().extension().is_some_and(|is| is == "jsonl")).count()
}

/// Whether the program has a thread with that name.
#[cfg(target_os = "linux")]
fn has_thread(child: &Child, name: &str) -> bool {
    let threads =
        std::fs::read_dir(format!("/proc/{}/task", child.id())).into_iter().flatten().flatten();
    threads.map(|thread| thread.path().join("comm")).any(|comm| {
        std::fs::read_to_string(Path::new(&comm)).is_ok_and(|found| found.trim_end() == name)
    })
}

/// A program with a slow rule, for accounts with the given number of buckets.
#[cfg(target_os = "linux")]
fn evaluating_slowly(buckets: u64) -> (FakeAws, Rolecall) {
    let rule = "//! Slow.\n\nconst RULE = #{ title: \"Slow\", resource: \"s3.bucket\", severity: \"low\" };\n\n\
                fn check(bucket, params) {\n    let sum = 0;\n    for n in 0..60000 { sum += n; }\n    if sum > 0 { pass() } else { fail(\"no\") }\n}\n";
    let fake = FakeAws::start(Options::new(Estate { accounts: 3, buckets, ..Estate::default() }));
    let program = Rolecall::on(&fake).config(&config());
    std::fs::create_dir_all(program.path("rules/s3")).unwrap();
    std::fs::write(program.path("rules/s3/slow.rhai"), rule).unwrap();
    (fake, program)
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_during_evaluation_ends_it_with_the_account() {
    let (_fake, program) = evaluating_slowly(10);
    let child = start(
        &program,
        &[
            "scan",
            "--rules",
            "rules",
            "--rule",
            "slow",
            "--snapshot",
            "snapshot",
            "-o",
            "json=r.json",
        ],
    );
    until("the evaluation runs", || has_thread(&child, "evaluate-0"));
    send("-TERM", &child);
    let (status, stderr) = end(child);
    assert_eq!(status.code(), Some(2), "{stderr}");
    let expected = "interrupted by SIGTERM: all accounts were collected into snapshot. To create the reports, run `rolecall evaluate --snapshot snapshot`";
    assert!(stderr.contains(expected), "{stderr}");
    assert!(!program.path("r.json").exists(), "a report is written whole or not at all");
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_signal_ends_an_evaluation_immediately() {
    let (_fake, program) = evaluating_slowly(1_000);
    let mut child =
        start(&program, &["scan", "--rules", "rules", "--rule", "slow", "--snapshot", "snapshot"]);
    until("the evaluation runs", || has_thread(&child, "evaluate-0"));
    send("-TERM", &child);
    // It continues with the current account.
    thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none());
    let begun = Instant::now();
    send("-TERM", &child);
    let (status, stderr) = end(child);
    assert_eq!(status.code(), Some(2), "{stderr}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    for account in ACCOUNTS {
        assert!(
            program.path("snapshot").join(format!("{account}.jsonl")).exists(),
            "what was collected is kept"
        );
    }
}
