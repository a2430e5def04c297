//! `ec2.transit_gateway_route_table`: route tables of transit gateways; their routes are a call per
//! table.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.transit_gateway_route_table",
    doc: "A route table of a transit gateway.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeTransitGatewayRouteTables").paged(1_000)],
    id: "transit_gateway_route_table_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:transit-gateway-route-table/{id}"),
    name_field: None,
    shape: Shape::of::<TransitGatewayRouteTable>(),
    facts: &[FactSpec {
        name: "routes",
        doc: "Its active and blackhole routes.",
        call: ApiCall::new("ec2:SearchTransitGatewayRoutes"),
        shape: Shape::of::<Routes>(),
    }],
};

/// The routes of a table that are active or lead nowhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Routes {
    /// The routes.
    #[serde(default)]
    pub routes: Vec<TransitGatewayRoute>,
    /// Whether AWS has more routes than it gave: then these are not all, and a route that is not
    /// here may still exist.
    pub additional_routes_available: bool,
}

shape! { transit_gateway_route_table_shapes:
    /// What DescribeTransitGatewayRouteTables returns.
    pub struct TransitGatewayRouteTable {
        /// The route table's id.
        pub transit_gateway_route_table_id: String,
        /// The transit gateway it belongs to.
        pub transit_gateway_id: Option<String>,
        /// `pending`, `available`, `deleting` or `deleted`.
        pub state: Option<String>,
        /// Whether new attachments are associated with it.
        pub default_association_route_table: Option<bool>,
        /// Whether new attachments propagate their routes to it.
        pub default_propagation_route_table: Option<bool>,
        /// When it was created.
        pub creation_time: Option<Time>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// One route of a transit gateway's route table.
    pub struct TransitGatewayRoute {
        /// Where to, unless it is a prefix list.
        pub destination_cidr_block: Option<String>,
        /// The prefix list that it is for.
        pub prefix_list_id: Option<String>,
        /// The announcement of another region's or gateway's route table that it came with.
        pub transit_gateway_route_table_announcement_id: Option<String>,
        /// The attachments that it leads to; none for a blackhole.
        #[serde(default)]
        pub transit_gateway_attachments: Vec<TransitGatewayRouteAttachment>,
        /// `static` or `propagated`.
        pub r#type: Option<String>,
        /// `active` or `blackhole`.
        pub state: Option<String>,
    }

    /// Where a route leads.
    pub struct TransitGatewayRouteAttachment {
        /// Id of what is attached.
        pub resource_id: Option<String>,
        /// The attachment.
        pub transit_gateway_attachment_id: Option<String>,
        /// `vpc`, `vpn`, `direct-connect-gateway`, `connect`, `peering`, …
        pub resource_type: Option<String>,
    }
}
