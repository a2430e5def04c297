//! `ec2.fleet`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::fleet::*;

fleet_shapes!(mirror, aws_sdk_ec2::types);

describe! { Fleets, KIND, FleetData: describe_fleets => page.fleets }
