//! `rolecall rules`: the list by topic, its filters, and the comparison with other tools.

use std::fs;
use std::process::Stdio;

use serde_json::Value;

use crate::program::{ran, rolecall, run, text};

fn json(args: &[&str]) -> Value {
    let ran = run(&[&["rules", "--format", "json"], args].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{args:?}");
    serde_json::from_str(&ran.stdout).unwrap()
}

fn listed(args: &[&str]) -> Vec<Value> {
    json(args).as_array().unwrap().clone()
}

fn string<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} in {value}"))
}

#[test]
fn controls_of_other_tools_are_explained_by_rules() {
    for (control, expected) in [
        (
            "S3.8",
            "it is a control of AWS Security Hub, which the rules `s3-bucket-public-access-block` and `s3-bucket-effective-public-access-block` report",
        ),
        (
            "s3_bucket_secure_transport_policy",
            "it is a check of Prowler, which the rule `s3-bucket-tls-only` reports",
        ),
        (
            "ec2_elastic_ip_shodan",
            "it is a check of Prowler, which no rule reports: `rolecall rules --compare prowler` says why",
        ),
    ] {
        let ended = run(&["explain", control]);
        assert_eq!(ended.code, 2);
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    }
}

#[test]
fn a_long_list_is_grouped_by_topic_with_counts() {
    let ran = run(&["rules", "--rule-profile", "all"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut counts = Vec::new();
    let mut number = 0;
    for line in ran.stdout.lines() {
        if line.starts_with("  ") {
            number += 1;
        } else if line.is_empty() {
            assert_eq!(counts.pop(), Some(number), "{}", ran.stdout);
            number = 0;
        } else if let Some((_, count)) = line.split_once('(') {
            counts.push(count.trim_end_matches(')').parse::<i32>().unwrap());
        }
    }
    let total = listed(&["--rule-profile", "all"]).len();
    assert!(ran.stdout.contains(&format!("\n{total} rules\nopt-in, ")), "{}", ran.stdout);
    assert!(ran.stdout.starts_with("Public access to data ("), "{}", ran.stdout);
    // Lists of a single topic have no headings.
    let one = run(&["rules", "--rule", "s3-bucket-tls-only"]);
    assert_eq!(one.stdout.lines().count(), 1, "{}", one.stdout);
    assert!(one.stdout.starts_with("s3-bucket-tls-only  medium"), "{}", one.stdout);
}

#[test]
fn a_reader_that_closes_the_pipe_is_not_an_error() {
    for args in [&["rules", "--rule-profile", "all"][..], &["rules", "--compare", "powerpipe"]] {
        let mut child =
            rolecall().args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ended = ran(child.wait_with_output().unwrap());
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{args:?}");
    }
}

#[test]
fn filters_select_by_kind_severity_and_topic() {
    let all = listed(&["--rule-profile", "all"]);
    let matching = |args: &[&str], wanted: &dyn Fn(&Value) -> bool| {
        let found = listed(&[&["--rule-profile", "all"], args].concat());
        let expected: Vec<Value> = all.iter().filter(|rule| wanted(rule)).cloned().collect();
        assert!(!found.is_empty() && found.len() < all.len(), "{args:?}");
        assert_eq!(found, expected, "{args:?}");
    };
    matching(&["--kind", "s3.*,ec2.vpc"], &|rule| {
        let kind = string(rule, "resource");
        kind.starts_with("s3.") || kind == "ec2.vpc"
    });
    matching(&["--severity", "high"], &|rule| {
        ["critical", "high"].contains(&string(rule, "severity"))
    });
    matching(&["--topic", "encryption", "--topic", "vpn"], &|rule| {
        ["encryption", "vpn"].contains(&string(rule, "topic"))
    });
    matching(&["--topic", "encryption", "--kind", "s3.bucket", "--severity", "medium"], &|rule| {
        string(rule, "topic") == "encryption"
            && string(rule, "resource") == "s3.bucket"
            && ["critical", "high", "medium"].contains(&string(rule, "severity"))
    });
    matching(&["--tag", "encryption"], &|rule| string(rule, "topic") == "encryption");
    // They filter what the other options select.
    let of_framework = listed(&["--framework", "cis-aws-7.0", "--topic", "logging"]);
    assert_eq!(of_framework.len(), 1, "{of_framework:?}");
    let pages = run(&["rules", "--topic", "encryption", "--format", "markdown"]);
    let titles = pages.stdout.lines().filter(|line| line.starts_with("# ")).count();
    assert_eq!(titles, listed(&["--topic", "encryption"]).len());
}

#[test]
fn json_is_short_for_the_format() {
    for command in [&["rules", "--topic", "encryption"][..], &["frameworks"], &["explain", "R030"]]
    {
        let short = run(&[command, &["--json"]].concat());
        assert!(short.stdout.starts_with(['[', '{']), "{command:?}: {}", short.stdout);
        let long = run(&[command, &["--format", "json"]].concat());
        assert_eq!(short.stdout, long.stdout, "{command:?}");
        let both = run(&[command, &["--json", "--format", "text"]].concat());
        assert!(both.stderr.contains("cannot be used with"), "{command:?}: {}", both.stderr);
    }
}

#[test]
fn a_filtered_list_says_how_many_rules_of_other_profiles_match() {
    let filter = ["--topic", "encryption", "--kind", "s3.bucket"];
    let (few, all) = (listed(&filter), listed(&[&["--rule-profile", "all"][..], &filter].concat()));
    let ended = run(&[&["rules"][..], &filter].concat());
    let last = ended.stdout.lines().last().unwrap();
    let (few, more) = (few.len(), all.len() - few.len());
    assert_eq!(last, format!("{few} rule; {more} more match with --rule-profile all"));
    // `--rule` and `--framework` select from all profiles.
    let ended = run(&["rules", "--rule", "s3-*", "--topic", "encryption"]);
    assert!(!ended.stdout.contains("more match"), "{}", ended.stdout);
    let ended = run(&["rules", "--rule-profile", "all", "--topic", "encryption"]);
    assert!(!ended.stdout.contains("more match"), "{}", ended.stdout);
}

#[test]
fn severities_of_the_config_and_own_rules_are_filtered_too() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("rolecall.toml");
    fs::write(&config, "[rules.\"s3-bucket-tls-only\"]\nseverity = \"critical\"\n").unwrap();
    let rule = "const RULE = #{ title: \"t\", resource: \"s3.bucket\", severity: \"high\" };\nfn check(b, p) { pass() }\n";
    fs::create_dir(dir.path().join("own")).unwrap();
    for id in ["own-rule", "s3-bucket-versioning"] {
        fs::write(dir.path().join(format!("own/{id}.rhai")), rule).unwrap();
    }
    let own = dir.path().join("own");
    let source = ["--config", text(&config), "--rules", text(&own), "--kind", "s3.bucket"];
    let critical = listed(&[&source[..], &["--severity", "critical"]].concat());
    assert!(critical.iter().any(|rule| string(rule, "id") == "s3-bucket-tls-only"));
    let ended = run(&[&["rules"][..], &source].concat());
    let own = ended.stdout.split("Your own rules (1)\n").nth(1).expect(&ended.stdout);
    assert!(own.starts_with("  own-rule "), "{}", ended.stdout);
    // A rule that replaces a built-in one has its topic.
    let backup = listed(&[&source[..], &["--topic", "backup"]].concat());
    assert_eq!(string(&backup[0], "id"), "s3-bucket-versioning");
    assert_eq!(backup.len(), 1);
}

#[test]
fn wrong_filters_are_errors_that_help() {
    for (args, parts) in [
        (
            &["--kind", "s3.buckt"][..],
            &["`--kind s3.buckt` matches no kind", "did you mean `s3.bucket`?"][..],
        ),
        (&["--kind", "volume"], &["did you mean `ec2.volume`?"]),
        (&["--kind", "lambda.*"], &["`rolecall facts` lists all kinds"]),
        (&["--kind", "["], &["invalid pattern `[`"]),
        (&["--severity", "hihg"], &["--severity", "did you mean `high`?"]),
        (&["--severity", "9"], &["unknown severity `9`: use `critical`"]),
        (
            &["--topic", "encrytion"],
            &["unknown topic `encrytion` in --topic: did you mean `encryption`?"],
        ),
        (&["--topic", "x"], &["unknown topic `x`", "`public-access`, ", " or `tags`"]),
        (&["--compare", "prowlr"], &["'prowlr'", "'prowler'"]),
        (&["--compare", "x"], &["prowler, security-hub, config, powerpipe"]),
        (&["--compare", "prowler", "--topic", "vpn"], &["--compare", "--topic"]),
        (&["--compare", "prowler", "--hash"], &["--compare", "--hash"]),
        (&["--compare", "prowler", "--format", "csv"], &["'csv'", "text, json, markdown"]),
        (&["--compare", "prowler", "--rule", "nothing"], &["`--rule nothing` matches no rule"]),
        (
            &["--topic", "vpn"],
            &[
                "no selected rule matches `--topic vpn`: ",
                "rules of other profiles do; add --rule-profile all",
            ],
        ),
        (
            &["--kind", "ec2.volume", "--severity", "critical", "--rule-profile", "all"],
            &["no selected rule matches `--kind ec2.volume --severity critical`: remove a filter"],
        ),
        (&["--rule", "s3-*", "--kind", "ec2.*"], &["no selected rule matches `--kind ec2.*`"]),
    ] {
        let ended = run(&[&["rules"], args].concat());
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{args:?}");
        for part in parts {
            assert!(ended.stderr.contains(part), "{args:?}: missing {part} in\n{}", ended.stderr);
        }
    }
}

fn control<'a>(report: &'a Value, id: &str) -> &'a Value {
    let mut controls = report["controls"].as_array().unwrap().iter();
    controls.find(|control| control["id"] == id).unwrap_or_else(|| panic!("no control {id}"))
}

#[test]
fn a_comparison_lists_controls_with_rules_or_reasons() {
    for (tool, least) in
        [("prowler", 110), ("security-hub", 86), ("config", 115), ("powerpipe", 130)]
    {
        let report = json(&["--compare", tool]);
        assert_eq!(report["tool"], tool);
        let controls = report["controls"].as_array().unwrap();
        assert!(controls.len() >= least, "{tool}: {}", controls.len());
        let count = |wanted: &dyn Fn(&[Value]) -> bool| {
            let rules = controls.iter().map(|control| control["rules"].as_array().unwrap());
            rules.filter(|rules| wanted(rules)).count()
        };
        let summary = &report["summary"];
        assert_eq!(summary["controls"], controls.len());
        assert_eq!(summary["with_rules"], count(&|rules| !rules.is_empty()));
        let selected = count(&|rules| rules.iter().any(|rule| rule["selected"] == true));
        assert_eq!(summary["with_selected_rules"], selected);
        assert!(selected > 5, "{tool}: {selected}");
        for control in controls {
            let reasons = [&control["undecidable"], &control["not_covered"]];
            let given = reasons.iter().filter(|reason| reason.is_string()).count();
            assert_eq!(given == 0, !control["rules"].as_array().unwrap().is_empty(), "{control}");
        }
        let text = run(&["rules", "--compare", tool]);
        let lines: Vec<&str> = text.stdout.lines().collect();
        for control in controls {
            let id = format!("{} ", string(control, "id"));
            assert!(lines.iter().any(|line| line.starts_with(&id)), "{tool}: {id}");
        }
        let numbers = format!("{} of {} ", summary["with_rules"], controls.len());
        assert!(lines.last().unwrap().starts_with(&numbers), "{tool}: {:?}", lines.last());
        let markdown = run(&["rules", "--compare", tool, "--format", "markdown"]).stdout;
        let rows = markdown.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(rows, controls.len(), "{tool}");
    }
}

#[test]
fn a_comparison_says_which_rules_a_scan_would_run() {
    let report = json(&["--compare", "security-hub"]);
    let rule = &control(&report, "EC2.51")["rules"][0];
    assert_eq!((&rule["id"], &rule["selected"]), (&"client-vpn-logging".into(), &false.into()));
    assert_eq!(rule["profiles"], serde_json::json!(["strict", "all"]));
    assert_eq!(control(&report, "S3.5")["rules"][0]["selected"], true);
    assert_eq!(control(&report, "EC2.28")["undecidable"], "requires AWS Backup");
    let tags = &control(&report, "EC2.38")["rules"][0];
    assert_eq!((&tags["selected"], &tags["required_tags"]), (&false.into(), &true.into()));
    let lines =
        |args: &[&str]| run(&[&["rules", "--compare", "security-hub"], args].concat()).stdout;
    let line = |text: &str, id: &str| {
        let of = |line: &&str| line.split(' ').next() == Some(id);
        text.lines().find(of).unwrap_or_else(|| panic!("{id} in {text}")).to_owned()
    };
    let text = lines(&[]);
    assert!(line(&text, "EC2.51").ends_with("client-vpn-logging  (profile strict)"));
    assert!(
        line(&text, "EC2.38").ends_with("ec2-instance-tags  (if required by [[tags.require]])")
    );
    assert!(line(&text, "S3.5").ends_with("  s3-bucket-tls-only"));
    assert!(line(&text, "EC2.28").ends_with("  no rule: requires AWS Backup"));
    assert!(line(&lines(&["--rule-profile", "strict"]), "EC2.51").ends_with("client-vpn-logging"));
    assert!(line(&lines(&["--rule", "ec2-*"]), "S3.5").ends_with("(not selected)"));
    // Required tags, and rules that the config disables.
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("rolecall.toml");
    let required = "[[tags.require]]\nkey = \"Owner\"\nkinds = [\"ec2.instance\"]\n[rules.\"s3-bucket-tls-only\"]\nenabled = false\n";
    fs::write(&config, required).unwrap();
    let text = lines(&["--config", crate::program::text(&config)]);
    assert!(line(&text, "EC2.38").ends_with("  ec2-instance-tags"));
    assert!(line(&text, "S3.5").ends_with("  s3-bucket-tls-only  (not selected)"));
}
