//! What the security groups of a network interface allow.

use ipnet::IpNet;

use super::address_set::{Family, decided_addresses};
use super::interface::Interface;
use super::obstacle::Obstacle;
use super::openings::admits;
use super::protocols::{protocol_number, shown};
use super::ranges::range;
use super::surroundings::Surroundings;
use crate::facts::ec2::security_group::{IpPermission, IpRange, Ipv6Range};
use crate::model::Cause;

/// The most ranges of the security groups of an interface that are evaluated. AWS allows 1,000 rules.
const MAX_RANGES: usize = 4_000;

/// A rule that allows everything.
fn everything() -> IpPermission {
    let (ipv4, ipv6) = (Some("0.0.0.0/0".to_owned()), Some("::/0".to_owned()));
    IpPermission {
        ip_protocol: Some("-1".to_owned()),
        from_port: None,
        to_port: None,
        ip_ranges: vec![IpRange { cidr_ip: ipv4, description: None }],
        ipv6_ranges: vec![Ipv6Range { cidr_ipv6: ipv6, description: None }],
        prefix_list_ids: Vec::new(),
        user_id_group_pairs: Vec::new(),
    }
}

/// The rules of all security groups of an interface.
pub(super) struct Groups {
    /// The rules of all groups, one group after the other.
    pub(super) permissions: Vec<IpPermission>,
    /// The id of the group of each of them.
    pub(super) owners: Vec<String>,
    /// The ids of the groups, for messages.
    ids: Vec<String>,
    /// Why more rules may exist.
    pub(super) missing: Vec<Cause>,
}

impl Groups {
    pub(super) fn of(interface: &Interface, around: &Surroundings) -> Self {
        let call = "ec2:DescribeSecurityGroups";
        let mut groups = Self {
            permissions: Vec::new(),
            owners: Vec::new(),
            ids: interface.groups.clone(),
            missing: interface.gaps.groups.clone(),
        };
        if interface.is_unfiltered {
            groups.permissions.push(everything());
            groups.owners.push(String::new());
            return groups;
        }
        let known = match &around.security_groups {
            Ok(known) => known,
            Err(cause) => {
                groups.missing.push(cause.clone());
                return groups;
            }
        };
        if interface.groups.is_empty() && groups.missing.is_empty() {
            let message = format!("network interface {} has no security groups", interface.id);
            groups.missing.push(Cause::new(call, Cause::INVALID_RESPONSE, &message));
        }
        let mut ranges = 0;
        for id in &interface.groups {
            let Some(group) = known.iter().find(|group| group.group_id == *id) else {
                let message = format!("security group {id} is not among the groups of the account");
                groups.missing.push(Cause::new(call, Cause::NOT_COLLECTED, &message));
                continue;
            };
            for permission in &group.ip_permissions {
                ranges += 1
                    + permission.ip_ranges.len()
                    + permission.ipv6_ranges.len()
                    + permission.prefix_list_ids.len();
                if ranges > MAX_RANGES {
                    let message = format!("security group {id} has too many rules to evaluate");
                    groups.missing.push(Cause::new(call, Cause::NOT_EVALUATED, &message));
                    return groups;
                }
                groups.permissions.push(permission.clone());
                groups.owners.push(id.clone());
            }
        }
        groups
    }

    pub(super) fn protocols(&self) -> impl Iterator<Item = i64> {
        let protocols = self.permissions.iter().filter_map(|one| one.ip_protocol.as_deref());
        protocols.filter_map(protocol_number)
    }

    /// Whether they allow a port, or something, from a part of the internet, as far as that is known.
    fn allow_a_part(&self, family: Family, port: Option<(i64, i64)>) -> bool {
        let is_public = |cidr: Option<&str>| {
            let net: Option<IpNet> = cidr.and_then(range);
            net.filter(|net| Family::of(net) == family)
                .is_some_and(|net| decided_addresses(family, &[net]).iter().any(|own| *own > 0))
        };
        self.permissions.iter().any(|permission| {
            port.is_none_or(|(protocol, at)| admits(permission, protocol, at))
                && (permission.ip_ranges.iter().any(|one| is_public(one.cidr_ip.as_deref()))
                    || permission.ipv6_ranges.iter().any(|one| is_public(one.cidr_ipv6.as_deref()))
                    || !permission.prefix_list_ids.is_empty())
        })
    }

    /// Why they do not allow some traffic: a protocol with ports, or any.
    pub(super) fn obstacle(&self, family: Family, traffic: Option<(i64, (i64, i64))>) -> Obstacle {
        // Single networks do not count.
        let port = traffic.map(|(protocol, (from, _))| (protocol, from));
        let is_partial = self.allow_a_part(family, port);
        let from = if is_partial { "the entire internet" } else { "the internet" };
        let traffic = traffic.map(|(protocol, span)| shown(protocol, span));
        let ids = self.ids.join(", ");
        let (name, verb) = match self.ids.len() {
            1 => ("security group", "allows"),
            _ => ("security groups", "allow"),
        };
        let (code, what) = match &traffic {
            _ if self.permissions.is_empty() => (Obstacle::EMPTY_GROUPS, "nothing"),
            None => (Obstacle::GROUPS, "nothing"),
            Some(_) => (Obstacle::GROUPS, ""),
        };
        let message = match traffic {
            Some(traffic) if what.is_empty() => {
                let not = if verb == "allows" { "does not allow" } else { "do not allow" };
                format!("{name} {ids} {not} {traffic} from {from}")
            }
            _ => format!("{name} {ids} {verb} {what} from {from}"),
        };
        Obstacle::new(code, self.ids.first().map_or("", String::as_str), &message)
    }
}
