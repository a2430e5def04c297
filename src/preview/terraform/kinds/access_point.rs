//! `s3.access_point`: `aws_s3_access_point`, and the type for its policy.

use super::common::flags;
use super::policy::{policy_of, record_partial};
use super::spec::Spec;
use crate::facts::s3::access_point::KIND;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, Target, fields};
use crate::preview::tree::Tree;

pub const TYPES: &[Spec] = &[
    Spec::new("aws_s3_access_point", access_point).known_by("name"),
    Spec::new("aws_s3control_access_point_policy", policy),
];

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
    let is_set = !policy.is_unknown() || cx.has_argument("policy");
    if is_set && (cx.is_created() || cx.described("policy").is_some()) {
        // That is how the provider says that there is none.
        let is_none = policy.text() == Ok(Some("{}"));
        let policy = if is_none { Attribute::none() } else { policy };
        tree.add(policy_of(cx, "policy", policy));
    }
    cx.declare(&KIND, id, tree);
}

/// `aws_s3control_access_point_policy`.
fn policy(cx: &mut Converter<'_>) {
    const ARGUMENT: &str = "access_point_arn";
    let target = match cx.get(ARGUMENT).text() {
        Ok(Some(arn)) => {
            let mut parts = arn.splitn(6, ':').skip(3);
            let (region, account) = (parts.next(), parts.next());
            // Those of Outposts are not listed.
            let name = parts.next().and_then(|name| name.strip_prefix("accesspoint/"));
            let Some(name) = name else { return };
            if let Some(region) = region.and_then(|region| region.parse().ok()) {
                cx.location.region = region;
            }
            if let Some(account) = account.and_then(|account| account.parse().ok()) {
                cx.location.account = account;
            }
            Target::Id(name.to_owned())
        }
        _ => match cx.referred(ARGUMENT, &["arn", "id"]) {
            Some(one) => Target::Id(cx.stand_in(&one.address)),
            None => {
                let is_anywhere = cx.plan().referred(cx.resource, ARGUMENT).resources.is_empty();
                Target::Unresolved { is_anywhere }
            }
        },
    };
    let policy = cx.get("policy");
    if let Target::Id(id) = &target {
        record_partial(cx, (&KIND, id), "policy", policy);
    }
    let tree = policy_of(cx, "policy", policy);
    cx.set(&KIND, target, &["policy", "policy_status"], tree);
}
