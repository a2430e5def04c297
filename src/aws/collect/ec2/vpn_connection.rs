//! `ec2.vpn_connection`: everything is in the list, which has one page. Secrets stay here: the type
//! of `pre_shared_key` cannot hold one.

use super::{describe_once, mirror};
use crate::facts::ec2::vpn_connection::*;

vpn_connection_shapes!(mirror, aws_sdk_ec2::types);

describe_once! { VpnConnections, KIND, VpnConnection: describe_vpn_connections => answer.vpn_connections }
