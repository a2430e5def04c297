//! `ec2.spot_fleet_request`: Spot Fleet requests. The user data in launch specifications is
//! inspected for secrets, but not kept.

use super::fleet::FleetLaunchTemplateSpecification;
use super::image::BlockDeviceMapping;
use super::instance::GroupIdentifier;
use super::shape;
use super::user_data::UserData;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.spot_fleet_request",
    doc: "A Spot Fleet request.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeSpotFleetRequests")
        .paged(1_000)
        .answer("SpotFleetRequestConfigs")
        .always(&[
            "spot_fleet_request_state",
            "spot_fleet_request_config",
            "spot_fleet_request_config.launch_specifications|launch_template_configs",
        ])],
    id: "spot_fleet_request_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:spot-fleet-request/{id}"),
    name_field: None,
    shape: Shape::of::<SpotFleetRequestConfig>(),
    facts: &[],
};

shape! { spot_fleet_request_shapes:
    /// What DescribeSpotFleetRequests returns.
    pub struct SpotFleetRequestConfig {
        /// The request's id.
        pub spot_fleet_request_id: String,
        /// `submitted`, `active`, `modifying`, `failed`, `cancelled`, `cancelled_running` or
        /// `cancelled_terminating`.
        pub spot_fleet_request_state: Option<String>,
        /// `pending_fulfillment`, `pending_termination`, `fulfilled` or `error`.
        pub activity_status: Option<String>,
        /// When the request was created.
        pub create_time: Option<Time>,
        /// The configuration of the request.
        pub spot_fleet_request_config: Option<SpotFleetRequestConfigData>,
        /// The request's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// The configuration of a Spot Fleet request.
    pub struct SpotFleetRequestConfigData {
        /// The ARN of the IAM role that manages the fleet.
        pub iam_fleet_role: Option<String>,
        /// `maintain` or `request`.
        pub r#type: Option<String>,
        /// `lowestPrice`, `diversified`, `capacityOptimized`, …
        pub allocation_strategy: Option<String>,
        /// The target capacity.
        pub target_capacity: Option<i64>,
        /// The On-Demand part of that capacity.
        pub on_demand_target_capacity: Option<i64>,
        /// The capacity that is fulfilled.
        pub fulfilled_capacity: Option<f64>,
        /// The maximum price per unit hour.
        pub spot_price: Option<String>,
        /// The start of the request's validity.
        pub valid_from: Option<Time>,
        /// The end of the request's validity.
        pub valid_until: Option<Time>,
        /// Whether the request's instances are terminated when the request expires.
        pub terminate_instances_with_expiration: Option<bool>,
        /// Whether unhealthy instances are replaced.
        pub replace_unhealthy_instances: Option<bool>,
        /// `hibernate`, `stop` or `terminate`.
        pub instance_interruption_behavior: Option<String>,
        /// The launch specifications, if no launch templates are used.
        #[serde(default)]
        pub launch_specifications: Vec<SpotFleetLaunchSpecification>,
        /// The launch templates with their overrides.
        #[serde(default)]
        pub launch_template_configs: Vec<LaunchTemplateConfig>,
    }

    /// A launch specification.
    pub struct SpotFleetLaunchSpecification {
        /// The image.
        pub image_id: Option<String>,
        /// The instance type: `t3.micro`, …
        pub instance_type: Option<String>,
        /// The name of the key pair.
        pub key_name: Option<String>,
        /// The instance profile.
        pub iam_instance_profile: Option<IamInstanceProfileSpecification>,
        /// The subnets, separated by commas.
        pub subnet_id: Option<String>,
        /// The security groups.
        #[serde(default)]
        pub security_groups: Vec<GroupIdentifier>,
        /// The network interfaces.
        #[serde(default)]
        pub network_interfaces: Vec<InstanceNetworkInterfaceSpecification>,
        /// The block device mappings.
        #[serde(default)]
        pub block_device_mappings: Vec<BlockDeviceMapping>,
        /// Whether the instance is EBS-optimized.
        pub ebs_optimized: Option<bool>,
        /// The monitoring setting.
        pub monitoring: Option<SpotFleetMonitoring>,
        /// Information about the user data; its content is not stored.
        pub user_data: UserData,
    }

    /// An instance profile.
    pub struct IamInstanceProfileSpecification {
        /// The ARN, if the instance profile is specified by ARN.
        pub arn: Option<String>,
        /// The name, if the instance profile is specified by name.
        pub name: Option<String>,
    }

    /// A network interface.
    pub struct InstanceNetworkInterfaceSpecification {
        /// The device index; 0 for the primary interface.
        pub device_index: Option<i64>,
        /// Whether the network interface gets a public IPv4 address; if absent, the subnet's
        /// setting applies.
        pub associate_public_ip_address: Option<bool>,
        /// The network interface's subnet.
        pub subnet_id: Option<String>,
        /// The ids of the network interface's security groups.
        #[serde(default)]
        pub groups: Vec<String>,
    }

    /// The monitoring setting.
    pub struct SpotFleetMonitoring {
        /// Whether detailed monitoring is enabled.
        pub enabled: Option<bool>,
    }

    /// A launch template and its overrides.
    pub struct LaunchTemplateConfig {
        /// The launch template and version.
        pub launch_template_specification: Option<FleetLaunchTemplateSpecification>,
        /// The settings that override the launch template.
        #[serde(default)]
        pub overrides: Vec<LaunchTemplateOverrides>,
    }

    /// The overrides of a launch template.
    pub struct LaunchTemplateOverrides {
        /// The instance type: `t3.micro`, …
        pub instance_type: Option<String>,
        /// The subnet.
        pub subnet_id: Option<String>,
        /// The Availability Zone.
        pub availability_zone: Option<String>,
        /// The maximum price per hour.
        pub spot_price: Option<String>,
    }
}
