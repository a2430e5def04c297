//! Replaces IP addresses and CIDR ranges: an address in a range stays in it, and what is private,
//! public or everything stays that.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Ranges with a meaning of their own, and how many leading bits all addresses in them keep.
const SPECIAL_V4: [(Ipv4Addr, u8, u8); 8] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8, 32),
    (Ipv4Addr::new(127, 0, 0, 0), 8, 32),
    (Ipv4Addr::new(169, 254, 0, 0), 16, 32),
    (Ipv4Addr::new(224, 0, 0, 0), 3, 32),
    (Ipv4Addr::new(10, 0, 0, 0), 8, 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10, 10),
    (Ipv4Addr::new(172, 16, 0, 0), 12, 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16, 16),
];
const SPECIAL_V6: [(Ipv6Addr, u8, u8); 5] = [
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0, 0, 0), 16, 128),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, 128),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, 10),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, 8),
    (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3, 3),
];
/// Ranges at least this wide say nothing about their owner.
const WIDE_V4: u8 = 7;
const WIDE_V6: u8 = 15;

/// The first public addresses are replaced by ones for documentation.
const BASE_V4: u128 = 0xCB00_7101; // 203.0.113.1
const BASE_V6: u128 = 0x2001_0db8_0000_0000_0000_0000_0000_0001;

/// The bits chosen so far, by the original bits before each.
#[derive(Default)]
pub(super) struct Addresses(HashMap<(bool, u8, u128), bool>);

impl Addresses {
    /// The replacement of an address or range; `None` if the text is neither.
    pub(super) fn replace(&mut self, text: &str) -> Option<String> {
        let (address, width) = match text.split_once('/') {
            Some((address, width)) => (address, Some(width.parse::<u8>().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let (bits, length) = match address {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        let taken = width.unwrap_or(length);
        if taken > length {
            return None;
        }
        let new = self.bits(bits, length, taken);
        let new = match length {
            32 => IpAddr::V4(Ipv4Addr::from(u32::try_from(new).ok()?)),
            _ => IpAddr::V6(Ipv6Addr::from(new)),
        };
        Some(width.map_or_else(|| new.to_string(), |width| format!("{new}/{width}")))
    }

    fn bits(&mut self, bits: u128, length: u8, taken: u8) -> u128 {
        let is_v4 = length == 32;
        if taken <= if is_v4 { WIDE_V4 } else { WIDE_V6 } {
            return bits;
        }
        let first = |bits: u128, count: u8| {
            if count == 0 { 0 } else { bits >> (length - count) << (length - count) }
        };
        let kept = if is_v4 {
            let within = |(range, width, _): &&(Ipv4Addr, u8, u8)| {
                first(bits, *width) == u128::from(u32::from(*range))
            };
            SPECIAL_V4.iter().find(within).map(|(_, _, kept)| *kept)
        } else {
            let within =
                |(range, width, _): &&(Ipv6Addr, u8, u8)| first(bits, *width) == u128::from(*range);
            SPECIAL_V6.iter().find(within).map(|(_, _, kept)| *kept)
        };
        let (kept, base) = match kept {
            Some(kept) if kept >= taken => return bits,
            Some(3) | None => (kept.unwrap_or(0), if is_v4 { BASE_V4 } else { BASE_V6 }),
            Some(kept) => (kept, first(bits, kept) | 1),
        };
        let mut new = first(bits, kept);
        for at in kept..taken {
            let shift = length - 1 - at;
            let (old, wanted) = (bits >> shift & 1 == 1, base >> shift & 1 == 1);
            // The first of two branches gets the bit of the base, the other one the opposite.
            let flipped = *self.0.entry((is_v4, at, first(bits, at))).or_insert(old != wanted);
            if old != flipped {
                new |= 1 << shift;
            }
        }
        new
    }
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
        assert_eq!(replace("198.51.100.77/32"), "203.0.113.1/32");
        assert_eq!(replace("198.51.100.77"), "203.0.113.1");
        let (inside, outside) = (replace("198.51.100.0/24"), replace("52.95.110.0/24"));
        assert_eq!(inside, "203.0.113.0/24");
        assert!(!outside.starts_with("52.95") && outside.ends_with("/24"), "{outside}");
        let private = replace("10.60.3.80");
        assert!(private.starts_with("10.") && private != "10.60.3.80", "{private}");
        assert_eq!(replace("2001:db8:77::/48"), "2001:db8::/48");
        assert_eq!(addresses.replace("10.0.0.0/33"), None);
        assert_eq!(addresses.replace("host"), None);
    }
}
