//! `ec2.network_insights_analysis`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::network_insights_analysis::*;

network_insights_analysis_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    NetworkInsightsAnalyses, KIND, NetworkInsightsAnalysis:
    describe_network_insights_analyses => page.network_insights_analyses
}
