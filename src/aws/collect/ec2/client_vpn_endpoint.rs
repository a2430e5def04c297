//! `ec2.client_vpn_endpoint`: the endpoints are listed, their authorization rules are a call per
//! endpoint.

use async_trait::async_trait;

use super::{describe_pages, mirror};
use crate::aws::collector::{Collector, Context, FactResult, ListedResource, known, no_collector};
use crate::aws::failure::Failure;
use crate::facts::ec2::client_vpn_endpoint::*;
use crate::facts::{ApiCall, FactSpec, Kind};

client_vpn_endpoint_shapes!(mirror, aws_sdk_ec2::types);

/// Reads [`KIND`].
pub(crate) struct ClientVpnEndpoints;

#[async_trait]
impl Collector for ClientVpnEndpoints {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let listed: Vec<ClientVpnEndpoint> = describe_pages!(cx, &KIND.list[0], describe_client_vpn_endpoints => page.client_vpn_endpoints);
        ListedResource::all(cx, &KIND, &listed)
    }

    async fn fact(
        &self,
        cx: &Context,
        endpoint: &ListedResource,
        fact: &'static FactSpec,
    ) -> FactResult {
        let call = &fact.call;
        match fact.name {
            "authorization_rules" => known(call, &authorization_rules(cx, endpoint, call).await?),
            _ => Err(no_collector(fact)),
        }
    }
}

async fn authorization_rules(
    cx: &Context,
    endpoint: &ListedResource,
    call: &ApiCall,
) -> Result<Vec<AuthorizationRule>, Failure> {
    Ok(describe_pages!(
        cx, call,
        describe_client_vpn_authorization_rules.client_vpn_endpoint_id(&endpoint.id) => page.authorization_rules
    ))
}
