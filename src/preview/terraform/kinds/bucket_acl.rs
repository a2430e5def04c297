//! ACLs of buckets: canned ones, and lists of grants.

use serde_json::json;

use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, fields};
use crate::preview::tree::{ABSENT, Tree, Why};

/// In place of the canonical user id of the bucket's owner, which a plan does not have.
const OWNER: &str = "(the bucket owner)";

/// The grants of a canned ACL.
pub(super) fn canned(acl: Attribute<'_>) -> Tree {
    const GROUPS: &str = "http://acs.amazonaws.com/groups/";
    let name = match acl.text() {
        Ok(Some(name)) => name,
        Ok(None) => return ABSENT,
        Err(why) => return Tree::Unknown(why),
    };
    let group = |group: &str, permission: &str| {
        json!({
            "grantee": { "type": "Group", "id": null, "uri": format!("{GROUPS}{group}"), "email_address": null },
            "permission": permission,
        })
    };
    let owner = json!({
        "grantee": { "type": "CanonicalUser", "id": OWNER, "uri": null, "email_address": null },
        "permission": "FULL_CONTROL",
    });
    let others = match name {
        // The last two are about objects that others own. The owner of a bucket is its own.
        "private" | "bucket-owner-read" | "bucket-owner-full-control" => vec![],
        "public-read" => vec![group("global/AllUsers", "READ")],
        "public-read-write" => {
            vec![group("global/AllUsers", "READ"), group("global/AllUsers", "WRITE")]
        }
        "authenticated-read" => vec![group("global/AuthenticatedUsers", "READ")],
        "log-delivery-write" => {
            vec![group("s3/LogDelivery", "WRITE"), group("s3/LogDelivery", "READ_ACP")]
        }
        _ => return Tree::Unknown(Why::Apply),
    };
    let grants: Vec<_> = std::iter::once(owner).chain(others).collect();
    json!({ "owner_id": OWNER, "grants": grants }).into()
}

/// The ACL with the grants of `aws_s3_bucket`. The owner of a bucket stays. That of a new one is the
/// account, whose id the plan has if it reads it.
pub(super) fn grants(cx: &Converter<'_>, blocks: Attribute<'_>) -> Tree {
    let blocks = match blocks.items() {
        Ok(blocks) => blocks,
        Err(why) => return Tree::Unknown(why),
    };
    let mut grants = Vec::new();
    let has_ids = blocks.iter().any(|block| !block.get("id").is_empty());
    for block in blocks {
        let permissions = match block.get("permissions").items() {
            Ok(permissions) => permissions,
            Err(why) => return Tree::Unknown(why),
        };
        for permission in permissions {
            let mut grantee = grantee(block);
            grantee.add(fields([("email_address", ABSENT)]));
            grants.push(fields([("grantee", grantee), ("permission", permission.text().into())]));
        }
    }
    let mut acl = fields([("grants", Tree::List(grants))]);
    if cx.is_created() {
        let owner = match account_owner(cx) {
            None if !has_ids => Some(OWNER.to_owned()),
            owner => owner,
        };
        let owner = owner.as_deref();
        acl.add(fields([("owner_id", owner.map_or(Tree::Unknown(Why::Apply), Tree::from))]));
    }
    acl
}

/// The canonical user id of the account, if the plan reads it, and of no other account.
pub(super) fn account_owner(cx: &Converter<'_>) -> Option<String> {
    let users = cx.plan().data("aws_canonical_user_id");
    let mut ids = users.iter().filter_map(|(_, user)| user.get("id")?.as_str());
    let id = ids.next()?;
    ids.all(|other| other == id).then(|| id.to_owned())
}

/// The ACL of an access control policy.
pub(super) fn access_control_policy(policy: Attribute<'_>) -> Tree {
    let owner = policy.get("owner").block_tree(|owner| owner.get("id").text().into());
    let grants = policy.get("grant").list_tree(|grant| {
        fields([
            ("grantee", grant.get("grantee").block_tree(grantee)),
            ("permission", grant.get("permission").text().into()),
        ])
    });
    fields([("owner_id", owner), ("grants", grants)])
}

fn grantee(block: Attribute<'_>) -> Tree {
    let email = block.get("email_address");
    if !email.is_empty() {
        // S3 replaces it by the id of the account that has it.
        return fields([
            ("type", "CanonicalUser".into()),
            ("id", Tree::Unknown(Why::Apply)),
            ("uri", ABSENT),
            ("email_address", ABSENT),
        ]);
    }
    fields([
        ("type", block.get("type").text().into()),
        ("id", block.get("id").text().into()),
        ("uri", block.get("uri").text().into()),
        ("email_address", ABSENT),
    ])
}
