//! `ec2.route_table`: route tables, and routes and associations as resources.

use super::common::range;
use super::spec::Spec;
use crate::facts::ec2::route_table::KIND;
use crate::preview::change_set::converter::{Converter, text};
use crate::preview::common::route_table::{self as common, Destination, local_route};
use crate::preview::terraform::attribute::Attribute;
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("AWS::EC2::RouteTable", "ec2.route_table", table).with(&["Tags", "VpcId"]),
    Spec::new("AWS::EC2::Route", "ec2.route_table", route).part_of("RouteTableId", ROUTES).with(&[
        "CarrierGatewayId",
        "CoreNetworkArn",
        "DestinationCidrBlock",
        "DestinationIpv6CidrBlock",
        "DestinationPrefixListId",
        "EgressOnlyInternetGatewayId",
        "GatewayId",
        "InstanceId",
        "LocalGatewayId",
        "NatGatewayId",
        "NetworkInterfaceId",
        "RouteTableId",
        "TransitGatewayId",
        "VpcEndpointId",
        "VpcPeeringConnectionId",
    ]),
    Spec::new("AWS::EC2::GatewayRouteTableAssociation", "ec2.route_table", association)
        .part_of("RouteTableId", ASSOCIATIONS)
        .with(&["GatewayId", "RouteTableId"]),
    Spec::new("AWS::EC2::SubnetRouteTableAssociation", "ec2.route_table", association)
        .part_of("RouteTableId", ASSOCIATIONS)
        .with(&["RouteTableId", "SubnetId"]),
];

const ROUTES: &[&str] = &["routes"];
const ASSOCIATIONS: &[&str] = &["associations"];

/// Properties with what a route leads to, with the fields.
const TARGETS: [(&str, &str); 11] = [
    ("CarrierGatewayId", "carrier_gateway_id"),
    ("CoreNetworkArn", "core_network_arn"),
    ("EgressOnlyInternetGatewayId", "egress_only_internet_gateway_id"),
    ("GatewayId", "gateway_id"),
    ("InstanceId", "instance_id"),
    ("LocalGatewayId", "local_gateway_id"),
    ("NatGatewayId", "nat_gateway_id"),
    ("NetworkInterfaceId", "network_interface_id"),
    ("TransitGatewayId", "transit_gateway_id"),
    // An endpoint is returned as a gateway.
    ("VpcEndpointId", "gateway_id"),
    ("VpcPeeringConnectionId", "vpc_peering_connection_id"),
];

fn table(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let mut tree = Tree::object([]);
    cx.put(&mut tree, ("VpcId", "vpc_id"), Tree::Unknown(Why::Apply), text);
    cx.put_tags(&mut tree, true);
    if cx.is_created() {
        tree.add(Tree::object([
            ("route_table_id", id.0.as_str().into()),
            ("owner_id", cx.owner()),
            ("associations", Tree::List(Vec::new())),
            ("routes", Tree::List(vec![local_route(Tree::Unknown(Why::Apply))])),
            ("propagating_vgws", Tree::List(Vec::new())),
        ]));
    }
    cx.declare(&KIND, id, tree);
}

fn route(cx: &mut Converter<'_>) {
    let route = route_of(cx.properties());
    let tree = Tree::object([("routes", Tree::List(vec![route]))]);
    cx.set(&KIND, "RouteTableId", ROUTES, tree);
}

fn route_of(route: Attribute<'_>) -> Tree {
    let destination = Destination {
        cidr: range(route.get("DestinationCidrBlock")),
        ipv6_cidr: range(route.get("DestinationIpv6CidrBlock")),
        prefix_list: text(route.get("DestinationPrefixListId")),
    };
    let targets = TARGETS.map(|(property, field)| (field, text(route.get(property))));
    let is_set = |name: &str| !route.get(name).is_empty();
    // An instance is returned with its network interface, and the other way around.
    let unknown = || Tree::Unknown(Why::Apply);
    let more = match (is_set("InstanceId"), is_set("NetworkInterfaceId")) {
        (true, _) => vec![("network_interface_id", unknown()), ("instance_owner_id", unknown())],
        (_, true) => vec![("instance_id", unknown()), ("instance_owner_id", unknown())],
        _ => Vec::new(),
    };
    common::route(destination, targets.into_iter().chain(more))
}

/// The association of a subnet or a gateway.
fn association(cx: &mut Converter<'_>) {
    let link = |property: &str| text(cx.get(property));
    let id = Tree::Unknown(Why::Apply);
    let item = common::association(id, link("SubnetId"), link("GatewayId"));
    let is_named = |name: &str| item.get(name).is_some_and(|link| link != ABSENT);
    let item = match is_named("subnet_id") || is_named("gateway_id") {
        true => item,
        false => Tree::Unknown(Why::Apply),
    };
    let tree = Tree::object([("associations", Tree::List(vec![item]))]);
    cx.set(&KIND, "RouteTableId", ASSOCIATIONS, tree);
}
