//! `ec2.traffic_mirror_session`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::traffic_mirror_session::*;

traffic_mirror_session_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    TrafficMirrorSessions: TrafficMirrorSession,
    describe_pages!(describe_traffic_mirror_sessions => page.traffic_mirror_sessions)
}
