//! `ec2.network_insights_access_scope_analysis`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::network_insights_access_scope_analysis::*;

network_insights_access_scope_analysis_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    NetworkInsightsAccessScopeAnalyses, KIND, NetworkInsightsAccessScopeAnalysis:
    describe_network_insights_access_scope_analyses => page.network_insights_access_scope_analyses
}
