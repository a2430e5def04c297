//! Types of EC2.

use std::net::IpAddr;

use super::converter::{Converter, flag, number, text};
use super::resource::Action;
use crate::facts;
use crate::facts::ec2::{
    security_group, subnet as subnet_kind, transit_gateway as gateway, volume as volume_kind,
};
use crate::preview::item::ListGap;
use crate::preview::permissions::{Single, Source, single};
use crate::preview::terraform::attribute::Attribute;
use crate::preview::tree::{ABSENT, Tree, Why};

const INGRESS: &str = "ip_permissions";
const EGRESS: &str = "ip_permissions_egress";
/// What an inbound rule sets.
pub const INBOUND: &[&str] = &[INGRESS];
/// What an outbound rule sets.
pub const OUTBOUND: &[&str] = &[EGRESS];

/// A security group with its rules.
pub fn group(cx: &mut Converter<'_>) {
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
    cx.declare(&security_group::KIND, id, tree);
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

/// A range as AWS returns it: without host bits, and IPv6 addresses in their short form.
fn range(value: Attribute<'_>) -> Tree {
    let canonical = |text: &str| -> Option<String> {
        let (address, length) = text.trim().split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let net = ipnet::IpNet::new(address, length.parse().ok()?).ok()?;
        Some(net.trunc().to_string())
    };
    match text(value) {
        Tree::Known(known) => match known.as_str().map(canonical) {
            Some(Some(range)) => range.as_str().into(),
            _ => Tree::Unknown(Why::Apply),
        },
        other => other,
    }
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
pub fn ingress(cx: &mut Converter<'_>) {
    one_rule(cx, INGRESS, INBOUND);
}

/// An outbound rule as a resource.
pub fn egress(cx: &mut Converter<'_>) {
    if cx.is_created() && !cx.resource.is_replaced {
        // Whether the rule that allows all outbound traffic goes is not documented.
        let unknown = Tree::object([(EGRESS, Tree::Unknown(Why::Apply))]);
        return cx.set(&security_group::KIND, "GroupId", OUTBOUND, unknown);
    }
    one_rule(cx, EGRESS, OUTBOUND);
}

fn one_rule(cx: &mut Converter<'_>, field: &'static str, names: &'static [&'static str]) {
    let rule = single(&rule_of(cx.properties(), cx.location.account.as_str()));
    let tree = Tree::Object([(field.to_owned(), Tree::List(vec![rule]))].into());
    cx.set(&security_group::KIND, "GroupId", names, tree);
}

/// A subnet.
pub fn subnet(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let mut tree = Tree::object([]);
    let by_default = || Tree::Unknown(Why::Default);
    for (property, field) in [
        ("VpcId", "vpc_id"),
        // From a pool, or by the id of the zone.
        ("CidrBlock", "cidr_block"),
        ("AvailabilityZone", "availability_zone"),
    ] {
        cx.put(&mut tree, (property, field), by_default(), text);
    }
    for (property, field) in [
        ("MapPublicIpOnLaunch", "map_public_ip_on_launch"),
        ("AssignIpv6AddressOnCreation", "assign_ipv6_address_on_creation"),
        ("Ipv6Native", "ipv6_native"),
        ("EnableDns64", "enable_dns64"),
    ] {
        cx.put(&mut tree, (property, field), false.into(), |value| flag(value).into());
    }
    let ranges = "ipv6_cidr_block_association_set";
    let is_set = |name: &str| !cx.get(name).is_empty();
    for property in ["Ipv6CidrBlock", "Ipv6IpamPoolId"] {
        let has_any = is_set("Ipv6CidrBlock") || is_set("Ipv6IpamPoolId");
        let unknown = || Tree::Unknown(Why::NotConverted);
        let default = if has_any { unknown() } else { Tree::List(Vec::new()) };
        cx.put(&mut tree, (property, ranges), default, |_| unknown());
    }
    cx.put(
        &mut tree,
        ("PrivateDnsNameOptionsOnLaunch", "private_dns_name_options_on_launch"),
        Tree::Unknown(Why::Apply),
        |_| Tree::Unknown(Why::NotConverted),
    );
    cx.put_tags(&mut tree, true);
    if cx.is_created() {
        tree.add(Tree::object([
            ("subnet_id", id.0.as_str().into()),
            ("owner_id", cx.location.account.as_str().into()),
            ("state", "available".into()),
            ("default_for_az", false.into()),
        ]));
    }
    cx.declare(&subnet_kind::KIND, id, tree);
}

/// A volume.
pub fn volume(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let mut tree = Tree::object([]);
    let by_default = || Tree::Unknown(Why::Default);
    let is_created = cx.is_created();
    cx.put(&mut tree, ("Encrypted", "encrypted"), by_default(), |value| match flag(value) {
        // Encryption by default applies to new volumes.
        Ok(Some(false)) if is_created => by_default(),
        other => other.into(),
    });
    cx.put(&mut tree, ("KmsKeyId", "kms_key_id"), by_default(), text);
    cx.put(&mut tree, ("AvailabilityZone", "availability_zone"), by_default(), text);
    cx.put(&mut tree, ("VolumeType", "volume_type"), by_default(), text);
    for (property, field) in [("Size", "size"), ("Iops", "iops"), ("Throughput", "throughput")] {
        cx.put(&mut tree, (property, field), by_default(), number);
    }
    let is_multiple = ("MultiAttachEnabled", "multi_attach_enabled");
    cx.put(&mut tree, is_multiple, false.into(), |value| flag(value).into());
    // CloudFormation does not mark volumes.
    cx.put_tags(&mut tree, false);
    if is_created {
        // A copy of a volume is encrypted as that one is.
        let source = cx.get("SourceVolumeId");
        let snapshot = cx.get("SnapshotId");
        let snapshot = match source.is_empty() {
            true => text(snapshot),
            false => Tree::Unknown(Why::NotConverted),
        };
        tree.add(Tree::object([
            ("volume_id", id.0.as_str().into()),
            ("attachments", Tree::List(Vec::new())),
            ("state", "available".into()),
            ("snapshot_id", snapshot),
        ]));
    }
    let is_gone = cx.resource.action == Action::Remove || cx.resource.is_replaced;
    if is_gone && cx.resource.has_snapshot {
        gap(cx, "ec2.snapshot");
    }
    cx.declare(&volume_kind::KIND, id, tree);
}

/// A transit gateway.
pub fn transit_gateway(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let mut options = Tree::object([]);
    for (property, field, default) in [
        ("AutoAcceptSharedAttachments", "auto_accept_shared_attachments", "disable"),
        ("DefaultRouteTableAssociation", "default_route_table_association", "enable"),
        ("DefaultRouteTablePropagation", "default_route_table_propagation", "enable"),
        ("DnsSupport", "dns_support", "enable"),
        ("VpnEcmpSupport", "vpn_ecmp_support", "enable"),
        ("MulticastSupport", "multicast_support", "disable"),
    ] {
        cx.put(&mut options, (property, field), default.into(), text);
    }
    let unknown = || Tree::Unknown(Why::Apply);
    for (property, field) in [
        ("AmazonSideAsn", "amazon_side_asn"),
        ("TransitGatewayCidrBlocks", "transit_gateway_cidr_blocks"),
        ("AssociationDefaultRouteTableId", "association_default_route_table_id"),
        ("PropagationDefaultRouteTableId", "propagation_default_route_table_id"),
    ] {
        cx.put(&mut options, (property, field), unknown(), |_| Tree::Unknown(Why::NotConverted));
    }
    let mut tree = Tree::object([]);
    if cx.is_created() || options != Tree::object([]) {
        tree.add(Tree::object([("options", options)]));
    }
    cx.put(&mut tree, ("Description", "description"), ABSENT, text);
    cx.put_tags(&mut tree, true);
    if cx.is_created() {
        tree.add(Tree::object([
            ("transit_gateway_id", id.0.as_str().into()),
            ("owner_id", cx.location.account.as_str().into()),
            ("state", "available".into()),
        ]));
        // It brings a route table along.
        gap(cx, "ec2.transit_gateway_route_table");
    }
    cx.declare(&gateway::KIND, id, tree);
}

/// A list that is not known after the change.
fn gap(cx: &mut Converter<'_>, kind: &str) {
    if let Some(kind) = facts::kind(kind) {
        cx.described.gaps.insert(ListGap {
            kind: kind.name,
            location: cx.location.clone(),
            address: cx.resource.address.clone(),
            why: Why::NotConverted,
        });
    }
}
