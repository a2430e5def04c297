//! `ec2.vpc_endpoint_service`: the list, then the permissions of each service.

use async_trait::async_trait;

use super::{describe_pages, mirror};
use crate::aws::collector::{Collector, Context, FactResult, ListedResource, known, no_collector};
use crate::aws::failure::Failure;
use crate::facts::ec2::vpc_endpoint_service::*;
use crate::facts::{ApiCall, FactSpec, Kind};

vpc_endpoint_service_shapes!(mirror, aws_sdk_ec2::types);

/// Reads [`KIND`].
pub(crate) struct VpcEndpointServices;

#[async_trait]
impl Collector for VpcEndpointServices {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let listed: Vec<ServiceConfiguration> = describe_pages!(cx, &KIND.list[0], describe_vpc_endpoint_service_configurations => page.service_configurations);
        ListedResource::all(cx, &KIND, &listed)
    }

    async fn fact(
        &self,
        cx: &Context,
        service: &ListedResource,
        fact: &'static FactSpec,
    ) -> FactResult {
        let call = &fact.call;
        match fact.name {
            "permissions" => known(call, &permissions(cx, service, call).await?),
            _ => Err(no_collector(fact)),
        }
    }
}

async fn permissions(
    cx: &Context,
    service: &ListedResource,
    call: &ApiCall,
) -> Result<Vec<AllowedPrincipal>, Failure> {
    Ok(describe_pages!(
        cx,
        call,
        describe_vpc_endpoint_service_permissions.service_id(&service.id) => page.allowed_principals
    ))
}
