//! `ec2.reserved_instances`: everything is in the list, which has no pages.

use super::{describe_once, list_only, mirror};
use crate::facts::ec2::reserved_instances::*;

reserved_instances_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    Reserved: ReservedInstances,
    describe_once!(describe_reserved_instances => response.reserved_instances)
}
