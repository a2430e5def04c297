//! What surrounds a network interface: what was read of its subnet, routes, network ACL and security
//! groups.

use crate::facts::ec2::internet_gateway::InternetGateway;
use crate::facts::ec2::network_acl::NetworkAcl;
use crate::facts::ec2::route_table::RouteTable;
use crate::facts::ec2::security_group::SecurityGroup;
use crate::facts::ec2::settings::{VpcBlockPublicAccessExclusion, VpcBlockPublicAccessOptions};
use crate::facts::ec2::subnet::Subnet;
use crate::model::Cause;

/// Something that was read, or why it was not.
pub type Known<T> = Result<T, Cause>;

/// What surrounds a network interface. Lists can have more items than necessary.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The account that was read.
    pub account: String,
    /// The subnet of the interface.
    pub subnets: Known<Vec<Subnet>>,
    /// The route table that is associated with the subnet, the main route table of the VPC, and
    /// those that are associated with the internet gateways of the VPC.
    pub route_tables: Known<Vec<RouteTable>>,
    /// The internet gateways of the VPC, and those to which routes of its route tables lead.
    pub internet_gateways: Known<Vec<InternetGateway>>,
    /// The network ACL of the subnet.
    pub network_acls: Known<Vec<NetworkAcl>>,
    /// The security groups of the interface.
    pub security_groups: Known<Vec<SecurityGroup>>,
    /// VPC Block Public Access of the region.
    pub block_public_access: Known<VpcBlockPublicAccessOptions>,
    /// The exclusions from it.
    pub exclusions: Known<Vec<VpcBlockPublicAccessExclusion>>,
}
