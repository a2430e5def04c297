//! What a collection took, in reports and in `run.json`, and the timeline of a run: as many calls and
//! attempts as the simulated AWS received, also with failures.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use crate::simulator_estate::{ALL, REGIONS, config};
use crate::support::aws::{Effect, Estate, FakeAws, Fault, Options, Others, Script};
use crate::support::rolecall::Rolecall;

fn estate() -> Estate {
    Estate {
        buckets: 4,
        volumes: 3,
        security_groups: 3,
        others: Others::each(2),
        ..Estate::seeded(3, 3, &REGIONS)
    }
}

/// The numbers of each API under one name.
fn by_api(apis: &Value, name: &str) -> BTreeMap<String, u64> {
    let apis = apis.as_object().unwrap().iter();
    let numbers = apis.map(|(api, usage)| (api.clone(), usage[name].as_u64().unwrap()));
    numbers.filter(|(_, number)| *number > 0).collect()
}

/// The complete events of a timeline, once it is known that they nest in their lanes, and that
/// processes and threads have names.
#[track_caller]
pub fn events(timeline: &Value) -> Vec<&Value> {
    let events = timeline["traceEvents"].as_array().unwrap();
    let number = |event: &Value, name: &str| event[name].as_u64().unwrap();
    let mut named: BTreeSet<(&str, u64, u64)> = BTreeSet::new();
    let mut lanes: BTreeMap<(u64, u64), Vec<(u64, u64)>> = BTreeMap::new();
    let mut spans = Vec::new();
    for event in events {
        let (pid, tid) = (number(event, "pid"), number(event, "tid"));
        match event["ph"].as_str().unwrap() {
            "M" => {
                let name = event["name"].as_str().unwrap();
                assert!(named.insert((name, pid, tid)), "{event} is there twice");
            }
            "X" => {
                let begun = number(event, "ts");
                lanes.entry((pid, tid)).or_default().push((begun, begun + number(event, "dur")));
                spans.push(event);
            }
            other => panic!("{other}: {event}"),
        }
    }
    for ((pid, tid), mut spans) in lanes {
        assert!(named.contains(&("process_name", pid, 0)), "process {pid} has no name");
        assert!(named.contains(&("thread_name", pid, tid)), "thread {tid} has no name");
        spans.sort_by_key(|(begun, ended)| (*begun, std::cmp::Reverse(*ended)));
        let mut open: Vec<u64> = Vec::new();
        for (begun, ended) in spans {
            while open.last().is_some_and(|outer| *outer <= begun) {
                open.pop();
            }
            assert!(open.last().is_none_or(|outer| ended <= *outer), "{begun} to {ended} overlaps");
            open.push(ended);
        }
    }
    spans
}

/// The events of a category.
fn of<'a>(events: &[&'a Value], category: &str) -> Vec<&'a Value> {
    events.iter().copied().filter(|event| event["cat"] == category).collect()
}

#[test]
fn a_scan_counts_what_the_simulator_received_also_with_throttles_and_retries() {
    let passing = |effect| Fault::new(effect).rate(0.1).attempts(1);
    let faults = vec![passing(Effect::Throttle), passing(Effect::Internal)];
    let faults = Script { seed: 1, faults };
    let fake = FakeAws::start(Options { faults, ..Options::new(estate()) });
    let program = Rolecall::at_address(&fake).config(&config(&estate(), ALL, ""));
    let args = ["scan", "--snapshot", "snapshot", "--trace", "trace.json"];
    let outputs = ["-o", "json=report.json", "-o", "text=report.txt"];
    let ended = program.run(&[&args[..], &outputs].concat());
    ended.assert_code(1);

    let counts = fake.counts();
    let report = program.json("report.json");
    let collection = &report["summary"]["collection"];
    let apis = &collection["apis"];
    assert_eq!(by_api(apis, "attempts"), counts.calls_by_name);
    let throttled = counts.faults["Throttle"] + counts.throttled_by_name.values().sum::<u64>();
    let total = &collection["total"];
    assert_eq!(total["throttled"], throttled);
    assert_eq!(total["retries"], throttled + counts.faults["Internal"]);
    assert_eq!(total["attempts"], counts.calls);
    assert_eq!(total["response_bytes"], counts.bytes);
    let sum = total["calls"].as_u64().unwrap() + total["retries"].as_u64().unwrap();
    assert_eq!(sum, counts.calls);
    assert!(throttled > 5 && total["backoff_seconds"].as_f64().unwrap() > 0.1, "{total}");
    assert!(collection["accounts"] == 3 && collection["accounts_per_minute"].is_number());
    if cfg!(target_os = "linux") {
        assert!(collection["peak_memory_kib"].as_u64().unwrap() > 1_000);
    }
    // The calls of the accounts are those of their snapshot.
    let mut calls = by_api(apis, "calls");
    let of_accounts = report["summary"]["calls_by_api"].as_object().unwrap();
    calls.retain(|api, _| of_accounts.contains_key(api));
    assert_eq!(serde_json::json!(calls), report["summary"]["calls_by_api"]);

    let run = program.json("snapshot/run.json");
    assert_eq!(run["apis"], *apis);
    assert_eq!(
        (&run["retries"], &run["throttled"], &run["accounts_per_minute"]),
        (&total["retries"], &total["throttled"], &collection["accounts_per_minute"])
    );
    // People see one line, and a table only if they ask for it.
    let text = fs::read_to_string(program.path("report.txt")).unwrap();
    let line = text.lines().find(|line| line.starts_with("  collection")).unwrap();
    assert!(line.starts_with(&format!("  collection {throttled} throttled ")), "{line}");
    assert!(line.ends_with(" accounts/min"), "{line}");
    assert!(!text.contains("backoff (s)"), "{text}");
    let last = ended.stderr.lines().last().unwrap();
    let expected = format!("{} calls, {throttled} throttled, ", total["calls"]);
    assert!(last.starts_with(&expected) && last.contains(" accounts per minute"), "{last}");

    let timeline = program.json("trace.json");
    let events = events(&timeline);
    let mut made: BTreeMap<String, u64> = BTreeMap::new();
    let (mut attempts, mut bytes) = (0, 0);
    for call in of(&events, "call") {
        *made.entry(call["name"].as_str().unwrap().to_owned()).or_default() += 1;
        attempts += call["args"]["attempts"].as_u64().unwrap();
        bytes += call["args"]["bytes"].as_u64().unwrap();
        assert!(call["args"]["account"].is_string() && call["args"]["region"].is_string());
    }
    assert_eq!(made, by_api(apis, "calls"));
    assert_eq!((attempts, bytes), (counts.calls, counts.bytes));
    assert_eq!(of(&events, "attempt").len() as u64, counts.calls);
    let is_throttle = |event: &&Value| {
        ["SlowDown", "RequestLimitExceeded", "Throttling"]
            .iter()
            .any(|code| event["args"]["error"] == **code)
    };
    let found = of(&events, "attempt").into_iter().filter(is_throttle).count();
    assert_eq!(found as u64, throttled);
    let accounts = of(&events, "account");
    assert_eq!((accounts.len(), &accounts[0]["args"]["gaps"]), (3, &serde_json::json!(0)));
    let names = |category: &str| -> BTreeSet<&str> {
        of(&events, category).iter().map(|event| event["name"].as_str().unwrap()).collect()
    };
    assert!(names("list").is_superset(&["s3.bucket", "ec2.volume"].into()));
    assert!(names("wait").contains("wait for retry"), "{:?}", names("wait"));
    assert_eq!(names("evaluation"), ["evaluate", "read", "report"].into());
    let policy = of(&events, "call").into_iter().find(|call| call["name"] == "s3:GetBucketPolicy");
    assert!(policy.unwrap()["args"]["resource"].as_str().unwrap().starts_with('b'));
    let text = timeline.to_string();
    for secret in ["AKIA", "ASIA", "base-secret-key", "Signature", "oken"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn collect_shows_a_table_only_on_request_and_evaluate_shows_no_usage() {
    let fake = FakeAws::start(Options::new(estate()));
    let program = Rolecall::at_address(&fake).config(&config(&estate(), ALL, ""));
    let ended = program.run(&["collect", "-v", "--snapshot", "snapshot", "--trace", "trace.json"]);
    ended.assert_code(0);
    let row = ended.stderr.lines().find(|line| line.starts_with("  ec2:DescribeVolumes ")).unwrap();
    let calls = fake.counts().calls_by_name["ec2:DescribeVolumes"];
    assert!(row.split_whitespace().nth(1) == Some(&calls.to_string()), "{row}");
    let ended = program.run(&["collect", "--snapshot", "other"]);
    assert!(!ended.stderr.contains("backoff (s)"), "{}", ended.stderr);
    assert!(ended.stderr.contains(" calls, 0 throttled, "), "{}", ended.stderr);
    let timeline = program.json("trace.json");
    let collected = events(&timeline);
    assert_eq!(of(&collected, "account").len(), 3);
    assert!(of(&collected, "evaluation").is_empty());

    let evaluate =
        ["evaluate", "-v", "--snapshot", "snapshot", "-o", "json=-", "--trace", "t.json"];
    let [first, second] = [0, 1].map(|_| program.run(&evaluate).stdout);
    assert!(first == second && !first.contains("\"collection\""));
    let timeline = program.json("t.json");
    let evaluated = events(&timeline);
    assert_eq!(of(&evaluated, "evaluation").len(), evaluated.len());
    let read = evaluated.iter().filter(|event| event["name"] == "read");
    assert_eq!(read.count(), 3);
}

#[test]
fn the_messages_on_stderr_can_be_json() {
    let fake = FakeAws::start(Options::new(estate()));
    let program = Rolecall::at_address(&fake).config(&config(&estate(), ALL, ""));
    let args = ["collect", "-vv", "--log-format", "json", "--snapshot", "snapshot"];
    let ended = program.run(&args);
    ended.assert_code(0);
    let lines: Vec<Value> =
        ended.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &lines {
        let keys: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["timestamp", "level", "message", "fields"]);
    }
    let calls: Vec<_> = lines.iter().filter(|line| line["message"] == "call").collect();
    assert_eq!(calls.len() as u64, fake.counts().calls);
    assert_eq!(calls[0]["level"], "DEBUG");
    assert!(calls.iter().any(|line| line["fields"]["call"] == "s3:ListBuckets"));
    let progress = |line: &&Value| line["message"].as_str().unwrap().starts_with("[3/3] ");
    assert_eq!(lines.iter().filter(progress).count(), 1);
    for secret in ["AKIA", "ASIA", "base-secret-key"] {
        assert!(!ended.stderr.contains(secret));
    }
    // An error is one line, too.
    let ended = program.run(&args);
    ended.assert_code(2);
    let line: Value = serde_json::from_str(ended.stderr.trim_end()).unwrap();
    assert_eq!(line["level"], "ERROR");
    assert!(line["message"].as_str().unwrap().contains("snapshot"), "{line}");
}

#[test]
fn what_cannot_be_written_or_scanned_is_an_error_before_any_call() {
    let fake = FakeAws::start(Options::new(estate()));
    let program = Rolecall::at_address(&fake).config(&config(&estate(), ALL, ""));
    fs::create_dir(program.path("folder")).unwrap();
    for (args, message) in [
        (&["scan", "--trace", "missing/t.json"][..], "the folder does not exist"),
        (&["scan", "--trace", "folder"], "this is a folder"),
        (&["scan", "--trace", "-"], "use a path like `trace.json`"),
        (&["scan", "--trace", "{account}.json"], "use a path like `trace.json`"),
        (&["scan", "--trace", "r.json", "-o", "json=r.json"], "two outputs write to `r.json`"),
        (&["scan", "--trace"], "a value is required"),
        (&["collect", "--snapshot", "s", "--trace", "missing/t.json"], "the folder does not exist"),
        (&["scan", "--log-format", "xml"], "invalid value 'xml'"),
    ] {
        let ended = program.run(args);
        assert!(ended.code == 2 && ended.stderr.contains(message), "{args:?}: {}", ended.stderr);
    }
    if cfg!(target_os = "linux") {
        // A folder that exists, in which nobody can create a file.
        let ended = program.run(&["scan", "-o", "json=/proc/self/report.json"]);
        assert!(ended.code == 2 && ended.stderr.contains("cannot write to `/proc/self/report"));
    }
    let ended = program.run(&["scan", "--region", "us-gov-west-1"]);
    let message =
        "region us-gov-west-1 is in the partition aws-us-gov, but no account that is scanned is";
    assert!(ended.code == 2 && ended.stderr.contains(message), "{}", ended.stderr);
    assert_eq!(fake.counts().calls, 0);
    if cfg!(target_os = "linux") {
        // The collection itself is complete.
        let ended = program.run(&["collect", "--snapshot", "s", "--trace", "/dev/full"]);
        assert!(ended.code == 2 && ended.stderr.contains("cannot write to `/dev/full`"));
        assert!(program.path("s/run.json").exists());
    }
}
