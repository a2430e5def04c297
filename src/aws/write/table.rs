//! The writer of each action.

use futures::future::BoxFuture;

use super::session::WriteSession;
use super::{ec2, s3, tags};
use crate::fixes::{Change, Sent, WriteError};

/// Carries a change out, or asks AWS whether it would.
pub(super) type WriteFn =
    for<'a> fn(&'a WriteSession, &'a Change, bool) -> BoxFuture<'a, Result<Sent, WriteError>>;

/// The writer of an action whose calls have the parameter `DryRun`.
macro_rules! with_dry_run {
    ($write:path) => {
        |session, change, dry_run| Box::pin($write(session, change, dry_run))
    };
}

/// The writer of another action; [`crate::fixes::Writer::dry_run`] is not called for it.
macro_rules! without_dry_run {
    ($write:path) => {
        |session, change, _| Box::pin($write(session, change))
    };
}

/// Every action with its writer, sorted by name.
pub(super) static WRITERS: &[(&str, WriteFn)] = &[
    (
        "ec2.client_vpn_endpoint.restore_logging",
        with_dry_run!(ec2::client_vpn_endpoint::set_logging),
    ),
    ("ec2.client_vpn_endpoint.set_logging", with_dry_run!(ec2::client_vpn_endpoint::set_logging)),
    ("ec2.flow_log.delete", with_dry_run!(ec2::flow_log::delete)),
    ("ec2.image.share_all", with_dry_run!(ec2::sharing::image)),
    ("ec2.image.unshare_all", with_dry_run!(ec2::sharing::image)),
    ("ec2.instance.make_tokens_optional", with_dry_run!(ec2::instance::set_tokens)),
    ("ec2.instance.require_tokens", with_dry_run!(ec2::instance::set_tokens)),
    (
        "ec2.network_interface.disable_source_dest_check",
        with_dry_run!(ec2::network::source_dest_check),
    ),
    (
        "ec2.network_interface.enable_source_dest_check",
        with_dry_run!(ec2::network::source_dest_check),
    ),
    ("ec2.security_group.authorize", with_dry_run!(ec2::security_group::authorize)),
    ("ec2.security_group.revoke", with_dry_run!(ec2::security_group::revoke)),
    ("ec2.settings.block_image_sharing", with_dry_run!(ec2::settings::image_sharing)),
    ("ec2.settings.block_snapshot_sharing", with_dry_run!(ec2::settings::snapshot_sharing)),
    ("ec2.settings.encrypt_by_default", with_dry_run!(ec2::settings::encryption_by_default)),
    ("ec2.settings.require_tokens", with_dry_run!(ec2::settings::tokens)),
    ("ec2.settings.set_snapshot_sharing", with_dry_run!(ec2::settings::snapshot_sharing)),
    ("ec2.settings.set_tokens", with_dry_run!(ec2::settings::tokens)),
    (
        "ec2.settings.stop_encrypting_by_default",
        with_dry_run!(ec2::settings::encryption_by_default),
    ),
    ("ec2.settings.unblock_image_sharing", with_dry_run!(ec2::settings::image_sharing)),
    ("ec2.snapshot.share_all", with_dry_run!(ec2::sharing::snapshot)),
    ("ec2.snapshot.unshare_all", with_dry_run!(ec2::sharing::snapshot)),
    ("ec2.subnet.disable_public_ip", without_dry_run!(ec2::network::subnet_addresses)),
    ("ec2.subnet.enable_public_ip", without_dry_run!(ec2::network::subnet_addresses)),
    ("ec2.transit_gateway.disable_auto_accept", with_dry_run!(ec2::network::auto_accept)),
    ("ec2.transit_gateway.enable_auto_accept", with_dry_run!(ec2::network::auto_accept)),
    ("ec2.vpc.create_flow_log", with_dry_run!(ec2::flow_log::create)),
    (
        "ec2.vpn_connection.restore_tunnel_options",
        with_dry_run!(ec2::vpn_connection::set_tunnel_options),
    ),
    (
        "ec2.vpn_connection.set_tunnel_options",
        with_dry_run!(ec2::vpn_connection::set_tunnel_options),
    ),
    ("s3.account.block_public_access", without_dry_run!(s3::account_public_access_block::put)),
    ("s3.account.set_public_access_block", without_dry_run!(s3::account_public_access_block::put)),
    ("s3.bucket.abort_incomplete_uploads", without_dry_run!(s3::bucket_lifecycle::write)),
    ("s3.bucket.add_statement", without_dry_run!(s3::bucket_policy::write)),
    ("s3.bucket.block_public_access", without_dry_run!(s3::bucket_public_access_block::put)),
    ("s3.bucket.restore_encryption", without_dry_run!(s3::bucket_encryption::write)),
    ("s3.bucket.restore_lifecycle", without_dry_run!(s3::bucket_lifecycle::write)),
    ("s3.bucket.restore_logging", without_dry_run!(s3::bucket_logging::put)),
    ("s3.bucket.restore_ownership", without_dry_run!(s3::bucket_ownership::write)),
    ("s3.bucket.restore_policy", without_dry_run!(s3::bucket_policy::write)),
    ("s3.bucket.set_encryption", without_dry_run!(s3::bucket_encryption::write)),
    ("s3.bucket.set_logging", without_dry_run!(s3::bucket_logging::put)),
    ("s3.bucket.set_ownership", without_dry_run!(s3::bucket_ownership::write)),
    ("s3.bucket.set_public_access_block", without_dry_run!(s3::bucket_public_access_block::put)),
    ("s3.bucket.set_versioning", without_dry_run!(s3::bucket_versioning::put)),
    ("s3.bucket.suspend_versioning", without_dry_run!(s3::bucket_versioning::put)),
    ("tags.add", with_dry_run!(tags::write)),
    ("tags.remove", with_dry_run!(tags::write)),
    ("tags.set", with_dry_run!(tags::write)),
];

/// The writer of an action.
pub(super) fn writer(action: &str) -> Option<WriteFn> {
    WRITERS.iter().find(|(name, _)| *name == action).map(|(_, write)| *write)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixes::ACTIONS;

    #[test]
    fn every_action_has_a_writer() {
        let without: Vec<&str> = ACTIONS
            .iter()
            .map(|action| action.name)
            .filter(|name| writer(name).is_none())
            .collect();
        assert!(without.is_empty(), "no writer for {without:?}");
        assert!(WRITERS.is_sorted_by_key(|(name, _)| *name));
    }
}
