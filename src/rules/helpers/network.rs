//! Addresses and ports: by which rules the whole internet reaches a port.

use ipnet::{Ipv4Net, Ipv6Net};
use rhai::{Array, Dynamic};
use serde_json::json;

use super::table::topic;
use super::{Scripted, read, script_map};
use crate::facts::ec2::security_group::IpPermission;

topic! {
    /// Who can reach what.
    "Network";

    /// The ranges by which the whole internet reaches a port, as a list for evidence: `ip_protocol`, `from_port`, `to_port`, `cidr`,
    /// `description`. Ranges that add up to everything count, as `0.0.0.0/1` and `128.0.0.0/1` do.
    fn world_openings(permissions: "list of object", protocol: "string", port: "int") -> "list of map";
    "world_openings([#{ ip_protocol: \"-1\", ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }], \"tcp\", 22).map(|range| range.cidr)"
        => "[\"0.0.0.0/0\"]";
    |engine, _| engine.register_fn("world_openings", |permissions: Dynamic, protocol: &str, port: i64| {
        openings("world_openings", &permissions, protocol, port, &[Family::V4, Family::V6])
    });

    /// The same for IPv4 alone.
    fn world_openings_ipv4(permissions: "list of object", protocol: "string", port: "int") -> "list of map";
    "world_openings_ipv4([#{ ip_protocol: \"-1\", ipv6_ranges: [#{ cidr_ipv6: \"::/0\" }] }], \"tcp\", 22)" => "[]";
    |engine, _| engine.register_fn("world_openings_ipv4", |permissions: Dynamic, protocol: &str, port: i64| {
        openings("world_openings_ipv4", &permissions, protocol, port, &[Family::V4])
    });

    /// The same for IPv6 alone.
    fn world_openings_ipv6(permissions: "list of object", protocol: "string", port: "int") -> "list of map";
    "world_openings_ipv6([#{ ip_protocol: \"-1\", ipv6_ranges: [#{ cidr_ipv6: \"::/0\" }] }], \"tcp\", 22).len()" => "1";
    |engine, _| engine.register_fn("world_openings_ipv6", |permissions: Dynamic, protocol: &str, port: i64| {
        openings("world_openings_ipv6", &permissions, protocol, port, &[Family::V6])
    });

    /// Whether there is any such range.
    fn opens_to_world(permissions: "list of object", protocol: "string", port: "int") -> "bool";
    "opens_to_world([#{ ip_protocol: \"tcp\", from_port: 0, to_port: 80, ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }], \"tcp\", 22)"
        => "true";
    "opens_to_world([#{ ip_protocol: \"icmp\", from_port: -1, to_port: -1, ip_ranges: [#{ cidr_ip: \"0.0.0.0/0\" }] }], \"tcp\", 22)"
        => "false";
    |engine, _| engine.register_fn("opens_to_world", |permissions: Dynamic, protocol: &str, port: i64| {
        openings("opens_to_world", &permissions, protocol, port, &[Family::V4, Family::V6]).map(|found| !found.is_empty())
    });
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    V4,
    V6,
}

/// A range that a rule admits, with the rule.
struct Source<'a, N> {
    net: N,
    cidr: &'a str,
    description: Option<&'a str>,
    permission: &'a IpPermission,
}

fn openings(helper: &str, permissions: &Dynamic, protocol: &str, port: i64, families: &[Family]) -> Scripted<Array> {
    let permissions: Vec<IpPermission> = read(helper, "a list of permissions such as `group.ip_permissions`", permissions)?;
    let admitting: Vec<&IpPermission> = permissions.iter().filter(|p| admits(p, protocol, port)).collect();
    let mut found = Array::new();
    if families.contains(&Family::V4) {
        let sources = admitting.iter().flat_map(|permission| {
            permission.ip_ranges.iter().filter_map(|range| {
                let cidr = range.cidr_ip.as_deref()?;
                let net = cidr.parse::<Ipv4Net>().ok()?.trunc();
                Some(Source { net, cidr, description: range.description.as_deref(), permission })
            })
        });
        found.extend(world(sources.collect(), |nets| Ipv4Net::aggregate(nets).iter().any(|net| net.prefix_len() == 0)));
    }
    if families.contains(&Family::V6) {
        let sources = admitting.iter().flat_map(|permission| {
            permission.ipv6_ranges.iter().filter_map(|range| {
                let cidr = range.cidr_ipv6.as_deref()?;
                let net = cidr.parse::<Ipv6Net>().ok()?.trunc();
                Some(Source { net, cidr, description: range.description.as_deref(), permission })
            })
        });
        found.extend(world(sources.collect(), |nets| Ipv6Net::aggregate(nets).iter().any(|net| net.prefix_len() == 0)));
    }
    Ok(found)
}

/// The sources by which everybody is let in: those that do it alone, else all when they add up to every address.
fn world<N: Copy + Into<ipnet::IpNet>>(sources: Vec<Source<'_, N>>, is_everything: impl Fn(&Vec<N>) -> bool) -> Vec<Dynamic> {
    let alone = |source: &&Source<'_, N>| source.net.into().prefix_len() == 0;
    let mut chosen: Vec<&Source<'_, N>> = sources.iter().filter(alone).collect();
    if chosen.is_empty() && is_everything(&sources.iter().map(|source| source.net).collect()) {
        chosen = sources.iter().collect();
    }
    chosen.into_iter().map(described).collect()
}

fn described<N>(source: &Source<'_, N>) -> Dynamic {
    script_map(json!({
        "ip_protocol": source.permission.ip_protocol,
        "from_port": source.permission.from_port,
        "to_port": source.permission.to_port,
        "cidr": source.cidr,
        "description": source.description,
    }))
}

/// Whether a permission lets `protocol` to `port` in. `-1` is every protocol on every port. ICMP has types, not ports: it never
/// admits a port.
fn admits(permission: &IpPermission, protocol: &str, port: i64) -> bool {
    let permitted = permission.ip_protocol.as_deref().map(protocol_number);
    match permitted {
        Some(Some(-1)) => true,
        Some(Some(number)) if Some(number) == protocol_number(protocol) && matches!(number, 6 | 17) => {
            // Absent, or -1, means all ports.
            let from = permission.from_port.filter(|port| *port >= 0).unwrap_or(0);
            let to = permission.to_port.filter(|port| *port >= 0).unwrap_or(65_535);
            (from..=to).contains(&port)
        }
        // Other protocols have no ports; one that is asked for by number is open as a whole.
        Some(Some(number)) => Some(number) == protocol_number(protocol) && !matches!(number, 1 | 58),
        _ => false,
    }
}

/// EC2 names four protocols and numbers the others (IANA's numbers).
fn protocol_number(protocol: &str) -> Option<i64> {
    match protocol {
        "-1" | "all" => Some(-1),
        "icmp" => Some(1),
        "tcp" => Some(6),
        "udp" => Some(17),
        "icmpv6" => Some(58),
        other => other.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn open(permission: Value, protocol: &str, port: i64) -> (bool, bool) {
        let permissions: Vec<IpPermission> = serde_json::from_value(permission).unwrap();
        let permissions = script_map(serde_json::to_value(permissions).unwrap());
        let found = |family| !openings("test", &permissions, protocol, port, &[family]).unwrap().is_empty();
        (found(Family::V4), found(Family::V6))
    }

    #[test]
    fn semantics_of_open_to_the_world() {
        let v4 = |cidrs: &[&str]| -> Value { cidrs.iter().map(|cidr| json!({ "cidr_ip": cidr })).collect() };
        let rule = |protocol: &str, from: Option<i64>, to: Option<i64>, cidrs: &[&str]| json!([{ "ip_protocol": protocol, "from_port": from, "to_port": to, "ip_ranges": v4(cidrs) }]);
        let tcp22 = |permission| open(permission, "tcp", 22).0;
        assert!(tcp22(rule("tcp", Some(22), Some(22), &["0.0.0.0/0"])));
        assert!(tcp22(rule("6", Some(0), Some(65535), &["0.0.0.0/0"])), "protocol by number");
        assert!(tcp22(rule("-1", None, None, &["0.0.0.0/0"])), "every protocol");
        assert!(tcp22(rule("tcp", Some(-1), Some(-1), &["0.0.0.0/0"])), "-1 is every port");
        assert!(tcp22(rule("tcp", Some(22), Some(22), &["0.0.0.0/1", "128.0.0.0/1"])), "two halves");
        assert!(tcp22(rule("tcp", Some(22), Some(22), &["128.0.0.0/2", "0.0.0.0/1", "192.0.0.0/2"])), "three parts");
        assert!(!tcp22(rule("tcp", Some(22), Some(22), &["0.0.0.0/1"])), "half is not everybody");
        assert!(!tcp22(rule("tcp", Some(23), Some(80), &["0.0.0.0/0"])), "another range");
        assert!(!tcp22(rule("udp", Some(22), Some(22), &["0.0.0.0/0"])), "UDP is not TCP");
        assert!(!tcp22(rule("icmp", Some(8), Some(-1), &["0.0.0.0/0"])), "ICMP types are not ports");
        assert!(!tcp22(rule("tcp", Some(22), Some(22), &["not a cidr", "10.0.0.0/8"])));
        let v6 = json!([{ "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ipv6_ranges": [{ "cidr_ipv6": "::/0" }] }]);
        assert_eq!(open(v6, "tcp", 22), (false, true), "IPv6 is a matter of its own");
        let apart = json!([
            { "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ip_ranges": [{ "cidr_ip": "0.0.0.0/1" }] },
            { "ip_protocol": "-1", "ip_ranges": [{ "cidr_ip": "128.0.0.0/1" }] },
        ]);
        assert!(open(apart.clone(), "tcp", 22).0, "halves in two permissions");
        assert!(!open(apart, "tcp", 23).0, "but only where both admit the port");
    }
}
