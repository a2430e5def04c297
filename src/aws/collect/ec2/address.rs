//! `ec2.address`: the list is not paged; pending transfers are a separate list.

use async_trait::async_trait;
use serde_json::Value;

use super::{describe_once, mirror};
use crate::aws::collector::{BatchFact, Collector, Context, ListedResource, no_collector};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::ec2::address::*;
use crate::facts::{ApiCall, FactSpec, Kind};

address_shapes!(mirror, aws_sdk_ec2::types);

/// Reads [`KIND`].
pub(crate) struct Addresses;

#[async_trait]
impl Collector for Addresses {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let listed: Vec<Address> =
            describe_once!(cx, &KIND.list[0], describe_addresses => response.addresses);
        ListedResource::all(cx, &KIND, &listed)
    }

    async fn batch_fact(
        &self,
        cx: &Context,
        fact: &'static FactSpec,
    ) -> Result<BatchFact, Failure> {
        match fact.name {
            "transfer" => transfer(cx, &fact.call).await,
            _ => Err(no_collector(fact)),
        }
    }
}

async fn transfer(cx: &Context, call: &ApiCall) -> Result<BatchFact, Failure> {
    let client = cx.clients.ec2();
    let transfers = cx.all_pages(call, |token| {
        let request = client
            .describe_address_transfers()
            .max_results(cx.page_size(call))
            .set_next_token(token);
        async move {
            let page = cx.call(call, || request.send()).await?;
            Ok((page.address_transfers, page.next_token))
        }
    });
    // The value is stored under the address's id, which the shape does not contain.
    let by_id = transfers.await?.into_iter().filter_map(|transfer| {
        let id = transfer.allocation_id.clone()?;
        Some((id, AddressTransfer::mirror(transfer)))
    });
    Ok(BatchFact::by_id(call, by_id)?.otherwise(Value::Null))
}
