//! `ec2.network_insights_access_scope`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::network_insights_access_scope::*;

network_insights_access_scope_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    NetworkInsightsAccessScopes: NetworkInsightsAccessScope,
    describe_pages!(describe_network_insights_access_scopes => page.network_insights_access_scopes)
}
