//! Appliances that the route table of an internet gateway sends traffic to.

use super::*;

/// A network whose gateway and subnet have these routes.
fn routed(edge: Value, subnet: Value) -> Value {
    let mut network = with(|n| {
        n["interface"]["ipv6_addresses"] = json!([]);
        n["interface"]["attachment"] = json!({ "instance_id": "i-1" });
    });
    network["route_tables"][1]["routes"] = subnet;
    network["route_tables"].as_array_mut().unwrap().push(json!({
        "route_table_id": "rtb-edge", "associations": [{ "gateway_id": "igw-1" }], "routes": [edge],
    }));
    network
}

fn to(destination: &str, mut target: Value) -> Value {
    target["destination_cidr_block"] = json!(destination);
    if target["state"].is_null() {
        target["state"] = json!("active");
    }
    target
}

fn interface(id: &str, instance: &str) -> Value {
    json!({ "network_interface_id": id, "instance_id": instance })
}

fn endpoint(id: &str) -> Value {
    json!({ "gateway_id": id })
}

/// The examples of "Gateway route tables" in the VPC user guide: the target of the gateway's route
/// receives the traffic, and an appliance has a public address.
#[test]
fn traffic_for_the_appliance_itself_is_not_redirected() {
    let out = || json!([to("0.0.0.0/0", endpoint("igw-1"))]);
    let stopped = |mut target: Value| {
        target["state"] = json!("blackhole");
        target
    };
    for (name, edge, expected) in [
        ("local route replaced", to("10.0.0.0/16", interface("eni-1", "i-1")), Some(None)),
        ("its subnet", to("10.0.1.0/24", interface("eni-1", "i-1")), Some(None)),
        ("planned", to("10.0.0.0/16", json!({ "network_interface_id": "eni-1" })), Some(None)),
        ("stopped", to("10.0.0.0/16", stopped(interface("eni-1", "i-1"))), Some(None)),
        ("its other interface", to("10.0.0.0/16", interface("eni-2", "i-1")), Some(Some("eni-2"))),
        (
            "that of a stopped instance",
            to("10.0.0.0/16", stopped(interface("eni-2", "i-1"))),
            Some(Some("eni-2")),
        ),
        ("by instance", to("10.0.0.0/16", json!({ "instance_id": "i-1" })), Some(Some("i-1"))),
        ("another instance", to("10.0.0.0/16", interface("eni-9", "i-9")), None),
        ("another subnet", to("10.0.2.0/24", interface("eni-9", "i-9")), Some(None)),
    ] {
        let network = routed(edge, out());
        let paths = explore(&network, &tcp(22)).paths;
        let appliances: Vec<Option<&str>> =
            paths.iter().map(|path| path.appliance_id.as_deref()).collect();
        assert_eq!(appliances.first().copied(), expected, "{name}");
    }
}

/// "Return traffic from the destination subnet must be routed through the same appliance. Asymmetric
/// routing is not supported."
#[test]
fn responses_go_through_the_same_appliance() {
    let half = |to_half: &str, target: Value| to(to_half, target);
    let cases: Vec<(&str, Value, Value, Option<&str>)> = vec![
        (
            "the same endpoint",
            endpoint("vpce-1"),
            json!([to("0.0.0.0/0", endpoint("vpce-1"))]),
            None,
        ),
        (
            "by two routes",
            endpoint("vpce-1"),
            json!([half("0.0.0.0/1", endpoint("vpce-1")), half("128.0.0.0/1", endpoint("vpce-1"))]),
            None,
        ),
        (
            "the same interface",
            interface("eni-9", "i-9"),
            json!([to("0.0.0.0/0", interface("eni-9", "i-9"))]),
            None,
        ),
        (
            "two interfaces of one appliance",
            interface("eni-8", "i-9"),
            json!([to("0.0.0.0/0", interface("eni-9", "i-9"))]),
            None,
        ),
        (
            "planned routes, whose instances are not known",
            json!({ "network_interface_id": "eni-8" }),
            json!([to("0.0.0.0/0", json!({ "network_interface_id": "eni-9" }))]),
            None,
        ),
        (
            "a NAT instance",
            endpoint("vpce-1"),
            json!([to("0.0.0.0/0", interface("eni-nat", "i-nat"))]),
            Some("network interface eni-nat"),
        ),
        (
            "another endpoint",
            endpoint("vpce-1"),
            json!([to("0.0.0.0/0", endpoint("vpce-2"))]),
            Some("endpoint vpce-2"),
        ),
        (
            "another instance",
            interface("eni-8", "i-8"),
            json!([to("0.0.0.0/0", interface("eni-9", "i-9"))]),
            Some("network interface eni-9"),
        ),
        (
            "half of them through another endpoint",
            endpoint("vpce-1"),
            json!([half("0.0.0.0/1", endpoint("vpce-1")), half("128.0.0.0/1", endpoint("vpce-2"))]),
            Some("endpoint vpce-1"),
        ),
        (
            "none",
            endpoint("vpce-1"),
            json!([to("0.0.0.0/0", endpoint("igw-1"))]),
            Some("the internet gateway directly"),
        ),
    ];
    for (name, edge, subnet, back) in cases {
        let inbound = edge.get("gateway_id").or_else(|| edge.get("network_interface_id")).unwrap();
        let message = back.map(|back| {
            format!(
                "route table rtb-edge of igw-1 sends traffic to {}, but route table rtb-1 sends responses to {back}",
                inbound.as_str().unwrap()
            )
        });
        let network = routed(to("10.0.1.0/24", edge.clone()), subnet);
        let expected: Vec<(&str, String)> = message
            .map(|message| ("INGRESS_RTB_TRAFFIC_REDIRECTION", message))
            .into_iter()
            .collect();
        assert_eq!(blocks(&network, &tcp(22)), expected, "{name}");
    }
}

/// A subnet can have several IPv6 ranges; the route for the one of the interface applies.
#[test]
fn the_route_for_the_range_of_the_interface_applies() {
    let reaches = |redirected: &str| {
        let mut network = with(|n| {
            n["interface"]["private_ip_addresses"] = json!([]);
            let ranges = n["subnets"][0]["ipv6_cidr_block_association_set"].as_array_mut().unwrap();
            ranges.insert(0, json!({ "ipv6_cidr_block": "2600:1f14:0:9::/64" }));
        });
        network["route_tables"].as_array_mut().unwrap().push(json!({
            "route_table_id": "rtb-edge", "associations": [{ "gateway_id": "igw-1" }],
            "routes": [{ "destination_ipv6_cidr_block": redirected, "gateway_id": "vpce-1", "state": "active" }],
        }));
        explore(&network, &tcp(22)).reach()
    };
    assert_eq!(reaches("2600:1f14:0:9::/64"), Reach::Reachable);
    assert_eq!(reaches("2600:1f14::/64"), Reach::NotReachable);
}
