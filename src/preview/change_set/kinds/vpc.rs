//! `ec2.vpc`, with the default security group, network ACL and route table that AWS creates.

use super::common::range;
use super::spec::Spec;
use crate::facts::ec2::vpc::KIND;
use crate::preview::change_set::converter::{Converter, converted, flag, text};
use crate::preview::common::route_table::local_route;
use crate::preview::common::vpc::NewVpc;
use crate::preview::tree::{Tree, Why};

pub const TYPES: &[Spec] = &[Spec::new("AWS::EC2::VPC", "ec2.vpc", vpc).with(&[
    "CidrBlock",
    "EnableDnsHostnames",
    "EnableDnsSupport",
    "InstanceTenancy",
    "Ipv4IpamPoolId",
    "Ipv4NetmaskLength",
    "Tags",
])];

fn vpc(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let mut tree = Tree::object([]);
    // A pool can choose the range.
    let of_pool = Tree::Unknown(Why::Default);
    cx.put(&mut tree, ("CidrBlock", "cidr_block"), of_pool, range);
    cx.put(&mut tree, ("InstanceTenancy", "instance_tenancy"), "default".into(), text);
    let mut attributes = Tree::object([]);
    for (property, field, default) in [
        ("EnableDnsSupport", "enable_dns_support", true),
        ("EnableDnsHostnames", "enable_dns_hostnames", false),
    ] {
        cx.put(&mut attributes, (property, field), default.into(), |value| flag(value).into());
    }
    if attributes != Tree::object([]) {
        tree.add(Tree::object([("attributes", attributes)]));
    }
    cx.put_tags(&mut tree, true);
    let is_created = cx.is_created();
    if is_created {
        tree.add(Tree::object([
            ("vpc_id", id.0.as_str().into()),
            ("owner_id", cx.owner()),
            ("state", "available".into()),
            ("is_default", false.into()),
        ]));
    }
    let name = id.0.clone();
    cx.declare(&KIND, id, tree);
    if is_created {
        let routes = Tree::List(vec![local_route(converted(cx.get("CidrBlock"), range))]);
        let account = cx.location.account.as_str();
        // An IPv6 range is a resource of its own.
        let has_ipv6 = Some(false);
        let (name, owner, may_exist) = (&name, cx.owner(), false);
        let new = NewVpc { name, account, owner, routes, has_ipv6, may_exist };
        for (kind, id, tree) in new.defaults() {
            cx.declare(kind, (id, true), tree);
        }
    }
}
