//! `ec2.traffic_mirror_filter`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::traffic_mirror_filter::*;

traffic_mirror_filter_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    TrafficMirrorFilters, KIND, TrafficMirrorFilter:
    describe_traffic_mirror_filters => page.traffic_mirror_filters
}
