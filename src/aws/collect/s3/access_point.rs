//! `s3.access_point`: listed by region; three calls per access point.

use async_trait::async_trait;

use super::{mirror, policy, policy_status, resources};
use crate::aws::collector::{Collector, Context, FactResult, ListedResource, known, no_collector};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::s3::access_point::*;
use crate::facts::{FactSpec, Kind};

access_point_shapes!(mirror, aws_sdk_s3control::types);

/// Reads [`KIND`].
pub(crate) struct AccessPoints;

#[async_trait]
impl Collector for AccessPoints {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let (call, client) = (&KIND.list[0], cx.clients.s3control());
        let listed = cx.all_pages(call, |token| {
            let request = client
                .list_access_points()
                .account_id(cx.account.as_str())
                .max_results(cx.page_size(call))
                .set_next_token(token);
            async move {
                let page = cx.call(call, || request.send()).await?;
                Ok((page.access_point_list, page.next_token))
            }
        });
        resources::<AccessPoint, _>(cx, &KIND, listed.await?)
    }

    async fn fact(
        &self,
        cx: &Context,
        access_point: &ListedResource,
        fact: &'static FactSpec,
    ) -> FactResult {
        let (call, client) = (&fact.call, cx.clients.s3control());
        let (account, name) = (cx.account.as_str(), &access_point.id);
        match fact.name {
            "details" => {
                let response = cx
                    .call(call, || client.get_access_point().account_id(account).name(name).send())
                    .await?;
                let public_access_block_configuration =
                    Mirror::mirror(response.public_access_block_configuration);
                let creation_date = Mirror::mirror(response.creation_date);
                known(
                    call,
                    &AccessPointDetails { public_access_block_configuration, creation_date },
                )
            }
            "policy" => {
                let request = client.get_access_point_policy().account_id(account).name(name);
                policy(call, cx.call(call, || request.send()).await?.policy)
            }
            "policy_status" => {
                let request =
                    client.get_access_point_policy_status().account_id(account).name(name);
                policy_status(
                    call,
                    cx.call(call, || request.send())
                        .await?
                        .policy_status
                        .map(|status| status.is_public),
                )
            }
            _ => Err(no_collector(fact)),
        }
    }
}
