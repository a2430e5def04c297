//! `ec2.spot_fleet_request`: spot fleet requests. User data of their launch specifications is
//! looked into and dropped.

use super::fleet::FleetLaunchTemplateSpecification;
use super::image::BlockDeviceMapping;
use super::instance::GroupIdentifier;
use super::shape;
use super::user_data::UserData;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.spot_fleet_request",
    doc: "A spot fleet request.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeSpotFleetRequests")
        .paged(1_000)
        .answer("SpotFleetRequestConfigs")],
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
        /// When it was made.
        pub create_time: Option<Time>,
        /// What it asks for.
        pub spot_fleet_request_config: Option<SpotFleetRequestConfigData>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// What a spot fleet asks for.
    pub struct SpotFleetRequestConfigData {
        /// ARN of the role that manages the fleet.
        pub iam_fleet_role: Option<String>,
        /// `maintain` or `request`.
        pub r#type: Option<String>,
        /// `lowestPrice`, `diversified`, `capacityOptimized`, …
        pub allocation_strategy: Option<String>,
        /// Capacity that it aims at.
        pub target_capacity: Option<i64>,
        /// Capacity of that on demand.
        pub on_demand_target_capacity: Option<i64>,
        /// Capacity that it has.
        pub fulfilled_capacity: Option<f64>,
        /// The most to pay per hour and instance.
        pub spot_price: Option<String>,
        /// Since when it is valid.
        pub valid_from: Option<Time>,
        /// Until when it is valid.
        pub valid_until: Option<Time>,
        /// Whether its instances end when it expires.
        pub terminate_instances_with_expiration: Option<bool>,
        /// Whether instances that fail their checks are replaced.
        pub replace_unhealthy_instances: Option<bool>,
        /// `hibernate`, `stop` or `terminate`.
        pub instance_interruption_behavior: Option<String>,
        /// What it launches, where that stands in the request itself.
        #[serde(default)]
        pub launch_specifications: Vec<SpotFleetLaunchSpecification>,
        /// The launch templates it launches.
        #[serde(default)]
        pub launch_template_configs: Vec<LaunchTemplateConfig>,
    }

    /// What a spot fleet launches.
    pub struct SpotFleetLaunchSpecification {
        /// The image.
        pub image_id: Option<String>,
        /// `t3.micro`, …
        pub instance_type: Option<String>,
        /// The name of the key pair.
        pub key_name: Option<String>,
        /// The instance profile.
        pub iam_instance_profile: Option<IamInstanceProfileSpecification>,
        /// Subnets, with commas in between.
        pub subnet_id: Option<String>,
        /// Security groups.
        #[serde(default)]
        pub security_groups: Vec<GroupIdentifier>,
        /// Network interfaces.
        #[serde(default)]
        pub network_interfaces: Vec<InstanceNetworkInterfaceSpecification>,
        /// Volumes.
        #[serde(default)]
        pub block_device_mappings: Vec<BlockDeviceMapping>,
        /// Whether it is optimized for EBS.
        pub ebs_optimized: Option<bool>,
        /// Detailed monitoring.
        pub monitoring: Option<SpotFleetMonitoring>,
        /// User data, without its content.
        pub user_data: UserData,
    }

    /// An instance profile.
    pub struct IamInstanceProfileSpecification {
        /// Its ARN, where that is given.
        pub arn: Option<String>,
        /// Its name, where that is given.
        pub name: Option<String>,
    }

    /// A network interface.
    pub struct InstanceNetworkInterfaceSpecification {
        /// Its index; 0 for the primary one.
        pub device_index: Option<i64>,
        /// Whether it gets a public IPv4 address; absent leaves it to the subnet.
        pub associate_public_ip_address: Option<bool>,
        /// Its subnet.
        pub subnet_id: Option<String>,
        /// Ids of its security groups.
        #[serde(default)]
        pub groups: Vec<String>,
    }

    /// Detailed monitoring.
    pub struct SpotFleetMonitoring {
        /// Whether it is on.
        pub enabled: Option<bool>,
    }

    /// A launch template of a spot fleet.
    pub struct LaunchTemplateConfig {
        /// The template.
        pub launch_template_specification: Option<FleetLaunchTemplateSpecification>,
        /// What differs from it.
        #[serde(default)]
        pub overrides: Vec<LaunchTemplateOverrides>,
    }

    /// What a spot fleet launches differently.
    pub struct LaunchTemplateOverrides {
        /// `t3.micro`, …
        pub instance_type: Option<String>,
        /// The subnet.
        pub subnet_id: Option<String>,
        /// The availability zone.
        pub availability_zone: Option<String>,
        /// The most to pay per hour.
        pub spot_price: Option<String>,
    }
}
