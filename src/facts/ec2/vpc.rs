//! `ec2.vpc`: VPCs, with facts that take calls per VPC.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::security_group::UserIdGroupPair;
use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.vpc",
    doc: "A VPC, owned by the account or shared with it.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeVpcs")
        .element("vpcSet")
        .paged(1_000)
        .always(&["cidr_block_association_set"])],
    id: "vpc_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:vpc/{id}"),
    name_field: None,
    shape: Shape::of::<Vpc>(),
    facts: &[
        FactSpec {
            name: "attributes",
            doc: "The DNS resolution and DNS hostname settings; reading them takes two calls.",
            call: ApiCall::new("ec2:DescribeVpcAttribute"),
            shape: Shape::of::<Attributes>(),
        },
        FactSpec {
            name: "stale_security_groups",
            doc: "The security groups with stale rules: rules that reference groups that were deleted or can no longer be reached.",
            call: ApiCall::new("ec2:DescribeStaleSecurityGroups")
                .paged(255)
                .answer("StaleSecurityGroupSet"),
            shape: Shape::of::<Vec<StaleSecurityGroup>>(),
        },
    ],
};

shape! { vpc_shapes:
    /// What DescribeVpcs returns.
    pub struct Vpc {
        /// The VPC's id.
        pub vpc_id: String,
        /// The account that owns the VPC; differs from the scanned account for a shared VPC.
        pub owner_id: Option<String>,
        /// `pending`, `available` or `deleting`.
        pub state: Option<String>,
        /// Whether the VPC is the region's default VPC.
        pub is_default: Option<bool>,
        /// The primary IPv4 range.
        pub cidr_block: Option<String>,
        /// All IPv4 ranges.
        #[serde(default)]
        pub cidr_block_association_set: Vec<VpcCidrBlockAssociation>,
        /// The IPv6 ranges.
        #[serde(default)]
        pub ipv6_cidr_block_association_set: Vec<VpcIpv6CidrBlockAssociation>,
        /// The id of the DHCP option set; `default` if the VPC has none.
        pub dhcp_options_id: Option<String>,
        /// `default`, `dedicated` or `host`.
        pub instance_tenancy: Option<String>,
        /// The state of VPC Block Public Access for this VPC.
        pub block_public_access_states: Option<BlockPublicAccessStates>,
        /// VPC Encryption Control; absent if it is not configured.
        pub encryption_control: Option<VpcEncryptionControl>,
        /// The VPC's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// An IPv4 range of a VPC.
    pub struct VpcCidrBlockAssociation {
        /// The association's id.
        pub association_id: Option<String>,
        /// The range in CIDR notation.
        pub cidr_block: Option<String>,
        /// The state of the association.
        pub cidr_block_state: Option<VpcCidrBlockState>,
    }

    /// An IPv6 range of a VPC.
    pub struct VpcIpv6CidrBlockAssociation {
        /// The association's id.
        pub association_id: Option<String>,
        /// The range in CIDR notation.
        pub ipv6_cidr_block: Option<String>,
        /// The state of the association.
        pub ipv6_cidr_block_state: Option<VpcCidrBlockState>,
        /// The address pool: `Amazon`, or the id of your own pool.
        pub ipv6_pool: Option<String>,
        /// Whether the range can be advertised to the internet: `public` or `private`.
        pub ipv6_address_attribute: Option<String>,
        /// The source of the range: `amazon`, `byoip` or `none` (private).
        pub ip_source: Option<String>,
        /// The network border group: the zones from which AWS advertises the range.
        pub network_border_group: Option<String>,
    }

    /// The state of a CIDR block.
    pub struct VpcCidrBlockState {
        /// `associating`, `associated`, `disassociating`, `disassociated`, `failing` or `failed`.
        pub state: Option<String>,
        /// A message about the state.
        pub status_message: Option<String>,
    }

    /// VPC Block Public Access.
    pub struct BlockPublicAccessStates {
        /// `off`, `block-bidirectional` or `block-ingress`.
        pub internet_gateway_block_mode: Option<String>,
    }

    /// VPC Encryption Control.
    pub struct VpcEncryptionControl {
        /// The control's id.
        pub vpc_encryption_control_id: Option<String>,
        /// `monitor` or `enforce`.
        pub mode: Option<String>,
        /// `creating`, `available`, `monitor-in-progress`, `enforce-in-progress`, `monitor-failed`,
        /// `enforce-failed`, `deleting`, …
        pub state: Option<String>,
        /// A message about the state.
        pub state_message: Option<String>,
        /// The resources that are excluded from enforcement.
        pub resource_exclusions: Option<VpcEncryptionControlExclusions>,
    }

    /// The exclusions from VPC Encryption Control.
    pub struct VpcEncryptionControlExclusions {
        /// Traffic through internet gateways.
        pub internet_gateway: Option<VpcEncryptionControlExclusion>,
        /// Traffic through egress-only internet gateways.
        pub egress_only_internet_gateway: Option<VpcEncryptionControlExclusion>,
        /// Traffic through NAT gateways.
        pub nat_gateway: Option<VpcEncryptionControlExclusion>,
        /// Traffic through virtual private gateways.
        pub virtual_private_gateway: Option<VpcEncryptionControlExclusion>,
        /// Traffic through VPC peering connections.
        pub vpc_peering: Option<VpcEncryptionControlExclusion>,
        /// Traffic of Lambda functions.
        pub lambda: Option<VpcEncryptionControlExclusion>,
        /// Traffic through VPC Lattice.
        pub vpc_lattice: Option<VpcEncryptionControlExclusion>,
        /// Traffic to Amazon EFS file systems.
        pub elastic_file_system: Option<VpcEncryptionControlExclusion>,
    }

    /// The state of one exclusion.
    pub struct VpcEncryptionControlExclusion {
        /// `enabling`, `enabled`, `disabling` or `disabled`.
        pub state: Option<String>,
        /// A message about the state.
        pub state_message: Option<String>,
    }

    /// A security group with stale rules.
    pub struct StaleSecurityGroup {
        /// The group's id.
        pub group_id: Option<String>,
        /// The group's name.
        pub group_name: Option<String>,
        /// The description (untrusted text).
        pub description: Option<String>,
        /// The stale inbound rules.
        #[serde(default)]
        pub stale_ip_permissions: Vec<StaleIpPermission>,
        /// The stale outbound rules.
        #[serde(default)]
        pub stale_ip_permissions_egress: Vec<StaleIpPermission>,
    }

    /// A stale rule.
    pub struct StaleIpPermission {
        /// `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for all protocols.
        #[serde(default, deserialize_with = "super::security_group::protocol")]
        pub ip_protocol: Option<String>,
        /// The first port, or the ICMP type; absent or -1 means all.
        pub from_port: Option<i64>,
        /// The last port, or the ICMP code; absent or -1 means all.
        pub to_port: Option<i64>,
        /// The referenced security groups.
        #[serde(default)]
        pub user_id_group_pairs: Vec<UserIdGroupPair>,
    }
}

/// The DNS attributes of a VPC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attributes {
    /// Whether DNS resolution through the Amazon DNS server is enabled.
    pub enable_dns_support: bool,
    /// Whether instances get DNS hostnames.
    pub enable_dns_hostnames: bool,
}
