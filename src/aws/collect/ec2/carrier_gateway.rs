//! `ec2.carrier_gateway`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::carrier_gateway::*;

carrier_gateway_shapes!(mirror, aws_sdk_ec2::types);

describe! { CarrierGateways, KIND, CarrierGateway: describe_carrier_gateways => page.carrier_gateways }
