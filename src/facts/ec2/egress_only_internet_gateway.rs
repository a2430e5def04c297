//! `ec2.egress_only_internet_gateway`: gateways that allow outbound but no inbound IPv6 traffic.

use super::internet_gateway::InternetGatewayAttachment;
use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.egress_only_internet_gateway",
    doc: "An egress-only internet gateway (IPv6).",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeEgressOnlyInternetGateways")
        .element("egressOnlyInternetGatewaySet")
        .paged(255)
        .always(&["attachments"])],
    id: "egress_only_internet_gateway_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:egress-only-internet-gateway/{id}"),
    name_field: None,
    shape: Shape::of::<EgressOnlyInternetGateway>(),
    facts: &[],
};

shape! { egress_only_internet_gateway_shapes:
    /// What DescribeEgressOnlyInternetGateways returns.
    pub struct EgressOnlyInternetGateway {
        /// The gateway's id.
        pub egress_only_internet_gateway_id: String,
        /// The VPC that the gateway is attached to.
        #[serde(default)]
        pub attachments: Vec<InternetGatewayAttachment>,
        /// The gateway's tags.
        #[serde(default)]
        pub tags: Tags,
    }
}
