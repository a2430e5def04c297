//! `s3.region`: one resource per region, without a list call. Its fact takes the names of the account's
//! buckets, then HEAD requests for predictable names that are not among them.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher, RandomState};

use async_trait::async_trait;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_types::request_id::RequestId;
use futures::stream::{self, StreamExt};

use crate::aws::clients::BucketIn;
use crate::aws::collector::{Collector, Context, FactResult, ListedResource, known, no_collector};
use crate::aws::failure::Failure;
use crate::facts::s3::bucket::LIST_BUCKETS;
use crate::facts::s3::region::*;
use crate::facts::{ApiCall, FactSpec, Kind};
use crate::model::{Cause, Region};

/// Reads [`KIND`].
pub(crate) struct Regions;

#[async_trait]
impl Collector for Regions {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let region = S3Region { region_name: cx.region.to_string() };
        ListedResource::all(cx, &KIND, &[region])
    }

    async fn fact(&self, cx: &Context, _: &ListedResource, fact: &'static FactSpec) -> FactResult {
        match fact.name {
            "service_buckets" => service_buckets(cx, &fact.call).await,
            _ => Err(no_collector(fact)),
        }
    }
}

async fn service_buckets(cx: &Context, call: &ApiCall) -> FactResult {
    let own = own_names(cx).await?;
    let mut names = predictable_names(&cx.account, &cx.region, &own);
    if cx.sample {
        names.truncate(1);
    }
    let states = stream::iter(names).map(|name| {
        let own = &own;
        async move {
            let state = match own.contains(&name.name()) {
                true => "own",
                false => state(cx, call, &name).await?,
            };
            let (name, service) = (name.name(), name.service.to_owned());
            Ok(ServiceBucket { name, service, state: state.to_owned() })
        }
    });
    let states: Vec<Result<ServiceBucket, Failure>> =
        states.buffered(cx.turns.limit()).collect().await;
    known(call, &states.into_iter().collect::<Result<Vec<ServiceBucket>, Failure>>()?)
}

/// The names of the account's buckets in all regions.
async fn own_names(cx: &Context) -> Result<BTreeSet<String>, Failure> {
    let call = &LIST_BUCKETS;
    let client = cx.clients.s3(BucketIn::Path);
    let listed = cx.all_pages(call, |token| {
        let request =
            client.list_buckets().max_buckets(cx.page_size(call)).set_continuation_token(token);
        async move {
            let page = cx.call_in(&cx.home, call, || request.send()).await?;
            Ok((page.buckets, page.continuation_token))
        }
    });
    let name = |bucket: aws_sdk_s3::types::Bucket| {
        // Without it, a name that the account has could be missing.
        bucket.name.ok_or_else(|| Failure::invalid(call.name, "a bucket without its name"))
    };
    listed.await?.into_iter().map(name).collect()
}

/// Who has a name that is not in the list of the account's buckets.
async fn state(
    cx: &Context,
    call: &ApiCall,
    name: &PredictableName,
) -> Result<&'static str, Failure> {
    match find(cx, call, &name.name()).await? {
        Found::Nothing => Ok("free"),
        // It was created after the list was read.
        Found::OwnBucket => Ok("own"),
        Found::Forbidden => {
            // S3 answers the same if a policy denies the request. Then it does so for a name, too,
            // that no bucket has. It has the length of an account id, but is none.
            let chance = RandomState::new().build_hasher().finish() >> 20;
            let control = name.with(&format!("x{chance:011x}"));
            match find(cx, call, &control).await? {
                Found::Nothing => Ok("foreign"),
                Found::OwnBucket | Found::Forbidden => Err(denied(call).into()),
            }
        }
    }
}

fn denied(call: &ApiCall) -> Cause {
    let message = "S3 forbids the request also for a bucket name that does not exist, so it does not show whether the bucket exists: \
                   allow s3:ListBucket";
    Cause::new(call.name, "AccessDenied", message)
}

/// What S3 says about a bucket name.
enum Found {
    Nothing,
    OwnBucket,
    /// A bucket of another account, or a request that a policy denies.
    Forbidden,
}

/// The response to a HEAD request, which has no body, and so no error code.
enum Answer {
    Found(Found),
    /// The bucket is in another region, if S3 names it, or must be named by its host name.
    Elsewhere(Option<Region>),
    /// It is not from S3, but for example from a proxy.
    NotFromS3,
}

async fn find(cx: &Context, call: &ApiCall, name: &str) -> Result<Found, Failure> {
    let mut region = cx.region.clone();
    // S3 names the region of a bucket at most once; then path-style requests may be rejected.
    for _ in 0..3 {
        let bucket_in = cx.clients.bucket_in(&region);
        match head(cx, call, &region, bucket_in, name).await? {
            Answer::Found(found) => return Ok(found),
            Answer::NotFromS3 => {
                let message = "the response has no request id, so it is not from S3";
                return Err(Failure::invalid(call.name, message));
            }
            Answer::Elsewhere(Some(right)) if right != region => region = right,
            Answer::Elsewhere(_) => {
                if bucket_in == BucketIn::HostName || !cx.clients.leave_path_style(&region) {
                    break;
                }
            }
        }
    }
    let message = format!("S3 redirects the request for `{name}` without end");
    Err(Failure::invalid(call.name, &message))
}

async fn head(
    cx: &Context,
    call: &ApiCall,
    region: &Region,
    bucket_in: BucketIn,
    name: &str,
) -> Result<Answer, Failure> {
    let client = cx.clients.s3(bucket_in);
    let request = client.head_bucket().bucket(name).expected_bucket_owner(cx.account.as_str());
    let without_id = cx.clients.answers_without_id();
    let answer = async || {
        match request.send().await {
            Ok(found) if !without_id && found.request_id().is_none() => Ok(Answer::NotFromS3),
            Ok(_) => Ok(Answer::Found(Found::OwnBucket)),
            Err(error)
                if !without_id
                    && error.raw_response().is_some()
                    && error.request_id().is_none() =>
            {
                Ok(Answer::NotFromS3)
            }
            Err(SdkError::ServiceError(error)) => {
                let raw = error.raw();
                let right = raw.headers().get("x-amz-bucket-region");
                let right = right.and_then(|region| region.parse::<Region>().ok());
                match raw.status().as_u16() {
                    404 => Ok(Answer::Found(Found::Nothing)),
                    403 => Ok(Answer::Found(Found::Forbidden)),
                    301 | 307 => Ok(Answer::Elsewhere(right)),
                    // A request that is signed for the wrong region.
                    400 if right.is_some() => Ok(Answer::Elsewhere(right)),
                    _ => Err(SdkError::ServiceError(error)),
                }
            }
            Err(error) => Err(error),
        }
    };
    cx.call_in(region, call, answer).await
}
