//! `ec2.launch_template`: the list, and the default and latest versions of all templates in one
//! paged call each. User data is reduced and dropped.

use async_trait::async_trait;

use super::{describe_pages, mirror};
use crate::aws::collector::{BatchFact, Collector, Context, ListedResource, no_collector};
use crate::aws::failure::Failure;
use crate::facts::ec2::launch_template::*;
use crate::facts::{ApiCall, FactSpec, Kind};

launch_template_shapes!(mirror, aws_sdk_ec2::types);

/// Reads [`KIND`].
pub(crate) struct LaunchTemplates;

#[async_trait]
impl Collector for LaunchTemplates {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let listed: Vec<LaunchTemplate> =
            describe_pages!(cx, &KIND.list[0], describe_launch_templates => page.launch_templates);
        ListedResource::all(cx, &KIND, &listed)
    }

    async fn batch_fact(
        &self,
        cx: &Context,
        fact: &'static FactSpec,
    ) -> Result<BatchFact, Failure> {
        match fact.name {
            "default_version" => default_version(cx, &fact.call).await,
            "latest_version" => latest_version(cx, &fact.call).await,
            _ => Err(no_collector(fact)),
        }
    }
}

async fn default_version(cx: &Context, call: &ApiCall) -> Result<BatchFact, Failure> {
    versions(cx, call, "$Default").await
}

async fn latest_version(cx: &Context, call: &ApiCall) -> Result<BatchFact, Failure> {
    versions(cx, call, "$Latest").await
}

/// Without a template id, EC2 accepts these two version names, and returns the versions of all
/// templates.
async fn versions(cx: &Context, call: &ApiCall, version: &str) -> Result<BatchFact, Failure> {
    let versions: Vec<LaunchTemplateVersion> = describe_pages!(
        cx, call, describe_launch_template_versions.versions(version) => page.launch_template_versions
    );
    BatchFact::by_id(
        call,
        versions.into_iter().map(|version| (version.launch_template_id.clone(), version)),
    )
}
