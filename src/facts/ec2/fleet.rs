//! `ec2.fleet`: EC2 fleets. Those of type `instant` are not listed by AWS.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.fleet",
    doc: "An EC2 fleet of type `maintain` or `request`.",
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
        /// When it was made.
        pub create_time: Option<Time>,
        /// Since when it is valid.
        pub valid_from: Option<Time>,
        /// Until when it is valid.
        pub valid_until: Option<Time>,
        /// Whether its instances end when it expires.
        pub terminate_instances_with_expiration: Option<bool>,
        /// Whether instances that fail their checks are replaced.
        pub replace_unhealthy_instances: Option<bool>,
        /// `termination` or `no-termination`, when the target shrinks.
        pub excess_capacity_termination_policy: Option<String>,
        /// Capacity that it has.
        pub fulfilled_capacity: Option<f64>,
        /// Capacity of that on demand.
        pub fulfilled_on_demand_capacity: Option<f64>,
        /// Capacity that it aims at.
        pub target_capacity_specification: Option<TargetCapacitySpecification>,
        /// The launch templates it launches.
        #[serde(default)]
        pub launch_template_configs: Vec<FleetLaunchTemplateConfig>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// Capacity that a fleet aims at.
    pub struct TargetCapacitySpecification {
        /// In all.
        pub total_target_capacity: Option<i64>,
        /// On demand.
        pub on_demand_target_capacity: Option<i64>,
        /// Spot.
        pub spot_target_capacity: Option<i64>,
        /// What the rest is: `spot`, `on-demand` or `capacity-block`.
        pub default_target_capacity_type: Option<String>,
    }

    /// A launch template of a fleet.
    pub struct FleetLaunchTemplateConfig {
        /// The template.
        pub launch_template_specification: Option<FleetLaunchTemplateSpecification>,
        /// What differs from it.
        #[serde(default)]
        pub overrides: Vec<FleetLaunchTemplateOverrides>,
    }

    /// A version of a launch template, by reference.
    pub struct FleetLaunchTemplateSpecification {
        /// The template's id.
        pub launch_template_id: Option<String>,
        /// Its name.
        pub launch_template_name: Option<String>,
        /// A number, `$Default` or `$Latest`.
        pub version: Option<String>,
    }

    /// What a fleet launches differently.
    pub struct FleetLaunchTemplateOverrides {
        /// `t3.micro`, …
        pub instance_type: Option<String>,
        /// The image.
        pub image_id: Option<String>,
        /// The subnet.
        pub subnet_id: Option<String>,
        /// The availability zone.
        pub availability_zone: Option<String>,
        /// The most to pay per hour.
        pub max_price: Option<String>,
    }
}
