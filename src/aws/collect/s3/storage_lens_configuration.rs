//! `s3.storage_lens_configuration`: listed by region, in pages whose size S3 chooses; one call for
//! the rest.

use super::{FactResult, collector, found, mirror, no_such_fact, pages};
use crate::aws::collector::{Context, ListedResource, known};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::FactSpec;
use crate::facts::s3::storage_lens_configuration::*;

storage_lens_shapes!(mirror, aws_sdk_s3control::types);
collector!(StorageLensConfigurations);

async fn list(cx: &Context) -> Result<Vec<ListedResource>, Failure> {
    let (call, client) = (&KIND.list[0], cx.clients.s3control(&cx.region));
    let mut listed = pages(call, |token| {
        let request = client
            .list_storage_lens_configurations()
            .account_id(cx.account.as_str())
            .set_next_token(token);
        async move {
            let page = cx.call(call, request.send()).await?;
            Ok((page.storage_lens_configuration_list, page.next_token))
        }
    })
    .await?;
    // Each is counted where it is at home, and nowhere else.
    listed.retain(|entry| entry.home_region.is_empty() || entry.home_region == cx.region.as_str());
    found::<ListStorageLensConfigurationEntry, _>(cx, &KIND, listed)
}

async fn fact(cx: &Context, found: &ListedResource, fact: &FactSpec) -> FactResult {
    let (call, client) = (&fact.call, cx.clients.s3control(&cx.region));
    match fact.name {
        "configuration" => {
            let request = client
                .get_storage_lens_configuration()
                .account_id(cx.account.as_str())
                .config_id(&found.id);
            match cx.call(call, request.send()).await?.storage_lens_configuration {
                Some(configuration) => {
                    known(call, &StorageLensConfiguration::mirror(configuration))
                }
                None => {
                    Err(Failure::invalid(call.name, "no StorageLensConfiguration in the answer"))
                }
            }
        }
        _ => no_such_fact(call),
    }
}
