//! Actions on the permission of all AWS accounts on images and snapshots. Permissions of single
//! accounts and organizations are not sent, so they stay.

use aws_sdk_ec2::types::{
    CreateVolumePermission, CreateVolumePermissionModifications, LaunchPermission,
    LaunchPermissionModifications, PermissionGroup, SnapshotAttributeName,
};

use crate::aws::write::session::{WriteSession, after, rehearsed};
use crate::fixes::{Change, Sent, WriteError};

/// Sets whether an image is public, as in the state after the change.
pub(in crate::aws::write) async fn image(
    session: &WriteSession,
    change: &Change,
    dry_run: bool,
) -> Result<Sent, WriteError> {
    const CALL: &str = "ec2:ModifyImageAttribute";
    let all = LaunchPermission::builder().group(PermissionGroup::All).build();
    let permissions = LaunchPermissionModifications::builder();
    let permissions =
        if after(change, CALL, "public")? { permissions.add(all) } else { permissions.remove(all) };
    let request = session
        .ec2()
        .modify_image_attribute()
        .image_id(&change.resource)
        .attribute("launchPermission")
        .launch_permission(permissions.build())
        .dry_run(dry_run);
    rehearsed(session.send(CALL, request.send()).await, dry_run)
}

/// Sets whether a snapshot is public, as in the state after the change.
pub(in crate::aws::write) async fn snapshot(
    session: &WriteSession,
    change: &Change,
    dry_run: bool,
) -> Result<Sent, WriteError> {
    const CALL: &str = "ec2:ModifySnapshotAttribute";
    let all = CreateVolumePermission::builder().group(PermissionGroup::All).build();
    let permissions = CreateVolumePermissionModifications::builder();
    let permissions =
        if after(change, CALL, "public")? { permissions.add(all) } else { permissions.remove(all) };
    let request = session
        .ec2()
        .modify_snapshot_attribute()
        .snapshot_id(&change.resource)
        .attribute(SnapshotAttributeName::CreateVolumePermission)
        .create_volume_permission(permissions.build())
        .dry_run(dry_run);
    rehearsed(session.send(CALL, request.send()).await, dry_run)
}
