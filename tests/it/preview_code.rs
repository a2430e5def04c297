//! `rolecall preview --source`: new failures name the line of Terraform code, although no state has
//! the resources yet.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::history::validate;
use crate::preview::snapshot;
use crate::program::{Ran, ran, rolecall};

const MAIN: &str = r#"provider "aws" {
  region = "eu-west-1"
}

module "logs" {
  source   = "../../modules/bucket"
  for_each = toset(["a", "b"])
  name     = "acme-${each.key}"
}

resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = "vpc-1"
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  security_group_id = aws_security_group.web.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_ingress_rule" "ssh" {
  security_group_id = aws_security_group.web.id
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = "0.0.0.0/0"
}
"#;

const MODULE: &str = r#"variable "name" {
  type = string
}

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

/// What the preview finds: rule and resource → file and line.
const PLACES: [(&str, &str); 3] = [
    ("s3-bucket-versioning acme-a", "modules/bucket/main.tf:12"),
    ("s3-bucket-versioning acme-b", "modules/bucket/main.tf:12"),
    ("sg-ingress-remote-admin-ipv4 aws_security_group.web", "envs/prod/main.tf:24"),
];

pub(crate) fn created(module: &str, of: (&str, &str), after: Value, unknown: Value) -> Value {
    let (type_name, name) = of;
    let prefix = if module.is_empty() { String::new() } else { format!("{module}.") };
    let mut change = json!({
        "address": format!("{prefix}{type_name}.{name}"), "mode": "managed", "type": type_name, "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": { "actions": ["create"], "before": null, "after": after, "after_unknown": unknown, "after_sensitive": {} },
    });
    if !module.is_empty() {
        change["module_address"] = json!(module);
    }
    change
}

/// A plan that creates everything: no id but the names of buckets is known.
fn plan() -> Value {
    let mut changes = Vec::new();
    for key in ["a", "b"] {
        let module = format!("module.logs[\"{key}\"]");
        let bucket = json!({ "bucket": format!("acme-{key}"), "tags": null });
        let unknown = json!({ "id": true, "arn": true });
        changes.push(created(&module, ("aws_s3_bucket", "this"), bucket, unknown));
        let versioning = json!({ "versioning_configuration": [{ "status": "Suspended" }] });
        let unknown = json!({ "id": true, "bucket": true });
        changes.push(created(&module, ("aws_s3_bucket_versioning", "this"), versioning, unknown));
    }
    let group = json!({ "name": "web", "description": "web", "vpc_id": "vpc-1" });
    let unknown =
        json!({ "id": true, "arn": true, "owner_id": true, "ingress": true, "egress": true });
    changes.push(created("", ("aws_security_group", "web"), group, unknown));
    for (name, port) in [("https", 443), ("ssh", 22)] {
        let rule = json!({ "ip_protocol": "tcp", "from_port": port, "to_port": port, "cidr_ipv4": "0.0.0.0/0" });
        let of = ("aws_vpc_security_group_ingress_rule", name);
        let unknown = json!({ "id": true, "security_group_id": true });
        changes.push(created("", of, rule, unknown));
    }
    let resource = |of: (&str, &str), expressions: Value| {
        let (type_name, name) = of;
        json!({
            "address": format!("{type_name}.{name}"), "mode": "managed", "type": type_name, "name": name,
            "provider_config_key": "aws", "expressions": expressions,
        })
    };
    let by_id = |address: &str| json!({ "references": [format!("{address}.id"), address] });
    let rule = |name: &str| {
        let of = ("aws_vpc_security_group_ingress_rule", name);
        resource(of, json!({ "security_group_id": by_id("aws_security_group.web") }))
    };
    let in_module = [
        resource(("aws_s3_bucket", "this"), json!({ "bucket": { "references": ["var.name"] } })),
        resource(
            ("aws_s3_bucket_versioning", "this"),
            json!({ "bucket": by_id("aws_s3_bucket.this") }),
        ),
    ];
    json!({
        "format_version": "1.2",
        "resource_changes": changes,
        "configuration": {
            "provider_config": { "aws": { "name": "aws", "expressions": { "region": { "constant_value": "eu-west-1" } } } },
            "root_module": {
                "resources": [resource(("aws_security_group", "web"), json!({})), rule("https"), rule("ssh")],
                "module_calls": { "logs": {
                    "source": "../../modules/bucket",
                    "expressions": { "name": { "references": ["each.key"] } },
                    "module": { "resources": in_module, "variables": { "name": {} } },
                } },
            },
        },
    })
}

/// A repository with two roots, a plan of one, and the snapshot of an empty account.
pub(crate) fn world() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (file, content) in [
        ("envs/prod/main.tf", MAIN.to_owned()),
        ("envs/test/main.tf", MAIN.replace("aws_security_group\" \"web", "aws_vpc\" \"web")),
        ("modules/bucket/main.tf", MODULE.to_owned()),
        (".gitignore", "plan.json\nnight/\n".to_owned()),
        ("plan.json", plan().to_string()),
    ] {
        let path = dir.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    snapshot(&dir.path().join("night"), &[]);
    for args in [&["init", "--quiet"][..], &["add", "."]] {
        let output = Command::new("git").args(args).current_dir(dir.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    dir
}

fn preview(dir: &Path, more: &[&str]) -> Ran {
    let rules = ["--rule", "s3-bucket-versioning", "--rule", "sg-ingress-remote-admin-ipv4"];
    let args = ["preview", "--snapshot", "night", "--plan", "plan.json"];
    ran(rolecall().args(args).args(rules).args(more).current_dir(dir).output().unwrap())
}

/// Rule and resource of new failures → file and line.
fn places(ran: &Ran) -> BTreeMap<String, String> {
    let value: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    validate("preview/v1.schema.json", &value);
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let new = value["new_failures"].as_array().unwrap().iter();
    new.map(|one| {
        let source = &one["source"];
        let place = match source["file"].as_str() {
            Some(file) => format!("{file}:{}", source["line"]),
            None => "-".to_owned(),
        };
        (format!("{} {}", text(&one["rule"]), text(&one["resource"]["id"])), place)
    })
    .collect()
}

fn expected() -> BTreeMap<String, String> {
    PLACES.iter().map(|(name, place)| ((*name).to_owned(), (*place).to_owned())).collect()
}

#[test]
fn new_failures_name_the_lines_of_resources_that_do_not_exist_yet() {
    let dir = world();
    let outputs = ["--output", "json", "--output", "sarif=s.sarif", "--output", "markdown=c.md"];
    let ran = preview(dir.path(), &[&["--source", "envs/prod"][..], &outputs].concat());
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_eq!(places(&ran), expected());
    assert!(!ran.stderr.contains("note:"), "{}", ran.stderr);
    let markdown = fs::read_to_string(dir.path().join("c.md")).unwrap();
    let text = preview(dir.path(), &["--source", "envs/prod"]).stdout;
    for (_, place) in PLACES {
        assert!(markdown.contains(&format!("`{place}`")), "{place}: {markdown}");
        // As the problem matcher for scans expects it.
        assert!(text.contains(&format!(" {place}  ")), "{place}: {text}");
    }
    let sarif: Value =
        serde_json::from_str(&fs::read_to_string(dir.path().join("s.sarif")).unwrap()).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let mut lines: Vec<String> = results
        .iter()
        .map(|result| {
            let physical = &result["locations"][0]["physicalLocation"];
            let file = physical["artifactLocation"]["uri"].as_str().unwrap();
            format!("{file}:{}", physical["region"]["startLine"])
        })
        .collect();
    lines.sort();
    let mut wanted: Vec<&str> = PLACES.iter().map(|(_, place)| *place).collect();
    wanted.sort_unstable();
    assert_eq!(lines, wanted);
}

/// What is not valid is not silently left out.
#[test]
fn code_that_is_not_valid_is_named() {
    let dir = world();
    fs::write(dir.path().join("envs/prod/broken.tf"), "locals {\n  a = [\n}\n").unwrap();
    let ran = preview(dir.path(), &["--source", "envs/prod", "--output", "json"]);
    assert_eq!(places(&ran), expected());
    let note = "envs/prod/broken.tf is not valid, so no values are taken from the code: run `terraform validate`";
    assert!(ran.stderr.contains(note), "{}", ran.stderr);
}

#[test]
fn alerts_are_where_the_config_says() {
    let dir = world();
    for (location, lines) in [("resource", false), ("code", true)] {
        let config =
            format!("[[output]]\nformat = \"sarif\"\npath = \"x\"\nlocation = \"{location}\"\n");
        fs::write(dir.path().join("rolecall.toml"), config).unwrap();
        let ran = preview(dir.path(), &["--source", "envs/prod", "--output", "sarif=s.sarif"]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        let sarif = fs::read_to_string(dir.path().join("s.sarif")).unwrap();
        let sarif: Value = serde_json::from_str(&sarif).unwrap();
        for result in sarif["runs"][0]["results"].as_array().unwrap() {
            let file = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
            let is_code = file.as_str().unwrap().ends_with("main.tf");
            assert_eq!(is_code, lines, "{location}: {file}");
        }
    }
}

#[test]
fn new_resources_of_a_change_set_are_named_in_the_template() {
    let template = "Resources:
  Old:
    Type: AWS::S3::Bucket
  Data:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration:
        Status: Suspended
  Named:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: acme-named
";
    let change = |action: &str, id: &str, physical: Value, properties: Value| {
        let context = json!({ "Properties": properties }).to_string();
        let side = if action == "Remove" { "BeforeContext" } else { "AfterContext" };
        json!({ "Type": "Resource", "ResourceChange": {
            "Action": action, "LogicalResourceId": id, "ResourceType": "AWS::S3::Bucket", "Scope": [], "Details": [],
            "PhysicalResourceId": physical, side: context,
        } })
    };
    let suspended = json!({ "VersioningConfiguration": { "Status": "Suspended" } });
    let set = json!({
        "StackName": "web", "StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/web/1", "Status": "CREATE_COMPLETE",
        "Changes": [
            change("Add", "Data", Value::Null, suspended),
            change("Add", "Named", Value::Null, json!({ "BucketName": "acme-named" })),
            change("Remove", "Gone", json!("gone"), json!({})),
        ],
    });
    let dir = world();
    let write = |name: &str, content: &str| fs::write(dir.path().join(name), content).unwrap();
    write("web.yaml", template);
    write("set.json", &set.to_string());
    let config = "[[source]]\ncloudformation = \"web.yaml\"\nstack = \"web\"\n";
    write("rolecall.toml", config);
    let added = Command::new("git").args(["add", "web.yaml"]).current_dir(dir.path()).output();
    assert!(added.unwrap().status.success());
    let args = ["preview", "--snapshot", "night", "--change-set", "set.json", "--output", "json"];
    let rule = ["--rule", "s3-bucket-versioning"];
    let found = ran(rolecall().args(args).args(rule).current_dir(dir.path()).output().unwrap());
    let expected = [
        ("s3-bucket-versioning acme-named", "web.yaml:9"),
        ("s3-bucket-versioning web/Data", "web.yaml:8"),
    ];
    let expected = expected.map(|(name, place)| (name.to_owned(), place.to_owned()));
    assert_eq!(places(&found), BTreeMap::from(expected), "{}", found.stderr);
}

#[test]
fn annotations_are_only_about_new_failures() {
    let dir = world();
    let ran = preview(dir.path(), &["--source", "envs/prod", "--output", "github=-"]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ran.stdout);
    assert!(lines[0].starts_with("::error file=envs/prod/main.tf,line=24,"), "{}", lines[0]);
    assert!(lines[1].starts_with("::warning file=modules/bucket/main.tf,line=12,"), "{}", lines[1]);
    assert!(lines[1].ends_with("1 more failure at this line"), "{}", lines[1]);
    let without = preview(dir.path(), &["--output", "github=-"]);
    assert_eq!(without.stdout.lines().count(), 1, "{}", without.stdout);
    assert!(without.stdout.contains("3 failures without a known line"), "{}", without.stdout);
}

#[test]
fn the_root_of_the_plan_is_the_one_that_declares_all_of_it() {
    let dir = world();
    let write = |name: &str, content: &str| fs::write(dir.path().join(name), content).unwrap();
    let config = |roots: &[&str]| {
        let source = |root: &&str| format!("[[source]]\nterraform = \"{root}\"\n");
        write("rolecall.toml", &roots.iter().map(source).collect::<String>());
    };
    config(&["envs/test", "envs/prod"]);
    let ran = preview(dir.path(), &["--output", "json"]);
    assert_eq!(places(&ran), expected(), "{}", ran.stderr);

    // A copy of the root fits as well, unless the plan is in one of them.
    fs::create_dir(dir.path().join("envs/copy")).unwrap();
    write("envs/copy/main.tf", MAIN);
    config(&["envs/copy", "envs/prod"]);
    let ran = preview(dir.path(), &["--output", "json"]);
    assert!(places(&ran).values().all(|place| place == "-"), "{}", ran.stdout);
    let wanted = "note: 2 Terraform roots declare all resources of the plan, so its code is not named: pass the root of the plan with --source DIR";
    assert!(ran.stderr.contains(wanted), "{}", ran.stderr);
    write("envs/prod/plan.json", &plan().to_string());
    let args =
        ["preview", "--snapshot", "night", "--plan", "envs/prod/plan.json", "--output", "json"];
    let rules = ["--rule", "s3-bucket-versioning", "--rule", "sg-ingress-remote-admin-ipv4"];
    let command = rolecall().args(args).args(rules).current_dir(dir.path()).output().unwrap();
    assert_eq!(places(&crate::program::ran(command)), expected());
    fs::remove_file(dir.path().join("envs/prod/plan.json")).unwrap();

    config(&["envs/test"]);
    let ran = preview(dir.path(), &["--output", "json"]);
    assert!(ran.stderr.contains("no Terraform root declares all resources"), "{}", ran.stderr);
}

#[test]
fn files_that_git_does_not_track_and_wrong_roots_are_not_named() {
    let dir = world();
    fs::remove_file(dir.path().join(".git/index")).unwrap();
    let ran = preview(dir.path(), &["--source", "envs/prod", "--output", "json"]);
    assert!(places(&ran).values().all(|place| place == "-"), "{}", ran.stdout);
    let ran = preview(dir.path(), &["--source", "envs/missing"]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("envs/missing"), "{}", ran.stderr);
    let change_set = json!({
        "StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/a/1", "Changes": [],
    });
    fs::write(dir.path().join("set.json"), change_set.to_string()).unwrap();
    let args = ["preview", "--change-set", "set.json", "--source", "envs/prod"];
    let output = rolecall().args(args).current_dir(dir.path()).output().unwrap();
    let ran = crate::program::ran(output);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("--source is the Terraform root of a plan"), "{}", ran.stderr);
}

/// A plan shows a group without rules and one with a dynamic block that is not known yet in the same way.
#[test]
fn the_code_says_whether_a_new_group_has_rules() {
    let unknown = json!({ "id": true, "arn": true, "name": true, "ingress": true, "egress": true });
    let group = |name: &str| {
        let after = json!({ "description": "", "vpc_id": "vpc-1", "name_prefix": "web-" });
        created("", ("aws_security_group", name), after, unknown.clone())
    };
    let names = ["bare", "dynamic", "static", "attribute", "overridden", "missing"];
    let code = r#"
resource "aws_security_group" "bare" {
  name_prefix = "web-"
  tags        = { ingress = "none" }
}
resource "aws_security_group" "dynamic" {
  dynamic "ingress" {
    for_each = aws_vpc.a.cidr_block_associations
    content {
      from_port = 22
    }
  }
}
resource "aws_security_group" "static" {
  ingress {
    from_port = 22
  }
}
resource "aws_security_group" "attribute" {
  ingress = local.rules
}
resource "aws_security_group" "overridden" {}
"#;
    let dir = world();
    let write = |name: &str, content: &str| fs::write(dir.path().join(name), content).unwrap();
    let plan = json!({
        "format_version": "1.2", "resource_changes": names.map(group),
        "configuration": {
            "provider_config": { "aws": { "name": "aws", "expressions": { "region": { "constant_value": "eu-west-1" } } } },
            "root_module": {},
        },
    });
    write("plan.json", &plan.to_string());
    write("envs/prod/main.tf", code);
    write(
        "envs/prod/main_override.tf",
        "resource \"aws_security_group\" \"overridden\" {\n  ingress {}\n}\n",
    );
    let open = |more: &[&str]| {
        let ran = preview(dir.path(), &[more, &["--output", "json"]].concat());
        let value: Value = serde_json::from_str(&ran.stdout).unwrap();
        let mut open: Vec<String> = value["not_known_until_apply"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["resource"]["id"].as_str().unwrap().replace("aws_security_group.", ""))
            .collect();
        open.sort();
        open
    };
    let mut all = names.to_vec();
    all.sort_unstable();
    assert_eq!(open(&[]), all);
    all.retain(|name| *name != "bare");
    assert_eq!(open(&["--source", "envs/prod"]), all);
    // Something of the code that cannot be read can say more.
    write("envs/prod/broken.tf", "resource \"aws_security_group\" {{{");
    assert_eq!(open(&["--source", "envs/prod"]).len(), names.len());
}

/// The most common policy of a new bucket: a plan does not have the resources of its statement.
#[test]
fn the_code_says_which_resources_a_policy_of_a_new_bucket_has() {
    const THIS: &str = "aws_s3_bucket.this.arn";
    let resource = |of: &str, name: &str, mode: &str, expressions: Value| {
        json!({
            "address": format!("{of}.{name}"), "mode": mode, "type": of, "name": name,
            "provider_config_key": "aws", "expressions": expressions,
        })
    };
    let refers = |names: &[&str]| json!({ "references": names });
    let mut document = created(
        "module.logs",
        ("aws_iam_policy_document", "tls"),
        json!({ "statement": [{
            "sid": "TLS", "effect": "Deny", "actions": ["s3:*"], "resources": [null, null],
            "principals": [{ "type": "*", "identifiers": ["*"] }],
            "condition": [{ "test": "Bool", "variable": "aws:SecureTransport", "values": ["false"] }],
        }] }),
        json!({ "json": true, "statement": [{ "resources": [true, true] }] }),
    );
    document["mode"] = "data".into();
    document["address"] = "module.logs.data.aws_iam_policy_document.tls".into();
    document["change"]["actions"] = json!(["read"]);
    let bucket = json!({ "bucket": "acme-logs", "tags": null });
    let changes = [
        created(
            "module.logs",
            ("aws_s3_bucket", "this"),
            bucket,
            json!({ "id": true, "arn": true }),
        ),
        document,
        created(
            "module.logs",
            ("aws_s3_bucket_policy", "this"),
            json!({}),
            json!({ "id": true, "bucket": true, "policy": true }),
        ),
    ];
    let statement =
        json!([{ "resources": refers(&[THIS, "aws_s3_bucket.this", THIS, "aws_s3_bucket.this"]) }]);
    let of_module = [
        resource("aws_s3_bucket", "this", "managed", json!({})),
        resource("aws_iam_policy_document", "tls", "data", json!({ "statement": statement })),
        resource(
            "aws_s3_bucket_policy",
            "this",
            "managed",
            json!({
                "bucket": refers(&["aws_s3_bucket.this.id", "aws_s3_bucket.this"]),
                "policy": refers(&["data.aws_iam_policy_document.tls.json", "data.aws_iam_policy_document.tls"]),
            }),
        ),
    ];
    let plan = json!({
        "format_version": "1.2", "resource_changes": changes,
        "configuration": {
            "provider_config": { "aws": { "name": "aws", "expressions": { "region": { "constant_value": "eu-west-1" } } } },
            "root_module": { "module_calls": { "logs": { "source": "../../modules/bucket", "module": { "resources": of_module } } } },
        },
    });
    let dir = world();
    let write = |name: &str, content: &str| fs::write(dir.path().join(name), content).unwrap();
    write("plan.json", &plan.to_string());
    write("envs/prod/main.tf", "module \"logs\" {\n  source = \"../../modules/bucket\"\n}\n");
    let module = |statement: &str| {
        let rest = "resource \"aws_s3_bucket\" \"this\" {}\nresource \"aws_s3_bucket_policy\" \"this\" {}\n";
        write(
            "modules/bucket/main.tf",
            &format!("{rest}data \"aws_iam_policy_document\" \"tls\" {{\n{statement}\n}}\n"),
        );
    };
    let block =
        |resources: &str| format!("statement {{\n  sid = \"TLS\"\n  resources = {resources}\n}}");
    let whole = block("[aws_s3_bucket.this.arn, \"${aws_s3_bucket.this.arn}/*\"]");
    let found = |more: &[&str]| {
        let args = ["preview", "--snapshot", "night", "--plan", "plan.json", "--output", "json"];
        let rule = ["--rule", "s3-bucket-tls-only"];
        let ran = ran(rolecall()
            .args(args)
            .args(rule)
            .args(more)
            .current_dir(dir.path())
            .output()
            .unwrap());
        let value: Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
        ["new_failures", "not_known_until_apply"].map(|list| value[list].as_array().unwrap().len())
    };
    module(&whole);
    assert_eq!(found(&[]), [0, 1]);
    for (statement, expected) in [
        (whole.as_str(), [0, 0]),
        (&block("[aws_s3_bucket.this.arn, \"${aws_s3_bucket.this.arn}/public/*\"]"), [1, 0]),
        (&block("[ \"${ aws_s3_bucket.this.arn }\", \"${aws_s3_bucket.this.arn}/*\"]"), [0, 0]),
        // What is not known, or of another bucket.
        (&block("[aws_s3_bucket.this.arn, \"${aws_s3_bucket.this.arn}/${var.prefix}*\"]"), [0, 1]),
        (&block("concat([aws_s3_bucket.this.arn], local.others)"), [0, 1]),
        (&block("[aws_s3_bucket.other.arn, \"${aws_s3_bucket.other.arn}/*\"]"), [0, 1]),
        // Locals are, if they are known.
        (
            &format!(
                "{}\n}}\nlocals {{\n  arn = aws_s3_bucket.this.arn",
                block("[local.arn, \"${local.arn}/*\"]")
            ),
            [0, 0],
        ),
        // Not the code of this plan.
        (&block("[aws_s3_bucket.this.arn]"), [0, 1]),
        (&format!("{whole}\n{whole}"), [0, 1]),
        (
            &format!("dynamic \"statement\" {{\n for_each = var.all\n content {{\n}}\n}}\n{whole}"),
            [0, 0],
        ),
    ] {
        module(statement);
        assert_eq!(found(&["--source", "envs/prod"]), expected, "{statement}");
    }
}

/// A plan has nothing of a policy if a part of it is known only after apply.
#[test]
fn the_code_says_what_is_known_of_a_policy_in_json() {
    let refers = |names: &[&str]| json!({ "references": names });
    let changes = ["a", "b"].map(|key| {
        let mut bucket = created(
            "",
            ("aws_s3_bucket", "this"),
            json!({ "bucket": format!("acme-{key}"), "tags": null }),
            json!({ "id": true, "arn": true }),
        );
        let mut policy = created(
            "",
            ("aws_s3_bucket_policy", "this"),
            json!({}),
            json!({ "id": true, "bucket": true, "policy": true }),
        );
        for change in [&mut bucket, &mut policy] {
            let address = format!("{}[\"{key}\"]", change["address"].as_str().unwrap());
            change["address"] = address.into();
            change["index"] = key.into();
        }
        [bucket, policy]
    });
    let resource = |of: &str, expressions: Value| {
        json!({
            "address": format!("{of}.this"), "mode": "managed", "type": of, "name": "this",
            "provider_config_key": "aws", "expressions": expressions,
            "for_each_expression": { "references": ["local.readers"] },
        })
    };
    let bucket = refers(&["aws_s3_bucket.this", "each.key"]);
    let policy = refers(&["aws_s3_bucket.this", "each.key", "each.value"]);
    let plan = json!({
        "format_version": "1.2", "resource_changes": changes.concat(),
        "variables": { "secret": { "value": "*" } },
        "configuration": {
            "provider_config": { "aws": { "name": "aws", "expressions": { "region": { "constant_value": "eu-west-1" } } } },
            "root_module": {
                "resources": [
                    resource("aws_s3_bucket", json!({})),
                    resource("aws_s3_bucket_policy", json!({ "bucket": bucket, "policy": policy })),
                ],
                "variables": { "secret": { "sensitive": true } },
            },
        },
    });
    let dir = world();
    let write = |name: &str, content: &str| fs::write(dir.path().join(name), content).unwrap();
    write("plan.json", &plan.to_string());
    let code = |principal: &str, policy: &str| {
        write(
            "envs/prod/main.tf",
            &format!(
                "locals {{\n  readers = {{ a = \"111122223333\", b = {principal} }}\n}}\nvariable \"secret\" {{\n  sensitive = true\n}}\n\
                 resource \"aws_s3_bucket\" \"this\" {{\n  for_each = local.readers\n  bucket = \"acme-${{each.key}}\"\n}}\n\
                 resource \"aws_s3_bucket_policy\" \"this\" {{\n  for_each = local.readers\n  bucket = aws_s3_bucket.this[each.key].id\n  policy = {policy}\n}}\n"
            ),
        );
    };
    let found = |more: &[&str]| {
        let args = ["preview", "--snapshot", "night", "--plan", "plan.json", "--output", "json"];
        let rule = ["--rule", "s3-bucket-policy-not-public"];
        let run = rolecall().args(args).args(rule).args(more).current_dir(dir.path()).output();
        let ran = ran(run.unwrap());
        let value: Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
        let ids = |list: &str| -> Vec<String> {
            let all = value[list].as_array().unwrap().iter();
            all.map(|one| one["resource"]["id"].as_str().unwrap().to_owned()).collect()
        };
        (ids("new_failures"), ids("not_known_until_apply"))
    };
    let encoded = "jsonencode({\n    Statement = concat([{\n      Effect    = \"Allow\"\n      Principal = { AWS = each.value }\n      Action    = \"s3:GetObject\"\n      Resource  = \"${aws_s3_bucket.this[each.key].arn}/*\"\n    }], [])\n  })";
    let text = "<<-EOT\n    { \"Statement\": { \"Effect\": \"Allow\", \"Principal\": { \"AWS\": \"${each.value}\" },\n      \"Action\": \"s3:GetObject\", \"Resource\": \"${aws_s3_bucket.this[each.key].arn}/*\" } }\n  EOT";
    let any_condition = "<<-EOT\n    { \"Statement\": { \"Effect\": \"Allow\", \"Principal\": \"*\",\n      \"Condition\": { \"StringEquals\": { \"${aws_x.other.arn}\": \"o-a1b2c3d4e5\" } },\n      \"Action\": \"s3:GetObject\", \"Resource\": \"${aws_s3_bucket.this[each.key].arn}/*\" } }\n  EOT";
    let both = || vec!["acme-a".to_owned(), "acme-b".to_owned()];
    let b = || vec!["acme-b".to_owned()];
    code("\"*\"", encoded);
    assert_eq!(found(&[]), (vec![], both()));
    for (principal, policy, expected) in [
        ("\"*\"", encoded, (b(), vec![])),
        ("\"*\"", text, (b(), vec![])),
        ("\"444455556666\"", encoded, (vec![], vec![])),
        ("sort([\"111122223333\", \"*\"])[0]", encoded, (b(), vec![])),
        // A condition whose key is not known.
        ("\"*\"", any_condition, (vec![], both())),
        // A resource whose attributes are not known, and a value that nobody may see.
        ("aws_x.other.arn", encoded, (vec![], b())),
        ("var.secret", encoded, (vec![], b())),
        (
            "\"*\"",
            "templatefile(\"policy.json\", { arn = aws_s3_bucket.this[each.key].arn })",
            (vec![], both()),
        ),
    ] {
        code(principal, policy);
        assert_eq!(found(&["--source", "envs/prod"]), expected, "{principal} {policy}");
    }
}
