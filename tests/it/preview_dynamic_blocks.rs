//! `rolecall preview`: blocks that are not known, as those of dynamic blocks are, and arguments of plans
//! without a configuration.

use serde_json::{Value, json};

use crate::preview_defaults::{change, preview_of};
use crate::preview_left_open::plan;

const PASS: [usize; 2] = [0, 0];
const UNKNOWN: [usize; 2] = [0, 1];

fn new(of: &str, after: Value, unknown: &[&str]) -> Value {
    let mut after = after;
    after["region"] = json!("eu-west-1");
    let unknown: Value = unknown.iter().map(|name| ((*name).to_owned(), json!(true))).collect();
    change(of, Value::Null, after, unknown)
}

/// How many resources of a kind are new failures, and how many are not known.
fn counts(preview: &Value, kind: &str) -> [usize; 2] {
    ["new_failures", "not_known_until_apply"].map(|list| {
        let all = preview[list].as_array().unwrap().iter();
        all.filter(|one| one["resource"]["kind"] == kind).count()
    })
}

#[test]
fn blocks_that_are_not_known_are_not_none() {
    let to = |of: &str| json!({ "references": [format!("{of}.a.id"), format!("{of}.a")] });
    let group = "aws_security_group";
    let new_group =
        new(group, json!({ "name": "web", "vpc_id": "vpc-1" }), &["id", "ingress", "egress"]);
    let rule = |of: &str| {
        new(
            of,
            json!({ "ip_protocol": "-1", "cidr_ipv4": "10.0.0.0/8" }),
            &["id", "security_group_id"],
        )
    };
    let (ingress, egress) =
        ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule");
    let acl = "aws_network_acl";
    let new_acl =
        new(acl, json!({ "vpc_id": "vpc-1" }), &["id", "ingress", "egress", "subnet_ids"]);
    let acl_rule = |egress: bool| {
        let after = json!({
            "rule_number": 100, "egress": egress, "protocol": "-1", "rule_action": "allow", "cidr_block": "10.0.0.0/8",
            "from_port": null, "to_port": null, "icmp_type": null, "icmp_code": null, "ipv6_cidr_block": null,
        });
        new("aws_network_acl_rule", after, &["id", "network_acl_id"])
    };
    let both = |is_apart: &str| (is_apart.to_owned(), json!({ "security_group_id": to(group) }));
    for (name, changes, arguments, rule, kind, expected) in [
        (
            "rules of both directions are resources",
            vec![new_group.clone(), rule(ingress), rule(egress)],
            vec![both(ingress), both(egress)],
            "sg-ingress-ssh",
            "ec2.security_group",
            PASS,
        ),
        (
            "only those of the other direction are",
            vec![new_group, rule(egress)],
            vec![both(egress)],
            "sg-ingress-ssh",
            "ec2.security_group",
            UNKNOWN,
        ),
        (
            "entries are resources",
            vec![new_acl.clone(), acl_rule(false), {
                let mut other = acl_rule(true);
                other["address"] = json!("aws_network_acl_rule.a[1]");
                other
            }],
            vec![("aws_network_acl_rule".to_owned(), json!({ "network_acl_id": to(acl) }))],
            "nacl-ingress-ssh-rdp",
            "ec2.network_acl",
            PASS,
        ),
        (
            "only those of the other direction are",
            vec![new_acl, acl_rule(true)],
            vec![("aws_network_acl_rule".to_owned(), json!({ "network_acl_id": to(acl) }))],
            "nacl-ingress-ssh-rdp",
            "ec2.network_acl",
            UNKNOWN,
        ),
    ] {
        let mut all = vec![(group.to_owned(), json!({})), (acl.to_owned(), json!({}))];
        all.extend(arguments);
        let all: Vec<(&str, Value)> =
            all.iter().map(|(of, own)| (of.as_str(), own.clone())).collect();
        let preview = preview_of(name, Some(&[]), &plan(&changes, &all), rule);
        assert_eq!(counts(&preview, kind), expected, "{name}: {preview:#}");
    }
}

/// A group without rules.
fn group() -> Value {
    json!({
        "kind": "ec2.security_group", "id": "sg-1",
        "facts": {
            "group_id": "sg-1", "group_name": "web", "vpc_id": "vpc-1", "owner_id": "111122223333", "tags": {},
            "ip_permissions": [], "ip_permissions_egress": [],
        },
    })
}

/// A network ACL that lets everyone in to SSH.
fn open_acl() -> Value {
    let allow = json!({ "rule_number": 100, "egress": false, "protocol": "-1", "rule_action": "allow", "cidr_block": "0.0.0.0/0" });
    json!({
        "kind": "ec2.network_acl", "id": "acl-1",
        "facts": { "network_acl_id": "acl-1", "vpc_id": "vpc-1", "is_default": true, "associations": [], "entries": [allow], "tags": {} },
    })
}

#[test]
fn a_default_acl_whose_entries_are_not_known_is_not_fixed() {
    let of = "aws_default_network_acl";
    let open = new(
        of,
        json!({ "default_network_acl_id": "acl-1", "egress": [] }),
        &["id", "ingress", "vpc_id"],
    );
    let closed = new(
        of,
        json!({ "default_network_acl_id": "acl-1", "ingress": [], "egress": [] }),
        &["id", "vpc_id"],
    );
    for (name, change, fixed, unknown) in [("not known", open, 0, 1), ("none", closed, 1, 0)] {
        let preview = preview_of(
            name,
            Some(&[open_acl()]),
            &plan(&[change], &[(of, json!({}))]),
            "nacl-ingress-ssh-rdp",
        );
        let count = |list: &str| preview[list].as_array().unwrap().len();
        assert_eq!(
            (count("fixed"), count("not_known_until_apply")),
            (fixed, unknown),
            "{name}: {preview:#}"
        );
    }
}

#[test]
fn an_entry_of_a_direction_that_is_not_known_is_not_inbound() {
    let of = "aws_network_acl_rule";
    let rule = |unknown: &[&str]| {
        let after = json!({
            "network_acl_id": "acl-1", "rule_number": 50, "protocol": "-1", "rule_action": "deny", "cidr_block": "0.0.0.0/0",
            "egress": unknown.is_empty().then_some(false),
        });
        new(of, after, &[&["id"], unknown].concat())
    };
    for (name, change, fixed) in [("inbound", rule(&[]), 1), ("not known", rule(&["egress"]), 0)] {
        let plan = plan(&[change], &[(of, json!({ "egress": {} }))]);
        let preview = preview_of(name, Some(&[open_acl()]), &plan, "nacl-ingress-ssh-rdp");
        assert_eq!(preview["fixed"].as_array().unwrap().len(), fixed, "{name}: {preview:#}");
    }
}

#[test]
fn entries_of_a_new_prefix_list_that_are_not_known_are_not_none() {
    let of = "aws_ec2_managed_prefix_list";
    let list = json!({ "name": "offices", "address_family": "IPv4", "max_entries": 4 });
    let list = new(of, list, &["id", "arn", "entry"]);
    let after = json!({ "security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22 });
    let rule = new("aws_vpc_security_group_ingress_rule", after, &["id", "prefix_list_id"]);
    let to_list = json!({ "references": [format!("{of}.a.id"), format!("{of}.a")] });
    let arguments = [
        (of, json!({})),
        ("aws_vpc_security_group_ingress_rule", json!({ "prefix_list_id": to_list })),
    ];
    let preview =
        preview_of("list", Some(&[group()]), &plan(&[list, rule], &arguments), "sg-ingress-ssh");
    assert_eq!(counts(&preview, "ec2.security_group"), UNKNOWN, "{preview:#}");
}

#[test]
fn arguments_of_a_plan_without_a_configuration_are_not_left_out() {
    let after = json!({ "security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22 });
    let rule = new("aws_vpc_security_group_ingress_rule", after, &["id", "cidr_ipv4"]);
    let mut without = plan(&[rule], &[]);
    without.as_object_mut().unwrap().remove("configuration");
    let preview = preview_of("rule", Some(&[group()]), &without, "sg-ingress-ssh");
    assert_eq!(counts(&preview, "ec2.security_group"), UNKNOWN, "{preview:#}");
}

#[test]
fn a_tag_that_is_not_known_is_not_missing() {
    let of = "aws_s3_bucket";
    let after = json!({ "bucket": "data", "id": "data", "tags": {}, "tags_all": {} });
    for (name, mark, expected) in
        [("none", json!({}), [1, 0]), ("one", json!({ "Owner": true }), UNKNOWN)]
    {
        let mut bucket = new(of, after.clone(), &["arn"]);
        for argument in ["tags", "tags_all"] {
            bucket["change"]["after_unknown"][argument] = mark.clone();
        }
        let plan = plan(&[bucket], &[(of, json!({ "bucket": {}, "tags": {} }))]);
        let preview = preview_of(name, Some(&[]), &plan, "s3-bucket-tagged");
        assert_eq!(counts(&preview, "s3.bucket"), expected, "{name}: {preview:#}");
    }
}
