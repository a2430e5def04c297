//! Kinds of Amazon EC2 and VPC.

use super::shape::shape;

pub mod client_vpn_endpoint;
pub mod customer_gateway;
pub mod instance;
pub mod ipam_scope;
pub mod network_insights_access_scope;
pub mod network_insights_access_scope_analysis;
pub mod network_insights_analysis;
pub mod network_insights_path;
pub mod security_group;
pub mod settings;
pub mod traffic_mirror_filter;
pub mod traffic_mirror_session;
pub mod traffic_mirror_target;
pub mod transit_gateway;
pub mod transit_gateway_attachment;
pub mod transit_gateway_multicast_domain;
pub mod transit_gateway_route_table;
pub mod verified_access_instance;
pub mod volume;
pub mod vpc_encryption_control;
pub mod vpn_connection;
pub mod vpn_gateway;
