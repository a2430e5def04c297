//! Time limits and retry budgets on the simulated AWS: each ends what it is for, says which setting
//! changes it, and leaves the rest of the run as it would be without.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::simulator_estate::{ALL, REGIONS, config};
use crate::support::aws::{Effect, Estate, FakeAws, Fault, OWN_ACCOUNT, Options, Others, Script};
use crate::support::report::{Verdicts, gaps};
use crate::support::rolecall::Rolecall;

const SCAN: [&str; 6] = ["scan", "-q", "--snapshot", "snapshot", "-o", "json=report.json"];

fn estate() -> Estate {
    Estate {
        buckets: 2,
        volumes: 5,
        security_groups: 2,
        others: Others::each(1),
        ..Estate::seeded(51, 3, &REGIONS)
    }
}

fn fake(estate: &Estate, faults: Vec<Fault>) -> FakeAws {
    let faults = Script { seed: 0, faults };
    FakeAws::start(Options { faults, record: true, ..Options::new(estate.clone()) })
}

/// The verdicts without failures and limits.
fn undisturbed(estate: &Estate) -> Verdicts {
    let fake = fake(estate, vec![]);
    let program = Rolecall::at_address(&fake).config(&config(estate, ALL, ""));
    program.run(&SCAN).assert_code(1);
    Verdicts::of_report(&program.json("report.json"))
}

/// Call, code and message of the gaps of an account.
fn causes(report: &Value, account: &str) -> BTreeSet<[String; 3]> {
    let accounts = report["accounts"].as_array().unwrap();
    let account = accounts.iter().find(|one| one["account"] == account).unwrap();
    let gaps = account["gaps"].as_array().unwrap().iter();
    gaps.map(|gap| ["call", "code", "message"].map(|key| gap[key].as_str().unwrap().to_owned()))
        .collect()
}

/// Compares the accounts whose calls did not fail.
#[track_caller]
fn assert_others_are(report: &Value, whole: &Verdicts, failed: &str) {
    let others = |verdicts: &Verdicts| verdicts.only(|account, _, _, _| account != failed);
    others(&Verdicts::of_report(report)).assert_is(&others(whole));
}

/// The verdicts of an account differ only in being unknown. Returns how many are.
#[track_caller]
fn unknown_instead(report: &Value, whole: &Verdicts, account: &str) -> usize {
    let own = |verdicts: &Verdicts| verdicts.only(|of, _, _, _| of == account).0;
    let found = own(&Verdicts::of_report(report));
    let known: BTreeMap<_, _> = found.iter().filter(|(_, verdict)| *verdict != "unknown").collect();
    let before = own(whole);
    for (about, verdict) in &known {
        assert_eq!(before.get(*about), Some(*verdict), "{about:?}");
    }
    found.len() - known.len()
}

#[test]
fn a_call_that_stalls_ends_at_its_timeout_and_the_gap_names_the_setting() {
    let estate = estate();
    let whole = undisturbed(&estate);
    let account = estate.account_ids()[0].clone();
    // Other calls, which are repeated, succeed in these times on a busy machine too.
    let table = [
        ("connect = 4\nattempt = 4\ncall = 6\n", "occurred after 6s; `call` in [scan.timeouts]"),
        (
            "connect = 4\nattempt = 4\ncall = 60\n",
            "occurred after 4s; `attempt` in [scan.timeouts]",
        ),
    ];
    for (timeouts, words) in table {
        let stalls = ["ec2:DescribeVpcs", "s3:GetBucketVersioning"]
            .map(|call| Fault::new(Effect::Stall).account(&account).call(call));
        let fake = fake(&estate, stalls.to_vec());
        let settings = format!("max_attempts = 2\n[scan.timeouts]\n{timeouts}");
        let program = Rolecall::at_address(&fake).config(&config(&estate, ALL, &settings));
        program.run(&SCAN).assert_code(3);
        let report = program.json("report.json");
        let causes = causes(&report, &account);
        let calls: BTreeSet<&str> = causes.iter().map(|[call, ..]| call.as_str()).collect();
        assert_eq!(calls, BTreeSet::from(["ec2:DescribeVpcs", "s3:GetBucketVersioning"]));
        for [_, code, message] in &causes {
            assert!(code == "Timeout" && message.contains(words), "{message}");
        }
        assert!(unknown_instead(&report, &whole, &account) > 5);
        assert_others_are(&report, &whole, &account);
    }
}

#[test]
fn an_account_whose_calls_stall_keeps_no_other_one_waiting() {
    // More calls than can be in flight; the other account begins when all of them stall.
    let estate = Estate { buckets: 150, ..Estate::seeded(51, 2, &REGIONS[..1]) };
    let accounts = estate.account_ids();
    let faults = vec![
        Fault::new(Effect::Stall).account(&accounts[0]).call("s3:GetBucketVersioning"),
        Fault::new(Effect::Delay { milliseconds: 3_000 })
            .account(&accounts[1])
            .call("sts:AssumeRole"),
    ];
    let fake = fake(&estate, faults);
    let settings = "[scan.timeouts]\nattempt = 600\ncall = 600\n";
    let program = Rolecall::at_address(&fake).config(&config(&estate, ALL, settings));
    let file = |account: &str| program.path("snapshot").join(format!("{account}.jsonl"));
    let mut scan = program.command(&SCAN).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while !file(&accounts[1]).exists() && begun.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_millis(20));
    }
    let [is_stalled, other_is_done] = [!file(&accounts[0]).exists(), file(&accounts[1]).exists()];
    scan.kill().unwrap();
    scan.wait().unwrap();
    assert!(is_stalled, "the calls of the first account do not end");
    assert!(other_is_done, "not after a minute");
}

#[test]
fn an_account_that_takes_too_long_is_written_with_what_was_read_in_time() {
    // Six pages of volumes take longer than the limit; what has one page does not.
    let estate = Estate { page: Some(1), ..estate() };
    let whole = undisturbed(&estate);
    let account = estate.account_ids()[0].clone();
    let slow = Fault::new(Effect::Delay { milliseconds: 1_500 });
    let fake = fake(&estate, vec![slow.account(&account).call("ec2:DescribeVolumes")]);
    let limited = config(&estate, ALL, "[scan.timeouts]\ncall = 5\nattempt = 5\naccount = 5\n");
    // It cannot be accepted: more time reads what is missing.
    let limited = format!("{limited}[[accepted_gap]]\naccount = \"*\"\nreason = \"slow\"\n");
    let program = Rolecall::at_address(&fake).config(&limited);
    program.run(&SCAN).assert_code(3);
    let report = program.json("report.json");
    let message = "the account took longer than 5s; raise `account` in [scan.timeouts]";
    let expected = ["ec2:DescribeVolumes", "AccountTimeout", message].map(str::to_owned);
    assert_eq!(causes(&report, &account), [expected].into());
    assert!(gaps(&report).iter().all(|(_, is_accepted)| !is_accepted));
    let unknown = unknown_instead(&report, &whole, &account);
    assert!(unknown > 0, "nothing is unknown");
    assert_others_are(&report, &whole, &account);

    // It counts as collected, but can be collected again without the limit.
    fs::write(program.path("rolecall.toml"), config(&estate, ALL, "")).unwrap();
    let calls = fake.counts().calls;
    program.run(&[&SCAN[..], &["--resume"]].concat()).assert_code(3);
    assert_eq!(fake.counts().calls, calls);
    program.run(&[&SCAN[..], &["--resume", "--recollect"]].concat()).assert_code(1);
    Verdicts::of_report(&program.json("report.json")).assert_is(&whole);
    assert_eq!(fake.counts().calls_by_name["sts:AssumeRole"], estate.accounts + 1);
}

#[test]
fn only_the_facts_that_are_not_read_in_time_are_unknown() {
    let estate = estate();
    let whole = undisturbed(&estate);
    let account = estate.account_ids()[1].clone();
    let call = "s3:GetBucketEncryption";
    let fake = fake(&estate, vec![Fault::new(Effect::Stall).account(&account).call(call)]);
    // The call begins after the account, so its own limit is later.
    let limited = config(&estate, ALL, "[scan.timeouts]\ncall = 8\nattempt = 8\naccount = 8\n");
    let program = Rolecall::at_address(&fake).config(&limited);
    program.run(&SCAN).assert_code(3);
    let report = program.json("report.json");
    let message = "the account took longer than 8s; raise `account` in [scan.timeouts]";
    let expected = [call, "AccountTimeout", message].map(str::to_owned);
    assert_eq!(causes(&report, &account), [expected].into());
    assert!(unknown_instead(&report, &whole, &account) > 0);
    assert_others_are(&report, &whole, &account);
}

#[test]
fn a_role_that_is_not_assumed_in_time_is_unknown_as_a_whole() {
    let estate = estate();
    let account = estate.account_ids()[1].clone();
    let stall = Fault::new(Effect::Stall).account(&account).call("sts:AssumeRole");
    let fake = fake(&estate, vec![stall]);
    let settings = "[scan.timeouts]\ncall = 4\nattempt = 4\naccount = 4\nconnect = 4\n";
    let program = Rolecall::at_address(&fake).config(&config(&estate, ALL, settings));
    program.run(&SCAN).assert_code(3);
    let report = program.json("report.json");
    let causes = causes(&report, &account);
    assert!(causes.iter().all(|[call, ..]| call == "sts:AssumeRole") && causes.len() == 1);
    Verdicts::of_report(&report).assert_is(&undisturbed(&estate).account_unknown(&account));
}

#[test]
fn the_deadline_of_the_run_leaves_what_is_not_finished() {
    let estate = estate();
    let account = estate.account_ids()[1].clone();
    let stall = Fault::new(Effect::Stall).account(&account).call("ec2:DescribeVpcs");
    let fake = fake(&estate, vec![stall]);
    let expected = undisturbed(&estate).account_unknown(&account);
    // The flag overrides the config.
    let settings = |run| format!("[scan.timeouts]\ncall = 8\nattempt = 8\nrun = {run}\n");
    for (run, flag) in [(8, &[][..]), (600, &["--deadline", "8s"])] {
        let program = Rolecall::at_address(&fake).config(&config(&estate, ALL, &settings(run)));
        let ended = program.run(&[&SCAN[..], flag].concat());
        let words = "stopped at the deadline of 8s: collected 2 of 3 accounts into snapshot; missing: 100000000001";
        assert!(ended.assert_code(3).stderr.contains(words), "{}", ended.stderr);
        let report = program.json("report.json");
        Verdicts::of_report(&report).assert_is(&expected);
        let why = "the run was stopped at the deadline of 8s before it collected this account";
        assert!(causes(&report, &account).iter().all(|[.., message]| message == why));
    }
}

#[test]
fn the_deadline_of_the_run_includes_reading_the_organization() {
    let fake = fake(&estate(), vec![Fault::new(Effect::Stall).call("organizations:ListRoots")]);
    let settings = "[scan.timeouts]\ncall = 60\nattempt = 60\n";
    let config = format!("{}{settings}", of_organization(""));
    let program = Rolecall::at_address(&fake).config(&config);
    let ended = program.run(&[&SCAN[..], &["--deadline", "3s"]].concat());
    let words =
        "stopped at the deadline of 3s while reading the organization; nothing was collected";
    assert!(ended.assert_code(2).stderr.contains(words), "{}", ended.stderr);
}

/// How many retries the tokens of an account and service allow (`RETRY_TOKENS` in
/// `src/aws/clients.rs`), besides one of each call.
const RETRIES: u64 = 10_000 / 14;

#[test]
fn an_outage_in_one_account_does_not_multiply_its_calls() {
    let estate = Estate { buckets: 120, ..estate() };
    let accounts = estate.account_ids();
    let all = "s3:GetBucket*";
    let faults = vec![
        Fault::new(Effect::Unavailable).account(&accounts[0]).call(all),
        // Other services of the account, and other accounts, have budgets of their own.
        Fault::new(Effect::Unavailable).account(&accounts[0]).call("ec2:*").attempts(1),
        Fault::new(Effect::Unavailable).account(&accounts[1]).call(all).attempts(1),
    ];
    let whole = undisturbed(&estate);
    let fake = fake(&estate, faults);
    let program = Rolecall::at_address(&fake).config(&config(&estate, ALL, ""));
    program.run(&SCAN).assert_code(3);
    let report = program.json("report.json");
    assert_others_are(&report, &whole, &accounts[0]);
    for [call, code, _] in causes(&report, &accounts[0]) {
        assert!(call.starts_with("s3:") && code == "ServiceUnavailable", "{call}: {code}");
    }
    let header = fs::read_to_string(program.path(&format!("snapshot/{}.jsonl", accounts[0])));
    let header = header.unwrap();
    let header: Value = serde_json::from_str(header.lines().next().unwrap()).unwrap();
    let is_affected = |call: &str| call.starts_with("s3:GetBucket");
    let calls: u64 = header["calls"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(call, _)| is_affected(call))
        .map(|(_, count)| count.as_u64().unwrap())
        .sum();
    let attempts = fake
        .requests()
        .iter()
        .filter(|request| request.account == accounts[0] && is_affected(&request.call))
        .count() as u64;
    let most = 2 * calls + RETRIES;
    assert!(most < 4 * calls, "{calls} calls are too few to use up the budget");
    assert!(attempts > calls && attempts <= most, "{attempts} attempts of {calls} calls");
}

#[test]
fn accounts_whose_roles_fail_do_not_use_up_the_retries_of_others() {
    let estate = Estate { buckets: 1, accounts: 14, ..Estate::default() };
    let accounts = estate.account_ids();
    let mut faults: Vec<Fault> = accounts[..13]
        .iter()
        .map(|account| Fault::new(Effect::Internal).account(account).call("sts:AssumeRole"))
        .collect();
    let last = &accounts[13];
    faults.push(Fault::new(Effect::Internal).account(last).call("sts:AssumeRole").attempts(2));
    let fake = fake(&estate, faults);
    let settings = "[scan.concurrency]\naccounts = 1\n";
    let program = Rolecall::at_address(&fake).config(&config(&estate, ALL, settings));
    program.run(&[&SCAN[..], &["--rule", "s3-bucket-versioning"]].concat()).assert_code(3);
    let report = program.json("report.json");
    assert_eq!(causes(&report, last), BTreeSet::new());
    // Five attempts each, and three for the last account.
    assert_eq!(fake.counts().calls_by_name["sts:AssumeRole"], 13 * 5 + 3);
}

#[test]
fn throttling_that_lasts_is_the_cause_of_what_is_unknown() {
    let estate = estate();
    let whole = undisturbed(&estate);
    let account = estate.account_ids()[2].clone();
    let calls = ["s3:GetBucketVersioning", "ec2:DescribeImages"];
    let throttled = calls.map(|call| Fault::new(Effect::Throttle).account(&account).call(call));
    let fake = fake(&estate, throttled.to_vec());
    let program = Rolecall::at_address(&fake).config(&config(&estate, ALL, "max_attempts = 2\n"));
    program.run(&SCAN).assert_code(3);
    let report = program.json("report.json");
    let found = causes(&report, &account);
    let found: BTreeSet<_> = found.iter().map(|[call, code, _]| (&call[..], &code[..])).collect();
    let expected = [(calls[0], "SlowDown"), (calls[1], "RequestLimitExceeded")];
    assert_eq!(found, BTreeSet::from(expected));
    assert!(unknown_instead(&report, &whole, &account) > 2);
    assert_others_are(&report, &whole, &account);
    assert!(program.json("snapshot/run.json")["throttled"].as_u64().unwrap() >= 4);
}

/// A config that scans an organization; `organization` is added to its section.
fn of_organization(organization: &str) -> String {
    format!(
        "[role]\nname = \"audit\"\n[scan]\nregions = {REGIONS:?}\n[scan.selection]\n{ALL}\n\
         [organization]\nrole = \"reader\"\n{organization}\n"
    )
}

#[test]
fn an_organization_is_scanned_by_ou_and_read_with_renewed_credentials() {
    // 31 accounts in the root and three OUs: 0, 1 below it, and 2. Lists have pages of 20.
    let estate = Estate {
        accounts: 30,
        units: 3,
        buckets: 1,
        volumes: 1,
        security_groups: 1,
        ..Estate::in_regions(&REGIONS)
    };
    let mut accounts = estate.account_ids();
    accounts.push(OWN_ACCOUNT.to_owned());
    let of = |units: &[usize]| -> Vec<String> {
        accounts
            .iter()
            .enumerate()
            .filter(|(index, _)| units.contains(&(index % 4)))
            .map(|(_, id)| id.clone())
            .collect()
    };
    let table = [
        ("include_units = [\"Root/Unit 0\"]", of(&[1, 2])),
        ("include_units = [\"Root/Unit 0/Unit 1\", \"ou-fake-00000002\"]", of(&[2, 3])),
        (
            "exclude_units = [\"Root/Unit 0\"]\nexclude_accounts = [\"100000000000\"]",
            of(&[0, 3])[1..].to_vec(),
        ),
    ];
    for (organization, expected) in table {
        let faults = vec![
            // Credentials that are a second old are renewed when they are rejected.
            Fault::new(Effect::Delay { milliseconds: 1_100 }).call("organizations:ListRoots"),
            Fault::new(Effect::ExpiredToken).call("organizations:ListAccounts*").attempts(1),
            Fault::new(Effect::ExpiredToken).call("organizations:ListOrg*").attempts(1),
        ];
        let fake = fake(&estate, faults);
        let program = Rolecall::at_address(&fake).config(&of_organization(organization));
        let scan = [&SCAN[..], &["--rule", "s3-bucket-versioning,ebs-*", "--fail-on", "none"]];
        let ended = program.run(&scan.concat());
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let report = program.json("report.json");
        let scanned: Vec<&str> = report["accounts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|account| account["account"].as_str().unwrap())
            .collect();
        assert_eq!(scanned, expected, "{organization}");
        assert_eq!(gaps(&report), []);
        let counts = fake.counts();
        let reader = counts.calls_by_name["sts:AssumeRole"] - expected.len() as u64;
        assert!(reader >= 2, "the credentials that read the organization were not renewed");
        assert!(counts.faults["ExpiredToken"] >= 8, "{:?}", counts.faults);
    }
}
