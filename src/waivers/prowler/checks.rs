//! Which of Prowler's checks ask the same question as a built-in rule.

/// A rule, and the checks that must all be muted for its findings to be waived: a rule that reports
/// several problems in one finding needs all of them.
pub(super) const RULES: &[(&str, &[&str])] = &[
    ("client-vpn-logging", &["ec2_client_vpn_endpoint_connection_logging_enabled"]),
    ("ebs-snapshot-public", &["ec2_ebs_public_snapshot"]),
    ("ebs-volume-encrypted", &["ec2_ebs_volume_encryption"]),
    ("ec2-ami-block-public-access", &["ec2_ami_account_block_public_access"]),
    ("ec2-ami-public", &["ec2_ami_public"]),
    ("ec2-ebs-encryption-by-default", &["ec2_ebs_default_encryption"]),
    ("ec2-ebs-snapshot-block-public-access", &["ec2_ebs_snapshot_account_block_public_access"]),
    ("ec2-imds-defaults-v2", &["ec2_instance_account_imdsv2_enabled"]),
    ("ec2-instance-imdsv2", &["ec2_instance_imdsv2_enabled"]),
    ("ec2-instance-no-paravirtual", &["ec2_instance_paravirtual_type"]),
    ("ec2-instance-profile-attached", &["ec2_instance_profile_attached"]),
    ("ec2-instance-public-ip", &["ec2_instance_public_ip"]),
    ("ec2-instance-single-eni", &["ec2_instance_uses_single_eni"]),
    ("ec2-instance-stopped-too-long", &["ec2_instance_stopped_older_than_specific_days"]),
    ("ec2-launch-template-imdsv2", &["ec2_launch_template_imdsv2_required"]),
    ("ec2-launch-template-public-ip", &["ec2_launch_template_no_public_ip"]),
    (
        "nacl-ingress-ssh-rdp",
        &["ec2_networkacl_allow_ingress_tcp_port_22", "ec2_networkacl_allow_ingress_tcp_port_3389"],
    ),
    ("nacl-unused", &["ec2_networkacl_unused"]),
    ("s3-access-point-public-access-block", &["s3_access_point_public_access_block"]),
    ("s3-account-public-access-block", &["s3_account_level_public_access_blocks"]),
    ("s3-bucket-acls-disabled", &["s3_bucket_acl_prohibited"]),
    ("s3-bucket-effective-public-access-block", &["s3_bucket_level_public_access_block"]),
    ("s3-bucket-kms-encryption", &["s3_bucket_kms_encryption"]),
    ("s3-bucket-lifecycle", &["s3_bucket_lifecycle_enabled"]),
    ("s3-bucket-logging", &["s3_bucket_server_access_logging_enabled"]),
    ("s3-bucket-mfa-delete", &["s3_bucket_no_mfa_delete"]),
    ("s3-bucket-object-lock", &["s3_bucket_object_lock"]),
    ("s3-bucket-policy-cross-account", &["s3_bucket_cross_account_access"]),
    ("s3-bucket-policy-not-public", &["s3_bucket_public_access"]),
    ("s3-bucket-public-access-block", &["s3_bucket_level_public_access_block"]),
    ("s3-bucket-public-read", &["s3_bucket_public_access"]),
    (
        "s3-bucket-public-write",
        &["s3_bucket_policy_public_write_access", "s3_bucket_public_write_acl"],
    ),
    ("s3-bucket-tls-only", &["s3_bucket_secure_transport_policy"]),
    ("s3-bucket-versioning", &["s3_bucket_object_versioning"]),
    ("s3-mrap-public-access-block", &["s3_multi_region_access_point_public_access_block"]),
    ("sg-default-closed", &["ec2_securitygroup_default_restrict_traffic"]),
    ("sg-ingress-all-ports", &["ec2_securitygroup_allow_ingress_from_internet_to_all_ports"]),
    (
        "sg-ingress-high-risk-ports",
        &["ec2_securitygroup_allow_ingress_from_internet_to_high_risk_tcp_ports"],
    ),
    (
        "sg-ingress-remote-admin-ipv4",
        &[
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_3389",
        ],
    ),
    (
        "sg-ingress-remote-admin-ipv6",
        &[
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_3389",
        ],
    ),
    ("subnet-auto-public-ip", &["vpc_subnet_no_public_ip_by_default"]),
    ("tgw-auto-accept", &["ec2_transitgateway_auto_accept_vpc_attachments"]),
    ("vpc-endpoint-ec2", &["vpc_endpoint_for_ec2_enabled"]),
    ("vpc-flow-logs", &["vpc_flow_logs_enabled"]),
    ("vpc-peering-least-route", &["vpc_peering_routing_tables_with_least_privilege"]),
    ("vpn-tunnels-up", &["vpc_vpn_connection_tunnels_up"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_built_in_and_listed_once() {
        let pack = crate::rules::load(&[]).unwrap();
        for (rule, checks) in RULES {
            assert!(pack.contains_key(*rule), "{rule}");
            assert!(!checks.is_empty(), "{rule}");
        }
        assert!(RULES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
