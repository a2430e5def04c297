//! Reports of several nights, written by the program itself: `--baseline`, `diff` and `history`
//! share these.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Ran, run, text};

pub const ACCOUNT: &str = "111122223333";
pub const OTHER: &str = "444455556666";

/// What a rule says of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Is {
    Failing,
    Passing,
    Skipped,
    Unknown,
}

/// An account on one night.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// Whether its role can be assumed.
    pub denied: bool,
    /// Buckets: name, region.
    pub buckets: BTreeMap<&'static str, (&'static str, Is)>,
    /// Security groups: id and region; they cannot be unknown.
    pub groups: BTreeMap<(&'static str, &'static str), Is>,
    /// Lists that cannot be read: `s3.bucket` in `global`, `ec2.security_group` in a region.
    pub unlisted: Vec<(&'static str, &'static str)>,
    /// Scanned regions, if not eu-west-1 and us-east-1.
    pub regions: Option<Vec<&'static str>>,
}

impl Account {
    /// Only buckets, in eu-west-1.
    pub fn of(buckets: &[(&'static str, Is)]) -> Self {
        let buckets = buckets.iter().map(|(name, is)| (*name, ("eu-west-1", *is))).collect();
        Self { buckets, ..Self::default() }
    }

    pub fn denied() -> Self {
        Self { denied: true, ..Self::default() }
    }

    fn lines(&self, account: &str, day: usize, demand: &Value) -> Vec<Value> {
        let regions = self.regions.clone().unwrap_or_else(|| vec!["eu-west-1", "us-east-1"]);
        let denied = |call: &str| json!({ "call": call, "code": "AccessDenied", "message": "no" });
        let gap = |region: &str, call: &str, extent: Value| {
            let mut gap = denied(call);
            gap["type"] = json!("gap");
            gap["region"] = json!(region);
            gap["extent"] = extent;
            gap
        };
        let mut lines = vec![json!({
            "type": "header", "account": account, "entered": !self.denied, "demand": demand,
            "collected_at": format!("2026-06-{day:02}T02:00:00Z"),
            "regions": if self.denied { vec![] } else { regions.clone() },
        })];
        if self.denied {
            lines.push(gap("global", "sts:AssumeRole", json!({ "of": "account" })));
            lines.push(json!({ "type": "end", "resources": 0, "gaps": 1 }));
            return lines;
        }
        let (mut resources, mut gaps) = (Vec::new(), Vec::new());
        let lists = [("s3.bucket", "global", "s3:ListBuckets")].into_iter().chain(
            regions.iter().map(|r| ("ec2.security_group", *r, "ec2:DescribeSecurityGroups")),
        );
        for (kind, region, call) in lists {
            if self.unlisted.contains(&(kind, region)) {
                gaps.push(gap(region, call, json!({ "of": "list", "kind": kind })));
                continue;
            }
            let before = resources.len();
            if kind == "s3.bucket" {
                for (name, (region, is)) in &self.buckets {
                    let status = match is {
                        Is::Passing => "Enabled",
                        Is::Skipped => "Exempt",
                        Is::Failing | Is::Unknown => "Suspended",
                    };
                    let mut bucket = json!({
                        "type": "resource", "kind": kind, "id": name, "region": region,
                        "arn": format!("arn:aws:s3:::{name}"),
                        "facts": { "name": name, "versioning": { "status": status } },
                    });
                    if *is == Is::Unknown {
                        bucket["facts"].as_object_mut().unwrap().remove("versioning");
                        bucket["unreadable"] =
                            json!({ "versioning": denied("s3:GetBucketVersioning") });
                        let extent = json!({ "of": "facts", "kind": kind, "fact": "versioning", "resources": [name] });
                        gaps.push(gap(region, "s3:GetBucketVersioning", extent));
                    }
                    resources.push(bucket);
                }
            } else {
                for ((id, _), is) in self.groups.iter().filter(|((_, home), _)| *home == region) {
                    let name = if *is == Is::Failing { "default" } else { "own" };
                    resources.push(json!({
                        "type": "resource", "kind": kind, "id": id, "region": region,
                        "arn": format!("arn:aws:ec2:{region}:{account}:security-group/{id}"),
                        "facts": { "group_id": id, "group_name": name },
                    }));
                }
            }
            let facts = if kind == "s3.bucket" { json!(["versioning"]) } else { json!([]) };
            lines.push(json!({ "type": "listed", "kind": kind, "region": region, "facts": facts, "count": resources.len() - before }));
        }
        let end = json!({ "type": "end", "resources": resources.len(), "gaps": gaps.len() });
        lines.into_iter().chain(resources).chain(gaps).chain([end]).collect()
    }
}

/// A folder with rules, snapshots and reports.
pub struct Nights {
    dir: TempDir,
}

/// What the program wrote.
pub struct Night {
    pub ran: Ran,
    pub report: Value,
    pub text: String,
}

fn rule(title: &str, kind: &str, needs: &str, severity: &str, more: &str, check: &str) -> String {
    format!(
        "//! {title}.\n//!\n//! ## Why it matters\n//! X.\n//!\n//! ## How to fix it\n//! X.\n//!\n//! ## References\n\
         //! - https://docs.aws.amazon.com/\n\nconst RULE = #{{ title: \"{title}\", resource: \"{kind}\", needs: [{needs}], severity: \"{severity}\"{more} }};\n\
         fn check(it, params) {{ {check} }}\n"
    )
}

impl Nights {
    /// With the rules `bucket-versioned` (high) and `group-default` (low).
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("mine")).unwrap();
        fs::create_dir(dir.path().join("reports")).unwrap();
        let nights = Self { dir };
        nights.bucket_rule("bucket-versioned", "");
        nights.group_rule();
        nights
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Adds the rule about buckets, under a given id.
    pub fn bucket_rule(&self, id: &str, more: &str) {
        let check = "if it.versioning.status == \"Exempt\" { return skip(\"exempt\"); }\n\
                     if it.versioning.status == \"Enabled\" { pass() } else { fail(\"versioning is off\") }";
        let source =
            rule("Bucket has no versions", "s3.bucket", "\"versioning\"", "high", more, check);
        fs::write(self.path(&format!("mine/{id}.rhai")), source).unwrap();
    }

    pub fn group_rule(&self) {
        let check =
            "if it.group_name == \"default\" { fail(\"it is the default\") } else { pass() }";
        let source = rule("Group is default", "ec2.security_group", "", "low", "", check);
        fs::write(self.path("mine/group-default.rhai"), source).unwrap();
    }

    pub fn remove_rule(&self, id: &str) {
        fs::remove_file(self.path(&format!("mine/{id}.rhai"))).unwrap();
    }

    /// From now on, a waiver covers the rule about buckets until a day in June 2026.
    pub fn waive(&self, last_day: usize) {
        let waiver = format!(
            "[[waiver]]\nrule = \"bucket-*\"\nreason = \"known\"\nowner = \"web-team\"\nexpires = 2026-06-{last_day:02}\n"
        );
        fs::write(self.path("waivers.toml"), waiver).unwrap();
    }

    /// From now on, there is no waiver.
    pub fn stop_waiving(&self) {
        fs::remove_file(self.path("waivers.toml")).ok();
    }

    /// Evaluates one night; the JSON report is `reports/<day>.json`.
    #[track_caller]
    pub fn night(&self, day: usize, accounts: &[(&str, Account)], args: &[&str]) -> Night {
        let name = format!("{day:02}");
        let snapshot = self.path(&format!("snapshot-{name}"));
        fs::create_dir_all(&snapshot).unwrap();
        let demand = json!({ "ec2.security_group": [], "s3.bucket": ["versioning"] });
        let targets: Vec<Value> = accounts
            .iter()
            .map(|(account, _)| json!({ "account": account, "name": format!("acme-{}", &account[..4]) }))
            .collect();
        let manifest = json!({ "format": 1, "tool": "test", "targets": targets, "demand": demand });
        fs::write(snapshot.join("snapshot.json"), manifest.to_string()).unwrap();
        for (account, content) in accounts {
            let lines = content.lines(account, day, &demand);
            let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
            fs::write(snapshot.join(format!("{account}.jsonl")), lines).unwrap();
        }
        let mut ids: Vec<String> = fs::read_dir(self.path("mine"))
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        ids.sort();
        let config = self.path("rolecall.toml");
        let waivers = if self.path("waivers.toml").exists() {
            "[scan]\nwaiver_files = [\"waivers.toml\"]\n"
        } else {
            ""
        };
        let selection = format!("{waivers}[scan.selection]\nname = \"mine\"\nrules = {ids:?}\n");
        fs::write(&config, selection).unwrap();
        let report = self.report(day);
        let readable = self.path(&format!("{name}.txt"));
        let json = format!("json={}", text(&report));
        let text_output = format!("text={}", text(&readable));
        let mine = self.path("mine");
        let mut all = vec!["evaluate", "--snapshot", text(&snapshot), "--config", text(&config)];
        all.extend(["--rules", text(&mine), "--output", &json, "--output", &text_output]);
        all.extend(args);
        let ran = run(&all);
        assert!(report.exists(), "{}", ran.stderr);
        Night {
            report: serde_json::from_str(&fs::read_to_string(&report).unwrap()).unwrap(),
            text: fs::read_to_string(&readable).unwrap(),
            ran,
        }
    }

    /// A night that is compared with an earlier one.
    #[track_caller]
    pub fn after(&self, before: usize, day: usize, accounts: &[(&str, Account)]) -> Night {
        let baseline = self.report(before);
        self.night(day, accounts, &["--baseline", text(&baseline), "--fail-on-new"])
    }

    pub fn report(&self, day: usize) -> PathBuf {
        self.path(&format!("reports/{day:02}.json"))
    }

    /// The difference between two nights as JSON, and the exit code.
    #[track_caller]
    pub fn diff(&self, old: usize, new: usize) -> (i32, Value) {
        let (old, new) = (self.report(old), self.report(new));
        let ran = run(&["diff", text(&old), text(&new), "--format", "json"]);
        let diff = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
        (ran.code, diff)
    }

    /// The history of all nights as JSON, and the exit code.
    #[track_caller]
    pub fn history(&self) -> (i32, Value) {
        let ran = run(&["history", text(&self.path("reports")), "--format", "json"]);
        let history = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
        (ran.code, history)
    }
}

impl Night {
    /// The states of findings: rule and resource → state.
    pub fn states(&self) -> BTreeMap<(String, String), String> {
        let accounts = self.report["accounts"].as_array().unwrap();
        let findings = accounts.iter().flat_map(|account| account["findings"].as_array().unwrap());
        findings
            .filter_map(|finding| {
                let state = finding["state"].as_str()?.to_owned();
                Some(((name(&finding["rule"]), name(&finding["resource"]["id"])), state))
            })
            .collect()
    }

    /// Ids of the resources in a list of an account: `fixed` or `unknown_now`.
    pub fn listed(&self, list: &str) -> Vec<String> {
        let accounts = self.report["accounts"].as_array().unwrap();
        let all = accounts.iter().flat_map(|account| account[list].as_array().unwrap());
        all.map(|open| name(&open["resource"]["id"])).collect()
    }
}

pub fn name(value: &Value) -> String {
    value.as_str().unwrap_or("*").to_owned()
}

/// Ids of the resources in a list of a diff, with the reason.
pub fn changes(diff: &Value, list: &str) -> Vec<(String, String)> {
    let changes = diff[list].as_array().unwrap().iter();
    changes.map(|change| (name(&change["resource"]["id"]), name(&change["reason"]))).collect()
}

/// A list of ids and reasons, to compare with.
pub fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(id, reason)| ((*id).to_owned(), (*reason).to_owned())).collect()
}
