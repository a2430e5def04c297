//! `ec2.security_group`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::security_group::*;

security_group_shapes!(mirror, aws_sdk_ec2::types);

describe! { SecurityGroups, KIND, SecurityGroup: describe_security_groups => page.security_groups }
