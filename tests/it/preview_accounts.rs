//! `rolecall preview`: plans of several accounts, of which the snapshot lacks some.

use std::fs;

use serde_json::{Value, json};

use crate::preview::snapshot;
use crate::program::{Ran, run, text};

const OTHER: &str = "222233334444";

/// A new group in the account of a provider that lets everyone in to SSH.
fn group(name: &str, provider: &str) -> (Value, Value) {
    let ingress = json!([{ "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"] }]);
    let change = json!({
        "address": format!("aws_security_group.{name}"), "mode": "managed", "type": "aws_security_group", "name": name,
        "change": {
            "actions": ["create"], "before": null,
            "after": { "region": "eu-west-1", "name": name, "vpc_id": "vpc-1", "ingress": ingress },
            "after_unknown": { "id": true, "egress": true },
        },
    });
    let config = json!({
        "mode": "managed", "type": "aws_security_group", "name": name, "provider_config_key": provider,
        "expressions": { "ingress": {} },
    });
    (change, config)
}

fn preview(groups: &[(Value, Value)], output: &str) -> Ran {
    let dir = tempfile::tempdir().unwrap();
    let (night, file) = (dir.path().join("night"), dir.path().join("plan.json"));
    snapshot(&night, &[]);
    let role = json!({ "constant_value": format!("arn:aws:iam::{OTHER}:role/terraform") });
    let plan = json!({
        "format_version": "1.2",
        "resource_changes": groups.iter().map(|(change, _)| change).collect::<Vec<_>>(),
        "configuration": {
            "provider_config": {
                "aws": { "name": "aws", "expressions": {} },
                "aws.backup": { "name": "aws", "alias": "backup", "expressions": { "assume_role": [{ "role_arn": role }] } },
            },
            "root_module": { "resources": groups.iter().map(|(_, config)| config).collect::<Vec<_>>() },
        },
    });
    fs::write(&file, plan.to_string()).unwrap();
    let (rules, args) =
        (["--rule", "sg-ingress-ssh,sg-default-closed,sg-unused"], ["--account", "111122223333"]);
    let files = ["preview", "--snapshot", text(&night), "--plan", text(&file), "--output", output];
    run(&[&files[..], &rules, &args].concat())
}

#[test]
fn an_account_that_the_snapshot_lacks_does_not_end_the_preview() {
    let both = [group("main", "aws"), group("copy", "aws.backup")];
    let ran = preview(&both, "json");
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    let preview: Value = serde_json::from_str(&ran.stdout).unwrap();
    let missing: Vec<(&str, bool)> = preview["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["account"].as_str().unwrap(), one["missing"] == json!(true)))
        .collect();
    assert_eq!(missing, [("111122223333", false), (OTHER, true)]);
    assert_eq!(preview["incomplete"], json!(true));
    // What the plan says is known in both.
    let of = |list: &str, rule: &str| -> Vec<&str> {
        let all = preview[list].as_array().unwrap().iter().filter(|one| one["rule"] == json!(rule));
        all.map(|one| one["resource"]["id"].as_str().unwrap_or_default()).collect()
    };
    let failing = ["aws_security_group.main", "aws_security_group.copy"];
    assert_eq!(of("new_failures", "sg-ingress-ssh"), failing, "{preview:#}");
    // What exists is not known in one.
    let why = "what exists is not known: the snapshot does not have account 222233334444";
    let unknown = preview["not_known_until_apply"].as_array().unwrap().iter();
    let unknown = unknown.filter(|one| one["causes"][0]["message"] == json!(why));
    let accounts: Vec<&str> = unknown.map(|one| one["account"].as_str().unwrap()).collect();
    assert_eq!(accounts, [OTHER], "{preview:#}");

    let said = "Incomplete: account 222233334444 is not in the snapshot";
    for output in ["text", "markdown"] {
        let ran = self::preview(&both, output);
        let text = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(said), "{output}: {text}");
    }
}

/// The ARN of a subscription has the account of its topic, which can be one of AWS.
#[test]
fn an_account_is_not_that_of_what_a_resource_is_about() {
    let arn = "arn:aws:sns:us-east-1:806199016981:AmazonIpSpaceChanged:1b2c";
    let same = json!({ "id": arn, "arn": arn, "topic_arn": arn });
    let unchanged = |of: &str, values: &Value| {
        let change = json!({
            "address": format!("{of}.a"), "mode": "managed", "type": of, "name": "a",
            "change": { "actions": ["no-op"], "before": values, "after": values, "after_unknown": {} },
        });
        let config = json!({ "mode": "managed", "type": of, "name": "a", "provider_config_key": "aws", "expressions": {} });
        (change, config)
    };
    let all = [unchanged("aws_sns_topic_subscription", &same), group("main", "aws")];
    let ran = preview(&all, "json");
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    let preview: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(preview["accounts"][0]["account"], "111122223333", "{preview:#}");
    // A role is one of its own account, which the snapshot does not have.
    let role = json!({ "id": "app", "arn": format!("arn:aws:iam::{OTHER}:role/app") });
    let all = [unchanged("aws_iam_role", &role), group("main", "aws")];
    let ran = self::preview(&all, "json");
    assert_eq!(ran.code, 2, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains(OTHER), "{}", ran.stderr);
}

#[test]
fn a_snapshot_of_none_of_the_accounts_is_the_wrong_one() {
    let ran = preview(&[group("copy", "aws.backup")], "json");
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("the snapshot has no account that it changes"), "{}", ran.stderr);
}
