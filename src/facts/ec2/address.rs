//! `ec2.address`: Elastic IP addresses.

use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.address",
    doc: "An Elastic IP address.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeAddresses").element("addressesSet")],
    id: "allocation_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:elastic-ip/{id}"),
    name_field: Some("public_ip"),
    shape: Shape::of::<Address>(),
    facts: &[FactSpec {
        name: "transfer",
        doc: "Its transfer to another account; absent when it is offered to nobody.",
        call: ApiCall::new("ec2:DescribeAddressTransfers")
            .paged(1_000)
            .for_all()
            .answer("AddressTransfers"),
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
        /// The association's id; absent when the address is not in use.
        pub association_id: Option<String>,
        /// The instance that has it.
        pub instance_id: Option<String>,
        /// The network interface that has it.
        pub network_interface_id: Option<String>,
        /// The account that owns the interface.
        pub network_interface_owner_id: Option<String>,
        /// The private address it leads to.
        pub private_ip_address: Option<String>,
        /// The subnet it is allocated in.
        pub subnet_id: Option<String>,
        /// `vpc`.
        pub domain: Option<String>,
        /// The AWS service that manages it: `alb`, `nlb`, `rds`, …
        pub service_managed: Option<String>,
        /// The pool it is from: `amazon`, or the id of an own pool.
        pub public_ipv4_pool: Option<String>,
        /// The zones from which it is announced.
        pub network_border_group: Option<String>,
        /// The address in the carrier's network (Wavelength).
        pub carrier_ip: Option<String>,
        /// The customer-owned address (Outposts).
        pub customer_owned_ip: Option<String>,
        /// The pool of that address.
        pub customer_owned_ipv4_pool: Option<String>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// What DescribeAddressTransfers returns.
    pub struct AddressTransfer {
        /// The account that may take the address.
        pub transfer_account_id: Option<String>,
        /// `pending`, `disabled` or `accepted`.
        pub address_transfer_status: Option<String>,
        /// When the offer ends, or ended.
        pub transfer_offer_expiration_timestamp: Option<Time>,
        /// When it was accepted.
        pub transfer_offer_accepted_timestamp: Option<Time>,
    }
}
