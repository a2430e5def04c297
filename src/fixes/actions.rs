//! The table of actions.

use super::spec::ActionSpec;
use super::{ec2, s3, tags};
use crate::model::did_you_mean;

/// Every action, sorted by name.
pub static ACTIONS: &[&ActionSpec] = &[
    &ec2::client_vpn_endpoint_restore_logging::SPEC,
    &ec2::client_vpn_endpoint_set_logging::SPEC,
    &ec2::flow_log_delete::SPEC,
    &ec2::image_share_all::SPEC,
    &ec2::image_unshare_all::SPEC,
    &ec2::instance_make_tokens_optional::SPEC,
    &ec2::instance_require_tokens::SPEC,
    &ec2::network_interface_disable_source_dest_check::SPEC,
    &ec2::network_interface_enable_source_dest_check::SPEC,
    &ec2::security_group_authorize::SPEC,
    &ec2::security_group_revoke::SPEC,
    &ec2::settings_block_image_sharing::SPEC,
    &ec2::settings_block_snapshot_sharing::SPEC,
    &ec2::settings_encrypt_by_default::SPEC,
    &ec2::settings_require_tokens::SPEC,
    &ec2::settings_set_snapshot_sharing::SPEC,
    &ec2::settings_set_tokens::SPEC,
    &ec2::settings_stop_encrypting_by_default::SPEC,
    &ec2::settings_unblock_image_sharing::SPEC,
    &ec2::snapshot_share_all::SPEC,
    &ec2::snapshot_unshare_all::SPEC,
    &ec2::subnet_disable_public_ip::SPEC,
    &ec2::subnet_enable_public_ip::SPEC,
    &ec2::transit_gateway_disable_auto_accept::SPEC,
    &ec2::transit_gateway_enable_auto_accept::SPEC,
    &ec2::vpc_create_flow_log::SPEC,
    &ec2::vpn_connection_restore_tunnel_options::SPEC,
    &ec2::vpn_connection_set_tunnel_options::SPEC,
    &s3::account_block_public_access::SPEC,
    &s3::account_set_public_access_block::SPEC,
    &s3::bucket_abort_incomplete_uploads::SPEC,
    &s3::bucket_add_statement::SPEC,
    &s3::bucket_block_public_access::SPEC,
    &s3::bucket_restore_encryption::SPEC,
    &s3::bucket_restore_lifecycle::SPEC,
    &s3::bucket_restore_logging::SPEC,
    &s3::bucket_restore_ownership::SPEC,
    &s3::bucket_restore_policy::SPEC,
    &s3::bucket_set_encryption::SPEC,
    &s3::bucket_set_logging::SPEC,
    &s3::bucket_set_ownership::SPEC,
    &s3::bucket_set_public_access_block::SPEC,
    &s3::bucket_set_versioning::SPEC,
    &s3::bucket_suspend_versioning::SPEC,
    &tags::add::SPEC,
    &tags::remove::SPEC,
    &tags::set::SPEC,
];

/// The action of that name.
pub fn action(name: &str) -> Option<&'static ActionSpec> {
    ACTIONS.iter().copied().find(|action| action.name == name)
}

/// The most similar name of an action, for a typo.
pub fn suggest_action(wrong: &str) -> Option<&'static str> {
    did_you_mean(wrong, ACTIONS.iter().map(|action| action.name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::fixes::{Origin, WriteTarget};
    use crate::model::{Partition, Region};

    #[test]
    fn every_action_can_write_and_is_undone_by_actions_of_the_table() {
        let account = "111122223333".parse().unwrap();
        let partition = Partition::default();
        let region: Region = "eu-west-1".parse().unwrap();
        let target = |kind| WriteTarget {
            account: &account,
            partition: &partition,
            region: &region,
            kind,
            id: "id-1",
            arn: None,
        };
        let mut undoes = BTreeSet::new();
        for spec in ACTIONS {
            for kind in spec.kinds.all() {
                let writes = (spec.possible_writes)(&target(kind.name));
                assert!(!writes.is_empty(), "{} has no writes", spec.name);
                for write in writes {
                    assert!(!write.permissions.is_empty(), "{}: {}", spec.name, write.call);
                }
            }
            for name in spec.undone_by {
                assert!(action(name).is_some(), "{} is undone by unknown {name}", spec.name);
                undoes.insert(*name);
            }
        }
        for spec in ACTIONS.iter().filter(|spec| spec.origin == Origin::Undo) {
            assert!(undoes.contains(spec.name), "{} undoes nothing", spec.name);
        }
    }
}
