//! `ec2.traffic_mirror_filter`: which traffic a mirror session copies.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.traffic_mirror_filter",
    doc: "A filter of traffic mirroring: which packets are copied.",
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
        /// What its owner wrote about it.
        pub description: Option<String>,
        /// Rules for traffic that comes in.
        #[serde(default)]
        pub ingress_filter_rules: Vec<TrafficMirrorFilterRule>,
        /// Rules for traffic that goes out.
        #[serde(default)]
        pub egress_filter_rules: Vec<TrafficMirrorFilterRule>,
        /// `amazon-dns`, when queries to Amazon's DNS are copied too.
        #[serde(default)]
        pub network_services: Vec<String>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// One rule of a filter.
    pub struct TrafficMirrorFilterRule {
        /// The rule's id.
        pub traffic_mirror_filter_rule_id: Option<String>,
        /// The filter it belongs to.
        pub traffic_mirror_filter_id: Option<String>,
        /// `ingress` or `egress`.
        pub traffic_direction: Option<String>,
        /// Its place among the rules; the first that matches decides.
        pub rule_number: Option<i64>,
        /// `accept` (copy) or `reject` (do not).
        pub rule_action: Option<String>,
        /// IANA's number of the protocol; absent for all.
        pub protocol: Option<i64>,
        /// Ports at the destination.
        pub destination_port_range: Option<TrafficMirrorPortRange>,
        /// Ports at the source.
        pub source_port_range: Option<TrafficMirrorPortRange>,
        /// Addresses of the destination.
        pub destination_cidr_block: Option<String>,
        /// Addresses of the source.
        pub source_cidr_block: Option<String>,
        /// What its owner wrote about it.
        pub description: Option<String>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// A range of ports.
    pub struct TrafficMirrorPortRange {
        /// The first.
        pub from_port: Option<i64>,
        /// The last.
        pub to_port: Option<i64>,
    }
}
