//! `ec2.snapshot`: only the account's own. The public ones are a list of their own, which costs
//! less than asking for the permissions of each.

use aws_sdk_ec2::types::SnapshotAttributeName;
use serde_json::Value;

use super::{describe, mirror, pages};
use crate::aws::collector::{BatchFact, Context, ListedResource};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::ApiCall;
use crate::facts::ec2::snapshot::*;

snapshot_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    Snapshots, KIND, Snapshot, each(create_volume_permission), all(locked, public):
    describe_snapshots.owner_ids("self") => page.snapshots
}

async fn create_volume_permission(
    cx: &Context,
    snapshot: &ListedResource,
    call: &ApiCall,
) -> Result<Vec<CreateVolumePermission>, Failure> {
    let request =
        cx.clients.ec2(&cx.region).describe_snapshot_attribute().snapshot_id(&snapshot.id);
    let request = request.attribute(SnapshotAttributeName::CreateVolumePermission);
    Ok(Mirror::mirror(cx.call(call, request.send()).await?.create_volume_permissions))
}

async fn locked(cx: &Context, call: &ApiCall) -> Result<BatchFact, Failure> {
    let locked: Vec<LockedSnapshotsInfo> =
        pages!(cx, call, describe_locked_snapshots => page.snapshots);
    Ok(BatchFact::by_id(call, locked.into_iter().map(|lock| (lock.snapshot_id.clone(), lock)))?
        .otherwise(Value::Null))
}

async fn public(cx: &Context, call: &ApiCall) -> Result<BatchFact, Failure> {
    let public: Vec<Snapshot> = pages!(
        cx, call, describe_snapshots.owner_ids("self").restorable_by_user_ids("all") => page.snapshots
    );
    Ok(BatchFact::by_id(call, public.into_iter().map(|snapshot| (snapshot.snapshot_id, true)))?
        .otherwise(false))
}
