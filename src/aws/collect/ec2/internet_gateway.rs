//! `ec2.internet_gateway`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::internet_gateway::*;

internet_gateway_shapes!(mirror, aws_sdk_ec2::types);

describe! { InternetGateways, KIND, InternetGateway: describe_internet_gateways => page.internet_gateways }
