//! Paths in small networks. The examples are those of AWS's documentation: the explanation codes of
//! Reachability Analyzer, route tables, network ACLs, middleboxes and VPC Block Public Access.

mod appliances;
mod partial;
mod ports;
mod routes;

use std::convert::Infallible;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;
use crate::facts::ec2::network_interface::NetworkInterface;
use crate::model::Cause;

/// Prefix lists of the tests; `pl-unread` could not be read.
struct Lists;

impl PrefixLists for Lists {
    type Error = Infallible;

    fn ranges(&self, id: &str) -> Result<Result<Vec<String>, Cause>, Infallible> {
        Ok(match id {
            "pl-world" => Ok(vec!["0.0.0.0/1".to_owned(), "128.0.0.0/1".to_owned()]),
            "pl-office" => Ok(vec!["192.0.2.0/24".to_owned()]),
            _ => Err(cause("ec2:GetManagedPrefixListEntries")),
        })
    }

    fn family(&self, id: &str) -> Result<Option<Family>, Infallible> {
        Ok(Some(Family::V4).filter(|_| id == "pl-unread-v4"))
    }
}

fn cause(call: &str) -> Cause {
    Cause::new(call, "UnauthorizedOperation", "not authorized")
}

/// An interface with a public IPv4 and an IPv6 address that the internet reaches on every port.
fn network() -> Value {
    json!({
        "interface": {
            "network_interface_id": "eni-1", "subnet_id": "subnet-1", "vpc_id": "vpc-1",
            "groups": [{ "group_id": "sg-1" }],
            "private_ip_addresses": [
                { "private_ip_address": "10.0.1.5", "primary": true, "association": { "public_ip": "198.51.100.7" } },
            ],
            "ipv6_addresses": [{ "ipv6_address": "2600:1f14::5" }],
        },
        "subnets": [{
            "subnet_id": "subnet-1", "vpc_id": "vpc-1", "owner_id": "111122223333", "cidr_block": "10.0.1.0/24",
            "ipv6_cidr_block_association_set": [{ "ipv6_cidr_block": "2600:1f14::/64", "ipv6_address_attribute": "public" }],
        }],
        "route_tables": [
            {
                "route_table_id": "rtb-main", "vpc_id": "vpc-1", "associations": [{ "main": true }],
                "routes": [{ "destination_cidr_block": "10.0.0.0/16", "gateway_id": "local" }],
            },
            {
                "route_table_id": "rtb-1", "vpc_id": "vpc-1", "associations": [{ "subnet_id": "subnet-1" }],
                "routes": [
                    { "destination_cidr_block": "10.0.0.0/16", "gateway_id": "local", "state": "active" },
                    { "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1", "state": "active" },
                    { "destination_ipv6_cidr_block": "::/0", "gateway_id": "igw-1", "state": "active" },
                ],
            },
        ],
        "internet_gateways": [
            { "internet_gateway_id": "igw-1", "attachments": [{ "vpc_id": "vpc-1", "state": "available" }] },
        ],
        "network_acls": [{
            "network_acl_id": "acl-1", "vpc_id": "vpc-1", "associations": [{ "subnet_id": "subnet-1" }],
            "entries": [
                entry(100, false, "allow", "-1", None, "0.0.0.0/0"),
                entry(101, false, "allow", "-1", None, "::/0"),
                entry(100, true, "allow", "-1", None, "0.0.0.0/0"),
                entry(101, true, "allow", "-1", None, "::/0"),
                entry(32_767, false, "deny", "-1", None, "0.0.0.0/0"),
                entry(32_768, false, "deny", "-1", None, "::/0"),
                entry(32_767, true, "deny", "-1", None, "0.0.0.0/0"),
            ],
        }],
        "security_groups": [{
            "group_id": "sg-1",
            "ip_permissions": [{
                "ip_protocol": "-1", "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }], "ipv6_ranges": [{ "cidr_ipv6": "::/0" }],
            }],
        }],
        "block_public_access": { "internet_gateway_block_mode": "off" },
        "exclusions": [],
    })
}

fn entry(
    number: i64,
    egress: bool,
    action: &str,
    protocol: &str,
    ports: Option<(i64, i64)>,
    cidr: &str,
) -> Value {
    let ports = ports.map(|(from, to)| json!({ "from": from, "to": to }));
    let (v4, v6) = if cidr.contains(':') { (None, Some(cidr)) } else { (Some(cidr), None) };
    json!({ "rule_number": number, "egress": egress, "rule_action": action, "protocol": protocol,
        "port_range": ports, "cidr_block": v4, "ipv6_cidr_block": v6 })
}

fn parse<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{value}: {error}"))
}

/// A part of a network; `null`: it could not be read.
fn part<T: DeserializeOwned>(network: &Value, name: &str) -> Known<T> {
    match &network[name] {
        Value::Null => Err(cause(name)),
        value => Ok(parse(value)),
    }
}

fn explore(network: &Value, traffic: &Traffic) -> Exposure {
    let interface: NetworkInterface = parse(&network["interface"]);
    let around = Surroundings {
        account: "111122223333".to_owned(),
        subnets: part(network, "subnets"),
        route_tables: part(network, "route_tables"),
        internet_gateways: part(network, "internet_gateways"),
        network_acls: part(network, "network_acls"),
        security_groups: part(network, "security_groups"),
        block_public_access: part(network, "block_public_access"),
        exclusions: part(network, "exclusions"),
    };
    let Ok(exposure) = analyze(&Interface::from(&interface), &around, traffic, &Lists);
    exposure
}

fn tcp(port: i64) -> Traffic {
    Traffic::Ports { protocol: 6, ranges: vec![(port, port)] }
}

/// What is reachable: `ipv4 tcp/22`.
fn reachable(network: &Value, traffic: &Traffic) -> Vec<String> {
    let exposure = explore(network, traffic);
    exposure.paths.iter().map(|path| format!("{} {}", path.ip_version, path.traffic)).collect()
}

/// What blocks IPv4 traffic, as code and message; `[]` if there is a path.
fn blocks(network: &Value, traffic: &Traffic) -> Vec<(&'static str, String)> {
    let exposure = explore(network, traffic);
    assert_eq!(exposure.unknown, [], "{network:#}");
    let of_v4 = exposure.blocked.into_iter().filter(|blocked| blocked.family == Family::V4);
    of_v4.flat_map(|blocked| blocked.obstacles).map(|one| (one.code, one.message)).collect()
}

/// Changes a network.
type Change = fn(&mut Value);

fn with(change: Change) -> Value {
    let mut network = network();
    change(&mut network);
    network
}

#[test]
fn a_path_names_every_component() {
    let network = network();
    assert_eq!(reachable(&network, &Traffic::Any), ["ipv4 all traffic", "ipv6 all traffic"]);
    let exposure = explore(&network, &tcp(22));
    assert_eq!((exposure.reach(), exposure.blocked.len()), (Reach::Reachable, 0));
    assert_eq!(
        serde_json::to_value(&exposure.paths[0]).unwrap(),
        json!({
            "ip_version": "ipv4", "protocol": "tcp", "from_port": 22, "to_port": 22,
            "internet_gateway_id": "igw-1", "appliance_id": null, "route_table_id": "rtb-1", "route": "0.0.0.0/0", "more_routes": null,
            "network_acl_id": "acl-1", "ingress_rule": 100, "egress_rule": 100,
            "security_group_id": "sg-1", "other_security_group_ids": [], "source": "0.0.0.0/0", "more_sources": null, "prefix_list_id": null, "traffic": "tcp/22", "instance_id": null, "instance_profile": null,
            "vpc_id": "vpc-1", "subnet_id": "subnet-1", "network_interface_id": "eni-1", "addresses": ["198.51.100.7"],
        })
    );
}

/// Each component blocks by itself, with the code that Reachability Analyzer has for it.
#[test]
fn every_component_can_block() {
    let cases: &[(&str, Change, &str, &str)] = &[
        (
            "no public address",
            |n| {
                n["interface"]["private_ip_addresses"] =
                    json!([{ "private_ip_address": "10.0.1.5" }])
            },
            "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
            "network interface eni-1 has no public IPv4 address",
        ),
        (
            "a carrier address is not reached through an internet gateway",
            |n| {
                n["interface"]["private_ip_addresses"] =
                    json!([{ "association": { "carrier_ip": "155.146.1.2" } }]);
            },
            "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
            "network interface eni-1 has no public IPv4 address",
        ),
        (
            "the interface accepts nothing from gateways",
            |n| n["interface"]["deny_all_igw_traffic"] = json!(true),
            "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
            "network interface eni-1 accepts no traffic from internet gateways",
        ),
        (
            "VPC Block Public Access",
            |n| n["block_public_access"]["internet_gateway_block_mode"] = json!("block-ingress"),
            "VPC_BLOCK_PUBLIC_ACCESS_ENABLED",
            "VPC Block Public Access (block-ingress) blocks traffic from internet gateways",
        ),
        (
            "no route",
            |n| n["route_tables"][1]["routes"] = json!([]),
            "NO_ROUTE_TO_DESTINATION",
            "route table rtb-1 has no route for 0.0.0.0/0 to an internet gateway",
        ),
        (
            "the main route table applies to a subnet without an association",
            |n| n["route_tables"][1]["associations"] = json!([]),
            "NO_ROUTE_TO_DESTINATION",
            "route table rtb-main has no route for 0.0.0.0/0 to an internet gateway",
        ),
        (
            "a NAT gateway admits no inbound connections",
            |n| {
                n["route_tables"][1]["routes"] = json!([{ "destination_cidr_block": "0.0.0.0/0", "nat_gateway_id": "nat-1", "state": "active" }]);
            },
            "NO_ROUTE_TO_DESTINATION",
            "route table rtb-1 sends internet traffic to NAT gateway nat-1, not to an internet gateway",
        ),
        (
            "a virtual private gateway",
            |n| {
                n["route_tables"][1]["routes"] = json!([{ "destination_cidr_block": "0.0.0.0/0", "gateway_id": "vgw-1", "state": "active" }]);
            },
            "NO_ROUTE_TO_DESTINATION",
            "route table rtb-1 sends internet traffic to virtual private gateway vgw-1, not to an internet gateway",
        ),
        (
            "a transit gateway",
            |n| {
                n["route_tables"][1]["routes"] = json!([{ "destination_cidr_block": "0.0.0.0/0", "transit_gateway_id": "tgw-1", "state": "active" }]);
            },
            "NO_ROUTE_TO_DESTINATION",
            "route table rtb-1 sends internet traffic to transit gateway tgw-1, not to an internet gateway",
        ),
        (
            "a carrier gateway",
            |n| {
                n["route_tables"][1]["routes"] = json!([{ "destination_cidr_block": "0.0.0.0/0", "carrier_gateway_id": "cagw-1", "state": "active" }]);
            },
            "NO_ROUTE_TO_DESTINATION",
            "route table rtb-1 sends internet traffic to carrier gateway cagw-1, not to an internet gateway",
        ),
        (
            "a NAT instance",
            |n| {
                n["route_tables"][1]["routes"] = json!([{ "destination_cidr_block": "0.0.0.0/0", "network_interface_id": "eni-9", "state": "active" }]);
            },
            "NO_ROUTE_TO_DESTINATION",
            "route table rtb-1 sends internet traffic to network interface eni-9, not to an internet gateway",
        ),
        (
            "a blackhole",
            |n| n["route_tables"][1]["routes"][1]["state"] = json!("blackhole"),
            "BAD_STATE_ROUTE",
            "route table rtb-1 has a blackhole route to igw-1",
        ),
        (
            "more specific routes",
            |n| {
                let half = |cidr: &str| json!({ "destination_cidr_block": cidr, "transit_gateway_id": "tgw-1" });
                let routes = n["route_tables"][1]["routes"].as_array_mut().unwrap();
                routes.extend([half("0.0.0.0/1"), half("128.0.0.0/1")]);
            },
            "MORE_SPECIFIC_ROUTE",
            "more specific routes of route table rtb-1 send internet traffic to transit gateway tgw-1",
        ),
        (
            "a more specific blackhole",
            |n| {
                let half = json!({ "destination_cidr_block": "0.0.0.0/1", "nat_gateway_id": "nat-1", "state": "blackhole" });
                n["route_tables"][1]["routes"].as_array_mut().unwrap().push(half);
            },
            "MORE_SPECIFIC_ROUTE",
            "more specific routes of route table rtb-1 drop internet traffic: they are blackhole routes to NAT gateway nat-1",
        ),
        (
            "a gateway that is not attached",
            |n| n["internet_gateways"][0]["attachments"] = json!([]),
            "BAD_STATE_ATTACHMENT",
            "internet gateway igw-1 is not attached to the VPC",
        ),
        (
            "a gateway that is attached to another VPC",
            |n| n["internet_gateways"][0]["attachments"][0]["vpc_id"] = json!("vpc-2"),
            "BAD_STATE_ATTACHMENT",
            "internet gateway igw-1 is not attached to the VPC",
        ),
        (
            "an appliance on only one of both ways",
            |n| {
                n["route_tables"].as_array_mut().unwrap().push(json!({
                    "route_table_id": "rtb-edge", "associations": [{ "gateway_id": "igw-1" }],
                    "routes": [
                        { "destination_cidr_block": "10.0.0.0/16", "gateway_id": "local" },
                        { "destination_cidr_block": "10.0.1.0/24", "gateway_id": "vpce-1" },
                    ],
                }));
            },
            "INGRESS_RTB_TRAFFIC_REDIRECTION",
            "route table rtb-edge of igw-1 sends traffic to vpce-1, but route table rtb-1 sends responses to the internet \
             gateway directly",
        ),
        (
            "inbound network ACL",
            |n| {
                n["network_acls"][0]["entries"][0] =
                    entry(90, false, "deny", "6", Some((22, 22)), "0.0.0.0/0")
            },
            "SUBNET_ACL_RESTRICTION",
            "network ACL acl-1 denies tcp/22 from 0.0.0.0/0 in rule 90",
        ),
        (
            "no inbound rule",
            |n| {
                n["network_acls"][0]["entries"][0] =
                    entry(100, false, "allow", "6", Some((443, 443)), "0.0.0.0/0")
            },
            "SUBNET_ACL_RESTRICTION",
            "network ACL acl-1 denies tcp/22 from 0.0.0.0/0 in rule *",
        ),
        (
            "outbound network ACL: responses go to client ports",
            |n| {
                n["network_acls"][0]["entries"][2] =
                    entry(100, true, "allow", "6", Some((80, 443)), "0.0.0.0/0")
            },
            "SUBNET_ACL_RESTRICTION",
            "network ACL acl-1 denies responses to TCP ports 1024-65535 at 0.0.0.0/0 in rule *",
        ),
        (
            "another port in the security group",
            |n| {
                n["security_groups"][0]["ip_permissions"] = json!([{ "ip_protocol": "tcp", "from_port": 443, "to_port": 443, "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }] }]);
            },
            "ENI_SG_RULES_MISMATCH",
            "security group sg-1 does not allow tcp/22 from the internet",
        ),
        (
            "a few addresses in the security group",
            |n| {
                n["security_groups"][0]["ip_permissions"] = json!([{
                    "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ip_ranges": [{ "cidr_ip": "192.0.2.0/24" }],
                    "prefix_list_ids": [{ "prefix_list_id": "pl-office" }], "user_id_group_pairs": [{ "group_id": "sg-1" }],
                }]);
            },
            "ENI_SG_RULES_MISMATCH",
            "security group sg-1 does not allow tcp/22 from the entire internet",
        ),
        (
            "half of the internet in the security group",
            |n| {
                n["security_groups"][0]["ip_permissions"] = json!([
                    { "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ip_ranges": [{ "cidr_ip": "0.0.0.0/1" }] },
                    { "ip_protocol": "tcp", "from_port": 80, "to_port": 80, "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }] },
                ]);
            },
            "ENI_SG_RULES_MISMATCH",
            "security group sg-1 does not allow tcp/22 from the entire internet",
        ),
        (
            "a private network in the security group",
            |n| {
                n["security_groups"][0]["ip_permissions"] = json!([
                    { "ip_protocol": "-1", "ip_ranges": [{ "cidr_ip": "10.0.0.0/8" }] },
                ]);
            },
            "ENI_SG_RULES_MISMATCH",
            "security group sg-1 does not allow tcp/22 from the internet",
        ),
        (
            "a default route to a transit gateway that was deleted",
            |n| {
                n["route_tables"][1]["routes"] = json!([{ "destination_cidr_block": "0.0.0.0/0", "transit_gateway_id": "tgw-1", "state": "blackhole" }]);
            },
            "BAD_STATE_ROUTE",
            "route table rtb-1 has a blackhole route to transit gateway tgw-1",
        ),
        (
            "no rules in the security group",
            |n| n["security_groups"][0]["ip_permissions"] = json!([]),
            "SG_HAS_NO_RULES",
            "security group sg-1 allows nothing from the internet",
        ),
    ];
    for (name, change, code, message) in cases {
        let network = with(*change);
        assert_eq!(blocks(&network, &tcp(22)), [(*code, (*message).to_owned())], "{name}");
        assert!(
            reachable(&network, &tcp(22)).iter().all(|path| path.starts_with("ipv6")),
            "{name}"
        );
    }
}

#[test]
fn all_obstacles_are_listed() {
    let network = with(|n| {
        n["block_public_access"]["internet_gateway_block_mode"] = json!("block-bidirectional");
        n["route_tables"][1]["routes"] = json!([]);
        n["network_acls"][0]["entries"] = json!([]);
        n["security_groups"][0]["ip_permissions"] = json!([]);
    });
    let codes: Vec<&str> = blocks(&network, &tcp(22)).iter().map(|(code, _)| *code).collect();
    assert_eq!(
        codes,
        [
            "VPC_BLOCK_PUBLIC_ACCESS_ENABLED",
            "NO_ROUTE_TO_DESTINATION",
            "SG_HAS_NO_RULES",
            "SUBNET_ACL_RESTRICTION",
            "SUBNET_ACL_RESTRICTION",
        ]
    );
    assert_eq!(explore(&network, &Traffic::Any).reach(), Reach::NotReachable);
}

#[test]
fn every_public_address_counts() {
    let network = with(|n| {
        n["interface"]["private_ip_addresses"] = json!([
            { "private_ip_address": "10.0.1.5", "primary": true },
            { "private_ip_address": "10.0.1.6", "association": { "public_ip": "198.51.100.8", "allocation_id": "eipalloc-1" } },
            { "private_ip_address": "10.0.1.7", "association": { "public_ip": "198.51.100.9" } },
        ]);
    });
    let addresses = &explore(&network, &tcp(22)).paths[0].addresses;
    assert_eq!(addresses, &["198.51.100.8", "198.51.100.9"]);
}

/// What was not read leaves the result unknown, unless something else blocks the traffic.
#[test]
fn what_was_not_read_is_unknown() {
    let unread = ["route_tables", "network_acls", "security_groups", "block_public_access"];
    for name in unread {
        for traffic in [Traffic::Any, tcp(22)] {
            let mut network = network();
            network[name] = Value::Null;
            let exposure = explore(&network, &traffic);
            assert_eq!(exposure.reach(), Reach::Unknown, "{name}");
            assert_eq!(exposure.unknown, [cause(name)], "{name}");
            let blocked: [(&str, Change); 3] = [
                ("interface", |n| {
                    n["interface"]["private_ip_addresses"] = json!([]);
                    n["interface"]["ipv6_addresses"] = json!([]);
                }),
                ("block_public_access", |n| {
                    n["block_public_access"]["internet_gateway_block_mode"] =
                        json!("block-ingress");
                }),
                ("network_acls", |n| n["network_acls"][0]["entries"] = json!([])),
            ];
            for (part, change) in blocked.into_iter().filter(|(part, _)| *part != name) {
                let mut network = with(change);
                network[name] = Value::Null;
                let reach = explore(&network, &traffic).reach();
                assert_eq!(reach, Reach::NotReachable, "{name} unread, blocked by {part}");
            }
        }
    }
    let partly: &[(&str, Change, Reach)] = &[
        ("subnets matter only for appliances", |n| n["subnets"] = Value::Null, Reach::Reachable),
        (
            "whose subnet it is, and so whose settings block access",
            |n| {
                n["subnets"] = Value::Null;
                n["block_public_access"]["internet_gateway_block_mode"] = json!("block-ingress");
            },
            Reach::Unknown,
        ),
        (
            "exclusions matter only if access is blocked",
            |n| n["exclusions"] = Value::Null,
            Reach::Reachable,
        ),
        (
            "exclusions of blocked access",
            |n| {
                n["exclusions"] = Value::Null;
                n["block_public_access"]["internet_gateway_block_mode"] = json!("block-ingress");
            },
            Reach::Unknown,
        ),
        (
            "a prefix list of another port",
            |n| {
                n["security_groups"][0]["ip_permissions"] = json!([{ "ip_protocol": "tcp", "from_port": 80, "to_port": 80, "prefix_list_ids": [{ "prefix_list_id": "pl-unread" }] }]);
            },
            Reach::NotReachable,
        ),
        (
            "a prefix list",
            |n| {
                n["security_groups"][0]["ip_permissions"] = json!([{ "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "prefix_list_ids": [{ "prefix_list_id": "pl-unread" }] }]);
            },
            Reach::Unknown,
        ),
        ("a group of another account", |n| n["security_groups"] = json!([]), Reach::Unknown),
        (
            "another subnet's network ACL",
            |n| n["network_acls"][0]["associations"] = json!([]),
            Reach::Unknown,
        ),
        (
            "no route table of the VPC",
            |n| n["route_tables"] = json!([{ "route_table_id": "rtb-2", "vpc_id": "vpc-2", "associations": [{ "main": true }] }]),
            Reach::Unknown,
        ),
        (
            "a prefix list that may take traffic away from the internet gateway",
            |n| {
                let unread = json!({ "destination_prefix_list_id": "pl-unread", "transit_gateway_id": "tgw-1", "state": "active" });
                n["route_tables"][1]["routes"].as_array_mut().unwrap().push(unread);
            },
            Reach::Unknown,
        ),
        (
            "a prefix list of the same internet gateway",
            |n| {
                let unread = json!({ "destination_prefix_list_id": "pl-unread", "gateway_id": "igw-1", "state": "active" });
                n["route_tables"][1]["routes"].as_array_mut().unwrap().push(unread);
            },
            Reach::Reachable,
        ),
        (
            "a range that is not valid",
            |n| {
                n["interface"]["ipv6_addresses"] = json!([]);
                n["network_acls"][0]["entries"][0]["cidr_block"] = json!("0.0.0.0/");
            },
            Reach::Unknown,
        ),
    ];
    for (name, change, expected) in partly {
        assert_eq!(explore(&with(*change), &tcp(22)).reach(), *expected, "{name}");
    }
}

#[test]
fn what_uses_an_interface() {
    for (interface, expected) in [
        (json!({ "attachment": { "instance_id": "i-1" } }), User::Instance("i-1".to_owned())),
        (json!({ "interface_type": "network_load_balancer" }), User::LoadBalancer),
        (
            json!({ "interface_type": "interface", "requester_id": "amazon-elb", "description": "ELB app/web/1",
                "attachment": { "instance_owner_id": "amazon-elb" } }),
            User::LoadBalancer,
        ),
        (
            json!({ "interface_type": "natGateway", "status": "in-use" }),
            User::Managed("natGateway".to_owned()),
        ),
        (
            json!({ "interface_type": "vpc_endpoint", "requester_managed": true }),
            User::Managed("vpc_endpoint".to_owned()),
        ),
        // Anyone can write this description.
        (
            json!({ "interface_type": "interface", "description": "ELB app/web/1", "status": "available" }),
            User::None,
        ),
    ] {
        let mut interface = interface;
        interface["network_interface_id"] = json!("eni-1");
        assert_eq!(User::of(&parse(&interface)), expected, "{interface}");
    }
}
