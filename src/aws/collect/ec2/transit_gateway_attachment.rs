//! `ec2.transit_gateway_attachment`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::transit_gateway_attachment::*;

transit_gateway_attachment_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    TransitGatewayAttachments: TransitGatewayAttachment,
    describe_pages!(describe_transit_gateway_attachments => page.transit_gateway_attachments)
}
