//! `ec2.nat_gateway`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::nat_gateway::*;

nat_gateway_shapes!(mirror, aws_sdk_ec2::types);

describe! { NatGateways, KIND, NatGateway: describe_nat_gateways => page.nat_gateways }
