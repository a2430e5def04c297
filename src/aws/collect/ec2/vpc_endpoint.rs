//! `ec2.vpc_endpoint`: everything is in the list, including the policy as a JSON string.

use async_trait::async_trait;
use serde_json::Value;

use super::{describe_pages, mirror};
use crate::aws::collector::{Collector, Context, ListedResource};
use crate::aws::failure::Failure;
use crate::facts::Kind;
use crate::facts::ec2::vpc_endpoint::*;

vpc_endpoint_shapes!(mirror, aws_sdk_ec2::types);

/// Reads [`KIND`].
pub(crate) struct VpcEndpoints;

#[async_trait]
impl Collector for VpcEndpoints {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let listed: Vec<VpcEndpoint> =
            describe_pages!(cx, &KIND.list[0], describe_vpc_endpoints => page.vpc_endpoints);
        let endpoints = ListedResource::all(cx, &KIND, &listed)?;
        Ok(endpoints.into_iter().map(with_valid_policy).collect())
    }
}

/// An invalid policy makes this fact of this endpoint unreadable: neither the whole list, nor "no
/// policy".
fn with_valid_policy(mut endpoint: ListedResource) -> ListedResource {
    if let Some(policy @ Value::Object(_)) = endpoint.fields.get_mut("policy_document")
        && !policy["document"].is_object()
    {
        *policy = Value::Null;
        let failure = Failure::invalid(KIND.list_call(), "invalid endpoint policy");
        endpoint.unreadable.insert("policy_document", failure.cause);
    }
    endpoint
}
