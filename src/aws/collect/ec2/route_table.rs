//! `ec2.route_table`: everything is in the list, in pages of 100 at most.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::route_table::*;

route_table_shapes!(mirror, aws_sdk_ec2::types);

list_only! { RouteTables: RouteTable, describe_pages!(describe_route_tables => page.route_tables) }
