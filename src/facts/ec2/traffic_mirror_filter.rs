//! `ec2.traffic_mirror_filter`: traffic mirror filters.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.traffic_mirror_filter",
    doc: "A traffic mirror filter, which determines which packets are mirrored.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeTrafficMirrorFilters").paged(1_000)],
    id: "traffic_mirror_filter_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:traffic-mirror-filter/{id}"),
    name_field: None,
    shape: Shape::of::<TrafficMirrorFilter>(),
    facts: &[],
};

shape! { traffic_mirror_filter_shapes:
    /// What DescribeTrafficMirrorFilters returns.
    pub struct TrafficMirrorFilter {
        /// The filter's id.
        pub traffic_mirror_filter_id: String,
        /// The description set by the filter's owner.
        pub description: Option<String>,
        /// The rules for inbound traffic.
        #[serde(default)]
        pub ingress_filter_rules: Vec<TrafficMirrorFilterRule>,
        /// The rules for outbound traffic.
        #[serde(default)]
        pub egress_filter_rules: Vec<TrafficMirrorFilterRule>,
        /// `amazon-dns` if traffic to the Amazon DNS server is mirrored too.
        #[serde(default)]
        pub network_services: Vec<String>,
        /// The filter's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// One rule of a filter.
    pub struct TrafficMirrorFilterRule {
        /// The rule's id.
        pub traffic_mirror_filter_rule_id: Option<String>,
        /// The filter that the rule belongs to.
        pub traffic_mirror_filter_id: Option<String>,
        /// `ingress` or `egress`.
        pub traffic_direction: Option<String>,
        /// The rule number; rules are processed in ascending order, and the first match applies.
        pub rule_number: Option<i64>,
        /// `accept` (mirror) or `reject` (do not mirror).
        pub rule_action: Option<String>,
        /// The IANA protocol number; absent for all protocols.
        pub protocol: Option<i64>,
        /// The destination port range.
        pub destination_port_range: Option<TrafficMirrorPortRange>,
        /// The source port range.
        pub source_port_range: Option<TrafficMirrorPortRange>,
        /// The destination CIDR block.
        pub destination_cidr_block: Option<String>,
        /// The source CIDR block.
        pub source_cidr_block: Option<String>,
        /// The description set by the rule's owner.
        pub description: Option<String>,
        /// The rule's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// A range of ports.
    pub struct TrafficMirrorPortRange {
        /// The first port.
        pub from_port: Option<i64>,
        /// The last port.
        pub to_port: Option<i64>,
    }
}
