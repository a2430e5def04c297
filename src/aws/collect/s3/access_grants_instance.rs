//! `s3.access_grants_instance`: listed by region; one call for the policy.

use super::{FactResult, collector, found, mirror, no_such_fact, pages, policy_document};
use crate::aws::collector::{Context, ListedResource, known};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::FactSpec;
use crate::facts::s3::access_grants_instance::*;

access_grants_shapes!(mirror, aws_sdk_s3control::types);
collector!(AccessGrantsInstances);

async fn list(cx: &Context) -> Result<Vec<ListedResource>, Failure> {
    let (call, client) = (&KIND.list[0], cx.clients.s3control(&cx.region));
    let listed = pages(call, |token| {
        let request = client.list_access_grants_instances().account_id(cx.account.as_str());
        let request = request.max_results(call.page_size()).set_next_token(token);
        async move {
            let page = cx.call(call, request.send()).await?;
            Ok((page.access_grants_instances_list, page.next_token))
        }
    });
    found::<ListAccessGrantsInstanceEntry, _>(cx, &KIND, listed.await?)
}

async fn fact(cx: &Context, _: &ListedResource, fact: &FactSpec) -> FactResult {
    let (call, client) = (&fact.call, cx.clients.s3control(&cx.region));
    match fact.name {
        // There is one instance per region; the call does not name it.
        "resource_policy" => {
            let request =
                client.get_access_grants_instance_resource_policy().account_id(cx.account.as_str());
            let answer = cx.call(call, request.send()).await?;
            let document = policy_document(call, &answer.policy.unwrap_or_default())?.document;
            let created_at = Mirror::mirror(answer.created_at);
            known(call, &ResourcePolicy { document, organization: answer.organization, created_at })
        }
        _ => no_such_fact(call),
    }
}
