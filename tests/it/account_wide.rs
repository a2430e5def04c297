//! Questions about an account as a whole, and across its regions, through the program.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::program::{Ran, root, run, text};

fn sample(name: &str) -> PathBuf {
    root().join("tests/cases/authoring").join(name)
}

fn acme() -> PathBuf {
    root().join("fixtures/acme")
}

/// The findings of one rule: account, region, id, verdict and message of each.
fn findings(snapshot: &Path, pack: &Path, rule: &str, more: &[&str]) -> Vec<[String; 5]> {
    let mut args = vec!["evaluate", "--snapshot", text(snapshot), "--rules", text(pack)];
    args.extend(["--rule", rule, "--fail-on", "none", "-o", "json"]);
    args.extend(more);
    let ran = run(&args);
    let report: Value = serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{rule}: {error}: {}", ran.stderr));
    let accounts = report["accounts"].as_array().unwrap().iter();
    let of_account = |account: &Value| {
        let of_finding = |finding: &Value| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let resource = &finding["resource"];
            let message = match finding["causes"][0]["call"].as_str() {
                Some(call) => format!("{call}: {}", text(&finding["causes"][0]["code"])),
                None => text(&finding["message"]),
            };
            [
                text(&account["account"]),
                text(&resource["region"]),
                text(&resource["id"]),
                text(&finding["verdict"]),
                message,
            ]
        };
        account["findings"].as_array().unwrap().iter().map(of_finding).collect::<Vec<_>>()
    };
    accounts.flat_map(of_account).collect()
}

/// The same, one line each.
fn lines(snapshot: &Path, pack: &Path, rule: &str, more: &[&str]) -> Vec<String> {
    findings(snapshot, pack, rule, more).iter().map(|found| found.join(" ")).collect()
}

/// A copy of the example with the file of its first account changed.
fn altered(dir: &Path, change: impl Fn(&str) -> String) -> PathBuf {
    let copy = dir.join("snapshot");
    fs::create_dir(&copy).unwrap();
    for entry in fs::read_dir(acme()).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let is_first = path.ends_with("111122223333.jsonl");
        let text = if is_first { change(&text) } else { text };
        fs::write(copy.join(path.file_name().unwrap()), text).unwrap();
    }
    copy
}

#[test]
fn rules_on_accounts_pass_lint_and_their_cases() {
    for name in ["account", "other-regions"] {
        let folder = sample(name);
        let ran = run(&["lint", text(&folder)]);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        let ran = run(&["test", "--coverage", text(&folder)]);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    }
    let ran = run(&["test", text(&sample("account-wide"))]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn an_account_is_asked_once_with_the_resources_of_all_regions() {
    let expected = [
        "111122223333 global 111122223333 fail 2 of 111122223333 in 1 region(s)",
        "222233334444 global 222233334444 unknown ec2:DescribeVolumes: UnauthorizedOperation",
        "333344445555 global 333344445555 fail 2 of 333344445555 in 1 region(s)",
        "444455556666 global 444455556666 unknown sts:AssumeRole: AccessDenied",
    ];
    let (pack, rule) = (sample("account"), "account-plain-volumes");
    assert_eq!(lines(&acme(), &pack, rule, &[]), expected);
    // The account has its own region in filters, as account settings do.
    assert_eq!(lines(&acme(), &pack, rule, &["--region", "global"]), expected);
    assert_eq!(
        lines(&acme(), &pack, rule, &["--region", "eu-west-1"]),
        [expected[3]; 1].map(str::to_owned)
    );
    // What was read at all decides, not what the rule would have needed to fail.
    let dir = tempfile::tempdir().unwrap();
    let unlisted = altered(dir.path(), |text| {
        let gone = |line: &&str| {
            line.contains("\"kind\":\"ec2.volume\"") && line.contains("\"region\":\"eu-central-1\"")
        };
        let count = |lines: &[&str]| {
            lines.iter().filter(|line| line.contains("\"type\":\"resource\"")).count()
        };
        let all: Vec<&str> = text.lines().collect();
        let kept: Vec<&str> = all.iter().filter(|line| !gone(line)).copied().collect();
        let [before, after] = [&all, &kept].map(|lines| count(lines));
        let end = |resources: usize| format!("\"resources\":{resources}");
        kept.join("\n").replace(&end(before), &end(after)) + "\n"
    });
    assert_eq!(
        lines(&unlisted, &pack, rule, &["--account", "acme-prod"]),
        ["111122223333 global 111122223333 unknown ec2:DescribeVolumes: NotCollected"]
    );
}

#[test]
fn an_account_has_its_name_labels_and_regions() {
    let (pack, rule) = (sample("account"), "account-without-team");
    let found = lines(&acme(), &pack, rule, &[]);
    assert_eq!(
        found,
        [
            "111122223333 global 111122223333 pass ",
            "222233334444 global 222233334444 skip staging",
            "333344445555 global 333344445555 pass ",
            "444455556666 global 444455556666 unknown sts:AssumeRole: AccessDenied",
        ]
    );
    // The config knows better than the snapshot.
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("rolecall.toml");
    fs::write(
        &config,
        "[role]\nname = \"r\"\n[[account]]\nid = \"111122223333\"\nname = \"renamed\"\nlabels = { env = \"x\" }\n",
    )
    .unwrap();
    let more = ["--config", text(&config), "--account", "111122223333"];
    assert_eq!(
        lines(&acme(), &pack, rule, &more),
        ["111122223333 global 111122223333 fail renamed has no team"]
    );
}

#[test]
fn a_finding_of_an_account_has_a_stable_identity() {
    let report = |output: &str| -> Value {
        let pack = sample("account");
        let category = if output == "sarif" { &["--sarif-category", "c"][..] } else { &[] };
        let args = ["evaluate", "--snapshot", "fixtures/acme", "--rules", text(&pack)];
        let more = ["--rule", "account-plain-volumes", "--fail-on", "none", "-o", output];
        serde_json::from_str(&run(&[&args[..], &more, category].concat()).stdout).unwrap()
    };
    let json = report("json");
    let finding = &json["accounts"][2]["findings"][0];
    assert_eq!(
        finding["resource"],
        json!({ "kind": "account", "region": "global", "id": "333344445555", "arn": null, "name": "acme-data" })
    );
    assert_eq!(finding["fingerprint"], "e81d295e01d28bcd01f766f88217930f");
    let sarif = report("sarif");
    let uris: Vec<&str> = sarif["runs"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|run| run["results"].as_array().unwrap())
        .map(|result| {
            let location = &result["locations"][0]["physicalLocation"];
            location["artifactLocation"]["uri"].as_str().unwrap()
        })
        .collect();
    assert!(uris.contains(&"333344445555/global/account/333344445555"), "{uris:?}");
}

/// An accepted gap is accepted for what an account-wide rule cannot see because of it.
#[test]
fn gaps_are_accepted_in_the_region_in_which_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("rolecall.toml");
    for (region, code) in [("eu-central-1", 0), ("*", 0), ("eu-west-1", 3), ("global", 3)] {
        let gap = format!(
            "[[accepted_gap]]\naccount = \"acme-staging\"\nregion = \"{region}\"\ncall = \"ec2:DescribeVolumes\"\nreason = \"r\"\n"
        );
        fs::write(&config, gap).unwrap();
        let pack = sample("account");
        let mut args = vec!["evaluate", "--config", text(&config), "--snapshot", "fixtures/acme"];
        args.extend(["--rules", text(&pack), "--rule", "account-plain-volumes"]);
        args.extend(["--account", "acme-staging"]);
        let ran = run(&args);
        assert_eq!(ran.code, code, "{region}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn a_resource_of_another_region_is_found_there() {
    let (pack, rule) = (sample("other-regions"), "vpc-peer-untagged");
    let only = ["--account", "acme-prod"];
    let found = lines(&acme(), &pack, rule, &only);
    assert!(found.len() == 2 && found.iter().all(|line| line.contains(" pass ")), "{found:?}");
    // Its region was not scanned: this is said, for the connection that is seen from the other one.
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = altered(dir.path(), |text| {
        text.replace(
            "\"region\":\"eu-central-1\",\"vpc_id\"",
            "\"region\":\"us-east-1\",\"vpc_id\"",
        )
    });
    let found = findings(&elsewhere, &pack, rule, &only);
    assert!(found.iter().all(|found| found[3] == "unknown"), "{found:?}");
    let mut args = vec!["evaluate", "--snapshot", text(&elsewhere), "--rules", text(&pack)];
    args.extend(["--rule", rule, "--account", "acme-prod"]);
    let ran = run(&args);
    assert_eq!(ran.code, 3);
    assert!(
        ran.stdout.contains("region us-east-1 was not scanned; add it to `regions`"),
        "{}",
        ran.stdout
    );
}

/// A rule on a global kind that looks up a regional one: for the account, in all scanned regions; for
/// a bucket, in its region, which can be one that was not scanned or could not be read.
#[test]
fn global_kinds_look_up_regional_ones() {
    let wide = sample("account-wide");
    let expected = ["fail", "fail", "fail", "unknown"];
    let found = findings(&acme(), &wide, "account-many-instances", &[]);
    assert_eq!(found.iter().map(|found| found[3].as_str()).collect::<Vec<_>>(), expected);
    let dir = tempfile::tempdir().unwrap();
    let rule = "const RULE = #{ title: \"T\", resource: \"s3.bucket\", needs: [\"ec2.vpc\"], severity: \"low\" };\n\
                fn check(bucket, params) { if related(\"ec2.vpc\").len() > 0 { pass() } else { fail(bucket.region) } }\n";
    fs::write(dir.path().join("own-rule.rhai"), format!("{PROSE}{rule}")).unwrap();
    let bucket = |change: &dyn Fn(&str) -> String| {
        let folder = tempfile::tempdir().unwrap();
        let snapshot = altered(folder.path(), |text| {
            let mut first = true;
            let each = |line: &str| match line.contains("\"kind\":\"s3.bucket\"")
                && line.contains("\"type\":\"resource\"")
                && std::mem::take(&mut first)
            {
                true => change(line) + "\n",
                false => line.to_owned() + "\n",
            };
            text.lines().map(each).collect()
        });
        let more = ["--account", "acme-prod"];
        findings(&snapshot, &dir.path().join("own-rule.rhai"), "own-rule", &more)
    };
    let region = |line: &str| {
        let (_, rest) = line.rsplit_once("\"region\":\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let all = bucket(&str::to_owned);
    assert!(all.iter().all(|found| found[3] == "pass"), "{all:?}");
    let elsewhere =
        bucket(&|line| line.replace(&format!("\"{}\"", region(line)), "\"ap-south-1\""));
    let unknown: Vec<_> = elsewhere.iter().filter(|found| found[3] == "unknown").collect();
    assert!(unknown.len() == 1 && unknown[0][1] == "ap-south-1", "{elsewhere:?}");
    let lost = bucket(&|line| {
        let mut bucket: Value = serde_json::from_str(line).unwrap();
        bucket["region"] = json!("global");
        bucket["facts"]["bucket_region"] = Value::Null;
        bucket["unreadable"]["bucket_region"] =
            json!({ "call": "s3:GetBucketLocation", "code": "AccessDenied", "message": "" });
        bucket.to_string()
    });
    let unknown: Vec<_> = lost.iter().filter(|found| found[3] == "unknown").collect();
    assert_eq!(unknown.len(), 1, "{lost:?}");
    assert_eq!(unknown[0][4], "s3:GetBucketLocation: AccessDenied");
}

fn lint(dir: &Path, rule: &str, cases: &str) -> Ran {
    fs::write(dir.join("own.rhai"), rule).unwrap();
    fs::write(dir.join("own.cases.json"), cases).unwrap();
    run(&["lint", text(&dir.join("own.rhai"))])
}

const PROSE: &str = "//! T.\n//!\n//! ## Why it matters\n//! T.\n//!\n//! ## How to fix it\n//! T.\n//!\n//! ## References\n//! - https://docs.aws.amazon.com/\n\n";

/// Rules that a run refuses are refused by lint, with a position.
#[test]
fn look_ups_that_cannot_work_are_lint_errors() {
    let dir = tempfile::tempdir().unwrap();
    for (needs, body, expected) in [
        (r#""account""#, "pass()", "`account` cannot be looked up"),
        (
            r#""ec2.vpc""#,
            r#"if related("account").len() > 0 { pass() } else { fail("") }"#,
            "`account` cannot be looked up",
        ),
        (
            r#""ec2.vpc""#,
            r#"if related_in("global", "ec2.vpc").len() > 0 { pass() } else { fail("") }"#,
            "`global` is not a valid region",
        ),
        (
            r#""ec2.vpc""#,
            r#"if related_in("EU West", "ec2.vpc").len() > 0 { pass() } else { fail("") }"#,
            "`EU West` is not a valid region",
        ),
        (
            r#""s3.bucket""#,
            r#"if related_in("*", "s3.bucket").len() > 0 { pass() } else { fail("") }"#,
            "`s3.bucket` is listed once per account",
        ),
        (
            r#""ec2.vpc""#,
            r#"if related_in("*", "ec2.vpcs").len() > 0 { pass() } else { fail("") }"#,
            "unknown kind `ec2.vpcs`",
        ),
        (
            r#""ec2.vpc""#,
            r#"if related_in("*", "ec2.vpc", "vpc_idd", "x").len() > 0 { pass() } else { fail("") }"#,
            "has no field `vpc_idd`",
        ),
        (
            r#""ec2.vpc""#,
            r#"if related_in("*", "ec2.subnet").len() > 0 { pass() } else { fail("") }"#,
            "kind `ec2.subnet` is not declared",
        ),
        (
            r#""ec2.vpc""#,
            r#"if related_in(8, "ec2.vpc").len() > 0 { pass() } else { fail("") }"#,
            "expected string",
        ),
        (
            r#""ec2.vpc""#,
            r#"if related("ec2.vpc")[0].regoin == "x" { pass() } else { fail("") }"#,
            "did you mean `region`?",
        ),
        (
            r#""ec2.vpc""#,
            r#"if related("ec2.vpc")[0].arn == 8 { pass() } else { fail("") }"#,
            "string",
        ),
    ] {
        let rule = format!(
            "{PROSE}const RULE = #{{ title: \"T\", resource: \"ec2.volume\", needs: [{needs}], severity: \"low\" }};\n\nfn check(volume, params) {{\n    {body}\n}}\n"
        );
        let cases = r#"[{ "name": "p", "expect": "pass", "facts": {} }, { "name": "f", "expect": "fail", "facts": {} }]"#;
        let ran = lint(dir.path(), &rule, cases);
        assert_eq!(ran.code, 1, "{body}: {}", ran.stdout);
        let is_placed = (12..16).any(|line| ran.stdout.contains(&format!("own.rhai:{line}:")));
        assert!(ran.stdout.contains(expected) && is_placed, "{body}: {}", ran.stdout);
    }
}

/// What a case states about regions and accounts is checked by lint and by `test`.
#[test]
fn cases_with_wrong_regions_and_accounts_are_errors() {
    let dir = tempfile::tempdir().unwrap();
    let rule = fs::read_to_string(sample("account/account-plain-volumes.rhai")).unwrap();
    for (case, expected) in [
        (r#""facts": { "id": "12" }"#, "is not a valid account id"),
        (r#""facts": {}, "related": { "account": [{}] }"#, "`account` cannot be looked up"),
        (r#""facts": {}, "related": { "ec2.volume": [{ "region": 8 }] }"#, "region"),
        (r#""facts": {}, "related": { "ec2.volume": [{ "region": "Nowhere" }] }"#, "Nowhere"),
        (r#""facts": {}, "unreadable": ["ec2.volume@Nowhere"]"#, "Nowhere"),
        (r#""facts": {}, "unreadable": ["s3.bucket@us-east-1"]"#, "only lists of regional kinds"),
        (
            r#""facts": {}, "unreadable": ["ec2.volume@global"]"#,
            "`ec2.volume@global`: `ec2.volume` is listed once per region",
        ),
        (
            r#""facts": {}, "unreadable": ["ec2.volume@eu-wets-1"]"#,
            "unknown region `eu-wets-1`: did you mean `eu-west-1`?",
        ),
        (r#""facts": {}, "unreadable": ["ec2.volume@qq-qqqqq-9"]"#, "unknown region `qq-qqqqq-9`"),
        (
            r#""facts": {}, "related": { "ec2.settings": [{ "snapshot_block_public_access": null }] }"#,
            "`snapshot_block_public_access` cannot be `null`: AWS always returns it",
        ),
        (r#""facts": {}, "account_labels": { "a": 8 }"#, "expected a string"),
        (r#""facts": {}, "account_nam": "x""#, "did you mean `account_name`?"),
    ] {
        let cases = format!(r#"[{{ "name": "p", "expect": "pass", {case} }}]"#);
        fs::write(dir.path().join("own.rhai"), &rule).unwrap();
        fs::write(dir.path().join("own.cases.json"), cases).unwrap();
        let ran = run(&["test", text(&dir.path().join("own.rhai"))]);
        assert_ne!(ran.code, 0, "{case}");
        let out = format!("{}{}", ran.stdout, ran.stderr);
        assert!(out.contains(expected) && out.contains("own.cases.json:1"), "{case}: {out}");
    }
}

/// A look-up in a region that a case does not have is not collected, as in a run.
#[test]
fn cases_know_only_the_regions_that_they_have() {
    let dir = tempfile::tempdir().unwrap();
    let account = |place: &str| {
        format!(
            "{PROSE}const RULE = #{{ title: \"T\", resource: \"account\", needs: [\"ec2.vpc\"], severity: \"low\" }};\n\nfn check(account, params) {{\n    if related_in(\"{place}\", \"ec2.vpc\").is_empty() {{ pass() }} else {{ fail(\"x\") }}\n}}\n"
        )
    };
    let volume = |place: &str| account(place).replace("\"account\"", "\"ec2.volume\"");
    let missing = |place: &str| format!("looks up resources in region `{place}`");
    let vpc = r#""related": { "ec2.vpc": [{ "region": "us-east-1", "vpc_id": "vpc-1" }] }"#;
    let regions = r#""facts": { "regions": ["eu-west-1", "us-east-1"] }"#;
    for (rule, case, expect, expected) in [
        (
            account("us-esat-1"),
            r#""facts": { "regions": ["eu-west-1"] }"#,
            "pass",
            missing("us-esat-1"),
        ),
        (account("us-esat-1"), regions, "pass", "did you mean `us-east-1`?".to_owned()),
        (
            account("us-east-1"),
            r#""facts": { "regions": ["eu-west-1"] }"#,
            "pass",
            missing("us-east-1"),
        ),
        (
            account("us-east-1"),
            r#""facts": { "regions": ["eu-west-1"] }"#,
            "unknown",
            String::new(),
        ),
        (account("us-east-1"), regions, "pass", String::new()),
        (account("*"), regions, "pass", String::new()),
        (account("eu-west-1"), r#""facts": {}"#, "pass", String::new()),
        (account("us-east-1"), &format!(r#""facts": {{}}, {vpc}"#), "fail", String::new()),
        (volume("eu-west-1"), r#""facts": {}"#, "pass", String::new()),
        (volume("us-east-1"), r#""facts": {}"#, "pass", "add it to `regions`".to_owned()),
        (volume("us-east-1"), r#""facts": {}"#, "unknown", String::new()),
        (volume("us-east-1"), r#""facts": {}, "regions": ["us-east-1"]"#, "pass", String::new()),
        (volume("us-east-1"), r#""facts": {}, "region": "us-east-1""#, "pass", String::new()),
        (volume("us-east-1"), &format!(r#""facts": {{}}, {vpc}"#), "fail", String::new()),
        (
            volume("us-east-1"),
            r#""facts": {}, "unreadable": ["ec2.vpc@us-east-1"]"#,
            "unknown",
            String::new(),
        ),
        (
            volume("us-east-1"),
            r#""facts": {}, "regions": "x""#,
            "pass",
            "expected a list".to_owned(),
        ),
        (volume("us-east-1"), r#""facts": {}, "region_s": []"#, "pass", "`regions`?".to_owned()),
    ] {
        let cases = format!(r#"[{{ "name": "p", "expect": "{expect}", {case} }}]"#);
        fs::write(dir.path().join("own.rhai"), &rule).unwrap();
        fs::write(dir.path().join("own.cases.json"), &cases).unwrap();
        let ran = run(&["test", text(&dir.path().join("own.rhai"))]);
        let out = format!("{}{}", ran.stdout, ran.stderr);
        if expected.is_empty() {
            assert!(out.contains("1 passed"), "{rule}{cases}\n{out}");
        } else {
            assert!(out.contains(&expected) && !out.contains("1 passed"), "{rule}{cases}\n{out}");
        }
    }
}

/// A region in which a rule found nothing is part of the recorded case.
#[test]
fn recorded_cases_have_regions_without_resources() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("own.rhai");
    let rule = format!(
        "{PROSE}const RULE = #{{ title: \"T\", resource: \"ec2.vpc_peering_connection\", needs: [\"ec2.vpc\"], severity: \"low\" }};\n\nfn check(peering, params) {{\n    if related_in(\"eu-central-1\", \"ec2.vpc\", \"vpc_id\", \"vpc-none\").is_empty() {{ fail(\"x\") }} else {{ pass() }}\n}}\n"
    );
    fs::write(&path, rule).unwrap();
    let mut args = vec!["record", "--snapshot", "fixtures/acme", "--rule", text(&path)];
    args.extend(["--resource", "prod-replica", "--region", "eu-west-1", "--expect", "fail"]);
    let ran = run(&args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let cases = fs::read_to_string(path.with_extension("cases.json")).unwrap();
    assert!(cases.contains("\"regions\": [\n      \"eu-central-1\"\n    ]"), "{cases}");
    let ran = run(&["test", text(&path)]);
    assert!(ran.stdout.contains("1 passed"), "{cases}\n{}", ran.stdout);
}

/// A recorded case has what the verdict depends on: regions, names and labels.
#[test]
fn recorded_cases_have_regions_names_and_labels() {
    for (folder, rule, resource, expect) in [
        ("account", "account-plain-volumes", "acme-data", "fail"),
        ("account", "account-without-team", "111122223333", "pass"),
        ("other-regions", "vpc-peer-untagged", "prod-replica", "pass"),
    ] {
        for redact in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(format!("{rule}.rhai"));
            fs::copy(sample(folder).join(format!("{rule}.rhai")), &path).unwrap();
            let mut args = vec!["record", "--snapshot", "fixtures/acme", "--rule", text(&path)];
            args.extend(["--resource", resource, "--expect", expect]);
            args.extend(redact.then_some("--redact"));
            if resource == "prod-replica" {
                args.extend(["--region", "eu-west-1"]);
            }
            let ran = run(&args);
            assert_eq!(ran.code, 0, "{rule}: {}", ran.stderr);
            let cases = fs::read_to_string(path.with_extension("cases.json")).unwrap();
            let ran = run(&["test", text(&path)]);
            assert!(ran.stdout.contains("1 passed"), "{cases}\n{}", ran.stdout);
            if redact {
                assert!(!cases.contains("acme") && !cases.contains("3333444"), "{cases}");
            }
        }
    }
}
