//! `ec2.transit_gateway`: transit gateways, including those shared by other accounts.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.transit_gateway",
    doc: "A transit gateway, owned by the account or shared with it.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeTransitGateways")
        .element("transitGatewaySet")
        .paged(1_000)
        .always(&["owner_id", "options", "options.auto_accept_shared_attachments"])],
    id: "transit_gateway_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:transit-gateway/{id}"),
    name_field: None,
    shape: Shape::of::<TransitGateway>(),
    facts: &[],
};

shape! { transit_gateway_shapes:
    /// What DescribeTransitGateways returns.
    pub struct TransitGateway {
        /// The gateway's id.
        pub transit_gateway_id: String,
        /// The transit gateway's ARN.
        pub transit_gateway_arn: Option<String>,
        /// `pending`, `available`, `modifying`, `deleting` or `deleted`.
        pub state: Option<String>,
        /// The account that owns the transit gateway; differs from the scanned account for a shared
        /// transit gateway.
        pub owner_id: Option<String>,
        /// The description set by the transit gateway's owner.
        pub description: Option<String>,
        /// When the transit gateway was created.
        pub creation_time: Option<Time>,
        /// The options.
        pub options: Option<TransitGatewayOptions>,
        /// The transit gateway's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// The options of a transit gateway.
    pub struct TransitGatewayOptions {
        /// The private ASN of the AWS side of BGP sessions.
        pub amazon_side_asn: Option<i64>,
        /// The CIDR blocks of the transit gateway.
        #[serde(default)]
        pub transit_gateway_cidr_blocks: Vec<String>,
        /// `enable` if attachment requests from other accounts are accepted automatically;
        /// otherwise `disable`.
        pub auto_accept_shared_attachments: Option<String>,
        /// `enable` if attachments are automatically associated with the default association route
        /// table; otherwise `disable`.
        pub default_route_table_association: Option<String>,
        /// The default association route table.
        pub association_default_route_table_id: Option<String>,
        /// `enable` if attachments automatically propagate routes to the default propagation route
        /// table; otherwise `disable`.
        pub default_route_table_propagation: Option<String>,
        /// The default propagation route table.
        pub propagation_default_route_table_id: Option<String>,
        /// `enable` if equal-cost multipath (ECMP) is supported for VPN connections; otherwise
        /// `disable`.
        pub vpn_ecmp_support: Option<String>,
        /// `enable` if public DNS hostnames resolve to private addresses across attached VPCs;
        /// otherwise `disable`.
        pub dns_support: Option<String>,
        /// `enable` if security groups can reference groups in other attached VPCs; otherwise
        /// `disable`.
        pub security_group_referencing_support: Option<String>,
        /// Multicast support: `enable` or `disable`.
        pub multicast_support: Option<String>,
        /// Encryption support: whether traffic through the transit gateway is encrypted.
        pub encryption_support: Option<EncryptionSupport>,
    }

    /// The encryption support of a transit gateway.
    pub struct EncryptionSupport {
        /// `enabling`, `enabled`, `disabling` or `disabled`.
        pub encryption_state: Option<String>,
        /// A message about the state.
        pub state_message: Option<String>,
    }
}
