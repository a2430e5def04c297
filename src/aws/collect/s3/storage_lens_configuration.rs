//! `s3.storage_lens_configuration`: listed by region, in pages whose size S3 chooses; one call for
//! the rest.

use async_trait::async_trait;

use super::{mirror, resources};
use crate::aws::collector::{Collector, Context, FactResult, ListedResource, known, no_collector};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::s3::storage_lens_configuration::*;
use crate::facts::{FactSpec, Kind};

storage_lens_shapes!(mirror, aws_sdk_s3control::types);

/// Reads [`KIND`].
pub(crate) struct StorageLensConfigurations;

#[async_trait]
impl Collector for StorageLensConfigurations {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let (call, client) = (&KIND.list[0], cx.clients.s3control());
        let mut listed = cx
            .all_pages(call, |token| {
                let request = client
                    .list_storage_lens_configurations()
                    .account_id(cx.account.as_str())
                    .set_next_token(token);
                async move {
                    let page = cx.call(call, || request.send()).await?;
                    Ok((page.storage_lens_configuration_list, page.next_token))
                }
            })
            .await?;
        // Each configuration counts only in its home region.
        listed.retain(|entry| {
            entry.home_region.is_empty() || entry.home_region == cx.region.as_str()
        });
        resources::<ListStorageLensConfigurationEntry, _>(cx, &KIND, listed)
    }

    async fn fact(
        &self,
        cx: &Context,
        configuration: &ListedResource,
        fact: &'static FactSpec,
    ) -> FactResult {
        let (call, client) = (&fact.call, cx.clients.s3control());
        match fact.name {
            "configuration" => {
                let request = client
                    .get_storage_lens_configuration()
                    .account_id(cx.account.as_str())
                    .config_id(&configuration.id);
                match cx.call(call, || request.send()).await?.storage_lens_configuration {
                    Some(configuration) => {
                        known(call, &StorageLensConfiguration::mirror(configuration))
                    }
                    None => Err(Failure::invalid(
                        call.name,
                        "no StorageLensConfiguration in the response",
                    )),
                }
            }
            _ => Err(no_collector(fact)),
        }
    }
}
