//! `ec2.network_interface`: network interfaces of instances and other resources in a VPC.

use super::instance::GroupIdentifier;
use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.network_interface",
    doc: "A network interface, for example of an instance, load balancer, Lambda function, VPC endpoint or gateway.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeNetworkInterfaces")
        .element("networkInterfaceSet")
        .paged(1_000)
        .always(&["status", "private_ip_addresses", "ipv6_addresses", "groups"])],
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
        /// The description set by the network interface's creator (untrusted text).
        pub description: Option<String>,
        /// The network interface's VPC.
        pub vpc_id: Option<String>,
        /// The network interface's subnet.
        pub subnet_id: Option<String>,
        /// The associated subnets.
        #[serde(default)]
        pub associated_subnets: Vec<String>,
        /// The Availability Zone.
        pub availability_zone: Option<String>,
        /// The account that owns the network interface.
        pub owner_id: Option<String>,
        /// The id of the principal or AWS service that created the network interface.
        pub requester_id: Option<String>,
        /// Whether an AWS service manages the network interface.
        pub requester_managed: Option<bool>,
        /// The service provider that manages the network interface.
        pub operator: Option<OperatorResponse>,
        /// The attachment; absent if the network interface is not attached.
        pub attachment: Option<NetworkInterfaceAttachment>,
        /// The public IPv4 address that is associated with the primary private address.
        pub association: Option<NetworkInterfaceAssociation>,
        /// The primary private IPv4 address.
        pub private_ip_address: Option<String>,
        /// All private IPv4 addresses.
        #[serde(default)]
        pub private_ip_addresses: Vec<NetworkInterfacePrivateIpAddress>,
        /// The IPv6 addresses.
        #[serde(default)]
        pub ipv6_addresses: Vec<NetworkInterfaceIpv6Address>,
        /// The delegated IPv4 prefixes.
        #[serde(default)]
        pub ipv4_prefixes: Vec<Ipv4PrefixSpecification>,
        /// The delegated IPv6 prefixes.
        #[serde(default)]
        pub ipv6_prefixes: Vec<Ipv6PrefixSpecification>,
        /// The private DNS name.
        pub private_dns_name: Option<String>,
        /// The public DNS name.
        pub public_dns_name: Option<String>,
        /// The MAC address.
        pub mac_address: Option<String>,
        /// The network interface's security groups.
        #[serde(default)]
        pub groups: Vec<GroupIdentifier>,
        /// Whether source/destination checking is enabled; it must be disabled for NAT and routing.
        pub source_dest_check: Option<bool>,
        /// Whether all traffic through internet gateways is denied, regardless of the network
        /// interface's addresses.
        pub deny_all_igw_traffic: Option<bool>,
        /// Whether the network interface is IPv6-only.
        pub ipv6_native: Option<bool>,
        /// The ARN of the Outpost that the network interface is on.
        pub outpost_arn: Option<String>,
        /// The network interface's tags.
        #[serde(default, rename = "tags")]
        pub tag_set: Tags,
    }

    /// The service provider that manages an interface.
    pub struct OperatorResponse {
        /// Whether the resource is managed by a service provider.
        pub managed: Option<bool>,
        /// The service provider.
        pub principal: Option<String>,
    }

    /// The attachment of a network interface.
    pub struct NetworkInterfaceAttachment {
        /// The attachment's id.
        pub attachment_id: Option<String>,
        /// The instance; absent if the network interface is not attached to an instance.
        pub instance_id: Option<String>,
        /// The account that owns the instance, or an AWS service: `amazon-elb`, `amazon-aws`, …
        pub instance_owner_id: Option<String>,
        /// The device index on the instance; 0 is the primary interface.
        pub device_index: Option<i64>,
        /// `attaching`, `attached`, `detaching` or `detached`.
        pub status: Option<String>,
        /// When the network interface was attached.
        pub attach_time: Option<Time>,
        /// Whether the interface is deleted when the instance is terminated.
        pub delete_on_termination: Option<bool>,
    }

    /// A public IPv4 address.
    pub struct NetworkInterfaceAssociation {
        /// The address.
        pub public_ip: Option<String>,
        /// The address's DNS name.
        pub public_dns_name: Option<String>,
        /// The owner of the address: `amazon`, or the account that owns the Elastic IP address.
        pub ip_owner_id: Option<String>,
        /// The allocation id, if the address is an Elastic IP address.
        pub allocation_id: Option<String>,
        /// The association's id, if the address is an Elastic IP address.
        pub association_id: Option<String>,
        /// The carrier IP address (Wavelength).
        pub carrier_ip: Option<String>,
        /// The customer-owned address (Outposts).
        pub customer_owned_ip: Option<String>,
    }

    /// A private IPv4 address.
    pub struct NetworkInterfacePrivateIpAddress {
        /// The address.
        pub private_ip_address: Option<String>,
        /// Whether the address is the primary one.
        pub primary: Option<bool>,
        /// The public address that is associated with the private address.
        pub association: Option<NetworkInterfaceAssociation>,
    }

    /// An IPv6 address.
    pub struct NetworkInterfaceIpv6Address {
        /// The address.
        pub ipv6_address: Option<String>,
        /// Whether the address is the primary one.
        pub is_primary_ipv6: Option<bool>,
        /// The public DNS name.
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
