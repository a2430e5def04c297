//! `s3.bucket`: buckets with everything that is configured in them, and policies as resources.

use super::common::document;
use super::spec::Spec;
use crate::facts::s3::bucket::KIND;
use crate::preview::change_set::converter::{Change, Converter, converted, flag, text};
use crate::preview::terraform::attribute::Attribute;
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[
    Spec::new("AWS::S3::Bucket", "s3.bucket", bucket),
    Spec::new("AWS::S3::BucketPolicy", "s3.bucket", policy).part_of("Bucket", POLICY),
];

/// What a bucket policy sets.
const POLICY: &[&str] = &["policy", "policy_status"];

/// A bucket, with everything that is configured in it.
fn bucket(cx: &mut Converter<'_>) {
    let id = cx.own_id(Some("BucketName"));
    let name = if id.1 { Tree::Unknown(Why::Apply) } else { id.0.as_str().into() };
    let mut facts =
        Tree::object([("bucket_region", cx.location.region.as_str().into()), ("name", name)]);
    cx.put_tags(&mut facts, true);
    // What the template does not have is not described: AWS's default applies, or what was set by hand.
    for (property, fact, convert) in PROPERTIES {
        match cx.change(property) {
            Change::Set(value) => {
                facts.add(one(fact, converted(value, convert)));
            }
            // What then applies is not documented.
            Change::Removed if STAYS_OPEN.contains(property) => {
                facts.add(one(fact, Tree::Unknown(Why::Apply)));
            }
            _ => {}
        }
        // A setting that is removed is only before the change.
        let value = cx.get(property);
        let is_removed = cx.contexts.1.properties().get(property).is_empty();
        if cx.is_before_update()
            && is_removed
            && !value.is_empty()
            && !STAYS_OPEN.contains(property)
        {
            facts.add(one(fact, converted(value, convert)));
        }
    }
    own_logs(cx, &id, &mut facts);
    object_lock_of_bucket(cx, &mut facts);
    cx.declare(&KIND, id, facts);
}

/// Properties that leave something that is not known when they are removed.
const STAYS_OPEN: [&str; 3] =
    ["AccessControl", "OwnershipControls", "PublicAccessBlockConfiguration"];

/// Without a destination, the logs of a bucket are stored in the bucket itself.
fn own_logs(cx: &Converter<'_>, id: &(String, bool), facts: &mut Tree) {
    if let Change::Set(block) = cx.change("LoggingConfiguration")
        && block.is_set()
        && block.get("DestinationBucketName").is_empty()
        && !id.1
    {
        facts.add(one("logging", Tree::object([("target_bucket", id.0.as_str().into())])));
    }
}

/// `ObjectLockEnabled` turns on Object Lock without a default retention, and versioning.
fn object_lock_of_bucket(cx: &Converter<'_>, facts: &mut Tree) {
    let is_open = |property: &str| cx.get(property).is_empty();
    let enabled = match cx.change("ObjectLockEnabled") {
        Change::Set(value) => match flag(value) {
            Ok(Some(true)) => Ok("Enabled"),
            Ok(_) => return,
            Err(why) => Err(why),
        },
        _ => return,
    };
    let enabled = if cx.is_created() { enabled } else { Err(Why::Apply) };
    let text = || match enabled {
        Ok(text) => text.into(),
        Err(why) => Tree::Unknown(why),
    };
    if is_open("ObjectLockConfiguration") {
        let lock = match enabled {
            Ok(_) => Tree::object([("object_lock_enabled", text()), ("rule", ABSENT)]),
            Err(why) => Tree::Unknown(why),
        };
        facts.add(one("object_lock", lock));
    }
    if is_open("VersioningConfiguration") {
        facts.add(one("versioning", Tree::object([("status", text())])));
    }
}

fn one(fact: &str, tree: Tree) -> Tree {
    Tree::Object([(fact.to_owned(), tree)].into())
}

type Property = (&'static str, &'static str, fn(Attribute<'_>) -> Tree);

static PROPERTIES: &[Property] = &[
    ("AccelerateConfiguration", "accelerate", not_converted),
    ("AccessControl", "acl", not_converted),
    ("BucketEncryption", "encryption", encryption),
    ("CorsConfiguration", "cors", not_converted),
    ("IntelligentTieringConfigurations", "intelligent_tiering", not_converted),
    ("InventoryConfigurations", "inventory", not_converted),
    ("LifecycleConfiguration", "lifecycle", lifecycle),
    ("LoggingConfiguration", "logging", logging),
    ("MetricsConfigurations", "metrics", not_converted),
    ("NotificationConfiguration", "notification", not_converted),
    ("ObjectLockConfiguration", "object_lock", object_lock),
    ("OwnershipControls", "ownership_controls", ownership_controls),
    ("PublicAccessBlockConfiguration", "public_access_block", public_access_block),
    ("ReplicationConfiguration", "replication", not_converted),
    ("VersioningConfiguration", "versioning", versioning),
    ("WebsiteConfiguration", "website", not_converted),
];

fn not_converted(_: Attribute<'_>) -> Tree {
    Tree::Unknown(Why::NotConverted)
}

fn encryption(block: Attribute<'_>) -> Tree {
    let rule = |rule: Attribute<'_>| {
        let default = rule.get("ServerSideEncryptionByDefault");
        let blocked = rule.get("BlockedEncryptionTypes").get("EncryptionType");
        // A rule can set other things than the encryption, which is then S3's default.
        let of_default = |name: &str| match default.is_empty() {
            true => Tree::Unknown(Why::Default),
            false => text(default.get(name)),
        };
        Tree::object([
            ("sse_algorithm", of_default("SSEAlgorithm")),
            ("kms_master_key_id", of_default("KMSMasterKeyID")),
            (
                "bucket_key_enabled",
                flag(rule.get("BucketKeyEnabled")).map(|on| on.unwrap_or(false)).into(),
            ),
            (
                "blocked_encryption_types",
                if blocked.is_set() { blocked.texts() } else { Tree::Unknown(Why::Default) },
            ),
        ])
    };
    Tree::object([("rules", block.get("ServerSideEncryptionConfiguration").list_tree(rule))])
}

/// Only which rules there are, and whether they are enabled.
fn lifecycle(block: Attribute<'_>) -> Tree {
    let rule = |rule: Attribute<'_>| {
        let id = rule.get("Id");
        Tree::object([
            // S3 names rules that have no name.
            ("id", if id.is_empty() { Tree::Unknown(Why::Apply) } else { text(id) }),
            ("status", text(rule.get("Status"))),
            ("transitions", Tree::Unknown(Why::NotConverted)),
            ("noncurrent_version_transitions", Tree::Unknown(Why::NotConverted)),
        ])
    };
    Tree::object([("rules", block.get("Rules").list_tree(rule))])
}

fn logging(block: Attribute<'_>) -> Tree {
    let target = block.get("DestinationBucketName");
    let target = if target.is_empty() { Tree::Unknown(Why::Apply) } else { text(target) };
    Tree::object([("target_bucket", target), ("target_prefix", text(block.get("LogFilePrefix")))])
}

fn object_lock(block: Attribute<'_>) -> Tree {
    let rule = |rule: Attribute<'_>| {
        let retention = |block: Attribute<'_>| {
            Tree::object([
                ("mode", text(block.get("Mode"))),
                ("days", block.get("Days").positive().into()),
                ("years", block.get("Years").positive().into()),
            ])
        };
        Tree::object([("default_retention", rule.get("DefaultRetention").block_tree(retention))])
    };
    let enabled = block.get("ObjectLockEnabled");
    Tree::object([
        (
            "object_lock_enabled",
            if enabled.is_empty() { Tree::Unknown(Why::Apply) } else { text(enabled) },
        ),
        ("rule", block.get("Rule").block_tree(rule)),
    ])
}

fn ownership_controls(block: Attribute<'_>) -> Tree {
    block
        .get("Rules")
        .block_tree(|rule| Tree::object([("object_ownership", text(rule.get("ObjectOwnership")))]))
}

fn public_access_block(block: Attribute<'_>) -> Tree {
    let set = |name: &str| flag(block.get(name)).map(|on| on.unwrap_or(false)).into();
    Tree::object([
        ("block_public_acls", set("BlockPublicAcls")),
        ("ignore_public_acls", set("IgnorePublicAcls")),
        ("block_public_policy", set("BlockPublicPolicy")),
        ("restrict_public_buckets", set("RestrictPublicBuckets")),
    ])
}

fn versioning(block: Attribute<'_>) -> Tree {
    Tree::object([("status", text(block.get("Status")))])
}

/// The policy of a bucket.
fn policy(cx: &mut Converter<'_>) {
    let tree = document(cx.get("PolicyDocument"));
    let tree = Tree::object([("policy", tree), ("policy_status", Tree::Unknown(Why::Apply))]);
    cx.set(&KIND, "Bucket", POLICY, tree);
}
