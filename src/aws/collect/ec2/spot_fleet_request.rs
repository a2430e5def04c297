//! `ec2.spot_fleet_request`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::spot_fleet_request::*;

spot_fleet_request_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    SpotFleetRequests: SpotFleetRequestConfig,
    describe_pages!(describe_spot_fleet_requests => page.spot_fleet_request_configs)
}
