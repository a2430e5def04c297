//! What a change destroys together with data that nothing else may have: volumes, buckets, snapshots and
//! AMIs.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::{AccountId, Extent, Gap, PlannedAction, Resource, ResourceRef};
use crate::preview::{Described, ItemKey};
use crate::report::Destroyed;
use crate::snapshot::AccountSnapshot;

const VOLUME: &str = "ec2.volume";
const SNAPSHOT: &str = "ec2.snapshot";
const BUCKET: &str = "s3.bucket";

/// The kinds whose resources have data.
const KINDS: [&str; 5] = [VOLUME, SNAPSHOT, "ec2.image", BUCKET, "s3.directory_bucket"];

/// What the change destroys of what exists in an account.
pub(super) fn destroyed(
    described: &Described,
    account: &AccountId,
    existing: &[Resource],
    after: &AccountSnapshot,
) -> Vec<Destroyed> {
    let stays: BTreeSet<(&str, &str)> =
        after.resources.iter().map(|one| (one.kind.as_str(), one.id.as_str())).collect();
    let mut found = Vec::new();
    for one in existing.iter().filter(|one| KINDS.contains(&one.kind.as_str())) {
        let declared = declared(described, account, &one.kind, &one.id);
        let planned = declared.and_then(|address| described.planned.get(address));
        // Another one can have the same name.
        let is_replaced = planned.is_some_and(|change| change.action == PlannedAction::Replace);
        if stays.contains(&(one.kind.as_str(), one.id.as_str())) && !is_replaced {
            continue;
        }
        let address = declared.or_else(|| {
            attached_to(one).find_map(|id| self::declared(described, account, "ec2.instance", id))
        });
        let is_on = |name: &str| {
            let settings = planned.map(|change| change.settings.as_slice()).unwrap_or_default();
            settings.iter().find(|(setting, _)| *setting == name).map(|(_, is_on)| *is_on)
        };
        let remark = match one.kind.as_str() {
            VOLUME if is_on("final_snapshot") == Some(true) => {
                Some("`final_snapshot` creates an EBS snapshot first".to_owned())
            }
            VOLUME => snapshots(one, after),
            BUCKET => match is_on("force_destroy") {
                Some(true) => Some("with all objects (`force_destroy`)".to_owned()),
                Some(false) => {
                    Some("S3 refuses it unless the bucket is empty (no `force_destroy`)".to_owned())
                }
                None => None,
            },
            _ => None,
        };
        let size =
            ["size", "volume_size"].into_iter().find_map(|name| one.facts.get(name)?.as_u64());
        found.push(Destroyed {
            account: account.clone(),
            resource: ResourceRef {
                kind: one.kind.clone().into(),
                region: one.region.clone(),
                id: Some(one.id.as_str().into()),
                arn: one.arn.as_deref().map(Into::into),
                name: one.name.as_deref().map(Into::into),
            },
            address: address.map(str::to_owned),
            size_gib: size,
            remark,
            place: None,
        });
    }
    found
}

/// The address of what declares a resource before the change.
fn declared<'d>(
    described: &'d Described,
    account: &AccountId,
    kind: &str,
    id: &str,
) -> Option<&'d str> {
    let is_it =
        |(key, _): &(&ItemKey, _)| key.kind == kind && key.id == id && key.account == *account;
    described.before.items.iter().find(is_it)?.1.declared.as_deref()
}

/// The instances that have a volume.
fn attached_to(volume: &Resource) -> impl Iterator<Item = &str> {
    let attachments = volume.facts.get("attachments").and_then(Value::as_array);
    attachments.into_iter().flatten().filter_map(|one| one.get("instance_id")?.as_str())
}

/// Which snapshots of a volume are left; `None` if that is not known.
fn snapshots(volume: &Resource, after: &AccountSnapshot) -> Option<String> {
    let extent = Extent::List { kind: SNAPSHOT.to_owned() };
    let is_open = |gap: &Gap| gap.region == volume.region && gap.extent == extent;
    let is_listed = after.lists.contains_key(&(SNAPSHOT.to_owned(), volume.region.clone()));
    let is_of_it = |one: &&Resource| {
        one.kind == SNAPSHOT
            && one.region == volume.region
            && one.facts.get("volume_id").and_then(Value::as_str) == Some(volume.id.as_str())
    };
    match after.resources.iter().filter(is_of_it).count() {
        0 if !is_listed || after.gaps.iter().any(is_open) => None,
        0 => Some("the account has no EBS snapshot of it".to_owned()),
        1 => Some("the account has 1 EBS snapshot of it".to_owned()),
        number => Some(format!("the account has {number} EBS snapshots of it")),
    }
}
