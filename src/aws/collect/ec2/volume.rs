//! `ec2.volume`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::volume::*;

volume_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    Volumes: Volume,
    describe_pages!(describe_volumes.include_managed_resources(true) => page.volumes)
}
