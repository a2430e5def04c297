//! `ec2.vpc`: `aws_vpc` and `aws_default_vpc`. AWS creates a default security group, a default network
//! ACL and a main route table with a VPC.

use serde_json::json;

use super::common::{owner, tags_of};
use super::spec::Spec;
use crate::facts::ec2::vpc::KIND;
use crate::preview::common::route_table::{local_route, range_of};
use crate::preview::common::vpc::NewVpc;
use crate::preview::item::Adoptee;
use crate::preview::terraform::convert::{Converter, Target, fields};
use crate::preview::terraform::plan::PlannedResource;
use crate::preview::tree::{Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("aws_default_vpc", vpc),
    Spec::new("aws_vpc", vpc),
    Spec::new("aws_vpc_dhcp_options_association", dhcp_options),
    Spec::new("aws_vpc_ipv4_cidr_block_association", ipv4),
    Spec::new("aws_vpc_ipv6_cidr_block_association", ipv6),
];

fn dhcp_options(cx: &mut Converter<'_>) {
    let tree = fields([("dhcp_options_id", cx.link("dhcp_options_id"))]);
    cx.set(&KIND, cx.target("vpc_id", &["id"]), &["dhcp_options_id"], tree);
}

fn vpc(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let mut tree = fields([
        ("vpc_id", id.0.as_str().into()),
        ("owner_id", owner(cx)),
        ("cidr_block", cx.get("cidr_block").text().into()),
        ("instance_tenancy", cx.get("instance_tenancy").text().into()),
        (
            "attributes",
            fields([
                (
                    "enable_dns_support",
                    cx.get("enable_dns_support").flag().map(|on| on.unwrap_or(true)).into(),
                ),
                (
                    "enable_dns_hostnames",
                    cx.get("enable_dns_hostnames").flag().map(|on| on.unwrap_or(false)).into(),
                ),
            ]),
        ),
        ("tags", tags_of(cx)),
    ]);
    if cx.is_created() {
        let is_default = cx.resource.type_name == "aws_default_vpc";
        tree.add(fields([("state", "available".into()), ("is_default", is_default.into())]));
        if !is_default {
            tree.add(ranges(cx));
        }
    }
    let created = cx.is_created() && id.1;
    let vpc = id.0.clone();
    cx.declare(&KIND, id, tree);
    if !created {
        return;
    }
    defaults(cx, &vpc);
    if cx.resource.type_name == "aws_default_vpc" {
        // It is taken over if there is one. A new one has subnets and an internet gateway.
        cx.adopt(&KIND, Adoptee::Vpc);
        cx.gap("ec2.subnet", Why::NotConverted);
        cx.gap("ec2.internet_gateway", Why::NotConverted);
    }
}

/// The ranges of a new VPC. Further ones are resources.
fn ranges(cx: &Converter<'_>) -> Tree {
    let ipv4 = Tree::List(vec![fields([
        ("association_id", Tree::Unknown(Why::Apply)),
        ("cidr_block", cx.get("cidr_block").text().into()),
        ("cidr_block_state", json!({ "state": "associated", "status_message": null }).into()),
    ])]);
    let mut tree = fields([("cidr_block_association_set", ipv4)]);
    if own_ipv6(cx) == Some(false) {
        tree.add(fields([("ipv6_cidr_block_association_set", Tree::List(Vec::new()))]));
    }
    tree
}

/// Whether a new VPC itself has an IPv6 range; `None` if that is not known.
fn own_ipv6(cx: &Converter<'_>) -> Option<bool> {
    let generated = cx.get("assign_generated_ipv6_cidr_block");
    let is_set = |name: &str| matches!(cx.get(name).text(), Ok(Some(_)));
    if generated.flag() == Ok(Some(true)) || is_set("ipv6_cidr_block") {
        return Some(true);
    }
    let asks_for = |name: &str| !cx.get(name).is_empty() && cx.get(name).flag() != Ok(Some(false));
    let may_have = asks_for("assign_generated_ipv6_cidr_block")
        || asks_for("ipv6_ipam_pool_id")
        || !cx.has_configuration()
        || cx.has_argument("ipv6_cidr_block");
    (!may_have).then_some(false)
}

/// Whether a new VPC has an IPv6 range when the change is made.
fn has_ipv6(cx: &Converter<'_>) -> Option<bool> {
    let adds = |one: &PlannedResource| {
        let referred = cx.plan().referred(one, "vpc_id");
        let id = one.after().get("vpc_id");
        one.type_name == "aws_vpc_ipv6_cidr_block_association"
            && one.exists_after()
            && !matches!(id.text(), Ok(Some(_)))
            && (referred.is_uncertain
                || referred.resources.iter().any(|(of, _)| *of == cx.resource.address))
    };
    match cx.plan().resources.iter().any(adds) {
        true => None,
        false => own_ipv6(cx),
    }
}

/// What AWS creates with a VPC.
fn defaults(cx: &mut Converter<'_>, vpc: &str) {
    let routes = match cx.resource.type_name.as_str() {
        // With a route to the internet.
        "aws_default_vpc" => Tree::Unknown(Why::NotConverted),
        _ => {
            let range = cx.get("cidr_block").text().ok().flatten();
            Tree::List(vec![local_route(range_of(range))])
        }
    };
    let new = NewVpc {
        name: vpc,
        account: cx.location.account.as_str(),
        owner: owner(cx),
        routes,
        has_ipv6: has_ipv6(cx),
        may_exist: cx.resource.type_name == "aws_default_vpc",
    };
    for (kind, id, tree) in new.defaults() {
        cx.declare(kind, (id, true), tree);
    }
}

fn ipv4(cx: &mut Converter<'_>) {
    association(cx, "cidr_block_association_set");
}

fn ipv6(cx: &mut Converter<'_>) {
    association(cx, "ipv6_cidr_block_association_set");
}

fn association(cx: &mut Converter<'_>, field: &'static str) {
    if cx.resource.is_changed() {
        let target = cx.target("vpc_id", &["id"]);
        let names: &'static [&'static str] =
            &["cidr_block_association_set", "ipv6_cidr_block_association_set"];
        let unknown = fields([(field, Tree::Unknown(Why::NotConverted))]);
        match target {
            Target::Id(_) if cx.when == crate::preview::terraform::convert::When::Before => {}
            target => cx.set(&KIND, target, names, unknown),
        }
    }
}
