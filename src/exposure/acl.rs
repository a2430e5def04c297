//! Network ACLs: numbered entries, of which the first match decides.

use super::address_set::{AddressSet, Family, bounds};
use super::lists::{WithUnknown, malformed};
use super::protocols::{has_types, protocol_number};
use super::ranges::range;
use crate::facts::ec2::network_acl::NetworkAclEntry;
use crate::model::Cause;

/// The entries that allow a large part of the internet a port, by number; for each family those that
/// do so alone, or else all that add up to it. ICMP types are not ports.
pub fn acl_openings(
    entries: &[NetworkAclEntry],
    egress: bool,
    protocol: i64,
    port: i64,
) -> WithUnknown<Vec<&NetworkAclEntry>> {
    let mut found = WithUnknown { known: Vec::new(), unknown: Vec::new() };
    if has_types(protocol) {
        return found;
    }
    let entries = AclEntries::of(entries, egress);
    for family in Family::ALL {
        let decision = entries.decide(family, protocol, port);
        found.known.extend(decision.allowing);
        found.unknown.extend(decision.unknown);
    }
    found
}

/// What the entries of a network ACL decide about traffic between the internet and a port.
#[derive(Debug, Default)]
pub struct AclDecision<'a> {
    /// The entries that allow a large part of the internet: those that do so alone, or else all that
    /// add up to it. Empty if the traffic is not allowed.
    pub allowing: Vec<&'a NetworkAclEntry>,
    /// Whether a small part of the internet is allowed.
    pub allows_some: bool,
    /// The entry that denies the most addresses.
    pub denying: Option<&'a NetworkAclEntry>,
    /// How many other entries deny addresses that it does not.
    pub more_denying: usize,
    /// Ranges that are not valid, so the entries may allow or deny any address.
    pub unknown: Vec<Cause>,
}

/// The entries of one direction, in the order in which they apply.
pub struct AclEntries<'a>(Vec<&'a NetworkAclEntry>);

impl<'a> AclEntries<'a> {
    /// The outbound or inbound entries of an ACL.
    pub fn of(entries: &'a [NetworkAclEntry], egress: bool) -> Self {
        let mut entries: Vec<&NetworkAclEntry> =
            entries.iter().filter(|entry| entry.egress == Some(egress)).collect();
        entries.sort_by_key(|entry| entry.rule_number.unwrap_or(i64::MAX));
        Self(entries)
    }

    /// What they decide about a port, or an ICMP type.
    ///
    /// The traffic is denied if the addresses for which a deny entry, or no entry, matches first are
    /// the internet. To deny less of it, even half, leaves the port open to the rest. So the same
    /// addresses have the same result, however entries express them.
    pub fn decide(&self, family: Family, protocol: i64, at: i64) -> AclDecision<'a> {
        let mut decision = AclDecision::default();
        // Per allow entry: the addresses that it allows, whether or not an earlier one does, too.
        let mut allowing: Vec<(&NetworkAclEntry, u128)> = Vec::new();
        let (mut denied, mut decided) = (AddressSet::default(), AddressSet::default());
        let mut allowed = AddressSet::default();
        let (mut in_allowed, mut most_denied, mut denying) = (0, 0, 0);
        for entry in self.0.iter().copied().filter(|entry| concerns(entry, protocol, at)) {
            let cidr = match family {
                Family::V4 => &entry.cidr_block,
                Family::V6 => &entry.ipv6_cidr_block,
            };
            let Some(cidr) = cidr.as_deref().filter(|cidr| !cidr.is_empty()) else { continue };
            let net = range(cidr).filter(|net| Family::of(net) == family);
            let Some(net) = net else {
                decision.unknown.push(malformed("ec2:DescribeNetworkAcls", cidr));
                continue;
            };
            let net = bounds(&net);
            let new = family.routable_in(&decided.add(net));
            if entry.rule_action.as_deref() == Some("allow") {
                let parts = denied.missing(net);
                for part in &parts {
                    in_allowed += family.routable_in(&allowed.add(*part));
                }
                let own = family.routable_in(&parts);
                if own > 0 {
                    allowing.push((entry, own));
                }
            } else {
                denied.add(net);
                denying += usize::from(new > 0);
                if new > most_denied {
                    most_denied = new;
                    decision.denying = Some(entry);
                }
            }
        }
        decision.allows_some = in_allowed > 0;
        decision.more_denying = usize::saturating_sub(denying, 1);
        if family.is_large_part(in_allowed) {
            let has_alone = allowing.iter().any(|(_, own)| family.is_large_part(*own));
            let chosen =
                allowing.iter().filter(|(_, own)| !has_alone || family.is_large_part(*own));
            decision.allowing.extend(chosen.map(|(entry, _)| *entry));
        }
        decision
    }

    /// The ports, or ICMP types, of a protocol at which decisions can change.
    pub fn edges(&self, protocol: i64) -> impl Iterator<Item = i64> {
        let concerned = self.0.iter().filter(move |entry| {
            entry.protocol.as_deref().and_then(protocol_number) == Some(protocol)
        });
        concerned.flat_map(move |entry| {
            let (from, to) = span(entry, protocol);
            [from, to.saturating_add(1)]
        })
    }

    /// The protocols that entries name.
    pub fn protocols(&self) -> impl Iterator<Item = i64> {
        self.0.iter().filter_map(|entry| entry.protocol.as_deref().and_then(protocol_number))
    }
}

/// The first and last port of an entry, or the first and last ICMP type.
fn span(entry: &NetworkAclEntry, protocol: i64) -> (i64, i64) {
    let bound = |port: Option<i64>, otherwise| port.filter(|port| *port >= 0).unwrap_or(otherwise);
    if has_types(protocol) {
        let kind = entry.icmp_type_code.as_ref().and_then(|icmp| icmp.r#type);
        return (bound(kind, 0), bound(kind, 65_535));
    }
    let ports = entry.port_range.as_ref();
    ports.map_or((0, 65_535), |ports| (bound(ports.from, 0), bound(ports.to, 65_535)))
}

/// Whether an entry applies to a protocol and port, or to all codes of an ICMP type. TCP and UDP
/// without a range, and every other protocol, apply to all ports.
fn concerns(entry: &NetworkAclEntry, protocol: i64, at: i64) -> bool {
    match entry.protocol.as_deref().and_then(protocol_number) {
        Some(-1) => true,
        Some(number) if number != protocol => false,
        Some(1 | 58) => {
            let (from, to) = span(entry, protocol);
            let code = entry.icmp_type_code.as_ref().and_then(|icmp| icmp.code);
            // Other codes of the type are still allowed.
            let all_codes = code.is_none_or(|code| code < 0);
            let allows = entry.rule_action.as_deref() == Some("allow");
            (allows || all_codes) && (from..=to).contains(&at)
        }
        Some(6 | 17) => {
            let (from, to) = span(entry, protocol);
            (from..=to).contains(&at)
        }
        Some(_) => true,
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

    fn openings(
        entries: &[NetworkAclEntry],
        egress: bool,
        protocol: i64,
        port: i64,
    ) -> Vec<&NetworkAclEntry> {
        acl_openings(entries, egress, protocol, port).known
    }

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
                vec![95],
            ),
            (
                "one half denied first, the rest allowed as a whole",
                json!([
                    entry(80, "deny", "-1", None, "0.0.0.0/1"),
                    entry(90, "allow", "6", None, world)
                ]),
                vec![90],
            ),
            (
                "one half denied between the halves",
                json!([
                    entry(80, "allow", "-1", None, "128.0.0.0/1"),
                    entry(90, "deny", "6", None, "0.0.0.0/1"),
                    entry(95, "allow", "6", None, world)
                ]),
                vec![80, 95],
            ),
            ("one half allowed", json!([entry(90, "allow", "6", None, "128.0.0.0/1")]), vec![90]),
            (
                "a few networks allowed",
                json!([entry(90, "allow", "6", None, "16.0.0.0/5")]),
                vec![],
            ),
            (
                "a few networks allowed that add up",
                json!([
                    entry(90, "allow", "6", None, "16.0.0.0/5"),
                    entry(91, "allow", "6", None, "24.0.0.0/6"),
                    entry(92, "allow", "6", None, "24.0.0.0/8")
                ]),
                vec![90, 91, 92],
            ),
            (
                "a network allowed before a part is denied",
                json!([
                    entry(70, "allow", "-1", None, "8.0.0.0/8"),
                    entry(80, "deny", "-1", None, "0.0.0.0/1"),
                    entry(90, "allow", "6", None, world)
                ]),
                vec![90],
            ),
            (
                "an office allowed, everyone else denied, then everything allowed",
                json!([
                    entry(70, "allow", "6", None, "16.0.0.0/8"),
                    entry(80, "deny", "6", Some((22, 22)), world),
                    entry(90, "allow", "-1", None, world)
                ]),
                vec![],
            ),
            (
                "all but a sixteenth denied in parts",
                json!([
                    entry(70, "deny", "6", None, "0.0.0.0/1"),
                    entry(75, "deny", "6", None, "128.0.0.0/2"),
                    entry(80, "deny", "6", None, "192.0.0.0/4"),
                    entry(90, "allow", "-1", None, world)
                ]),
                vec![90],
            ),
            (
                "nearly everything denied in parts",
                json!([
                    entry(70, "deny", "6", None, "0.0.0.0/1"),
                    entry(75, "deny", "6", None, "128.0.0.0/2"),
                    entry(80, "deny", "6", None, "192.0.0.0/4"),
                    entry(85, "deny", "6", None, "208.0.0.0/5"),
                    entry(90, "allow", "-1", None, world)
                ]),
                vec![],
            ),
            (
                "the other half denied after the first is allowed",
                json!([
                    entry(80, "allow", "-1", None, "0.0.0.0/1"),
                    entry(85, "deny", "-1", None, world),
                    entry(90, "allow", "-1", None, "128.0.0.0/1")
                ]),
                vec![80],
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
                vec![90],
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
        /// sixteenth of all addresses, so each is more than 5 percent.
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
            // For each address, the first entry decides.
            let is_let_through = |block: u32| {
                let mut matching = rules.iter().filter(|rule| rule.3 && IpNet::V4(net(rule.1, rule.2)).contains(&address(block)));
                matching.next().is_some_and(|rule| rule.0)
            };
            let open = (0..14).any(is_let_through);
            prop_assert_eq!(!numbers(Value::Array(entries), false, 6, 22).is_empty(), open);
        }
    }
}
