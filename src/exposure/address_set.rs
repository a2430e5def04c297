//! Sets of IP addresses, and the question of how much of the internet one contains. The time of
//! every operation is linear, up to a logarithm, in the number of ranges: prefix lists have up to
//! 1,000 entries, and security groups and route tables refer to many of them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ipnet::IpNet;

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    V4,
    V6,
}

/// The first and last address of a range.
type Range = (u128, u128);

/// The share of the globally routable addresses of a family that a set may lack and still be "the
/// internet": one in this many, which is 5 percent. A rule that allows everyone except a few blocked
/// networks allows the internet, and a set that lacks a sixteenth of all addresses is not everyone.
const MISSING: u128 = 20;

/// Addresses that are not globally routable: what IANA's special-purpose address registries list as
/// not globally reachable, and all of IPv6 outside of 2000::/3, the only block that addresses are
/// assigned from.
pub const NON_ROUTABLE: [&str; 20] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/3",
    "4000::/2",
    "8000::/1",
    "2001:db8::/32",
    "3fff::/20",
    "2001:2::/48",
];

/// The globally routable addresses of a family, and their number.
struct Routable {
    ranges: Vec<Range>,
    total: u128,
}

impl Routable {
    fn of(family: Family) -> Self {
        let mut left = AddressSet::default();
        for net in NON_ROUTABLE.iter().filter_map(|text| text.parse::<IpNet>().ok()) {
            if Family::of(&net) == family {
                left.add(bounds(&net));
            }
        }
        let whole = (0, if family == Family::V4 { u128::from(u32::MAX) } else { u128::MAX });
        let ranges = left.add(whole);
        let total = ranges.iter().map(|(first, last)| last - first + 1).sum();
        Self { ranges, total }
    }

    /// How many addresses of a range are globally routable.
    fn within(&self, (first, last): Range) -> u128 {
        let from = self.ranges.partition_point(|range| range.1 < first);
        let here = self.ranges.iter().skip(from).take_while(|range| range.0 <= last);
        here.map(|range| range.1.min(last) - range.0.max(first) + 1).sum()
    }
}

static ROUTABLE: LazyLock<[Routable; 2]> =
    LazyLock::new(|| [Routable::of(Family::V4), Routable::of(Family::V6)]);

impl Family {
    pub const ALL: [Self; 2] = [Self::V4, Self::V6];

    pub fn of(net: &IpNet) -> Self {
        if matches!(net, IpNet::V4(_)) { Self::V4 } else { Self::V6 }
    }

    fn routable(self) -> &'static Routable {
        let [v4, v6] = &*ROUTABLE;
        if self == Self::V4 { v4 } else { v6 }
    }

    /// How many globally routable addresses the family has in some ranges that do not overlap.
    pub fn routable_in(self, ranges: &[Range]) -> u128 {
        ranges.iter().map(|range| self.routable().within(*range)).sum()
    }

    /// Whether a number of globally routable addresses is the internet: at least 95 percent of
    /// them.
    pub fn is_internet(self, addresses: u128) -> bool {
        let total = self.routable().total;
        addresses >= total - total / MISSING
    }

    /// Whether a number of globally routable addresses is so large that the others are not the
    /// internet: more than 5 percent of them.
    pub fn is_large_part(self, addresses: u128) -> bool {
        !self.is_internet(self.routable().total.saturating_sub(addresses))
    }
}

/// The first and last address of a range, as numbers.
pub fn bounds(net: &IpNet) -> Range {
    match net {
        IpNet::V4(net) => (u32::from(net.network()).into(), u128::from(u32::from(net.broadcast()))),
        IpNet::V6(net) => (net.network().into(), net.broadcast().into()),
    }
}

/// A set of addresses of one family.
#[derive(Debug, Clone, Default)]
pub struct AddressSet {
    /// Ranges that neither overlap nor touch: first address → last address.
    ranges: BTreeMap<u128, u128>,
}

impl AddressSet {
    /// The union of ranges of one family.
    pub fn union<'a>(nets: impl IntoIterator<Item = &'a IpNet>) -> Self {
        let mut set = Self::default();
        for net in nets {
            set.add(bounds(net));
        }
        set
    }

    /// The parts of a range that are not in the set, in order.
    pub fn missing(&self, (first, last): Range) -> Vec<Range> {
        let mut parts = Vec::new();
        let mut at = first;
        let before = self.ranges.range(..=first).next_back();
        let here = before
            .into_iter()
            .chain(self.ranges.range(first.saturating_add(1)..=last.max(first.saturating_add(1))));
        for (&from, &to) in here {
            if to < at || from > last {
                continue;
            }
            if from > at {
                parts.push((at, from - 1));
            }
            match to.checked_add(1) {
                Some(next) if to < last => at = next,
                _ => return parts,
            }
        }
        parts.push((at, last));
        parts
    }

    /// Adds a range; returns its parts that were not in the set.
    pub fn add(&mut self, range: Range) -> Vec<Range> {
        let added = self.missing(range);
        if added.is_empty() {
            return added;
        }
        let (mut first, mut last) = range;
        // What overlaps or touches the range merges with it.
        if let Some((&from, &to)) = self.ranges.range(..=first).next_back()
            && to.saturating_add(1) >= first
        {
            first = from;
            last = last.max(to);
        }
        let end = last.saturating_add(1);
        let merged: Vec<u128> = self.ranges.range(first..=end).map(|(from, _)| *from).collect();
        for from in merged {
            if let Some(to) = self.ranges.remove(&from) {
                last = last.max(to);
            }
        }
        self.ranges.insert(first, last);
        added
    }

    /// Whether it contains every address of a range.
    pub fn contains(&self, net: &IpNet) -> bool {
        let (first, last) = bounds(net);
        self.ranges.range(..=first).next_back().is_some_and(|(_, to)| *to >= last)
    }

    /// How many of its addresses are globally routable.
    fn routable(&self, family: Family) -> u128 {
        self.ranges.iter().map(|(first, last)| family.routable().within((*first, *last))).sum()
    }

    /// Whether it is the internet of its family.
    pub fn is_internet(&self, family: Family) -> bool {
        family.is_internet(self.routable(family))
    }
}

/// For rules of which the first that matches decides: the globally routable addresses that each one
/// decides, given their ranges of one family in the order of precedence.
pub fn decided_addresses(family: Family, ranges: &[IpNet]) -> Vec<u128> {
    let mut decided = AddressSet::default();
    ranges.iter().map(|net| family.routable_in(&decided.add(bounds(net)))).collect()
}

/// Whether the union of ranges is the IPv4 internet, and whether it is the IPv6 internet.
pub fn covers_internet(ranges: &[IpNet]) -> (bool, bool) {
    let covers = |family| {
        AddressSet::union(ranges.iter().filter(|net| Family::of(net) == family)).is_internet(family)
    };
    (covers(Family::V4), covers(Family::V6))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set(ranges: &[Range]) -> AddressSet {
        let mut set = AddressSet::default();
        for range in ranges {
            set.add(*range);
        }
        set
    }

    #[test]
    fn the_routable_addresses_are_those_of_the_registries() {
        let v4: u128 = Family::V4.routable().total;
        // 224 blocks of /8 below multicast, without 0/8, 10/8, 127/8 and the smaller ranges.
        let smaller = (1 << 22) + (1 << 16) + (1 << 20) + (1 << 16) + (1 << 17) + 4 * (1 << 8);
        assert_eq!(v4, 221 * (1 << 24) - smaller);
        let v6 = Family::V6.routable().total;
        assert_eq!(v6, (1 << 125) - (1 << 96) - (1 << 108) - (1 << 80));
    }

    #[test]
    fn the_ends_of_the_address_space_are_safe() {
        let all = (0, u128::MAX);
        let mut whole = set(&[all]);
        assert_eq!(whole.missing(all), []);
        assert_eq!(whole.add(all), []);
        let mut ends = set(&[(0, 0), (u128::MAX, u128::MAX)]);
        assert_eq!(ends.missing(all), [(1, u128::MAX - 1)]);
        assert_eq!(ends.missing((u128::MAX, u128::MAX)), []);
        assert_eq!(ends.add((1, u128::MAX - 1)), [(1, u128::MAX - 1)]);
        assert_eq!(ends.ranges, BTreeMap::from([all]));
    }

    proptest! {
        #[test]
        fn sets_match_those_of_single_addresses(
            ranges in prop::collection::vec((0_u128..40, 0_u128..12), 0..12),
            (from, more) in (0_u128..40, 0_u128..12),
        ) {
            let ranges: Vec<Range> = ranges.iter().map(|(from, more)| (*from, from + more)).collect();
            let set = set(&ranges);
            let has = |at: u128| ranges.iter().any(|(first, last)| (*first..=*last).contains(&at));
            let missing = set.missing((from, from + more));
            for at in 0..60 {
                let within = set.ranges.iter().any(|(first, last)| (*first..=*last).contains(&at));
                prop_assert_eq!(within, has(at), "{}", at);
                let lacks = missing.iter().any(|(first, last)| (*first..=*last).contains(&at));
                prop_assert_eq!(lacks, (from..=from + more).contains(&at) && !has(at), "{}", at);
            }
            let apart: Vec<(&u128, &u128)> = set.ranges.iter().collect();
            prop_assert!(apart.windows(2).all(|pair| pair[0].1 + 1 < *pair[1].0), "{:?}", set);
        }
    }
}
