//! `ec2.managed_prefix_list`: the list, then the entries of each prefix list, both in pages of 100
//! at most.

use async_trait::async_trait;

use super::{describe_pages, mirror};
use crate::aws::collector::{Collector, Context, FactResult, ListedResource, known, no_collector};
use crate::aws::failure::Failure;
use crate::facts::ec2::managed_prefix_list::*;
use crate::facts::{ApiCall, FactSpec, Kind};

managed_prefix_list_shapes!(mirror, aws_sdk_ec2::types);

/// Reads [`KIND`].
pub(crate) struct ManagedPrefixLists;

#[async_trait]
impl Collector for ManagedPrefixLists {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let listed: Vec<ManagedPrefixList> =
            describe_pages!(cx, &KIND.list[0], describe_managed_prefix_lists => page.prefix_lists);
        ListedResource::all(cx, &KIND, &listed)
    }

    async fn fact(
        &self,
        cx: &Context,
        list: &ListedResource,
        fact: &'static FactSpec,
    ) -> FactResult {
        let call = &fact.call;
        match fact.name {
            "entries" => known(call, &entries(cx, list, call).await?),
            _ => Err(no_collector(fact)),
        }
    }
}

/// Also of AWS-managed lists: what was not requested must not be recorded as absent.
async fn entries(
    cx: &Context,
    list: &ListedResource,
    call: &ApiCall,
) -> Result<Vec<PrefixListEntry>, Failure> {
    Ok(
        describe_pages!(cx, call, get_managed_prefix_list_entries.prefix_list_id(&list.id) => page.entries),
    )
}
