//! `s3.object_lambda_access_point`: listed by region; four calls per access point.

use aws_sdk_s3control::types as sdk;

use super::{FactResult, collector, found, mirror, no_such_fact, pages, policy, policy_status};
use crate::aws::collector::{Context, ListedResource, known};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::FactSpec;
use crate::facts::s3::object_lambda_access_point::*;

object_lambda_shapes!(mirror, aws_sdk_s3control::types);
collector!(ObjectLambdaAccessPoints);

async fn list(cx: &Context) -> Result<Vec<ListedResource>, Failure> {
    let (call, client) = (&KIND.list[0], cx.clients.s3control(&cx.region));
    let listed = pages(call, |token| {
        let request = client.list_access_points_for_object_lambda().account_id(cx.account.as_str());
        let request = request.max_results(call.page_size()).set_next_token(token);
        async move {
            let page = cx.call(call, request.send()).await?;
            Ok((page.object_lambda_access_point_list, page.next_token))
        }
    });
    found::<ObjectLambdaAccessPoint, _>(cx, &KIND, listed.await?)
}

async fn fact(cx: &Context, found: &ListedResource, fact: &FactSpec) -> FactResult {
    let (call, client) = (&fact.call, cx.clients.s3control(&cx.region));
    let (account, name) = (cx.account.as_str(), &found.id);
    match fact.name {
        "configuration" => {
            let request = client
                .get_access_point_configuration_for_object_lambda()
                .account_id(account)
                .name(name);
            match cx.call(call, request.send()).await?.configuration {
                Some(configuration) => {
                    known(call, &ObjectLambdaConfiguration::mirror(configuration))
                }
                None => Err(Failure::invalid(call.name, "no Configuration in the answer")),
            }
        }
        "details" => {
            let request =
                client.get_access_point_for_object_lambda().account_id(account).name(name);
            let answer = cx.call(call, request.send()).await?;
            let public_access_block_configuration =
                Mirror::mirror(answer.public_access_block_configuration);
            let creation_date = Mirror::mirror(answer.creation_date);
            known(
                call,
                &ObjectLambdaAccessPointDetails {
                    public_access_block_configuration,
                    creation_date,
                },
            )
        }
        "policy" => {
            let request =
                client.get_access_point_policy_for_object_lambda().account_id(account).name(name);
            policy(call, cx.call(call, request.send()).await?.policy)
        }
        "policy_status" => {
            let request = client
                .get_access_point_policy_status_for_object_lambda()
                .account_id(account)
                .name(name);
            policy_status(
                call,
                cx.call(call, request.send()).await?.policy_status.map(|status| status.is_public),
            )
        }
        _ => no_such_fact(call),
    }
}

impl Mirror<Option<sdk::ObjectLambdaContentTransformation>>
    for Option<ObjectLambdaContentTransformation>
{
    fn mirror(from: Option<sdk::ObjectLambdaContentTransformation>) -> Self {
        from.map(|from| match from {
            sdk::ObjectLambdaContentTransformation::AwsLambda(function) => {
                ObjectLambdaContentTransformation {
                    aws_lambda: Some(AwsLambdaTransformation {
                        has_function_payload: function
                            .function_payload
                            .is_some_and(|payload| !payload.is_empty()),
                        function_arn: function.function_arn,
                    }),
                }
            }
            _ => ObjectLambdaContentTransformation { aws_lambda: None },
        })
    }
}
