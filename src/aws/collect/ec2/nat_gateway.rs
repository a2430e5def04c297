//! `ec2.nat_gateway`: everything is in the list.

use super::{PAGE, describe, mirror};
use crate::facts::ec2::nat_gateway::*;

nat_gateway_shapes!(mirror, aws_sdk_ec2::types);

describe! { NatGateways, KIND, NatGateway: describe_nat_gateways.max_results(PAGE) => page.nat_gateways }
