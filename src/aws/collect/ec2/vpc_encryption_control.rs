//! `ec2.vpc_encryption_control`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::vpc_encryption_control::*;

vpc_encryption_control_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    VpcEncryptionControls, KIND, VpcEncryptionControl:
    describe_vpc_encryption_controls => page.vpc_encryption_controls
}
