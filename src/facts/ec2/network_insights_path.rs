//! `ec2.network_insights_path`: paths that Reachability Analyzer analyzes.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.network_insights_path",
    doc: "A Reachability Analyzer path: the source and destination to analyze.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeNetworkInsightsPaths").paged(100)],
    id: "network_insights_path_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:network-insights-path/{id}"),
    name_field: None,
    shape: Shape::of::<NetworkInsightsPath>(),
    facts: &[],
};

shape! { network_insights_path_shapes:
    /// What DescribeNetworkInsightsPaths returns.
    pub struct NetworkInsightsPath {
        /// The path's id.
        pub network_insights_path_id: String,
        /// The path's ARN.
        pub network_insights_path_arn: Option<String>,
        /// When the path was created.
        pub created_date: Option<Time>,
        /// The id of the source.
        pub source: Option<String>,
        /// The id of the destination.
        pub destination: Option<String>,
        /// The ARN of the source.
        pub source_arn: Option<String>,
        /// The ARN of the destination.
        pub destination_arn: Option<String>,
        /// The IP address of the source.
        pub source_ip: Option<String>,
        /// The IP address of the destination.
        pub destination_ip: Option<String>,
        /// `tcp` or `udp`.
        pub protocol: Option<String>,
        /// The destination port.
        pub destination_port: Option<i64>,
        /// The filter for packets that leave the source.
        pub filter_at_source: Option<PathFilter>,
        /// The filter for packets that reach the destination.
        pub filter_at_destination: Option<PathFilter>,
        /// The path's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// A filter for packets.
    pub struct PathFilter {
        /// The source IPv4 address.
        pub source_address: Option<String>,
        /// The source port range.
        pub source_port_range: Option<FilterPortRange>,
        /// The destination IPv4 address.
        pub destination_address: Option<String>,
        /// The destination port range.
        pub destination_port_range: Option<FilterPortRange>,
    }

    /// A range of ports.
    pub struct FilterPortRange {
        /// The first port.
        pub from_port: Option<i64>,
        /// The last port.
        pub to_port: Option<i64>,
    }
}
