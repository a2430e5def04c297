//! `ec2.carrier_gateway`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::carrier_gateway::*;

carrier_gateway_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    CarrierGateways: CarrierGateway,
    describe_pages!(describe_carrier_gateways => page.carrier_gateways)
}
