//! Files in S3 and their local copies: what is copied, what messages call it, and with which
//! credentials.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::storage::{bucket, config, get, json, keys, put, run};
use crate::support::fault::{Proxy, when};
use crate::support::moto::{PAYMENTS, RESEARCH};
use crate::support::rolecall::Rolecall;

const OWN_RULE: &str = "//! Always passes.\nconst RULE = #{ title: \"Own\", resource: \"s3.bucket\", severity: \"low\" };\nfn check(bucket, params) { pass() }\n";

/// A program with a snapshot in its folder.
fn with_snapshot(extra: &str) -> Rolecall {
    let program = Rolecall::at(&Proxy::start(vec![])).config(&config(extra));
    run(&program, &["collect", "--snapshot", "night"]);
    program
}

#[test]
fn parts_of_an_earlier_sarif_report_are_removed() {
    let files = bucket("parts");
    let output = |key: &str| {
        format!("[[output]]\nformat = \"sarif\"\npath = \"s3://{files}/{key}\"\nnumbered = true\n")
    };
    let selection = "[scan.selection]\nname = \"seeded\"\nrules = [\"s3-bucket-versioning\"]\n";
    for folder in ["", "nights/"] {
        let key = |name: &str| format!("{folder}{name}");
        let program = with_snapshot(&format!("{selection}{}", output(&key("report.sarif"))));
        let evaluate = || program.run(&["evaluate", "--snapshot", "night", "--baseline", "none"]);
        evaluate();
        let report = get(&files, &key("report-001.sarif")).expect("a part is uploaded");
        let report = String::from_utf8(report).unwrap();
        for name in ["report.sarif", "report-003.sarif", "report-20260801.sarif", "other-002.sarif"]
        {
            put(&files, &key(name), &report);
        }
        put(&files, &key("report-002.sarif"), "not a report of rolecall");
        let ran = evaluate();
        let name = |name: &str| format!("s3://{files}/{}", key(name));
        for (name, found) in [
            (name("report.sarif"), "removed"),
            (name("report-003.sarif"), "removed"),
            (name("report-002.sarif"), "is not part of this run"),
        ] {
            let line = ran.stderr.lines().find(|line| line.contains(&format!("`{name}`")));
            assert!(line.is_some_and(|line| line.contains(found)), "{name}: {}", ran.stderr);
        }
        let left: BTreeSet<String> = keys(&files)
            .into_iter()
            .filter_map(|found| found.strip_prefix(folder).map(str::to_owned))
            .filter(|name| !name.contains('/'))
            .collect();
        let expected =
            ["other-002.sarif", "report-001.sarif", "report-002.sarif", "report-20260801.sarif"];
        assert_eq!(left, BTreeSet::from(expected.map(str::to_owned)));
    }
}

#[test]
fn a_part_that_cannot_be_removed_is_named_with_the_cause() {
    let files = bucket("denied-parts");
    let deletes = when(|request| request.is_delete());
    let proxy = Proxy::start(vec![deletes.error(403, "AccessDenied", "Access Denied")]);
    let output = format!(
        "[scan.selection]\nname = \"seeded\"\nrules = [\"s3-bucket-versioning\"]\n\
         [[output]]\nformat = \"sarif\"\npath = \"s3://{files}/report.sarif\"\nnumbered = true\n"
    );
    let program = Rolecall::at(&proxy).config(&config(&output));
    run(&program, &["collect", "--snapshot", "night"]);
    let evaluate = || program.run(&["evaluate", "--snapshot", "night", "--baseline", "none"]);
    evaluate();
    let report = get(&files, "report-001.sarif").expect("a part is uploaded");
    put(&files, "report-002.sarif", &String::from_utf8(report).unwrap());
    let ran = evaluate();
    let line = ran.stderr.lines().find(|line| line.contains("report-002.sarif`"));
    let line = line.unwrap_or_else(|| panic!("{}", ran.stderr));
    for part in ["was not removed", "AccessDenied", "s3:DeleteObject", "delete it"] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert!(get(&files, "report-002.sarif").is_some());
}

#[test]
fn waivers_and_diagnostics_name_the_file_in_s3() {
    let files = bucket("names");
    let at = |key: &str| format!("s3://{files}/{key}");
    // The snapshot is of today.
    let expires = jiff::Zoned::now().date().saturating_add(jiff::Span::new().days(30));
    let waiver = format!(
        "[[waiver]]\nrule = \"s3-bucket-versioning\"\nreason = \"x\"\nowner = \"x\"\nexpires = {expires}\n"
    );
    put(&files, "waivers.toml", &waiver);
    let program = with_snapshot(&format!("waiver_files = [\"{}\"]", at("waivers.toml")));
    run(&program, &["evaluate", "--snapshot", "night", "-o", "json=report.json"]);
    let report = program.json("report.json").to_string();
    assert!(report.contains(&format!("\"file\":\"{}\"", at("waivers.toml"))), "{report}");
    assert!(!report.contains("rolecall-s3-"), "{report}");

    put(&files, "rules/own-rule.rhai", &OWN_RULE.replace("pass()", "pas()"));
    put(&files, "rules/own-rule.cases.json", "[{]");
    for args in [
        &["lint"][..],
        &["lint", "--format", "json"],
        &["lint", "--format", "github"],
        &["test"],
        &["test", "--format", "junit"],
    ] {
        let rules = at("rules");
        let ran = program.run(&[args, &[rules.as_str()]].concat());
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(all.contains(&at("rules/own-rule")), "{args:?}: {all}");
        assert!(!all.contains("rolecall-s3-"), "{args:?}: {all}");
    }
}

#[test]
fn the_profile_of_the_command_line_reads_and_writes_files() {
    let files = bucket("profile");
    put(&files, "config/rolecall.toml", &config(""));
    let proxy = Proxy::start(vec![]);
    let program = Rolecall::new()
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ENDPOINT_URL", &proxy.url())
        .env("AWS_SHARED_CREDENTIALS_FILE", "credentials");
    let keys = "[nightly]\naws_access_key_id = AKIATESTTESTNIGHTLY0\naws_secret_access_key = x\n";
    std::fs::write(program.path("credentials"), keys).unwrap();
    let output = format!("json=s3://{files}/report.json");
    let config = format!("s3://{files}/config/rolecall.toml");
    let args = ["scan", "--config", &config, "--snapshot", "night", "--output", &output];
    let ran = run(&program, &[&args[..], &["--profile", "nightly"]].concat());
    ran.assert_code(0);
    assert!(get(&files, "report.json").is_some());
    let requests = proxy.requests();
    let of_files: Vec<_> = requests
        .iter()
        .filter(|request| {
            ["config/rolecall.toml", "report.json"].iter().any(|key| {
                let path = format!("/{files}/{key}");
                request.is_to("GET", &path) || request.is_to("PUT", &path)
            })
        })
        .collect();
    assert_eq!(of_files.len(), 2);
    for request in of_files {
        let signed = &request.headers["authorization"];
        assert!(signed.contains("AKIATESTTESTNIGHTLY0"), "{signed}");
    }
}

#[test]
fn a_new_folder_has_no_objects_at_any_depth() {
    let files = bucket("depth");
    let at = |key: &str| format!("s3://{files}/{key}");
    put(&files, "used/archive/2026/report.json", "{}");
    let proxy = Proxy::start(vec![]);
    let program = Rolecall::at(&proxy).config(&config(""));
    for args in [["collect", "--snapshot"], ["scan", "--snapshot"], ["doctor", "--snapshot"]] {
        let used = at("used");
        let ran = run(&program, &[&args[..], &[used.as_str()]].concat());
        ran.assert_code(2);
        assert!(ran.stderr.contains(&at("used")), "{args:?}: {}", ran.stderr);
    }
    assert_eq!(proxy.calls().get("sts:AssumeRole"), None);
    // A folder that the console created is empty, and a name that only begins the same is another one.
    put(&files, "new/", "");
    let checked = run(&program, &["doctor", "--snapshot", &at("new")]);
    assert!(!checked.stderr.contains("not empty"), "{}", checked.stderr);
    let before = keys(&files);
    assert!(!before.iter().any(|key| key.starts_with("new/") && key != "new/"), "{before:?}");
    run(&program, &["collect", "--snapshot", &at("new")]).assert_code(0);
    run(&program, &["collect", "--snapshot", &at("use")]).assert_code(0);
    // A check of a snapshot that exists changes nothing in it.
    let proxy = Proxy::start(vec![]);
    let doctor = Rolecall::at(&proxy).config(&config(""));
    run(&doctor, &["doctor", "--snapshot", &at("new"), "--resume"]);
    let path = |name: &str| format!("/{files}/new/{name}");
    let requests = proxy.requests();
    assert!(requests.iter().any(|request| request.is_to("GET", &path("snapshot.json"))));
    assert!(!requests.iter().any(|request| request.is_to("PUT", &path("snapshot.json"))));
}

#[test]
fn accounts_that_are_collected_again_are_deleted_from_s3_first() {
    let files = bucket("again");
    let night = format!("s3://{files}/night");
    let program = Rolecall::at(&Proxy::start(vec![])).config(&config(""));
    run(&program, &["collect", "--snapshot", &night]).assert_code(0);
    let before = keys(&files);
    let again = |faults| {
        let program = Rolecall::at(&Proxy::start(faults)).config(&config(""));
        let args = ["collect", "--snapshot", &night, "--resume", "--recollect"];
        run(&program, &[&args[..], &["--rule", "ebs-volume-encrypted"]].concat())
    };
    let denied = again(vec![when(|request| request.is_delete()).error(
        403,
        "AccessDenied",
        "Access Denied",
    )]);
    assert!(denied.assert_code(2).stderr.contains("s3:DeleteObject"), "{}", denied.stderr);
    assert_eq!(keys(&files), before);

    // The run ends before anything is collected.
    let list = format!("/{files}/night/snapshot.json");
    let ends = when(move |request| request.is_to("PUT", &list));
    again(vec![ends.error(403, "AccessDenied", "Access Denied")]).assert_code(2);
    let accounts = [PAYMENTS, RESEARCH].map(|account| format!("night/{account}.jsonl"));
    let left = keys(&files);
    assert!(accounts.iter().all(|key| before.contains(key) && !left.contains(key)), "{left:?}");

    again(vec![]).assert_code(0);
    assert_eq!(keys(&files), before);
}

#[test]
fn a_filtered_sarif_report_of_each_account_is_rejected_before_the_scan() {
    let proxy = Proxy::start(vec![]);
    let program = Rolecall::at(&proxy).config(&config(""));
    let ran = run(&program, &["scan", "--output", "sarif={account}.sarif"]);
    ran.assert_code(2);
    assert!(ran.stderr.contains("--sarif-category"), "{}", ran.stderr);
    assert_eq!(proxy.calls().get("sts:AssumeRole"), None);
}

#[test]
fn a_list_whose_response_was_lost_is_not_in_its_own_way() {
    let files = bucket("lost");
    let path = format!("/{files}/run/targets.json");
    let proxy =
        Proxy::start(vec![when(move |request| request.is_to("PUT", &path)).lost().times(1)]);
    let program = Rolecall::at(&proxy).config(&config(""));
    let to = format!("s3://{files}/run");
    run(&program, &["targets", "--shards", "2", "--to", &to]).assert_code(0);
    let shards = json(&files, "run/targets.json");
    assert!(shards["shards"].is_array(), "{shards}");
}

#[test]
fn durations_of_an_earlier_run_do_not_need_its_accounts() {
    let files = bucket("earlier");
    let night = format!("s3://{files}/night");
    let program = Rolecall::at(&Proxy::start(vec![])).config(&config(""));
    run(&program, &["collect", "--snapshot", &night]).assert_code(0);
    let proxy = Proxy::start(vec![]);
    let program = Rolecall::at(&proxy).config(&config(""));
    let args = ["targets", "--shards", "2", "--to", "run", "--previous", &night];
    run(&program, &args).assert_code(0);
    let list: Value = program.json("run/targets.json");
    assert!(list.to_string().contains(PAYMENTS));
    let read = |name: &str| {
        let path = format!("/{files}/night/{name}");
        proxy.requests().iter().any(|request| request.is_to("GET", &path))
    };
    assert!(read("run.json") && !read(&format!("{PAYMENTS}.jsonl")) && !read("snapshot.json"));
    // Without it, the shards would not be balanced.
    let none = format!("s3://{files}/none");
    let ran = run(&program, &["targets", "--shards", "2", "--to", "other", "--previous", &none]);
    ran.assert_code(2);
    assert!(ran.stderr.contains(&format!("{none}/run.json")), "{}", ran.stderr);
}

#[test]
fn rules_that_s3_throttles_are_not_an_error_of_the_config() {
    let files = bucket("throttled");
    put(&files, "rules/own-rule.rhai", OWN_RULE);
    let is_list =
        move |request: &crate::support::fault::Request| request.param("prefix") == "rules/";
    let fault = || when(is_list);
    let rules = format!("rule_folders = [\"s3://{files}/rules\"]");
    for (fault, is_config) in [
        (fault().error(503, "SlowDown", "Please reduce your request rate."), false),
        (fault().error(500, "InternalError", "We encountered an internal error."), false),
        (fault().cut(), false),
        (fault().error(403, "AccessDenied", "Access Denied"), true),
    ] {
        let program = Rolecall::at(&Proxy::start(vec![fault])).config(&config(&rules));
        let ran = program.run(&["rules"]);
        ran.assert_code(2);
        assert!(ran.stderr.contains(&format!("s3://{files}/rules")), "{}", ran.stderr);
        assert_eq!(ran.stderr.contains("rule_folders = ["), is_config, "{}", ran.stderr);
    }
}
