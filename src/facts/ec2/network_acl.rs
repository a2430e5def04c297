//! `ec2.network_acl`: network ACLs and their entries.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.network_acl",
    doc: "A network ACL.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeNetworkAcls").element("networkAclSet").paged(1_000).always(
        &[
            "vpc_id",
            "is_default",
            "associations",
            "entries",
            "entries[].rule_number",
            "entries[].egress",
            "entries[].rule_action",
            "entries[].protocol",
            "entries[].cidr_block|ipv6_cidr_block",
        ],
    )],
    id: "network_acl_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:network-acl/{id}"),
    name_field: None,
    shape: Shape::of::<NetworkAcl>(),
    facts: &[],
};

shape! { network_acl_shapes:
    /// What DescribeNetworkAcls returns.
    pub struct NetworkAcl {
        /// The ACL's id.
        pub network_acl_id: String,
        /// The ACL's VPC.
        pub vpc_id: Option<String>,
        /// The account that owns the ACL.
        pub owner_id: Option<String>,
        /// Whether the ACL is the VPC's default ACL.
        pub is_default: Option<bool>,
        /// The subnets that the ACL is associated with.
        #[serde(default)]
        pub associations: Vec<NetworkAclAssociation>,
        /// The inbound and outbound entries. In each direction, the matching entry with the lowest
        /// number applies.
        #[serde(default)]
        pub entries: Vec<NetworkAclEntry>,
        /// The ACL's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// An association of a network ACL with a subnet.
    pub struct NetworkAclAssociation {
        /// The association's id.
        pub network_acl_association_id: Option<String>,
        /// The subnet.
        pub subnet_id: Option<String>,
    }

    /// One entry.
    pub struct NetworkAclEntry {
        /// The rule number; 32767 is the final rule (`*`), which denies all traffic that no other
        /// entry matches.
        pub rule_number: Option<i64>,
        /// Whether the entry applies to outbound traffic; if false, to inbound traffic.
        pub egress: Option<bool>,
        /// `allow` or `deny`.
        pub rule_action: Option<String>,
        /// The protocol number as a string (`6` is TCP, `17` is UDP), or `-1` for all protocols.
        pub protocol: Option<String>,
        /// The IPv4 range.
        pub cidr_block: Option<String>,
        /// The IPv6 range.
        pub ipv6_cidr_block: Option<String>,
        /// The port range, for TCP and UDP.
        pub port_range: Option<PortRange>,
        /// The ICMP type and code.
        pub icmp_type_code: Option<IcmpTypeCode>,
    }

    /// A range of ports.
    pub struct PortRange {
        /// The first port.
        pub from: Option<i64>,
        /// The last port.
        pub to: Option<i64>,
    }

    /// ICMP type and code.
    pub struct IcmpTypeCode {
        /// The type; -1 means all.
        pub r#type: Option<i64>,
        /// The code; -1 means all.
        pub code: Option<i64>,
    }
}
