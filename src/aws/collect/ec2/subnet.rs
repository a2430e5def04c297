//! `ec2.subnet`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::subnet::*;

subnet_shapes!(mirror, aws_sdk_ec2::types);

list_only! { Subnets: Subnet, describe_pages!(describe_subnets => page.subnets) }
