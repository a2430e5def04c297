//! The code of findings, through the program: places in all reports, alerts that stay at their files,
//! explanations and patches.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Ran, ran, rolecall, text};

pub(crate) const ACCOUNT: &str = "111122223333";
const OTHER: &str = "444455556666";

pub(crate) const RULE: &str = r#"//! Bucket has no versions.
//!
//! ## Why it matters
//! X.
//!
//! ## How to fix it
//! Enable it.
//!
//! - Console: Enable.
//! - Terraform: set `status = "Enabled"` in `aws_s3_bucket_versioning`; the bucket is `aws_s3_bucket`.
//!
//! ## References
//! - https://docs.aws.amazon.com/

const RULE = #{
    title: "Bucket has no versions",
    resource: "s3.bucket",
    needs: ["versioning"],
    severity: "high",
    terraform: ["aws_s3_bucket_versioning.versioning_configuration.status", "aws_s3_bucket"],
};

fn check(it, params) {
    if it.versioning.status == "Enabled" { pass() } else { fail("versioning is off") }
}
"#;

pub(crate) const MAIN: &str = r#"module "team" {
  source   = "../../modules/bucket"
  for_each = toset(["red", "blue"])
  name     = "team-${each.key}"
}

resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}
"#;

pub(crate) const MODULE: &str = r#"variable "name" {}

resource "aws_s3_bucket" "this" {
  bucket = var.name
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id
  versioning_configuration {
    status = "Suspended"
  }
}
"#;

/// A repository with a Terraform root, a config and a rule.
pub(crate) struct World {
    dir: TempDir,
}

/// What a run wrote.
pub(crate) struct Night {
    pub(crate) ran: Ran,
    pub(crate) json: Value,
    text: String,
    sarif: String,
}

/// A bucket: its name, and its versioning if that could be read.
pub(crate) type Bucket<'a> = (&'a str, Option<&'a str>);

impl Night {
    pub(crate) fn findings(&self) -> BTreeMap<String, Value> {
        let accounts = self.json["accounts"].as_array().unwrap();
        let all = accounts.iter().flat_map(|account| account["findings"].as_array().unwrap());
        all.map(|finding| (name(&finding["resource"]["id"]), finding.clone())).collect()
    }

    /// Resource → file and line.
    pub(crate) fn places(&self) -> BTreeMap<String, String> {
        let place = |source: &Value| format!("{}:{}", name(&source["file"]), source["line"]);
        let findings = self.findings().into_iter();
        findings
            .filter(|(_, finding)| !finding["source"].is_null())
            .map(|(id, finding)| (id, place(&finding["source"])))
            .collect()
    }

    /// Results of all runs: the name of the resource → path and line.
    pub(crate) fn results(&self) -> BTreeMap<String, String> {
        let sarif: Value = serde_json::from_str(&self.sarif).unwrap();
        let runs = sarif["runs"].as_array().unwrap();
        let results = runs.iter().flat_map(|run| run["results"].as_array().unwrap());
        results
            .map(|result| {
                let location = &result["locations"][0];
                let physical = &location["physicalLocation"];
                let uri = name(&physical["artifactLocation"]["uri"]);
                let id = name(&location["logicalLocations"][0]["name"]);
                (id, format!("{uri}:{}", physical["region"]["startLine"]))
            })
            .collect()
    }
}

pub(crate) fn name(value: &Value) -> String {
    value.as_str().unwrap_or("*").to_owned()
}

pub(crate) fn places(list: &[(&str, &str)]) -> BTreeMap<String, String> {
    list.iter().map(|(id, place)| ((*id).to_owned(), (*place).to_owned())).collect()
}

fn bucket_state(module: &str, key: &str, kind: &str, attributes: Value) -> Value {
    let mut instance = json!({ "schema_version": 0, "attributes": attributes });
    let mut resource = json!({
        "mode": "managed", "type": kind, "name": if module.is_empty() { "logs" } else { "this" },
        "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
    });
    if !module.is_empty() {
        resource["module"] = json!(format!("module.{module}[\"{key}\"]"));
    }
    instance["sensitive_attributes"] = json!([]);
    resource["instances"] = json!([instance]);
    resource
}

impl World {
    pub(crate) fn new() -> Self {
        let world = Self { dir: tempfile::tempdir().unwrap() };
        world.write("rules/bucket-versioned.rhai", RULE);
        world.write("envs/prod/main.tf", MAIN);
        world.write("modules/bucket/main.tf", MODULE);
        world.write(".gitignore", "*.tfstate\nsnapshot/\nreports/\n");
        world.git(&["init", "--quiet"]);
        world.git(&["add", "."]);
        world.save_state();
        world
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    pub(crate) fn write(&self, file: &str, content: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git").args(args).current_dir(self.dir.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The state of two buckets in a module, and of one in the root.
    fn save_state(&self) {
        let bucket = |id: &str| json!({ "id": id, "bucket": id, "arn": format!("arn:aws:s3:::{id}"), "tags": { "secret": "hunter2" } });
        let versioning = |id: &str| json!({ "id": id, "bucket": id });
        let mut resources = Vec::new();
        for key in ["red", "blue"] {
            let id = format!("team-{key}");
            resources.push(bucket_state("team", key, "aws_s3_bucket", bucket(&id)));
            resources.push(bucket_state("team", key, "aws_s3_bucket_versioning", versioning(&id)));
        }
        resources.push(bucket_state("", "", "aws_s3_bucket", bucket("logs")));
        let state = json!({
            "version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "outputs": {},
            "resources": resources, "check_results": null,
        });
        self.write("envs/prod/terraform.tfstate", &state.to_string());
    }

    pub(crate) fn lose_state(&self) {
        fs::remove_file(self.path("envs/prod/terraform.tfstate")).unwrap();
    }

    /// A config with the source, and a location.
    pub(crate) fn configure(&self, location: &str) {
        let config = format!(
            "[scan]\nrule_folders = [\"rules\"]\n[scan.selection]\nname = \"mine\"\nrules = [\"bucket-versioned\"]\n\
             [[source]]\nterraform = \"envs/prod\"\naccounts = [\"{ACCOUNT}\"]\n\
             [[output]]\nformat = \"sarif\"\npath = \"unused.sarif\"\nlocation = \"{location}\"\n"
        );
        self.write("rolecall.toml", &config);
    }

    pub(crate) fn rolecall(&self, args: &[&str]) -> Ran {
        ran(rolecall().args(args).current_dir(self.dir.path()).output().unwrap())
    }

    pub(crate) fn snapshot(&self, accounts: &[(&str, &[Bucket<'_>])]) {
        let demand = json!({ "s3.bucket": ["versioning"] });
        let targets: Vec<Value> =
            accounts.iter().map(|(account, _)| json!({ "account": account })).collect();
        let manifest = json!({ "format": 1, "tool": "test", "targets": targets, "demand": demand });
        self.write("snapshot/snapshot.json", &manifest.to_string());
        for (account, buckets) in accounts {
            let mut lines = vec![
                json!({ "type": "header", "account": account, "entered": true, "demand": demand,
                    "collected_at": "2026-06-01T02:00:00Z", "regions": ["eu-west-1"] }),
                json!({ "type": "listed", "kind": "s3.bucket", "region": "global", "facts": ["versioning"], "count": buckets.len() }),
            ];
            let mut gaps = 0;
            for (id, status) in *buckets {
                let mut bucket = json!({
                    "type": "resource", "kind": "s3.bucket", "id": id, "region": "eu-west-1",
                    "arn": format!("arn:aws:s3:::{id}"), "facts": { "name": id },
                });
                let denied = json!({ "call": "s3:GetBucketVersioning", "code": "AccessDenied", "message": "no" });
                match status {
                    Some(status) => bucket["facts"]["versioning"] = json!({ "status": status }),
                    None => bucket["unreadable"] = json!({ "versioning": denied }),
                }
                lines.push(bucket);
            }
            for (id, _) in buckets.iter().filter(|(_, status)| status.is_none()) {
                gaps += 1;
                lines.push(json!({ "type": "gap", "call": "s3:GetBucketVersioning", "code": "AccessDenied", "message": "no",
                    "region": "eu-west-1", "extent": { "of": "facts", "kind": "s3.bucket", "fact": "versioning", "resources": [id] } }));
            }
            lines.push(json!({ "type": "end", "resources": buckets.len(), "gaps": gaps }));
            let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
            self.write(&format!("snapshot/{account}.jsonl"), &lines);
        }
    }

    /// Evaluates the snapshot; the JSON report is `reports/<name>.json`.
    #[track_caller]
    pub(crate) fn night(&self, report: &str, args: &[&str]) -> Night {
        fs::create_dir_all(self.path("reports")).unwrap();
        let outputs: Vec<String> = ["json", "text", "sarif", "html", "markdown", "csv"]
            .iter()
            .map(|format| format!("{format}=reports/{report}.{format}"))
            .collect();
        let mut all = vec!["evaluate", "--snapshot", "snapshot", "--fail-on", "none"];
        all.extend(outputs.iter().flat_map(|output| ["--output", output]));
        all.extend(args);
        let ran = self.rolecall(&all);
        let read = |format: &str| {
            fs::read_to_string(self.path(&format!("reports/{report}.{format}")))
                .unwrap_or_else(|_| panic!("{}", ran.stderr))
        };
        let (json, text, sarif) = (read("json"), read("text"), read("sarif"));
        let all =
            [&json, &text, &sarif, &read("html"), &read("markdown"), &read("csv"), &ran.stderr];
        assert!(all.iter().all(|text| !text.contains("hunter2")), "a secret of the state");
        Night { json: serde_json::from_str(&json).unwrap(), text, sarif, ran }
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }
}

pub(crate) const FAILING: &[(&str, Option<&str>)] = &[
    ("logs", Some("Suspended")),
    ("manual", Some("Suspended")),
    ("team-blue", Some("Suspended")),
    ("team-red", Some("Suspended")),
];

#[test]
fn failures_name_their_code_in_all_reports() {
    let world = World::new();
    world.configure("resource");
    world.snapshot(&[(ACCOUNT, FAILING), (OTHER, &[("team-red", Some("Suspended"))])]);
    let night = world.night("one", &["--baseline", "none", "--account", ACCOUNT]);
    let wanted = places(&[
        ("logs", "envs/prod/main.tf:7"),
        ("team-blue", "modules/bucket/main.tf:10"),
        ("team-red", "modules/bucket/main.tf:10"),
    ]);
    assert_eq!(night.places(), wanted, "{}", night.ran.stderr);
    let red = &night.findings()["team-red"]["source"];
    assert_eq!(red["what"], "attribute");
    assert_eq!(red["because"], "satellite");
    assert_eq!(red["address"], "module.team[\"red\"].aws_s3_bucket_versioning.this");
    let sources = &night.json["summary"]["sources"];
    assert_eq!(sources["placed"], 3);
    assert_eq!(sources["not_declared"], 1);
    assert_eq!(sources["not_found"], 0);
    assert_eq!(sources["problems"], json!([]));
    let line = "modules/bucket/main.tf:10  module.team[\"blue\"].aws_s3_bucket_versioning.this  (same place: 1 more)";
    assert!(night.text.contains(line), "{}", night.text);
    assert_eq!(night.text.matches("modules/bucket/main.tf:10").count(), 1, "{}", night.text);
    assert!(night.text.contains("3 placed"), "{}", night.text);
    let markdown = world.read("reports/one.markdown");
    assert!(markdown.contains("at `envs/prod/main.tf:7`"), "{markdown}");
    assert!(markdown.contains("- Code: 3 of 4 failures have a place in code (1 not declared)"));
    let csv = world.read("reports/one.csv");
    assert!(csv.lines().next().unwrap().ends_with(",source,source_address"), "{csv}");
    assert!(csv.contains(",envs/prod/main.tf:7,aws_s3_bucket.logs"), "{csv}");
    assert!(world.read("reports/one.html").contains("\"at\":\"envs/prod/main.tf:7\""));
    // The resource of the other account has the same name, but another owner.
    let both = world.night("both", &["--baseline", "none"]);
    assert_eq!(both.json["summary"]["sources"]["not_declared"], 2);
    // Without sources, nothing of it is in reports.
    world.write(
        "rolecall.toml",
        &world
            .read("rolecall.toml")
            .replace("[[source]]\nterraform = \"envs/prod\"\naccounts = [\"111122223333\"]\n", ""),
    );
    let without = world.night("without", &["--baseline", "none"]);
    assert!(without.json["summary"].get("sources").is_none());
    assert!(without.places().is_empty() && !without.text.contains("main.tf"));
    // The option does the same as the table.
    let typed = world
        .night("typed", &["--baseline", "none", "--source", "envs/prod", "--account", ACCOUNT]);
    assert_eq!(typed.places(), wanted, "{}", typed.ran.stderr);
}

#[test]
fn related_locations_link_the_code_and_move_no_alert() {
    let world = World::new();
    world.snapshot(&[(ACCOUNT, FAILING)]);
    world.configure("resource");
    let plain = world.night("plain", &["--baseline", "none"]);
    world.configure("related");
    let baseline = text(&world.path("reports/plain.json")).to_owned();
    let linked = world.night("linked", &["--baseline", &baseline]);
    assert_eq!(plain.results(), linked.results());
    let sarif: Value = serde_json::from_str(&linked.sarif).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    for result in results {
        let message = name(&result["message"]["text"]);
        let is_declared = !message.starts_with("manual");
        let is_linked = message.ends_with("](1)") || message.ends_with("](2)");
        assert_eq!(is_linked && message.contains("](1)"), is_declared, "{message}");
        let first = &result["relatedLocations"][0];
        assert_eq!(first["id"] == 1, is_declared, "{result}");
    }
    let red = results.iter().find(|one| name(&one["message"]["text"]).starts_with("team-red"));
    let related = &red.unwrap()["relatedLocations"][0]["physicalLocation"];
    let region = json!({ "startLine": 10, "startColumn": 5, "endLine": 10, "endColumn": 25 });
    assert_eq!(related["region"], region);
}

#[test]
fn alerts_in_code_survive_a_night_without_the_state() {
    let world = World::new();
    world.configure("code");
    let buckets: Vec<(&str, Option<&str>)> = FAILING.to_vec();
    world.snapshot(&[(ACCOUNT, &buckets)]);
    let first = world.night("1", &["--baseline", "none"]);
    let wanted = places(&[
        ("logs", "envs/prod/main.tf:7"),
        ("manual", "111122223333/eu-west-1/s3/bucket/manual:1"),
        ("team-blue", "modules/bucket/main.tf:10"),
        ("team-red", "modules/bucket/main.tf:10"),
    ]);
    assert_eq!(first.results(), wanted, "{}", first.ran.stderr);
    assert_eq!(first.json["selection"]["code_locations"], true);
    // The same again, to compare with: the state of findings is part of a report.
    let known = world.night("2", &["--baseline", "reports/1.json"]);
    world.lose_state();
    let without = world.night("3", &["--baseline", "reports/2.json"]);
    assert!(known.sarif == without.sarif, "{}\n{}", known.sarif, without.sarif);
    assert_eq!(known.places(), without.places());
    let problems = without.json["summary"]["sources"]["problems"].as_array().unwrap();
    assert!(name(&problems[0]).contains("terraform.tfstate"), "{problems:?}");
    assert!(
        without.ran.stderr.contains("code not read: Terraform `envs/prod`"),
        "{}",
        without.ran.stderr
    );
    // A new failure that may be in the code waits; one that could not be checked keeps its place.
    let mut more = buckets.clone();
    more[3].1 = None;
    more.push(("team-green", Some("Suspended")));
    world.snapshot(&[(ACCOUNT, &more)]);
    let waiting = world.night("4", &["--baseline", "reports/3.json"]);
    assert_eq!(waiting.results(), {
        let mut with_gap = wanted.clone();
        with_gap.insert(
            "s3:GetBucketVersioning".to_owned(),
            "111122223333/eu-west-1/s3/GetBucketVersioning:1".to_owned(),
        );
        with_gap
    });
    assert!(waiting.ran.stderr.contains("1 new failure"), "{}", waiting.ran.stderr);
    let not_written = &waiting.json["accounts"][0]["code_scanning"][0]["not_written"];
    assert_eq!(not_written.as_array().unwrap().len(), 1);
    // With the state, everything is where it was, and the new failure is written.
    world.save_state();
    let mut more = buckets.clone();
    more.push(("team-green", Some("Suspended")));
    world.snapshot(&[(ACCOUNT, &more)]);
    let again = world.night("5", &["--baseline", "reports/4.json"]);
    let mut all = wanted;
    all.insert("team-green".to_owned(), "111122223333/eu-west-1/s3/bucket/team-green:1".to_owned());
    assert_eq!(again.results(), all);
}

#[test]
fn without_state_and_baseline_the_account_is_left_out() {
    let world = World::new();
    world.configure("code");
    world.lose_state();
    world.snapshot(&[(ACCOUNT, FAILING), (OTHER, &[("other", Some("Suspended"))])]);
    let night = world.night("1", &[]);
    assert_eq!(night.results(), places(&[("other", "444455556666/eu-west-1/s3/bucket/other:1")]));
    let said =
        "account 111122223333 is excluded from the SARIF report: some code could not be read";
    assert!(night.ran.stderr.contains(said), "{}", night.ran.stderr);
}

#[test]
fn an_alert_stays_at_its_file_while_the_file_declares_the_resource() {
    let world = World::new();
    world.configure("code");
    world.snapshot(&[(ACCOUNT, &[("logs", Some("Suspended"))])]);
    let at = |night: &Night| night.results()["logs"].clone();
    assert_eq!(at(&world.night("1", &["--baseline", "none"])), "envs/prod/main.tf:7");
    // Lines above move it within the file.
    world.write("envs/prod/main.tf", &format!("# more\n\n{MAIN}"));
    let moved = world.night("2", &["--baseline", "reports/1.json"]);
    assert_eq!(at(&moved), "envs/prod/main.tf:9");
    // A file that no longer declares it does not hold it.
    let (module, bucket) = MAIN.split_once("\n\n").unwrap();
    world.write("envs/prod/main.tf", module);
    world.write("envs/prod/logs.tf", bucket);
    world.git(&["add", "."]);
    let other = world.night("3", &["--baseline", "reports/2.json"]);
    assert_eq!(at(&other), "envs/prod/logs.tf:1");
    // A file that git does not track is not named.
    world.git(&["rm", "--cached", "--quiet", "envs/prod/logs.tf"]);
    let untracked = world.night("4", &["--baseline", "reports/3.json"]);
    assert_eq!(at(&untracked), "111122223333/eu-west-1/s3/bucket/logs:1");
    let missing = &untracked.json["summary"]["sources"]["missing"][0];
    assert_eq!(missing["address"], "aws_s3_bucket.logs");
    assert!(name(&missing["reason"]).contains("not part of the repository"), "{missing}");
}

#[test]
fn a_change_of_location_must_be_confirmed() {
    let world = World::new();
    world.snapshot(&[(ACCOUNT, FAILING)]);
    world.configure("resource");
    world.night("1", &["--baseline", "none"]);
    world.configure("code");
    let args =
        ["evaluate", "--snapshot", "snapshot", "--fail-on", "none", "--output", "sarif=x.sarif"];
    let with = |more: &[&str]| {
        world.rolecall(&[&args[..], &["--baseline", "reports/1.json"], more].concat())
    };
    let refused = with(&[]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("or confirm the change with --yes"), "{}", refused.stderr);
    assert!(!world.path("x.sarif").exists());
    assert_eq!(with(&["--yes"]).code, 0);
    // Other formats do not depend on it.
    let json = [
        "evaluate",
        "--snapshot",
        "snapshot",
        "--fail-on",
        "none",
        "--output",
        "json=x.json",
        "--baseline",
        "reports/1.json",
    ];
    assert_eq!(world.rolecall(&json).code, 0);
    let config = world.read("rolecall.toml");
    world.write(
        "rolecall.toml",
        &config
            .replace("[[source]]\nterraform = \"envs/prod\"\naccounts = [\"111122223333\"]\n", ""),
    );
    let none = world.rolecall(&args);
    assert_eq!(none.code, 2);
    assert!(none.stderr.contains("no code is configured"), "{}", none.stderr);
}

#[test]
fn sources_that_do_not_exist_are_errors_with_a_position() {
    let world = World::new();
    world.snapshot(&[(ACCOUNT, FAILING)]);
    world.configure("resource");
    let config = world.read("rolecall.toml");
    world.write("rolecall.toml", &config.replace("envs/prod", "envs/prd"));
    let ran = world.rolecall(&["evaluate", "--snapshot", "snapshot"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("there is no Terraform root `envs/prd`"), "{}", ran.stderr);
    assert!(ran.stderr.contains("rolecall.toml:7:13"), "{}", ran.stderr);
    world.write("rolecall.toml", &config);
    let other = tempfile::tempdir().unwrap();
    std::fs::write(other.path().join("main.tf"), "").unwrap();
    let elsewhere = other.path().display().to_string();
    for (source, said) in [
        (
            "envs/missing",
            "invalid --source `envs/missing`: the folder does not exist: use the folder with the `*.tf` files",
        ),
        (
            "envs/prod/main.tf",
            "invalid --source `envs/prod/main.tf`: it is a file, not a folder: use the folder",
        ),
        ("envs", "invalid --source `envs`: the folder has no Terraform files: use the folder"),
        (elsewhere.as_str(), "outside of the repository"),
    ] {
        let ran = world.rolecall(&["evaluate", "--snapshot", "snapshot", "--source", source]);
        assert_eq!(ran.code, 2, "{source}");
        assert!(ran.stderr.contains(said), "{source}: {}", ran.stderr);
    }
    // A unit of Terragrunt has no `*.tf` files.
    world.write("live/terragrunt.hcl", "terraform {\n  source = \"../modules/bucket\"\n}\n");
    let ran = world.rolecall(&["evaluate", "--snapshot", "snapshot", "--source", "live"]);
    assert_ne!(ran.code, 2, "{}", ran.stderr);
}

#[test]
fn findings_are_explained_with_a_patch_that_git_applies() {
    let world = World::new();
    world.configure("resource");
    world.snapshot(&[(ACCOUNT, FAILING)]);
    let night = world.night("1", &["--baseline", "none"]);
    let fingerprint = |id: &str| name(&night.findings()[id]["fingerprint"]);
    let explain = |id: &str, more: &[&str]| {
        let fingerprint = fingerprint(id);
        let all = ["explain", &fingerprint, "--report", "reports/1.json"];
        world.rolecall(&[&all[..], more].concat())
    };
    let shown = explain("team-red", &[]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(shown.stdout.contains("modules/bucket/main.tf:10:5"), "{}", shown.stdout);
    assert!(shown.stdout.contains("^^^^"), "{}", shown.stdout);
    assert!(shown.stdout.contains("+    status = \"Enabled\""), "{}", shown.stdout);
    let upper = fingerprint("team-red").to_ascii_uppercase();
    let again = world.rolecall(&["explain", &upper, "--report", "reports/1.json"]);
    assert_eq!(again.stdout, shown.stdout, "{}", again.stderr);
    let manual = explain("manual", &[]);
    assert!(manual.stdout.contains("is not known"), "{}", manual.stdout);
    // Lines move between the run and the explanation.
    world.write("modules/bucket/main.tf", &format!("# new\n{MODULE}"));
    let json: Value =
        serde_json::from_str(&explain("team-red", &["--format", "json"]).stdout).unwrap();
    assert_eq!(json["source"]["line"], 11);
    let patch = name(&json["patch"]);
    world.write("x.patch", &patch);
    world.git(&["apply", "x.patch"]);
    let wanted = format!("# new\n{}", MODULE.replace("Suspended", "Enabled"));
    assert_eq!(world.read("modules/bucket/main.tf"), wanted);
    // Code that is right already needs no patch, but to be applied.
    for format in ["text", "markdown"] {
        let drift = explain("team-red", &["--format", format]).stdout;
        assert!(drift.contains("The code has the right value already"), "{drift}");
        assert!(!drift.contains("+    status"), "{drift}");
    }
    let drift: Value =
        serde_json::from_str(&explain("team-red", &["--format", "json"]).stdout).unwrap();
    assert_eq!((&json["is_drift"], &drift["is_drift"]), (&json!(false), &json!(true)));
    assert!(drift["patch"].is_null(), "{drift}");
    let markdown = explain("logs", &["--format", "markdown"]).stdout;
    assert!(markdown.contains("Declared as"), "{markdown}");
    assert!(!markdown.contains("## Patch"), "{markdown}");
    let unknown = world.rolecall(&["explain", "0123", "--report", "reports/1.json"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("no finding in `reports/1.json`"), "{}", unknown.stderr);
    let no_report = world.rolecall(&["explain", "0123", "--report", "rolecall.toml"]);
    assert!(no_report.stderr.contains("is not a rolecall JSON report"), "{}", no_report.stderr);
}

#[test]
fn plans_leave_what_code_declares_to_the_code() {
    let world = World::new();
    world.configure("resource");
    world.snapshot(&[(ACCOUNT, FAILING)]);
    let ran =
        world.rolecall(&["remediate", "plan", "--snapshot", "snapshot", "--output", "plan.json"]);
    assert!(world.path("plan.json").exists(), "{}", ran.stderr);
    let plan: Value = serde_json::from_str(&world.read("plan.json")).unwrap();
    let by_hand = plan["by_hand"].as_array().unwrap();
    let of = |id: &str| by_hand.iter().find(|one| one["resource"]["id"] == id).unwrap();
    let red = of("team-red");
    assert_eq!(red["reason"], "managed by Terraform at modules/bucket/main.tf:10: change it there");
    assert_eq!(red["source"], json!({ "file": "modules/bucket/main.tf", "line": 10 }));
    assert!(name(&red["patch"]).contains("+    status = \"Enabled\""), "{red}");
    assert!(of("logs")["patch"].is_null() && of("manual")["source"].is_null());
    let shown = world.rolecall(&["remediate", "show", "plan.json"]).stdout;
    assert!(shown.contains("+    status = \"Enabled\""), "{shown}");
    world.write("modules/bucket/main.tf", &MODULE.replace("Suspended", "Enabled"));
    let args = ["remediate", "plan", "--snapshot", "snapshot", "--output", "drift.json"];
    let ran = world.rolecall(&args);
    let plan = world.read("drift.json");
    let said =
        "managed by Terraform at modules/bucket/main.tf:10, which has the right value: apply it";
    assert!(plan.contains(said), "{plan} {}", ran.stderr);
}

/// The repository is found from the config, wherever the program runs.
#[test]
fn paths_are_relative_to_the_repository() {
    let world = World::new();
    world.configure("resource");
    world.snapshot(&[(ACCOUNT, FAILING)]);
    let elsewhere = tempfile::tempdir().unwrap();
    let (config, snapshot) = (world.path("rolecall.toml"), world.path("snapshot"));
    let evaluate = |config: &Path| {
        let args = ["evaluate", "--config", text(config), "--snapshot", text(&snapshot)];
        let args = [&args[..], &["--output", "json=x.json", "--fail-on", "none"]].concat();
        let ran = ran(rolecall().args(args).current_dir(elsewhere.path()).output().unwrap());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let json = fs::read_to_string(elsewhere.path().join("x.json")).unwrap();
        serde_json::from_str::<Value>(&json).unwrap()["summary"]["sources"]["placed"].clone()
    };
    assert_eq!(evaluate(&config), 3);
    // A config outside of the repository names it.
    let other = elsewhere.path().join("other.toml");
    let content = world.read("rolecall.toml").replace(
        "rule_folders = [\"rules\"]",
        &format!(
            "repository = {:?}\nrule_folders = [{:?}]",
            text(world.dir.path()),
            text(&world.path("rules"))
        ),
    );
    fs::write(&other, content).unwrap();
    assert_eq!(evaluate(&other), 3);
}
