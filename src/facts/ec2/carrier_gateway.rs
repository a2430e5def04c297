//! `ec2.carrier_gateway`: gateways between a VPC and a carrier network (Wavelength).

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.carrier_gateway",
    doc: "A carrier gateway (Wavelength).",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeCarrierGateways").element("carrierGatewaySet").paged(1_000)],
    id: "carrier_gateway_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:carrier-gateway/{id}"),
    name_field: None,
    shape: Shape::of::<CarrierGateway>(),
    facts: &[],
};

shape! { carrier_gateway_shapes:
    /// What DescribeCarrierGateways returns.
    pub struct CarrierGateway {
        /// The gateway's id.
        pub carrier_gateway_id: String,
        /// The gateway's VPC.
        pub vpc_id: Option<String>,
        /// The account that owns the gateway.
        pub owner_id: Option<String>,
        /// `pending`, `available`, `deleting` or `deleted`.
        pub state: Option<String>,
        /// The gateway's tags.
        #[serde(default)]
        pub tags: Tags,
    }
}
