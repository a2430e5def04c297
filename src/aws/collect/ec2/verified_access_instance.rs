//! `ec2.verified_access_instance`: the instances are listed; their logging is a call per instance.

use async_trait::async_trait;

use super::{describe_pages, mirror};
use crate::aws::collector::{Collector, Context, FactResult, ListedResource, known, no_collector};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::ec2::verified_access_instance::*;
use crate::facts::{ApiCall, FactSpec, Kind};

verified_access_instance_shapes!(mirror, aws_sdk_ec2::types);

/// Reads [`KIND`].
pub(crate) struct VerifiedAccessInstances;

#[async_trait]
impl Collector for VerifiedAccessInstances {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let listed: Vec<VerifiedAccessInstance> = describe_pages!(cx, &KIND.list[0], describe_verified_access_instances => page.verified_access_instances);
        ListedResource::all(cx, &KIND, &listed)
    }

    async fn fact(
        &self,
        cx: &Context,
        instance: &ListedResource,
        fact: &'static FactSpec,
    ) -> FactResult {
        let call = &fact.call;
        match fact.name {
            "logging" => known(call, &logging(cx, instance, call).await?),
            _ => Err(no_collector(fact)),
        }
    }
}

async fn logging(
    cx: &Context,
    instance: &ListedResource,
    call: &ApiCall,
) -> Result<Option<VerifiedAccessInstanceLoggingConfiguration>, Failure> {
    let client = cx.clients.ec2();
    let request = client
        .describe_verified_access_instance_logging_configurations()
        .verified_access_instance_ids(&instance.id);
    let response = cx.call(call, || request.send()).await?;
    let mut configurations = response.logging_configurations.into_iter().flatten();
    let own = configurations.find(|configuration| {
        configuration.verified_access_instance_id.as_ref() == Some(&instance.id)
    });
    Ok(own.map(Mirror::mirror))
}
