//! `s3.access_point`: listed by region; three calls per access point.

use super::{FactResult, collector, found, mirror, no_such_fact, pages, policy, policy_status};
use crate::aws::collector::{Context, ListedResource, known};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::FactSpec;
use crate::facts::s3::access_point::*;

access_point_shapes!(mirror, aws_sdk_s3control::types);
collector!(AccessPoints);

async fn list(cx: &Context) -> Result<Vec<ListedResource>, Failure> {
    let (call, client) = (&KIND.list[0], cx.clients.s3control(&cx.region));
    let listed = pages(call, |token| {
        let request = client
            .list_access_points()
            .account_id(cx.account.as_str())
            .max_results(call.page_size())
            .set_next_token(token);
        async move {
            let page = cx.call(call, request.send()).await?;
            Ok((page.access_point_list, page.next_token))
        }
    });
    found::<AccessPoint, _>(cx, &KIND, listed.await?)
}

async fn fact(cx: &Context, found: &ListedResource, fact: &FactSpec) -> FactResult {
    let (call, client) = (&fact.call, cx.clients.s3control(&cx.region));
    let (account, name) = (cx.account.as_str(), &found.id);
    match fact.name {
        "details" => {
            let answer = cx
                .call(call, client.get_access_point().account_id(account).name(name).send())
                .await?;
            let public_access_block_configuration =
                Mirror::mirror(answer.public_access_block_configuration);
            let creation_date = Mirror::mirror(answer.creation_date);
            known(call, &AccessPointDetails { public_access_block_configuration, creation_date })
        }
        "policy" => {
            let request = client.get_access_point_policy().account_id(account).name(name);
            policy(call, cx.call(call, request.send()).await?.policy)
        }
        "policy_status" => {
            let request = client.get_access_point_policy_status().account_id(account).name(name);
            policy_status(
                call,
                cx.call(call, request.send()).await?.policy_status.map(|status| status.is_public),
            )
        }
        _ => no_such_fact(call),
    }
}
