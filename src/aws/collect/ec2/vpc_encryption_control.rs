//! `ec2.vpc_encryption_control`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::vpc_encryption_control::*;

vpc_encryption_control_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    VpcEncryptionControls: VpcEncryptionControl,
    describe_pages!(describe_vpc_encryption_controls => page.vpc_encryption_controls)
}
