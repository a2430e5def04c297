//! `ec2.snapshot`: only the account's own snapshots. The public ones are a separate list, which needs
//! fewer calls than the permissions of each snapshot.

use async_trait::async_trait;
use aws_sdk_ec2::types::SnapshotAttributeName;
use serde_json::Value;

use super::{describe_pages, mirror};
use crate::aws::collector::{
    BatchFact, Collector, Context, FactResult, ListedResource, known, no_collector,
};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::ec2::snapshot::*;
use crate::facts::{ApiCall, FactSpec, Kind};

snapshot_shapes!(mirror, aws_sdk_ec2::types);

/// Reads [`KIND`].
pub(crate) struct Snapshots;

#[async_trait]
impl Collector for Snapshots {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let listed: Vec<Snapshot> = describe_pages!(cx, &KIND.list[0], describe_snapshots.owner_ids("self") => page.snapshots);
        ListedResource::all(cx, &KIND, &listed)
    }

    async fn fact(
        &self,
        cx: &Context,
        snapshot: &ListedResource,
        fact: &'static FactSpec,
    ) -> FactResult {
        let call = &fact.call;
        match fact.name {
            "create_volume_permission" => {
                known(call, &create_volume_permission(cx, snapshot, call).await?)
            }
            _ => Err(no_collector(fact)),
        }
    }

    async fn batch_fact(
        &self,
        cx: &Context,
        fact: &'static FactSpec,
    ) -> Result<BatchFact, Failure> {
        match fact.name {
            "locked" => locked(cx, &fact.call).await,
            "public" => public(cx, &fact.call).await,
            _ => Err(no_collector(fact)),
        }
    }
}

async fn create_volume_permission(
    cx: &Context,
    snapshot: &ListedResource,
    call: &ApiCall,
) -> Result<Vec<CreateVolumePermission>, Failure> {
    let request = cx.clients.ec2().describe_snapshot_attribute().snapshot_id(&snapshot.id);
    let request = request.attribute(SnapshotAttributeName::CreateVolumePermission);
    Ok(Mirror::mirror(cx.call(call, || request.send()).await?.create_volume_permissions))
}

async fn locked(cx: &Context, call: &ApiCall) -> Result<BatchFact, Failure> {
    let locked: Vec<LockedSnapshotsInfo> =
        describe_pages!(cx, call, describe_locked_snapshots => page.snapshots);
    Ok(BatchFact::by_id(call, locked.into_iter().map(|lock| (lock.snapshot_id.clone(), lock)))?
        .otherwise(Value::Null))
}

async fn public(cx: &Context, call: &ApiCall) -> Result<BatchFact, Failure> {
    let public: Vec<Snapshot> = describe_pages!(
        cx, call, describe_snapshots.owner_ids("self").restorable_by_user_ids("all") => page.snapshots
    );
    Ok(BatchFact::by_id(call, public.into_iter().map(|snapshot| (snapshot.snapshot_id, true)))?
        .otherwise(false))
}
