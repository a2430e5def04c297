//! `s3.object_lambda_access_point`: listed by region; four calls per access point.

use async_trait::async_trait;
use aws_sdk_s3control::types as sdk;

use super::{mirror, policy, policy_status, resources};
use crate::aws::collector::{Collector, Context, FactResult, ListedResource, known, no_collector};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::s3::object_lambda_access_point::*;
use crate::facts::{FactSpec, Kind};

object_lambda_shapes!(mirror, aws_sdk_s3control::types);

/// Reads [`KIND`].
pub(crate) struct ObjectLambdaAccessPoints;

#[async_trait]
impl Collector for ObjectLambdaAccessPoints {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let (call, client) = (&KIND.list[0], cx.clients.s3control());
        let listed = cx.all_pages(call, |token| {
            let request =
                client.list_access_points_for_object_lambda().account_id(cx.account.as_str());
            let request = request.max_results(cx.page_size(call)).set_next_token(token);
            async move {
                let page = cx.call(call, || request.send()).await?;
                Ok((page.object_lambda_access_point_list, page.next_token))
            }
        });
        resources::<ObjectLambdaAccessPoint, _>(cx, &KIND, listed.await?)
    }

    async fn fact(
        &self,
        cx: &Context,
        access_point: &ListedResource,
        fact: &'static FactSpec,
    ) -> FactResult {
        let (call, client) = (&fact.call, cx.clients.s3control());
        let (account, name) = (cx.account.as_str(), &access_point.id);
        match fact.name {
            "configuration" => {
                let request = client
                    .get_access_point_configuration_for_object_lambda()
                    .account_id(account)
                    .name(name);
                match cx.call(call, || request.send()).await?.configuration {
                    Some(configuration) => {
                        known(call, &ObjectLambdaConfiguration::mirror(configuration))
                    }
                    None => Err(Failure::invalid(call.name, "no Configuration in the response")),
                }
            }
            "details" => {
                let request =
                    client.get_access_point_for_object_lambda().account_id(account).name(name);
                let response = cx.call(call, || request.send()).await?;
                let public_access_block_configuration =
                    Mirror::mirror(response.public_access_block_configuration);
                let creation_date = Mirror::mirror(response.creation_date);
                known(
                    call,
                    &ObjectLambdaAccessPointDetails {
                        public_access_block_configuration,
                        creation_date,
                    },
                )
            }
            "policy" => {
                let request = client
                    .get_access_point_policy_for_object_lambda()
                    .account_id(account)
                    .name(name);
                policy(call, cx.call(call, || request.send()).await?.policy)
            }
            "policy_status" => {
                let request = client
                    .get_access_point_policy_status_for_object_lambda()
                    .account_id(account)
                    .name(name);
                policy_status(
                    call,
                    cx.call(call, || request.send())
                        .await?
                        .policy_status
                        .map(|status| status.is_public),
                )
            }
            _ => Err(no_collector(fact)),
        }
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
