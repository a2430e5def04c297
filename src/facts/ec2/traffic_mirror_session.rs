//! `ec2.traffic_mirror_session`: traffic mirror sessions.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.traffic_mirror_session",
    doc: "A traffic mirror session, which copies packets of a network interface to a target.",
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
        /// The traffic mirror target.
        pub traffic_mirror_target_id: Option<String>,
        /// The traffic mirror filter.
        pub traffic_mirror_filter_id: Option<String>,
        /// The network interface whose traffic is mirrored.
        pub network_interface_id: Option<String>,
        /// The account that owns the session.
        pub owner_id: Option<String>,
        /// The number of bytes of each packet to mirror; absent for the whole packet.
        pub packet_length: Option<i64>,
        /// The session number, which determines the order in which the sessions of an interface are
        /// evaluated; the first session with a matching filter gets the packet.
        pub session_number: Option<i64>,
        /// The VXLAN id of the mirrored traffic.
        pub virtual_network_id: Option<i64>,
        /// The description set by the session's owner.
        pub description: Option<String>,
        /// The session's tags.
        #[serde(default)]
        pub tags: Tags,
    }
}
