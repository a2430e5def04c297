//! `ec2.network_insights_access_scope_analysis`: what Network Access Analyzer found, in numbers.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.network_insights_access_scope_analysis",
    doc: "An analysis of a scope by Network Access Analyzer.",
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
        /// Its ARN.
        pub network_insights_access_scope_analysis_arn: Option<String>,
        /// The scope.
        pub network_insights_access_scope_id: Option<String>,
        /// `running`, `succeeded` or `failed`.
        pub status: Option<String>,
        /// Why it failed.
        pub status_message: Option<String>,
        /// What it could not take into account.
        pub warning_message: Option<String>,
        /// When it began.
        pub start_date: Option<Time>,
        /// When it ended.
        pub end_date: Option<Time>,
        /// `true`, `false` or `unknown`, as a text: whether access of the scope was found.
        pub findings_found: Option<String>,
        /// How many network interfaces were looked at.
        pub analyzed_eni_count: Option<i64>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }
}
