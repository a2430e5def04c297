//! `ec2.transit_gateway`.

use super::spec::Spec;
use crate::facts::ec2::transit_gateway::KIND;
use crate::preview::change_set::converter::{Converter, text};
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] =
    &[Spec::new("AWS::EC2::TransitGateway", "ec2.transit_gateway", transit_gateway)];

fn transit_gateway(cx: &mut Converter<'_>) {
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
        cx.gap("ec2.transit_gateway_route_table");
    }
    cx.declare(&KIND, id, tree);
}
