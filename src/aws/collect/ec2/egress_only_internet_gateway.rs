//! `ec2.egress_only_internet_gateway`: everything is in the list, in pages of 255 at most.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::egress_only_internet_gateway::*;

egress_only_internet_gateway_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    EgressOnlyInternetGateways: EgressOnlyInternetGateway,
    describe_pages!(describe_egress_only_internet_gateways => page.egress_only_internet_gateways)
}
