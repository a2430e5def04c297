//! `ec2.image`: only the account's own images. By default, DescribeImages omits disabled images.

use async_trait::async_trait;
use aws_sdk_ec2::types::ImageAttributeName;

use super::{describe_pages, mirror};
use crate::aws::collector::{Collector, Context, FactResult, ListedResource, known, no_collector};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::ec2::image::*;
use crate::facts::{ApiCall, FactSpec, Kind};

image_shapes!(mirror, aws_sdk_ec2::types);

/// Reads [`KIND`].
pub(crate) struct Images;

#[async_trait]
impl Collector for Images {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let listed: Vec<Image> = describe_pages!(cx, &KIND.list[0], describe_images.owners("self").include_deprecated(true).include_disabled(true) => page.images);
        ListedResource::all(cx, &KIND, &listed)
    }

    async fn fact(
        &self,
        cx: &Context,
        image: &ListedResource,
        fact: &'static FactSpec,
    ) -> FactResult {
        let call = &fact.call;
        match fact.name {
            "launch_permission" => known(call, &launch_permission(cx, image, call).await?),
            _ => Err(no_collector(fact)),
        }
    }
}

async fn launch_permission(
    cx: &Context,
    image: &ListedResource,
    call: &ApiCall,
) -> Result<Vec<LaunchPermission>, Failure> {
    let request = cx.clients.ec2().describe_image_attribute().image_id(&image.id);
    let request = request.attribute(ImageAttributeName::LaunchPermission);
    Ok(Mirror::mirror(cx.call(call, || request.send()).await?.launch_permissions))
}
