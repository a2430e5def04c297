//! `ec2.vpn_gateway`: virtual private gateways.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.vpn_gateway",
    doc: "A virtual private gateway: the AWS side of a Site-to-Site VPN connection to a VPC.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeVpnGateways")
        .element("vpnGatewaySet")
        .always(&["vpc_attachments"])],
    id: "vpn_gateway_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:vpn-gateway/{id}"),
    name_field: None,
    shape: Shape::of::<VpnGateway>(),
    facts: &[],
};

shape! { vpn_gateway_shapes:
    /// What DescribeVpnGateways returns.
    pub struct VpnGateway {
        /// The gateway's id.
        pub vpn_gateway_id: String,
        /// `pending`, `available`, `deleting` or `deleted`.
        pub state: Option<String>,
        /// `ipsec.1`.
        pub r#type: Option<String>,
        /// The private ASN of the AWS side of BGP sessions.
        pub amazon_side_asn: Option<i64>,
        /// The Availability Zone that the gateway was created in; AWS returns this only for older
        /// gateways.
        pub availability_zone: Option<String>,
        /// The VPCs that the gateway is or was attached to.
        #[serde(default)]
        pub vpc_attachments: Vec<VpcAttachment>,
        /// The gateway's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// One attachment of a virtual private gateway.
    pub struct VpcAttachment {
        /// The VPC.
        pub vpc_id: Option<String>,
        /// `attaching`, `attached`, `detaching` or `detached`.
        pub state: Option<String>,
    }
}
