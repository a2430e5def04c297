//! `ec2.address`: everything is in the list, which is not paged.

use super::{describe_once, mirror};
use crate::facts::ec2::address::*;

address_shapes!(mirror, aws_sdk_ec2::types);

describe_once! { Addresses, KIND, Address: describe_addresses => answer.addresses }
