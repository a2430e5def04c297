//! Rules that pass their own test cases and are wrong all the same: `lint` must report each, with its
//! line. The samples are in `tests/cases/authoring`; the relatives are written here.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::program::{root, run, text};

#[derive(Deserialize)]
struct Expected {
    green: BTreeMap<String, Vec<String>>,
}

const PROSE: &str = "//! Something is wrong.\n//!\n//! ## Why it matters\n//! It does.\n//!\n//! ## How to fix it\n//! Do it.\n//!\n\
     //! ## References\n//! - https://docs.aws.amazon.com/\n\n";

/// What `lint` reports about a rule: `CODE:LINE`, in order.
fn reported(path: &Path) -> Vec<String> {
    let ended = run(&["lint", text(path), "--format", "json"]);
    let json: Value = serde_json::from_str(&ended.stdout).unwrap();
    let diagnostics = json["diagnostics"].as_array().unwrap();
    assert_eq!(ended.code, i32::from(!diagnostics.is_empty()), "{}", ended.stderr);
    let shown = |one: &Value| format!("{}:{}", one["code"].as_str().unwrap(), one["line"]);
    diagnostics.iter().map(shown).collect()
}

#[test]
fn rules_that_are_wrong_and_green_are_reported() {
    let folder = root().join("tests/cases/authoring");
    let expected = fs::read_to_string(folder.join("lint.toml")).unwrap();
    let expected: Expected = toml::from_str(&expected).unwrap();
    for (name, codes) in expected.green {
        let rule = folder.join("green").join(&name).with_extension("rhai");
        assert_eq!(reported(&rule), codes, "{name}");
    }
}

/// A rule with one condition on line 13, and cases for which it is right.
fn write_rule(dir: &Path, head: &str, condition: &str) {
    let rule = format!(
        "{PROSE}const RULE = #{{ title: \"T\", severity: \"high\", {head} }};\n\
         fn check(resource, params) {{ if {condition} {{ fail(\"x\") }} else {{ pass() }} }}\n"
    );
    fs::write(dir.join("own.rhai"), rule).unwrap();
    let cases =
        r#"[{"name":"a","expect":"pass","facts":{}},{"name":"b","expect":"fail","facts":{}}]"#;
    fs::write(dir.join("own.cases.json"), cases).unwrap();
}

#[test]
fn relatives_of_these_rules_are_reported() {
    let bucket = "resource: \"s3.bucket\", needs: [\"policy\"]";
    let acl = "resource: \"s3.bucket\", needs: [\"acl\"]";
    let group = "resource: \"ec2.security_group\"";
    let instance = "resource: \"ec2.instance\"";
    let mut wrong = Vec::new();
    for (head, condition, code) in [
        // Results of helpers.
        (bucket, "policy_statements(resource.policy).some(|s| s.Effect == \"Allow\")", "R030"),
        (bucket, "external_grants(resource.policy).some(|g| g.kind == \"Everybody\")", "R042"),
        (bucket, "external_grants(resource.policy).some(|g| g.principals.is_empty())", "R030"),
        (acl, "public_grants(resource.acl).some(|g| g.permission == \"Read\")", "R042"),
        (bucket, "public_statements(resource.policy)", "R026"),
        (
            bucket,
            "policy_statements(resource.policy).some(|s| s.conditions.some(|c| c.test == \"StringEquals\"))",
            "R042",
        ),
        (
            bucket,
            "policy_statements(resource.policy).some(|s| s.conditions.some(|c| c.key in [\"aws:SourceIp\"]))",
            "R042",
        ),
        (
            bucket,
            "policy_statements(resource.policy).some(|s| \"111122223333\" in s.principals)",
            "R042",
        ),
        (
            group,
            "internet_openings(resource.ip_permissions).some(|o| o.protocol == \"tcp\")",
            "R030",
        ),
        (
            group,
            "internet_openings(resource.ip_permissions).some(|o| o.cidr == \"0.0.0.0\")",
            "R042",
        ),
        (
            group,
            "world_ports(resource.ip_permissions, \"tcp\").some(|p| p.from_port == 22)",
            "R030",
        ),
        (group, "!internet_openings(resource.ip_permissions, \"tcp\", 22)", "R026"),
        // Always there.
        (group, "is_configured(resource.ip_permissions)", "R044"),
        (instance, "resource.tags != ()", "R044"),
        (
            "resource: \"s3.bucket\", needs: [\"public_access_block\"]",
            "!is_configured(resource.public_access_block)",
            "R044",
        ),
        // Letter case.
        ("resource: \"ec2.volume\"", "resource.volume_type == \"GP2\"", "R042"),
        (group, "resource.ip_permissions.some(|p| p.ip_protocol in [\"UDP\", \"udp\"])", "R042"),
        (
            "resource: \"ec2.instance\", params: #{ tenancy: \"Dedicated\" }",
            "resource.placement?.tenancy == params.tenancy",
            "R042",
        ),
        (instance, "switch resource.state.name { \"Stopped\" => true, _ => false }", "R042"),
        // Actions.
        (
            bucket,
            "policy_statements(resource.policy).some(|s| s.actions.some(|a| a == \"PutObject\"))",
            "R042",
        ),
        (
            bucket,
            "policy_statements(resource.policy).some(|s| iam_covers_action(s.actions, \"Delete*\"))",
            "R046",
        ),
        (
            "resource: \"s3.bucket\", needs: [\"policy\"], params: #{ actions: [\"Put*\"] }",
            "policy_statements(resource.policy).some(|s| params.actions.some(|a| s.allows_action(a)))",
            "R046",
        ),
        // Arguments.
        (instance, "has_tag(resource, \"Owner\")", "R025"),
        (instance, "has_tag(\"Owner\", resource.tags)", "R025"),
        (instance, "tag_matches(resource.tags, \"prod-*\", \"Env\")", "R046"),
        (instance, "glob_matches(resource.instance_id, \"i-0*\")", "R046"),
        (instance, "glob_matches(\"^i-0\", resource.instance_id)", "R046"),
        (instance, "regex_matches(\"*-0\", resource.instance_id)", "R046"),
        (instance, "cidr_contains(\"10.0.0/8\", resource.private_ip_address)", "R046"),
        (instance, "is_private_cidr(\"::\")", "R046"),
        // Constant and lossy comparisons.
        (group, "resource.ip_permissions.len() >= 0", "R045"),
        (group, "0 > resource.ip_permissions.len()", "R045"),
        (group, "resource.group_name != resource.group_name", "R045"),
        (group, "\"a\" == \"a\"", "R045"),
        (group, "resource.ip_permissions.len() / 2 >= 0.5", "R047"),
        (
            group,
            "0.1 < resource.ip_permissions.len() / resource.ip_permissions_egress.len()",
            "R047",
        ),
        (group, "resource.ip_permissions.len() / 0 > 1", "R049"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        write_rule(dir.path(), head, condition);
        let line = PROSE.lines().count() + 1;
        let line =
            if head.contains("\"Put*\"") || head.contains("Dedicated") { line } else { line + 1 };
        let found = reported(&dir.path().join("own.rhai"));
        if found != [format!("{code}:{line}")] {
            wrong.push(format!("{condition}: {found:?}, not {code}:{line}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn configured_actions_without_a_prefix_are_rejected() {
    let sample = root().join("tests/cases/authoring/params-without-prefix.toml");
    let evaluate = |config: &Path| {
        run(&[
            "evaluate",
            "--snapshot",
            "fixtures/acme",
            "--rule-profile",
            "all",
            "--config",
            text(config),
        ])
    };
    let ran = evaluate(&sample);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    for part in [
        "params-without-prefix.toml:2:12",
        "invalid parameter `actions` of `s3-bucket-policy-cross-account-sensitive-actions`: `PutObjectAcl` has no service prefix",
        "params-without-prefix.toml:4:12",
        "invalid parameter `actions` of `s3-bucket-public-read`: `Get*` has no service prefix",
        "`s3:GetObject`",
    ] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("rolecall.toml");
    for (toml, code) in [
        (
            "[rules.\"s3-bucket-public-read\"]\nparams = { actions = [\"s3:Get*\", \"GetObject\"] }\n",
            2,
        ),
        ("[rules.\"s3-bucket-public-write\"]\nparams = { actions = [\"s3 PutObject\"] }\n", 2),
        ("[rules.\"ec2-vpc-block-public-access\"]\nparams = { modes = [\"Block-Ingress\"] }\n", 2),
        ("[rules.\"s3-bucket-public-read\"]\nparams = { actions = [\"s3:Get*\", \"*\"] }\n", 1),
    ] {
        fs::write(&config, toml).unwrap();
        let ran = evaluate(&config);
        assert_eq!(ran.code == 2, code == 2, "{toml}: {}", ran.stderr);
    }
}
