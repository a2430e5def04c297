//! `s3.access_point`.

use serde_json::json;

use super::common::document;
use super::spec::Spec;
use crate::facts::s3::access_point::KIND;
use crate::preview::change_set::converter::{Change, Converter, converted, flag, text};
use crate::preview::terraform::attribute::Attribute;
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[Spec::new("AWS::S3::AccessPoint", "s3.access_point", access_point)
    .with(&[
        "Bucket",
        "BucketAccountId",
        "Name",
        "Policy",
        "PublicAccessBlockConfiguration",
        "Tags",
        "VpcConfiguration",
    ])];

fn access_point(cx: &mut Converter<'_>) {
    let id = cx.own_id(Some("Name"));
    let name = if id.1 { Tree::Unknown(Why::Apply) } else { id.0.as_str().into() };
    let mut tree = Tree::object([("name", name)]);
    cx.put(&mut tree, ("Bucket", "bucket"), Tree::Unknown(Why::Apply), text);
    cx.put(&mut tree, ("BucketAccountId", "bucket_account_id"), cx.owner(), text);
    let vpc = |block: Attribute<'_>| Tree::object([("vpc_id", text(block.get("VpcId")))]);
    cx.put(&mut tree, ("VpcConfiguration", "vpc_configuration"), ABSENT, vpc);
    let origin = ("VpcConfiguration", "network_origin");
    cx.put(&mut tree, origin, "Internet".into(), |_| "VPC".into());
    public_access_block(cx, &mut tree);
    policy(cx, &mut tree);
    cx.declare(&KIND, id, tree);
}

/// All four settings are on unless they are set.
fn public_access_block(cx: &Converter<'_>, tree: &mut Tree) {
    const FLAGS: [(&str, &str); 4] = [
        ("BlockPublicAcls", "block_public_acls"),
        ("IgnorePublicAcls", "ignore_public_acls"),
        ("BlockPublicPolicy", "block_public_policy"),
        ("RestrictPublicBuckets", "restrict_public_buckets"),
    ];
    let flags = match cx.change("PublicAccessBlockConfiguration") {
        Change::None => return,
        Change::NotSet => Tree::Default(json!({
            "block_public_acls": true, "ignore_public_acls": true,
            "block_public_policy": true, "restrict_public_buckets": true,
        })),
        Change::Removed => Tree::Unknown(Why::Apply),
        Change::Set(block) => converted(block, |block| {
            // What a setting is that a block leaves out is not documented.
            let of = |name: &str| match flag(block.get(name)) {
                Ok(None) => Tree::Unknown(Why::Apply),
                other => other.into(),
            };
            Tree::object(FLAGS.map(|(property, field)| (field, of(property))))
        }),
    };
    let details = Tree::object([("public_access_block_configuration", flags)]);
    tree.add(Tree::object([("details", details)]));
}

fn policy(cx: &Converter<'_>, tree: &mut Tree) {
    let policy = match cx.change("Policy") {
        Change::None | Change::NotSet => return,
        Change::Removed => Tree::Unknown(Why::Apply),
        Change::Set(policy) => converted(policy, document),
    };
    tree.add(Tree::object([("policy", policy), ("policy_status", Tree::Unknown(Why::Apply))]));
}
