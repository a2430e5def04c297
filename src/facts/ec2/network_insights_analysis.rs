//! `ec2.network_insights_analysis`: what Reachability Analyzer found. The hops are kept with their
//! ids; the headers and rules that each hop met are not, since they are facts of kinds of their
//! own.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.network_insights_analysis",
    doc: "An analysis of a path by Reachability Analyzer.",
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
        /// Its ARN.
        pub network_insights_analysis_arn: Option<String>,
        /// The path.
        pub network_insights_path_id: Option<String>,
        /// Other accounts that the path may go through.
        #[serde(default)]
        pub additional_accounts: Vec<String>,
        /// Resources that the path must go through.
        #[serde(default)]
        pub filter_in_arns: Vec<String>,
        /// Resources that the path must not go through.
        #[serde(default)]
        pub filter_out_arns: Vec<String>,
        /// When it began.
        pub start_date: Option<Time>,
        /// `running`, `succeeded` or `failed`.
        pub status: Option<String>,
        /// Why it failed.
        pub status_message: Option<String>,
        /// What it could not take into account.
        pub warning_message: Option<String>,
        /// Whether the destination can be reached from the source.
        pub network_path_found: Option<bool>,
        /// The hops from source to destination.
        #[serde(default)]
        pub forward_path_components: Vec<PathComponent>,
        /// Why there is no way.
        #[serde(default)]
        pub explanations: Vec<Explanation>,
        /// Accounts that may be on the way and were not given.
        #[serde(default)]
        pub suggested_accounts: Vec<String>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// A hop.
    pub struct PathComponent {
        /// Its place on the way.
        pub sequence_number: Option<i64>,
        /// What it is.
        pub component: Option<AnalysisComponent>,
        /// What it is attached to.
        pub attached_to: Option<AnalysisComponent>,
        /// Its VPC.
        pub vpc: Option<AnalysisComponent>,
        /// Its subnet.
        pub subnet: Option<AnalysisComponent>,
    }

    /// A resource on the way.
    pub struct AnalysisComponent {
        /// Its id.
        pub id: Option<String>,
        /// Its ARN.
        pub arn: Option<String>,
        /// Its name.
        pub name: Option<String>,
    }

    /// Why there is no way.
    pub struct Explanation {
        /// AWS's code: `ENI_SG_RULES_MISMATCH`, `NO_ROUTE_TO_DESTINATION`, …
        pub explanation_code: Option<String>,
        /// `ingress` or `egress`.
        pub direction: Option<String>,
        /// What stands in the way.
        pub component: Option<AnalysisComponent>,
        /// What is missing: `vpc`, `routeTable`, …
        pub missing_component: Option<String>,
    }
}
