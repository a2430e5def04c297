//! Actions on Amazon S3.

pub(super) mod bucket_block_public_access;
pub(super) mod bucket_set_public_access_block;
