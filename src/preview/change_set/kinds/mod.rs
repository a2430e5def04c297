//! Which CloudFormation types describe which kinds: a file for each kind, and `others` for types that
//! are not converted.

mod access_point;
mod bucket;
mod common;
mod flow_log;
mod instance;
mod instance_network;
mod instance_volumes;
mod internet_gateway;
mod launch_template;
mod network_acl;
mod network_interface;
pub mod others;
mod route_table;
mod security_group;
mod settings;
pub mod spec;
mod subnet;
mod transit_gateway;
mod volume;
mod vpc;
mod vpc_endpoint;

use others::Other;
use spec::Spec;

/// The types that each kind is described by.
static TYPES: &[&[Spec]] = &[
    access_point::TYPES,
    bucket::TYPES,
    flow_log::TYPES,
    instance::TYPES,
    internet_gateway::TYPES,
    launch_template::TYPES,
    network_acl::TYPES,
    network_interface::TYPES,
    route_table::TYPES,
    security_group::TYPES,
    settings::TYPES,
    subnet::TYPES,
    transit_gateway::TYPES,
    volume::TYPES,
    vpc::TYPES,
    vpc_endpoint::TYPES,
];

/// The type of this name, if this version converts it.
pub fn spec(name: &str) -> Option<&'static Spec> {
    TYPES.iter().flat_map(|types| types.iter()).find(|spec| spec.name == name)
}

/// The kinds whose lists change when there is another resource of a type.
pub fn listed(type_name: &str) -> Vec<&'static str> {
    let own = |spec: &Spec| if spec.part.is_none() { vec![spec.kind] } else { Vec::new() };
    match Other::of(type_name) {
        Some(other) => other.lists(),
        None => spec(type_name).map(own).unwrap_or_default(),
    }
}
