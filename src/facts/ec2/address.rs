//! `ec2.address`: Elastic IP addresses.

use super::shape;
use crate::facts::kind::{ApiCall, EmptyResponse, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.address",
    doc: "An Elastic IP address.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeAddresses").element("addressesSet").always(&["domain"])],
    id: "allocation_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:elastic-ip/{id}"),
    name_field: Some("public_ip"),
    shape: Shape::of::<Address>(),
    facts: &[FactSpec {
        name: "transfer",
        doc: "The transfer to another account; absent if the address is not being transferred.",
        call: ApiCall::new("ec2:DescribeAddressTransfers")
            .paged(1_000)
            .for_all()
            .answer("AddressTransfers")
            .if_empty(EmptyResponse::Absent),
        shape: Shape::of::<AddressTransfer>(),
    }],
};

shape! { address_shapes:
    /// What DescribeAddresses returns.
    pub struct Address {
        /// The allocation's id.
        pub allocation_id: String,
        /// The address.
        pub public_ip: Option<String>,
        /// The association's id; absent if the address is not associated.
        pub association_id: Option<String>,
        /// The instance that the address is associated with.
        pub instance_id: Option<String>,
        /// The network interface that the address is associated with.
        pub network_interface_id: Option<String>,
        /// The account that owns the network interface.
        pub network_interface_owner_id: Option<String>,
        /// The private IP address that the Elastic IP address is associated with.
        pub private_ip_address: Option<String>,
        /// The subnet that the address is allocated in.
        pub subnet_id: Option<String>,
        /// `vpc`.
        pub domain: Option<String>,
        /// The AWS service that manages the address: `alb`, `nlb`, `rds`, …
        pub service_managed: Option<String>,
        /// The address pool: `amazon`, or the id of your own pool.
        pub public_ipv4_pool: Option<String>,
        /// The network border group: the zones from which AWS advertises the address.
        pub network_border_group: Option<String>,
        /// The carrier IP address (Wavelength).
        pub carrier_ip: Option<String>,
        /// The customer-owned address (Outposts).
        pub customer_owned_ip: Option<String>,
        /// The pool of the customer-owned address.
        pub customer_owned_ipv4_pool: Option<String>,
        /// The address's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// What DescribeAddressTransfers returns.
    pub struct AddressTransfer {
        /// The account that the address is being transferred to.
        pub transfer_account_id: Option<String>,
        /// `pending`, `disabled` or `accepted`.
        pub address_transfer_status: Option<String>,
        /// When the transfer offer expires or expired.
        pub transfer_offer_expiration_timestamp: Option<Time>,
        /// When the transfer was accepted.
        pub transfer_offer_accepted_timestamp: Option<Time>,
    }
}
