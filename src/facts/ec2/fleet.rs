//! `ec2.fleet`: EC2 Fleets. AWS does not list those of type `instant`.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.fleet",
    doc: "An EC2 Fleet of type `maintain` or `request`.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeFleets").paged(1_000)],
    id: "fleet_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:fleet/{id}"),
    name_field: None,
    shape: Shape::of::<FleetData>(),
    facts: &[],
};

shape! { fleet_shapes:
    /// What DescribeFleets returns.
    pub struct FleetData {
        /// The fleet's id.
        pub fleet_id: String,
        /// `submitted`, `active`, `modifying`, `failed`, `deleted`, `deleted_running` or
        /// `deleted_terminating`.
        pub fleet_state: Option<String>,
        /// `pending_fulfillment`, `pending_termination`, `fulfilled` or `error`.
        pub activity_status: Option<String>,
        /// `maintain` or `request`.
        pub r#type: Option<String>,
        /// When the fleet was created.
        pub create_time: Option<Time>,
        /// The start of the request's validity.
        pub valid_from: Option<Time>,
        /// The end of the request's validity.
        pub valid_until: Option<Time>,
        /// Whether the fleet's instances are terminated when the request expires.
        pub terminate_instances_with_expiration: Option<bool>,
        /// Whether unhealthy instances are replaced.
        pub replace_unhealthy_instances: Option<bool>,
        /// `termination` or `no-termination`: what happens to excess instances if the target
        /// capacity is reduced.
        pub excess_capacity_termination_policy: Option<String>,
        /// The capacity that is fulfilled.
        pub fulfilled_capacity: Option<f64>,
        /// The On-Demand part of that capacity.
        pub fulfilled_on_demand_capacity: Option<f64>,
        /// The target capacity.
        pub target_capacity_specification: Option<TargetCapacitySpecification>,
        /// The launch templates with their overrides.
        #[serde(default)]
        pub launch_template_configs: Vec<FleetLaunchTemplateConfig>,
        /// The fleet's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// The target capacity of a fleet.
    pub struct TargetCapacitySpecification {
        /// The total target capacity.
        pub total_target_capacity: Option<i64>,
        /// The On-Demand target capacity.
        pub on_demand_target_capacity: Option<i64>,
        /// The Spot target capacity.
        pub spot_target_capacity: Option<i64>,
        /// The type of the remaining capacity: `spot`, `on-demand` or `capacity-block`.
        pub default_target_capacity_type: Option<String>,
    }

    /// A launch template and its overrides.
    pub struct FleetLaunchTemplateConfig {
        /// The launch template and version.
        pub launch_template_specification: Option<FleetLaunchTemplateSpecification>,
        /// The settings that override the launch template.
        #[serde(default)]
        pub overrides: Vec<FleetLaunchTemplateOverrides>,
    }

    /// A reference to a version of a launch template.
    pub struct FleetLaunchTemplateSpecification {
        /// The template's id.
        pub launch_template_id: Option<String>,
        /// The template's name.
        pub launch_template_name: Option<String>,
        /// The version number, `$Default` or `$Latest`.
        pub version: Option<String>,
    }

    /// The overrides of a launch template.
    pub struct FleetLaunchTemplateOverrides {
        /// The instance type: `t3.micro`, …
        pub instance_type: Option<String>,
        /// The image.
        pub image_id: Option<String>,
        /// The subnet.
        pub subnet_id: Option<String>,
        /// The Availability Zone.
        pub availability_zone: Option<String>,
        /// The maximum price per hour.
        pub max_price: Option<String>,
    }
}
