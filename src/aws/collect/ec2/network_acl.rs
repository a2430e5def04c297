//! `ec2.network_acl`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::network_acl::*;

network_acl_shapes!(mirror, aws_sdk_ec2::types);

list_only! { NetworkAcls: NetworkAcl, describe_pages!(describe_network_acls => page.network_acls) }
