//! `AWS::S3::Bucket` and `AWS::S3::BucketPolicy`.

use serde_json::Value;

use super::converter::Converter;
use crate::facts::s3::bucket::KIND;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::tree::{ABSENT, Tree, Why};

/// A bucket, with everything that is configured in it.
pub fn bucket(cx: &mut Converter<'_>) {
    let id = cx.own_id(Some("BucketName"));
    let mut facts = Tree::object([
        ("bucket_region", cx.location.region.as_str().into()),
        (
            "tags",
            match cx.get("Tags").is_empty() {
                true => ABSENT,
                false => cx.tags("Tags"),
            },
        ),
    ]);
    if id.1 {
        facts.add(Tree::object([("name", Tree::Unknown(Why::Apply))]));
    } else {
        facts.add(Tree::object([("name", id.0.as_str().into())]));
    }
    // What the template does not have is not described: AWS's default applies, or what was set by hand.
    for (property, fact, convert) in PROPERTIES {
        let value = cx.get(property);
        if value.is_unknown() {
            facts.add(one(fact, Tree::Unknown(Why::Apply)));
        } else if !value.is_empty() {
            let tree = convert(value);
            facts.add(one(fact, tree));
        }
    }
    if cx.is_created() {
        object_lock_of_new(cx, &mut facts);
    }
    cx.declare(&KIND, id, facts);
}

/// `ObjectLockEnabled` turns on Object Lock without a default retention, and versioning.
fn object_lock_of_new(cx: &Converter<'_>, facts: &mut Tree) {
    let is_open = |property: &str| cx.get(property).is_empty();
    let enabled = match cx.get("ObjectLockEnabled").flag() {
        Ok(Some(true)) => Ok("Enabled"),
        Ok(_) => return,
        Err(why) => Err(why),
    };
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
        Tree::object([
            ("sse_algorithm", default.get("SSEAlgorithm").text().into()),
            ("kms_master_key_id", default.get("KMSMasterKeyID").text().into()),
            (
                "bucket_key_enabled",
                rule.get("BucketKeyEnabled").flag().map(|on| on.unwrap_or(false)).into(),
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
        Tree::object([
            ("id", rule.get("Id").text().into()),
            ("status", rule.get("Status").text().into()),
            ("transitions", Tree::Unknown(Why::NotConverted)),
            ("noncurrent_version_transitions", Tree::Unknown(Why::NotConverted)),
        ])
    };
    Tree::object([("rules", block.get("Rules").list_tree(rule))])
}

fn logging(block: Attribute<'_>) -> Tree {
    let target = block.get("DestinationBucketName");
    // Without a destination, the bucket logs to itself.
    let target =
        if target.is_empty() { Tree::Unknown(Why::NotConverted) } else { target.text().into() };
    Tree::object([
        ("target_bucket", target),
        ("target_prefix", block.get("LogFilePrefix").text().into()),
    ])
}

fn object_lock(block: Attribute<'_>) -> Tree {
    let rule = |rule: Attribute<'_>| {
        let retention = |block: Attribute<'_>| {
            Tree::object([
                ("mode", block.get("Mode").text().into()),
                ("days", block.get("Days").positive().into()),
                ("years", block.get("Years").positive().into()),
            ])
        };
        Tree::object([("default_retention", rule.get("DefaultRetention").block_tree(retention))])
    };
    Tree::object([
        ("object_lock_enabled", block.get("ObjectLockEnabled").text().into()),
        ("rule", block.get("Rule").block_tree(rule)),
    ])
}

fn ownership_controls(block: Attribute<'_>) -> Tree {
    block.get("Rules").block_tree(|rule| {
        Tree::object([("object_ownership", rule.get("ObjectOwnership").text().into())])
    })
}

fn public_access_block(block: Attribute<'_>) -> Tree {
    let flag = |name: &str| block.get(name).flag().map(|on| on.unwrap_or(false)).into();
    Tree::object([
        ("block_public_acls", flag("BlockPublicAcls")),
        ("ignore_public_acls", flag("IgnorePublicAcls")),
        ("block_public_policy", flag("BlockPublicPolicy")),
        ("restrict_public_buckets", flag("RestrictPublicBuckets")),
    ])
}

fn versioning(block: Attribute<'_>) -> Tree {
    Tree::object([("status", block.get("Status").text().into())])
}

/// The policy of a bucket.
pub fn policy(cx: &mut Converter<'_>) {
    let document = cx.get("PolicyDocument");
    let tree = match (document.why(), document.raw()) {
        (Some(why), _) => Tree::Unknown(why),
        (None, Value::Object(_)) if document.is_known() => {
            Tree::object([("document", Tree::Known(document.raw().clone()))])
        }
        _ => Tree::Unknown(Why::Apply),
    };
    let tree = Tree::object([("policy", tree), ("policy_status", Tree::Unknown(Why::Apply))]);
    let properties = cx.properties;
    cx.set(&KIND, properties.get("Bucket"), &["policy", "policy_status"], tree);
}
