//! `ec2.launch_template`: launch templates. Their settings are in their versions; the default and
//! the latest version can be read.

use super::shape;
use super::user_data::UserData;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.launch_template",
    doc: "A launch template.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeLaunchTemplates")
        .element("launchTemplates")
        .paged(200)
        .always(&["default_version_number", "latest_version_number"])],
    id: "launch_template_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:launch-template/{id}"),
    name_field: Some("launch_template_name"),
    shape: Shape::of::<LaunchTemplate>(),
    facts: &[
        FactSpec {
            name: "default_version",
            doc: "The default version of the launch template, which is used unless another version is specified.",
            call: ApiCall::new("ec2:DescribeLaunchTemplateVersions")
                .element("launchTemplateVersionSet")
                .paged(200)
                .for_all()
                .answer("LaunchTemplateVersions[VersionNumber=DefaultVersionNumber]")
                .always(&["launch_template_data"]),
            shape: Shape::of::<LaunchTemplateVersion>(),
        },
        FactSpec {
            name: "latest_version",
            doc: "The latest version of the launch template.",
            call: ApiCall::new("ec2:DescribeLaunchTemplateVersions")
                .element("launchTemplateVersionSet")
                .paged(200)
                .for_all()
                .answer("LaunchTemplateVersions[VersionNumber=LatestVersionNumber]")
                .always(&["launch_template_data"]),
            shape: Shape::of::<LaunchTemplateVersion>(),
        },
    ],
};

shape! { launch_template_shapes:
    /// What DescribeLaunchTemplates returns.
    pub struct LaunchTemplate {
        /// The template's id.
        pub launch_template_id: String,
        /// The template's name.
        pub launch_template_name: Option<String>,
        /// When the template was created.
        pub create_time: Option<Time>,
        /// The ARN of the principal that created the template.
        pub created_by: Option<String>,
        /// The number of the default version.
        pub default_version_number: Option<i64>,
        /// The number of the latest version.
        pub latest_version_number: Option<i64>,
        /// The service provider that manages the template.
        pub operator: Option<OperatorResponse>,
        /// The template's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// The service provider that manages a resource.
    pub struct OperatorResponse {
        /// Whether the resource is managed by a service provider.
        pub managed: Option<bool>,
        /// The service provider.
        pub principal: Option<String>,
    }

    /// A version of a launch template.
    pub struct LaunchTemplateVersion {
        /// The template's id.
        pub launch_template_id: String,
        /// The version's number.
        pub version_number: Option<i64>,
        /// The description (untrusted text).
        pub version_description: Option<String>,
        /// When the version was created.
        pub create_time: Option<Time>,
        /// The ARN of the principal that created the version.
        pub created_by: Option<String>,
        /// Whether the version is the default version.
        pub default_version: Option<bool>,
        /// The settings of the instances to launch.
        pub launch_template_data: Option<ResponseLaunchTemplateData>,
    }

    /// The settings of a launch template. Absent ones are set at launch or have their default.
    pub struct ResponseLaunchTemplateData {
        /// The image id, or `resolve:ssm:` followed by the parameter that holds it.
        pub image_id: Option<String>,
        /// The instance type: `t3.micro`, …
        pub instance_type: Option<String>,
        /// The name of the key pair.
        pub key_name: Option<String>,
        /// The instance profile.
        pub iam_instance_profile: Option<LaunchTemplateIamInstanceProfileSpecification>,
        /// The instance metadata options.
        pub metadata_options: Option<LaunchTemplateInstanceMetadataOptions>,
        /// The network interfaces.
        #[serde(default)]
        pub network_interfaces: Vec<LaunchTemplateInstanceNetworkInterfaceSpecification>,
        /// The ids of security groups, if they are not set per network interface.
        #[serde(default)]
        pub security_group_ids: Vec<String>,
        /// The names of security groups.
        #[serde(default)]
        pub security_groups: Vec<String>,
        /// The block device mappings.
        #[serde(default)]
        pub block_device_mappings: Vec<LaunchTemplateBlockDeviceMapping>,
        /// Whether the instance is EBS-optimized.
        pub ebs_optimized: Option<bool>,
        /// Information about the user data; its content is not stored.
        pub user_data: UserData,
        /// The monitoring setting.
        pub monitoring: Option<LaunchTemplatesMonitoring>,
        /// The placement.
        pub placement: Option<LaunchTemplatePlacement>,
        /// Whether termination protection is enabled.
        pub disable_api_termination: Option<bool>,
        /// Whether stop protection is enabled.
        pub disable_api_stop: Option<bool>,
        /// What happens when an instance is shut down from its operating system: `stop` or
        /// `terminate`.
        pub instance_initiated_shutdown_behavior: Option<String>,
        /// The purchasing option, such as Spot.
        pub instance_market_options: Option<LaunchTemplateInstanceMarketOptions>,
        /// The CPU credit option of burstable instances.
        pub credit_specification: Option<CreditSpecification>,
        /// The Nitro Enclaves setting.
        pub enclave_options: Option<LaunchTemplateEnclaveOptions>,
        /// The hibernation setting.
        pub hibernation_options: Option<LaunchTemplateHibernationOptions>,
        /// The maintenance options.
        pub maintenance_options: Option<LaunchTemplateInstanceMaintenanceOptions>,
        /// The tags of the resources that are created at launch.
        #[serde(default)]
        pub tag_specifications: Vec<LaunchTemplateTagSpecification>,
    }

    /// An instance profile.
    pub struct LaunchTemplateIamInstanceProfileSpecification {
        /// The ARN, if the instance profile is specified by ARN.
        pub arn: Option<String>,
        /// The name, if the instance profile is specified by name.
        pub name: Option<String>,
    }

    /// The options of the instance metadata service (IMDS).
    pub struct LaunchTemplateInstanceMetadataOptions {
        /// `required`: only IMDSv2 works. `optional`: IMDSv1 works too.
        pub http_tokens: Option<String>,
        /// `enabled` or `disabled`.
        pub http_endpoint: Option<String>,
        /// The hop limit of the responses to PUT requests, which carry the IMDSv2 token.
        pub http_put_response_hop_limit: Option<i64>,
        /// Whether IMDS has an IPv6 endpoint: `enabled` or `disabled`.
        pub http_protocol_ipv6: Option<String>,
        /// Whether instance tags are available from IMDS: `enabled` or `disabled`.
        pub instance_metadata_tags: Option<String>,
    }

    /// A network interface.
    pub struct LaunchTemplateInstanceNetworkInterfaceSpecification {
        /// The device index; 0 for the primary interface.
        pub device_index: Option<i64>,
        /// Whether the network interface gets a public IPv4 address; if absent, the subnet's
        /// setting applies.
        pub associate_public_ip_address: Option<bool>,
        /// Whether the network interface gets a carrier IP address, in a Wavelength Zone.
        pub associate_carrier_ip_address: Option<bool>,
        /// The type of the interface: `interface`, `efa`, …
        pub interface_type: Option<String>,
        /// The id of an existing network interface.
        pub network_interface_id: Option<String>,
        /// The network interface's subnet.
        pub subnet_id: Option<String>,
        /// The ids of the network interface's security groups.
        #[serde(default)]
        pub groups: Vec<String>,
        /// The number of IPv6 addresses to assign.
        pub ipv6_address_count: Option<i64>,
        /// Whether the network interface is deleted when the instance is terminated.
        pub delete_on_termination: Option<bool>,
    }

    /// A block device mapping.
    pub struct LaunchTemplateBlockDeviceMapping {
        /// The device name.
        pub device_name: Option<String>,
        /// The virtual device of an instance store volume: `ephemeral0`, …
        pub virtual_name: Option<String>,
        /// The EBS volume.
        pub ebs: Option<LaunchTemplateEbsBlockDevice>,
    }

    /// An EBS volume.
    pub struct LaunchTemplateEbsBlockDevice {
        /// Whether the volume is encrypted; if absent, this depends on the snapshot and on
        /// encryption by default.
        pub encrypted: Option<bool>,
        /// The KMS key.
        pub kms_key_id: Option<String>,
        /// The snapshot that the volume is created from.
        pub snapshot_id: Option<String>,
        /// The size in GiB.
        pub volume_size: Option<i64>,
        /// The volume type: `gp3`, `io2`, …
        pub volume_type: Option<String>,
        /// The provisioned IOPS.
        pub iops: Option<i64>,
        /// The provisioned throughput in MiB/s.
        pub throughput: Option<i64>,
        /// Whether the volume is deleted when the instance is terminated.
        pub delete_on_termination: Option<bool>,
    }

    /// The monitoring setting.
    pub struct LaunchTemplatesMonitoring {
        /// Whether detailed monitoring is enabled.
        pub enabled: Option<bool>,
    }

    /// The placement of instances.
    pub struct LaunchTemplatePlacement {
        /// The Availability Zone.
        pub availability_zone: Option<String>,
        /// The placement group.
        pub group_name: Option<String>,
        /// `default`, `dedicated` or `host`.
        pub tenancy: Option<String>,
        /// The id of the Dedicated Host.
        pub host_id: Option<String>,
    }

    /// The purchasing option.
    pub struct LaunchTemplateInstanceMarketOptions {
        /// `spot`, `capacity-block`, `interruptible-capacity-reservation` or `on-demand`.
        pub market_type: Option<String>,
        /// The options of Spot Instances.
        pub spot_options: Option<LaunchTemplateSpotMarketOptions>,
    }

    /// The options of Spot Instances.
    pub struct LaunchTemplateSpotMarketOptions {
        /// The maximum price per hour, in US dollars.
        pub max_price: Option<String>,
        /// `one-time` or `persistent`.
        pub spot_instance_type: Option<String>,
        /// `hibernate`, `stop` or `terminate`.
        pub instance_interruption_behavior: Option<String>,
    }

    /// The CPU credit option.
    pub struct CreditSpecification {
        /// `standard` or `unlimited`.
        pub cpu_credits: Option<String>,
    }

    /// The Nitro Enclaves setting.
    pub struct LaunchTemplateEnclaveOptions {
        /// Whether Nitro Enclaves is enabled.
        pub enabled: Option<bool>,
    }

    /// The hibernation setting.
    pub struct LaunchTemplateHibernationOptions {
        /// Whether hibernation is enabled.
        pub configured: Option<bool>,
    }

    /// The maintenance options.
    pub struct LaunchTemplateInstanceMaintenanceOptions {
        /// Automatic recovery: `default` or `disabled`.
        pub auto_recovery: Option<String>,
    }

    /// The tags of one type of resource.
    pub struct LaunchTemplateTagSpecification {
        /// `instance`, `volume`, `network-interface`, …
        pub resource_type: Option<String>,
        /// The tags.
        #[serde(default)]
        pub tags: Tags,
    }
}
