//! `ec2.vpc`: virtual private clouds, with what is asked of each one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::security_group::UserIdGroupPair;
use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.vpc",
    doc: "A VPC, owned by the account or shared with it.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeVpcs").element("vpcSet").paged(1_000)],
    id: "vpc_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:vpc/{id}"),
    name_field: None,
    shape: Shape::of::<Vpc>(),
    facts: &[
        FactSpec {
            name: "attributes",
            doc: "DNS resolution and DNS host names; two calls.",
            call: ApiCall::new("ec2:DescribeVpcAttribute"),
            shape: Shape::of::<Attributes>(),
        },
        FactSpec {
            name: "stale_security_groups",
            doc: "Security groups with rules that refer to groups that are deleted or out of reach; a list, empty when there are none.",
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
        /// The account that owns it; another one than the scanned account for a shared VPC.
        pub owner_id: Option<String>,
        /// `pending`, `available` or `deleting`.
        pub state: Option<String>,
        /// Whether it is the region's default VPC.
        pub is_default: Option<bool>,
        /// Primary IPv4 range.
        pub cidr_block: Option<String>,
        /// All IPv4 ranges.
        #[serde(default)]
        pub cidr_block_association_set: Vec<VpcCidrBlockAssociation>,
        /// IPv6 ranges.
        #[serde(default)]
        pub ipv6_cidr_block_association_set: Vec<VpcIpv6CidrBlockAssociation>,
        /// Its DHCP options; `default` when it has none.
        pub dhcp_options_id: Option<String>,
        /// `default`, `dedicated` or `host`.
        pub instance_tenancy: Option<String>,
        /// VPC Block Public Access, as it works on this VPC.
        pub block_public_access_states: Option<BlockPublicAccessStates>,
        /// Encryption of traffic within the VPC; absent when it is not controlled.
        pub encryption_control: Option<VpcEncryptionControl>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// An IPv4 range of a VPC.
    pub struct VpcCidrBlockAssociation {
        /// The association's id.
        pub association_id: Option<String>,
        /// The range in CIDR notation.
        pub cidr_block: Option<String>,
        /// State of the association.
        pub cidr_block_state: Option<VpcCidrBlockState>,
    }

    /// An IPv6 range of a VPC.
    pub struct VpcIpv6CidrBlockAssociation {
        /// The association's id.
        pub association_id: Option<String>,
        /// The range in CIDR notation.
        pub ipv6_cidr_block: Option<String>,
        /// State of the association.
        pub ipv6_cidr_block_state: Option<VpcCidrBlockState>,
        /// The pool it is from: `Amazon`, or the id of an own pool.
        pub ipv6_pool: Option<String>,
        /// Whether the range can be announced to the internet: `public` or `private`.
        pub ipv6_address_attribute: Option<String>,
        /// Where the range is from: `amazon`, `byoip` or `none` (private).
        pub ip_source: Option<String>,
        /// The zones from which it is announced.
        pub network_border_group: Option<String>,
    }

    /// State of a range.
    pub struct VpcCidrBlockState {
        /// `associating`, `associated`, `disassociating`, `disassociated`, `failing` or `failed`.
        pub state: Option<String>,
        /// More about the state.
        pub status_message: Option<String>,
    }

    /// VPC Block Public Access.
    pub struct BlockPublicAccessStates {
        /// `off`, `block-bidirectional` or `block-ingress`.
        pub internet_gateway_block_mode: Option<String>,
    }

    /// VPC Encryption Control.
    pub struct VpcEncryptionControl {
        /// Its id.
        pub vpc_encryption_control_id: Option<String>,
        /// `monitor` or `enforce`.
        pub mode: Option<String>,
        /// `creating`, `available`, `monitor-in-progress`, `enforce-in-progress`, `monitor-failed`,
        /// `enforce-failed`, `deleting`, …
        pub state: Option<String>,
        /// More about the state.
        pub state_message: Option<String>,
        /// Traffic that is let through unencrypted.
        pub resource_exclusions: Option<VpcEncryptionControlExclusions>,
    }

    /// Exceptions from VPC Encryption Control.
    pub struct VpcEncryptionControlExclusions {
        /// Through internet gateways.
        pub internet_gateway: Option<VpcEncryptionControlExclusion>,
        /// Through egress-only internet gateways.
        pub egress_only_internet_gateway: Option<VpcEncryptionControlExclusion>,
        /// Through NAT gateways.
        pub nat_gateway: Option<VpcEncryptionControlExclusion>,
        /// Through virtual private gateways.
        pub virtual_private_gateway: Option<VpcEncryptionControlExclusion>,
        /// Over peering connections.
        pub vpc_peering: Option<VpcEncryptionControlExclusion>,
        /// Of Lambda functions.
        pub lambda: Option<VpcEncryptionControlExclusion>,
        /// Through VPC Lattice.
        pub vpc_lattice: Option<VpcEncryptionControlExclusion>,
        /// To EFS.
        pub elastic_file_system: Option<VpcEncryptionControlExclusion>,
    }

    /// One exception from VPC Encryption Control.
    pub struct VpcEncryptionControlExclusion {
        /// `enabling`, `enabled`, `disabling` or `disabled`.
        pub state: Option<String>,
        /// More about the state.
        pub state_message: Option<String>,
    }

    /// A security group with stale rules.
    pub struct StaleSecurityGroup {
        /// The group's id.
        pub group_id: Option<String>,
        /// The group's name.
        pub group_name: Option<String>,
        /// Its description. Untrusted text.
        pub description: Option<String>,
        /// Stale inbound rules.
        #[serde(default)]
        pub stale_ip_permissions: Vec<StaleIpPermission>,
        /// Stale outbound rules.
        #[serde(default)]
        pub stale_ip_permissions_egress: Vec<StaleIpPermission>,
    }

    /// A stale rule.
    pub struct StaleIpPermission {
        /// `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for every protocol.
        pub ip_protocol: Option<String>,
        /// First port, or the ICMP type; absent or -1 means all.
        pub from_port: Option<i64>,
        /// Last port, or the ICMP code; absent or -1 means all.
        pub to_port: Option<i64>,
        /// The groups it refers to.
        #[serde(default)]
        pub user_id_group_pairs: Vec<UserIdGroupPair>,
    }
}

/// DNS within the VPC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attributes {
    /// Whether AWS's DNS server answers in the VPC.
    pub enable_dns_support: bool,
    /// Whether instances get DNS host names.
    pub enable_dns_hostnames: bool,
}
