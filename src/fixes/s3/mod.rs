//! Actions on Amazon S3.

pub(super) mod account_block_public_access;
pub(super) mod account_set_public_access_block;
pub(super) mod bucket_abort_incomplete_uploads;
pub(super) mod bucket_add_statement;
pub(super) mod bucket_block_public_access;
pub(super) mod bucket_restore_encryption;
pub(super) mod bucket_restore_lifecycle;
pub(super) mod bucket_restore_logging;
pub(super) mod bucket_restore_ownership;
pub(super) mod bucket_restore_policy;
pub(super) mod bucket_set_encryption;
pub(super) mod bucket_set_logging;
pub(super) mod bucket_set_ownership;
pub(super) mod bucket_set_public_access_block;
pub(super) mod bucket_set_versioning;
pub(super) mod bucket_suspend_versioning;
