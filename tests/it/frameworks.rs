//! Frameworks and profiles, tested through the binary: the lists, what they select, and the
//! compliance table.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{run, snapshot, text};

fn parsed(args: &[&str]) -> Value {
    let ran = run(args);
    assert!([0, 1, 3].contains(&ran.code), "{args:?}: {}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

fn ids(list: &Value) -> BTreeSet<&str> {
    list.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

/// Requirements by id.
fn requirements(report: &Value) -> BTreeMap<&str, &Value> {
    let frameworks = report["frameworks"].as_array().unwrap();
    let all = frameworks.iter().flat_map(|framework| framework["requirements"].as_array().unwrap());
    all.map(|requirement| (requirement["id"].as_str().unwrap(), requirement)).collect()
}

/// The built-in frameworks: how many of their requirements have rules, and the numbers of the
/// requirements on S3 and EC2, as published. Added or removed requirements must be changed here, too.
const PUBLISHED: &[(&str, usize, &str)] = &[
    (
        "aws-fsbp",
        45,
        "EC2.1 EC2.2 EC2.3 EC2.4 EC2.6 EC2.7 EC2.8 EC2.9 EC2.10 EC2.15 EC2.16 EC2.17 EC2.18 EC2.19 EC2.20 EC2.21 EC2.23 EC2.24 EC2.25 EC2.51 EC2.55 \
         EC2.56 EC2.57 EC2.58 EC2.60 EC2.170 EC2.171 EC2.172 EC2.173 EC2.180 EC2.181 EC2.182 EC2.183 S3.1 S3.2 S3.3 S3.5 S3.6 S3.8 S3.9 S3.12 S3.13 \
         S3.19 S3.24 S3.25",
    ),
    (
        "aws-well-architected-security",
        21,
        "SEC02-BP02 SEC02-BP03 SEC03-BP01 SEC03-BP02 SEC03-BP05 SEC03-BP07 SEC03-BP08 SEC03-BP09 SEC04-BP01 SEC04-BP02 SEC04-BP03 SEC04-BP04 \
         SEC05-BP01 SEC05-BP02 SEC05-BP03 SEC05-BP04 SEC06-BP01 SEC06-BP02 SEC06-BP03 SEC06-BP04 SEC06-BP05 SEC07-BP01 SEC07-BP02 SEC07-BP03 \
         SEC07-BP04 SEC08-BP01 SEC08-BP02 SEC08-BP03 SEC08-BP04 SEC09-BP01 SEC09-BP02 SEC09-BP03",
    ),
    (
        "bsi-c5-2020",
        10,
        "OPS-07 OPS-12 OPS-13 OPS-14 OPS-15 OPS-22 IDM-01 CRY-02 CRY-03 CRY-04 COS-01 COS-03 COS-05 DEV-07",
    ),
    (
        "cis-aws-5.0",
        13,
        "1.17 2.1.1 2.1.2 2.1.3 2.1.4 3.4 3.7 3.8 3.9 4.8 4.10 4.11 4.12 4.13 4.14 5.1.1 5.1.2 5.2 5.3 5.4 5.5 5.6 5.7",
    ),
    (
        "cis-aws-6.0",
        13,
        "2.17 3.1.1 3.1.2 3.1.3 3.1.4 4.4 4.7 4.8 4.9 5.8 5.10 5.11 5.12 5.13 5.14 6.1.1 6.1.2 6.2 6.3 6.4 6.5 6.6 6.7",
    ),
    (
        "cis-aws-7.0",
        15,
        "2.16 2.21 3.1.1 3.1.2 3.1.3 3.1.4 4.4 4.7 4.8 4.9 5.8 5.10 5.11 5.12 5.13 5.14 6.1.1 6.1.2 6.2 6.3 6.4 6.5 6.6 6.7 6.8",
    ),
    (
        "cis-aws-compute-1.0",
        16,
        "2.1.1 2.1.2 2.1.3 2.1.4 2.1.5 2.2.1 2.2.2 2.2.3 2.2.4 2.3 2.4 2.5 2.6 2.7 2.8 2.9 2.10 2.11 2.12 2.13 2.14",
    ),
    (
        "ens-rd311-2022",
        15,
        "op.acc.4 op.exp.1 op.exp.4 op.exp.8 op.exp.8.r1 op.exp.8.r4 op.cont.2 op.mon.1 mp.com.1 mp.com.2 mp.com.3 mp.com.4 mp.com.4.r1 mp.com.4.r2 \
         mp.com.4.r3 mp.si.2 mp.si.2.r2 mp.info.6",
    ),
    ("gdpr", 2, "25 30 32"),
    (
        "hipaa-security-rule",
        24,
        "164.308(a)(1)(ii)(A) 164.308(a)(1)(ii)(B) 164.308(a)(1)(ii)(D) 164.308(a)(3)(i) 164.308(a)(3)(ii)(A) 164.308(a)(3)(ii)(B) \
         164.308(a)(4)(ii)(A) 164.308(a)(4)(ii)(B) 164.308(a)(4)(ii)(C) 164.308(a)(5)(ii)(B) 164.308(a)(6)(ii) 164.308(a)(7)(i) 164.308(a)(7)(ii)(A) \
         164.308(a)(7)(ii)(B) 164.308(a)(7)(ii)(C) 164.310(d)(2)(iv) 164.312(a)(1) 164.312(a)(2)(i) 164.312(a)(2)(ii) 164.312(a)(2)(iv) 164.312(b) \
         164.312(c)(1) 164.312(c)(2) 164.312(e)(1) 164.312(e)(2)(i) 164.312(e)(2)(ii)",
    ),
    (
        "iso-27001-2022",
        15,
        "A.5.15 A.5.17 A.5.23 A.8.2 A.8.3 A.8.6 A.8.7 A.8.8 A.8.9 A.8.10 A.8.11 A.8.12 A.8.13 A.8.14 A.8.15 A.8.16 A.8.19 A.8.20 A.8.21 A.8.22 A.8.23 \
         A.8.24",
    ),
    (
        "mitre-attack",
        15,
        "T1190 T1199 T1525 T1552 T1040 T1046 T1119 T1530 T1048 T1537 T1485 T1486 T1490 T1498 T1499",
    ),
    (
        "nist-800-53-r5",
        67,
        "AC-2(1) AC-2(4) AC-2(12) AC-3 AC-3(7) AC-3(15) AC-4 AC-4(21) AC-4(26) AC-6 AC-6(9) AC-17(2) AC-21 AU-2 AU-3 AU-6(3) AU-6(4) AU-9 AU-9(2) \
         AU-9(7) AU-10 AU-12 CA-7 CA-9(1) CM-2 CM-2(2) CM-3 CM-3(6) CM-7 CM-8 CM-8(1) CM-8(2) CM-8(3) CP-6 CP-6(1) CP-6(2) CP-9 CP-10 IA-5(1) SC-5(2) \
         SC-7 SC-7(3) SC-7(4) SC-7(5) SC-7(9) SC-7(10) SC-7(11) SC-7(16) SC-7(20) SC-7(21) SC-8 SC-8(1) SC-8(2) SC-12(2) SC-12(3) SC-13 SC-23 \
         SC-23(3) SC-28 SC-28(1) SC-36 SC-36(2) SI-2 SI-3(8) SI-4 SI-4(4) SI-4(20) SI-7(6) SI-7(8) SI-12 SI-13(5)",
    ),
    (
        "nist-csf-2.0",
        17,
        "ID.AM-01 ID.AM-02 ID.AM-03 ID.AM-07 ID.AM-08 ID.RA-01 ID.RA-09 PR.AA-05 PR.DS-01 PR.DS-02 PR.DS-11 PR.PS-01 PR.PS-02 PR.PS-03 PR.PS-04 \
         PR.PS-05 PR.IR-01 PR.IR-02 PR.IR-03 PR.IR-04 DE.CM-01 DE.CM-09 RS.AN-03 RS.AN-06 RS.AN-07 RS.MI-01",
    ),
    (
        "pci-dss-4.0.1",
        36,
        "1.2.5 1.2.7 1.2.8 1.3.1 1.3.2 1.4.1 1.4.2 1.4.3 1.4.4 1.4.5 2.2.5 2.2.6 2.2.7 3.2.1 3.3.1 3.3.2 3.5.1 3.5.1.3 4.2.1 6.3.3 7.2.1 7.2.2 7.2.5 \
         7.2.6 7.3.1 7.3.2 7.3.3 8.2.2 8.3.2 8.6.2 10.2.1 10.2.1.1 10.2.1.2 10.2.1.3 10.2.1.4 10.2.1.5 10.2.1.6 10.2.1.7 10.2.2 10.3.1 10.3.2 10.3.3 \
         10.3.4 10.4.2 10.5.1 11.3.1 11.5.1 11.5.2",
    ),
    (
        "soc-2-2017",
        13,
        "CC2.1 CC6.1 CC6.3 CC6.6 CC6.7 CC6.8 CC7.1 CC7.2 CC7.3 CC7.4 CC7.5 A1.1 A1.2 C1.1 C1.2 PI1.2 PI1.4 PI1.5",
    ),
];

/// Requirements of the built-in frameworks that a rule could check, but none does yet.
const NOT_COVERED: &[(&str, &str)] = &[("cis-aws-compute-1.0", "2.1.1")];

#[test]
fn every_requirement_of_the_built_in_frameworks_has_rules_or_a_reason() {
    let frameworks = parsed(&["frameworks", "--format", "json"]);
    assert_eq!(ids(&frameworks), PUBLISHED.iter().map(|(id, ..)| *id).collect());
    let rules = parsed(&["rules", "--rule-profile", "all", "--format", "json"]);
    let mut mapped: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for framework in frameworks.as_array().unwrap() {
        let (id, checked, published) =
            PUBLISHED.iter().find(|(id, ..)| framework["id"] == *id).unwrap();
        let requirements = framework["requirements"].as_array().unwrap();
        assert_eq!(ids(&framework["requirements"]), published.split_whitespace().collect(), "{id}");
        let with_rules =
            requirements.iter().filter(|requirement| requirement["rules"] != json!([]));
        assert_eq!(with_rules.count(), *checked, "{id}");
        for requirement in requirements {
            let rules = requirement["rules"].as_array().unwrap();
            let missing = NOT_COVERED.contains(&(*id, requirement["id"].as_str().unwrap()));
            assert_eq!(!requirement["not_covered"].is_null(), missing, "{requirement}");
            // Exactly the other requirements that S3 and EC2 can decide have rules.
            let decidable = requirement["undecidable"].is_null() && !missing;
            assert_eq!(decidable, !rules.is_empty(), "{requirement}");
            for rule in rules {
                let tag = format!(
                    "{}/{}",
                    framework["id"].as_str().unwrap(),
                    requirement["id"].as_str().unwrap()
                );
                mapped.entry(rule.as_str().unwrap()).or_default().insert(tag);
            }
        }
    }
    // The requirements listed for a rule match the frameworks.
    for rule in rules.as_array().unwrap() {
        let tags: BTreeSet<String> = serde_json::from_value(rule["frameworks"].clone()).unwrap();
        assert_eq!(
            tags,
            mapped.remove(rule["id"].as_str().unwrap()).unwrap_or_default(),
            "{}",
            rule["id"]
        );
    }
    assert!(mapped.is_empty(), "rules that do not exist: {mapped:?}");
    // Requirements in each of the three forms.
    let shown = run(&["frameworks", "cis-aws-7.0"]).stdout;
    for part in [
        "\n3.1.3  ",
        "not assessable: requires Macie",
        "\n6.3    ",
        "\n       sg-ingress-remote-admin-ipv4\n",
        "(level 1)",
    ] {
        assert!(shown.contains(part), "{part} is missing in\n{shown}");
    }
    let page = run(&["frameworks", "aws-fsbp", "--format", "markdown"]).stdout;
    assert!(page.contains("| EC2.2 |") && page.contains("| `sg-default-closed`"), "{page}");
    assert!(!page.contains("EC2.22"), "the standard has removed it");
    let ran = run(&["frameworks", "cis-aws-70"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("did you mean `cis-aws-7.0`?"), "{}", ran.stderr);
}

#[test]
fn a_framework_selects_its_rules_in_every_command() {
    let frameworks = parsed(&["frameworks", "--format", "json"]);
    let rules_of = |wanted: &[&str]| -> BTreeSet<String> {
        let chosen = frameworks
            .as_array()
            .unwrap()
            .iter()
            .filter(|framework| wanted.contains(&framework["id"].as_str().unwrap()));
        let requirements =
            chosen.flat_map(|framework| framework["requirements"].as_array().unwrap().clone());
        requirements
            .flat_map(|requirement| {
                serde_json::from_value::<Vec<String>>(requirement["rules"].clone()).unwrap()
            })
            .collect()
    };
    let listed = |args: &[&str]| -> BTreeSet<String> {
        let rules = parsed(&[&["rules", "--format", "json"], args].concat());
        ids(&rules).into_iter().map(str::to_owned).collect()
    };
    assert_eq!(listed(&["--framework", "cis-aws-7.0"]), rules_of(&["cis-aws-7.0"]));
    assert_eq!(
        listed(&["--framework", "cis-aws-7.0,aws-fsbp"]),
        rules_of(&["cis-aws-7.0", "aws-fsbp"])
    );
    let s3: BTreeSet<String> =
        rules_of(&["aws-fsbp"]).into_iter().filter(|id| id.starts_with("s3-")).collect();
    assert_eq!(listed(&["--framework", "aws-fsbp", "--rule", "s3-*"]), s3);
    let plan = parsed(&["plan", "--framework", "aws-fsbp", "--rule", "s3-*", "--format", "json"]);
    assert_eq!(serde_json::from_value::<BTreeSet<String>>(plan["rules"].clone()).unwrap(), s3);
    let policy =
        run(&["permissions", "target", "--framework", "aws-fsbp", "--rule", "sg-*"]).stdout;
    assert!(policy.contains("ec2:DescribeSecurityGroups") && !policy.contains("s3:"), "{policy}");
    let report = parsed(&[
        "evaluate",
        "--snapshot",
        "fixtures/acme",
        "--framework",
        "aws-fsbp",
        "-o",
        "json",
    ]);
    assert_eq!(report["selection"]["narrowed_by"], json!(["--framework aws-fsbp"]));
    let evaluated: BTreeSet<String> =
        ids(&report["rules"]).into_iter().map(str::to_owned).collect();
    assert_eq!(evaluated, rules_of(&["aws-fsbp"]));
    for (args, expected) in [
        (
            &["--framework", "aws-fspb"][..],
            "unknown framework `aws-fspb` in --framework: did you mean `aws-fsbp`?",
        ),
        (
            &["--rule-profile", "basline"],
            "unknown rule profile `basline` in --rule-profile: did you mean `baseline`?",
        ),
        (&["--rule-profile", "prod"], "--profile"),
        (&["--rule-profile", "all", "--framework", "aws-fsbp"], "cannot be used with"),
        (
            &["--framework", "cis-aws-5.0", "--rule", "s3-bucket-versioning"],
            "no rules are selected",
        ),
    ] {
        let ran = run(&[&["evaluate", "--snapshot", "fixtures/acme"], args].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{args:?}");
        assert!(ran.stderr.contains(expected), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn the_compliance_table_counts_the_findings_of_rules() {
    let args = [
        "evaluate",
        "--snapshot",
        "fixtures/acme",
        "--framework",
        "cis-aws-7.0",
        "--framework",
        "cis-aws-5.0",
    ];
    let report = parsed(&[&args[..], &["-o", "json"]].concat());
    let names: Vec<&str> = report["frameworks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["id"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["cis-aws-7.0", "cis-aws-5.0"], "in the order in which they were named");
    for framework in report["frameworks"].as_array().unwrap() {
        for requirement in framework["requirements"].as_array().unwrap() {
            let rules: Vec<&str> = requirement["rules"]
                .as_array()
                .unwrap()
                .iter()
                .map(|rule| rule.as_str().unwrap())
                .collect();
            let counts = [
                ("passed", "pass"),
                ("failed", "fail"),
                ("unknown", "unknown"),
                ("skipped", "skip"),
                ("errors", "error"),
            ];
            for (name, verdict) in counts {
                let sum: u64 = rules
                    .iter()
                    .map(|rule| report["summary"]["rules"][rule][verdict].as_u64().unwrap())
                    .sum();
                assert_eq!(requirement[name], sum, "{name} of {requirement}");
            }
            assert_eq!(requirement["reason"].is_null(), !rules.is_empty(), "{requirement}");
            assert_eq!(requirement["rules_not_run"], json!([]));
        }
    }
    let of = requirements(&report);
    assert_eq!(
        (of["6.5"]["status"].as_str(), of["6.5"]["failed"].as_u64()),
        (Some("failed"), Some(3))
    );
    assert_eq!(of["3.1.3"]["status"], "not_decidable");
    let shown = run(&args).stdout;
    let line = shown.lines().find(|line| line.trim_start().starts_with("6.5 ")).unwrap();
    assert_eq!(
        line.split_whitespace().rev().take(4).collect::<Vec<_>>(),
        ["1", "3", "3", "failed"],
        "{line}"
    );
    assert!(shown.contains("CIS AWS Foundations Benchmark 5.0.0 (cis-aws-5.0)"), "{shown}");
    assert!(shown.contains("  not assessable: 3.1.3, 4.4, 4.8"), "{shown}");
    let plain = run(&["evaluate", "--snapshot", "fixtures/acme"]);
    assert!(!plain.stdout.contains("Benchmark"), "no framework was selected\n{}", plain.stdout);
}

const POLICY: &str = "id = \"acme\"\nname = \"Acme policy\"\nversion = \"3\"\nurl = \"https://acme.example\"\nscope = \"all of it\"\n\
    [[requirement]]\nid = \"versions\"\ntitle = \"Buckets keep versions\"\nrules = [\"s3-bucket-versioning\"]\n\
    [[requirement]]\nid = \"groups\"\ntitle = \"Groups are shut\"\nrules = [\"sg-default-closed\"]\n\
    [[requirement]]\nid = \"both\"\ntitle = \"Both\"\nrules = [\"s3-bucket-versioning\", \"sg-default-closed\"]\n\
    [[requirement]]\nid = \"later\"\ntitle = \"Later\"\nnot_covered = \"next year\"\n";

/// A rule folder that contains only this framework.
fn policy(dir: &Path, id: &str, source: &str) {
    fs::create_dir_all(dir.join("frameworks")).unwrap();
    fs::write(dir.join("frameworks").join(format!("{id}.toml")), source).unwrap();
}

/// A change to the account of a snapshot.
enum Happens {
    Nothing,
    Denied,
    Gone,
}

#[test]
fn unknown_results_do_not_pass() {
    let dir = tempfile::tempdir().unwrap();
    let pack = dir.path().join("pack");
    policy(&pack, "acme", POLICY);
    let bucket = |versioning: Value| json!({ "name": "b", "bucket_region": "eu-west-1", "versioning": versioning, "tags": null });
    let status = |facts: Option<Value>, happens: Happens, more: &[&str]| -> Vec<String> {
        let here = tempfile::tempdir().unwrap();
        let resources: Vec<_> =
            facts.into_iter().map(|facts| ("s3.bucket", "b", "eu-west-1", facts)).collect();
        snapshot(here.path(), "111122223333", &resources);
        let file = here.path().join("111122223333.jsonl");
        match happens {
            Happens::Nothing => {}
            Happens::Denied => {
                let cause = json!({ "call": "s3:GetBucketVersioning", "code": "AccessDenied", "message": "no" });
                let resource = format!(
                    "\"type\":\"resource\",\"unreadable\":{}",
                    json!({ "versioning": cause })
                );
                let lines = fs::read_to_string(&file).unwrap();
                fs::write(&file, lines.replace("\"type\":\"resource\"", &resource)).unwrap();
            }
            Happens::Gone => fs::remove_file(&file).unwrap(),
        }
        let args = [
            "evaluate",
            "--snapshot",
            text(here.path()),
            "--rules",
            text(&pack),
            "--framework",
            "acme",
            "-o",
            "json",
        ];
        let report = parsed(&args.into_iter().chain(more.iter().copied()).collect::<Vec<_>>());
        let of = requirements(&report);
        ["versions", "groups", "both", "later"]
            .map(|id| of[id]["status"].as_str().unwrap().to_owned())
            .to_vec()
    };
    let on = || Some(bucket(json!({ "status": "Enabled" })));
    let off = || Some(bucket(json!({ "status": "Suspended" })));
    let denied = || Some(json!({ "name": "b", "bucket_region": "eu-west-1", "tags": null }));
    for (facts, happens, more, expected) in [
        (on(), Happens::Nothing, &[][..], ["passed", "no_resources", "passed"]),
        (off(), Happens::Nothing, &[], ["failed", "no_resources", "failed"]),
        (denied(), Happens::Denied, &[], ["unknown", "no_resources", "unknown"]),
        (None, Happens::Nothing, &[], ["no_resources", "no_resources", "no_resources"]),
        // A rule that is not run is unknown, too.
        (on(), Happens::Nothing, &["--rule", "s3-*"], ["passed", "not_covered", "unknown"]),
        (on(), Happens::Gone, &[], ["unknown", "unknown", "unknown"]),
    ] {
        assert_eq!(
            status(facts, happens, more),
            [&expected[..], &["not_covered"]].concat(),
            "{expected:?}"
        );
    }
}

#[test]
fn custom_frameworks_are_loaded_and_all_their_errors_reported() {
    let dir = tempfile::tempdir().unwrap();
    let pack = dir.path().join("pack");
    policy(&pack, "acme", POLICY);
    policy(&pack, "aws-fsbp", &POLICY.replace("\"acme\"", "\"aws-fsbp\""));
    let config = dir.path().join("rolecall.toml");
    fs::write(&config, "[scan]\nrule_folders = [\"pack\"]\n").unwrap();
    let list = run(&["frameworks", "--config", text(&config)]).stdout;
    let line = |id: &str| {
        list.lines().find(|line| line.starts_with(id)).unwrap_or_else(|| panic!("{id}: {list}"))
    };
    assert!(
        line("acme").ends_with("(yours)") && line("acme").contains("3 of   4 requirements"),
        "{list}"
    );
    assert!(line("aws-fsbp").ends_with("(yours, overrides the built-in one)"), "{list}");
    assert!(line("cis-aws-7.0").ends_with("7.0.0"), "{list}");
    let args =
        ["evaluate", "--snapshot", "fixtures/acme", "--rules", text(&pack), "--framework", "acme"];
    let report = parsed(&[&args[..], &["-o", "json"]].concat());
    assert_eq!(report["frameworks"][0]["folder"], text(&pack));
    assert!(run(&args).stdout.contains("Acme policy 3 (acme)"));
    let tags = report["rules"]
        .as_array()
        .unwrap()
        .iter()
        .find(|rule| rule["id"] == "sg-default-closed")
        .unwrap()["tags"]
        .clone();
    // Tags of the selected framework come first, because readers show only a few.
    let tags: Vec<String> = serde_json::from_value(tags).unwrap();
    assert_eq!(tags[..3], ["ec2", "acme/groups", "acme/both"]);
    assert!(tags.contains(&"cis-aws-7.0/6.5".to_owned()), "{tags:?}");

    policy(
        &pack,
        "acme",
        &POLICY.replace("s3-bucket-versioning", "s3-bucket-versionin").replace("later", "both"),
    );
    let ran = run(&args);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    for part in [
        "acme.toml:9:10",
        "did you mean `s3-bucket-versioning`?",
        "acme.toml:19:6",
        "duplicate requirement `both`",
        "^",
    ] {
        assert!(ran.stderr.contains(part), "{part} is missing in\n{}", ran.stderr);
    }
}

#[test]
fn the_config_selects_profiles_and_frameworks() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("rolecall.toml");
    let with = |selection: &str, more: &[&str]| {
        fs::write(&config, format!("[scan.selection]\n{selection}\n")).unwrap();
        let args = [
            "evaluate",
            "--config",
            text(&config),
            "--snapshot",
            "fixtures/acme",
            "--account",
            "acme-prod",
        ];
        run(&args.into_iter().chain(more.iter().copied()).collect::<Vec<_>>())
    };
    // The code scanning category contains the selection, so that two selections never close each
    // other's alerts.
    for (selection, more, name) in [
        ("", &[][..], Some("baseline")),
        ("profile = \"strict\"", &[], Some("strict")),
        ("profile = \"strict\"", &["--rule-profile", "all"], Some("all")),
        ("profile = \"strict\"\nname = \"ours\"", &[], Some("ours")),
        ("profile = \"strict\"\nname = \"ours\"", &["--rule-profile", "strict"], Some("ours")),
        (
            "profile = \"strict\"\nname = \"ours\"",
            &["--rule-profile", "baseline"],
            Some("baseline"),
        ),
        ("frameworks = \"cis-aws-7.0\"", &[], Some("cis-aws-7.0")),
        ("frameworks = [\"cis-aws-7.0\", \"aws-fsbp\"]", &[], None),
        ("frameworks = [\"cis-aws-7.0\", \"aws-fsbp\"]\nname = \"both\"", &[], Some("both")),
        ("rules = [\"*\"]", &[], Some("all")),
        ("rules = [\"s3-*\"]", &[], None),
        ("rules = [\"s3-*\"]", &["--rule-profile", "baseline"], Some("baseline")),
        ("min_severity = \"high\"", &[], None),
        ("exclude = [\"sg-*\"]", &["--rule-profile", "all"], None),
        ("", &["--framework", "cis-aws-7.0"], None),
    ] {
        let ran = with(selection, &[more, &["-o", "sarif", "--baseline", "none"]].concat());
        match name {
            Some(name) => {
                let category = format!("rolecall/{name}/aws/111122223333/");
                assert!(
                    ran.stdout.contains(&category),
                    "{selection} {more:?}: {category} is missing\n{}",
                    ran.stderr
                );
            }
            None => {
                assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{selection} {more:?}");
                assert!(
                    ran.stderr.contains("--sarif-category"),
                    "{selection} {more:?}: {}",
                    ran.stderr
                );
            }
        }
    }
    let table = with("frameworks = [\"cis-aws-7.0\"]", &[]).stdout;
    assert!(table.contains("CIS AWS Foundations Benchmark 7.0.0"), "{table}");
    // `--rule` filters the selection, and rules that were not run are listed.
    let part = with("frameworks = [\"cis-aws-7.0\"]", &["--rule", "s3-account-*"]).stdout;
    assert!(part.contains("rules not run: s3-bucket-effective-public-access-block"), "{part}");
    for (selection, expected) in [
        (
            "frameworks = [\"cis-aws-7.0\", \"cis-aws-8.0\"]",
            &["rolecall.toml:2:30", "unknown framework `cis-aws-8.0`", "did you mean `cis-aws-"][..],
        ),
        (
            "profile = \"strikt\"",
            &["rolecall.toml:2:11", "unknown profile `strikt`", "did you mean `strict`?"],
        ),
        (
            "profile = \"all\"\nrules = [\"s3-*\"]",
            &["rolecall.toml:2:11", "`profile` cannot be combined with", "enabled = true"],
        ),
        ("profil = \"all\"", &["did you mean `profile`?"]),
    ] {
        let ran = with(selection, &["--rule-profile", "all"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{selection}");
        for part in expected {
            assert!(ran.stderr.contains(part), "{selection}: {part} is missing in\n{}", ran.stderr);
        }
    }
}
