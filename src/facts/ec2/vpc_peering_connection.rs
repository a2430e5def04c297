//! `ec2.vpc_peering_connection`: VPC peering connections, within an account or between accounts.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.vpc_peering_connection",
    doc: "A VPC peering connection. Deleted and rejected connections remain listed for a few hours.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeVpcPeeringConnections")
        .element("vpcPeeringConnectionSet")
        .paged(1_000)
        .two_regions()
        .always(&[
            "status",
            "status.code",
            "requester_vpc_info",
            "requester_vpc_info.vpc_id",
            "accepter_vpc_info",
            "accepter_vpc_info.vpc_id",
        ])],
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
        /// The state.
        pub status: Option<VpcPeeringConnectionStateReason>,
        /// The VPC of the requester.
        pub requester_vpc_info: Option<VpcPeeringConnectionVpcInfo>,
        /// The VPC of the accepter.
        pub accepter_vpc_info: Option<VpcPeeringConnectionVpcInfo>,
        /// When an unaccepted request expires.
        pub expiration_time: Option<Time>,
        /// The connection's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// The state of a VPC peering connection.
    pub struct VpcPeeringConnectionStateReason {
        /// `initiating-request`, `pending-acceptance`, `provisioning`, `active`, `deleting`,
        /// `deleted`, `rejected`, `failed` or `expired`.
        pub code: Option<String>,
        /// A message about the state.
        pub message: Option<String>,
    }

    /// The VPC on one side of a peering connection.
    pub struct VpcPeeringConnectionVpcInfo {
        /// The VPC.
        pub vpc_id: Option<String>,
        /// The account that owns the VPC.
        pub owner_id: Option<String>,
        /// The region of the VPC.
        pub region: Option<String>,
        /// The IPv4 range; known only while the connection is active.
        pub cidr_block: Option<String>,
        /// All IPv4 ranges; known only while the connection is active.
        #[serde(default)]
        pub cidr_block_set: Vec<CidrBlock>,
        /// The IPv6 ranges; known only while the connection is active.
        #[serde(default)]
        pub ipv6_cidr_block_set: Vec<Ipv6CidrBlock>,
        /// The peering options of this side.
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

    /// The peering options of one side.
    pub struct VpcPeeringConnectionOptionsDescription {
        /// Whether public DNS hostnames of this side resolve to private addresses when queried from
        /// the other side.
        pub allow_dns_resolution_from_remote_vpc: Option<bool>,
    }
}
