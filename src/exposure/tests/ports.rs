//! Security groups and network ACLs: protocols and ports.

use super::*;

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

/// The response to a request has a type of its own.
#[test]
fn responses_to_icmp_requests_have_to_be_allowed() {
    let reaches = |protocol: i64, request: i64, allowed: i64| {
        let mut network = network();
        let world = if protocol == 1 { "0.0.0.0/0" } else { "::/0" };
        let mut out = entry(100, true, "allow", &protocol.to_string(), None, world);
        out["icmp_type_code"] = json!({ "type": allowed, "code": -1 });
        let entries = network["network_acls"][0]["entries"].as_array_mut().unwrap();
        entries.retain(|entry| entry["egress"] == false);
        entries.push(out);
        let traffic = Traffic::Ports { protocol, ranges: vec![(request, request)] };
        !reachable(&network, &traffic).is_empty()
    };
    for (protocol, request, allowed, expected) in [
        (1, 8, 0, true),
        (1, 8, 8, false),
        (1, 8, -1, true),
        (1, 13, 14, true),
        (1, 13, 0, false),
        (58, 128, 129, true),
        (58, 128, 128, false),
        // No response is needed.
        (1, 3, 8, true),
    ] {
        assert_eq!(reaches(protocol, request, allowed), expected, "{protocol} {request} {allowed}");
    }
}

/// One of several ranges, or routes, is not the only one.
#[test]
fn ranges_that_add_up_are_counted() {
    let network = with(|n| {
        n["security_groups"][0]["ip_permissions"] = json!([{ "ip_protocol": "-1", "ip_ranges": [
            { "cidr_ip": "0.0.0.0/1" }, { "cidr_ip": "128.0.0.0/2" }, { "cidr_ip": "192.0.0.0/2" }, { "cidr_ip": "10.0.0.0/8" },
        ] }]);
        n["route_tables"][1]["routes"] = json!([
            { "destination_cidr_block": "0.0.0.0/1", "gateway_id": "igw-1", "state": "active" },
            { "destination_cidr_block": "128.0.0.0/1", "gateway_id": "igw-1", "state": "active" },
        ]);
    });
    let paths = explore(&network, &tcp(22)).paths;
    let path = &paths[0];
    assert_eq!((path.more_sources, path.more_routes), (Some(2), Some(1)), "{path:?}");
    // A prefix list of several ranges is one destination.
    let network = with(|n| {
        n["route_tables"][1]["routes"] = json!([{ "destination_prefix_list_id": "pl-world", "gateway_id": "igw-1", "state": "active" }]);
    });
    assert_eq!(explore(&network, &tcp(22)).paths[0].more_routes, None);
}

/// Groups that open a port only together are both named; one that opens it alone is enough.
#[test]
fn security_groups_that_are_needed_together_are_named() {
    let groups = |rules: &[&[&str]]| {
        let mut network = network();
        network["interface"]["ipv6_addresses"] = json!([]);
        let id = |at: usize| format!("sg-{at}");
        let all = rules.iter().enumerate();
        network["interface"]["groups"] =
            all.clone().map(|(at, _)| json!({ "group_id": id(at) })).collect();
        let group = |(at, cidrs): (usize, &&[&str])| {
            let ranges: Value = cidrs.iter().map(|cidr| json!({ "cidr_ip": cidr })).collect();
            json!({ "group_id": id(at), "ip_permissions": [{ "ip_protocol": "-1", "ip_ranges": ranges }] })
        };
        network["security_groups"] = all.map(group).collect();
        let path = explore(&network, &tcp(22)).paths.remove(0);
        (path.security_group_id, path.other_security_group_ids)
    };
    for (rules, expected) in [
        (vec![&["0.0.0.0/1", "128.0.0.0/1"][..], &["10.0.0.0/8"]], ("sg-0", vec![])),
        (vec![&["0.0.0.0/1"], &["128.0.0.0/1"]], ("sg-0", vec!["sg-1"])),
        (
            vec![&["0.0.0.0/1"], &["192.0.0.0/2", "128.0.0.0/4"], &["128.0.0.0/2"]],
            ("sg-0", vec!["sg-2", "sg-1"]),
        ),
        (vec![&["0.0.0.0/1"], &["0.0.0.0/0"]], ("sg-1", vec![])),
    ] {
        let (first, others) = groups(&rules);
        assert_eq!(
            (first.as_str(), others),
            (expected.0, expected.1.into_iter().map(str::to_owned).collect()),
            "{rules:?}"
        );
    }
}

/// Hundreds of rules for different ports take no time that grows with their square.
#[test]
fn rules_for_many_ports_are_evaluated_port_by_port() {
    let network = with(|n| {
        let rule = |from: i64, to: i64, cidr: &str| json!({ "ip_protocol": "tcp", "from_port": from, "to_port": to, "ip_ranges": [{ "cidr_ip": cidr }] });
        n["interface"]["ipv6_addresses"] = json!([]);
        let mut rules: Vec<Value> =
            (0..500).map(|at| rule(100 + 4 * at, 102 + 4 * at, "0.0.0.0/1")).collect();
        rules.extend([
            rule(108, 111, "128.0.0.0/1"),
            rule(65_000, 10, "0.0.0.0/0"),
            rule(1_000, 1_000, "0.0.0.0/0"),
            json!({ "ip_protocol": "-1", "ip_ranges": [{ "cidr_ip": "128.0.0.0/2" }] }),
        ]);
        n["security_groups"][0]["ip_permissions"] = json!(rules);
    });
    assert_eq!(reachable(&network, &Traffic::Any), ["ipv4 tcp/108-110", "ipv4 tcp/1000"]);
    let some = Traffic::Ports { protocol: 6, ranges: vec![(111, 2_000), (0, 109)] };
    assert_eq!(reachable(&network, &some), ["ipv4 tcp/108-109", "ipv4 tcp/1000"]);
}

/// A prefix list of the other family does not matter.
#[test]
fn an_unread_prefix_list_matters_only_to_its_family() {
    let reach = |list: &str, is_route: bool| {
        let mut network = with(|n| n["interface"]["private_ip_addresses"] = json!([]));
        if is_route {
            let route = json!({ "destination_prefix_list_id": list, "transit_gateway_id": "tgw-1", "state": "active" });
            network["route_tables"][1]["routes"].as_array_mut().unwrap().push(route);
        } else {
            network["security_groups"][0]["ip_permissions"] = json!([
                { "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "prefix_list_ids": [{ "prefix_list_id": list }] },
            ]);
        }
        explore(&network, &tcp(22)).reach()
    };
    assert_eq!(reach("pl-unread", false), Reach::Unknown);
    assert_eq!(reach("pl-unread-v4", false), Reach::NotReachable);
    assert_eq!(reach("pl-unread", true), Reach::Unknown);
    assert_eq!(reach("pl-unread-v4", true), Reach::Reachable);
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

/// Snapshots can contain anything.
#[test]
fn too_many_rules_are_unknown() {
    let many = with(|n| {
        let rule = |port: i64| json!({ "ip_protocol": "tcp", "from_port": port, "to_port": port, "ip_ranges": [{ "cidr_ip": "10.0.0.0/8" }] });
        n["security_groups"][0]["ip_permissions"] = (0..5_000).map(rule).collect();
    });
    assert_eq!(explore(&many, &Traffic::Any).reach(), Reach::Unknown);
    let causes = explore(&many, &Traffic::Any).unknown;
    let shown: Vec<String> = causes.iter().map(Cause::explained).collect();
    let expected = "ec2:DescribeSecurityGroups: security group sg-1 has too many rules to evaluate";
    assert_eq!(shown[0], expected, "the limit is not AWS's");
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
