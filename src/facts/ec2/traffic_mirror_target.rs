//! `ec2.traffic_mirror_target`: traffic mirror targets, the destinations of mirrored traffic.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.traffic_mirror_target",
    doc: "A traffic mirror target, owned by the account or shared with it.",
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
        /// The network interface, if the target is one.
        pub network_interface_id: Option<String>,
        /// The Network Load Balancer, if the target is one.
        pub network_load_balancer_arn: Option<String>,
        /// The Gateway Load Balancer endpoint, if the target is one.
        pub gateway_load_balancer_endpoint_id: Option<String>,
        /// The account that owns the target.
        pub owner_id: Option<String>,
        /// The description set by the target's owner.
        pub description: Option<String>,
        /// The target's tags.
        #[serde(default)]
        pub tags: Tags,
    }
}
