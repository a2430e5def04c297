//! `ec2.route_table`: route tables with inline routes, single routes, associations and main tables.

use super::common::{owner, tags_of};
use super::spec::Spec;
use crate::facts::ec2::route_table::KIND;
use crate::preview::common::route_table::{self as common, Destination, local_route, range_of};
use crate::preview::item::Adoptee;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, Target, fields, present};
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("aws_default_route_table", default_table),
    Spec::new("aws_main_route_table_association", main_association),
    Spec::new("aws_route", route),
    Spec::new("aws_route_table", table),
    Spec::new("aws_route_table_association", association),
    Spec::new("aws_vpn_gateway_route_propagation", propagation),
];

/// Arguments with what a route leads to, with the fields.
const TARGETS: [(&str, &str); 11] = [
    ("gateway_id", "gateway_id"),
    ("egress_only_gateway_id", "egress_only_internet_gateway_id"),
    ("nat_gateway_id", "nat_gateway_id"),
    ("network_interface_id", "network_interface_id"),
    ("transit_gateway_id", "transit_gateway_id"),
    ("vpc_peering_connection_id", "vpc_peering_connection_id"),
    ("local_gateway_id", "local_gateway_id"),
    ("carrier_gateway_id", "carrier_gateway_id"),
    ("core_network_arn", "core_network_arn"),
    ("odb_network_arn", "odb_network_arn"),
    // An endpoint is returned as a gateway.
    ("vpc_endpoint_id", "gateway_id"),
];

fn table(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let tree = present([
        ("route_table_id", Some(id.0.as_str().into())),
        ("vpc_id", Some(cx.link("vpc_id"))),
        ("owner_id", Some(owner(cx))),
        ("associations", cx.is_created().then(|| Tree::List(Vec::new()))),
        ("routes", inline(cx)),
        ("propagating_vgws", propagating(cx)),
        ("tags", Some(tags_of(cx))),
    ]);
    cx.declare(&KIND, id, tree);
}

fn propagating(cx: &Converter<'_>) -> Option<Tree> {
    let gateways = cx.get("propagating_vgws");
    if gateways.why().is_some() || gateways.is_empty() {
        return cx.is_created().then(|| Tree::List(Vec::new()));
    }
    cx.described("propagating_vgws")?;
    Some(gateways.list_tree(|id| fields([("gateway_id", id.text().into())])))
}

/// The routes in a table itself, and the local one of a new table.
fn inline(cx: &Converter<'_>) -> Option<Tree> {
    let routes = cx.get("route");
    let mut all = match cx.is_created() {
        true => vec![local_route(range_of(range_of_vpc(cx).text().ok().flatten()))],
        false => Vec::new(),
    };
    if routes.why().is_some() {
        if !cx.is_created() {
            // What the provider only computes stays as it was, so these routes are configured.
            return Some(Tree::Unknown(Why::Apply));
        }
        let known = has_routes(cx).then_some(Tree::List(all));
        return Some(known.unwrap_or(Tree::Unknown(Why::Apply)));
    }
    match cx.described("route").map(|routes| routes.items()) {
        None if cx.is_created() => Some(Tree::List(all)),
        None => None,
        Some(Err(why)) => Some(Tree::Unknown(why)),
        Some(Ok(blocks)) => {
            let of = |block: Attribute<'_>| {
                let target = |argument: &str| block.get(argument).text().into();
                route_of(block, "cidr_block", "ipv6_cidr_block", target)
            };
            all.extend(blocks.into_iter().map(of));
            Some(Tree::List(all))
        }
    }
}

/// Whether the plan has routes of this table that are resources.
fn has_routes(cx: &Converter<'_>) -> bool {
    let mut routes = cx.plan().resources.iter().filter(|one| one.type_name == "aws_route");
    routes.any(|one| cx.plan().belongs(one, "route_table_id", &cx.resource.address))
}

/// The range of the VPC that a new table is in, if the plan has the VPC.
fn range_of_vpc<'p>(cx: &Converter<'p>) -> Attribute<'p> {
    let by_reference = cx.referred("vpc_id", &["id"]);
    let id = cx.get("vpc_id").text().ok().flatten();
    let by_id = || {
        let is_vpc = |name: &str| matches!(name, "aws_vpc" | "aws_default_vpc");
        let mut vpcs = cx.plan().resources.iter().filter(|one| is_vpc(&one.type_name));
        vpcs.find(|one| id.is_some() && one.after().get("id").text().ok().flatten() == id)
    };
    by_reference.or_else(by_id).map_or(Attribute::none(), |vpc| vpc.after().get("cidr_block"))
}

fn route_of(block: Attribute<'_>, cidr: &str, ipv6: &str, target: impl Fn(&str) -> Tree) -> Tree {
    let destination = Destination {
        cidr: block.get(cidr).text().into(),
        ipv6_cidr: block.get(ipv6).text().into(),
        prefix_list: block.get("destination_prefix_list_id").text().into(),
    };
    let target = |argument: &str| match target(argument) {
        // A route leads to one target only, and this one is a NAT gateway, whichever.
        Tree::Unknown(Why::Apply) if argument == "nat_gateway_id" => {
            "nat-(known after apply)".into()
        }
        target => target,
    };
    common::route(destination, TARGETS.map(|(argument, field)| (field, target(argument))))
}

fn route(cx: &mut Converter<'_>) {
    let has_other =
        |name: &str| TARGETS.iter().any(|(other, _)| *other != name && !cx.get(other).is_empty());
    let target = |argument: &str| {
        // The provider computes the interface of what is configured.
        let is_computed = argument == "network_interface_id"
            && cx.get(argument).is_unknown()
            && !cx.has_argument(argument)
            && has_other(argument);
        if is_computed { ABSENT } else { cx.link(argument) }
    };
    let route =
        route_of(cx.attributes(), "destination_cidr_block", "destination_ipv6_cidr_block", target);
    let tree = fields([("routes", Tree::List(vec![route]))]);
    cx.set(&KIND, cx.target("route_table_id", &["id"]), &["routes"], tree);
}

fn association(cx: &mut Converter<'_>) {
    let id = cx.get("id").text().into();
    let item = common::association(id, cx.link("subnet_id"), cx.link("gateway_id"));
    let tree = fields([("associations", Tree::List(vec![item]))]);
    cx.set(&KIND, cx.target("route_table_id", &["id"]), &["associations"], tree);
}

/// Another table becomes the main one: which one was it before is not known from the plan.
fn main_association(cx: &mut Converter<'_>) {
    if cx.resource.is_changed() {
        let target = Target::Unresolved { is_anywhere: true };
        cx.set(&KIND, target, &["associations"], fields([]));
    }
}

fn propagation(cx: &mut Converter<'_>) {
    if cx.resource.is_changed() {
        let unknown = fields([
            ("propagating_vgws", Tree::Unknown(Why::NotConverted)),
            ("routes", Tree::Unknown(Why::NotConverted)),
        ]);
        let target = cx.target("route_table_id", &["id"]);
        cx.set(&KIND, target, &["propagating_vgws", "routes"], unknown);
    }
}

/// The main table of a VPC. The type takes over the existing table and removes its routes.
fn default_table(cx: &mut Converter<'_>) {
    const ID: &str = "default_route_table_id";
    let names: &'static [&'static str] = &["propagating_vgws", "routes", "tags"];
    let adoptee = match cx.get(ID).text() {
        Ok(Some(id)) => Some(Adoptee::Is(id.to_owned())),
        _ => {
            let vpc = cx.referred(ID, &[ID, "main_route_table_id"]);
            vpc.map(|vpc| Adoptee::RouteTable(vpc.address.clone()))
        }
    };
    let target = match adoptee {
        Some(adoptee) => cx.taken_over(&KIND, adoptee),
        None => Target::Unresolved { is_anywhere: true },
    };
    let routes = cx.get("route");
    let routes = match routes.items() {
        Ok(blocks) => {
            let of = |block: Attribute<'_>| {
                route_of(block, "cidr_block", "ipv6_cidr_block", |argument| {
                    block.get(argument).text().into()
                })
            };
            Tree::List(blocks.into_iter().map(of).collect())
        }
        // The provider removes all routes that are not configured; others can be resources.
        Err(Why::Apply) if cx.is_created() && !cx.has_argument("route") => Tree::List(Vec::new()),
        Err(why) => Tree::Unknown(why),
    };
    let mut tree = fields([("routes", routes), ("tags", tags_of(cx))]);
    if cx.is_created() {
        // Gateways that are not configured do not propagate their routes any more.
        let gateways = cx.get("propagating_vgws");
        let is_set = gateways.why().is_none() || cx.has_argument("propagating_vgws");
        let propagating = match is_set {
            true => gateways.list_tree(|id| fields([("gateway_id", id.text().into())])),
            false => Tree::List(Vec::new()),
        };
        tree.add(fields([("propagating_vgws", propagating)]));
    }
    cx.set(&KIND, target, names, tree);
}
