//! `ec2.volume`: everything is in the list.

use aws_sdk_ec2::types as sdk;
use futures::future::BoxFuture;

use super::PAGE;
use crate::aws::collector::{Collector, Context, Found, Pages, time};
use crate::aws::failure::Failure;
use crate::facts::Kind;
use crate::facts::ec2::volume::{KIND, Volume, VolumeAttachment};

/// Reads [`KIND`].
pub(in crate::aws) struct Volumes;

impl Collector for Volumes {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn list<'a>(&'a self, cx: &'a Context) -> BoxFuture<'a, Result<Vec<Found>, Failure>> {
        Box::pin(list(cx))
    }
}

async fn list(cx: &Context) -> Result<Vec<Found>, Failure> {
    let call = &KIND.list[0];
    let client = cx.clients.ec2(&cx.region);
    let mut pages = Pages::of(call);
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let page = cx.call(call, client.describe_volumes().max_results(PAGE).set_next_token(token).send()).await?;
        for volume in page.volumes.unwrap_or_default() {
            found.push(resource(cx, volume)?);
        }
        token = pages.next(page.next_token)?;
        if token.is_none() {
            return Ok(found);
        }
    }
}

fn resource(cx: &Context, volume: sdk::Volume) -> Result<Found, Failure> {
    let id = volume.volume_id.clone().ok_or_else(|| Failure::invalid(KIND.list_call(), "a volume without an id"))?;
    let owner = volume.owner_id.as_deref().unwrap_or(cx.account.as_str());
    let arn = format!("arn:{}:ec2:{}:{owner}:volume/{id}", cx.partition, cx.region);
    let fields = fields(id.clone(), volume);
    Found::new(cx, &KIND, id, Some(arn), super::name(&fields.tags), &fields)
}

fn fields(volume_id: String, from: sdk::Volume) -> Volume {
    Volume {
        volume_id,
        state: from.state.map(|state| state.as_str().to_owned()),
        encrypted: from.encrypted,
        kms_key_id: from.kms_key_id,
        size: from.size.map(i64::from),
        volume_type: from.volume_type.map(|kind| kind.as_str().to_owned()),
        iops: from.iops.map(i64::from),
        throughput: from.throughput.map(i64::from),
        snapshot_id: from.snapshot_id.filter(|id| !id.is_empty()),
        availability_zone: from.availability_zone,
        create_time: from.create_time.and_then(time),
        multi_attach_enabled: from.multi_attach_enabled,
        attachments: from.attachments.into_iter().flatten().map(attachment).collect(),
        tags: super::tags(from.tags),
    }
}

fn attachment(from: sdk::VolumeAttachment) -> VolumeAttachment {
    VolumeAttachment {
        instance_id: from.instance_id,
        device: from.device,
        state: from.state.map(|state| state.as_str().to_owned()),
        attach_time: from.attach_time.and_then(time),
        delete_on_termination: from.delete_on_termination,
    }
}
