//! Access to accounts: which credentials are used, what they allow, and what happens if access
//! fails.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::simulator_estate::{ALL, REGIONS, config};
use crate::support::aws::{Estate, FakeAws, Options};
use crate::support::fault::{Proxy, Request, when};
use crate::support::moto::{ACCOUNTS, IRELAND, OWN, PAYMENTS, RESEARCH, SANDBOX, moto};
use crate::support::report::{Verdicts, gaps};
use crate::support::rolecall::{Rolecall, SECRET, SELECTION, scan_config};

fn calls_of(requests: &[Request], account: &str) -> Vec<String> {
    requests
        .iter()
        .filter(|request| request.account == account)
        .map(|request| request.call.clone())
        .collect()
}

#[test]
fn a_role_in_the_wrong_account_is_a_gap_and_nothing_is_read() {
    // STS reports that the research role's session belongs to the sandbox account.
    let proxy = Proxy::start(vec![
        when(|request| request.call == "sts:AssumeRole" && request.role_account() == RESEARCH)
            .rewrite(|answer| answer.replace(RESEARCH, SANDBOX)),
    ]);
    let program = Rolecall::at(&proxy).scan_config("");
    program.run(&["scan", "--output", "json=report.json"]).assert_code(3);
    let report = program.json("report.json");
    Verdicts::of_report(&report).assert_is(&moto().truth.clone().account_unknown(RESEARCH));
    assert_eq!(
        gaps(&report),
        [(format!("{RESEARCH} global sts:AssumeRole WrongAccount account"), false)]
    );
    // With credentials of unknown origin, only sts:GetCallerIdentity would be acceptable, and it is
    // not needed either.
    assert_eq!(calls_of(&proxy.requests(), RESEARCH), [""; 0]);
}

#[test]
fn the_base_account_needs_no_role_but_must_be_the_expected_one() {
    let config = |account: &str| {
        format!(
            "[scan]\nregions = [\"{IRELAND}\"]\n{SELECTION}\n[[account]]\nid = \"{account}\"\nname = \"central\"\nrole = \"none\"\n"
        )
    };
    let proxy = Proxy::start(vec![]);
    let program = Rolecall::at(&proxy).config(&config(OWN));
    program.run(&["scan", "--output", "json=report.json"]).assert_code(1);
    let report = program.json("report.json");
    assert_eq!(gaps(&report), []);
    // A new account: nothing is configured, and there is only a default group.
    let found = Verdicts::of_report(&report);
    let of_account = found.only(|_, _, _, id| id == OWN || id == IRELAND);
    assert_eq!(of_account.0.values().collect::<Vec<_>>(), ["fail", "fail"], "{found:?}");
    let calls = proxy.calls();
    assert_eq!(
        (calls.get("sts:GetCallerIdentity"), calls.get("sts:AssumeRole")),
        (Some(&1), None),
        "{calls:?}"
    );

    let other = "999988887777";
    let proxy = Proxy::start(vec![]);
    let program = Rolecall::at(&proxy).config(&config(other));
    program.run(&["scan", "--output", "json=report.json"]).assert_code(3);
    let report = program.json("report.json");
    assert_eq!(
        gaps(&report),
        [(format!("{other} global sts:GetCallerIdentity WrongAccount account"), false)]
    );
    assert!(Verdicts::of_report(&report).0.values().all(|verdict| verdict == "unknown"));
    assert_eq!(proxy.calls().into_keys().collect::<Vec<_>>(), ["sts:GetCallerIdentity"]);
}

#[test]
fn a_hub_role_is_assumed_once_and_may_only_assume_the_target_roles() {
    let hub = "444455556666";
    let via = format!(
        "via = {{ arn = \"arn:aws:iam::{hub}:role/hub\", external_id = {{ env = \"ROLECALL_HUB\" }} }}\nname = \"audit\"\n"
    );
    let config = scan_config("").replace("name = \"audit\"\n", &via);
    let proxy = Proxy::start(vec![]);
    let program = Rolecall::at(&proxy)
        .config(&config)
        .env("ROLECALL_EXTERNAL_ID", SECRET)
        .env("ROLECALL_HUB", "hub-secret");
    program.run(&["scan", "--output", "json=report.json"]).assert_code(1);
    Verdicts::of_report(&program.json("report.json")).assert_is(&moto().truth);

    let requests = proxy.requests();
    let assumed: Vec<&Request> =
        requests.iter().filter(|request| request.call == "sts:AssumeRole").collect();
    assert_eq!(requests[0].call, "sts:AssumeRole");
    let to_hub = assumed[0];
    assert_eq!(
        (to_hub.account.as_str(), to_hub.role_account(), to_hub.param("ExternalId")),
        (OWN, hub, "hub-secret")
    );
    let policy: Value = serde_json::from_str(to_hub.param("Policy")).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 1);
    assert_eq!(statements[0]["Action"], "sts:AssumeRole");
    let roles = ACCOUNTS.map(|account| format!("arn:aws:iam::{account}:role/security/audit"));
    assert_eq!(statements[0]["Resource"], serde_json::json!(roles));

    let mut entered: Vec<&str> =
        assumed[1..].iter().map(|request| request.role_account()).collect();
    entered.sort_unstable();
    assert_eq!(entered, ACCOUNTS);
    for request in &assumed {
        // A role session that was started by another role lasts one hour at most; the first hop
        // needs no more.
        assert!(request.param("DurationSeconds").parse::<u32>().unwrap() <= 3_600);
    }
    for request in &assumed[1..] {
        assert_eq!((request.account.as_str(), request.param("ExternalId")), (hub, SECRET));
    }
    assert_eq!(calls_of(&requests, hub).len(), 3, "the hub session was used for other calls");
    assert_eq!(calls_of(&requests, OWN), ["sts:AssumeRole"]);
}

#[test]
fn a_hub_role_that_cannot_be_assumed_is_a_gap_in_each_of_its_accounts() {
    let config = scan_config("").replace(
        "name = \"audit\"\n",
        "via = \"arn:aws:iam::444455556666:role/hub\"\nname = \"audit\"\n",
    );
    let proxy = Proxy::start(vec![
        when(|request| request.call == "sts:AssumeRole")
            .denied("is not authorized to perform: sts:AssumeRole"),
    ]);
    let program = Rolecall::at(&proxy).config(&config).env("ROLECALL_EXTERNAL_ID", SECRET);
    program.run(&["scan", "--output", "json=report.json"]).assert_code(3);
    let report = program.json("report.json");
    assert_eq!(
        gaps(&report),
        ACCOUNTS.map(|account| (
            format!("{account} global sts:AssumeRole AccessDenied account"),
            false
        ))
    );
    let nothing = ACCOUNTS.into_iter().fold(moto().truth.clone(), Verdicts::account_unknown);
    Verdicts::of_report(&report).assert_is(&nothing);
    assert_eq!(proxy.requests().len(), 1, "one denial is enough");
    let message = &report["accounts"][0]["gaps"][0]["message"];
    assert!(
        message.as_str().unwrap().contains("arn:aws:iam::444455556666:role/hub"),
        "the hub role is named: {message}"
    );
}

#[test]
fn temporary_base_credentials_limit_sessions_to_one_hour() {
    for (token, seconds) in [(None, "14400"), (Some("token"), "3600")] {
        let proxy = Proxy::start(vec![]);
        let config =
            scan_config("").replace("name = \"audit\"\n", "name = \"audit\"\nduration = \"4h\"\n");
        let mut program = Rolecall::at(&proxy).config(&config).env("ROLECALL_EXTERNAL_ID", SECRET);
        if let Some(token) = token {
            program = program.env("AWS_SESSION_TOKEN", token);
        }
        program
            .run(&[
                "scan",
                "--account",
                "payments",
                "--rule",
                "s3-account-*",
                "--output",
                "json=report.json",
            ])
            .assert_code(0);
        let requests = proxy.requests();
        let durations: Vec<&str> = requests
            .iter()
            .filter(|request| request.call == "sts:AssumeRole")
            .map(|request| request.param("DurationSeconds"))
            .collect();
        assert_eq!(durations, [seconds]);
        let found = Verdicts::of_report(&program.json("report.json"));
        found.assert_is(&moto().truth.only(|account, _, rule, _| {
            account == PAYMENTS && rule == "s3-account-public-access-block"
        }));
    }
}

#[test]
fn without_credentials_no_call_is_made_and_the_error_says_what_to_do() {
    let proxy = Proxy::start(vec![]);
    let program = Rolecall::new()
        .env("AWS_REGION", IRELAND)
        .env("AWS_ENDPOINT_URL", &proxy.url())
        .scan_config("");
    let ended = program.run(&["scan", "--snapshot", "snapshot", "--output", "json=report.json"]);
    ended.assert_code(2);
    for words in ["no AWS credentials", "AWS_PROFILE"] {
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
    assert_eq!(ended.stdout, "");
    assert!(!program.path("report.json").exists(), "a run that did not start has no report");
    assert_eq!(proxy.requests().len(), 0);
}

#[test]
fn a_clock_that_is_wrong_or_jumps_costs_nothing_but_a_few_attempts() {
    let estate = Estate { buckets: 6, ..Estate::seeded(61, 1, &REGIONS) };
    // In all cases, the session is older than a second when the clock jumps.
    let (latency, settings) =
        (Duration::from_millis(50), "[scan.concurrency]\naccounts = 1\ncalls = 3\n");
    let scan = |clock: Vec<(u64, i64)>| {
        let fake = FakeAws::start(Options { clock, latency, ..Options::new(estate.clone()) });
        let program = Rolecall::at_address(&fake).config(&config(&estate, ALL, settings));
        let ended = program.run(&["scan", "-q", "-o", "json=report.json"]);
        let report = program.json("report.json");
        assert_eq!((gaps(&report), ended.code), (vec![], 1));
        (Verdicts::of_report(&report), fake.counts())
    };
    let (whole, counts) = scan(vec![]);
    let calls = counts.calls;
    assert!(counts.skewed == 0 && calls > 120, "{calls}");
    let hour = 3_600;
    let cases = [
        // From the start: sessions end late by the local clock, or before they begin.
        vec![(1, hour)],
        vec![(1, -hour)],
        // To and fro.
        vec![(calls / 4, hour / 2), (calls / 2, -hour / 2), (calls * 3 / 4, 0)],
        // Beyond the end of the session, which is renewed.
        vec![(calls * 2 / 3, 4 * hour)],
    ];
    std::thread::scope(|scope| {
        for clock in cases {
            let (scan, whole) = (&scan, &whole);
            scope.spawn(move || {
                let (found, counts) = scan(clock.clone());
                found.assert_is(whole);
                // Once for each service and jump, and what was in flight then.
                assert!((1..60).contains(&counts.skewed), "{clock:?}: {}", counts.skewed);
                let assumed = counts.calls_by_name["sts:AssumeRole"];
                assert!(assumed <= 5, "{clock:?}: {assumed} sessions");
                // EC2 answers a wrong time as it does expired credentials. So where the first calls
                // after the jump are to EC2, none is made with expired credentials.
                match clock.iter().any(|(_, ahead)| *ahead > hour) {
                    true => assert!(assumed > 1, "{clock:?}: the session was not renewed"),
                    false => assert_eq!(counts.expired, 0, "{clock:?}"),
                }
            });
        }
    });
}

#[test]
fn sessions_of_two_seconds_are_renewed_in_an_account_that_takes_longer() {
    let estate = Estate { buckets: 60, session: Some(Duration::from_secs(2)), ..Estate::default() };
    let latency = Duration::from_millis(100);
    let fake = FakeAws::start(Options { latency, ..Options::new(estate.clone()) });
    let program = Rolecall::on(&fake).config(&format!(
        "[role]\nname = \"audit\"\n[[account]]\nid = \"{}\"\n[scan]\nregions = [\"us-east-1\"]\n\
         [scan.concurrency]\ncalls = 4\n",
        estate.account_ids()[0]
    ));
    let begun = Instant::now();
    program.run(&["scan", "-q", "-o", "json=report.json"]).assert_code(1);
    let seconds = begun.elapsed().as_secs();
    assert_eq!(gaps(&program.json("report.json")), []);
    let counts = fake.counts();
    let assumed = counts.calls_by_name["sts:AssumeRole"];
    assert!(seconds >= 5 && assumed >= 3, "{assumed} sessions in {seconds} s");
    // Not one for each call: each lasts until shortly before its end.
    assert!(assumed <= seconds + 2, "{assumed} sessions in {seconds} s");
}

#[test]
fn a_custom_endpoint_that_is_no_url_is_refused_before_anything_is_sent() {
    for variable in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"] {
        let program = Rolecall::at(&Proxy::start(vec![])).scan_config("");
        let program = program.env(variable, "127.0.0.1:8080");
        let ended = program.run(&["scan", "--snapshot", "snapshot", "-o", "json=report.json"]);
        ended.assert_code(2);
        let words = format!("{variable} is `127.0.0.1:8080`, which is not a URL");
        assert!(ended.stderr.contains(&words), "{}", ended.stderr);
        assert!(!ended.stderr.contains(SECRET), "{}", ended.stderr);
        // The next run need not resume anything.
        assert!(!program.path("snapshot").exists());
    }
}

#[test]
fn the_profile_of_the_command_line_is_used_instead_of_keys_in_the_environment() {
    let proxy = Proxy::start(vec![]);
    let program = Rolecall::at(&proxy).scan_config("");
    let args = ["scan", "--snapshot", "snapshot", "-o", "json=report.json", "--profile"];
    let ended = program.run(&[&args[..], &["nope"]].concat());
    ended.assert_code(2);
    assert!(ended.stderr.contains("profile `nope`"), "{}", ended.stderr);
    assert!(!program.path("snapshot").exists() && proxy.requests().is_empty());

    let folder = program.path("home").join(".aws");
    std::fs::create_dir(&folder).unwrap();
    let keys =
        "[audit]\naws_access_key_id = AKIAPROFILEPROFILEPR\naws_secret_access_key = secret\n";
    std::fs::write(folder.join("credentials"), keys).unwrap();
    program.run(&[&args[..], &["audit"]].concat()).assert_code(1);
    let mut entering = proxy.requests();
    entering.retain(|request| request.call == "sts:AssumeRole");
    assert!(!entering.is_empty());
    for request in entering {
        let signed = &request.headers["authorization"];
        assert!(signed.contains("Credential=AKIAPROFILEPROFILEPR/"), "{signed}");
    }
}
