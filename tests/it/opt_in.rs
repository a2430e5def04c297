//! Opt-in rules: how they are selected, what they then need, and their verdicts on the simulated AWS.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{Ran, ran, rolecall};

const SHADOW: &str = "s3-bucket-shadow-resource";
const SAMPLE: &str = "s3-object-public-acl-sample";

/// Runs the program in a folder.
fn run_in(folder: &Path, args: &[&str]) -> Ran {
    ran(rolecall().current_dir(folder).args(args).output().unwrap())
}

/// Runs the program in a folder without a config, and returns what it prints.
fn printed(args: &[&str]) -> String {
    let ran = run_in(tempfile::tempdir().unwrap().path(), args);
    assert_eq!(ran.code, 0, "{args:?}: {}", ran.stderr);
    ran.stdout
}

/// The opt-in rules among those that a run with this config and these options would evaluate.
fn selected(config: &str, options: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rolecall.toml"), config).unwrap();
    let ran = run_in(folder.path(), &[&["rules", "--format", "json"], options].concat());
    assert_eq!(ran.code, 0, "{config} {options:?}: {}", ran.stderr);
    let rules: Vec<Value> = serde_json::from_str(&ran.stdout).unwrap();
    let opt_in = rules.iter().filter(|rule| rule["opt_in"] == true);
    opt_in.map(|rule| rule["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn only_their_ids_select_opt_in_rules() {
    let enabled = format!("[rules.\"{SHADOW}\"]\nenabled = true\n");
    let listed = |rules: &str| format!("[scan.selection]\nrules = [{rules}]\n");
    let table: [(&str, &[&str], &[&str]); 16] = [
        ("", &[], &[]),
        ("", &["--rule-profile", "all"], &[]),
        ("", &["--rule", "*"], &[]),
        ("", &["--rule", "s3-object-*,s3-bucket-*"], &[]),
        ("", &["--framework", "aws-fsbp"], &[]),
        ("", &["--rule", SAMPLE], &[SAMPLE]),
        ("", &["--rule", "s3-*", "--rule", SAMPLE], &[SAMPLE]),
        (&enabled, &[], &[SHADOW]),
        (&enabled, &["--rule", "s3-*"], &[SHADOW]),
        // The command line selects among the rules that the config enables.
        (&enabled, &["--rule-profile", "baseline"], &[SHADOW]),
        (&enabled, &["--rule-profile", "all"], &[SHADOW]),
        (&enabled, &["--rule", "sg-*"], &[]),
        (&enabled, &["--rule", SAMPLE], &[SAMPLE]),
        (&enabled, &["--framework", "aws-fsbp"], &[]),
        (&listed("\"s3-*\""), &[], &[]),
        (&listed(&format!("\"s3-*\", \"{SHADOW}\", \"{SAMPLE}\"")), &[], &[SHADOW, SAMPLE]),
    ];
    for (config, options, expected) in table {
        assert_eq!(selected(config, options), expected, "{config} {options:?}");
    }
    let never = format!("{}[rules.\"{SAMPLE}\"]\nenabled = false\n", listed("\"*\""));
    assert_eq!(selected(&never, &["--rule", &format!("sg-*,{SAMPLE}")]), [""; 0]);
}

#[test]
fn a_pattern_that_matches_only_opt_in_rules_says_how_to_select_them() {
    let ran = run_in(tempfile::tempdir().unwrap().path(), &["rules", "--rule", "s3-object-*"]);
    let (code, message) = (ran.code, ran.stderr);
    assert_eq!(code, 2, "{message}");
    assert!(message.contains("only by their full id") && message.contains(SAMPLE), "{message}");
}

#[test]
fn lists_name_the_opt_in_rules_that_do_not_run() {
    let last = |options: &[&str]| {
        printed(&[&["rules"], options].concat()).lines().last().unwrap_or_default().to_owned()
    };
    let both = format!("opt-in, selected only by id: {SHADOW}, {SAMPLE}");
    assert_eq!(last(&[]), both);
    assert_eq!(last(&["--rule-profile", "all"]), both);
    assert_eq!(last(&["--kind", "s3.bucket"]), format!("opt-in, selected only by id: {SAMPLE}"));
    assert!(!last(&["--kind", "ec2.*"]).contains("opt-in"));
    let marked = last(&["--rule", SAMPLE]);
    assert!(marked.starts_with(SAMPLE) && marked.ends_with("(opt-in)"), "{marked}");
    let explained = printed(&["explain", SHADOW]);
    assert!(explained.contains("opt-in") && explained.contains("enabled = true"), "{explained}");
}

#[test]
fn permissions_and_plans_include_their_calls_only_if_they_are_selected() {
    let printed = |command: &[&str], rules: &str| printed(&[command, &["--rule", rules]].concat());
    let policy = &["permissions", "target"][..];
    for (rules, list, acl) in [("s3-*", false, false), (SHADOW, true, false), (SAMPLE, true, true)]
    {
        let actions = printed(policy, rules);
        assert_eq!(actions.contains("\"s3:ListBucket\""), list, "{rules}");
        assert_eq!(actions.contains("\"s3:GetObjectAcl\""), acl, "{rules}");
        assert!(!actions.contains("\"s3:GetObject\""), "{rules}");
    }
    let plan = printed(&["plan"], SAMPLE);
    assert!(plan.contains("s3:ListObjectsV2") && plan.contains("up to 20 times"), "{plan}");
    let plan = printed(&["plan"], SHADOW);
    assert!(plan.contains("s3:HeadBucket") && plan.contains("up to 9 times"), "{plan}");
    assert!(plan.contains("ec2:DescribeRegions"), "{plan}");
}

#[test]
fn own_rules_can_be_opt_in() {
    let rule = |opt_in: &str| {
        format!(
            "//! It matters.\nconst RULE = #{{ title: \"t\", resource: \"s3.account\", severity: \"low\", opt_in: {opt_in} }};\n\
             fn check(account, params) {{ pass() }}\n"
        )
    };
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| fs::write(folder.path().join("own/mine.rhai"), text).unwrap();
    fs::create_dir(folder.path().join("own")).unwrap();
    write(&rule("true"));
    let is_listed = |options: &[&str]| {
        let args = [&["rules", "--rules", "own", "--format", "json"], options].concat();
        run_in(folder.path(), &args).stdout.contains("\"id\": \"mine\"")
    };
    assert!(!is_listed(&[]) && !is_listed(&["--rule-profile", "all"]));
    assert!(is_listed(&["--rule", "mine"]));
    write(&rule("\"yes\""));
    let ran = run_in(folder.path(), &["rules", "--rules", "own", "--rule", "mine"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("`opt_in` must be a boolean"), "{}", ran.stderr);
}

#[cfg(feature = "aws")]
mod on_the_simulator {
    use std::collections::BTreeSet;

    use super::*;
    use crate::simulator_estate::{REGIONS, config};
    use crate::support::aws::{Effect, Estate, FakeAws, Fault, Options, Script};
    use crate::support::report::{Verdicts, gaps};
    use crate::support::rolecall::Rolecall;

    fn estate() -> Estate {
        Estate { buckets: 32, ..Estate::seeded(29, 3, &REGIONS) }
    }

    struct Scan {
        code: i32,
        report: Value,
        /// The facts of the buckets by name, and of the accounts.
        resources: Vec<Value>,
        calls: BTreeSet<String>,
    }

    fn scan(rule: &str, faults: Vec<Fault>) -> Scan {
        let estate = estate();
        let script = Script { seed: 0, faults };
        let fake = FakeAws::start(Options { faults: script, ..Options::new(estate.clone()) });
        let selection = format!("rules = [\"{rule}\"]");
        let program = Rolecall::at_address(&fake).config(&config(&estate, &selection, ""));
        let ended = program.run(&["scan", "-q", "--snapshot", "night", "-o", "json=report.json"]);
        let of_account = |id: &String| {
            let lines = fs::read_to_string(program.path(&format!("night/{id}.jsonl"))).unwrap();
            let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            lines.collect::<Vec<Value>>()
        };
        let ids = estate.account_ids();
        let resources = ids.iter().flat_map(of_account);
        Scan {
            code: ended.code,
            report: program.json("report.json"),
            resources: resources.filter(|line| line["kind"].is_string()).collect(),
            calls: fake.counts().calls_by_name.into_keys().collect(),
        }
    }

    fn said(verdicts: &Verdicts) -> BTreeSet<&str> {
        verdicts.0.values().map(String::as_str).collect()
    }

    #[test]
    fn a_region_fails_if_another_account_has_a_bucket_of_a_service() {
        let scan = scan(SHADOW, vec![]);
        assert_eq!((scan.code, gaps(&scan.report)), (1, vec![]));
        let verdicts = Verdicts::of_report(&scan.report);
        assert_eq!(verdicts.0.len(), 3 * REGIONS.len());
        assert_eq!(said(&verdicts), BTreeSet::from(["fail", "pass"]));
        for ((account, region, _, _), verdict) in &verdicts.0 {
            let names = [
                format!("aws-athena-query-results-{account}-{region}"),
                format!("aws-codestar-{region}-{account}"),
                format!("aws-emr-studio-{account}-{region}"),
                format!("aws-glue-assets-{account}-{region}"),
                format!("aws-logs-{account}-{region}"),
                format!("cdk-hnb659fds-assets-{account}-{region}"),
                format!("elasticbeanstalk-{region}-{account}"),
                format!("sagemaker-{region}-{account}"),
            ];
            let is_taken = names.iter().any(|name| estate().is_taken(name));
            assert_eq!(verdict, if is_taken { "fail" } else { "pass" }, "{account} {region}");
        }
    }

    #[test]
    fn a_bucket_fails_if_an_object_in_the_sample_is_public() {
        let scan = scan(SAMPLE, vec![]);
        // The severity is below that of --fail-on.
        assert_eq!((scan.code, gaps(&scan.report)), (0, vec![]));
        assert!(!scan.calls.contains("s3:GetObject"), "contents are never read");
        let verdicts = Verdicts::of_report(&scan.report);
        assert_eq!(said(&verdicts), BTreeSet::from(["fail", "pass", "skip"]));
        let ignores = |facts: &Value| facts["public_access_block"]["ignore_public_acls"] == true;
        for ((account, _, _, bucket), verdict) in &verdicts.0 {
            let facts = |kind: &str, id: &str| {
                let is_it = |line: &&Value| line["kind"] == kind && line["id"] == id;
                scan.resources.iter().find(is_it).unwrap()["facts"].clone()
            };
            let settings = facts("s3.bucket", bucket);
            let objects: Vec<_> = estate().objects(bucket).into_iter().take(100).collect();
            let mut sample = objects.iter().step_by(objects.len().div_ceil(20).max(1));
            let expected = if settings["ownership_controls"]["object_ownership"]
                == "BucketOwnerEnforced"
                || ignores(&settings)
                || ignores(&facts("s3.account", account))
                || objects.is_empty()
            {
                "skip"
            } else if sample.any(|(_, acl)| *acl == "public-read") {
                "fail"
            } else {
                "pass"
            };
            assert_eq!(verdict, expected, "{bucket}");
        }
    }

    #[test]
    fn denied_calls_make_the_verdicts_unknown() {
        let denied = |call: &str| vec![Fault::new(Effect::Deny).call(call)];
        let shadow = scan(SHADOW, denied("s3:HeadBucket"));
        assert_eq!(shadow.code, 3);
        assert_eq!(said(&Verdicts::of_report(&shadow.report)), BTreeSet::from(["unknown"]));
        for call in ["s3:ListObjectsV2", "s3:GetObjectAcl"] {
            let (whole, sample) = (scan(SAMPLE, vec![]), scan(SAMPLE, denied(call)));
            assert_eq!(sample.code, 3);
            let whole = Verdicts::of_report(&whole.report);
            for (about, verdict) in &Verdicts::of_report(&sample.report).0 {
                match whole.0[about].as_str() {
                    // It was skipped because of its settings, or because it has no objects.
                    "skip" => assert!(["skip", "unknown"].contains(&verdict.as_str())),
                    _ => assert_eq!(verdict, "unknown", "{call}: {about:?}"),
                }
            }
        }
    }
}
