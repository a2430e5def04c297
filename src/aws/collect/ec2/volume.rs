//! `ec2.volume`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::volume::*;

volume_shapes!(mirror, aws_sdk_ec2::types);

describe! { Volumes, KIND, Volume: describe_volumes.include_managed_resources(true) => page.volumes }
