//! `ec2.transit_gateway`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::transit_gateway::*;

transit_gateway_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    TransitGateways: TransitGateway,
    describe_pages!(describe_transit_gateways => page.transit_gateways)
}
