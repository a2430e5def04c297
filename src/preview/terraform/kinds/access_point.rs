//! `s3.access_point`: `aws_s3_access_point`.

use super::common::flags;
use super::policy::policy_of;
use super::spec::Spec;
use crate::facts::s3::access_point::KIND;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, fields};
use crate::preview::tree::{Tree, Why};

pub const TYPES: &[Spec] = &[Spec::new("aws_s3_access_point", access_point)];

fn access_point(cx: &mut Converter<'_>) {
    let id = cx.own_id("name");
    let vpc = cx.get("vpc_configuration");
    let origin = match vpc.why() {
        Some(why) => Tree::Unknown(why),
        None if vpc.is_empty() => "Internet".into(),
        None => "VPC".into(),
    };
    let account = match cx.get("bucket_account_id").text() {
        Ok(Some(account)) => account.into(),
        Ok(None) => cx.location.account.as_str().into(),
        Err(_) if !cx.has_argument("bucket_account_id") => cx.location.account.as_str().into(),
        Err(why) => Tree::Unknown(why),
    };
    let block = cx.get("public_access_block_configuration");
    let mut tree = fields([
        ("name", cx.get("name").text().into()),
        ("bucket", cx.link_at("bucket", cx.get("bucket"), &["id", "bucket"])),
        ("bucket_account_id", account),
        ("network_origin", origin),
        (
            "vpc_configuration",
            vpc.block_tree(|block: Attribute<'_>| {
                fields([(
                    "vpc_id",
                    cx.link_at("vpc_configuration.0.vpc_id", block.get("vpc_id"), &["id"]),
                )])
            }),
        ),
    ]);
    if block.is_set() {
        let flags = block.block_tree(flags);
        tree.add(fields([("details", fields([("public_access_block_configuration", flags)]))]));
    } else if cx.is_created() {
        // All four settings are on unless they are set.
        let on = serde_json::json!({
            "block_public_acls": true, "ignore_public_acls": true, "block_public_policy": true,
            "restrict_public_buckets": true,
        });
        let details = fields([("public_access_block_configuration", Tree::Default(on))]);
        tree.add(fields([("details", details)]));
    }
    let policy = cx.get("policy");
    if !policy.is_unknown() || cx.has_argument("policy") {
        if cx.is_created() || cx.described("policy").is_some() {
            tree.add(policy_of(cx, "policy", policy));
        }
    } else if cx.is_created() && has_policy_resource(cx) {
        tree.add(fields([
            ("policy", Tree::Unknown(Why::NotConverted)),
            ("policy_status", Tree::Unknown(Why::NotConverted)),
        ]));
    }
    cx.declare(&KIND, id, tree);
}

/// Whether the plan has the policy as a resource.
fn has_policy_resource(cx: &Converter<'_>) -> bool {
    cx.plan().resources.iter().any(|one| one.type_name == "aws_s3control_access_point_policy")
}
