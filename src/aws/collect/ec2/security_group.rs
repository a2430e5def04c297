//! `ec2.security_group`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::security_group::*;

security_group_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    SecurityGroups: SecurityGroup,
    describe_pages!(describe_security_groups => page.security_groups)
}
