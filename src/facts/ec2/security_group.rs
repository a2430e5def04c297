//! `ec2.security_group`: VPC security groups with their rules.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.security_group",
    doc: "A security group.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeSecurityGroups").element("securityGroupInfo").paged(1_000)],
    id: "group_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:security-group/{id}"),
    name_field: Some("group_name"),
    shape: Shape::of::<SecurityGroup>(),
    facts: &[],
};

shape! { security_group_shapes:
    /// What DescribeSecurityGroups returns.
    pub struct SecurityGroup {
        /// The group's id.
        pub group_id: String,
        /// The group's name; every VPC has one named `default` that cannot be deleted.
        pub group_name: Option<String>,
        /// Its description. Untrusted text.
        pub description: Option<String>,
        /// The VPC it is in.
        pub vpc_id: Option<String>,
        /// The account that owns it; another one than the scanned account for a group of a shared
        /// VPC.
        pub owner_id: Option<String>,
        /// Inbound rules.
        #[serde(default)]
        pub ip_permissions: Vec<IpPermission>,
        /// Outbound rules.
        #[serde(default)]
        pub ip_permissions_egress: Vec<IpPermission>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// One set of rules with the same protocol and ports.
    pub struct IpPermission {
        /// `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for every protocol.
        pub ip_protocol: Option<String>,
        /// First port, or the ICMP type; absent or -1 means all.
        pub from_port: Option<i64>,
        /// Last port, or the ICMP code; absent or -1 means all.
        pub to_port: Option<i64>,
        /// IPv4 ranges.
        #[serde(default)]
        pub ip_ranges: Vec<IpRange>,
        /// IPv6 ranges.
        #[serde(default)]
        pub ipv6_ranges: Vec<Ipv6Range>,
        /// Prefix lists.
        #[serde(default)]
        pub prefix_list_ids: Vec<PrefixListId>,
        /// Other security groups, or this one itself.
        #[serde(default)]
        pub user_id_group_pairs: Vec<UserIdGroupPair>,
    }

    /// An IPv4 range.
    pub struct IpRange {
        /// The range in CIDR notation.
        pub cidr_ip: Option<String>,
        /// Untrusted text.
        pub description: Option<String>,
    }

    /// An IPv6 range.
    pub struct Ipv6Range {
        /// The range in CIDR notation.
        pub cidr_ipv6: Option<String>,
        /// Untrusted text.
        pub description: Option<String>,
    }

    /// A reference to a managed prefix list.
    pub struct PrefixListId {
        /// The list's id.
        pub prefix_list_id: Option<String>,
        /// Untrusted text.
        pub description: Option<String>,
    }

    /// A reference to a security group.
    pub struct UserIdGroupPair {
        /// The group's id.
        pub group_id: Option<String>,
        /// The account that owns it.
        pub user_id: Option<String>,
        /// Its VPC, for a group behind a peering connection.
        pub vpc_id: Option<String>,
        /// The peering connection.
        pub vpc_peering_connection_id: Option<String>,
        /// `pending-acceptance`, `active`, `deleted`, …, for a group behind a peering connection.
        pub peering_status: Option<String>,
        /// Untrusted text.
        pub description: Option<String>,
    }
}
