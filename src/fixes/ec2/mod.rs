//! Actions on Amazon EC2 and VPC.

pub(super) mod image_share_all;
pub(super) mod image_unshare_all;
pub(super) mod instance_make_tokens_optional;
pub(super) mod instance_require_tokens;
pub(super) mod network_interface_disable_source_dest_check;
pub(super) mod network_interface_enable_source_dest_check;
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
mod sharing;
pub(super) mod snapshot_share_all;
pub(super) mod snapshot_unshare_all;
mod subnet_addresses;
pub(super) mod subnet_disable_public_ip;
pub(super) mod subnet_enable_public_ip;
pub(super) mod transit_gateway_disable_auto_accept;
pub(super) mod transit_gateway_enable_auto_accept;
