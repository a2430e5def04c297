//! `s3.access_grants_instance`: listed by region; one call for the policy.

use async_trait::async_trait;

use super::{mirror, policy_document, resources};
use crate::aws::collector::{Collector, Context, FactResult, ListedResource, known, no_collector};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::s3::access_grants_instance::*;
use crate::facts::{FactSpec, Kind};

access_grants_shapes!(mirror, aws_sdk_s3control::types);

/// Reads [`KIND`].
pub(crate) struct AccessGrantsInstances;

#[async_trait]
impl Collector for AccessGrantsInstances {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let (call, client) = (&KIND.list[0], cx.clients.s3control());
        let listed = cx.all_pages(call, |token| {
            let request = client.list_access_grants_instances().account_id(cx.account.as_str());
            let request = request.max_results(cx.page_size(call)).set_next_token(token);
            async move {
                let page = cx.call(call, || request.send()).await?;
                Ok((page.access_grants_instances_list, page.next_token))
            }
        });
        resources::<ListAccessGrantsInstanceEntry, _>(cx, &KIND, listed.await?)
    }

    async fn fact(&self, cx: &Context, _: &ListedResource, fact: &'static FactSpec) -> FactResult {
        let (call, client) = (&fact.call, cx.clients.s3control());
        match fact.name {
            // There is one instance per region; the call does not name it.
            "resource_policy" => {
                let request = client
                    .get_access_grants_instance_resource_policy()
                    .account_id(cx.account.as_str());
                let response = cx.call(call, || request.send()).await?;
                let document =
                    policy_document(call, &response.policy.unwrap_or_default())?.document;
                let created_at = Mirror::mirror(response.created_at);
                known(
                    call,
                    &ResourcePolicy { document, organization: response.organization, created_at },
                )
            }
            _ => Err(no_collector(fact)),
        }
    }
}
