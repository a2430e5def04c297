//! `ec2.traffic_mirror_session`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::traffic_mirror_session::*;

traffic_mirror_session_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    TrafficMirrorSessions, KIND, TrafficMirrorSession:
    describe_traffic_mirror_sessions => page.traffic_mirror_sessions
}
