//! `ec2.image`: only the account's own. Without being asked, DescribeImages leaves out those that
//! are disabled.

use aws_sdk_ec2::types::ImageAttributeName;

use super::{describe, mirror};
use crate::aws::collector::{Context, ListedResource};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::ApiCall;
use crate::facts::ec2::image::*;

image_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    Images, KIND, Image, each(launch_permission):
    describe_images.owners("self").include_deprecated(true).include_disabled(true) => page.images
}

async fn launch_permission(
    cx: &Context,
    image: &ListedResource,
    call: &ApiCall,
) -> Result<Vec<LaunchPermission>, Failure> {
    let request = cx.clients.ec2(&cx.region).describe_image_attribute().image_id(&image.id);
    let request = request.attribute(ImageAttributeName::LaunchPermission);
    Ok(Mirror::mirror(cx.call(call, request.send()).await?.launch_permissions))
}
