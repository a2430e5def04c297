//! `s3.account`: one resource per account, without a list call.

use async_trait::async_trait;

use crate::aws::collector::{Collector, Context, FactResult, ListedResource, known, no_collector};
use crate::aws::failure::{Failure, is_absent};
use crate::aws::mirror::Mirror;
use crate::facts::s3::account::{Account, KIND, PublicAccessBlock};
use crate::facts::{ApiCall, FactSpec, Kind};

/// Reads [`KIND`].
pub(crate) struct AccountSettings;

#[async_trait]
impl Collector for AccountSettings {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let account = Account { account_id: cx.account.to_string() };
        ListedResource::all(cx, &KIND, &[account])
    }

    async fn fact(&self, cx: &Context, _: &ListedResource, fact: &'static FactSpec) -> FactResult {
        match fact.name {
            "public_access_block" => public_access_block(cx, &fact.call).await,
            _ => Err(no_collector(fact)),
        }
    }
}

async fn public_access_block(cx: &Context, call: &ApiCall) -> FactResult {
    let request = cx.clients.s3control().get_public_access_block().account_id(cx.account.as_str());
    let flags = match cx.call_in(&cx.home, call, || request.send()).await {
        Ok(response) => {
            PublicAccessBlock::mirror(response.public_access_block_configuration.ok_or_else(
                || Failure::invalid(call.name, "no PublicAccessBlockConfiguration in the response"),
            )?)
        }
        // AWS defines "nothing configured" as all four off.
        Err(failure) if is_absent(call.absent, &failure.cause.code) => PublicAccessBlock::default(),
        Err(failure) => return Err(failure),
    };
    known(call, &flags)
}
