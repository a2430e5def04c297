//! The ACLs of a sample of a bucket's objects: one page of keys, then one call per object of the
//! sample. Nothing is kept of objects that are not public, and contents are never read.

use futures::stream::{self, StreamExt};

use super::request::call_bucket;
use crate::aws::collector::{Context, FactResult, ListedResource, known};
use crate::aws::failure::{Failure, is_gone};
use crate::facts::ApiCall;
use crate::facts::s3::acl::{Grant, Grantee};
use crate::facts::s3::object_acls::*;

pub(super) async fn object_acls(
    cx: &Context,
    bucket: &ListedResource,
    call: &ApiCall,
) -> FactResult {
    let owner = cx.account.as_str();
    let page = call_bucket(cx, bucket, &LIST_OBJECTS, |s3| {
        let listed = s3.list_objects_v2().bucket(&bucket.id).expected_bucket_owner(owner);
        listed.max_keys(i32::from(LISTED)).send()
    });
    let page = page.await?;
    let keys = page.contents.unwrap_or_default().into_iter();
    let keys = keys
        .map(|object| {
            let missing = || Failure::invalid(LIST_OBJECTS.name, "an object without its key");
            object.key.ok_or_else(missing)
        })
        .collect::<Result<Vec<String>, Failure>>()?;
    let listed = keys.len();
    // Objects with neighboring keys were often written by the same program, in the same way.
    let sample = keys.into_iter().step_by(listed.div_ceil(usize::from(SAMPLED)).max(1));

    let reads = stream::iter(sample).map(|key| async move {
        let acl = call_bucket(cx, bucket, call, |s3| {
            let acl = s3.get_object_acl().bucket(&bucket.id).expected_bucket_owner(owner);
            acl.key(&key).send()
        });
        match acl.await {
            Ok(acl) => grants(call, acl.grants).map(|grants| Some((key, grants))),
            // It was deleted meanwhile.
            Err(failure) if failure.cause.code == "NoSuchKey" => Ok(None),
            Err(failure) => Err(failure),
        }
    });
    // In their order, so that the failure that is reported does not differ between runs.
    let reads: Vec<_> = reads.buffered(cx.turns.limit()).collect().await;

    let mut acls = ObjectAcls {
        sampled: 0,
        has_more: page.is_truncated == Some(true) || listed > reads.len(),
        public_objects: Vec::new(),
    };
    let mut failed = None;
    for read in reads {
        match read {
            Ok(None) => {}
            Ok(Some((key, mut grants))) => {
                acls.sampled += 1;
                grants.retain(|grant| is_public(&grant.grantee));
                if !grants.is_empty() {
                    acls.public_objects.push(PublicObject { key, grants });
                }
            }
            Err(failure) if is_gone(&failure.cause.code) => return Err(failure),
            Err(failure) => failed = failed.or(Some(failure)),
        }
    }
    match failed {
        // One public object is enough to know that the bucket has public objects.
        Some(failure) if acls.public_objects.is_empty() => Err(failure),
        _ => known(call, &acls),
    }
}

/// The grants of an ACL.
pub(super) fn grants(
    call: &ApiCall,
    grants: Option<Vec<aws_sdk_s3::types::Grant>>,
) -> Result<Vec<Grant>, Failure> {
    let grant = |grant: aws_sdk_s3::types::Grant| -> Result<Grant, Failure> {
        let (Some(grantee), Some(permission)) = (grant.grantee, grant.permission) else {
            return Err(Failure::invalid(
                call.name,
                "a grant without its grantee or its permission",
            ));
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
    grants.unwrap_or_default().into_iter().map(grant).collect()
}
