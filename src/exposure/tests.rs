//! Paths in small networks. The examples are those of AWS's documentation: the explanation codes of
//! Reachability Analyzer, route tables, network ACLs, middleboxes and VPC Block Public Access.

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
            "internet_gateway_id": "igw-1", "appliance_id": null, "route_table_id": "rtb-1", "route": "0.0.0.0/0",
            "network_acl_id": "acl-1", "ingress_rule": 100, "egress_rule": 100,
            "security_group_id": "sg-1", "source": "0.0.0.0/0", "prefix_list_id": null, "traffic": "tcp/22", "instance_id": null, "instance_profile": null,
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
            "more specific routes of route table rtb-1 send internet traffic to NAT gateway nat-1",
        ),
        (
            "a gateway that is not attached",
            |n| n["internet_gateways"][0]["attachments"] = json!([]),
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
            "security group sg-1 does not allow tcp/22 from the internet",
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

/// The examples of "How route priority works" in the VPC user guide, and some more.
#[test]
fn the_most_specific_route_decides() {
    let open: &[(&str, Change)] = &[
        ("another network through a peering connection", |n| {
            let peer = json!({ "destination_cidr_block": "172.31.0.0/16", "vpc_peering_connection_id": "pcx-1" });
            n["route_tables"][1]["routes"].as_array_mut().unwrap().push(peer);
        }),
        ("a static route takes precedence over a propagated one", |n| {
            let propagated = json!({ "destination_cidr_block": "0.0.0.0/0", "gateway_id": "vgw-1",
                "origin": "EnableVgwRoutePropagation", "state": "active" });
            n["route_tables"][1]["routes"].as_array_mut().unwrap().insert(0, propagated);
        }),
        ("a static route takes precedence over one of a route server", |n| {
            let advertised = json!({ "destination_cidr_block": "0.0.0.0/0", "network_interface_id": "eni-9",
                "ip_address": "10.0.2.5", "origin": "Advertisement", "state": "active" });
            n["route_tables"][1]["routes"].as_array_mut().unwrap().insert(0, advertised);
        }),
        ("a service through a gateway endpoint", |n| {
            let endpoint =
                json!({ "destination_prefix_list_id": "pl-unread", "gateway_id": "vpce-1" });
            n["route_tables"][1]["routes"].as_array_mut().unwrap().push(endpoint);
        }),
        ("a prefix list of everything", |n| {
            n["route_tables"][1]["routes"][1] = json!({ "destination_prefix_list_id": "pl-world", "gateway_id": "igw-1", "state": "active" });
        }),
        ("the main route table", |n| {
            n["route_tables"][0]["routes"] = n["route_tables"][1]["routes"].clone();
            n["route_tables"][1]["associations"] = json!([{ "subnet_id": "subnet-2" }]);
        }),
        ("an association that ended", |n| {
            n["route_tables"][0]["routes"] = n["route_tables"][1]["routes"].clone();
            n["route_tables"][1]["routes"] = json!([]);
            n["route_tables"][1]["associations"][0]["association_state"] =
                json!({ "state": "disassociated" });
        }),
        ("a gateway of a shared VPC", |n| n["internet_gateways"] = json!([])),
        ("only local routes for the gateway", |n| {
            n["route_tables"].as_array_mut().unwrap().push(json!({
                "route_table_id": "rtb-edge", "associations": [{ "gateway_id": "igw-1" }],
                "routes": [{ "destination_cidr_block": "10.0.0.0/16", "gateway_id": "local" }],
            }));
        }),
        ("an appliance for another subnet", |n| {
            n["route_tables"].as_array_mut().unwrap().push(json!({
                "route_table_id": "rtb-edge", "associations": [{ "gateway_id": "igw-1" }],
                "routes": [{ "destination_cidr_block": "10.0.2.0/24", "gateway_id": "vpce-1" }],
            }));
        }),
    ];
    for (name, change) in open {
        let network = with(*change);
        assert!(reachable(&network, &tcp(22)).contains(&"ipv4 tcp/22".to_owned()), "{name}");
    }
}

/// The middlebox scenario of the VPC user guide: the gateway and the subnet both route through an
/// appliance.
#[test]
fn traffic_through_an_appliance_names_it() {
    let network = with(|n| {
        n["route_tables"][1]["routes"] = json!([{ "destination_cidr_block": "0.0.0.0/0", "gateway_id": "vpce-1", "state": "active" }]);
        n["route_tables"].as_array_mut().unwrap().push(json!({
            "route_table_id": "rtb-edge", "associations": [{ "gateway_id": "igw-1" }],
            "routes": [
                { "destination_cidr_block": "10.0.0.0/16", "gateway_id": "local" },
                { "destination_cidr_block": "10.0.1.0/24", "gateway_id": "vpce-1" },
            ],
        }));
    });
    let paths = explore(&network, &tcp(22)).paths;
    let path = &paths[0];
    assert_eq!(
        (path.appliance_id.as_deref(), path.internet_gateway_id.as_str()),
        (Some("vpce-1"), "igw-1")
    );
    assert_eq!(paths.len(), 1, "IPv6 has no route");
}

/// VPC Block Public Access blocks traffic through firewall endpoints even if their subnet is excluded.
#[test]
fn an_excluded_subnet_does_not_admit_traffic_through_an_endpoint() {
    let excluded = |appliance: &str, resource: &str| {
        let mut network = with(|n| {
            n["interface"]["ipv6_addresses"] = json!([]);
            n["block_public_access"] =
                json!({ "internet_gateway_block_mode": "block-bidirectional" });
        });
        let target =
            if appliance.starts_with("vpce-") { "gateway_id" } else { "network_interface_id" };
        network["route_tables"][1]["routes"] = json!([{ "destination_cidr_block": "0.0.0.0/0", target: appliance, "state": "active" }]);
        network["route_tables"].as_array_mut().unwrap().push(json!({
            "route_table_id": "rtb-edge", "associations": [{ "gateway_id": "igw-1" }],
            "routes": [{ "destination_cidr_block": "10.0.1.0/24", target: appliance, "state": "active" }],
        }));
        network["exclusions"] = json!([{
            "resource_arn": format!("arn:aws:ec2:eu-west-1:111122223333:{resource}"),
            "internet_gateway_exclusion_mode": "allow-bidirectional", "state": "create-complete",
        }]);
        explore(&network, &tcp(22)).reach()
    };
    assert_eq!(excluded("vpce-1", "subnet/subnet-1"), Reach::NotReachable);
    assert_eq!(excluded("vpce-1", "vpc/vpc-1"), Reach::Reachable);
    assert_eq!(excluded("eni-9", "subnet/subnet-1"), Reach::Reachable);
}

/// The traffic is dropped if the appliance no longer exists.
#[test]
fn a_gateway_with_a_blackhole_route_passes_nothing() {
    let edge = |routes: Value| json!({ "route_table_id": "rtb-edge", "associations": [{ "gateway_id": "igw-1" }], "routes": routes });
    let network = with(|n| {
        n["interface"]["ipv6_addresses"] = json!([]);
        n["route_tables"][1]["routes"] = json!([{ "destination_cidr_block": "0.0.0.0/0", "gateway_id": "vpce-1", "state": "active" }]);
    });
    for (state, expected) in [("active", Reach::Reachable), ("blackhole", Reach::NotReachable)] {
        let mut network = network.clone();
        let routes = json!([{ "destination_cidr_block": "10.0.1.0/24", "gateway_id": "vpce-1", "state": state }]);
        network["route_tables"].as_array_mut().unwrap().push(edge(routes));
        assert_eq!(explore(&network, &tcp(22)).reach(), expected, "{state}");
    }
}

/// AWS lists the IPv6 ranges that a subnet had before.
#[test]
fn former_ranges_of_a_subnet_do_not_matter() {
    let network = with(|n| {
        n["interface"]["private_ip_addresses"] = json!([]);
        let former = json!({ "ipv6_cidr_block": "2600:1f14:0:9::/64", "ipv6_cidr_block_state": { "state": "disassociated" } });
        let ranges = n["subnets"][0]["ipv6_cidr_block_association_set"].as_array_mut().unwrap();
        ranges.insert(0, former);
        n["route_tables"].as_array_mut().unwrap().push(json!({
            "route_table_id": "rtb-edge", "associations": [{ "gateway_id": "igw-1" }],
            "routes": [
                { "destination_ipv6_cidr_block": "2600:1f14::/56", "gateway_id": "local" },
                { "destination_ipv6_cidr_block": "2600:1f14::/64", "gateway_id": "vpce-1" },
            ],
        }));
    });
    assert_eq!(explore(&network, &tcp(22)).reach(), Reach::NotReachable);
}

/// The custom network ACL of the VPC user guide, with a security group that allows everything.
#[test]
fn the_network_acl_example_of_the_documentation() {
    let network = with(|n| {
        n["interface"]["ipv6_addresses"] = json!([]);
        let office = "192.0.2.0/24";
        let world = "0.0.0.0/0";
        n["network_acls"][0]["entries"] = json!([
            entry(100, false, "allow", "6", Some((80, 80)), world),
            entry(110, false, "allow", "6", Some((443, 443)), world),
            entry(120, false, "allow", "6", Some((22, 22)), office),
            entry(130, false, "allow", "6", Some((3389, 3389)), office),
            entry(140, false, "allow", "6", Some((32768, 65535)), world),
            entry(32_767, false, "deny", "-1", None, world),
            entry(100, true, "allow", "6", Some((80, 80)), world),
            entry(110, true, "allow", "6", Some((443, 443)), world),
            entry(120, true, "allow", "6", Some((22, 22)), office),
            entry(140, true, "allow", "6", Some((32768, 65535)), world),
            entry(32_767, true, "deny", "-1", None, world),
        ]);
    });
    assert_eq!(
        reachable(&network, &Traffic::Any),
        ["ipv4 tcp/80", "ipv4 tcp/443", "ipv4 tcp/32768-65535"]
    );
    assert_eq!(
        blocks(&network, &tcp(22))[0].1,
        "network ACL acl-1 denies tcp/22 from 0.0.0.0/0 in rule *"
    );
    let web = Traffic::Ports { protocol: 6, ranges: vec![(22, 22), (80, 500)] };
    assert_eq!(reachable(&network, &web), ["ipv4 tcp/80", "ipv4 tcp/443"]);
}

#[test]
fn ports_that_security_groups_and_network_acls_allow_together() {
    let network = with(|n| {
        n["interface"]["ipv6_addresses"] = json!([]);
        n["interface"]["groups"] = json!([{ "group_id": "sg-1" }, { "group_id": "sg-2" }]);
        let rule = |protocol: &str, from: i64, to: i64, cidr: &str| json!({ "ip_protocol": protocol, "from_port": from, "to_port": to, "ip_ranges": [{ "cidr_ip": cidr }] });
        n["security_groups"] = json!([
            { "group_id": "sg-1", "ip_permissions": [rule("tcp", 20, 30, "0.0.0.0/1"), rule("icmp", 8, -1, "0.0.0.0/0")] },
            { "group_id": "sg-2", "ip_permissions": [rule("tcp", 22, 443, "128.0.0.0/1"), rule("udp", 53, 53, "0.0.0.0/0")] },
        ]);
        let entries = n["network_acls"][0]["entries"].as_array_mut().unwrap();
        entries.push(entry(90, false, "deny", "6", Some((25, 25)), "0.0.0.0/0"));
    });
    assert_eq!(
        reachable(&network, &Traffic::Any),
        ["ipv4 icmp/8", "ipv4 tcp/22-24", "ipv4 tcp/26-30", "ipv4 udp/53"]
    );
    // A response to a datagram is outbound traffic of the same protocol.
    let mut no_udp = network.clone();
    no_udp["network_acls"][0]["entries"][2] = entry(100, true, "allow", "6", None, "0.0.0.0/0");
    assert_eq!(reachable(&no_udp, &Traffic::Any), ["ipv4 tcp/22-24", "ipv4 tcp/26-30"]);
}

#[test]
fn icmp_types_are_not_ports() {
    let denies = |code: i64| {
        let mut network = network();
        network["interface"]["ipv6_addresses"] = json!([]);
        let mut echo = entry(90, false, "deny", "1", None, "0.0.0.0/0");
        echo["icmp_type_code"] = json!({ "type": 8, "code": code });
        network["network_acls"][0]["entries"].as_array_mut().unwrap().push(echo);
        let icmp = reachable(&network, &Traffic::Any);
        icmp.into_iter().filter(|path| path.contains("icmp")).collect::<Vec<_>>()
    };
    assert_eq!(denies(-1), ["ipv4 icmp/0-7", "ipv4 icmp/9-255"]);
    assert_eq!(denies(0), [""; 0], "only one code: all traffic is one path");
}

#[test]
fn each_family_has_its_own_icmp() {
    let icmp = |protocol: i64| {
        let traffic = Traffic::Ports { protocol, ranges: vec![(0, 255)] };
        reachable(&network(), &traffic)
    };
    assert_eq!(icmp(1), ["ipv4 icmp"]);
    assert_eq!(icmp(58), ["ipv6 icmpv6"]);
}

#[test]
fn block_public_access_and_its_exclusions() {
    let excluded = |mode: &str, arn: &str, exclusion: &str, state: &str| {
        let mut network = network();
        network["block_public_access"] =
            json!({ "internet_gateway_block_mode": mode, "state": "update-complete" });
        network["exclusions"] = json!([{
            "resource_arn": format!("arn:aws:ec2:eu-west-1:111122223333:{arn}"),
            "internet_gateway_exclusion_mode": exclusion, "state": state,
        }]);
        !reachable(&network, &tcp(22)).is_empty()
    };
    let (both, done) = ("allow-bidirectional", "create-complete");
    for mode in ["block-bidirectional", "block-ingress"] {
        assert!(excluded(mode, "subnet/subnet-1", both, done));
        assert!(excluded(mode, "vpc/vpc-1", both, "update-complete"));
        assert!(excluded(mode, "vpc/vpc-1", both, "delete-in-progress"));
        assert!(!excluded(mode, "subnet/subnet-1", "allow-egress", done));
        assert!(!excluded(mode, "subnet/subnet-2", both, done));
        assert!(!excluded(mode, "vpc/vpc-1", both, "delete-complete"));
        assert!(!excluded(mode, "vpc/vpc-1", both, "disable-complete"));
    }
    assert!(excluded("off", "vpc/vpc-2", both, done));
    let updating = with(|n| {
        n["block_public_access"] = json!({ "internet_gateway_block_mode": "block-ingress", "state": "update-in-progress" });
    });
    assert!(!reachable(&updating, &tcp(22)).is_empty());
    // The settings of the owner apply to a shared subnet.
    let shared = |mode: Value| {
        let mut network = with(|n| n["subnets"][0]["owner_id"] = json!("222233334444"));
        network["subnets"][0]["block_public_access_states"] = mode;
        network["block_public_access"]["internet_gateway_block_mode"] = json!("block-ingress");
        explore(&network, &tcp(22)).reach()
    };
    assert_eq!(shared(json!({ "internet_gateway_block_mode": "off" })), Reach::Reachable);
    assert_eq!(shared(json!({ "internet_gateway_block_mode": "block-ingress" })), Reach::Unknown);
    assert_eq!(shared(Value::Null), Reach::Unknown);
}

#[test]
fn ipv6_has_addresses_and_routes_of_its_own() {
    let cases: &[(&str, Change, bool)] = &[
        ("as created", |_| (), true),
        ("no address", |n| n["interface"]["ipv6_addresses"] = json!([]), false),
        (
            "a unique local address",
            |n| n["interface"]["ipv6_addresses"] = json!([{ "ipv6_address": "fd00::5" }]),
            false,
        ),
        (
            "a private range of IPAM",
            |n| {
                n["subnets"][0]["ipv6_cidr_block_association_set"][0]["ipv6_address_attribute"] =
                    json!("private")
            },
            false,
        ),
        (
            "a delegated prefix",
            |n| {
                n["interface"]["ipv6_addresses"] = json!([]);
                n["interface"]["ipv6_prefixes"] =
                    json!([{ "ipv6_prefix": "2600:1f14:0:0:1::/80" }]);
            },
            true,
        ),
        (
            "an egress-only internet gateway",
            |n| {
                n["route_tables"][1]["routes"][2] = json!({ "destination_ipv6_cidr_block": "::/0", "egress_only_internet_gateway_id": "eigw-1" });
            },
            false,
        ),
        (
            "no rule of the network ACL",
            |n| n["network_acls"][0]["entries"][1]["rule_action"] = json!("deny"),
            false,
        ),
        (
            "no response",
            |n| n["network_acls"][0]["entries"][3]["rule_action"] = json!("deny"),
            false,
        ),
        (
            "IPv4 only in the security group",
            |n| n["security_groups"][0]["ip_permissions"][0]["ipv6_ranges"] = json!([]),
            false,
        ),
    ];
    for (name, change, expected) in cases {
        let mut network = with(*change);
        network["interface"]["private_ip_addresses"] = json!([]);
        assert_eq!(!reachable(&network, &tcp(22)).is_empty(), *expected, "{name}");
    }
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

#[test]
fn security_groups_of_a_network_load_balancer_are_optional() {
    let without_groups = |interface_type: &str| {
        let mut network = with(|n| n["interface"]["groups"] = json!([]));
        network["interface"]["interface_type"] = json!(interface_type);
        network
    };
    let network = without_groups("network_load_balancer");
    assert_eq!(reachable(&network, &tcp(22)), ["ipv4 tcp/22", "ipv6 tcp/22"]);
    assert_eq!(explore(&without_groups("interface"), &tcp(22)).reach(), Reach::Unknown);
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

/// Snapshots can contain anything.
#[test]
fn too_many_rules_are_unknown() {
    let many = with(|n| {
        let rule = |port: i64| json!({ "ip_protocol": "tcp", "from_port": port, "to_port": port, "ip_ranges": [{ "cidr_ip": "10.0.0.0/8" }] });
        n["security_groups"][0]["ip_permissions"] = (0..5_000).map(rule).collect();
    });
    assert_eq!(explore(&many, &Traffic::Any).reach(), Reach::Unknown);
    let many = with(|n| {
        let entries =
            (0..5_000).map(|number| entry(number, false, "deny", "6", None, "10.0.0.0/8"));
        n["network_acls"][0]["entries"] = entries.collect();
    });
    assert_eq!(explore(&many, &Traffic::Any).reach(), Reach::Unknown);
    let odd = with(|n| {
        n["security_groups"][0]["ip_permissions"] = json!([
            { "ip_protocol": "tcp", "from_port": i64::MAX, "to_port": i64::MIN, "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }] },
            { "ip_protocol": "9223372036854775807", "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }] },
            { "ip_protocol": "icmp", "from_port": i64::MAX, "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }] },
        ]);
        let mut icmp = entry(i64::MIN, false, "deny", "1", Some((i64::MIN, i64::MAX)), "0.0.0.0/0");
        icmp["icmp_type_code"] = json!({ "type": i64::MAX, "code": i64::MIN });
        n["network_acls"][0]["entries"].as_array_mut().unwrap().push(icmp);
    });
    explore(&odd, &Traffic::Any);
    explore(&odd, &Traffic::Ports { protocol: i64::MAX, ranges: vec![(i64::MIN, i64::MAX)] });
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
