//! `organizations.account`: one resource per account, without a list call.

use async_trait::async_trait;

use crate::aws::collector::{Collector, Context, FactResult, ListedResource, known, no_collector};
use crate::aws::failure::Failure;
use crate::facts::organizations::account::{KIND, OrganizationAccount, OrganizationDescription};
use crate::facts::{ApiCall, FactSpec, Kind};

/// Reads [`KIND`].
pub(crate) struct OrganizationAccounts;

#[async_trait]
impl Collector for OrganizationAccounts {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let account = OrganizationAccount { account_id: cx.account.to_string() };
        ListedResource::all(cx, &KIND, &[account])
    }

    async fn fact(&self, cx: &Context, _: &ListedResource, fact: &'static FactSpec) -> FactResult {
        match fact.name {
            "organization" => organization(cx, &fact.call).await,
            _ => Err(no_collector(fact)),
        }
    }
}

async fn organization(cx: &Context, call: &ApiCall) -> FactResult {
    let request = cx.clients.organizations().describe_organization();
    let response = cx.call_in(&cx.home, call, || request.send()).await?;
    let organization = response
        .organization
        .ok_or_else(|| Failure::invalid(call.name, "no Organization in the response"))?;
    let description = OrganizationDescription {
        id: organization.id,
        arn: organization.arn,
        feature_set: organization.feature_set.map(|set| set.as_str().to_owned()),
        master_account_id: organization.master_account_id,
        master_account_arn: organization.master_account_arn,
    };
    known(call, &description)
}
