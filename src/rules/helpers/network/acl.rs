//! Network ACLs: numbered entries, of which the first match decides.

use rhai::{Array, Dynamic};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lists::Unavailable;
use super::openings::Query;
use super::protocols::protocol_number;
use super::query;
use crate::facts::Shape;
use crate::facts::ec2::network_acl::NetworkAclEntry;
use crate::rules::helpers::address_set::{AddressSet, Family, bounds};
use crate::rules::helpers::addresses;
use crate::rules::helpers::arguments::{Scripted, read, script_value};
use crate::rules::helpers::table::{ResultShape, topic};
use crate::rules::values::interrupt::Interrupt;

topic! {
    /// In a network ACL, for each direction and address family, the matching entry with the lowest
    /// number decides whether traffic is allowed. Traffic that matches no entry is denied.
    "Network ACLs";

    /// Returns the entries of a network ACL that allow traffic from (`"ingress"`) or to
    /// (`"egress"`) the internet on a port, as a list for evidence.
    ///
    /// Traffic from or to the internet counts as allowed if the entries allow at least 95 percent
    /// of the globally routable addresses of IPv4 or IPv6. An address does not count as allowed if
    /// a deny entry with a lower number matches it. A deny entry for a few networks makes no
    /// difference, because the port remains open to everyone else. How the addresses are split
    /// among the entries makes no difference either.
    fn nacl_internet_openings(entries: "list of object", direction: "string", protocol: "string", port: "int") -> "list of acl_opening";
    "nacl_internet_openings([#{ rule_number: 100, egress: false, rule_action: \"allow\", protocol: \"-1\", cidr_block: \"0.0.0.0/0\" }], \
     \"ingress\", \"tcp\", 22).map(|entry| entry.rule_number)"
        => "[100]";
    "nacl_internet_openings([#{ rule_number: 90, egress: false, rule_action: \"deny\", protocol: \"6\", cidr_block: \"0.0.0.0/0\" }, \
     #{ rule_number: 100, egress: false, rule_action: \"allow\", protocol: \"-1\", cidr_block: \"0.0.0.0/0\" }], \"ingress\", \"tcp\", 22)"
        => "[]";
    |engine, _| engine.register_fn(
        "nacl_internet_openings",
        |entries: Dynamic, direction: &str, protocol: &str, port: i64| -> Scripted<Array> {
            const NAME: &str = "nacl_internet_openings";
            let egress = match direction {
                "ingress" => false,
                "egress" => true,
                other => {
                    let shown = crate::model::text::one_line(other, 30);
                    return Interrupt::Broken(format!("`{NAME}` expects `\"ingress\"` or `\"egress\"`, got `{shown}`")).raise();
                }
            };
            let entries: Vec<NetworkAclEntry> = read(NAME, "a list of entries, such as `acl.entries`", &entries)?;
            let Query::Ports { protocol, from, .. } = query(NAME, protocol, port, port)? else { return Ok(Array::new()) };
            Ok(openings(&entries, egress, protocol, from.into()).into_iter().map(|entry| script_value(&shown(entry))).collect())
        }
    );
}

/// What `nacl_internet_openings` returns.
pub(crate) static ACL_OPENING: ResultShape =
    ResultShape { name: "acl_opening", shape: Shape::of::<AclOpening>() };

/// An entry of a network ACL that allows traffic from or to the internet.
#[derive(Serialize, Deserialize, JsonSchema)]
struct AclOpening {
    /// The number of the entry.
    rule_number: Option<i64>,
    /// The protocol number as a string: `6` for TCP, `17` for UDP, `-1` for all.
    protocol: Option<String>,
    /// The range in CIDR notation.
    cidr: Option<String>,
    /// The first port.
    from_port: Option<i64>,
    /// The last port.
    to_port: Option<i64>,
}

fn shown(entry: &NetworkAclEntry) -> AclOpening {
    let ports = entry.port_range.as_ref();
    AclOpening {
        rule_number: entry.rule_number,
        protocol: entry.protocol.clone(),
        cidr: entry.cidr_block.clone().or_else(|| entry.ipv6_cidr_block.clone()),
        from_port: ports.and_then(|ports| ports.from),
        to_port: ports.and_then(|ports| ports.to),
    }
}

/// The entries that allow the internet, by number; for each family those that do so alone, or else
/// all that add up to the internet. What counts are the addresses that an entry decides, so the
/// same traffic gives the same answer however it is written.
fn openings(
    entries: &[NetworkAclEntry],
    egress: bool,
    protocol: i64,
    port: i64,
) -> Vec<&NetworkAclEntry> {
    let mut concerned: Vec<&NetworkAclEntry> = entries
        .iter()
        .filter(|entry| entry.egress == Some(egress) && concerns(entry, protocol, port))
        .collect();
    concerned.sort_by_key(|entry| entry.rule_number.unwrap_or(i64::MAX));
    let mut found = Vec::new();
    for family in Family::ALL {
        // Per allow entry: the addresses that it allows, whether or not an earlier one does, too.
        let mut allowing: Vec<(&NetworkAclEntry, u128)> = Vec::new();
        let (mut denied, mut decided) = (AddressSet::default(), AddressSet::default());
        let mut allowed = 0;
        for entry in &concerned {
            let cidr = match family {
                Family::V4 => &entry.cidr_block,
                Family::V6 => &entry.ipv6_cidr_block,
            };
            let Some(cidr) = cidr.as_deref().filter(|cidr| !cidr.is_empty()) else { continue };
            let net = addresses::range(cidr).filter(|net| Family::of(net) == family);
            let Some(net) = net else {
                // It may allow or deny any address.
                Unavailable::malformed("ec2:DescribeNetworkAcls", cidr).mark_uncertain();
                continue;
            };
            let new = decided.add(bounds(&net));
            if entry.rule_action.as_deref() == Some("allow") {
                allowed += family.routable_in(&new);
                let own = family.routable_in(&denied.missing(bounds(&net)));
                if own > 0 {
                    allowing.push((entry, own));
                }
            } else {
                denied.add(bounds(&net));
            }
        }
        if family.is_internet(allowed) {
            let alone = allowing.iter().any(|(_, own)| family.is_internet(*own));
            found.extend(
                allowing
                    .iter()
                    .filter(|(_, own)| !alone || family.is_internet(*own))
                    .map(|(entry, _)| *entry),
            );
        }
    }
    found
}

/// Whether an entry applies to a protocol and port. TCP and UDP without a range, and every other
/// protocol, apply to all ports. ICMP types are not ports.
fn concerns(entry: &NetworkAclEntry, protocol: i64, port: i64) -> bool {
    match entry.protocol.as_deref().and_then(protocol_number) {
        Some(-1) => true,
        Some(1 | 58) => false,
        Some(number @ (6 | 17)) if number == protocol => {
            let bound =
                |port: Option<i64>, otherwise| port.filter(|port| *port >= 0).unwrap_or(otherwise);
            let (from, to) = entry
                .port_range
                .as_ref()
                .map_or((0, 65_535), |ports| (bound(ports.from, 0), bound(ports.to, 65_535)));
            (from..=to).contains(&port)
        }
        Some(number) => number == protocol,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use ipnet::{IpNet, Ipv4Net};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn numbers(entries: Value, egress: bool, protocol: i64, port: i64) -> Vec<i64> {
        let entries: Vec<NetworkAclEntry> = serde_json::from_value(entries).unwrap();
        openings(&entries, egress, protocol, port)
            .iter()
            .filter_map(|entry| entry.rule_number)
            .collect()
    }

    fn entry(
        number: i64,
        action: &str,
        protocol: &str,
        ports: Option<(i64, i64)>,
        cidr: &str,
    ) -> Value {
        let ports = ports.map(|(from, to)| json!({ "from": from, "to": to }));
        let (v4, v6) = if cidr.contains(':') { (None, Some(cidr)) } else { (Some(cidr), None) };
        json!({ "rule_number": number, "egress": false, "rule_action": action, "protocol": protocol, "port_range": ports,
            "cidr_block": v4, "ipv6_cidr_block": v6 })
    }

    #[test]
    fn the_first_matching_entry_decides() {
        let world = "0.0.0.0/0";
        let last = || entry(32_767, "deny", "-1", None, world);
        for (name, entries, expected) in [
            ("none", json!([]), vec![]),
            ("implicit deny", json!([last()]), vec![]),
            ("as created", json!([last(), entry(100, "allow", "-1", None, world)]), vec![100]),
            (
                "denied before",
                json!([
                    entry(100, "allow", "-1", None, world),
                    entry(90, "deny", "6", Some((22, 22)), world)
                ]),
                vec![],
            ),
            (
                "denied after",
                json!([
                    entry(100, "allow", "-1", None, world),
                    entry(110, "deny", "6", None, world)
                ]),
                vec![100],
            ),
            (
                "another port denied",
                json!([
                    entry(90, "deny", "6", Some((23, 23)), world),
                    entry(100, "allow", "6", None, world)
                ]),
                vec![100],
            ),
            (
                "another protocol denied",
                json!([
                    entry(90, "deny", "17", None, world),
                    entry(100, "allow", "-1", None, world)
                ]),
                vec![100],
            ),
            (
                "part of the range denied",
                json!([
                    entry(90, "deny", "-1", None, "198.51.100.0/24"),
                    entry(100, "allow", "6", None, world)
                ]),
                vec![100],
            ),
            (
                "denied in halves",
                json!([
                    entry(80, "deny", "-1", None, "0.0.0.0/1"),
                    entry(90, "deny", "-1", None, "128.0.0.0/1"),
                    entry(100, "allow", "6", None, world)
                ]),
                vec![],
            ),
            (
                "allowed in halves",
                json!([
                    entry(80, "allow", "-1", None, "0.0.0.0/1"),
                    entry(90, "allow", "6", Some((0, 65_535)), "128.0.0.0/1")
                ]),
                vec![80, 90],
            ),
            (
                "one half denied first",
                json!([
                    entry(80, "deny", "-1", None, "0.0.0.0/1"),
                    entry(90, "allow", "6", None, "0.0.0.0/1"),
                    entry(95, "allow", "6", None, "128.0.0.0/1")
                ]),
                vec![],
            ),
            (
                "one half denied first, the rest allowed as a whole",
                json!([
                    entry(80, "deny", "-1", None, "0.0.0.0/1"),
                    entry(90, "allow", "6", None, world)
                ]),
                vec![],
            ),
            (
                "one half denied between the halves",
                json!([
                    entry(80, "allow", "-1", None, "128.0.0.0/1"),
                    entry(90, "deny", "6", None, "0.0.0.0/1"),
                    entry(95, "allow", "6", None, world)
                ]),
                vec![],
            ),
            (
                "what is denied later was allowed before",
                json!([
                    entry(80, "allow", "-1", None, "0.0.0.0/1"),
                    entry(90, "deny", "6", None, "0.0.0.0/1"),
                    entry(95, "allow", "6", None, world)
                ]),
                vec![80, 95],
            ),
            (
                "a few networks denied, the rest allowed in parts",
                json!([
                    entry(80, "deny", "-1", None, "8.8.8.0/24"),
                    entry(90, "deny", "-1", None, "60.0.0.0/8"),
                    entry(100, "allow", "6", None, "0.0.0.0/1"),
                    entry(110, "allow", "6", None, "128.0.0.0/1")
                ]),
                vec![100, 110],
            ),
            (
                "a sixteenth denied",
                json!([
                    entry(80, "deny", "-1", None, "16.0.0.0/4"),
                    entry(90, "allow", "6", None, world)
                ]),
                vec![],
            ),
            (
                "allowed twice",
                json!([
                    entry(80, "allow", "-1", None, world),
                    entry(90, "allow", "6", None, world)
                ]),
                vec![80, 90],
            ),
            (
                "all globally routable ranges denied",
                json!([
                    entry(90, "deny", "-1", None, "2000::/3"),
                    entry(100, "allow", "-1", None, "::/0")
                ]),
                vec![],
            ),
            (
                "all globally routable ranges allowed",
                json!([entry(100, "allow", "-1", None, "2000::/3")]),
                vec![100],
            ),
            (
                "private ranges denied",
                json!([
                    entry(90, "deny", "-1", None, "10.0.0.0/8"),
                    entry(100, "allow", "-1", None, world)
                ]),
                vec![100],
            ),
            ("ICMP has no ports", json!([entry(100, "allow", "1", None, world)]), vec![]),
            (
                "address families are separate",
                json!([
                    entry(90, "deny", "-1", None, world),
                    entry(100, "allow", "-1", None, "::/0")
                ]),
                vec![100],
            ),
        ] {
            assert_eq!(numbers(entries, false, 6, 22), expected, "{name}");
        }
        assert!(
            numbers(json!([entry(100, "allow", "-1", None, world)]), true, 6, 22).is_empty(),
            "directions are separate"
        );
    }

    proptest! {
        /// Fourteen addresses represent the internet; the ranges of entries are at least a
        /// sixteenth of all addresses.
        #[test]
        fn openings_match_those_found_address_by_address(rules in prop::collection::vec((any::<bool>(), 0_u32..16, 0_u8..=4, any::<bool>()), 0..10)) {
            let net = |block: u32, width| Ipv4Net::new(Ipv4Addr::from(block << 28), width).unwrap().trunc();
            let entries: Vec<Value> = rules
                .iter()
                .enumerate()
                .map(|(number, (allow, block, width, tcp))| {
                    let (action, protocol) = (if *allow { "allow" } else { "deny" }, if *tcp { "6" } else { "17" });
                    entry(number as i64, action, protocol, None, &net(*block, *width).to_string())
                })
                .collect();
            let address = |block: u32| IpAddr::from(Ipv4Addr::from(block << 28));
            // The first entry that matches an address decides. No block may be missing: each has
            // more than 5 percent of the addresses.
            let rules: Vec<(bool, Ipv4Net)> = rules.iter().filter(|rule| rule.3).map(|rule| (rule.0, net(rule.1, rule.2))).collect();
            let has = |net: &Ipv4Net, block| IpNet::V4(*net).contains(&address(block));
            let open = (0..14).all(|block| rules.iter().find(|(_, net)| has(net, block)).is_some_and(|(allow, _)| *allow));
            prop_assert_eq!(!numbers(Value::Array(entries), false, 6, 22).is_empty(), open);
        }
    }
}
