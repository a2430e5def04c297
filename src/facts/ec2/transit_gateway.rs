//! `ec2.transit_gateway`: transit gateways, one's own and those that others share.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.transit_gateway",
    doc: "A transit gateway, of this account or shared into it.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeTransitGateways").element("transitGatewaySet").paged(1_000)],
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
        /// Its ARN.
        pub transit_gateway_arn: Option<String>,
        /// `pending`, `available`, `modifying`, `deleting` or `deleted`.
        pub state: Option<String>,
        /// The account that owns it; another one when it is shared into this account.
        pub owner_id: Option<String>,
        /// What its owner wrote about it.
        pub description: Option<String>,
        /// When it was created.
        pub creation_time: Option<Time>,
        /// How it behaves.
        pub options: Option<TransitGatewayOptions>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// How a transit gateway behaves.
    pub struct TransitGatewayOptions {
        /// The private AS number of its side of BGP sessions.
        pub amazon_side_asn: Option<i64>,
        /// Address ranges of the gateway itself.
        #[serde(default)]
        pub transit_gateway_cidr_blocks: Vec<String>,
        /// `enable` when attachments that other accounts ask for are accepted without anybody
        /// looking; else `disable`.
        pub auto_accept_shared_attachments: Option<String>,
        /// `enable` when new attachments are associated with the default association route table;
        /// else `disable`.
        pub default_route_table_association: Option<String>,
        /// The default association route table.
        pub association_default_route_table_id: Option<String>,
        /// `enable` when new attachments propagate their routes to the default propagation route
        /// table; else `disable`.
        pub default_route_table_propagation: Option<String>,
        /// The default propagation route table.
        pub propagation_default_route_table_id: Option<String>,
        /// `enable` when traffic is spread over VPN tunnels of equal cost; else `disable`.
        pub vpn_ecmp_support: Option<String>,
        /// `enable` when DNS names resolve to private addresses across attached VPCs; else
        /// `disable`.
        pub dns_support: Option<String>,
        /// `enable` when security groups can refer to groups of other attached VPCs; else
        /// `disable`.
        pub security_group_referencing_support: Option<String>,
        /// `enable` or `disable`.
        pub multicast_support: Option<String>,
        /// Whether traffic through the gateway is encrypted.
        pub encryption_support: Option<EncryptionSupport>,
    }

    /// Encryption of what passes through a transit gateway.
    pub struct EncryptionSupport {
        /// `enabling`, `enabled`, `disabling` or `disabled`.
        pub encryption_state: Option<String>,
        /// What AWS says about that state.
        pub state_message: Option<String>,
    }
}
