//! `ec2.network_acl`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::network_acl::*;

network_acl_shapes!(mirror, aws_sdk_ec2::types);

describe! { NetworkAcls, KIND, NetworkAcl: describe_network_acls => page.network_acls }
