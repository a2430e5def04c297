//! `ec2.vpc_endpoint_service`: the list, then who may use each service.

use super::{describe, mirror, pages};
use crate::aws::collector::{Context, ListedResource};
use crate::aws::failure::Failure;
use crate::facts::ApiCall;
use crate::facts::ec2::vpc_endpoint_service::*;

vpc_endpoint_service_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    VpcEndpointServices, KIND, ServiceConfiguration, each(permissions):
    describe_vpc_endpoint_service_configurations => page.service_configurations
}

async fn permissions(
    cx: &Context,
    service: &ListedResource,
    call: &ApiCall,
) -> Result<Vec<AllowedPrincipal>, Failure> {
    Ok(pages!(
        cx,
        call,
        describe_vpc_endpoint_service_permissions.service_id(&service.id) => page.allowed_principals
    ))
}
