//! `ec2.instance`: the list groups instances by reservation. An attribute is a call per instance; the
//! status is one call for all.

use async_trait::async_trait;
use aws_sdk_ec2::operation::describe_instance_attribute::DescribeInstanceAttributeOutput;
use aws_sdk_ec2::types::InstanceAttributeName;
use serde_json::Value;

use super::{describe_pages, mirror};
use crate::aws::collector::{
    BatchFact, Collector, Context, FactResult, ListedResource, known, no_collector,
};
use crate::aws::failure::Failure;
use crate::aws::mirror::{Mirror, Received};
use crate::facts::ec2::instance::*;
use crate::facts::ec2::user_data::UserData;
use crate::facts::{ApiCall, FactSpec, Kind, secrets};

instance_shapes!(mirror, aws_sdk_ec2::types);

/// Reads [`KIND`].
pub(crate) struct Instances;

#[async_trait]
impl Collector for Instances {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let listed: Vec<Received<Instance>> = describe_pages!(cx, &KIND.list[0], describe_instances.include_managed_resources(true) => page.reservations.map(|list| list.into_iter().filter_map(|r| r.instances).flatten().collect()));
        ListedResource::received(cx, &KIND, &listed)
    }

    async fn fact(
        &self,
        cx: &Context,
        instance: &ListedResource,
        fact: &'static FactSpec,
    ) -> FactResult {
        let call = &fact.call;
        match fact.name {
            "disable_api_stop" => known(call, &disable_api_stop(cx, instance, call).await?),
            "disable_api_termination" => {
                known(call, &disable_api_termination(cx, instance, call).await?)
            }
            "user_data" => known(call, &user_data(cx, instance, call).await?),
            _ => Err(no_collector(fact)),
        }
    }

    async fn batch_fact(
        &self,
        cx: &Context,
        fact: &'static FactSpec,
    ) -> Result<BatchFact, Failure> {
        match fact.name {
            "image_metadata" => image_metadata(cx, &fact.call).await,
            "status" => status(cx, &fact.call).await,
            _ => Err(no_collector(fact)),
        }
    }
}

async fn disable_api_stop(
    cx: &Context,
    instance: &ListedResource,
    call: &ApiCall,
) -> Result<bool, Failure> {
    let response = attribute(cx, instance, call, InstanceAttributeName::DisableApiStop).await?;
    response
        .disable_api_stop
        .and_then(|on| on.value)
        .ok_or_else(|| Failure::invalid(call.name, "no DisableApiStop in the response"))
}

async fn disable_api_termination(
    cx: &Context,
    instance: &ListedResource,
    call: &ApiCall,
) -> Result<bool, Failure> {
    let on = attribute(cx, instance, call, InstanceAttributeName::DisableApiTermination)
        .await?
        .disable_api_termination;
    on.and_then(|on| on.value)
        .ok_or_else(|| Failure::invalid(call.name, "no DisableApiTermination in the response"))
}

/// For an instance without user data, AWS returns the attribute without a value.
async fn user_data(
    cx: &Context,
    instance: &ListedResource,
    call: &ApiCall,
) -> Result<UserData, Failure> {
    let response = attribute(cx, instance, call, InstanceAttributeName::UserData).await?;
    Ok(secrets::user_data(response.user_data.and_then(|data| data.value).as_deref()))
}

async fn attribute(
    cx: &Context,
    instance: &ListedResource,
    call: &ApiCall,
    attribute: InstanceAttributeName,
) -> Result<DescribeInstanceAttributeOutput, Failure> {
    let request = cx
        .clients
        .ec2()
        .describe_instance_attribute()
        .instance_id(&instance.id)
        .attribute(attribute);
    cx.call(call, || request.send()).await
}

/// The response names every instance, whatever its state.
async fn image_metadata(cx: &Context, call: &ApiCall) -> Result<BatchFact, Failure> {
    let client = cx.clients.ec2();
    let instances = cx.all_pages(call, |token| {
        let request = client
            .describe_instance_image_metadata()
            .max_results(cx.page_size(call))
            .set_next_token(token);
        async move {
            let page = cx.call(call, || request.send()).await?;
            Ok((page.instance_image_metadata, page.next_token))
        }
    });
    let by_id = instances.await?.into_iter().filter_map(|instance| {
        Some((instance.instance_id?, ImageMetadata::mirror(instance.image_metadata?)))
    });
    BatchFact::by_id(call, by_id)
}

/// Includes instances that are not running. One that was terminated meanwhile has no status.
async fn status(cx: &Context, call: &ApiCall) -> Result<BatchFact, Failure> {
    let all: Vec<InstanceStatus> = describe_pages!(
        cx, call, describe_instance_status.include_all_instances(true) => page.instance_statuses
    );
    Ok(BatchFact::by_id(call, all.into_iter().map(|status| (status.instance_id.clone(), status)))?
        .otherwise(Value::Null))
}
