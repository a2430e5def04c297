//! `ec2.network_insights_analysis`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::network_insights_analysis::*;

network_insights_analysis_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    NetworkInsightsAnalyses: NetworkInsightsAnalysis,
    describe_pages!(describe_network_insights_analyses => page.network_insights_analyses)
}
