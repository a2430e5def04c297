//! `ec2.transit_gateway_attachment`: attachments to transit gateways.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.transit_gateway_attachment",
    doc: "An attachment to a transit gateway. It is listed both in the account that owns the transit gateway and in the account that owns the attached resource.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeTransitGatewayAttachments")
        .element("transitGatewayAttachments")
        .paged(1_000)
        .two_regions()],
    id: "transit_gateway_attachment_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:transit-gateway-attachment/{id}"),
    name_field: None,
    shape: Shape::of::<TransitGatewayAttachment>(),
    facts: &[],
};

shape! { transit_gateway_attachment_shapes:
    /// What DescribeTransitGatewayAttachments returns.
    pub struct TransitGatewayAttachment {
        /// The attachment's id.
        pub transit_gateway_attachment_id: String,
        /// The transit gateway.
        pub transit_gateway_id: Option<String>,
        /// The account that owns the transit gateway.
        pub transit_gateway_owner_id: Option<String>,
        /// The account that owns the attached resource.
        pub resource_owner_id: Option<String>,
        /// The type of the attached resource: `vpc`, `vpn`, `vpn-concentrator`,
        /// `direct-connect-gateway`, `connect`, `peering`, `network-function` or `client-vpn`.
        pub resource_type: Option<String>,
        /// The id of the attached resource.
        pub resource_id: Option<String>,
        /// `pendingAcceptance`, `available`, `modifying`, `deleting`, `deleted`, `failed`,
        /// `rejected`, …
        pub state: Option<String>,
        /// The route table that the attachment is associated with.
        pub association: Option<TransitGatewayAttachmentAssociation>,
        /// When the attachment was created.
        pub creation_time: Option<Time>,
        /// `enabled`, `disabled`, `enabling` or `disabling`; AWS returns the value only to the
        /// owner of the transit gateway.
        pub nat_gateway_support: Option<String>,
        /// The attachment's tags in this account; each of the two owners sets separate tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// The association of an attachment with a route table, which routes its traffic.
    pub struct TransitGatewayAttachmentAssociation {
        /// The route table.
        pub transit_gateway_route_table_id: Option<String>,
        /// The policy table, if the attachment is associated with a policy table instead of a route
        /// table.
        pub transit_gateway_policy_table_id: Option<String>,
        /// `associating`, `associated`, `disassociating` or `disassociated`.
        pub state: Option<String>,
    }
}
