//! `rolecall preview`: the truth is the scan after the change. For every rule, the verdict that a
//! preview predicts is that of the snapshot after the change, or `unknown`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rolecall::internals::KINDS;
use serde_json::{Map, Value, json};

use crate::history::validate;
use crate::program::{Ran, root, run, text};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-1";

/// A stack: what exists, a plan, and what exists after it.
struct Case {
    name: String,
    json: Value,
}

fn cases() -> Vec<Case> {
    let folder = root().join("tests/preview");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let json = files.into_iter().filter(|file| file.extension().is_some_and(|end| end == "json"));
    json.map(|file| Case {
        name: file.file_stem().unwrap().to_string_lossy().into_owned(),
        json: serde_json::from_str(&fs::read_to_string(&file).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", file.display())),
    })
    .collect()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn word(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} of {value}")).to_owned()
}

impl Case {
    fn before(&self) -> Vec<Value> {
        list(&self.json, "before").to_vec()
    }

    /// What exists after the change: `changed` facts, and what is `created`.
    fn after(&self) -> Vec<Value> {
        let changed = |mut resource: Value| {
            let name = format!("{}/{}", word(&resource, "kind"), word(&resource, "id"));
            match self.json["changed"].get(&name) {
                Some(Value::Null) => return None,
                Some(Value::Object(facts)) => {
                    resource["facts"].as_object_mut().unwrap().extend(facts.clone());
                }
                _ => {}
            }
            Some(resource)
        };
        let existing = self.before().into_iter().filter_map(changed);
        existing.chain(list(&self.json, "created").iter().cloned()).collect()
    }

    /// The id in a preview of what exists after the change.
    fn id<'c>(&'c self, id: &'c str) -> &'c str {
        let created = list(&self.json, "created").iter();
        let mut found = created.filter(|one| one["id"] == json!(id));
        found.find_map(|one| one["address"].as_str()).unwrap_or(id)
    }
}

/// A snapshot in which every list is complete.
pub fn snapshot(dir: &Path, resources: &[Value]) {
    fs::create_dir(dir).unwrap();
    let kinds: Vec<_> = KINDS.iter().filter(|kind| kind.name != "account").collect();
    let facts = |name: &str| -> Vec<&str> {
        let kind = kinds.iter().find(|kind| kind.name == name).unwrap();
        kind.facts.iter().map(|fact| fact.name).collect()
    };
    let demand: Map<String, Value> =
        kinds.iter().map(|kind| (kind.name.to_owned(), json!(facts(kind.name)))).collect();
    let manifest = json!({ "format": 1, "tool": "test", "targets": [{ "account": ACCOUNT }], "demand": demand });
    fs::write(dir.join("snapshot.json"), manifest.to_string()).unwrap();
    let mut lines = vec![json!({
        "type": "header", "account": ACCOUNT, "collected_at": "2026-03-14T00:00:00Z", "entered": true,
        "regions": [REGION], "demand": demand,
    })];
    for kind in &kinds {
        let is_regional = format!("{:?}", kind.scope) == "Regional";
        let region = if is_regional { REGION } else { "global" };
        let mut own: Vec<&Value> =
            resources.iter().filter(|one| one["kind"] == json!(kind.name)).collect();
        own.sort_by_key(|one| (one["region"].as_str().unwrap_or(REGION), one["id"].as_str()));
        lines.push(json!({
            "type": "listed", "kind": kind.name, "region": region, "facts": facts(kind.name), "count": own.len(),
        }));
        for one in own {
            let mut line = one.clone();
            line["type"] = "resource".into();
            if line.get("region").is_none() {
                line["region"] = REGION.into();
            }
            lines.push(line);
        }
    }
    lines.push(json!({ "type": "end", "resources": resources.len(), "gaps": 0 }));
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(dir.join(format!("{ACCOUNT}.jsonl")), text).unwrap();
}

/// Verdicts by rule, kind and id.
type Verdicts = BTreeMap<(String, String, String), String>;

fn verdicts(dir: &Path) -> Verdicts {
    let evaluated = run(&[
        "evaluate",
        "--snapshot",
        text(dir),
        "--rule-profile",
        "all",
        "--output",
        "json=-",
        "-q",
    ]);
    let report: Value =
        serde_json::from_str(&evaluated.stdout).unwrap_or_else(|_| panic!("{}", evaluated.stderr));
    let accounts = report["accounts"].as_array().unwrap();
    let findings = accounts.iter().flat_map(|account| list(account, "findings"));
    findings
        .map(|finding| {
            let resource = &finding["resource"];
            let id = resource["id"].as_str().unwrap_or_default().to_owned();
            ((word(finding, "rule"), word(resource, "kind"), id), word(finding, "verdict"))
        })
        .collect()
}

/// The files of a case, in a folder.
struct Files {
    dir: tempfile::TempDir,
    /// The option for the plan.
    option: &'static str,
}

impl Files {
    fn new(case: &Case) -> Self {
        let dir = tempfile::tempdir().unwrap();
        snapshot(&dir.path().join("before"), &case.before());
        snapshot(&dir.path().join("after"), &case.after());
        let (option, json) = match case.json.get("change_set") {
            Some(json) => ("--change-set", json),
            None => ("--plan", &case.json["plan"]),
        };
        fs::write(dir.path().join("plan.json"), json.to_string()).unwrap();
        Self { dir, option }
    }

    fn at(&self, name: &str) -> String {
        text(&self.dir.path().join(name)).to_owned()
    }

    fn preview(&self, more: &[&str]) -> Ran {
        let (before, plan) = (self.at("before"), self.at("plan.json"));
        let args = ["preview", "--snapshot", &before, self.option, &plan, "--rule-profile", "all"];
        run(&[&args, more].concat())
    }

    fn json(&self, more: &[&str]) -> Value {
        let ran = self.preview(&[more, &["--output", "json"]].concat());
        let value: Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
        validate("preview/v1.schema.json", &value);
        value
    }
}

/// `rule id` of each finding of a list.
fn names(preview: &Value, name: &str) -> BTreeSet<String> {
    let of = |one: &Value| format!("{} {}", word(one, "rule"), word(&one["resource"], "id"));
    let findings = list(preview, name).iter();
    findings.filter(|one| one["resource"]["id"].is_string()).map(of).collect()
}

#[test]
fn a_predicted_verdict_is_that_after_the_change_or_unknown() {
    let cases = cases();
    assert!(cases.len() >= 3, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let files = Files::new(case);
        for more in [&[][..], &["--assume-defaults"]] {
            let to = files.at(if more.is_empty() { "to" } else { "to-defaults" });
            let ran = files.preview(&[more, &["--to", &to, "--output", "text"]].concat());
            assert!(ran.code != 2, "{}: {}", case.name, ran.stderr);
            let (truth, predicted) =
                (verdicts(&files.dir.path().join("after")), verdicts(Path::new(&to)));
            let mut decided = 0;
            for ((rule, kind, id), verdict) in &truth {
                let key = (rule.clone(), kind.clone(), case.id(id).to_owned());
                // What AWS creates by itself, and kinds that plans are not converted to.
                let unlisted = list(&case.json, "unlisted");
                if unlisted.contains(&json!(case.id(id))) && !predicted.contains_key(&key) {
                    continue;
                }
                match predicted.get(&key).map(String::as_str) {
                    Some("unknown") => {}
                    Some(found) if found == verdict => decided += 1,
                    found => wrong.push(format!(
                        "{}: {rule} of {kind} {id}: {found:?} instead of {verdict}",
                        case.name
                    )),
                }
            }
            assert!(decided * 3 > truth.len(), "{}: {decided} of {}", case.name, truth.len());
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn new_failures_and_fixed_ones_are_reported() {
    for case in cases() {
        let files = Files::new(&case);
        let preview = files.json(&[]);
        for (name, list_name) in [("new", "new_failures"), ("fixed", "fixed")] {
            let found = names(&preview, list_name);
            for expected in list(&case.json["decides"], name) {
                let expected = expected.as_str().unwrap();
                assert!(found.contains(expected), "{}: {expected} in {found:#?}", case.name);
            }
        }
        let new = names(&preview, "new_failures");
        let fixed = names(&preview, "fixed");
        assert!(new.is_disjoint(&fixed), "{}", case.name);
        // Every new failure fails in the snapshot after the change, and did not before.
        let (before, after) =
            (verdicts(&files.dir.path().join("before")), verdicts(&files.dir.path().join("after")));
        let failing = |verdicts: &Verdicts| -> BTreeSet<String> {
            let failing = verdicts.iter().filter(|(_, verdict)| *verdict == "fail");
            failing.map(|((rule, _, id), _)| format!("{rule} {}", case.id(id))).collect()
        };
        let (before, after) = (failing(&before), failing(&after));
        let truly_new: BTreeSet<String> = after.difference(&before).cloned().collect();
        let invented: Vec<&String> = new.difference(&truly_new).collect();
        assert!(invented.is_empty(), "{}: {invented:#?}", case.name);
    }
}

#[test]
fn exit_codes_are_those_of_new_failures_and_of_gaps() {
    let case = cases().into_iter().find(|case| case.name == "existing").unwrap();
    let files = Files::new(&case);
    for (more, code) in [
        (&["--fail-on", "critical"][..], 1),
        (&["--fail-on", "none"], 0),
        // The rules of the default profile know everything that they need; others do not.
        (&["--fail-on", "none", "--strict"], 0),
        (&["--fail-on", "none", "--strict", "--rule-profile", "all"], 3),
        (&["--fail-on", "none", "--rule-profile", "all"], 0),
        (&["--fail-on", "none", "--rule", "subnet-auto-public-ip", "--strict"], 0),
        (&["--fail-on", "medium", "--rule", "subnet-auto-public-ip"], 1),
    ] {
        let (before, plan) = (files.at("before"), files.at("plan.json"));
        let args = ["preview", "--snapshot", &before, "--plan", &plan];
        let ran = run(&[&args, more].concat());
        assert_eq!(ran.code, code, "{more:?}: {}{}", ran.stdout, ran.stderr);
    }
    // The region that the plan changes is not in the snapshot.
    let old = files.dir.path().join("old");
    snapshot(&old, &[]);
    for file in fs::read_dir(&old).unwrap() {
        let file = file.unwrap().path();
        let content = fs::read_to_string(&file).unwrap();
        fs::write(&file, content.replace(REGION, "eu-north-1")).unwrap();
    }
    let plan = files.at("plan.json");
    let ran = run(&[
        "preview",
        "--snapshot",
        text(&old),
        "--plan",
        &plan,
        "--fail-on",
        "none",
        "--rule-profile",
        "all",
    ]);
    assert_eq!(ran.code, 3, "{}", ran.stdout);
    assert!(ran.stdout.contains("Not checked"), "{}", ran.stdout);
}

#[test]
fn a_preview_never_becomes_a_baseline_or_closes_an_alert() {
    let case = cases().into_iter().find(|case| case.name == "existing").unwrap();
    let files = Files::new(&case);
    let (to, report, of_plan) = (files.at("to"), files.at("report.json"), files.at("of-plan.json"));
    let (before, nightly) = (files.at("before"), files.at("nightly.json"));
    let output = format!("json={report}");
    files.preview(&["--to", &to, "--output", &output]);
    let evaluate = |snapshot: &str, more: &[&str]| {
        run(&[&["evaluate", "--snapshot", snapshot, "--rule", "sg-*"], more].concat())
    };
    for (snapshot, report) in [(&to, &of_plan), (&before, &nightly)] {
        let written = evaluate(snapshot, &["--output", &format!("json={report}")]);
        assert!(written.code != 2, "{}", written.stderr);
    }
    let of_the_night = ["--output", "sarif=/dev/null", "--retire", ACCOUNT, "--baseline"];
    for (ran, message) in [
        (
            evaluate(&to, &["--baseline", &report]),
            "--baseline cannot be used with the snapshot of a plan",
        ),
        (
            evaluate(&to, &["--retire", ACCOUNT, "--output", "sarif=/dev/null"]),
            "--retire cannot be used",
        ),
        (evaluate(&to, &["--output", "sarif=/dev/null"]), "--output sarif cannot be used"),
        (
            evaluate(&to, &["--output", "sarif-full=/dev/null"]),
            "--output sarif-full cannot be used",
        ),
        (
            evaluate(&to, &["--history", &files.at("history")]),
            "--history cannot be used with the snapshot of a plan",
        ),
        (evaluate(&before, &["--baseline", &report]), "it is of a planned change"),
        (evaluate(&before, &["--baseline", &of_plan]), "it is of a planned change"),
        (evaluate(&before, &[&of_the_night[..], &[&report]].concat()), "it is of a planned change"),
        (
            evaluate(&before, &[&of_the_night[..], &[&of_plan]].concat()),
            "it is of a planned change",
        ),
        (run(&["diff", &nightly, &report]), "it is of a planned change"),
        (run(&["diff", &nightly, &of_plan]), "it is of a planned change"),
        (run(&["diff", &of_plan, &nightly]), "it is of a planned change"),
        (
            run(&["preview", "--snapshot", &to, "--plan", &files.at("plan.json")]),
            "--snapshot is that of a plan",
        ),
        (
            run(&["remediate", "plan", "--snapshot", &to, "--output", "-"]),
            "--snapshot is that of a plan",
        ),
    ] {
        assert_eq!(ran.code, 2, "{message}: {}", ran.stdout);
        assert!(ran.stderr.contains(message), "{message}: {}", ran.stderr);
    }
}

#[test]
fn outputs_name_the_addresses_and_have_a_category_of_their_own() {
    let case = cases().into_iter().find(|case| case.name == "existing").unwrap();
    let files = Files::new(&case);
    let (sarif, markdown) = (files.at("preview.sarif"), files.at("comment.md"));
    let outputs = [format!("sarif={sarif}"), format!("markdown={markdown}")];
    let ran = files.preview(&["--root", "prod", "--output", &outputs[0], "--output", &outputs[1]]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let sarif: Value = serde_json::from_str(&fs::read_to_string(sarif).unwrap()).unwrap();
    let run = &sarif["runs"][0];
    let id = run["automationDetails"]["id"].as_str().unwrap();
    assert!(id.starts_with(&format!("rolecall-preview/prod/aws/{ACCOUNT}/")), "{id}");
    let new = names(&files.json(&[]), "new_failures");
    let worse = names(&files.json(&[]), "worse_failures");
    assert_eq!(list(run, "results").len(), new.len() + worse.len());
    let markdown = fs::read_to_string(markdown).unwrap();
    for expected in ["<!-- rolecall-preview -->", "`aws_subnet.a`", "New failures", "Fixed ("] {
        assert!(markdown.contains(expected), "{expected}: {markdown}");
    }
}

#[test]
fn files_that_are_not_plans_are_errors_that_say_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let plan = |changes: Value| {
        json!({ "format_version": "1.2", "resource_changes": changes, "configuration": {} })
            .to_string()
    };
    let bucket = |change: Value| json!([{ "address": "aws_s3_bucket.a", "mode": "managed", "type": "aws_s3_bucket", "name": "a", "change": change }]);
    let created = json!({ "actions": ["create"], "before": null, "after": { "bucket": "a" }, "after_unknown": {} });
    for (content, message) in [
        (
            "".to_owned(),
            "the file is empty: create it with `terraform show -json PLAN > plan.json`",
        ),
        ("{\"a\": }".to_owned(), ":1:7: not valid JSON"),
        (
            "PK\u{3}\u{4}".to_owned(),
            "this is a saved plan, not JSON: convert it with `terraform show -json",
        ),
        ("{}".to_owned(), "not a plan in JSON"),
        ("[]".to_owned(), "this is a list, not a plan"),
        (r#"[{"@level":"info"}]"#.to_owned(), "this is a stream of messages"),
        (
            r#"{"format_version": "1.2", "resource"#.to_owned(),
            "the file ends in the middle: create it again",
        ),
        (
            json!({ "format_version": "1.0", "values": {} }).to_string(),
            "this is a state, not a plan",
        ),
        (
            json!({ "format_version": "9.0", "planned_values": {} }).to_string(),
            "unsupported format version `9.0`",
        ),
        (
            json!({ "format_version": "1.2", "errored": true, "resource_changes": [] }).to_string(),
            "planning failed",
        ),
        (plan(json!({})), "`resource_changes` is not a list"),
        (
            json!({ "format_version": "1.2", "resource_changes": [], "deferred_changes": {} })
                .to_string(),
            "`deferred_changes` is not a list",
        ),
        (
            json!({ "format_version": "1.2", "resource_changes": [], "deferred_changes": [{}] })
                .to_string(),
            "`deferred_changes[0].resource_change` has no `address`",
        ),
        (plan(json!([{}])), "`resource_changes[0]` has no `address`"),
        (plan(bucket(json!({ "actions": ["explode"] }))), "has unknown `actions`: explode"),
        (
            plan(bucket(created.clone())),
            "does not say which account `aws_s3_bucket.a` (provider `aws`) belongs to",
        ),
    ] {
        let file = dir.path().join("plan.json");
        fs::write(&file, content).unwrap();
        let ran = run(&["preview", "--plan", text(&file)]);
        assert_eq!(ran.code, 2, "{message}: {}", ran.stdout);
        assert!(ran.stderr.contains(message), "{message}: {}", ran.stderr);
    }
    let file = dir.path().join("plan.json");
    fs::write(&file, plan(bucket(created))).unwrap();
    for (more, message) in [
        (
            &["--account", ACCOUNT][..],
            "which region `aws_s3_bucket.a` (provider `aws`) is in: use `--region REGION`",
        ),
        (&["--account", ACCOUNT, "--region", "x y"], "is not a region: use a name such as"),
        (&["--account", ACCOUNT, "--region", "eu-west-1,us-east-1"], "--region names two regions"),
        (
            &["--account", ACCOUNT, "--region", "dr=us-east-1"],
            "--region dr=REGION: the plan has no resource of a provider with this alias",
        ),
        (
            &["--account", "prod=111122223333"],
            "the plan has no resource of a provider with this alias",
        ),
        (&["--account", "1111"], "is not an account id: use 12 digits"),
        (&["--account", ACCOUNT, "--account", "222233334444"], "--account names two accounts"),
        (&["--output", "markdwn=x"], "did you mean `markdown`?"),
        (&["--output", "json="], "missing path"),
    ] {
        let ran = run(&[&["preview", "--plan", text(&file)], more].concat());
        assert_eq!(ran.code, 2, "{message}: {}", ran.stdout);
        assert!(ran.stderr.contains(message), "{message}: {}", ran.stderr);
    }
    let ran = run(&["preview", "--plan", text(&file), "--account", ACCOUNT, "--region", REGION]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for (content, message) in [
        ("{}".to_owned(), "not a change set in JSON"),
        (json!({ "Changes": [], "NextToken": "x" }).to_string(), "the change set is incomplete"),
        (
            json!({ "Changes": [], "Status": "FAILED", "StatusReason": "no changes" }).to_string(),
            "the status of the change set is FAILED, not CREATE_COMPLETE: no changes",
        ),
        (json!({ "Changes": [] }).to_string(), "no `StackId` with an account and a region"),
        (
            json!({
                "StackId": format!("arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/a/1"),
                "Changes": [{ "ResourceChange": { "Action": "Add", "LogicalResourceId": "A", "ResourceType": "AWS::S3::Bucket", "AfterContext": "{" } }],
            })
            .to_string(),
            "`Changes[0].ResourceChange` has a context that is not valid JSON",
        ),
    ] {
        fs::write(&file, content).unwrap();
        let ran = run(&["preview", "--change-set", text(&file)]);
        assert_eq!(ran.code, 2, "{message}: {}", ran.stdout);
        assert!(ran.stderr.contains(message), "{message}: {}", ran.stderr);
    }
    let alias = run(&["preview", "--change-set", text(&file), "--account", "a=111122223333"]);
    assert_eq!(alias.code, 2);
    assert!(alias.stderr.contains("so use --account ID"), "{}", alias.stderr);
    let folder = run(&["preview", "--plan", text(dir.path())]);
    assert_eq!(folder.code, 2);
    assert!(folder.stderr.contains("use a file in it, created with"), "{}", folder.stderr);
    let missing = run(&["preview", "--plan", "no-such-plan.json"]);
    assert_eq!((missing.code, missing.stderr.contains("cannot read no-such-plan.json")), (2, true));
    let nothing = run(&["preview"]);
    assert_eq!(nothing.code, 2);
    assert!(nothing.stderr.contains("<--plan <FILE>|--change-set <FILE>>"), "{}", nothing.stderr);
}
