//! `ec2.ipam_scope`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::ipam_scope::*;

ipam_scope_shapes!(mirror, aws_sdk_ec2::types);

list_only! { IpamScopes: IpamScope, describe_pages!(describe_ipam_scopes => page.ipam_scopes) }
