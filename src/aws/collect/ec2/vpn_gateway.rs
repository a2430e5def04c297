//! `ec2.vpn_gateway`: everything is in the list, which has one page.

use super::{describe_once, mirror};
use crate::facts::ec2::vpn_gateway::*;

vpn_gateway_shapes!(mirror, aws_sdk_ec2::types);

describe_once! { VpnGateways, KIND, VpnGateway: describe_vpn_gateways => answer.vpn_gateways }
