//! `ec2.network_interface`: network interfaces, of instances and of everything else that is in a
//! VPC.

use super::instance::GroupIdentifier;
use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.network_interface",
    doc: "A network interface, also of load balancers, functions, endpoints and gateways.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeNetworkInterfaces")
        .element("networkInterfaceSet")
        .paged(1_000)],
    id: "network_interface_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:network-interface/{id}"),
    name_field: None,
    shape: Shape::of::<NetworkInterface>(),
    facts: &[],
};

shape! { network_interface_shapes:
    /// What DescribeNetworkInterfaces returns.
    pub struct NetworkInterface {
        /// The interface's id.
        pub network_interface_id: String,
        /// `available` (unattached), `associated`, `attaching`, `in-use` or `detaching`.
        pub status: Option<String>,
        /// `interface`, `natGateway`, `lambda`, `vpc_endpoint`, `network_load_balancer`, …
        pub interface_type: Option<String>,
        /// What it is for, in the words of who made it. Untrusted text.
        pub description: Option<String>,
        /// Its VPC.
        pub vpc_id: Option<String>,
        /// Its subnet.
        pub subnet_id: Option<String>,
        /// Further subnets of the interface.
        #[serde(default)]
        pub associated_subnets: Vec<String>,
        /// The availability zone it is in.
        pub availability_zone: Option<String>,
        /// The account that owns it.
        pub owner_id: Option<String>,
        /// The account or AWS service that made it, where that is not the owner.
        pub requester_id: Option<String>,
        /// Whether an AWS service manages it.
        pub requester_managed: Option<bool>,
        /// The service provider that manages it.
        pub operator: Option<OperatorResponse>,
        /// What it is attached to; absent when it is not attached.
        pub attachment: Option<NetworkInterfaceAttachment>,
        /// The public IPv4 address of its primary private address.
        pub association: Option<NetworkInterfaceAssociation>,
        /// Primary private IPv4 address.
        pub private_ip_address: Option<String>,
        /// All private IPv4 addresses.
        #[serde(default)]
        pub private_ip_addresses: Vec<NetworkInterfacePrivateIpAddress>,
        /// IPv6 addresses.
        #[serde(default)]
        pub ipv6_addresses: Vec<NetworkInterfaceIpv6Address>,
        /// IPv4 prefixes that were delegated to it.
        #[serde(default)]
        pub ipv4_prefixes: Vec<Ipv4PrefixSpecification>,
        /// IPv6 prefixes that were delegated to it.
        #[serde(default)]
        pub ipv6_prefixes: Vec<Ipv6PrefixSpecification>,
        /// Private host name.
        pub private_dns_name: Option<String>,
        /// Public host name.
        pub public_dns_name: Option<String>,
        /// MAC address.
        pub mac_address: Option<String>,
        /// Its security groups.
        #[serde(default)]
        pub groups: Vec<GroupIdentifier>,
        /// Whether the source and destination of its traffic are checked; false for a router.
        pub source_dest_check: Option<bool>,
        /// Whether it is cut off from internet gateways, whatever its addresses.
        pub deny_all_igw_traffic: Option<bool>,
        /// Whether it has IPv6 addresses only.
        pub ipv6_native: Option<bool>,
        /// The Outpost it is on.
        pub outpost_arn: Option<String>,
        /// Its tags.
        #[serde(default, rename = "tags")]
        pub tag_set: Tags,
    }

    /// Who manages an interface.
    pub struct OperatorResponse {
        /// Whether somebody does.
        pub managed: Option<bool>,
        /// The service provider.
        pub principal: Option<String>,
    }

    /// What an interface is attached to.
    pub struct NetworkInterfaceAttachment {
        /// The attachment's id.
        pub attachment_id: Option<String>,
        /// The instance; absent for what is no instance.
        pub instance_id: Option<String>,
        /// The account that owns the instance, or the AWS service: `amazon-elb`, `amazon-aws`, …
        pub instance_owner_id: Option<String>,
        /// Its place on the instance; 0 is the primary interface.
        pub device_index: Option<i64>,
        /// `attaching`, `attached`, `detaching` or `detached`.
        pub status: Option<String>,
        /// When it was attached.
        pub attach_time: Option<Time>,
        /// Whether the interface goes when the instance does.
        pub delete_on_termination: Option<bool>,
    }

    /// A public IPv4 address.
    pub struct NetworkInterfaceAssociation {
        /// The address.
        pub public_ip: Option<String>,
        /// Its DNS name.
        pub public_dns_name: Option<String>,
        /// Who owns the address: `amazon`, or the account of an Elastic IP.
        pub ip_owner_id: Option<String>,
        /// The Elastic IP, if it is one.
        pub allocation_id: Option<String>,
        /// The association's id, for an Elastic IP.
        pub association_id: Option<String>,
        /// The address in the carrier's network (Wavelength).
        pub carrier_ip: Option<String>,
        /// The customer-owned address (Outposts).
        pub customer_owned_ip: Option<String>,
    }

    /// A private IPv4 address.
    pub struct NetworkInterfacePrivateIpAddress {
        /// The address.
        pub private_ip_address: Option<String>,
        /// Whether it is the primary one.
        pub primary: Option<bool>,
        /// The public address that leads to it.
        pub association: Option<NetworkInterfaceAssociation>,
    }

    /// An IPv6 address.
    pub struct NetworkInterfaceIpv6Address {
        /// The address.
        pub ipv6_address: Option<String>,
        /// Whether it is the primary one.
        pub is_primary_ipv6: Option<bool>,
        /// Its public host name.
        pub public_ipv6_dns_name: Option<String>,
    }

    /// A delegated IPv4 prefix.
    pub struct Ipv4PrefixSpecification {
        /// The range in CIDR notation.
        pub ipv4_prefix: Option<String>,
    }

    /// A delegated IPv6 prefix.
    pub struct Ipv6PrefixSpecification {
        /// The range in CIDR notation.
        pub ipv6_prefix: Option<String>,
    }
}
