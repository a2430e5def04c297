//! Network interfaces, as far as it matters who reaches them.

use std::net::IpAddr;

use super::ranges::GLOBAL_UNICAST;
use super::routes::Association;
use crate::facts::ec2::instance::InstanceNetworkInterface;
use crate::facts::ec2::network_interface::NetworkInterface;
use crate::facts::ec2::route_table::RouteTable;
use crate::model::Cause;

/// How many addresses of an interface are listed.
const MAX_ADDRESSES: usize = 50;

/// A network interface.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interface {
    /// Its id.
    pub id: String,
    /// The instance that it is attached to.
    pub instance_id: Option<String>,
    /// Its VPC.
    pub vpc_id: Option<String>,
    /// Its subnet.
    pub subnet_id: Option<String>,
    /// The public IPv4 addresses of its private addresses.
    pub public_ipv4: Vec<String>,
    /// Its globally routable IPv6 addresses, and the prefixes that are delegated to it.
    pub ipv6: Vec<String>,
    /// The ids of its security groups.
    pub groups: Vec<String>,
    /// Whether no security group filters its traffic. That is possible only for load balancers.
    pub is_unfiltered: bool,
    /// Whether it accepts no traffic from internet gateways.
    pub denies_gateways: bool,
    /// What of it is not known.
    pub gaps: InterfaceGaps,
}

/// Why an interface may have more than is known: one that does not exist yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InterfaceGaps {
    /// The VPC or the subnet.
    pub place: Option<Cause>,
    /// Public IPv4 addresses.
    pub ipv4: Vec<Cause>,
    /// IPv6 addresses.
    pub ipv6: Vec<Cause>,
    /// Security groups.
    pub groups: Vec<Cause>,
}

impl Interface {
    /// Whether it has an address that the internet may reach, or may have one.
    pub fn may_have_public_address(&self) -> bool {
        let Self { public_ipv4, ipv6, gaps, .. } = self;
        let has_gap = !gaps.ipv4.is_empty() || !gaps.ipv6.is_empty();
        has_gap || !public_ipv4.is_empty() || !ipv6.is_empty()
    }

    /// Whether a route table is associated with its subnet.
    pub fn is_associated(&self, table: &RouteTable) -> bool {
        let vpc = self.vpc_id.as_deref();
        let of = |subnet| Association::of_subnet(subnet, vpc, table);
        self.subnet_id.as_deref().and_then(of) == Some(Association::Own)
    }
}

/// What uses a network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum User {
    /// An instance.
    Instance(String),
    /// A load balancer: whatever reaches it reaches its targets.
    LoadBalancer,
    /// Another resource that AWS manages, with the type of the interface.
    Managed(String),
    /// Nothing: the interface is not attached.
    None,
}

impl User {
    /// What uses an interface.
    pub fn of(interface: &NetworkInterface) -> Self {
        let attachment = interface.attachment.as_ref();
        if let Some(instance) = attachment.and_then(|attachment| attachment.instance_id.clone()) {
            return Self::Instance(instance);
        }
        let kind = interface.interface_type.as_deref().unwrap_or_default();
        let owner = attachment.and_then(|attachment| attachment.instance_owner_id.as_deref());
        let is_elb = |text: Option<&str>| text == Some("amazon-elb");
        let described = interface.description.as_deref().unwrap_or_default();
        let managed = interface.requester_managed == Some(true);
        if matches!(kind, "network_load_balancer" | "gateway_load_balancer" | "load_balancer")
            || is_elb(owner)
            || is_elb(interface.requester_id.as_deref())
            || (managed && described.starts_with("ELB "))
        {
            return Self::LoadBalancer;
        }
        if managed || !matches!(kind, "" | "interface" | "efa" | "efa-only" | "trunk" | "branch") {
            return Self::Managed(if kind.is_empty() { "interface" } else { kind }.to_owned());
        }
        match interface.status.as_deref() {
            Some("available") => Self::None,
            _ if attachment.is_none() => Self::None,
            _ => Self::Managed(kind.to_owned()),
        }
    }
}

/// The addresses that the internet can route, up to a limit.
fn routable(addresses: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for address in addresses {
        if kept.len() < MAX_ADDRESSES && !kept.contains(&address) {
            kept.push(address);
        }
    }
    kept
}

/// Whether it is an IPv6 address or prefix that can be globally routable.
fn is_global(address: &str) -> bool {
    match super::ranges::range(address).map(|net| net.network()) {
        Some(IpAddr::V6(address)) => GLOBAL_UNICAST.contains(&address),
        _ => false,
    }
}

fn public(address: Option<&String>) -> Option<String> {
    address.filter(|address| !address.is_empty()).cloned()
}

impl From<&InstanceNetworkInterface> for Interface {
    fn from(interface: &InstanceNetworkInterface) -> Self {
        let secondary = interface.private_ip_addresses.iter();
        let associations = secondary.filter_map(|address| address.association.as_ref());
        let associations = interface.association.iter().chain(associations);
        let ipv6 = interface.ipv6_addresses.iter().filter_map(|one| one.ipv6_address.clone());
        let prefixes = interface.ipv6_prefixes.iter().filter_map(|one| one.ipv6_prefix.clone());
        Self {
            id: interface.network_interface_id.clone().unwrap_or_default(),
            instance_id: None,
            vpc_id: interface.vpc_id.clone(),
            subnet_id: interface.subnet_id.clone(),
            public_ipv4: routable(associations.filter_map(|one| public(one.public_ip.as_ref()))),
            ipv6: routable(ipv6.chain(prefixes).filter(|one| is_global(one))),
            groups: interface.groups.iter().filter_map(|group| group.group_id.clone()).collect(),
            is_unfiltered: false,
            denies_gateways: false,
            gaps: InterfaceGaps::default(),
        }
    }
}

impl From<&NetworkInterface> for Interface {
    fn from(interface: &NetworkInterface) -> Self {
        let secondary = interface.private_ip_addresses.iter();
        let associations = secondary.filter_map(|address| address.association.as_ref());
        let associations = interface.association.iter().chain(associations);
        let ipv6 = interface.ipv6_addresses.iter().filter_map(|one| one.ipv6_address.clone());
        let prefixes = interface.ipv6_prefixes.iter().filter_map(|one| one.ipv6_prefix.clone());
        Self {
            id: interface.network_interface_id.clone(),
            instance_id: interface.attachment.as_ref().and_then(|one| one.instance_id.clone()),
            vpc_id: interface.vpc_id.clone(),
            subnet_id: interface.subnet_id.clone(),
            public_ipv4: routable(associations.filter_map(|one| public(one.public_ip.as_ref()))),
            ipv6: routable(ipv6.chain(prefixes).filter(|one| is_global(one))),
            groups: interface.groups.iter().filter_map(|group| group.group_id.clone()).collect(),
            // Everything reaches a Network Load Balancer without security groups.
            is_unfiltered: interface.groups.is_empty()
                && interface.interface_type.as_deref() == Some("network_load_balancer"),
            denies_gateways: interface.deny_all_igw_traffic == Some(true),
            gaps: InterfaceGaps::default(),
        }
    }
}
