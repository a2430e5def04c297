//! `ec2.network_acl`: network ACLs, and entries and associations as resources.

use super::common::range;
use super::spec::Spec;
use crate::facts::ec2::network_acl::KIND;
use crate::preview::change_set::converter::{Converter, flag, number, text};
use crate::preview::common::network_acl::{Entry, deny_rest};
use crate::preview::terraform::attribute::Attribute;
use crate::preview::tree::{Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("AWS::EC2::NetworkAcl", "ec2.network_acl", acl).with(&["Tags", "VpcId"]),
    Spec::new("AWS::EC2::NetworkAclEntry", "ec2.network_acl", entry)
        .part_of("NetworkAclId", ENTRIES)
        .with(&[
            "CidrBlock",
            "Egress",
            "Icmp",
            "Ipv6CidrBlock",
            "NetworkAclId",
            "PortRange",
            "Protocol",
            "RuleAction",
            "RuleNumber",
        ]),
    Spec::new("AWS::EC2::SubnetNetworkAclAssociation", "ec2.network_acl", association)
        .part_of("NetworkAclId", ASSOCIATIONS)
        .with(&["NetworkAclId", "SubnetId"]),
];

const ENTRIES: &[&str] = &["entries"];
const ASSOCIATIONS: &[&str] = &["associations"];

fn acl(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let mut tree = Tree::object([]);
    cx.put(&mut tree, ("VpcId", "vpc_id"), Tree::Unknown(Why::Apply), text);
    cx.put_tags(&mut tree, true);
    if cx.is_created() {
        tree.add(Tree::object([
            ("network_acl_id", id.0.as_str().into()),
            ("owner_id", cx.owner()),
            ("is_default", false.into()),
            ("associations", Tree::List(Vec::new())),
            ("entries", Tree::List(vec![deny_rest(false), deny_rest(true)])),
        ]));
    }
    cx.declare(&KIND, id, tree);
}

/// An entry.
fn entry(cx: &mut Converter<'_>) {
    let entry = Tree::from(entry_of(cx.properties()));
    let tree = Tree::object([("entries", Tree::List(vec![entry]))]);
    cx.set(&KIND, "NetworkAclId", ENTRIES, tree);
}

fn entry_of(entry: Attribute<'_>) -> Entry {
    let (ports, icmp) = (entry.get("PortRange"), entry.get("Icmp"));
    // These are required where they are used.
    let required = |tree: Tree| if tree.is_absent() { Tree::Unknown(Why::Apply) } else { tree };
    let number_of = |block: Attribute<'_>, name: &str| required(number(block.get(name)));
    let egress = flag(entry.get("Egress")).map(|on| on.unwrap_or(false));
    Entry {
        number: required(number(entry.get("RuleNumber"))),
        egress: egress.into(),
        action: required(text(entry.get("RuleAction"))),
        protocol: required(text(entry.get("Protocol"))),
        cidr: range(entry.get("CidrBlock")),
        ipv6_cidr: range(entry.get("Ipv6CidrBlock")),
        ports: (number_of(ports, "From"), number_of(ports, "To")),
        icmp: (number_of(icmp, "Type"), number_of(icmp, "Code")),
    }
}

/// The association of a subnet, which leaves the ACL that it has.
fn association(cx: &mut Converter<'_>) {
    let (acl, subnet) = (cx.get("NetworkAclId"), cx.get("SubnetId"));
    let (Ok(Some(_)), Ok(Some(subnet))) = (acl.text(), subnet.text()) else {
        return cx.hide(&KIND, None, ASSOCIATIONS);
    };
    let associated = Tree::object([("subnet_id", subnet.into())]);
    let tree = Tree::object([("associations", Tree::List(vec![associated]))]);
    cx.set(&KIND, "NetworkAclId", ASSOCIATIONS, tree);
}
