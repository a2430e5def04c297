//! `ec2.internet_gateway`, and attachments as resources.

use super::spec::Spec;
use crate::facts::ec2::{internet_gateway::KIND, vpn_gateway};
use crate::preview::change_set::converter::{Converter, text};
use crate::preview::tree::Tree;

pub const TYPES: &[Spec] = &[
    Spec::new("AWS::EC2::InternetGateway", "ec2.internet_gateway", gateway).with(&["Tags"]),
    Spec::new("AWS::EC2::VPCGatewayAttachment", "ec2.internet_gateway", attachment)
        .part_of("InternetGatewayId", ATTACHMENTS)
        .with(&["InternetGatewayId", "VpcId", "VpnGatewayId"]),
];

const ATTACHMENTS: &[&str] = &["attachments"];

fn gateway(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let mut tree = Tree::object([]);
    cx.put_tags(&mut tree, true);
    if cx.is_created() {
        tree.add(Tree::object([
            ("internet_gateway_id", id.0.as_str().into()),
            ("owner_id", cx.owner()),
            ("attachments", Tree::List(Vec::new())),
        ]));
    }
    cx.declare(&KIND, id, tree);
}

/// The attachment of an internet gateway, or of a virtual private gateway, to a VPC.
fn attachment(cx: &mut Converter<'_>) {
    if !cx.get("InternetGatewayId").is_empty() {
        let item = Tree::object([("vpc_id", text(cx.get("VpcId"))), ("state", "available".into())]);
        let tree = Tree::object([("attachments", Tree::List(vec![item]))]);
        cx.set(&KIND, "InternetGatewayId", ATTACHMENTS, tree);
    }
    cx.hide_named(&vpn_gateway::KIND, "VpnGatewayId", &[]);
}
