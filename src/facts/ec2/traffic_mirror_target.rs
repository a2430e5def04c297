//! `ec2.traffic_mirror_target`: where mirrored traffic goes.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.traffic_mirror_target",
    doc: "A target of traffic mirroring, of this account or shared into it.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeTrafficMirrorTargets").paged(1_000)],
    id: "traffic_mirror_target_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:traffic-mirror-target/{id}"),
    name_field: None,
    shape: Shape::of::<TrafficMirrorTarget>(),
    facts: &[],
};

shape! { traffic_mirror_target_shapes:
    /// What DescribeTrafficMirrorTargets returns.
    pub struct TrafficMirrorTarget {
        /// The target's id.
        pub traffic_mirror_target_id: String,
        /// `network-interface`, `network-load-balancer` or `gateway-load-balancer-endpoint`.
        pub r#type: Option<String>,
        /// The interface, if it is one.
        pub network_interface_id: Option<String>,
        /// The Network Load Balancer, if it is one.
        pub network_load_balancer_arn: Option<String>,
        /// The Gateway Load Balancer endpoint, if it is one.
        pub gateway_load_balancer_endpoint_id: Option<String>,
        /// The account that owns the target.
        pub owner_id: Option<String>,
        /// What its owner wrote about it.
        pub description: Option<String>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }
}
