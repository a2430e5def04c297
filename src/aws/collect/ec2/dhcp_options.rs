//! `ec2.dhcp_options`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::dhcp_options::*;

dhcp_options_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    DhcpOptionsSets: DhcpOptions,
    describe_pages!(describe_dhcp_options => page.dhcp_options)
}
