//! `ec2.client_vpn_endpoint`: the endpoints are listed, their authorization rules endpoint by
//! endpoint.

use super::{describe, mirror, pages};
use crate::aws::collector::{Context, ListedResource};
use crate::aws::failure::Failure;
use crate::facts::ApiCall;
use crate::facts::ec2::client_vpn_endpoint::*;

client_vpn_endpoint_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    ClientVpnEndpoints, KIND, ClientVpnEndpoint, each(authorization_rules):
    describe_client_vpn_endpoints => page.client_vpn_endpoints
}

async fn authorization_rules(
    cx: &Context,
    endpoint: &ListedResource,
    call: &ApiCall,
) -> Result<Vec<AuthorizationRule>, Failure> {
    Ok(pages!(
        cx, call,
        describe_client_vpn_authorization_rules.client_vpn_endpoint_id(&endpoint.id) => page.authorization_rules
    ))
}
