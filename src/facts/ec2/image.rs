//! `ec2.image`: machine images (AMIs) that the account owns.

use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.image",
    doc: "A machine image (AMI) that the account owns, also one that is deprecated or disabled.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeImages").element("imagesSet").paged(1_000)],
    id: "image_id",
    arn: Some("arn:{partition}:ec2:{region}::image/{id}"),
    name_field: Some("name"),
    shape: Shape::of::<Image>(),
    facts: &[FactSpec {
        name: "launch_permission",
        doc: "Who may launch instances from it.",
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
        /// Its name.
        pub name: Option<String>,
        /// Its description. Untrusted text.
        pub description: Option<String>,
        /// `available`, `disabled`, `pending`, `failed`, `invalid`, `deregistered`, `transient` or
        /// `error`.
        pub state: Option<String>,
        /// Why it is in its state.
        pub state_reason: Option<StateReason>,
        /// The account that owns it.
        pub owner_id: Option<String>,
        /// `amazon`, `aws-backup-vault` or `aws-marketplace`, for an image of theirs.
        pub image_owner_alias: Option<String>,
        /// Whether every AWS account may launch it.
        pub public: Option<bool>,
        /// When it was made.
        pub creation_date: Option<Time>,
        /// When it becomes, or became, deprecated.
        pub deprecation_time: Option<Time>,
        /// When an instance was last launched from it; reported a day late, absent when never.
        pub last_launched_time: Option<Time>,
        /// `disabled`, `enabled-without-cooldown`, `enabled-with-cooldown`, or `disabled after` and
        /// a date.
        pub deregistration_protection: Option<String>,
        /// `v2.0`: instances launched from it require IMDSv2.
        pub imds_support: Option<String>,
        /// `v2.0`: it supports NitroTPM.
        pub tpm_support: Option<String>,
        /// `legacy-bios`, `uefi` or `uefi-preferred`.
        pub boot_mode: Option<String>,
        /// `x86_64`, `arm64`, …
        pub architecture: Option<String>,
        /// `windows`, or absent.
        pub platform: Option<String>,
        /// `Linux/UNIX`, `Windows`, …
        pub platform_details: Option<String>,
        /// `machine`, `kernel` or `ramdisk`.
        pub image_type: Option<String>,
        /// `hvm` or `paravirtual`.
        pub virtualization_type: Option<String>,
        /// `ebs` or `instance-store`.
        pub root_device_type: Option<String>,
        /// The device name of the root volume.
        pub root_device_name: Option<String>,
        /// Enhanced networking with ENA.
        pub ena_support: Option<bool>,
        /// The instance it was made of.
        pub source_instance_id: Option<String>,
        /// The image it was made or copied of.
        pub source_image_id: Option<String>,
        /// The region of that image.
        pub source_image_region: Option<String>,
        /// Where it is: owner and name, or the manifest in S3.
        pub image_location: Option<String>,
        /// Its volumes.
        #[serde(default)]
        pub block_device_mappings: Vec<BlockDeviceMapping>,
        /// Product codes that instances get.
        #[serde(default)]
        pub product_codes: Vec<ProductCode>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// Why something is in its state.
    pub struct StateReason {
        /// The code.
        pub code: Option<String>,
        /// In words.
        pub message: Option<String>,
    }

    /// A volume that a launch makes.
    pub struct BlockDeviceMapping {
        /// The device name.
        pub device_name: Option<String>,
        /// `ephemeral0`, …, for an instance store volume.
        pub virtual_name: Option<String>,
        /// The EBS volume.
        pub ebs: Option<EbsBlockDevice>,
    }

    /// An EBS volume that a launch makes.
    pub struct EbsBlockDevice {
        /// The snapshot it is made of.
        pub snapshot_id: Option<String>,
        /// Whether it is encrypted.
        pub encrypted: Option<bool>,
        /// The KMS key, where one is named.
        pub kms_key_id: Option<String>,
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

    /// A product code.
    pub struct ProductCode {
        /// The code.
        pub product_code_id: Option<String>,
        /// `devpay` or `marketplace`.
        pub product_code_type: Option<String>,
    }

    /// Somebody who may launch an image.
    pub struct LaunchPermission {
        /// `all` for every AWS account.
        pub group: Option<String>,
        /// An account.
        pub user_id: Option<String>,
        /// An organization.
        pub organization_arn: Option<String>,
        /// An organizational unit.
        pub organizational_unit_arn: Option<String>,
    }
}
