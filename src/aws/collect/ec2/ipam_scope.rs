//! `ec2.ipam_scope`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::ipam_scope::*;

ipam_scope_shapes!(mirror, aws_sdk_ec2::types);

describe! { IpamScopes, KIND, IpamScope: describe_ipam_scopes => page.ipam_scopes }
