//! Types that are not converted, with what they change.

use super::volume::ATTACHED as ATTACHED_VOLUME;
use crate::facts;

/// A type that is not converted.
pub struct Other {
    /// Its name, or its beginning if it ends with `*`.
    pub name: &'static str,
    /// The kinds whose lists it changes; `*` for all of them.
    pub lists: &'static [&'static str],
    /// The kind that a resource of the type is.
    pub own: Option<&'static str>,
    /// The properties that name other resources, with the kind and the fields that change; all of them if
    /// there are none.
    pub parents: &'static [Parent],
    /// What changes of all resources of a kind.
    pub anywhere: &'static [(&'static str, &'static [&'static str])],
    /// Whether it can change everything that its properties name.
    pub is_custom: bool,
}

impl Other {
    /// The entry of a type.
    pub fn of(name: &str) -> Option<&'static Self> {
        OTHERS.iter().find(|other| match other.name.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == other.name,
        })
    }

    /// The kinds whose lists it changes.
    pub fn lists(&self) -> Vec<&'static str> {
        match self.lists {
            ["*"] => facts::KINDS.iter().map(|kind| kind.name).collect(),
            lists => lists.to_vec(),
        }
    }

    /// A type whose resources are of a kind.
    const fn own(name: &'static str, lists: &'static [&'static str]) -> Self {
        let own = match lists {
            [first, ..] => Some(*first),
            [] => None,
        };
        Self { name, lists, own, parents: &[], anywhere: &[], is_custom: false }
    }

    /// A type that changes lists.
    const fn lists_only(name: &'static str, lists: &'static [&'static str]) -> Self {
        Self { name, lists, own: None, parents: &[], anywhere: &[], is_custom: false }
    }

    /// A type that is a part of other resources.
    const fn part(name: &'static str, parents: &'static [Parent]) -> Self {
        Self { name, lists: &[], own: None, parents, anywhere: &[], is_custom: false }
    }

    const fn with(self, parents: &'static [Parent]) -> Self {
        Self { parents, ..self }
    }

    const fn anywhere(self, anywhere: &'static [(&'static str, &'static [&'static str])]) -> Self {
        Self { anywhere, ..self }
    }

    const fn custom(self) -> Self {
        Self { is_custom: true, ..self }
    }
}

const INTERFACES: &[&str] = &["ec2.network_interface"];
const INSTANCES: &[&str] =
    &["ec2.instance", "ec2.address", "ec2.instance_type", "ec2.network_interface", "ec2.volume"];
const BLOCK_MODE: &[&str] = &["block_public_access_states"];
const DOMAIN: &str = "TransitGatewayMulticastDomainId";
type Parent = (&'static str, &'static str, &'static [&'static str]);

/// Fields of an instance that follow from its network interfaces.
const OF_INSTANCE: &[&str] = &["public_ip_address", "network_interfaces"];
/// Fields of a network interface that follow from its addresses.
const ADDRESSED: &[&str] = &["association", "private_ip_addresses", "public_dns_name"];
/// Fields of a network interface that follow from the instance that it is attached to.
const IN_USE: &[&str] = &["attachment", "status"];
/// Fields of an instance that follow from which network interfaces it has.
const IN_INSTANCE: &[&str] =
    &["ipv6_address", "network_interfaces", "public_ip_address", "security_groups"];
const ATTACHED: &[Parent] = &[
    ("AllocationId", "ec2.address", &[]),
    ("EIP", "ec2.address", &[]),
    ("InstanceId", "ec2.instance", OF_INSTANCE),
    ("InstanceId", "ec2.network_interface", ADDRESSED),
    ("NetworkInterfaceId", "ec2.network_interface", ADDRESSED),
    ("NetworkInterfaceId", "ec2.instance", OF_INSTANCE),
];

/// Other types. The first one that matches counts.
static OTHERS: &[Other] = &[
    Other::own("AWS::CloudFormation::Stack", &["*"]),
    Other::lists_only("AWS::CloudFormation::StackSet", &["*"]),
    Other::lists_only("AWS::CloudFormation::CustomResource", &["*"]).custom(),
    Other::lists_only("Custom::*", &["*"]).custom(),
    Other::lists_only("AWS::ServiceCatalog::CloudFormationProvisionedProduct", &["*"]),
    Other::lists_only("AWS::AutoScaling::*", INSTANCES),
    Other::lists_only("AWS::Batch::ComputeEnvironment", INSTANCES),
    Other::lists_only("AWS::EKS::Nodegroup", INSTANCES),
    Other::lists_only("AWS::ElasticBeanstalk::Environment", INSTANCES),
    Other::lists_only("AWS::EMR::*", INSTANCES),
    Other::lists_only("AWS::DLM::LifecyclePolicy", &["ec2.image", "ec2.snapshot"]),
    Other::lists_only("AWS::ImageBuilder::Image*", &["ec2.image", "ec2.snapshot"]),
    Other::own("AWS::EC2::CapacityReservation", &["ec2.capacity_reservation"]),
    Other::own("AWS::EC2::CarrierGateway", &["ec2.carrier_gateway"]),
    Other::part(
        "AWS::EC2::ClientVpnAuthorizationRule",
        &[("ClientVpnEndpointId", "ec2.client_vpn_endpoint", &["authorization_rules"])],
    ),
    Other::own(
        "AWS::EC2::ClientVpnEndpoint",
        &["ec2.client_vpn_endpoint", "ec2.network_interface"],
    ),
    Other::lists_only("AWS::EC2::ClientVpn*", INTERFACES).with(&[(
        "ClientVpnEndpointId",
        "ec2.client_vpn_endpoint",
        &[],
    )]),
    Other::own("AWS::EC2::CustomerGateway", &["ec2.customer_gateway"]),
    Other::own("AWS::EC2::DHCPOptions", &["ec2.dhcp_options"]),
    Other::own(
        "AWS::EC2::EC2Fleet",
        &["ec2.fleet", "ec2.address", "ec2.instance", "ec2.network_interface", "ec2.volume"],
    ),
    Other::part("AWS::EC2::EIPAssociation", ATTACHED),
    Other::own("AWS::EC2::EIP", &["ec2.address", "ec2.network_interface"]).with(ATTACHED),
    Other::own("AWS::EC2::EgressOnlyInternetGateway", &["ec2.egress_only_internet_gateway"]),
    Other::own("AWS::EC2::FlowLog", &["ec2.flow_log"]),
    Other::part(
        "AWS::EC2::GatewayRouteTableAssociation",
        &[("RouteTableId", "ec2.route_table", &["associations"])],
    ),
    Other::own("AWS::EC2::IPAMScope", &["ec2.ipam_scope"]),
    Other::lists_only("AWS::EC2::IPAM*", &["ec2.ipam_scope"]),
    Other::own("AWS::EC2::Instance", INSTANCES).with(&[
        ("NetworkInterfaces.NetworkInterfaceId", "ec2.network_interface", IN_USE),
        ("Volumes.VolumeId", "ec2.volume", &["attachments", "state"]),
    ]),
    Other::lists_only("AWS::EC2::InstanceConnectEndpoint", INTERFACES),
    Other::own("AWS::EC2::InternetGateway", &["ec2.internet_gateway"]),
    Other::own("AWS::EC2::KeyPair", &["ec2.key_pair"]),
    Other::own("AWS::EC2::LaunchTemplate", &["ec2.launch_template"]),
    Other::own(
        "AWS::EC2::NatGateway",
        &["ec2.nat_gateway", "ec2.network_interface", "ec2.address"],
    )
    .with(&[("AllocationId", "ec2.address", &[]), ("SecondaryAllocationIds", "ec2.address", &[])]),
    Other::part("AWS::EC2::NetworkAclEntry", &[("NetworkAclId", "ec2.network_acl", &["entries"])]),
    Other::own("AWS::EC2::NetworkAcl", &["ec2.network_acl"]),
    Other::own(
        "AWS::EC2::NetworkInsightsAccessScopeAnalysis",
        &["ec2.network_insights_access_scope_analysis"],
    ),
    Other::own("AWS::EC2::NetworkInsightsAccessScope", &["ec2.network_insights_access_scope"]),
    Other::own("AWS::EC2::NetworkInsightsAnalysis", &["ec2.network_insights_analysis"]),
    Other::own("AWS::EC2::NetworkInsightsPath", &["ec2.network_insights_path"]),
    Other::part(
        "AWS::EC2::NetworkInterfaceAttachment",
        &[
            ("NetworkInterfaceId", "ec2.network_interface", IN_USE),
            ("InstanceId", "ec2.instance", IN_INSTANCE),
        ],
    ),
    Other::part("AWS::EC2::NetworkInterfacePermission", &[]),
    Other::own("AWS::EC2::NetworkInterface", &["ec2.network_interface", "ec2.instance"]),
    Other::own("AWS::EC2::PrefixList", &["ec2.managed_prefix_list"]),
    Other::own("AWS::EC2::RouteTable", &["ec2.route_table"]),
    Other::part("AWS::EC2::Route", &[("RouteTableId", "ec2.route_table", &["routes"])]),
    Other::part("AWS::EC2::SecurityGroupVpcAssociation", &[]),
    Other::part("AWS::EC2::SnapshotBlockPublicAccess", &[])
        .anywhere(&[("ec2.settings", &["snapshot_block_public_access"])]),
    Other::own(
        "AWS::EC2::SpotFleet",
        &["ec2.spot_fleet_request", "ec2.instance", "ec2.network_interface", "ec2.volume"],
    ),
    Other::part(
        "AWS::EC2::SubnetCidrBlock",
        &[("SubnetId", "ec2.subnet", &["ipv6_cidr_block_association_set"])],
    ),
    // The ACL that the subnet leaves changes as well.
    Other::part("AWS::EC2::SubnetNetworkAclAssociation", &[])
        .anywhere(&[("ec2.network_acl", &["associations"])]),
    Other::part(
        "AWS::EC2::SubnetRouteTableAssociation",
        &[("RouteTableId", "ec2.route_table", &["associations"])],
    ),
    Other::part(
        "AWS::EC2::TrafficMirrorFilterRule",
        &[("TrafficMirrorFilterId", "ec2.traffic_mirror_filter", &[])],
    ),
    Other::own("AWS::EC2::TrafficMirrorFilter", &["ec2.traffic_mirror_filter"]),
    Other::own("AWS::EC2::TrafficMirrorSession", &["ec2.traffic_mirror_session"]),
    Other::own("AWS::EC2::TrafficMirrorTarget", &["ec2.traffic_mirror_target"]),
    Other::own(
        "AWS::EC2::TransitGatewayMulticastDomain",
        &["ec2.transit_gateway_multicast_domain"],
    ),
    Other::part(
        "AWS::EC2::TransitGatewayMulticast*",
        &[(DOMAIN, "ec2.transit_gateway_multicast_domain", &[])],
    ),
    Other::own("AWS::EC2::TransitGatewayRouteTable", &["ec2.transit_gateway_route_table"]),
    Other::part(
        "AWS::EC2::TransitGatewayRouteTableAssociation",
        &[
            ("TransitGatewayAttachmentId", "ec2.transit_gateway_attachment", &["association"]),
            ("TransitGatewayRouteTableId", "ec2.transit_gateway_route_table", &[]),
        ],
    ),
    Other::part(
        "AWS::EC2::TransitGatewayRoute*",
        &[("TransitGatewayRouteTableId", "ec2.transit_gateway_route_table", &[])],
    ),
    Other::own(
        "AWS::EC2::TransitGateway*",
        &[
            "ec2.transit_gateway_attachment",
            "ec2.transit_gateway_route_table",
            "ec2.network_interface",
        ],
    ),
    Other::part("AWS::EC2::VPCBlockPublicAccessExclusion", &[]).anywhere(&[
        ("ec2.settings", &["vpc_block_public_access_exclusions"]),
        ("ec2.subnet", BLOCK_MODE),
        ("ec2.vpc", BLOCK_MODE),
    ]),
    Other::part("AWS::EC2::VPCBlockPublicAccessOptions", &[]).anywhere(&[
        ("ec2.settings", &["vpc_block_public_access_options"]),
        ("ec2.subnet", BLOCK_MODE),
        ("ec2.vpc", BLOCK_MODE),
    ]),
    Other::part(
        "AWS::EC2::VPCCidrBlock",
        &[("VpcId", "ec2.vpc", &["cidr_block_association_set", "ipv6_cidr_block_association_set"])],
    )
    // With the first IPv6 range, AWS adds rules to groups and ACLs whose rules nobody changed.
    .anywhere(&[
        ("ec2.security_group", &["ip_permissions_egress"]),
        ("ec2.network_acl", &["entries"]),
    ]),
    Other::part(
        "AWS::EC2::VPCDHCPOptionsAssociation",
        &[("VpcId", "ec2.vpc", &["dhcp_options_id"])],
    ),
    Other::own("AWS::EC2::VPCEncryptionControl", &["ec2.vpc_encryption_control"]),
    Other::own("AWS::EC2::VPCEndpointService", &["ec2.vpc_endpoint_service"]),
    Other::part(
        "AWS::EC2::VPCEndpointServicePermissions",
        &[("ServiceId", "ec2.vpc_endpoint_service", &[])],
    ),
    Other::part("AWS::EC2::VPCEndpointConnectionNotification", &[]),
    Other::own("AWS::EC2::VPCEndpoint", &["ec2.vpc_endpoint", "ec2.network_interface"]).with(&[(
        "RouteTableIds",
        "ec2.route_table",
        &["routes"],
    )]),
    Other::part(
        "AWS::EC2::VPCGatewayAttachment",
        &[
            ("InternetGatewayId", "ec2.internet_gateway", &["attachments"]),
            ("VpnGatewayId", "ec2.vpn_gateway", &[]),
        ],
    ),
    Other::own("AWS::EC2::VPCPeeringConnection", &["ec2.vpc_peering_connection"]),
    Other::own(
        "AWS::EC2::VPC",
        &["ec2.vpc", "ec2.security_group", "ec2.network_acl", "ec2.route_table"],
    ),
    Other::part("AWS::EC2::VPNConnectionRoute", &[("VpnConnectionId", "ec2.vpn_connection", &[])]),
    Other::own("AWS::EC2::VPNConnection", &["ec2.vpn_connection"]),
    Other::part(
        "AWS::EC2::VPNGatewayRoutePropagation",
        &[("RouteTableIds", "ec2.route_table", &["propagating_vgws", "routes"])],
    ),
    Other::own("AWS::EC2::VPNGateway", &["ec2.vpn_gateway"]),
    Other::lists_only("AWS::EC2::VerifiedAccess*", &["ec2.verified_access_instance"])
        .anywhere(&[("ec2.verified_access_instance", &[])]),
    Other::part(
        "AWS::EC2::VolumeAttachment",
        &[
            ("VolumeId", "ec2.volume", ATTACHED_VOLUME),
            ("InstanceId", "ec2.instance", &["block_device_mappings"]),
        ],
    ),
    Other::lists_only("AWS::DMS::ReplicationInstance", INTERFACES),
    Other::lists_only("AWS::ECS::Service", INTERFACES),
    Other::lists_only("AWS::EFS::MountTarget", INTERFACES),
    Other::lists_only("AWS::EKS::Cluster", INTERFACES),
    Other::lists_only("AWS::ElastiCache::*", INTERFACES),
    Other::lists_only("AWS::ElasticLoadBalancing*", INTERFACES).with(&[(
        "SubnetMappings.AllocationId",
        "ec2.address",
        &[],
    )]),
    Other::lists_only("AWS::FSx::FileSystem", INTERFACES),
    Other::lists_only("AWS::Lambda::Function", INTERFACES),
    Other::lists_only("AWS::MSK::*", INTERFACES),
    Other::lists_only("AWS::OpenSearchService::Domain", INTERFACES),
    Other::lists_only("AWS::RDS::*", INTERFACES),
    Other::lists_only("AWS::Redshift::Cluster", INTERFACES),
    Other::lists_only("AWS::Route53Resolver::ResolverEndpoint", INTERFACES),
    Other::lists_only("AWS::SageMaker::*", INTERFACES),
    Other::lists_only("AWS::Transfer::Server", INTERFACES),
    Other::own("AWS::S3::AccessGrantsInstance", &["s3.access_grants_instance"]),
    Other::part("AWS::S3::AccessGrant*", &[]).anywhere(&[("s3.access_grants_instance", &[])]),
    Other::own("AWS::S3::AccessPoint", &["s3.access_point"]),
    Other::part(
        "AWS::S3::MultiRegionAccessPointPolicy",
        &[("MrapName", "s3.multi_region_access_point", &["policy", "policy_status"])],
    ),
    Other::own("AWS::S3::MultiRegionAccessPoint", &["s3.multi_region_access_point"]),
    Other::own("AWS::S3::StorageLens", &["s3.storage_lens_configuration"]),
    Other::part("AWS::S3::StorageLensGroup", &[]),
    Other::lists_only("AWS::S3Express::AccessPoint", &["s3.access_point"]),
    Other::part("AWS::S3Express::BucketPolicy", &[("Bucket", "s3.directory_bucket", &["policy"])]),
    Other::own("AWS::S3Express::DirectoryBucket", &["s3.directory_bucket"]),
    Other::part(
        "AWS::S3ObjectLambda::AccessPointPolicy",
        &[("ObjectLambdaAccessPoint", "s3.object_lambda_access_point", &[])],
    ),
    Other::own("AWS::S3ObjectLambda::AccessPoint", &["s3.object_lambda_access_point"]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::preview::change_set::kinds::TYPES;

    /// Everything can be hidden of resources that exist, but only fields of those that the change creates.
    #[test]
    fn fields_of_kinds_that_are_converted_are_named() {
        let specs = TYPES.iter().flat_map(|types| types.iter());
        let converted: BTreeSet<&str> = specs.map(|spec| spec.kind).collect();
        for other in OTHERS {
            for (property, kind, fields) in other.parents {
                let is_named = !fields.is_empty() || !converted.contains(kind);
                assert!(is_named, "{} {property}: fields of {kind}", other.name);
            }
        }
    }

    #[test]
    fn kinds_and_fields_exist() {
        let specs = TYPES.iter().flat_map(|types| types.iter());
        let parts =
            specs.map(|spec| (spec.name, spec.kind, spec.part.map_or(&[][..], |part| part.1)));
        let of_others = |other: &'static Other| {
            let lists = other.lists().into_iter().map(|kind| (other.name, kind, &[][..]));
            let parents =
                other.parents.iter().map(|(_, kind, fields)| (other.name, *kind, *fields));
            let anywhere = other.anywhere.iter().map(|(kind, fields)| (other.name, *kind, *fields));
            lists.chain(parents).chain(anywhere).collect::<Vec<_>>()
        };
        for (name, kind, fields) in parts.chain(OTHERS.iter().flat_map(of_others)) {
            let kind = facts::kind(kind).unwrap_or_else(|| panic!("{name}: {kind}"));
            let own = (kind.shape.fields)();
            for field in fields {
                let is_there = own.iter().any(|one| one == field) || kind.fact(field).is_some();
                assert!(is_there, "{name}: {} has no `{field}`", kind.name);
            }
        }
    }
}
