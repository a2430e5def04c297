//! `ec2.security_group.revoke` and `ec2.security_group.authorize`: exactly the named rules. A group has
//! at most one rule for a protocol, ports and source, so these identify it; descriptions are compared
//! immediately before.

use aws_sdk_ec2::types::{IpPermission, IpRange, Ipv6Range, PrefixListId, UserIdGroupPair};
use serde::Deserialize;

use crate::aws::write::error::invalid;
use crate::aws::write::session::{WriteSession, after_first, in_state, rehearsed};
use crate::fixes::{Change, Sent, WriteError};

const REVOKE_INGRESS: &str = "ec2:RevokeSecurityGroupIngress";
const REVOKE_EGRESS: &str = "ec2:RevokeSecurityGroupEgress";
const AUTHORIZE_INGRESS: &str = "ec2:AuthorizeSecurityGroupIngress";
const AUTHORIZE_EGRESS: &str = "ec2:AuthorizeSecurityGroupEgress";

/// A rule, as it is in states.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Rule {
    protocol: String,
    from_port: Option<i32>,
    to_port: Option<i32>,
    cidr_ipv4: Option<String>,
    cidr_ipv6: Option<String>,
    prefix_list_id: Option<String>,
    referenced_group: Option<Group>,
    description: Option<String>,
}

/// A reference to a group.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Group {
    group_id: String,
    user_id: Option<String>,
    vpc_id: Option<String>,
    vpc_peering_connection_id: Option<String>,
}

impl Rule {
    /// As a request has it; without its description, which revoking does not compare.
    fn permission(&self, described: bool) -> IpPermission {
        let description = || self.description.clone().filter(|_| described);
        let mut permission = IpPermission::builder()
            .ip_protocol(&self.protocol)
            .set_from_port(self.from_port)
            .set_to_port(self.to_port);
        if let Some(cidr) = &self.cidr_ipv4 {
            let range = IpRange::builder().cidr_ip(cidr).set_description(description());
            permission = permission.ip_ranges(range.build());
        }
        if let Some(cidr) = &self.cidr_ipv6 {
            let range = Ipv6Range::builder().cidr_ipv6(cidr).set_description(description());
            permission = permission.ipv6_ranges(range.build());
        }
        if let Some(id) = &self.prefix_list_id {
            let list = PrefixListId::builder().prefix_list_id(id).set_description(description());
            permission = permission.prefix_list_ids(list.build());
        }
        if let Some(group) = &self.referenced_group {
            let pair = UserIdGroupPair::builder()
                .group_id(&group.group_id)
                .set_user_id(group.user_id.clone())
                .set_vpc_id(group.vpc_id.clone())
                .set_vpc_peering_connection_id(group.vpc_peering_connection_id.clone())
                .set_description(description());
            permission = permission.user_id_group_pairs(pair.build());
        }
        permission.build()
    }
}

/// The rules of a direction that are in one state and not in the other.
fn only_in(
    call: &str,
    direction: &str,
    here: &crate::fixes::Facts,
    there: &crate::fixes::Facts,
) -> Result<Vec<Rule>, WriteError> {
    let of = |state| {
        in_state::<Option<Vec<Rule>>>(state, call, direction).map(Option::unwrap_or_default)
    };
    let (here, there) = (of(here)?, of(there)?);
    Ok(here.into_iter().filter(|rule| !there.contains(rule)).collect())
}

/// Removes the rules that are there before the change and not after it.
pub(in crate::aws::write) async fn revoke(
    session: &WriteSession,
    change: &Change,
    dry_run: bool,
) -> Result<Sent, WriteError> {
    let of = |call: &str, direction: &str| {
        let rules = only_in(call, direction, &change.before, &change.after)?;
        Ok::<Vec<IpPermission>, WriteError>(
            rules.iter().map(|rule| rule.permission(false)).collect(),
        )
    };
    let (ingress, egress) = (of(REVOKE_INGRESS, "ingress")?, of(REVOKE_EGRESS, "egress")?);
    let mut sent = None;
    if !ingress.is_empty() {
        let request = session
            .ec2()
            .revoke_security_group_ingress()
            .group_id(&change.resource)
            .set_ip_permissions(Some(ingress))
            .dry_run(dry_run);
        let result = session.send(REVOKE_INGRESS, request.send()).await;
        sent = Some(rehearsed(result, dry_run)?);
    }
    if !egress.is_empty() {
        let request = session
            .ec2()
            .revoke_security_group_egress()
            .group_id(&change.resource)
            .set_ip_permissions(Some(egress))
            .dry_run(dry_run);
        let result = session.send(REVOKE_EGRESS, request.send()).await;
        sent = Some(after_first(sent.is_some() && !dry_run, rehearsed(result, dry_run))?);
    }
    sent.ok_or_else(|| invalid(REVOKE_INGRESS, "no rules to remove"))
}

/// Adds the rules that are there after the change and not before it.
pub(in crate::aws::write) async fn authorize(
    session: &WriteSession,
    change: &Change,
    dry_run: bool,
) -> Result<Sent, WriteError> {
    let of = |call: &str, direction: &str| {
        let rules = only_in(call, direction, &change.after, &change.before)?;
        Ok::<Vec<IpPermission>, WriteError>(
            rules.iter().map(|rule| rule.permission(true)).collect(),
        )
    };
    let (ingress, egress) = (of(AUTHORIZE_INGRESS, "ingress")?, of(AUTHORIZE_EGRESS, "egress")?);
    let mut sent = None;
    if !ingress.is_empty() {
        let request = session
            .ec2()
            .authorize_security_group_ingress()
            .group_id(&change.resource)
            .set_ip_permissions(Some(ingress))
            .dry_run(dry_run);
        let result = session.send(AUTHORIZE_INGRESS, request.send()).await;
        sent = Some(rehearsed(result, dry_run)?);
    }
    if !egress.is_empty() {
        let request = session
            .ec2()
            .authorize_security_group_egress()
            .group_id(&change.resource)
            .set_ip_permissions(Some(egress))
            .dry_run(dry_run);
        let result = session.send(AUTHORIZE_EGRESS, request.send()).await;
        sent = Some(after_first(sent.is_some() && !dry_run, rehearsed(result, dry_run))?);
    }
    sent.ok_or_else(|| invalid(AUTHORIZE_INGRESS, "no rules to add"))
}
