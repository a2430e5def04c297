//! `ec2.internet_gateway`: gateways with their VPC, and attachments as resources.

use super::common::{owner, tags_of};
use super::spec::Spec;
use crate::facts::ec2::internet_gateway::KIND;
use crate::preview::terraform::convert::{Converter, fields};
use crate::preview::tree::Tree;

pub const TYPES: &[Spec] = &[
    Spec::new("aws_internet_gateway", gateway),
    Spec::new("aws_internet_gateway_attachment", attachment),
];

fn gateway(cx: &mut Converter<'_>) {
    let id = match cx.own_id("id") {
        (_, true) => (cx.stand_in(&cx.resource.address), true),
        known => known,
    };
    let mut tree = fields([("internet_gateway_id", id.0.as_str().into()), ("tags", tags_of(cx))]);
    if cx.is_created() {
        tree.add(fields([("owner_id", owner(cx))]));
    }
    let vpc = cx.get("vpc_id");
    let is_computed = vpc.is_unknown() && !cx.has_argument("vpc_id") && cx.has_configuration();
    if is_computed || vpc.is_empty() {
        // It is not attached, or by a resource of its own.
        if cx.is_created() {
            tree.add(fields([("attachments", Tree::List(Vec::new()))]));
        }
    } else if cx.is_created() || cx.described("vpc_id").is_some() {
        tree.add(attached(cx.link("vpc_id")));
    }
    cx.declare(&KIND, id, tree);
}

fn attached(vpc: Tree) -> Tree {
    let attachment = fields([("vpc_id", vpc), ("state", "available".into())]);
    fields([("attachments", Tree::List(vec![attachment]))])
}

fn attachment(cx: &mut Converter<'_>) {
    let tree = attached(cx.link("vpc_id"));
    cx.set(&KIND, cx.target("internet_gateway_id", &["id"]), &["attachments"], tree);
}
