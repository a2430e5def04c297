//! `ec2.nat_gateway`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::nat_gateway::*;

nat_gateway_shapes!(mirror, aws_sdk_ec2::types);

list_only! { NatGateways: NatGateway, describe_pages!(describe_nat_gateways => page.nat_gateways) }
