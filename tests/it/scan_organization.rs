//! Scans of the accounts of an organization: which are scanned, which are left out and why, and
//! that an incomplete list of accounts is an error.

use std::fs;

use serde_json::{Value, json};

use crate::support::fault::{Proxy, when};
use crate::support::moto::{OWN, PAYMENTS, RESEARCH, SANDBOX, moto};
use crate::support::report::Verdicts;
use crate::support::rolecall::{Rolecall, SECRET, SELECTION};

const CLOSED: &str = "999900001111";
const READER_SECRET: &str = "for-the-reader-0815";

/// A config without accounts; `organization` is added to its section.
fn config(organization: &str) -> String {
    format!(
        r#"
[role]
name = "audit"
path = "/security/"
external_id = {{ env = "ROLECALL_EXTERNAL_ID" }}
[scan]
regions = ["eu-west-1", "us-east-1"]
[organization]
role = {{ arn = "arn:aws:iam::{OWN}:role/reader", external_id = {{ env = "ROLECALL_READER" }} }}
{organization}
{SELECTION}
"#
    )
}

fn program(proxy: &Proxy, config: &str) -> Rolecall {
    Rolecall::at(proxy)
        .config(config)
        .env("ROLECALL_EXTERNAL_ID", SECRET)
        .env("ROLECALL_READER", READER_SECRET)
}

/// Id, name and labels of the accounts of a report.
fn accounts(report: &Value) -> Vec<Value> {
    let accounts = report["accounts"].as_array().unwrap().iter();
    accounts
        .map(|account| json!([account["account"], account["name"], account["labels"]]))
        .collect()
}

#[test]
fn accounts_of_the_organization_are_scanned_or_reported_as_excluded() {
    let proxy = Proxy::start(vec![]);
    // One unit by its id, one by its names.
    let units = &moto().units;
    let filter = format!(
        "include_units = [{}, \"Root/Sandbox\"]\nexclude_accounts = [\"sand*\"]",
        units["workloads"]
    );
    let labels = format!("[[account]]\nid = \"{RESEARCH}\"\nlabels = {{ team = \"research\" }}");
    let program = program(&proxy, &config(&format!("{filter}\n{labels}")));
    let ended = program.run(&[
        "scan",
        "-vv",
        "--snapshot",
        "snapshot",
        "-o",
        "json=report.json",
        "-o",
        "sarif=r.sarif",
    ]);
    ended.assert_code(1);

    let report = program.json("report.json");
    let only = moto().truth.only(|account, _, _, _| [PAYMENTS, RESEARCH].contains(&account));
    Verdicts::of_report(&report).assert_is(&only);
    assert_eq!(
        accounts(&report),
        [
            json!([PAYMENTS, "payments", { "organization_unit": "Root/Workloads/Prod" }]),
            json!([RESEARCH, "research", { "organization_unit": "Root/Workloads", "team": "research" }]),
        ]
    );
    let skipped = json!([
        { "account": OWN, "name": "master", "reason": "OU `Root` is not in `include_units`" },
        { "account": SANDBOX, "name": "sandbox", "reason": "`sand*` is in `exclude_accounts`" },
        { "account": CLOSED, "name": "old-crm", "reason": "account state is SUSPENDED" },
    ]);
    assert_eq!(report["skipped_accounts"], skipped);
    assert_eq!(program.json("snapshot/snapshot.json")["skipped_accounts"], skipped);
    for words in [
        "organization: 5 accounts in 4 OUs, 3 skipped",
        "note: account 999900001111 (old-crm) is skipped: account state is SUSPENDED",
        "note: account 333344445555 (sandbox) is skipped: `sand*` is in `exclude_accounts`",
    ] {
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }

    // Read once, with its role, in a session that allows nothing else; no call was made in the
    // other accounts.
    let requests = proxy.requests();
    assert_eq!(
        (requests[0].call.as_str(), requests[0].param("RoleArn")),
        ("sts:AssumeRole", "arn:aws:iam::123456789012:role/reader")
    );
    assert_eq!(requests[0].param("ExternalId"), READER_SECRET);
    let policy: Value = serde_json::from_str(requests[0].param("Policy")).unwrap();
    let actions = policy["Statement"][0]["Action"].as_array().unwrap();
    assert!(
        actions.iter().all(|action| action.as_str().unwrap().starts_with("organizations:List")),
        "{actions:?}"
    );
    let calls = proxy.calls();
    let of = |call: &str| calls.get(call).copied();
    assert_eq!(of("organizations:ListRoots"), Some(1));
    assert_eq!(of("organizations:ListAccountsForParent"), Some(4));
    assert_eq!(of("organizations:ListOrganizationalUnitsForParent"), Some(4));
    assert_eq!(of("sts:AssumeRole"), Some(3));
    assert_eq!(program.json("snapshot/run.json")["calls"]["organizations:ListRoots"], 1);

    for (path, bytes) in program.files() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            !text.contains(SECRET) && !text.contains(READER_SECRET),
            "an external id is in {}",
            path.display()
        );
    }
    assert!(!ended.stderr.contains(READER_SECRET));

    // Evaluating the snapshot again yields the same results, without AWS.
    let mut before = program.json("report.json");
    // What the calls took differs from run to run.
    assert!(before["summary"].as_object_mut().unwrap().remove("collection").is_some());
    program.run(&["evaluate", "--snapshot", "snapshot", "-o", "json=report.json"]).assert_code(1);
    assert_eq!(program.json("report.json"), before);
}

#[test]
fn a_resumed_run_keeps_the_accounts_that_it_started_with() {
    let proxy = Proxy::start(vec![]);
    let program =
        program(&proxy, &config("exclude_units = \"Root/Sandbox\"\nexclude_accounts = \"master\""));
    program
        .run(&[
            "collect",
            "--snapshot",
            "snapshot",
            "--account",
            "payments",
            "--rule",
            "s3-account-*",
        ])
        .assert_code(0);
    assert_eq!(proxy.calls()["organizations:ListRoots"], 1);
    let args = [
        "scan",
        "--snapshot",
        "snapshot",
        "--resume",
        "--rule",
        "s3-account-*",
        "-o",
        "json=report.json",
    ];
    let ended = program.run(&args);
    // The first run was about one account; the second is about all, and the organization was not
    // read again.
    let names: Vec<Value> =
        accounts(&program.json("report.json")).iter().map(|account| account[1].clone()).collect();
    assert_eq!(names, ["payments", "research"], "{}", ended.stderr);
    let calls = proxy.calls();
    assert_eq!((calls["organizations:ListRoots"], calls["sts:AssumeRole"]), (1, 3));
    assert_eq!(program.json("report.json")["skipped_accounts"].as_array().unwrap().len(), 3);
    // What the config says today holds, for roles and for who is meant.
    fs::write(program.path("rolecall.toml"), config("exclude_units = \"Root/Sandboxes\"")).unwrap();
    let ended = program.run(&args);
    assert!(
        ended.assert_code(2).stderr.contains("did you mean `Root/Sandbox`?"),
        "{}",
        ended.stderr
    );
}

#[test]
fn accounts_on_the_command_line_are_matched_in_the_organization() {
    let proxy = Proxy::start(vec![]);
    let program = program(&proxy, &config("exclude_accounts = \"sandbox\""));
    let scan = |account: &str| {
        program.run(&[
            "scan",
            "--account",
            account,
            "--rule",
            "s3-account-*",
            "-o",
            "json=report.json",
        ])
    };
    scan("pay*").assert_code(0);
    assert_eq!(accounts(&program.json("report.json"))[0][0], PAYMENTS);
    assert_eq!(accounts(&program.json("report.json")).len(), 1);
    for (typed, words) in [
        ("paymets", "`--account paymets` matches no account: did you mean `payments`?"),
        (
            "sandbox",
            "account 333344445555 (sandbox) is skipped: `sandbox` is in `exclude_accounts`",
        ),
        (CLOSED, "is skipped: account state is SUSPENDED"),
    ] {
        let ended = scan(typed);
        assert!(ended.assert_code(2).stderr.contains(words), "{}", ended.stderr);
    }
    // No account is left, which must not count as a clean run.
    fs::write(program.path("rolecall.toml"), config("exclude_units = \"Root\"")).unwrap();
    let ended = program.run(&["scan", "-o", "json=none.json"]);
    assert!(ended.assert_code(2).stderr.contains("no accounts to scan"), "{}", ended.stderr);
    assert!(!program.path("none.json").exists());
}

#[test]
fn an_organization_that_cannot_be_read_completely_is_not_scanned() {
    let prod = moto().units["prod"].as_str().unwrap();
    let proxy = Proxy::start(vec![
        when(move |request| {
            request.call == "organizations:ListAccountsForParent" && request.says(prod)
        })
        .denied("You don't have permissions to access this resource."),
    ]);
    let program = program(&proxy, &config(""));
    let ended = program.run(&[
        "scan",
        "--snapshot",
        "snapshot",
        "-o",
        "json=report.json",
        "-o",
        "sarif=r.sarif",
    ]);
    ended.assert_code(2);
    for words in [
        "organizations:ListAccountsForParent: AccessDeniedException",
        prod,
        "arn:aws:iam::123456789012:role/reader must be allowed to call organizations:ListAccountsForParent",
    ] {
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
    assert_eq!(ended.stdout, "");
    for nothing in ["snapshot", "report.json", "r.sarif"] {
        assert!(!program.path(nothing).exists(), "{nothing} was written");
    }
    // No account was entered.
    assert_eq!(proxy.calls()["sts:AssumeRole"], 1);
}

#[test]
fn a_page_of_a_proxy_in_place_of_a_response_is_asked_for_again() {
    let page = "<html><body>Please wait</body></html>";
    let proxy = Proxy::start(vec![
        when(|request| request.call == "organizations:ListRoots").body(page).times(1),
        when(|request| request.call == "s3:GetBucketVersioning").body(page).times(1),
    ]);
    let program = program(&proxy, &config(&format!("include_accounts = [\"{PAYMENTS}\"]")));
    program.run(&["scan", "-o", "json=report.json"]).assert_code(1);
    let report = program.json("report.json");
    let only = moto().truth.only(|account, _, _, _| account == PAYMENTS);
    Verdicts::of_report(&report).assert_is(&only);
}

#[test]
fn a_pattern_that_matches_nothing_is_an_error_in_the_config() {
    let proxy = Proxy::start(vec![]);
    let program = program(
        &proxy,
        &config(
            "include_units = [\"Root/Workloads\", \"Root/Sanbox\"]\nexclude_accounts = [\"paymnts\"]",
        ),
    );
    let ended = program.run(&["scan"]);
    ended.assert_code(2);
    for words in [
        "unknown OU `Root/Sanbox`",
        "did you mean `Root/Sandbox`?",
        "rolecall.toml:10:36",
        "no account of the organization matches `paymnts`",
        "did you mean `payments`?",
    ] {
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
    assert_eq!(ended.stdout, "");
}
