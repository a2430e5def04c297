//! Route tables: which one applies to a subnet, and where it sends internet traffic.

use ipnet::IpNet;

use super::address_set::{Family, decided_addresses};
use super::lists::{PrefixLists, WithUnknown, malformed};
use super::ranges::range;
use crate::facts::ec2::route_table::{Route, RouteTable, RouteTableAssociation};
use crate::facts::ec2::subnet::Subnet;
use crate::model::Cause;

/// How a route table applies to a subnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Association {
    /// It is explicitly associated with the subnet.
    Own,
    /// It is the main route table of the VPC, which applies if there is no association.
    Main,
}

impl Association {
    /// How a route table applies to a subnet, if it does.
    pub fn of(subnet: &Subnet, table: &RouteTable) -> Option<Self> {
        Self::of_subnet(&subnet.subnet_id, subnet.vpc_id.as_deref(), table)
    }

    /// The same, given the ids of the subnet and of its VPC.
    pub fn of_subnet(subnet: &str, vpc: Option<&str>, table: &RouteTable) -> Option<Self> {
        let mut associations = table.associations.iter().filter(|association| holds(association));
        if associations.clone().any(|association| association.subnet_id.as_deref() == Some(subnet))
        {
            return Some(Self::Own);
        }
        let is_main = table.vpc_id.is_some()
            && table.vpc_id.as_deref() == vpc
            && associations.any(|association| association.main == Some(true));
        is_main.then_some(Self::Main)
    }
}

fn holds(association: &RouteTableAssociation) -> bool {
    let state = association.association_state.as_ref().and_then(|state| state.state.as_deref());
    !matches!(state, Some("disassociating" | "disassociated" | "failed"))
}

/// Whether the route table is associated with a gateway, whose inbound traffic it routes.
pub fn is_of_gateway(table: &RouteTable, gateway: &str) -> bool {
    let mut associations = table.associations.iter().filter(|association| holds(association));
    associations.any(|association| association.gateway_id.as_deref() == Some(gateway))
}

/// Whether the route sends traffic to an internet gateway that exists.
pub fn is_to_internet_gateway(route: &Route) -> bool {
    targets_internet_gateway(route) && is_active(route)
}

/// Whether the target of the route is an internet gateway.
pub fn targets_internet_gateway(route: &Route) -> bool {
    route.gateway_id.as_deref().is_some_and(|id| id.starts_with("igw-"))
}

/// Whether the target of the route is available.
pub fn is_active(route: &Route) -> bool {
    route.state.as_deref().is_none_or(|state| state == "active")
}

/// The destinations of routes. Of routes with the same destination, the one that takes precedence is
/// first; more specific ones are before others.
pub struct Destinations<'a> {
    /// The position of the route, the route, and one of its ranges.
    all: Vec<(usize, &'a Route, IpNet)>,
    /// Destinations that are not valid.
    invalid: Vec<(&'a Route, Cause)>,
    /// Prefix lists whose entries are unknown, with their family if that is known.
    unavailable: Vec<(&'a Route, Option<Family>, Cause)>,
}

impl<'a> Destinations<'a> {
    /// The destinations of these routes.
    pub fn of<L: PrefixLists>(routes: &'a [Route], lists: &L) -> Result<Self, L::Error> {
        let (mut all, mut invalid, mut unavailable) = (Vec::new(), Vec::new(), Vec::new());
        for (place, route) in routes.iter().enumerate() {
            let own = [&route.destination_cidr_block, &route.destination_ipv6_cidr_block];
            let mut add = |cidr: &str| match range(cidr) {
                Some(net) => all.push((place, route, net)),
                None if !cidr.is_empty() => {
                    invalid.push((route, malformed("ec2:DescribeRouteTables", cidr)));
                }
                None => {}
            };
            own.into_iter().flatten().for_each(|cidr| add(cidr));
            if let Some(id) = route.destination_prefix_list_id.as_deref() {
                match lists.ranges(id)? {
                    Ok(cidrs) => cidrs.iter().for_each(|cidr| add(cidr)),
                    Err(cause) => unavailable.push((route, lists.family(id)?, cause)),
                }
            }
        }
        // Of routes with the same destination, one to a prefix list or a propagated one has the lower
        // priority.
        all.sort_by_key(|(_, route, net)| {
            let propagated = matches!(
                route.origin.as_deref(),
                Some("EnableVgwRoutePropagation" | "Advertisement")
            );
            let listed = route.destination_prefix_list_id.is_some();
            (std::cmp::Reverse(net.prefix_len()), propagated, listed)
        });
        Ok(Self { all, invalid, unavailable })
    }

    /// The routes of a family that decide where globally routable addresses are sent, with the
    /// number of these addresses. The most specific route decides.
    pub fn deciding(&self, family: Family) -> impl Iterator<Item = (usize, &'a Route, u128)> {
        let of_family: Vec<&(usize, &'a Route, IpNet)> =
            self.all.iter().filter(|(.., net)| Family::of(net) == family).collect();
        let nets: Vec<IpNet> = of_family.iter().map(|(.., net)| *net).collect();
        let decided = of_family.into_iter().zip(decided_addresses(family, &nets));
        let decided: Vec<_> = decided
            .filter(|(_, own)| *own > 0)
            .map(|((place, route, _), own)| (*place, *route, own))
            .collect();
        decided.into_iter()
    }

    /// Why it is unknown where some of the routes lead that matter, for a family or for both.
    pub fn unknown(&self, family: Option<Family>, counts: impl Fn(&Route) -> bool) -> Vec<Cause> {
        let is_other = |own: &Option<Family>| own.is_some() && family.is_some() && *own != family;
        let unavailable = self.unavailable.iter().filter(|(_, own, _)| !is_other(own));
        let unavailable = unavailable.map(|(route, _, cause)| (route, cause));
        let invalid = self.invalid.iter().map(|(route, cause)| (route, cause));
        let unknown = invalid.chain(unavailable).filter(|(route, _)| counts(route));
        unknown.map(|(_, cause)| cause.clone()).collect()
    }

    /// The most specific route for a whole range.
    pub fn for_range(&self, range: &IpNet) -> Option<&'a Route> {
        let mut all = self.all.iter();
        all.find(|(.., net)| net.contains(range)).map(|(_, route, _)| *route)
    }
}

/// The routes that `counts` and that internet traffic takes: those that do so alone, or else all of
/// a family that add up to the internet. The most specific route decides, so a route does not count
/// for addresses that other routes take away.
pub fn default_routes<'a, L: PrefixLists>(
    routes: &'a [Route],
    lists: &L,
    counts: impl Fn(&Route) -> bool,
) -> Result<WithUnknown<Vec<&'a Route>>, L::Error> {
    let destinations = Destinations::of(routes, lists)?;
    let mut found: Vec<(usize, &Route)> = Vec::new();
    for family in Family::ALL {
        let mine: Vec<(usize, &Route, u128)> =
            destinations.deciding(family).filter(|(_, route, _)| counts(route)).collect();
        if family.is_internet(mine.iter().map(|(.., own)| *own).sum()) {
            let alone = mine.iter().any(|(.., own)| family.is_internet(*own));
            let chosen = mine.iter().filter(|(.., own)| !alone || family.is_internet(*own));
            found.extend(chosen.map(|(place, route, _)| (*place, *route)));
        }
    }
    let unknown = if found.is_empty() { destinations.unknown(None, &counts) } else { Vec::new() };
    // A route to a prefix list has many ranges.
    found.sort_by_key(|(place, _)| *place);
    found.dedup_by_key(|(place, _)| *place);
    Ok(WithUnknown { known: found.into_iter().map(|(_, route)| route).collect(), unknown })
}
