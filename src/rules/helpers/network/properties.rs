//! Openings to the internet, checked by example and by brute force over ports and addresses.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::lists::PrefixLists;
use super::*;
use crate::model::Verdict;
use crate::rules::helpers::examples::evaluate;

fn permissions(value: Value) -> Vec<IpPermission> {
    serde_json::from_value(value).unwrap()
}

fn open(permission: Value, protocol: i64, port: u16) -> (bool, bool) {
    let permissions = permissions(permission);
    let query = Query::Ports { protocol, from: port, to: port };
    let found = |families| {
        !openings(&permissions, &query, families, &PrefixLists::none("")).unwrap().known.is_empty()
    };
    (found(Families { v4: true, v6: false }), found(Families { v4: false, v6: true }))
}

fn rule(protocol: &str, from: Option<i64>, to: Option<i64>, cidrs: &[&str]) -> Value {
    let ranges: Value = cidrs.iter().map(|cidr| json!({ "cidr_ip": cidr })).collect();
    json!({ "ip_protocol": protocol, "from_port": from, "to_port": to, "ip_ranges": ranges })
}

#[test]
fn what_counts_as_open_to_the_internet() {
    let tcp22 = |permission: Value| open(json!([permission]), 6, 22).0;
    for (name, permission, expected) in [
        ("plain", rule("tcp", Some(22), Some(22), &["0.0.0.0/0"]), true),
        ("protocol in capitals", rule("TCP", Some(0), Some(65535), &["0.0.0.0/0"]), true),
        ("protocol by number", rule("6", Some(0), Some(65535), &["0.0.0.0/0"]), true),
        ("every protocol", rule("-1", None, None, &["0.0.0.0/0"]), true),
        ("-1 is every port", rule("tcp", Some(-1), Some(-1), &["0.0.0.0/0"]), true),
        ("two halves", rule("tcp", Some(22), Some(22), &["0.0.0.0/1", "128.0.0.0/1"]), true),
        (
            "three parts",
            rule("tcp", Some(22), Some(22), &["128.0.0.0/2", "0.0.0.0/1", "192.0.0.0/2"]),
            true,
        ),
        ("host bits set", rule("tcp", Some(22), Some(22), &["192.0.2.7/0"]), true),
        (
            "all globally routable addresses",
            rule("tcp", Some(22), Some(22), &["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/3"]),
            true,
        ),
        ("half is not everyone", rule("tcp", Some(22), Some(22), &["0.0.0.0/1"]), false),
        ("another range", rule("tcp", Some(23), Some(80), &["0.0.0.0/0"]), false),
        ("a reversed port range", rule("tcp", Some(80), Some(0), &["0.0.0.0/0"]), false),
        ("UDP is not TCP", rule("udp", Some(22), Some(22), &["0.0.0.0/0"]), false),
        ("ICMP types are not ports", rule("icmp", Some(8), Some(-1), &["0.0.0.0/0"]), false),
        ("ICMP by number", rule("1", Some(-1), Some(-1), &["0.0.0.0/0"]), false),
        ("an unknown protocol", rule("smoke", None, None, &["0.0.0.0/0"]), false),
        ("no ranges", rule("tcp", Some(22), Some(22), &["not a cidr", "10.0.0.0/8"]), false),
        (
            "itself",
            json!({ "ip_protocol": "-1", "user_id_group_pairs": [{ "group_id": "sg-1" }] }),
            false,
        ),
    ] {
        assert_eq!(tcp22(permission), expected, "{name}");
    }
    assert!(
        open(json!([rule("47", None, None, &["0.0.0.0/0"])]), 47, 0).0,
        "a protocol without ports is open as a whole"
    );
    let v6 = json!([{ "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ipv6_ranges": [{ "cidr_ipv6": "::/1" }, { "cidr_ipv6": "8000::/1" }] }]);
    assert_eq!(open(v6, 6, 22), (false, true), "IPv6 is separate");
    let mixed = json!([{ "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ip_ranges": [{ "cidr_ip": "0.0.0.0/1" }], "ipv6_ranges": [{ "cidr_ipv6": "8000::/1" }] }]);
    assert_eq!(open(mixed, 6, 22), (false, false), "halves of different families");
    let apart = json!([
        rule("tcp", Some(22), Some(22), &["0.0.0.0/1"]),
        rule("-1", None, None, &["128.0.0.0/1"])
    ]);
    assert!(open(apart.clone(), 6, 22).0, "halves in two permissions");
    assert!(!open(apart, 6, 23).0, "but only where both allow the port");
}

#[test]
fn invalid_arguments_are_errors_and_missing_lists_are_unknown() {
    let list = "[#{ prefix_list_id: \"pl-1\", entries: [#{ cidr: \"0.0.0.0/0\" }] }]";
    let by_list = "[#{ ip_protocol: \"tcp\", from_port: 22, to_port: 22, prefix_list_ids: [#{ prefix_list_id: \"pl-1\" }] }]";
    for (condition, verdict, expected) in [
        (
            "is_open_to_internet([], \"tpc\", 22)".to_owned(),
            Verdict::Error,
            "use `tcp`, `udp`, `icmp`, `icmpv6` or a protocol number",
        ),
        (
            "is_open_to_internet([], \"tcp\", 70000)".to_owned(),
            Verdict::Error,
            "expects ports from 0 to 65535, got 70000",
        ),
        (
            "is_open_to_internet(1, \"tcp\", 22)".to_owned(),
            Verdict::Error,
            "expects a list of permissions",
        ),
        (
            "internet_openings([], \"tcp\", 30, 20).is_empty()".to_owned(),
            Verdict::Error,
            "got 30 to 20",
        ),
        (
            "world_ports([], \"icmp\").is_empty()".to_owned(),
            Verdict::Error,
            "supports only `tcp` and `udp`",
        ),
        (
            format!("is_open_to_internet({by_list}, \"tcp\", 22)"),
            Verdict::Unknown,
            "does not pass prefix list `pl-1`",
        ),
        (format!("is_open_to_internet({by_list}, \"tcp\", 23)"), Verdict::Skip, ""),
        (format!("is_open_to_internet({by_list}, \"tcp\", 22, {list})"), Verdict::Pass, ""),
        (
            format!(
                "is_open_to_internet({by_list}, \"tcp\", 22, related(\"ec2.managed_prefix_list\"))"
            ),
            Verdict::Pass,
            "",
        ),
        (
            format!("is_open_to_internet({by_list}, \"tcp\", 22, [])"),
            Verdict::Unknown,
            "`pl-1` is not among",
        ),
        (format!("is_open_to_internet({by_list}, \"tcp\", 23, [])"), Verdict::Skip, ""),
        (
            format!("world_ports({by_list}, \"tcp\", []).is_empty()"),
            Verdict::Unknown,
            "`pl-1` is not among",
        ),
        (format!("world_ports({by_list}, \"udp\", []).is_empty()"), Verdict::Pass, ""),
        (
            format!("is_open_to_internet({by_list}, \"tcp\", 22, [1])"),
            Verdict::Error,
            "expects a list of prefix lists",
        ),
    ] {
        let outcome = evaluate(&format!("if {condition} {{ pass() }} else {{ skip(\"\") }}"));
        assert_eq!(outcome.verdict, verdict, "{condition}: {outcome:?}");
        let causes: String = outcome.causes.iter().map(|cause| cause.message.as_str()).collect();
        assert!(
            format!("{}{causes}", outcome.message).contains(expected),
            "{condition}: {outcome:?}"
        );
    }
}

/// An unavailable list can only open more: what is open without it stays open.
#[test]
fn an_unavailable_prefix_list_hides_no_failure() {
    let world = "ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }]";
    let unseen = "prefix_list_ids: [#{ prefix_list_id: \"pl-9\" }]";
    for (permissions, expected) in [
        (
            format!("#{{ ip_protocol: \"tcp\", from_port: 22, to_port: 22, {world}, {unseen} }}"),
            Verdict::Fail,
        ),
        (
            format!(
                "#{{ ip_protocol: \"-1\", {world} }}, #{{ ip_protocol: \"tcp\", from_port: 3389, to_port: 3389, {unseen} }}"
            ),
            Verdict::Fail,
        ),
        (
            format!(
                "#{{ ip_protocol: \"tcp\", from_port: 22, to_port: 22, {world} }}, #{{ ip_protocol: \"tcp\", from_port: 3389, to_port: 3389, {unseen} }}"
            ),
            Verdict::Fail,
        ),
        (
            format!(
                "#{{ ip_protocol: \"tcp\", from_port: 443, to_port: 443, {world} }}, #{{ ip_protocol: \"tcp\", from_port: 3389, to_port: 3389, {unseen} }}"
            ),
            Verdict::Unknown,
        ),
        (
            format!("#{{ ip_protocol: \"tcp\", from_port: 443, to_port: 443, {world}, {unseen} }}"),
            Verdict::Pass,
        ),
    ] {
        let body = format!(
            "let open = [3389, 22].filter(|port| is_open_to_internet([{permissions}], \"tcp\", port, []));\n\
             if open.is_empty() {{ pass() }} else {{ fail(\"open\") }}"
        );
        assert_eq!(evaluate(&body).verdict, expected, "{permissions}");
    }
}

/// The engine limits the number of entries in all maps together; evidence about a large group must
/// stay below it.
#[test]
fn large_groups_are_evaluated() {
    let body = "let permissions = [];\nfor port in 0..300 { permissions.push(#{ ip_protocol: \"tcp\", from_port: port, to_port: port, \
                ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }); }\nfail(\"open\", internet_openings(permissions))";
    let outcome = evaluate(body);
    assert_eq!(
        (outcome.verdict, outcome.evidence.len()),
        (Verdict::Fail, 101),
        "{}",
        outcome.message
    );
}

/// Protocol, first port, last port, ranges.
type Rule = (&'static str, i64, i64, Vec<(u32, u8)>);

/// A rule on few ports, with ranges of at least an eighth of the internet.
fn any_rule() -> impl Strategy<Value = Rule> {
    let ranges = prop::collection::vec((0_u32..8, 0_u8..=3), 0..4);
    (prop::sample::select(vec!["tcp", "6", "udp", "-1", "icmp"]), -1_i64..10, -1_i64..10, ranges)
}

fn net((block, width): (u32, u8)) -> IpNet {
    IpNet::V4(Ipv4Net::new(Ipv4Addr::from(block << 29), width).unwrap().trunc())
}

/// Whether each of seven addresses reaches a TCP port, tested one by one.
fn reached(rules: &[Rule], port: i64) -> bool {
    let admits = |(protocol, from, to, _): &Rule| match *protocol {
        "-1" => true,
        "tcp" | "6" => {
            (if *from < 0 { 0 } else { *from }) <= port
                && port <= (if *to < 0 { 65_535 } else { *to })
        }
        _ => false,
    };
    // The last block is multicast and reserved, so not globally routable.
    (0_u32..7).all(|block| {
        let address = IpAddr::from(Ipv4Addr::from(block << 29));
        rules
            .iter()
            .any(|rule| admits(rule) && rule.3.iter().any(|range| net(*range).contains(&address)))
    })
}

proptest! {
    #[test]
    fn openings_match_those_found_by_brute_force(rules in prop::collection::vec(any_rule(), 0..6), from in 0_u16..12, more in 0_u16..4) {
        let value: Value = rules
            .iter()
            .map(|(protocol, from, to, ranges)| {
                let cidrs: Vec<String> = ranges.iter().map(|range| net(*range).to_string()).collect();
                rule(protocol, Some(*from), Some(*to), &cidrs.iter().map(String::as_str).collect::<Vec<_>>())
            })
            .collect();
        let parsed = permissions(value);
        let found = |query: &Query| !openings(&parsed, query, Families::BOTH, &PrefixLists::none("")).unwrap().known.is_empty();
        let to = from + more;
        let expected = (from..=to).any(|port| reached(&rules, port.into()));
        prop_assert_eq!(found(&Query::Ports { protocol: 6, from, to }), expected);
        let ranges = open_ports(&parsed, 6, &PrefixLists::none("")).unwrap().known;
        for port in (0..16).chain([65_535]) {
            let within = ranges.iter().any(|(from, to)| (*from..=*to).contains(&port));
            prop_assert_eq!(within, reached(&rules, port), "{} in {:?}", port, ranges);
        }
        prop_assert!(ranges.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0), "{:?}", ranges);
        if ranges.iter().any(|(from, to)| from <= to) {
            prop_assert!(found(&Query::Anything));
        }
    }
}
