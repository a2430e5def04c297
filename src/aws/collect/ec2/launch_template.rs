//! `ec2.launch_template`: the list, and the default and latest versions of all templates in one
//! paged call each. User data is looked into and dropped.

use super::{describe, mirror, pages};
use crate::aws::collector::{BatchFact, Context};
use crate::aws::failure::Failure;
use crate::facts::ApiCall;
use crate::facts::ec2::launch_template::*;

launch_template_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    LaunchTemplates, KIND, LaunchTemplate, all(default_version, latest_version):
    describe_launch_templates => page.launch_templates
}

async fn default_version(cx: &Context, call: &ApiCall) -> Result<BatchFact, Failure> {
    versions(cx, call, "$Default").await
}

async fn latest_version(cx: &Context, call: &ApiCall) -> Result<BatchFact, Failure> {
    versions(cx, call, "$Latest").await
}

/// Without a template's id, EC2 takes these two names for a version, and answers for all templates.
async fn versions(cx: &Context, call: &ApiCall, version: &str) -> Result<BatchFact, Failure> {
    let versions: Vec<LaunchTemplateVersion> = pages!(
        cx, call, describe_launch_template_versions.versions(version) => page.launch_template_versions
    );
    BatchFact::by_id(
        call,
        versions.into_iter().map(|version| (version.launch_template_id.clone(), version)),
    )
}
