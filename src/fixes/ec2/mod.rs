//! Actions on Amazon EC2 and VPC.

pub(super) mod instance_make_tokens_optional;
pub(super) mod instance_require_tokens;
mod opening;
pub(super) mod security_group_authorize;
pub(super) mod security_group_revoke;
pub(super) mod settings_block_image_sharing;
pub(super) mod settings_block_snapshot_sharing;
pub(super) mod settings_encrypt_by_default;
pub(super) mod settings_require_tokens;
pub(super) mod settings_set_snapshot_sharing;
pub(super) mod settings_set_tokens;
pub(super) mod settings_stop_encrypting_by_default;
pub(super) mod settings_unblock_image_sharing;
