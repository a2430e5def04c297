//! `--resume`: what a snapshot must have been collected for, what `--recollect` collects again, and
//! that runs that were killed, paused or out of disk space continue to the report of an undisturbed
//! run. Where a run is disturbed depends on the number of requests, never on time.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::simulator_estate::{ALL, REGIONS, config};
use crate::support::aws::{
    Backend, Effect, Estate, FakeAws, Fault, Options, Others, Request, Script, Service,
};
use crate::support::report::{Verdicts, gaps};
use crate::support::rolecall::Rolecall;

fn estate() -> Estate {
    Estate {
        buckets: 3,
        volumes: 2,
        security_groups: 2,
        others: Others::each(1),
        ..Estate::seeded(41, 3, &REGIONS)
    }
}

/// Accounts are collected one by one, so that some are complete wherever a run ends.
const ONE_BY_ONE: &str = "[scan.concurrency]\naccounts = 1\n";

const SCAN: [&str; 6] = ["scan", "-q", "--snapshot", "snapshot", "-o", "json=report.json"];

fn resume<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&SCAN[..], &["--resume"], more].concat()
}

/// A report without the times at which accounts were collected, and without what their calls took.
fn without_times(mut report: Value) -> Value {
    fn remove(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.remove("collected_at");
                fields.remove("collection");
                fields.values_mut().for_each(remove);
            }
            Value::Array(items) => items.iter_mut().for_each(remove),
            _ => {}
        }
    }
    remove(&mut report);
    report
}

/// The report of an undisturbed run, and how many requests it made.
fn undisturbed(estate: &Estate) -> (Value, u64) {
    let fake = FakeAws::start(Options::new(estate.clone()));
    let program = Rolecall::at_address(&fake).config(&config(estate, ALL, ONE_BY_ONE));
    program.run(&SCAN).assert_code(1);
    (without_times(program.json("report.json")), fake.counts().calls)
}

#[track_caller]
fn assert_same(program: &Rolecall, whole: &Value, what: &str) {
    let report = without_times(program.json("report.json"));
    if report != *whole {
        Verdicts::of_report(&report).assert_is(&Verdicts::of_report(whole));
        assert_eq!(gaps(&report), gaps(whole), "{what}");
        panic!("{what}: the reports differ: {report:#}\ninstead of {whole:#}");
    }
}

fn file(program: &Rolecall, account: &str) -> PathBuf {
    program.path("snapshot").join(format!("{account}.jsonl"))
}

fn collected_at(program: &Rolecall, account: &str) -> String {
    let text = fs::read_to_string(file(program, account)).unwrap();
    let header: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    header["calls"].to_string()
}

#[test]
fn a_snapshot_that_was_collected_for_less_is_refused_or_collected_again() {
    let estate = estate();
    let [first, second, _] = <[String; 3]>::try_from(estate.account_ids()).unwrap();
    // Options of the first run and of the second one, and what the snapshot then lacks.
    let table: [(&[&str], &[&str], &[&str]); 5] = [
        (
            &["--rule", "s3-bucket-versioning"],
            &["--rule", "s3-bucket-versioning,sg-*"],
            &["`ec2.security_group`", "accounts 100000000000, 100000000001 and 100000000002 again"],
        ),
        (
            &["--rule", "s3-bucket-versioning"],
            &["--rule", "s3-bucket-versioning,s3-bucket-tls-only"],
            &["it lacks `s3.bucket/policy`"],
        ),
        (
            &["--rule", "ebs-*", "--region", "us-east-1"],
            &["--rule", "ebs-*"],
            &["it lacks region `eu-west-1`"],
        ),
        (
            &["--rule", "ebs-*", "--account", &first],
            &["--rule", "ebs-*,vpc-*", "--account", &first],
            &["it lacks `ec2.flow_log`, ", " more. Pass", "account 100000000000 again"],
        ),
        (
            &["--rule", "ebs-*", "--region", "eu-*"],
            &["--rule", "ebs-*,vpc-*", "--region", "*"],
            &["it lacks `ec2.flow_log`, ", "and region `us-east-1`"],
        ),
    ];
    for (before, now, words) in table {
        let fake = FakeAws::start(Options::new(estate.clone()));
        let program = Rolecall::at_address(&fake).config(&config(&estate, ALL, ""));
        let code = program.run(&[&SCAN[..], before].concat()).code;
        assert!(code < 2, "{before:?}: {code}");
        // The same again, and less, can be resumed without a call.
        let calls = fake.counts().calls;
        assert!(program.run(&[&resume(&[])[..], before].concat()).code < 2, "{before:?}");
        assert_eq!(fake.counts().calls, calls, "{before:?}");

        let files = program.files();
        let refused = program.run(&[&resume(&[])[..], now].concat());
        for words in
            [&["was collected for less than this run needs", "--recollect"], words].concat()
        {
            assert!(refused.assert_code(2).stderr.contains(words), "{words}: {}", refused.stderr);
        }
        assert_eq!((fake.counts().calls, program.files()), (calls, files), "{now:?}");

        let again = program.run(&[&resume(&["--recollect"])[..], now].concat());
        let fresh = Rolecall::at_address(&fake).config(&config(&estate, ALL, ""));
        assert_eq!(again.code, fresh.run(&[&SCAN[..], now].concat()).code, "{}", again.stderr);
        assert_same(&program, &without_times(fresh.json("report.json")), &format!("{now:?}"));
        // Then nothing is left to collect.
        let calls = fake.counts().calls;
        program.run(&[&resume(&["--recollect"])[..], now].concat());
        assert_eq!(fake.counts().calls, calls, "{now:?}");
    }

    // One account only was collected for less: the others are kept.
    let fake = FakeAws::start(Options::new(estate.clone()));
    let program = Rolecall::at_address(&fake).config(&config(&estate, ALL, ""));
    let both = ["--rule", "ebs-*,sg-*"];
    program.run(&[&SCAN[..], &both, &["--account", &first]].concat());
    program.run(&[&resume(&["--account", &second])[..], &["--rule", "ebs-*"]].concat());
    let kept = collected_at(&program, &first);
    let all = [&resume(&["--account", "10000000000[01]"])[..], &both].concat();
    let refused = program.run(&all);
    assert!(
        refused.assert_code(2).stderr.contains(&format!("account {second} again")),
        "{}",
        refused.stderr
    );
    let assumed = fake.counts().calls_by_name["sts:AssumeRole"];
    program.run(&[&all[..], &["--recollect"]].concat()).assert_code(1);
    assert_eq!(fake.counts().calls_by_name["sts:AssumeRole"], assumed + 1);
    assert_eq!(collected_at(&program, &first), kept);
}

#[test]
fn enabled_regions_are_collected_again_after_a_filter() {
    let estate = estate();
    let fake = FakeAws::start(Options::new(estate.clone()));
    let without_regions = config(&estate, ALL, "").replace("regions =", "fallback_regions =");
    let program = Rolecall::at_address(&fake).config(&without_regions);
    let ebs = ["--rule", "ebs-*"];
    let filtered = [&ebs[..], &["--region", "eu-*"]].concat();
    program.run(&[&SCAN[..], &filtered].concat()).assert_code(1);
    let calls = fake.counts().calls;
    // The same filter, and one region of it.
    program.run(&[&resume(&[])[..], &filtered].concat()).assert_code(1);
    program.run(&[&resume(&["--region", "eu-west-1"])[..], &ebs].concat()).assert_code(1);
    assert_eq!(fake.counts().calls, calls);
    for filter in [&[][..], &["--region", "[eu]?-*"]] {
        let refused = program.run(&[&resume(filter)[..], &ebs].concat());
        assert!(
            refused.assert_code(2).stderr.contains("it lacks all enabled regions"),
            "{}",
            refused.stderr
        );
    }
    program.run(&[&resume(&["--recollect"])[..], &ebs].concat()).assert_code(1);
    program.run(&[&resume(&["--region", "us-*"])[..], &ebs].concat()).assert_code(1);
    let regions = fs::read_to_string(file(&program, &estate.account_ids()[0])).unwrap();
    assert!(regions.contains(r#""regions":["eu-west-1","us-east-1"]"#), "{regions}");
}

#[test]
fn a_snapshot_of_another_version_is_collected_again() {
    let estate = estate();
    let fake = FakeAws::start(Options::new(estate.clone()));
    let program = Rolecall::at_address(&fake).config(&config(&estate, ALL, ""));
    let ebs = ["--rule", "ebs-*"];
    program.run(&[&SCAN[..], &ebs].concat()).assert_code(1);
    let manifest = program.path("snapshot/snapshot.json");
    let mut changed = program.json("snapshot/snapshot.json");
    let tool = std::mem::replace(&mut changed["tool"], "rolecall 0.0.1".into());
    fs::write(&manifest, changed.to_string()).unwrap();
    let refused = program.run(&[&resume(&[])[..], &ebs].concat());
    assert!(
        refused.assert_code(2).stderr.contains("it was written by `rolecall 0.0.1`"),
        "{}",
        refused.stderr
    );
    program.run(&[&resume(&["--recollect"])[..], &ebs].concat()).assert_code(1);
    assert_eq!(fake.counts().calls_by_name["sts:AssumeRole"], 2 * estate.accounts);
    assert_eq!(program.json("snapshot/snapshot.json")["tool"], tool);
}

#[test]
fn an_account_that_is_not_collected_again_in_time_is_missing() {
    let estate = estate();
    let accounts = estate.account_ids();
    let hanging = Fault::new(Effect::Stall).account(&accounts[1]).call("ec2:DescribeVpcs");
    let faults = Script { seed: 0, faults: vec![hanging] };
    let fake = FakeAws::start(Options { faults, ..Options::new(estate.clone()) });
    let program = Rolecall::at_address(&fake).config(&config(&estate, ALL, ""));
    program.run(&[&SCAN[..], &["--rule", "ebs-*"]].concat()).assert_code(1);
    let more = ["--rule", "ebs-*,vpc-*", "--recollect", "--deadline", "5s"];
    let ended = program.run(&resume(&more));
    assert!(
        ended.assert_code(3).stderr.contains(&format!("missing: {}", accounts[1])),
        "{}",
        ended.stderr
    );
    // Its old file, which has less, is not reported as if it were everything.
    assert!(!file(&program, &accounts[1]).exists());
    let report = program.json("report.json");
    let entered: Vec<bool> = report["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|account| account["entered"].as_bool().unwrap())
        .collect();
    assert_eq!(entered, [true, false, true]);
}

#[test]
fn recollect_requires_resume() {
    let program = Rolecall::new();
    for command in [&["scan", "--snapshot", "s"][..], &["collect", "--snapshot", "s"], &["doctor"]]
    {
        let ended = program.run(&[command, &["--recollect"]].concat());
        assert!(ended.assert_code(2).stderr.contains("--resume"), "{}", ended.stderr);
    }
}

/// Some numbers from 1 to `most`, always the same ones for a seed.
fn points(seed: u64, most: u64, count: usize) -> Vec<u64> {
    let mut state = seed;
    let next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        1 + (state >> 33) % most
    };
    std::iter::repeat_with(next).take(count).collect()
}

fn start(program: &Rolecall, args: &[&str]) -> Child {
    program.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Waits until that many requests have arrived, for at most a minute.
fn wait_for_requests(fake: &FakeAws, number: u64) {
    let begun = Instant::now();
    while fake.counts().calls < number {
        assert!(begun.elapsed() < Duration::from_secs(60), "fewer than {number} requests");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Starts a scan, and lets it run to the request with that number.
fn run_to(estate: &Estate, at: u64) -> (FakeAws, Rolecall, Child) {
    let fake = FakeAws::start(Options { hold_at: Some(at), ..Options::new(estate.clone()) });
    let program = Rolecall::at_address(&fake).config(&config(estate, ALL, ONE_BY_ONE));
    let child = start(&program, &SCAN);
    wait_for_requests(&fake, at);
    (fake, program, child)
}

#[test]
fn a_run_that_is_killed_anywhere_is_resumed_to_the_same_report() {
    let estate = estate();
    let (whole, requests) = undisturbed(&estate);
    for (signal, seed) in [("-KILL", 1), ("-TERM", 2)] {
        for at in points(seed, requests, 4) {
            let what = format!("{signal} at request {at} of {requests}");
            let (fake, program, mut child) = run_to(&estate, at);
            send(signal, &child);
            let status: ExitStatus = child.wait().unwrap();
            // After SIGTERM, what is complete is reported, and the rest is unknown.
            let expected = if signal == "-KILL" { None } else { Some(3) };
            assert_eq!(status.code(), expected, "{what}");
            fake.release();
            let done =
                estate.account_ids().iter().filter(|one| file(&program, one).exists()).count();
            let before = fake.counts().calls_by_name["sts:AssumeRole"];
            program.run(&resume(&[])).assert_code(1);
            assert_same(&program, &whole, &what);
            let assumed = fake.counts().calls_by_name["sts:AssumeRole"] - before;
            assert_eq!(assumed as usize, 3 - done, "{what}: only missing accounts are collected");
        }
    }
}

#[test]
fn a_run_that_is_paused_until_sessions_expire_and_connections_close_goes_on() {
    let session = Duration::from_secs(2);
    let estate = Estate { session: Some(session), ..estate() };
    let (whole, requests) = undisturbed(&estate);
    thread::scope(|scope| {
        for at in points(3, requests * 9 / 10, 3) {
            let (estate, whole) = (&estate, &whole);
            scope.spawn(move || {
                let what = format!("paused at request {at} of {requests}");
                let (fake, program, mut child) = run_to(estate, at);
                send("-STOP", &child);
                fake.cut_connections();
                // The clock goes on for the program: its session has ended when it continues.
                thread::sleep(session + Duration::from_millis(100));
                fake.release();
                send("-CONT", &child);
                assert_eq!(child.wait().unwrap().code(), Some(1), "{what}");
                assert_same(&program, whole, &what);
                let assumed = fake.counts().calls_by_name["sts:AssumeRole"];
                assert!(assumed > estate.accounts, "{what}: no session was renewed");
            });
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_in_the_middle_of_an_account_is_an_error_and_the_run_can_be_resumed() {
    let small = estate();
    let accounts = small.account_ids();
    // One account has much more than the others.
    let large = Estate { security_groups: 150, ..small.clone() };
    let account = accounts[1].clone();
    let estate = small.other(move |request: &Request| {
        let is_large = request.account == account && request.host.service == Service::Ec2;
        is_large.then(|| large.answer(request))
    });
    let fake = FakeAws::start(Options::new(estate.clone()));
    let config = config(&estate, ALL, ONE_BY_ONE);
    let fresh = Rolecall::at_address(&fake).config(&config);
    fresh.run(&SCAN).assert_code(1);
    let whole = without_times(fresh.json("report.json"));
    let size = |account: &String| fs::metadata(file(&fresh, account)).unwrap().len();
    let sizes: Vec<u64> = accounts.iter().map(size).collect();
    assert!(sizes[1] > sizes[0] + 50_000, "{sizes:?}");

    let program = Rolecall::at_address(&fake).config(&config);
    let ended = program.run_with_file_size(sizes[0].midpoint(sizes[1]), &SCAN);
    ended.assert_code(2);
    for words in [
        &format!("cannot write `snapshot/{}.jsonl`: File too large", accounts[1]),
        "free disk space",
        "Finished accounts are in snapshot: to continue, run the same command with --resume",
    ] {
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    }
    let exists: Vec<bool> = accounts.iter().map(|one| file(&program, one).exists()).collect();
    assert_eq!(exists, [true, false, false]);
    assert!(!program.path("report.json").exists());
    let left = fs::read_dir(program.path("snapshot")).unwrap().count();
    assert_eq!(left, 2, "the file that was begun is still there");

    program.run(&resume(&[])).assert_code(1);
    assert_same(&program, &whole, "after the disk was full");
}
