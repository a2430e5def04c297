//! `s3.directory_bucket`: listed by region. S3 rejects an expected owner here, but lists only the
//! account's own buckets.

use async_trait::async_trait;

use super::bucket::encryption_of;
use super::lifecycle::lifecycle;
use super::{mirror, policy, resources};
use crate::aws::collector::{Collector, Context, FactResult, ListedResource, no_collector};
use crate::aws::failure::Failure;
use crate::facts::s3::directory_bucket::*;
use crate::facts::{FactSpec, Kind};

directory_bucket_shapes!(mirror, aws_sdk_s3::types);

/// Reads [`KIND`].
pub(crate) struct DirectoryBuckets;

#[async_trait]
impl Collector for DirectoryBuckets {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let (call, client) = (&KIND.list[0], cx.clients.s3(cx.clients.bucket_in(&cx.region)));
        let listed = cx.all_pages(call, |token| {
            let request = client
                .list_directory_buckets()
                .max_directory_buckets(cx.page_size(call))
                .set_continuation_token(token);
            async move {
                let page = cx.call(call, || request.send()).await?;
                Ok((page.buckets, page.continuation_token))
            }
        });
        resources::<Bucket, _>(cx, &KIND, listed.await?)
    }

    async fn fact(
        &self,
        cx: &Context,
        bucket: &ListedResource,
        fact: &'static FactSpec,
    ) -> FactResult {
        let (call, client) = (&fact.call, cx.clients.s3(cx.clients.bucket_in(&cx.region)));
        match fact.name {
            "encryption" => {
                let response = cx
                    .call(call, || client.get_bucket_encryption().bucket(&bucket.id).send())
                    .await?;
                encryption_of(call, response.server_side_encryption_configuration)
            }
            "lifecycle" => {
                let request = client.get_bucket_lifecycle_configuration().bucket(&bucket.id);
                lifecycle(call, cx.call(call, || request.send()).await?)
            }
            "policy" => policy(
                call,
                cx.call(call, || client.get_bucket_policy().bucket(&bucket.id).send())
                    .await?
                    .policy,
            ),
            _ => Err(no_collector(fact)),
        }
    }
}
