//! `ec2.transit_gateway`: `aws_ec2_transit_gateway`.

use super::common::{owner, tags_of};
use super::spec::Spec;
use crate::facts::ec2::transit_gateway::KIND;
use crate::preview::terraform::convert::{Converter, fields};
use crate::preview::tree::{Tree, Why};

pub const TYPES: &[Spec] = &[Spec::new("aws_ec2_transit_gateway", gateway)];

fn gateway(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let text = |name: &str| Tree::from(cx.get(name).text());
    let options = fields([
        ("amazon_side_asn", cx.get("amazon_side_asn").number().into()),
        ("transit_gateway_cidr_blocks", cx.get("transit_gateway_cidr_blocks").texts()),
        ("auto_accept_shared_attachments", text("auto_accept_shared_attachments")),
        ("default_route_table_association", text("default_route_table_association")),
        ("association_default_route_table_id", text("association_default_route_table_id")),
        ("default_route_table_propagation", text("default_route_table_propagation")),
        ("propagation_default_route_table_id", text("propagation_default_route_table_id")),
        ("vpn_ecmp_support", text("vpn_ecmp_support")),
        ("dns_support", text("dns_support")),
        ("multicast_support", text("multicast_support")),
    ]);
    let mut tree = fields([
        ("transit_gateway_id", id.0.as_str().into()),
        ("transit_gateway_arn", text("arn")),
        ("owner_id", owner(cx)),
        ("description", text("description")),
        ("options", options),
        ("tags", tags_of(cx)),
    ]);
    if cx.is_created() {
        tree.add(fields([("state", "available".into())]));
        // It brings a route table along.
        cx.gap("ec2.transit_gateway_route_table", Why::NotConverted);
    }
    cx.declare(&KIND, id, tree);
}
