//! `ec2.security_group`: everything is in the list.

use aws_sdk_ec2::types as sdk;
use futures::future::BoxFuture;

use super::PAGE;
use crate::aws::collector::{Collector, Context, Found, Pages};
use crate::aws::failure::Failure;
use crate::facts::Kind;
use crate::facts::ec2::security_group::{IpPermission, IpRange, Ipv6Range, KIND, PrefixListId, SecurityGroup, UserIdGroupPair};

/// Reads [`KIND`].
pub(in crate::aws) struct SecurityGroups;

impl Collector for SecurityGroups {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn list<'a>(&'a self, cx: &'a Context) -> BoxFuture<'a, Result<Vec<Found>, Failure>> {
        Box::pin(list(cx))
    }
}

async fn list(cx: &Context) -> Result<Vec<Found>, Failure> {
    let call = &KIND.list[0];
    let client = cx.clients.ec2(&cx.region);
    let mut pages = Pages::of(call);
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let page = cx.call(call, client.describe_security_groups().max_results(PAGE).set_next_token(token).send()).await?;
        for group in page.security_groups.unwrap_or_default() {
            found.push(resource(cx, group)?);
        }
        token = pages.next(page.next_token)?;
        if token.is_none() {
            return Ok(found);
        }
    }
}

fn resource(cx: &Context, group: sdk::SecurityGroup) -> Result<Found, Failure> {
    let id = group.group_id.clone().ok_or_else(|| Failure::invalid(KIND.list_call(), "a security group without an id"))?;
    // A group of a shared VPC belongs to another account.
    let owner = group.owner_id.as_deref().unwrap_or(cx.account.as_str());
    let arn = format!("arn:{}:ec2:{}:{owner}:security-group/{id}", cx.partition, cx.region);
    let name = group.group_name.clone();
    Found::new(cx, &KIND, id.clone(), Some(arn), name, &fields(id, group))
}

fn fields(group_id: String, from: sdk::SecurityGroup) -> SecurityGroup {
    SecurityGroup {
        group_id,
        group_name: from.group_name,
        description: from.description,
        vpc_id: from.vpc_id,
        owner_id: from.owner_id,
        ip_permissions: permissions(from.ip_permissions),
        ip_permissions_egress: permissions(from.ip_permissions_egress),
        tags: super::tags(from.tags),
    }
}

fn permissions(from: Option<Vec<sdk::IpPermission>>) -> Vec<IpPermission> {
    from.into_iter().flatten().map(permission).collect()
}

fn permission(from: sdk::IpPermission) -> IpPermission {
    let ipv4 = |range: sdk::IpRange| IpRange { cidr_ip: range.cidr_ip, description: range.description };
    let ipv6 = |range: sdk::Ipv6Range| Ipv6Range { cidr_ipv6: range.cidr_ipv6, description: range.description };
    let list = |list: sdk::PrefixListId| PrefixListId { prefix_list_id: list.prefix_list_id, description: list.description };
    let pair = |pair: sdk::UserIdGroupPair| UserIdGroupPair {
        group_id: pair.group_id,
        user_id: pair.user_id,
        vpc_id: pair.vpc_id,
        vpc_peering_connection_id: pair.vpc_peering_connection_id,
        peering_status: pair.peering_status,
        description: pair.description,
    };
    IpPermission {
        ip_protocol: from.ip_protocol,
        from_port: from.from_port.map(i64::from),
        to_port: from.to_port.map(i64::from),
        ip_ranges: from.ip_ranges.into_iter().flatten().map(ipv4).collect(),
        ipv6_ranges: from.ipv6_ranges.into_iter().flatten().map(ipv6).collect(),
        prefix_list_ids: from.prefix_list_ids.into_iter().flatten().map(list).collect(),
        user_id_group_pairs: from.user_id_group_pairs.into_iter().flatten().map(pair).collect(),
    }
}
