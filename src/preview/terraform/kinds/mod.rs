//! Which Terraform types describe which kinds: a file for each kind.

mod access_point;
mod account;
mod address;
mod auto_scaling_group;
mod bucket;
mod bucket_acl;
mod bucket_facts;
mod bucket_inline;
mod bucket_rules;
mod client_vpn_endpoint;
mod common;
mod directory_bucket;
mod flow_log;
mod image;
mod instance;
mod instance_network;
mod internet_gateway;
mod launch_template;
mod managed_prefix_list;
mod multi_region_access_point;
mod nat_gateway;
mod network_acl;
mod network_interface;
mod other;
mod policy;
mod route_table;
mod security_group;
mod settings;
mod spec;
mod spot_fleet_request;
mod subnet;
mod transit_gateway;
mod user_data;
mod volume;
mod vpc;
mod vpc_endpoint;
mod vpc_peering_connection;
mod vpn_connection;

use std::collections::HashMap;
use std::sync::LazyLock;

use spec::Spec;

pub use other::other;

/// The types that each kind is described by.
static TYPES: &[&[Spec]] = &[
    access_point::TYPES,
    account::TYPES,
    address::TYPES,
    auto_scaling_group::TYPES,
    bucket::TYPES,
    client_vpn_endpoint::TYPES,
    directory_bucket::TYPES,
    flow_log::TYPES,
    image::TYPES,
    instance::TYPES,
    internet_gateway::TYPES,
    launch_template::TYPES,
    managed_prefix_list::TYPES,
    multi_region_access_point::TYPES,
    nat_gateway::TYPES,
    network_acl::TYPES,
    network_interface::TYPES,
    route_table::TYPES,
    security_group::TYPES,
    settings::TYPES,
    spot_fleet_request::TYPES,
    subnet::TYPES,
    transit_gateway::TYPES,
    volume::TYPES,
    vpc::TYPES,
    vpc_endpoint::TYPES,
    vpc_peering_connection::TYPES,
    vpn_connection::TYPES,
];

/// The type of this name, if this version converts it.
pub fn spec(name: &str) -> Option<&'static Spec> {
    static BY_NAME: LazyLock<HashMap<&'static str, &'static Spec>> = LazyLock::new(|| {
        TYPES.iter().flat_map(|types| types.iter()).map(|spec| (spec.name, spec)).collect()
    });
    BY_NAME.get(name).copied()
}

/// The attribute by which others refer to a resource of a type.
pub fn id_attribute(type_name: &str) -> &'static str {
    spec(type_name).map_or("id", |spec| spec.id)
}
