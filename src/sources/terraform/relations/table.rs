//! The table itself.

use super::relation::{Id, Relation, Role};

const fn row(kind: &'static str, role: Role, resource_type: &'static str, id: Id) -> Relation {
    Relation { kind, role, resource_type, id }
}

/// `is("ec2.vpc", "aws_vpc", "id")`: the `id` of an `aws_vpc` is that of an `ec2.vpc`.
const fn is(kind: &'static str, resource_type: &'static str, path: &'static str) -> Relation {
    row(kind, Role::Declares, resource_type, Id::Attribute(path))
}

const fn brings(kind: &'static str, resource_type: &'static str, path: &'static str) -> Relation {
    row(kind, Role::Brings, resource_type, Id::Attribute(path))
}

const fn configures(
    kind: &'static str,
    resource_type: &'static str,
    path: &'static str,
) -> Relation {
    row(kind, Role::Configures, resource_type, Id::Attribute(path))
}

const fn part(kind: &'static str, resource_type: &'static str, path: &'static str) -> Relation {
    row(kind, Role::Part, resource_type, Id::Attribute(path))
}

/// A setting of a region.
const fn setting(resource_type: &'static str) -> Relation {
    row("ec2.settings", Role::Declares, resource_type, Id::Region)
}

/// The table. Of several types that declare a kind, the earlier ones are preferred.
#[rustfmt::skip]
pub static RELATIONS: &[Relation] = &[
    is("ec2.address", "aws_eip", "allocation_id"),
    is("ec2.address", "aws_eip", "id"),
    configures("ec2.address", "aws_eip_association", "allocation_id"),
    configures("ec2.address", "aws_eip_domain_name", "allocation_id"),

    is("ec2.capacity_reservation", "aws_ec2_capacity_reservation", "id"),
    is("ec2.capacity_reservation", "aws_ec2_capacity_block_reservation", "id"),

    is("ec2.carrier_gateway", "aws_ec2_carrier_gateway", "id"),

    is("ec2.client_vpn_endpoint", "aws_ec2_client_vpn_endpoint", "id"),
    part("ec2.client_vpn_endpoint", "aws_ec2_client_vpn_authorization_rule", "client_vpn_endpoint_id"),
    part("ec2.client_vpn_endpoint", "aws_ec2_client_vpn_network_association", "client_vpn_endpoint_id"),
    part("ec2.client_vpn_endpoint", "aws_ec2_client_vpn_route", "client_vpn_endpoint_id"),

    is("ec2.customer_gateway", "aws_customer_gateway", "id"),

    is("ec2.dhcp_options", "aws_vpc_dhcp_options", "id"),
    is("ec2.dhcp_options", "aws_default_vpc_dhcp_options", "id"),
    part("ec2.dhcp_options", "aws_vpc_dhcp_options_association", "dhcp_options_id"),

    is("ec2.egress_only_internet_gateway", "aws_egress_only_internet_gateway", "id"),

    is("ec2.fleet", "aws_ec2_fleet", "id"),

    is("ec2.flow_log", "aws_flow_log", "id"),

    is("ec2.image", "aws_ami", "id"),
    is("ec2.image", "aws_ami_copy", "id"),
    is("ec2.image", "aws_ami_from_instance", "id"),
    brings("ec2.image", "aws_imagebuilder_image", "output_resources.amis.image"),
    part("ec2.image", "aws_ami_launch_permission", "image_id"),

    is("ec2.instance", "aws_instance", "id"),
    is("ec2.instance", "aws_spot_instance_request", "spot_instance_id"),
    brings("ec2.instance", "aws_ec2_fleet", "fleet_instance_set.instance_ids"),
    configures("ec2.instance", "aws_ec2_instance_state", "instance_id"),
    configures("ec2.instance", "aws_eip_association", "instance_id"),
    configures("ec2.instance", "aws_eip", "instance"),
    part("ec2.instance", "aws_volume_attachment", "instance_id"),
    part("ec2.instance", "aws_network_interface_attachment", "instance_id"),

    is("ec2.internet_gateway", "aws_internet_gateway", "id"),
    configures("ec2.internet_gateway", "aws_internet_gateway_attachment", "internet_gateway_id"),

    is("ec2.ipam_scope", "aws_vpc_ipam_scope", "id"),
    brings("ec2.ipam_scope", "aws_vpc_ipam", "private_default_scope_id"),
    brings("ec2.ipam_scope", "aws_vpc_ipam", "public_default_scope_id"),

    is("ec2.key_pair", "aws_key_pair", "key_pair_id"),

    is("ec2.launch_template", "aws_launch_template", "id"),

    is("ec2.managed_prefix_list", "aws_ec2_managed_prefix_list", "id"),
    part("ec2.managed_prefix_list", "aws_ec2_managed_prefix_list_entry", "prefix_list_id"),

    is("ec2.nat_gateway", "aws_nat_gateway", "id"),
    part("ec2.nat_gateway", "aws_nat_gateway_eip_association", "nat_gateway_id"),

    is("ec2.network_acl", "aws_network_acl", "id"),
    is("ec2.network_acl", "aws_default_network_acl", "id"),
    brings("ec2.network_acl", "aws_vpc", "default_network_acl_id"),
    brings("ec2.network_acl", "aws_default_vpc", "default_network_acl_id"),
    part("ec2.network_acl", "aws_network_acl_rule", "network_acl_id"),
    part("ec2.network_acl", "aws_network_acl_association", "network_acl_id"),

    is("ec2.network_insights_analysis", "aws_ec2_network_insights_analysis", "id"),

    is("ec2.network_insights_path", "aws_ec2_network_insights_path", "id"),

    is("ec2.network_interface", "aws_network_interface", "id"),
    brings("ec2.network_interface", "aws_instance", "primary_network_interface_id"),
    brings("ec2.network_interface", "aws_instance", "secondary_network_interface.network_interface_id"),
    brings("ec2.network_interface", "aws_spot_instance_request", "primary_network_interface_id"),
    brings("ec2.network_interface", "aws_nat_gateway", "network_interface_id"),
    brings("ec2.network_interface", "aws_vpc_endpoint", "network_interface_ids"),
    brings("ec2.network_interface", "aws_vpc_endpoint", "subnet_configuration.network_interface_id"),
    brings("ec2.network_interface", "aws_ec2_instance_connect_endpoint", "network_interface_ids"),
    brings("ec2.network_interface", "aws_efs_mount_target", "network_interface_id"),
    brings("ec2.network_interface", "aws_fsx_lustre_file_system", "network_interface_ids"),
    brings("ec2.network_interface", "aws_fsx_ontap_file_system", "network_interface_ids"),
    brings("ec2.network_interface", "aws_fsx_openzfs_file_system", "network_interface_ids"),
    brings("ec2.network_interface", "aws_fsx_windows_file_system", "network_interface_ids"),
    configures("ec2.network_interface", "aws_network_interface_attachment", "network_interface_id"),
    part("ec2.network_interface", "aws_network_interface_sg_attachment", "network_interface_id"),
    part("ec2.network_interface", "aws_network_interface_permission", "network_interface_id"),
    part("ec2.network_interface", "aws_eip_association", "network_interface_id"),
    part("ec2.network_interface", "aws_eip", "network_interface"),

    is("ec2.route_table", "aws_route_table", "id"),
    is("ec2.route_table", "aws_default_route_table", "id"),
    brings("ec2.route_table", "aws_vpc", "default_route_table_id"),
    brings("ec2.route_table", "aws_default_vpc", "default_route_table_id"),
    brings("ec2.route_table", "aws_vpc", "main_route_table_id"),
    brings("ec2.route_table", "aws_default_vpc", "main_route_table_id"),
    configures("ec2.route_table", "aws_main_route_table_association", "route_table_id"),
    part("ec2.route_table", "aws_route", "route_table_id"),
    part("ec2.route_table", "aws_route_table_association", "route_table_id"),
    part("ec2.route_table", "aws_vpc_endpoint_route_table_association", "route_table_id"),
    part("ec2.route_table", "aws_vpn_gateway_route_propagation", "route_table_id"),

    is("ec2.security_group", "aws_security_group", "id"),
    is("ec2.security_group", "aws_default_security_group", "id"),
    brings("ec2.security_group", "aws_vpc", "default_security_group_id"),
    brings("ec2.security_group", "aws_default_vpc", "default_security_group_id"),
    brings("ec2.security_group", "aws_eks_cluster", "vpc_config.cluster_security_group_id"),
    brings("ec2.security_group", "aws_directory_service_directory", "security_group_id"),
    brings("ec2.security_group", "aws_workspaces_directory", "workspace_security_group_id"),
    brings("ec2.security_group", "aws_sagemaker_domain", "security_group_id_for_domain_boundary"),
    configures("ec2.security_group", "aws_vpc_security_group_rules_exclusive", "security_group_id"),
    part("ec2.security_group", "aws_vpc_security_group_ingress_rule", "security_group_id"),
    part("ec2.security_group", "aws_vpc_security_group_egress_rule", "security_group_id"),
    part("ec2.security_group", "aws_security_group_rule", "security_group_id"),
    part("ec2.security_group", "aws_vpc_security_group_vpc_association", "security_group_id"),
    part("ec2.security_group", "aws_network_interface_sg_attachment", "security_group_id"),

    setting("aws_ebs_encryption_by_default"),
    setting("aws_ebs_default_kms_key"),
    setting("aws_ebs_snapshot_block_public_access"),
    setting("aws_ec2_allowed_images_settings"),
    setting("aws_ec2_default_credit_specification"),
    setting("aws_ec2_image_block_public_access"),
    setting("aws_ec2_instance_metadata_defaults"),
    setting("aws_ec2_serial_console_access"),
    setting("aws_vpc_block_public_access_options"),
    row("ec2.settings", Role::Part, "aws_vpc_block_public_access_exclusion", Id::Region),

    is("ec2.snapshot", "aws_ebs_snapshot", "id"),
    is("ec2.snapshot", "aws_ebs_snapshot_copy", "id"),
    is("ec2.snapshot", "aws_ebs_snapshot_import", "id"),
    brings("ec2.snapshot", "aws_ami_copy", "ebs_block_device.snapshot_id"),
    brings("ec2.snapshot", "aws_ami_copy", "root_snapshot_id"),
    brings("ec2.snapshot", "aws_ami_from_instance", "ebs_block_device.snapshot_id"),
    brings("ec2.snapshot", "aws_ami_from_instance", "root_snapshot_id"),
    part("ec2.snapshot", "aws_snapshot_create_volume_permission", "snapshot_id"),

    is("ec2.spot_fleet_request", "aws_spot_fleet_request", "id"),

    is("ec2.subnet", "aws_subnet", "id"),
    is("ec2.subnet", "aws_default_subnet", "id"),
    configures("ec2.subnet", "aws_route_table_association", "subnet_id"),
    configures("ec2.subnet", "aws_network_acl_association", "subnet_id"),
    configures("ec2.subnet", "aws_vpc_block_public_access_exclusion", "subnet_id"),
    part("ec2.subnet", "aws_ec2_subnet_cidr_reservation", "subnet_id"),
    part("ec2.subnet", "aws_flow_log", "subnet_id"),

    is("ec2.traffic_mirror_filter", "aws_ec2_traffic_mirror_filter", "id"),
    part("ec2.traffic_mirror_filter", "aws_ec2_traffic_mirror_filter_rule", "traffic_mirror_filter_id"),

    is("ec2.traffic_mirror_session", "aws_ec2_traffic_mirror_session", "id"),

    is("ec2.traffic_mirror_target", "aws_ec2_traffic_mirror_target", "id"),

    is("ec2.transit_gateway", "aws_ec2_transit_gateway", "id"),
    part("ec2.transit_gateway", "aws_flow_log", "transit_gateway_id"),

    is("ec2.transit_gateway_attachment", "aws_ec2_transit_gateway_vpc_attachment", "id"),
    is("ec2.transit_gateway_attachment", "aws_ec2_transit_gateway_peering_attachment", "id"),
    is("ec2.transit_gateway_attachment", "aws_ec2_transit_gateway_connect", "id"),
    is("ec2.transit_gateway_attachment", "aws_ec2_transit_gateway_vpc_attachment_accepter", "id"),
    is("ec2.transit_gateway_attachment", "aws_ec2_transit_gateway_peering_attachment_accepter", "id"),
    brings("ec2.transit_gateway_attachment", "aws_vpn_connection", "transit_gateway_attachment_id"),
    brings("ec2.transit_gateway_attachment", "aws_dx_gateway_association", "transit_gateway_attachment_id"),
    brings("ec2.transit_gateway_attachment", "aws_networkmanager_transit_gateway_peering", "transit_gateway_peering_attachment_id"),
    configures("ec2.transit_gateway_attachment", "aws_ec2_transit_gateway_route_table_association", "transit_gateway_attachment_id"),
    part("ec2.transit_gateway_attachment", "aws_ec2_transit_gateway_route_table_propagation", "transit_gateway_attachment_id"),
    part("ec2.transit_gateway_attachment", "aws_flow_log", "transit_gateway_attachment_id"),

    is("ec2.transit_gateway_multicast_domain", "aws_ec2_transit_gateway_multicast_domain", "id"),

    is("ec2.transit_gateway_route_table", "aws_ec2_transit_gateway_route_table", "id"),
    brings("ec2.transit_gateway_route_table", "aws_ec2_transit_gateway", "association_default_route_table_id"),
    brings("ec2.transit_gateway_route_table", "aws_ec2_transit_gateway", "propagation_default_route_table_id"),
    part("ec2.transit_gateway_route_table", "aws_ec2_transit_gateway_route", "transit_gateway_route_table_id"),
    part("ec2.transit_gateway_route_table", "aws_ec2_transit_gateway_route_table_association", "transit_gateway_route_table_id"),
    part("ec2.transit_gateway_route_table", "aws_ec2_transit_gateway_route_table_propagation", "transit_gateway_route_table_id"),
    part("ec2.transit_gateway_route_table", "aws_ec2_transit_gateway_prefix_list_reference", "transit_gateway_route_table_id"),

    is("ec2.verified_access_instance", "aws_verifiedaccess_instance", "id"),
    configures("ec2.verified_access_instance", "aws_verifiedaccess_instance_logging_configuration", "verifiedaccess_instance_id"),
    part("ec2.verified_access_instance", "aws_verifiedaccess_instance_trust_provider_attachment", "verifiedaccess_instance_id"),

    is("ec2.volume", "aws_ebs_volume", "id"),
    brings("ec2.volume", "aws_instance", "root_block_device.volume_id"),
    brings("ec2.volume", "aws_instance", "ebs_block_device.volume_id"),
    brings("ec2.volume", "aws_spot_instance_request", "root_block_device.volume_id"),
    brings("ec2.volume", "aws_spot_instance_request", "ebs_block_device.volume_id"),
    configures("ec2.volume", "aws_volume_attachment", "volume_id"),
    part("ec2.volume", "aws_ebs_snapshot", "volume_id"),

    is("ec2.vpc", "aws_vpc", "id"),
    is("ec2.vpc", "aws_default_vpc", "id"),
    configures("ec2.vpc", "aws_vpc_dhcp_options_association", "vpc_id"),
    configures("ec2.vpc", "aws_main_route_table_association", "vpc_id"),
    configures("ec2.vpc", "aws_vpc_block_public_access_exclusion", "vpc_id"),
    configures("ec2.vpc", "aws_vpc_encryption_control", "vpc_id"),
    part("ec2.vpc", "aws_flow_log", "vpc_id"),
    part("ec2.vpc", "aws_internet_gateway", "vpc_id"),
    part("ec2.vpc", "aws_network_acl", "vpc_id"),
    part("ec2.vpc", "aws_route_table", "vpc_id"),
    part("ec2.vpc", "aws_security_group", "vpc_id"),
    part("ec2.vpc", "aws_subnet", "vpc_id"),
    part("ec2.vpc", "aws_vpc_endpoint", "vpc_id"),
    part("ec2.vpc", "aws_vpc_ipv4_cidr_block_association", "vpc_id"),
    part("ec2.vpc", "aws_vpc_ipv6_cidr_block_association", "vpc_id"),

    is("ec2.vpc_encryption_control", "aws_vpc_encryption_control", "id"),

    is("ec2.vpc_endpoint", "aws_vpc_endpoint", "id"),
    configures("ec2.vpc_endpoint", "aws_vpc_endpoint_policy", "vpc_endpoint_id"),
    configures("ec2.vpc_endpoint", "aws_vpc_endpoint_private_dns", "vpc_endpoint_id"),
    configures("ec2.vpc_endpoint", "aws_vpc_endpoint_connection_accepter", "vpc_endpoint_id"),
    part("ec2.vpc_endpoint", "aws_vpc_endpoint_route_table_association", "vpc_endpoint_id"),
    part("ec2.vpc_endpoint", "aws_vpc_endpoint_security_group_association", "vpc_endpoint_id"),
    part("ec2.vpc_endpoint", "aws_vpc_endpoint_subnet_association", "vpc_endpoint_id"),

    is("ec2.vpc_endpoint_service", "aws_vpc_endpoint_service", "id"),
    configures("ec2.vpc_endpoint_service", "aws_vpc_endpoint_service_private_dns_verification", "service_id"),
    part("ec2.vpc_endpoint_service", "aws_vpc_endpoint_service_allowed_principal", "vpc_endpoint_service_id"),
    part("ec2.vpc_endpoint_service", "aws_vpc_endpoint_connection_accepter", "vpc_endpoint_service_id"),

    is("ec2.vpc_peering_connection", "aws_vpc_peering_connection", "id"),
    is("ec2.vpc_peering_connection", "aws_vpc_peering_connection_accepter", "id"),
    configures("ec2.vpc_peering_connection", "aws_vpc_peering_connection_options", "vpc_peering_connection_id"),
    part("ec2.vpc_peering_connection", "aws_route", "vpc_peering_connection_id"),

    is("ec2.vpn_connection", "aws_vpn_connection", "id"),
    part("ec2.vpn_connection", "aws_vpn_connection_route", "vpn_connection_id"),

    is("ec2.vpn_gateway", "aws_vpn_gateway", "id"),
    configures("ec2.vpn_gateway", "aws_vpn_gateway_attachment", "vpn_gateway_id"),
    part("ec2.vpn_gateway", "aws_vpn_gateway_route_propagation", "vpn_gateway_id"),

    row("s3.access_grants_instance", Role::Declares, "aws_s3control_access_grants_instance", Id::Region),
    row("s3.access_grants_instance", Role::Configures, "aws_s3control_access_grants_instance_resource_policy", Id::Region),
    row("s3.access_grants_instance", Role::Part, "aws_s3control_access_grants_location", Id::Region),
    row("s3.access_grants_instance", Role::Part, "aws_s3control_access_grant", Id::Region),

    is("s3.access_point", "aws_s3_access_point", "name"),
    configures("s3.access_point", "aws_s3control_access_point_policy", "access_point_arn"),

    row("s3.account", Role::Declares, "aws_s3_account_public_access_block", Id::Account),

    is("s3.bucket", "aws_s3_bucket", "bucket"),
    is("s3.bucket", "aws_s3_bucket", "id"),
    configures("s3.bucket", "aws_s3_bucket_abac", "bucket"),
    configures("s3.bucket", "aws_s3_bucket_accelerate_configuration", "bucket"),
    configures("s3.bucket", "aws_s3_bucket_acl", "bucket"),
    configures("s3.bucket", "aws_s3_bucket_cors_configuration", "bucket"),
    configures("s3.bucket", "aws_s3_bucket_lifecycle_configuration", "bucket"),
    configures("s3.bucket", "aws_s3_bucket_logging", "bucket"),
    configures("s3.bucket", "aws_s3_bucket_metadata_configuration", "bucket"),
    configures("s3.bucket", "aws_s3_bucket_notification", "bucket"),
    configures("s3.bucket", "aws_s3_bucket_object_lock_configuration", "bucket"),
    configures("s3.bucket", "aws_s3_bucket_ownership_controls", "bucket"),
    configures("s3.bucket", "aws_s3_bucket_policy", "bucket"),
    configures("s3.bucket", "aws_s3_bucket_public_access_block", "bucket"),
    configures("s3.bucket", "aws_s3_bucket_replication_configuration", "bucket"),
    configures("s3.bucket", "aws_s3_bucket_request_payment_configuration", "bucket"),
    configures("s3.bucket", "aws_s3_bucket_server_side_encryption_configuration", "bucket"),
    configures("s3.bucket", "aws_s3_bucket_versioning", "bucket"),
    configures("s3.bucket", "aws_s3_bucket_website_configuration", "bucket"),
    part("s3.bucket", "aws_s3_access_point", "bucket"),
    part("s3.bucket", "aws_s3_bucket_analytics_configuration", "bucket"),
    part("s3.bucket", "aws_s3_bucket_intelligent_tiering_configuration", "bucket"),
    part("s3.bucket", "aws_s3_bucket_inventory", "bucket"),
    part("s3.bucket", "aws_s3_bucket_metric", "bucket"),

    is("s3.directory_bucket", "aws_s3_directory_bucket", "bucket"),
    is("s3.directory_bucket", "aws_s3_directory_bucket", "id"),
    configures("s3.directory_bucket", "aws_s3_bucket_lifecycle_configuration", "bucket"),
    configures("s3.directory_bucket", "aws_s3_bucket_policy", "bucket"),
    configures("s3.directory_bucket", "aws_s3_bucket_server_side_encryption_configuration", "bucket"),

    is("s3.multi_region_access_point", "aws_s3control_multi_region_access_point", "details.name"),
    configures("s3.multi_region_access_point", "aws_s3control_multi_region_access_point_policy", "details.name"),

    is("s3.object_lambda_access_point", "aws_s3control_object_lambda_access_point", "name"),
    configures("s3.object_lambda_access_point", "aws_s3control_object_lambda_access_point_policy", "name"),

    is("s3.storage_lens_configuration", "aws_s3control_storage_lens_configuration", "config_id"),
];

/// Resources that another one refers to, and from which it takes settings: the type, the attribute of
/// the state, and the type that it refers to by its `id`.
#[rustfmt::skip]
pub static REFERENCES: &[(&str, &str, &str)] = &[
    ("aws_autoscaling_group", "launch_template.id", "aws_launch_template"),
    ("aws_autoscaling_group", "launch_configuration", "aws_launch_configuration"),
    ("aws_autoscaling_group", "mixed_instances_policy.launch_template.launch_template_specification.launch_template_id", "aws_launch_template"),
    ("aws_eks_node_group", "launch_template.id", "aws_launch_template"),
    ("aws_ec2_fleet", "launch_template_config.launch_template_specification.launch_template_id", "aws_launch_template"),
    ("aws_instance", "launch_template.id", "aws_launch_template"),
    ("aws_instance", "subnet_id", "aws_subnet"),
    ("aws_instance", "vpc_security_group_ids", "aws_security_group"),
    ("aws_network_interface", "security_groups", "aws_security_group"),
    ("aws_network_interface", "subnet_id", "aws_subnet"),
    ("aws_spot_fleet_request", "launch_template_config.launch_template_specification.id", "aws_launch_template"),
    ("aws_spot_instance_request", "subnet_id", "aws_subnet"),
    ("aws_vpc_endpoint", "security_group_ids", "aws_security_group"),
];

/// The tag with the launch template of an instance.
pub const LAUNCH_TEMPLATE: &str = "aws:ec2launchtemplate:id";

/// A tag that a service puts on the instances that it launches, the type of the resource that caused
/// the launch, and the attribute that has the tag's value. The most specific one comes first.
pub static LAUNCHED_BY: &[(&str, &str, &str)] = &[
    ("eks:nodegroup-name", "aws_eks_node_group", "node_group_name"),
    ("aws:autoscaling:groupName", "aws_autoscaling_group", "name"),
    ("aws:ec2spot:fleet-request-id", "aws_spot_fleet_request", "id"),
    ("aws:ec2:fleet-id", "aws_ec2_fleet", "id"),
    (LAUNCH_TEMPLATE, "aws_launch_template", "id"),
];

/// Attributes of parts that evidence is compared with: which traffic a rule or a route is about, and
/// with whom something is shared.
#[rustfmt::skip]
pub(super) static CONTENT: &[&str] = &[
    "account_id", "cidr", "cidr_block", "cidr_blocks", "cidr_ipv4", "cidr_ipv6", "destination_cidr_block",
    "destination_ipv6_cidr_block", "destination_prefix_list_id", "egress", "from_port", "group",
    "ip_protocol", "ipv6_cidr_block", "ipv6_cidr_blocks", "organization_arn",
    "organizational_unit_arn", "prefix_list_id", "prefix_list_ids", "principal_arn", "protocol",
    "referenced_security_group_id", "rule_action", "rule_number", "security_group_rule_id",
    "self", "service_name", "source_security_group_id", "target_network_cidr", "to_port", "type",
];

/// The attributes of the rules that a security group lists itself.
#[rustfmt::skip]
pub(super) static RULES: &[&str] = &[
    "egress.cidr_blocks", "egress.from_port", "egress.ipv6_cidr_blocks", "egress.prefix_list_ids",
    "egress.protocol", "egress.security_groups", "egress.self", "egress.to_port",
    "ingress.cidr_blocks", "ingress.from_port", "ingress.ipv6_cidr_blocks", "ingress.prefix_list_ids",
    "ingress.protocol", "ingress.security_groups", "ingress.self", "ingress.to_port",
];

/// The types of these security groups.
pub static WITH_RULES: [&str; 2] = ["aws_default_security_group", "aws_security_group"];

/// Attributes with the account or the region, and the ids of any resource.
pub(super) static COMMON: &[&str] =
    &["arn", "aws_account_id", "aws_region", "id", "owner_id", "region"];

/// More attributes that are kept, for some types.
pub(super) static OTHERS: &[(&str, &str)] = &[
    ("aws_instance", "ebs_block_device.device_name"),
    ("aws_spot_instance_request", "ebs_block_device.device_name"),
    ("aws_eks_node_group", "cluster_name"),
    ("aws_s3_access_point", "account_id"),
    ("aws_s3_account_public_access_block", "account_id"),
    ("aws_s3control_access_grant", "account_id"),
    ("aws_s3control_access_grants_instance", "account_id"),
    ("aws_s3control_access_grants_instance_resource_policy", "account_id"),
    ("aws_s3control_access_grants_location", "account_id"),
    ("aws_s3control_multi_region_access_point", "account_id"),
    ("aws_s3control_multi_region_access_point_policy", "account_id"),
    ("aws_s3control_object_lambda_access_point", "account_id"),
    ("aws_s3control_object_lambda_access_point_policy", "account_id"),
    ("aws_s3control_storage_lens_configuration", "account_id"),
];
