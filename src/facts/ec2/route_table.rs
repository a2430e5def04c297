//! `ec2.route_table`: route tables with their routes.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.route_table",
    doc: "A route table.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeRouteTables").element("routeTableSet").paged(100)],
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
        /// Its VPC.
        pub vpc_id: Option<String>,
        /// The account that owns it.
        pub owner_id: Option<String>,
        /// The subnets and gateways that use it. A subnet that is in no table's list uses the VPC's
        /// main table.
        #[serde(default)]
        pub associations: Vec<RouteTableAssociation>,
        /// The routes.
        #[serde(default)]
        pub routes: Vec<Route>,
        /// Virtual private gateways that add routes.
        #[serde(default)]
        pub propagating_vgws: Vec<PropagatingVgw>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// One use of a route table.
    pub struct RouteTableAssociation {
        /// The association's id.
        pub route_table_association_id: Option<String>,
        /// Whether this makes it the main table of its VPC; then there is no subnet.
        pub main: Option<bool>,
        /// The subnet.
        pub subnet_id: Option<String>,
        /// The internet gateway or virtual private gateway.
        pub gateway_id: Option<String>,
        /// The pool of own public addresses.
        pub public_ipv4_pool: Option<String>,
        /// State of the association.
        pub association_state: Option<RouteTableAssociationState>,
    }

    /// State of an association.
    pub struct RouteTableAssociationState {
        /// `associating`, `associated`, `disassociating`, `disassociated` or `failed`.
        pub state: Option<String>,
        /// More about the state.
        pub status_message: Option<String>,
    }

    /// One route: a destination, and one target.
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
        /// Target: a peering connection.
        pub vpc_peering_connection_id: Option<String>,
        /// Target: a local gateway (Outposts).
        pub local_gateway_id: Option<String>,
        /// Target: a carrier gateway (Wavelength).
        pub carrier_gateway_id: Option<String>,
        /// Target: a core network of Cloud WAN.
        pub core_network_arn: Option<String>,
        /// Target: an ODB network (Oracle Database@AWS).
        pub odb_network_arn: Option<String>,
        /// Next hop of a route that a VPC route server added.
        pub ip_address: Option<String>,
        /// How it came about: `CreateRouteTable`, `CreateRoute`, `EnableVgwRoutePropagation` or
        /// `Advertisement`.
        pub origin: Option<String>,
        /// `active`, `blackhole` (the target is gone) or `filtered`.
        pub state: Option<String>,
    }

    /// A virtual private gateway that adds routes.
    pub struct PropagatingVgw {
        /// Its id.
        pub gateway_id: Option<String>,
    }
}
