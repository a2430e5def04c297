//! `ec2.transit_gateway_multicast_domain`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::transit_gateway_multicast_domain::*;

transit_gateway_multicast_domain_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    TransitGatewayMulticastDomains: TransitGatewayMulticastDomain,
    describe_pages!(describe_transit_gateway_multicast_domains => page.transit_gateway_multicast_domains)
}
