//! Entries of network ACLs.

use crate::preview::tree::{ABSENT, Tree, Why};

/// An entry, as a plan or a change set describes it.
#[derive(Debug)]
pub struct Entry {
    /// Its number.
    pub number: Tree,
    /// Whether it is for outbound traffic.
    pub egress: Tree,
    /// `allow` or `deny`.
    pub action: Tree,
    /// The protocol: its number, or one of the names that AWS accepts.
    pub protocol: Tree,
    /// The IPv4 range.
    pub cidr: Tree,
    /// The IPv6 range.
    pub ipv6_cidr: Tree,
    /// The first and the last port. Only TCP and UDP have any.
    pub ports: (Tree, Tree),
    /// The type and the code. Only ICMP has them.
    pub icmp: (Tree, Tree),
}

impl From<Entry> for Tree {
    fn from(entry: Entry) -> Self {
        let protocol = match entry.protocol.as_str() {
            Some("all") => "-1".into(),
            Some("tcp") => "6".into(),
            Some("udp") => "17".into(),
            Some("icmp") => "1".into(),
            Some("icmpv6") => "58".into(),
            _ => entry.protocol,
        };
        let (from, to) = entry.ports;
        let (kind, code) = entry.icmp;
        let (port_range, icmp_type_code) = match protocol.as_str() {
            Some("6" | "17") => (Self::object([("from", from), ("to", to)]), ABSENT),
            Some("1" | "58") => (ABSENT, Self::object([("type", kind), ("code", code)])),
            Some(_) => (ABSENT, ABSENT),
            None => (Self::Unknown(Why::Apply), Self::Unknown(Why::Apply)),
        };
        let action = entry.action.as_str().map(str::to_lowercase);
        Self::object([
            ("rule_number", entry.number),
            ("egress", entry.egress),
            ("rule_action", action.map_or(entry.action, |action| action.as_str().into())),
            ("protocol", protocol),
            ("cidr_block", entry.cidr),
            ("ipv6_cidr_block", entry.ipv6_cidr),
            ("port_range", port_range),
            ("icmp_type_code", icmp_type_code),
        ])
    }
}

/// The entry that AWS adds to every ACL.
pub fn deny_rest(egress: bool) -> Tree {
    Tree::from(Entry {
        number: Tree::Known(32_767.into()),
        egress: egress.into(),
        action: "deny".into(),
        protocol: "-1".into(),
        cidr: "0.0.0.0/0".into(),
        ipv6_cidr: ABSENT,
        ports: (ABSENT, ABSENT),
        icmp: (ABSENT, ABSENT),
    })
}
