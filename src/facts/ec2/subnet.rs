//! `ec2.subnet`: subnets of VPCs.

use super::shape;
use super::vpc::BlockPublicAccessStates;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.subnet",
    doc: "A subnet, owned by the account or shared with it.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeSubnets").element("subnetSet").paged(1_000).always(&[
        "vpc_id",
        "owner_id",
        "map_public_ip_on_launch",
        "ipv6_cidr_block_association_set",
    ])],
    id: "subnet_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:subnet/{id}"),
    name_field: None,
    shape: Shape::of::<Subnet>(),
    facts: &[],
};

shape! { subnet_shapes:
    /// What DescribeSubnets returns.
    pub struct Subnet {
        /// The subnet's id.
        pub subnet_id: String,
        /// The subnet's VPC.
        pub vpc_id: Option<String>,
        /// The account that owns the subnet; differs from the scanned account for a shared subnet.
        pub owner_id: Option<String>,
        /// `pending`, `available`, `unavailable`, `failed` or `failed-insufficient-capacity`.
        pub state: Option<String>,
        /// The Availability Zone.
        pub availability_zone: Option<String>,
        /// The Availability Zone id, which is the same in all accounts.
        pub availability_zone_id: Option<String>,
        /// The IPv4 range.
        pub cidr_block: Option<String>,
        /// The IPv6 ranges.
        #[serde(default)]
        pub ipv6_cidr_block_association_set: Vec<SubnetIpv6CidrBlockAssociation>,
        /// The number of unused IPv4 addresses.
        pub available_ip_address_count: Option<i64>,
        /// Whether the subnet is the default subnet of its Availability Zone.
        pub default_for_az: Option<bool>,
        /// Whether instances launched in the subnet get a public IPv4 address.
        pub map_public_ip_on_launch: Option<bool>,
        /// Whether network interfaces created in the subnet get an IPv6 address.
        pub assign_ipv6_address_on_creation: Option<bool>,
        /// Whether the subnet is IPv6-only.
        pub ipv6_native: Option<bool>,
        /// Whether DNS64 is enabled: the Amazon DNS server synthesizes IPv6 addresses for IPv4-only
        /// names.
        pub enable_dns64: Option<bool>,
        /// The hostname options of new instances.
        pub private_dns_name_options_on_launch: Option<PrivateDnsNameOptionsOnLaunch>,
        /// The state of VPC Block Public Access for this subnet.
        pub block_public_access_states: Option<BlockPublicAccessStates>,
        /// Whether network interfaces created in the subnet get a customer-owned IPv4 address
        /// (Outposts).
        pub map_customer_owned_ip_on_launch: Option<bool>,
        /// The customer-owned IPv4 address pool.
        pub customer_owned_ipv4_pool: Option<String>,
        /// The ARN of the Outpost that the subnet is on.
        pub outpost_arn: Option<String>,
        /// The subnet's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// An IPv6 range of a subnet.
    pub struct SubnetIpv6CidrBlockAssociation {
        /// The association's id.
        pub association_id: Option<String>,
        /// The range in CIDR notation.
        pub ipv6_cidr_block: Option<String>,
        /// The state of the association.
        pub ipv6_cidr_block_state: Option<SubnetCidrBlockState>,
        /// Whether the range can be advertised to the internet: `public` or `private`.
        pub ipv6_address_attribute: Option<String>,
        /// The source of the range: `amazon`, `byoip` or `none` (private).
        pub ip_source: Option<String>,
    }

    /// The state of a CIDR block.
    pub struct SubnetCidrBlockState {
        /// `associating`, `associated`, `disassociating`, `disassociated`, `failing` or `failed`.
        pub state: Option<String>,
        /// A message about the state.
        pub status_message: Option<String>,
    }

    /// The hostname options of new instances.
    pub struct PrivateDnsNameOptionsOnLaunch {
        /// The hostname type: `ip-name` or `resource-name`.
        pub hostname_type: Option<String>,
        /// Whether DNS queries for resource names return A records.
        pub enable_resource_name_dns_a_record: Option<bool>,
        /// Whether DNS queries for resource names return AAAA records.
        pub enable_resource_name_dns_aaaa_record: Option<bool>,
    }
}
