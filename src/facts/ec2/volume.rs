//! `ec2.volume`: EBS volumes.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.volume",
    doc: "An EBS volume.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeVolumes")
        .element("volumeSet")
        .paged(1_000)
        .always(&["encrypted"])
        .always_printed(&["create_time"])],
    id: "volume_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:volume/{id}"),
    name_field: None,
    shape: Shape::of::<Volume>(),
    facts: &[],
};

shape! { volume_shapes:
    /// What DescribeVolumes returns.
    pub struct Volume {
        /// The volume's id.
        pub volume_id: String,
        /// `creating`, `available`, `in-use`, `deleting`, `deleted` or `error`.
        pub state: Option<String>,
        /// Whether the volume is encrypted.
        pub encrypted: Option<bool>,
        /// The ARN of the KMS key, if the volume is encrypted.
        pub kms_key_id: Option<String>,
        /// The size in GiB.
        pub size: Option<i64>,
        /// The volume type: `gp3`, `io2`, …
        pub volume_type: Option<String>,
        /// The provisioned IOPS.
        pub iops: Option<i64>,
        /// The provisioned throughput in MiB/s.
        pub throughput: Option<i64>,
        /// The snapshot that the volume was created from.
        pub snapshot_id: Option<String>,
        /// The Availability Zone.
        pub availability_zone: Option<String>,
        /// When the volume was created.
        pub create_time: Option<Time>,
        /// Whether Multi-Attach is enabled.
        pub multi_attach_enabled: Option<bool>,
        /// The instances that the volume is attached to.
        #[serde(default)]
        pub attachments: Vec<VolumeAttachment>,
        /// The volume's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// One attachment of a volume.
    pub struct VolumeAttachment {
        /// The instance.
        pub instance_id: Option<String>,
        /// The device name on the instance.
        pub device: Option<String>,
        /// `attaching`, `attached`, `detaching`, `detached` or `busy`.
        pub state: Option<String>,
        /// When the volume was attached.
        pub attach_time: Option<Time>,
        /// Whether the volume is deleted when the instance is terminated.
        pub delete_on_termination: Option<bool>,
    }
}
