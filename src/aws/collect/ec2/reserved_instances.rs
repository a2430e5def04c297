//! `ec2.reserved_instances`: everything is in the list, which has no pages.

use super::{describe_once, mirror};
use crate::facts::ec2::reserved_instances::*;

reserved_instances_shapes!(mirror, aws_sdk_ec2::types);

describe_once! { Reserved, KIND, ReservedInstances: describe_reserved_instances => page.reserved_instances }
