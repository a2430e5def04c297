//! `ec2.customer_gateway`: everything is in the list, which has one page.

use super::{describe_once, list_only, mirror};
use crate::facts::ec2::customer_gateway::*;

customer_gateway_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    CustomerGateways: CustomerGateway,
    describe_once!(describe_customer_gateways => response.customer_gateways)
}
