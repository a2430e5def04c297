//! Replication of a bucket.

use super::{Tag, shape};
use crate::facts::tags::Tags;

shape! { replication_shapes:
    /// A replication configuration.
    pub struct ReplicationConfiguration {
        /// The ARN of the IAM role that S3 assumes to replicate objects.
        pub role: Option<String>,
        /// The rules, including disabled ones.
        #[serde(default)]
        pub rules: Vec<ReplicationRule>,
    }

    /// One replication rule.
    pub struct ReplicationRule {
        /// The rule's id.
        pub id: Option<String>,
        /// `Enabled` or `Disabled`.
        pub status: Option<String>,
        /// The priority. If several rules with the same destination match, the one with the highest
        /// priority applies.
        pub priority: Option<i64>,
        /// The prefix of the object keys, in older rules without a filter.
        pub prefix: Option<String>,
        /// The filter for objects. If it has no condition, the rule applies to all objects.
        pub filter: Option<ReplicationRuleFilter>,
        /// The destination.
        pub destination: Option<Destination>,
        /// The replication of delete markers.
        pub delete_marker_replication: Option<DeleteMarkerReplication>,
        /// The replication of existing objects.
        pub existing_object_replication: Option<ExistingObjectReplication>,
        /// The objects that are replicated only if this is enabled explicitly.
        pub source_selection_criteria: Option<SourceSelectionCriteria>,
    }

    /// The filter for objects: one condition, or several in `and`.
    pub struct ReplicationRuleFilter {
        /// The prefix of the object keys.
        pub prefix: Option<String>,
        /// A tag of the objects.
        pub tag: Option<Tag>,
        /// Several conditions, all of which must match.
        pub and: Option<ReplicationRuleAndOperator>,
    }

    /// Conditions that must all match.
    pub struct ReplicationRuleAndOperator {
        /// The prefix of the object keys.
        pub prefix: Option<String>,
        /// The tags of the objects, all of which must match.
        #[serde(default)]
        pub tags: Tags,
    }

    /// The destination of replicas.
    pub struct Destination {
        /// The ARN of the destination bucket.
        pub bucket: Option<String>,
        /// The account that owns the destination bucket, if specified.
        pub account: Option<String>,
        /// The storage class of the replicas; if absent, that of the source object.
        pub storage_class: Option<String>,
        /// The owner of the replicas; if absent, the owner of the source object.
        pub access_control_translation: Option<AccessControlTranslation>,
        /// The encryption of the replicas of SSE-KMS encrypted objects.
        pub encryption_configuration: Option<EncryptionConfiguration>,
        /// S3 Replication Time Control (S3 RTC).
        pub replication_time: Option<ReplicationTime>,
        /// The replication metrics.
        pub metrics: Option<Metrics>,
    }

    /// The owner of replicas.
    pub struct AccessControlTranslation {
        /// `Destination`: the owner of the destination bucket.
        pub owner: Option<String>,
    }

    /// The encryption of replicas.
    pub struct EncryptionConfiguration {
        /// The KMS key in the region of the destination bucket.
        pub replica_kms_key_id: Option<String>,
    }

    /// S3 Replication Time Control (S3 RTC).
    pub struct ReplicationTime {
        /// `Enabled` or `Disabled`.
        pub status: Option<String>,
        /// The time within which objects should be replicated.
        pub time: Option<ReplicationTimeValue>,
    }

    /// A time span.
    pub struct ReplicationTimeValue {
        /// The number of minutes; S3 supports 15.
        pub minutes: Option<i64>,
    }

    /// The replication metrics.
    pub struct Metrics {
        /// `Enabled` or `Disabled`.
        pub status: Option<String>,
        /// The threshold after which S3 sends an event if an object has not been replicated.
        pub event_threshold: Option<ReplicationTimeValue>,
    }

    /// The replication of delete markers.
    pub struct DeleteMarkerReplication {
        /// `Enabled` or `Disabled`.
        pub status: Option<String>,
    }

    /// The replication of existing objects, which are older than the rule.
    pub struct ExistingObjectReplication {
        /// `Enabled` or `Disabled`.
        pub status: Option<String>,
    }

    /// The objects that are replicated only if this is enabled explicitly.
    pub struct SourceSelectionCriteria {
        /// Objects that are encrypted with SSE-KMS.
        pub sse_kms_encrypted_objects: Option<SseKmsEncryptedObjects>,
        /// Metadata changes to replicas.
        pub replica_modifications: Option<ReplicaModifications>,
    }

    /// The replication of objects that are encrypted with SSE-KMS.
    pub struct SseKmsEncryptedObjects {
        /// `Enabled` or `Disabled`.
        pub status: Option<String>,
    }

    /// The replication of metadata changes of replicas.
    pub struct ReplicaModifications {
        /// `Enabled` or `Disabled`.
        pub status: Option<String>,
    }
}
