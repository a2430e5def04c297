//! Replaces IP addresses and CIDR ranges: an address in a range stays in it, and what is private,
//! public or everything stays that.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Ranges with a meaning of their own, and how many leading bits all addresses in them keep.
const SPECIAL_V4: [(Ipv4Addr, u8, u8); 13] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8, 32),
    (Ipv4Addr::new(127, 0, 0, 0), 8, 32),
    (Ipv4Addr::new(169, 254, 0, 0), 16, 32),
    (Ipv4Addr::new(224, 0, 0, 0), 3, 32),
    (Ipv4Addr::new(10, 0, 0, 0), 8, 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10, 10),
    (Ipv4Addr::new(172, 16, 0, 0), 12, 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16, 16),
    // Protocols, documentation and benchmarking.
    (Ipv4Addr::new(192, 0, 0, 0), 24, 32),
    (Ipv4Addr::new(192, 0, 2, 0), 24, 24),
    (Ipv4Addr::new(198, 51, 100, 0), 24, 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24, 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15, 15),
];
const SPECIAL_V6: [(Ipv6Addr, u8, u8); 10] = [
    // `::` and `::1`; others are IPv4 addresses.
    (Ipv6Addr::UNSPECIFIED, 127, 128),
    // Reserved.
    (Ipv6Addr::UNSPECIFIED, 8, 8),
    // Services of AWS in a VPC.
    (Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0), 32, 128),
    // Multicast addresses can contain a network prefix behind their scope.
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, 16),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, 10),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, 8),
    // Benchmarking and documentation.
    (Ipv6Addr::new(0x2001, 2, 0, 0, 0, 0, 0, 0), 48, 48),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, 20),
    (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3, 3),
];
/// Prefixes of IPv6 addresses that contain an IPv4 address, and where it starts: IPv4-mapped and
/// IPv4-compatible addresses, NAT64 with its two prefixes, and 6to4.
const EMBEDDING: [(Ipv6Addr, u8); 5] = [
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96),
    (Ipv6Addr::UNSPECIFIED, 96),
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 96),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
];
/// Ranges at least this wide say nothing about their owner.
const WIDE_V4: u8 = 7;
const WIDE_V6: u8 = 15;

/// The first public addresses are replaced by ones of AS112 (RFC 7535), which are globally reachable
/// and belong to nobody. Those for documentation are not public.
const BASE_V4: u128 = 0xC01F_C401; // 192.31.196.1
const BASE_V6: u128 = 0x2001_0004_0112_0000_0000_0000_0000_0001;
/// The first one of the reserved range is next to it, not an address with a meaning of its own.
const BASE_RESERVED: u128 = 0x00ff_0000_0000_0000_0000_0000_0000_0001;

/// The bits and zones chosen so far.
#[derive(Default)]
pub(super) struct Addresses {
    /// By the original bits before each.
    bits: HashMap<(bool, u8, u128), bool>,
    /// The number of each zone: `eth0` in `fe80::1%eth0`.
    zones: HashMap<String, usize>,
}

impl Addresses {
    /// The replacement of an address or range; `None` if the text is neither.
    pub(super) fn replace(&mut self, text: &str) -> Option<String> {
        let (address, width) = match text.split_once('/') {
            Some((address, width)) => (address, Some(width.parse::<u8>().ok()?)),
            None => (text, None),
        };
        let (address, zone) = match address.split_once('%') {
            Some((address, zone)) => (address, Some(zone)),
            None => (address, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let (bits, length) = match address {
            IpAddr::V4(address) if zone.is_none() => (u128::from(u32::from(address)), 32),
            IpAddr::V4(_) => return None,
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        let taken = width.unwrap_or(length);
        if taken > length {
            return None;
        }
        let mut new = self.range(bits, length, taken);
        // A range with host bits stays one.
        if first(bits, length, taken) != bits {
            let host = self.range(bits, length, length);
            new |= match host ^ first(host, length, taken) {
                0 => 1,
                host => host,
            };
        }
        let mut new = match length {
            32 => Ipv4Addr::from(u32::try_from(new).ok()?).to_string(),
            _ => Ipv6Addr::from(new).to_string(),
        };
        if let Some(zone) = zone {
            let next = self.zones.len() + 1;
            let number = self.zones.entry(zone.to_owned()).or_insert(next);
            new = format!("{new}%{number}");
        }
        Some(width.map_or_else(|| new.clone(), |width| format!("{new}/{width}")))
    }

    /// The first bits of a range.
    fn range(&mut self, bits: u128, length: u8, taken: u8) -> u128 {
        let embedding = EMBEDDING
            .iter()
            .find(|(prefix, width)| {
                length == 128 && first(bits, 128, *width) == u128::from(*prefix)
            })
            .filter(|_| bits > 1);
        let Some((prefix, width)) = embedding else { return self.plain(bits, length, taken) };
        if taken <= *width {
            return first(u128::from(*prefix), 128, taken);
        }
        let behind = 96 - width;
        let inner = (bits >> behind) & u128::from(u32::MAX);
        let new = u128::from(*prefix) | self.plain(inner, 32, (taken - width).min(32)) << behind;
        if behind == 0 || taken <= width + 32 {
            return new;
        }
        // Networks and hosts of a 6to4 address.
        let all = self.plain(bits, 128, taken);
        new | (all & ((1 << behind) - 1))
    }

    fn plain(&mut self, bits: u128, length: u8, taken: u8) -> u128 {
        let is_v4 = length == 32;
        let bits = first(bits, length, taken);
        if taken <= if is_v4 { WIDE_V4 } else { WIDE_V6 } {
            return bits;
        }
        let kept = if is_v4 {
            let within = |(range, width, _): &&(Ipv4Addr, u8, u8)| {
                first(bits, length, *width) == u128::from(u32::from(*range))
            };
            SPECIAL_V4.iter().find(within).map(|(_, _, kept)| *kept)
        } else {
            let within = |(range, width, _): &&(Ipv6Addr, u8, u8)| {
                first(bits, length, *width) == u128::from(*range)
            };
            SPECIAL_V6.iter().find(within).map(|(_, _, kept)| *kept)
        };
        let (kept, base) = match kept {
            Some(kept) if kept >= taken => return bits,
            Some(3) | None => (kept.unwrap_or(0), if is_v4 { BASE_V4 } else { BASE_V6 }),
            Some(8) if !is_v4 && first(bits, length, 8) == 0 => (8, BASE_RESERVED),
            Some(kept) => (kept, first(bits, length, kept) | 1),
        };
        let mut new = first(bits, length, kept);
        for at in kept..taken {
            let shift = length - 1 - at;
            let (old, wanted) = (bits >> shift & 1 == 1, base >> shift & 1 == 1);
            // The first of two branches gets the bit of the base, the other one the opposite.
            let key = (is_v4, at, first(bits, length, at));
            let flipped = *self.bits.entry(key).or_insert(old != wanted);
            if old != flipped {
                new |= 1 << shift;
            }
        }
        new
    }
}

/// The first bits of an address; the others are 0.
fn first(bits: u128, length: u8, count: u8) -> u128 {
    if count == 0 { 0 } else { bits >> (length - count) << (length - count) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaced_ranges_keep_their_relations_and_their_meaning() {
        let mut addresses = Addresses::default();
        let mut replace = |text: &str| addresses.replace(text).unwrap();
        for same in [
            "0.0.0.0/0",
            "::/0",
            "128.0.0.0/1",
            "2000::/3",
            "10.0.0.0/8",
            "192.168.0.0/16",
            "172.16.0.0/12",
            "127.0.0.1",
            "169.254.169.254",
            "100.64.0.0/10",
            "fe80::/10",
        ] {
            assert_eq!(replace(same), same);
        }
        assert_eq!(replace("52.95.110.77/32"), "192.31.196.1/32");
        assert_eq!(replace("52.95.110.77"), "192.31.196.1");
        let (inside, outside) = (replace("52.95.110.0/24"), replace("18.66.2.0/24"));
        assert_eq!(inside, "192.31.196.0/24");
        assert!(!outside.starts_with("18.66") && outside.ends_with("/24"), "{outside}");
        let private = replace("10.60.3.80");
        assert!(private.starts_with("10.") && private != "10.60.3.80", "{private}");
        assert_eq!(replace("2600:1f14:77::/48"), "2001:4:112::/48");
        for documentation in ["198.51.100.0/24", "2001:db8::/32", "198.18.0.0/15"] {
            assert_eq!(replace(documentation), documentation);
        }
        assert_eq!(replace("203.0.113.77"), "203.0.113.1");
        assert_eq!(replace("2001:db8:77::/48"), "2001:db8::/48");
        assert_eq!(addresses.replace("10.0.0.0/33"), None);
        assert_eq!(addresses.replace("host"), None);
    }

    #[test]
    fn contained_addresses_zones_and_host_bits_are_replaced() {
        for (before, after) in [
            ("52.95.110.77", "192.31.196.1"),
            // IPv4 addresses in IPv6 addresses.
            ("::ffff:52.95.110.77", "::ffff:192.31.196.1"),
            ("::ffff:345f:6e4d", "::ffff:192.31.196.1"),
            ("::ffff:52.95.110.77/128", "::ffff:192.31.196.1/128"),
            ("::ffff:52.95.110.0/120", "::ffff:192.31.196.0/120"),
            ("::ffff:10.0.0.0/104", "::ffff:10.0.0.0/104"),
            ("::ffff:10.60.3.80", "::ffff:10.0.0.1"),
            ("::ffff:127.0.0.1", "::ffff:127.0.0.1"),
            ("::52.95.110.77", "::c01f:c401"),
            ("64:ff9b::52.95.110.77", "64:ff9b::c01f:c401"),
            ("64:ff9b:1::52.95.110.77", "64:ff9b:1::c01f:c401"),
            ("64:ff9b::/96", "64:ff9b::/96"),
            ("64:ff9b:2::1", "ff::1"),
            ("2002:345f:6e4d::/48", "2002:c01f:c401::/48"),
            ("2002:345f:6e4d::1", "2002:c01f:c401::1"),
            ("2002:345f:6e4d:abcd:1:2:3:4", "2002:c01f:c401::1"),
            ("::", "::"),
            ("::1", "::1"),
            ("::/0", "::/0"),
            // Zones.
            ("fe80::42:11ff:fe00:2%acme0", "fe80::1%1"),
            ("fe80::1%acme0/64", "fe80::1%1/64"),
            // Host bits behind a wide range.
            ("52.95.110.77/0", "192.31.196.1/0"),
            ("10.60.3.80/8", "10.0.0.1/8"),
            ("52.95.110.77/24", "192.31.196.1/24"),
            ("2001:db8:77::1/15", "2001:db8::1/15"),
            // Private networks, services of AWS, and multicast.
            ("fd12:3456:789a::/48", "fd00::/48"),
            ("fd00:ec2::254", "fd00:ec2::254"),
            ("ff02::1", "ff02::1"),
            ("ff3e:40:2001:db8:77::1", "ff3e::1"),
        ] {
            let mut addresses = Addresses::default();
            assert_eq!(addresses.replace(before).as_deref(), Some(after), "{before}");
        }
        let mut addresses = Addresses::default();
        addresses.replace("52.95.110.77").unwrap();
        assert_eq!(addresses.replace("::ffff:52.95.110.77").unwrap(), "::ffff:192.31.196.1");
        assert_ne!(addresses.replace("::ffff:52.95.110.78").unwrap(), "::ffff:192.31.196.1");
        let zones = ["fe80::1%a", "fe80::1%b", "fe80::1%a"];
        let zones = zones.map(|zone| addresses.replace(zone).unwrap());
        assert_eq!(zones, ["fe80::1%1", "fe80::1%2", "fe80::1%1"]);
        for other in ["52.95.110.77%eth0", "52.95.110.77/255.255.255.0", "10.0.0", "1%2"] {
            assert_eq!(addresses.replace(other), None, "{other}");
        }
    }
}
