//! The profile `baseline` reports each problem once: a single change that makes a resource of the
//! example snapshot insecure adds one finding.
//!
//! Two changes that add two findings are not here, since each is two problems that need different
//! fixes: a statement that is public and allows sensitive actions (naming an account that is not
//! trusted solves the first, removing the actions the second), and a rule of a default group that
//! opens a port (the group fails as AWS creates it, so its finding would hide the open port). A run
//! that has one rule of a pair only, as with `--framework aws-fsbp`, must report them, too.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{rolecall, root, run, text};

const ACCOUNT: &str = "111122223333";

/// A problem, and the rule that reports it.
struct Defect {
    name: &'static str,
    resource: (&'static str, &'static str),
    /// Where in the facts of the resource, and what is there instead; `-` at the end adds an item to a
    /// list.
    changes: Vec<(&'static str, Value)>,
    rule: &'static str,
}

fn defect(
    name: &'static str,
    resource: (&'static str, &'static str),
    changes: &[(&'static str, Value)],
    rule: &'static str,
) -> Defect {
    Defect { name, resource, changes: changes.to_vec(), rule }
}

const BUCKET: (&str, &str) = ("s3.bucket", "acme-prod-web-assets");
const GROUP: (&str, &str) = ("ec2.security_group", "sg-06d9283cc8aae5f5d");
const DEFAULT_GROUP: (&str, &str) = ("ec2.security_group", "sg-08f610ea52bfef1b3");
const REGION: (&str, &str) = ("ec2.settings", "eu-west-1");

/// A statement of the bucket's policy.
fn statement(principal: Value, action: &str) -> Value {
    json!({
        "Effect": "Allow", "Principal": principal, "Action": action,
        "Resource": ["arn:aws:s3:::acme-prod-web-assets", "arn:aws:s3:::acme-prod-web-assets/*"],
    })
}

/// A rule of a security group.
fn ingress(protocol: &str, ports: Option<(u16, u16)>, cidr: &str) -> Value {
    let is_ipv6 = cidr.contains(':');
    let (ipv4, ipv6) = match is_ipv6 {
        true => (json!([]), json!([{ "cidr_ipv6": cidr }])),
        false => (json!([{ "cidr_ip": cidr }]), json!([])),
    };
    json!({
        "ip_protocol": protocol, "from_port": ports.map(|ports| ports.0), "to_port": ports.map(|ports| ports.1),
        "ip_ranges": ipv4, "ipv6_ranges": ipv6, "prefix_list_ids": [], "user_id_group_pairs": [],
    })
}

const STATEMENTS: &str = "/policy/document/Statement/-";
const IS_PUBLIC: &str = "/policy_status/is_public";
const INGRESS: &str = "/ip_permissions/-";

fn defects() -> Vec<Defect> {
    let stranger = json!({ "AWS": "arn:aws:iam::999988887777:root" });
    let off = json!({
        "block_public_acls": false, "ignore_public_acls": false, "block_public_policy": false, "restrict_public_buckets": false,
    });
    vec![
        defect(
            "everyone can read the bucket",
            BUCKET,
            &[(STATEMENTS, statement(json!("*"), "s3:GetObject")), (IS_PUBLIC, json!(true))],
            "s3-bucket-policy-not-public",
        ),
        defect(
            "another account can change the policy of the bucket",
            BUCKET,
            &[(STATEMENTS, statement(stranger, "s3:PutBucketPolicy"))],
            "s3-bucket-policy-cross-account-sensitive-actions",
        ),
        defect(
            "no policy, so plain HTTP is accepted",
            BUCKET,
            &[("/policy", Value::Null), ("/policy_status", Value::Null)],
            "s3-bucket-tls-only",
        ),
        defect(
            "ACLs are in effect",
            BUCKET,
            &[
                ("/ownership_controls/object_ownership", json!("ObjectWriter")),
                ("/acl", json!({ "owner_id": "o", "grants": [] })),
            ],
            "s3-bucket-acls-disabled",
        ),
        defect(
            "versioning is suspended",
            BUCKET,
            &[("/versioning/status", json!("Suspended"))],
            "s3-bucket-versioning",
        ),
        defect(
            "an access point without Block Public Access",
            ("s3.access_point", "invoices-batch"),
            &[("/details/public_access_block_configuration", off.clone())],
            "s3-access-point-public-access-block",
        ),
        defect(
            "SSH is open",
            GROUP,
            &[(INGRESS, ingress("tcp", Some((22, 22)), "0.0.0.0/0"))],
            IPV4,
        ),
        defect(
            "RDP is open",
            GROUP,
            &[(INGRESS, ingress("tcp", Some((3389, 3389)), "0.0.0.0/0"))],
            IPV4,
        ),
        defect("everything is open", GROUP, &[(INGRESS, ingress("-1", None, "0.0.0.0/0"))], IPV4),
        defect(
            "SSH is open over IPv6",
            GROUP,
            &[(INGRESS, ingress("tcp", Some((22, 22)), "::/0"))],
            IPV6,
        ),
        defect(
            "everything is open over IPv6",
            GROUP,
            &[(INGRESS, ingress("-1", None, "::/0"))],
            IPV6,
        ),
        defect(
            "a default group with a rule",
            DEFAULT_GROUP,
            &[(INGRESS, ingress("tcp", Some((443, 443)), "203.0.113.0/24"))],
            "sg-default-closed",
        ),
        defect(
            "a public snapshot",
            ("ec2.snapshot", "snap-0ffb63e03b242252f"),
            &[("/public", json!(true)), ("/create_volume_permission", json!([{ "group": "all" }]))],
            "ebs-snapshot-public",
        ),
        defect(
            "snapshots can be made public",
            ("ec2.settings", "eu-central-1"),
            &[("/snapshot_block_public_access/state", json!("unblocked"))],
            "ec2-ebs-snapshot-block-public-access",
        ),
        defect(
            "a public AMI",
            ("ec2.image", "ami-07094e7444baa9b7a"),
            &[("/public", json!(true)), ("/launch_permission", json!([{ "group": "all" }]))],
            "ec2-ami-public",
        ),
        defect(
            "AMIs can be made public",
            REGION,
            &[("/image_block_public_access/image_block_public_access_state", json!("unblocked"))],
            "ec2-ami-block-public-access",
        ),
        defect(
            "a volume that is not encrypted",
            ("ec2.volume", "vol-0b15e95db3dc66883"),
            &[("/encrypted", json!(false)), ("/kms_key_id", Value::Null)],
            "ebs-volume-encrypted",
        ),
        defect(
            "new volumes are not encrypted",
            REGION,
            &[("/ebs_encryption_by_default/ebs_encryption_by_default", json!(false))],
            "ec2-ebs-encryption-by-default",
        ),
        defect(
            "an instance that accepts IMDSv1",
            ("ec2.instance", "i-0c71cd4a8fcdb18a8"),
            &[("/metadata_options/http_tokens", json!("optional"))],
            "ec2-instance-imdsv2",
        ),
        defect(
            "new instances accept IMDSv1",
            REGION,
            &[("/instance_metadata_defaults/http_tokens", json!("optional"))],
            "ec2-imds-defaults-v2",
        ),
        defect(
            "a VPC without flow logs",
            ("ec2.flow_log", "fl-04cfe48202cb76d8c"),
            &[("/resource_id", json!("vpc-0c5612a192916e6cd"))],
            "vpc-flow-logs",
        ),
        defect(
            "a transit gateway that accepts attachments of other accounts",
            ("ec2.transit_gateway", "tgw-0e9ccd6be3720d80e"),
            &[("/options/auto_accept_shared_attachments", json!("enable"))],
            "tgw-auto-accept",
        ),
        defect(
            "the next bucket can be public",
            ("s3.account", ACCOUNT),
            &[("/public_access_block", off)],
            "s3-account-public-access-block",
        ),
    ]
}

const IPV4: &str = "sg-ingress-remote-admin-ipv4";
const IPV6: &str = "sg-ingress-remote-admin-ipv6";

/// The example snapshot with one resource changed.
fn write(folder: &Path, changed: Option<&Defect>) {
    let example = root().join("fixtures/acme");
    fs::copy(example.join("snapshot.json"), folder.join("snapshot.json")).unwrap();
    let lines = fs::read_to_string(example.join(format!("{ACCOUNT}.jsonl"))).unwrap();
    let mut found = 0;
    let mut written = String::new();
    for line in lines.lines() {
        let mut line: Value = serde_json::from_str(line).unwrap();
        let is_resource = |kind: &str, id: &str| line["kind"] == kind && line["id"] == id;
        match changed {
            Some(defect) if is_resource(defect.resource.0, defect.resource.1) => {
                found += 1;
                for (path, value) in &defect.changes {
                    change(&mut line["facts"], path, value);
                }
            }
            // The region does not hide what is public already.
            _ if is_resource(REGION.0, REGION.1) => {
                line["facts"]["snapshot_block_public_access"]["state"] = json!("block-new-sharing");
            }
            // Its buckets do not depend on the settings of the account.
            _ if line["kind"] == "s3.bucket" && line["type"] == "resource" => {
                let all = [
                    "block_public_acls",
                    "ignore_public_acls",
                    "block_public_policy",
                    "restrict_public_buckets",
                ];
                line["facts"]["public_access_block"] =
                    all.into_iter().map(|flag| (flag, true)).collect();
            }
            _ => {}
        }
        written += &format!("{line}\n");
    }
    assert_eq!(found, usize::from(changed.is_some()));
    fs::write(folder.join(format!("{ACCOUNT}.jsonl")), written).unwrap();
}

fn change(facts: &mut Value, path: &str, value: &Value) {
    let (parent, last) = path.rsplit_once('/').unwrap();
    let parent = facts.pointer_mut(parent).unwrap_or_else(|| panic!("{path}"));
    match parent {
        Value::Array(items) if last == "-" => items.push(value.clone()),
        Value::Object(fields) => {
            assert!(fields.insert(last.to_owned(), value.clone()).is_some(), "{path} is not there");
        }
        other => panic!("{path}: {other}"),
    }
}

/// What fails in the account: rules with the ids of resources.
fn failures(changed: Option<&Defect>) -> BTreeSet<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), changed);
    let ended = rolecall()
        .args([
            "evaluate",
            "--snapshot",
            text(folder.path()),
            "--account",
            ACCOUNT,
            "-q",
            "-o",
            "json=-",
        ])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&ended.stdout).unwrap();
    let [account] = report["accounts"].as_array().unwrap().as_slice() else { panic!("{report}") };
    let findings = account["findings"].as_array().unwrap().iter();
    let failed = findings.filter(|finding| finding["verdict"] == "fail");
    let shown = |value: &Value| value.as_str().unwrap().to_owned();
    failed.map(|finding| (shown(&finding["rule"]), shown(&finding["resource"]["id"]))).collect()
}

#[test]
fn one_problem_is_one_finding() {
    let before = failures(None);
    let mut wrong = Vec::new();
    for defect in defects() {
        let new: Vec<_> = failures(Some(&defect)).difference(&before).cloned().collect();
        let rules: Vec<&str> = new.iter().map(|(rule, _)| rule.as_str()).collect();
        if rules != [defect.rule] {
            wrong.push(format!("{}: {new:?}", defect.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_baseline_has_no_other_rules() {
    let listed = run(&["rules", "--format", "json"]);
    let listed: Vec<Value> = serde_json::from_str(&listed.stdout).unwrap();
    let all: BTreeSet<&str> = listed.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    let mut tried: BTreeSet<&str> = defects().iter().map(|defect| defect.rule).collect();
    // Without Block Public Access of the bucket and of the account, which are two problems.
    tried.insert("s3-bucket-effective-public-access-block");
    assert_eq!(all, tried, "add a problem that only this rule reports");
}
