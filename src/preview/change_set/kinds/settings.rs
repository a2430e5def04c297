//! `ec2.settings`: the one resource with the EC2 settings of a region.

use super::spec::Spec;
use crate::facts::ec2::{settings::KIND, subnet, vpc};
use crate::preview::change_set::converter::{Converter, text};
use crate::preview::tree::Tree;

pub const TYPES: &[Spec] = &[
    Spec::new("AWS::EC2::SnapshotBlockPublicAccess", "ec2.settings", snapshots).with(&["State"]),
    Spec::new("AWS::EC2::VPCBlockPublicAccessOptions", "ec2.settings", vpcs)
        .with(&["InternetGatewayBlockMode"]),
];

const SNAPSHOTS: &str = "snapshot_block_public_access";
const OPTIONS: &str = "vpc_block_public_access_options";

fn snapshots(cx: &mut Converter<'_>) {
    if cx.is_deleted() {
        // What is left is not documented.
        return cx.hide(&KIND, None, &[SNAPSHOTS]);
    }
    let tree = Tree::object([("state", text(cx.get("State")))]);
    cx.set_settings(&KIND, Tree::object([(SNAPSHOTS, tree)]));
}

fn vpcs(cx: &mut Converter<'_>) {
    if cx.is_deleted() {
        cx.hide(&KIND, None, &[OPTIONS]);
        return modes(cx);
    }
    let mode = text(cx.get("InternetGatewayBlockMode"));
    let mut tree = Tree::object([("internet_gateway_block_mode", mode)]);
    if cx.is_after {
        tree.add(Tree::object([("state", "update-complete".into())]));
    }
    cx.set_settings(&KIND, Tree::object([(OPTIONS, tree)]));
    modes(cx);
}

/// VPCs and subnets have the mode that results for them.
fn modes(cx: &mut Converter<'_>) {
    for kind in [&subnet::KIND, &vpc::KIND] {
        cx.hide(kind, None, &["block_public_access_states"]);
    }
}
