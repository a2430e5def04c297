//! `ec2.transit_gateway`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::transit_gateway::*;

transit_gateway_shapes!(mirror, aws_sdk_ec2::types);

describe! { TransitGateways, KIND, TransitGateway: describe_transit_gateways => page.transit_gateways }
