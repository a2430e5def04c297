//! Requests for one bucket: to its region, in the style that S3 accepts there.

use std::future::Future;

use aws_sdk_s3::Client;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::aws::clients::BucketIn;
use crate::aws::collector::{Context, ListedResource};
use crate::aws::failure::Failure;
use crate::facts::ApiCall;
use crate::model::Region;

/// Calls S3 in the region of the bucket. If the list was wrong about it, S3 names the right one, which
/// is called once.
pub(super) async fn call_bucket<T, E, F>(
    cx: &Context,
    bucket: &ListedResource,
    call: &ApiCall,
    send: impl Fn(Client) -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match call_in(cx, &bucket.region, call, &send).await {
        Err(Failure { redirect: Some(region), .. }) if region != bucket.region => {
            call_in(cx, &region, call, &send).await
        }
        response => response,
    }
}

/// Calls S3 in a region: path-style, or virtual-hosted-style where S3 rejects that.
pub(super) async fn call_in<T, E, F>(
    cx: &Context,
    region: &Region,
    call: &ApiCall,
    send: impl Fn(Client) -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let bucket_in = cx.clients.bucket_in(region);
    match cx.call_in(region, call, || send(cx.clients.s3(bucket_in).clone())).await {
        Err(failure)
            if failure.cause.code == "PermanentRedirect"
                && bucket_in == BucketIn::Path
                && failure.redirect.as_ref().is_none_or(|right| right == region)
                && cx.clients.leave_path_style(region) =>
        {
            cx.call_in(region, call, || send(cx.clients.s3(BucketIn::HostName).clone())).await
        }
        response => response,
    }
}
