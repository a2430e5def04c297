//! `s3.multi_region_access_point`: requested from `us-west-2`, whatever the regions of the target.

use async_trait::async_trait;

use super::{mirror, policy_document, policy_status, resources};
use crate::aws::collector::{Collector, Context, FactResult, ListedResource, known, no_collector};
use crate::aws::failure::Failure;
use crate::facts::s3::multi_region_access_point::*;
use crate::facts::{ApiCall, FactSpec, Kind};
use crate::model::{Partition, Region};

multi_region_access_point_shapes!(mirror, aws_sdk_s3control::types);

/// The region that serves Multi-Region Access Points.
fn region(call: &ApiCall) -> Result<Region, Failure> {
    "us-west-2"
        .parse()
        .map_err(|error: crate::model::InvalidId| Failure::invalid(call.name, &error.to_string()))
}

/// Reads [`KIND`].
pub(crate) struct MultiRegionAccessPoints;

#[async_trait]
impl Collector for MultiRegionAccessPoints {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        // The other partitions have neither Multi-Region Access Points nor that region.
        if cx.partition != Partition::default() {
            return Ok(Vec::new());
        }
        let call = &KIND.list[0];
        let (client, region) = (cx.clients.s3control(), &region(call)?);
        let listed = cx.all_pages(call, |token| {
            let request = client.list_multi_region_access_points().account_id(cx.account.as_str());
            let request = request.max_results(cx.page_size(call)).set_next_token(token);
            async move {
                let page = cx.call_in(region, call, || request.send()).await?;
                Ok((page.access_points, page.next_token))
            }
        });
        resources::<MultiRegionAccessPointReport, _>(cx, &KIND, listed.await?)
    }

    async fn fact(
        &self,
        cx: &Context,
        access_point: &ListedResource,
        fact: &'static FactSpec,
    ) -> FactResult {
        let call = &fact.call;
        let (client, region) = (cx.clients.s3control(), &region(call)?);
        let (account, name) = (cx.account.as_str(), &access_point.id);
        match fact.name {
            "policy" => {
                let request =
                    client.get_multi_region_access_point_policy().account_id(account).name(name);
                let policies = cx.call_in(region, call, || request.send()).await?.policy;
                let (established, proposed) =
                    policies.map(|both| (both.established, both.proposed)).unwrap_or_default();
                let read = |text: Option<String>| {
                    text.filter(|text| !text.is_empty())
                        .map(|text| policy_document(call, &text))
                        .transpose()
                };
                let established = read(established.and_then(|policy| policy.policy))?;
                let proposed = read(proposed.and_then(|policy| policy.policy))?;
                if established.is_none() && proposed.is_none() {
                    return Ok(None);
                }
                known(call, &MultiRegionAccessPointPolicy { established, proposed })
            }
            "policy_status" => {
                let request = client
                    .get_multi_region_access_point_policy_status()
                    .account_id(account)
                    .name(name);
                match cx.call_in(region, call, || request.send()).await?.established {
                    Some(status) => policy_status(call, Some(status.is_public)),
                    // Without an established policy there is no status.
                    None => Ok(None),
                }
            }
            _ => Err(no_collector(fact)),
        }
    }
}
