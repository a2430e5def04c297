//! `ec2.transit_gateway_attachment`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::transit_gateway_attachment::*;

transit_gateway_attachment_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    TransitGatewayAttachments, KIND, TransitGatewayAttachment:
    describe_transit_gateway_attachments => page.transit_gateway_attachments
}
