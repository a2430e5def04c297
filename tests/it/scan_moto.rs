//! Whole scans of three accounts in moto: the report matches what was seeded, and only what is made
//! to fail is unknown.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::fault::{Fault, Proxy, when};
use crate::support::moto::{ACCOUNTS, PAYMENTS, RESEARCH, SANDBOX, VIRGINIA, moto};
use crate::support::report::{Verdicts, gaps, sarif_runs};
use crate::support::rolecall::{Rolecall, SECRET};

/// Every call that the ten rules need.
const EVERYTHING: [&str; 14] = [
    "ec2:DescribeInstances",
    "ec2:DescribeManagedPrefixLists",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVolumes",
    "ec2:GetEbsEncryptionByDefault",
    "ec2:GetManagedPrefixListEntries",
    "s3:GetBucketLocation",
    "s3:GetBucketPolicy",
    "s3:GetBucketPolicyStatus",
    "s3:GetBucketVersioning",
    "s3:GetPublicAccessBlock",
    "s3:ListBuckets",
    "s3control:GetPublicAccessBlock",
    "sts:AssumeRole",
];

#[test]
fn every_verdict_matches_the_seed_and_the_external_id_is_not_leaked() {
    let proxy = Proxy::start(vec![]);
    // Through a real proxy, to a host that does not resolve: there is no other route.
    let program = Rolecall::at(&proxy)
        .env("AWS_ENDPOINT_URL", "http://aws.invalid")
        .env("HTTP_PROXY", &proxy.url())
        .scan_config("");
    let ended = program.run(&[
        "scan",
        "-vv",
        "--snapshot",
        "snapshot",
        "--output",
        "json=report.json",
        "--output",
        "sarif=r.sarif",
        "-o",
        "text=-",
    ]);
    ended.assert_code(1);

    let report = program.json("report.json");
    Verdicts::of_report(&report).assert_is(&moto().truth);
    assert_eq!(gaps(&report), []);
    for account in report["accounts"].as_array().unwrap() {
        assert_eq!(
            (&account["entered"], &account["complete"]),
            (&Value::Bool(true), &Value::Bool(true))
        );
    }
    assert_eq!(
        sarif_runs(&program.json("r.sarif")).keys().map(String::as_str).collect::<Vec<_>>(),
        ACCOUNTS
    );

    let requests = proxy.requests();
    let asked: BTreeSet<&str> = requests.iter().map(|request| request.call.as_str()).collect();
    assert_eq!(asked, BTreeSet::from(EVERYTHING));
    let mut roles = Vec::new();
    for request in &requests {
        assert!(request.to_proxy, "{} went around the proxy", request.call);
        if request.call == "sts:AssumeRole" {
            roles.push(request.param("RoleArn").to_owned());
            assert_eq!(request.param("ExternalId"), SECRET);
            assert!(
                request.param("RoleSessionName").starts_with("rolecall"),
                "{}",
                request.param("RoleSessionName")
            );
            // The session allows only what this scan needs.
            let policy: Value = serde_json::from_str(request.param("Policy")).unwrap();
            for action in policy["Statement"][0]["Action"].as_array().unwrap() {
                let action = action.as_str().unwrap();
                assert!(
                    ["ec2:Describe", "ec2:Get", "s3:Get", "s3:List"]
                        .iter()
                        .any(|start| action.starts_with(start)),
                    "{action}"
                );
                assert!(!action.contains('*'), "{action}");
            }
        } else {
            assert!(
                ACCOUNTS.contains(&request.account.as_str()),
                "{} by {}",
                request.call,
                request.account
            );
        }
        if request.bucket.is_some() {
            assert_eq!(
                request.headers.get("x-amz-expected-bucket-owner"),
                Some(&request.account),
                "{}",
                request.call
            );
        }
    }
    roles.sort();
    assert_eq!(
        roles,
        ACCOUNTS.map(|account| format!("arn:aws:iam::{account}:role/security/audit"))
    );

    assert_private(&program.path("snapshot"));
    assert!(program.path("snapshot").join("run.json").exists());
    for (path, bytes) in program.files() {
        assert!(!contains(&bytes, SECRET), "the external id is in {}", path.display());
        assert!(!contains(&bytes, "base-secret-key"), "the secret key is in {}", path.display());
    }
    for text in [&ended.stdout, &ended.stderr] {
        assert!(
            !text.contains(SECRET) && !text.contains("base-secret-key"),
            "a secret is in the output"
        );
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[cfg(unix)]
fn assert_private(dir: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(dir), 0o700);
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[cfg(not(unix))]
fn assert_private(_: &Path) {}

/// One bucket's policy, one region's volumes, one account.
fn denials() -> Vec<Fault> {
    let who = "User: arn:aws:sts::111122223333:assumed-role/audit/x is not authorized to perform: ";
    vec![
        when(|request| request.call == "s3:GetBucketPolicy" && request.bucket.as_deref() == Some("payments-ledger"))
            .denied(&format!("{who}s3:GetBucketPolicy with an explicit deny in a resource-based policy")),
        when(|request| request.is("ec2:DescribeVolumes", RESEARCH, VIRGINIA)).denied(&format!(
            "You are not authorized to perform this operation. {who}ec2:DescribeVolumes with an explicit deny in a service control policy"
        )),
        when(|request| request.call == "sts:AssumeRole" && request.role_account() == SANDBOX)
            .denied("User: arn:aws:iam::123456789012:user/ci is not authorized to perform: sts:AssumeRole"),
    ]
}

fn truth_under_denials() -> Verdicts {
    let of_policy =
        |rule: &str| matches!(rule, "s3-bucket-policy-not-public" | "s3-bucket-tls-only");
    moto()
        .truth
        .clone()
        .but("unknown", |_, _, rule, id| id == "payments-ledger" && of_policy(rule))
        .list_unknown(RESEARCH, VIRGINIA, "ebs-volume-encrypted")
        .account_unknown(SANDBOX)
}

const DENIED_GAPS: [&str; 3] = [
    "111122223333 eu-west-1 s3:GetBucketPolicy AccessDenied s3.bucket/policy of payments-ledger",
    "222233334444 us-east-1 ec2:DescribeVolumes UnauthorizedOperation list of ec2.volume",
    "333344445555 global sts:AssumeRole AccessDenied account",
];

#[test]
fn denied_calls_are_unknown_and_nothing_else_changes() {
    let proxy = Proxy::start(denials());
    let program = Rolecall::at(&proxy).scan_config("");
    let ended = program.run(&["scan", "--output", "json=report.json", "--output", "sarif=r.sarif"]);
    ended.assert_code(3);

    let report = program.json("report.json");
    Verdicts::of_report(&report).assert_is(&truth_under_denials());
    assert_eq!(gaps(&report), DENIED_GAPS.map(|gap| (gap.to_owned(), false)));
    assert_eq!(report["summary"]["incomplete"], true);
    assert_eq!(report["summary"]["denied_by"]["service_control_policy"], 1);
    assert_eq!(report["summary"]["denied_by"]["resource_policy"], 1);

    // Nothing says which alerts are open in what could not be read, so these accounts are left out.
    let sarif = program.json("r.sarif");
    assert!(sarif_runs(&sarif).is_empty(), "{sarif:#}");
    for left_out in [PAYMENTS, RESEARCH, SANDBOX] {
        assert!(ended.stderr.contains(left_out), "{}", ended.stderr);
    }
    // On the first night there are no alerts. What could not be read is one result per call.
    let first_night = ["scan", "--baseline", "none", "--output", "sarif=r.sarif"];
    program.run(&first_night).assert_code(3);
    let sarif = program.json("r.sarif");
    let runs = sarif_runs(&sarif);
    assert_eq!(runs.keys().collect::<Vec<_>>(), [PAYMENTS, RESEARCH, SANDBOX]);
    for (account, call) in [
        (PAYMENTS, "eu-west-1/s3/GetBucketPolicy"),
        (RESEARCH, "us-east-1/ec2/DescribeVolumes"),
        (SANDBOX, "global/sts/AssumeRole"),
    ] {
        let results = runs[account]["results"].as_array().unwrap();
        let notes: Vec<&str> = results
            .iter()
            .filter(|result| result["level"] == "note" && result["ruleId"] == "could-not-check")
            .map(|result| {
                let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
                place.as_str().unwrap()
            })
            .collect();
        assert_eq!(notes, [format!("{account}/{call}")]);
    }
}

#[test]
fn accepted_gaps_are_listed_but_the_run_counts_as_complete() {
    let accepted = r#"
[[accepted_gap]]
account = "111122223333"
call = "s3:GetBucketPolicy"
reason = "the ledger denies everyone"
[[accepted_gap]]
region = "us-*"
call = "ec2:Describe*"
reason = "closed by a service control policy"
[[accepted_gap]]
account = "3333*"
call = "sts:AssumeRole"
reason = "the sandbox is being built"
[[accepted_gap]]
call = "ec2:DescribeSnapshots"
reason = "covers nothing"
"#;
    let proxy = Proxy::start(denials());
    let program = Rolecall::at(&proxy).scan_config(accepted);
    program.run(&["scan", "--snapshot", "snapshot", "--output", "json=report.json"]).assert_code(1);
    let report = program.json("report.json");
    Verdicts::of_report(&report).assert_is(&truth_under_denials());
    assert_eq!(gaps(&report), DENIED_GAPS.map(|gap| (gap.to_owned(), true)));
    assert_eq!(report["summary"]["incomplete"], false);
    let stale = report["summary"]["stale_accepted_gaps"].as_array().unwrap();
    assert_eq!(stale.len(), 1);
    assert_eq!(stale[0]["reason"], "covers nothing");

    program.run(&["evaluate", "--snapshot", "snapshot", "--fail-on", "none"]).assert_code(0);
    // Without the accepted gaps in the config, the same snapshot is incomplete.
    fs::remove_file(program.path("rolecall.toml")).unwrap();
    program.run(&["evaluate", "--snapshot", "snapshot", "--fail-on", "none"]).assert_code(3);
}

#[test]
fn concurrency_does_not_change_reports() {
    let scanned = |concurrency: &str| {
        let proxy = Proxy::start(denials());
        let program = Rolecall::at(&proxy).scan_config("");
        program
            .run(&["scan", "--concurrency", concurrency, "--snapshot", "snapshot", "-o", "text=-"])
            .assert_code(3);
        // Only the time of collection may differ.
        for account in ACCOUNTS {
            let path = program.path("snapshot").join(format!("{account}.jsonl"));
            let text = fs::read_to_string(&path).unwrap();
            let (header, rest) = text.split_once('\n').unwrap();
            let mut header: Value = serde_json::from_str(header).unwrap();
            header["collected_at"] = "2026-01-01T00:00:00Z".into();
            fs::write(&path, format!("{header}\n{rest}")).unwrap();
        }
        fs::remove_file(program.path("snapshot").join("run.json")).unwrap();
        let formats = ["text=report.txt", "json=report.json", "sarif=report.sarif"];
        let mut args = vec!["evaluate", "--snapshot", "snapshot"];
        formats.iter().for_each(|format| args.extend(["--output", format]));
        program.run(&args).assert_code(3);
        let name = |path: &Path| path.strip_prefix(program.path("")).unwrap().to_owned();
        program.files().into_iter().map(|(path, bytes)| (name(&path), bytes)).collect::<Vec<_>>()
    };
    let (one, many) = (scanned("1"), scanned("16"));
    assert!(one.len() >= 8, "config, three reports, four files of the snapshot");
    for ((path, one), (other, many)) in one.iter().zip(&many) {
        assert_eq!(path, other);
        assert!(one == many, "{} differs", path.display());
    }
    assert_eq!(one.len(), many.len());
}
