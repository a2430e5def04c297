//! `ec2.customer_gateway`: what AWS knows of the device at the customer's end of a VPN.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.customer_gateway",
    doc: "A customer gateway: the device at the other end of a Site-to-Site VPN.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeCustomerGateways").element("customerGatewaySet")],
    id: "customer_gateway_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:customer-gateway/{id}"),
    name_field: None,
    shape: Shape::of::<CustomerGateway>(),
    facts: &[],
};

shape! { customer_gateway_shapes:
    /// What DescribeCustomerGateways returns.
    pub struct CustomerGateway {
        /// The gateway's id.
        pub customer_gateway_id: String,
        /// `pending`, `available`, `deleting` or `deleted`.
        pub state: Option<String>,
        /// `ipsec.1`.
        pub r#type: Option<String>,
        /// Its outside address.
        pub ip_address: Option<String>,
        /// Its AS number, as a text.
        pub bgp_asn: Option<String>,
        /// Its AS number where that needs more than 31 bits, as a text.
        pub bgp_asn_extended: Option<String>,
        /// Its certificate, where it shows one instead of a pre-shared key.
        pub certificate_arn: Option<String>,
        /// Its name.
        pub device_name: Option<String>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }
}
