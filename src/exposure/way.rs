//! The way between an internet gateway and a subnet: the route of the subnet, and that of the gateway
//! if an appliance inspects the traffic.

use std::collections::BTreeMap;

use ipnet::IpNet;

use super::address_set::Family;
use super::check::Check;
use super::interface::Interface;
use super::lists::PrefixLists;
use super::obstacle::Obstacle;
use super::ranges::range;
use super::routes::{
    Association, Destinations, is_active, is_of_gateway, is_to_internet_gateway,
    targets_internet_gateway,
};
use super::surroundings::Surroundings;
use crate::facts::ec2::internet_gateway::InternetGateway;
use crate::facts::ec2::route_table::{Route, RouteTable};
use crate::facts::ec2::subnet::SubnetIpv6CidrBlockAssociation;
use crate::model::Cause;

const ROUTE_TABLES: &str = "ec2:DescribeRouteTables";

/// The way from an internet gateway to a subnet and back.
#[derive(Debug, Clone)]
pub(super) struct Way {
    /// The internet gateway.
    pub(super) gateway: String,
    /// The appliance that the route table of the gateway sends the traffic to.
    pub(super) appliance: Option<String>,
    /// The route table of the subnet.
    pub(super) table: String,
    /// The destination of its route.
    pub(super) route: String,
    /// How many more routes are needed to cover the internet.
    pub(super) more_routes: usize,
}

/// Finds the way from the internet to the subnet of an interface.
pub(super) fn find<L: PrefixLists>(
    interface: &Interface,
    around: &Surroundings,
    family: Family,
    lists: &L,
) -> Result<Check<Way>, L::Error> {
    let tables = match &around.route_tables {
        Ok(tables) => tables,
        Err(cause) => return Ok(Check::Unknown(vec![cause.clone()])),
    };
    let Some(table) = table_of(interface, tables) else {
        let message = "the route table of the subnet is not among the route tables of the account";
        return Ok(unknown(Cause::new(ROUTE_TABLES, Cause::NOT_COLLECTED, message)));
    };
    let destinations = Destinations::of(&table.routes, lists)?;
    let deciding = by_route(destinations.deciding(family));
    let edge = Edge { interface, around, tables, family };
    if let Some((route, more)) = default(family, &deciding, is_to_internet_gateway) {
        let gateway = route.gateway_id.clone().unwrap_or_default();
        if let Some(obstacle) = edge.detached(&gateway) {
            return Ok(Check::Closed(obstacle));
        }
        return Ok(match edge.redirect(&gateway, lists)? {
            Redirect::Unknown(cause) => unknown(cause),
            Redirect::Dropped(obstacle) => Check::Closed(obstacle),
            // The instance itself passes the traffic on from its other interface.
            Redirect::To { inbound, .. } if edge.is_of_instance(inbound) => {
                Check::Open(way(gateway, Some(inbound), table, (route, more)))
            }
            Redirect::To { table: of_gateway, inbound } => {
                let back = "the internet gateway directly";
                Check::Closed(asymmetric((of_gateway, &gateway, inbound), (table, back)))
            }
            Redirect::No => {
                // More specific routes can take traffic away from the gateway.
                let causes = destinations.unknown(Some(family), may_take_traffic);
                if !causes.is_empty() {
                    return Ok(Check::Unknown(causes));
                }
                Check::Open(way(gateway, None, table, (route, more)))
            }
        });
    }
    let causes = destinations.unknown(Some(family), is_to_internet_gateway);
    if !causes.is_empty() {
        return Ok(Check::Unknown(causes));
    }
    if let Some(route) = default(family, &deciding, is_to_appliance) {
        let gateways = match &around.internet_gateways {
            Ok(gateways) => gateways,
            Err(cause) => return Ok(unknown(cause.clone())),
        };
        for gateway in gateways.iter().filter(|gateway| edge.is_attached(gateway)) {
            let id = &gateway.internet_gateway_id;
            match edge.redirect(id, lists)? {
                Redirect::Unknown(cause) => return Ok(unknown(cause)),
                Redirect::Dropped(obstacle) => return Ok(Check::Closed(obstacle)),
                Redirect::To { table: of_gateway, inbound } => {
                    // AWS does not support asymmetric routing through appliances.
                    let is_back = |route: &Route| is_active(route) && may_be_same(route, inbound);
                    if let Some(back) = default(family, &deciding, is_back) {
                        return Ok(Check::Open(way(id.clone(), Some(inbound), table, back)));
                    }
                    let back = in_words(route.0);
                    let obstacle = asymmetric((of_gateway, id, inbound), (table, &back));
                    return Ok(Check::Closed(obstacle));
                }
                Redirect::No => {}
            }
        }
    }
    Ok(Check::Closed(obstacle(family, table, &deciding)))
}

fn unknown<T>(cause: Cause) -> Check<T> {
    Check::Unknown(vec![cause])
}

fn way(
    gateway: String,
    inbound: Option<&Route>,
    table: &RouteTable,
    (route, more_routes): (&Route, usize),
) -> Way {
    let appliance = inbound.and_then(target).map(|(_, id)| id.to_owned());
    let table = table.route_table_id.clone();
    Way { gateway, appliance, table, route: destination(route), more_routes }
}

/// Why traffic that a gateway sends to an appliance gets no response: it would not pass the appliance.
fn asymmetric(
    (of_gateway, gateway, inbound): (&RouteTable, &str, &Route),
    (table, back): (&RouteTable, &str),
) -> Obstacle {
    let message = format!(
        "route table {} of {gateway} sends traffic to {}, but route table {} sends responses to {back}",
        of_gateway.route_table_id,
        target(inbound).map_or_else(String::new, |(_, id)| id.to_owned()),
        table.route_table_id
    );
    Obstacle::new(Obstacle::REDIRECTED, &table.route_table_id, &message)
}

/// The target of a route with its kind: `endpoint vpce-1`.
fn in_words(route: &Route) -> String {
    let words = target(route).map(|(name, id)| format!("{name} {id}").trim().to_owned());
    words.unwrap_or_default()
}

/// Whether two routes may lead to the same appliance, which can have several network interfaces.
fn may_be_same(one: &Route, other: &Route) -> bool {
    let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
    if same(&one.gateway_id, &other.gateway_id)
        || same(&one.network_interface_id, &other.network_interface_id)
        || same(&one.instance_id, &other.instance_id)
    {
        return true;
    }
    // Whose interfaces these are is not known of planned routes.
    let is_interface = |route: &Route| route.network_interface_id.is_some();
    let is_of_unknown = one.instance_id.is_none() || other.instance_id.is_none();
    is_interface(one) && is_interface(other) && is_of_unknown
}

/// Whether a route whose destination is unknown may be one for the internet that does not lead to an
/// internet gateway. Those to gateway endpoints are for the addresses of one service.
fn may_take_traffic(route: &Route) -> bool {
    let is_endpoint = route.gateway_id.as_deref().is_some_and(|id| id.starts_with("vpce-"));
    target(route).is_some() && !is_endpoint && !is_to_internet_gateway(route)
}

fn destination(route: &Route) -> String {
    let range =
        route.destination_cidr_block.as_ref().or(route.destination_ipv6_cidr_block.as_ref());
    range.or(route.destination_prefix_list_id.as_ref()).cloned().unwrap_or_default()
}

/// The route table of the subnet of an interface.
fn table_of<'a>(interface: &Interface, tables: &'a [RouteTable]) -> Option<&'a RouteTable> {
    let subnet = interface.subnet_id.as_deref()?;
    let of =
        |table: &RouteTable| Association::of_subnet(subnet, interface.vpc_id.as_deref(), table);
    let own = tables.iter().find(|table| of(table) == Some(Association::Own));
    own.or_else(|| tables.iter().find(|table| of(table) == Some(Association::Main)))
}

/// The routes that decide, with the number of addresses: a prefix list has several ranges.
fn by_route<'a>(
    deciding: impl Iterator<Item = (usize, &'a Route, u128)>,
) -> Vec<(&'a Route, u128)> {
    let mut all: BTreeMap<usize, (&Route, u128)> = BTreeMap::new();
    for (place, route, own) in deciding {
        all.entry(place).or_insert((route, 0)).1 += own;
    }
    all.into_values().collect()
}

/// The route of a kind that decides most of the internet, if such routes decide all of it, and how many
/// more of them it takes.
fn default<'a>(
    family: Family,
    deciding: &[(&'a Route, u128)],
    is_such: impl Fn(&Route) -> bool,
) -> Option<(&'a Route, usize)> {
    let such: Vec<&(&Route, u128)> = deciding.iter().filter(|(route, _)| is_such(route)).collect();
    let all: u128 = such.iter().map(|(_, own)| own).sum();
    let more = such.len().saturating_sub(1);
    let (route, own) = such.into_iter().max_by_key(|(_, own)| *own)?;
    let more = if family.is_internet(*own) { 0 } else { more };
    family.is_internet(all).then_some((route, more))
}

/// Whether a route leads to something that can pass traffic on: a firewall or Gateway Load Balancer
/// endpoint, or a network interface.
fn is_to_appliance(route: &Route) -> bool {
    let endpoint = route.gateway_id.as_deref().is_some_and(|id| id.starts_with("vpce-"));
    is_active(route)
        && (endpoint || route.network_interface_id.is_some() || route.instance_id.is_some())
}

/// The target of a route, unless it is the VPC itself.
fn target(route: &Route) -> Option<(&'static str, &str)> {
    let targets: [(&'static str, &Option<String>); 12] = [
        ("NAT gateway", &route.nat_gateway_id),
        ("egress-only internet gateway", &route.egress_only_internet_gateway_id),
        ("transit gateway", &route.transit_gateway_id),
        ("VPC peering connection", &route.vpc_peering_connection_id),
        ("network interface", &route.network_interface_id),
        ("instance", &route.instance_id),
        ("local gateway", &route.local_gateway_id),
        ("carrier gateway", &route.carrier_gateway_id),
        ("core network", &route.core_network_arn),
        ("ODB network", &route.odb_network_arn),
        ("next hop", &route.ip_address),
        ("", &route.gateway_id),
    ];
    let named = |(name, id): (&'static str, &'_ str)| match id {
        id if !name.is_empty() || id == "local" => name,
        id if id.starts_with("igw-") => "internet gateway",
        id if id.starts_with("vgw-") => "virtual private gateway",
        id if id.starts_with("vpce-") => "endpoint",
        _ => "gateway",
    };
    let mut known = targets
        .into_iter()
        .filter_map(|(name, id)| Some((name, id.as_deref().filter(|id| !id.is_empty())?)));
    let (name, id) = known.next()?;
    (id != "local").then(|| (named((name, id)), id))
}

/// Whether a subnet has an IPv6 range. AWS lists ranges for a while after they were disassociated.
fn is_associated(range: &SubnetIpv6CidrBlockAssociation) -> bool {
    let state = range.ipv6_cidr_block_state.as_ref().and_then(|state| state.state.as_deref());
    !matches!(state, Some("disassociating" | "disassociated" | "failing" | "failed"))
}

/// Where an internet gateway sends the traffic for a subnet.
enum Redirect<'a> {
    /// To the interface itself, if to anything.
    No,
    /// To an appliance, by a route of a route table.
    To {
        table: &'a RouteTable,
        inbound: &'a Route,
    },
    /// To an appliance that is not available.
    Dropped(Obstacle),
    Unknown(Cause),
}

/// The edge of a VPC: its internet gateways and their route tables.
struct Edge<'a> {
    interface: &'a Interface,
    around: &'a Surroundings,
    tables: &'a [RouteTable],
    family: Family,
}

impl<'a> Edge<'a> {
    fn is_attached(&self, gateway: &InternetGateway) -> bool {
        gateway.attachments.iter().any(|attachment| {
            attachment.vpc_id.is_some()
                && attachment.vpc_id == self.interface.vpc_id
                && !matches!(attachment.state.as_deref(), Some("detaching" | "detached"))
        })
    }

    /// Whether the target of a route is the interface itself.
    fn is_itself(&self, route: &Route) -> bool {
        let id = Some(self.interface.id.as_str()).filter(|id| !id.is_empty());
        id.is_some() && route.network_interface_id.as_deref() == id
    }

    /// Whether the target of a route is the instance of the interface.
    fn is_of_instance(&self, route: &Route) -> bool {
        let id = self.interface.instance_id.as_ref().filter(|id| !id.is_empty());
        id.is_some() && route.instance_id.as_ref() == id
    }

    /// Why the gateway of a route passes no traffic. One that is not among the gateways of the
    /// account belongs to the owner of a shared VPC; its route is active.
    fn detached(&self, id: &str) -> Option<Obstacle> {
        self.interface.vpc_id.as_ref()?;
        let mut gateways = self.around.internet_gateways.iter().flatten();
        let gateway = gateways.find(|gateway| gateway.internet_gateway_id == id)?;
        if self.is_attached(gateway) {
            return None;
        }
        let message = format!("internet gateway {id} is not attached to the VPC");
        Some(Obstacle::new(Obstacle::BAD_ATTACHMENT, id, &message))
    }

    /// The ranges of the subnet; those of its IPv6 ranges that the interface has addresses of.
    fn ranges(&self) -> Option<Vec<IpNet>> {
        let mut subnets = self.around.subnets.iter().flatten();
        let subnet =
            subnets.find(|subnet| Some(&subnet.subnet_id) == self.interface.subnet_id.as_ref())?;
        Some(match self.family {
            Family::V4 => subnet.cidr_block.as_deref().and_then(range).into_iter().collect(),
            Family::V6 => {
                let all = subnet.ipv6_cidr_block_association_set.iter();
                let here = all.filter(|one| is_associated(one));
                let here: Vec<IpNet> =
                    here.filter_map(|one| range(one.ipv6_cidr_block.as_deref()?)).collect();
                let own: Vec<IpNet> =
                    self.interface.ipv6.iter().filter_map(|one| range(one)).collect();
                let has_own = |net: &&IpNet| own.iter().any(|one| net.contains(one));
                let with_own: Vec<IpNet> = here.iter().filter(has_own).copied().collect();
                if with_own.is_empty() { here } else { with_own }
            }
        })
    }

    /// Whether the route table of a gateway sends the traffic for the subnet to an appliance.
    fn redirect<L: PrefixLists>(&self, gateway: &str, lists: &L) -> Result<Redirect<'a>, L::Error> {
        let is_elsewhere = |route: &Route| target(route).is_some() && !self.is_itself(route);
        for table in self.tables.iter().filter(|table| is_of_gateway(table, gateway)) {
            if !table.routes.iter().any(is_elsewhere) {
                continue;
            }
            let Some(ranges) = self.ranges().filter(|ranges| !ranges.is_empty()) else {
                let cause = match &self.around.subnets {
                    Err(cause) => cause.clone(),
                    Ok(_) => Cause::new(
                        "ec2:DescribeSubnets",
                        Cause::NOT_COLLECTED,
                        "the range of the subnet is not known",
                    ),
                };
                return Ok(Redirect::Unknown(cause));
            };
            let destinations = Destinations::of(&table.routes, lists)?;
            let route = ranges.iter().find_map(|range| destinations.for_range(range));
            let Some(inbound) = route.filter(|route| is_elsewhere(route)) else { continue };
            // The route to a stopped instance is a blackhole until it is started.
            if !is_active(inbound) && !self.is_of_instance(inbound) {
                let id = &table.route_table_id;
                let appliance = target(inbound).map_or("", |(_, id)| id);
                let message =
                    format!("route table {id} of {gateway} has a blackhole route to {appliance}");
                return Ok(Redirect::Dropped(Obstacle::new(Obstacle::BAD_ROUTE, id, &message)));
            }
            return Ok(Redirect::To { table, inbound });
        }
        Ok(Redirect::No)
    }
}

/// Why the route table of the subnet leads to no internet gateway.
fn obstacle(family: Family, table: &RouteTable, deciding: &[(&Route, u128)]) -> Obstacle {
    let id = &table.route_table_id;
    let destination = if family == Family::V4 { "0.0.0.0/0" } else { "::/0" };
    if let Some((route, _)) = default(family, deciding, targets_internet_gateway) {
        let gateway = route.gateway_id.as_deref().unwrap_or_default();
        let message = format!("route table {id} has a blackhole route to {gateway}");
        return Obstacle::new(Obstacle::BAD_ROUTE, id, &message);
    }
    let is_default = |route: &Route| {
        let range = match family {
            Family::V4 => route.destination_cidr_block.as_deref(),
            Family::V6 => route.destination_ipv6_cidr_block.as_deref(),
        };
        range == Some(destination) && is_to_internet_gateway(route)
    };
    let elsewhere = deciding
        .iter()
        .filter(|(route, _)| !targets_internet_gateway(route))
        .filter_map(|(route, own)| Some((route, target(route)?, *own)))
        .max_by_key(|(.., own)| *own)
        .map(|(route, (name, to), _)| (is_active(route), format!("{name} {to}").trim().to_owned()));
    let (code, message) = match elsewhere {
        Some((false, to)) if table.routes.iter().any(is_default) => (
            Obstacle::MORE_SPECIFIC_ROUTE,
            format!(
                "more specific routes of route table {id} drop internet traffic: they are blackhole routes to {to}"
            ),
        ),
        Some((false, to)) => {
            (Obstacle::BAD_ROUTE, format!("route table {id} has a blackhole route to {to}"))
        }
        Some((true, to)) if table.routes.iter().any(is_default) => (
            Obstacle::MORE_SPECIFIC_ROUTE,
            format!("more specific routes of route table {id} send internet traffic to {to}"),
        ),
        Some((true, to)) => (
            Obstacle::NO_ROUTE,
            format!("route table {id} sends internet traffic to {to}, not to an internet gateway"),
        ),
        None => (
            Obstacle::NO_ROUTE,
            format!("route table {id} has no route for {destination} to an internet gateway"),
        ),
    };
    Obstacle::new(code, id, &message)
}
