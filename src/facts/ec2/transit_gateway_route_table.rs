//! `ec2.transit_gateway_route_table`: transit gateway route tables. Their routes take one call per
//! table.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.transit_gateway_route_table",
    doc: "A transit gateway route table.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeTransitGatewayRouteTables").paged(1_000)],
    id: "transit_gateway_route_table_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:transit-gateway-route-table/{id}"),
    name_field: None,
    shape: Shape::of::<TransitGatewayRouteTable>(),
    facts: &[FactSpec {
        name: "routes",
        doc: "The active and blackhole routes of the route table.",
        call: ApiCall::new("ec2:SearchTransitGatewayRoutes"),
        shape: Shape::of::<Routes>(),
    }],
};

/// The active and blackhole routes of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Routes {
    /// The routes.
    #[serde(default)]
    pub routes: Vec<TransitGatewayRoute>,
    /// Whether there are more routes than AWS returned. If so, a route that is missing from the
    /// list may still exist.
    pub additional_routes_available: bool,
}

shape! { transit_gateway_route_table_shapes:
    /// What DescribeTransitGatewayRouteTables returns.
    pub struct TransitGatewayRouteTable {
        /// The route table's id.
        pub transit_gateway_route_table_id: String,
        /// The transit gateway that the route table belongs to.
        pub transit_gateway_id: Option<String>,
        /// `pending`, `available`, `deleting` or `deleted`.
        pub state: Option<String>,
        /// Whether this is the transit gateway's default association route table.
        pub default_association_route_table: Option<bool>,
        /// Whether this is the transit gateway's default propagation route table.
        pub default_propagation_route_table: Option<bool>,
        /// When the route table was created.
        pub creation_time: Option<Time>,
        /// The route table's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// One route of a transit gateway route table.
    pub struct TransitGatewayRoute {
        /// Destination: a CIDR block.
        pub destination_cidr_block: Option<String>,
        /// Destination: a prefix list.
        pub prefix_list_id: Option<String>,
        /// The route table announcement that the route comes from.
        pub transit_gateway_route_table_announcement_id: Option<String>,
        /// The target attachments; empty for a blackhole route.
        #[serde(default)]
        pub transit_gateway_attachments: Vec<TransitGatewayRouteAttachment>,
        /// `static` or `propagated`.
        pub r#type: Option<String>,
        /// `active` or `blackhole`.
        pub state: Option<String>,
    }

    /// The target of a route.
    pub struct TransitGatewayRouteAttachment {
        /// The id of the attached resource.
        pub resource_id: Option<String>,
        /// The id of the attachment.
        pub transit_gateway_attachment_id: Option<String>,
        /// `vpc`, `vpn`, `direct-connect-gateway`, `connect`, `peering`, …
        pub resource_type: Option<String>,
    }
}
