//! `ec2.egress_only_internet_gateway`: gateways through which IPv6 traffic leaves a VPC and none
//! enters it.

use super::internet_gateway::InternetGatewayAttachment;
use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.egress_only_internet_gateway",
    doc: "An egress-only internet gateway, for IPv6.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeEgressOnlyInternetGateways")
        .element("egressOnlyInternetGatewaySet")
        .paged(255)],
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
        /// The VPC it is attached to.
        #[serde(default)]
        pub attachments: Vec<InternetGatewayAttachment>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }
}
