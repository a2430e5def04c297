//! Settings of buckets, which `aws_s3_bucket` has as well as the types for one setting each.

use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, fields};
use crate::preview::tree::{ABSENT, Tree, Why};

/// The attributes of a bucket that satellites refer to it by.
pub(super) const ID: &[&str] = &["id", "bucket"];

/// Logging, of which the bucket is at a path of the configuration.
pub(super) fn logging_of(cx: &Converter<'_>, block: Attribute<'_>, path: &str) -> Tree {
    fields([
        ("target_bucket", cx.link_at(path, block.get("target_bucket"), ID)),
        ("target_prefix", block.get("target_prefix").text().into()),
    ])
}

/// Object Lock, which is on unless it is said otherwise.
pub(super) fn object_lock_of(enabled: Result<Option<&str>, Why>) -> Tree {
    let enabled = enabled.map(|enabled| enabled.unwrap_or("Enabled"));
    fields([("object_lock_enabled", enabled.into())])
}

/// The rule of Object Lock.
pub(super) fn retention(rule: Attribute<'_>) -> Tree {
    let retention = |block: Attribute<'_>| {
        fields([
            ("mode", block.get("mode").text().into()),
            ("days", block.get("days").positive().into()),
            ("years", block.get("years").positive().into()),
        ])
    };
    fields([("default_retention", rule.get("default_retention").block_tree(retention))])
}

/// Default encryption. `is_left_out`: whether the configuration leaves out what is at a path of the
/// rules. `key_of`: the KMS key at such a path.
pub(super) fn encryption_of(
    rules: Attribute<'_>,
    is_left_out: &dyn Fn(&str) -> bool,
    key_of: &dyn Fn(&str, Attribute<'_>) -> Tree,
) -> Tree {
    const DEFAULT: &str = "apply_server_side_encryption_by_default";
    let is_computed = |value: Attribute<'_>, path: &str| {
        // S3 allows one rule.
        value.is_unknown() && is_left_out(&format!("0.{path}"))
    };
    let rule = |rule: Attribute<'_>| {
        let default = rule.get(DEFAULT);
        let of_default = |name: &'static str| match default.block() {
            Ok(Some(block)) => {
                let (value, path) = (block.get(name), format!("{DEFAULT}.0.{name}"));
                match name {
                    _ if is_computed(value, &path) => ABSENT,
                    "kms_master_key_id" => key_of(&format!("0.{path}"), value),
                    _ => value.text().into(),
                }
            }
            // S3 applies its own.
            Ok(None) => Tree::Unknown(Why::Default),
            Err(why) => Tree::Unknown(why),
        };
        let key = rule.get("bucket_key_enabled");
        let key = match is_computed(key, "bucket_key_enabled") {
            true => false.into(),
            false => key.flag().map(|on| on.unwrap_or(false)).into(),
        };
        let blocked = rule.get("blocked_encryption_types");
        let blocked = match blocked.is_set() {
            true => blocked.texts(),
            // S3 sets it for new buckets.
            false => Tree::Unknown(Why::Default),
        };
        fields([
            ("sse_algorithm", of_default("sse_algorithm")),
            ("kms_master_key_id", of_default("kms_master_key_id")),
            ("bucket_key_enabled", key),
            ("blocked_encryption_types", blocked),
        ])
    };
    fields([("rules", rules.list_tree(rule))])
}
