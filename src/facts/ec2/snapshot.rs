//! `ec2.snapshot`: EBS snapshots that the account owns.

use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape, Silence};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.snapshot",
    doc: "An EBS snapshot that the account owns.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeSnapshots").element("snapshotSet").paged(1_000)],
    id: "snapshot_id",
    arn: Some("arn:{partition}:ec2:{region}::snapshot/{id}"),
    name_field: None,
    shape: Shape::of::<Snapshot>(),
    facts: &[
        FactSpec {
            name: "create_volume_permission",
            doc: "Who may create volumes from it.",
            call: ApiCall::new("ec2:DescribeSnapshotAttribute")
                .element("createVolumePermission")
                .answer("CreateVolumePermissions"),
            shape: Shape::of::<Vec<CreateVolumePermission>>(),
        },
        FactSpec {
            name: "locked",
            doc: "Its lock; absent when it was never locked.",
            call: ApiCall::new("ec2:DescribeLockedSnapshots")
                .paged(1_000)
                .for_all()
                .answer("Snapshots")
                .silence(Silence::Absent),
            shape: Shape::of::<LockedSnapshotsInfo>(),
        },
        FactSpec {
            name: "public",
            doc: "Whether every AWS account may create volumes from it.",
            // Named are those that are public.
            call: ApiCall::new("ec2:DescribeSnapshots")
                .element("snapshotSet")
                .paged(1_000)
                .for_all()
                .answer("Snapshots")
                .silence(Silence::Defaults),
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
        /// What is wrong, when a copy of an encrypted snapshot failed.
        pub state_message: Option<String>,
        /// The account that owns it.
        pub owner_id: Option<String>,
        /// Its description. Untrusted text.
        pub description: Option<String>,
        /// Whether it is encrypted.
        pub encrypted: Option<bool>,
        /// ARN of the KMS key, for an encrypted snapshot.
        pub kms_key_id: Option<String>,
        /// The volume it was made of; `vol-ffffffff` for a copy.
        pub volume_id: Option<String>,
        /// Size of that volume in GiB.
        pub volume_size: Option<i64>,
        /// How much data it holds, in bytes.
        pub full_snapshot_size_in_bytes: Option<i64>,
        /// When it was started.
        pub start_time: Option<Time>,
        /// When it was finished.
        pub completion_time: Option<Time>,
        /// How far it is: `100%`.
        pub progress: Option<String>,
        /// `standard` or `archive`.
        pub storage_tier: Option<String>,
        /// When an archived snapshot that was restored for a while goes back to the archive.
        pub restore_expiry_time: Option<Time>,
        /// The Outpost it is on.
        pub outpost_arn: Option<String>,
        /// The local zone it is in.
        pub availability_zone: Option<String>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// Somebody who may create volumes from a snapshot.
    pub struct CreateVolumePermission {
        /// `all` for every AWS account.
        pub group: Option<String>,
        /// An account.
        pub user_id: Option<String>,
    }

    /// A lock of a snapshot.
    pub struct LockedSnapshotsInfo {
        /// The snapshot's id.
        pub snapshot_id: String,
        /// `compliance`, `governance`, `compliance-cooloff` (can still be taken back) or `expired`.
        pub lock_state: Option<String>,
        /// Days.
        pub lock_duration: Option<i64>,
        /// Hours in which a compliance lock can be taken back.
        pub cool_off_period: Option<i64>,
        /// Until when it can be taken back.
        pub cool_off_period_expires_on: Option<Time>,
        /// When it was locked.
        pub lock_created_on: Option<Time>,
        /// Since when the duration runs.
        pub lock_duration_start_time: Option<Time>,
        /// When the lock ends.
        pub lock_expires_on: Option<Time>,
    }
}
