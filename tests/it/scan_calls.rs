//! Which calls a scan makes, and how it handles responses that are late, truncated, paginated, or
//! missing.

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::fault::{Fault, Proxy, when};
use crate::support::moto::{IRELAND, PAYMENTS, RESEARCH, SANDBOX, VIRGINIA, moto};
use crate::support::report::{Verdicts, gaps, sarif_runs};
use crate::support::rolecall::Rolecall;

/// moto has many regions; AWS returns only those that are enabled.
fn two_regions() -> Fault {
    let region = |name: &str| {
        format!(
            "<item><regionName>{name}</regionName><optInStatus>opt-in-not-required</optInStatus></item>"
        )
    };
    when(|request| request.call == "ec2:DescribeRegions").body(&format!(
        "<DescribeRegionsResponse><regionInfo>{}{}</regionInfo></DescribeRegionsResponse>",
        region(IRELAND),
        region(VIRGINIA)
    ))
}

#[test]
fn only_calls_that_the_selected_rules_need_are_made() {
    let proxy = Proxy::start(vec![two_regions()]);
    let program = Rolecall::at(&proxy).config_for_all_regions("");
    program
        .run(&["scan", "--rule", "ebs-volume-encrypted", "--output", "json=report.json"])
        .assert_code(1);
    let of_rule = |_: &str, _: &str, rule: &str, _: &str| rule == "ebs-volume-encrypted";
    Verdicts::of_report(&program.json("report.json")).assert_is(&moto().truth.only(of_rule));
    let calls: Vec<(String, usize)> = proxy.calls().into_iter().collect();
    // Three accounts in two regions.
    let expected = [("ec2:DescribeRegions", 3), ("ec2:DescribeVolumes", 6), ("sts:AssumeRole", 3)];
    assert_eq!(calls, expected.map(|(call, times)| (call.to_owned(), times)));
    for request in proxy.requests().iter().filter(|request| request.call == "sts:AssumeRole") {
        let policy: Value = serde_json::from_str(request.param("Policy")).unwrap();
        assert_eq!(
            policy["Statement"][0]["Action"],
            json!(["ec2:DescribeRegions", "ec2:DescribeVolumes"])
        );
    }

    // Regions that are named need not be listed; a region excluded on the command line gets no
    // calls.
    let proxy = Proxy::start(vec![]);
    let program = Rolecall::at(&proxy).scan_config("");
    program
        .run(&[
            "scan",
            "--rule",
            "ebs-*",
            "--region",
            "eu-*",
            "--account",
            "payments,3333*",
            "-o",
            "json=report.json",
        ])
        .assert_code(1);
    let seen: BTreeSet<(String, String, String)> = proxy
        .requests()
        .into_iter()
        .filter(|r| r.call != "sts:AssumeRole")
        .map(|r| (r.call, r.account, r.region))
        .collect();
    let volumes =
        |account: &str| ("ec2:DescribeVolumes".to_owned(), account.to_owned(), IRELAND.to_owned());
    assert_eq!(seen, BTreeSet::from([volumes(PAYMENTS), volumes(SANDBOX)]));
}

#[test]
fn the_plan_matches_the_calls_made_and_the_report_lists_them() {
    let proxy = Proxy::start(vec![two_regions()]);
    let program = Rolecall::at(&proxy).config_for_all_regions("");
    program
        .run(&[
            "scan",
            "--snapshot",
            "snapshot",
            "--output",
            "json=report.json",
            "--output",
            "text=report.txt",
        ])
        .assert_code(1);
    let report = program.json("report.json");
    let made = &report["summary"]["calls_by_api"];
    // Count what went over the wire instead of trusting the program.
    assert_eq!(*made, json!(proxy.calls()));
    assert_eq!(report["accounts"][0]["calls_by_api"]["ec2:DescribeVolumes"], 2);
    let total: u64 = made.as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert!(
        fs::read_to_string(program.path("report.txt")).unwrap().contains(&format!("{total} calls"))
    );

    let plan = |options: &[&str]| -> Value {
        let planned = program.run(&[&["plan", "--format", "json"], options].concat());
        serde_json::from_str(&planned.assert_code(0).stdout).unwrap()
    };
    // With the sizes known, the plan is exact. Unlike AWS, moto does not return a bucket's region
    // in the list.
    let exact = plan(&["--snapshot", "snapshot"]);
    let mut planned = exact["estimate"]["calls_by_api"].clone();
    let locations = made["s3:GetBucketLocation"].clone();
    assert_eq!(
        locations, exact["estimate"]["calls_by_api"]["s3:GetPublicAccessBlock"],
        "one for each bucket"
    );
    planned["s3:GetBucketLocation"] = locations;
    assert_eq!(planned, *made);
    assert_eq!(
        exact["estimate"]["calls"],
        exact["estimate"]["calls_by_api"]
            .as_object()
            .unwrap()
            .values()
            .filter_map(Value::as_u64)
            .sum::<u64>()
    );

    // With assumed sizes, it lists the same calls and actions, and states the assumptions.
    let assumed =
        plan(&["--resources", "0", "--resources", "ec2.volume=2500", "--account", "payments"]);
    let estimate = &assumed["estimate"];
    assert_eq!(estimate["assumed"], json!({"every": 0, "kinds": {"ec2.volume": 2500}}));
    let account = &estimate["accounts"][0];
    assert_eq!((&account["account"], &account["regions"]), (&json!(PAYMENTS), &json!(17)));
    assert_eq!(account["calls_by_api"]["ec2:DescribeVolumes"], 17 * 3);
    assert_eq!(account["calls_by_api"].get("s3:GetBucketPolicy"), None);
    let asked: BTreeSet<&str> = assumed["calls"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|call| call["call"].as_str())
        .collect();
    let called: BTreeSet<&str> = made.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(asked, called);
    let policy = program.run(&["permissions", "target"]).stdout;
    let policy: Value = serde_json::from_str(&policy).unwrap();
    assert_eq!(assumed["iam_actions"], policy["Statement"][0]["Action"]);
}

#[test]
fn security_audit_replaces_a_session_policy_that_is_too_large_and_the_summary_says_so() {
    let own = |request: &crate::support::fault::Request| {
        request.call == "sts:AssumeRole"
            && request.role_account() == SANDBOX
            && !request.param("Policy").is_empty()
    };
    let proxy = Proxy::start(vec![when(own).error(
        400,
        "PackedPolicyTooLarge",
        "Packed policy consumes 120% of allotted space",
    )]);
    let program = Rolecall::at(&proxy).scan_config("");
    let ended = program.run(&["scan", "--snapshot", "snapshot", "--output", "json=report.json"]);
    ended.assert_code(1);
    Verdicts::of_report(&program.json("report.json")).assert_is(&moto().truth);
    assert!(
        ended.stderr.contains(
            "the sessions in 1 account were limited by the AWS managed policy SecurityAudit"
        ),
        "{}",
        ended.stderr
    );
    assert_eq!(program.json("snapshot/run.json")["accounts_by_security_audit"], json!([SANDBOX]));
    let requests = proxy.requests();
    let last = requests
        .iter()
        .rfind(|r| r.call == "sts:AssumeRole" && r.role_account() == SANDBOX)
        .unwrap();
    assert_eq!(last.param("PolicyArns.member.1.arn"), "arn:aws:iam::aws:policy/SecurityAudit");
}

#[test]
fn if_regions_cannot_be_listed_the_fallback_is_scanned_and_the_rest_is_a_gap() {
    let proxy = Proxy::start(vec![
        when(|request| request.call == "ec2:DescribeRegions" && request.account == RESEARCH)
            .denied("You are not authorized."),
        two_regions(),
    ]);
    let program = Rolecall::at(&proxy).config_for_all_regions("fallback_regions = [\"us-east-1\"]");
    program
        .run(&["scan", "--output", "json=report.json", "--output", "sarif=r.sarif"])
        .assert_code(3);
    let report = program.json("report.json");
    assert_eq!(
        gaps(&report),
        [(format!("{RESEARCH} global ec2:DescribeRegions UnauthorizedOperation regions"), false)]
    );
    let found = Verdicts::of_report(&report);
    // Buckets are found without regions; for EC2, only the fallback region was scanned.
    let is_ec2 = |rule: &str| !rule.starts_with("s3-");
    let scanned = |account: &str, region: &str, rule: &str, _: &str| {
        account != RESEARCH || region == VIRGINIA || !is_ec2(rule)
    };
    found.only(scanned).assert_is(&moto().truth.only(scanned));
    assert!(!found.only(|account, _, _, _| account == RESEARCH).0.is_empty());
    let asked = |r: &crate::support::fault::Request| r.is("ec2:DescribeVolumes", RESEARCH, IRELAND);
    assert!(!proxy.requests().iter().any(asked));
    // Its other regions are unknown, so its alerts there must not be closed.
    let sarif = program.json("r.sarif");
    assert_eq!(sarif_runs(&sarif).keys().collect::<Vec<_>>(), [PAYMENTS, SANDBOX]);
}

#[test]
fn throttling_and_lost_connections_are_retried_and_change_nothing() {
    let proxy = Proxy::start(vec![
        when(|request| request.is("ec2:DescribeVolumes", PAYMENTS, IRELAND))
            .error(503, "RequestLimitExceeded", "Request limit exceeded.")
            .times(2),
        when(|request| request.call == "s3:GetBucketPolicy")
            .error(503, "SlowDown", "Please reduce your request rate.")
            .times(2),
        when(|request| request.call == "sts:AssumeRole" && request.role_account() == SANDBOX)
            .error(400, "Throttling", "Rate exceeded")
            .times(1),
        when(|request| request.call == "s3:GetBucketVersioning").cut().times(1),
        when(|request| request.call == "ec2:DescribeInstances")
            .error(500, "InternalError", "An internal error")
            .times(1),
    ]);
    let program = Rolecall::at(&proxy).scan_config("");
    program.run(&["scan", "--snapshot", "snapshot", "--output", "json=report.json"]).assert_code(1);
    let report = program.json("report.json");
    Verdicts::of_report(&report).assert_is(&moto().truth);
    assert_eq!(gaps(&report), []);
    let calls = proxy.calls();
    assert_eq!(
        (calls["sts:AssumeRole"], calls["ec2:DescribeVolumes"], calls["ec2:DescribeInstances"]),
        (4, 8, 7)
    );
    // Statistics about retries are kept beside the snapshot, not in it.
    let run = program.json("snapshot/run.json");
    assert!(run["throttled"].is_number() && run["retries"].is_number(), "{run}");
    let fail = &report["summary"]["verdicts"]["fail"];
    assert_eq!((&run["exit_code"], &run["result"]["verdicts"]["fail"]), (&json!(1), fail), "{run}");
    assert_eq!((&run["result"]["gaps"], &run["result"]["accepted_gaps"]), (&json!(0), &json!(0)));
    let summary = run["result"]["summary"].as_str().unwrap();
    assert!(summary.ends_with("; findings at or above the threshold"), "{summary}");
}

/// A list in two pages: moto's page and a second one.
fn second_page(second: Fault) -> Vec<Fault> {
    let first = |request: &crate::support::fault::Request| {
        request.is("ec2:DescribeVolumes", PAYMENTS, IRELAND)
    };
    vec![
        second,
        when(first).rewrite(|answer| {
            answer.replace(
                "</DescribeVolumesResponse>",
                "<nextToken>two</nextToken></DescribeVolumesResponse>",
            )
        }),
    ]
}

#[test]
fn every_page_is_read_or_the_list_is_unknown() {
    let asks_second =
        |request: &crate::support::fault::Request| request.param("NextToken") == "two";
    let more = "<DescribeVolumesResponse><volumeSet><item><volumeId>vol-0fedcba9876543210</volumeId><encrypted>false</encrypted>\
                <status>available</status></item></volumeSet></DescribeVolumesResponse>";
    let args = [
        "scan",
        "--rule",
        "ebs-volume-encrypted,ec2-instance-imdsv2",
        "--output",
        "json=report.json",
    ];
    let truth = moto()
        .truth
        .only(|_, _, rule, _| matches!(rule, "ebs-volume-encrypted" | "ec2-instance-imdsv2"));

    let program_at = |second: Fault| {
        Rolecall::at(&Proxy::start(second_page(second))).scan_config("max_attempts = 1")
    };
    let program = program_at(when(asks_second).body(more));
    program.run(&args).assert_code(1);
    let found = Verdicts::of_report(&program.json("report.json"));
    let extra = found.only(|_, _, _, id| id == "vol-0fedcba9876543210");
    assert_eq!(extra.0.values().collect::<Vec<_>>(), ["fail"]);
    found.only(|_, _, _, id| id != "vol-0fedcba9876543210").assert_is(&truth);

    // Responses that must not occur: the same page forever, a broken page, a page that never
    // arrives.
    let again = more.replace(
        "</DescribeVolumesResponse>",
        "<nextToken>two</nextToken></DescribeVolumesResponse>",
    );
    for (second, code) in [
        (
            when(asks_second).error(500, "InternalError", "An internal error has occurred"),
            "InternalError",
        ),
        (when(asks_second).body(&again), "InvalidResponse"),
        (when(asks_second).body("<DescribeVolumesResponse><volumeSet><item>"), "InvalidResponse"),
        (when(asks_second).cut(), "ConnectionFailed"),
    ] {
        let program = program_at(second);
        program.run(&args).assert_code(3);
        let report = program.json("report.json");
        Verdicts::of_report(&report).assert_is(&truth.clone().list_unknown(
            PAYMENTS,
            IRELAND,
            "ebs-volume-encrypted",
        ));
        assert_eq!(
            gaps(&report),
            [(
                format!("{PAYMENTS} {IRELAND} ec2:DescribeVolumes {code} list of ec2.volume"),
                false
            )]
        );
    }
}

#[test]
fn a_response_that_never_arrives_is_a_gap_of_that_call_only() {
    let proxy = Proxy::start(vec![
        when(|request| request.is("ec2:GetEbsEncryptionByDefault", RESEARCH, IRELAND)).hang(),
    ]);
    let program = Rolecall::at(&proxy)
        .scan_config("max_attempts = 1\n[scan.timeouts]\nconnect = 1\nattempt = 10\ncall = 10");
    program
        .run(&["scan", "--rule", "ec2-ebs-*,s3-account-*", "--output", "json=report.json"])
        .assert_code(3);
    let report = program.json("report.json");
    let asked = |rule: &str| {
        matches!(rule, "ec2-ebs-encryption-by-default" | "s3-account-public-access-block")
    };
    let truth = moto().truth.only(|_, _, rule, _| asked(rule));
    Verdicts::of_report(&report).assert_is(&truth.but("unknown", |account, region, rule, _| {
        (account, region) == (RESEARCH, IRELAND) && rule == "ec2-ebs-encryption-by-default"
    }));
    let gap = format!(
        "{RESEARCH} {IRELAND} ec2:GetEbsEncryptionByDefault Timeout ec2.settings/ebs_encryption_by_default of {IRELAND}"
    );
    assert_eq!(gaps(&report), [(gap, false)]);
}

#[test]
fn resources_deleted_between_list_and_read_are_left_out() {
    let proxy = Proxy::start(vec![
        when(|request| {
            request.call == "s3:GetBucketVersioning"
                && request.bucket.as_deref() == Some("research-data")
        })
        .error(404, "NoSuchBucket", "The specified bucket does not exist"),
    ]);
    let program = Rolecall::at(&proxy).scan_config("");
    program.run(&["scan", "--output", "json=report.json"]).assert_code(1);
    let report = program.json("report.json");
    assert_eq!(gaps(&report), []);
    Verdicts::of_report(&report).assert_is(&moto().truth.only(|_, _, _, id| id != "research-data"));
}

#[test]
fn a_killed_scan_resumes_with_the_missing_accounts() {
    // The sandbox account cannot be entered: the program waits, with two accounts done.
    let proxy = Proxy::start(vec![
        when(|request| request.call == "sts:AssumeRole" && request.role_account() == SANDBOX)
            .hang(),
    ]);
    let program = Rolecall::at(&proxy).scan_config("");
    let snapshot = program.path("snapshot");
    let mut child = program
        .command(&["scan", "--snapshot", "snapshot", "-q"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let done = |account: &str| snapshot.join(format!("{account}.jsonl")).exists();
    let begun = Instant::now();
    while !(done(PAYMENTS) && done(RESEARCH)) {
        assert!(child.try_wait().unwrap().is_none(), "the program ended by itself");
        assert!(begun.elapsed() < Duration::from_secs(60), "two accounts should be done by now");
        thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!done(SANDBOX));
    let before = [PAYMENTS, RESEARCH]
        .map(|account| fs::read(snapshot.join(format!("{account}.jsonl"))).unwrap());

    // The partial snapshot can be evaluated: the missing account is unknown.
    program
        .run(&["evaluate", "--snapshot", "snapshot", "--output", "json=half.json"])
        .assert_code(3);
    Verdicts::of_report(&program.json("half.json"))
        .assert_is(&moto().truth.clone().account_unknown(SANDBOX));
    // It is not overwritten by accident.
    let refused = program.run(&["scan", "--snapshot", "snapshot"]);
    assert!(refused.assert_code(2).stderr.contains("--resume"), "{}", refused.stderr);

    let proxy = Proxy::start(vec![]);
    let program = program.env("AWS_ENDPOINT_URL", &proxy.url());
    program
        .run(&["scan", "--snapshot", "snapshot", "--resume", "--output", "json=report.json"])
        .assert_code(1);
    Verdicts::of_report(&program.json("report.json")).assert_is(&moto().truth);
    for request in proxy.requests() {
        let account = if request.call == "sts:AssumeRole" {
            request.role_account()
        } else {
            &request.account
        };
        assert_eq!(account, SANDBOX, "{} was called again", request.call);
    }
    let after = [PAYMENTS, RESEARCH]
        .map(|account| fs::read(snapshot.join(format!("{account}.jsonl"))).unwrap());
    assert!(before == after, "what was collected before is unchanged");
}

#[test]
fn every_fact_of_a_bucket_matches_its_configuration() {
    let proxy = Proxy::start(vec![]);
    let program = Rolecall::at(&proxy).scan_config("");
    // A custom rule in addition to the configured ones.
    let config = fs::read_to_string(program.path("rolecall.toml")).unwrap();
    let config = config.replace("rules = [\n", "rules = [\n    \"read-everything\",\n");
    fs::write(program.path("rolecall.toml"), config).unwrap();
    let needs = [
        "acl",
        "encryption",
        "logging",
        "ownership_controls",
        "policy",
        "policy_status",
        "public_access_block",
        "tags",
        "versioning",
    ];
    fs::create_dir_all(program.path("rules/s3")).unwrap();
    let rule = format!(
        "//! Reads everything.\n\nconst RULE = #{{ title: \"Everything\", resource: \"s3.bucket\", needs: {needs:?}, severity: \"low\" }};\n\n\
         fn check(bucket, params) {{ pass() }}\n"
    );
    fs::write(program.path("rules/s3/read-everything.rhai"), rule).unwrap();
    program
        .run(&[
            "collect",
            "--snapshot",
            "snapshot",
            "--rules",
            "rules",
            "--rule",
            "read-everything",
        ])
        .assert_code(0);
    let facts = |account: &str, bucket: &str| -> Value {
        let text =
            fs::read_to_string(program.path("snapshot").join(format!("{account}.jsonl"))).unwrap();
        let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let line = lines.find(|line| line["type"] == "resource" && line["id"] == bucket);
        line.unwrap_or_else(|| panic!("{bucket} is not in the snapshot"))["facts"].clone()
    };
    let grants = |facts: &Value| -> Vec<(String, String)> {
        let grants = facts["acl"]["grants"].as_array().unwrap().iter();
        let grant = |grant: &Value| {
            let grantee = &grant["grantee"];
            let to = grantee["uri"].as_str().unwrap_or(grantee["type"].as_str().unwrap());
            (to.to_owned(), grant["permission"].as_str().unwrap().to_owned())
        };
        grants.map(grant).collect()
    };
    let owner = ("CanonicalUser".to_owned(), "FULL_CONTROL".to_owned());
    let none = json!({ "block_public_acls": false, "ignore_public_acls": false, "block_public_policy": false, "restrict_public_buckets": false });

    let ledger = facts(PAYMENTS, "payments-ledger");
    assert_eq!(ledger["encryption"]["rules"][0]["sse_algorithm"], "aws:kms");
    assert_eq!(ledger["encryption"]["rules"][0]["bucket_key_enabled"], true);
    assert_eq!(ledger["logging"], Value::Null);
    assert_eq!(ledger["ownership_controls"], json!({ "object_ownership": "BucketOwnerEnforced" }));
    assert_eq!(ledger["policy"]["document"]["Statement"][0]["Sid"], "TlsOnly");
    assert_eq!(ledger["policy_status"], json!({ "is_public": false }));
    assert_eq!(ledger["public_access_block"], none, "nothing configured is all four off");
    assert_eq!(ledger["tags"], json!({ "owner": "pay [x](1) %0A::error \u{202e}=cmd()" }));
    assert_eq!(ledger["versioning"], json!({ "status": "Enabled" }));
    assert_eq!(ledger["acl"], Value::Null, "it has no effect");

    let website = facts(RESEARCH, "research-website");
    let public = ("http://acs.amazonaws.com/groups/global/AllUsers".to_owned(), "READ".to_owned());
    assert_eq!(grants(&website), [owner.clone(), public]);
    assert_eq!(
        website["logging"],
        json!({ "target_bucket": "research-logs", "target_prefix": "website/" })
    );
    for absent in ["encryption", "ownership_controls", "tags"] {
        assert_eq!(website[absent], Value::Null, "{absent}");
    }
    assert_eq!(website["policy_status"], json!({ "is_public": true }));
    assert_eq!(website["versioning"], json!({ "status": "Suspended" }));

    let archive = facts(PAYMENTS, "payments.archive");
    assert_eq!(grants(&archive), [owner]);
    assert_eq!((&archive["policy"], &archive["policy_status"]), (&Value::Null, &Value::Null));
    assert_eq!(archive["versioning"], json!({}));
    let data = facts(RESEARCH, "research-data");
    let half = json!({ "block_public_acls": false, "ignore_public_acls": false, "block_public_policy": true, "restrict_public_buckets": true });
    assert_eq!(data["public_access_block"], half);
}
