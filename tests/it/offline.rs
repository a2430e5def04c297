//! Everything that works without AWS, tested through the binary.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::program::{root, run, snapshot, text};

fn findings(report: &Value) -> Vec<&Value> {
    report["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|account| account["findings"].as_array().unwrap())
        .collect()
}

#[test]
fn acme_has_passes_failures_and_unknowns_and_output_is_deterministic() {
    let mut first: BTreeMap<&str, String> = BTreeMap::new();
    for round in 0..2 {
        for format in ["text", "json", "sarif"] {
            let ran = run(&["evaluate", "--snapshot", "fixtures/acme", "--output", format]);
            assert_eq!(ran.code, 3, "{}", ran.stderr);
            if round == 0 {
                first.insert(format, ran.stdout);
            } else {
                assert_eq!(first[format], ran.stdout, "{format} differs between runs");
            }
        }
    }
    let report: Value = serde_json::from_str(&first["json"]).unwrap();
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for finding in findings(&report) {
        let key = (
            finding["rule"].as_str().unwrap().to_owned(),
            finding["verdict"].as_str().unwrap().to_owned(),
        );
        *counts.entry(key).or_default() += 1;
    }
    let count = |rule: &str, verdict: &str| {
        counts.get(&(rule.to_owned(), verdict.to_owned())).copied().unwrap_or(0)
    };
    // Counted by hand in the snapshot; the last column includes the failed list and the
    // inaccessible account.
    for (rule, pass, fail, skip, unknown) in [
        ("ebs-volume-encrypted", 9, 5, 0, 2),
        ("ec2-ebs-encryption-by-default", 4, 2, 0, 1),
        ("ec2-instance-imdsv2", 7, 4, 1, 1),
        ("s3-account-public-access-block", 1, 2, 0, 1),
        ("s3-bucket-effective-public-access-block", 13, 3, 0, 1),
        ("s3-bucket-policy-not-public", 13, 2, 0, 2),
        ("s3-bucket-tls-only", 10, 5, 0, 2),
        ("s3-bucket-versioning", 11, 5, 0, 1),
        ("sg-default-closed", 3, 3, 12, 1),
        ("sg-ingress-remote-admin-ipv4", 13, 4, 1, 1),
    ] {
        let got =
            (count(rule, "pass"), count(rule, "fail"), count(rule, "skip"), count(rule, "unknown"));
        assert_eq!(got, (pass, fail, skip, unknown), "{rule}");
        assert_eq!(count(rule, "error"), 0, "{rule}");
    }
}

/// Rules that check nothing, or reject everything, until they are told what is allowed.
const ALLOWED: &str = r#"
[rules."ec2-instance-allowed-tenancy"]
params = { tenancies = ["default"] }
[rules."ec2-instance-allowed-type"]
params = { allowed_types = ["c7g.*", "m7g.*", "r7*.*", "t4g.*"] }
[rules."igw-authorized-vpc"]
params = { authorized_vpc_ids = ["vpc-0530b3ee2caa9f7b4"] }
[rules."s3-bucket-allowed-region"]
params = { regions = ["eu-west-1"] }
[rules."s3-bucket-policy-grantee-allowlist"]
params = { allowed_principals = ["222233334444"], allowed_organizations = ["o-a1b2c3d4e5"] }
[rules."s3-bucket-policy-reference-bound"]
params = { allowed = ["222233334444|s3:*"] }
[rules."traffic-mirror-session-present"]
params = { approved_session_ids = ["tms-004524afbd0c10aa3"] }
"#;

/// Rules share what they look up for a resource, but their findings do not depend on each other.
#[test]
fn a_variant_finds_the_same_alone_as_among_all_rules() {
    let found = |rules: &str| {
        let args = ["evaluate", "--snapshot", "fixtures/acme", "--rule", rules, "-o", "json"];
        let report: Value = serde_json::from_str(&run(&args).stdout).unwrap();
        let mut by_rule: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for finding in findings(&report) {
            let rule = finding["rule"].as_str().unwrap().to_owned();
            by_rule.entry(rule).or_default().push(finding.clone());
        }
        by_rule
    };
    let together = found("ec2-instance-*,sg-*");
    for rule in
        ["ec2-instance-exposed-ssh", "ec2-instance-exposed-mssql", "sg-ingress-ssh", "sg-unused"]
    {
        let alone = found(rule);
        assert_eq!(alone.keys().collect::<Vec<_>>(), [rule]);
        assert_eq!(alone[rule], together[rule], "{rule}");
    }
}

#[test]
fn every_built_in_rule_has_a_pass_and_a_failure_in_acme() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("rolecall.toml");
    fs::write(&config, ALLOWED).unwrap();
    let ran = run(&[
        "evaluate",
        "--config",
        text(&config),
        "--snapshot",
        "fixtures/acme",
        "--rule-profile",
        "strict",
        "--output",
        "json",
    ]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let listed = run(&["rules", "--rule-profile", "all", "--format", "json"]);
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    let scripts: BTreeMap<&str, &str> = listed
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|rule| Some((rule["id"].as_str()?, rule["variant_of"].as_str()?)))
        .collect();
    let mut verdicts: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for (rule, counts) in report["summary"]["rules"].as_object().unwrap() {
        let script = scripts.get(rule.as_str()).copied().unwrap_or(rule);
        let [passed, failed] = verdicts.entry(script).or_default();
        *passed += counts["pass"].as_u64().unwrap();
        *failed += counts["fail"].as_u64().unwrap();
    }
    let mut wrong: Vec<String> = verdicts
        .iter()
        .filter(|(_, counts)| counts.contains(&0))
        .map(|(rule, [passed, failed])| format!("{rule}: {passed} passed, {failed} failed"))
        .collect();
    for finding in findings(&report) {
        let causes = finding["causes"].as_array().into_iter().flatten();
        wrong.extend(
            causes
                .filter(|cause| cause["code"] == "NotCollected")
                .map(|cause| format!("{}: {cause}", finding["rule"])),
        );
    }
    assert!(wrong.is_empty(), "fixtures/acme lacks something to evaluate:\n{}", wrong.join("\n"));
    let gaps: Vec<_> = report["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|account| {
            account["gaps"]
                .as_array()
                .unwrap()
                .iter()
                .map(|gap| (account["name"].as_str().unwrap(), gap["call"].as_str().unwrap()))
        })
        .collect();
    let expected = [
        ("acme-prod", "s3:GetBucketPolicy"),
        ("acme-prod", "s3:GetBucketPolicyStatus"),
        ("acme-staging", "ec2:DescribeVolumes"),
        ("acme-sandbox", "sts:AssumeRole"),
    ];
    assert_eq!(gaps, expected, "the gaps that the README describes");
}

#[test]
fn every_snapshot_in_fixtures_can_be_evaluated() {
    for entry in fs::read_dir(root().join("fixtures")).unwrap() {
        let path = entry.unwrap().path();
        if path.join("snapshot.json").exists() {
            let ran = run(&[
                "evaluate",
                "--snapshot",
                text(&path),
                "--rule-profile",
                "all",
                "--output",
                "json",
            ]);
            assert!([0, 1, 3].contains(&ran.code), "{}: {}", path.display(), ran.stderr);
            assert_eq!(
                findings(&serde_json::from_str(&ran.stdout).unwrap())
                    .iter()
                    .filter(|f| f["verdict"] == "error")
                    .count(),
                0
            );
        }
    }
}

#[test]
fn the_exit_code_reflects_the_worst_result() {
    let dir = tempfile::tempdir().unwrap();
    let bucket = |versioning: &str| json!({ "name": "b", "bucket_region": "eu-west-1", "versioning": { "status": versioning }, "tags": null });
    let rules = ["--rule", "s3-bucket-versioning"];
    let code = |dir: &std::path::Path, more: &[&str]| {
        let mut args = vec!["evaluate", "--snapshot", text(dir)];
        args.extend(rules);
        args.extend(more);
        run(&args).code
    };
    snapshot(dir.path(), "111122223333", &[("s3.bucket", "b", "eu-west-1", bucket("Enabled"))]);
    assert_eq!(code(dir.path(), &[]), 0, "clean");
    snapshot(dir.path(), "111122223333", &[("s3.bucket", "b", "eu-west-1", bucket("Suspended"))]);
    assert_eq!(code(dir.path(), &[]), 0, "a medium failure is below high");
    assert_eq!(code(dir.path(), &["--fail-on", "medium"]), 1);
    assert_eq!(code(dir.path(), &["--fail-on", "none"]), 0);
    // A rule that needs a fact that was not collected.
    let ran = run(&[
        "evaluate",
        "--snapshot",
        text(dir.path()),
        "--rule",
        "s3-bucket-tls-only,s3-bucket-versioning",
        "--fail-on",
        "low",
        "--output",
        "json",
    ]);
    assert_eq!(ran.code, 3, "incomplete takes precedence over findings");
    assert!(ran.stdout.contains("NotCollected"), "{}", ran.stdout);
    // If its file is missing, the account is unknown.
    fs::remove_file(dir.path().join("111122223333.jsonl")).unwrap();
    assert_eq!(code(dir.path(), &[]), 3);
}

#[test]
fn accepted_gaps_are_reported_and_do_not_affect_the_exit_code() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("rolecall.toml");
    let gap = |account: &str, call: &str| {
        format!(
            "[[accepted_gap]]\naccount = \"{account}\"\ncall = \"{call}\"\nreason = \"known here\"\n"
        )
    };
    let run_with = |text_of_config: String, format: &str| {
        fs::write(&config, text_of_config).unwrap();
        run(&[
            "evaluate",
            "--config",
            text(&config),
            "--snapshot",
            "fixtures/acme",
            "--output",
            format,
        ])
    };
    let two =
        [gap("1111*", "s3:GetBucketPolicy*"), gap("222233334444", "ec2:DescribeVolumes")].concat();
    let all = [two.clone(), gap("444455556666", "sts:*")].concat();
    let ran = run_with(all.clone(), "text");
    assert_eq!(ran.code, 1, "only findings remain\n{}", ran.stdout);
    assert!(
        ran.stdout.contains("known here") && ran.stdout.contains("DescribeVolumes"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("(not read) (exit code 1)."), "{}", ran.stdout);
    let ran = run_with(all.clone(), "json");
    assert!(ran.stderr.ends_with("accepted gaps (not read)\n"), "{}", ran.stderr);
    let ran =
        run_with(all.replace("1111*", "acme-prod").replace("222233334444", "ACME-staging"), "text");
    assert_eq!(ran.code, 3, "names are case-sensitive");
    let ran =
        run_with(all.replace("1111*", "acme-prod").replace("222233334444", "acme-s*"), "text");
    assert_eq!(ran.code, 1, "accounts are matched by name, too\n{}", ran.stdout);
    let ran = run_with(two, "text");
    assert_eq!(ran.code, 3, "one gap is open");
    let one = |bucket: &str| {
        let gap =
            gap("1111*", "s3:*").replace("reason", &format!("resource = \"{bucket}\"\nreason"));
        fs::write(&config, gap).unwrap();
        run(&[
            "evaluate",
            "--config",
            text(&config),
            "--snapshot",
            "fixtures/acme",
            "--account",
            "acme-prod",
        ])
        .code
    };
    assert_eq!(one("acme-prod-audit-*"), 1, "the gap of this bucket is accepted");
    assert_eq!(one("acme-prod-down*"), 3, "the gap of another bucket is not");
    let ran = run_with([all, gap("999999999999", "ec2:*")].concat(), "text");
    assert!(
        ran.stdout.contains("999999999999"),
        "an accepted gap that matches nothing is reported\n{}",
        ran.stdout
    );
}

#[test]
fn sarif_of_acme_keeps_alerts_of_unknown_resources() {
    let sarif = |more: &[&str]| {
        let args = [&["evaluate", "--snapshot", "fixtures/acme", "--output", "sarif"], more];
        let ran = run(&args.concat());
        let sarif: Value = serde_json::from_str(&ran.stdout).unwrap();
        (sarif["runs"].as_array().unwrap().clone(), ran.stderr)
    };
    let categories = |runs: &[Value]| -> Vec<String> {
        let id = |run: &Value| run["automationDetails"]["id"].as_str().unwrap().to_owned();
        runs.iter().map(|run| id(run).split('/').nth(3).unwrap().to_owned()).collect()
    };
    // Nothing says which alerts are open, so only the account that was read completely is uploaded.
    let (runs, stderr) = sarif(&[]);
    assert_eq!(categories(&runs), ["333344445555"]);
    for account in ["111122223333", "222233334444", "444455556666"] {
        assert!(stderr.contains(&format!("account {account} ")), "{stderr}");
    }
    // On the first night there are no alerts.
    let (runs, stderr) = sarif(&["--baseline", "none"]);
    let every = ["111122223333", "222233334444", "333344445555", "444455556666"];
    assert_eq!(categories(&runs), every);
    assert!(!stderr.contains("excluded"), "{stderr}");
    let notes = |run: &Value| -> Vec<String> {
        let results = run["results"].as_array().unwrap().iter();
        results
            .filter(|result| result["level"] == "note")
            .map(|result| {
                let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
                format!("{} {}", result["ruleId"], place.as_str().unwrap()).replace('"', "")
            })
            .collect()
    };
    // The bucket with the unreadable policy is one result, and not one for each of three rules.
    let prod: Vec<String> =
        notes(&runs[0]).into_iter().filter(|note| note.starts_with("could-not-check")).collect();
    let gap = |call: &str| format!("could-not-check 111122223333/eu-west-1/s3/{call}");
    assert_eq!(prod, [gap("GetBucketPolicy"), gap("GetBucketPolicyStatus")]);
    assert_eq!(notes(&runs[3]), ["could-not-check 444455556666/global/sts/AssumeRole"]);

    let (_, stderr) = sarif(&[]);
    assert!(
        stderr.contains("pass the JSON report of the previous run with --baseline"),
        "{stderr}"
    );
    let dir = tempfile::tempdir().unwrap();
    let earlier = dir.path().join("strict.json");
    let json = format!("json={}", text(&earlier));
    let strict = ["--rule-profile", "strict", "--output", &json];
    run(&[&["evaluate", "--snapshot", "fixtures/acme"][..], &strict].concat());
    let args = ["evaluate", "--snapshot", "fixtures/acme", "--baseline", text(&earlier)];
    let other = run(&[&args[..], &["--output", "sarif"]].concat());
    assert_eq!((other.code, other.stdout.as_str()), (2, ""), "{}", other.stderr);
    assert!(
        other.stderr.contains("its alerts have the category `rolecall/strict`"),
        "{}",
        other.stderr
    );

    let refused =
        run(&["evaluate", "--snapshot", "fixtures/acme", "--rule", "s3-*", "--output", "sarif"]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("--sarif-category") && refused.stdout.is_empty(),
        "{}",
        refused.stderr
    );
    let named = run(&[
        "evaluate",
        "--snapshot",
        "fixtures/acme",
        "--rule",
        "s3-*",
        "--output",
        "sarif",
        "--sarif-category",
        "s3",
        "--baseline",
        "none",
    ]);
    assert!(named.stdout.contains("\"s3/aws/111122223333/"), "{}", named.stderr);
}

/// A job that uploads only some rules, in a category of its own, needs a chain of its own.
#[test]
fn a_filtered_run_is_the_baseline_of_the_next_one_with_the_same_filter() {
    let dir = tempfile::tempdir().unwrap();
    let earlier = dir.path().join("s3.json");
    let json = format!("json={}", text(&earlier));
    let sarif = format!("sarif={}", text(&dir.path().join("s3.sarif")));
    let s3 = ["evaluate", "--snapshot", "fixtures/acme", "--rule", "s3-*"];
    let written = run(&[
        &s3[..],
        &["--output", &json, "--output", &sarif, "--sarif-category", "s3", "--baseline", "none"],
    ]
    .concat());
    assert_eq!(written.code, 3, "{}", written.stderr);
    let upload = ["--output", "sarif", "--baseline", text(&earlier), "--sarif-category"];
    let next = run(&[&s3[..], &upload, &["s3"]].concat());
    assert_eq!(next.code, 3, "{}", next.stderr);
    assert!(!next.stderr.contains("excluded"), "{}", next.stderr);
    let all = &s3[..3];
    for (args, says) in [
        ([&s3[..], &upload, &["other"]].concat(), "its alerts have the category `s3`"),
        ([all, &upload, &["s3"]].concat(), "with the filter --rule s3-*"),
    ] {
        let refused = run(&args);
        assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{}", refused.stderr);
        assert!(refused.stderr.contains(says), "{}", refused.stderr);
    }
}

#[test]
fn errors_say_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("rolecall.toml");
    fs::write(
        &config,
        "[rules.\"s3-bucket-versionin\"]\nenabled = false\n[rules.\"sg-ingress-remote-admin-ipv4\".params]\nprots = [22]\nports = \"22\"\n",
    )
    .unwrap();
    let broken = dir.path().join("rules");
    fs::create_dir(&broken).unwrap();
    fs::write(
        broken.join("mine.rhai"),
        "const RULE = #{\n  title: \"t\"\n  resource: \"s3.bucket\" };\n",
    )
    .unwrap();
    let empty = dir.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let acme = ["evaluate", "--snapshot", "fixtures/acme"];
    let cases: Vec<(Vec<&str>, Vec<&str>)> = vec![
        (
            vec!["--rule", "s3-bucket-versionin"],
            vec![
                "`--rule s3-bucket-versionin` matches no rule",
                "did you mean `s3-bucket-versioning`?",
            ],
        ),
        (
            vec!["--rule", "zzz"],
            vec!["`--rule zzz` matches no rule: `rolecall rules --rule-profile all` lists"],
        ),
        (
            vec!["--rule", "ec2-instance-tags"],
            vec![
                "`--rule ec2-instance-tags` matches no rule: it runs only if [[tags.require]] requires tags of `ec2.instance`",
            ],
        ),
        (vec!["--account", "zzz"], vec!["matches no account: use the id or the name"]),
        (
            vec!["--account", "acme-prod", "--region", "zzz", "--rule", "sg-*"],
            vec!["matches no scanned region: the scanned regions are eu-central-1, eu-west-1"],
        ),
        (
            vec!["--account", "acme-prd"],
            vec!["`--account acme-prd` matches no account", "did you mean `acme-prod`?"],
        ),
        (
            vec!["--account", "acme-prod", "--region", "eu-wset-1", "--rule", "sg-*"],
            vec!["`--region eu-wset-1` matches no scanned region", "did you mean `eu-west-1`?"],
        ),
        // A list that failed in a known region hides no other region.
        (
            vec!["--account", "acme-staging", "--region", "eu-wst-1"],
            vec!["`--region eu-wst-1` matches no scanned region", "did you mean `eu-west-1`?"],
        ),
        (vec!["--config", "no/such.toml"], vec!["no/such.toml", "rolecall init"]),
        (
            vec!["--config", text(&config)],
            vec![
                "unknown rule `s3-bucket-versionin`",
                "rolecall.toml:1:",
                "no parameter `prots`",
                "did you mean `ports`?",
                "must be a list",
            ],
        ),
        (vec!["--rules", text(&broken)], vec!["mine.rhai:3:3", "resource", "^"]),
        (vec!["--rules", text(&empty)], vec!["contains no rules"]),
        (vec!["--rules", "no/such/folder"], vec!["no/such/folder"]),
        (
            vec!["--output", "json", "--output", "text"],
            vec!["two outputs write to standard output"],
        ),
        (vec!["--output", "json=no/such/folder/x.json"], vec!["the folder does not exist"]),
        (vec!["--retire", "111122223333"], vec!["--retire", "SARIF"]),
    ];
    for (more, expected) in cases {
        let args: Vec<&str> = acme.iter().copied().chain(more.iter().copied()).collect();
        let ran = run(&args);
        assert_eq!(ran.code, 2, "{more:?}: {}", ran.stderr);
        assert!(ran.stdout.is_empty(), "{more:?} wrote to stdout");
        for part in expected {
            assert!(ran.stderr.contains(part), "{more:?}: `{part}` is missing in\n{}", ran.stderr);
        }
    }
    let ran = run(&["evaluate", "--snapshot", text(&empty)]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("is not a snapshot"), "{}", ran.stderr);
    let ran = run(&["evaluate", "--snapshot", "no/such"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("no/such"), "{}", ran.stderr);
}

#[test]
fn custom_rules_and_settings_add_override_and_configure_rules() {
    let dir = tempfile::tempdir().unwrap();
    let rules = dir.path().join("rules");
    fs::create_dir(&rules).unwrap();
    let rule = |severity: &str| {
        format!(
            "//! No owner.\nconst RULE = #{{ title: \"Group has no owner\", resource: \"ec2.security_group\", severity: \"{severity}\" }};\n\
             fn check(group, params) {{ if \"Owner\" in group.tags {{ pass() }} else {{ fail(\"no Owner tag\") }} }}\n"
        )
    };
    fs::write(rules.join("sg-has-owner.rhai"), rule("low")).unwrap();
    fs::write(rules.join("sg-default-closed.rhai"), rule("critical")).unwrap();
    let config = dir.path().join("rolecall.toml");
    fs::write(
        &config,
        "[scan]\nrule_folders = [\"rules\"]\n[rules.\"sg-has-owner\"]\nseverity = \"high\"\n\
         [rules.\"sg-ingress-remote-admin-ipv4\".params]\nports = [5432]\n[rules.\"ec2-instance-imdsv2\"]\nenabled = false\n",
    )
    .unwrap();
    let ran = run(&["rules", "--config", text(&config), "--format", "json"]);
    let rules: Value = serde_json::from_str(&ran.stdout).unwrap();
    let find = |id: &str| rules.as_array().unwrap().iter().find(|rule| rule["id"] == id);
    assert_eq!(find("sg-has-owner").unwrap()["severity"], "high");
    assert_eq!(find("sg-has-owner").unwrap()["default_severity"], "low");
    assert_eq!(find("sg-default-closed").unwrap()["replaces_built_in"], true);
    assert_eq!(find("sg-ingress-remote-admin-ipv4").unwrap()["params"]["ports"], json!([5432]));
    assert_eq!(find("ec2-instance-imdsv2"), None);
    let note = "overrides the built-in rule";
    let ran = run(&["evaluate", "--config", text(&config), "--snapshot", "fixtures/acme"]);
    assert!(ran.stdout.contains(note), "{}", ran.stdout);
    let ran = run(&[
        "evaluate",
        "--config",
        text(&config),
        "--snapshot",
        "fixtures/acme",
        "--output",
        "json",
    ]);
    assert!(
        ran.stderr.contains("note: sg-default-closed from ") && ran.stderr.contains(note),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("note: sg-has-owner"), "{}", ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let of = |rule: &str, verdict: &str| {
        findings(&report)
            .iter()
            .filter(|finding| finding["rule"] == rule && finding["verdict"] == verdict)
            .count()
    };
    assert!(of("sg-has-owner", "fail") > 0 && of("sg-has-owner", "error") == 0);
    assert!(of("sg-ingress-remote-admin-ipv4", "fail") < 4, "the port is another one");
}

#[test]
fn permissions_allow_exactly_what_the_rules_need() {
    let ran = run(&["permissions", "target", "--rule", "ebs-volume-encrypted"]);
    let policy: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        policy["Statement"][0]["Action"],
        json!(["ec2:DescribeRegions", "ec2:DescribeVolumes"])
    );
    let ran = run(&["permissions"]);
    let all: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(
        all["target"].is_object() && all["trust"].is_object() && all["central"].is_object(),
        "{all}"
    );
}

#[test]
fn permissions_with_fixes_include_what_plans_read() {
    let dir = tempfile::tempdir().unwrap();
    let rule = r#"//! Bucket is open.
const RULE = #{
    title: "Bucket is open", resource: "s3.bucket", severity: "high", needs: ["public_access_block"],
    fix: #{ most: "safe", needs: ["versioning"] },
};
fn check(bucket, params) { if bucket.public_access_block.block_public_acls { pass() } else { fail("open") } }
fn fix(bucket, params) { safe_fix(action("s3.bucket.block_public_access", #{ block_public_acls: true })) }
"#;
    let path = dir.path().join("bucket-open.rhai");
    fs::write(&path, rule).unwrap();
    let actions = |more: &[&str]| -> Vec<String> {
        let args = [&["permissions", "target", "--rule", path.to_str().unwrap()], more].concat();
        let ran = run(&args);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let policy: Value = serde_json::from_str(&ran.stdout).unwrap();
        serde_json::from_value(policy["Statement"][0]["Action"].clone()).unwrap()
    };
    let (few, more) = (actions(&[]), actions(&["--fixes"]));
    assert!(few.iter().all(|action| more.contains(action)), "{few:?} {more:?}");
    for action in ["s3:GetBucketVersioning", "s3:GetBucketTagging"] {
        let has = |actions: &[String]| actions.iter().any(|one| one == action);
        assert!(!has(&few) && has(&more), "{few:?} {more:?}");
    }
    let config = dir.path().join("rolecall.toml");
    fs::write(&config, "[remediation]\ncollect = true\n").unwrap();
    assert_eq!(actions(&["--config", config.to_str().unwrap()]), more);
    assert_eq!(run(&["permissions", "trust", "--fixes"]).code, 2);
}

#[test]
#[cfg(not(feature = "aws"))]
fn without_aws_a_plan_of_fixes_needs_a_snapshot() {
    let ran = run(&["remediate", "plan"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("--snapshot is required"), "{}", ran.stderr);
}

#[test]
fn what_was_never_collected_cannot_be_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let rule = "//! Test.\nconst RULE = #{ title: \"t\", resource: \"s3.bucket\", needs: [\"cors\"], severity: \"low\" };\n\
                fn check(bucket, params) { if is_configured(bucket.cors) { pass() } else { fail(\"x\") } }\n";
    fs::write(dir.path().join("own.rhai"), rule).unwrap();
    let config = dir.path().join("rolecall.toml");
    fs::write(&config, "[[accepted_gap]]\ncall = \"s3:GetBucket*\"\nreason = \"known\"\n").unwrap();
    let ran = run(&[
        "evaluate",
        "--config",
        text(&config),
        "--snapshot",
        "fixtures/acme",
        "--account",
        "acme-prod",
        "--rules",
        text(dir.path()),
        "--rule",
        "own",
    ]);
    assert_eq!(ran.code, 3, "{}", ran.stdout);
    assert!(!ran.stdout.contains("Clean"), "{}", ran.stdout);
}

/// A global resource sees the resources of all scanned regions.
#[test]
fn rules_on_the_account_look_up_all_regions() {
    let dir = tempfile::tempdir().unwrap();
    let rule = |kind: &str| {
        format!(
            "//! Test.\nconst RULE = #{{ title: \"t\", resource: \"s3.account\", needs: [\"{kind}\"], severity: \"low\" }};\n\
             fn check(account, params) {{ fail(`${{related(\"{kind}\").len()}} in total`) }}\n"
        )
    };
    fs::write(dir.path().join("own-groups.rhai"), rule("ec2.security_group")).unwrap();
    fs::write(dir.path().join("own-volumes.rhai"), rule("ec2.volume")).unwrap();
    let report = |account: &str| -> Value {
        let ran = run(&[
            "evaluate",
            "--snapshot",
            "fixtures/acme",
            "--account",
            account,
            "--rules",
            text(dir.path()),
            "--rule",
            "own-*",
            "-o",
            "json",
        ]);
        serde_json::from_str(&ran.stdout).unwrap()
    };
    let file = fs::read_to_string(root().join("fixtures/acme/111122223333.jsonl")).unwrap();
    let lines = file.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let groups: Vec<Value> = lines
        .filter(|line| line["type"] == "resource" && line["kind"] == "ec2.security_group")
        .collect();
    let regions: std::collections::BTreeSet<&str> =
        groups.iter().map(|group| group["region"].as_str().unwrap()).collect();
    assert!(regions.len() > 1, "{regions:?}");
    let finding = |report: &Value, rule: &str| {
        let findings = report["accounts"][0]["findings"].as_array().unwrap().clone();
        findings.into_iter().find(|finding| finding["rule"] == rule).unwrap()
    };
    let prod = report("acme-prod");
    let expected = format!("{} in total", groups.len());
    assert_eq!(finding(&prod, "own-groups")["message"], *expected);
    // One list of volumes of this account was denied.
    let staging = report("acme-staging");
    assert_eq!(finding(&staging, "own-groups")["verdict"], "fail");
    assert_eq!(finding(&staging, "own-volumes")["verdict"], "unknown");
}

#[test]
fn reports_of_accounts_are_files_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("{date}/{account}.json");
    let output = format!("json={}", path.display());
    let ran = run(&["evaluate", "--snapshot", "fixtures/acme", "--output", &output, "-o", "json"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let dates: Vec<_> = fs::read_dir(dir.path()).unwrap().map(Result::unwrap).collect();
    assert_eq!(dates.len(), 1);
    let accounts = report["accounts"].as_array().unwrap();
    assert!(accounts.len() > 1);
    for account in accounts {
        let name = format!("{}.json", account["account"].as_str().unwrap());
        let one: Value =
            serde_json::from_slice(&fs::read(dates[0].path().join(name)).unwrap()).unwrap();
        assert_eq!(one["accounts"], json!([account]));
    }
    assert_eq!(fs::read_dir(dates[0].path()).unwrap().count(), accounts.len());
}

#[test]
#[cfg(not(feature = "aws"))]
fn without_aws_places_in_s3_are_errors() {
    for args in [
        ["evaluate", "--snapshot", "s3://bucket/night"],
        ["rules", "--config", "s3://bucket/rolecall.toml"],
        ["history", "--format=text", "s3://bucket/reports"],
    ] {
        let ran = run(&args);
        assert_eq!(ran.code, 2);
        assert!(
            ran.stderr.contains("built without AWS support") && ran.stderr.contains("s3://bucket/"),
            "{}",
            ran.stderr
        );
    }
}
