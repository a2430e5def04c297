//! Writers of actions on Amazon EC2 and VPC.

pub(super) mod client_vpn_endpoint;
pub(super) mod flow_log;
pub(super) mod instance;
pub(super) mod network;
pub(super) mod security_group;
pub(super) mod settings;
pub(super) mod sharing;
pub(super) mod vpn_connection;
