//! `ec2.traffic_mirror_session`: everything is in the list.

use super::{PAGE, describe, mirror};
use crate::facts::ec2::traffic_mirror_session::*;

traffic_mirror_session_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    TrafficMirrorSessions, KIND, TrafficMirrorSession:
    describe_traffic_mirror_sessions.max_results(PAGE) => page.traffic_mirror_sessions
}
