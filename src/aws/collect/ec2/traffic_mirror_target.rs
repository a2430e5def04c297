//! `ec2.traffic_mirror_target`: everything is in the list.

use super::{PAGE, describe, mirror};
use crate::facts::ec2::traffic_mirror_target::*;

traffic_mirror_target_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    TrafficMirrorTargets, KIND, TrafficMirrorTarget:
    describe_traffic_mirror_targets.max_results(PAGE) => page.traffic_mirror_targets
}
