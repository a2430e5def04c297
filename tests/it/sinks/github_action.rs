//! The GitHub action, `action.yml`: its steps run as a runner would run them, in a folder, with caches
//! that are kept between runs and a fake of GitHub's API.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::{Captures, Regex};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::fake_github::{COMMIT, FakeGitHub, TOKEN};
use super::fake_service::Answer;
use crate::nights::{ACCOUNT, Account, Is, Nights, OTHER};
use crate::program::{root, text};

/// The commit of a pull request.
const HEAD: &str = "89abcdef0123456789abcdef0123456789abcdef";

/// A repository that uses the action.
struct Runner {
    dir: TempDir,
    action: Value,
    github: FakeGitHub,
    /// Folders by their keys, the newest last.
    caches: Vec<(String, PathBuf)>,
    run: usize,
    attempt: usize,
    /// The number of the pull request that the run is for.
    pull_request: Option<u64>,
}

/// What a job did.
#[derive(Default)]
struct Job {
    log: String,
    summary: String,
    /// The step that failed, and its exit code.
    failed: Option<(String, i32)>,
    outputs: BTreeMap<String, String>,
}

impl Runner {
    fn new() -> Self {
        let mut read = crate::deploy::read(&[json!({ "yaml": "action.yml" })]).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let runner = Self {
            action: read.remove(0)[0].take(),
            github: FakeGitHub::start(),
            caches: Vec::new(),
            run: 1,
            attempt: 0,
            pull_request: None,
            dir,
        };
        for folder in ["bin", "caches", "temp", "workspace"] {
            fs::create_dir(runner.path(folder)).unwrap();
        }
        // Nothing was uploaded yet.
        runner.gh("echo 'gh: no analysis found (HTTP 404)' >&2; exit 1");
        runner
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// What the GitHub CLI does.
    fn gh(&self, script: &str) {
        program(&self.path("bin/gh"), script);
    }

    /// A new run of the workflow, or another attempt of the last one.
    fn job(&mut self, is_new: bool, inputs: &[(&str, &str)]) -> Job {
        if is_new {
            (self.run, self.attempt) = (self.run + 1, 0);
        }
        self.attempt += 1;
        fs::remove_dir_all(self.path("workspace")).unwrap();
        fs::create_dir(self.path("workspace")).unwrap();
        fs::write(self.path("summary"), "").unwrap();
        let mut values: BTreeMap<String, String> = BTreeMap::from([
            ("github.token".to_owned(), TOKEN.to_owned()),
            ("github.run_id".to_owned(), self.run.to_string()),
            ("github.run_attempt".to_owned(), self.attempt.to_string()),
            (
                "github.event.pull_request.number".to_owned(),
                self.pull_request.map(|number| number.to_string()).unwrap_or_default(),
            ),
            ("github.event.pull_request.head.sha".to_owned(), HEAD.to_owned()),
        ]);
        let given: BTreeMap<&str, &str> = inputs.iter().copied().collect();
        for (name, input) in self.action["inputs"].as_object().unwrap() {
            let default = filled(input["default"].as_str().unwrap_or_default(), &values);
            let value = given.get(name.as_str()).map_or(default, |value| (*value).to_owned());
            values.insert(format!("inputs.{name}"), value);
        }
        let mut job = Job::default();
        for step in self.action["runs"]["steps"].as_array().unwrap().clone() {
            let condition = step["if"].as_str().unwrap_or_default();
            let if_failed = condition.strip_prefix("failure() && ");
            let condition = if_failed.unwrap_or(condition);
            // Without a status function, a step runs only if no earlier one failed.
            if if_failed.is_some() != job.failed.is_some()
                || (!condition.is_empty() && !holds(condition, &values))
            {
                continue;
            }
            let id = step["id"].as_str().unwrap_or_default().to_owned();
            let (outputs, code) = match step["uses"].as_str() {
                Some(uses) => (self.cache(uses, &step["with"], &values), 0),
                None => self.step(&step, &values, &mut job),
            };
            for (name, value) in outputs {
                values.insert(format!("steps.{id}.outputs.{name}"), value);
            }
            if code != 0 && job.failed.is_none() {
                job.failed = Some((step["name"].as_str().unwrap().to_owned(), code));
            }
        }
        for (name, output) in self.action["outputs"].as_object().unwrap() {
            job.outputs.insert(name.clone(), filled(output["value"].as_str().unwrap(), &values));
        }
        job.summary = fs::read_to_string(self.path("summary")).unwrap();
        assert!(!job.log.contains(TOKEN), "{}", job.log);
        job
    }

    /// A step that runs a command: its outputs and its exit code.
    fn step(
        &self,
        step: &Value,
        values: &BTreeMap<String, String>,
        job: &mut Job,
    ) -> (Vec<(String, String)>, i32) {
        let output = self.path("output");
        fs::write(&output, "").unwrap();
        assert_eq!(step["shell"], "bash");
        let mut command = Command::new("bash");
        command
            .args(["-e", "-o", "pipefail", "-c", step["run"].as_str().unwrap()])
            .current_dir(self.path("workspace"))
            .env_clear()
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", text(&self.path("bin"))))
            .env("ROLECALL_RELEASES", format!("file://{}", text(&self.path("releases"))))
            .envs([("GITHUB_REPOSITORY", "octo/repo"), ("GITHUB_REF", "refs/heads/main")])
            .envs([("GITHUB_SHA", COMMIT), ("GITHUB_API_URL", self.github.url().as_str())])
            .envs([("GITHUB_RUN_ID", "5"), ("GITHUB_SERVER_URL", "https://github.com")])
            .env("GITHUB_ACTION_PATH", root())
            .env("GITHUB_OUTPUT", &output)
            .env("GITHUB_PATH", self.path("path"))
            .env("GITHUB_STEP_SUMMARY", self.path("summary"))
            .env("RUNNER_TEMP", self.path("temp"));
        for (name, value) in step["env"].as_object().unwrap() {
            command.env(name, filled(value.as_str().unwrap(), values));
        }
        let ended = command.output().unwrap();
        for stream in [&ended.stdout, &ended.stderr] {
            job.log.push_str(&String::from_utf8_lossy(stream));
        }
        let written = fs::read_to_string(&output).unwrap();
        let outputs = written.lines().map(|line| line.split_once('=').unwrap());
        let outputs = outputs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        (outputs.collect(), ended.status.code().unwrap())
    }

    /// A step that restores or saves a folder.
    fn cache(
        &mut self,
        uses: &str,
        with: &Value,
        values: &BTreeMap<String, String>,
    ) -> Vec<(String, String)> {
        let of = |name: &str| filled(with[name].as_str().unwrap_or_default(), values);
        let (key, folder) = (of("key"), self.path("workspace").join(of("path")));
        if uses.starts_with("actions/cache/save@") {
            assert!(folder.is_dir(), "{}", folder.display());
            // A key is never written twice.
            if !self.caches.iter().any(|(known, _)| *known == key) {
                let kept = self.path(&format!("caches/{}", self.caches.len()));
                copy(&folder, &kept);
                self.caches.push((key, kept));
            }
            return Vec::new();
        }
        assert!(uses.starts_with("actions/cache/restore@"), "{uses}");
        let restore = of("restore-keys");
        let exact = self.caches.iter().find(|(known, _)| *known == key);
        let similar = || {
            let mut newest = self.caches.iter().rev();
            newest.find(|(known, _)| !restore.is_empty() && known.starts_with(&restore))
        };
        if let Some((_, kept)) = exact.or_else(similar) {
            copy(kept, &folder);
        }
        vec![("cache-hit".to_owned(), exact.is_some().to_string())]
    }

    /// The last JSON report.
    fn report(&self) -> Value {
        let path = self.path("workspace/rolecall-reports/report.json");
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    }
}

fn program(path: &Path, script: &str) {
    fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap().path();
        fs::copy(&entry, to.join(entry.file_name().unwrap())).unwrap();
    }
}

/// A text with the values of its expressions.
fn filled(text: &str, values: &BTreeMap<String, String>) -> String {
    let expression = Regex::new(r"\$\{\{ ([a-z0-9_.-]+) \}\}").unwrap();
    let value = |found: &Captures<'_>| values.get(&found[1]).cloned().unwrap_or_default();
    let text = expression.replace_all(text, value).into_owned();
    assert!(!text.contains("${{"), "{text}");
    text
}

/// Whether all parts of a condition hold: `a == 'b'` or `a != 'b'`, joined by `&&`.
fn holds(condition: &str, values: &BTreeMap<String, String>) -> bool {
    condition.split(" && ").all(|part| {
        let words: Vec<&str> = part.split(' ').collect();
        let [name, operator, expected] = words[..] else { panic!("{condition}") };
        let value = values.get(name).map_or("", String::as_str);
        let is_equal = value == expected.trim_matches('\'');
        if operator == "!=" { !is_equal } else { is_equal }
    })
}

/// The inputs for a night: its snapshot is evaluated with the rules of the nights.
fn inputs(nights: &Nights, day: usize) -> Vec<(&'static str, String)> {
    let arguments = [
        format!("--snapshot\n{}\n", text(&nights.path(&format!("snapshot-{day:02}")))),
        format!("--rules\r\n{}\n\n--fail-on\nhigh", text(&nights.path("mine"))),
    ];
    vec![
        ("command", "evaluate".to_owned()),
        ("binary", env!("CARGO_BIN_EXE_rolecall").to_owned()),
        ("config", text(&nights.path("rolecall.toml")).to_owned()),
        ("arguments", arguments.concat()),
    ]
}

fn night(runner: &mut Runner, is_new: bool, nights: &Nights, day: usize) -> Job {
    let inputs = inputs(nights, day);
    let inputs: Vec<(&str, &str)> =
        inputs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    runner.job(is_new, &inputs)
}

fn new_and_unchanged(report: &Value) -> (u64, u64) {
    let states = &report["summary"]["states"];
    (states["new"]["high"].as_u64().unwrap(), states["unchanged"].as_u64().unwrap())
}

#[test]
fn each_attempt_of_a_run_has_the_same_baseline() {
    let (mut runner, nights) = (Runner::new(), Nights::new());
    let buckets = |names: &[&'static str]| {
        Account::of(&names.iter().map(|name| (*name, Is::Failing)).collect::<Vec<_>>())
    };
    nights.night(1, &[(ACCOUNT, buckets(&["logs"])), (OTHER, buckets(&["data"]))], &[]);
    nights.night(2, &[(ACCOUNT, buckets(&["logs", "web"])), (OTHER, Account::denied())], &[]);

    let job = night(&mut runner, true, &nights, 1);
    assert_eq!(job.failed, Some(("Result".to_owned(), 1)), "{}", job.log);
    assert!(job.log.contains("::error::There are failures"), "{}", job.log);
    assert!(job.log.contains("rolecall.sarif: processed (2 runs, 2 results)"), "{}", job.log);
    assert!(job.summary.contains("bucket-versioned"), "{}", job.summary);
    assert_eq!(job.outputs["exit-code"], "1");
    assert_eq!(job.outputs["report"], "rolecall-reports/report.json");
    assert!(runner.path("workspace").join(&job.outputs["html"]).exists());
    assert_eq!((new_and_unchanged(&runner.report()), runner.github.open().len()), ((2, 0), 2));

    // Again, as a second attempt: still everything is new.
    night(&mut runner, false, &nights, 1);
    assert_eq!(new_and_unchanged(&runner.report()), (2, 0));

    for is_new in [true, false, false] {
        let job = night(&mut runner, is_new, &nights, 2);
        assert_eq!(job.failed, Some(("Result".to_owned(), 3)), "{}", job.log);
        assert!(job.log.contains("::error::The scan is incomplete"), "{}", job.log);
        assert_eq!(new_and_unchanged(&runner.report()), (1, 1));
        assert_eq!(runner.report()["summary"]["states"]["unknown_now"], 1);
    }
    // The alert of the account that could not be read is still open.
    assert!(runner.github.open().len() >= 3, "{:?}", runner.github.open());
}

#[test]
fn without_code_scanning_there_is_a_summary() {
    let (mut runner, nights) = (Runner::new(), Nights::new());
    nights.night(1, &[(ACCOUNT, Account::of(&[("logs", Is::Failing)]))], &[]);
    let message =
        r#"{"message":"Code Security must be enabled for this repository to use code scanning."}"#;
    runner.gh(&format!("echo '{message}' gh: HTTP 403 >&2; exit 1"));
    runner.github.uploads([Answer::new(403, message)]);
    let mut given = inputs(&nights, 1);
    given.push(("fail", "false".to_owned()));
    let given: Vec<(&str, &str)> =
        given.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let job = runner.job(true, &given);
    assert_eq!(job.failed, None, "{}", job.log);
    assert!(job.log.contains("::notice::Nothing was uploaded"), "{}", job.log);
    assert!(job.log.contains("::warning::There are failures"), "{}", job.log);
    assert!(job.summary.contains("logs"), "{}", job.summary);
    assert_eq!(new_and_unchanged(&runner.report()), (1, 0));

    // A token that may not upload fails the job, after the report was kept.
    runner.github.uploads([Answer::new(403, "")]);
    let job = runner.job(true, &given);
    assert_eq!(job.failed, Some(("Upload to code scanning".to_owned(), 2)), "{}", job.log);
    assert!(job.log.contains("security_events: write"), "{}", job.log);
    assert_eq!(new_and_unchanged(&runner.report()), (0, 1));
    let posts = runner.github.posts();
    let none = [&given[..], &[("upload", "false")]].concat();
    assert_eq!((runner.job(true, &none).failed, runner.github.posts()), (None, posts));
}

#[test]
fn without_an_earlier_report_open_alerts_are_not_closed() {
    let (mut runner, nights) = (Runner::new(), Nights::new());
    let failing = || Account::of(&[("logs", Is::Failing)]);
    nights.night(1, &[(ACCOUNT, failing()), (OTHER, Account::denied())], &[]);
    runner.gh("echo 1");
    let job = night(&mut runner, true, &nights, 1);
    assert!(job.log.contains("::notice::There is no earlier report"), "{}", job.log);
    assert!(job.log.contains("processed (1 run, "), "the other account is withheld: {}", job.log);
    assert!(runner.report()["summary"]["states"].is_null());

    // A scan that cannot run leaves no report to be kept.
    let kept = runner.caches.len();
    let snapshot = [("arguments", "--snapshot\nmissing")];
    let given = inputs(&nights, 1);
    let mut given: Vec<(&str, &str)> =
        given.iter().map(|(name, value)| (*name, value.as_str())).collect();
    given.extend(snapshot);
    let job = runner.job(true, &given);
    assert_eq!(job.failed, Some(("Scan".to_owned(), 2)), "{}", job.log);
    assert_eq!(runner.caches.len(), kept + 1, "only its baseline");
}

/// A plan that creates an instance that accepts IMDSv1.
const PLAN: &str = r#"{
    "format_version": "1.2", "terraform_version": "1.11.0",
    "planned_values": { "root_module": { "resources": [] } },
    "resource_changes": [{
        "address": "aws_instance.web", "mode": "managed", "type": "aws_instance", "name": "web",
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": { "actions": ["create"], "before": null, "after_unknown": { "id": true, "arn": true },
            "after": { "ami": "ami-1", "region": "eu-west-1",
                "metadata_options": [{ "http_endpoint": "enabled", "http_tokens": "optional" }] } }
    }],
    "configuration": { "root_module": {} }
}"#;

#[test]
fn a_preview_has_one_comment_on_the_pull_request() {
    let mut runner = Runner::new();
    let plan = runner.path("plan.json");
    fs::write(&plan, PLAN).unwrap();
    let (binary, plan) = (env!("CARGO_BIN_EXE_rolecall"), text(&plan).to_owned());
    let arguments = "--account\n111122223333\n--rule\nec2-instance-imdsv2";
    let inputs = [
        ("command", "preview"),
        ("binary", binary),
        ("name", "prod"),
        ("plan", plan.as_str()),
        ("arguments", arguments),
    ];
    // The GitHub CLI writes down its arguments, and answers with the comments that there are.
    let calls = runner.path("calls");
    let gh = |answer: &str| {
        format!(
            "case \"$*\" in *' user '*) exit 1 ;; esac; echo \"$@\" >>{}; case \"$*\" in *--paginate*) {answer} ;; esac",
            text(&calls)
        )
    };

    // Outside of a pull request, there is only the summary.
    runner.gh(&gh("echo unexpected"));
    let job = runner.job(true, &inputs);
    assert_eq!(job.failed, Some(("Result".to_owned(), 1)), "{}", job.log);
    assert!(job.log.contains("::notice::There is no comment"), "{}", job.log);
    assert!(
        job.log.contains("::error::The change would introduce failures, or make failures worse"),
        "{}",
        job.log
    );
    assert!(job.summary.contains("aws_instance.web"), "{}", job.summary);
    assert!(runner.caches.is_empty() && !calls.exists(), "a preview is no baseline");

    runner.pull_request = Some(7);
    for (answer, written) in [
        (":", "--method POST repos/octo/repo/issues/7/comments --field"),
        ("echo 41; echo 42", "--method PATCH repos/octo/repo/issues/comments/41 --field"),
    ] {
        fs::write(&calls, "").unwrap();
        runner.gh(&gh(answer));
        let job = runner.job(true, &inputs);
        let made = fs::read_to_string(&calls).unwrap();
        assert_eq!(made.lines().count(), 2, "{made}");
        assert!(made.contains(r#"(.user.type == "Bot" and (.body | startswith("<!-- rolecall preview: prod -->")))"#), "{made}");
        assert!(made.contains(written), "{made}");
        assert!(!job.log.contains("::warning::"), "{}", job.log);
        let body =
            fs::read_to_string(runner.path("workspace/rolecall-reports/comment.md")).unwrap();
        assert!(body.starts_with("<!-- rolecall preview: prod -->\n"), "{body}");
        assert!(body.contains(&job.summary), "{body}");
        // It says what it is of.
        assert!(body.contains("Terraform root `prod`"), "{body}");
        let of = format!(
            "Preview `prod` of commit {HEAD}. [Run](https://github.com/octo/repo/actions/runs/5)."
        );
        assert!(body.contains(&of), "{body}");
    }

    // A preview that cannot run updates the comment of an earlier commit, but writes none.
    for (answer, wrong, is_updated) in [
        ("echo 41", ("plan", "missing.json"), true),
        ("echo 41", ("version", "x"), true),
        (":", ("plan", "missing.json"), false),
    ] {
        fs::write(&calls, "").unwrap();
        runner.gh(&gh(answer));
        let binary = if wrong.0 == "version" { ("binary", "") } else { ("binary", binary) };
        let job = runner.job(true, &[&inputs[..], &[wrong, binary, ("fail", "false")]].concat());
        assert_eq!(job.failed.as_ref().map(|(_, code)| *code), Some(2), "{}", job.log);
        let made = fs::read_to_string(&calls).unwrap();
        let patch = "--method PATCH repos/octo/repo/issues/comments/41 --field";
        assert_eq!(made.contains(patch), is_updated, "{made}");
        assert!(!made.contains("POST"), "{made}");
        let body = fs::read_to_string(runner.path("temp/rolecall-comment.md")).unwrap();
        assert!(body.starts_with("<!-- rolecall preview: prod -->\n"), "{body}");
        let said = format!("The preview `prod` of commit {HEAD} could not run");
        assert!(body.contains(&said) && !body.contains("no new failures"), "{body}");
    }

    // Without the permission, the job has the same result.
    runner.gh(&gh("exit 1"));
    let job = runner.job(true, &[&inputs[..], &[("fail", "false")]].concat());
    assert_eq!(job.failed, None, "{}", job.log);
    assert!(
        job.log.contains("::warning::The comments on the pull request cannot be read"),
        "{}",
        job.log
    );
    fs::remove_file(&calls).unwrap();
    runner.job(true, &[&inputs[..], &[("comment", "false")]].concat());
    assert!(!calls.exists());
}

/// A change set that opens a security group.
const CHANGE_SET: &str = r#"{
    "StackName": "web", "StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/web/1",
    "Status": "CREATE_COMPLETE",
    "Changes": [{ "Type": "Resource", "ResourceChange": {
        "Action": "Add", "LogicalResourceId": "Admin", "ResourceType": "AWS::EC2::SecurityGroupIngress",
        "AfterContext": "{\"Properties\":{\"GroupId\":\"sg-1\",\"IpProtocol\":\"tcp\",\"FromPort\":22,\"ToPort\":22,\"CidrIp\":\"0.0.0.0/0\"}}"
    } }]
}"#;

#[test]
fn a_preview_can_be_of_a_change_set() {
    let mut runner = Runner::new();
    let file = runner.path("change-set.json");
    fs::write(&file, CHANGE_SET).unwrap();
    let file = text(&file).to_owned();
    let inputs = [
        ("command", "preview"),
        ("binary", env!("CARGO_BIN_EXE_rolecall")),
        ("change-set", file.as_str()),
        ("arguments", "--rule\nsg-ingress-remote-admin-ipv4"),
    ];
    let job = runner.job(true, &inputs);
    assert_eq!(job.failed, Some(("Result".to_owned(), 1)), "{}", job.log);
    assert!(job.summary.contains("Stack `web`"), "{}", job.summary);
    assert!(job.summary.contains("TCP 22"), "{}", job.summary);

    let job = runner.job(true, &[&inputs[..], &[("plan", "plan.json")]].concat());
    assert_eq!(job.failed, Some(("Install rolecall".to_owned(), 2)), "{}", job.log);
    assert!(job.log.contains("not both"), "{}", job.log);
}

#[test]
fn a_release_is_installed_if_its_checksum_and_attestation_are_valid() {
    let mut runner = Runner::new();
    let os = match std::env::consts::OS {
        "macos" => "apple-darwin",
        _ => "unknown-linux-musl",
    };
    let version = env!("CARGO_PKG_VERSION");
    let name = format!("rolecall-{version}-{}-{os}", std::env::consts::ARCH);
    let release = runner.path(&format!("releases/v{version}"));
    fs::create_dir_all(release.join(&name)).unwrap();
    // The program prints its arguments, and cannot scan.
    program(
        &release.join(&name).join("rolecall"),
        "echo installed \"$@\"; exit $([ $1 = -V ]; echo $?)",
    );
    let archive = release.join(format!("{name}.tar.gz"));
    let mut tar = Command::new("tar");
    tar.arg("-czf").arg(&archive).arg("-C").arg(&release).arg(&name);
    assert!(tar.status().unwrap().success());
    let hash = sha256(&archive);
    let checksum = release.join(format!("{name}.tar.gz.sha256"));
    fs::write(&checksum, format!("{hash}  {name}.tar.gz\n")).unwrap();

    let step = |job: &Job| job.failed.clone().unwrap_or_default().0;
    runner.gh("echo gh \"$@\"");
    let job = runner.job(true, &[]);
    assert!(job.log.contains("--repo OWNER/rolecall"), "{}", job.log);
    assert!(job.log.contains("installed -V"), "{}", job.log);
    assert!(job.log.contains("installed scan --output text"), "{}", job.log);
    let folder = fs::read_to_string(runner.path("path")).unwrap();
    assert!(Path::new(folder.trim()).join("rolecall").exists(), "for later steps: {folder}");

    runner.gh("exit 1");
    let job = runner.job(true, &[]);
    assert_eq!(step(&job), "Install rolecall");
    assert!(job.log.contains("attestation") && !job.log.contains("installed"), "{}", job.log);
    // A checksum that is given needs no attestation.
    let job = runner.job(true, &[("sha256", hash.to_uppercase().as_str())]);
    assert!(job.log.contains("installed scan"), "{}", job.log);
    let job = runner.job(true, &[("sha256", "0".repeat(64).as_str())]);
    assert_eq!(step(&job), "Install rolecall");
    assert!(job.log.contains("not the expected one"), "{}", job.log);
    fs::write(&checksum, "").unwrap();
    assert_eq!(step(&runner.job(true, &[])), "Install rolecall");
    fs::remove_file(&archive).unwrap();
    let job = runner.job(true, &[]);
    assert!(job.log.contains("cannot download"), "{}", job.log);
}

fn sha256(file: &Path) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(fs::read(file).unwrap());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn invalid_inputs_are_refused_before_anything_is_done() {
    let mut runner = Runner::new();
    let good = env!("CARGO_BIN_EXE_rolecall");
    for (name, value, part) in [
        ("name", "a/b", "letters, digits"),
        ("name", "", "letters, digits"),
        ("command", "scan; id", "must be scan, evaluate or preview"),
        ("command", "preview", "the input `plan` is missing"),
        ("plan", "plan.json", "`plan` is for the command preview"),
        ("change-set", "change-set.json", "`change-set` is for the command preview"),
        ("folder", "../x", "a folder in the workspace"),
        ("folder", "/tmp", "a folder in the workspace"),
        ("folder", ".", "a folder in the workspace"),
        ("folder", "", "a folder in the workspace"),
        ("binary", "missing", "is not a program: ./missing"),
    ] {
        let job = runner.job(true, &[("binary", good), (name, value)]);
        assert_eq!(job.failed, Some(("Install rolecall".to_owned(), 2)), "{name}={value}");
        assert!(job.log.contains(part), "{name}={value}: {}", job.log);
    }
    for (name, value) in [("version", "latest"), ("version", "1.2.3/../x"), ("repository", "a b/c")]
    {
        let job = runner.job(true, &[(name, value)]);
        assert_eq!(job.failed, Some(("Install rolecall".to_owned(), 2)), "{name}={value}");
    }
    assert!(runner.caches.is_empty());
}

#[test]
fn the_action_is_pinned_and_documented() {
    let action = fs::read_to_string(root().join("action.yml")).unwrap();
    for uses in action.lines().filter_map(|line| line.trim().strip_prefix("uses: ")) {
        let (_, pin) = uses.split_once('@').unwrap();
        let (hash, version) = pin.split_once(" # v").unwrap();
        assert!(hash.len() == 40 && !version.is_empty(), "{uses}");
    }
    let runner = Runner::new();
    let inputs = runner.action["inputs"].as_object().unwrap();
    // A release installs the program of the same release.
    assert_eq!(inputs["version"]["default"], env!("CARGO_PKG_VERSION"));
    let page = fs::read_to_string(root().join("docs/github.md")).unwrap();
    for name in inputs.keys().chain(runner.action["outputs"].as_object().unwrap().keys()) {
        assert!(page.contains(&format!("| `{name}` |")), "docs/github.md has no row for `{name}`");
    }
}
