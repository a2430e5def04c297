//! Kinds of Amazon S3.

use std::future::Future;

use serde::Serialize;
use serde_json::Value;

use crate::aws::collector::{Context, ListedResource, known};
use crate::aws::failure::Failure;
use crate::aws::mirror::{Mirror, mirror};
use crate::aws::paging::Pages;
use crate::facts::s3::account::PublicAccessBlock;
use crate::facts::s3::*;
use crate::facts::{ApiCall, Kind};

pub(crate) mod access_grants_instance;
pub(crate) mod access_point;
pub(crate) mod account;
pub(crate) mod bucket;
pub(crate) mod directory_bucket;
pub(crate) mod multi_region_access_point;
pub(crate) mod object_lambda_access_point;
pub(crate) mod storage_lens_configuration;

// Parts of those kinds.
mod exports;
mod lifecycle;
mod notification;
mod replication;
mod website;

#[cfg(test)]
pub(crate) mod tests;

common_shapes!(mirror, aws_sdk_s3::types);
mirror! { [aws_sdk_s3control::types] Ssekms [key_id] }

/// What a function that reads a fact returns.
type FactResult = Result<Option<Value>, Failure>;

/// A collector made of two functions beside it: `list`, and `fact` with one arm for each fact of
/// the kind.
macro_rules! collector {
    ($collector:ident) => {
        /// Reads [`KIND`].
        pub(crate) struct $collector;

        impl $crate::aws::collector::Collector for $collector {
            fn kind(&self) -> &'static $crate::facts::Kind {
                &KIND
            }

            fn list<'a>(
                &'a self,
                cx: &'a $crate::aws::collector::Context,
            ) -> futures::future::BoxFuture<
                'a,
                Result<Vec<$crate::aws::collector::ListedResource>, $crate::aws::failure::Failure>,
            > {
                Box::pin(list(cx))
            }

            fn fact<'a>(
                &'a self,
                cx: &'a $crate::aws::collector::Context,
                found: &'a $crate::aws::collector::ListedResource,
                fact: &'static $crate::facts::FactSpec,
            ) -> $crate::aws::collector::Answer<'a> {
                Box::pin(self::fact(cx, found, fact))
            }
        }
    };
}

use collector;

/// What all pages of a list hold. `page` asks for the page of a token, and returns its items and
/// the next token.
async fn pages<T, F>(
    call: &ApiCall,
    mut page: impl FnMut(Option<String>) -> F,
) -> Result<Vec<T>, Failure>
where
    F: Future<Output = Result<(Option<Vec<T>>, Option<String>), Failure>>,
{
    let mut pages = Pages::of(call);
    let mut all = Vec::new();
    let mut token = None;
    loop {
        let (items, next) = page(token).await?;
        all.extend(items.unwrap_or_default());
        token = pages.next(next)?;
        if token.is_none() {
            return Ok(all);
        }
    }
}

/// The resources of a kind whose shape is `T`.
fn found<T: Mirror<S> + Serialize, S>(
    cx: &Context,
    kind: &Kind,
    listed: Vec<S>,
) -> Result<Vec<ListedResource>, Failure> {
    listed.into_iter().map(|item| ListedResource::of(cx, kind, &T::mirror(item))).collect()
}

/// The table has a fact that the collector of its kind does not know.
fn no_such_fact(call: &ApiCall) -> FactResult {
    Err(Failure::invalid(call.name, "rolecall has no collector for this fact"))
}

fn policy(call: &ApiCall, text: Option<String>) -> FactResult {
    known(call, &policy_document(call, &text.unwrap_or_default())?)
}

fn policy_document(call: &ApiCall, text: &str) -> Result<PolicyDocument, Failure> {
    match serde_json::from_str::<Value>(text) {
        Ok(document @ Value::Object(_)) => Ok(PolicyDocument { document }),
        Ok(_) => Err(Failure::invalid(call.name, "the policy is not a JSON object")),
        Err(error) => Err(Failure::invalid(call.name, &format!("the policy is not JSON: {error}"))),
    }
}

fn policy_status(call: &ApiCall, is_public: Option<bool>) -> FactResult {
    match is_public {
        Some(is_public) => known(call, &PolicyStatus { is_public }),
        None => Err(Failure::invalid(call.name, "no IsPublic in the answer")),
    }
}

/// A flag that is left out is off.
macro_rules! public_access_block {
    ($($service:ident)+) => {
        $(
            impl Mirror<$service::types::PublicAccessBlockConfiguration> for PublicAccessBlock {
                fn mirror(from: $service::types::PublicAccessBlockConfiguration) -> Self {
                    Self {
                        block_public_acls: from.block_public_acls.unwrap_or(false),
                        ignore_public_acls: from.ignore_public_acls.unwrap_or(false),
                        block_public_policy: from.block_public_policy.unwrap_or(false),
                        restrict_public_buckets: from.restrict_public_buckets.unwrap_or(false),
                    }
                }
            }

            impl Mirror<Option<$service::types::PublicAccessBlockConfiguration>> for Option<PublicAccessBlock> {
                fn mirror(from: Option<$service::types::PublicAccessBlockConfiguration>) -> Self {
                    from.map(Mirror::mirror)
                }
            }
        )+
    };
}

public_access_block! { aws_sdk_s3 aws_sdk_s3control }
