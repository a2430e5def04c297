//! Waivers, through the binary: what they change in the exit code and in each output, which
//! findings they cover, and how `rolecall waive` writes them.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Ran, ran, rolecall};

const ACCOUNT: &str = "111122223333";
const RULE: &str = "//! Test.\n\
    const RULE = #{ title: \"Group is bad\", resource: \"ec2.security_group\", severity: \"high\", aliases: [\"group-old\"] };\n\
    fn check(group, params) {\n\
    if group.group_name == \"bad\" { fail(\"it is bad\") }\n\
    else if group.group_name == \"odd\" { unknown(\"AWS does not return it\") }\n\
    else { pass() }\n}\n";

/// A folder with a rule and a snapshot of security groups: id, name, and tags.
struct Case(tempfile::TempDir);

impl Case {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("rules")).unwrap();
        fs::write(dir.path().join("rules/group-bad.rhai"), RULE).unwrap();
        Self(dir)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes the snapshot; `None`: the list was denied.
    fn snapshot(&self, groups: Option<&[(&str, &str, Value)]>) {
        let dir = self.path().join("snapshot");
        fs::create_dir_all(&dir).unwrap();
        let demand = json!({ "ec2.security_group": [] });
        let target = json!({ "account": ACCOUNT, "name": "shop" });
        let manifest = json!({ "format": 1, "tool": "t", "targets": [target], "demand": demand });
        fs::write(dir.join("snapshot.json"), manifest.to_string()).unwrap();
        let mut lines = vec![json!({
            "type": "header", "account": ACCOUNT, "collected_at": "2026-06-01T23:30:00Z",
            "entered": true, "regions": ["eu-west-1"], "demand": demand,
        })];
        let (kind, region) = ("ec2.security_group", "eu-west-1");
        match groups {
            Some(groups) => {
                lines.push(json!({ "type": "listed", "kind": kind, "region": region, "facts": [], "count": groups.len() }));
                for (id, name, tags) in groups {
                    let facts = json!({ "group_id": id, "group_name": name, "tags": tags });
                    let arn = format!("arn:aws:ec2:{region}:{ACCOUNT}:security-group/{id}");
                    lines.push(json!({ "type": "resource", "kind": kind, "id": id, "region": region, "name": name, "arn": arn, "facts": facts }));
                }
                lines.push(json!({ "type": "end", "resources": groups.len(), "gaps": 0 }));
            }
            None => {
                lines.push(json!({
                    "type": "gap", "region": region, "call": "ec2:DescribeSecurityGroups",
                    "code": "UnauthorizedOperation", "extent": { "of": "list", "kind": kind },
                }));
                lines.push(json!({ "type": "end", "resources": 0, "gaps": 1 }));
            }
        }
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(dir.join(format!("{ACCOUNT}.jsonl")), text).unwrap();
    }

    fn config(&self, waivers: &str) {
        let head = "[scan]\nrule_folders = [\"rules\"]\n[scan.selection]\nname = \"mine\"\nrules = [\"group-bad\"]\n";
        fs::write(self.path().join("rolecall.toml"), format!("{head}{waivers}")).unwrap();
    }

    fn run(&self, args: &[&str]) -> Ran {
        ran(rolecall().current_dir(self.path()).args(args).output().unwrap())
    }

    fn evaluate(&self, more: &[&str]) -> Ran {
        self.run(&[&["evaluate", "--snapshot", "snapshot"], more].concat())
    }

    fn json(&self, more: &[&str]) -> (i32, Value, String) {
        let ran = self.evaluate(&[&["-o", "json"], more].concat());
        let report = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
        (ran.code, report, ran.stderr)
    }

    /// All three reports of one run: the exit code, JSON, stderr, text, and the rules of SARIF.
    fn all(&self, more: &[&str]) -> (i32, Value, String, String, Vec<String>) {
        let files = ["-o", "text=out.txt", "-o", "sarif=out.sarif"];
        let (code, report, stderr) = self.json(&[&files, more].concat());
        let read = |name: &str| fs::read_to_string(self.path().join(name)).unwrap();
        (code, report, stderr, read("out.txt"), Self::rules_of(&read("out.sarif")))
    }

    /// The rule of each SARIF result.
    fn sarif(&self, more: &[&str]) -> Vec<String> {
        Self::rules_of(&self.evaluate(&[&["-o", "sarif"], more].concat()).stdout)
    }

    fn rules_of(sarif: &str) -> Vec<String> {
        let sarif: Value =
            serde_json::from_str(sarif).unwrap_or_else(|error| panic!("{error}: {sarif}"));
        let results = |run: &Value| run["results"].as_array().unwrap().clone();
        let runs = sarif["runs"].as_array().unwrap();
        let mut ids: Vec<String> = runs
            .iter()
            .flat_map(results)
            .map(|result| result["ruleId"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    }

    /// The JSON report as a file.
    fn report(&self, name: &str, more: &[&str]) {
        let to = format!("json={name}");
        self.evaluate(&[&["-o", to.as_str()], more].concat());
        assert!(self.path().join(name).exists());
    }

    fn fingerprint(&self, id: &str) -> String {
        let (_, report, _) = self.json(&[]);
        let findings = report["accounts"][0]["findings"].as_array().unwrap();
        let one = findings.iter().find(|finding| finding["resource"]["id"] == id).unwrap();
        one["fingerprint"].as_str().unwrap().to_owned()
    }
}

fn waiver(selector: &str, expires: &str) -> String {
    format!(
        "[[waiver]]\n{selector}\nreason = \"known here\"\nowner = \"web-team\"\nexpires = {expires}\nticket = \"SEC-1\"\n"
    )
}

fn group(name: &str) -> Vec<(&'static str, &str, Value)> {
    vec![("sg-1", name, json!({}))]
}

#[test]
fn each_state_with_and_without_a_waiver() {
    const UNMATCHED: &str = "the waiver matches no failure";
    const EXPIRED: &str = "the waiver expired on 2026-05-31";
    let case = Case::new();
    case.config("");
    case.snapshot(Some(&group("bad")));
    let fingerprint = case.fingerprint("sg-1");
    case.report("before.json", &[]);
    let selectors = [
        format!("fingerprint = \"{fingerprint}\""),
        "rule = \"group-*\"\naccount = \"shop\"\nresource = \"sg-1\"".to_owned(),
    ];
    // State, waiver → exit code, waived findings, problem with the waiver, SARIF results.
    type Row =
        (&'static str, &'static str, i32, usize, Option<&'static str>, &'static [&'static str]);
    let table: &[Row] = &[
        ("failed", "none", 1, 0, None, &["group-old"]),
        ("failed", "waived", 0, 1, None, &[]),
        ("failed", "last day", 0, 1, None, &[]),
        ("failed", "expired", 1, 0, Some("expired"), &["group-old"]),
        ("passed", "none", 0, 0, None, &[]),
        ("passed", "waived", 0, 0, Some("unmatched"), &[]),
        ("passed", "expired", 0, 0, Some("expired"), &[]),
        ("undecided", "none", 3, 0, None, &["could-not-check", "group-old"]),
        ("undecided", "waived", 0, 1, None, &[]),
        ("undecided", "expired", 3, 0, Some("expired"), &["could-not-check", "group-old"]),
        ("denied", "none", 3, 0, None, &["could-not-check", "group-old"]),
        ("denied", "waived", 3, 0, None, &["could-not-check", "group-old"]),
        ("denied", "expired", 3, 0, Some("expired"), &["could-not-check", "group-old"]),
        ("gone", "none", 0, 0, None, &[]),
        ("gone", "waived", 0, 0, Some("unmatched"), &[]),
        ("gone", "expired", 0, 0, Some("expired"), &[]),
    ];
    for (state, waived, code, count, problem, sarif) in table {
        for selector in &selectors {
            match *state {
                "failed" => case.snapshot(Some(&group("bad"))),
                "passed" => case.snapshot(Some(&group("good"))),
                "undecided" => case.snapshot(Some(&group("odd"))),
                "denied" => case.snapshot(None),
                _ => case.snapshot(Some(&[])),
            }
            case.config(&match *waived {
                "none" => String::new(),
                "waived" => waiver(selector, "2027-01-01"),
                "last day" => waiver(selector, "\"2026-06-01\""),
                _ => waiver(selector, "2026-05-31"),
            });
            let what = format!("{state}, {waived}, {selector}");
            let baseline = ["--baseline", "before.json"];
            let (found, report, stderr, text, sarif_rules) = case.all(&baseline);
            assert_eq!(found, *code, "{what}: {stderr}");
            let summary = &report["summary"];
            let total = |key: &str| summary["waived"][key].as_u64().unwrap() as usize;
            assert_eq!(total("fail") + total("unknown"), *count, "{what}: {summary}");
            let failing = usize::from(*state == "failed");
            assert_eq!(summary["verdicts"]["fail"], failing, "{what}: the verdict stays");
            assert_eq!(summary["failures"]["high"], failing * (1 - count), "{what}");
            let empty = Vec::new();
            let findings = report["accounts"][0]["findings"].as_array().unwrap_or(&empty);
            for finding in findings {
                let terms = &finding["waived"];
                if *count == 0 {
                    assert_eq!(*terms, Value::Null, "{what}");
                    continue;
                }
                let line = terms["line"].as_u64().unwrap();
                assert_eq!(line, 6, "{what}");
                assert_eq!(
                    (&terms["reason"], &terms["owner"], &terms["ticket"], &terms["file"]),
                    (
                        &json!("known here"),
                        &json!("web-team"),
                        &json!("SEC-1"),
                        &json!("rolecall.toml")
                    ),
                );
            }
            let stale = summary["stale_waivers"].as_array().unwrap();
            let problems: Vec<&Value> = stale.iter().map(|stale| &stale["problem"]).collect();
            assert_eq!(problems, problem.iter().collect::<Vec<_>>(), "{what}");
            let unread = summary["unread_waivers"].as_array().unwrap();
            let is_unread = *state == "denied" && *waived == "waived";
            assert_eq!(unread.len(), usize::from(is_unread), "{what}");
            for (problem_of_row, words) in [("unmatched", UNMATCHED), ("expired", EXPIRED)] {
                let expected = *problem == Some(problem_of_row);
                let place = format!("rolecall.toml:6: {words}");
                assert_eq!(stderr.contains(&place), expected, "{what}: {stderr}");
                let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
                assert_eq!(flat.contains(&place), expected, "{what}: {text}");
            }
            if *problem == Some("expired") && matches!(*state, "failed" | "undecided") {
                assert!(stderr.contains("it no longer waives 1 finding"), "{what}: {stderr}");
            }
            let marked = "by web-team: known here (SEC-1; rolecall.toml:6)";
            assert_eq!(text.contains(marked), *count == 1, "{what}: {text}");
            if *count == 1 {
                assert!(!text.contains("Clean"), "{what}: {text}");
                assert!(!stderr.contains("; clean"), "{what}: {stderr}");
            }
            assert_eq!(sarif_rules, *sarif, "{what}");
        }
    }
}

#[test]
fn a_waiver_of_a_rule_that_does_not_exist_is_a_typo_rather_than_obsolete() {
    let case = Case::new();
    case.snapshot(Some(&group("bad")));
    for (rule, expected) in [
        (
            "group-bda",
            "the waiver matches no failure: no rule matches `group-bda`; did you mean `group-bad`?",
        ),
        ("GROUP-*", "the waiver matches no failure: no rule matches `GROUP-*`"),
        ("s3-bucket-versioning", "the waiver matches no failure, so it can be removed"),
    ] {
        case.config(&waiver(&format!("rule = \"{rule}\""), "2027-01-01"));
        let (_, _, stderr) = case.json(&[]);
        assert!(stderr.contains(&format!("rolecall.toml:6: {expected}")), "{rule}: {stderr}");
    }
}

#[test]
fn filtered_runs_say_nothing_about_waivers_of_other_findings() {
    let case = Case::new();
    case.snapshot(Some(&group("good")));
    case.config(&waiver("resource = \"sg-9\"", "2027-01-01"));
    let stale = |more: &[&str]| {
        let (_, report, _) = case.json(more);
        report["summary"]["stale_waivers"].as_array().unwrap().len()
    };
    assert_eq!(stale(&[]), 1);
    assert_eq!(stale(&["--rule", "group-bad"]), 0);
    // It is certain that an expired waiver would have covered a finding.
    case.snapshot(Some(&group("bad")));
    case.config(&waiver("resource = \"sg-1\"", "2026-01-01"));
    assert_eq!(stale(&["--rule", "group-bad"]), 1);
}

#[test]
fn selectors_select_what_they_say() {
    let case = Case::new();
    case.snapshot(Some(&[
        ("sg-1", "bad", json!({ "Env": "dev", "Team": "a" })),
        ("sg-2", "bad", json!({ "Env": "dev" })),
        ("sg-3", "bad", json!({})),
    ]));
    let all = &["sg-1", "sg-2", "sg-3"][..];
    for (selector, waived) in [
        ("rule = \"group-bad\"", all),
        ("rule = \"group-old\"", all),
        ("rule = [\"x\", \"group-?ad\"]", all),
        ("rule = \"Group-Bad\"", &[]),
        ("account = \"111122223333\"", all),
        ("account = \"sh*\"", all),
        ("account = \"other\"", &[]),
        ("region = \"eu-*\"", all),
        ("region = \"us-*\"", &[]),
        ("resource = \"sg-[12]\"", &["sg-1", "sg-2"]),
        ("resource = \"bad\"", all),
        ("resource = \"arn:aws:ec2:eu-west-1:111122223333:security-group/sg-3\"", &["sg-3"]),
        ("resource = \"arn:*/sg-2\"", &["sg-2"]),
        // Not by the region or the account in the ARN.
        ("resource = \"*eu-west*\"", &[]),
        ("tags = \"Env=dev\"", &["sg-1", "sg-2"]),
        ("tags = [\"Env=d*\", \"Team=*\"]", &["sg-1"]),
        ("tags = \"Env=dev*\"\nresource = \"sg-2\"", &["sg-2"]),
        ("tags = \"env=dev\"", &[]),
        ("rule = \"group-bad\"\nregion = \"us-*\"", &[]),
    ] {
        case.config(&waiver(selector, "2027-01-01"));
        let (code, report, _) = case.json(&[]);
        let findings = report["accounts"][0]["findings"].as_array().unwrap();
        let found: Vec<&str> = findings
            .iter()
            .filter(|finding| !finding["waived"].is_null())
            .map(|finding| finding["resource"]["id"].as_str().unwrap())
            .collect();
        assert_eq!(found, waived, "{selector}");
        assert_eq!(code, i32::from(waived.len() < 3), "{selector}");
    }
}

#[test]
fn invalid_waivers_stop_the_run_with_their_position() {
    let case = Case::new();
    case.snapshot(Some(&group("bad")));
    let good = "rule = \"a\"\nreason = \"b\"\nowner = \"c\"\nexpires = 2027-01-01\n";
    let all = "this [[waiver]] waives every finding";
    for (change, position, message) in [
        (("rule", "rulle"), "2:1", "unknown key `rulle` in [[waiver]]"),
        (("rule = \"a\"", "rule = 3"), "2:8", "`rule` must be a string or a list of patterns"),
        (("\"a\"", "\"[\""), "2:8", "invalid pattern `[`"),
        (("\"a\"", "\"*\""), "1:1", all),
        (("rule = \"a\"\n", ""), "1:1", all),
        (("rule = \"a\"", "account = 111122223333"), "2:11", "`account` must be a string"),
        (("rule = \"a\"", "region = []"), "2:10", "`region` is empty"),
        (("rule = \"a\"", "resource = \"\""), "2:12", "`resource` is empty"),
        (("rule = \"a\"", "tags = \"dev\""), "2:8", "`dev` is not a valid tag pattern"),
        (("rule = \"a\"", "fingerprint = \"12\""), "2:15", "`12` is not a valid fingerprint"),
        (
            ("rule", "fingerprint = \"0123456789abcdef0123456789abcdef\"\nrule"),
            "3:8",
            "`rule` cannot be combined with `fingerprint`",
        ),
        (("reason = \"b\"\n", ""), "1:1", "missing key `reason` in [[waiver]]"),
        (("reason = \"b\"", "reason = \" \""), "3:10", "`reason` is empty"),
        (("owner = \"c\"\n", ""), "1:1", "missing key `owner` in [[waiver]]"),
        (("owner = \"c\"", "owner = 1"), "4:9", "`owner` must be a string, not an integer"),
        (("expires = 2027-01-01\n", ""), "1:1", "missing key `expires` in [[waiver]]"),
        (("2027-01-01", "2027-01-01T00:00:00Z"), "5:11", "`expires` must be a date"),
        (("2027-01-01", "\"90d\""), "5:11", "`expires` must be a date"),
        (("2027-01-01", "\"2027-02-29\""), "5:11", "`expires` must be a date"),
        (("2027-01-01", "90"), "5:11", "`expires` must be a date, not an integer"),
        (("expires", "ticket = 7\nexpires"), "5:10", "`ticket` must be a string"),
        (("[[waiver]]", "[waiver]"), "1:1", "`waiver` must be a list of [[waiver]] tables"),
        (("[[waiver]]", "[[waivers]]"), "1:3", "unknown section `waivers`"),
        (("owner = \"c\"", "owner = c"), "4:9", "string values must be quoted"),
    ] {
        let text = format!("[[waiver]]\n{good}");
        let text = text.replacen(change.0, change.1, 1);
        assert_ne!(text, format!("[[waiver]]\n{good}"));
        fs::write(case.path().join("mine.toml"), &text).unwrap();
        case.config("");
        let config = fs::read_to_string(case.path().join("rolecall.toml")).unwrap();
        let config = config.replacen("[scan]", "[scan]\nwaiver_files = \"mine.toml\"", 1);
        fs::write(case.path().join("rolecall.toml"), config).unwrap();
        let ran = case.evaluate(&[]);
        assert_eq!(ran.code, 2, "{text}: {}", ran.stdout);
        assert!(ran.stderr.contains(&format!("mine.toml:{position}")), "{text}: {}", ran.stderr);
        assert!(ran.stderr.contains(message), "{text}: {}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    // The file itself.
    fs::remove_file(case.path().join("mine.toml")).unwrap();
    let ran = case.evaluate(&[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("rolecall.toml:2:16"), "{}", ran.stderr);
    assert!(ran.stderr.contains("cannot read `mine.toml`"), "{}", ran.stderr);
    fs::write(case.path().join("mine.toml"), b"\n\xff").unwrap();
    let ran = case.evaluate(&[]);
    assert!(ran.code == 2 && ran.stderr.contains("mine.toml:2: invalid UTF-8"), "{}", ran.stderr);
    fs::write(case.path().join("mine.toml"), "# nothing yet\n").unwrap();
    assert_eq!(case.evaluate(&[]).code, 1);
}

#[test]
fn lint_rejects_waivers_of_more_than_a_year_and_a_replay_does_not() {
    let case = Case::new();
    case.snapshot(Some(&group("bad")));
    case.config(&waiver("resource = \"sg-1\"", "2999-01-01"));
    assert_eq!(case.evaluate(&[]).code, 0);
    let ran = case.run(&["lint"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stdout.contains("expires more than a year from now"), "{}", ran.stdout);
    assert!(ran.stdout.contains("rolecall.toml:10:11"), "{}", ran.stdout);
}

#[test]
fn a_waived_failure_has_no_alert_in_later_runs() {
    let case = Case::new();
    let waived = waiver("resource = \"sg-1\"", "2027-01-01");
    let two = |other| [group("bad"), vec![("sg-2", other, json!({}))]].concat();
    case.config("");
    case.snapshot(Some(&two("good")));
    case.report("first.json", &[]);
    // The upload of the second night closes the alert, so the third does not carry it.
    case.config(&waived);
    case.report("second.json", &["--baseline", "first.json"]);
    case.config("");
    case.snapshot(None);
    assert_eq!(case.sarif(&["--baseline", "second.json"]), ["could-not-check"]);
    assert_eq!(case.sarif(&["--baseline", "first.json"]), ["could-not-check", "group-old"]);
    // If nothing was uploaded in the second night, the alert is still open.
    case.config(&waived);
    case.snapshot(Some(&two("odd")));
    let withheld = ["--baseline", "first.json", "--sarif-unknown", "leave-out"];
    assert!(case.sarif(&withheld).is_empty());
    case.report("second.json", &withheld);
    case.config("");
    case.snapshot(None);
    assert_eq!(case.sarif(&["--baseline", "second.json"]), ["could-not-check", "group-old"]);
}

fn today(more: i64) -> String {
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    today.saturating_add(jiff::Span::new().days(more)).to_string()
}

/// The file of the config need not exist yet for the command that creates it. For the others, it is
/// an error, which does not hide the other errors of the config.
#[test]
fn waive_creates_a_file_that_the_config_names() {
    let case = Case::new();
    case.config("");
    case.snapshot(Some(&[("sg-1", "bad", json!({}))]));
    case.report("report.json", &[]);
    let one = case.fingerprint("sg-1");
    let config = fs::read_to_string(case.path().join("rolecall.toml")).unwrap();
    let named = |files: &str| {
        let text = config.replacen("[scan]", &format!("[scan]\nwaiver_files = [{files}]"), 1);
        fs::write(case.path().join("rolecall.toml"), text).unwrap();
    };
    let waive = |more: &[&str]| {
        let fixed = ["waive", &one, "--report", "report.json", "--reason", "a", "--owner", "me"];
        case.run(&[&fixed[..], &["--expires", "90d"], more].concat())
    };
    let file = case.path().join("waivers.toml");
    for more in [&[][..], &["--file", "waivers.toml"], &["--file", "./waivers.toml"]] {
        named("\"waivers.toml\"");
        let ran = waive(more);
        assert_eq!(ran.code, 0, "{more:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("added 1 waiver to"), "{more:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("scans do not read"), "{more:?}: {}", ran.stderr);
        fs::remove_file(&file).unwrap();
    }
    named("\"waivers.toml\", \"others.toml\"");
    let ran = waive(&[]);
    assert_eq!((ran.code, file.exists()), (2, false), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("others.toml") && !ran.stderr.contains("`waivers.toml`"),
        "{}",
        ran.stderr
    );

    named("\"waivers.toml\"");
    let config = fs::read_to_string(case.path().join("rolecall.toml")).unwrap();
    fs::write(
        case.path().join("rolecall.toml"),
        config + "\n[rules.\"no-such-rule\"]\nenabled = false\n",
    )
    .unwrap();
    let ran = case.run(&["evaluate", "--snapshot", "snapshot"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    for part in ["waivers.toml`: No such file", "create it with `rolecall waive`", "no-such-rule"] {
        assert!(ran.stderr.contains(part), "{part} is missing in\n{}", ran.stderr);
    }
    let ran = case.run(&["lint"]);
    assert!(ran.stdout.contains("create it with `rolecall waive`"), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn waive_appends_entries_and_keeps_the_file() {
    let case = Case::new();
    case.config("");
    case.snapshot(Some(&[("sg-1", "bad", json!({})), ("sg-2", "odd", json!({}))]));
    case.report("report.json", &[]);
    let (one, two) = (case.fingerprint("sg-1"), case.fingerprint("sg-2"));
    let args = |more: &[&str]| {
        let fixed = ["--report", "report.json", "--reason", "a \"b\"", "--owner", "me"];
        case.run(&[&["waive"], more, &fixed, &["--expires", "90d"]].concat())
    };
    let file = case.path().join("waivers.toml");
    let ran = args(&[&one, &one]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("added 1 waiver to `waivers.toml`"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("add `waiver_files = [\"waivers.toml\"]` to [scan] in rolecall.toml"),
        "{}",
        ran.stderr
    );
    let expected = format!(
        "# group-bad: bad (sg-1), account 111122223333 (shop), eu-west-1\n[[waiver]]\n\
         fingerprint = \"{one}\"\nreason = 'a \"b\"'\nowner = \"me\"\nexpires = {}\n",
        today(90)
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), expected);
    // What the file contains stays as it is, whatever its form.
    for before in [
        "# mine\n\n[[waiver]] # x\nrule='a' # why\nreason=\"\"\"b\n\"\"\"\nowner = \"c\"\nexpires = 2027-01-01\n# end",
        "# only a comment\r\n",
    ] {
        fs::write(&file, before).unwrap();
        let ran = args(&[&one, &two, "--ticket", "T-1"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let after = fs::read_to_string(&file).unwrap();
        assert!(after.starts_with(before), "{after}");
        let lines = after.lines().filter(|line| *line == "[[waiver]]").count();
        assert_eq!(lines, 2, "{after}");
        assert_eq!(after.matches("\r\n").count() > 1, before.contains('\r'), "{after:?}");
    }
    // Now the config names the file, and the waivers apply at the end.
    let config = fs::read_to_string(case.path().join("rolecall.toml")).unwrap();
    let config = config.replacen("[scan]", "[scan]\nwaiver_files = [\"waivers.toml\"]", 1);
    fs::write(case.path().join("rolecall.toml"), &config).unwrap();
    let (code, report, _) = case.json(&[]);
    assert_eq!((code, &report["summary"]["waived"]), (0, &json!({ "fail": 1, "unknown": 1 })));
    let before = fs::read_to_string(&file).unwrap();
    let ran = args(&[&one]);
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("is already waived in waivers.toml:"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("scans do not read"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
    // A waiver with patterns, as long as the config has it.
    fs::write(&file, waiver("resource = \"sg-1\"", "2099-01-01")).unwrap();
    case.report("report.json", &[]);
    let ran = args(&[&one]);
    assert!(ran.stderr.contains("already waived in waivers.toml:1 until"), "{}", ran.stderr);
    fs::write(&file, "").unwrap();
    assert!(args(&[&one]).stderr.contains("added 1 waiver"));
    // The config itself.
    let ran = args(&[&one, "--file", "rolecall.toml"]);
    assert!(ran.code == 0 && ran.stderr.contains("already waived"), "{}", ran.stderr);
    fs::write(&file, "").unwrap();
    let ran = args(&[&one, "--file", "rolecall.toml"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(fs::read_to_string(case.path().join("rolecall.toml")).unwrap().starts_with(&config));
    assert_eq!(case.json(&[]).1["summary"]["waived"]["fail"], 1);
}

#[test]
fn waive_refuses_what_it_cannot_do_and_writes_nothing() {
    let case = Case::new();
    case.config("");
    case.snapshot(Some(&group("bad")));
    case.report("report.json", &[]);
    let one = case.fingerprint("sg-1");
    case.snapshot(None);
    case.report("denied.json", &[]);
    let (_, denied, _) = case.json(&[]);
    let denied = denied["accounts"][0]["findings"][0]["fingerprint"].as_str().unwrap().to_owned();
    fs::write(case.path().join("text.json"), "{\"version\": \"1\"}").unwrap();
    fs::write(case.path().join("inline.toml"), "waiver = []\n").unwrap();
    let nowhere = "00000000000000000000000000000000";
    for (args, message) in [
        (vec![nowhere], "has the fingerprint `0000"),
        (vec![&one[..], nowhere], "has the fingerprint `0000"),
        (vec![&one[..8]], "copy the 32 hexadecimal digits"),
        (vec![&denied, "--report", "denied.json"], "accept the gap with [[accepted_gap]]"),
        (vec![&one, "--report", "missing.json"], "cannot read `missing.json`"),
        (vec![&one, "--report", "text.json"], "is not a rolecall JSON report (missing key"),
        (vec![&one, "--expires", "2020-01-01"], "--expires 2020-01-01 is in the past"),
        (vec![&one, "--expires", "2999-01-01"], "is more than a year from now"),
        (vec![&one, "--expires", "400d"], "is more than a year from now"),
        (vec![&one, "--expires", "soon"], "`soon` is not a valid date"),
        (vec![&one, "--owner", " "], "it must not be empty"),
        (vec![&one, "--file", "inline.toml"], "`waiver` is empty"),
        (vec![&one, "--file", "no/such.toml"], "cannot write `no/such.toml`"),
        (vec!["a.yaml", "b.yaml", "--import", "prowler"], "--import requires exactly one file"),
        (vec!["a.yaml", "--import", "prowler"], "cannot read `a.yaml`"),
        (vec!["a.yaml", "--import", "checkov"], "invalid value 'checkov'"),
    ] {
        let mut all = vec!["waive"];
        all.extend(&args);
        let importing = args.contains(&"--import");
        for (option, value) in
            [("--report", "report.json"), ("--reason", "x"), ("--owner", "me"), ("--expires", "9d")]
        {
            let needless = importing && option == "--report";
            if !needless && !args.contains(&option) {
                all.extend([option, value]);
            }
        }
        let ran = case.run(&all);
        assert_eq!(ran.code, 2, "{all:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(message), "{all:?}: {}", ran.stderr);
        assert!(!case.path().join("waivers.toml").exists(), "{all:?}");
    }
    let ran = case.run(&["waive", &one, "--report", "report.json"]);
    assert!(ran.code == 2 && ran.stderr.contains("--expires"), "{}", ran.stderr);
}

#[test]
fn mute_lists_of_prowler_become_waivers_or_are_named() {
    let case = Case::new();
    case.config("");
    let list = r#"
Mutelist:
  Accounts:
    "*":
      Checks:
        "s3_bucket_object_versioning":
          Regions: ["eu-west-1", us-east-1]
          Resources: ["ci-logs", "^tmp-.*$", "x[0-9]+"]
          Description: "Short-lived"
        "s3_bucket_object_versioning_":
          Regions: ["*"]
          Resources: ["*"]
        "ec2_networkacl_allow_ingress_tcp_port_22":
          Regions: ["*"]
          Resources: ["*"]
        "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_(22|3389)$":
          Regions: ["*"]
          Resources: ["sg-1"]
        "*":
          Regions: ["*"]
          Resources: ["*"]
          Tags: ["env=dev|env=stg", "team=a"]
        "iam_user_hardware_mfa_enabled":
          Regions: ["*"]
          Resources: ["user-1"]
        "vpc_flow_logs_enabled":
          Regions: ["*"]
          Resources: ["*"]
          Exceptions:
            Accounts: ["111122223333"]
        "ec2_ebs_volume_encryption":
          Regions: ["*"]
          Resources: ["*"]
          Tags: ["env=[a-z]+"]
        "ec2_ami_public":
          Regions: ["*"]
          Resources: []
        "ec2_ebs_public_snapshot":
          Regions: ["*"]
          Resources: ["*"]
          Tagz: []
    "*":
      Checks:
        "s3_bucket_lifecycle_enabled": &all
          Regions: ["*"]
          Resources: ["*"]
    123456789012:
      Checks:
        "s3_bucket_kms_encryption": *all
        "*":
          Regions: ["*"]
          Resources: ["*"]
    "My Subscription":
      Checks: {}
"#;
    // The second "*" replaces the first in every YAML reader, so they are imported one by one.
    let (first, rest) = list.split_at(list.rfind("    \"*\":\n      Checks").unwrap());
    fs::write(case.path().join("first.yaml"), first).unwrap();
    fs::write(case.path().join("second.yaml"), format!("Mutelist:\n  Accounts:\n{rest}")).unwrap();
    fs::write(case.path().join("both.yaml"), list).unwrap();
    let import = |file: &str| {
        case.run(&["waive", "--import", "prowler", file, "--expires", "30d", "--owner", "sec"])
    };
    let ran = import("first.yaml");
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let left_out: Vec<&str> =
        ran.stderr.lines().filter_map(|line| line.strip_prefix("warning: left out ")).collect();
    let account = "account `*`, check";
    assert_eq!(
        left_out,
        [
            format!(
                "first.yaml:8: {account} `s3_bucket_object_versioning`, resource `x[0-9]+`: no glob pattern is equivalent to this regular expression"
            ),
            format!(
                "first.yaml:10: {account} `s3_bucket_object_versioning_`: no rolecall rule checks the same thing"
            ),
            format!(
                "first.yaml:13: {account} `ec2_networkacl_allow_ingress_tcp_port_22`: `nacl-ingress-ssh-rdp` also reports what other Prowler checks report; mute those checks in the same entry, or waive individual findings"
            ),
            format!(
                "first.yaml:23: {account} `iam_user_hardware_mfa_enabled`: no rolecall rule checks the same thing"
            ),
            format!(
                "first.yaml:26: {account} `vpc_flow_logs_enabled`: waivers do not support exceptions; select the remaining findings instead (in Prowler, the exceptions also apply to the checks below this one)"
            ),
            format!(
                "first.yaml:31: {account} `ec2_ebs_volume_encryption`: no glob pattern is equivalent to the tag `env=[a-z]+`"
            ),
            format!(
                "first.yaml:35: {account} `ec2_ami_public`: without `Resources`, the entry mutes nothing in Prowler either"
            ),
            format!("first.yaml:38: {account} `ec2_ebs_public_snapshot`: unknown key `Tagz`"),
        ]
    );
    let text = fs::read_to_string(case.path().join("waivers.toml")).unwrap();
    let terms =
        |reason: &str| format!("reason = \"{reason}\"\nowner = \"sec\"\nexpires = {}\n", today(30));
    assert_eq!(
        text,
        format!(
            "# From first.yaml:6: account `*`, check `s3_bucket_object_versioning`\n[[waiver]]\n\
             rule = \"s3-bucket-versioning\"\nregion = [\"eu-west-1\", \"us-east-1\"]\nresource = [\"*ci-logs*\", \"tmp-*\"]\n{}\n\
             # From first.yaml:16: account `*`, check `ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_(22|3389)$`\n[[waiver]]\n\
             rule = [\"sg-ingress-rdp\", \"sg-ingress-remote-admin-ipv4\", \"sg-ingress-remote-admin-ipv6\", \"sg-ingress-ssh\"]\nresource = \"*sg-1*\"\n{}\n\
             # From first.yaml:19: account `*`, check `*`\n[[waiver]]\n\
             tags = [\"{{env=dev,env=stg}}\", \"team=a\"]\n{}",
            terms("Short-lived"),
            terms("muted in Prowler (first.yaml:16)"),
            terms("muted in Prowler (first.yaml:19)"),
        )
    );
    // What was written is valid, and importing it again adds nothing.
    let config = "[scan]\nwaiver_files = [\"waivers.toml\"]\n";
    fs::write(case.path().join("rolecall.toml"), config).unwrap();
    assert_eq!(case.run(&["lint"]).code, 0);
    let ran = import("first.yaml");
    assert!(ran.stderr.contains("no waivers to add"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(case.path().join("waivers.toml")).unwrap(), text);

    let ran = import("second.yaml");
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    for message in [
        "second.yaml:11: account `123456789012`, check `*`: ",
        "second.yaml:14: account `My Subscription`: it is not an AWS account id",
    ] {
        assert_eq!(ran.stderr.contains(message), !message.contains("check `*`"), "{}", ran.stderr);
    }
    let more = fs::read_to_string(case.path().join("waivers.toml")).unwrap();
    assert!(more.contains("rule = \"s3-bucket-lifecycle\"\nreason"), "{more}");
    assert!(
        more.contains("rule = \"s3-bucket-kms-encryption\"\naccount = \"123456789012\""),
        "{more}"
    );
    assert!(
        import("both.yaml")
            .stderr
            .contains("account `*`: duplicate key; Prowler uses only the last one, on line 42")
    );
    for (text, message) in [
        ("", "it is not a Prowler mute list"),
        ("a: [", "cannot be used: line "),
        ("Mutelist: {Accounts: []}", "it is not a Prowler mute list"),
    ] {
        fs::write(case.path().join("bad.yaml"), text).unwrap();
        let ran = import("bad.yaml");
        assert_eq!(ran.code, 2, "{text}: {}", ran.stderr);
        assert!(ran.stderr.contains(message), "{text}: {}", ran.stderr);
    }
    let port = "Mutelist: {Accounts: {'*': {Checks: {ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22: {Regions: ['*'], Resources: ['sg-2']}}}}}";
    fs::write(case.path().join("port.yaml"), port).unwrap();
    let ran = import("port.yaml");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let note = "imported only for `sg-ingress-ssh`; `sg-ingress-remote-admin-ipv4` and `sg-ingress-remote-admin-ipv6` also report what other Prowler checks report";
    assert!(ran.stderr.contains(note), "{}", ran.stderr);
    let everything =
        "Mutelist: {Accounts: {'*': {Checks: {'*': {Regions: ['*'], Resources: ['*']}}}}}";
    fs::write(case.path().join("bad.yaml"), everything).unwrap();
    let ran = import("bad.yaml");
    assert!(ran.code == 3 && ran.stderr.contains("mutes every finding"), "{}", ran.stderr);
}
