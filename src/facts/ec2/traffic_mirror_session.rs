//! `ec2.traffic_mirror_session`: copies of an interface's traffic on their way to a target.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.traffic_mirror_session",
    doc: "A traffic mirror session: an interface's packets are copied to a target.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeTrafficMirrorSessions")
        .element("trafficMirrorSessionSet")
        .paged(1_000)],
    id: "traffic_mirror_session_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:traffic-mirror-session/{id}"),
    name_field: None,
    shape: Shape::of::<TrafficMirrorSession>(),
    facts: &[],
};

shape! { traffic_mirror_session_shapes:
    /// What DescribeTrafficMirrorSessions returns.
    pub struct TrafficMirrorSession {
        /// The session's id.
        pub traffic_mirror_session_id: String,
        /// Where the copies go.
        pub traffic_mirror_target_id: Option<String>,
        /// Which packets are copied.
        pub traffic_mirror_filter_id: Option<String>,
        /// The interface whose traffic is copied.
        pub network_interface_id: Option<String>,
        /// The account that owns the session.
        pub owner_id: Option<String>,
        /// How many bytes of a packet are copied; absent for all.
        pub packet_length: Option<i64>,
        /// Its place among the sessions of the interface; the first whose filter matches gets the
        /// packet.
        pub session_number: Option<i64>,
        /// The VXLAN id of the copies.
        pub virtual_network_id: Option<i64>,
        /// What its owner wrote about it.
        pub description: Option<String>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }
}
