//! `ec2.customer_gateway`: everything is in the list, which has one page.

use super::{describe_once, mirror};
use crate::facts::ec2::customer_gateway::*;

customer_gateway_shapes!(mirror, aws_sdk_ec2::types);

describe_once! { CustomerGateways, KIND, CustomerGateway: describe_customer_gateways => answer.customer_gateways }
