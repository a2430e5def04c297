//! `ec2.network_insights_access_scope_analysis`: summaries of Network Access Analyzer analyses.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.network_insights_access_scope_analysis",
    doc: "An analysis of a Network Access Scope.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeNetworkInsightsAccessScopeAnalyses").paged(100)],
    id: "network_insights_access_scope_analysis_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:network-insights-access-scope-analysis/{id}"),
    name_field: None,
    shape: Shape::of::<NetworkInsightsAccessScopeAnalysis>(),
    facts: &[],
};

shape! { network_insights_access_scope_analysis_shapes:
    /// What DescribeNetworkInsightsAccessScopeAnalyses returns.
    pub struct NetworkInsightsAccessScopeAnalysis {
        /// The analysis's id.
        pub network_insights_access_scope_analysis_id: String,
        /// The analysis's ARN.
        pub network_insights_access_scope_analysis_arn: Option<String>,
        /// The Network Access Scope.
        pub network_insights_access_scope_id: Option<String>,
        /// `running`, `succeeded` or `failed`.
        pub status: Option<String>,
        /// The status message.
        pub status_message: Option<String>,
        /// The warning message.
        pub warning_message: Option<String>,
        /// When the analysis started.
        pub start_date: Option<Time>,
        /// When the analysis ended.
        pub end_date: Option<Time>,
        /// Whether there are findings: `true`, `false` or `unknown`, as a string.
        pub findings_found: Option<String>,
        /// The number of network interfaces that were analyzed.
        pub analyzed_eni_count: Option<i64>,
        /// The analysis's tags.
        #[serde(default)]
        pub tags: Tags,
    }
}
