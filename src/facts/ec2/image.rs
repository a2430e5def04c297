//! `ec2.image`: machine images (AMIs) that the account owns.

use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.image",
    doc: "An Amazon Machine Image (AMI) that the account owns; deprecated and disabled images are included.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeImages")
        .element("imagesSet")
        .paged(1_000)
        .always(&["public", "owner_id", "block_device_mappings"])
        .own_only()],
    id: "image_id",
    arn: Some("arn:{partition}:ec2:{region}::image/{id}"),
    name_field: Some("name"),
    shape: Shape::of::<Image>(),
    facts: &[FactSpec {
        name: "launch_permission",
        doc: "Who can launch instances from the image.",
        call: ApiCall::new("ec2:DescribeImageAttribute")
            .element("launchPermission")
            .answer("LaunchPermissions"),
        shape: Shape::of::<Vec<LaunchPermission>>(),
    }],
};

shape! { image_shapes:
    /// What DescribeImages returns.
    pub struct Image {
        /// The image's id.
        pub image_id: String,
        /// The image's name.
        pub name: Option<String>,
        /// The description (untrusted text).
        pub description: Option<String>,
        /// `available`, `disabled`, `pending`, `failed`, `invalid`, `deregistered`, `transient` or
        /// `error`.
        pub state: Option<String>,
        /// The reason for the state.
        pub state_reason: Option<StateReason>,
        /// The account that owns the image.
        pub owner_id: Option<String>,
        /// The owner, if it is one of these: `amazon`, `aws-backup-vault` or `aws-marketplace`.
        pub image_owner_alias: Option<String>,
        /// Whether the image is public, that is, whether every AWS account can launch instances from it.
        pub public: Option<bool>,
        /// When the image was created.
        pub creation_date: Option<Time>,
        /// When the image is or was deprecated.
        pub deprecation_time: Option<Time>,
        /// When an instance was last launched from the image, reported with a 24-hour delay; absent
        /// if none ever was.
        pub last_launched_time: Option<Time>,
        /// `disabled`, `enabled-without-cooldown`, `enabled-with-cooldown`, or `disabled after`
        /// followed by a date.
        pub deregistration_protection: Option<String>,
        /// `v2.0`: instances launched from the image require IMDSv2, unless the launch request or
        /// the region's defaults set the option.
        pub imds_support: Option<String>,
        /// `v2.0`: instances launched from the image have NitroTPM enabled.
        pub tpm_support: Option<String>,
        /// `legacy-bios`, `uefi` or `uefi-preferred`.
        pub boot_mode: Option<String>,
        /// The architecture: `x86_64`, `arm64`, …
        pub architecture: Option<String>,
        /// `windows` for Windows; otherwise absent.
        pub platform: Option<String>,
        /// The platform: `Linux/UNIX`, `Windows`, …
        pub platform_details: Option<String>,
        /// `machine`, `kernel` or `ramdisk`.
        pub image_type: Option<String>,
        /// `hvm` or `paravirtual`.
        pub virtualization_type: Option<String>,
        /// `ebs` or `instance-store`.
        pub root_device_type: Option<String>,
        /// The device name of the root volume.
        pub root_device_name: Option<String>,
        /// Whether enhanced networking with ENA is enabled.
        pub ena_support: Option<bool>,
        /// The instance that the image was created from.
        pub source_instance_id: Option<String>,
        /// The image that this image was created or copied from.
        pub source_image_id: Option<String>,
        /// The region of the source image.
        pub source_image_region: Option<String>,
        /// The location: owner and name, or the manifest in S3.
        pub image_location: Option<String>,
        /// The image's block device mappings.
        #[serde(default)]
        pub block_device_mappings: Vec<BlockDeviceMapping>,
        /// The image's product codes.
        #[serde(default)]
        pub product_codes: Vec<ProductCode>,
        /// The image's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// The reason for a state.
    pub struct StateReason {
        /// The code.
        pub code: Option<String>,
        /// The message.
        pub message: Option<String>,
    }

    /// A block device mapping: a volume to create at launch.
    pub struct BlockDeviceMapping {
        /// The device name.
        pub device_name: Option<String>,
        /// The virtual device of an instance store volume: `ephemeral0`, …
        pub virtual_name: Option<String>,
        /// The EBS volume.
        pub ebs: Option<EbsBlockDevice>,
    }

    /// An EBS volume to create at launch.
    pub struct EbsBlockDevice {
        /// The snapshot that the volume is created from.
        pub snapshot_id: Option<String>,
        /// Whether the volume is encrypted.
        pub encrypted: Option<bool>,
        /// The KMS key, if one is specified.
        pub kms_key_id: Option<String>,
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

    /// A product code.
    pub struct ProductCode {
        /// The code.
        pub product_code_id: Option<String>,
        /// `devpay` or `marketplace`.
        pub product_code_type: Option<String>,
    }

    /// A launch permission.
    pub struct LaunchPermission {
        /// `all` if the permission applies to all AWS accounts.
        pub group: Option<String>,
        /// The id of an AWS account.
        pub user_id: Option<String>,
        /// The ARN of an organization.
        pub organization_arn: Option<String>,
        /// The ARN of an organizational unit (OU).
        pub organizational_unit_arn: Option<String>,
    }
}
