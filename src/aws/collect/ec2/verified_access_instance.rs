//! `ec2.verified_access_instance`: the instances are listed, their logging instance by instance.

use serde_json::Value;

use super::{describe, mirror};
use crate::aws::collector::{Context, Found, known};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::FactSpec;
use crate::facts::ec2::verified_access_instance::*;

verified_access_instance_shapes!(mirror, aws_sdk_ec2::types);

/// The most that this call gives.
const PAGE: i32 = 200;

describe! {
    VerifiedAccessInstances, KIND, VerifiedAccessInstance, logging:
    describe_verified_access_instances.max_results(PAGE) => page.verified_access_instances
}

/// The one fact.
async fn logging(cx: &Context, instance: &Found, fact: &'static FactSpec) -> Result<Option<Value>, Failure> {
    let client = cx.clients.ec2(&cx.region);
    let request = client.describe_verified_access_instance_logging_configurations().verified_access_instance_ids(&instance.id);
    let answer = cx.call(&fact.call, request.send()).await?;
    let mut configurations = answer.logging_configurations.into_iter().flatten();
    match configurations.find(|found| found.verified_access_instance_id.as_ref() == Some(&instance.id)) {
        Some(configuration) => known(&fact.call, &VerifiedAccessInstanceLoggingConfiguration::mirror(configuration)),
        None => Ok(None),
    }
}
