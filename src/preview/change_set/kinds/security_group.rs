//! `ec2.security_group`: security groups with their rules, and rules as resources.

use super::common::range;
use super::spec::Spec;
use crate::facts::ec2::security_group::KIND;
use crate::preview::change_set::converter::{Converter, number, text};
use crate::preview::permissions::{Single, Source, single};
use crate::preview::terraform::attribute::Attribute;
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("AWS::EC2::SecurityGroup", "ec2.security_group", group),
    Spec::new("AWS::EC2::SecurityGroupEgress", "ec2.security_group", egress)
        .part_of("GroupId", OUTBOUND),
    Spec::new("AWS::EC2::SecurityGroupIngress", "ec2.security_group", ingress)
        .part_of("GroupId", INBOUND),
];

const INGRESS: &str = "ip_permissions";
const EGRESS: &str = "ip_permissions_egress";
/// What an inbound rule sets.
const INBOUND: &[&str] = &[INGRESS];
/// What an outbound rule sets.
const OUTBOUND: &[&str] = &[EGRESS];

/// A security group with its rules.
fn group(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let mut tree = Tree::object([]);
    cx.put(&mut tree, ("GroupDescription", "description"), ABSENT, text);
    cx.put(&mut tree, ("VpcId", "vpc_id"), Tree::Unknown(Why::Default), text);
    // A name that is not set is generated.
    cx.put(&mut tree, ("GroupName", "group_name"), Tree::Unknown(Why::Apply), text);
    if cx.is_created() {
        let account = cx.location.account.as_str();
        tree.add(Tree::object([("group_id", id.0.as_str().into()), ("owner_id", account.into())]));
    }
    cx.put_tags(&mut tree, true);
    for (property, field) in [("SecurityGroupIngress", INGRESS), ("SecurityGroupEgress", EGRESS)] {
        if let Some(rules) = inline(cx, property, field == EGRESS) {
            tree.add(Tree::Object([(field.to_owned(), rules)].into()));
        }
    }
    cx.declare(&KIND, id, tree);
}

/// The rules in a group itself, if the change is about them.
fn inline(cx: &Converter<'_>, property: &str, is_egress: bool) -> Option<Tree> {
    let account = cx.location.account.as_str();
    let own = cx.get(property);
    let list = || own.list_tree(|rule| single(&rule_of(rule, account)));
    if cx.is_created() {
        // Without rules, AWS allows all outbound traffic.
        let is_default = is_egress && own.is_empty();
        return Some(if is_default { Tree::List(vec![all_outbound()]) } else { list() });
    }
    if !cx.is_after && !cx.is_before_update() {
        return None;
    }
    let other = cx.contexts.1.properties().get(property);
    if own.is_known() && other.is_known() && own.raw() == other.raw() {
        return None;
    }
    // Whether the rule that allows all outbound traffic goes when the first rule comes is not documented.
    let before = if cx.is_after { other } else { own };
    if is_egress && before.is_empty() {
        return cx.is_after.then_some(Tree::Unknown(Why::Apply));
    }
    Some(list())
}

/// The outbound rule of a new group. Another one for IPv6 is added if the VPC has IPv6 addresses.
fn all_outbound() -> Tree {
    let rule = Single {
        protocol: "-1".into(),
        from: ABSENT,
        to: ABSENT,
        source: Source::Ipv4("0.0.0.0/0".into()),
        description: ABSENT,
    };
    let mut rule = single(&rule);
    if let Tree::Object(fields) = &mut rule {
        fields.insert("ipv6_ranges".to_owned(), Tree::Unknown(Why::Default));
    }
    rule
}

fn rule_of(rule: Attribute<'_>, account: &str) -> Single {
    let uses = |name: &str| !rule.get(name).is_empty();
    let group = |id: &str, user: &str| {
        let owner = rule.get(user);
        let user = if owner.is_empty() { account.into() } else { text(owner) };
        Source::Group { id: text(rule.get(id)), user }
    };
    let source = if uses("CidrIp") {
        Source::Ipv4(range(rule.get("CidrIp")))
    } else if uses("CidrIpv6") {
        Source::Ipv6(range(rule.get("CidrIpv6")))
    } else if uses("SourcePrefixListId") {
        Source::PrefixList(text(rule.get("SourcePrefixListId")))
    } else if uses("DestinationPrefixListId") {
        Source::PrefixList(text(rule.get("DestinationPrefixListId")))
    } else if uses("SourceSecurityGroupId") {
        group("SourceSecurityGroupId", "SourceSecurityGroupOwnerId")
    } else if uses("DestinationSecurityGroupId") {
        group("DestinationSecurityGroupId", "-")
    } else if uses("SourceSecurityGroupName") {
        let id = Tree::Unknown(Why::NotConverted);
        Source::Group { id, user: Tree::Unknown(Why::NotConverted) }
    } else {
        Source::Ipv4(Tree::Unknown(Why::NotConverted))
    };
    let (protocol, from, to) = ports(rule);
    Single { protocol, from, to, source, description: text(rule.get("Description")) }
}

/// The protocol and the ports. Only some protocols have any.
fn ports(rule: Attribute<'_>) -> (Tree, Tree, Tree) {
    let protocol = rule.get("IpProtocol");
    let unknown = || Tree::Unknown(Why::Apply);
    let Ok(Some(name)) = protocol.text() else { return (unknown(), unknown(), unknown()) };
    let lower = name.to_ascii_lowercase();
    let (has_ports, has_types) = (
        ["tcp", "udp", "6", "17"].contains(&&*lower),
        ["icmp", "icmpv6", "1", "58"].contains(&&*lower),
    );
    let port = |name: &str| match number(rule.get(name)) {
        _ if !has_ports && !has_types => ABSENT,
        // All types, or all codes.
        Tree::Known(value) if has_types && value.is_null() => Tree::Known((-1).into()),
        // Without ports, or with -1, AWS takes all of them, or none of the rule.
        Tree::Known(value) if has_ports && value.as_i64().is_none_or(|port| port < 0) => unknown(),
        other => other,
    };
    (lower.as_str().into(), port("FromPort"), port("ToPort"))
}

/// An inbound rule as a resource.
fn ingress(cx: &mut Converter<'_>) {
    one_rule(cx, INGRESS, INBOUND);
}

/// An outbound rule as a resource.
fn egress(cx: &mut Converter<'_>) {
    if cx.is_created() && !cx.resource.is_replaced {
        // Whether the rule that allows all outbound traffic goes is not documented.
        let unknown = Tree::object([(EGRESS, Tree::Unknown(Why::Apply))]);
        return cx.set(&KIND, "GroupId", OUTBOUND, unknown);
    }
    one_rule(cx, EGRESS, OUTBOUND);
}

fn one_rule(cx: &mut Converter<'_>, field: &'static str, names: &'static [&'static str]) {
    let rule = single(&rule_of(cx.properties(), cx.location.account.as_str()));
    let tree = Tree::Object([(field.to_owned(), Tree::List(vec![rule]))].into());
    cx.set(&KIND, "GroupId", names, tree);
}
