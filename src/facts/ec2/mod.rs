//! Kinds of Amazon EC2 and VPC.

use super::shape::shape;

pub mod address;
pub mod carrier_gateway;
pub mod dhcp_options;
pub mod egress_only_internet_gateway;
pub mod flow_log;
pub mod instance;
pub mod internet_gateway;
pub mod managed_prefix_list;
pub mod nat_gateway;
pub mod network_acl;
pub mod network_interface;
pub mod route_table;
pub mod security_group;
pub mod settings;
pub mod subnet;
pub mod volume;
pub mod vpc;
pub mod vpc_endpoint;
pub mod vpc_endpoint_service;
pub mod vpc_peering_connection;
