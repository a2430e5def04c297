//! Runs that several processes collect, and runs with a deadline: what is collected is kept, nothing
//! is counted twice, and every account that is missing is named.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::Ran;
use crate::support::aws::{Estate, FakeAws, Options, Request, Response};
use crate::support::rolecall::Rolecall;

const RULE: &str = "s3-bucket-versioning";

fn config(accounts: usize) -> String {
    let mut text = "[role]\nname = \"audit\"\n[scan]\nregions = [\"us-east-1\"]\n".to_owned();
    for number in 0..accounts {
        text.push_str(&format!(
            "[[account]]\nid = \"{}\"\nexternal_id = \"secret-{number}\"\n",
            account(number)
        ));
    }
    text
}

fn account(number: usize) -> String {
    format!("1000000000{number:02}")
}

fn estate(accounts: usize) -> Options {
    Options::new(Estate { accounts: accounts as u64, buckets: 3, ..Estate::default() })
}

/// The report of a snapshot without its times of collection.
fn report(program: &Rolecall, snapshot: &str) -> (Value, Ran) {
    let args = ["evaluate", "--rule", RULE, "--snapshot", snapshot, "-o", "json=report.json"];
    let ran = program.run(&args);
    let mut report = program.json("report.json");
    for account in report["accounts"].as_array_mut().unwrap() {
        account["collected_at"] = Value::Null;
    }
    (report, ran)
}

fn targets(program: &Rolecall, shards: &str, to: &str) {
    let args = ["targets", "--rule", RULE, "--shards", shards, "--to", to];
    program.run(&args).assert_code(0);
}

fn collect(program: &Rolecall, list: &str, shard: &str, snapshot: &str) -> Ran {
    program.run(&[
        "collect",
        "--rule",
        RULE,
        "--targets",
        list,
        "--shard",
        shard,
        "--snapshot",
        snapshot,
    ])
}

fn files(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".jsonl"))
        .collect();
    names.sort();
    names
}

#[test]
fn merged_shards_give_the_report_of_one_run() {
    let fake = FakeAws::start(estate(7));
    let program = Rolecall::on(&fake).config(&config(7));
    program.run(&["collect", "--rule", RULE, "--snapshot", "whole"]).assert_code(0);
    let (expected, _) = report(&program, "whole");

    targets(&program, "3", "run");
    let list = fs::read_to_string(program.path("run/targets.json")).unwrap();
    assert!(!list.contains("secret"), "external ids are never written");
    for shard in ["1/3", "2/3", "3/3"] {
        collect(&program, "run", shard, &format!("shard-{}", &shard[..1])).assert_code(0);
    }
    // Any order, and with the file or its folder.
    let merge = |list: &str, into: &str| {
        program.run(&["merge", "shard-3", "shard-1", "shard-2", "--targets", list, "--into", into])
    };
    let merged = merge("run/targets.json", "merged");
    assert!(merged.assert_code(0).stderr.contains("7 accounts, 21 resources, 0 gaps in merged"));
    let (found, ran) = report(&program, "merged");
    ran.assert_code(0);
    assert_eq!(found, expected);

    // Durations divide the next run.
    let durations = program.json("merged/run.json")["account_seconds"].as_object().unwrap().len();
    assert_eq!(durations, 7);
    program
        .run(&["targets", "--rule", RULE, "--shards", "2", "--to", "next", "--previous", "merged"])
        .assert_code(0);
    assert_eq!(program.json("next/targets.json")["account_seconds"].as_object().unwrap().len(), 7);

    // A run has one list of targets, and a merged snapshot is new.
    let again = program.run(&["targets", "--rule", RULE, "--shards", "3", "--to", "run"]);
    assert!(again.assert_code(2).stderr.contains("run/targets.json` already exists"));
    assert!(merge("run", "merged").assert_code(2).stderr.contains("with --into"));
}

#[test]
fn what_no_shard_collected_is_named_and_unknown() {
    let fake = FakeAws::start(estate(4));
    let program = Rolecall::on(&fake).config(&config(4));
    targets(&program, "4", "run");
    collect(&program, "run", "1/4", "shard-1").assert_code(0);
    collect(&program, "run", "2/4", "shard-2").assert_code(0);
    // Cut off in the middle of a line.
    let path = program.path("shard-2").join(format!("{}.jsonl", account(1)));
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..text.len() - 40]).unwrap();
    let merged =
        program.run(&["merge", "shard-1", "shard-2", "--targets", "run", "--into", "merged"]);
    merged.assert_code(3);
    for part in [
        "2 accounts not collected by any shard: 100000000002, 100000000003",
        "1 account truncated, and therefore unknown: 100000000001",
    ] {
        assert!(merged.stderr.contains(part), "{}", merged.stderr);
    }
    let (report, ran) = report(&program, "merged");
    ran.assert_code(3);
    let entered: Vec<&Value> =
        report["accounts"].as_array().unwrap().iter().map(|account| &account["entered"]).collect();
    assert_eq!(entered, [true, false, false, false]);

    // A shard that is repeated: the whole file wins over the truncated one, wherever it is.
    collect(&program, "run", "2/4", "again").assert_code(0);
    let merged = program.run(&[
        "merge",
        "shard-1",
        "again",
        "shard-2",
        "--targets",
        "run",
        "--into",
        "repaired",
    ]);
    assert!(
        merged.assert_code(3).stderr.contains("again/100000000001.jsonl` is used instead of"),
        "{}",
        merged.stderr
    );
    assert_eq!(files(&program.path("repaired")).len(), 2);
}

#[test]
fn what_does_not_belong_to_the_run_is_refused() {
    let fake = FakeAws::start(estate(2));
    let program = Rolecall::on(&fake).config(&config(2));
    targets(&program, "2", "run");
    targets(&program, "1", "other");
    collect(&program, "run", "1/2", "good").assert_code(0);
    collect(&program, "other", "1/1", "other-run").assert_code(0);
    program.run(&["collect", "--rule", RULE, "--snapshot", "no-run"]).assert_code(0);
    let good = fs::read_to_string(program.path("good/100000000000.jsonl")).unwrap();
    let variant = |name: &str, account: &str, text: String| {
        fs::create_dir(program.path(name)).unwrap();
        fs::write(program.path(name).join(format!("{account}.jsonl")), text).unwrap();
    };
    let replaced = |from: &str, to: &str| {
        assert!(good.contains(from), "{good}");
        good.replacen(from, to, 1)
    };
    let stranger = good.replace("100000000000", "999999999999");
    variant("stranger", "999999999999", stranger);
    variant("misnamed", "100000000001", good.clone());
    let header: Value = serde_json::from_str(good.lines().next().unwrap()).unwrap();
    let time = header["collected_at"].as_str().unwrap();
    variant("old", "100000000000", replaced(time, "2025-01-01T00:00:00Z"));
    let tool = header["run"]["tool"].as_str().unwrap();
    variant("tool", "100000000000", replaced(tool, "rolecall 0.0.1"));
    let rules = header["run"]["rules"].as_str().unwrap();
    variant("rules", "100000000000", replaced(rules, "0000"));
    variant("demand", "100000000000", replaced("\"versioning\"", "\"policy\""));
    fs::create_dir(program.path("empty")).unwrap();
    for (dir, expected) in [
        ("other-run", "is part of run "),
        ("no-run", "it was not collected as a part of a run"),
        ("stranger", "account 999999999999 is not among the targets of run"),
        ("misnamed", "its header is for account 100000000000"),
        ("old", "it was collected at 2025-01-01T00:00:00Z, before run"),
        ("tool", "it was collected by rolecall 0.0.1"),
        ("rules", "it was collected for other rules"),
        ("demand", "it was collected for other facts"),
        ("empty", "it has no files of accounts"),
        ("nowhere", "No such file"),
    ] {
        let ran = program.run(&["merge", "good", dir, "--targets", "run", "--into", "merged"]);
        assert!(
            ran.assert_code(2).stderr.contains(expected) && ran.stderr.contains(dir),
            "{dir}: {}",
            ran.stderr
        );
        assert!(!program.path("merged").exists(), "{dir}: nothing is written");
    }
    for (args, expected) in [
        (&["merge", "good", "--into", "merged"][..], "--targets"),
        (
            &["merge", "good", "--targets", "nowhere", "--into", "merged"],
            "create it with `rolecall targets",
        ),
        (
            &["merge", "good", "--targets", "good/snapshot.json", "--into", "merged"],
            "not a valid list of targets",
        ),
        (&["collect", "--snapshot", "x", "--shard", "1/2"], "--targets"),
        (&["collect", "--snapshot", "x", "--targets", "run", "--shard", "0/2"], "numbered from 1"),
        (
            &["collect", "--rule", RULE, "--snapshot", "x", "--targets", "run", "--shard", "1/3"],
            "it has 2 shards, not 3",
        ),
        (
            &["collect", "--rule", "ec2-*", "--snapshot", "x", "--targets", "run"],
            "it was written for other rules",
        ),
        (
            &["collect", "--targets", "run", "--snapshot", "x", "--account", "1*"],
            "cannot be used with",
        ),
        (&["collect", "--snapshot", "x", "--deadline", "soon"], "not a valid duration"),
        (&["collect", "--snapshot", "x", "--deadline", "0s"], "not a valid duration"),
        (
            &["targets", "--shards", "2", "--to", "x", "--previous", "nowhere"],
            "cannot use `nowhere/run.json` as the previous run",
        ),
    ] {
        let ran = program.run(args);
        assert!(ran.assert_code(2).stderr.contains(expected), "{args:?}: {}", ran.stderr);
        assert!(!program.path("x").exists(), "{args:?}");
    }

    // A folder of another run cannot be resumed: its accounts would count as collected.
    let ran = program.run(&[
        "collect",
        "--rule",
        RULE,
        "--targets",
        "run",
        "--snapshot",
        "other-run",
        "--resume",
    ]);
    assert!(ran.assert_code(2).stderr.contains("was not collected for this run"), "{}", ran.stderr);

    // The same accounts with another role, in other regions, and without one of them.
    let changed = config(2).replace("\"audit\"", "\"other\"");
    let program = program.config(&changed);
    let refused = collect(&program, "run", "1/2", "x");
    assert!(refused.assert_code(2).stderr.contains("another role for account 100000000000"));
    let program = program.config(&config(2).replace("us-east-1", "eu-west-1"));
    let refused = collect(&program, "run", "1/2", "x");
    assert!(refused.assert_code(2).stderr.contains("other regions for account 100000000000"));
    let program = program.config(&config(1));
    let refused = collect(&program, "run", "2/2", "x");
    assert!(refused.assert_code(2).stderr.contains("account 100000000001 is not an account of"));
}

/// Some accounts do not get an answer from S3.
fn hanging(accounts: usize, hangs: &'static [&'static str]) -> FakeAws {
    let hang = move |request: &Request, response: &mut Response| {
        if request.call == "sts:AssumeRole" && hangs.contains(&request.role_account()) {
            *response = Response::hang();
        }
    };
    FakeAws::start(estate(accounts).spoil(hang))
}

#[test]
fn a_deadline_keeps_what_is_done_and_names_what_is_left() {
    let fake = hanging(3, &["100000000001"]);
    let program = Rolecall::on(&fake).config(&config(3));
    let args = ["collect", "--rule", RULE, "--snapshot", "s", "--deadline", "3s"];
    let ran = program.run(&args);
    assert!(
        ran.assert_code(3).stderr.contains(
            "stopped at the deadline of 3s: collected 2 of 3 accounts into s; missing: 100000000001. To continue, run the same command with --resume"
        ),
        "{}",
        ran.stderr
    );
    assert_eq!(files(&program.path("s")), ["100000000000.jsonl", "100000000002.jsonl"]);
    let record = program.json("s/run.json");
    assert_eq!(record["stopped_by"], "deadline");
    assert_eq!(record["accounts_left"], serde_json::json!(["100000000001"]));

    // Alone with a whole run, an account is written with what could be read: a gap, not a loop.
    let ran = program.run(&[&args[..], &["--resume"]].concat());
    assert!(!ran.assert_code(3).stderr.contains("missing:"), "{}", ran.stderr);
    let text = fs::read_to_string(program.path("s/100000000001.jsonl")).unwrap();
    assert!(text.contains("\"code\":\"OutOfTime\""), "{text}");
    let times = program.json("s/run.json")["account_seconds"].as_object().unwrap().len();
    assert_eq!(times, 3, "the durations of the first run are kept");
}

#[test]
fn lists_that_are_not_read_in_time_are_gaps() {
    let hang = |request: &Request, response: &mut Response| {
        if request.call == "ec2:DescribeVpcs" {
            *response = Response::hang();
        }
    };
    let fake = FakeAws::start(estate(1).spoil(hang));
    let program = Rolecall::on(&fake).config(&config(1));
    let rules = "s3-bucket-versioning,vpc-flow-logs*";
    let ran = program.run(&[
        "scan",
        "--rule",
        rules,
        "--deadline",
        "3s",
        "-o",
        "json=r.json",
        "--fail-on",
        "none",
    ]);
    ran.assert_code(3);
    let report = program.json("r.json");
    let account = &report["accounts"][0];
    assert_eq!(account["entered"], true);
    let gaps = account["gaps"].as_array().unwrap();
    assert!(
        gaps.iter().all(|gap| gap["code"] == "OutOfTime" || gap["cause"]["code"] == "OutOfTime")
            && !gaps.is_empty(),
        "{gaps:#?}"
    );
    assert!(report.to_string().contains("ec2:DescribeVpcs"));
}

#[test]
fn accounts_that_will_not_fit_are_not_begun() {
    let fake = FakeAws::start(estate(4));
    let program = Rolecall::on(&fake).config(&config(4));
    program
        .run(&["collect", "--rule", RULE, "--snapshot", "s", "--account", &account(0)])
        .assert_code(0);
    let mut record = program.json("s/run.json");
    record["account_seconds"][account(2)] = 5_000.into();
    record["account_seconds"][account(3)] = 5_000.into();
    fs::write(program.path("s/run.json"), record.to_string()).unwrap();
    let ran = program.run(&[
        "collect",
        "--rule",
        RULE,
        "--snapshot",
        "s",
        "--resume",
        "--deadline",
        "1h",
    ]);
    assert!(
        ran.assert_code(3).stderr.contains("missing: 100000000002, 100000000003"),
        "{}",
        ran.stderr
    );
    let entered = fake.counts().calls_by_name["sts:AssumeRole"];
    assert_eq!(entered, 2, "one before, and one that fits");

    // What never fits is begun when it is the first, so that some run collects it.
    let ran = program.run(&[
        "collect",
        "--rule",
        RULE,
        "--snapshot",
        "s",
        "--resume",
        "--deadline",
        "1h",
    ]);
    assert!(ran.assert_code(3).stderr.contains("missing: 100000000003."), "{}", ran.stderr);
}

#[test]
fn after_a_run_without_progress_accounts_are_collected_one_by_one() {
    let fake = hanging(2, &["100000000000", "100000000001"]);
    let program = Rolecall::on(&fake).config(&config(2));
    let args = ["collect", "--rule", RULE, "--snapshot", "s", "--deadline", "2s"];
    let ran = program.run(&args);
    assert!(ran.assert_code(3).stderr.contains("collected 0 of 2 accounts"), "{}", ran.stderr);
    let resume = [&args[..], &["--resume"]].concat();
    let ran = program.run(&resume);
    assert!(ran.assert_code(3).stderr.contains("collected 1 of 2 accounts"), "{}", ran.stderr);
    assert_eq!(files(&program.path("s")), ["100000000000.jsonl"]);
}

/// However little time there is, repeated runs collect every account that can be accessed.
#[test]
fn an_account_that_cannot_be_accessed_does_not_hold_up_the_others() {
    let hang = |request: &Request, response: &mut Response| {
        if request.call == "sts:AssumeRole" && request.role_account() == "100000000000" {
            *response = Response::error(request, 403, "AccessDenied", "no", &[]);
        }
        if request.call == "s3:GetBucketVersioning" {
            *response = Response::hang();
        }
    };
    let fake = FakeAws::start(estate(3).spoil(hang));
    let program = Rolecall::on(&fake).config(&config(3));
    let args = ["collect", "--rule", RULE, "--snapshot", "s", "--deadline", "2s"];
    let mut ran = program.run(&args);
    let resume = [&args[..], &["--resume"]].concat();
    for _ in 0..3 {
        ran.assert_code(3);
        if !ran.stderr.contains("missing: ") {
            break;
        }
        ran = program.run(&resume);
    }
    assert!(!ran.stderr.contains("missing: "), "{}", ran.stderr);
    for account in ["100000000001", "100000000002"] {
        let text = fs::read_to_string(program.path("s").join(format!("{account}.jsonl"))).unwrap();
        assert!(text.contains("\"entered\":true") && text.contains("OutOfTime"), "{text}");
    }
}
