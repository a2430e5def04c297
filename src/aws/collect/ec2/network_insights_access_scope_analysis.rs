//! `ec2.network_insights_access_scope_analysis`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::network_insights_access_scope_analysis::*;

network_insights_access_scope_analysis_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    NetworkInsightsAccessScopeAnalyses: NetworkInsightsAccessScopeAnalysis,
    describe_pages!(describe_network_insights_access_scope_analyses => page.network_insights_access_scope_analyses)
}
