//! Actions on Amazon S3.

pub(super) mod bucket_block_public_access;
pub(super) mod bucket_set_public_access_block;

use crate::fixes::policy::{Permission, WriteTarget};

/// A permission on the bucket itself, only while the scanned account owns it: another account could
/// have created a bucket with the name of a deleted one.
fn on_bucket(action: &'static str, target: &WriteTarget<'_>) -> Permission {
    let arn = format!("arn:{}:s3:::{}", target.partition, target.id);
    Permission::new(action, arn).when("s3:ResourceAccount", target.account.as_str())
}
