//! Routes and associations of route tables.

use std::collections::BTreeMap;

use serde_json::json;

use crate::preview::tree::{ABSENT, Tree, Why};

/// The fields with what a route leads to.
const TARGETS: [&str; 13] = [
    "gateway_id",
    "egress_only_internet_gateway_id",
    "nat_gateway_id",
    "network_interface_id",
    "transit_gateway_id",
    "vpc_peering_connection_id",
    "local_gateway_id",
    "carrier_gateway_id",
    "core_network_arn",
    "odb_network_arn",
    "instance_id",
    "instance_owner_id",
    "ip_address",
];

/// Where a route applies.
#[derive(Debug)]
pub struct Destination {
    /// An IPv4 range.
    pub cidr: Tree,
    /// An IPv6 range.
    pub ipv6_cidr: Tree,
    /// A prefix list.
    pub prefix_list: Tree,
}

/// A route that somebody configured. What `targets` lacks is absent.
pub fn route(
    destination: Destination,
    targets: impl IntoIterator<Item = (&'static str, Tree)>,
) -> Tree {
    route_of("CreateRoute", destination, targets)
}

/// The route within the VPC, which every table has.
pub fn local_route(cidr: Tree) -> Tree {
    let destination = Destination { cidr, ipv6_cidr: ABSENT, prefix_list: ABSENT };
    route_of("CreateRouteTable", destination, [("gateway_id", "local".into())])
}

fn route_of(
    origin: &str,
    destination: Destination,
    targets: impl IntoIterator<Item = (&'static str, Tree)>,
) -> Tree {
    let mut fields: BTreeMap<String, Tree> =
        TARGETS.iter().map(|field| ((*field).to_owned(), ABSENT)).collect();
    let rest = [
        ("destination_cidr_block", destination.cidr),
        ("destination_ipv6_cidr_block", destination.ipv6_cidr),
        ("destination_prefix_list_id", destination.prefix_list),
        ("origin", origin.into()),
        ("state", "active".into()),
    ];
    for (name, tree) in targets.into_iter().filter(|(_, tree)| !tree.is_absent()).chain(rest) {
        fields.insert(name.to_owned(), tree);
    }
    Tree::Object(fields)
}

/// The association of a table with a subnet or a gateway.
pub fn association(id: Tree, subnet: Tree, gateway: Tree) -> Tree {
    Tree::object([
        ("route_table_association_id", id),
        ("main", false.into()),
        ("subnet_id", subnet),
        ("gateway_id", gateway),
        ("public_ipv4_pool", ABSENT),
        ("association_state", associated()),
    ])
}

/// The association of a main route table.
pub fn main_association() -> Tree {
    Tree::object([
        ("main", true.into()),
        ("subnet_id", ABSENT),
        ("gateway_id", ABSENT),
        ("public_ipv4_pool", ABSENT),
        ("association_state", associated()),
    ])
}

fn associated() -> Tree {
    json!({ "state": "associated", "status_message": null }).into()
}

/// A range that may not be known.
pub fn range_of(cidr: Option<&str>) -> Tree {
    cidr.map_or(Tree::Unknown(Why::Apply), Tree::from)
}
