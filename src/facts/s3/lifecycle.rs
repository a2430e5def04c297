//! Lifecycle configurations of buckets and directory buckets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Tag, shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// A lifecycle configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Lifecycle {
    /// The rules, including disabled ones.
    #[serde(default)]
    pub rules: Vec<LifecycleRule>,
    /// The minimum object size for transitions in rules that do not set one:
    /// `all_storage_classes_128K` or `varies_by_storage_class`.
    pub transition_default_minimum_object_size: Option<String>,
}

shape! { lifecycle_shapes:
    /// One lifecycle rule.
    pub struct LifecycleRule {
        /// The rule's id.
        pub id: Option<String>,
        /// `Enabled` or `Disabled`.
        pub status: Option<String>,
        /// The prefix of the object keys, in older rules without a filter.
        pub prefix: Option<String>,
        /// The filter for objects. If it has no condition, the rule applies to all objects.
        pub filter: Option<LifecycleRuleFilter>,
        /// When current versions expire.
        pub expiration: Option<LifecycleExpiration>,
        /// When current versions transition to another storage class.
        #[serde(default)]
        pub transitions: Vec<Transition>,
        /// When noncurrent versions expire.
        pub noncurrent_version_expiration: Option<NoncurrentVersionExpiration>,
        /// When noncurrent versions transition to another storage class.
        #[serde(default)]
        pub noncurrent_version_transitions: Vec<NoncurrentVersionTransition>,
        /// When incomplete multipart uploads are aborted.
        pub abort_incomplete_multipart_upload: Option<AbortIncompleteMultipartUpload>,
    }

    /// The filter for objects: one condition, or several in `and`.
    pub struct LifecycleRuleFilter {
        /// The prefix of the object keys.
        pub prefix: Option<String>,
        /// A tag of the objects.
        pub tag: Option<Tag>,
        /// The minimum object size in bytes (exclusive).
        pub object_size_greater_than: Option<i64>,
        /// The maximum object size in bytes (exclusive).
        pub object_size_less_than: Option<i64>,
        /// Several conditions, all of which must match.
        pub and: Option<LifecycleRuleAndOperator>,
    }

    /// Conditions that must all match.
    pub struct LifecycleRuleAndOperator {
        /// The prefix of the object keys.
        pub prefix: Option<String>,
        /// The tags of the objects, all of which must match.
        #[serde(default)]
        pub tags: Tags,
        /// The minimum object size in bytes (exclusive).
        pub object_size_greater_than: Option<i64>,
        /// The maximum object size in bytes (exclusive).
        pub object_size_less_than: Option<i64>,
    }

    /// When current versions expire.
    pub struct LifecycleExpiration {
        /// The date.
        pub date: Option<Time>,
        /// The number of days after creation.
        pub days: Option<i64>,
        /// Whether delete markers without noncurrent versions are removed.
        pub expired_object_delete_marker: Option<bool>,
    }

    /// A transition of current versions.
    pub struct Transition {
        /// The date.
        pub date: Option<Time>,
        /// The number of days after creation.
        pub days: Option<i64>,
        /// The new storage class: `STANDARD_IA`, `GLACIER`, `DEEP_ARCHIVE`, …
        pub storage_class: Option<String>,
    }

    /// When noncurrent versions expire.
    pub struct NoncurrentVersionExpiration {
        /// The number of days after versions became noncurrent.
        pub noncurrent_days: Option<i64>,
        /// The number of newer noncurrent versions that are retained.
        pub newer_noncurrent_versions: Option<i64>,
    }

    /// A transition of noncurrent versions.
    pub struct NoncurrentVersionTransition {
        /// The number of days after versions became noncurrent.
        pub noncurrent_days: Option<i64>,
        /// The number of newer noncurrent versions that are retained.
        pub newer_noncurrent_versions: Option<i64>,
        /// The new storage class: `STANDARD_IA`, `GLACIER`, `DEEP_ARCHIVE`, …
        pub storage_class: Option<String>,
    }

    /// When incomplete multipart uploads are aborted.
    pub struct AbortIncompleteMultipartUpload {
        /// The number of days after the upload was initiated.
        pub days_after_initiation: Option<i64>,
    }
}
