//! Which resource types of CloudFormation are which kinds, what their physical ids are, and which
//! types configure resources of other types.

/// What the physical id of a resource type is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Physical {
    /// The id of the kind, which exists once on AWS, such as `i-0123`.
    Id,
    /// The id of the kind or its display name, which exists once per account and region.
    Name,
    /// The account: the type configures a setting of the account in the region.
    Account,
}

/// A resource type that declares resources of a kind.
#[derive(Debug)]
pub(crate) struct KindOf {
    pub(crate) resource_type: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) physical: Physical,
    /// The property with the name that a template can give the resource.
    pub(crate) name: Option<&'static str>,
}

const fn by_id(kind: &'static str, resource_type: &'static str) -> KindOf {
    KindOf { resource_type, kind, physical: Physical::Id, name: None }
}

const fn by_name(
    kind: &'static str,
    resource_type: &'static str,
    name: Option<&'static str>,
) -> KindOf {
    KindOf { resource_type, kind, physical: Physical::Name, name }
}

const fn setting(resource_type: &'static str) -> KindOf {
    KindOf { resource_type, kind: "ec2.settings", physical: Physical::Account, name: None }
}

/// Kinds without a type: `account`, `ec2.image`, `ec2.instance_type`, `ec2.reserved_instances`,
/// `ec2.snapshot`, `organizations.account`, `s3.account`.
pub(crate) static KINDS: &[KindOf] = &[
    // The public address, in newer stacks followed by the allocation id.
    by_name("ec2.address", "AWS::EC2::EIP", None),
    by_id("ec2.capacity_reservation", "AWS::EC2::CapacityReservation"),
    by_id("ec2.carrier_gateway", "AWS::EC2::CarrierGateway"),
    by_id("ec2.client_vpn_endpoint", "AWS::EC2::ClientVpnEndpoint"),
    by_id("ec2.customer_gateway", "AWS::EC2::CustomerGateway"),
    by_id("ec2.dhcp_options", "AWS::EC2::DHCPOptions"),
    by_id("ec2.egress_only_internet_gateway", "AWS::EC2::EgressOnlyInternetGateway"),
    by_id("ec2.fleet", "AWS::EC2::EC2Fleet"),
    by_id("ec2.flow_log", "AWS::EC2::FlowLog"),
    by_id("ec2.instance", "AWS::EC2::Instance"),
    by_id("ec2.internet_gateway", "AWS::EC2::InternetGateway"),
    by_id("ec2.ipam_scope", "AWS::EC2::IPAMScope"),
    by_name("ec2.key_pair", "AWS::EC2::KeyPair", Some("KeyName")),
    by_id("ec2.launch_template", "AWS::EC2::LaunchTemplate"),
    by_id("ec2.managed_prefix_list", "AWS::EC2::PrefixList"),
    by_id("ec2.nat_gateway", "AWS::EC2::NatGateway"),
    by_id("ec2.network_acl", "AWS::EC2::NetworkAcl"),
    by_id("ec2.network_insights_access_scope", "AWS::EC2::NetworkInsightsAccessScope"),
    by_id(
        "ec2.network_insights_access_scope_analysis",
        "AWS::EC2::NetworkInsightsAccessScopeAnalysis",
    ),
    by_id("ec2.network_insights_analysis", "AWS::EC2::NetworkInsightsAnalysis"),
    by_id("ec2.network_insights_path", "AWS::EC2::NetworkInsightsPath"),
    by_id("ec2.network_interface", "AWS::EC2::NetworkInterface"),
    by_id("ec2.route_table", "AWS::EC2::RouteTable"),
    // The name, if the group is in the default VPC and the template names no VPC.
    by_name("ec2.security_group", "AWS::EC2::SecurityGroup", Some("GroupName")),
    setting("AWS::EC2::SnapshotBlockPublicAccess"),
    setting("AWS::EC2::VPCBlockPublicAccessOptions"),
    by_id("ec2.spot_fleet_request", "AWS::EC2::SpotFleet"),
    by_id("ec2.subnet", "AWS::EC2::Subnet"),
    by_id("ec2.traffic_mirror_filter", "AWS::EC2::TrafficMirrorFilter"),
    by_id("ec2.traffic_mirror_session", "AWS::EC2::TrafficMirrorSession"),
    by_id("ec2.traffic_mirror_target", "AWS::EC2::TrafficMirrorTarget"),
    by_id("ec2.transit_gateway", "AWS::EC2::TransitGateway"),
    by_id("ec2.transit_gateway_attachment", "AWS::EC2::TransitGatewayAttachment"),
    by_id("ec2.transit_gateway_attachment", "AWS::EC2::TransitGatewayConnect"),
    by_id("ec2.transit_gateway_attachment", "AWS::EC2::TransitGatewayPeeringAttachment"),
    by_id("ec2.transit_gateway_attachment", "AWS::EC2::TransitGatewayVpcAttachment"),
    by_id("ec2.transit_gateway_multicast_domain", "AWS::EC2::TransitGatewayMulticastDomain"),
    by_id("ec2.transit_gateway_route_table", "AWS::EC2::TransitGatewayRouteTable"),
    by_id("ec2.verified_access_instance", "AWS::EC2::VerifiedAccessInstance"),
    by_id("ec2.volume", "AWS::EC2::Volume"),
    by_id("ec2.vpc", "AWS::EC2::VPC"),
    by_id("ec2.vpc_encryption_control", "AWS::EC2::VPCEncryptionControl"),
    by_id("ec2.vpc_endpoint", "AWS::EC2::VPCEndpoint"),
    by_id("ec2.vpc_endpoint_service", "AWS::EC2::VPCEndpointService"),
    by_id("ec2.vpc_peering_connection", "AWS::EC2::VPCPeeringConnection"),
    by_id("ec2.vpn_connection", "AWS::EC2::VPNConnection"),
    by_id("ec2.vpn_gateway", "AWS::EC2::VPNGateway"),
    // An ARN that ends with the id, which is `default` everywhere.
    by_name("s3.access_grants_instance", "AWS::S3::AccessGrantsInstance", None),
    by_name("s3.access_point", "AWS::S3::AccessPoint", Some("Name")),
    by_name("s3.access_point", "AWS::S3Express::AccessPoint", Some("Name")),
    // Names of buckets exist once in a partition.
    KindOf {
        resource_type: "AWS::S3::Bucket",
        kind: "s3.bucket",
        physical: Physical::Id,
        name: Some("BucketName"),
    },
    by_name("s3.directory_bucket", "AWS::S3Express::DirectoryBucket", Some("BucketName")),
    by_name("s3.multi_region_access_point", "AWS::S3::MultiRegionAccessPoint", Some("Name")),
    by_name("s3.object_lambda_access_point", "AWS::S3ObjectLambda::AccessPoint", Some("Name")),
    by_name("s3.storage_lens_configuration", "AWS::S3::StorageLens", None),
];

/// The types that declare resources of a kind.
pub(crate) fn types_of(kind: &str) -> impl Iterator<Item = &'static KindOf> {
    KINDS.iter().filter(move |entry| entry.kind == kind)
}

/// The entry of a type.
pub(crate) fn entry_of(resource_type: &str) -> Option<&'static KindOf> {
    KINDS.iter().find(|entry| entry.resource_type == resource_type)
}

/// Whether resources of a kind can have the tags of a resource of that type, because they are declared
/// by it or created with it: an Auto Scaling group puts its tags on its instances, and an instance on
/// its volumes.
pub(crate) fn has_tags_of(kind: &str, resource_type: &str) -> bool {
    let is_launched = matches!(kind, "ec2.instance" | "ec2.network_interface" | "ec2.volume");
    match entry_of(resource_type) {
        Some(entry) => {
            entry.kind == kind
                || is_launched && LAUNCHES.iter().any(|(creator, _)| *creator == resource_type)
        }
        // A service that starts instances, such as AWS Batch.
        None => is_launched,
    }
}

/// A type that configures resources of another type, with the property that refers to them.
#[derive(Debug)]
pub(crate) struct Satellite {
    pub(crate) resource_type: &'static str,
    pub(crate) property: &'static str,
    pub(crate) of: &'static str,
}

const fn satellite(
    resource_type: &'static str,
    property: &'static str,
    of: &'static str,
) -> Satellite {
    Satellite { resource_type, property, of }
}

pub(crate) static SATELLITES: &[Satellite] = &[
    satellite(
        "AWS::EC2::ClientVpnAuthorizationRule",
        "ClientVpnEndpointId",
        "AWS::EC2::ClientVpnEndpoint",
    ),
    satellite("AWS::EC2::ClientVpnRoute", "ClientVpnEndpointId", "AWS::EC2::ClientVpnEndpoint"),
    satellite(
        "AWS::EC2::ClientVpnTargetNetworkAssociation",
        "ClientVpnEndpointId",
        "AWS::EC2::ClientVpnEndpoint",
    ),
    satellite("AWS::EC2::EIPAssociation", "AllocationId", "AWS::EC2::EIP"),
    satellite("AWS::EC2::EIPAssociation", "EIP", "AWS::EC2::EIP"),
    satellite("AWS::EC2::EIPAssociation", "InstanceId", "AWS::EC2::Instance"),
    satellite("AWS::EC2::EIPAssociation", "NetworkInterfaceId", "AWS::EC2::NetworkInterface"),
    satellite("AWS::EC2::EIP", "InstanceId", "AWS::EC2::Instance"),
    satellite("AWS::EC2::FlowLog", "ResourceId", "AWS::EC2::NetworkInterface"),
    satellite("AWS::EC2::FlowLog", "ResourceId", "AWS::EC2::Subnet"),
    satellite("AWS::EC2::FlowLog", "ResourceId", "AWS::EC2::TransitGateway"),
    satellite("AWS::EC2::FlowLog", "ResourceId", "AWS::EC2::VPC"),
    satellite("AWS::EC2::NetworkAclEntry", "NetworkAclId", "AWS::EC2::NetworkAcl"),
    satellite("AWS::EC2::NetworkInterfaceAttachment", "InstanceId", "AWS::EC2::Instance"),
    satellite(
        "AWS::EC2::NetworkInterfaceAttachment",
        "NetworkInterfaceId",
        "AWS::EC2::NetworkInterface",
    ),
    satellite("AWS::EC2::Route", "RouteTableId", "AWS::EC2::RouteTable"),
    satellite("AWS::EC2::SecurityGroupEgress", "GroupId", "AWS::EC2::SecurityGroup"),
    satellite("AWS::EC2::SecurityGroupIngress", "GroupId", "AWS::EC2::SecurityGroup"),
    satellite("AWS::EC2::SecurityGroupIngress", "GroupName", "AWS::EC2::SecurityGroup"),
    satellite("AWS::EC2::SubnetNetworkAclAssociation", "NetworkAclId", "AWS::EC2::NetworkAcl"),
    satellite("AWS::EC2::SubnetNetworkAclAssociation", "SubnetId", "AWS::EC2::Subnet"),
    satellite("AWS::EC2::SubnetRouteTableAssociation", "RouteTableId", "AWS::EC2::RouteTable"),
    satellite("AWS::EC2::SubnetRouteTableAssociation", "SubnetId", "AWS::EC2::Subnet"),
    satellite(
        "AWS::EC2::TrafficMirrorFilterRule",
        "TrafficMirrorFilterId",
        "AWS::EC2::TrafficMirrorFilter",
    ),
    satellite(
        "AWS::EC2::TransitGatewayRoute",
        "TransitGatewayRouteTableId",
        "AWS::EC2::TransitGatewayRouteTable",
    ),
    satellite(
        "AWS::EC2::TransitGatewayRouteTableAssociation",
        "TransitGatewayAttachmentId",
        "AWS::EC2::TransitGatewayAttachment",
    ),
    satellite("AWS::EC2::VPCBlockPublicAccessExclusion", "SubnetId", "AWS::EC2::Subnet"),
    satellite("AWS::EC2::VPCBlockPublicAccessExclusion", "VpcId", "AWS::EC2::VPC"),
    satellite("AWS::EC2::VPCDHCPOptionsAssociation", "DhcpOptionsId", "AWS::EC2::DHCPOptions"),
    satellite("AWS::EC2::VPCDHCPOptionsAssociation", "VpcId", "AWS::EC2::VPC"),
    satellite("AWS::EC2::VPCEncryptionControl", "VpcId", "AWS::EC2::VPC"),
    satellite("AWS::EC2::VPCEndpoint", "VpcId", "AWS::EC2::VPC"),
    satellite(
        "AWS::EC2::VPCEndpointServicePermissions",
        "ServiceId",
        "AWS::EC2::VPCEndpointService",
    ),
    satellite("AWS::EC2::VPCGatewayAttachment", "InternetGatewayId", "AWS::EC2::InternetGateway"),
    satellite("AWS::EC2::VPCGatewayAttachment", "VpnGatewayId", "AWS::EC2::VPNGateway"),
    satellite("AWS::EC2::VPNConnectionRoute", "VpnConnectionId", "AWS::EC2::VPNConnection"),
    satellite("AWS::EC2::VolumeAttachment", "VolumeId", "AWS::EC2::Volume"),
    satellite("AWS::EC2::VolumeAttachment", "InstanceId", "AWS::EC2::Instance"),
    satellite("AWS::S3::BucketPolicy", "Bucket", "AWS::S3::Bucket"),
    satellite(
        "AWS::S3::MultiRegionAccessPointPolicy",
        "MrapName",
        "AWS::S3::MultiRegionAccessPoint",
    ),
    satellite("AWS::S3Express::BucketPolicy", "Bucket", "AWS::S3Express::DirectoryBucket"),
    satellite(
        "AWS::S3ObjectLambda::AccessPointPolicy",
        "ObjectLambdaAccessPoint",
        "AWS::S3ObjectLambda::AccessPoint",
    ),
];

/// Where a type names the launch template or launch configuration of its instances.
pub(crate) static LAUNCHES: &[(&str, &[&str])] = &[
    ("AWS::AutoScaling::AutoScalingGroup", &["LaunchConfigurationName"]),
    ("AWS::AutoScaling::AutoScalingGroup", &["LaunchTemplate"]),
    (
        "AWS::AutoScaling::AutoScalingGroup",
        &["MixedInstancesPolicy", "LaunchTemplate", "LaunchTemplateSpecification"],
    ),
    ("AWS::EC2::EC2Fleet", &["LaunchTemplateConfigs", "LaunchTemplateSpecification"]),
    ("AWS::EC2::Instance", &["LaunchTemplate"]),
    (
        "AWS::EC2::SpotFleet",
        &["SpotFleetRequestConfigData", "LaunchTemplateConfigs", "LaunchTemplateSpecification"],
    ),
    ("AWS::EKS::Nodegroup", &["LaunchTemplate"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts;

    #[test]
    fn kinds_exist_and_all_are_declared_by_a_type_or_known_to_have_none() {
        const WITHOUT: [&str; 8] = [
            "account",
            "ec2.image",
            "ec2.instance_type",
            "ec2.reserved_instances",
            "ec2.snapshot",
            "organizations.account",
            "s3.account",
            "s3.region",
        ];
        for kind in facts::KINDS {
            let has_type = types_of(kind.name).next().is_some();
            assert_eq!(has_type, !WITHOUT.contains(&kind.name), "{}", kind.name);
        }
        for entry in KINDS {
            assert!(facts::kind(entry.kind).is_some(), "{entry:?}");
        }
        for found in SATELLITES {
            assert!(entry_of(found.of).is_some(), "{found:?}");
        }
    }
}
