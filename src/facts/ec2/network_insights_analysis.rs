//! `ec2.network_insights_analysis`: results of Reachability Analyzer. Of each hop, the ids are
//! kept; the headers and rules are not, since they are facts of other kinds.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.network_insights_analysis",
    doc: "A Reachability Analyzer analysis of a path.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeNetworkInsightsAnalyses").paged(100)],
    id: "network_insights_analysis_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:network-insights-analysis/{id}"),
    name_field: None,
    shape: Shape::of::<NetworkInsightsAnalysis>(),
    facts: &[],
};

shape! { network_insights_analysis_shapes:
    /// What DescribeNetworkInsightsAnalyses returns.
    pub struct NetworkInsightsAnalysis {
        /// The analysis's id.
        pub network_insights_analysis_id: String,
        /// The analysis's ARN.
        pub network_insights_analysis_arn: Option<String>,
        /// The path that is analyzed.
        pub network_insights_path_id: Option<String>,
        /// The other accounts that the path can traverse.
        #[serde(default)]
        pub additional_accounts: Vec<String>,
        /// The resources that the path must traverse.
        #[serde(default)]
        pub filter_in_arns: Vec<String>,
        /// The resources that the path must not traverse.
        #[serde(default)]
        pub filter_out_arns: Vec<String>,
        /// When the analysis started.
        pub start_date: Option<Time>,
        /// `running`, `succeeded` or `failed`.
        pub status: Option<String>,
        /// The status message.
        pub status_message: Option<String>,
        /// The warning message.
        pub warning_message: Option<String>,
        /// Whether the destination is reachable from the source.
        pub network_path_found: Option<bool>,
        /// The components of the path from source to destination.
        #[serde(default)]
        pub forward_path_components: Vec<PathComponent>,
        /// Explanations of why the destination is not reachable.
        #[serde(default)]
        pub explanations: Vec<Explanation>,
        /// Accounts that may be on the path but were not specified.
        #[serde(default)]
        pub suggested_accounts: Vec<String>,
        /// The analysis's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// One component of a path.
    pub struct PathComponent {
        /// The position on the path.
        pub sequence_number: Option<i64>,
        /// The resource.
        pub component: Option<AnalysisComponent>,
        /// The resource that the component is attached to.
        pub attached_to: Option<AnalysisComponent>,
        /// The VPC.
        pub vpc: Option<AnalysisComponent>,
        /// The component's subnet.
        pub subnet: Option<AnalysisComponent>,
    }

    /// A resource on a path.
    pub struct AnalysisComponent {
        /// The resource's id.
        pub id: Option<String>,
        /// The resource's ARN.
        pub arn: Option<String>,
        /// The resource's name.
        pub name: Option<String>,
    }

    /// Explanations of why the destination is not reachable.
    pub struct Explanation {
        /// The explanation code: `ENI_SG_RULES_MISMATCH`, `NO_ROUTE_TO_DESTINATION`, …
        pub explanation_code: Option<String>,
        /// `ingress` or `egress`.
        pub direction: Option<String>,
        /// The component that blocks the path.
        pub component: Option<AnalysisComponent>,
        /// The missing component: `vpc`, `routeTable`, …
        pub missing_component: Option<String>,
    }
}
