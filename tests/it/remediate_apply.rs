//! `remediate plan`, `apply`, `verify` and `undo` against moto. A proxy in front of it loses answers,
//! denies writes, and answers nothing any more while the program is killed.

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::Ran;
use crate::support::fault::{Proxy, Request, when};
use crate::support::moto::run_script_with;
use crate::support::remediation::{proxy, server, valid};
use crate::support::rolecall::Rolecall;

const BUCKET_RULE: &str = r#"
const RULE = #{
    title: "Bucket does not block public access",
    resource: "s3.bucket",
    severity: "high",
    // A plan also reads the tags, which tell what manages the bucket.
    needs: ["public_access_block", "tags"],
    fix: #{ most: "safe" },
};

fn check(bucket, params) {
    let block = bucket.public_access_block;
    if block.block_public_acls && block.ignore_public_acls && block.block_public_policy && block.restrict_public_buckets {
        return pass();
    }
    fail("some settings are off")
}

fn fix(bucket, params) {
    safe_fix(action("s3.bucket.block_public_access", #{
        block_public_acls: true, ignore_public_acls: true, block_public_policy: true, restrict_public_buckets: true,
    }))
}
"#;

const GROUP_RULE: &str = r#"
const RULE = #{
    title: "Security group opens SSH to everybody",
    resource: "ec2.security_group",
    severity: "high",
    fix: #{ most: "safe" },
};

fn check(group, params) {
    for permission in group.ip_permissions {
        for range in permission.ip_ranges {
            if permission.from_port == 22 && range.cidr_ip == "0.0.0.0/0" {
                return fail("SSH is open");
            }
        }
    }
    pass()
}

fn fix(group, params) {
    let open = [];
    for permission in group.ip_permissions {
        for range in permission.ip_ranges {
            if permission.from_port == 22 && range.cidr_ip == "0.0.0.0/0" {
                open += #{ protocol: permission.ip_protocol, from_port: 22, to_port: 22, cidr_ipv4: range.cidr_ip, description: range.description };
            }
        }
    }
    safe_fix(action("ec2.security_group.revoke", #{ ingress: open }))
}
"#;

/// The text that every rule needs.
const PROSE: &str = "//! What it checks.\n//!\n//! ## Why it matters\n//! It is a test.\n//!\n//! ## How to fix it\n//! Run `true`.\n";

/// An account of its own, with two buckets and a security group that are open.
pub struct Trial {
    account: String,
    pub program: Rolecall,
}

impl Trial {
    pub fn new(account: u64, proxy: &Proxy) -> Self {
        let account = format!("{account:012}");
        let config = format!(
            r#"
[role]
name = "audit"
[[account]]
id = "{account}"
[scan]
regions = ["eu-west-1"]
rule_folders = ["rules"]
max_attempts = 2
[scan.selection]
rules = ["x-*"]
[scan.timeouts]
connect = "2s"
attempt = "5s"
call = "20s"
[remediation]
role = "arn:aws:iam::{{account}}:role/rolecall-remediation"
"#
        );
        let program = Rolecall::at(proxy).config(&config);
        fs::create_dir(program.path("rules")).unwrap();
        for (name, rule) in [("x-bucket-block", BUCKET_RULE), ("x-group-ssh", GROUP_RULE)] {
            fs::write(program.path(&format!("rules/{name}.rhai")), format!("{PROSE}{rule}"))
                .unwrap();
        }
        Self { account, program }
    }

    pub fn script(&self, step: &str) -> Value {
        let endpoint = format!("http://{}", server().address);
        let printed = run_script_with("remediation.py", &[&endpoint, &self.account, step], &[]);
        serde_json::from_str(&printed).unwrap()
    }

    /// Plans, and returns the hash of the plan.
    pub fn plan(&self) -> String {
        self.program.run(&["collect", "--snapshot", "facts"]).assert_code(0);
        let args = ["remediate", "plan", "--snapshot", "facts", "--output", "plan.json"];
        let ended = self.program.run(&args);
        ended.assert_code(0);
        ended.stderr.lines().rfind(|line| line.starts_with("sha256:")).unwrap().to_owned()
    }

    pub fn apply(&self, plan: &str, hash: &str) -> Ran {
        self.program.run(&Self::args(plan, hash))
    }

    pub fn args<'a>(plan: &'a str, hash: &'a str) -> Vec<&'a str> {
        let mut args = vec!["remediate", "apply", plan, "--approved", hash, "--format", "json"];
        args.extend(["--wait", "1s", "--source-identity", "alice"]);
        args
    }
}

/// The report of `apply`, which matches its schema.
pub fn report(ended: &Ran) -> Value {
    valid(ended, "apply")
}

pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Outcomes of items by action and resource.
fn outcomes(report: &Value) -> BTreeSet<(String, String)> {
    let items = report["items"].as_array().unwrap().iter();
    items
        .map(|item| {
            let resource: String = item["resource"].as_str().unwrap().chars().take(9).collect();
            let resource = if resource.starts_with("sg-") { "sg".to_owned() } else { resource };
            (resource, item["outcome"].as_str().unwrap().to_owned())
        })
        .collect()
}

fn set<const N: usize>(pairs: [(&str, &str); N]) -> BTreeSet<(String, String)> {
    pairs.into_iter().map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

fn statuses(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding["status"].as_str().unwrap()).collect()
}

/// All four settings, sorted.
const ALL: [&str; 4] =
    ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];

pub fn fixed() -> Value {
    json!({ "blocks": { "records-a": ALL, "records-b": ALL }, "sources": [[22, "192.0.2.0/24", "office"]] })
}

pub fn is_write(call: &str) -> bool {
    call.starts_with("s3:PUT ") || call.contains("SecurityGroupIngress")
}

#[test]
fn a_plan_is_applied_verified_and_undone() {
    let proxy = proxy(Vec::new());
    let trial = Trial::new(700_000_000_001, &proxy);
    let before = trial.script("seed");
    let hash = trial.plan();
    assert_eq!(trial.program.json("plan.json")["items"].as_array().unwrap().len(), 3);

    let ended = trial.program.run(&["remediate", "verify", "plan.json"]);
    ended.assert_code(1);
    assert_eq!(ended.stdout.matches("fails: ").count(), 3, "{}", ended.stdout);

    let count = proxy.requests().len();
    let ended = trial.apply("plan.json", &hash);
    ended.assert_code(0);
    let report = report(&ended);
    assert_eq!(
        outcomes(&report),
        set([("records-a", "done"), ("records-b", "done"), ("sg", "done")])
    );
    assert_eq!(statuses(&report), ["fixed", "fixed", "fixed"]);
    // The office's rule is still there.
    assert_eq!(trial.script("state"), fixed());

    // The role that writes has a session for each action, which allows exactly the writes.
    let requests = proxy.requests().split_off(count);
    let write_role = format!("arn:aws:iam::{}:role/rolecall-remediation", trial.account);
    let sessions: Vec<_> =
        requests.iter().filter(|request| request.param("RoleArn") == write_role).collect();
    assert_eq!(sessions.len(), 2);
    for session in sessions {
        let expected = format!("rolecall-fix-{}", &hash[7..19]);
        assert_eq!(session.param("RoleSessionName"), expected);
        assert_eq!(session.param("SourceIdentity"), "alice");
        let policy: Value = serde_json::from_str(session.param("Policy")).unwrap();
        let statement = &policy["Statement"][0];
        assert_eq!(policy["Statement"].as_array().unwrap().len(), 1);
        let actions = statement["Action"].as_array().unwrap();
        assert_eq!(actions.len(), 1);
        let action = actions[0].as_str().unwrap();
        assert!(
            ["s3:PutBucketPublicAccessBlock", "ec2:RevokeSecurityGroupIngress"].contains(&action)
        );
        let resources = statement["Resource"].as_array().unwrap();
        assert_eq!(resources.len(), if action.starts_with("s3:") { 2 } else { 1 });
        assert!(resources.iter().all(|resource| !resource.as_str().unwrap().contains('*')));
    }
    for request in requests.iter().filter(|request| request.call.starts_with("s3:PUT ")) {
        let owner = request.headers.get("x-amz-expected-bucket-owner");
        assert_eq!(owner, Some(&trial.account));
        let agent = &request.headers["user-agent"];
        assert!(agent.contains(&format!("app/rolecall-remediate-{}", &hash[7..19])), "{agent}");
    }

    let ended = trial.program.run(&["remediate", "verify", "plan.json"]);
    ended.assert_code(0);
    assert!(ended.stdout.ends_with("3 findings: 3 pass\n"), "{}", ended.stdout);
    let ended =
        trial.program.run(&["remediate", "verify", "plan.json.journal", "--format", "json"]);
    ended.assert_code(0);
    let verified = valid(&ended, "verify");
    assert_eq!(statuses(&verified), ["passes", "passes", "passes"]);
    assert_eq!(verified["plan"], hash);
    for (one, planned) in
        verified["findings"].as_array().unwrap().iter().zip(report["findings"].as_array().unwrap())
    {
        for key in ["rule", "fingerprint", "items"] {
            assert_eq!(one[key], planned[key]);
        }
    }
    // A pass under other rules or settings proves nothing.
    let config = trial.program.path("rolecall.toml");
    let rule = trial.program.path("rules/x-bucket-block.rhai");
    for (path, from, to, key) in [
        (
            &config,
            "[remediation]",
            "[trust]\naccounts = [\"111122223333\"]\n[remediation]",
            "other_settings",
        ),
        (&rule, "//! What it checks.", "//! It checks something else.", "other_rules"),
    ] {
        let text = fs::read_to_string(path).unwrap();
        fs::write(path, text.replacen(from, to, 1)).unwrap();
        for file in ["plan.json", "plan.json.journal"] {
            let ended = trial.program.run(&["remediate", "verify", file, "--format", "json"]);
            ended.assert_code(3);
            assert_eq!(valid(&ended, "verify")[key], true, "{file}");
        }
        let ended = trial.program.run(&["remediate", "verify", "plan.json"]);
        let advice = "use the same --rule, --account, --region and --config as for `plan`";
        assert!(ended.stdout.contains(advice), "{}", ended.stdout);
        fs::write(path, text).unwrap();
    }
    // Once more: the journal has everything, so nothing is sent.
    let count = proxy.requests().iter().filter(|request| is_write(&request.call)).count();
    trial.apply("plan.json", &hash).assert_code(0);
    let after = proxy.requests().iter().filter(|request| is_write(&request.call)).count();
    assert_eq!(after, count);

    let undo = ["remediate", "undo", "plan.json.journal", "--output", "undo.json"];
    let ended = trial.program.run(&undo);
    ended.assert_code(0);
    let hash = ended.stderr.lines().rfind(|line| line.starts_with("sha256:")).unwrap().to_owned();
    let next = format!(
        "To review it: rolecall remediate show undo.json\nTo apply it, if you approve it: rolecall \
         remediate apply undo.json --approved {hash} --undoes plan.json.journal\n{hash}\n"
    );
    assert!(ended.stderr.ends_with(&next), "{}", ended.stderr);
    let shown = trial.program.run(&["remediate", "show", "undo.json"]);
    shown.assert_code(0);
    assert!(!shown.stdout.contains(" fixes") && !shown.stdout.contains("fixable"));
    assert!(shown.stdout.contains("\n    redo s3.bucket.block_public_access"), "{}", shown.stdout);
    let applies = format!("apply undo.json --approved {hash} --undoes JOURNAL\n");
    assert!(shown.stderr.ends_with(&applies), "{}", shown.stderr);
    let shown = trial.program.run(&["remediate", "show", "undo.json", "--format", "markdown"]);
    assert!(shown.stdout.starts_with("# rolecall: plan to undo fixes\n"), "{}", shown.stdout);
    assert!(!shown.stdout.contains("- Fixes:") && shown.stdout.contains("- Redo: "));
    let expires = trial.program.json("undo.json")["expires"].as_str().unwrap().to_owned();
    assert!(!expires.contains('.'), "{expires}");
    let ended = trial.program.run(&["remediate", "verify", "undo.json"]);
    ended.assert_code(2);
    assert!(ended.stderr.contains("verify the plan that it undoes"), "{}", ended.stderr);
    let undo_with = |plan: &str, hash: &str, journal: &str| {
        let args = Trial::args(plan, hash);
        trial.program.run(&[&args[..], &["--undoes", journal]].concat())
    };
    let ended = trial.apply("undo.json", &hash);
    ended.assert_code(2);
    assert!(
        ended.stderr.contains("pass the journal of that run with --undoes"),
        "{}",
        ended.stderr
    );
    let journal = fs::read_to_string(trial.program.path("plan.json.journal")).unwrap();
    let shorter = journal.lines().take(4).collect::<Vec<_>>().join("\n") + "\n";
    fs::write(trial.program.path("shorter.journal"), shorter).unwrap();
    let ended = undo_with("undo.json", &hash, "shorter.journal");
    ended.assert_code(2);
    assert!(ended.stderr.contains("the journal is not the one"), "{}", ended.stderr);
    // A plan that no journal undoes, whose bytes somebody approved.
    let plan = fs::read_to_string(trial.program.path("undo.json")).unwrap();
    let crafted = plan.replace("\"class\": \"unsafe\"", "\"class\": \"safe\"");
    assert_ne!(crafted, plan);
    fs::write(trial.program.path("crafted.json"), &crafted).unwrap();
    let crafted_hash = format!("sha256:{}", sha256(crafted.as_bytes()));
    let ended = undo_with("crafted.json", &crafted_hash, "plan.json.journal");
    ended.assert_code(1);
    assert_eq!(
        outcomes(&self::report(&ended)),
        set([("records-a", "changed"), ("records-b", "changed"), ("sg", "changed")])
    );
    assert_eq!(trial.script("state"), fixed());

    let ended = undo_with("undo.json", &hash, "plan.json.journal");
    ended.assert_code(0);
    assert_eq!(trial.script("state"), before);
    trial.program.run(&["remediate", "verify", "plan.json"]).assert_code(1);
}

#[test]
fn a_plan_without_a_snapshot_collects_what_fixes_need() {
    let proxy = proxy(Vec::new());
    let trial = Trial::new(700_000_000_101, &proxy);
    // Only the plan needs the tags now.
    let path = trial.program.path("rules/x-bucket-block.rhai");
    let rule = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        rule.replace(r#"["public_access_block", "tags"]"#, r#"["public_access_block"]"#),
    )
    .unwrap();
    trial.script("seed");
    trial.program.run(&["remediate", "plan", "--output", "now.json"]).assert_code(0);
    trial.program.run(&["collect", "--fixes", "--snapshot", "facts"]).assert_code(0);
    let args = ["remediate", "plan", "--snapshot", "facts", "--output", "later.json"];
    trial.program.run(&args).assert_code(0);
    for plan in ["now.json", "later.json"] {
        assert_eq!(trial.program.json(plan)["items"].as_array().unwrap().len(), 3);
    }
}

#[test]
fn a_plan_that_was_edited_or_not_approved_is_refused() {
    let proxy = proxy(Vec::new());
    let trial = Trial::new(700_000_000_002, &proxy);
    let before = trial.script("seed");
    let hash = trial.plan();
    let path = trial.program.path("plan.json");
    let bytes = fs::read(&path).unwrap();
    for at in [bytes.len() / 3, bytes.len() / 2, bytes.len() - 3] {
        let mut edited = bytes.clone();
        edited[at] ^= 1;
        fs::write(&path, edited).unwrap();
        trial.apply("plan.json", &hash).assert_code(2);
    }
    fs::write(&path, &bytes).unwrap();
    let other = if &hash[7..9] == "00" { "11" } else { "00" };
    let other = format!("sha256:{other}{}", &hash[9..]);
    let ended = trial.apply("plan.json", &other);
    ended.assert_code(2);
    assert!(ended.stderr.contains("the plan is not the approved one"), "{}", ended.stderr);
    let args = ["remediate", "apply", "plan.json", "--approved", &hash];
    let ended = trial.program.run(&[&args[..], &["--source-identity", "some[bot]"]].concat());
    ended.assert_code(2);
    assert!(ended.stderr.contains("use 2 to 64 letters"), "{}", ended.stderr);
    let config = trial.program.path("rolecall.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("rules = [\"x-*\"]", "rules = [\"x-b*\"]")).unwrap();
    let ended = trial.apply("plan.json", &hash);
    ended.assert_code(2);
    assert!(ended.stderr.contains("the plan was made for other rules"), "{}", ended.stderr);
    assert!(ended.stderr.contains("or use the same --rule, --account,"), "{}", ended.stderr);
    let ended = trial.apply("-", &hash);
    ended.assert_code(2);
    assert!(ended.stderr.contains("cannot read the plan from stdin"), "{}", ended.stderr);
    assert!(!path.with_file_name("plan.json.journal").exists());
    assert_eq!(trial.script("state"), before);
    assert!(proxy.requests().iter().all(|request| !is_write(&request.call)));
}

#[test]
fn what_somebody_else_changed_is_left_alone() {
    let proxy = proxy(Vec::new());
    let trial = Trial::new(700_000_000_003, &proxy);
    trial.script("seed");
    let hash = trial.plan();
    trial.script("meddle");
    let ended = trial.apply("plan.json", &hash);
    ended.assert_code(1);
    let report = report(&ended);
    assert_eq!(
        outcomes(&report),
        set([("records-a", "changed"), ("records-b", "done"), ("sg", "done")])
    );
    assert!(statuses(&report).contains(&"changed_meanwhile"));
    assert_eq!(trial.script("state")["blocks"]["records-a"], json!(["BlockPublicAcls"]));
    // What was applied can be undone; the bucket of somebody else is not touched.
    trial
        .program
        .run(&["remediate", "undo", "plan.json.journal", "--output", "undo.json"])
        .assert_code(0);
    assert_eq!(trial.program.json("undo.json")["items"].as_array().unwrap().len(), 2);
    // Unless somebody changes that as well.
    let undone = trial.program.json("undo.json");
    assert!(undone["undoes"].as_str().unwrap().starts_with("sha256:"));
}

#[test]
fn a_tag_that_is_set_after_planning_again_stops_the_write() {
    // Dry runs come after the accounts were collected again, and before the first write.
    let is_collected = AtomicBool::new(false);
    let proxy = proxy(vec![
        when(move |request| {
            is_collected.fetch_or(request.param("DryRun") == "true", Ordering::SeqCst);
            is_collected.load(Ordering::SeqCst)
                && request.call == "s3:GetBucketTagging"
                && request.bucket.as_deref().is_some_and(|name| name.starts_with("records-a"))
        })
        .body("<Tagging><TagSet><Tag><Key>Hold</Key><Value>legal</Value></Tag></TagSet></Tagging>"),
    ]);
    let trial = Trial::new(700_000_000_018, &proxy);
    let hands_off = "[[hands_off]]\ntags = [\"Hold=*\"]\nreason = \"a lawsuit\"\n";
    let path = trial.program.path("rolecall.toml");
    let config = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{config}\n{hands_off}")).unwrap();
    trial.script("seed");
    let hash = trial.plan();
    let ended = trial.apply("plan.json", &hash);
    ended.assert_code(1);
    let report = report(&ended);
    assert_eq!(
        outcomes(&report),
        set([("records-a", "changed"), ("records-b", "done"), ("sg", "done")])
    );
    assert!(ended.stdout.contains("hands off: a lawsuit"), "{}", ended.stdout);
    let written = |request: &Request| request.call.starts_with("s3:PUT /records-a");
    assert!(!proxy.requests().iter().any(written));
}

#[test]
fn a_denied_write_says_who_denied_it() {
    const MESSAGE: &str = "User is not authorized to perform: s3:PutBucketPublicAccessBlock with an explicit deny in a service control policy";
    let proxy =
        proxy(vec![when(|request| request.call.starts_with("s3:PUT /records-a")).denied(MESSAGE)]);
    let trial = Trial::new(700_000_000_004, &proxy);
    trial.script("seed");
    let hash = trial.plan();
    let ended = trial.apply("plan.json", &hash);
    ended.assert_code(1);
    let report = report(&ended);
    assert_eq!(
        outcomes(&report),
        set([("records-a", "denied"), ("records-b", "done"), ("sg", "done")])
    );
    let denied =
        report["items"].as_array().unwrap().iter().find(|item| item["outcome"] == "denied");
    assert_eq!(denied.unwrap()["denied_by"], "service_control_policy");
    // A denied dry run leaves the whole account alone.
    let proxy = self::proxy(vec![
        when(|request| request.call == "ec2:RevokeSecurityGroupIngress").denied("no"),
    ]);
    let trial = Trial::new(700_000_000_005, &proxy);
    let before = trial.script("seed");
    let hash = trial.plan();
    let ended = trial.apply("plan.json", &hash);
    ended.assert_code(1);
    assert_eq!(trial.script("state"), before);
    assert!(proxy.requests().iter().all(|request| !request.call.starts_with("s3:PUT ")));
}

#[test]
fn a_lost_answer_is_looked_at_and_not_repeated() {
    for (account, lost) in [(700_000_000_006, true), (700_000_000_007, false)] {
        let first = when(|request| request.call.starts_with("s3:PUT /records-a"));
        let fault = if lost { first.lost() } else { first.cut() };
        let proxy = proxy(vec![fault]);
        let trial = Trial::new(account, &proxy);
        trial.script("seed");
        let hash = trial.plan();
        let ended = trial.apply("plan.json", &hash);
        let report = report(&ended);
        let writes = proxy
            .requests()
            .iter()
            .filter(|request| request.call.starts_with("s3:PUT /records-a"))
            .count();
        assert_eq!(writes, 1);
        if lost {
            ended.assert_code(0);
            assert_eq!(statuses(&report), ["fixed", "fixed", "fixed"]);
            assert_eq!(trial.script("state"), fixed());
        } else {
            // It may still be carried out after --wait.
            ended.assert_code(3);
            assert!(outcomes(&report).contains(&("records-a".to_owned(), "unknown".to_owned())));
            assert_eq!(trial.script("state")["blocks"]["records-a"], json!([]));
        }
    }
}

/// The program is killed at the n-th request of `apply`, before or after AWS did what it asked for,
/// and then resumed. `ROLECALL_KILLS=all` tries every n.
#[test]
fn a_killed_run_is_resumed() {
    let mut account = 700_000_001_000;
    let whole = {
        let proxy = proxy(Vec::new());
        let trial = Trial::new(account, &proxy);
        trial.script("seed");
        let hash = trial.plan();
        let before = proxy.requests().len();
        trial.apply("plan.json", &hash).assert_code(0);
        proxy.requests().split_off(before)
    };
    let first_write = whole
        .iter()
        .position(|request| is_write(&request.call) && request.param("DryRun").is_empty());
    let points: Vec<usize> = match std::env::var("ROLECALL_KILLS") {
        Ok(all) if all == "all" => (0..whole.len()).collect(),
        _ => vec![2, first_write.unwrap(), first_write.unwrap() + 1],
    };
    for at in points {
        for carried_out in [false, true] {
            account += 1;
            kill_at(account, at, carried_out);
        }
    }
}

fn kill_at(account: u64, at: usize, carried_out: bool) {
    // Counting begins with `apply`.
    let count = Arc::new(AtomicUsize::new(usize::MAX / 2));
    let counted = count.clone();
    let hit = when(move |_| counted.fetch_add(1, Ordering::SeqCst) == at);
    let hit = if carried_out { hit.lost() } else { hit.cut() };
    let after = count.clone();
    // Nothing is answered any more.
    let silent =
        when(move |_| (at + 1..usize::MAX / 4).contains(&after.load(Ordering::SeqCst))).hang();
    let proxy = proxy(vec![hit, silent]);
    let trial = Trial::new(account, &proxy);
    trial.script("seed");
    let hash = trial.plan();
    count.store(0, Ordering::SeqCst);
    let mut child = trial
        .program
        .command(&Trial::args("plan.json", &hash))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while count.load(Ordering::SeqCst) <= at && begun.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_millis(2));
    }
    // What was lost has reached moto by now.
    thread::sleep(Duration::from_millis(100));
    child.kill().unwrap();
    child.wait().unwrap();
    count.store(usize::MAX / 2, Ordering::SeqCst);

    let shown = format!("killed at request {at}, carried out: {carried_out}");
    let ended = trial.apply("plan.json", &hash);
    let report = report(&ended);
    let state = trial.script("state");
    // What the report says is what is so.
    for (resource, outcome) in outcomes(&report) {
        let is_fixed = match resource.as_str() {
            "sg" => state["sources"] == fixed()["sources"],
            bucket => state["blocks"][bucket] == json!(ALL),
        };
        match outcome.as_str() {
            "done" | "already" => assert!(is_fixed, "{shown}: {resource} {outcome}"),
            // A dry run that was never answered is a failure. A change that was not seen within
            // --wait can still be made.
            "interrupted" | "failed" | "unknown" | "not_begun" => {
                assert!(!is_fixed, "{shown}: {resource} {outcome}")
            }
            other => panic!("{shown}: {resource} is {other}: {report:#}"),
        }
    }
    // Planning again finishes the rest.
    fs::remove_dir_all(trial.program.path("facts")).unwrap();
    fs::rename(trial.program.path("plan.json.journal"), trial.program.path("first.journal"))
        .unwrap();
    let hash = trial.plan();
    if !trial.program.json("plan.json")["items"].as_array().unwrap().is_empty() {
        trial.apply("plan.json", &hash).assert_code(0);
    }
    assert_eq!(trial.script("state"), fixed(), "{shown}");
}
