//! `ec2.ipam_scope`: everything is in the list.

use super::{PAGE, describe, mirror};
use crate::facts::ec2::ipam_scope::*;

ipam_scope_shapes!(mirror, aws_sdk_ec2::types);

describe! { IpamScopes, KIND, IpamScope: describe_ipam_scopes.max_results(PAGE) => page.ipam_scopes }
