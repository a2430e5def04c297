//! What the network ACL of a subnet allows.

use std::collections::BTreeSet;

use super::acl::AclEntries;
use super::address_set::Family;
use super::check::Check;
use super::interface::Interface;
use super::obstacle::Obstacle;
use super::protocols::{last, shown, shown_ports};
use super::surroundings::Surroundings;
use crate::facts::ec2::network_acl::{NetworkAcl, NetworkAclEntry};
use crate::model::{Cause, counted};

/// The ports from which clients connect; responses go there. (RFC 6335 and what operating systems,
/// NAT gateways and load balancers use.)
const CLIENT_PORTS: (i64, i64) = (1_024, 65_535);

/// The most entries of a network ACL that are evaluated. AWS allows 40 in each direction.
const MAX_ENTRIES: usize = 500;

/// The network ACL of the subnet.
pub(super) struct SubnetAcl<'a> {
    pub(super) acl: Result<&'a NetworkAcl, Cause>,
    pub(super) inbound: AclEntries<'a>,
    pub(super) outbound: AclEntries<'a>,
}

impl<'a> SubnetAcl<'a> {
    pub(super) fn of(interface: &Interface, around: &'a Surroundings) -> Self {
        let call = "ec2:DescribeNetworkAcls";
        let find = |acls: &'a Vec<NetworkAcl>| {
            let is_here = |acl: &&NetworkAcl| {
                let mut subnets = acl.associations.iter();
                subnets.any(|one| one.subnet_id.is_some() && one.subnet_id == interface.subnet_id)
            };
            let Some(acl) = acls.iter().find(is_here) else {
                let message = "the network ACL of the subnet is not among those of the account";
                return Err(Cause::new(call, Cause::NOT_COLLECTED, message));
            };
            if acl.entries.len() > MAX_ENTRIES {
                let message =
                    format!("network ACL {} has too many entries to evaluate", acl.network_acl_id);
                return Err(Cause::new(call, Cause::NOT_EVALUATED, &message));
            }
            Ok(acl)
        };
        let acl = around.network_acls.as_ref().map_err(Clone::clone).and_then(find);
        let entries: &'a [NetworkAclEntry] = match acl {
            Ok(acl) => &acl.entries,
            Err(_) => &[],
        };
        let [inbound, outbound] = [false, true].map(|egress| AclEntries::of(entries, egress));
        Self { acl, inbound, outbound }
    }

    /// The number of the rule that allows inbound traffic.
    pub(super) fn inbound(
        &self,
        family: Family,
        protocol: i64,
        span: (i64, i64),
    ) -> Check<Option<i64>> {
        let acl = match &self.acl {
            Ok(acl) => acl,
            Err(cause) => return Check::Unknown(vec![cause.clone()]),
        };
        let decision = self.inbound.decide(family, protocol, span.0);
        if let Some(first) = decision.allowing.first() {
            return Check::Open(first.rule_number);
        }
        if !decision.unknown.is_empty() {
            return Check::Unknown(decision.unknown);
        }
        let traffic = shown(protocol, span);
        let id = &acl.network_acl_id;
        let message = match decision.denying {
            _ if decision.allows_some => {
                format!("network ACL {id} allows {traffic} only from a small part of the internet")
            }
            Some(entry) => format!(
                "network ACL {id} denies {traffic} from {} in {}{}",
                cidr(entry),
                rule(entry),
                others(decision.more_denying),
            ),
            None => format!("network ACL {id} does not allow {traffic} from the internet"),
        };
        Check::Closed(Obstacle::new(Obstacle::ACL, &acl.network_acl_id, &message))
    }

    /// The number of the rule that allows the responses to some ports, or ICMP types.
    pub(super) fn outbound(
        &self,
        family: Family,
        protocol: i64,
        span: (i64, i64),
    ) -> Check<Option<i64>> {
        let acl = match &self.acl {
            Ok(acl) => acl,
            Err(cause) => return Check::Unknown(vec![cause.clone()]),
        };
        let entries = &self.outbound;
        let (from, to) = match response(protocol, span) {
            Some(kind) => (kind, kind),
            None if matches!(protocol, 6 | 17) => CLIENT_PORTS,
            None => (0, last(protocol)),
        };
        let mut places: BTreeSet<i64> =
            entries.edges(protocol).filter(|edge| (from..=to).contains(edge)).collect();
        places.insert(from);
        let (mut unknown, mut denying, mut allows_some) = (Vec::new(), None, false);
        for at in places {
            let decision = entries.decide(family, protocol, at);
            if let Some(first) = decision.allowing.first() {
                return Check::Open(first.rule_number);
            }
            unknown.extend(decision.unknown);
            allows_some |= decision.allows_some;
            denying = denying.or(decision.denying.map(|entry| (entry, decision.more_denying)));
        }
        if !unknown.is_empty() {
            return Check::Unknown(unknown);
        }
        let responses = match protocol {
            6 | 17 => format!("responses to {} {from}-{to}", shown_ports(protocol)),
            other => format!("outbound {}", shown(other, (from, to))),
        };
        let id = &acl.network_acl_id;
        let message = match denying {
            _ if allows_some => {
                format!("network ACL {id} allows {responses} only at a small part of the internet")
            }
            Some((entry, more)) => format!(
                "network ACL {id} denies {responses} at {} in {}{}",
                cidr(entry),
                rule(entry),
                others(more)
            ),
            None => format!("network ACL {id} does not allow {responses}"),
        };
        Check::Closed(Obstacle::new(Obstacle::ACL, id, &message))
    }
}

/// The ICMP type of the response to the only type of a span, if it is a request: RFC 792, RFC 950 and
/// RFC 4443.
fn response(protocol: i64, (from, to): (i64, i64)) -> Option<i64> {
    match (protocol, from) {
        _ if from != to => None,
        (1, 8) => Some(0),
        (1, 13 | 15 | 17) | (58, 128) => Some(from + 1),
        _ => None,
    }
}

fn cidr(entry: &NetworkAclEntry) -> &str {
    let cidr = entry.cidr_block.as_deref().or(entry.ipv6_cidr_block.as_deref());
    cidr.unwrap_or("any address")
}

/// That it takes more rules to deny the internet.
fn others(more: usize) -> String {
    let rules = || format!(" and other addresses in {}", counted(more, "more rule"));
    if more == 0 { String::new() } else { rules() }
}

/// The number of the rule that denies what no other rule matches.
const LAST_RULE: i64 = 32_767;

fn rule(entry: &NetworkAclEntry) -> String {
    match entry.rule_number {
        Some(LAST_RULE) | None => "rule *".to_owned(),
        Some(number) => format!("rule {number}"),
    }
}
