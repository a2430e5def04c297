//! `ec2.network_insights_access_scope`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::network_insights_access_scope::*;

network_insights_access_scope_shapes!(mirror, aws_sdk_ec2::types);

/// Network insights have smaller pages than the rest of EC2.
const PAGE: i32 = 100;

describe! {
    NetworkInsightsAccessScopes, KIND, NetworkInsightsAccessScope:
    describe_network_insights_access_scopes.max_results(PAGE) => page.network_insights_access_scopes
}
