//! Writers of actions on Amazon S3.

pub(super) mod account_public_access_block;
pub(super) mod bucket_encryption;
pub(super) mod bucket_lifecycle;
pub(super) mod bucket_logging;
pub(super) mod bucket_ownership;
pub(super) mod bucket_policy;
pub(super) mod bucket_public_access_block;
pub(super) mod bucket_versioning;
