//! `ec2.network_insights_access_scope`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::network_insights_access_scope::*;

network_insights_access_scope_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    NetworkInsightsAccessScopes, KIND, NetworkInsightsAccessScope:
    describe_network_insights_access_scopes => page.network_insights_access_scopes
}
