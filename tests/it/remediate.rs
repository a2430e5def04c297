//! `rolecall remediate plan` and `show`, through the binary: what is planned, what is not and why, and
//! that a plan is what its reader sees.

mod denied;
mod items;

use std::fs;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::program::{Ran, ran, rolecall, root, run};

const ACCOUNT: &str = "111122223333";

/// A rule on buckets. The name of a bucket decides its class.
const OPEN: &str = r###"//! Bucket is open.
//!
//! ## How to fix it
//! - AWS CLI:
//!   ```sh
//!   aws s3api put-public-access-block --bucket my-bucket
//!   ```
const RULE = #{
    title: "Bucket is open", resource: "s3.bucket", severity: "high", needs: ["public_access_block"],
    fix: #{ most: "safe", needs: ["versioning"] },
};
fn check(bucket, params) {
    if bucket.public_access_block.block_public_acls { pass() } else { fail("open") }
}
fn fix(bucket, params) {
    let block = action("s3.bucket.block_public_access", #{ block_public_acls: true });
    if bucket.name.contains("safe") { return safe_fix(block); }
    if bucket.name.contains("hand") { return by_hand("it is a decision"); }
    if bucket.name.contains("break") { return safe_fix(action("s3.bucket.block_public_access", #{ x: 1 })); }
    unsafe_fix(`used by ${bucket.name}`, block)
}
"###;

/// The same change, and another one, by a second rule. Its fix has a parameter.
const WIDE: &str = r###"//! Bucket is wide open.
const RULE = #{
    title: "Bucket is wide open", resource: "s3.bucket", severity: "high", needs: ["public_access_block"],
    fix: #{ most: "safe", params: #{ owner: (), all: true } },
};
fn check(bucket, params) {
    if bucket.public_access_block.ignore_public_acls { pass() } else { fail("wide open") }
}
fn fix(bucket, params) {
    safe_fix(action("s3.bucket.block_public_access", #{ block_public_acls: params.all, ignore_public_acls: true }))
}
"###;

/// A rule that the fixes make worse.
const CLOSED: &str = r###"//! Bucket is closed.
const RULE = #{ title: "Bucket is closed", resource: "s3.bucket", severity: "low", needs: ["public_access_block"] };
fn check(bucket, params) {
    if bucket.public_access_block.block_public_acls { fail("closed") } else { pass() }
}
"###;

/// Rules, a snapshot of buckets, and a config.
struct Case(tempfile::TempDir);

/// A bucket of a snapshot that fails the rules.
fn bucket(name: &str) -> Value {
    let off = json!({
        "block_public_acls": false, "ignore_public_acls": false,
        "block_public_policy": false, "restrict_public_buckets": false,
    });
    json!({
        "type": "resource", "kind": "s3.bucket", "id": name, "region": "eu-west-1",
        "arn": format!("arn:aws:s3:::{name}"),
        "facts": {
            "name": name, "bucket_region": "eu-west-1", "creation_date": "2026-01-01T00:00:00Z",
            "public_access_block": off, "versioning": null, "tags": {},
        },
    })
}

impl Case {
    fn new(rules: &[(&str, &str)], buckets: &[Value]) -> Self {
        let case = Self(tempfile::tempdir().unwrap());
        fs::create_dir(case.path("rules")).unwrap();
        for (name, text) in rules {
            fs::write(case.path(&format!("rules/{name}.rhai")), text).unwrap();
        }
        case.snapshot(buckets);
        case.config("");
        case
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn config(&self, more: &str) {
        let head = "[scan]\nrule_folders = [\"rules\"]\n[scan.selection]\nrules = [\"bucket-*\"]\n";
        fs::write(self.path("rolecall.toml"), format!("{head}{more}")).unwrap();
    }

    fn snapshot(&self, buckets: &[Value]) {
        let facts = json!(["public_access_block", "tags", "versioning"]);
        let demand = json!({ "s3.bucket": facts });
        let manifest = json!({
            "format": 1, "tool": "t", "targets": [{ "account": ACCOUNT, "name": "shop" }], "demand": demand,
        });
        let mut lines = vec![
            json!({
                "type": "header", "account": ACCOUNT, "collected_at": "2026-06-01T23:30:00Z",
                "entered": true, "regions": ["eu-west-1"], "demand": demand,
            }),
            json!({
                "type": "listed", "kind": "s3.bucket", "region": "global", "facts": facts,
                "count": buckets.len(),
            }),
        ];
        lines.extend(buckets.iter().cloned());
        lines.push(json!({ "type": "end", "resources": buckets.len(), "gaps": 0 }));
        fs::create_dir_all(self.path("snapshot")).unwrap();
        fs::write(self.path("snapshot/snapshot.json"), manifest.to_string()).unwrap();
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(self.path(&format!("snapshot/{ACCOUNT}.jsonl")), text).unwrap();
    }

    fn run(&self, args: &[&str]) -> Ran {
        ran(rolecall().current_dir(self.0.path()).args(args).output().unwrap())
    }

    fn plan(&self, more: &[&str]) -> Ran {
        self.run(&[&["remediate", "plan", "--snapshot", "snapshot"], more].concat())
    }

    /// The plan, with the expected exit code.
    #[track_caller]
    fn planned(&self, code: i32, more: &[&str]) -> Value {
        let ran = self.plan(more);
        assert_eq!(ran.code, code, "{}", ran.stderr);
        serde_json::from_str(&ran.stdout).unwrap()
    }

    fn show(&self, plan: &str, format: &str) -> Ran {
        self.run(&["remediate", "show", plan, "--format", format])
    }
}

/// The buckets of items, and the causes of what is not planned by bucket.
fn summary(plan: &Value) -> (Vec<String>, Vec<(String, String)>) {
    let list = |key: &str| plan[key].as_array().unwrap().clone();
    let id = |value: &Value| value["resource"]["id"].as_str().unwrap().to_owned();
    let items = list("items").iter().map(id).collect();
    let causes = list("not_planned");
    let causes = causes.iter().map(|one| (id(one), one["cause"].as_str().unwrap().to_owned()));
    (items, causes.collect())
}

#[test]
fn every_failing_finding_is_planned_or_has_a_cause() {
    let mut no_tags = bucket("safe-no-tags");
    no_tags["facts"].as_object_mut().unwrap().remove("tags");
    no_tags["unreadable"] =
        json!({ "tags": { "call": "s3:GetBucketTagging", "code": "AccessDenied", "message": "" } });
    let mut unread = bucket("safe-unread");
    unread["facts"].as_object_mut().unwrap().remove("versioning");
    unread["unreadable"] = json!({ "versioning": { "call": "s3:GetBucketVersioning", "code": "AccessDenied", "message": "" } });
    let mut managed = bucket("safe-managed");
    managed["facts"]["tags"] = json!({ "aws:cloudformation:stack-name": "web" });
    let mut tagged = bucket("safe-tagged");
    tagged["facts"]["tags"] = json!({ "Owner": "vendor" });
    let all = [
        bucket("hand"),
        bucket("break"),
        bucket("risky"),
        bucket("safe"),
        bucket("safe-hands"),
        managed,
        no_tags,
        tagged,
        unread,
        bucket("safe-waived"),
    ];
    let case = Case::new(&[("bucket-open", OPEN)], &all);
    let config = "[[hands_off]]\nresource = \"safe-hands\"\nreason = \"frozen\"\n\
        [[hands_off]]\naccount = \"shop\"\ntags = \"Owner=vend*\"\nreason = \"vendor\"\n\
        [[waiver]]\nresource = \"safe-waived\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2026-06-30\n";
    case.config(config);
    let plan = case.planned(3, &[]);
    let (items, causes) = summary(&plan);
    assert_eq!(items, ["safe"]);
    let causes: std::collections::BTreeMap<String, String> = causes.into_iter().collect();
    let allowed = "(allowed by --unsafe-fixes and [rules.\"bucket-open\".fix] unsafe = true)";
    for (bucket, cause) in [
        ("risky", format!("unsafe: used by risky {allowed}")),
        ("safe-hands", "hands off: frozen".to_owned()),
        (
            "safe-managed",
            format!("unsafe: managed by CloudFormation stack web, so change it there {allowed}"),
        ),
        ("safe-no-tags", "s3:GetBucketTagging: AccessDenied".to_owned()),
        ("safe-tagged", "hands off: vendor".to_owned()),
        ("safe-unread", "s3:GetBucketVersioning: AccessDenied".to_owned()),
        ("safe-waived", "waived until 2026-06-30".to_owned()),
    ] {
        assert_eq!(causes.get(bucket), Some(&cause), "{bucket}");
    }
    assert!(
        causes["break"].contains("`fix` failed with an error") && causes.len() == 8,
        "{causes:#?}"
    );
    assert_eq!(
        plan["by_hand"][0]["commands"][0],
        "aws s3api put-public-access-block --bucket hand"
    );
    assert_eq!(plan["by_hand"][0]["reason"], "it is a decision");
    let item = &plan["items"][0];
    assert_eq!(item["parameters"]["block_public_acls"], true);
    assert_eq!(item["before"]["public_access_block"]["block_public_acls"], false);
    assert_eq!(item["after"]["public_access_block"]["block_public_acls"], true);
    assert_eq!(item["findings"][0]["after"], "pass");
    assert_eq!(item["iam"], json!(["s3:PutBucketPublicAccessBlock"]));
    assert_eq!(item["undo"]["action"], "s3.bucket.set_public_access_block");
    assert_eq!(plan["expires"], "2026-06-08T23:30:00Z");

    let ran = case.plan(&["--output", "plan.json"]);
    assert!(
        ran.stderr.contains(
            "10 findings, 1 fixable, 2 more with --unsafe-fixes and `unsafe = true` in [rules.\"ID\".fix], 1 by hand, 6 not planned"
        ),
        "{}",
        ran.stderr
    );

    // Both are needed for unsafe ones.
    assert_eq!(summary(&case.planned(3, &["--unsafe-fixes"])).0, ["safe"]);
    case.config(&format!("{config}[rules.\"bucket-open\".fix]\nunsafe = true\n"));
    assert_eq!(summary(&case.planned(3, &[])).0, ["safe"]);
    let plan = case.planned(3, &["--unsafe-fixes"]);
    assert_eq!(summary(&plan).0, ["risky", "safe", "safe-managed"]);
    assert_eq!(plan["items"][2]["class"], "unsafe");
    assert_eq!(plan["items"][2]["managed_by"], "CloudFormation stack web");
}

#[test]
fn changes_of_several_rules_are_one_item_and_what_becomes_worse_is_said() {
    let rules = [("bucket-open", OPEN), ("bucket-wide", WIDE), ("bucket-closed", CLOSED)];
    let case = Case::new(&rules, &[bucket("safe")]);
    let plan = case.planned(0, &["--rule", "bucket-open,bucket-wide"]);
    assert_eq!(
        summary(&plan).1,
        [("safe".to_owned(), "set [rules.\"bucket-wide\".fix] params.owner".to_owned())]
    );
    let set = "[rules.\"bucket-wide\".fix]\nparams = { owner = \"team\" }\n";
    case.config(set);
    // The wider change includes the other one.
    let plan = case.planned(0, &["--rule", "bucket-open,bucket-wide"]);
    let (items, causes) = summary(&plan);
    assert_eq!((items.len(), causes.len()), (1, 0), "{plan:#}");
    assert_eq!(plan["items"][0]["findings"].as_array().unwrap().len(), 2);
    assert_eq!(plan["items"][0]["makes_worse"], json!([]));
    let plan = case.planned(0, &[]);
    assert_eq!(plan["items"][0]["makes_worse"][0]["rule"], "bucket-closed");
    assert_eq!(plan["items"][0]["makes_worse"][0]["after"], "fail");

    // Two changes of the same facts depend on each other.
    case.config("[rules.\"bucket-wide\".fix]\nparams = { owner = \"team\", all = false }\n");
    let plan = case.planned(0, &["--rule", "bucket-open,bucket-wide"]);
    let items = plan["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{plan:#}");
    let second = items.iter().find(|item| item.get("depends_on").is_some()).unwrap();
    let first = items.iter().find(|item| item.get("depends_on").is_none()).unwrap();
    assert_eq!(second["depends_on"], json!([first["id"]]));
    assert_eq!(second["before"], first["after"]);
}

#[test]
fn the_same_input_gives_the_same_bytes_and_an_edited_plan_is_refused() {
    let case =
        Case::new(&[("bucket-open", OPEN)], &[bucket("safe"), bucket("safe-2"), bucket("x")]);
    let [first, second] = [(); 2].map(|()| case.plan(&[]).stdout);
    assert_eq!(first, second);
    let write = |text: &str| fs::write(case.path("plan.json"), text).unwrap();
    write(&first);
    assert_eq!(case.show("plan.json", "json").code, 0);
    let other = first.replacen("\"block_public_acls\": true", "\"block_public_acls\":  true", 1);
    let renamed = first.replacen("\"version\": 1", "\"version\": 2", 1);
    let unknown = first.replacen("\"tool\"", "\"extra\": 1,\n  \"tool\"", 1);
    for (text, message) in [
        (other.as_str(), "was edited, or written by another version of rolecall"),
        (&format!("{first}\n"), "was edited"),
        (&renamed, "has version 2, but this rolecall reads version 1"),
        (&unknown, "is not a valid plan: unknown key `extra`"),
        ("{}", "missing key `version`"),
        ("", "is not a valid plan"),
    ] {
        write(text);
        let ran = case.show("plan.json", "text");
        assert!(ran.code == 2 && ran.stderr.contains(message), "{message}: {}", ran.stderr);
    }
    // What was planned depends on the rules and the settings.
    let hash = |key: &str, more: &[&str]| case.planned(0, more)[key].clone();
    let (rules, config) = (hash("rules", &[]), hash("config", &[]));
    assert_ne!(config, hash("config", &["--unsafe-fixes"]));
    case.config("[rules.\"bucket-open\".fix]\nunsafe = true\n");
    assert_ne!(rules, hash("rules", &[]));
}

#[test]
fn what_is_shown_says_what_can_be_done_with_the_plan() {
    let case = Case::new(&[("bucket-open", OPEN)], &[bucket("safe"), bucket("risky")]);
    let allow = "[rules.\"bucket-open\".fix]\nunsafe = true\n";
    let setting = "`unsafe = true` in [rules.\"ID\".fix]";
    for (config, more, hidden) in [
        ("", &[][..], format!("1 more with `--unsafe-fixes` and {setting}")),
        ("", &["--unsafe-fixes"], format!("1 more with {setting}")),
        (allow, &[], "1 more with `--unsafe-fixes`".to_owned()),
    ] {
        case.config(config);
        let planned = case.plan(&[more, &["--output", "plan.json"]].concat());
        assert!(planned.stderr.contains(&hidden.replace("`--unsafe-fixes`", "--unsafe-fixes")));
        let [text, markdown] = ["text", "markdown"].map(|format| case.show("plan.json", format));
        let words = text.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&format!("1 fixable, {hidden} EXPIRED ")), "{}", text.stdout);
        assert!(markdown.stdout.contains(&format!("1 fixable, {hidden}\n")), "{}", markdown.stdout);
        assert!(markdown.stdout.contains(&format!("planned with {}.", &hidden[12..])));
        // It was collected long ago.
        let expired = "2026-06-08T23:30:00Z";
        assert!(text.stdout.contains(&format!("EXPIRED {expired}: collect and plan again\n")));
        assert!(!text.stderr.contains("apply"), "{}", text.stderr);
        let expired = format!("- **Expired**: `{expired}`: collect and plan again\n");
        assert!(markdown.stdout.contains(&expired), "{}", markdown.stdout);
        assert!(!case.show("plan.json", "json").stdout.contains("xpired"));
    }
    // Only the hash tells that a value was edited.
    for (more, option) in [(&[][..], ""), (&["--unsafe-fixes"], " --unsafe-fixes")] {
        let plan = case.plan(more).stdout.replace("2026-06-08", "2999-01-01");
        fs::write(case.path("plan.json"), &plan).unwrap();
        let shown = case.show("plan.json", "text");
        let hash = shown.stdout.lines().last().unwrap();
        assert!(shown.stdout.contains("\nexpires 2999-01-01T23:30:00Z\n"), "{}", shown.stdout);
        let command = format!("rolecall remediate apply plan.json --approved {hash}{option}");
        let line = format!("To apply it, if you approve it: {command}\n");
        assert!(shown.stderr.starts_with(&line), "{}", shown.stderr);
        assert!(shown.stderr.ends_with("as for `plan`.\n"), "{}", shown.stderr);
        let markdown = case.show("plan.json", "markdown");
        assert!(markdown.stdout.contains("- Expires: `2999-01-01T23:30:00Z`\n"));
        assert_eq!(markdown.stderr, "");
    }

    case.snapshot(&[bucket("hand")]);
    let planned = case.plan(&["--output", "plan.json"]);
    let text = "There is nothing to apply; to see why: rolecall remediate show plan.json\n";
    assert!(planned.stderr.contains(text), "{}", planned.stderr);
}

#[test]
fn fixes_without_their_facts_are_counted() {
    let mut buckets = [bucket("safe"), bucket("safe-2")];
    for bucket in &mut buckets {
        bucket["facts"].as_object_mut().unwrap().remove("versioning");
        bucket["unreadable"] = json!({ "versioning": { "call": "s3:GetBucketVersioning", "code": "NotCollected", "message": "" } });
    }
    let case = Case::new(&[("bucket-open", OPEN)], &buckets);
    let planned = case.plan(&["--output", "plan.json"]);
    assert!(planned.stderr.contains("\n2 fixes cannot be planned because"), "{}", planned.stderr);
}

#[test]
fn names_and_tags_cannot_break_out_of_markdown() {
    let hostile =
        "safe\n```\n# Approved @admin <img src=x> [x](https://evil.example) \u{202e}`` ~~~ | -->";
    let mut named = bucket(hostile);
    named["name"] = json!(hostile);
    named["facts"]["tags"] = json!({ "kubernetes.io/cluster/`@team`\n```": hostile });
    let case = Case::new(&[("bucket-open", OPEN)], &[named, bucket("unsafe\n### x @admin")]);
    case.config("[rules.\"bucket-open\".fix]\nunsafe = true\n");
    fs::write(case.path("plan.json"), case.plan(&["--unsafe-fixes"]).stdout).unwrap();
    let markdown = case.show("plan.json", "markdown").stdout;
    let mut fence: Option<String> = None;
    for line in markdown.lines() {
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(open) if *open == line => fence = None,
            Some(_) => continue,
            None if ticks.len() >= 3 => fence = Some(ticks),
            // Outside of blocks, everything hostile is in code spans of one line.
            None => {
                let plain = outside_of_code(line);
                for bad in ["@", "<img", "](", "Approved", "\u{202e}", "evil"] {
                    assert!(!plain.contains(bad), "{bad} in {line}");
                }
            }
        }
    }
    assert!(fence.is_none());
    let text = case.show("plan.json", "text").stdout;
    assert!(
        !text.contains('\u{202e}') && !text.lines().any(|line| line.starts_with("# Approved")),
        "{text}"
    );
}

/// A line of Markdown without its code spans.
fn outside_of_code(line: &str) -> String {
    let (mut plain, mut rest) = (String::new(), line);
    while let Some(at) = rest.find('`') {
        plain.push_str(&rest[..at]);
        let ticks = rest[at..].chars().take_while(|c| *c == '`').count();
        let fence = "`".repeat(ticks);
        let inner = &rest[at + ticks..];
        // The span ends with exactly as many backticks.
        let mut from = 0;
        let end = loop {
            let found = from + inner[from..].find(&fence).expect("an open span");
            let run = inner[found..].chars().take_while(|c| *c == '`').count();
            if run == ticks {
                break found;
            }
            from = found + run;
        };
        rest = &inner[end + ticks..];
    }
    plain + rest
}

#[test]
fn settings_for_fixes_are_checked() {
    let case =
        Case::new(&[("bucket-open", OPEN), ("bucket-wide", WIDE), ("bucket-closed", CLOSED)], &[]);
    for (config, message) in [
        (
            "[rules.\"bucket-wide\".fix]\nparams = { ownr = 1 }",
            "the fix of rule `bucket-wide` has no parameter `ownr`",
        ),
        (
            "[rules.\"bucket-wide\".fix]\nparams = { all = 1 }",
            "parameter `all` of the fix of `bucket-wide` must be `true` or `false`",
        ),
        (
            "[rules.\"bucket-closed\".fix]\nunsafe = true",
            "rule `bucket-closed` has no automatic fix",
        ),
        ("[rules.\"bucket-open\".fix]\nunsave = true", "did you mean `unsafe`?"),
        ("[[hands_off]]\nreason = \"x\"", "covers every resource in every account"),
    ] {
        case.config(config);
        let ran = case.plan(&[]);
        assert!(ran.code == 2 && ran.stderr.contains(message), "{message}: {}", ran.stderr);
        assert!(
            ran.stderr.contains("rolecall.toml:5:") || ran.stderr.contains("rolecall.toml:6:"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn acme() {
    let dir = tempfile::tempdir().unwrap();
    let plan = dir.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    let snapshot = denied::acme_snapshot(&dir.path().join("snapshot"), false);
    let args = ["remediate", "plan", "--snapshot", &snapshot, "--output", plan];
    let planned = run(&args);
    assert_eq!(planned.code, 3, "{}", planned.stderr);
    let schema = fs::read_to_string(root().join("src/remediation/plan.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let written: Value = serde_json::from_str(&fs::read_to_string(plan).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&written).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    // Hashes of all rules, and of the plan that names them, change with every rule.
    let shown = run(&["remediate", "show", plan, "--format", "json"]).stdout;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let (rules, hash) = (written["rules"].as_str().unwrap(), shown["hash"].as_str().unwrap());
    assert!(rules.starts_with("sha256:") && hash.starts_with("sha256:"), "{rules} {hash}");
    let stable = |text: &str| text.replace(rules, "sha256:[rules]").replace(hash, "sha256:[plan]");
    insta::with_settings!({ snapshot_path => root().join("tests/plans"), prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("remediate-plan.json", stable(&fs::read_to_string(plan).unwrap()));
        for format in ["text", "markdown", "json"] {
            let shown = run(&["remediate", "show", plan, "--format", format]);
            assert_eq!(shown.code, 0, "{}", shown.stderr);
            insta::assert_snapshot!(format!("remediate-show.{format}"), stable(&shown.stdout));
        }
    });
}

#[test]
fn a_plan_can_be_piped_into_a_reader_that_stops() {
    let case = Case::new(&[("bucket-open", OPEN)], &[bucket("safe")]);
    for args in [&["plan", "--snapshot", "snapshot"][..], &["show", "plan.json"]] {
        fs::write(case.path("plan.json"), case.plan(&[]).stdout).unwrap();
        let mut command = rolecall();
        command.current_dir(case.0.path()).arg("remediate").args(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        drop(child.stdout.take());
        assert!(matches!(child.wait().unwrap().code(), Some(0)), "{args:?}");
    }
}
