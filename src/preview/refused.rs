//! Changes that S3 refuses in any case, so that the apply fails halfway: public policies and ACLs while
//! Block Public Access is on, and ACLs while they are disabled.
//!
//! Terraform can apply what turns such a setting on or off before or after. So a setting counts only if
//! it is on before the change and after it, or if a new bucket is created with it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::item::{Described, Item, ItemKey};
use super::resources::{Live, known};
use super::tree::Tree;
use crate::model::AccountId;
use crate::policy::statements;

const BUCKET: &str = "s3.bucket";
const BLOCK: &str = "public_access_block";
/// The group of everyone, and that of everyone with an AWS account.
const GROUPS: [&str; 2] = ["/global/AllUsers", "/global/AuthenticatedUsers"];

/// What is in force, by bucket; that of the account has no bucket.
pub(super) struct InForce {
    settings: BTreeSet<(Option<String>, &'static str)>,
}

impl InForce {
    /// What is in force among these resources.
    pub(super) fn of(live: &Live) -> Self {
        let mut settings = BTreeSet::new();
        for (key, resource) in live {
            let bucket = match key.kind {
                BUCKET => Some(key.id.clone()),
                "s3.account" => None,
                _ => continue,
            };
            for name in ["block_public_policy", "block_public_acls"] {
                let is_on = known(resource, BLOCK).and_then(|block| block.get(name));
                if is_on == Some(&Value::Bool(true)) {
                    settings.insert((bucket.clone(), name));
                }
            }
            let ownership = known(resource, "ownership_controls");
            let ownership = ownership.and_then(|fact| fact.get("object_ownership")?.as_str());
            if ownership == Some("BucketOwnerEnforced") {
                settings.insert((bucket, "enforced"));
            }
        }
        Self { settings }
    }

    fn has(&self, bucket: Option<&str>, name: &'static str) -> bool {
        self.settings.contains(&(bucket.map(str::to_owned), name))
    }
}

/// Why S3 refuses what changes, by bucket.
pub(super) fn refused(
    described: &Described,
    account: &AccountId,
    before: &InForce,
    live: &Live,
) -> BTreeMap<ItemKey, Vec<String>> {
    let after = InForce::of(live);
    let mut found = BTreeMap::new();
    let own = |(key, _): &(&ItemKey, &Item)| key.kind == BUCKET && key.account == *account;
    for (key, item) in described.after.items.iter().filter(own) {
        let was = described.before.items.get(key);
        let changed = |name: &str| {
            let is = item.tree.get(name).filter(Tree::is_known)?;
            let before = was.and_then(|was| was.tree.get(name));
            (before.map(Tree::normal) != Some(is.clone().normal())).then_some(is)
        };
        let in_bucket = |name: &'static str| {
            after.has(Some(&key.id), name) && (item.is_created || before.has(Some(&key.id), name))
        };
        let whose = |name: &'static str| {
            if after.has(None, name) && before.has(None, name) {
                Some("account")
            } else {
                in_bucket(name).then_some("bucket")
            }
        };
        let mut why = Vec::new();
        if changed("policy").is_some_and(|policy| is_open(&policy))
            && let Some(whose) = whose("block_public_policy")
        {
            why.push(format!(
                "S3 will refuse the public bucket policy (AccessDenied): BlockPublicPolicy of the {whose} is on"
            ));
        }
        if let Some(acl) = changed("acl").filter(|acl| !acl.is_absent()) {
            // A bucket can be created with an ACL that only repeats what applies anyway.
            let is_put =
                item.addresses.iter().any(|address| address.contains("aws_s3_bucket_acl."));
            if is_put && in_bucket("enforced") {
                why.push("S3 will refuse the ACL (AccessControlListNotSupported): ObjectOwnership of the bucket is BucketOwnerEnforced".to_owned());
            } else if is_public(&acl)
                && let Some(whose) = whose("block_public_acls")
            {
                why.push(format!(
                    "S3 will refuse the public ACL (AccessDenied): BlockPublicAcls of the {whose} is on"
                ));
            }
        }
        if !why.is_empty() {
            found.insert(key.clone(), why);
        }
    }
    found
}

/// A field of a tree, as a value; only called if all of the tree is known.
fn value(tree: &Tree) -> Value {
    match tree {
        Tree::Known(value) | Tree::Default(value) => value.clone(),
        Tree::Object(fields) => {
            fields.iter().map(|(name, tree)| (name.clone(), value(tree))).collect()
        }
        Tree::List(items) => items.iter().map(value).collect(),
        Tree::Unknown(_) => Value::Null,
    }
}

/// Whether a policy allows something to everyone, without any condition that S3 could accept.
fn is_open(policy: &Tree) -> bool {
    let policy = value(policy);
    let all = policy.get("document").map(statements).and_then(Result::ok).unwrap_or_default();
    all.iter().any(|statement| {
        let is_everyone = |one: &String| one == "*" || one == "AWS:*";
        statement.effect == "Allow"
            && statement.conditions.is_empty()
            && statement.principals.iter().any(is_everyone)
    })
}

/// Whether an ACL grants something to everyone.
fn is_public(acl: &Tree) -> bool {
    let acl = value(acl);
    let grants = acl.get("grants").and_then(Value::as_array).into_iter().flatten();
    let mut uris = grants.filter_map(|grant| grant.get("grantee")?.get("uri")?.as_str());
    uris.any(|uri| GROUPS.iter().any(|group| uri.ends_with(group)))
}
