//! Kinds of Amazon S3.

use serde::Serialize;

use crate::aws::collector::{Context, FactResult, ListedResource, known};
use crate::aws::failure::Failure;
use crate::aws::mirror::{Mirror, mirror};
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
pub(crate) mod region;
pub(crate) mod storage_lens_configuration;

// Facts of those kinds.
mod exports;
mod lifecycle;
mod notification;
mod object_acls;
mod replication;
mod request;
mod website;

#[cfg(test)]
pub(crate) mod tests;

common_shapes!(mirror, aws_sdk_s3::types);
mirror! { [aws_sdk_s3control::types] Ssekms [key_id] }

/// The listed resources of a kind whose shape is `T`.
fn resources<T: Mirror<S> + Serialize, S>(
    cx: &Context,
    kind: &Kind,
    listed: Vec<S>,
) -> Result<Vec<ListedResource>, Failure> {
    let listed: Vec<T> = listed.into_iter().map(T::mirror).collect();
    ListedResource::all(cx, kind, &listed)
}

fn policy(call: &ApiCall, text: Option<String>) -> FactResult {
    known(call, &policy_document(call, &text.unwrap_or_default())?)
}

fn policy_document(call: &ApiCall, text: &str) -> Result<PolicyDocument, Failure> {
    let invalid = |reason| Failure::invalid(call.name, &format!("invalid policy: {reason}"));
    PolicyDocument::parse(text).map_err(invalid)
}

fn policy_status(call: &ApiCall, is_public: Option<bool>) -> FactResult {
    match is_public {
        Some(is_public) => known(call, &PolicyStatus { is_public }),
        None => Err(Failure::invalid(call.name, "no IsPublic in the response")),
    }
}

/// An omitted flag is off.
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
