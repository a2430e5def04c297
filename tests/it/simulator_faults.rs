//! Failures of AWS and of the way to it, injected by the simulated AWS. Each time: verdicts that do
//! not depend on the failed calls are those of an undisturbed scan, the others are `unknown` with
//! the right cause, nothing is lost or duplicated, and the exit code is right.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::Value;

use crate::simulator_estate::{ALL, REGIONS, config};
use crate::support::aws::{Effect, Estate, FakeAws, Fault, Options, Others, Script};
use crate::support::report::{About, Verdicts, gaps};
use crate::support::rolecall::Rolecall;

const IRELAND: &str = "eu-west-1";
/// As many as the longest table of failures below has rows: each account has another failure.
const ACCOUNTS: u64 = 16;

fn estate() -> Estate {
    Estate {
        buckets: 4,
        volumes: 3,
        security_groups: 3,
        others: Others::each(2),
        ..Estate::seeded(21, ACCOUNTS, &REGIONS)
    }
}

fn account(index: usize) -> String {
    estate().account_ids()[index].clone()
}

/// What a scan said.
struct Scan {
    code: i32,
    report: Value,
    run: Value,
    /// How often the simulator applied each effect.
    applied: BTreeMap<String, u64>,
    verdicts: Verdicts,
}

/// A scan of the estate with these failures. `settings` is added to the section `[scan]`.
fn scan(faults: Vec<Fault>, settings: &str) -> Scan {
    scan_of(&estate(), Script { seed: 0, faults }, ALL, settings)
}

fn scan_of(estate: &Estate, faults: Script, selection: &str, settings: &str) -> Scan {
    let fake = FakeAws::start(Options { faults, ..Options::new(estate.clone()) });
    let program = Rolecall::at_address(&fake).config(&config(estate, selection, settings));
    let ended = program.run(&["scan", "-q", "--snapshot", "snapshot", "-o", "json=report.json"]);
    let report = program.json("report.json");
    let verdicts = Verdicts::of_report(&report);
    let (run, applied) = (program.json("snapshot/run.json"), fake.counts().faults);
    Scan { code: ended.code, run, applied, verdicts, report }
}

/// The scan without failures.
fn undisturbed() -> &'static Scan {
    static SCAN: OnceLock<Scan> = OnceLock::new();
    SCAN.get_or_init(|| {
        let scan = scan(vec![], "");
        assert_eq!((scan.code, gaps(&scan.report)), (1, vec![]));
        scan
    })
}

/// The calls that each rule can depend on.
fn calls_of_rules() -> &'static BTreeMap<String, BTreeSet<String>> {
    static CALLS: OnceLock<BTreeMap<String, BTreeSet<String>>> = OnceLock::new();
    CALLS.get_or_init(|| {
        let program = Rolecall::new().config(&config(&estate(), ALL, ""));
        let printed = program.run(&["rules", "--format", "json"]);
        let rules: Vec<Value> = serde_json::from_str(&printed.assert_code(0).stdout).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        rules
            .iter()
            .map(|rule| {
                let calls = rule["calls"].as_array().unwrap();
                (text(&rule["id"]), calls.iter().map(|call| text(&call["call"])).collect())
            })
            .collect()
    })
}

/// What failed, so what may be unknown. Empty means any.
#[derive(Clone, Copy, Default)]
struct Failed<'a> {
    call: &'a str,
    account: &'a str,
    region: &'a str,
}

impl Failed<'_> {
    fn affects(&self, (account, region, rule, _): &About) -> bool {
        let any_or = |wanted: &str, found: &str| wanted.is_empty() || wanted == found;
        // What is listed for the whole account can be in the region.
        any_or(self.account, account)
            && (any_or(self.region, region) || region == "global")
            && (self.call.is_empty() || calls_of_rules()[rule].contains(self.call))
    }
}

/// Compares a disturbed scan with the undisturbed one.
#[track_caller]
fn assert_only_unknown(scan: &Scan, failed: &[Failed<'_>]) {
    let whole = &undisturbed().verdicts.0;
    let found = &scan.verdicts.0;
    let affected = |about: &About| failed.iter().any(|failed| failed.affects(about));
    let list_unknown = |(account, region, rule, _): &About| {
        [region.as_str(), "global"].iter().any(|region| {
            let list = (account.clone(), (*region).to_owned(), rule.clone(), "*".to_owned());
            found.get(&list).is_some_and(|verdict| verdict == "unknown")
        })
    };
    let mut wrong = Vec::new();
    for (about, verdict) in whole {
        match found.get(about) {
            Some(same) if same == verdict => {}
            Some(unknown) if unknown == "unknown" && affected(about) => {}
            None if list_unknown(about) && affected(about) => {}
            other => wrong.push(format!("{about:?}: {other:?} instead of {verdict}")),
        }
    }
    for (about, verdict) in found.iter().filter(|(about, _)| !whole.contains_key(*about)) {
        if about.3 != "*" || verdict != "unknown" || !affected(about) {
            wrong.push(format!("{about:?}: {verdict} instead of nothing"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How many verdicts on an account are unknown.
fn unknown(scan: &Scan, account: &str) -> usize {
    let of_account = scan.verdicts.only(|of, _, _, _| of == account).0;
    of_account.values().filter(|verdict| *verdict == "unknown").count()
}

/// The account, call and code of each gap, without duplicates.
fn causes(scan: &Scan) -> BTreeSet<(String, String, String)> {
    let gaps = scan.report["accounts"].as_array().unwrap().iter().flat_map(|account| {
        account["gaps"].as_array().unwrap().iter().map(|gap| {
            [&account["account"], &gap["call"], &gap["code"]]
                .map(|value| value.as_str().unwrap().to_owned())
        })
    });
    gaps.map(|[account, call, code]| (account, call, code)).collect()
}

#[test]
fn failures_that_pass_change_nothing() {
    let effects = [
        (Effect::Internal, 0.3),
        (Effect::Unavailable, 0.3),
        (Effect::Throttle, 0.1),
        (Effect::Reset, 0.3),
        (Effect::TruncatedXml, 0.3),
        (Effect::TruncatedBody, 0.3),
        (Effect::ExpiredToken, 0.3),
    ];
    // Each in two accounts.
    let faults = effects.iter().cycle().take(2 * effects.len()).enumerate().map(
        |(index, (effect, rate))| {
            Fault::new(effect.clone()).account(&account(index)).rate(*rate).attempts(1)
        },
    );
    let scan = scan(faults.collect(), "");
    assert_only_unknown(&scan, &[]);
    assert_eq!((scan.code, causes(&scan)), (1, BTreeSet::new()));
    for (effect, _) in &effects {
        let applied = scan.applied.get(&format!("{effect:?}")).copied();
        assert!(applied.is_some_and(|times| times >= 5), "{effect:?}: {applied:?}");
    }
    // Each call counts once. Sessions that were renewed count again.
    let calls = |scan: &Scan| {
        let mut calls = scan.run["calls"].clone();
        calls.as_object_mut().unwrap().remove("sts:AssumeRole");
        calls
    };
    assert_eq!(calls(&scan), calls(undisturbed()));
}

/// Timeouts that a stalled call soon reaches.
const SHORT: &str = "[scan.timeouts]\nconnect = 5\nattempt = 5\ncall = 12\n";

#[test]
fn a_call_that_always_fails_makes_unknown_what_depends_on_it() {
    let table: [(&str, Effect, &str); ACCOUNTS as usize] = [
        ("s3:GetBucketPolicy", Effect::Deny, "AccessDenied"),
        ("ec2:DescribeVolumes", Effect::Deny, "UnauthorizedOperation"),
        ("ec2:DescribeInstances", Effect::Internal, "InternalError"),
        ("s3:GetBucketVersioning", Effect::Unavailable, "ServiceUnavailable"),
        ("s3:ListBuckets", Effect::Reset, "ConnectionFailed"),
        ("ec2:DescribeVpcs", Effect::Stall, "Timeout"),
        ("s3:GetBucketAcl", Effect::Stall, "Timeout"),
        ("ec2:DescribeSecurityGroups", Effect::TruncatedXml, "InvalidResponse"),
        ("s3:GetPublicAccessBlock", Effect::TruncatedXml, "InvalidResponse"),
        ("ec2:DescribeRouteTables", Effect::TruncatedBody, "InvalidResponse"),
        ("s3:ListBuckets", Effect::Html, "InvalidResponse"),
        ("ec2:DescribeSnapshots", Effect::Html, "InvalidResponse"),
        ("s3control:GetPublicAccessBlock", Effect::Html, "InvalidResponse"),
        ("s3:GetBucketVersioning", Effect::ExpiredToken, "ExpiredToken"),
        ("ec2:DescribeSubnets", Effect::ExpiredToken, "RequestExpired"),
        ("s3:GetBucketLogging", Effect::ClockSkew, "RequestTimeTooSkewed"),
    ];
    let accounts = estate().account_ids();
    let rows = || accounts.iter().zip(&table);
    let faults = rows()
        .map(|(account, (call, effect, _))| Fault::new(effect.clone()).account(account).call(call));
    let scan = scan(faults.collect(), SHORT);
    let failed: Vec<Failed<'_>> =
        rows().map(|(account, (call, ..))| Failed { call, account, region: "" }).collect();
    assert_only_unknown(&scan, &failed);
    assert_eq!(scan.code, 3);
    let expected = rows().map(|(account, (call, _, code))| {
        (account.clone(), (*call).to_owned(), (*code).to_owned())
    });
    assert_eq!(causes(&scan), expected.collect());
    for (account, row) in rows() {
        assert!(unknown(&scan, account) > 0, "{row:?}: nothing is unknown");
    }
}

#[test]
fn what_fails_in_one_region_or_bucket_leaves_the_rest() {
    let [denied, off, deleted, misplaced] = [0, 1, 2, 3].map(account);
    let (gone, nowhere) = ("b000009", "b000013");
    let scan = scan(
        vec![
            Fault::new(Effect::Deny).account(&denied).region(IRELAND).call("ec2:*"),
            Fault::new(Effect::RegionOff).account(&off).region(IRELAND),
            Fault::new(Effect::BucketDeleted).account(&deleted).bucket(gone),
            Fault::new(Effect::WrongRegion(IRELAND.to_owned())).account(&misplaced).bucket(nowhere),
        ],
        "",
    );
    assert_eq!(scan.code, 3);
    let of_bucket = |bucket: &str| undisturbed().verdicts.only(|_, _, _, id| id == bucket).0;
    // A bucket that is deleted disappears from the report; everything else is compared.
    assert!(!of_bucket(gone).is_empty());
    assert!(scan.verdicts.only(|_, _, _, id| id == gone).0.is_empty());
    assert_eq!(scan.run["gone"], 1);
    let mut verdicts = scan.verdicts.clone();
    verdicts.0.extend(of_bucket(gone));
    let scan = Scan { verdicts, ..scan };
    assert_only_unknown(
        &scan,
        &[
            Failed { account: &denied, region: IRELAND, ..Failed::default() },
            Failed { account: &off, region: IRELAND, ..Failed::default() },
            Failed { account: &misplaced, ..Failed::default() },
        ],
    );
    for ((account, _, _, id), verdict) in &scan.verdicts.0 {
        assert!(account != &misplaced || verdict != "unknown" || id == nowhere, "{id} is unknown");
    }
    let at_least = [(&denied, 20), (&off, 20), (&misplaced, 5)];
    for (account, count) in at_least {
        assert!(unknown(&scan, account) >= count, "{account}: {}", unknown(&scan, account));
    }
    let codes: BTreeSet<(&str, String)> = [(&denied, "denied"), (&off, "off")]
        .into_iter()
        .flat_map(|(account, what)| {
            let of_account = causes(&scan).into_iter().filter(move |cause| cause.0 == *account);
            of_account.map(move |(_, _, code)| (what, code)).collect::<Vec<_>>()
        })
        .collect();
    let expected =
        [("denied", "UnauthorizedOperation"), ("off", "AuthFailure"), ("off", "InvalidToken")];
    assert_eq!(codes, expected.map(|(what, code)| (what, code.to_owned())).into());
    let gaps = scan.report["accounts"][0]["gaps"].as_array().unwrap();
    assert!(gaps.iter().all(|gap| gap["denied_by"] == "service_control_policy"), "{gaps:?}");
}

#[test]
fn an_account_whose_role_fails_is_unknown_as_a_whole() {
    let table = [
        (Effect::Deny, "AccessDenied"),
        (Effect::Internal, "InternalError"),
        (Effect::Stall, "Timeout"),
        (Effect::Html, "InvalidResponse"),
        (Effect::ClockSkew, "SignatureDoesNotMatch"),
    ];
    let accounts = estate().account_ids();
    let rows = || accounts.iter().zip(&table);
    let faults = rows().map(|(account, (effect, _))| {
        Fault::new(effect.clone()).account(account).call("sts:AssumeRole")
    });
    let scan = scan(faults.collect(), SHORT);
    assert_eq!(scan.code, 3);
    let whole = undisturbed().verdicts.clone();
    let expected = rows().fold(whole, |rest, (account, _)| rest.account_unknown(account));
    scan.verdicts.assert_is(&expected);
    let expected = rows().map(|(account, (_, code))| {
        (account.clone(), "sts:AssumeRole".to_owned(), (*code).to_owned())
    });
    assert_eq!(causes(&scan), expected.collect());
}

/// A few rules, for many accounts.
const SOME: &str = r#"rules = [
    "ebs-volume-encrypted", "ec2-instance-imdsv2", "s3-account-public-access-block",
    "s3-bucket-effective-public-access-block", "s3-bucket-tls-only", "s3-bucket-versioning",
    "sg-ingress-remote-admin-ipv4", "vpc-flow-logs",
]"#;

/// Every kind of failure, rarely, mostly for one attempt.
fn mixture() -> Vec<Fault> {
    let passing = [
        (Effect::Internal, 0.03),
        (Effect::Unavailable, 0.02),
        (Effect::Reset, 0.03),
        (Effect::TruncatedXml, 0.02),
        (Effect::TruncatedBody, 0.02),
        (Effect::Html, 0.01),
        (Effect::ExpiredToken, 0.02),
        (Effect::Throttle, 0.005),
        (Effect::Stall, 0.001),
    ];
    let lasting = [
        (Effect::Deny, 0.01),
        (Effect::Internal, 0.005),
        (Effect::Reset, 0.003),
        (Effect::TruncatedXml, 0.005),
        (Effect::Html, 0.005),
        (Effect::ClockSkew, 0.003),
        (Effect::RegionOff, 0.02),
        (Effect::BucketDeleted, 0.03),
        (Effect::WrongRegion(IRELAND.to_owned()), 0.005),
    ];
    let passing =
        passing.into_iter().map(|(effect, rate)| Fault::new(effect).rate(rate).attempts(1));
    passing.chain(lasting.into_iter().map(|(effect, rate)| Fault::new(effect).rate(rate))).collect()
}

#[test]
fn many_accounts_with_all_failures_have_no_wrong_verdict() {
    let estate = Estate {
        buckets: 3,
        volumes: 2,
        security_groups: 2,
        others: Others { vpcs: 1, instances: 1, snapshots: 1, ..Others::default() },
        ..Estate::seeded(5, 200, &REGIONS)
    };
    let whole = scan_of(&estate, Script::default(), SOME, "");
    assert_eq!((whole.code, gaps(&whole.report)), (1, vec![]));
    let script = Script { seed: 5, faults: mixture() };
    let scan = scan_of(&estate, script, SOME, SHORT);
    assert_eq!(scan.code, 3);
    assert_eq!(scan.applied.len(), 14, "each effect was applied: {:?}", scan.applied);

    let (whole, found) = (&whole.verdicts.0, &scan.verdicts.0);
    let list_unknown = |(account, region, rule, _): &About| {
        [region.as_str(), "global"].iter().any(|region| {
            let list = (account.clone(), (*region).to_owned(), rule.clone(), "*".to_owned());
            found.get(&list).is_some_and(|verdict| verdict == "unknown")
        })
    };
    let mut missing_buckets: BTreeMap<&str, Vec<&About>> = BTreeMap::new();
    let (mut same, mut unknown) = (0, 0);
    for (about, verdict) in whole {
        match found.get(about) {
            Some(found) if found == verdict => same += 1,
            Some(found) if found == "unknown" => unknown += 1,
            None if list_unknown(about) => unknown += 1,
            None if about.3.starts_with('b') => {
                missing_buckets.entry(&about.3).or_default().push(about);
            }
            other => panic!("{about:?}: {other:?} instead of {verdict}"),
        }
    }
    for (about, verdict) in found.iter().filter(|(about, _)| !whole.contains_key(*about)) {
        // A bucket whose region is not known is not in one.
        let misplaced = about.1 == "global" && about.3.starts_with('b');
        assert!(
            verdict == "unknown" && (about.3 == "*" || misplaced),
            "{about:?}: {verdict} instead of nothing"
        );
    }
    // A bucket disappears only as a whole, and is counted.
    for (bucket, lost) in &missing_buckets {
        assert!(!found.keys().any(|(_, _, _, id)| id == bucket), "{bucket}: lost {lost:?}");
    }
    assert_eq!(scan.run["gone"], missing_buckets.len());
    assert!(same > 5 * unknown && unknown > 100, "{same} same, {unknown} unknown");
}
