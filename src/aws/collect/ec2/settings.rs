//! `ec2.settings`: one per region, without a list.

use futures::future::BoxFuture;

use crate::aws::collector::{Answer, Collector, Context, Found, known};
use crate::aws::failure::Failure;
use crate::facts::ec2::settings::{EbsEncryptionByDefault, KIND, Settings};
use crate::facts::{FactSpec, Kind};

/// Reads [`KIND`].
pub(in crate::aws) struct RegionSettings;

impl Collector for RegionSettings {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn list<'a>(&'a self, cx: &'a Context) -> BoxFuture<'a, Result<Vec<Found>, Failure>> {
        Box::pin(async move {
            let settings = Settings { region_name: cx.region.to_string() };
            Ok(vec![Found::of(cx, &KIND, &settings)?])
        })
    }

    fn fact<'a>(&'a self, cx: &'a Context, _: &'a Found, fact: &'static FactSpec) -> Answer<'a> {
        Box::pin(async move {
            match fact.name {
                "ebs_encryption_by_default" => ebs_encryption_by_default(cx, fact).await,
                _ => Err(Failure::invalid(fact.call.name, "rolecall has no collector for this fact")),
            }
        })
    }
}

async fn ebs_encryption_by_default(cx: &Context, fact: &FactSpec) -> Result<Option<serde_json::Value>, Failure> {
    let request = cx.clients.ec2(&cx.region).get_ebs_encryption_by_default();
    match cx.call(&fact.call, request.send()).await?.ebs_encryption_by_default {
        Some(on) => known(&fact.call, &EbsEncryptionByDefault { ebs_encryption_by_default: on }),
        None => Err(Failure::invalid(fact.call.name, "no EbsEncryptionByDefault in the answer")),
    }
}
