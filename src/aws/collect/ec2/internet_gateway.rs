//! `ec2.internet_gateway`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::internet_gateway::*;

internet_gateway_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    InternetGateways: InternetGateway,
    describe_pages!(describe_internet_gateways => page.internet_gateways)
}
