//! `ec2.subnet`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::subnet::*;

subnet_shapes!(mirror, aws_sdk_ec2::types);

describe! { Subnets, KIND, Subnet: describe_subnets => page.subnets }
