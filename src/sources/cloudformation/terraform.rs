//! From the Terraform types and attributes that rules name to properties of CloudFormation types.
//!
//! Names that differ only in case and underscores need no entry: `http_tokens` is `HttpTokens`.

use super::document::plain_name;

const BUCKET: &str = "AWS::S3::Bucket";
const BUCKET_POLICY: &str = "AWS::S3::BucketPolicy";
const CLIENT_VPN: &str = "AWS::EC2::ClientVpnEndpoint";
const DIRECTORY_BUCKET: &str = "AWS::S3Express::DirectoryBucket";
const GROUP: &str = "AWS::EC2::SecurityGroup";
const INSTANCE: &str = "AWS::EC2::Instance";
const MRAP: &str = "AWS::S3::MultiRegionAccessPoint";
const OLAP: &str = "AWS::S3ObjectLambda::AccessPoint";
const SPOT_FLEET: &str = "AWS::EC2::SpotFleet";
const TEMPLATE: &str = "AWS::EC2::LaunchTemplate";
const VPC_ENDPOINT: &str = "AWS::EC2::VPCEndpoint";
const VPN: &str = "AWS::EC2::VPNConnection";

/// Terraform type, possibly with an attribute or `*` for every attribute → type and property of
/// CloudFormation. The longest entry counts; several with the same name all count.
static MAPPINGS: &[(&str, &str, &str)] = &[
    ("aws_customer_gateway", "AWS::EC2::CustomerGateway", ""),
    ("aws_ebs_snapshot_block_public_access", "AWS::EC2::SnapshotBlockPublicAccess", ""),
    ("aws_ebs_volume", "AWS::EC2::Volume", ""),
    ("aws_ec2_capacity_reservation", "AWS::EC2::CapacityReservation", ""),
    ("aws_ec2_carrier_gateway", "AWS::EC2::CarrierGateway", ""),
    ("aws_ec2_client_vpn_authorization_rule", "AWS::EC2::ClientVpnAuthorizationRule", ""),
    ("aws_ec2_client_vpn_endpoint", CLIENT_VPN, ""),
    ("aws_ec2_client_vpn_network_association", "AWS::EC2::ClientVpnTargetNetworkAssociation", ""),
    ("aws_ec2_client_vpn_route", "AWS::EC2::ClientVpnRoute", ""),
    ("aws_ec2_fleet", "AWS::EC2::EC2Fleet", ""),
    ("aws_ec2_fleet.launch_template_config", "AWS::EC2::EC2Fleet", "LaunchTemplateConfigs"),
    ("aws_ec2_managed_prefix_list", "AWS::EC2::PrefixList", ""),
    ("aws_ec2_managed_prefix_list.entry", "AWS::EC2::PrefixList", "Entries"),
    ("aws_ec2_managed_prefix_list.name", "AWS::EC2::PrefixList", "PrefixListName"),
    ("aws_ec2_managed_prefix_list_entry", "AWS::EC2::PrefixList", "Entries"),
    ("aws_ec2_network_insights_analysis", "AWS::EC2::NetworkInsightsAnalysis", ""),
    ("aws_ec2_network_insights_path", "AWS::EC2::NetworkInsightsPath", ""),
    ("aws_ec2_traffic_mirror_filter", "AWS::EC2::TrafficMirrorFilter", ""),
    ("aws_ec2_traffic_mirror_filter_rule", "AWS::EC2::TrafficMirrorFilterRule", ""),
    ("aws_ec2_traffic_mirror_session", "AWS::EC2::TrafficMirrorSession", ""),
    ("aws_ec2_traffic_mirror_target", "AWS::EC2::TrafficMirrorTarget", ""),
    ("aws_ec2_transit_gateway", "AWS::EC2::TransitGateway", ""),
    ("aws_ec2_transit_gateway_connect", "AWS::EC2::TransitGatewayConnect", ""),
    ("aws_ec2_transit_gateway_multicast_domain", "AWS::EC2::TransitGatewayMulticastDomain", ""),
    ("aws_ec2_transit_gateway_peering_attachment", "AWS::EC2::TransitGatewayPeeringAttachment", ""),
    ("aws_ec2_transit_gateway_route", "AWS::EC2::TransitGatewayRoute", ""),
    ("aws_ec2_transit_gateway_route_table", "AWS::EC2::TransitGatewayRouteTable", ""),
    ("aws_ec2_transit_gateway_vpc_attachment", "AWS::EC2::TransitGatewayAttachment", ""),
    ("aws_ec2_transit_gateway_vpc_attachment", "AWS::EC2::TransitGatewayVpcAttachment", ""),
    ("aws_egress_only_internet_gateway", "AWS::EC2::EgressOnlyInternetGateway", ""),
    ("aws_eip", "AWS::EC2::EIP", ""),
    ("aws_eip.instance", "AWS::EC2::EIP", "InstanceId"),
    ("aws_eip_association", "AWS::EC2::EIPAssociation", ""),
    ("aws_flow_log", "AWS::EC2::FlowLog", ""),
    ("aws_instance", INSTANCE, ""),
    ("aws_instance.ami", INSTANCE, "ImageId"),
    (
        "aws_instance.associate_public_ip_address",
        INSTANCE,
        "NetworkInterfaces.AssociatePublicIpAddress",
    ),
    ("aws_instance.ebs_block_device", INSTANCE, "BlockDeviceMappings"),
    ("aws_instance.ebs_block_device.device_name", INSTANCE, "BlockDeviceMappings.DeviceName"),
    ("aws_instance.ebs_block_device.*", INSTANCE, "BlockDeviceMappings.Ebs"),
    ("aws_instance.launch_template", INSTANCE, "LaunchTemplate"),
    ("aws_instance.network_interface", INSTANCE, "NetworkInterfaces"),
    ("aws_instance.primary_network_interface", INSTANCE, "NetworkInterfaces"),
    ("aws_instance.root_block_device", INSTANCE, "BlockDeviceMappings"),
    ("aws_instance.root_block_device.*", INSTANCE, "BlockDeviceMappings.Ebs"),
    ("aws_instance.user_data_base64", INSTANCE, "UserData"),
    ("aws_instance.vpc_security_group_ids", INSTANCE, "SecurityGroupIds"),
    ("aws_internet_gateway", "AWS::EC2::InternetGateway", ""),
    ("aws_internet_gateway.vpc_id", "AWS::EC2::VPCGatewayAttachment", "VpcId"),
    ("aws_internet_gateway_attachment", "AWS::EC2::VPCGatewayAttachment", ""),
    ("aws_key_pair", "AWS::EC2::KeyPair", ""),
    ("aws_key_pair.public_key", "AWS::EC2::KeyPair", "PublicKeyMaterial"),
    ("aws_launch_template", TEMPLATE, ""),
    ("aws_launch_template.*", TEMPLATE, "LaunchTemplateData"),
    ("aws_launch_template.name", TEMPLATE, "LaunchTemplateName"),
    ("aws_launch_template.vpc_security_group_ids", TEMPLATE, "LaunchTemplateData.SecurityGroupIds"),
    ("aws_nat_gateway", "AWS::EC2::NatGateway", ""),
    ("aws_network_acl", "AWS::EC2::NetworkAcl", ""),
    ("aws_network_acl.egress", "AWS::EC2::NetworkAclEntry", ""),
    ("aws_network_acl.ingress", "AWS::EC2::NetworkAclEntry", ""),
    ("aws_network_acl.subnet_ids", "AWS::EC2::SubnetNetworkAclAssociation", ""),
    ("aws_network_acl_association", "AWS::EC2::SubnetNetworkAclAssociation", ""),
    ("aws_network_acl_rule", "AWS::EC2::NetworkAclEntry", ""),
    ("aws_network_interface", "AWS::EC2::NetworkInterface", ""),
    ("aws_network_interface.security_groups", "AWS::EC2::NetworkInterface", "GroupSet"),
    ("aws_network_interface_attachment", "AWS::EC2::NetworkInterfaceAttachment", ""),
    ("aws_route", "AWS::EC2::Route", ""),
    ("aws_route_table", "AWS::EC2::RouteTable", ""),
    ("aws_route_table.route", "AWS::EC2::Route", ""),
    ("aws_route_table_association", "AWS::EC2::SubnetRouteTableAssociation", ""),
    ("aws_s3_access_point", "AWS::S3::AccessPoint", ""),
    ("aws_s3_bucket", BUCKET, ""),
    ("aws_s3_bucket.acl", BUCKET, "AccessControl"),
    ("aws_s3_bucket.bucket", BUCKET, "BucketName"),
    ("aws_s3_bucket.cors_rule", BUCKET, "CorsConfiguration.CorsRules"),
    ("aws_s3_bucket.grant", BUCKET, "AccessControl"),
    ("aws_s3_bucket.lifecycle_rule", BUCKET, "LifecycleConfiguration.Rules"),
    ("aws_s3_bucket.logging", BUCKET, "LoggingConfiguration"),
    ("aws_s3_bucket.object_lock_configuration", BUCKET, "ObjectLockConfiguration"),
    ("aws_s3_bucket.policy", BUCKET_POLICY, "PolicyDocument"),
    ("aws_s3_bucket.replication_configuration", BUCKET, "ReplicationConfiguration"),
    ("aws_s3_bucket.server_side_encryption_configuration", BUCKET, "BucketEncryption"),
    ("aws_s3_bucket.versioning", BUCKET, "VersioningConfiguration"),
    ("aws_s3_bucket.website", BUCKET, "WebsiteConfiguration"),
    ("aws_s3_bucket_accelerate_configuration", BUCKET, "AccelerateConfiguration"),
    ("aws_s3_bucket_acl", BUCKET, "AccessControl"),
    ("aws_s3_bucket_analytics_configuration", BUCKET, "AnalyticsConfigurations"),
    ("aws_s3_bucket_cors_configuration", BUCKET, "CorsConfiguration"),
    ("aws_s3_bucket_cors_configuration.cors_rule", BUCKET, "CorsConfiguration.CorsRules"),
    ("aws_s3_bucket_intelligent_tiering_configuration", BUCKET, "IntelligentTieringConfigurations"),
    ("aws_s3_bucket_inventory", BUCKET, "InventoryConfigurations"),
    ("aws_s3_bucket_lifecycle_configuration", BUCKET, "LifecycleConfiguration"),
    ("aws_s3_bucket_lifecycle_configuration", DIRECTORY_BUCKET, "LifecycleConfiguration"),
    ("aws_s3_bucket_lifecycle_configuration.rule", BUCKET, "LifecycleConfiguration.Rules"),
    (
        "aws_s3_bucket_lifecycle_configuration.rule",
        DIRECTORY_BUCKET,
        "LifecycleConfiguration.Rules",
    ),
    ("aws_s3_bucket_logging", BUCKET, "LoggingConfiguration"),
    ("aws_s3_bucket_logging.target_bucket", BUCKET, "LoggingConfiguration.DestinationBucketName"),
    ("aws_s3_bucket_logging.target_prefix", BUCKET, "LoggingConfiguration.LogFilePrefix"),
    ("aws_s3_bucket_metric", BUCKET, "MetricsConfigurations"),
    ("aws_s3_bucket_notification", BUCKET, "NotificationConfiguration"),
    (
        "aws_s3_bucket_notification.eventbridge",
        BUCKET,
        "NotificationConfiguration.EventBridgeConfiguration",
    ),
    (
        "aws_s3_bucket_notification.lambda_function",
        BUCKET,
        "NotificationConfiguration.LambdaConfigurations",
    ),
    ("aws_s3_bucket_notification.queue", BUCKET, "NotificationConfiguration.QueueConfigurations"),
    ("aws_s3_bucket_notification.topic", BUCKET, "NotificationConfiguration.TopicConfigurations"),
    // Without a default retention, Object Lock is the property that turns it on.
    ("aws_s3_bucket_object_lock_configuration", BUCKET, "ObjectLockConfiguration"),
    ("aws_s3_bucket_object_lock_configuration", BUCKET, "ObjectLockEnabled"),
    ("aws_s3_bucket_ownership_controls", BUCKET, "OwnershipControls"),
    ("aws_s3_bucket_ownership_controls.rule", BUCKET, "OwnershipControls.Rules"),
    ("aws_s3_bucket_policy", BUCKET_POLICY, ""),
    ("aws_s3_bucket_policy", "AWS::S3Express::BucketPolicy", ""),
    ("aws_s3_bucket_policy.policy", BUCKET_POLICY, "PolicyDocument"),
    ("aws_s3_bucket_policy.policy", "AWS::S3Express::BucketPolicy", "PolicyDocument"),
    ("aws_s3_bucket_public_access_block", BUCKET, "PublicAccessBlockConfiguration"),
    ("aws_s3_bucket_replication_configuration", BUCKET, "ReplicationConfiguration"),
    ("aws_s3_bucket_replication_configuration.rule", BUCKET, "ReplicationConfiguration.Rules"),
    ("aws_s3_bucket_server_side_encryption_configuration", BUCKET, "BucketEncryption"),
    (
        "aws_s3_bucket_server_side_encryption_configuration.rule",
        BUCKET,
        "BucketEncryption.ServerSideEncryptionConfiguration",
    ),
    (
        "aws_s3_bucket_server_side_encryption_configuration.rule.apply_server_side_encryption_by_default",
        BUCKET,
        "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault",
    ),
    ("aws_s3_bucket_versioning", BUCKET, "VersioningConfiguration"),
    ("aws_s3_bucket_versioning.versioning_configuration", BUCKET, "VersioningConfiguration"),
    ("aws_s3_bucket_website_configuration", BUCKET, "WebsiteConfiguration"),
    ("aws_s3_directory_bucket", DIRECTORY_BUCKET, ""),
    ("aws_s3control_access_grants_instance", "AWS::S3::AccessGrantsInstance", ""),
    ("aws_s3control_access_point_policy", "AWS::S3::AccessPoint", "Policy"),
    ("aws_s3control_multi_region_access_point", MRAP, ""),
    ("aws_s3control_multi_region_access_point.details", MRAP, ""),
    (
        "aws_s3control_multi_region_access_point.details.public_access_block",
        MRAP,
        "PublicAccessBlockConfiguration",
    ),
    ("aws_s3control_multi_region_access_point.details.region", MRAP, "Regions"),
    ("aws_s3control_multi_region_access_point_policy", "AWS::S3::MultiRegionAccessPointPolicy", ""),
    ("aws_s3control_object_lambda_access_point", OLAP, ""),
    ("aws_s3control_object_lambda_access_point.configuration", OLAP, "ObjectLambdaConfiguration"),
    (
        "aws_s3control_object_lambda_access_point_policy",
        "AWS::S3ObjectLambda::AccessPointPolicy",
        "",
    ),
    ("aws_s3control_storage_lens_configuration", "AWS::S3::StorageLens", ""),
    ("aws_security_group", GROUP, ""),
    ("aws_security_group.description", GROUP, "GroupDescription"),
    ("aws_security_group.egress", GROUP, "SecurityGroupEgress"),
    ("aws_security_group.egress", "AWS::EC2::SecurityGroupEgress", ""),
    ("aws_security_group.ingress", GROUP, "SecurityGroupIngress"),
    ("aws_security_group.ingress", "AWS::EC2::SecurityGroupIngress", ""),
    ("aws_security_group.name", GROUP, "GroupName"),
    // Inbound and outbound rules: evidence decides.
    ("aws_security_group_rule", GROUP, "SecurityGroupIngress"),
    ("aws_security_group_rule", "AWS::EC2::SecurityGroupIngress", ""),
    ("aws_security_group_rule", GROUP, "SecurityGroupEgress"),
    ("aws_security_group_rule", "AWS::EC2::SecurityGroupEgress", ""),
    ("aws_spot_fleet_request", SPOT_FLEET, ""),
    ("aws_spot_fleet_request.*", SPOT_FLEET, "SpotFleetRequestConfigData"),
    (
        "aws_spot_fleet_request.launch_specification",
        SPOT_FLEET,
        "SpotFleetRequestConfigData.LaunchSpecifications",
    ),
    (
        "aws_spot_fleet_request.launch_specification.ebs_block_device",
        SPOT_FLEET,
        "SpotFleetRequestConfigData.LaunchSpecifications.BlockDeviceMappings",
    ),
    (
        "aws_spot_fleet_request.launch_specification.ebs_block_device.*",
        SPOT_FLEET,
        "SpotFleetRequestConfigData.LaunchSpecifications.BlockDeviceMappings.Ebs",
    ),
    (
        "aws_spot_fleet_request.launch_specification.root_block_device",
        SPOT_FLEET,
        "SpotFleetRequestConfigData.LaunchSpecifications.BlockDeviceMappings",
    ),
    (
        "aws_spot_fleet_request.launch_specification.root_block_device.*",
        SPOT_FLEET,
        "SpotFleetRequestConfigData.LaunchSpecifications.BlockDeviceMappings.Ebs",
    ),
    (
        "aws_spot_fleet_request.launch_template_config",
        SPOT_FLEET,
        "SpotFleetRequestConfigData.LaunchTemplateConfigs",
    ),
    ("aws_subnet", "AWS::EC2::Subnet", ""),
    ("aws_verifiedaccess_instance", "AWS::EC2::VerifiedAccessInstance", ""),
    (
        "aws_verifiedaccess_instance_logging_configuration",
        "AWS::EC2::VerifiedAccessInstance",
        "LoggingConfigurations",
    ),
    (
        "aws_verifiedaccess_instance_logging_configuration.access_logs",
        "AWS::EC2::VerifiedAccessInstance",
        "LoggingConfigurations",
    ),
    ("aws_volume_attachment", "AWS::EC2::VolumeAttachment", ""),
    ("aws_volume_attachment", INSTANCE, "Volumes"),
    ("aws_vpc", "AWS::EC2::VPC", ""),
    ("aws_vpc_block_public_access_exclusion", "AWS::EC2::VPCBlockPublicAccessExclusion", ""),
    ("aws_vpc_block_public_access_options", "AWS::EC2::VPCBlockPublicAccessOptions", ""),
    ("aws_vpc_dhcp_options", "AWS::EC2::DHCPOptions", ""),
    ("aws_vpc_dhcp_options_association", "AWS::EC2::VPCDHCPOptionsAssociation", ""),
    ("aws_vpc_encryption_control", "AWS::EC2::VPCEncryptionControl", ""),
    ("aws_vpc_endpoint", VPC_ENDPOINT, ""),
    ("aws_vpc_endpoint.policy", VPC_ENDPOINT, "PolicyDocument"),
    ("aws_vpc_endpoint_policy", VPC_ENDPOINT, "PolicyDocument"),
    ("aws_vpc_endpoint_policy.policy", VPC_ENDPOINT, "PolicyDocument"),
    ("aws_vpc_endpoint_service", "AWS::EC2::VPCEndpointService", ""),
    (
        "aws_vpc_endpoint_service.allowed_principals",
        "AWS::EC2::VPCEndpointServicePermissions",
        "AllowedPrincipals",
    ),
    ("aws_vpc_endpoint_service_allowed_principal", "AWS::EC2::VPCEndpointServicePermissions", ""),
    ("aws_vpc_endpoint_subnet_association", VPC_ENDPOINT, "SubnetIds"),
    ("aws_vpc_peering_connection", "AWS::EC2::VPCPeeringConnection", ""),
    ("aws_vpc_security_group_egress_rule", GROUP, "SecurityGroupEgress"),
    ("aws_vpc_security_group_egress_rule", "AWS::EC2::SecurityGroupEgress", ""),
    ("aws_vpc_security_group_ingress_rule", GROUP, "SecurityGroupIngress"),
    ("aws_vpc_security_group_ingress_rule", "AWS::EC2::SecurityGroupIngress", ""),
    ("aws_vpn_connection", VPN, ""),
    ("aws_vpn_gateway", "AWS::EC2::VPNGateway", ""),
];

/// A resource type and the path of a property in it; no path means the resource itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) resource_type: &'static str,
    /// Names in the spelling of [`plain_name`].
    pub(crate) path: Vec<String>,
}

/// What an entry of a rule's `terraform` is in CloudFormation. Empty if there is nothing.
pub(crate) fn wanted(entry: &str) -> Vec<Wanted> {
    let steps: Vec<&str> = entry.split('.').collect();
    // The options of the two tunnels are attributes in Terraform, and a list in CloudFormation.
    if let ["aws_vpn_connection", attribute, ..] = steps[..]
        && (attribute.starts_with("tunnel1_") || attribute.starts_with("tunnel2_"))
    {
        let path = vec![plain_name("VpnTunnelOptionsSpecifications")];
        return vec![Wanted { resource_type: VPN, path }];
    }
    let named = |name: &str, rest: &[&str]| -> Vec<Wanted> {
        let known = MAPPINGS.iter().filter(|(known, ..)| *known == name);
        known
            .map(|(_, resource_type, path)| {
                let own = path.split('.').filter(|step| !step.is_empty());
                let path = own.chain(rest.iter().copied()).map(plain_name).collect();
                Wanted { resource_type, path }
            })
            .collect()
    };
    for length in (1..=steps.len()).rev() {
        let (name, rest) = steps.split_at(length);
        let name = name.join(".");
        let mut found = Vec::new();
        if !rest.is_empty() {
            found = named(&format!("{name}.*"), rest);
        }
        if found.is_empty() {
            found = named(&name, rest);
        }
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_become_properties() {
        for (entry, expected) in [
            ("aws_s3_bucket", "AWS::S3::Bucket"),
            ("aws_s3_bucket_versioning", "AWS::S3::Bucket versioningconfiguration"),
            (
                "aws_s3_bucket_versioning.versioning_configuration.status",
                "AWS::S3::Bucket versioningconfiguration.status",
            ),
            (
                "aws_s3_bucket_public_access_block.block_public_acls",
                "AWS::S3::Bucket publicaccessblockconfiguration.blockpublicacls",
            ),
            (
                "aws_instance.metadata_options.http_tokens",
                "AWS::EC2::Instance metadataoptions.httptokens",
            ),
            (
                "aws_instance.root_block_device.encrypted",
                "AWS::EC2::Instance blockdevicemappings.ebs.encrypted",
            ),
            ("aws_launch_template", "AWS::EC2::LaunchTemplate"),
            (
                "aws_launch_template.metadata_options.http_tokens",
                "AWS::EC2::LaunchTemplate launchtemplatedata.metadataoptions.httptokens",
            ),
            ("aws_launch_template.name", "AWS::EC2::LaunchTemplate launchtemplatename"),
            (
                "aws_vpc_security_group_ingress_rule",
                "AWS::EC2::SecurityGroup securitygroupingress, AWS::EC2::SecurityGroupIngress",
            ),
            (
                "aws_vpn_connection.tunnel1_ike_versions",
                "AWS::EC2::VPNConnection vpntunneloptionsspecifications",
            ),
            ("aws_vpn_connection.tags", "AWS::EC2::VPNConnection tags"),
            ("aws_ami", ""),
            ("aws_s3_account_public_access_block.block_public_acls", ""),
            ("", ""),
        ] {
            let found = wanted(entry).into_iter().map(|wanted| {
                format!("{} {}", wanted.resource_type, wanted.path.join(".")).trim().to_owned()
            });
            assert_eq!(found.collect::<Vec<_>>().join(", "), expected, "{entry}");
        }
    }
}
