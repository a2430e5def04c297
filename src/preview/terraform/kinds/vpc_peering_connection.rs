//! `ec2.vpc_peering_connection`: `aws_vpc_peering_connection`, its accepter and its options.

use super::common::tags_of;
use super::spec::Spec;
use crate::facts::ec2::vpc_peering_connection::KIND;
use crate::model::Region;
use crate::preview::item::Location;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, When, fields};
use crate::preview::terraform::plan::Action;
use crate::preview::tree::{Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("aws_vpc_peering_connection", connection),
    Spec::new("aws_vpc_peering_connection_accepter", accepter),
    Spec::new("aws_vpc_peering_connection_options", options),
];

fn connection(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let mut tree =
        fields([("vpc_peering_connection_id", id.0.as_str().into()), ("tags", tags_of(cx))]);
    if cx.is_created() {
        let account = cx.location.account.to_string();
        let region = cx.location.region.to_string();
        let is_same = |name: &str| {
            cx.get(name).is_empty() || (cx.get(name).is_unknown() && !cx.has_argument(name))
        };
        let accepted = cx.get("auto_accept").flag().ok().flatten() == Some(true);
        let info = |vpc: Tree, owner: Tree, region: Tree, side: &str| {
            fields([
                ("vpc_id", vpc),
                ("owner_id", owner),
                ("region", region),
                ("peering_options", cx.get(side).block_tree(dns)),
            ])
        };
        let owner = if is_same("peer_owner_id") {
            account.as_str().into()
        } else {
            cx.get("peer_owner_id").text().into()
        };
        let peer_region = if is_same("peer_region") {
            region.as_str().into()
        } else {
            cx.get("peer_region").text().into()
        };
        let code = match accepted {
            true => fields([("code", "active".into())]),
            // Somebody, or another resource, accepts it.
            false => Tree::Unknown(Why::Apply),
        };
        tree.add(fields([
            ("status", code),
            (
                "requester_vpc_info",
                info(
                    cx.link("vpc_id"),
                    account.as_str().into(),
                    region.as_str().into(),
                    "requester",
                ),
            ),
            ("accepter_vpc_info", info(cx.link("peer_vpc_id"), owner, peer_region, "accepter")),
        ]));
        cx.declare(&KIND, id, tree);
        return;
    }
    tree.add(sides(cx));
    cx.declare(&KIND, id.clone(), tree);
    copy(cx, id);
}

/// A connection between two regions is listed in both, and is deleted in both.
fn copy(cx: &mut Converter<'_>, id: (String, bool)) {
    let text = |name: &str| cx.get(name).text().ok().flatten();
    let is_deleted = matches!(cx.resource.action, Action::Delete | Action::Replace);
    let is_own = text("peer_owner_id") == Some(cx.location.account.as_str());
    let region = text("peer_region").and_then(|region| region.parse::<Region>().ok());
    let other = region.filter(|region| *region != cx.location.region && !region.is_global());
    if let Some(region) = other.filter(|_| cx.when == When::Before && is_deleted && is_own) {
        let location = Location { region, account: cx.location.account.clone() };
        let location = std::mem::replace(&mut cx.location, location);
        cx.declare(&KIND, id, fields([]));
        cx.location = location;
    }
}

fn dns(block: Attribute<'_>) -> Tree {
    let allowed = block.get("allow_remote_vpc_dns_resolution").flag();
    fields([("allow_dns_resolution_from_remote_vpc", allowed.map(|on| on.unwrap_or(false)).into())])
}

fn accepter(cx: &mut Converter<'_>) {
    if cx.resource.is_changed() {
        let accepts = cx.get("auto_accept").flag() == Ok(Some(true));
        let status = match cx.is_created() && accepts {
            true => fields([("code", "active".into())]),
            false => Tree::Unknown(Why::Apply),
        };
        let mut tree = fields([("status", status), ("tags", tags_of(cx))]);
        tree.add(sides(cx));
        let target = cx.target("vpc_peering_connection_id", &["id"]);
        cx.set(&KIND, target, &["status", "requester_vpc_info", "accepter_vpc_info"], tree);
    }
}

/// The options of both sides, as far as they are set.
fn sides(cx: &Converter<'_>) -> Tree {
    let mut tree = fields([]);
    for (side, field) in [("requester", "requester_vpc_info"), ("accepter", "accepter_vpc_info")] {
        if cx.described(side).is_some() {
            let options = fields([("peering_options", cx.get(side).block_tree(dns))]);
            tree.add(Tree::Object([(field.to_owned(), options)].into()));
        }
    }
    tree
}

fn options(cx: &mut Converter<'_>) {
    let tree = sides(cx);
    let target = cx.target("vpc_peering_connection_id", &["id"]);
    cx.set(&KIND, target, &["requester_vpc_info", "accepter_vpc_info"], tree);
}
