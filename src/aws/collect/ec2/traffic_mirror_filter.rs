//! `ec2.traffic_mirror_filter`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::traffic_mirror_filter::*;

traffic_mirror_filter_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    TrafficMirrorFilters: TrafficMirrorFilter,
    describe_pages!(describe_traffic_mirror_filters => page.traffic_mirror_filters)
}
