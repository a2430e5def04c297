//! `ec2.vpc`: the list, then calls per VPC.

use async_trait::async_trait;
use aws_sdk_ec2::types::{AttributeBooleanValue, VpcAttributeName};

use super::{describe_pages, mirror};
use crate::aws::collector::{Collector, Context, FactResult, ListedResource, known, no_collector};
use crate::aws::failure::Failure;
use crate::facts::ec2::vpc::*;
use crate::facts::{ApiCall, FactSpec, Kind};

vpc_shapes!(mirror, aws_sdk_ec2::types);

/// Reads [`KIND`].
pub(crate) struct Vpcs;

#[async_trait]
impl Collector for Vpcs {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let listed: Vec<Vpc> = describe_pages!(cx, &KIND.list[0], describe_vpcs => page.vpcs);
        ListedResource::all(cx, &KIND, &listed)
    }

    async fn fact(
        &self,
        cx: &Context,
        vpc: &ListedResource,
        fact: &'static FactSpec,
    ) -> FactResult {
        let call = &fact.call;
        match fact.name {
            "attributes" => known(call, &attributes(cx, vpc, call).await?),
            "stale_security_groups" => known(call, &stale_security_groups(cx, vpc, call).await?),
            _ => Err(no_collector(fact)),
        }
    }
}

/// AWS returns one attribute per call.
async fn attributes(
    cx: &Context,
    vpc: &ListedResource,
    call: &ApiCall,
) -> Result<Attributes, Failure> {
    let request = || cx.clients.ec2().describe_vpc_attribute().vpc_id(&vpc.id);
    let support = cx
        .call(call, || request().attribute(VpcAttributeName::EnableDnsSupport).send())
        .await?
        .enable_dns_support;
    let names = cx
        .call(call, || request().attribute(VpcAttributeName::EnableDnsHostnames).send())
        .await?
        .enable_dns_hostnames;
    let value = |attribute: Option<AttributeBooleanValue>| {
        attribute
            .and_then(|it| it.value)
            .ok_or_else(|| Failure::invalid(call.name, "the attribute is not in the response"))
    };
    Ok(Attributes { enable_dns_support: value(support)?, enable_dns_hostnames: value(names)? })
}

async fn stale_security_groups(
    cx: &Context,
    vpc: &ListedResource,
    call: &ApiCall,
) -> Result<Vec<StaleSecurityGroup>, Failure> {
    Ok(
        describe_pages!(cx, call, describe_stale_security_groups.vpc_id(&vpc.id) => page.stale_security_group_set),
    )
}
