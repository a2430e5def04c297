//! `ec2.transit_gateway_multicast_domain`: transit gateway multicast domains.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.transit_gateway_multicast_domain",
    doc: "A transit gateway multicast domain, owned by the account or shared with it.",
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
        /// The multicast domain's ARN.
        pub transit_gateway_multicast_domain_arn: Option<String>,
        /// The transit gateway that the multicast domain belongs to.
        pub transit_gateway_id: Option<String>,
        /// The account that owns the multicast domain.
        pub owner_id: Option<String>,
        /// `pending`, `available`, `deleting` or `deleted`.
        pub state: Option<String>,
        /// The options.
        pub options: Option<TransitGatewayMulticastDomainOptions>,
        /// When the multicast domain was created.
        pub creation_time: Option<Time>,
        /// The multicast domain's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// The options of a multicast domain.
    pub struct TransitGatewayMulticastDomainOptions {
        /// `enable` if hosts can join and leave groups with IGMPv2; otherwise `disable`.
        pub igmpv2_support: Option<String>,
        /// `enable` if the sources of a group are configured statically; otherwise `disable`.
        pub static_sources_support: Option<String>,
        /// `enable` if associations from other accounts are accepted automatically; otherwise
        /// `disable`.
        pub auto_accept_shared_associations: Option<String>,
    }
}
