//! Ranges of addresses.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use rhai::Dynamic;

use super::table::topic;
use super::{Scripted, optional_text, read};

topic! {
    /// Ranges of addresses in CIDR notation; an address alone is a range of one. IPv4 and IPv6 are apart. A text that is no range is
    /// neither the world nor private, and lies in nothing.
    "Addresses";

    /// Whether a range, or a list of ranges together, is every address of IPv4 or every address of IPv6: `0.0.0.0/0`, `::/0`, or parts
    /// that add up.
    fn is_world(ranges: "string or list of string") -> "bool";
    "is_world(\"0.0.0.0/0\")" => "true";
    "is_world([\"0.0.0.0/1\", \"128.0.0.0/1\"])" => "true";
    "is_world([\"0.0.0.0/1\", \"8000::/1\"])" => "false";
    |engine, _| engine.register_fn("is_world", |ranges: Dynamic| -> Scripted<bool> {
        let ranges = texts("is_world", &ranges)?;
        let ranges: Vec<IpNet> = ranges.iter().filter_map(|text| range(text)).collect();
        Ok(worlds(&ranges) != (false, false))
    });

    /// How many leading bits of a range are fixed: 0 is everybody, 32 one IPv4 address, 128 one IPv6 address. `()` for what is no range.
    fn cidr_width(cidr: "string?") -> "int?";
    "cidr_width(\"10.0.0.0/8\")" => "8";
    "cidr_width(\"2001:db8::1\")" => "128";
    "cidr_width(\"sg-1\")" => "()";
    |engine, _| engine.register_fn("cidr_width", |cidr: Dynamic| -> Scripted<Dynamic> {
        let net = optional_text("cidr_width", &cidr)?.and_then(|text| range(&text));
        Ok(net.map_or(Dynamic::UNIT, |net| Dynamic::from_int(net.prefix_len().into())))
    });

    /// Whether every address of `inner` is one of `outer`.
    fn cidr_contains(outer: "string?", inner: "string?") -> "bool";
    "cidr_contains(\"10.0.0.0/8\", \"10.1.2.3\")" => "true";
    "cidr_contains(\"10.1.0.0/16\", \"10.0.0.0/8\")" => "false";
    "cidr_contains(\"::/0\", \"10.0.0.0/8\")" => "false";
    |engine, _| engine.register_fn("cidr_contains", |outer: Dynamic, inner: Dynamic| -> Scripted<bool> {
        let net = |value: &Dynamic| Ok(optional_text("cidr_contains", value)?.and_then(|text| range(&text)));
        let (outer, inner): (Scripted<Option<IpNet>>, Scripted<Option<IpNet>>) = (net(&outer), net(&inner));
        Ok(outer?.zip(inner?).is_some_and(|(outer, inner)| outer.contains(&inner)))
    });

    /// Whether the whole range is outside of the internet: private (RFC 1918), carrier-grade NAT (100.64.0.0/10), loopback,
    /// link-local, or unique local IPv6 (fc00::/7).
    fn is_private_cidr(cidr: "string?") -> "bool";
    "is_private_cidr(\"172.16.0.0/12\")" => "true";
    "is_private_cidr(\"172.0.0.0/8\")" => "false";
    |engine, _| engine.register_fn("is_private_cidr", |cidr: Dynamic| -> Scripted<bool> {
        Ok(optional_text("is_private_cidr", &cidr)?.and_then(|text| range(&text)).is_some_and(|net| is_private(&net)))
    });
}

const PRIVATE: [&str; 9] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
];

/// A range in CIDR notation, or one address; bits behind the prefix are ignored.
pub(super) fn range(text: &str) -> Option<IpNet> {
    let net = text.parse::<IpNet>().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from));
    net.map(|net| net.trunc())
}

/// Whether ranges add up to all of IPv4, and to all of IPv6.
pub(super) fn worlds(ranges: &[IpNet]) -> (bool, bool) {
    let v4 = ranges.iter().filter_map(|net| if let IpNet::V4(net) = net { Some(*net) } else { None }).collect();
    let v6 = ranges.iter().filter_map(|net| if let IpNet::V6(net) = net { Some(*net) } else { None }).collect();
    (
        Ipv4Net::aggregate(&v4).iter().any(|net| net.prefix_len() == 0),
        Ipv6Net::aggregate(&v6).iter().any(|net| net.prefix_len() == 0),
    )
}

fn is_private(net: &IpNet) -> bool {
    PRIVATE.iter().filter_map(|text| range(text)).any(|private| private.contains(net))
}

fn texts(helper: &str, value: &Dynamic) -> Scripted<Vec<String>> {
    match value.as_immutable_string_ref() {
        Ok(one) => Ok(vec![one.to_string()]),
        Err(_) if value.is_unit() => Ok(Vec::new()),
        Err(_) => read(helper, "a range or a list of ranges", value),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn private_ranges_end_where_the_registries_say() {
        for (text, expected) in [
            ("172.31.255.255", true),
            ("172.32.0.0", false),
            ("100.64.0.0/10", true),
            ("100.0.0.0/8", false),
            ("192.168.0.0/15", false),
            ("fd12::/48", true),
            ("2001:db8::/32", false),
            ("::1", true),
            ("::/0", false),
        ] {
            assert_eq!(is_private(&range(text).unwrap()), expected, "{text}");
        }
        assert!(PRIVATE.iter().all(|text| range(text).is_some()));
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "x", "10.0.0.0/-1", "::/129"] {
            assert_eq!(range(bad), None, "{bad}");
        }
    }

    proptest! {
        /// The sum of ranges no narrower than /4 is everything if every one of the sixteen blocks is in one of them.
        #[test]
        fn ranges_add_up_as_their_addresses_do(ranges in prop::collection::vec((0_u32..16, 0_u8..=4), 0..12)) {
            let nets: Vec<IpNet> =
                ranges.iter().map(|(block, width)| IpNet::V4(Ipv4Net::new(Ipv4Addr::from(block << 28), *width).unwrap().trunc())).collect();
            let all = (0_u32..16).all(|block| nets.iter().any(|net| net.contains(&std::net::IpAddr::from(Ipv4Addr::from(block << 28)))));
            prop_assert_eq!(worlds(&nets), (all, false));
        }
    }
}
