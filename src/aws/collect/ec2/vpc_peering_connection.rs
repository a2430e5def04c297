//! `ec2.vpc_peering_connection`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::vpc_peering_connection::*;

vpc_peering_connection_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    VpcPeeringConnections: VpcPeeringConnection,
    describe_pages!(describe_vpc_peering_connections => page.vpc_peering_connections)
}
