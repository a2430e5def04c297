//! `ec2.instance`: the list comes in reservations; an attribute is a call per instance, the status
//! one for all.

use aws_sdk_ec2::operation::describe_instance_attribute::DescribeInstanceAttributeOutput;
use aws_sdk_ec2::types::InstanceAttributeName;
use serde_json::Value;

use super::{describe, mirror, pages};
use crate::aws::collector::{BatchFact, Context, ListedResource};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::aws::paging::Pages;
use crate::facts::ec2::instance::*;
use crate::facts::ec2::user_data::UserData;
use crate::facts::{ApiCall, secrets};

instance_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    Instances, KIND, Instance, each(disable_api_stop, disable_api_termination, user_data), all(image_metadata, status):
    describe_instances.include_managed_resources(true) => page.reservations.map(|list| list.into_iter().filter_map(|r| r.instances).flatten().collect())
}

async fn disable_api_stop(
    cx: &Context,
    instance: &ListedResource,
    call: &ApiCall,
) -> Result<bool, Failure> {
    let answer = attribute(cx, instance, call, InstanceAttributeName::DisableApiStop).await?;
    answer
        .disable_api_stop
        .and_then(|on| on.value)
        .ok_or_else(|| Failure::invalid(call.name, "no DisableApiStop in the answer"))
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
        .ok_or_else(|| Failure::invalid(call.name, "no DisableApiTermination in the answer"))
}

/// An instance without user data has an attribute without a value.
async fn user_data(
    cx: &Context,
    instance: &ListedResource,
    call: &ApiCall,
) -> Result<UserData, Failure> {
    let answer = attribute(cx, instance, call, InstanceAttributeName::UserData).await?;
    Ok(secrets::user_data(answer.user_data.and_then(|data| data.value).as_deref()))
}

async fn attribute(
    cx: &Context,
    instance: &ListedResource,
    call: &ApiCall,
    attribute: InstanceAttributeName,
) -> Result<DescribeInstanceAttributeOutput, Failure> {
    let request = cx
        .clients
        .ec2(&cx.region)
        .describe_instance_attribute()
        .instance_id(&instance.id)
        .attribute(attribute);
    cx.call(call, request.send()).await
}

/// The answer names every instance, whatever its state.
async fn image_metadata(cx: &Context, call: &ApiCall) -> Result<BatchFact, Failure> {
    let client = cx.clients.ec2(&cx.region);
    let mut pages = Pages::of(call);
    let mut by_id = Vec::new();
    let mut token = None;
    loop {
        let request = client
            .describe_instance_image_metadata()
            .max_results(call.page_size())
            .set_next_token(token);
        let page = cx.call(call, request.send()).await?;
        token = pages.next(page.next_token)?;
        by_id.extend(page.instance_image_metadata.into_iter().flatten().filter_map(|instance| {
            Some((instance.instance_id?, ImageMetadata::mirror(instance.image_metadata?)))
        }));
        if token.is_none() {
            return BatchFact::by_id(call, by_id);
        }
    }
}

/// Also of instances that do not run. What was terminated since has none.
async fn status(cx: &Context, call: &ApiCall) -> Result<BatchFact, Failure> {
    let all: Vec<InstanceStatus> = pages!(
        cx, call, describe_instance_status.include_all_instances(true) => page.instance_statuses
    );
    Ok(BatchFact::by_id(call, all.into_iter().map(|status| (status.instance_id.clone(), status)))?
        .otherwise(Value::Null))
}
