//! Rules on policies that are as large as S3 accepts, 20 KB: they reach a verdict.

use std::fs;

use serde_json::{Value, json};

use crate::program::{ran, rolecall};

const LARGEST: usize = 20_000;
const RULE: &str = "s3-bucket-tls-only";

/// As many statements as fit, before these.
fn filled(each: impl Fn(usize) -> Value, last: &[Value]) -> Value {
    let mut statements: Vec<Value> = Vec::new();
    let size = |statements: &[Value]| json!([statements, last]).to_string().len();
    while size(&statements) < LARGEST {
        statements.push(each(statements.len()));
    }
    statements.pop();
    statements.extend_from_slice(last);
    json!({ "document": { "Statement": statements } })
}

#[test]
fn many_statements_are_no_error() {
    let denial = |action: &str, resource: Value, condition: Value| {
        json!({ "Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource,
            "Condition": condition })
    };
    let all = json!(["arn:aws:s3:::b", "arn:aws:s3:::b/*"]);
    let recommended = denial("s3:*", all, json!({ "Bool": { "aws:SecureTransport": "false" } }));
    let team = |i: usize| {
        let role = format!("arn:aws:iam::111122223333:role/team{i}");
        let condition = json!({ "StringNotEquals": { "aws:PrincipalArn": role } });
        denial("s3:GetObject", json!(format!("arn:aws:s3:::b/team{i}/*")), condition)
    };
    let endpoint = |i: usize| {
        let test = if i.is_multiple_of(2) { "StringEquals" } else { "StringNotEquals" };
        denial("s3:*", json!("*"), json!({ test: { "aws:SourceVpce": format!("vpce-{i}") } }))
    };
    let cases: Vec<Value> = [
        ("of teams", "pass", filled(team, &[recommended])),
        ("of teams, alone", "fail", filled(team, &[])),
        ("that are not each other's opposite", "fail", filled(endpoint, &[])),
    ]
    .into_iter()
    .map(|(name, expect, policy)| {
        json!({ "name": name, "expect": expect, "facts": { "name": "b", "policy": policy } })
    })
    .collect();
    let facts = json!({ "policy_status": null, "public_access_block": null, "website": null });
    let cases = json!({ "defaults": { "facts": facts }, "cases": cases });
    let folder = tempfile::tempdir().unwrap();
    let rule = format!("{RULE}.rhai");
    fs::copy(format!("rules/s3/{rule}"), folder.path().join(rule)).unwrap();
    fs::write(folder.path().join(format!("{RULE}.cases.json")), cases.to_string()).unwrap();
    let ran = ran(rolecall().arg("test").arg(folder.path()).output().unwrap());
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}
