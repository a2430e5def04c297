//! `ec2.network_acl`: network ACLs with inline entries, single entries, associations, and default ACLs.

use super::common::{owner, tags_of};
use super::spec::Spec;
use crate::facts::ec2::network_acl::KIND;
use crate::preview::common::network_acl::{Entry, deny_rest};
use crate::preview::item::Adoptee;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, Target, fields, present};
use crate::preview::tree::{Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("aws_default_network_acl", default_acl),
    Spec::new("aws_network_acl", acl),
    Spec::new("aws_network_acl_association", association),
    Spec::new("aws_network_acl_rule", rule),
];

fn acl(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let mut tree = present([
        ("network_acl_id", Some(id.0.as_str().into())),
        ("vpc_id", Some(cx.link("vpc_id"))),
        ("owner_id", Some(owner(cx))),
        ("is_default", Some(false.into())),
        ("associations", associations(cx)),
        ("tags", Some(tags_of(cx))),
    ]);
    let mut entries =
        if cx.is_created() { vec![deny_rest(false), deny_rest(true)] } else { Vec::new() };
    let mut is_described = cx.is_created();
    for (argument, egress) in [("ingress", false), ("egress", true)] {
        match inline(cx, argument, egress) {
            Ok(None) => {}
            Ok(Some(more)) => {
                is_described = true;
                entries.extend(more);
            }
            Err(why) => {
                tree.add(fields([("entries", Tree::Unknown(why))]));
                return cx.declare(&KIND, id, tree);
            }
        }
    }
    if is_described {
        tree.add(fields([("entries", Tree::List(entries))]));
    }
    cx.declare(&KIND, id, tree);
}

/// The entries in an ACL itself; none if they are resources.
fn inline(cx: &Converter<'_>, argument: &str, egress: bool) -> Result<Option<Vec<Tree>>, Why> {
    let blocks = cx.get(argument);
    if blocks.why().is_some() {
        if !cx.is_created() {
            // What the provider only computes stays as it was, so these entries are configured.
            return Err(Why::Apply);
        }
        // Entries from a dynamic block that are not known look the same as none.
        let has_rules = cx.plan().resources.iter().any(|one| {
            let of_direction = one.after().get("egress").flag().map(|flag| flag.unwrap_or(false));
            one.type_name == "aws_network_acl_rule"
                && of_direction == Ok(egress)
                && cx.plan().belongs(one, "network_acl_id", &cx.resource.address)
        });
        return if has_rules { Ok(None) } else { Err(Why::Apply) };
    }
    let Some(blocks) = cx.described(argument) else { return Ok(None) };
    let items = blocks.items()?;
    Ok(Some(items.into_iter().map(|block| entry(block, "rule_no", "action", egress)).collect()))
}

fn entry(block: Attribute<'_>, number: &str, action: &str, egress: impl Into<Tree>) -> Tree {
    let number_of = |name: &str| Tree::from(block.get(name).number());
    Tree::from(Entry {
        number: number_of(number),
        egress: egress.into(),
        action: block.get(action).text().into(),
        protocol: block.get("protocol").text().into(),
        cidr: block.get("cidr_block").text().into(),
        ipv6_cidr: block.get("ipv6_cidr_block").text().into(),
        ports: (number_of("from_port"), number_of("to_port")),
        icmp: (number_of("icmp_type"), number_of("icmp_code")),
    })
}

fn associations(cx: &Converter<'_>) -> Option<Tree> {
    let subnets = cx.get("subnet_ids");
    if subnets.is_unknown() && !cx.has_argument("subnet_ids") {
        return Some(Tree::List(Vec::new())).filter(|_| cx.is_created());
    }
    let described = cx.described("subnet_ids").is_some() || cx.is_created();
    let links = cx.links("subnet_ids", subnets);
    described.then(|| match links {
        // One more can be any subnet.
        Tree::List(ids) if ids.iter().all(Tree::is_known) => {
            Tree::List(ids.into_iter().map(associated).collect())
        }
        _ => Tree::Unknown(Why::Apply),
    })
}

fn associated(subnet: Tree) -> Tree {
    fields([("subnet_id", subnet)])
}

fn association(cx: &mut Converter<'_>) {
    let tree = fields([("associations", Tree::List(vec![associated(cx.link("subnet_id"))]))]);
    cx.set(&KIND, cx.target("network_acl_id", &["id"]), &["associations"], tree);
}

fn rule(cx: &mut Converter<'_>) {
    let egress = cx.get("egress").flag().map(|egress| egress.unwrap_or(false));
    let entry = entry(cx.attributes(), "rule_number", "rule_action", egress);
    let tree = fields([("entries", Tree::List(vec![entry]))]);
    cx.set(&KIND, cx.target("network_acl_id", &["id"]), &["entries"], tree);
}

/// The default ACL of a VPC. The type takes over the existing ACL and removes its entries.
fn default_acl(cx: &mut Converter<'_>) {
    let names: &'static [&'static str] = &["associations", "entries", "tags"];
    let mut tree = fields([("tags", tags_of(cx))]);
    let mut entries = vec![deny_rest(false), deny_rest(true)];
    let mut not_known = None;
    for (argument, egress) in [("ingress", false), ("egress", true)] {
        match cx.get(argument).items() {
            Ok(items) => entries
                .extend(items.into_iter().map(|block| entry(block, "rule_no", "action", egress))),
            // The provider does not compute them, so they are configured.
            Err(why) => not_known = Some(why),
        }
    }
    let entries = not_known.map_or(Tree::List(entries), Tree::Unknown);
    tree.add(fields([("entries", entries)]));
    // Subnets that are not listed stay: a subnet always has an ACL.
    if cx.is_created() && cx.has_argument("subnet_ids") {
        let associations = associations(cx).unwrap_or(Tree::List(Vec::new()));
        tree.add(fields([("associations", associations)]));
    }
    let target = default_target(cx);
    cx.set(&KIND, target, names, tree);
}

fn default_target(cx: &mut Converter<'_>) -> Target {
    const ID: &str = "default_network_acl_id";
    let adoptee = match cx.get(ID).text() {
        Ok(Some(id)) => Adoptee::Is(id.to_owned()),
        _ => match cx.referred(ID, &[ID]) {
            Some(vpc) => Adoptee::NetworkAcl(vpc.address.clone()),
            None => return Target::Unresolved { is_anywhere: true },
        },
    };
    cx.taken_over(&KIND, adoptee)
}
