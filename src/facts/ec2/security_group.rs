//! `ec2.security_group`: VPC security groups and their rules.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.security_group",
    doc: "A security group.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeSecurityGroups")
        .element("securityGroupInfo")
        .paged(1_000)
        .always(&[
            "group_name",
            "ip_permissions",
            "ip_permissions[].ip_protocol",
            "ip_permissions[].ip_ranges",
            "ip_permissions[].ip_ranges[].cidr_ip",
            "ip_permissions[].ipv6_ranges",
            "ip_permissions[].ipv6_ranges[].cidr_ipv6",
            "ip_permissions[].prefix_list_ids",
            "ip_permissions[].prefix_list_ids[].prefix_list_id",
            "ip_permissions[].user_id_group_pairs",
            "ip_permissions_egress",
            "ip_permissions_egress[].ip_protocol",
            "ip_permissions_egress[].ip_ranges",
            "ip_permissions_egress[].ip_ranges[].cidr_ip",
            "ip_permissions_egress[].ipv6_ranges",
            "ip_permissions_egress[].ipv6_ranges[].cidr_ipv6",
            "ip_permissions_egress[].prefix_list_ids",
            "ip_permissions_egress[].prefix_list_ids[].prefix_list_id",
            "ip_permissions_egress[].user_id_group_pairs",
        ])],
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
        /// The group's name; every VPC has a group `default` that cannot be deleted.
        pub group_name: Option<String>,
        /// The description (untrusted text).
        pub description: Option<String>,
        /// The VPC.
        pub vpc_id: Option<String>,
        /// The account that owns the group; differs from the scanned account for a group of a
        /// shared VPC.
        pub owner_id: Option<String>,
        /// The inbound rules.
        #[serde(default)]
        pub ip_permissions: Vec<IpPermission>,
        /// The outbound rules.
        #[serde(default)]
        pub ip_permissions_egress: Vec<IpPermission>,
        /// The group's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// The rules that have the same protocol and ports.
    pub struct IpPermission {
        /// `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for all protocols.
        pub ip_protocol: Option<String>,
        /// The first port, or the ICMP type; absent or -1 means all.
        pub from_port: Option<i64>,
        /// The last port, or the ICMP code; absent or -1 means all.
        pub to_port: Option<i64>,
        /// The IPv4 ranges.
        #[serde(default)]
        pub ip_ranges: Vec<IpRange>,
        /// The IPv6 ranges.
        #[serde(default)]
        pub ipv6_ranges: Vec<Ipv6Range>,
        /// The prefix lists.
        #[serde(default)]
        pub prefix_list_ids: Vec<PrefixListId>,
        /// The referenced security groups; can include the group itself.
        #[serde(default)]
        pub user_id_group_pairs: Vec<UserIdGroupPair>,
    }

    /// An IPv4 range.
    pub struct IpRange {
        /// The range in CIDR notation.
        pub cidr_ip: Option<String>,
        /// The description (untrusted text).
        pub description: Option<String>,
    }

    /// An IPv6 range.
    pub struct Ipv6Range {
        /// The range in CIDR notation.
        pub cidr_ipv6: Option<String>,
        /// The description (untrusted text).
        pub description: Option<String>,
    }

    /// A reference to a managed prefix list.
    pub struct PrefixListId {
        /// The list's id.
        pub prefix_list_id: Option<String>,
        /// The description (untrusted text).
        pub description: Option<String>,
    }

    /// A reference to a security group.
    pub struct UserIdGroupPair {
        /// The group's id.
        pub group_id: Option<String>,
        /// The account that owns the group.
        pub user_id: Option<String>,
        /// The group's VPC, for a group in a peered VPC.
        pub vpc_id: Option<String>,
        /// The VPC peering connection.
        pub vpc_peering_connection_id: Option<String>,
        /// The status of the peering connection: `pending-acceptance`, `active`, `deleted`, …
        pub peering_status: Option<String>,
        /// The description (untrusted text).
        pub description: Option<String>,
    }
}
