//! Changes that AWS refuses in any case, so that the apply fails halfway: public policies and ACLs while
//! Block Public Access is on, ACLs while they are disabled, disabled ACLs that grant others access, suspended
//! versioning while Object Lock or
//! replication needs it, the termination of protected instances, instances without IMDSv2 where it is
//! enforced, and public AMIs where they are blocked.
//!
//! Terraform can apply what turns such a setting on or off before or after. So a setting counts only if
//! it is on before the change and after it, or if a new bucket is created with it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::item::{Described, Item, ItemKey};
use super::resources::{Live, known};
use super::tree::Tree;
use crate::model::unreadable::outermost;
use crate::model::{AccountId, Refusal, Resource};
use crate::policy::statements;

const BUCKET: &str = "s3.bucket";
const BLOCK: &str = "public_access_block";
const VERSIONING: &str = "versioning";
const POLICY: [&str; 2] = ["policy", "policy_status"];
/// What needs versioning.
const VERSIONED: [&str; 2] = ["object_lock", "replication"];
/// An ACL that grants others than the owner access.
const GRANTING: &str = "acl";
const OWNERSHIP: &str = "ownership_controls";
/// Settings of a region: IMDSv2 is enforced, and AMIs cannot be shared with everyone.
const ENFORCED: &str = "http_tokens_enforced";
const BLOCKED: &str = "image_block_public_access";
const PUBLIC: &str = "public";
/// The group of everyone, and that of everyone with an AWS account.
const GROUPS: [&str; 2] = ["/global/AllUsers", "/global/AuthenticatedUsers"];

/// What is in force, by bucket or region; that of the account has neither.
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
                "ec2.settings" => {
                    let region = Some(key.region.as_str().to_owned());
                    let text = |fact: &str, name: &str| {
                        known(resource, fact)?.get(name)?.as_str().map(str::to_owned)
                    };
                    if text("instance_metadata_defaults", ENFORCED).as_deref() == Some("enabled") {
                        settings.insert((region.clone(), ENFORCED));
                    }
                    let state = text(BLOCKED, "image_block_public_access_state");
                    if state.as_deref() == Some("block-new-sharing") {
                        settings.insert((region, BLOCKED));
                    }
                    continue;
                }
                "ec2.image" => {
                    // What is public already stays so.
                    if known(resource, PUBLIC) == Some(&Value::Bool(true)) {
                        settings.insert((Some(key.id.clone()), PUBLIC));
                    }
                    continue;
                }
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
                settings.insert((bucket.clone(), "enforced"));
            } else if known(resource, "acl").is_some_and(grants_others) {
                settings.insert((bucket.clone(), GRANTING));
            }
            let needed = VERSIONED.into_iter().filter(|name| is_configured(resource, name));
            settings.extend(needed.map(|name| (bucket.clone(), name)));
            if is_versioned(resource) {
                settings.insert((bucket, VERSIONING));
            }
        }
        Self { settings }
    }

    fn has(&self, bucket: Option<&str>, name: &'static str) -> bool {
        self.settings.contains(&(bucket.map(str::to_owned), name))
    }
}

/// What AWS refuses of a change.
#[derive(Debug, Default)]
pub(super) struct Refused {
    /// Why, by resource.
    pub(super) why: BTreeMap<ItemKey, Vec<Refusal>>,
    /// The facts of buckets that stay as they are.
    pub(super) facts: BTreeMap<ItemKey, Vec<&'static str>>,
}

/// What S3 refuses of what changes, by bucket.
pub(super) fn refused(
    described: &Described,
    account: &AccountId,
    before: &InForce,
    live: &Live,
) -> Refused {
    let after = InForce::of(live);
    let Refused { why: mut found, mut facts } = Refused::default();
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
        let (mut why, mut kept) = (Vec::new(), Vec::new());
        // Whatever the resources are that are not known, S3 accepts only the bucket and its objects.
        let partial = described.partial.get(key).filter(|one| one.field == "policy");
        let is_open = changed("policy").is_some_and(|policy| is_open(&policy))
            || partial.is_some_and(|one| is_open_document(&one.document));
        if is_open && let Some(whose) = whose("block_public_policy") {
            let message = format!(
                "S3 will refuse the public bucket policy (AccessDenied): BlockPublicPolicy of the {whose} is on"
            );
            why.push(Refusal { message, facts: &POLICY });
            kept.extend(POLICY);
        }
        if let Some(acl) = changed("acl").filter(|acl| !acl.is_absent()) {
            // A bucket can be created with an ACL that only repeats what applies anyway.
            let is_put =
                item.addresses.iter().any(|address| address.contains("aws_s3_bucket_acl."));
            let message = if is_put && in_bucket("enforced") {
                Some("S3 will refuse the ACL (AccessControlListNotSupported): ObjectOwnership of the bucket is BucketOwnerEnforced".to_owned())
            } else {
                whose("block_public_acls").filter(|_| is_public(&acl)).map(|whose| format!(
                    "S3 will refuse the public ACL (AccessDenied): BlockPublicAcls of the {whose} is on"
                ))
            };
            kept.extend(message.is_some().then_some("acl"));
            why.extend(message.map(|message| Refusal { message, facts: &["acl"] }));
        }
        let disables = !item.is_created
            && changed(OWNERSHIP)
                .and_then(|tree| tree.get("object_ownership"))
                .is_some_and(|ownership| ownership.as_str() == Some("BucketOwnerEnforced"));
        let keeps_acl =
            item.tree.get("acl").is_none_or(|tree| tree.is_known()) && changed("acl").is_none();
        if disables && keeps_acl && before.has(Some(&key.id), GRANTING) {
            let message = "S3 will refuse to disable ACLs (InvalidBucketAclWithObjectOwnership): the ACL grants others access".to_owned();
            why.push(Refusal { message, facts: &[OWNERSHIP, "acl"] });
            kept.extend([OWNERSHIP, "acl"]);
        }
        if !why.is_empty() {
            found.insert(key.clone(), why);
        }
        if !kept.is_empty() && !item.is_created {
            facts.insert(key.clone(), kept);
        }
    }
    found.extend(of_regions(described, account, (before, &after), live));
    let protected = described.protected.iter().filter(|key| key.account == *account);
    for key in protected.filter(|key| live.contains_key(key)) {
        let message = "EC2 will refuse to terminate the instance (OperationNotPermitted): termination protection is on, and `force_destroy` is not `true` in the state";
        found.insert(key.clone(), vec![Refusal::of_all(message.to_owned())]);
    }
    let Described { before: was, after: is, .. } = described;
    let keys: BTreeSet<&ItemKey> = was.items.keys().chain(is.items.keys()).collect();
    for key in keys.into_iter().filter(|key| key.kind == BUCKET && key.account == *account) {
        let why = suspension(key, (was.items.get(key), is.items.get(key)), (before, &after));
        if let Some(because) = why {
            let message =
                format!("S3 will refuse to suspend versioning (InvalidBucketState): {because}");
            found.entry(key.clone()).or_default().push(Refusal { message, facts: &[VERSIONING] });
        }
    }
    Refused { why: found, facts }
}

/// What EC2 refuses because of settings of the region, by instance and image.
fn of_regions(
    described: &Described,
    account: &AccountId,
    (before, after): (&InForce, &InForce),
    live: &Live,
) -> BTreeMap<ItemKey, Vec<Refusal>> {
    let mut found = BTreeMap::new();
    let stays = |key: &ItemKey, name: &'static str| {
        let region = Some(key.region.as_str());
        before.has(region, name) && after.has(region, name)
    };
    for (key, item) in described.after.items.iter().filter(|(key, _)| key.account == *account) {
        let why = match key.kind {
            "ec2.instance" if item.is_created && stays(key, ENFORCED) => {
                // What is not known is not there.
                let options = live.get(key).and_then(|one| one.facts.get("metadata_options"));
                let is = |name: &str, value: &str| {
                    options.and_then(|all| all.get(name)?.as_str()) == Some(value)
                };
                let is_open = is("http_tokens", "optional") && is("http_endpoint", "enabled");
                is_open.then_some("EC2 will refuse to launch the instance (UnsupportedOperation): the region enforces IMDSv2 (HttpTokensEnforced), and HttpTokens is optional")
            }
            "ec2.image" if stays(key, BLOCKED) && !before.has(Some(&key.id), PUBLIC) => {
                let is_shared = |item: Option<&Item>| {
                    let list = item.and_then(|item| item.tree.get("launch_permission"));
                    let all = list.and_then(|list| list.items()).unwrap_or_default();
                    let is_all = |one: Tree| {
                        one.get("group").is_some_and(|group| group.as_str() == Some("all"))
                    };
                    all.into_iter().any(is_all)
                };
                let is_new = is_shared(Some(item)) && !is_shared(described.before.items.get(key));
                is_new.then_some("EC2 will refuse to share the AMI with everyone (OperationNotPermitted): block public access for AMIs is on in the region")
            }
            _ => None,
        };
        found.extend(why.map(|why| (key.clone(), vec![Refusal::of_all(why.to_owned())])));
    }
    found
}

/// The buckets of which S3 refuses to change facts, with what they have now.
pub(super) fn unchanged(refused: &Refused, before: &Live, after: &Live) -> Live {
    let mut found = Live::new();
    for (key, facts) in &refused.facts {
        let (Some(was), Some(is)) = (before.get(key), after.get(key)) else { continue };
        let mut resource = is.clone();
        for name in facts {
            resource.unreadable.retain(|path, _| outermost(path) != *name);
            let unreadable = was.unreadable.iter().filter(|(path, _)| outermost(path) == *name);
            resource.unreadable.extend(unreadable.map(|(path, why)| (path.clone(), why.clone())));
            match was.facts.get(*name) {
                Some(fact) => drop(resource.facts.insert((*name).to_owned(), fact.clone())),
                None => drop(resource.facts.remove(*name)),
            }
        }
        found.insert(key.clone(), resource);
    }
    found
}

/// Whether an ACL has a grant for someone else than the owner.
fn grants_others(acl: &Value) -> bool {
    let owner = acl.get("owner_id").and_then(Value::as_str);
    let grants = acl.get("grants").and_then(Value::as_array).into_iter().flatten();
    let mut grantees = grants.filter_map(|grant| grant.get("grantee"));
    grantees.any(|grantee| match grantee.get("id").and_then(Value::as_str) {
        Some(id) => owner.is_some_and(|owner| owner != id),
        None => grantee.get("uri").is_some_and(Value::is_string),
    })
}

/// Whether a fact is known to be configured.
fn is_configured(resource: &Resource, name: &str) -> bool {
    known(resource, name).is_some_and(Value::is_object)
}

fn is_versioned(resource: &Resource) -> bool {
    let versioning = known(resource, VERSIONING);
    versioning.and_then(|versioning| versioning.get("status")?.as_str()) == Some("Enabled")
}

/// The changes of a resource without those that leave it as it is. S3 does not suspend versioning that
/// something needs.
pub(super) fn without_refused(
    live: &Resource,
    mut changes: BTreeMap<String, Tree>,
) -> BTreeMap<String, Tree> {
    let status = changes.get(VERSIONING).and_then(|tree| tree.get("status"));
    let is_suspended = status.is_some_and(|status| status.as_str() == Some("Suspended"));
    // Replication that is deleted as well can be deleted first. Object Lock cannot be deleted.
    let is_kept = |name: &str| match changes.get(name) {
        _ if !is_configured(live, name) => false,
        Some(tree) if name == "replication" => matches!(tree, Tree::Object(_)),
        _ => true,
    };
    if live.kind == BUCKET
        && is_suspended
        && is_versioned(live)
        && VERSIONED.iter().any(|name| is_kept(name))
    {
        changes.remove(VERSIONING);
    }
    changes
}

/// Why versioning of a bucket cannot be suspended, if that is what the change does.
fn suspension(
    key: &ItemKey,
    (was, is): (Option<&Item>, Option<&Item>),
    (before, after): (&InForce, &InForce),
) -> Option<&'static str> {
    const LOCK: &str = "the bucket has Object Lock";
    let versioning = |item: Option<&Item>| item?.tree.get(VERSIONING);
    let status = |item: Option<&Item>| versioning(item)?.get("status");
    let is_suspended = status(is).is_some_and(|status| status.as_str() == Some("Suspended"));
    if let Some(item) = is.filter(|item| item.is_created && is_suspended) {
        let lock = item.tree.get("object_lock")?.get("object_lock_enabled")?;
        return (lock.as_str() == Some("Enabled")).then_some(LOCK);
    }
    // What sets it is removed. The Terraform provider accepts the error for Object Lock.
    let is_removed = versioning(is).is_none()
        && status(was).is_some_and(|status| status.as_str() == Some("Enabled"));
    let stays =
        |name: &'static str| before.has(Some(&key.id), name) && after.has(Some(&key.id), name);
    if !stays(VERSIONING) || !is_removed && (!is_suspended || status(was) == status(is)) {
        return None;
    }
    match (stays("object_lock"), stays("replication")) {
        (true, _) => (!is_removed).then_some(LOCK),
        (false, true) => Some("the bucket has a replication configuration"),
        (false, false) => None,
    }
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
    value(policy).get("document").is_some_and(is_open_document)
}

fn is_open_document(document: &Value) -> bool {
    let all = statements(document).unwrap_or_default();
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
    acl.get("grants").and_then(Value::as_array).into_iter().flatten().any(is_public_grant)
}

/// Whether a grant is to everyone.
pub(super) fn is_public_grant(grant: &Value) -> bool {
    let uri = grant.get("grantee").and_then(|grantee| grantee.get("uri")).and_then(Value::as_str);
    uri.is_some_and(|uri| GROUPS.iter().any(|group| uri.ends_with(group)))
}
