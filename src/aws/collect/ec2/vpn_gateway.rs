//! `ec2.vpn_gateway`: everything is in the list, which has one page.

use super::{describe_once, list_only, mirror};
use crate::facts::ec2::vpn_gateway::*;

vpn_gateway_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    VpnGateways: VpnGateway,
    describe_once!(describe_vpn_gateways => response.vpn_gateways)
}
