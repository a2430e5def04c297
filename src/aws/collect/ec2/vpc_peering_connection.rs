//! `ec2.vpc_peering_connection`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::vpc_peering_connection::*;

vpc_peering_connection_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    VpcPeeringConnections, KIND, VpcPeeringConnection:
    describe_vpc_peering_connections => page.vpc_peering_connections
}
