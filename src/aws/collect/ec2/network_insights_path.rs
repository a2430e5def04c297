//! `ec2.network_insights_path`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::network_insights_path::*;

network_insights_path_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    NetworkInsightsPaths, KIND, NetworkInsightsPath:
    describe_network_insights_paths => page.network_insights_paths
}
