//! What a new VPC with a NAT gateway, routes and a flow log makes of the account: nothing else becomes
//! unknown.

use serde_json::{Value, json};

use crate::preview_adoption::plan;
use crate::preview_defaults::{change, preview_of};

const LISTS: [&str; 4] = ["new_failures", "fixed", "not_known_until_apply", "not_checked"];

fn created(of: &str, after: Value, unknown: &[&str]) -> Value {
    let (mut after, mut marks) = (after, json!({ "id": true }));
    after["region"] = json!("eu-west-1");
    for name in unknown {
        marks[*name] = true.into();
    }
    change(of, Value::Null, after, marks)
}

/// The number of findings in each list.
fn counts(preview: &Value) -> [usize; 4] {
    LISTS.map(|list| preview[list].as_array().unwrap().len())
}

fn address() -> Value {
    json!({
        "kind": "ec2.address", "id": "eipalloc-1",
        "facts": {
            "allocation_id": "eipalloc-1", "public_ip": "198.51.100.7", "association_id": null, "instance_id": null,
            "network_interface_id": null, "service_managed": null, "tags": {},
        },
    })
}

fn group() -> Value {
    json!({
        "kind": "ec2.security_group", "id": "sg-1",
        "facts": {
            "group_id": "sg-1", "group_name": "web", "vpc_id": "vpc-1", "owner_id": "111122223333", "description": "", "tags": {},
            "ip_permissions": [], "ip_permissions_egress": [],
        },
    })
}

/// An interface in the group.
fn interface(id: &str, kind: &str, groups: &Value) -> Value {
    json!({
        "kind": "ec2.network_interface", "id": id,
        "facts": {
            "network_interface_id": id, "interface_type": kind, "vpc_id": "vpc-1", "subnet_id": "subnet-1", "status": "in-use",
            "owner_id": "111122223333", "groups": groups, "attachment": { "status": "attached", "instance_id": null, "device_index": 1 },
            "association": null, "private_ip_addresses": [], "ipv6_addresses": [], "ipv6_prefixes": [], "tags": {},
        },
    })
}

fn subnet() -> Value {
    json!({
        "kind": "ec2.subnet", "id": "subnet-1",
        "facts": { "subnet_id": "subnet-1", "vpc_id": "vpc-1", "owner_id": "111122223333", "tags": {}, "map_public_ip_on_launch": false },
    })
}

fn vpc() -> Value {
    json!({
        "kind": "ec2.vpc", "id": "vpc-1",
        "facts": { "vpc_id": "vpc-1", "owner_id": "111122223333", "is_default": false, "cidr_block": "10.0.0.0/16", "state": "available", "tags": {} },
    })
}

#[test]
fn a_nat_gateway_has_one_interface_and_an_address_that_exists() {
    let night = [
        address(),
        group(),
        interface("eni-1", "interface", &json!([{ "group_id": "sg-1", "group_name": "web" }])),
        subnet(),
        vpc(),
    ];
    let of = "aws_nat_gateway";
    let gateway = |more: Value| {
        let mut after = json!({ "connectivity_type": "public", "allocation_id": "eipalloc-1", "subnet_id": "subnet-1" });
        after.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        created(of, after, &["network_interface_id"])
    };
    let configured = |change: Value| plan(&[change], &[(of, "tags", "var.tags")]);
    let new = configured(gateway(json!({})));
    let regional = configured(gateway(json!({ "availability_mode": "regional" })));
    let open = configured(created(
        of,
        json!({ "subnet_id": "subnet-1" }),
        &["availability_mode", "allocation_id"],
    ));
    let mut unconfigured = open.clone();
    unconfigured["configuration"] = json!({});
    let exists = |more: Value| {
        let mut after = json!({
            "id": "nat-1", "region": "eu-west-1", "allocation_id": "eipalloc-1", "subnet_id": "subnet-1", "network_interface_id": "eni-2",
            "connectivity_type": "public", "tags": {},
        });
        after.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        after
    };
    let deleted = configured(change(of, exists(json!({})), Value::Null, json!({})));
    let tagged = configured(change(
        of,
        exists(json!({})),
        exists(json!({ "tags": { "a": "b" } })),
        json!({}),
    ));
    let moved = configured(change(
        of,
        exists(json!({})),
        exists(json!({ "secondary_allocation_ids": ["eipalloc-2"] })),
        json!({}),
    ));
    let none = [0, 0, 0, 0];
    let open_one = [0, 0, 1, 0];
    for (name, plan, rule, expected) in [
        ("a used group stays used", &new, "sg-unused", none),
        ("the VPC is used", &new, "vpc-unused", none),
        ("its interface has a public address", &new, "ec2-eni-public-ip", none),
        ("its interface is attached", &new, "ec2-eni-unused", none),
        ("other addresses stay", &new, "ec2-eip-transfer-pending", none),
        ("its address is used", &new, "ec2-eip-unassociated", open_one),
        // AWS allocates addresses for it.
        ("regional", &regional, "ec2-eip-transfer-pending", open_one),
        ("regional, interfaces", &regional, "ec2-eni-unused", open_one),
        ("regional, a used group stays used", &regional, "sg-unused", none),
        ("by default", &open, "sg-unused", none),
        ("not known which", &unconfigured, "ec2-eni-unused", open_one),
        ("not known which, a used group stays used", &unconfigured, "sg-unused", none),
        ("any address", &open, "ec2-eip-unassociated", open_one),
        ("deleted", &deleted, "sg-unused", none),
        ("tagged", &tagged, "sg-unused", none),
        ("tagged, address", &tagged, "ec2-eip-unassociated", none),
        ("more addresses", &moved, "ec2-eip-transfer-pending", open_one),
    ] {
        let preview = preview_of(name, Some(&night), plan, rule);
        assert_eq!(counts(&preview), expected, "{name}, {rule}: {preview:#}");
    }
    // Nothing else uses the group or the VPC.
    let last = [group(), interface("eni-2", "nat_gateway", &json!([])), subnet(), vpc()];
    let preview = preview_of("deleted", Some(&last), &deleted, "vpc-unused");
    assert_eq!(counts(&preview), [1, 0, 0, 0], "{preview:#}");
    let empty = [subnet(), vpc()];
    let preview = preview_of("created", Some(&empty), &new, "vpc-unused");
    assert_eq!(counts(&preview), [0, 1, 0, 0], "{preview:#}");
}

#[test]
fn a_route_to_a_new_nat_gateway_is_not_one_to_the_internet() {
    let of = "aws_route_table";
    let table = |targets: Value, unknown: Value| {
        let mut route =
            json!({ "cidr_block": "0.0.0.0/0", "gateway_id": "", "nat_gateway_id": "" });
        route.as_object_mut().unwrap().extend(targets.as_object().unwrap().clone());
        let mut change = created(of, json!({ "vpc_id": "vpc-1", "route": [route] }), &[]);
        change["change"]["after_unknown"]["route"] = json!([unknown]);
        plan(&[change], &[(of, "vpc_id", "var.vpc")])
    };
    for (name, plan, expected) in [
        (
            "NAT gateway",
            table(json!({ "nat_gateway_id": null }), json!({ "nat_gateway_id": true })),
            [0, 0, 0, 0],
        ),
        ("internet gateway", table(json!({ "gateway_id": "igw-1" }), json!({})), [1, 0, 0, 0]),
        (
            "some gateway",
            table(json!({ "gateway_id": null }), json!({ "gateway_id": true })),
            [0, 0, 1, 0],
        ),
    ] {
        let preview = preview_of(name, Some(&[vpc()]), &plan, "route-default-to-igw");
        assert_eq!(counts(&preview), expected, "{name}: {preview:#}");
    }
}

#[test]
fn a_new_flow_log_is_active() {
    let log = |traffic: &str| {
        let after =
            json!({ "vpc_id": "vpc-1", "traffic_type": traffic, "log_destination_type": "s3" });
        plan(&[created("aws_flow_log", after, &["arn"])], &[])
    };
    for (name, plan, rule, expected) in [
        ("all traffic", log("ALL"), "vpc-flow-logs", [0, 1, 0, 0]),
        ("not what is rejected", log("ACCEPT"), "vpc-flow-logs", [0, 0, 0, 0]),
        // Whether it delivers anything shows only later.
        ("delivery", log("ALL"), "vpc-flow-log-delivery", [0, 0, 1, 0]),
    ] {
        let preview = preview_of(name, Some(&[vpc()]), &plan, rule);
        assert_eq!(counts(&preview), expected, "{name}: {preview:#}");
    }
}

#[test]
fn a_sensitive_range_matters_only_on_the_ports_of_a_rule() {
    let of = "aws_vpc_security_group_ingress_rule";
    let rule = |port: i64, argument: &str| {
        let mut after = json!({ "security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": port, "to_port": port });
        after[argument] = "192.0.2.0/24".into();
        let mut change = created(of, after, &["arn"]);
        change["change"]["after_sensitive"] = json!({ argument: true });
        plan(&[change], &[])
    };
    let (v4, v6) = ("sg-ingress-remote-admin-ipv4", "sg-ingress-remote-admin-ipv6");
    let high_risk = "sg-ingress-high-risk-ports";
    for (name, plan, rule, open) in [
        ("another port", rule(8443, "cidr_ipv4"), v4, 0),
        ("another port, ports of databases", rule(8443, "cidr_ipv4"), high_risk, 0),
        ("port of a database", rule(5432, "cidr_ipv4"), high_risk, 1),
        ("SSH", rule(22, "cidr_ipv4"), v4, 1),
        ("SSH, IPv6", rule(22, "cidr_ipv4"), v6, 0),
        ("IPv6 range", rule(22, "cidr_ipv6"), v6, 1),
        ("IPv6 range, IPv4", rule(22, "cidr_ipv6"), v4, 0),
        ("prefix list", rule(22, "prefix_list_id"), v4, 1),
        ("any opening", rule(8443, "cidr_ipv4"), "sg-ingress-any-port-internet", 1),
    ] {
        let preview = preview_of(name, Some(&[group()]), &plan, rule);
        assert_eq!(counts(&preview), [0, 0, open, 0], "{name}: {preview:#}");
        assert!(!preview.to_string().contains("192.0.2.0"), "{name}: {preview}");
    }
}
