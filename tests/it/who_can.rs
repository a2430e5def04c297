//! `rolecall who-can`: tables, summaries, what was not read, and agreement with the rules.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::history::validate;
use crate::program::{Ran, run, text};

const ACCOUNT: &str = "111122223333";
const OTHER: &str = "999999999999";
const REGION: &str = "eu-west-1";
const ACME: &str = "fixtures/acme";

fn who_can(snapshot: &str, more: &[&str]) -> Ran {
    run(&[&["who-can", "--snapshot", snapshot], more].concat())
}

fn as_json(snapshot: &str, more: &[&str]) -> Value {
    let ran = who_can(snapshot, &[more, &["--format", "json"]].concat());
    let value: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    validate("who_can/v1.schema.json", &value);
    assert_eq!(ran.code, if value["incomplete"] == json!(true) { 3 } else { 0 }, "{}", ran.stderr);
    value
}

/// The buckets of a document, by name.
fn buckets(value: &Value) -> BTreeMap<String, Value> {
    let accounts = value["accounts"].as_array().unwrap();
    let buckets = accounts.iter().flat_map(|account| account["buckets"].as_array().unwrap());
    buckets.map(|one| (one["name"].as_str().unwrap().to_owned(), one.clone())).collect()
}

/// A resource: kind, id, facts, and the facts that could not be read.
#[derive(Clone)]
struct Resource {
    kind: &'static str,
    id: String,
    facts: Value,
    lost: Vec<&'static str>,
}

const KINDS: [(&str, &str, &[&str]); 4] = [
    (
        "s3.bucket",
        "global",
        &["acl", "ownership_controls", "policy", "policy_status", "public_access_block"],
    ),
    ("s3.account", "global", &["public_access_block"]),
    ("s3.access_point", REGION, &["details", "policy", "policy_status"]),
    ("s3.multi_region_access_point", "global", &["policy", "policy_status"]),
];

fn write(dir: &Path, resources: &[Resource], denied: &[&str]) {
    let demand: serde_json::Map<String, Value> =
        KINDS.iter().map(|(kind, _, facts)| ((*kind).to_owned(), json!(facts))).collect();
    let target = json!({ "account": ACCOUNT, "name": "prod" });
    let manifest = json!({ "format": 1, "tool": "test", "targets": [target], "demand": demand });
    fs::write(dir.join("snapshot.json"), manifest.to_string()).unwrap();
    let mut lines = vec![json!({
        "type": "header", "account": ACCOUNT, "collected_at": "2026-06-01T00:00:00Z", "entered": true,
        "regions": [REGION], "demand": demand,
    })];
    let kept: Vec<&Resource> = resources.iter().filter(|one| !denied.contains(&one.kind)).collect();
    for (kind, region, facts) in KINDS.iter().filter(|(kind, ..)| !denied.contains(kind)) {
        let count = kept.iter().filter(|one| one.kind == *kind).count();
        lines.push(json!({ "type": "listed", "kind": kind, "region": region, "facts": facts, "count": count }));
    }
    let cause = json!({ "call": "s3:Get", "code": "AccessDenied", "message": "no" });
    let mut gaps = 0;
    for one in &kept {
        let region = if matches!(one.kind, "s3.account" | "s3.multi_region_access_point") {
            "global"
        } else {
            REGION
        };
        let mut facts = one.facts.clone();
        for name in &one.lost {
            facts.as_object_mut().unwrap().remove(*name);
        }
        let unreadable: BTreeMap<&str, &Value> =
            one.lost.iter().map(|name| (*name, &cause)).collect();
        lines.push(json!({ "type": "resource", "kind": one.kind, "id": one.id, "region": region, "facts": facts, "unreadable": unreadable }));
    }
    for one in &kept {
        for name in &one.lost {
            gaps += 1;
            let extent =
                json!({ "of": "facts", "kind": one.kind, "fact": name, "resources": [one.id] });
            lines.push(json!({ "type": "gap", "region": REGION, "call": "s3:Get", "code": "AccessDenied", "message": "no", "extent": extent }));
        }
    }
    for kind in denied {
        gaps += 1;
        let region = KINDS.iter().find(|(name, ..)| name == kind).unwrap().1;
        lines.push(json!({ "type": "gap", "region": region, "call": "s3:List", "code": "AccessDenied", "message": "no", "extent": { "of": "list", "kind": kind } }));
    }
    lines.push(json!({ "type": "end", "resources": kept.len(), "gaps": gaps }));
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(dir.join(format!("{ACCOUNT}.jsonl")), text).unwrap();
}

fn block(ignore: bool, restrict: bool) -> Value {
    json!({ "block_public_acls": ignore, "ignore_public_acls": ignore, "block_public_policy": restrict, "restrict_public_buckets": restrict })
}

fn account(block: Value) -> Resource {
    let facts = json!({ "account_id": ACCOUNT, "public_access_block": block });
    Resource { kind: "s3.account", id: ACCOUNT.to_owned(), facts, lost: vec![] }
}

fn bucket(name: &str, more: Value) -> Resource {
    let mut facts = json!({
        "name": name, "bucket_region": REGION, "creation_date": "2020-01-01T00:00:00Z", "acl": null, "policy": null,
        "policy_status": null, "ownership_controls": { "object_ownership": "BucketOwnerEnforced" },
        "public_access_block": block(false, false),
    });
    facts.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Resource { kind: "s3.bucket", id: name.to_owned(), facts, lost: vec![] }
}

/// A policy with these statements, and whether S3 considers it public.
fn policy(statements: Value, is_public: bool) -> Value {
    json!({ "policy": { "document": { "Version": "2012-10-17", "Statement": statements } }, "policy_status": { "is_public": is_public } })
}

fn statement(bucket: &str, action: &str, more: Value) -> Value {
    let arn = format!("arn:aws:s3:::{bucket}");
    let mut one = json!({ "Sid": "One", "Effect": "Allow", "Principal": "*", "Action": action, "Resource": [arn, format!("{arn}/*")] });
    one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    one
}

fn acl(group: &str, permission: &str) -> Value {
    let uri = format!("http://acs.amazonaws.com/groups/global/{group}");
    let grant = json!({ "grantee": { "type": "Group", "uri": uri }, "permission": permission });
    let owner = json!({ "grantee": { "type": "CanonicalUser", "id": "owner" }, "permission": "FULL_CONTROL" });
    json!({ "acl": { "owner_id": "owner", "grants": [owner, grant] }, "ownership_controls": null })
}

#[test]
fn a_bucket_is_a_table() {
    let dir = tempfile::tempdir().unwrap();
    let statements = json!([
        statement(
            "data",
            "s3:GetObject",
            json!({ "Sid": "Web", "Resource": "arn:aws:s3:::data/public/*" })
        ),
        statement(
            "data",
            "s3:*",
            json!({ "Sid": "Partner", "Principal": { "AWS": OTHER }, "Condition": { "IpAddress": { "aws:SourceIp": "192.0.2.0/24" } } })
        ),
        statement(
            "data",
            "s3:*",
            json!({ "Sid": "Tls", "Effect": "Deny", "Condition": { "Bool": { "aws:SecureTransport": "false" } } })
        ),
    ]);
    let mut facts = acl("AllUsers", "READ");
    let policy = policy(statements, true);
    facts.as_object_mut().unwrap().extend(policy.as_object().unwrap().clone());
    facts["public_access_block"] = block(true, false);
    write(dir.path(), &[account(block(false, false)), bucket("data", facts)], &[]);
    let ran = who_can(text(dir.path()), &["data"]);
    let expected = "\
prod (111122223333) · collected 2026-06-01T00:00:00Z
  data in eu-west-1: public
    who                   bucket policy   ACL
    everyone              read [1]        no
    account 999999999999  everything [2]  no
    [1] objects public/*; denied by statement \"Tls\" if aws:SecureTransport is false
    [2] if aws:SourceIp is 192.0.2.0/24; denied by statement \"Tls\" if aws:SecureTransport is false
    blocked: everyone: list through ACL READ, by IgnorePublicAcls of the bucket

IAM policies of users and roles are not read: principals of the bucket's own account may have more
access, and others may have less. ACLs of objects are not read: in buckets with ACLs enabled, they
can grant access to single objects.
";
    assert_eq!((ran.code, ran.stdout.as_str()), (0, expected), "{}", ran.stderr);
    let ran = who_can(text(dir.path()), &["data", "--actions"]);
    let line = "everyone can read through bucket policy statement \"Web\": s3:GetObject\n";
    assert!(ran.stdout.contains(line), "{}", ran.stdout);
    let value = as_json(text(dir.path()), &["data"]);
    let row = &buckets(&value)["data"]["rows"][0];
    assert_eq!(
        row["who"],
        json!({ "kind": "everyone", "name": "", "account": null, "public": true })
    );
    assert_eq!(row["cells"][0]["grants"][0]["granted_by"][0]["sid"], "Web");
    assert_eq!(row["cells"][1]["state"], "none");
}

/// What the table leaves open is explained below it.
#[test]
fn tables_are_explained() {
    let service = |more: Value| {
        let mut one = json!({ "Principal": { "Service": "cloudfront.amazonaws.com" } });
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        policy(json!([statement("data", "s3:GetObject", one)]), false)
    };
    let limited = json!({ "Condition": { "StringEquals": { "aws:SourceAccount": ACCOUNT } } });
    let dated = json!({ "Condition": { "DateLessThan": { "aws:CurrentTime": "2030-01-01" } } });
    let broken = json!({ "Statement": [{ "Effect": "Perhaps", "Principal": "*", "Action": "s3:*", "Resource": "*" }] });
    let reported = json!({ "policy_status": { "is_public": true } });
    let cases: [(Value, &[&'static str], &str); 5] = [
        (reported, &["policy"], "\n    S3 reports that the bucket policy is public\n"),
        (
            json!({ "policy": { "document": broken }, "policy_status": { "is_public": false } }),
            &[],
            "not read bucket policy: s3:GetBucketPolicy: InvalidResponse: statement 1 ",
        ),
        (service(json!({})), &[], "cloudfront.amazonaws.com for any account"),
        (service(limited), &[], "cloudfront.amazonaws.com for 111122223333 "),
        (service(dated), &[], "if aws:CurrentTime is before 2030-01-01"),
    ];
    for (facts, lost, expected) in cases {
        let dir = tempfile::tempdir().unwrap();
        let mut one = bucket("data", facts);
        one.lost = lost.to_vec();
        write(dir.path(), &[account(block(false, false)), one], &[]);
        let ran = who_can(text(dir.path()), &["data"]);
        assert!(ran.stdout.contains(expected), "{expected}: {}", ran.stdout);
    }
}

#[test]
fn everything_is_every_action() {
    // The cell is wrapped.
    let abilities = "list, read, write, delete, read permissions, change permissions, read";
    let deny = |actions: Value| {
        vec![
            statement("data", "s3:*", json!({})),
            statement("data", "", json!({ "Effect": "Deny", "Action": actions })),
        ]
    };
    let one_each = [
        "ListBucket",
        "GetObject",
        "PutObject",
        "DeleteObject",
        "GetBucketAcl",
        "PutObjectAcl",
        "GetObjectTagging",
        "PutObjectTagging",
    ];
    let one_each: Vec<String> = one_each.iter().map(|name| format!("s3:{name}")).collect();
    for (statements, expected) in [
        (vec![statement("data", "s3:*", json!({}))], "everything"),
        (
            vec![statement("data", "s3:List*", json!({})), statement("data", "*", json!({}))],
            "everything",
        ),
        (vec![statement("data", "", json!({ "Action": one_each }))], abilities),
        (deny(json!(["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"])), abilities),
        (deny(json!("s3:Delete*")), abilities),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let facts = policy(json!(statements), true);
        write(dir.path(), &[account(block(false, false)), bucket("data", facts)], &[]);
        let ran = who_can(text(dir.path()), &[]);
        let shown = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(expected), "{expected}: {}", ran.stdout);
        assert_eq!(shown.contains("everything"), expected == "everything", "{}", ran.stdout);
    }
}

#[test]
fn all_buckets_are_lines() {
    let dir = tempfile::tempdir().unwrap();
    let open = policy(json!([statement("open", "s3:GetObject", json!({}))]), true);
    let shared = policy(
        json!([statement(
            "shared",
            "s3:GetObject",
            json!({ "Principal": { "AWS": [OTHER, ACCOUNT] } })
        )]),
        false,
    );
    let mut hidden = bucket("hidden", json!({}));
    hidden.lost = vec!["policy", "policy_status"];
    let resources =
        [account(block(false, false)), bucket("open", open), bucket("shared", shared), hidden];
    write(dir.path(), &resources, &[]);
    let ran = who_can(text(dir.path()), &[]);
    let expected = "\
prod (111122223333) · collected 2026-06-01T00:00:00Z
  bucket  region     everyone  others
  hidden  eu-west-1  unknown   unknown
  open    eu-west-1  read      no
  shared  eu-west-1  no        own account, 1 account

IAM policies of users and roles are not read: principals of the bucket's own account may have more
access, and others may have less.
";
    assert_eq!((ran.code, ran.stdout.as_str()), (3, expected), "{}", ran.stderr);
    let public = as_json(text(dir.path()), &["--public"]);
    assert_eq!(buckets(&public).into_keys().collect::<Vec<_>>(), ["hidden", "open"]);
    // What was read of a bucket does not depend on the others.
    assert_eq!(as_json(text(dir.path()), &["shared"])["incomplete"], json!(false));
}

/// What is blocked of an ability is named if the rest of it is granted.
#[test]
fn rows_and_blocked_grants_do_not_contradict_each_other() {
    let arn = "arn:aws:s3:::data";
    let deny = |more: Value| {
        let mut one = json!({ "Sid": "Keep", "Effect": "Deny" });
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        statement("data", "", one)
    };
    for (action, denied, expected) in [
        (
            "s3:*",
            json!({ "Action": "s3:DeleteBucket", "Resource": arn }),
            "blocked: everyone: delete (s3:DeleteBucket) through bucket policy statement \"One\", by the",
        ),
        (
            "s3:GetObject*",
            json!({ "Action": "s3:GetObject*Acl" }),
            "blocked: everyone: read permissions through bucket policy statement \"One\", by the",
        ),
        (
            "s3:GetObject*",
            json!({ "Action": ["s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectVersionAcl"] }),
            "blocked: everyone: read (s3:GetObject), read permissions through",
        ),
        (
            "s3:Put*",
            json!({ "Action": "s3:PutBucket*" }),
            "change settings (s3:PutBucketAbac, s3:PutBucketCORS, s3:PutBucketLogging and 6 more actions) through",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let statements = vec![statement("data", action, json!({})), deny(denied)];
        let facts = policy(json!(statements), true);
        write(dir.path(), &[account(block(false, false)), bucket("data", facts)], &[]);
        let ran = who_can(text(dir.path()), &["data"]);
        let shown = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(expected), "{expected}: {}", ran.stdout);
    }
}

/// A Deny in a policy that was not read can be the reason that nobody has access.
#[test]
fn what_an_unread_policy_may_deny_is_unknown() {
    let dir = tempfile::tempdir().unwrap();
    let mut by_acl = bucket("acl", acl("AllUsers", "READ"));
    by_acl.lost = vec!["policy", "policy_status"];
    let mut by_status = bucket("status", json!({ "policy_status": { "is_public": true } }));
    by_status.lost = vec!["policy"];
    write(dir.path(), &[account(block(false, false)), by_acl, by_status], &[]);
    let ran = who_can(text(dir.path()), &[]);
    for line in ["acl     eu-west-1  unknown   unknown\n", "status  eu-west-1  unknown   unknown\n"]
    {
        assert!(ran.stdout.contains(line), "{}", ran.stdout);
    }
    let ran = who_can(text(dir.path()), &["acl", "status"]);
    for line in [
        "acl in eu-west-1: unknown whether it is public\n",
        "unknown: list [1]",
        "status in eu-west-1: unknown whether it is public\n",
    ] {
        assert!(ran.stdout.contains(line), "{}", ran.stdout);
    }
    let all = buckets(&as_json(text(dir.path()), &["--public"]));
    assert_eq!(all.into_keys().collect::<Vec<_>>(), ["acl", "status"]);
}

#[test]
fn what_was_not_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let mut facts = policy(json!([statement("data", "s3:GetObject", json!({}))]), true);
    facts["ownership_controls"] = Value::Null;
    let mut one = bucket("data", facts);
    one.lost = vec!["acl"];
    write(dir.path(), &[account(block(false, false)), one.clone()], &["s3.account"]);
    let ran = who_can(text(dir.path()), &["data"]);
    assert_eq!(ran.code, 3);
    for expected in [
        "data in eu-west-1: unknown whether it is public",
        "unknown: read [1]",
        "not read ACL: s3:Get: AccessDenied",
        "[1] unknown: s3:List: AccessDenied",
    ] {
        assert!(ran.stdout.contains(expected), "{expected}: {}", ran.stdout);
    }
    write(dir.path(), &[account(block(false, false)), one], &["s3.bucket"]);
    let ran = who_can(text(dir.path()), &[]);
    assert!(
        ran.code == 3 && ran.stdout.contains("not read global: s3:List: AccessDenied"),
        "{}",
        ran.stdout
    );
    let ran = who_can(text(dir.path()), &["data"]);
    let message = "not found, but not everything could be read: data";
    assert!(ran.code == 3 && ran.stderr.contains(message), "{}", ran.stderr);
}

#[test]
fn the_example_has_public_buckets() {
    let all = buckets(&as_json(ACME, &["--account", "acme-prod"]));
    let public = |name: &str| all[name]["public"].as_str().unwrap();
    for (name, expected) in [
        ("acme-prod-backups", "no"),
        // S3 reads the policy of the bucket from nobody, but restricts public buckets.
        ("acme-prod-audit-trail", "no"),
        ("acme-prod-web-assets", "no"),
    ] {
        assert_eq!(public(name), expected, "{name}");
    }
    let cloudfront = &all["acme-prod-web-assets"]["rows"][1]["who"];
    assert_eq!(cloudfront["kind"], "service");
    assert_eq!(
        cloudfront["name"],
        "cloudfront.amazonaws.com for arn:aws:cloudfront::111122223333:distribution/E2QWRUHAPOMQZL"
    );
    let blocked = &all["acme-prod-downloads"]["blocked"][0];
    assert_eq!(blocked["by"], "RestrictPublicBuckets of the account");
}

#[test]
fn invalid_arguments_are_usage_errors() {
    for (more, message) in [
        (&["a*b"][..], "use the name of a bucket"),
        (&["ab"], "use the name of a bucket"),
        (&["--account", "acme-prod", "no-such-bucket"], "no-such-bucket not found in the snapshot"),
        (&["--account", "nobody"], "nobody"),
    ] {
        let ran = who_can(ACME, more);
        assert_eq!(ran.code, 2, "{more:?}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(message), "{more:?}: {}", ran.stderr);
    }
    assert_eq!(who_can("fixtures", &[]).code, 2);
}

#[test]
fn hostile_snapshots_are_text() {
    let dir = tempfile::tempdir().unwrap();
    let evil = "\u{1b}[31m\u{202e}::error::";
    let statements = json!([statement(
        "data",
        "s3:GetObject",
        json!({ "Sid": evil, "Principal": { "AWS": evil },
        "Resource": format!("arn:aws:s3:::data/{evil}*"), "Condition": { "StringEquals": { evil: evil } } })
    )]);
    let facts = policy(statements, false);
    let broken = json!({ "policy": { "document": { "Statement": "x" } }, "policy_status": { "is_public": false } });
    let resources = [account(block(false, false)), bucket("data", facts), bucket("broken", broken)];
    write(dir.path(), &resources, &[]);
    let ran = who_can(text(dir.path()), &["data", "broken", "--actions"]);
    assert!(!ran.stdout.chars().any(|c| c.is_control() && c != '\n'), "{:?}", ran.stdout);
    assert!(!ran.stdout.lines().any(|line| line.starts_with("::")), "{:?}", ran.stdout);
    assert!(ran.stdout.contains("not read bucket policy"), "{}", ran.stdout);
    as_json(text(dir.path()), &[]);
}

/// Statements, and whether S3 considers them public.
fn statements(bucket: &str) -> Vec<(Value, bool)> {
    let all = |action: &str, more: Value, is_public: bool| {
        (json!([statement(bucket, action, more)]), is_public)
    };
    let condition = |operator: &str, key: &str, value: &str| json!({ "Condition": { operator: { key: value } } });
    let mut found = Vec::new();
    for action in [
        "s3:GetObject",
        "s3:List*",
        "s3:PutObject",
        "s3:PutBucketPolicy",
        "s3:*",
        "s3:DeleteObject",
    ] {
        found.push(all(action, json!({}), true));
        found.push(all(action, json!({ "Principal": { "AWS": OTHER } }), false));
        found.push(all(action, json!({ "Principal": { "Service": "s3.amazonaws.com" } }), false));
        found.push(all(
            action,
            json!({ "Principal": { "Federated": "graph.facebook.com" } }),
            true,
        ));
    }
    for (operator, key, value, is_public) in [
        ("StringEquals", "aws:PrincipalOrgID", "o-1", false),
        ("StringLike", "aws:PrincipalOrgID", "o-*", true),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-1/*", true),
        ("StringEquals", "aws:SourceVpce", "vpce-1", false),
        ("StringEqualsIfExists", "aws:SourceVpce", "vpce-1", true),
        ("IpAddress", "aws:SourceIp", "192.0.2.0/24", false),
        ("IpAddress", "aws:SourceIp", "0.0.0.0/0", true),
        ("StringNotEquals", "aws:PrincipalAccount", OTHER, true),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::999999999999:role/*", true),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/a", true),
        ("StringEquals", "s3:DataAccessPointAccount", ACCOUNT, false),
        ("StringLike", "s3:DataAccessPointArn", "arn:aws:s3:*:*:accesspoint/*", true),
        ("Bool", "aws:SecureTransport", "true", true),
        ("Null", "s3:DataAccessPointArn", "false", true),
        ("Null", "aws:PrincipalAccount", "false", true),
        ("StringEquals", "aws:PrincipalAccount", "anonymous", true),
        ("StringEquals", "aws:userid", "anonymous", true),
        // Nobody, or only few, can meet these.
        ("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z", true),
        ("NumericLessThan", "aws:EpochTime", "1577836800", true),
        ("DateLessThan", "aws:CurrentTime", "2099-01-01T00:00:00Z", true),
        ("DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z", true),
        ("StringEquals", "aws:SourceVpc", "vpc-*", true),
        ("StringEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/a", true),
        (
            "StringEquals",
            "s3:x-amz-server-side-encryption-aws-kms-key-id",
            "arn:aws:kms:eu-west-1:999999999999:key/k",
            true,
        ),
        ("StringLike", "s3:x-amz-server-side-encryption-aws-kms-key-id", "arn:aws:kms:*", true),
    ] {
        found.push(all("s3:GetObject", condition(operator, key, value), is_public));
        found.push(all("s3:PutObject", condition(operator, key, value), is_public));
    }
    found
}

/// Verdicts by resource, then by rule.
fn verdicts(
    snapshot: &str,
    rules: &[&str],
) -> BTreeMap<String, BTreeMap<String, (String, String)>> {
    let mut args = vec!["evaluate", "--snapshot", snapshot, "--fail-on", "none", "-o", "json"];
    for rule in rules {
        args.extend(["--rule", rule]);
    }
    let ran = run(&args);
    let report: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    let mut found: BTreeMap<String, BTreeMap<String, (String, String)>> = BTreeMap::new();
    for finding in report["accounts"][0]["findings"].as_array().unwrap() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let verdict = (text(&finding["verdict"]), text(&finding["message"]));
        let of = found.entry(text(&finding["resource"]["id"])).or_default();
        of.insert(text(&finding["rule"]), verdict);
    }
    found
}

/// What everyone can do through a source.
struct OfEveryone {
    /// For certain.
    abilities: Vec<String>,
    /// These may be granted; what was not read decides.
    possible: Vec<String>,
    /// A source was not read, so that anything may be granted.
    is_unread: bool,
}

fn of_everyone(bucket: &Value, through: &[&str]) -> OfEveryone {
    let mut found = OfEveryone { abilities: Vec::new(), possible: Vec::new(), is_unread: false };
    for row in bucket["rows"].as_array().unwrap() {
        if row["who"]["public"] != json!(true) {
            continue;
        }
        let cells = row["cells"].as_array().unwrap().iter();
        for cell in cells.filter(|cell| through.iter().any(|one| cell["through"] == json!(one))) {
            let grants = cell["grants"].as_array().unwrap();
            let is_open = |grant: &Value| !grant["unknown"].is_null();
            let is_named = grants.iter().any(is_open);
            found.is_unread |=
                !cell["cause"].is_null() || (cell["state"] == "unknown" && !is_named);
            for grant in grants {
                let ability = grant["ability"].as_str().unwrap().to_owned();
                let list = if is_open(grant) { &mut found.possible } else { &mut found.abilities };
                list.push(ability);
            }
        }
    }
    found
}

const READING: [&str; 4] = ["list", "read", "read_permissions", "read_settings"];

#[test]
fn everyone_has_access_exactly_when_the_rules_fail() {
    let dir = tempfile::tempdir().unwrap();
    let mut resources = Vec::new();
    let mut add = |facts: Value, more: Value, lost: &[&'static str]| {
        let name = format!("b{:04}", resources.len());
        let text = facts.to_string().replace("BUCKET", &name);
        let mut facts: Value = serde_json::from_str(&text).unwrap();
        facts.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut one = bucket(&name, facts);
        one.lost = lost.to_vec();
        resources.push(one);
    };
    let blocks = [(false, false), (true, false), (false, true), (true, true)];
    for (ignore, restrict) in blocks {
        let settings = json!({ "public_access_block": block(ignore, restrict) });
        for (statements, is_public) in statements("BUCKET") {
            add(policy(statements, is_public), settings.clone(), &[]);
        }
        for permission in ["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"] {
            for group in ["AllUsers", "AuthenticatedUsers"] {
                add(acl(group, permission), settings.clone(), &[]);
                let mut enforced = acl(group, permission);
                enforced["ownership_controls"] =
                    json!({ "object_ownership": "BucketOwnerEnforced" });
                enforced["acl"] = Value::Null;
                add(enforced, settings.clone(), &[]);
            }
        }
        let lost: [&[&str]; 5] = [
            &["policy", "policy_status"],
            &["policy_status"],
            &["acl"],
            &["ownership_controls"],
            &["public_access_block"],
        ];
        for names in lost {
            let mut both = acl("AllUsers", "READ");
            add(both.clone(), settings.clone(), names);
            let open = policy(json!([statement("BUCKET", "s3:GetObject", json!({}))]), true);
            add(open.clone(), settings.clone(), names);
            both.as_object_mut().unwrap().extend(open.as_object().unwrap().clone());
            add(both, settings.clone(), names);
            add(json!({}), settings.clone(), names);
        }
    }
    resources.push(account(block(false, false)));
    write(dir.path(), &resources, &[]);
    let read = "s3-bucket-public-read";
    let writes = "s3-bucket-public-write";
    let open = "s3-bucket-policy-not-public";
    let acls = "s3-bucket-acl-authenticated-users";
    let verdicts = verdicts(text(dir.path()), &[read, writes, open, acls]);
    let all = buckets(&as_json(text(dir.path()), &[]));
    assert!(all.len() > 300, "{}", all.len());
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (name, bucket) in &all {
        let none = (String::from("pass"), String::new());
        let of = |rule: &str| verdicts.get(name).and_then(|all| all.get(rule)).unwrap_or(&none);
        let Resource { facts, lost, .. } = resources.iter().find(|one| one.id == *name).unwrap();
        let can = of_everyone(bucket, &["bucket_policy", "acl"]);
        let is_reading = |ability: &String| READING.contains(&ability.as_str());
        for (rule, reads) in [(read, true), (writes, false)] {
            let grants = |of: &[String]| of.iter().any(|one| is_reading(one) == reads);
            let verdict = of(rule).0.as_str();
            *counts.entry(format!("{rule} {verdict}")).or_default() += 1;
            match verdict {
                "fail" => {
                    // The rule does not take Deny statements into account.
                    let may_be_denied = lost.contains(&"policy") && grants(&can.possible);
                    let can = grants(&can.abilities) || may_be_denied;
                    assert!(can, "{rule} fails for {facts}: {bucket}");
                }
                "unknown" => {}
                _ => {
                    let may = grants(&can.abilities) || grants(&can.possible) || can.is_unread;
                    assert!(!may, "{rule} passes for {facts}: {bucket}");
                }
            }
        }
        // The rule on the policy does not take Block Public Access into account.
        let (verdict, message) = of(open);
        let by_policy = !of_everyone(bucket, &["bucket_policy"]).abilities.is_empty();
        if by_policy {
            assert_ne!(verdict, "pass", "{facts}");
        }
        let is_restricted = facts["public_access_block"]["restrict_public_buckets"] != json!(false)
            || lost.contains(&"public_access_block");
        if verdict == "fail" && !is_restricted && !message.contains("access is limited to") {
            assert!(by_policy, "{facts}: {bucket}");
        }
        let is_ignored = facts["public_access_block"]["ignore_public_acls"] != json!(false);
        if of(acls).0 == "fail" && !is_ignored {
            let rows = bucket["rows"].as_array().unwrap();
            assert!(rows.iter().any(|row| row["who"]["kind"] == "any_aws_account"), "{facts}");
        }
    }
    for verdict in ["fail", "unknown", "pass"] {
        assert!(counts[&format!("{read} {verdict}")] > 10, "{counts:?}");
    }
}

#[test]
fn everyone_has_access_through_access_points_exactly_when_the_rule_fails() {
    let dir = tempfile::tempdir().unwrap();
    let mut resources = vec![account(block(false, false))];
    let delegation =
        json!({ "Condition": { "StringEquals": { "s3:DataAccessPointAccount": ACCOUNT } } });
    for (at, (statements, is_public)) in statements("BUCKET").into_iter().enumerate() {
        // Requests through access points cannot change the bucket.
        if statements[0]["Action"] == "s3:PutBucketPolicy" {
            continue;
        }
        let name = format!("b{at:04}");
        let point = format!("p{at:04}");
        let arn = format!("arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/{point}");
        let objects = format!("{arn}/object/");
        let text = statements.to_string().replace("arn:aws:s3:::BUCKET/", &objects);
        let text = text.replace("arn:aws:s3:::BUCKET", &arn);
        let statements: Value = serde_json::from_str(&text).unwrap();
        let mut facts = json!({
            "name": point, "access_point_arn": arn, "bucket": name, "bucket_account_id": ACCOUNT, "network_origin": "Internet",
            "details": { "public_access_block_configuration": block(false, false) },
        });
        facts
            .as_object_mut()
            .unwrap()
            .extend(policy(statements, is_public).as_object().unwrap().clone());
        resources.push(Resource { kind: "s3.access_point", id: point, facts, lost: vec![] });
        let delegates = policy(json!([statement(&name, "s3:*", delegation.clone())]), false);
        resources.push(bucket(&name, delegates));
    }
    write(dir.path(), &resources, &[]);
    let rule = "s3-access-point-policy-not-public";
    let verdicts = verdicts(text(dir.path()), &[rule]);
    let all = buckets(&as_json(text(dir.path()), &[]));
    let mut failed = 0;
    for (name, bucket) in &all {
        let found = verdicts.get(&name.replace('b', "p")).and_then(|all| all.get(rule));
        let fails = found.is_some_and(|(verdict, message)| {
            verdict == "fail" && !message.contains("access is limited to")
        });
        failed += usize::from(fails);
        let can = of_everyone(bucket, &["access_point"]);
        let is_unknown = can.is_unread || !can.possible.is_empty();
        // These conditions are met by every request through an access point, and S3 does not count them.
        assert_eq!((!can.abilities.is_empty(), is_unknown), (fails, false), "{found:?}: {bucket}");
    }
    assert!(failed > 10, "{failed}");
}
