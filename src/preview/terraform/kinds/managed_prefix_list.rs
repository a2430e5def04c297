//! `ec2.managed_prefix_list`: `aws_ec2_managed_prefix_list` and its entries.

use super::common::{owner, tags_of};
use super::spec::Spec;
use crate::facts::ec2::managed_prefix_list::KIND;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, fields, present};
use crate::preview::tree::{ABSENT, Tree};

pub const TYPES: &[Spec] = &[
    Spec::new("aws_ec2_managed_prefix_list", list),
    Spec::new("aws_ec2_managed_prefix_list_entry", entry),
];

fn list(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let entries = cx.get("entry");
    // Entries from a dynamic block that are not known look the same as none.
    let is_set = cx.described("entry").is_some()
        || cx.is_created()
            && entries.is_unknown()
            && (cx.has_argument("entry") || !has_entry_resources(cx));
    let tree = present([
        ("prefix_list_id", Some(id.0.as_str().into())),
        ("prefix_list_name", Some(cx.get("name").text().into())),
        ("prefix_list_arn", Some(cx.get("arn").text().into())),
        ("owner_id", Some(owner(cx))),
        ("address_family", Some(cx.get("address_family").text().into())),
        ("max_entries", Some(cx.get("max_entries").number().into())),
        ("state", cx.is_created().then(|| "create-complete".into())),
        ("state_message", cx.is_created().then_some(ABSENT)),
        ("tags", Some(tags_of(cx))),
        ("entries", is_set.then(|| entries.list_tree(entry_of))),
    ]);
    cx.declare(&KIND, id, tree);
}

/// Whether the plan has entries of this list that are resources.
fn has_entry_resources(cx: &Converter<'_>) -> bool {
    cx.plan().resources.iter().any(|one| {
        one.type_name == "aws_ec2_managed_prefix_list_entry"
            && cx.plan().belongs(one, "prefix_list_id", &cx.resource.address)
    })
}

fn entry_of(block: Attribute<'_>) -> Tree {
    fields([
        ("cidr", block.get("cidr").text().into()),
        ("description", block.get("description").text().into()),
    ])
}

fn entry(cx: &mut Converter<'_>) {
    let tree = fields([("entries", Tree::List(vec![entry_of(cx.attributes())]))]);
    cx.set(&KIND, cx.target("prefix_list_id", &["id"]), &["entries"], tree);
}
