//! The access to the accounts, against moto behind a proxy that injects faults.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Checks, assert_says};
use crate::support::fault::{Fault, Proxy, when};
use crate::support::moto::{ACCOUNTS, IRELAND, OWN, PAYMENTS, RESEARCH, SANDBOX, VIRGINIA};
use crate::support::rolecall::{Rolecall, SECRET, SELECTION, scan_config};

/// Runs the command with `--format json`.
#[track_caller]
fn doctor(program: &Rolecall, code: i32, args: &[&str]) -> Checks {
    let ended = program.run(&[&["doctor", "--format", "json"], args].concat());
    ended.assert_code(code);
    assert!(!ended.stdout.contains(SECRET) && !ended.stderr.contains(SECRET));
    Checks::of(&ended.stdout)
}

fn with_faults(faults: Vec<Fault>) -> (Proxy, Rolecall) {
    let proxy = Proxy::start(faults);
    let program = Rolecall::at(&proxy).scan_config("");
    (proxy, program)
}

/// The checks of an account.
fn of<'a>(checks: &'a Checks, account: &str, status: &str) -> Vec<&'a Value> {
    let found = checks.with("accounts", status).into_iter();
    found.filter(|check| check["account"] == account).collect()
}

/// What was checked in an account without a problem.
fn subjects<'a>(checks: &'a Checks, account: &str) -> BTreeSet<&'a str> {
    of(checks, account, "ok").iter().map(|check| check["subject"].as_str().unwrap()).collect()
}

#[test]
fn an_estate_in_order_passes_with_few_calls() {
    let (proxy, program) = with_faults(vec![]);
    let before = program.files();
    let checks = doctor(&program, 0, &["--snapshot", "nightly", "-o", "json=report.json"]);
    let problems = checks.0.iter().filter(|check| check["status"] != "ok");
    for problem in problems {
        // This account has no buckets.
        assert_eq!(problem["account"], SANDBOX, "{problem}");
        assert_says(problem, &["no s3.bucket"]);
    }
    assert_eq!(program.files(), before, "something was written");
    for account in ACCOUNTS {
        // The role, the account and two regions.
        let subjects = subjects(&checks, account);
        let role = format!("arn:aws:iam::{account}:role/security/audit");
        for subject in
            [role.as_str(), "sts:GetCallerIdentity", "region us-east-1", "region eu-west-1"]
        {
            assert!(subjects.contains(subject), "{subject} is not in {subjects:?}");
        }
    }
    // Every action of the policy that a scan needs.
    let permissions = program.run(&["permissions", "target"]);
    let policy: Value = serde_json::from_str(&permissions.stdout).unwrap();
    for action in policy["Statement"][0]["Action"].as_array().unwrap() {
        let action = action.as_str().unwrap();
        assert!(subjects(&checks, PAYMENTS).contains(action), "{action} was not tried");
    }
    let mut calls: BTreeMap<(String, String), usize> = BTreeMap::new();
    for request in proxy.requests() {
        if let Ok(size) = request.param("MaxResults").parse::<u32>() {
            assert!(size <= 5, "{}: a page of {size}", request.call);
        }
        let who = if request.call == "sts:AssumeRole" {
            request.role_account().to_owned()
        } else {
            request.account.clone()
        };
        *calls.entry((request.call, who)).or_default() += 1;
    }
    for ((call, account), times) in &calls {
        // A list of buckets without regions needs one call for each.
        let most = if call == "s3:GetBucketLocation" { 5 } else { 1 };
        assert!(*times <= most, "{call} in {account}: {times} times");
    }
    assert_eq!(calls[&("sts:GetCallerIdentity".to_owned(), OWN.to_owned())], 1);

    let ended = program.run(&["doctor"]);
    ended.assert_code(0);
    for words in [
        "payments (111122223333)",
        "role assumed, right account, 2 configured regions enabled,",
        "no s3.bucket",
        "A scan can run: no check failed",
    ] {
        assert!(ended.stdout.contains(words), "missing {words} in\n{}", ended.stdout);
    }
}

#[test]
fn the_options_of_a_scan_select_accounts_and_actions() {
    let (proxy, program) = with_faults(vec![]);
    let checks = doctor(&program, 0, &["--account", "payments", "--rule", "s3-account-*"]);
    let actions: Vec<&str> = checks
        .with("accounts", "ok")
        .iter()
        .filter(|check| check["access"] == "action")
        .map(|check| check["subject"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["s3:GetAccountPublicAccessBlock"]);
    let calls: Vec<String> = proxy.calls().into_keys().collect();
    assert_eq!(
        calls,
        ["s3control:GetPublicAccessBlock", "sts:AssumeRole", "sts:GetCallerIdentity"]
    );
    let unmatched = doctor(&program, 2, &["--account", "paymets"]);
    assert_says(unmatched.only("config", "failed"), &["did you mean `payments`?"]);
}

#[test]
fn denials_name_the_account_and_the_policy_to_change() {
    let who = "User: arn:aws:sts::111122223333:assumed-role/audit/x is not authorized to perform: ";
    let (_proxy, program) = with_faults(vec![
        when(|request| request.call == "s3:GetBucketPolicy" && request.account == PAYMENTS).denied(
            &format!("{who}s3:GetBucketPolicy with an explicit deny in a resource-based policy"),
        ),
        when(|request| request.call == "ec2:DescribeVolumes" && request.account == RESEARCH).denied(
            &format!("{who}ec2:DescribeVolumes with an explicit deny in a service control policy"),
        ),
        when(|request| request.call == "ec2:DescribeInstances" && request.account == RESEARCH)
            .denied("You are not authorized to perform this operation."),
        when(|request| request.call == "sts:AssumeRole" && request.role_account() == SANDBOX)
            .denied(
                "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: sts:AssumeRole",
            ),
    ]);
    let checks = doctor(&program, 3, &[]);
    assert_eq!(checks.with("accounts", "failed").len(), 4, "{:#?}", checks.0);

    let payments = of(&checks, PAYMENTS, "failed");
    assert_eq!(payments[0]["subject"], "s3:GetBucketPolicy");
    assert_says(payments[0], &["denied for `", "a resource policy", "[[accepted_gap]]"]);

    let research = of(&checks, RESEARCH, "failed");
    assert_eq!(research[0]["subject"], "ec2:DescribeInstances");
    let role = "arn:aws:iam::222233334444:role/security/audit";
    assert_says(research[0], &["allow `ec2:DescribeInstances` in the policy of", role]);
    assert_eq!(research[1]["subject"], "ec2:DescribeVolumes");
    assert_says(research[1], &["a service control policy"]);
    assert_eq!(research[1]["region"], IRELAND);
    assert_eq!(research[1]["code"], "UnauthorizedOperation");

    let sandbox = of(&checks, SANDBOX, "failed");
    assert_says(
        sandbox[0],
        &[
            "could not assume arn:aws:iam::333344445555:role/security/audit",
            "the configured external id",
            "permissions central",
        ],
    );
    assert_eq!(of(&checks, SANDBOX, "ok").len(), 0);

    // Each names the line of the config that lists the account.
    let config = std::fs::read_to_string(program.path("rolecall.toml")).unwrap();
    for check in checks.with("accounts", "failed") {
        assert_eq!(check["file"], "rolecall.toml");
        let line = usize::try_from(check["line"].as_u64().unwrap()).unwrap();
        let written = config.lines().nth(line - 1).unwrap();
        assert!(written.contains(check["account"].as_str().unwrap()), "{written}");
    }
    assert!(checks.with("accounts", "ok").iter().all(|check| check["line"].is_null()));

    let ended = program.run(&["doctor"]);
    ended.assert_code(3);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    let start = lines.iter().position(|line| *line == "Accounts").unwrap();
    assert!(lines[start + 1].starts_with("  failed"), "{}", ended.stdout);
    assert!(ended.stdout.contains("A scan would be incomplete: 4 failed checks"));
}

#[test]
fn a_session_in_another_account_fails() {
    let faults = [
        when(|request| request.call == "sts:AssumeRole" && request.role_account() == RESEARCH)
            .rewrite(|answer| answer.replace(RESEARCH, SANDBOX)),
        when(|request| request.call == "sts:GetCallerIdentity" && request.account == RESEARCH)
            .rewrite(|answer| answer.replace(RESEARCH, SANDBOX)),
    ];
    for fault in faults {
        let (_proxy, program) = with_faults(vec![fault]);
        let checks = doctor(&program, 3, &[]);
        let failed = checks.only("accounts", "failed");
        assert_eq!(
            (&failed["account"], &failed["code"]),
            (&RESEARCH.into(), &"WrongAccount".into())
        );
        assert_says(failed, &[SANDBOX, "AWS_ENDPOINT_URL"]);
    }
    // An account without a role must be that of the credentials.
    let config = |account: &str| {
        format!(
            "[scan]\nregions = [\"{IRELAND}\"]\n{SELECTION}\n[[account]]\nid = \"{account}\"\nrole = \"none\"\n"
        )
    };
    let proxy = Proxy::start(vec![]);
    let checks = doctor(&Rolecall::at(&proxy).config(&config("999988887777")), 3, &[]);
    assert_says(checks.only("accounts", "failed"), &["role = \"none\"", "set `role`", OWN]);
    doctor(&Rolecall::at(&proxy).config(&config(OWN)), 0, &[]);
}

#[test]
fn configured_regions_must_be_enabled() {
    let without_virginia = |answer: String| answer.replace(VIRGINIA, "af-south-1");
    let (proxy, program) = with_faults(vec![
        when(|request| request.call == "ec2:DescribeRegions" && request.account == RESEARCH)
            .rewrite(without_virginia),
    ]);
    let checks = doctor(&program, 3, &[]);
    let failed = checks.only("accounts", "failed");
    assert_eq!(
        (&failed["subject"], &failed["account"]),
        (&"region us-east-1".into(), &RESEARCH.into())
    );
    assert_says(failed, &["not enabled", "`regions`"]);
    drop(proxy);

    // Listing the regions needs a permission only if none are configured.
    let denied = || when(|request| request.call == "ec2:DescribeRegions").denied("no");
    let (_proxy, program) = with_faults(vec![denied()]);
    let checks = doctor(&program, 0, &[]);
    let unchecked = checks.with("accounts", "not_checked").into_iter();
    let regions: Vec<&Value> = unchecked.filter(|check| check["access"] == "regions").collect();
    assert_eq!(regions.len(), 6, "{:#?}", checks.0);
    assert_says(regions[0], &["ec2:DescribeRegions", "UnauthorizedOperation"]);
    let proxy = Proxy::start(vec![denied()]);
    let program = Rolecall::at(&proxy).config_for_all_regions("");
    let checks = doctor(&program, 3, &[]);
    let failed = of(&checks, PAYMENTS, "failed");
    assert_eq!((failed.len(), &failed[0]["subject"]), (1, &"ec2:DescribeRegions".into()));
    // There is no region in which the others could be tried.
    assert!(!of(&checks, PAYMENTS, "not_checked").is_empty());
}

#[test]
fn actions_on_buckets_are_not_checked_in_an_account_without_buckets() {
    let (_proxy, program) = with_faults(vec![
        when(|request| request.call == "s3:ListBuckets" && request.account == RESEARCH).body(
            "<ListAllMyBucketsResult><Owner><ID>x</ID></Owner><Buckets/></ListAllMyBucketsResult>",
        ),
    ]);
    let checks = doctor(&program, 0, &[]);
    let unchecked = of(&checks, RESEARCH, "not_checked");
    let policy = unchecked.iter().find(|check| check["subject"] == "s3:GetBucketPolicy").unwrap();
    assert_says(policy, &["no s3.bucket"]);
    assert!(of(&checks, PAYMENTS, "not_checked").is_empty());
    let ended = program.run(&["doctor"]);
    assert!(ended.stdout.contains("no s3.bucket"), "{}", ended.stdout);
}

#[test]
fn accepted_gaps_do_not_fail_and_are_counted() {
    let accepted = r#"
[[accepted_gap]]
account = "research"
call = "ec2:DescribeVolumes"
reason = "closed on purpose"
[[accepted_gap]]
account = "3333*"
call = "sts:AssumeRole"
reason = "the sandbox is being built"
[[accepted_gap]]
account = "nobody"
call = "sts:AssumeRole"
reason = "old"
"#;
    let proxy = Proxy::start(vec![
        when(|request| request.call == "ec2:DescribeVolumes" && request.account == RESEARCH)
            .denied("no"),
        when(|request| request.call == "sts:AssumeRole" && request.role_account() == SANDBOX)
            .denied("no"),
    ]);
    let program = Rolecall::at(&proxy).scan_config(accepted);
    let checks = doctor(&program, 0, &[]);
    let accepted =
        checks.with("accounts", "ok").into_iter().filter(|check| check["accepted"] == true);
    let accepted: Vec<(&str, &str)> = accepted
        .map(|check| (check["account"].as_str().unwrap(), check["message"].as_str().unwrap()))
        .collect();
    assert_eq!(
        accepted,
        [
            (RESEARCH, "accepted gap: closed on purpose"),
            (SANDBOX, "accepted gap: the sandbox is being built")
        ]
    );
    assert_says(checks.only("config", "warning"), &["nobody"]);
    let ended = program.run(&["doctor"]);
    assert!(ended.stdout.contains("1 accepted gap"), "{}", ended.stdout);
}

#[test]
fn throttling_is_a_warning_and_silence_a_failure() {
    let proxy =
        Proxy::start(vec![
            when(|request| request.call == "ec2:DescribeVolumes" && request.account == PAYMENTS)
                .error(503, "RequestLimitExceeded", "Request limit exceeded."),
            when(|request| request.call == "ec2:DescribeInstances" && request.account == RESEARCH)
                .hang(),
            when(|request| request.call == "sts:AssumeRole" && request.role_account() == SANDBOX)
                .hang(),
        ]);
    let program = Rolecall::at(&proxy).scan_config("max_attempts = 1");
    let checks = doctor(&program, 3, &["--timeout", "3"]);
    let warning = checks.only("accounts", "warning");
    assert_eq!(
        (&warning["account"], &warning["subject"]),
        (&PAYMENTS.into(), &"ec2:DescribeVolumes".into())
    );
    assert_says(warning, &["throttled"]);
    let research = of(&checks, RESEARCH, "failed");
    assert_eq!((research.len(), &research[0]["code"]), (1, &"Timeout".into()), "{research:?}");
    assert_says(research[0], &["--timeout"]);
    let sandbox = of(&checks, SANDBOX, "failed");
    assert_says(sandbox[0], &["STS did not respond", "limit for each account"]);
}

#[test]
fn a_hub_role_that_cannot_be_assumed_is_one_failure() {
    let config = scan_config("").replace(
        "name = \"audit\"\n",
        "via = \"arn:aws:iam::444455556666:role/hub\"\nname = \"audit\"\n",
    );
    let proxy = Proxy::start(vec![
        when(|request| request.call == "sts:AssumeRole").denied("not authorized"),
    ]);
    let program = Rolecall::at(&proxy).config(&config).env("ROLECALL_EXTERNAL_ID", SECRET);
    let checks = doctor(&program, 3, &[]);
    let failed = checks.only("accounts", "failed");
    assert_says(failed, &["arn:aws:iam::444455556666:role/hub", "no external id"]);
    assert_says(checks.only("accounts", "not_checked"), &["hub role"]);

    let proxy = Proxy::start(vec![
        when(|request| request.call == "sts:AssumeRole" && request.role_account() == SANDBOX)
            .denied("not authorized"),
    ]);
    let program = Rolecall::at(&proxy).config(&config).env("ROLECALL_EXTERNAL_ID", SECRET);
    let checks = doctor(&program, 3, &[]);
    // The trust policy must name the hub.
    assert_says(checks.only("accounts", "failed"), &["for arn:aws:iam::444455556666:role/hub"]);
}
