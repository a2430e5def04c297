//! The commands for rule authors: `rolecall new`, `record` and `explain`.

use std::fs;
use std::path::Path;

use crate::program::{Ran, ran, rolecall, run, text};

/// Runs the binary in a folder.
fn run_in(dir: &Path, args: &[&str]) -> Ran {
    ran(rolecall().current_dir(dir).args(args).output().unwrap())
}

#[test]
fn new_rules_pass_lint_and_tests_and_are_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let new = |args: &[&str]| run_in(dir.path(), &[&["new"], args].concat());
    let ran = new(&["ebs-volume-own-key", "--kind", "ec2.volume", "--severity", "high"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for part in [
        "wrote my-rules/ebs-volume-own-key.rhai\nwrote my-rules/ebs-volume-own-key.cases.json\n",
        "rolecall test my-rules/ebs-volume-own-key.rhai --watch",
        "`--rules my-rules`",
    ] {
        assert!(ran.stderr.contains(part), "{part} is missing in\n{}", ran.stderr);
    }
    assert_eq!(ran.stdout, "");
    for args in [
        &["test", "my-rules"][..],
        &["rules", "--rules", "my-rules", "--rule", "ebs-volume-own-key"],
    ] {
        let ran = run_in(dir.path(), args);
        assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.stdout, ran.stderr);
    }
    let ran = run_in(dir.path(), &["lint", "my-rules"]);
    assert_eq!(ran.code, 1);
    assert_eq!(ran.stdout.matches("error[R073]").count(), 5, "{}", ran.stdout);
    assert!(ran.stdout.contains("ebs-volume-own-key.rhai:1:1"), "{}", ran.stdout);
    assert!(ran.stderr.contains("1 file, 5 errors"), "{}", ran.stderr);
    let path = dir.path().join("my-rules/ebs-volume-own-key.rhai");
    let rule = fs::read_to_string(&path).unwrap();
    assert!(
        rule.contains("severity: \"high\"")
            && rule.contains("kms_key_id")
            && rule.contains("list of object"),
        "{rule}"
    );

    fs::write(&path, "mine").unwrap();
    fs::write(dir.path().join("my-rules/other.cases.json"), "mine").unwrap();
    for (args, part) in [
        (
            &["ebs-volume-own-key", "--kind", "ec2.volume"][..],
            "ebs-volume-own-key.rhai` already exists",
        ),
        (&["other", "--kind", "ec2.volume"], "other.cases.json` already exists"),
        (
            &["Own_Key", "--kind", "ec2.volume"],
            "`Own_Key` is not a valid rule id: did you mean `own-key`?",
        ),
        (&["../x", "--kind", "ec2.volume"], "`../x` is not a valid rule id: did you mean `x`?"),
        (
            &["own-key", "--kind", "ec2.volum"],
            "unknown kind `ec2.volum`: did you mean `ec2.volume`?",
        ),
        (&["own-key", "--kind", "volume"], "did you mean `ec2.volume`?"),
        (&["own-key", "--kind", "ec2.volume", "--severity", "hihg"], "did you mean `high`?"),
    ] {
        let ran = new(args);
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(ran.stderr.contains(part), "{args:?}: {}", ran.stderr);
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    let mut there: Vec<_> = fs::read_dir(dir.path().join("my-rules"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    there.sort();
    assert_eq!(
        there,
        ["ebs-volume-own-key.cases.json", "ebs-volume-own-key.rhai", "other.cases.json"]
    );

    // The first folder in the config is used; rules in its subfolders count.
    fs::create_dir_all(dir.path().join("ours/deep")).unwrap();
    fs::write(dir.path().join("rolecall.toml"), "[scan]\nrule_folders = [\"ours\"]\n").unwrap();
    assert_eq!(new(&["s3-bucket-versioning", "--kind", "s3.bucket", "--dir", "ours/deep"]).code, 0);
    let ran = new(&["s3-bucket-versioning", "--kind", "s3.bucket"]);
    assert!(
        ran.code == 2 && ran.stderr.contains("deep/s3-bucket-versioning.rhai` already exists"),
        "{}",
        ran.stderr
    );
    let ran = new(&["s3-bucket-tls-only", "--kind", "s3.bucket"]);
    assert!(
        ran.code == 0 && ran.stderr.contains("overrides the built-in rule with the same id"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("--rules"), "{}", ran.stderr);
    assert!(dir.path().join("ours/s3-bucket-tls-only.rhai").exists());
}

const RULE: &str = r#"//! Nobody owns the *volume*, and here is a sentence that is long enough to be wrapped onto a second line by the program.
//!
//! ## Why it matters
//! - one
const RULE = #{
    title: "Volume without owner",
    resource: "ec2.volume",
    severity: "low",
    params: #{ tag: "Owner", more: 1 },
    aliases: ["volume-owner"],
};
fn check(volume, params) {
    if volume.size < params.more { return skip("small"); }
    if is_configured(volume.tags[params.tag]) { pass() } else { fail("no owner") }
}
"#;

#[test]
fn explain_shows_everything_about_a_rule() {
    let ran = run_in(crate::program::root(), &["explain", "ebs-volume-encrypted"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for part in [
        "ebs-volume-encrypted: ",
        "evaluates ec2.volume",
        "\nWhy it matters\n",
        "\nHow to fix it\n",
        "  ec2:DescribeVolumes  IAM action ec2:DescribeVolumes\n",
        "\nFrameworks\n",
        "built-in/ec2/ebs-volume-encrypted.rhai",
        "strict, all",
    ] {
        assert!(ran.stdout.contains(part), "{part} is missing in\n{}", ran.stdout);
    }
    assert!(
        !ran.stdout.contains("##")
            && !ran.stdout.contains('\u{1b}')
            && !ran.stdout.contains("fn check"),
        "{}",
        ran.stdout
    );

    let dir = tempfile::tempdir().unwrap();
    let explain = |args: &[&str]| run_in(dir.path(), &[&["explain"], args].concat());
    fs::create_dir(dir.path().join("ours")).unwrap();
    fs::write(dir.path().join("ours/ec2-owner.rhai"), RULE).unwrap();
    fs::write(
        dir.path().join("ours/ec2-owner.cases.json"),
        "[{\"name\": \"a\", \"expect\": \"pass\", \"facts\": {}}]",
    )
    .unwrap();
    let config = "[scan]\nrule_folders = [\"ours\"]\n[rules.ec2-owner]\nseverity = \"high\"\nparams = { tag = \"Team\" }\n";
    fs::write(dir.path().join("rolecall.toml"), config).unwrap();
    // By id, alias or file.
    let by_id = explain(&["ec2-owner"]).stdout;
    assert_eq!(explain(&["volume-owner"]).stdout, by_id);
    assert_eq!(explain(&["ours/ec2-owner.rhai"]).stdout, by_id);
    for part in [
        "severity high · default low · evaluates ec2.volume",
        "second\nline by the program.\n",
        "  tag   \"Team\" (default \"Owner\")\n  more  1\n",
        "ours/ec2-owner.cases.json (1 test case: 1 pass)",
        "  earlier ids  volume-owner\n",
    ] {
        assert!(by_id.contains(part), "{part} is missing in\n{by_id}");
    }
    assert!(by_id.lines().all(|line| line.chars().count() <= 100), "{by_id}");
    let colored = explain(&["ec2-owner", "--color", "always"]).stdout;
    assert!(
        colored.starts_with("\u{1b}[1mec2-owner: Volume without owner\u{1b}[0m\n"),
        "{colored}"
    );
    assert!(explain(&["ec2-owner", "--source"]).stdout.contains("  fn check(volume, params) {\n"));

    let ran = explain(&["ec2-owner", "--format", "json", "--source"]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["script"], RULE);
    assert_eq!(
        (&json["params"]["tag"], &json["default_params"]["tag"]),
        (&"Team".into(), &"Owner".into())
    );
    assert_eq!(json["cases"]["expect"]["pass"], 1);
    assert_eq!(json["aliases"][0], "volume-owner");
    let ran = explain(&["ec2-owner", "--format", "markdown"]);
    assert!(
        ran.stdout.starts_with("# Volume without owner\n")
            && ran.stdout.contains("## Parameters\n"),
        "{}",
        ran.stdout
    );
    assert_eq!(
        explain(&["R030", "--format", "markdown"]).stdout.lines().next().unwrap().split(' ').nth(1),
        Some("R030")
    );

    for (word, part) in [
        ("ec2-ownr", "did you mean `ec2-owner`?"),
        ("R0300000", "lists all codes"),
        ("gone.rhai", "gone.rhai"),
    ] {
        let ran = explain(&[word]);
        assert!(ran.code == 2 && ran.stderr.contains(part), "{word}: {}", ran.stderr);
    }
    // Unreadable cases are reported, and everything else is shown.
    fs::write(dir.path().join("ours/ec2-owner.cases.json"), "[{]").unwrap();
    let ran = explain(&["ec2-owner"]);
    assert!(ran.code == 0 && ran.stdout.contains("invalid test cases: "), "{}", ran.stdout);
}

const ACME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/acme");

/// A rule on volumes and the instances that they are attached to, which uses the time and account.
const ATTACHED: &str = r#"//! Test.
const RULE = #{
    title: "Volume of an old instance",
    resource: "ec2.volume",
    needs: ["ec2.instance"],
    severity: "low",
    params: #{ days: 1, ignore: ["legacy"] },
};
fn check(volume, params) {
    if volume.attachments.is_empty() { return skip("not attached"); }
    for attachment in volume.attachments {
        for instance in related("ec2.instance", "instance_id", attachment.instance_id) {
            if instance.tags.Owner in params.ignore { return pass(); }
            if age_days(instance.launch_time) > params.days {
                return fail(`${account_id()} in ${region()}: ${instance.state.name}, ${volume.tags.Name}`);
            }
        }
    }
    pass()
}
"#;

/// Every resource that a rule evaluates in acme as (id, verdict).
fn evaluated(dir: &Path, rule: &[&str]) -> Vec<(String, String, String)> {
    let args =
        [&["evaluate", "--snapshot", ACME, "--output", "json", "--fail-on", "none"], rule].concat();
    let report: serde_json::Value = serde_json::from_str(&run_in(dir, &args).stdout).unwrap();
    let findings = report["accounts"].as_array().unwrap().iter().flat_map(|account| {
        let findings = account["findings"].as_array().unwrap().iter();
        findings.map(|finding| (account["account"].as_str().unwrap(), finding))
    });
    let known = findings.filter_map(|(account, finding)| {
        let id = finding["resource"]["id"].as_str()?.to_owned();
        Some((account.to_owned(), id, finding["verdict"].as_str().unwrap().to_owned()))
    });
    known.collect()
}

#[test]
fn a_recorded_case_has_what_the_rule_reads_and_passes() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("ours")).unwrap();
    fs::write(dir.path().join("ours/volume-old.rhai"), ATTACHED).unwrap();
    fs::write(dir.path().join("rolecall.toml"), "[rules.volume-old]\nparams = { days = 2 }\n")
        .unwrap();
    let verdicts = evaluated(dir.path(), &["--rules", "ours", "--rule", "volume-old"]);
    let failed = verdicts
        .iter()
        .find(|(account, _, verdict)| verdict == "fail" && account == "222233334444")
        .unwrap();
    let record = |more: &[&str]| {
        let base = [
            "record",
            "--snapshot",
            ACME,
            "--rule",
            "ours/volume-old.rhai",
            "--resource",
            &failed.1,
        ];
        run_in(dir.path(), &[&base[..], more].concat())
    };
    let cases = dir.path().join("ours/volume-old.cases.json");

    let ran = record(&["--expect", "pass"]);
    assert_eq!(ran.code, 2);
    for part in [
        "volume-old: expected pass for ",
        "got fail: 222233334444 in ",
        "; nothing was written",
        "--trace",
    ] {
        assert!(ran.stderr.contains(part), "{part} is missing in\n{}", ran.stderr);
    }
    assert!(!cases.exists());
    let ran = record(&["--expect", "fial"]);
    assert!(ran.code == 2 && ran.stderr.contains("did you mean `fail`?"), "{}", ran.stderr);

    let ran = record(&["--expect", "fail", "--name", "old"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("added `old` to ours/volume-old.cases.json"), "{}", ran.stderr);
    let text = fs::read_to_string(&cases).unwrap();
    let case = &serde_json::from_str::<serde_json::Value>(&text).unwrap()[0];
    let keys =
        |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        keys(case),
        ["name", "expect", "account", "now", "params", "facts", "related"],
        "{text}"
    );
    assert_eq!(case["params"], serde_json::json!({ "days": 2 }));
    assert_eq!(keys(&case["facts"]), ["attachments", "tags"], "{text}");
    assert_eq!(keys(&case["facts"]["attachments"][0]), ["instance_id"], "{text}");
    assert_eq!(keys(&case["facts"]["tags"]), ["Name"], "{text}");
    let instance = &case["related"]["ec2.instance"][0];
    assert_eq!(keys(instance), ["instance_id", "state", "launch_time", "tags"], "{text}");
    assert_eq!(keys(&instance["tags"]), ["Owner"], "{text}");

    // The next case is appended; a duplicate name is rejected.
    let redacted = record(&["--expect", "fail", "--redact"]);
    assert_eq!(redacted.code, 0, "{}", redacted.stderr);
    let both = fs::read_to_string(&cases).unwrap();
    assert!(both.starts_with(text.trim_end().strip_suffix("\n]").unwrap()), "{both}");
    let hidden = &serde_json::from_str::<serde_json::Value>(&both).unwrap()[1];
    let shown = hidden.to_string();
    for private in ["222233334444", &failed.1, case["facts"]["tags"]["Name"].as_str().unwrap()] {
        assert!(!shown.contains(private), "{private}: {shown}");
    }
    assert_eq!(
        hidden["facts"]["attachments"][0]["instance_id"],
        hidden["related"]["ec2.instance"][0]["instance_id"]
    );
    let ran = record(&["--expect", "fail", "--name", "old"]);
    assert!(
        ran.code == 2 && ran.stderr.contains("duplicate test case name `old`"),
        "{}",
        ran.stderr
    );
    assert_eq!(fs::read_to_string(&cases).unwrap(), both);
    let ran = run_in(dir.path(), &["test", "ours"]);
    assert!(ran.stdout.contains("2 cases: 2 passed"), "{}", ran.stdout);

    // Defaults of the file are kept, and the case overrides those that differ.
    let object = "{\n  \"defaults\": {\n    \"facts\": { \"tags\": { \"Name\": \"x\", \"Owner\": \"web\" } },\n    \
                  \"related\": { \"ec2.instance\": [] },\n    \"region\": \"us-east-1\", \"params\": { \"days\": 2 }\n  },\n  \
                  \"cases\": [ ]\n}\n";
    fs::write(&cases, object).unwrap();
    let ran = record(&["--expect", "fail", "--name", "old"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let text = fs::read_to_string(&cases).unwrap();
    assert!(
        text.starts_with(object.split("[ ]").next().unwrap()) && text.ends_with("\n  ]\n}\n"),
        "{text}"
    );
    let over = &serde_json::from_str::<serde_json::Value>(&text).unwrap()["cases"][0];
    assert_eq!(
        keys(over),
        ["name", "expect", "account", "now", "facts", "related", "region"],
        "{text}"
    );
    assert_eq!(over["facts"]["tags"]["Owner"], serde_json::Value::Null, "{text}");
    assert_eq!(
        (&over["region"], over["facts"]["tags"].get("Owner").is_some()),
        (&serde_json::Value::Null, true)
    );
    assert_eq!(over["related"], case["related"]);
    let ran = run_in(dir.path(), &["test", "ours"]);
    assert!(ran.stdout.contains("1 case: 1 passed"), "{}", ran.stdout);

    // An unreadable cases file is not changed, and built-in rules have no cases file.
    fs::write(&cases, "[{ \"nam\": 1 }]").unwrap();
    let ran = record(&["--expect", "fail"]);
    assert!(ran.code == 2 && ran.stderr.contains("did you mean `name`?"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(&cases).unwrap(), "[{ \"nam\": 1 }]");
    let mut there: Vec<_> = fs::read_dir(dir.path().join("ours"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    there.sort();
    assert_eq!(there, ["volume-old.cases.json", "volume-old.rhai"]);
    let several = [
        "record",
        "--snapshot",
        ACME,
        "--rule",
        "s3-*",
        "--rules",
        "ours",
        "--resource",
        "x",
        "--expect",
        "fail",
    ];
    let ran = run_in(dir.path(), &several);
    assert!(ran.code == 2 && ran.stderr.contains("matches several rules"), "{}", ran.stderr);
}

#[test]
fn a_redacted_case_with_another_verdict_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let rule = "//! Test.\nconst RULE = #{ title: \"t\", resource: \"ec2.volume\", severity: \"low\" };\n\
                fn check(volume, params) { if volume.tags.Name.len() > 6 { fail(\"long\") } else { pass() } }\n";
    fs::write(dir.path().join("long-name.rhai"), rule).unwrap();
    let (_, id, _) = evaluated(dir.path(), &["--rule", "./long-name.rhai"])
        .into_iter()
        .find(|found| found.2 == "fail")
        .unwrap();
    let base = [
        "record",
        "--snapshot",
        ACME,
        "--rule",
        "./long-name.rhai",
        "--resource",
        &id,
        "--expect",
        "fail",
    ];
    let ran = run_in(dir.path(), &[&base[..], &["--redact"]].concat());
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr
            .contains("expected fail for the redacted test case, got pass; nothing was written"),
        "{}",
        ran.stderr
    );
    assert!(!dir.path().join("long-name.cases.json").exists());
    assert_eq!(run_in(dir.path(), &base).code, 0);
}

#[test]
fn all_verdicts_of_built_in_rules_can_be_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let all = evaluated(
        dir.path(),
        &["--rule", "s3-bucket-tls-only,sg-default-closed,s3-bucket-effective-public-access-block"],
    );
    assert!(all.len() > 20);
    for rule in
        ["s3-bucket-tls-only", "sg-default-closed", "s3-bucket-effective-public-access-block"]
    {
        for verdict in ["pass", "fail", "unknown"] {
            let of_rule = evaluated(dir.path(), &["--rule", rule]);
            let Some((account, id, _)) = of_rule.into_iter().find(|found| found.2 == verdict)
            else {
                continue;
            };
            let file = format!("{rule}.cases.json");
            for redact in [&[][..], &["--redact"]] {
                let base = [
                    "record",
                    "--snapshot",
                    ACME,
                    "--rule",
                    rule,
                    "--resource",
                    &id,
                    "--account",
                    &account,
                    "--expect",
                    verdict,
                ];
                let printed = run_in(dir.path(), &[&base[..], redact].concat());
                assert_eq!(printed.code, 0, "{rule} {id}: {}", printed.stderr);
                assert!(
                    redact.is_empty() || !printed.stdout.contains(&id),
                    "{id}: {}",
                    printed.stdout
                );
                let written =
                    run_in(dir.path(), &[&base[..], redact, &["--cases", &file]].concat());
                assert_eq!(written.code, 0, "{rule} {id}: {}", written.stderr);
                assert_eq!(written.stdout, "");
            }
        }
    }
    // Next to a copy of the rule, the cases can be tested.
    let pack = rolecall::internals::load(&[]).unwrap();
    for rule in
        ["s3-bucket-tls-only", "sg-default-closed", "s3-bucket-effective-public-access-block"]
    {
        fs::write(dir.path().join(format!("{rule}.rhai")), &*pack[rule].file.text).unwrap();
        let ran = run_in(dir.path(), &["test", &format!("{rule}.rhai")]);
        assert!(ran.stdout.contains(" passed") && !ran.stdout.contains("failed"), "{}", ran.stdout);
    }
}

#[test]
fn an_unknown_variable_ends_the_evaluation_with_its_line_and_help() {
    let dir = tempfile::tempdir().unwrap();
    let rule = "const RULE = #{ title: \"t\", resource: \"ec2.vpc\", severity: \"low\" };\nfn check(vpc, params) {\n    pass\n}\n";
    fs::write(dir.path().join("own-rule.rhai"), rule).unwrap();
    let rules = text(dir.path());
    let ran =
        run(&["evaluate", "--snapshot", "fixtures/acme", "--rules", rules, "--rule", "own-rule"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    for part in [
        "error[R022]: unknown variable `pass`",
        "own-rule.rhai:3:5",
        "3 |     pass",
        "to call a function, write `name(…)`",
    ] {
        assert!(ran.stderr.contains(part), "`{part}` is missing in\n{}", ran.stderr);
    }
}
