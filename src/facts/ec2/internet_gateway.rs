//! `ec2.internet_gateway`: internet gateways.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.internet_gateway",
    doc: "An internet gateway.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeInternetGateways")
        .element("internetGatewaySet")
        .paged(1_000)
        .always(&["attachments"])],
    id: "internet_gateway_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:internet-gateway/{id}"),
    name_field: None,
    shape: Shape::of::<InternetGateway>(),
    facts: &[],
};

shape! { internet_gateway_shapes:
    /// What DescribeInternetGateways returns.
    pub struct InternetGateway {
        /// The gateway's id.
        pub internet_gateway_id: String,
        /// The account that owns the gateway.
        pub owner_id: Option<String>,
        /// The VPC that the gateway is attached to; empty if it is detached.
        #[serde(default)]
        pub attachments: Vec<InternetGatewayAttachment>,
        /// The gateway's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// The attachment of a gateway to a VPC.
    pub struct InternetGatewayAttachment {
        /// The VPC.
        pub vpc_id: Option<String>,
        /// `available` or `attached`; while the attachment changes, `attaching`, `detaching` or
        /// `detached`.
        pub state: Option<String>,
    }
}
