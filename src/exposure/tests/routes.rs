//! Routes, gateways, appliances and Block Public Access.

use super::*;

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
