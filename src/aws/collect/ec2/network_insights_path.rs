//! `ec2.network_insights_path`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::network_insights_path::*;

network_insights_path_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    NetworkInsightsPaths: NetworkInsightsPath,
    describe_pages!(describe_network_insights_paths => page.network_insights_paths)
}
