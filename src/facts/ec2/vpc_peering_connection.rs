//! `ec2.vpc_peering_connection`: peerings between two VPCs, of one account or two.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.vpc_peering_connection",
    doc: "A VPC peering connection. A deleted or rejected one is still listed for some hours.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeVpcPeeringConnections")
        .element("vpcPeeringConnectionSet")
        .paged(1_000)],
    id: "vpc_peering_connection_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:vpc-peering-connection/{id}"),
    name_field: None,
    shape: Shape::of::<VpcPeeringConnection>(),
    facts: &[],
};

shape! { vpc_peering_connection_shapes:
    /// What DescribeVpcPeeringConnections returns.
    pub struct VpcPeeringConnection {
        /// The connection's id.
        pub vpc_peering_connection_id: String,
        /// Its state.
        pub status: Option<VpcPeeringConnectionStateReason>,
        /// The side that asked for it.
        pub requester_vpc_info: Option<VpcPeeringConnectionVpcInfo>,
        /// The side that was asked.
        pub accepter_vpc_info: Option<VpcPeeringConnectionVpcInfo>,
        /// When a request that nobody accepts ends.
        pub expiration_time: Option<Time>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// State of a peering connection.
    pub struct VpcPeeringConnectionStateReason {
        /// `initiating-request`, `pending-acceptance`, `provisioning`, `active`, `deleting`,
        /// `deleted`, `rejected`, `failed` or `expired`.
        pub code: Option<String>,
        /// More about the state.
        pub message: Option<String>,
    }

    /// One side of a peering connection.
    pub struct VpcPeeringConnectionVpcInfo {
        /// The VPC.
        pub vpc_id: Option<String>,
        /// The account that owns it.
        pub owner_id: Option<String>,
        /// Its region.
        pub region: Option<String>,
        /// Its IPv4 range; known while the connection is active.
        pub cidr_block: Option<String>,
        /// All its IPv4 ranges; known while the connection is active.
        #[serde(default)]
        pub cidr_block_set: Vec<CidrBlock>,
        /// Its IPv6 ranges; known while the connection is active.
        #[serde(default)]
        pub ipv6_cidr_block_set: Vec<Ipv6CidrBlock>,
        /// Options of this side.
        pub peering_options: Option<VpcPeeringConnectionOptionsDescription>,
    }

    /// An IPv4 range.
    pub struct CidrBlock {
        /// The range in CIDR notation.
        pub cidr_block: Option<String>,
    }

    /// An IPv6 range.
    pub struct Ipv6CidrBlock {
        /// The range in CIDR notation.
        pub ipv6_cidr_block: Option<String>,
    }

    /// Options of one side.
    pub struct VpcPeeringConnectionOptionsDescription {
        /// Whether public DNS names of this side resolve to private addresses on the other.
        pub allow_dns_resolution_from_remote_vpc: Option<bool>,
    }
}
