//! Which of Prowler's checks ask the same question as a built-in rule.

/// A rule, and the checks that must all be muted for its findings to be waived: a rule that reports
/// several problems in one finding needs all of them.
///
/// Rules that report what no check does are left out, because their waivers would waive more than was
/// muted: other ports or protocols of the service (Cassandra, Kerberos, Memcached, Oracle, SQL Server,
/// VNC), ports that Prowler accepts (`ec2-enclave-host-not-exposed`), IPv6 (`sg-wide-public-cidr`),
/// buckets that the account protects (`s3-bucket-public-access-block`).
///
/// The rules on Block Public Access of a bucket (`s3-bucket-effective-public-access-block`) and of the
/// account require all four settings, at the same levels as the checks, which require only
/// `IgnorePublicAcls` and `RestrictPublicBuckets`. Muting such a check accepts that public ACLs and
/// policies take effect, and so also that new ones can be created, which the other two settings prevent.
pub(super) const RULES: &[(&str, &[&str])] = &[
    ("account-in-organization", &["organizations_account_part_of_organizations"]),
    ("client-vpn-logging", &["ec2_client_vpn_endpoint_connection_logging_enabled"]),
    ("ebs-snapshot-encrypted", &["ec2_ebs_snapshots_encrypted"]),
    ("ebs-snapshot-public", &["ec2_ebs_public_snapshot"]),
    ("ebs-volume-encrypted", &["ec2_ebs_volume_encryption"]),
    ("ebs-volume-has-snapshot", &["ec2_ebs_volume_snapshots_exists"]),
    ("ec2-ami-block-public-access", &["ec2_ami_account_block_public_access"]),
    ("ec2-ami-public", &["ec2_ami_public"]),
    ("ec2-ebs-encryption-by-default", &["ec2_ebs_default_encryption"]),
    ("ec2-ebs-snapshot-block-public-access", &["ec2_ebs_snapshot_account_block_public_access"]),
    ("ec2-eip-unassociated", &["ec2_elastic_ip_unassigned"]),
    ("ec2-enclave-host-imdsv2", &["ec2_confidential_workload_host_imdsv2_not_enforced"]),
    ("ec2-enclave-host-running", &["ec2_confidential_workload_host_not_running"]),
    ("ec2-imds-defaults-v2", &["ec2_instance_account_imdsv2_enabled"]),
    ("ec2-instance-deprecated-ami", &["ec2_instance_with_outdated_ami"]),
    ("ec2-instance-detailed-monitoring", &["ec2_instance_detailed_monitoring_enabled"]),
    (
        "ec2-instance-exposed-elasticsearch",
        &["ec2_instance_port_elasticsearch_kibana_exposed_to_internet"],
    ),
    ("ec2-instance-exposed-ftp", &["ec2_instance_port_ftp_exposed_to_internet"]),
    ("ec2-instance-exposed-kafka", &["ec2_instance_port_kafka_exposed_to_internet"]),
    ("ec2-instance-exposed-ldap", &["ec2_instance_port_ldap_exposed_to_internet"]),
    ("ec2-instance-exposed-mongodb", &["ec2_instance_port_mongodb_exposed_to_internet"]),
    ("ec2-instance-exposed-mysql", &["ec2_instance_port_mysql_exposed_to_internet"]),
    ("ec2-instance-exposed-postgresql", &["ec2_instance_port_postgresql_exposed_to_internet"]),
    ("ec2-instance-exposed-rdp", &["ec2_instance_port_rdp_exposed_to_internet"]),
    ("ec2-instance-exposed-redis", &["ec2_instance_port_redis_exposed_to_internet"]),
    ("ec2-instance-exposed-smb", &["ec2_instance_port_cifs_exposed_to_internet"]),
    ("ec2-instance-exposed-ssh", &["ec2_instance_port_ssh_exposed_to_internet"]),
    ("ec2-instance-exposed-telnet", &["ec2_instance_port_telnet_exposed_to_internet"]),
    ("ec2-instance-imdsv2", &["ec2_instance_imdsv2_enabled"]),
    ("ec2-instance-max-age", &["ec2_instance_older_than_specific_days"]),
    ("ec2-instance-no-paravirtual", &["ec2_instance_paravirtual_type"]),
    ("ec2-instance-profile-attached", &["ec2_instance_profile_attached"]),
    ("ec2-instance-public-ip", &["ec2_instance_public_ip"]),
    ("ec2-instance-public-with-profile", &["ec2_instance_internet_facing_with_instance_profile"]),
    ("ec2-instance-single-eni", &["ec2_instance_uses_single_eni"]),
    ("ec2-instance-stopped-too-long", &["ec2_instance_stopped_older_than_specific_days"]),
    ("ec2-instance-user-data-secrets", &["ec2_instance_secrets_user_data"]),
    ("ec2-launch-template-imdsv2", &["ec2_launch_template_imdsv2_required"]),
    ("ec2-launch-template-public-ip", &["ec2_launch_template_no_public_ip"]),
    ("ec2-launch-template-user-data-secrets", &["ec2_launch_template_no_secrets"]),
    ("nacl-ingress-all", &["ec2_networkacl_allow_ingress_any_port"]),
    (
        "nacl-ingress-ssh-rdp",
        &["ec2_networkacl_allow_ingress_tcp_port_22", "ec2_networkacl_allow_ingress_tcp_port_3389"],
    ),
    ("nacl-unused", &["ec2_networkacl_unused"]),
    ("s3-access-point-public-access-block", &["s3_access_point_public_access_block"]),
    ("s3-account-public-access-block", &["s3_account_level_public_access_blocks"]),
    ("s3-bucket-acls-disabled", &["s3_bucket_acl_prohibited"]),
    ("s3-bucket-cross-region-replication", &["s3_bucket_cross_region_replication"]),
    ("s3-bucket-default-encryption", &["s3_bucket_default_encryption"]),
    ("s3-bucket-effective-public-access-block", &["s3_bucket_level_public_access_block"]),
    ("s3-bucket-event-notifications", &["s3_bucket_event_notifications_enabled"]),
    ("s3-bucket-kms-encryption", &["s3_bucket_kms_encryption"]),
    ("s3-bucket-lifecycle", &["s3_bucket_lifecycle_enabled"]),
    ("s3-bucket-logging", &["s3_bucket_server_access_logging_enabled"]),
    ("s3-bucket-mfa-delete", &["s3_bucket_no_mfa_delete"]),
    ("s3-bucket-object-lock", &["s3_bucket_object_lock"]),
    ("s3-bucket-policy-cross-account", &["s3_bucket_cross_account_access"]),
    ("s3-bucket-policy-not-public", &["s3_bucket_public_access"]),
    ("s3-bucket-public-read", &["s3_bucket_public_access"]),
    (
        "s3-bucket-public-write",
        &["s3_bucket_policy_public_write_access", "s3_bucket_public_write_acl"],
    ),
    ("s3-bucket-tls-only", &["s3_bucket_secure_transport_policy"]),
    ("s3-bucket-versioning", &["s3_bucket_object_versioning"]),
    ("s3-mrap-public-access-block", &["s3_multi_region_access_point_public_access_block"]),
    ("s3-object-public-acl-sample", &["s3_bucket_object_public"]),
    ("sg-default-closed", &["ec2_securitygroup_default_restrict_traffic"]),
    ("sg-ingress-all-ports", &["ec2_securitygroup_allow_ingress_from_internet_to_all_ports"]),
    (
        "sg-ingress-any-port-internet",
        &["ec2_securitygroup_allow_ingress_from_internet_to_any_port"],
    ),
    (
        "sg-ingress-elasticsearch",
        &[
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_elasticsearch_kibana_9200_9300_5601",
        ],
    ),
    ("sg-ingress-ftp", &["ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_ftp_20_21"]),
    (
        "sg-ingress-high-risk-ports",
        &["ec2_securitygroup_allow_ingress_from_internet_to_high_risk_tcp_ports"],
    ),
    (
        "sg-ingress-internal-web",
        &["ec2_securitygroup_allow_ingress_from_internet_to_high_risk_tcp_ports"],
    ),
    ("sg-ingress-kafka", &["ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_kafka_9092"]),
    (
        "sg-ingress-literal-public-ip",
        &["ec2_securitygroup_allow_ingress_from_internet_to_any_port_from_ip"],
    ),
    (
        "sg-ingress-mongodb",
        &["ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_mongodb_27017_27018"],
    ),
    ("sg-ingress-mysql", &["ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_mysql_3306"]),
    (
        "sg-ingress-postgresql",
        &["ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_postgres_5432"],
    ),
    ("sg-ingress-rdp", &["ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_3389"]),
    ("sg-ingress-redis", &["ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_redis_6379"]),
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
    ("sg-ingress-rpc", &["ec2_securitygroup_allow_ingress_from_internet_to_high_risk_tcp_ports"]),
    ("sg-ingress-smb", &["ec2_securitygroup_allow_ingress_from_internet_to_high_risk_tcp_ports"]),
    ("sg-ingress-smtp", &["ec2_securitygroup_allow_ingress_from_internet_to_high_risk_tcp_ports"]),
    ("sg-ingress-ssh", &["ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22"]),
    ("sg-ingress-telnet", &["ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_telnet_23"]),
    ("sg-launch-wizard", &["ec2_securitygroup_from_launch_wizard"]),
    ("sg-too-many-rules", &["ec2_securitygroup_with_many_ingress_egress_rules"]),
    ("sg-unused", &["ec2_securitygroup_not_used"]),
    ("subnet-auto-public-ip", &["vpc_subnet_no_public_ip_by_default"]),
    ("tgw-auto-accept", &["ec2_transitgateway_auto_accept_vpc_attachments"]),
    ("vpc-endpoint-ec2", &["vpc_endpoint_for_ec2_enabled"]),
    ("vpc-endpoint-multi-az", &["vpc_endpoint_multi_az_enabled"]),
    ("vpc-endpoint-policy-full-access", &["vpc_endpoint_connections_trust_boundaries"]),
    ("vpc-endpoint-policy-trusted", &["vpc_endpoint_connections_trust_boundaries"]),
    (
        "vpc-endpoint-service-principals",
        &["vpc_endpoint_services_allowed_principals_trust_boundaries"],
    ),
    ("vpc-flow-logs", &["vpc_flow_logs_enabled"]),
    ("vpc-multi-region", &["vpc_different_regions"]),
    ("vpc-peering-least-route", &["vpc_peering_routing_tables_with_least_privilege"]),
    ("vpc-subnet-multi-az", &["vpc_subnet_different_az"]),
    ("vpc-subnet-public-and-private", &["vpc_subnet_separate_private_public"]),
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
