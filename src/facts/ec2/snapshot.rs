//! `ec2.snapshot`: EBS snapshots that the account owns.

use super::shape;
use crate::facts::kind::{ApiCall, EmptyResponse, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.snapshot",
    doc: "An EBS snapshot that the account owns.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeSnapshots")
        .element("snapshotSet")
        .paged(1_000)
        .always(&["encrypted", "owner_id"])
        .always_printed(&["start_time"])
        .own_only()],
    id: "snapshot_id",
    arn: Some("arn:{partition}:ec2:{region}::snapshot/{id}"),
    name_field: None,
    shape: Shape::of::<Snapshot>(),
    facts: &[
        FactSpec {
            name: "create_volume_permission",
            doc: "Who can create volumes from the snapshot.",
            call: ApiCall::new("ec2:DescribeSnapshotAttribute")
                .element("createVolumePermission")
                .answer("CreateVolumePermissions"),
            shape: Shape::of::<Vec<CreateVolumePermission>>(),
        },
        FactSpec {
            name: "locked",
            doc: "The snapshot lock; absent if the snapshot was never locked.",
            call: ApiCall::new("ec2:DescribeLockedSnapshots")
                .paged(1_000)
                .for_all()
                .answer("Snapshots")
                .if_empty(EmptyResponse::Absent),
            shape: Shape::of::<LockedSnapshotsInfo>(),
        },
        FactSpec {
            name: "public",
            doc: "Whether the snapshot is public, that is, whether every AWS account can create volumes from it.",
            // The response contains the public snapshots only.
            call: ApiCall::new("ec2:DescribeSnapshots")
                .element("snapshotSet")
                .paged(1_000)
                .for_all()
                .answer("Snapshots")
                .if_empty(EmptyResponse::Defaults),
            shape: Shape::of::<bool>(),
        },
    ],
};

shape! { snapshot_shapes:
    /// What DescribeSnapshots returns.
    pub struct Snapshot {
        /// The snapshot's id.
        pub snapshot_id: String,
        /// `pending`, `completed`, `error`, `recoverable` or `recovering`.
        pub state: Option<String>,
        /// The error message, if copying an encrypted snapshot failed.
        pub state_message: Option<String>,
        /// The account that owns the snapshot.
        pub owner_id: Option<String>,
        /// The description (untrusted text).
        pub description: Option<String>,
        /// Whether the snapshot is encrypted.
        pub encrypted: Option<bool>,
        /// The ARN of the KMS key, if the snapshot is encrypted.
        pub kms_key_id: Option<String>,
        /// The volume that the snapshot was created from; `vol-ffffffff` for a copy.
        pub volume_id: Option<String>,
        /// The size of the volume in GiB.
        pub volume_size: Option<i64>,
        /// The full size of the snapshot in bytes.
        pub full_snapshot_size_in_bytes: Option<i64>,
        /// When the snapshot was initiated.
        pub start_time: Option<Time>,
        /// When the snapshot was completed.
        pub completion_time: Option<Time>,
        /// The progress: `100%`.
        pub progress: Option<String>,
        /// `standard` or `archive`.
        pub storage_tier: Option<String>,
        /// When a temporarily restored snapshot is archived again.
        pub restore_expiry_time: Option<Time>,
        /// The ARN of the Outpost that the snapshot is on.
        pub outpost_arn: Option<String>,
        /// The Local Zone or Availability Zone that the snapshot is stored in.
        pub availability_zone: Option<String>,
        /// The snapshot's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// A permission to create volumes from a snapshot.
    pub struct CreateVolumePermission {
        /// `all` if the permission applies to all AWS accounts.
        pub group: Option<String>,
        /// The id of an AWS account.
        pub user_id: Option<String>,
    }

    /// A snapshot lock.
    pub struct LockedSnapshotsInfo {
        /// The snapshot's id.
        pub snapshot_id: String,
        /// `compliance`, `governance`, `compliance-cooloff` (the lock can still be removed) or
        /// `expired`.
        pub lock_state: Option<String>,
        /// The lock duration in days.
        pub lock_duration: Option<i64>,
        /// The cooling-off period of a compliance lock, in hours.
        pub cool_off_period: Option<i64>,
        /// When the cooling-off period ends.
        pub cool_off_period_expires_on: Option<Time>,
        /// When the snapshot was locked.
        pub lock_created_on: Option<Time>,
        /// When the lock duration started.
        pub lock_duration_start_time: Option<Time>,
        /// When the lock expires.
        pub lock_expires_on: Option<Time>,
    }
}
