//! `ec2.volume`: EBS volumes.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.volume",
    doc: "An EBS volume.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeVolumes").element("volumeSet").paged(1_000)],
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
        /// ARN of the KMS key, for an encrypted volume.
        pub kms_key_id: Option<String>,
        /// Size in GiB.
        pub size: Option<i64>,
        /// `gp3`, `io2`, …
        pub volume_type: Option<String>,
        /// Provisioned operations per second.
        pub iops: Option<i64>,
        /// Provisioned throughput in MiB/s.
        pub throughput: Option<i64>,
        /// The snapshot it was made from.
        pub snapshot_id: Option<String>,
        /// The availability zone it is in.
        pub availability_zone: Option<String>,
        /// When it was created.
        pub create_time: Option<Time>,
        /// Whether several instances may attach it.
        pub multi_attach_enabled: Option<bool>,
        /// The instances it is attached to.
        #[serde(default)]
        pub attachments: Vec<VolumeAttachment>,
        /// Its tags.
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
        /// When it was attached.
        pub attach_time: Option<Time>,
        /// Whether the volume goes when the instance does.
        pub delete_on_termination: Option<bool>,
    }
}
