//! `s3.bucket`: one list for the whole account, then one call per fact to the region of the bucket.

use async_trait::async_trait;
use aws_sdk_s3::Client;
use futures::stream::{self, StreamExt};

use super::lifecycle::lifecycle;
use super::notification::notification;
use super::object_acls::{grants, object_acls};
use super::replication::replication;
use super::request::{call_bucket, call_in};
use super::website::{cors, website};
use super::{Mirror, mirror, policy, policy_status};
use crate::aws::clients::BucketIn;
use crate::aws::collector::{Collector, Context, FactResult, ListedResource, known, no_collector};
use crate::aws::failure::{Failure, is_absent, is_gone};
use crate::aws::mirror::time;
use crate::facts::s3::account::PublicAccessBlock;
use crate::facts::s3::bucket::*;
use crate::facts::s3::exports::{IntelligentTiering, Inventories, RequestMetrics};
use crate::facts::{ApiCall, FactSpec, Kind, Tags, Time};
use crate::model::Region;

bucket_shapes!(mirror, aws_sdk_s3::types);

/// A request for one bucket, with its parameters. The expected owner excludes a bucket with the same
/// name in a different account.
macro_rules! of_bucket {
    ($cx:ident, $bucket:ident, $call:ident, $operation:ident $(.$set:ident($argument:expr))*) => {
        call_bucket($cx, $bucket, $call, |s3| {
            s3.$operation().bucket(&$bucket.id).expected_bucket_owner($cx.account.as_str())$(.$set($argument))*.send()
        })
        .await
    };
}

/// All configurations of a bucket that S3 lists by id; absent when there is none.
macro_rules! configurations {
    ($cx:ident, $bucket:ident, $call:ident, $operation:ident => $shape:ident { $list:ident }) => {{
        let listed = $cx.all_pages($call, |token| async move {
            let page =
                of_bucket!($cx, $bucket, $call, $operation.set_continuation_token(token.clone()))?;
            match (page.is_truncated, page.next_continuation_token) {
                (Some(true), None) => Err(Failure::invalid(
                    $call.name,
                    "the list is truncated, but has no token for the next page",
                )),
                (Some(false), _) => Ok((page.$list, None)),
                (_, next) => Ok((page.$list, next)),
            }
        });
        let $list: Vec<_> = Mirror::mirror(listed.await?);
        if $list.is_empty() { Ok(None) } else { known($call, &$shape { $list }) }
    }};
}

/// Reads [`KIND`].
pub(crate) struct Buckets;

#[async_trait]
impl Collector for Buckets {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let call = &KIND.list[0];
        let client = cx.clients.s3(BucketIn::Path);
        let listed = cx
            .all_pages(call, |token| {
                let request = client
                    .list_buckets()
                    .max_buckets(cx.page_size(call))
                    .set_continuation_token(token);
                async move {
                    let page = cx.call_in(&cx.home, call, || request.send()).await?;
                    let owner = page.owner.and_then(|owner| owner.id);
                    let owned = |bucket| (bucket, owner.clone());
                    let buckets = page.buckets.map(|list| list.into_iter().map(owned).collect());
                    Ok((buckets, page.continuation_token))
                }
            })
            .await?;
        let located = stream::iter(listed)
            .map(|(bucket, owner)| locate(cx, bucket, owner))
            .buffer_unordered(cx.turns.limit())
            .collect::<Vec<_>>()
            .await;
        located.into_iter().filter_map(Result::transpose).collect()
    }

    async fn fact(
        &self,
        cx: &Context,
        bucket: &ListedResource,
        fact: &'static FactSpec,
    ) -> FactResult {
        // Without its region there is no regional endpoint to call; the cause becomes the fact's.
        if let Some(cause) = bucket.unreadable.get("bucket_region") {
            return Err(cause.clone().into());
        }
        let call = &fact.call;
        match fact.name {
            "accelerate" => accelerate(cx, bucket, call).await,
            "acl" => acl(cx, bucket, call).await,
            "cors" => cors(call, of_bucket!(cx, bucket, call, get_bucket_cors)?),
            "encryption" => encryption(cx, bucket, call).await,
            "intelligent_tiering" => intelligent_tiering(cx, bucket, call).await,
            "inventory" => inventory(cx, bucket, call).await,
            "lifecycle" => {
                lifecycle(call, of_bucket!(cx, bucket, call, get_bucket_lifecycle_configuration)?)
            }
            "logging" => logging(cx, bucket, call).await,
            "metrics" => metrics(cx, bucket, call).await,
            "notification" => notification(
                call,
                of_bucket!(cx, bucket, call, get_bucket_notification_configuration)?,
            ),
            "object_acls" => object_acls(cx, bucket, call).await,
            "object_lock" => object_lock(cx, bucket, call).await,
            "ownership_controls" => ownership_controls(cx, bucket, call).await,
            "policy" => policy(call, of_bucket!(cx, bucket, call, get_bucket_policy)?.policy),
            "policy_status" => {
                let status = of_bucket!(cx, bucket, call, get_bucket_policy_status)?.policy_status;
                policy_status(call, status.and_then(|status| status.is_public))
            }
            "public_access_block" => public_access_block(cx, bucket, call).await,
            "replication" => {
                replication(call, of_bucket!(cx, bucket, call, get_bucket_replication)?)
            }
            "request_payment" => request_payment(cx, bucket, call).await,
            "tags" => tags(cx, bucket, call).await,
            "versioning" => versioning(cx, bucket, call).await,
            "website" => website(call, of_bucket!(cx, bucket, call, get_bucket_website)?),
            _ => Err(no_collector(fact)),
        }
    }
}

/// A listed bucket with its region; `None` if it was deleted meanwhile.
async fn locate(
    cx: &Context,
    bucket: aws_sdk_s3::types::Bucket,
    owner_canonical_user_id: Option<String>,
) -> Result<Option<ListedResource>, Failure> {
    let name =
        bucket.name.ok_or_else(|| Failure::invalid(KIND.list_call(), "a bucket without a name"))?;
    let listed = bucket
        .bucket_region
        .and_then(|region| region.parse::<Region>().ok())
        .filter(|region| !region.is_global());
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
        creation_date: bucket.creation_date.and_then(time).map(Time),
        owner_canonical_user_id,
    };
    let mut resource = ListedResource::new(cx, &KIND, &bucket)?;
    match region {
        Ok(region) => resource.region = region,
        // A bucket whose region is unknown is not dropped: its region is `global`, and all its facts
        // are unreadable.
        Err(failure) => drop(resource.unreadable.insert("bucket_region", failure.cause)),
    }
    Ok(Some(resource))
}

/// The region of a bucket, if the list does not contain it.
async fn location(cx: &Context, name: &str) -> Result<Region, Failure> {
    let call = &GET_BUCKET_LOCATION;
    let location = |s3: Client| {
        s3.get_bucket_location().bucket(name).expected_bucket_owner(cx.account.as_str()).send()
    };
    let response = match call_in(cx, &cx.home, call, location).await {
        Ok(response) => response,
        // A response from the wrong region names the right one.
        Err(Failure { redirect: Some(region), .. }) => return Ok(region),
        Err(failure) => return Err(failure),
    };
    let region = region_of_location(
        response.location_constraint.as_ref().map(|constraint| constraint.as_str()),
    );
    region
        .parse()
        .map_err(|error: crate::model::InvalidId| Failure::invalid(call.name, &error.to_string()))
}

async fn accelerate(cx: &Context, bucket: &ListedResource, call: &ApiCall) -> FactResult {
    match of_bucket!(cx, bucket, call, get_bucket_accelerate_configuration)?.status {
        Some(status) => known(call, &Accelerate { status: status.as_str().to_owned() }),
        None => Ok(None),
    }
}

async fn acl(cx: &Context, bucket: &ListedResource, call: &ApiCall) -> FactResult {
    let response = of_bucket!(cx, bucket, call, get_bucket_acl)?;
    let grants = grants(call, response.grants)?;
    known(call, &Acl { owner_id: response.owner.and_then(|owner| owner.id), grants })
}

async fn encryption(cx: &Context, bucket: &ListedResource, call: &ApiCall) -> FactResult {
    encryption_of(
        call,
        of_bucket!(cx, bucket, call, get_bucket_encryption)?.server_side_encryption_configuration,
    )
}

pub(super) fn encryption_of(
    call: &ApiCall,
    configuration: Option<aws_sdk_s3::types::ServerSideEncryptionConfiguration>,
) -> FactResult {
    let Some(configuration) = configuration else { return Ok(None) };
    let rule = |rule: aws_sdk_s3::types::ServerSideEncryptionRule| {
        let default = rule.apply_server_side_encryption_by_default;
        EncryptionRule {
            sse_algorithm: default
                .as_ref()
                .map(|default| default.sse_algorithm.as_str().to_owned()),
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

async fn intelligent_tiering(cx: &Context, bucket: &ListedResource, call: &ApiCall) -> FactResult {
    configurations!(cx, bucket, call, list_bucket_intelligent_tiering_configurations => IntelligentTiering { intelligent_tiering_configuration_list })
}

async fn inventory(cx: &Context, bucket: &ListedResource, call: &ApiCall) -> FactResult {
    configurations!(cx, bucket, call, list_bucket_inventory_configurations => Inventories { inventory_configuration_list })
}

async fn logging(cx: &Context, bucket: &ListedResource, call: &ApiCall) -> FactResult {
    match of_bucket!(cx, bucket, call, get_bucket_logging)?.logging_enabled {
        Some(on) => known(
            call,
            &Logging { target_bucket: on.target_bucket, target_prefix: Some(on.target_prefix) },
        ),
        None => Ok(None),
    }
}

async fn metrics(cx: &Context, bucket: &ListedResource, call: &ApiCall) -> FactResult {
    configurations!(cx, bucket, call, list_bucket_metrics_configurations => RequestMetrics { metrics_configuration_list })
}

async fn object_lock(cx: &Context, bucket: &ListedResource, call: &ApiCall) -> FactResult {
    match of_bucket!(cx, bucket, call, get_object_lock_configuration)?.object_lock_configuration {
        Some(lock) => known(call, &ObjectLockConfiguration::mirror(lock)),
        None => Ok(None),
    }
}

async fn ownership_controls(cx: &Context, bucket: &ListedResource, call: &ApiCall) -> FactResult {
    let controls = of_bucket!(cx, bucket, call, get_bucket_ownership_controls)?.ownership_controls;
    // S3 stores exactly one rule.
    match controls.and_then(|controls| controls.rules.into_iter().next()) {
        Some(rule) => known(
            call,
            &OwnershipControls { object_ownership: rule.object_ownership.as_str().to_owned() },
        ),
        None => Ok(None),
    }
}

async fn public_access_block(cx: &Context, bucket: &ListedResource, call: &ApiCall) -> FactResult {
    let flags = match of_bucket!(cx, bucket, call, get_public_access_block) {
        Ok(response) => {
            PublicAccessBlock::mirror(response.public_access_block_configuration.ok_or_else(
                || Failure::invalid(call.name, "no PublicAccessBlockConfiguration in the response"),
            )?)
        }
        // AWS defines "nothing configured" as all four off.
        Err(failure) if is_absent(call.absent, &failure.cause.code) => PublicAccessBlock::default(),
        Err(failure) => return Err(failure),
    };
    known(call, &flags)
}

async fn request_payment(cx: &Context, bucket: &ListedResource, call: &ApiCall) -> FactResult {
    match of_bucket!(cx, bucket, call, get_bucket_request_payment)?.payer {
        Some(payer) => known(call, &RequestPayment { payer: payer.as_str().to_owned() }),
        None => Err(Failure::invalid(call.name, "no Payer in the response")),
    }
}

async fn tags(cx: &Context, bucket: &ListedResource, call: &ApiCall) -> FactResult {
    let tags: Tags = of_bucket!(cx, bucket, call, get_bucket_tagging)?
        .tag_set
        .into_iter()
        .map(|tag| (tag.key, tag.value))
        .collect();
    if tags.is_empty() { Ok(None) } else { known(call, &tags) }
}

async fn versioning(cx: &Context, bucket: &ListedResource, call: &ApiCall) -> FactResult {
    let response = of_bucket!(cx, bucket, call, get_bucket_versioning)?;
    known(
        call,
        &Versioning {
            status: response.status.map(|status| status.as_str().to_owned()),
            mfa_delete: response.mfa_delete.map(|status| status.as_str().to_owned()),
        },
    )
}
