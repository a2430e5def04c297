//! `ec2.dhcp_options`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::dhcp_options::*;

dhcp_options_shapes!(mirror, aws_sdk_ec2::types);

describe! { DhcpOptionsSets, KIND, DhcpOptions: describe_dhcp_options => page.dhcp_options }
