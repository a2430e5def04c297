//! `ec2.verified_access_instance`: the instances are listed, their logging instance by instance.

use super::{describe, mirror};
use crate::aws::collector::{Context, ListedResource};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::ApiCall;
use crate::facts::ec2::verified_access_instance::*;

verified_access_instance_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    VerifiedAccessInstances, KIND, VerifiedAccessInstance, each(logging):
    describe_verified_access_instances => page.verified_access_instances
}

async fn logging(
    cx: &Context,
    instance: &ListedResource,
    call: &ApiCall,
) -> Result<Option<VerifiedAccessInstanceLoggingConfiguration>, Failure> {
    let client = cx.clients.ec2(&cx.region);
    let request = client
        .describe_verified_access_instance_logging_configurations()
        .verified_access_instance_ids(&instance.id);
    let answer = cx.call(call, request.send()).await?;
    let mut configurations = answer.logging_configurations.into_iter().flatten();
    let own = configurations
        .find(|found| found.verified_access_instance_id.as_ref() == Some(&instance.id));
    Ok(own.map(Mirror::mirror))
}
