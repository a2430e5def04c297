//! `rolecall record --redact`: nothing that identifies the owner stays, and relations do. Each rule
//! of `tests/cases/authoring/redact/` records a resource of the example, changed as `changes.json`
//! and `tables.json` say.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Ran, ran, rolecall, root, run, text};

/// Parts of values that must not be in a redacted case.
const SECRETS: [&str; 29] = [
    "acme",
    "Acme",
    "jane",
    "Jane",
    "bob",
    "hydra",
    "Hydra",
    "CC-1234",
    "47110815",
    "intranet",
    "payroll",
    "home",
    "notebook",
    "laptop",
    "AIPAEXAMPLE",
    "AROAEXAMPLE",
    "AIDAJQ",
    "79a59df9",
    "52.95.110",
    "10.77",
    "db8:77",
    "zzsecret99",
    "ab12",
    "0abc123def",
    "0feedface",
    "12345678-aaaa",
    "6666",
    "333344",
    "Owner",
];

fn folder() -> std::path::PathBuf {
    root().join("tests/cases/authoring/redact")
}

/// The example snapshot with the facts of one resource changed.
fn snapshot(at: &Path, change: &Value) {
    fs::create_dir_all(at).unwrap();
    for entry in fs::read_dir(root().join("fixtures/acme")).unwrap() {
        let path = entry.unwrap().path();
        let mut text = fs::read_to_string(&path).unwrap();
        if path.ends_with("333344445555.jsonl") {
            let mut found = 0;
            let lines: Vec<String> = text
                .lines()
                .map(|line| {
                    let mut value: Value = serde_json::from_str(line).unwrap();
                    let is = |value: &Value| {
                        value["kind"] == change["kind"]
                            && ["name", "id"].iter().any(|key| value[key] == change["resource"])
                    };
                    let at = if value.get("resource").is_some_and(is) {
                        value.get_mut("resource")
                    } else {
                        Some(&mut value).filter(|value| is(value))
                    };
                    if let Some(resource) = at {
                        found += 1;
                        for (name, fact) in change["facts"].as_object().unwrap() {
                            resource["facts"][name] = fact.clone();
                        }
                    }
                    value.to_string()
                })
                .collect();
            assert_eq!(found, 1, "{change}");
            text = lines.join("\n") + "\n";
        }
        fs::write(at.join(path.file_name().unwrap()), text).unwrap();
    }
}

fn record(dir: &Path, rule: &str, change: &Value) -> Ran {
    let rule = folder().join(format!("{rule}.rhai"));
    recorded(dir, text(&rule), "fail", change)
}

fn recorded(dir: &Path, rule: &str, expect: &str, change: &Value) -> Ran {
    let at = dir.join("snapshot");
    snapshot(&at, change);
    let args = ["record", "--snapshot", text(&at), "--rule", rule, "--account", "333344445555"];
    let more = ["--expect", expect, "--redact", "--cases", "cases.json", "--resource"];
    let mut program = rolecall();
    program.current_dir(dir).args(args).args(more).arg(change["resource"].as_str().unwrap());
    ran(program.output().unwrap())
}

#[test]
fn redacted_cases_contain_nothing_that_identifies_the_owner() {
    let changes = fs::read_to_string(folder().join("changes.json")).unwrap();
    let changes: Value = serde_json::from_str(&changes).unwrap();
    assert!(changes.as_object().unwrap().len() >= 6);
    for (rule, change) in changes.as_object().unwrap() {
        let dir = tempfile::tempdir().unwrap();
        let ran = record(dir.path(), rule, change);
        if rule == "long-name" {
            // Its verdict depends on what is replaced.
            assert_eq!(ran.code, 2, "{rule}: {}", ran.stderr);
            assert!(ran.stderr.contains("for the redacted test case, got pass"), "{}", ran.stderr);
            assert!(!dir.path().join("cases.json").exists());
            continue;
        }
        assert_eq!(ran.code, 0, "{rule}: {}", ran.stderr);
        let case = fs::read_to_string(dir.path().join("cases.json")).unwrap();
        for secret in SECRETS {
            assert!(!case.contains(secret), "{rule}: {secret} in {case}");
        }
        let kept = ran.stderr.lines().find_map(|line| line.strip_prefix("not redacted, "));
        let kept = kept.unwrap_or_default();
        for secret in SECRETS {
            assert!(!kept.contains(secret), "{rule}: {secret} in {kept}");
        }
        let expected: &[&str] = match rule.as_str() {
            "inst" => &["`eu-central-1b`"],
            "pol" => &["`s3:PutObject`", "`s3.eu-west-1.amazonaws.com`"],
            "sg" => &["`0.0.0.0/0`", "`tcp`"],
            "units" => &["`*`"],
            _ => &[],
        };
        for part in expected {
            assert!(kept.contains(part), "{rule}: {kept}");
        }
    }
}

#[test]
fn redaction_keeps_relations_between_values() {
    let changes = fs::read_to_string(folder().join("changes.json")).unwrap();
    let changes: Value = serde_json::from_str(&changes).unwrap();
    let case = |rule: &str| -> Value {
        let dir = tempfile::tempdir().unwrap();
        let ran = record(dir.path(), rule, &changes[rule]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let text = fs::read_to_string(dir.path().join("cases.json")).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()[0].clone()
    };
    let statement = case("pol")["facts"]["policy"]["document"]["Statement"][0].clone();
    let condition = &statement["Condition"]["StringEquals"];
    let organization = condition["aws:PrincipalOrgID"].as_str().unwrap();
    let path = condition["aws:PrincipalOrgPaths"].as_str().unwrap();
    let unit = path.trim_end_matches('/').rsplit('/').next().unwrap();
    let root = path.split('/').nth(1).unwrap().trim_start_matches("r-");
    assert!(path.starts_with(&format!("{organization}/r-")), "{path}");
    assert!(unit.starts_with(&format!("ou-{root}-")), "{path}");
    let permission = case("ranges")["facts"]["ip_permissions"][0].clone();
    let range = |at: usize| permission["ip_ranges"][at]["cidr_ip"].as_str().unwrap().to_owned();
    let prefix = |range: &str| range.split('.').take(2).collect::<Vec<_>>().join(".");
    assert!(range(0).starts_with("10.") && range(0).ends_with("/16"), "{permission}");
    assert_eq!(prefix(&range(0)), prefix(&range(1)), "{permission}");
    assert_eq!(range(2), "192.31.196.1/32");
}

/// Values in, values out: `redacted` has the facts that must be written, and `kept` all that the
/// command says it did not redact.
#[test]
fn values_are_replaced_unless_aws_defines_them() {
    let tables = fs::read_to_string(folder().join("tables.json")).unwrap();
    let tables: Value = serde_json::from_str(&tables).unwrap();
    for (name, table) in tables.as_object().unwrap() {
        let dir = tempfile::tempdir().unwrap();
        let ran = record(dir.path(), table["rule"].as_str().unwrap(), table);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
        let text = fs::read_to_string(dir.path().join("cases.json")).unwrap();
        let case = &serde_json::from_str::<Value>(&text).unwrap()[0];
        for (fact, _) in table["facts"].as_object().unwrap() {
            assert_eq!(case["facts"][fact], table["redacted"][fact], "{name}: {text}");
        }
        let kept = ran.stderr.lines().find(|line| line.starts_with("not redacted"));
        assert_eq!(kept, table["kept"].as_str(), "{name}");
    }
}

/// Policies whose verdict depends on the form of values: policy variables, ARNs with spaces,
/// addresses, organizations, and numbers.
#[test]
fn redacted_cases_of_policies_keep_their_verdict() {
    const TRUST: &str = r#"[trust]
organization_id = "o-zzsecret99"
accounts = ["666677778888"]
origin_access_identities = ["E1ACMEACME1234"]
principal_ids = ["AROAHYDRA12345678901"]
networks = ["52.95.110.0/24"]
vpcs = ["vpc-0feedfacefeedface"]
"#;
    let everybody = |operator: &str, key: &str, value: Value| {
        let condition = json!({ operator: { key: value } });
        json!({ "Principal": "*", "Condition": condition })
    };
    let identity = |id: &str| {
        let arn = format!("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity {id}");
        json!({ "Principal": { "AWS": arn } })
    };
    let equals = |key: &str, value: Value| everybody("StringEquals", key, value);
    let like = |key: &str, value: Value| everybody("StringLike", key, value);
    let arn = |arn: &str| everybody("ArnLike", "aws:PrincipalArn", json!(arn));
    let trail = "arn:aws:cloudtrail:eu-west-1:333344445555:trail/acme";
    let service = json!({ "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Condition": { "StringEquals": { "aws:SourceArn": trail } } });
    for (expect, statement) in [
        ("pass", equals("aws:PrincipalAccount", json!("${aws:ResourceAccount}"))),
        ("pass", equals("aws:PrincipalOrgID", json!("${aws:ResourceOrgID}"))),
        ("fail", equals("aws:PrincipalTag/Team", json!("${aws:ResourceTag/Team}"))),
        ("pass", identity("E1ACMEACME1234")),
        ("fail", identity("E2OTHER0000000")),
        ("pass", equals("aws:PrincipalOrgID", json!("o-zzsecret99"))),
        ("fail", equals("aws:PrincipalOrgID", json!("o-othersecret1"))),
        ("pass", like("aws:PrincipalOrgPaths", json!("o-zzsecret99/r-ab12/ou-ab12-*"))),
        ("pass", like("aws:userid", json!("AROAHYDRA12345678901:*"))),
        ("pass", equals("aws:SourceVpc", json!("vpc-0feedfacefeedface"))),
        ("pass", equals("aws:PrincipalAccount", json!(["333344445555", "666677778888"]))),
        ("fail", equals("aws:PrincipalAccount", json!("666677779999"))),
        ("pass", everybody("IpAddress", "aws:SourceIp", json!("52.95.110.77/32"))),
        ("fail", everybody("IpAddress", "aws:SourceIp", json!("52.95.0.0/16"))),
        ("pass", arn("arn:aws:iam::333344445555:role/a, b")),
        ("fail", arn("arn:aws:iam::*:role/acme-${aws:username}")),
        ("pass", service),
        ("pass", json!({ "Principal": { "AWS": "arn:aws:iam::666677778888:user/Jane Doe" } })),
        ("fail", json!({ "Principal": { "AWS": "arn:aws:iam::666677779999:user/Müller" } })),
        ("pass", json!({ "Principal": { "AWS": "AROAHYDRA12345678901" } })),
    ] {
        let mut full = json!({ "Sid": "AcmeHydra", "Effect": "Allow", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::acme-data-exchange/payroll/*" });
        full.as_object_mut().unwrap().extend(statement.as_object().unwrap().clone());
        let document = json!({ "Version": "2012-10-17", "Statement": [full] });
        let change = json!({ "kind": "s3.bucket", "resource": "acme-data-exchange",
            "facts": { "policy": { "document": document } } });
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("rolecall.toml"), TRUST).unwrap();
        let ran = recorded(dir.path(), "s3-bucket-policy-cross-account", expect, &change);
        assert_eq!(ran.code, 0, "{statement}: {}", ran.stderr);
        let case = fs::read_to_string(dir.path().join("cases.json")).unwrap();
        let secrets =
            ["E1ACME", "E2OTHER", "othersecret", "HYDRA", "Jane", "Müller", "cme-", "Team"];
        for secret in SECRETS.iter().chain(&secrets) {
            assert!(!case.contains(secret), "{secret} in {case}");
        }
    }
}

/// Keys and values of required tags are those of tags, and patterns become the values that they allow.
#[test]
fn required_tags_are_redacted_with_the_tags() {
    const CONFIG: &str = r#"[[tags.require]]
key = "AcmeCostCenter"
kinds = ["ec2.instance"]
values = ["hydra-*", "acme"]
spellings = ["acme-costcenter"]
default = [{ label = "acme-team" }, { value = "hydra-web" }]

[[tags.require]]
key = "AcmeOwner"
kinds = ["ec2.instance"]
pattern = "^bob[.].*"
"#;
    let change = json!({ "kind": "ec2.instance", "resource": "notebook", "facts": {
        "tags": { "acme-costcenter": "hydra-db", "AcmeOwner": "jane", "Name": "notebook" } } });
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("rolecall.toml"), CONFIG).unwrap();
    let ran = recorded(dir.path(), "ec2-instance-tags", "fail", &change);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let written = fs::read_to_string(dir.path().join("cases.json")).unwrap();
    for secret in SECRETS {
        assert!(!written.contains(secret), "{secret} in {written}");
    }
    let case = &serde_json::from_str::<Value>(&written).unwrap()[0];
    let tags = case["facts"]["tags"].as_object().unwrap();
    let [cost, owner] = [0, 1].map(|at| &case["required_tags"][at]);
    let misspelled = &tags[cost["spellings"][0].as_str().unwrap()];
    let allowed = cost["values"].as_array().unwrap();
    assert!(allowed.contains(misspelled) && allowed.len() == 2, "{written}");
    assert!(allowed.contains(&cost["default"][1]["value"]), "{written}");
    let present = &tags[owner["key"].as_str().unwrap()];
    assert!(!owner["values"].as_array().unwrap().contains(present), "{written}");
    assert_eq!(owner.get("pattern"), None, "{written}");
}

#[test]
fn an_error_about_the_file_of_the_cases_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let ran = run(&[
        "record",
        "--snapshot",
        "fixtures/acme",
        "--rule",
        "s3-bucket-tls-only",
        "--resource",
        "acme-data-exchange",
        "--expect",
        "pass",
        "--cases",
        text(&dir.path().join("missing/x.json")),
    ]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("error: cannot write `"), "{}", ran.stderr);
    let reason = "missing/x.json`: the folder does not exist; create it first";
    assert!(ran.stderr.contains(reason) && !ran.stderr.contains(".rolecall-"), "{}", ran.stderr);
}
