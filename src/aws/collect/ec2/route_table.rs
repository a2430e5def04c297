//! `ec2.route_table`: everything is in the list, in pages of 100 at most.

use super::{describe, mirror};
use crate::facts::ec2::route_table::*;

route_table_shapes!(mirror, aws_sdk_ec2::types);

describe! { RouteTables, KIND, RouteTable: describe_route_tables => page.route_tables }
