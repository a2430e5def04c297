//! `ec2.security_group`: groups with inline rules, the types for single rules, and default groups.

use super::common::{owner, tags_of};
use super::spec::Spec;
use crate::facts::ec2::security_group::KIND;
use crate::preview::item::Adoptee;
use crate::preview::permissions::{Single, Source, single};
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, Target, fields, present};
use crate::preview::terraform::plan::PlannedResource;
use crate::preview::tree::{Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("aws_default_security_group", default_group),
    Spec::new("aws_security_group", group),
    Spec::new("aws_security_group_rule", rule),
    Spec::new("aws_vpc_security_group_egress_rule", |cx| vpc_rule(cx, EGRESS)),
    Spec::new("aws_vpc_security_group_ingress_rule", |cx| vpc_rule(cx, INGRESS)),
    Spec::new("aws_vpc_security_group_vpc_association", |_| {}),
];

const INGRESS: &str = "ip_permissions";
const EGRESS: &str = "ip_permissions_egress";
const INGRESS_ONLY: &[&str] = &[INGRESS];
const EGRESS_ONLY: &[&str] = &[EGRESS];

fn group(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let mut tree = present([
        ("group_id", Some(id.0.as_str().into())),
        ("group_name", Some(cx.get("name").text().into())),
        ("description", Some(cx.get("description").text().into())),
        ("vpc_id", Some(cx.link("vpc_id"))),
        ("owner_id", Some(owner(cx))),
        ("tags", Some(tags_of(cx))),
        ("ip_permissions", inline(cx, "ingress", &id.0)),
        ("ip_permissions_egress", inline(cx, "egress", &id.0)),
    ]);
    if cx.get("vpc_id").is_unknown() && !cx.has_argument("vpc_id") {
        tree.add(fields([("vpc_id", Tree::Unknown(Why::Default))]));
    }
    for (argument, field) in [("ingress", INGRESS), ("egress", EGRESS)] {
        if tree.get(field) == Some(Tree::Unknown(Why::Blocks)) {
            cx.without_blocks(&KIND, &id.0, (argument, field));
        }
    }
    let name = generated_name(cx);
    if let Some(start) = name {
        cx.generated(&KIND, &id.0, &start);
    }
    cx.deleted_first(&KIND, &id.0);
    cx.declare(&KIND, id, tree);
}

/// What the name of a new group begins with, if the provider generates it. No such name is that of a
/// default group.
fn generated_name(cx: &Converter<'_>) -> Option<String> {
    let is_generated = cx.is_created()
        && cx.get("name").why() == Some(Why::Apply)
        && cx.has_configuration()
        && !cx.has_argument("name");
    match cx.get("name_prefix").text() {
        _ if !is_generated => None,
        Ok(Some(prefix)) => Some(prefix.to_owned()),
        // The provider computes the prefix as well if nothing is configured.
        Ok(None) | Err(Why::Apply) if !cx.has_argument("name_prefix") => {
            Some("terraform-".to_owned())
        }
        _ => None,
    }
}

/// The rules in a group itself. A group has none of its own if the rules are resources, or if there are
/// none at all.
fn inline(cx: &Converter<'_>, argument: &str, id: &str) -> Option<Tree> {
    let blocks = cx.get(argument);
    if let Some(why) = blocks.why() {
        // What the provider only computes stays as it was, and is not sensitive: these are configured.
        if !cx.is_created() || why != Why::Apply {
            return Some(Tree::Unknown(why));
        }
        // Rules from a dynamic block that are not known look like this, too.
        return if has_rule_resources(cx, argument) {
            None
        } else {
            Some(Tree::Unknown(Why::Blocks))
        };
    }
    let described = cx.described(argument)?;
    Some(permissions(cx, described, id))
}

/// Whether the plan has rules of this group and direction that are resources.
fn has_rule_resources(cx: &Converter<'_>, direction: &str) -> bool {
    let is_rule = |one: &PlannedResource| match one.type_name.as_str() {
        "aws_vpc_security_group_ingress_rule" => direction == "ingress",
        "aws_vpc_security_group_egress_rule" => direction == "egress",
        "aws_security_group_rule" => one.after().get("type").text() == Ok(Some(direction)),
        _ => false,
    };
    let mut rules = cx.plan().resources.iter().filter(|one| is_rule(one));
    rules.any(|one| cx.plan().belongs(one, "security_group_id", &cx.resource.address))
}

/// The default group of a VPC. The type takes over the existing group, and removes its rules.
fn default_group(cx: &mut Converter<'_>) {
    let (id, has_stand_in) = cx.own_id("id");
    let vpc = cx.link("vpc_id");
    let tree = |cx: &Converter<'_>, id: &str| {
        let rules = |argument: &str| match cx.get(argument).why() {
            // Rules that are not configured are removed.
            Some(_) if !cx.has_argument(argument) => Tree::List(Vec::new()),
            Some(why) => Tree::Unknown(why),
            None => permissions(cx, cx.get(argument), id),
        };
        fields([
            ("group_name", "default".into()),
            ("vpc_id", cx.link("vpc_id")),
            ("owner_id", owner(cx)),
            ("ip_permissions", rules("ingress")),
            ("ip_permissions_egress", rules("egress")),
            ("tags", tags_of(cx)),
        ])
    };
    let names = &["ip_permissions", "ip_permissions_egress", "tags"];
    if !has_stand_in {
        let tree = tree(cx, &id);
        return cx.set(&KIND, Target::Id(id), names, tree);
    }
    match vpc.as_str() {
        Some(vpc) => {
            let tree = tree(cx, &id);
            cx.adopt(&KIND, Adoptee::SecurityGroup(vpc.to_owned()));
            cx.set(&KIND, Target::Id(id), names, tree);
        }
        None => cx.set(&KIND, Target::Unresolved { is_anywhere: true }, names, fields([])),
    }
}

/// `ingress` and `egress` blocks, as one rule for each source.
fn permissions(cx: &Converter<'_>, blocks: Attribute<'_>, group: &str) -> Tree {
    let blocks = match blocks.items() {
        Ok(blocks) => blocks,
        Err(why) => return Tree::Unknown(why),
    };
    let mut all = Vec::new();
    for block in blocks {
        match sources(cx, block, group) {
            Ok(sources) => {
                all.extend(sources.into_iter().map(|source| single(&rule_of(block, source))))
            }
            Err(why) => return Tree::Unknown(why),
        }
    }
    Tree::List(all)
}

fn rule_of(block: Attribute<'_>, source: Source) -> Single {
    Single {
        protocol: block.get("protocol").text().into(),
        from: block.get("from_port").number().into(),
        to: block.get("to_port").number().into(),
        source,
        description: block.get("description").text().into(),
    }
}

/// The sources of a block, or why their number is not known.
fn sources(cx: &Converter<'_>, block: Attribute<'_>, group: &str) -> Result<Vec<Source>, Why> {
    let mut found = Vec::new();
    for item in block.get("cidr_blocks").items()? {
        found.push(Source::Ipv4(item.text().into()));
    }
    for item in block.get("ipv6_cidr_blocks").items()? {
        found.push(Source::Ipv6(item.text().into()));
    }
    for item in block.get("prefix_list_ids").items()? {
        found.push(Source::PrefixList(item.text().into()));
    }
    for item in block.get("security_groups").items()? {
        found.push(group_source(cx, item.text().into()));
    }
    if block.get("self").flag()? == Some(true) {
        found.push(Source::Group { id: group.into(), user: cx.location.account.as_str().into() });
    }
    Ok(found)
}

/// A group, possibly of another account: `111122223333/sg-1`.
fn group_source(cx: &Converter<'_>, id: Tree) -> Source {
    match id.as_str().and_then(|id| id.split_once('/')) {
        Some((user, id)) => Source::Group { id: id.into(), user: user.into() },
        None => Source::Group { id, user: cx.location.account.as_str().into() },
    }
}

/// `aws_security_group_rule`: one rule with several sources.
fn rule(cx: &mut Converter<'_>) {
    let target = cx.target("security_group_id", &["id"]);
    let id = match &target {
        Target::Id(id) => id.clone(),
        _ => String::new(),
    };
    let (field, names) = match cx.get("type").text() {
        Ok(Some("ingress")) => (INGRESS, INGRESS_ONLY),
        Ok(Some("egress")) => (EGRESS, EGRESS_ONLY),
        _ => {
            let unknown = || Tree::Unknown(Why::Apply);
            let rules = fields([(INGRESS, unknown()), (EGRESS, unknown())]);
            return cx.set(&KIND, target, &[INGRESS, EGRESS], rules);
        }
    };
    let block = cx.attributes();
    let source_group = block.get("source_security_group_id");
    let mut found = sources(cx, block, &id);
    if let Ok(found) = &mut found
        && (source_group.is_set()
            || source_group.is_unknown() && cx.has_argument("source_security_group_id"))
    {
        found.push(group_source(cx, cx.link("source_security_group_id")));
    }
    let rules = match found {
        Ok(found) => {
            Tree::List(found.into_iter().map(|source| single(&rule_of(block, source))).collect())
        }
        Err(why) => Tree::Unknown(why),
    };
    cx.set(&KIND, target, names, fields([(field, rules)]));
}

/// `aws_vpc_security_group_ingress_rule` and `…_egress_rule`: one rule with one source.
fn vpc_rule(cx: &mut Converter<'_>, field: &'static str) {
    let target = cx.target("security_group_id", &["id"]);
    let block = cx.attributes();
    let uses = |name: &str| {
        let value = block.get(name);
        match value.why() {
            None => value.is_set(),
            // The provider does not compute it, so it is set.
            Some(Why::Apply) => true,
            // Something is set, whatever it is.
            Some(_) => !value.raw().is_null(),
        }
    };
    let source = if uses("cidr_ipv4") {
        Source::Ipv4(block.get("cidr_ipv4").text().into())
    } else if uses("cidr_ipv6") {
        Source::Ipv6(block.get("cidr_ipv6").text().into())
    } else if uses("prefix_list_id") {
        Source::PrefixList(cx.link("prefix_list_id"))
    } else {
        group_source(cx, cx.link("referenced_security_group_id"))
    };
    let rule = Single {
        protocol: block.get("ip_protocol").text().into(),
        from: block.get("from_port").number().into(),
        to: block.get("to_port").number().into(),
        source,
        description: block.get("description").text().into(),
    };
    let names = if field == INGRESS { INGRESS_ONLY } else { EGRESS_ONLY };
    cx.set(&KIND, target, names, fields([(field, Tree::List(vec![single(&rule)]))]));
}
