//! `ec2.network_interface`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::network_interface::*;

network_interface_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    NetworkInterfaces: NetworkInterface,
    // By default, an account can hide what AWS services manage in it.
    describe_pages!(describe_network_interfaces.include_managed_resources(true) => page.network_interfaces)
}
