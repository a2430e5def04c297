//! `ec2.customer_gateway`: what AWS knows about the device on the customer side of a Site-to-Site
//! VPN.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.customer_gateway",
    doc: "A customer gateway: the device on the customer side of a Site-to-Site VPN connection.",
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
        /// The IP address of the customer gateway device's outside interface.
        pub ip_address: Option<String>,
        /// The BGP autonomous system number (ASN), as a string.
        pub bgp_asn: Option<String>,
        /// The BGP ASN, as a string, if it is larger than 2147483647.
        pub bgp_asn_extended: Option<String>,
        /// The ARN of the certificate, if the customer gateway authenticates with a certificate
        /// instead of a pre-shared key.
        pub certificate_arn: Option<String>,
        /// The name of the device.
        pub device_name: Option<String>,
        /// The customer gateway's tags.
        #[serde(default)]
        pub tags: Tags,
    }
}
