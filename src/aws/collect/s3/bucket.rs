//! `s3.bucket`: one list for the whole account, then one call per fact to the bucket's own region.

use std::future::Future;

use aws_sdk_s3::Client;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};
use serde_json::Value;

use crate::aws::collector::{Answer, Collector, Context, Found, Pages, known, time};
use crate::aws::failure::{Failure, is_absent, is_gone};
use crate::facts::s3::PolicyDocument;
use crate::facts::s3::account::PublicAccessBlock;
use crate::facts::s3::bucket::{
    Acl, Bucket, Encryption, EncryptionRule, GET_BUCKET_LOCATION, Grant, Grantee, KIND, Logging, OwnershipControls, PolicyStatus,
    Versioning,
};
use crate::facts::{ApiCall, FactSpec, Kind, Tags};
use crate::model::Region;

/// The most that one page can hold is 10,000; a smaller answer is quicker to try again.
const PAGE: i32 = 1_000;
/// How many buckets are asked for their region at once.
const LOCATIONS: usize = 16;

/// Reads [`KIND`].
pub(in crate::aws) struct Buckets;

impl Collector for Buckets {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn list<'a>(&'a self, cx: &'a Context) -> BoxFuture<'a, Result<Vec<Found>, Failure>> {
        Box::pin(list(cx))
    }

    fn fact<'a>(&'a self, cx: &'a Context, bucket: &'a Found, fact: &'static FactSpec) -> Answer<'a> {
        Box::pin(async move {
            // There is no regional endpoint to ask without the region; its cause is the fact's.
            if let Some(cause) = bucket.unreadable.get("bucket_region") {
                return Err(cause.clone().into());
            }
            let call = &fact.call;
            match fact.name {
                "acl" => acl(cx, bucket, call).await,
                "encryption" => encryption(cx, bucket, call).await,
                "logging" => logging(cx, bucket, call).await,
                "ownership_controls" => ownership_controls(cx, bucket, call).await,
                "policy" => policy(cx, bucket, call).await,
                "policy_status" => policy_status(cx, bucket, call).await,
                "public_access_block" => public_access_block(cx, bucket, call).await,
                "tags" => tags(cx, bucket, call).await,
                "versioning" => versioning(cx, bucket, call).await,
                _ => Err(Failure::invalid(call.name, "rolecall has no collector for this fact")),
            }
        })
    }
}

async fn list(cx: &Context) -> Result<Vec<Found>, Failure> {
    let call = &KIND.list[0];
    let client = cx.clients.s3(&cx.home);
    let mut pages = Pages::of(call);
    let mut listed = Vec::new();
    let mut token = None;
    loop {
        let page = cx.call(call, client.list_buckets().max_buckets(PAGE).set_continuation_token(token).send()).await?;
        listed.extend(page.buckets.unwrap_or_default());
        token = pages.next(page.continuation_token)?;
        if token.is_none() {
            break;
        }
    }
    let located = stream::iter(listed).map(|bucket| found(cx, bucket)).buffer_unordered(LOCATIONS).collect::<Vec<_>>().await;
    located.into_iter().filter_map(Result::transpose).collect()
}

/// A listed bucket with its region; `None` when it was deleted since.
async fn found(cx: &Context, bucket: aws_sdk_s3::types::Bucket) -> Result<Option<Found>, Failure> {
    let name = bucket.name.ok_or_else(|| Failure::invalid(KIND.list_call(), "a bucket without a name"))?;
    let listed = bucket.bucket_region.and_then(|region| region.parse::<Region>().ok()).filter(|region| !region.is_global());
    let region = match listed {
        Some(region) => Ok(region),
        None => match location(cx, &name).await {
            Err(failure) if is_gone(&failure.cause.code) => {
                cx.meter.gone(&cx.account, &Region::global(), KIND.name, &name);
                return Ok(None);
            }
            other => other,
        },
    };
    let bucket = Bucket {
        name,
        bucket_region: region.as_ref().ok().map(Region::to_string),
        creation_date: bucket.creation_date.and_then(time),
    };
    let mut found = Found::of(cx, &KIND, &bucket)?;
    match region {
        Ok(region) => found.region = region,
        // The bucket does not vanish because its region is unknown: it is filed under `global`, and all its facts are unreadable.
        Err(failure) => drop(found.unreadable.insert("bucket_region", failure.cause)),
    }
    Ok(Some(found))
}

/// Where a bucket is, when the list does not tell.
async fn location(cx: &Context, name: &str) -> Result<Region, Failure> {
    let call = &GET_BUCKET_LOCATION;
    let request = cx.clients.s3(&cx.home).get_bucket_location().bucket(name).expected_bucket_owner(cx.account.as_str());
    let answer = match cx.call(call, request.send()).await {
        Ok(answer) => answer,
        // An answer from the wrong region names the right one.
        Err(Failure { redirect: Some(region), .. }) => return Ok(region),
        Err(failure) => return Err(failure),
    };
    let region = match answer.location_constraint.as_ref().map(|constraint| constraint.as_str()) {
        // From the time when there were two regions.
        None | Some("") => "us-east-1",
        Some("EU") => "eu-west-1",
        Some(region) => region,
    };
    region.parse().map_err(|error: crate::model::InvalidId| Failure::invalid(call.name, &error.to_string()))
}

/// Asks the bucket's region. Where the list was wrong about it, S3 names the right one, which is asked once.
async fn ask<T, E, F>(cx: &Context, bucket: &Found, call: &ApiCall, send: impl Fn(Client) -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match cx.call(call, send(cx.clients.s3(&bucket.region))).await {
        Err(Failure { redirect: Some(region), .. }) if region != bucket.region => {
            cx.call(call, send(cx.clients.s3(&region))).await
        }
        answer => answer,
    }
}

/// A request for one bucket. The expected owner keeps a bucket of the same name in somebody else's account out.
macro_rules! of_bucket {
    ($cx:ident, $bucket:ident, $call:ident, $operation:ident) => {
        ask($cx, $bucket, $call, |s3| s3.$operation().bucket(&$bucket.id).expected_bucket_owner($cx.account.as_str()).send())
            .await
    };
}

type Asked = Result<Option<Value>, Failure>;

async fn acl(cx: &Context, bucket: &Found, call: &ApiCall) -> Asked {
    let answer = of_bucket!(cx, bucket, call, get_bucket_acl)?;
    let grant = |grant: aws_sdk_s3::types::Grant| -> Result<Grant, Failure> {
        let (Some(grantee), Some(permission)) = (grant.grantee, grant.permission) else {
            return Err(Failure::invalid(call.name, "a grant without its grantee or its permission"));
        };
        Ok(Grant {
            grantee: Grantee {
                r#type: grantee.r#type.as_str().to_owned(),
                id: grantee.id,
                uri: grantee.uri,
                email_address: grantee.email_address,
            },
            permission: permission.as_str().to_owned(),
        })
    };
    let grants = answer.grants.unwrap_or_default().into_iter().map(grant).collect::<Result<_, _>>()?;
    known(call, &Acl { owner_id: answer.owner.and_then(|owner| owner.id), grants })
}

async fn encryption(cx: &Context, bucket: &Found, call: &ApiCall) -> Asked {
    let answer = of_bucket!(cx, bucket, call, get_bucket_encryption)?;
    let Some(configuration) = answer.server_side_encryption_configuration else { return Ok(None) };
    let rule = |rule: aws_sdk_s3::types::ServerSideEncryptionRule| {
        let default = rule.apply_server_side_encryption_by_default;
        EncryptionRule {
            sse_algorithm: default.as_ref().map(|default| default.sse_algorithm.as_str().to_owned()),
            kms_master_key_id: default.and_then(|default| default.kms_master_key_id),
            bucket_key_enabled: rule.bucket_key_enabled,
            blocked_encryption_types: rule
                .blocked_encryption_types
                .and_then(|blocked| blocked.encryption_type)
                .into_iter()
                .flatten()
                .map(|kind| kind.as_str().to_owned())
                .collect(),
        }
    };
    known(call, &Encryption { rules: configuration.rules.into_iter().map(rule).collect() })
}

async fn logging(cx: &Context, bucket: &Found, call: &ApiCall) -> Asked {
    match of_bucket!(cx, bucket, call, get_bucket_logging)?.logging_enabled {
        Some(on) => known(call, &Logging { target_bucket: on.target_bucket, target_prefix: Some(on.target_prefix) }),
        None => Ok(None),
    }
}

async fn ownership_controls(cx: &Context, bucket: &Found, call: &ApiCall) -> Asked {
    let controls = of_bucket!(cx, bucket, call, get_bucket_ownership_controls)?.ownership_controls;
    // S3 keeps exactly one rule.
    match controls.and_then(|controls| controls.rules.into_iter().next()) {
        Some(rule) => known(call, &OwnershipControls { object_ownership: rule.object_ownership.as_str().to_owned() }),
        None => Ok(None),
    }
}

async fn policy(cx: &Context, bucket: &Found, call: &ApiCall) -> Asked {
    let text = of_bucket!(cx, bucket, call, get_bucket_policy)?.policy.unwrap_or_default();
    match serde_json::from_str::<Value>(&text) {
        Ok(document @ Value::Object(_)) => known(call, &PolicyDocument { document }),
        Ok(_) => Err(Failure::invalid(call.name, "the bucket policy is not a JSON object")),
        Err(error) => Err(Failure::invalid(call.name, &format!("the bucket policy is not JSON: {error}"))),
    }
}

async fn policy_status(cx: &Context, bucket: &Found, call: &ApiCall) -> Asked {
    let status = of_bucket!(cx, bucket, call, get_bucket_policy_status)?.policy_status;
    match status.and_then(|status| status.is_public) {
        Some(is_public) => known(call, &PolicyStatus { is_public }),
        None => Err(Failure::invalid(call.name, "no IsPublic in the answer")),
    }
}

async fn public_access_block(cx: &Context, bucket: &Found, call: &ApiCall) -> Asked {
    let flags = match of_bucket!(cx, bucket, call, get_public_access_block) {
        Ok(answer) => {
            let flags = answer
                .public_access_block_configuration
                .ok_or_else(|| Failure::invalid(call.name, "no PublicAccessBlockConfiguration in the answer"))?;
            PublicAccessBlock {
                block_public_acls: flags.block_public_acls.unwrap_or(false),
                ignore_public_acls: flags.ignore_public_acls.unwrap_or(false),
                block_public_policy: flags.block_public_policy.unwrap_or(false),
                restrict_public_buckets: flags.restrict_public_buckets.unwrap_or(false),
            }
        }
        // AWS defines "nothing configured" as all four off.
        Err(failure) if is_absent(call.absent, &failure.cause.code) => PublicAccessBlock::default(),
        Err(failure) => return Err(failure),
    };
    known(call, &flags)
}

async fn tags(cx: &Context, bucket: &Found, call: &ApiCall) -> Asked {
    let tags: Tags =
        of_bucket!(cx, bucket, call, get_bucket_tagging)?.tag_set.into_iter().map(|tag| (tag.key, tag.value)).collect();
    if tags.is_empty() { Ok(None) } else { known(call, &tags) }
}

async fn versioning(cx: &Context, bucket: &Found, call: &ApiCall) -> Asked {
    let answer = of_bucket!(cx, bucket, call, get_bucket_versioning)?;
    known(
        call,
        &Versioning {
            status: answer.status.map(|status| status.as_str().to_owned()),
            mfa_delete: answer.mfa_delete.map(|status| status.as_str().to_owned()),
        },
    )
}
