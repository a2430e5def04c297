//! `ec2.network_insights_access_scope`: Network Access Scopes of Network Access Analyzer.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.network_insights_access_scope",
    doc: "A Network Access Scope: the network access that Network Access Analyzer looks for.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeNetworkInsightsAccessScopes").paged(100)],
    id: "network_insights_access_scope_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:network-insights-access-scope/{id}"),
    name_field: None,
    shape: Shape::of::<NetworkInsightsAccessScope>(),
    facts: &[],
};

shape! { network_insights_access_scope_shapes:
    /// What DescribeNetworkInsightsAccessScopes returns.
    pub struct NetworkInsightsAccessScope {
        /// The scope's id.
        pub network_insights_access_scope_id: String,
        /// The access scope's ARN.
        pub network_insights_access_scope_arn: Option<String>,
        /// When the access scope was created.
        pub created_date: Option<Time>,
        /// When the access scope was last updated.
        pub updated_date: Option<Time>,
        /// The access scope's tags.
        #[serde(default)]
        pub tags: Tags,
    }
}
