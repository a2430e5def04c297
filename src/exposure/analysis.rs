//! Whether the internet reaches a network interface, on which ports, and by which path.
//!
//! A path needs every component: a public address, an internet gateway that VPC Block Public Access
//! does not block, a route to it, a network ACL that allows the traffic and its responses, and a
//! security group that allows the traffic. Each component counts if it allows the internet, which is
//! at least 95 percent of the globally routable addresses of a family; a network ACL blocks the
//! traffic only if it denies as much. If one component blocks the traffic, the others do not matter;
//! otherwise, if one is unknown, the result is unknown.

use std::collections::BTreeSet;

use super::acl::AclEntries;
use super::address_set::Family;
use super::check::Check;
use super::groups::Groups;
use super::interface::Interface;
use super::lists::PrefixLists;
use super::obstacle::Obstacle;
use super::openings::{Families, Port, stretches};
use super::path::Path;
use super::protocols::{has_types, last, protocol_name};
use super::ranges::range;
use super::subnet_acl::SubnetAcl;
use super::surroundings::Surroundings;
use super::way::Way;
use crate::model::Cause;

/// The most port ranges that are evaluated for a protocol.
const MAX_STRETCHES: usize = 2_000;

/// The most protocols that are evaluated.
const MAX_PROTOCOLS: usize = 32;

/// The most obstacles that are listed for a family.
const MAX_OBSTACLES: usize = 10;

/// The most paths that are listed.
const MAX_PATHS: usize = 200;

/// The traffic that is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Traffic {
    /// Any traffic.
    Any,
    /// A protocol, and ranges of its ports or ICMP types.
    Ports {
        /// The protocol.
        protocol: i64,
        /// First and last ports.
        ranges: Vec<(i64, i64)>,
    },
}

impl Traffic {
    /// Single ports of a protocol.
    pub fn ports(protocol: i64, ports: &[Port]) -> Self {
        let ranges = ports.iter().map(|&port| (port.into(), port.into())).collect();
        Self::Ports { protocol, ranges }
    }
}

/// Whether the internet reaches something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// There is a path.
    Reachable,
    /// There is no path.
    NotReachable,
    /// There is no known path, but something that could be part of one was not read.
    Unknown,
}

/// What blocks the traffic of an address family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// The family.
    pub family: Family,
    /// The components that block it.
    pub obstacles: Vec<Obstacle>,
}

/// Who reaches a network interface from the internet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exposure {
    /// The paths that are open.
    pub paths: Vec<Path>,
    /// What blocks the traffic of families without a path.
    pub blocked: Vec<Blocked>,
    /// What was not read and could be part of another path.
    pub unknown: Vec<Cause>,
}

impl Exposure {
    /// The result in one word.
    pub fn reach(&self) -> Reach {
        match (self.paths.is_empty(), self.unknown.is_empty()) {
            (false, _) => Reach::Reachable,
            (true, true) => Reach::NotReachable,
            (true, false) => Reach::Unknown,
        }
    }
}

/// Finds the paths from the internet to a network interface.
pub fn analyze<L: PrefixLists>(
    interface: &Interface,
    around: &Surroundings,
    traffic: &Traffic,
    lists: &L,
) -> Result<Exposure, L::Error> {
    let groups = Groups::of(interface, around);
    let acl = SubnetAcl::of(interface, around);
    let mut exposure = Exposure::default();
    for family in Family::ALL {
        let search =
            Search { interface, around, traffic, lists, groups: &groups, acl: &acl, family };
        search.run(&mut exposure)?;
    }
    let mut seen = BTreeSet::new();
    exposure.unknown.retain(|cause| seen.insert(cause.clone()));
    exposure.paths.truncate(MAX_PATHS);
    exposure.paths.iter_mut().for_each(|path| path.traffic = path.traffic_in_words());
    Ok(exposure)
}

/// A security group rule that allows traffic.
#[derive(Debug, Clone)]
struct Source {
    group: String,
    cidr: String,
    /// How many more ranges are needed.
    more: usize,
    /// The other groups that they are of.
    other_groups: Vec<String>,
    prefix_list: Option<String>,
}

/// Ports for which the security groups have the same rules.
struct GroupStretch {
    from: i64,
    to: i64,
    /// What allows them; otherwise, why that is unknown, if it is.
    source: Result<Source, Vec<Cause>>,
}

/// A search for paths of one address family.
struct Search<'a, L> {
    interface: &'a Interface,
    around: &'a Surroundings,
    traffic: &'a Traffic,
    lists: &'a L,
    groups: &'a Groups,
    acl: &'a SubnetAcl<'a>,
    family: Family,
}

/// The components that are the same for all ports.
struct Common {
    addresses: Vec<String>,
    way: Way,
}

impl<L: PrefixLists> Search<'_, L> {
    fn run(&self, exposure: &mut Exposure) -> Result<(), L::Error> {
        let (mut blocks, mut unknown) = (Vec::new(), Vec::new());
        let addresses = self.addresses().split(&mut blocks, &mut unknown);
        if addresses.is_none() && unknown.is_empty() {
            exposure.blocked.push(Blocked { family: self.family, obstacles: blocks });
            return Ok(());
        }
        let way = super::way::find(self.interface, self.around, self.family, self.lists)?;
        let through_endpoint = match &way {
            Check::Open(way) => way.appliance.as_deref().is_some_and(|id| id.starts_with("vpce-")),
            _ => false,
        };
        let allowed = super::block::check(self.interface, self.around, through_endpoint);
        let allowed = allowed.split(&mut blocks, &mut unknown);
        let way = way.split(&mut blocks, &mut unknown);
        let common = match (addresses, allowed, way) {
            (Some(addresses), Some(()), Some(way)) => Some(Common { addresses, way }),
            _ => None,
        };
        let is_blocked = !blocks.is_empty();
        let mut ports = Ports::default();
        for (protocol, name) in self.protocols() {
            self.protocol(protocol, &name, common.as_ref(), &mut ports)?;
        }
        if matches!(self.traffic, Traffic::Any) {
            if !ports.groups_allow {
                ports.blocks.push(self.groups.obstacle(self.family, None));
            }
            collapse(&mut ports.paths, self.protocols().len());
        }
        if !is_blocked {
            // What is unknown for all ports matters if the rest allows some of them.
            let allows = ports.allowed || !ports.unknown.is_empty();
            exposure.unknown.extend(unknown.into_iter().filter(|_| allows));
            exposure.unknown.append(&mut ports.unknown);
            exposure.paths.append(&mut ports.paths);
        }
        let is_open = exposure.paths.iter().any(|path| path.ip_version == version(self.family));
        if !is_open {
            blocks.append(&mut ports.blocks);
            let mut seen = BTreeSet::new();
            blocks.retain(|one| seen.insert((one.code, one.message.clone())));
            blocks.truncate(MAX_OBSTACLES);
            if !blocks.is_empty() {
                exposure.blocked.push(Blocked { family: self.family, obstacles: blocks });
            }
        }
        Ok(())
    }

    /// The public addresses.
    fn addresses(&self) -> Check<Vec<String>> {
        let id = &self.interface.id;
        let addresses: Vec<String> = match self.family {
            Family::V4 => self.interface.public_ipv4.clone(),
            Family::V6 => {
                let ipv6 = self.interface.ipv6.iter();
                ipv6.filter(|address| !self.is_private(address)).cloned().collect()
            }
        };
        let gaps = match self.family {
            Family::V4 => &self.interface.gaps.ipv4,
            Family::V6 => &self.interface.gaps.ipv6,
        };
        if addresses.is_empty() && gaps.is_empty() {
            return Check::Closed(Obstacle::no_address(self.family, id));
        }
        if self.interface.denies_gateways {
            let message =
                format!("network interface {id} accepts no traffic from internet gateways");
            return Check::Closed(Obstacle::new(Obstacle::NO_PUBLIC_ADDRESS, id, &message));
        }
        if addresses.is_empty() {
            return Check::Unknown(gaps.clone());
        }
        Check::Open(addresses)
    }

    /// Whether an IPv6 address is in a range of the subnet that is not advertised to the internet.
    fn is_private(&self, address: &str) -> bool {
        let Some(address) = range(address) else { return false };
        let subnets = self.around.subnets.iter().flatten();
        let here =
            subnets.filter(|subnet| Some(&subnet.subnet_id) == self.interface.subnet_id.as_ref());
        let mut ranges = here.flat_map(|subnet| &subnet.ipv6_cidr_block_association_set);
        ranges.any(|one| {
            one.ipv6_address_attribute.as_deref() == Some("private")
                && one
                    .ipv6_cidr_block
                    .as_deref()
                    .and_then(range)
                    .is_some_and(|range| range.contains(&address))
        })
    }

    /// The protocols to evaluate, with their names in paths.
    fn protocols(&self) -> Vec<(i64, String)> {
        let named = |protocol: i64| (protocol, protocol_name(protocol));
        // Each family has its own ICMP.
        let (icmp, other_icmp) = if self.family == Family::V4 { (1, 58) } else { (58, 1) };
        if let Traffic::Ports { protocol, .. } = self.traffic {
            let asked = Some(*protocol).filter(|protocol| *protocol != other_icmp);
            return asked.map(named).into_iter().collect();
        }
        let mut protocols: BTreeSet<i64> = [6, 17, icmp].into();
        protocols.extend(self.groups.protocols());
        let is_all = protocols.remove(&-1) || !self.groups.missing.is_empty();
        if is_all {
            let entries = [&self.acl.inbound, &self.acl.outbound];
            protocols.extend(entries.into_iter().flat_map(AclEntries::protocols));
        }
        protocols.retain(|protocol| (0..=255).contains(protocol) && *protocol != other_icmp);
        let other = (2..=254).rev().find(|number| !protocols.contains(number));
        let named = protocols.into_iter().take(MAX_PROTOCOLS).map(named);
        let other = other.filter(|_| is_all).map(|number| (number, "other".to_owned()));
        named.chain(other).collect()
    }

    /// What the security groups decide about the ports of a protocol.
    fn group_stretches(&self, protocol: i64) -> Result<Vec<GroupStretch>, L::Error> {
        let families = Families::only(self.family);
        let range = self.asked(protocol);
        let all = stretches(&self.groups.permissions, protocol, range, families, self.lists)?;
        let stretch = |stretch: super::openings::Stretch<'_>| {
            let source = match stretch.sources.first() {
                Some(source) => {
                    let needed = match source.is_internet() {
                        true => std::slice::from_ref(source),
                        false => &stretch.sources,
                    };
                    let mut groups: Vec<String> = Vec::new();
                    for one in needed {
                        let group = self.groups.owners.get(one.position);
                        groups.extend(group.filter(|group| !groups.contains(group)).cloned());
                    }
                    Ok(Source {
                        other_groups: groups.split_off(groups.len().min(1)),
                        group: groups.pop().unwrap_or_default(),
                        cidr: source.cidr.clone(),
                        more: needed.len() - 1,
                        prefix_list: source.prefix_list_id.map(str::to_owned),
                    })
                }
                None => Err([stretch.unavailable, self.groups.missing.clone()].concat()),
            };
            GroupStretch { from: stretch.from, to: stretch.to.min(range.1), source }
        };
        Ok(all.into_iter().map(stretch).collect())
    }

    /// The first and the last port, or ICMP type, that is asked about.
    fn asked(&self, protocol: i64) -> (i64, i64) {
        let all = (0, last(protocol));
        let Traffic::Ports { ranges, .. } = self.traffic else { return all };
        let from = ranges.iter().map(|range| range.0).min().unwrap_or(all.0);
        let to = ranges.iter().map(|range| range.1).max().unwrap_or(all.1);
        (from.clamp(all.0, all.1), to.clamp(all.0, all.1))
    }

    /// Adds what is reachable of a protocol.
    fn protocol(
        &self,
        protocol: i64,
        name: &str,
        common: Option<&Common>,
        ports: &mut Ports,
    ) -> Result<(), L::Error> {
        let edges: BTreeSet<i64> = self.acl.inbound.edges(protocol).collect();
        let mut paths: Vec<Path> = Vec::new();
        let mut left = MAX_STRETCHES;
        for stretch in self.group_stretches(protocol)? {
            let is_closed = matches!(&stretch.source, Err(causes) if causes.is_empty());
            ports.groups_allow |= !is_closed;
            if is_closed && matches!(self.traffic, Traffic::Any) {
                continue;
            }
            for (from, to) in self.wanted(&stretch) {
                let starts =
                    edges.range((std::ops::Bound::Excluded(from), std::ops::Bound::Included(to)));
                let starts: Vec<i64> = std::iter::once(from).chain(starts.copied()).collect();
                for (index, &start) in starts.iter().enumerate() {
                    let end = starts.get(index + 1).map_or(to, |next| next - 1);
                    let Some(more) = left.checked_sub(1) else {
                        let message = format!(
                            "network interface {} has too many rules to evaluate",
                            self.interface.id
                        );
                        let call = "ec2:DescribeSecurityGroups";
                        ports.unknown.push(Cause::new(call, Cause::NOT_EVALUATED, &message));
                        break;
                    };
                    left = more;
                    let (mut blocks, mut unknown) = (Vec::new(), Vec::new());
                    let span = (start, end);
                    if is_closed {
                        let traffic = Some((protocol, span));
                        blocks.push(self.groups.obstacle(self.family, traffic));
                    }
                    let ingress = self.acl.inbound(self.family, protocol, span);
                    let ingress = ingress.split(&mut blocks, &mut unknown);
                    let egress = self.acl.outbound(self.family, protocol, span);
                    let egress = egress.split(&mut blocks, &mut unknown);
                    if !blocks.is_empty() {
                        ports.block(blocks);
                        continue;
                    }
                    ports.allowed = true;
                    let source = match &stretch.source {
                        Ok(source) => source,
                        Err(causes) => {
                            unknown.extend(causes.iter().cloned());
                            ports.unknown.append(&mut unknown);
                            continue;
                        }
                    };
                    ports.unknown.append(&mut unknown);
                    if let (Some(common), Some(ingress), Some(egress)) = (common, ingress, egress) {
                        let rules = (ingress, egress);
                        add(&mut paths, self.path(common, source, rules, (name, protocol, span)));
                    }
                }
            }
        }
        for path in &mut paths {
            // All ports are no restriction.
            if (path.from_port, path.to_port) == (Some(0), Some(last(protocol))) {
                (path.from_port, path.to_port) = (None, None);
            }
        }
        ports.paths.append(&mut paths);
        ports.trim();
        Ok(())
    }

    /// The parts of a range of ports that are asked about.
    fn wanted(&self, stretch: &GroupStretch) -> Vec<(i64, i64)> {
        match self.traffic {
            Traffic::Any => vec![(stretch.from, stretch.to)],
            Traffic::Ports { ranges, .. } => {
                let clip = |&(from, to): &(i64, i64)| (from.max(stretch.from), to.min(stretch.to));
                ranges.iter().map(clip).filter(|(from, to)| from <= to).collect()
            }
        }
    }

    fn path(
        &self,
        common: &Common,
        source: &Source,
        (ingress, egress): (Option<i64>, Option<i64>),
        (name, protocol, (from, to)): (&str, i64, (i64, i64)),
    ) -> Path {
        let has_ports = matches!(protocol, 6 | 17) || has_types(protocol);
        Path {
            traffic: String::new(),
            ip_version: version(self.family).to_owned(),
            protocol: name.to_owned(),
            from_port: has_ports.then_some(from),
            to_port: has_ports.then_some(to),
            internet_gateway_id: common.way.gateway.clone(),
            appliance_id: common.way.appliance.clone(),
            route_table_id: common.way.table.clone(),
            route: common.way.route.clone(),
            more_routes: more(common.way.more_routes),
            network_acl_id: match &self.acl.acl {
                Ok(acl) => acl.network_acl_id.clone(),
                Err(_) => String::new(),
            },
            ingress_rule: ingress,
            egress_rule: egress,
            security_group_id: source.group.clone(),
            other_security_group_ids: source.other_groups.clone(),
            source: source.cidr.clone(),
            more_sources: more(source.more),
            prefix_list_id: source.prefix_list.clone(),
            vpc_id: self.interface.vpc_id.clone(),
            subnet_id: self.interface.subnet_id.clone().unwrap_or_default(),
            network_interface_id: self.interface.id.clone(),
            addresses: common.addresses.clone(),
            instance_id: None,
            instance_profile: None,
        }
    }
}

/// A number of components; nothing for none.
fn more(number: usize) -> Option<i64> {
    i64::try_from(number).ok().filter(|number| *number > 0)
}

/// The name of an address family in paths.
pub fn version(family: Family) -> &'static str {
    match family {
        Family::V4 => "ipv4",
        Family::V6 => "ipv6",
    }
}

/// What was found about the ports of a family.
#[derive(Default)]
struct Ports {
    paths: Vec<Path>,
    blocks: Vec<Obstacle>,
    unknown: Vec<Cause>,
    /// Whether nothing that differs by port blocks some traffic.
    allowed: bool,
    /// Whether the security groups may allow something.
    groups_allow: bool,
}

impl Ports {
    fn block(&mut self, blocks: Vec<Obstacle>) {
        for block in blocks {
            if self.blocks.len() < MAX_OBSTACLES && !self.blocks.contains(&block) {
                self.blocks.push(block);
            }
        }
    }

    fn trim(&mut self) {
        self.paths.truncate(MAX_PATHS);
        let mut seen = BTreeSet::new();
        self.unknown.retain(|cause| seen.insert(cause.clone()));
    }
}

/// Adds a path, or extends the last one if only its ports differ.
fn add(paths: &mut Vec<Path>, path: Path) {
    if let Some(last) = paths.last_mut()
        && last.has_same_components(&path)
        && let (Some(end), Some(from)) = (last.to_port, path.from_port)
        && end + 1 == from
    {
        last.to_port = path.to_port;
        return;
    }
    paths.push(path);
}

/// Replaces one path for each protocol by one for all traffic, if each is for all ports.
fn collapse(paths: &mut Vec<Path>, protocols: usize) {
    let Some(first) = paths.first() else { return };
    let is_all = paths.iter().any(|path| path.protocol == "other")
        && paths.len() == protocols
        && paths.iter().all(|path| path.from_port.is_none() && path.has_same_components(first));
    if is_all {
        paths.truncate(1);
        paths.iter_mut().for_each(|path| path.protocol = "all".to_owned());
    }
}
