//! `ec2.vpc`: the list, then what is asked of each VPC.

use aws_sdk_ec2::types::{AttributeBooleanValue, VpcAttributeName};

use super::{describe, mirror, pages};
use crate::aws::collector::{Context, ListedResource};
use crate::aws::failure::Failure;
use crate::facts::ApiCall;
use crate::facts::ec2::vpc::*;

vpc_shapes!(mirror, aws_sdk_ec2::types);

describe! { Vpcs, KIND, Vpc, each(attributes, stale_security_groups): describe_vpcs => page.vpcs }

/// AWS tells one attribute at a time.
async fn attributes(
    cx: &Context,
    vpc: &ListedResource,
    call: &ApiCall,
) -> Result<Attributes, Failure> {
    let request = || cx.clients.ec2(&cx.region).describe_vpc_attribute().vpc_id(&vpc.id);
    let support = cx
        .call(call, request().attribute(VpcAttributeName::EnableDnsSupport).send())
        .await?
        .enable_dns_support;
    let names = cx
        .call(call, request().attribute(VpcAttributeName::EnableDnsHostnames).send())
        .await?
        .enable_dns_hostnames;
    let value = |answer: Option<AttributeBooleanValue>| {
        answer
            .and_then(|it| it.value)
            .ok_or_else(|| Failure::invalid(call.name, "the attribute is not in the answer"))
    };
    Ok(Attributes { enable_dns_support: value(support)?, enable_dns_hostnames: value(names)? })
}

async fn stale_security_groups(
    cx: &Context,
    vpc: &ListedResource,
    call: &ApiCall,
) -> Result<Vec<StaleSecurityGroup>, Failure> {
    Ok(
        pages!(cx, call, describe_stale_security_groups.vpc_id(&vpc.id) => page.stale_security_group_set),
    )
}
