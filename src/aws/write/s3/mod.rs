//! Writers of actions on Amazon S3.

pub(super) mod bucket_public_access_block;
