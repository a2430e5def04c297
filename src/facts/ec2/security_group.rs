//! `ec2.security_group`: VPC security groups and their rules.

use serde::{Deserialize, Deserializer};

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
        #[serde(default, deserialize_with = "protocol")]
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

/// A protocol as EC2 returns it. EC2 accepts it in other forms, which imported data can have: names in
/// capitals, `all`, and the numbers of protocols that have a name.
pub(super) fn protocol<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let name = |text: String| match text.to_ascii_lowercase().as_str() {
        "all" => "-1".to_owned(),
        "1" => "icmp".to_owned(),
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "58" => "icmpv6".to_owned(),
        lower => lower.to_owned(),
    };
    Ok(Option::deserialize(from)?.map(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn protocols_have_the_form_that_ec2_returns() {
        for (written, expected) in [
            (json!("tcp"), Some("tcp")),
            (json!("TCP"), Some("tcp")),
            (json!("Icmpv6"), Some("icmpv6")),
            (json!("ALL"), Some("-1")),
            (json!("-1"), Some("-1")),
            (json!("6"), Some("tcp")),
            (json!("58"), Some("icmpv6")),
            (json!("50"), Some("50")),
            (json!(null), None),
        ] {
            let permission: IpPermission =
                serde_json::from_value(json!({ "ip_protocol": written })).unwrap();
            assert_eq!(permission.ip_protocol.as_deref(), expected, "{written}");
        }
        let permission: IpPermission = serde_json::from_value(json!({})).unwrap();
        assert_eq!(permission.ip_protocol, None);
    }
}
