//! `rolecall preview`: whether the internet reaches new instances, whose interfaces have no ids yet.

use serde_json::{Value, json};

use crate::preview_comment::{previewed, shown};
use crate::preview_defaults::{change, preview_of};
use crate::preview_left_open::plan;

const RULE: &str = "ec2-instance-exposed-ssh";
const FAIL: [usize; 2] = [1, 0];
const PASS: [usize; 2] = [0, 0];
const UNKNOWN: [usize; 2] = [0, 1];

fn resource(kind: &str, id: &str, facts: Value) -> Value {
    json!({ "kind": kind, "id": id, "facts": facts })
}

fn everyone(port: u16) -> Value {
    json!([{
        "ip_protocol": "tcp", "from_port": port, "to_port": port,
        "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }], "ipv6_ranges": [], "prefix_list_ids": [], "user_id_group_pairs": [],
    }])
}

fn group(id: &str, permissions: Value) -> Value {
    let facts = json!({
        "group_id": id, "group_name": id, "vpc_id": "vpc-1", "owner_id": "111122223333", "tags": {},
        "ip_permissions": permissions, "ip_permissions_egress": [],
    });
    resource("ec2.security_group", id, facts)
}

/// A network with a subnet that is public, or behind a NAT gateway, and two groups: `sg-open` and
/// `sg-closed`.
fn network(is_public: bool) -> Vec<Value> {
    let target = match is_public {
        true => json!({ "gateway_id": "igw-1" }),
        false => json!({ "nat_gateway_id": "nat-1" }),
    };
    let mut route = json!({ "destination_cidr_block": "0.0.0.0/0", "state": "active" });
    route.as_object_mut().unwrap().extend(target.as_object().unwrap().clone());
    let allow = |egress: bool| json!({ "rule_number": 100, "egress": egress, "protocol": "-1", "rule_action": "allow", "cidr_block": "0.0.0.0/0" });
    vec![
        resource("ec2.vpc", "vpc-1", json!({ "vpc_id": "vpc-1", "tags": {} })),
        resource(
            "ec2.subnet",
            "subnet-1",
            json!({
                "subnet_id": "subnet-1", "vpc_id": "vpc-1", "owner_id": "111122223333", "map_public_ip_on_launch": false,
                "assign_ipv6_address_on_creation": false, "ipv6_native": false, "ipv6_cidr_block_association_set": [], "tags": {},
            }),
        ),
        resource(
            "ec2.route_table",
            "rtb-1",
            json!({
                "route_table_id": "rtb-1", "vpc_id": "vpc-1", "routes": [route], "propagating_vgws": [],
                "associations": [{ "subnet_id": "subnet-1", "main": false, "association_state": { "state": "associated" } }],
            }),
        ),
        resource(
            "ec2.internet_gateway",
            "igw-1",
            json!({ "internet_gateway_id": "igw-1", "attachments": [{ "vpc_id": "vpc-1", "state": "available" }] }),
        ),
        resource(
            "ec2.network_acl",
            "acl-1",
            json!({
                "network_acl_id": "acl-1", "vpc_id": "vpc-1", "is_default": true,
                "associations": [{ "subnet_id": "subnet-1" }], "entries": [allow(false), allow(true)],
            }),
        ),
        resource(
            "ec2.settings",
            "eu-west-1",
            json!({
                "region_name": "eu-west-1",
                "vpc_block_public_access_options": { "internet_gateway_block_mode": "off" },
                "vpc_block_public_access_exclusions": [],
            }),
        ),
        group("sg-open", everyone(22)),
        group("sg-closed", json!([])),
        group("sg-ipv6", of_everyone_by_ipv6()),
        unread_group(),
    ]
}

fn of_everyone_by_ipv6() -> Value {
    let mut permissions = everyone(22);
    permissions[0]["ip_ranges"] = json!([]);
    permissions[0]["ipv6_ranges"] = json!([{ "cidr_ipv6": "::/0" }]);
    permissions
}

/// A group whose rules could not be read.
fn unread_group() -> Value {
    let mut unread = group("sg-unread", json!([]));
    let cause =
        json!({ "call": "ec2:DescribeSecurityGroups", "code": "InvalidResponse", "message": "" });
    unread["unreadable"] = json!({ "ip_permissions": cause });
    unread
}

/// A new instance in the subnet, with these attributes; the others are computed.
fn instance(attributes: &[(&str, Value)]) -> Value {
    let mut after = json!({ "region": "eu-west-1", "ami": "ami-1", "instance_type": "t3.micro" });
    let mut unknown = json!({
        "id": true, "metadata_options": true, "root_block_device": true, "ebs_block_device": true, "subnet_id": true,
        "vpc_security_group_ids": true, "security_groups": true, "associate_public_ip_address": true, "private_ip": true,
        "secondary_private_ips": true, "ipv6_addresses": true, "ipv6_address_count": true, "network_interface": true,
        "primary_network_interface": true, "primary_network_interface_id": true, "public_ip": true,
    });
    for (name, value) in attributes {
        unknown[*name] = json!(value == "unknown");
        after[*name] = if value == "unknown" { Value::Null } else { value.clone() };
    }
    change("aws_instance", Value::Null, after, unknown)
}

/// A new group that lets everyone in on a port.
fn new_group(port: u16) -> Value {
    let rule = json!({
        "from_port": port, "to_port": port, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": [],
        "prefix_list_ids": [], "security_groups": [], "self": false, "description": "",
    });
    let after =
        json!({ "region": "eu-west-1", "name": "web", "vpc_id": "vpc-1", "ingress": [rule] });
    change("aws_security_group", Value::Null, after, json!({ "id": true, "egress": true }))
}

/// The number of instances that are new failures, and that are not known, also because of the snapshot.
fn counts(name: &str, night: &[Value], plan: &Value) -> ([usize; 2], Value) {
    let preview = preview_of(name, Some(night), plan, RULE);
    let of_instances = |list: &str| {
        let all = preview[list].as_array().unwrap().iter();
        all.filter(|one| one["resource"]["kind"] == "ec2.instance").count()
    };
    let open = of_instances("not_known_until_apply") + of_instances("not_checked");
    ([of_instances("new_failures"), open], preview)
}

#[test]
fn a_new_instance_is_reached_as_an_existing_one_would_be() {
    let public = ("associate_public_ip_address", json!(true));
    let private = ("associate_public_ip_address", json!(false));
    let subnet = ("subnet_id", json!("subnet-1"));
    let groups = |ids: &[&str]| ("vpc_security_group_ids", json!(ids));
    let unknown = ("vpc_security_group_ids", json!("unknown"));
    let web = json!({ "references": ["aws_security_group.a.id", "aws_security_group.a"] });
    let conditional =
        json!({ "references": ["var.more", "aws_security_group.a.id", "aws_security_group.a"] });
    let known = json!({ "constant_value": [] });
    let of = |one: &[(&str, Value)]| instance(&[one, std::slice::from_ref(&subnet)].concat());
    let by_subnet = |ids| instance(&[subnet.clone(), groups(ids)]);
    let nowhere = instance(&[public.clone(), groups(&["sg-open"])]);
    let nowhere_closed = instance(&[public.clone(), groups(&["sg-closed"])]);
    let open = of(&[public.clone(), groups(&["sg-closed", "sg-open"])]);
    let closed = of(&[public.clone(), groups(&["sg-closed"])]);
    let by_ipv6 = of(&[public.clone(), groups(&["sg-ipv6"])]);
    let unread = of(&[public.clone(), groups(&["sg-unread", "sg-closed"])]);
    let unread_and_open = of(&[public.clone(), groups(&["sg-unread", "sg-open"])]);
    let no_address = of(&[private.clone(), groups(&["sg-open"])]);
    let new = of(&[public, unknown.clone()]);
    let new_private = of(&[private, unknown]);
    for (name, is_public, port, instance, expression, expected) in [
        ("an open group", true, 80, &open, &known, FAIL),
        ("a closed group", true, 80, &closed, &known, PASS),
        (
            "a group that is open to IPv6, which the subnet does not have",
            true,
            80,
            &by_ipv6,
            &known,
            PASS,
        ),
        ("a group that was not read", true, 80, &unread, &known, UNKNOWN),
        ("an open group beside it", true, 80, &unread_and_open, &known, FAIL),
        ("no public address", true, 80, &no_address, &known, PASS),
        ("a private subnet", false, 80, &open, &known, PASS),
        ("the subnet assigns no address", true, 80, &by_subnet(&["sg-open"]), &known, PASS),
        ("any subnet, with a group that is open", true, 80, &nowhere, &known, UNKNOWN),
        ("any subnet, with a closed group", true, 80, &nowhere_closed, &known, PASS),
        ("a new open group", true, 22, &new, &web, FAIL),
        // A plan has no literals, so that there can be more groups.
        ("a new group for something else", true, 80, &new, &web, UNKNOWN),
        ("a new open group on a condition", true, 22, &new, &conditional, UNKNOWN),
        ("a new open group in a private subnet", false, 22, &new, &web, PASS),
        ("a new open group without an address", true, 22, &new_private, &web, PASS),
    ] {
        let mut arguments = json!({ "vpc_security_group_ids": expression });
        for argument in ["subnet_id", "associate_public_ip_address"] {
            if !instance["change"]["after"][argument].is_null() {
                arguments[argument] = json!({});
            }
        }
        let changes = [new_group(port), instance.clone()];
        let plan =
            plan(&changes, &[("aws_instance", arguments), ("aws_security_group", json!({}))]);
        let (found, preview) = counts(name, &network(is_public), &plan);
        assert_eq!(found, expected, "{name}: {preview:#}");
    }
}

/// A reference to an attribute of the only resource of a type.
fn to(of: &str, attribute: &str) -> Value {
    json!({ "references": [format!("{of}.a.{attribute}"), format!("{of}.a")] })
}

/// A new VPC with a public subnet, an open group and an instance. `acl`: the entries of an ACL, and
/// whether its subnets are resources of their own.
fn new_network(acl: Option<(Value, bool)>) -> Value {
    let new = |of: &str, after: Value, unknown: &[&str]| {
        let mut after = after;
        after["region"] = json!("eu-west-1");
        let unknown: Value = unknown.iter().map(|name| ((*name).to_owned(), json!(true))).collect();
        change(of, Value::Null, after, unknown)
    };
    let mut changes = vec![
        new(
            "aws_vpc",
            json!({ "cidr_block": "10.0.0.0/16" }),
            &["id", "default_network_acl_id", "main_route_table_id", "default_security_group_id"],
        ),
        new(
            "aws_subnet",
            json!({
                "cidr_block": "10.0.0.0/24", "map_public_ip_on_launch": true, "assign_ipv6_address_on_creation": false,
                "ipv6_native": false,
            }),
            &["id", "vpc_id"],
        ),
        new("aws_internet_gateway", json!({}), &["id", "vpc_id"]),
        new("aws_route_table", json!({}), &["id", "vpc_id", "route", "propagating_vgws"]),
        new(
            "aws_route",
            json!({ "destination_cidr_block": "0.0.0.0/0" }),
            &["id", "route_table_id", "gateway_id", "network_interface_id", "state"],
        ),
        new("aws_route_table_association", json!({}), &["id", "subnet_id", "route_table_id"]),
        new_group(22),
        instance(&[("vpc_security_group_ids", json!("unknown"))]),
    ];
    changes[6]["change"]["after"]["vpc_id"] = Value::Null;
    changes[6]["change"]["after_unknown"]["vpc_id"] = json!(true);
    let of_vpc = json!({ "vpc_id": to("aws_vpc", "id") });
    let mut arguments = vec![
        ("aws_vpc", json!({})),
        ("aws_subnet", of_vpc.clone()),
        ("aws_internet_gateway", of_vpc.clone()),
        ("aws_route_table", of_vpc.clone()),
        (
            "aws_route",
            json!({
                "route_table_id": to("aws_route_table", "id"), "gateway_id": to("aws_internet_gateway", "id"),
                "destination_cidr_block": {},
            }),
        ),
        (
            "aws_route_table_association",
            json!({ "subnet_id": to("aws_subnet", "id"), "route_table_id": to("aws_route_table", "id") }),
        ),
        ("aws_security_group", of_vpc.clone()),
        (
            "aws_instance",
            json!({ "subnet_id": to("aws_subnet", "id"), "vpc_security_group_ids": to("aws_security_group", "id") }),
        ),
    ];
    if let Some((entries, is_apart)) = acl {
        let after = json!({ "ingress": entries, "egress": entries });
        changes.push(new("aws_network_acl", after, &["id", "vpc_id", "subnet_ids"]));
        let mut own = of_vpc;
        if is_apart {
            let unknown = ["id", "subnet_id", "network_acl_id"];
            changes.push(new("aws_network_acl_association", json!({}), &unknown));
            let both = json!({ "subnet_id": to("aws_subnet", "id"), "network_acl_id": to("aws_network_acl", "id") });
            arguments.push(("aws_network_acl_association", both));
        } else {
            own["subnet_ids"] = to("aws_subnet", "id");
        }
        arguments.push(("aws_network_acl", own));
    }
    plan(&changes, &arguments)
}

#[test]
fn a_new_network_is_evaluated_as_a_whole() {
    let closed = json!([]);
    let open = json!([{
        "rule_no": 100, "action": "allow", "protocol": "-1", "cidr_block": "0.0.0.0/0", "ipv6_cidr_block": "",
        "from_port": 0, "to_port": 0, "icmp_type": 0, "icmp_code": 0,
    }]);
    for (name, acl, expected) in [
        // AWS creates it in the same way with every VPC.
        ("the default ACL", None, FAIL),
        ("an ACL that lets everything in", Some((open.clone(), true)), FAIL),
        ("an ACL that lets nothing in", Some((closed, true)), PASS),
        // One more of them can be any subnet.
        ("an ACL with a set of subnets", Some((open, false)), UNKNOWN),
    ] {
        let (found, preview) = counts(name, &network(true), &new_network(acl));
        assert_eq!(found, expected, "{name}: {preview:#}");
    }
}

/// An instance that exists, and a rule of its group that is added. Another setting of the instance changes as
/// well.
#[test]
fn the_rule_of_a_group_that_opens_an_instance_is_named() {
    let groups = json!([{ "group_id": "sg-closed", "group_name": "sg-closed" }]);
    let mut night = network(true);
    night.push(resource(
        "ec2.instance",
        "i-1",
        json!({
            "instance_id": "i-1", "state": { "name": "running" }, "vpc_id": "vpc-1", "subnet_id": "subnet-1", "tags": {},
            "security_groups": groups, "public_ip_address": "203.0.113.7", "block_device_mappings": [],
            "metadata_options": { "http_tokens": "required", "http_endpoint": "enabled" },
            "network_interfaces": [{
                "network_interface_id": "eni-1", "subnet_id": "subnet-1", "vpc_id": "vpc-1", "groups": groups, "ipv6_addresses": [],
                "association": { "public_ip": "203.0.113.7" },
                "private_ip_addresses": [{ "private_ip_address": "10.0.0.5", "association": { "public_ip": "203.0.113.7" } }],
            }],
        }),
    ));
    let of = |tokens: &str| {
        json!({
            "region": "eu-west-1", "id": "i-1", "ami": "ami-1", "primary_network_interface_id": "eni-1",
            "vpc_security_group_ids": ["sg-closed"], "metadata_options": [{ "http_tokens": tokens, "http_endpoint": "enabled" }],
        })
    };
    let update = change("aws_instance", of("required"), of("optional"), json!({}));
    let ssh = json!({
        "region": "eu-west-1", "security_group_id": "sg-closed", "ip_protocol": "tcp", "from_port": 22, "to_port": 22,
        "cidr_ipv4": "0.0.0.0/0",
    });
    let rule = "aws_vpc_security_group_ingress_rule";
    let rule = change(rule, Value::Null, ssh, json!({ "id": true }));
    let changes = [shown(update, &json!({})), shown(rule, &json!({}))];
    let (json, comment, _) = previewed(&night, &changes, &[RULE]);
    let expected = json!(["aws_vpc_security_group_ingress_rule.a", "aws_instance.a"]);
    assert_eq!(json["new_failures"][0]["addresses"], expected, "{json}");
    assert!(comment.contains("`from_port`: `22`"), "{comment}");
    assert!(!comment.contains("http_tokens"), "{comment}");
}
