//! `ec2.network_insights_path`: paths that Reachability Analyzer looks at.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.network_insights_path",
    doc: "A path of Reachability Analyzer: from where to where.",
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
        /// Its ARN.
        pub network_insights_path_arn: Option<String>,
        /// When it was created.
        pub created_date: Option<Time>,
        /// Id of where it begins.
        pub source: Option<String>,
        /// Id of where it ends.
        pub destination: Option<String>,
        /// ARN of where it begins.
        pub source_arn: Option<String>,
        /// ARN of where it ends.
        pub destination_arn: Option<String>,
        /// Address at the source.
        pub source_ip: Option<String>,
        /// Address at the destination.
        pub destination_ip: Option<String>,
        /// `tcp` or `udp`.
        pub protocol: Option<String>,
        /// Port at the destination.
        pub destination_port: Option<i64>,
        /// Packets that leave the source.
        pub filter_at_source: Option<PathFilter>,
        /// Packets that reach the destination.
        pub filter_at_destination: Option<PathFilter>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// Which packets a path is about.
    pub struct PathFilter {
        /// Source address.
        pub source_address: Option<String>,
        /// Source ports.
        pub source_port_range: Option<FilterPortRange>,
        /// Destination address.
        pub destination_address: Option<String>,
        /// Destination ports.
        pub destination_port_range: Option<FilterPortRange>,
    }

    /// A range of ports.
    pub struct FilterPortRange {
        /// The first.
        pub from_port: Option<i64>,
        /// The last.
        pub to_port: Option<i64>,
    }
}
