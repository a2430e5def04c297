//! `ec2.address`: the list is not paged; what is being transferred is a list of its own.

use serde_json::Value;

use super::{describe_once, mirror};
use crate::aws::collector::{BatchFact, Context};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::aws::paging::Pages;
use crate::facts::ApiCall;
use crate::facts::ec2::address::*;

address_shapes!(mirror, aws_sdk_ec2::types);

describe_once! { Addresses, KIND, Address, all(transfer): describe_addresses => answer.addresses }

async fn transfer(cx: &Context, call: &ApiCall) -> Result<BatchFact, Failure> {
    let client = cx.clients.ec2(&cx.region);
    let mut pages = Pages::of(call);
    let mut by_id = Vec::new();
    let mut token = None;
    loop {
        let request =
            client.describe_address_transfers().max_results(call.page_size()).set_next_token(token);
        let page = cx.call(call, request.send()).await?;
        token = pages.next(page.next_token)?;
        // The shape is filed under the address, and has no field for its id.
        by_id.extend(page.address_transfers.into_iter().flatten().filter_map(|transfer| {
            let id = transfer.allocation_id.clone()?;
            Some((id, AddressTransfer::mirror(transfer)))
        }));
        if token.is_none() {
            return Ok(BatchFact::by_id(call, by_id)?.otherwise(Value::Null));
        }
    }
}
