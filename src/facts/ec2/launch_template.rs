//! `ec2.launch_template`: launch templates. What they launch is in their versions, of which the
//! default and the latest can be read.

use super::shape;
use super::user_data::UserData;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.launch_template",
    doc: "A launch template.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeLaunchTemplates").element("launchTemplates").paged(200)],
    id: "launch_template_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:launch-template/{id}"),
    name_field: Some("launch_template_name"),
    shape: Shape::of::<LaunchTemplate>(),
    facts: &[
        FactSpec {
            name: "default_version",
            doc: "The version that is used where none is named.",
            call: ApiCall::new("ec2:DescribeLaunchTemplateVersions")
                .element("launchTemplateVersionSet")
                .paged(200)
                .for_all()
                .answer("LaunchTemplateVersions[VersionNumber=DefaultVersionNumber]"),
            shape: Shape::of::<LaunchTemplateVersion>(),
        },
        FactSpec {
            name: "latest_version",
            doc: "The newest version.",
            call: ApiCall::new("ec2:DescribeLaunchTemplateVersions")
                .element("launchTemplateVersionSet")
                .paged(200)
                .for_all()
                .answer("LaunchTemplateVersions[VersionNumber=LatestVersionNumber]"),
            shape: Shape::of::<LaunchTemplateVersion>(),
        },
    ],
};

shape! { launch_template_shapes:
    /// What DescribeLaunchTemplates returns.
    pub struct LaunchTemplate {
        /// The template's id.
        pub launch_template_id: String,
        /// Its name.
        pub launch_template_name: Option<String>,
        /// When it was made.
        pub create_time: Option<Time>,
        /// ARN of who made it.
        pub created_by: Option<String>,
        /// Number of its default version.
        pub default_version_number: Option<i64>,
        /// Number of its newest version.
        pub latest_version_number: Option<i64>,
        /// The service that manages it, if one does.
        pub operator: Option<OperatorResponse>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// Who manages a resource in the account's stead.
    pub struct OperatorResponse {
        /// Whether somebody does.
        pub managed: Option<bool>,
        /// The service.
        pub principal: Option<String>,
    }

    /// A version of a launch template.
    pub struct LaunchTemplateVersion {
        /// The template's id.
        pub launch_template_id: String,
        /// The version's number.
        pub version_number: Option<i64>,
        /// Its description. Untrusted text.
        pub version_description: Option<String>,
        /// When it was made.
        pub create_time: Option<Time>,
        /// ARN of who made it.
        pub created_by: Option<String>,
        /// Whether it is the default.
        pub default_version: Option<bool>,
        /// What it launches.
        pub launch_template_data: Option<ResponseLaunchTemplateData>,
    }

    /// What a launch template launches. What is absent is left to the launch, or to the defaults.
    pub struct ResponseLaunchTemplateData {
        /// The image, or `resolve:ssm:` and the parameter that names it.
        pub image_id: Option<String>,
        /// `t3.micro`, …
        pub instance_type: Option<String>,
        /// The name of the key pair.
        pub key_name: Option<String>,
        /// The instance profile.
        pub iam_instance_profile: Option<LaunchTemplateIamInstanceProfileSpecification>,
        /// Options of the instance metadata service.
        pub metadata_options: Option<LaunchTemplateInstanceMetadataOptions>,
        /// Network interfaces.
        #[serde(default)]
        pub network_interfaces: Vec<LaunchTemplateInstanceNetworkInterfaceSpecification>,
        /// Ids of security groups, where no network interface names them.
        #[serde(default)]
        pub security_group_ids: Vec<String>,
        /// Names of security groups.
        #[serde(default)]
        pub security_groups: Vec<String>,
        /// Volumes.
        #[serde(default)]
        pub block_device_mappings: Vec<LaunchTemplateBlockDeviceMapping>,
        /// Whether it is optimized for EBS.
        pub ebs_optimized: Option<bool>,
        /// User data, without its content.
        pub user_data: UserData,
        /// Detailed monitoring.
        pub monitoring: Option<LaunchTemplatesMonitoring>,
        /// Placement.
        pub placement: Option<LaunchTemplatePlacement>,
        /// Protection against termination through the API.
        pub disable_api_termination: Option<bool>,
        /// Protection against stopping through the API.
        pub disable_api_stop: Option<bool>,
        /// What a shutdown from inside does: `stop` or `terminate`.
        pub instance_initiated_shutdown_behavior: Option<String>,
        /// Spot and other ways to buy.
        pub instance_market_options: Option<LaunchTemplateInstanceMarketOptions>,
        /// CPU credits of burstable types.
        pub credit_specification: Option<CreditSpecification>,
        /// Nitro Enclaves.
        pub enclave_options: Option<LaunchTemplateEnclaveOptions>,
        /// Hibernation.
        pub hibernation_options: Option<LaunchTemplateHibernationOptions>,
        /// Recovery.
        pub maintenance_options: Option<LaunchTemplateInstanceMaintenanceOptions>,
        /// Tags of what it launches.
        #[serde(default)]
        pub tag_specifications: Vec<LaunchTemplateTagSpecification>,
    }

    /// An instance profile.
    pub struct LaunchTemplateIamInstanceProfileSpecification {
        /// Its ARN, where that is given.
        pub arn: Option<String>,
        /// Its name, where that is given.
        pub name: Option<String>,
    }

    /// Options of the instance metadata service (IMDS).
    pub struct LaunchTemplateInstanceMetadataOptions {
        /// `required`: IMDSv2 only. `optional`: IMDSv1 works too.
        pub http_tokens: Option<String>,
        /// `enabled` or `disabled`.
        pub http_endpoint: Option<String>,
        /// How many network hops a token's answer may travel.
        pub http_put_response_hop_limit: Option<i64>,
        /// Whether IMDS answers over IPv6: `enabled` or `disabled`.
        pub http_protocol_ipv6: Option<String>,
        /// Whether tags can be read through IMDS: `enabled` or `disabled`.
        pub instance_metadata_tags: Option<String>,
    }

    /// A network interface.
    pub struct LaunchTemplateInstanceNetworkInterfaceSpecification {
        /// Its index; 0 for the primary one.
        pub device_index: Option<i64>,
        /// Whether it gets a public IPv4 address; absent leaves it to the subnet.
        pub associate_public_ip_address: Option<bool>,
        /// Whether it gets a carrier address in a Wavelength zone.
        pub associate_carrier_ip_address: Option<bool>,
        /// `interface`, `efa`, …
        pub interface_type: Option<String>,
        /// An interface that exists already.
        pub network_interface_id: Option<String>,
        /// Its subnet.
        pub subnet_id: Option<String>,
        /// Ids of its security groups.
        #[serde(default)]
        pub groups: Vec<String>,
        /// How many IPv6 addresses it gets.
        pub ipv6_address_count: Option<i64>,
        /// Whether it goes when the instance does.
        pub delete_on_termination: Option<bool>,
    }

    /// A volume.
    pub struct LaunchTemplateBlockDeviceMapping {
        /// The device name.
        pub device_name: Option<String>,
        /// `ephemeral0`, …, for an instance store volume.
        pub virtual_name: Option<String>,
        /// The EBS volume.
        pub ebs: Option<LaunchTemplateEbsBlockDevice>,
    }

    /// An EBS volume.
    pub struct LaunchTemplateEbsBlockDevice {
        /// Whether it is encrypted; absent leaves it to the snapshot and to encryption by default.
        pub encrypted: Option<bool>,
        /// The KMS key.
        pub kms_key_id: Option<String>,
        /// The snapshot it is made of.
        pub snapshot_id: Option<String>,
        /// Size in GiB.
        pub volume_size: Option<i64>,
        /// `gp3`, `io2`, …
        pub volume_type: Option<String>,
        /// Provisioned operations per second.
        pub iops: Option<i64>,
        /// Provisioned throughput in MiB/s.
        pub throughput: Option<i64>,
        /// Whether the volume goes when the instance does.
        pub delete_on_termination: Option<bool>,
    }

    /// Detailed monitoring.
    pub struct LaunchTemplatesMonitoring {
        /// Whether it is on.
        pub enabled: Option<bool>,
    }

    /// Where instances are placed.
    pub struct LaunchTemplatePlacement {
        /// The availability zone.
        pub availability_zone: Option<String>,
        /// The placement group.
        pub group_name: Option<String>,
        /// `default`, `dedicated` or `host`.
        pub tenancy: Option<String>,
        /// The dedicated host.
        pub host_id: Option<String>,
    }

    /// How instances are bought.
    pub struct LaunchTemplateInstanceMarketOptions {
        /// `spot`, `capacity-block`, `interruptible-capacity-reservation` or `on-demand`.
        pub market_type: Option<String>,
        /// Options of spot instances.
        pub spot_options: Option<LaunchTemplateSpotMarketOptions>,
    }

    /// Options of spot instances.
    pub struct LaunchTemplateSpotMarketOptions {
        /// The most to pay per hour, in US dollars.
        pub max_price: Option<String>,
        /// `one-time` or `persistent`.
        pub spot_instance_type: Option<String>,
        /// `hibernate`, `stop` or `terminate`.
        pub instance_interruption_behavior: Option<String>,
    }

    /// CPU credits.
    pub struct CreditSpecification {
        /// `standard` or `unlimited`.
        pub cpu_credits: Option<String>,
    }

    /// Nitro Enclaves.
    pub struct LaunchTemplateEnclaveOptions {
        /// Whether they are enabled.
        pub enabled: Option<bool>,
    }

    /// Hibernation.
    pub struct LaunchTemplateHibernationOptions {
        /// Whether instances can hibernate.
        pub configured: Option<bool>,
    }

    /// Recovery of instances.
    pub struct LaunchTemplateInstanceMaintenanceOptions {
        /// `default` or `disabled`.
        pub auto_recovery: Option<String>,
    }

    /// Tags of what is launched.
    pub struct LaunchTemplateTagSpecification {
        /// `instance`, `volume`, `network-interface`, …
        pub resource_type: Option<String>,
        /// The tags.
        #[serde(default)]
        pub tags: Tags,
    }
}
