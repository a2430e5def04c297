//! `group_by`: instances of an Auto Scaling group or a launch template share one alert, whose state
//! the JSON report of one night is enough to keep on the next.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Ran, run, text};

const ACCOUNT: &str = "111122223333";
const RULE: &str = r#"//! Instance runs an old image.
//!
//! ## Why it matters
//! X.
//!
//! ## How to fix it
//! X.
//!
//! ## References
//! - https://docs.aws.amazon.com/

const RULE = #{ title: "Instance runs an old image", resource: "ec2.instance", severity: "high" };
fn check(it, params) {
    if it.image_id == "ami-old" { return fail("its image is old"); }
    if it.image_id == "ami-lost" { return unknown("its image is not known"); }
    pass()
}
"#;

/// An instance: id, image, Auto Scaling group, launch template.
type Instance = (&'static str, &'static str, Option<&'static str>, Option<&'static str>);

struct Fleet {
    dir: TempDir,
}

impl Fleet {
    fn new(group_by: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("mine")).unwrap();
        fs::write(dir.path().join("mine/old-image.rhai"), RULE).unwrap();
        let fleet = Self { dir };
        fleet.config(group_by, "");
        fleet
    }

    fn path(&self, name: &str) -> String {
        text(&self.dir.path().join(name)).to_owned()
    }

    fn config(&self, group_by: &str, more: &str) {
        let config = format!(
            "[scan.selection]\nname = \"mine\"\nrules = [\"old-image\"]\n[[output]]\nformat = \"sarif\"\npath = \"unused.sarif\"\n{group_by}\n{more}"
        );
        fs::write(self.path("rolecall.toml"), config).unwrap();
    }

    /// Evaluates a night; without instances, their list was denied.
    fn night(
        &self,
        day: usize,
        instances: Option<&[Instance]>,
        baseline: &str,
    ) -> (Ran, Value, Value) {
        let snapshot = self.path(&format!("snapshot-{day}"));
        fs::create_dir_all(&snapshot).unwrap();
        let demand = json!({ "ec2.instance": [] });
        let manifest = json!({
            "format": 1, "tool": "test", "demand": demand,
            "targets": [{ "account": ACCOUNT, "name": "acme-prod" }],
        });
        fs::write(format!("{snapshot}/snapshot.json"), manifest.to_string()).unwrap();
        let mut lines = vec![json!({
            "type": "header", "account": ACCOUNT, "entered": true, "demand": demand,
            "collected_at": format!("2026-06-{day:02}T02:00:00Z"), "regions": ["eu-west-1"],
        })];
        match instances {
            Some(instances) => {
                lines.push(json!({ "type": "listed", "kind": "ec2.instance", "region": "eu-west-1", "facts": [], "count": instances.len() }));
                for (id, image, group, template) in instances {
                    let mut tags = json!({ "Name": format!("name-of-{id}") });
                    if let Some(group) = group {
                        tags["aws:autoscaling:groupName"] = json!(group);
                    }
                    if let Some(template) = template {
                        tags["aws:ec2launchtemplate:id"] = json!(template);
                        tags["aws:ec2launchtemplate:version"] = json!("3");
                    }
                    lines.push(json!({
                        "type": "resource", "kind": "ec2.instance", "id": id, "region": "eu-west-1",
                        "arn": format!("arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/{id}"),
                        "facts": { "instance_id": id, "image_id": image, "tags": tags },
                    }));
                }
                lines.push(json!({ "type": "end", "resources": instances.len(), "gaps": 0 }));
            }
            None => {
                lines.push(json!({
                    "type": "gap", "call": "ec2:DescribeInstances", "code": "AccessDenied",
                    "message": "no", "region": "eu-west-1",
                    "extent": { "of": "list", "kind": "ec2.instance" },
                }));
                lines.push(json!({ "type": "end", "resources": 0, "gaps": 1 }));
            }
        }
        let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(format!("{snapshot}/{ACCOUNT}.jsonl"), lines).unwrap();
        let (sarif, json) = (self.path(&format!("{day}.sarif")), self.path(&format!("{day}.json")));
        let ran = run(&[
            "evaluate",
            "--snapshot",
            &snapshot,
            "--config",
            &self.path("rolecall.toml"),
            "--rules",
            &self.path("mine"),
            "--output",
            &format!("sarif={sarif}"),
            "--output",
            &format!("json={json}"),
            "--baseline",
            baseline,
        ]);
        let read = |path: &str| {
            let content = fs::read_to_string(path).unwrap_or_else(|_| panic!("{}", ran.stderr));
            serde_json::from_str(&content).unwrap()
        };
        let (sarif, json) = (read(&sarif), read(&json));
        (ran, sarif, json)
    }
}

fn results(sarif: &Value) -> &Vec<Value> {
    sarif["runs"][0]["results"].as_array().unwrap()
}

/// Path and level of each result of the rule.
fn alerts(sarif: &Value) -> Vec<(String, String)> {
    let of_rule = results(sarif).iter().filter(|result| result["ruleId"] == "old-image");
    of_rule
        .map(|result| {
            let location = &result["locations"][0]["physicalLocation"]["artifactLocation"];
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (text(&location["uri"]), text(&result["level"]))
        })
        .collect()
}

fn identity(result: &Value) -> (&Value, &Value) {
    (
        &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        &result["partialFingerprints"]["primaryLocationLineHash"],
    )
}

const WEB: &str = "111122223333/eu-west-1/autoscaling/auto_scaling_group/web";
const TEMPLATE: &str = "111122223333/eu-west-1/ec2/launch_template/lt-1";
const BOTH: &str = "group_by = [\"auto-scaling-group\", \"launch-template\"]";

#[test]
fn a_group_is_one_result_with_its_members_as_evidence() {
    let fleet = Fleet::new(BOTH);
    let instances: Vec<Instance> = vec![
        ("i-1", "ami-old", Some("web"), Some("lt-1")),
        ("i-2", "ami-old", Some("web"), Some("lt-1")),
        ("i-3", "ami-new", Some("web"), Some("lt-1")),
        ("i-4", "ami-old", None, Some("lt-1")),
        ("i-5", "ami-old", None, None),
    ];
    let (ran, sarif, json) = fleet.night(1, Some(&instances), "none");
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let error = "error".to_owned();
    assert_eq!(
        alerts(&sarif),
        [
            (WEB.to_owned(), error.clone()),
            ("111122223333/eu-west-1/ec2/instance/i-5".to_owned(), error.clone()),
            (TEMPLATE.to_owned(), error),
        ]
    );
    let web = &results(&sarif)[0];
    assert_eq!(
        web["message"]["text"],
        "web (acme-prod, eu-west-1): 2 instances of this Auto Scaling group fail: its image is old. Rule: old-image.\n- i-1\n- i-2"
    );
    let related = web["relatedLocations"].as_array().unwrap();
    let uris: Vec<&Value> = related
        .iter()
        .map(|location| &location["physicalLocation"]["artifactLocation"]["uri"])
        .collect();
    assert_eq!(
        uris,
        [
            "rules/old-image.rhai",
            "111122223333/eu-west-1/ec2/instance/i-1",
            "111122223333/eu-west-1/ec2/instance/i-2"
        ]
    );
    let template = results(&sarif)[2]["message"]["text"].as_str().unwrap();
    assert!(
        template.starts_with("lt-1 (acme-prod, eu-west-1): 1 instance of this launch template fails: its image is old. Rule: old-image.\n- i-4\n[Open in the AWS console](https://"),
        "{template}"
    );
    // The other reports list each instance.
    let account = &json["accounts"][0];
    assert_eq!(account["findings"].as_array().unwrap().len(), 5);
    let groups = account["open_groups"].as_array().unwrap();
    assert_eq!((groups.len(), &groups[0]["failures"]), (2, &json!(2)));
    // Without `group_by`, nothing is grouped, and the findings are the same.
    fleet.config("", "");
    let (_, sarif, alone) = fleet.night(1, Some(&instances), "none");
    assert_eq!(alerts(&sarif).len(), 4);
    assert_eq!(alone["accounts"][0].get("open_groups"), None);
    assert_eq!(alone["accounts"][0]["findings"], account["findings"]);
}

#[test]
fn many_members_are_counted_and_the_first_ones_named() {
    let fleet = Fleet::new(BOTH);
    let ids: Vec<&'static str> = (100..160).map(|id| &*format!("i-{id}").leak()).collect();
    let instances: Vec<Instance> =
        ids.iter().map(|id| (*id, "ami-old", Some("web"), None)).collect();
    let (_, sarif, json) = fleet.night(1, Some(&instances), "none");
    let web = &results(&sarif)[0];
    let message = web["message"]["text"].as_str().unwrap();
    assert!(message.contains("60 instances of this Auto Scaling group fail"), "{message}");
    assert!(
        message.ends_with("\n- i-119\n- … and 40 more, listed in the JSON report"),
        "{message}"
    );
    assert_eq!(web["relatedLocations"].as_array().unwrap().len(), 21);
    let members = &json["accounts"][0]["open_groups"][0]["members"];
    assert_eq!(members.as_array().unwrap().len(), 60);
}

/// Members come and go, are unknown, waived, unread: the alert is the same, and its state follows.
#[test]
fn the_report_of_last_night_keeps_the_alert_of_a_group() {
    let fleet = Fleet::new(BOTH);
    let one = |id, image| Some(vec![(id, image, Some("web"), None)]);
    let nights: [(Option<Vec<Instance>>, Option<&str>); 8] = [
        (one("i-1", "ami-old"), Some("error")),
        (one("i-2", "ami-old"), Some("error")),
        (one("i-3", "ami-lost"), Some("note")),
        (None, Some("note")),
        (None, Some("note")),
        (one("i-4", "ami-lost"), Some("note")),
        (one("i-5", "ami-new"), None),
        (one("i-6", "ami-lost"), None),
    ];
    let mut baseline = "none".to_owned();
    let mut first: Option<Value> = None;
    for (index, (instances, level)) in nights.iter().enumerate() {
        let day = index + 1;
        let (ran, sarif, json) = fleet.night(day, instances.as_deref(), &baseline);
        let expected: Vec<(String, String)> =
            level.iter().map(|level| (WEB.to_owned(), (*level).to_owned())).collect();
        assert_eq!(alerts(&sarif), expected, "night {day}: {}", ran.stderr);
        if level.is_some() {
            let web = results(&sarif).iter().find(|result| result["ruleId"] == "old-image");
            let first = first.get_or_insert_with(|| web.unwrap().clone());
            assert_eq!(identity(first), identity(web.unwrap()), "night {day}");
        }
        if *level == Some("note") {
            assert!(
                ran.stderr.contains("1 finding of earlier reports could not be checked"),
                "night {day}: {}",
                ran.stderr
            );
        }
        // What nobody could check is not fixed, and what is gone is.
        let carried = json["accounts"][0]["carried"].as_array().unwrap();
        assert!(carried.is_empty(), "night {day}: {carried:?}");
        baseline = fleet.path(&format!("{day}.json"));
    }
}

#[test]
fn a_waived_member_is_not_in_the_group() {
    let fleet = Fleet::new(BOTH);
    let waive = |resource: &str| {
        format!(
            "[[waiver]]\nresource = \"{resource}\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2026-12-31\n"
        )
    };
    let instances: Vec<Instance> =
        vec![("i-1", "ami-old", Some("web"), None), ("i-2", "ami-old", Some("web"), None)];
    fleet.config(BOTH, &waive("i-1"));
    let (_, sarif, json) = fleet.night(1, Some(&instances), "none");
    let message = results(&sarif)[0]["message"]["text"].as_str().unwrap();
    assert!(message.contains("1 instance of this Auto Scaling group fails"), "{message}");
    assert!(message.ends_with("\n- i-2"), "{message}");
    assert_eq!(json["accounts"][0]["open_groups"][0]["members"].as_array().unwrap().len(), 1);
    fleet.config(BOTH, &waive("i-*"));
    let (ran, sarif, json) = fleet.night(2, Some(&instances), &fleet.path("1.json"));
    assert_eq!(alerts(&sarif), []);
    assert_eq!((ran.code, json["accounts"][0].get("open_groups")), (0, None));
}

#[test]
fn an_invalid_setting_is_reported_with_its_place() {
    let fleet = Fleet::new("group_by = [\"autoscaling-group\"]");
    let config = fleet.path("rolecall.toml");
    let ran = run(&["evaluate", "--snapshot", "fixtures/acme", "--config", &config]);
    assert_eq!(ran.code, 2);
    for words in [
        "rolecall.toml:7:13",
        "`autoscaling-group` is not a valid value of `group_by`",
        "did you mean `auto-scaling-group`?",
    ] {
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
}
