//! `s3.directory_bucket`: listed by region. S3 refuses an expected owner here; the list is of the
//! account's own buckets.

use super::bucket::encryption_of;
use super::lifecycle::lifecycle;
use super::{FactResult, collector, found, mirror, no_such_fact, pages, policy};
use crate::aws::collector::{Context, ListedResource};
use crate::aws::failure::Failure;
use crate::facts::FactSpec;
use crate::facts::s3::directory_bucket::*;

directory_bucket_shapes!(mirror, aws_sdk_s3::types);
collector!(DirectoryBuckets);

async fn list(cx: &Context) -> Result<Vec<ListedResource>, Failure> {
    let (call, client) = (&KIND.list[0], cx.clients.s3(&cx.region));
    let listed = pages(call, |token| {
        let request = client
            .list_directory_buckets()
            .max_directory_buckets(call.page_size())
            .set_continuation_token(token);
        async move {
            let page = cx.call(call, request.send()).await?;
            Ok((page.buckets, page.continuation_token))
        }
    });
    found::<Bucket, _>(cx, &KIND, listed.await?)
}

async fn fact(cx: &Context, found: &ListedResource, fact: &FactSpec) -> FactResult {
    let (call, client) = (&fact.call, cx.clients.s3(&cx.region));
    match fact.name {
        "encryption" => {
            let answer =
                cx.call(call, client.get_bucket_encryption().bucket(&found.id).send()).await?;
            encryption_of(call, answer.server_side_encryption_configuration)
        }
        "lifecycle" => {
            let request = client.get_bucket_lifecycle_configuration().bucket(&found.id);
            lifecycle(call, cx.call(call, request.send()).await?)
        }
        "policy" => policy(
            call,
            cx.call(call, client.get_bucket_policy().bucket(&found.id).send()).await?.policy,
        ),
        _ => no_such_fact(call),
    }
}
