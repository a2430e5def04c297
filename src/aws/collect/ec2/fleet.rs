//! `ec2.fleet`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::fleet::*;

fleet_shapes!(mirror, aws_sdk_ec2::types);

list_only! { Fleets: FleetData, describe_pages!(describe_fleets => page.fleets) }
