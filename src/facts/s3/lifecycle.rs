//! Lifecycle rules, of buckets and of directory buckets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Tag, shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// A lifecycle configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Lifecycle {
    /// The rules, disabled ones included.
    #[serde(default)]
    pub rules: Vec<LifecycleRule>,
    /// The smallest objects that are moved where no rule says it: `all_storage_classes_128K` or
    /// `varies_by_storage_class`.
    pub transition_default_minimum_object_size: Option<String>,
}

shape! { lifecycle_shapes:
    /// One lifecycle rule.
    pub struct LifecycleRule {
        /// Its id.
        pub id: Option<String>,
        /// `Enabled` or `Disabled`.
        pub status: Option<String>,
        /// Prefix of the keys that it is for, in the older form of rules that have no filter.
        pub prefix: Option<String>,
        /// The objects that it is for. No condition in it: all of them.
        pub filter: Option<LifecycleRuleFilter>,
        /// When current versions expire.
        pub expiration: Option<LifecycleExpiration>,
        /// When current versions move to another storage class.
        #[serde(default)]
        pub transitions: Vec<Transition>,
        /// When noncurrent versions expire.
        pub noncurrent_version_expiration: Option<NoncurrentVersionExpiration>,
        /// When noncurrent versions move to another storage class.
        #[serde(default)]
        pub noncurrent_version_transitions: Vec<NoncurrentVersionTransition>,
        /// When uploads that were begun and not ended are dropped.
        pub abort_incomplete_multipart_upload: Option<AbortIncompleteMultipartUpload>,
    }

    /// The objects that a lifecycle rule is for: one condition, or several in `and`.
    pub struct LifecycleRuleFilter {
        /// Prefix of their keys.
        pub prefix: Option<String>,
        /// A tag that they have.
        pub tag: Option<Tag>,
        /// They are larger than so many bytes.
        pub object_size_greater_than: Option<i64>,
        /// They are smaller than so many bytes.
        pub object_size_less_than: Option<i64>,
        /// Several conditions at once.
        pub and: Option<LifecycleRuleAndOperator>,
    }

    /// Conditions that hold together.
    pub struct LifecycleRuleAndOperator {
        /// Prefix of the keys.
        pub prefix: Option<String>,
        /// Tags that the objects have, all of them.
        #[serde(default)]
        pub tags: Tags,
        /// They are larger than so many bytes.
        pub object_size_greater_than: Option<i64>,
        /// They are smaller than so many bytes.
        pub object_size_less_than: Option<i64>,
    }

    /// When current versions expire.
    pub struct LifecycleExpiration {
        /// At that date.
        pub date: Option<Time>,
        /// So many days after their creation.
        pub days: Option<i64>,
        /// Whether delete markers without older versions are removed.
        pub expired_object_delete_marker: Option<bool>,
    }

    /// A move of current versions.
    pub struct Transition {
        /// At that date.
        pub date: Option<Time>,
        /// So many days after their creation.
        pub days: Option<i64>,
        /// The new storage class: `STANDARD_IA`, `GLACIER`, `DEEP_ARCHIVE`, …
        pub storage_class: Option<String>,
    }

    /// When noncurrent versions expire.
    pub struct NoncurrentVersionExpiration {
        /// So many days after they ceased to be current.
        pub noncurrent_days: Option<i64>,
        /// So many of the newest stay.
        pub newer_noncurrent_versions: Option<i64>,
    }

    /// A move of noncurrent versions.
    pub struct NoncurrentVersionTransition {
        /// So many days after they ceased to be current.
        pub noncurrent_days: Option<i64>,
        /// So many of the newest stay.
        pub newer_noncurrent_versions: Option<i64>,
        /// The new storage class: `STANDARD_IA`, `GLACIER`, `DEEP_ARCHIVE`, …
        pub storage_class: Option<String>,
    }

    /// When unfinished uploads are dropped.
    pub struct AbortIncompleteMultipartUpload {
        /// So many days after they began.
        pub days_after_initiation: Option<i64>,
    }
}
