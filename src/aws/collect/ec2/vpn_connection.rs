//! `ec2.vpn_connection`: everything is in the list, which has one page. Secrets are not stored:
//! the type of `pre_shared_key` cannot hold one.

use super::{describe_once, list_only, mirror};
use crate::facts::ec2::vpn_connection::*;

vpn_connection_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    VpnConnections: VpnConnection,
    describe_once!(describe_vpn_connections => response.vpn_connections)
}
