//! `ec2.vpc_endpoint`. A gateway endpoint adds routes to its route tables, and the others have network
//! interfaces, which are not known before they exist.

use serde_json::json;

use super::common::{document, groups};
use super::spec::Spec;
use crate::facts::ec2::route_table;
use crate::facts::ec2::vpc_endpoint::KIND;
use crate::preview::change_set::converter::{Change, Converter, flag, text};
use crate::preview::table::full_access;
use crate::preview::tree::{Tree, Why};

pub const TYPES: &[Spec] = &[Spec::new("AWS::EC2::VPCEndpoint", "ec2.vpc_endpoint", endpoint)
    .with(&[
        "DnsOptions",
        "IpAddressType",
        "PolicyDocument",
        "PrivateDnsEnabled",
        "ResourceConfigurationArn",
        "RouteTableIds",
        "SecurityGroupIds",
        "ServiceName",
        "ServiceNetworkArn",
        "ServiceRegion",
        "SubnetIds",
        "Tags",
        "VpcEndpointType",
        "VpcId",
    ])];

fn endpoint(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let mut tree = Tree::object([]);
    let unknown = || Tree::Unknown(Why::Apply);
    let kind = match cx.get("VpcEndpointType") {
        kind if kind.is_empty() => "Gateway".into(),
        kind => text(kind),
    };
    let is_gateway = kind.as_str() == Some("Gateway");
    // Gateways have none; for others, AWS chooses.
    let none = || if is_gateway { Tree::List(Vec::new()) } else { Tree::Unknown(Why::Default) };
    cx.put(&mut tree, ("VpcEndpointType", "vpc_endpoint_type"), "Gateway".into(), text);
    cx.put(&mut tree, ("ServiceName", "service_name"), unknown(), text);
    cx.put(&mut tree, ("VpcId", "vpc_id"), unknown(), text);
    let tables = ("RouteTableIds", "route_table_ids");
    cx.put(&mut tree, tables, Tree::List(Vec::new()), |ids| ids.texts());
    cx.put(&mut tree, ("SubnetIds", "subnet_ids"), none(), |ids| ids.texts());
    cx.put(&mut tree, ("SecurityGroupIds", "groups"), none(), groups);
    let private = ("PrivateDnsEnabled", "private_dns_enabled");
    cx.put(&mut tree, private, false.into(), |value| flag(value).into());
    let full = Tree::Default(json!({ "document": full_access() }));
    cx.put(&mut tree, ("PolicyDocument", "policy_document"), full, document);
    for (property, field) in [("DnsOptions", "dns_options"), ("IpAddressType", "ip_address_type")] {
        cx.put(&mut tree, (property, field), unknown(), |_| Tree::Unknown(Why::NotConverted));
    }
    cx.put_tags(&mut tree, true);
    if cx.is_created() {
        tree.add(Tree::object([
            ("vpc_endpoint_id", id.0.as_str().into()),
            ("owner_id", cx.owner()),
            ("state", "available".into()),
            ("requester_managed", false.into()),
        ]));
    }
    let changes = |name: &str| !matches!(cx.change(name), Change::None);
    let (created, deleted) = (cx.is_created(), cx.is_deleted());
    let changes_routes = created || deleted || changes("RouteTableIds") || {
        let other = cx.contexts.1.properties().get("RouteTableIds");
        cx.is_before_update() && cx.get("RouteTableIds").raw() != other.raw()
    };
    let changes_interfaces = created
        || deleted
        || ["IpAddressType", "SecurityGroupIds", "SubnetIds"].into_iter().any(changes);
    cx.declare(&KIND, id, tree);
    if changes_routes {
        cx.hide_named(&route_table::KIND, "RouteTableIds", &["routes"]);
    }
    if changes_interfaces && !is_gateway {
        cx.brings("ec2.network_interface");
    }
}
