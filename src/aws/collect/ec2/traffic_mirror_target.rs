//! `ec2.traffic_mirror_target`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::traffic_mirror_target::*;

traffic_mirror_target_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    TrafficMirrorTargets: TrafficMirrorTarget,
    describe_pages!(describe_traffic_mirror_targets => page.traffic_mirror_targets)
}
