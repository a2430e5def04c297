//! IP address ranges.

use ipnet::IpNet;
use rhai::{Array, Dynamic};

use super::table::topic;
use crate::exposure::{AddressSet, Family, bounds, covers_internet, is_private, range};
use crate::rules::helpers::arguments::{Scripted, optional_text, read};

topic! {
    /// These functions evaluate IP address ranges in CIDR notation. A single address is a range of
    /// one address. IPv4 and IPv6 are handled separately. A string that is not a valid range is
    /// neither the internet nor private nor public, and is not contained in any range.
    "Addresses";

    /// Returns whether a range, or the union of a list of ranges, is the IPv4 or IPv6 internet:
    /// `0.0.0.0/0`, `::/0`, or ranges that together contain at least 95 percent of its globally
    /// routable addresses. Private, reserved and multicast addresses are not globally routable, so
    /// `2000::/3` is the entire IPv6 internet.
    fn is_world(ranges: "string or list of string") -> "bool";
    "is_world(\"0.0.0.0/0\")" => "true";
    "is_world([\"0.0.0.0/1\", \"128.0.0.0/1\"])" => "true";
    "is_world([\"0.0.0.0/1\", \"8000::/1\"])" => "false";
    "is_world([\"0.0.0.0/1\", \"128.0.0.0/2\", \"192.0.0.0/3\"])" => "true";
    "is_world([\"0.0.0.0/1\", \"128.0.0.0/2\", \"192.0.0.0/4\"])" => "false";
    |engine, _| engine.register_fn("is_world", |ranges: Dynamic| -> Scripted<bool> {
        let ranges = texts("is_world", &ranges)?;
        let ranges: Vec<IpNet> = ranges.iter().filter_map(|text| range(text)).collect();
        Ok(covers_internet(&ranges) != (false, false))
    });

    /// Returns the prefix length of a range: 0 for all addresses, 32 for one IPv4 address, and 128
    /// for one IPv6 address. Returns `()` if the string is not a valid range.
    fn cidr_width(cidr: "string?") -> "int?";
    "cidr_width(\"10.0.0.0/8\")" => "8";
    "cidr_width(\"2001:db8::1\")" => "128";
    "cidr_width(\"sg-1\")" => "()";
    |engine, _| engine.register_fn("cidr_width", |cidr: Dynamic| -> Scripted<Dynamic> {
        let net = optional_text("cidr_width", &cidr)?.and_then(|text| range(&text));
        Ok(net.map_or(Dynamic::UNIT, |net| Dynamic::from_int(net.prefix_len().into())))
    });

    /// Returns whether every address of `inner` is in `outer`, or in the union of the ranges if
    /// `outer` is a list.
    fn cidr_contains(outer: "string or list of string", inner: "string?") -> "bool";
    "cidr_contains(\"10.0.0.0/8\", \"10.1.2.3\")" => "true";
    "cidr_contains(\"10.1.0.0/16\", \"10.0.0.0/8\")" => "false";
    "cidr_contains(\"::/0\", \"10.0.0.0/8\")" => "false";
    "cidr_contains([\"10.0.0.0/17\", \"10.0.128.0/17\"], \"10.0.0.0/16\")" => "true";
    |engine, _| engine.register_fn("cidr_contains", |outer: Dynamic, inner: Dynamic| -> Scripted<bool> {
        let outer: Vec<IpNet> = texts("cidr_contains", &outer)?.iter().filter_map(|text| range(text)).collect();
        let inner = optional_text("cidr_contains", &inner)?.and_then(|text| range(&text));
        Ok(inner.is_some_and(|inner| covered(&inner, &outer)))
    });

    /// Returns the fewest ranges that contain the same addresses as the given ranges, in ascending
    /// order: overlapping and adjacent ranges are merged.
    fn cidr_union(ranges: "list of string") -> "list of string";
    "cidr_union([\"10.0.0.128/25\", \"10.0.0.0/25\", \"10.0.0.7\", \"::1\"])" => "[\"10.0.0.0/24\", \"::1/128\"]";
    "cidr_union([\"10.0.1.0/24\", \"10.0.2.0/24\"])" => "[\"10.0.1.0/24\", \"10.0.2.0/24\"]";
    "cidr_union([\"0.0.0.0/1\", \"128.0.0.0/1\"])" => "[\"0.0.0.0/0\"]";
    |engine, _| engine.register_fn("cidr_union", |ranges: Dynamic| -> Scripted<Array> {
        let ranges: Vec<IpNet> = texts("cidr_union", &ranges)?.iter().filter_map(|text| range(text)).collect();
        Ok(IpNet::aggregate(&ranges).into_iter().map(|net| net.to_string().into()).collect())
    });

    /// Returns whether every address in the range is private (RFC 1918), carrier-grade NAT
    /// (100.64.0.0/10), loopback, link-local or unique local IPv6 (fc00::/7), and therefore not
    /// reachable from the internet.
    fn is_private_cidr(cidr: "string?") -> "bool";
    "is_private_cidr(\"172.16.0.0/12\")" => "true";
    "is_private_cidr(\"172.0.0.0/8\")" => "false";
    |engine, _| engine.register_fn("is_private_cidr", |cidr: Dynamic| -> Scripted<bool> {
        Ok(optional_text("is_private_cidr", &cidr)?.and_then(|text| range(&text)).is_some_and(|net| is_private(&net)))
    });

    /// Returns whether at least one address of the range is globally routable. Ranges that consist
    /// only of what the IANA special-purpose address registries list as not globally reachable are
    /// not public: private and link-local addresses, carrier-grade NAT, multicast, and ranges that
    /// are reserved, for example for documentation and benchmarking. Neither are IPv6 addresses
    /// outside `2000::/3`. A range that also contains other addresses is public.
    fn is_public_cidr(cidr: "string?") -> "bool";
    "is_public_cidr(\"52.95.110.1\")" => "true";
    "is_public_cidr(\"203.0.113.0/24\")" => "false";
    "is_public_cidr(\"203.0.112.0/23\")" => "true";
    "is_public_cidr(\"2001:db8::/32\")" => "false";
    |engine, _| engine.register_fn("is_public_cidr", |cidr: Dynamic| -> Scripted<bool> {
        Ok(optional_text("is_public_cidr", &cidr)?.and_then(|text| range(&text)).is_some_and(|net| is_public(&net)))
    });
}

/// Whether the union of ranges contains every address of `net`.
fn covered(net: &IpNet, by: &[IpNet]) -> bool {
    AddressSet::union(by.iter().filter(|other| Family::of(other) == Family::of(net))).contains(net)
}

/// Whether a range contains an address that is globally routable.
fn is_public(net: &IpNet) -> bool {
    Family::of(net).routable_in(&[bounds(net)]) > 0
}

fn texts(helper: &str, value: &Dynamic) -> Scripted<Vec<String>> {
    match value.as_immutable_string_ref() {
        Ok(one) => Ok(vec![one.to_string()]),
        Err(_) if value.is_unit() => Ok(Vec::new()),
        Err(_) => read(helper, "a CIDR range or a list of CIDR ranges", value),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use ipnet::Ipv4Net;
    use proptest::prelude::*;

    use super::*;
    use crate::exposure::{NON_ROUTABLE, PRIVATE};

    #[test]
    fn private_ranges_match_the_iana_registries() {
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
        assert!(
            PRIVATE
                .iter()
                .chain(&NON_ROUTABLE)
                .all(|text| range(text).is_some_and(|net| net.to_string() == **text))
        );
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "x", "10.0.0.0/-1", "::/129"] {
            assert_eq!(range(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_range_is_public_if_it_contains_a_globally_routable_address() {
        for (text, expected) in [
            ("52.95.110.1", true),
            ("0.0.0.0/0", true),
            ("0.0.0.0/8", false),
            ("8.0.0.0/6", true),
            ("10.0.0.0/8", false),
            ("100.64.0.0/10", false),
            ("100.0.0.0/8", true),
            ("100.128.0.0", true),
            ("127.0.0.1", false),
            ("169.254.169.254", false),
            ("172.16.0.0/12", false),
            ("172.0.0.0/8", true),
            ("192.0.0.0/24", false),
            ("192.0.0.0/22", true),
            ("192.0.2.0/24", false),
            ("192.0.2.0/23", true),
            // The anycast addresses of AS112 are globally reachable.
            ("192.31.196.1", true),
            ("198.18.0.0/15", false),
            ("198.18.0.0/14", true),
            ("198.51.100.7/32", false),
            ("203.0.113.9", false),
            ("224.0.0.0/4", false),
            ("224.0.0.0/3", false),
            ("255.255.255.255", false),
            ("192.0.0.0/2", true),
            ("::/0", true),
            ("2000::/3", true),
            ("2600:1f14::1", true),
            ("2001:db8::/32", false),
            ("2001:d00::/24", true),
            ("3fff::/20", false),
            ("2001:2::/48", false),
            ("fc00::/7", false),
            ("fe80::1", false),
            ("ff02::1", false),
            ("64:ff9b::/96", false),
            ("::ffff:8.8.8.8", false),
        ] {
            assert_eq!(is_public(&range(text).unwrap()), expected, "{text}");
        }
    }

    /// Everything except some ranges, as ranges.
    fn without(holes: &[&str]) -> Vec<IpNet> {
        let mut rest =
            vec![range(if holes[0].contains(':') { "::/0" } else { "0.0.0.0/0" }).unwrap()];
        for hole in holes.iter().map(|text| range(text).unwrap()) {
            rest = rest
                .into_iter()
                .flat_map(|net| {
                    let mut kept = vec![net];
                    while let Some(place) = kept.iter().position(|one| one.contains(&hole)) {
                        let one = kept.swap_remove(place);
                        if one == hole {
                            break;
                        }
                        kept.extend(one.subnets(one.prefix_len() + 1).unwrap());
                    }
                    kept
                })
                .collect();
        }
        rest
    }

    #[test]
    fn the_internet_is_at_least_95_percent_of_the_globally_routable_addresses() {
        for (holes, expected) in [
            (vec!["10.0.0.0/8"], (true, false)),
            (
                vec!["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "224.0.0.0/3"],
                (true, false),
            ),
            (vec!["8.8.8.8/32"], (true, false)),
            (vec!["172.0.0.0/8"], (true, false)),
            // 11 of 221 blocks of /8 are just below 5 percent, 12 are above.
            (vec!["16.0.0.0/5", "24.0.0.0/7", "26.0.0.0/8"], (true, false)),
            (vec!["16.0.0.0/5", "24.0.0.0/6"], (false, false)),
            (vec!["208.0.0.0/4"], (false, false)),
            (vec!["128.0.0.0/1"], (false, false)),
            (vec!["fc00::/7", "ff00::/8"], (false, true)),
            (vec!["2600::/16"], (false, true)),
            (vec!["2000::/7"], (false, false)),
        ] {
            assert_eq!(covers_internet(&without(&holes)), expected, "all except {holes:?}");
        }
        let of = |texts: &[&str]| {
            covers_internet(&texts.iter().map(|text| range(text).unwrap()).collect::<Vec<_>>())
        };
        assert_eq!(of(&["2000::/3"]), (false, true));
        assert_eq!(of(&["2000::/4", "3000::/4"]), (false, true));
        assert_eq!(of(&["2000::/4"]), (false, false));
        assert_eq!(
            of(&["::ffff:0.0.0.0/96"]),
            (false, false),
            "AWS does not treat IPv4-mapped IPv6 addresses as IPv4"
        );
        assert_eq!(of(&[]), (false, false));
    }

    proptest! {
        /// The union of ranges no longer than /4 is everything if each of the fourteen globally
        /// routable blocks is in one of them.
        #[test]
        fn range_union_matches_the_union_of_addresses(ranges in prop::collection::vec((0_u32..16, 0_u8..=4), 0..12)) {
            let nets: Vec<IpNet> =
                ranges.iter().map(|(block, width)| IpNet::V4(Ipv4Net::new(Ipv4Addr::from(block << 28), *width).unwrap().trunc())).collect();
            let all = (0_u32..14).all(|block| nets.iter().any(|net| net.contains(&std::net::IpAddr::from(Ipv4Addr::from(block << 28)))));
            prop_assert_eq!(covers_internet(&nets), (all, false));
        }
    }
}
