//! `ec2.transit_gateway_multicast_domain`: multicast domains of transit gateways.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.transit_gateway_multicast_domain",
    doc: "A multicast domain of a transit gateway, of this account or shared into it.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeTransitGatewayMulticastDomains").paged(1_000)],
    id: "transit_gateway_multicast_domain_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:transit-gateway-multicast-domain/{id}"),
    name_field: None,
    shape: Shape::of::<TransitGatewayMulticastDomain>(),
    facts: &[],
};

shape! { transit_gateway_multicast_domain_shapes:
    /// What DescribeTransitGatewayMulticastDomains returns.
    pub struct TransitGatewayMulticastDomain {
        /// The domain's id.
        pub transit_gateway_multicast_domain_id: String,
        /// Its ARN.
        pub transit_gateway_multicast_domain_arn: Option<String>,
        /// The transit gateway it belongs to.
        pub transit_gateway_id: Option<String>,
        /// The account that owns it.
        pub owner_id: Option<String>,
        /// `pending`, `available`, `deleting` or `deleted`.
        pub state: Option<String>,
        /// How it behaves.
        pub options: Option<TransitGatewayMulticastDomainOptions>,
        /// When it was created.
        pub creation_time: Option<Time>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// How a multicast domain behaves.
    pub struct TransitGatewayMulticastDomainOptions {
        /// `enable` when members join and leave by IGMPv2; else `disable`.
        pub igmpv2_support: Option<String>,
        /// `enable` when the sources of a group are configured by hand; else `disable`.
        pub static_sources_support: Option<String>,
        /// `enable` when subnets of other accounts are associated without anybody looking; else
        /// `disable`.
        pub auto_accept_shared_associations: Option<String>,
    }
}
