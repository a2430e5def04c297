//! `s3.multi_region_access_point`: `aws_s3control_multi_region_access_point` and its policy.

use super::common::flags;
use super::spec::Spec;
use crate::facts::s3::multi_region_access_point::KIND;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, Target, When, fields};
use crate::preview::tree::{Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("aws_s3control_multi_region_access_point", access_point),
    Spec::new("aws_s3control_multi_region_access_point_policy", policy),
];

fn access_point(cx: &mut Converter<'_>) {
    let Ok(Some(details)) = cx.get("details").block() else { return };
    let name = details.get("name").text();
    let id = match name {
        Ok(Some(name)) => (name.to_owned(), false),
        _ => (cx.resource.address.clone(), true),
    };
    let block = details.get("public_access_block");
    let region = |block: Attribute<'_>| {
        fields([
            ("bucket", block.get("bucket").text().into()),
            ("region", block.get("region").text().into()),
            ("bucket_account_id", block.get("bucket_account_id").text().into()),
        ])
    };
    let mut tree = fields([
        ("name", name.into()),
        ("alias", cx.get("alias").text().into()),
        ("regions", details.get("region").list_tree(region)),
    ]);
    if block.is_set() {
        tree.add(fields([("public_access_block", block.block_tree(flags))]));
    } else if cx.is_created() {
        tree.add(fields([("public_access_block", Tree::Unknown(Why::Default))]));
    }
    if cx.is_created() {
        tree.add(fields([("status", "READY".into())]));
    }
    cx.declare(&KIND, id, tree);
}

fn policy(cx: &mut Converter<'_>) {
    if !cx.resource.is_changed() {
        return;
    }
    let details = cx.get("details").block().ok().flatten();
    let target = match details.map(|details| details.get("name").text()) {
        Some(Ok(Some(name))) => Target::Id(name.to_owned()),
        _ => Target::Unresolved { is_anywhere: false },
    };
    // A policy is proposed first, and becomes the established one in some minutes.
    let policy = || match cx.when {
        When::Before => Tree::Known(cx.attributes().raw().clone()),
        When::After => Tree::Unknown(Why::NotConverted),
    };
    let tree = fields([("policy", policy()), ("policy_status", policy())]);
    cx.set(&KIND, target, &["policy", "policy_status"], tree);
}
