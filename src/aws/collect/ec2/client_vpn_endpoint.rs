//! `ec2.client_vpn_endpoint`: the endpoints are listed, their authorisation rules endpoint by endpoint.

use serde_json::Value;

use super::{PAGE, describe, mirror};
use crate::aws::collector::{Context, Found, Pages, known};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::FactSpec;
use crate::facts::ec2::client_vpn_endpoint::*;

client_vpn_endpoint_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    ClientVpnEndpoints, KIND, ClientVpnEndpoint, authorization_rules:
    describe_client_vpn_endpoints.max_results(PAGE) => page.client_vpn_endpoints
}

/// The one fact.
async fn authorization_rules(cx: &Context, endpoint: &Found, fact: &'static FactSpec) -> Result<Option<Value>, Failure> {
    let client = cx.clients.ec2(&cx.region);
    let request = client.describe_client_vpn_authorization_rules().client_vpn_endpoint_id(&endpoint.id).max_results(PAGE);
    let mut pages = Pages::of(&fact.call);
    let mut rules: Vec<AuthorizationRule> = Vec::new();
    let mut token = None;
    loop {
        let page = cx.call(&fact.call, request.clone().set_next_token(token).send()).await?;
        rules.extend(Vec::mirror(page.authorization_rules));
        token = pages.next(page.next_token)?;
        if token.is_none() {
            return known(&fact.call, &rules);
        }
    }
}
