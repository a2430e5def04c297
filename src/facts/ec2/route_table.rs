//! `ec2.route_table`: route tables and their routes.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.route_table",
    doc: "A route table.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeRouteTables").element("routeTableSet").paged(100).always(&[
        "vpc_id",
        "associations",
        "associations[].main",
        "propagating_vgws",
        "routes",
        "routes[].destination_cidr_block|destination_ipv6_cidr_block|destination_prefix_list_id",
    ])],
    id: "route_table_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:route-table/{id}"),
    name_field: None,
    shape: Shape::of::<RouteTable>(),
    facts: &[],
};

shape! { route_table_shapes:
    /// What DescribeRouteTables returns.
    pub struct RouteTable {
        /// The table's id.
        pub route_table_id: String,
        /// The route table's VPC.
        pub vpc_id: Option<String>,
        /// The account that owns the route table.
        pub owner_id: Option<String>,
        /// The subnets and gateways that the route table is associated with. A subnet without an
        /// association uses the VPC's main route table.
        #[serde(default)]
        pub associations: Vec<RouteTableAssociation>,
        /// The routes.
        #[serde(default)]
        pub routes: Vec<Route>,
        /// The virtual private gateways that propagate routes to the route table.
        #[serde(default)]
        pub propagating_vgws: Vec<PropagatingVgw>,
        /// The route table's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// An association of a route table.
    pub struct RouteTableAssociation {
        /// The association's id.
        pub route_table_association_id: Option<String>,
        /// Whether the route table is the main route table of its VPC; such an association has no
        /// subnet.
        pub main: Option<bool>,
        /// The subnet.
        pub subnet_id: Option<String>,
        /// The id of the internet gateway or virtual private gateway.
        pub gateway_id: Option<String>,
        /// The id of a public IPv4 pool.
        pub public_ipv4_pool: Option<String>,
        /// The state of the association.
        pub association_state: Option<RouteTableAssociationState>,
    }

    /// The state of an association.
    pub struct RouteTableAssociationState {
        /// `associating`, `associated`, `disassociating`, `disassociated` or `failed`.
        pub state: Option<String>,
        /// A message about the state.
        pub status_message: Option<String>,
    }

    /// One route: a destination and a target.
    pub struct Route {
        /// Destination: an IPv4 range.
        pub destination_cidr_block: Option<String>,
        /// Destination: an IPv6 range.
        pub destination_ipv6_cidr_block: Option<String>,
        /// Destination: a prefix list.
        pub destination_prefix_list_id: Option<String>,
        /// Target: an internet gateway (`igw-…`), virtual private gateway (`vgw-…`), gateway
        /// endpoint (`vpce-…`), or `local`.
        pub gateway_id: Option<String>,
        /// Target: an egress-only internet gateway.
        pub egress_only_internet_gateway_id: Option<String>,
        /// Target: a NAT gateway.
        pub nat_gateway_id: Option<String>,
        /// Target: a NAT instance.
        pub instance_id: Option<String>,
        /// The account that owns the instance.
        pub instance_owner_id: Option<String>,
        /// Target: a network interface.
        pub network_interface_id: Option<String>,
        /// Target: a transit gateway.
        pub transit_gateway_id: Option<String>,
        /// Target: a VPC peering connection.
        pub vpc_peering_connection_id: Option<String>,
        /// Target: a local gateway (Outposts).
        pub local_gateway_id: Option<String>,
        /// Target: a carrier gateway (Wavelength).
        pub carrier_gateway_id: Option<String>,
        /// Target: a Cloud WAN core network.
        pub core_network_arn: Option<String>,
        /// Target: an ODB network (Oracle Database@AWS).
        pub odb_network_arn: Option<String>,
        /// The next hop of a route that a VPC Route Server added.
        pub ip_address: Option<String>,
        /// How the route was created: `CreateRouteTable`, `CreateRoute`,
        /// `EnableVgwRoutePropagation` or `Advertisement`.
        pub origin: Option<String>,
        /// `active`, `blackhole` (the target is not available) or `filtered`.
        pub state: Option<String>,
    }

    /// A virtual private gateway that propagates routes.
    pub struct PropagatingVgw {
        /// The gateway's id.
        pub gateway_id: Option<String>,
    }
}
