//! `rolecall test`, tested through the binary.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};

use quick_junit::Report;
use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Ran, ran, rolecall};

const RULE: &str = r#"//! Somebody else's volume.
const RULE = #{
    title: "Volume is not ours",
    resource: "ec2.volume",
    severity: "low",
    needs: ["ec2.snapshot"],
    params: #{ hosts: ["i-1", "i-2"], idle: false },
};

fn check(volume, params) {
    if params.idle { return skip("idle"); }
    if volume.tags.Owner == "us" { return pass(); }
    let devices = volume.attachments
        .filter(|attachment| attachment.instance_id in params.hosts)
        .map(|attachment| attachment.device);
    let copies = related("ec2.snapshot", "volume_id", volume.volume_id);
    if copies.some(|copy| copy.encrypted == false) { return fail("a copy is not encrypted"); }
    switch devices.len() {
        0 => pass(),
        1 => fail(`attached at ${devices[0]}`),
        _ => fail("attached", #{ devices: devices }),
    }
}
"#;

const CASES: &str = r#"[
  { "name": "ours", "expect": "pass", "facts": { "tags": { "Owner": "us" } } },
  {
    "name": "theirs",
    "expect": "pass",
    "facts": {
      "volume_id": "vol-1",
      "tags": { "a:b": "c" },
      "attachments": [{ "instance_id": "i-1", "device": "a" }, { "instance_id": "i-9" }, { "instance_id": "i-2", "device": "b" }]
    },
    "related": { "ec2.snapshot": [{ "snapshot_id": "snap-1", "volume_id": "vol-1", "encrypted": true }] }
  },
  { "name": "message", "expect": "fail", "message": "attached at b", "facts": { "attachments": [{ "instance_id": "i-1", "device": "a" }] } },
  { "name": "typo", "expect": "fail", "facts": { "attachments": [{ "instnce_id": "i-1" }] } }
]
"#;

/// The text output for this rule and these cases.
const DIFFERENT: &str = r#"failed  volume-ours/theirs
  at        rules/volume-ours.cases.json:3
  expected  pass
  got       fail: attached
  evidence  {"devices":["a","b"]}
  read      line 11   params.idle = false
            line 12   ec2.volume.tags = {"a:b":"c"}
            line 12   ec2.volume.tags.Owner = null
            line 13   ec2.volume.attachments = [{"device":"a","instance_id":"i-1"},{"instance_id":"i-9"},{"device":"b","instance_id":"i-2"}]
            line 14   params.hosts = ["i-1","i-2"]
            line 14   ec2.volume.attachments[0].instance_id = "i-1"
            line 14   params.hosts = ["i-1","i-2"]
            line 14   ec2.volume.attachments[1].instance_id = "i-9"
            line 14   params.hosts = ["i-1","i-2"]
            line 14   ec2.volume.attachments[2].instance_id = "i-2"
            line 15   ec2.volume.attachments[0].device = "a"
            line 15   ec2.volume.attachments[2].device = "b"
            line 16   ec2.volume.volume_id = "vol-1"
            line 16   related("ec2.snapshot", "volume_id", "vol-1") = ["snap-1"]
            line 17   ec2.snapshot["snap-1"].encrypted = true

failed  volume-ours/message
  at        rules/volume-ours.cases.json:13
  expected  fail: attached at b
  got       fail: attached at a
  read      line 11   params.idle = false
            line 12   ec2.volume.tags = {}
            line 12   ec2.volume.tags.Owner = null
            line 13   ec2.volume.attachments = [{"device":"a","instance_id":"i-1"}]
            line 14   params.hosts = ["i-1","i-2"]
            line 14   ec2.volume.attachments[0].instance_id = "i-1"
            line 15   ec2.volume.attachments[0].device = "a"
            line 16   ec2.volume.volume_id = "example-volume_id"
            line 16   related("ec2.snapshot", "volume_id", "example-volume_id") = []

failed  volume-ours/typo
  at        rules/volume-ours.cases.json:14
error: `ec2.volume` has no field `attachments.instnce_id`
  --> rules/volume-ours.cases.json:14:68
   |
14 |   { "name": "typo", "expect": "fail", "facts": { "attachments": [{ "instnce_id": "i-1" }] } }
   |                                                                    ^^^^^^^^^^^^
   |
   = help: did you mean `instance_id`?

"#;

const INCOMPLETE: &str = "\
problems  volume-ours
  at        rules/volume-ours.cases.json
  found     no test case expects `skip`

not covered  volume-ours
  rules/volume-ours.rhai:11  if params.idle { return skip(\"idle\"); }
  rules/volume-ours.rhai:17  if copies.some(|copy| copy.encrypted == false) { return fail(\"a copy is not encrypted\"); }
  rules/volume-ours.rhai:19  0 => pass(),

";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("rules")).unwrap();
    for (name, text) in files {
        fs::write(dir.path().join("rules").join(name), text).unwrap();
    }
    dir
}

fn test(dir: &Path, args: &[&str]) -> Ran {
    ran(rolecall().current_dir(dir).arg("test").args(args).output().unwrap())
}

fn volume(cases: &str) -> TempDir {
    folder(&[("volume-ours.rhai", RULE), ("volume-ours.cases.json", cases)])
}

#[test]
fn cases_of_built_in_rules_pass_and_cover_every_statement() {
    let dir = tempfile::tempdir().unwrap();
    let ran = test(dir.path(), &["--coverage"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("statement coverage: 100.0%"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("different"), "{}", ran.stdout);
}

#[test]
fn failed_cases_show_the_verdict_and_what_the_rule_read() {
    let dir = volume(CASES);
    let ran = test(dir.path(), &["rules"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_eq!(ran.stdout, format!("{DIFFERENT}1 rule, 4 cases: 1 passed, 3 failed\n"));
    assert_eq!(ran.stderr, "");
}

#[test]
fn coverage_shows_statements_not_covered_by_any_case() {
    let dir = volume(CASES);
    let ran = test(dir.path(), &["rules/volume-ours.cases.json", "--coverage"]);
    assert_eq!(ran.code, 1);
    let summary = "1 rule, 4 cases: 1 passed, 3 failed, 1 rule with problems in the test cases\n\
                   statement coverage: 81.2% (13 of 16)\n";
    assert_eq!(ran.stdout, format!("{DIFFERENT}{INCOMPLETE}{summary}"));
    let one_branch = CASES.lines().nth(1).unwrap().trim_end_matches(',');
    let dir = volume(&format!(
        "[{one_branch}, {{ \"name\": \"one\", \"expect\": \"fail\", \"facts\": {{ \"attachments\": [{{ \"instance_id\": \"i-1\" }}] }} }}]"
    ));
    assert_eq!(
        test(dir.path(), &["rules"]).code,
        0,
        "without --coverage, one passing and one failing case are enough"
    );
    assert_eq!(test(dir.path(), &["rules", "--coverage"]).code, 1);
}

#[test]
fn junit_is_well_formed_and_has_the_same_counts() {
    let hostile = CASES.replace("\"theirs\"", "\"<theirs> & \\u0001 ]]> \\u202e\"");
    let dir = folder(&[
        ("volume-ours.rhai", RULE),
        ("volume-ours.cases.json", &hostile),
        ("without-cases.rhai", RULE),
    ]);
    let ran = test(dir.path(), &["rules", "--coverage", "--format", "junit"]);
    assert_eq!(ran.code, 1);
    let report = Report::deserialize_from_str(&ran.stdout).unwrap();
    let counts: Vec<_> = report
        .test_suites
        .iter()
        .map(|suite| (suite.name.as_str(), suite.tests, suite.failures, suite.errors))
        .collect();
    assert_eq!(counts, [("volume-ours", 6, 4, 1), ("without-cases", 1, 1, 0)]);
    assert!(
        ran.stdout.contains("line 14   ec2.volume.attachments[0].instance_id"),
        "{}",
        ran.stdout
    );
}

#[test]
fn json_has_every_case() {
    let dir = volume(CASES);
    let ran = test(dir.path(), &["rules", "--coverage", "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let rule = &report["rules"][0];
    assert_eq!(
        (rule["rule"].as_str(), rule["clean"].as_bool()),
        (Some("volume-ours"), Some(false))
    );
    let cases: Vec<_> = rule["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case["as_expected"].as_bool().unwrap())
        .collect();
    assert_eq!(cases, [true, false, false, false]);
    assert_eq!(rule["cases"][1]["difference"]["reads"][3]["path"], "ec2.volume.attachments");
    assert_eq!(rule["coverage"]["missed"][0]["line"], 11);
}

#[test]
fn the_filter_selects_cases_by_rule_and_name() {
    let dir = volume(CASES);
    for (filter, code, last) in [
        ("volume-ours/ours", 0, "1 rule, 1 case: 1 passed"),
        ("*/t*", 1, "1 rule, 2 cases: 0 passed, 2 failed"),
        ("volume-*", 1, "1 rule, 4 cases: 1 passed, 3 failed"),
    ] {
        let ran = test(dir.path(), &["rules", "--filter", filter]);
        assert_eq!((ran.code, ran.stdout.lines().last()), (code, Some(last)), "{filter}");
    }
    let ran = test(dir.path(), &["rules", "--filter", "volume-ours/our"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(
        ran.stderr.contains(
            "`--filter volume-ours/our` matches no case: did you mean `volume-ours/ours`?"
        ),
        "{}",
        ran.stderr
    );
}

#[test]
fn unreadable_rules_and_cases_are_reported_with_their_position() {
    for (cases, parts) in [
        ("[\n  { \"name\": \"a\",, }\n]", &["rules/volume-ours.cases.json:2:17", "^"][..]),
        (
            "[{ \"nmae\": \"a\" }]",
            &["rules/volume-ours.cases.json:1:4", "unknown key `nmae`", "did you mean `name`?"],
        ),
        (
            "[{ \"name\": \"a\", \"expect\": \"passes\", \"facts\": {} }]",
            &["unknown verdict `passes` in `expect`"],
        ),
    ] {
        let dir = volume(cases);
        let ran = test(dir.path(), &["rules"]);
        assert_eq!(ran.code, 2, "{}", ran.stdout);
        assert!(ran.stdout.contains("1 rule with invalid test cases"), "{}", ran.stdout);
        for part in parts {
            assert!(ran.stderr.contains(part), "`{part}` is missing in\n{}", ran.stderr);
        }
    }
    let one = |member: &str| {
        format!("[{{ \"name\": \"a\", \"expect\": \"pass\", \"facts\": {{}}, {member} }}]")
    };
    for (member, parts) in [
        (
            "\"params\": { \"hots\": 1 }",
            &["the rule has no parameter `hots`", "did you mean `hosts`?", ":1:60"][..],
        ),
        (
            "\"params\": { \"hosts\": \"i-1\" }",
            &[
                "parameter `hosts` must be a list, each item of which is a string",
                "the default is `",
            ],
        ),
        (
            "\"params\": { \"idle\": null }",
            &["parameter `idle` must be `true` or `false`", ":1:60"],
        ),
        (
            "\"related\": { \"ec2.snapshat\": [] }",
            &["unknown kind `ec2.snapshat`", "did you mean `ec2.snapshot`?"],
        ),
        (
            "\"related\": { \"ec2.snapshot\": [{}, { \"encryptd\": true }] }",
            &["has no field `encryptd`", "`encrypted`"],
        ),
        (
            "\"related\": { \"ec2.snapshot\": [{ \"encrypted\": \"yes\" }] }",
            &["invalid `encrypted`: expected `true` or `false`, found `\"yes\"`"],
        ),
        ("\"now\": \"yesterday\"", &["`yesterday` in `now` is not a valid time", "use RFC 3339"]),
        (
            "\"unreadable\": [\"ec2.vpc\", \"ec2.snapshot/atributes\"]",
            &["is neither a fact nor a field of `ec2.snapshot`"],
        ),
    ] {
        let ran = test(volume(&one(member)).path(), &["rules"]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        for part in parts {
            assert!(ran.stdout.contains(part), "`{part}` is missing in\n{}", ran.stdout);
        }
    }
    let versioned = "const RULE = #{ title: \"t\", resource: \"s3.bucket\", severity: \"low\", needs: [\"versioning\"] };\n\
        fn check(bucket, params) { if is_configured(bucket.versioning) { pass() } else { fail(\"off\") } }\n";
    let dir = folder(&[
        ("versioned.rhai", versioned),
        ("versioned.cases.json", "[{ \"name\": \"a\", \"expect\": \"fail\", \"facts\": {} }]"),
    ]);
    let ran = test(dir.path(), &["rules"]);
    assert!(
        ran.code == 1
            && ran.stdout.contains("the test case does not set the fact `versioning`")
            && ran.stdout.contains("set it to `null` if it is not configured"),
        "{}",
        ran.stdout
    );
    let dir = folder(&[
        ("broken.rhai", "const RULE = #{\n  title: \"t\" oops\n};\n"),
        ("alone.rhai", RULE),
        ("notes.txt", ""),
    ]);
    for (path, code, text) in [
        ("rules/broken.rhai", 2, "rules/broken.rhai:2:14"),
        ("rules/gone.rhai", 2, "rules/gone.rhai`: No such file"),
        ("rules/notes.txt", 2, "rules/notes.txt` is not a folder, a rule"),
        ("rules/alone.rhai", 1, "no test cases  alone\n  at        rules/alone.cases.json"),
    ] {
        let ran = test(dir.path(), &[path]);
        assert_eq!(ran.code, code, "{path}");
        assert!(
            format!("{}{}", ran.stdout, ran.stderr).contains(text),
            "{path}: {}{}",
            ran.stdout,
            ran.stderr
        );
    }
}

#[test]
fn cases_start_from_the_defaults_of_their_file() {
    let with = |defaults: &str| {
        volume(&format!(
            "{{\n  \"defaults\": {defaults},\n  \"cases\": [\n    {{ \"name\": \"ours\", \"expect\": \"pass\" }},\n    \
             {{ \"name\": \"theirs\", \"expect\": \"fail\", \"facts\": {{ \"tags\": {{ \"Owner\": null }} }} }},\n    \
             {{ \"name\": \"idle\", \"expect\": \"skip\", \"params\": {{ \"idle\": true }} }}\n  ]\n}}\n"
        ))
    };
    let facts = "\"tags\": { \"Owner\": \"us\" }, \"attachments\": [{ \"instance_id\": \"i-1\", \"device\": \"a\" }]";
    let dir = with(&format!("{{ \"facts\": {{ {facts} }} }}"));
    let ran = test(dir.path(), &["rules"]);
    assert_eq!((ran.code, &*ran.stdout), (0, "1 rule, 3 cases: 3 passed\n"), "{}", ran.stderr);
    let dir = with(&format!(
        "{{ \"facts\": {{ {facts},\n \"size\": 8 }}, \"now\": \"2026-02-01T00:00:00Z\" }}"
    ));
    let ran = test(dir.path(), &["rules", "--coverage"]);
    for because in [
        "line 3: no test case reads `defaults.facts.size`",
        "line 3: no test case reads `defaults.now`",
    ] {
        assert!(ran.code == 1 && ran.stdout.contains(because), "{because}\n{}", ran.stdout);
    }
    assert!(
        !ran.stdout.contains("facts.tags") && !ran.stdout.contains("device`"),
        "{}",
        ran.stdout
    );
    // Errors in the defaults affect all cases and are reported once.
    for (defaults, parts) in [
        (
            "{ \"facts\": {\n \"sise\": 8 } }",
            &["volume-ours.cases.json:3:2", "no field `sise`", "`size`?"][..],
        ),
        ("{ \"facts\": {\n \"size\": \"8\" } }", &["volume-ours.cases.json:3:2", "found `\"8\"`"]),
        (
            "{ \"facts\": {}, \"params\": {\n \"hots\": [] } }",
            &["volume-ours.cases.json:3:2", "no parameter `hots`"],
        ),
        (
            "{ \"facts\": {}, \"related\": {\n \"ec2.snap\": [] } }",
            &["volume-ours.cases.json:3:2", "unknown kind `ec2.snap`"],
        ),
        (
            "{ \"facts\": {}, \"unreadable\": [\n \"ec2.snap\"] }",
            &["volume-ours.cases.json:3:2", "unknown kind"],
        ),
    ] {
        let ran = test(with(defaults).path(), &["rules"]);
        assert_eq!(ran.code, 2, "{}", ran.stdout);
        assert!(ran.stdout.contains("1 rule with invalid test cases"), "{}", ran.stdout);
        for part in parts {
            assert!(ran.stderr.contains(part), "`{part}` is missing in\n{}", ran.stderr);
        }
        assert_eq!(ran.stderr.matches("error: ").count(), 1, "{}", ran.stderr);
    }
}

/// The rule of the test cases was deleted, or has another name.
#[test]
fn test_cases_without_their_rule_are_errors() {
    let rule = "const RULE = #{ title: \"T\", resource: \"ec2.volume\", severity: \"low\" };\n\
                fn check(volume, params) { if volume.size == 1 { fail(\"x\") } else { pass() } }\n";
    let cases = "[{ \"name\": \"a\", \"expect\": \"pass\", \"facts\": { \"size\": 2 } }, \
                 { \"name\": \"b\", \"expect\": \"fail\", \"facts\": { \"size\": 1 } }]";
    let dir = folder(&[
        ("mine.rhai", rule),
        ("mine.cases.json", cases),
        ("old.cases.json", cases),
        ("broken.cases.json", "\u{0}"),
    ]);
    let ran = test(dir.path(), &["rules"]);
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    assert_eq!(ran.stdout, "1 rule, 2 cases: 2 passed, 2 test case files without a rule\n");
    for part in ["rules/old.cases.json:1:1", "rules/broken.cases.json:1:1", "R066", "`old.rhai`"] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    let json: Value =
        serde_json::from_str(&test(dir.path(), &["rules", "--format", "json"]).stdout).unwrap();
    let files = serde_json::json!(["rules/broken.cases.json", "rules/old.cases.json"]);
    assert_eq!(json["without_rule"], files);
    let junit = test(dir.path(), &["rules", "--format", "junit"]).stdout;
    let report = Report::deserialize_from_str(&junit).unwrap();
    assert_eq!((report.tests, report.failures), (4, 2), "{junit}");
    // A selection says nothing about the other files.
    for args in [&["rules", "--filter", "mine"][..], &["rules/mine.rhai"]] {
        assert_eq!(test(dir.path(), args).code, 0, "{args:?}");
    }
    let lint = ran_lint(dir.path(), &["rules"]);
    assert!(lint.stdout.contains("error[R066]: test cases without a rule"), "{}", lint.stdout);
    let lint = ran_lint(dir.path(), &["rules/old.cases.json"]);
    assert_eq!(lint.code, 2);
    assert!(lint.stderr.contains("there is no rule `old.rhai` next to it"), "{}", lint.stderr);
}

fn ran_lint(dir: &Path, args: &[&str]) -> Ran {
    ran(rolecall().current_dir(dir).arg("lint").args(args).output().unwrap())
}

#[test]
fn folders_of_the_config_are_tested_by_default() {
    let dir = volume(
        &CASES
            .lines()
            .take(2)
            .map(|line| line.trim_end_matches(','))
            .chain(["]"])
            .collect::<String>(),
    );
    fs::write(dir.path().join("rolecall.toml"), "[scan]\nrule_folders = [\"rules\"]\n").unwrap();
    let ran = test(dir.path(), &[]);
    assert!(
        ran.stdout.contains("1 rule, 1 case: 1 passed, 1 rule with problems in the test cases"),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
}

/// Kills the process on drop.
struct Watching(Child, BufReader<ChildStdout>);

impl Watching {
    fn start(dir: &Path) -> Self {
        let mut command = rolecall();
        command.current_dir(dir).args(["test", "rules", "--watch"]).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self(child, stdout)
    }

    /// The output up to the end of a run. Watching starts before the message, so no later save is
    /// missed.
    fn run(&mut self) -> String {
        let mut text = String::new();
        while !text.ends_with("watching for changes; press Ctrl-C to stop\n") {
            assert!(self.1.read_line(&mut text).unwrap() > 0, "it ended: {text}");
        }
        text
    }

    /// The output up to the first run that contains `part`. A save may be seen more than once.
    fn until(&mut self, part: &str) -> String {
        loop {
            let text = self.run();
            if text.contains(part) {
                return text;
            }
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn watch_reruns_saved_rules_and_continues_after_a_syntax_error() {
    let dir = folder(&[
        ("volume-ours.rhai", RULE),
        ("volume-ours.cases.json", CASES),
        ("other.rhai", RULE),
        ("other.cases.json", CASES),
    ]);
    let save =
        |name: &str, text: &str| fs::write(dir.path().join("rules").join(name), text).unwrap();
    let mut watching = Watching::start(dir.path());
    assert!(watching.run().contains("2 rules, 8 cases: 2 passed, 6 failed"));
    save("volume-ours.rhai", RULE);
    let text = watching.until("1 rule, 4 cases: 1 passed, 3 failed");
    assert!(text.contains("saved: rules/volume-ours.rhai"), "{text}");
    save("volume-ours.rhai", &RULE.replace("return pass()", "return pass("));
    let text = watching.until("error");
    assert!(text.contains("volume-ours.rhai:12:"), "{text}");
    save("volume-ours.cases.json", "[");
    save("volume-ours.rhai", RULE);
    watching.until("EOF while parsing");
    save("volume-ours.cases.json", CASES);
    watching.until("1 rule, 4 cases: 1 passed, 3 failed");
    fs::remove_file(dir.path().join("rules/volume-ours.rhai")).unwrap();
    watching.until("1 rule, 4 cases");
}

#[test]
fn the_built_in_rules_cannot_be_watched() {
    let dir = tempfile::tempdir().unwrap();
    let ran = test(dir.path(), &["--watch"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("specify rule files or folders"), "{}", ran.stderr);
}
