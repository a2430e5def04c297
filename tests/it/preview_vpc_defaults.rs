//! The default security group and network ACL of a VPC that a plan creates: AWS creates them in the same
//! way everywhere.

use serde_json::{Value, json};

use crate::preview_adoption::plan;
use crate::preview_defaults::{change, preview_of};

const CLOSED: &str = "sg-default-closed";
const PORTS: &str = "sg-ingress-remote-admin-ipv4";
const ACL: &str = "nacl-ingress-ssh-rdp";

const GROUP: &str = "aws_vpc.a.default_security_group_id";
const OF_ACL: &str = "aws_vpc.a.default_network_acl_id";

/// A new resource with an id that is not known.
fn created(of: &str, after: Value, unknown: &[&str]) -> Value {
    let (mut after, mut marks) = (after, json!({ "id": true }));
    after["region"] = json!("eu-west-1");
    for name in unknown {
        marks[*name] = true.into();
    }
    change(of, Value::Null, after, marks)
}

/// A new VPC.
fn vpc(more: Value) -> Value {
    let mut after = json!({ "cidr_block": "10.0.0.0/16", "assign_generated_ipv6_cidr_block": null, "ipv6_ipam_pool_id": null });
    after.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let open =
        ["default_security_group_id", "default_network_acl_id", "ipv6_cidr_block", "owner_id"];
    created("aws_vpc", after, &open)
}

/// The plan creates a VPC and something more, which refers to it.
fn with(of: Value, more: Value, argument: &str, to: &str) -> Value {
    let name = more["type"].as_str().unwrap().to_owned();
    plan(&[of, more], &[("aws_vpc", "cidr_block", "var.range"), (&name, argument, to)])
}

#[test]
fn the_defaults_of_a_new_vpc_are_known_unless_the_plan_changes_them() {
    let alone = |more: Value| plan(&[vpc(more)], &[("aws_vpc", "cidr_block", "var.range")]);
    let ssh =
        json!({ "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"] });
    let of_group = |ingress: Value| {
        created(
            "aws_default_security_group",
            json!({ "ingress": ingress, "egress": [] }),
            &["vpc_id", "name"],
        )
    };
    let of_acl = created(
        "aws_default_network_acl",
        json!({ "ingress": [], "egress": [] }),
        &["default_network_acl_id", "vpc_id"],
    );
    let taken = |of: Value| with(vpc(json!({})), of, "vpc_id", "aws_vpc.a.id");
    let rule = created(
        "aws_vpc_security_group_ingress_rule",
        json!({ "ip_protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": "10.0.0.0/8" }),
        &["security_group_id"],
    );
    let ipv6 = |to: &str| {
        let of = created("aws_vpc_ipv6_cidr_block_association", json!({}), &["vpc_id"]);
        with(vpc(json!({})), of, "vpc_id", to)
    };
    let generated = json!({ "assign_generated_ipv6_cidr_block": true });
    let default_vpc = created("aws_default_vpc", json!({}), &["cidr_block"]);
    let cases: Vec<(&str, Value, &str, &str, &[&str])> = vec![
        ("group", alone(json!({})), CLOSED, "new_failures", &[GROUP]),
        ("group, ports", alone(json!({})), PORTS, "-", &[]),
        ("ACL", alone(json!({})), ACL, "new_failures", &[OF_ACL]),
        ("IPv6", alone(generated.clone()), CLOSED, "new_failures", &[GROUP]),
        ("IPv6, ports", alone(generated), "sg-ingress-remote-admin-ipv6", "-", &[]),
        ("IPv6 of a resource", ipv6("aws_vpc.a.id"), CLOSED, "not_known_until_apply", &[GROUP]),
        ("IPv6 of a resource, ports", ipv6("aws_vpc.a.id"), PORTS, "-", &[]),
        ("IPv6 of a resource, ACL", ipv6("aws_vpc.a.id"), ACL, "not_known_until_apply", &[OF_ACL]),
        ("IPv6 of some VPC", ipv6("local.vpc"), CLOSED, "not_known_until_apply", &[GROUP]),
        ("closed group", taken(of_group(json!([]))), CLOSED, "-", &[]),
        ("open group", taken(of_group(json!([ssh]))), PORTS, "new_failures", &[GROUP]),
        (
            "closed ACL",
            with(vpc(json!({})), of_acl, "default_network_acl_id", OF_ACL),
            ACL,
            "-",
            &[],
        ),
        // It is for private addresses.
        (
            "one more rule",
            with(vpc(json!({})), rule.clone(), "security_group_id", GROUP),
            PORTS,
            "-",
            &[],
        ),
        (
            "a rule of some group",
            with(vpc(json!({})), rule, "security_group_id", "local.group"),
            PORTS,
            "not_known_until_apply",
            &[GROUP],
        ),
        // It can exist, and somebody may have changed its group.
        (
            "default VPC",
            plan(&[default_vpc], &[]),
            CLOSED,
            "not_known_until_apply",
            &["aws_default_vpc.a.default_security_group_id"],
        ),
    ];
    for (name, plan, rule, list, expected) in cases {
        for night in [Some(&[][..]), None] {
            let preview = preview_of(name, night, &plan, rule);
            for other in ["new_failures", "not_known_until_apply", "not_checked"] {
                let findings = preview[other].as_array().unwrap();
                let ids: Vec<&str> = findings
                    .iter()
                    .map(|one| one["resource"]["id"].as_str().unwrap_or("-"))
                    .collect();
                let expected = if other == list { expected } else { &[] };
                assert_eq!(ids, expected, "{name}, {night:?}: {other}: {preview}");
                let block = expected.first().and_then(|id| id.rsplit_once('.'));
                for one in findings {
                    let addresses = one["addresses"].as_array().unwrap();
                    assert!(
                        addresses.iter().any(|one| one.as_str() == block.map(|(vpc, _)| vpc)),
                        "{name}: {one}"
                    );
                }
            }
        }
    }
}
