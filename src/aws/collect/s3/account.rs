//! `s3.account`: one per account, without a list.

use futures::future::BoxFuture;

use crate::aws::collector::{Answer, Collector, Context, ListedResource, known};
use crate::aws::failure::{Failure, is_absent};
use crate::aws::mirror::Mirror;
use crate::facts::s3::account::{Account, KIND, PublicAccessBlock};
use crate::facts::{FactSpec, Kind};

/// Reads [`KIND`].
pub(crate) struct AccountSettings;

impl Collector for AccountSettings {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn list<'a>(&'a self, cx: &'a Context) -> BoxFuture<'a, Result<Vec<ListedResource>, Failure>> {
        Box::pin(async move {
            let account = Account { account_id: cx.account.to_string() };
            Ok(vec![ListedResource::of(cx, &KIND, &account)?])
        })
    }

    fn fact<'a>(
        &'a self,
        cx: &'a Context,
        _: &'a ListedResource,
        fact: &'static FactSpec,
    ) -> Answer<'a> {
        Box::pin(async move {
            match fact.name {
                "public_access_block" => public_access_block(cx, fact).await,
                _ => {
                    Err(Failure::invalid(fact.call.name, "rolecall has no collector for this fact"))
                }
            }
        })
    }
}

async fn public_access_block(
    cx: &Context,
    fact: &FactSpec,
) -> Result<Option<serde_json::Value>, Failure> {
    let request =
        cx.clients.s3control(&cx.home).get_public_access_block().account_id(cx.account.as_str());
    let flags = match cx.call(&fact.call, request.send()).await {
        Ok(answer) => PublicAccessBlock::mirror(
            answer.public_access_block_configuration.ok_or_else(|| {
                Failure::invalid(fact.call.name, "no PublicAccessBlockConfiguration in the answer")
            })?,
        ),
        // AWS defines "nothing configured" as all four off.
        Err(failure) if is_absent(fact.call.absent, &failure.cause.code) => {
            PublicAccessBlock::default()
        }
        Err(failure) => return Err(failure),
    };
    known(&fact.call, &flags)
}
