//! Replication of a bucket.

use super::{Tag, shape};
use crate::facts::tags::Tags;

shape! { replication_shapes:
    /// A replication configuration.
    pub struct ReplicationConfiguration {
        /// ARN of the role with which S3 replicates.
        pub role: Option<String>,
        /// The rules, disabled ones included.
        #[serde(default)]
        pub rules: Vec<ReplicationRule>,
    }

    /// One replication rule.
    pub struct ReplicationRule {
        /// Its id.
        pub id: Option<String>,
        /// `Enabled` or `Disabled`.
        pub status: Option<String>,
        /// Of several rules with one destination that match, the highest counts.
        pub priority: Option<i64>,
        /// Prefix of the keys that it is for, in the older form of rules that have no filter.
        pub prefix: Option<String>,
        /// The objects that it is for. No condition in it: all of them.
        pub filter: Option<ReplicationRuleFilter>,
        /// Where the replicas go.
        pub destination: Option<Destination>,
        /// Whether delete markers are replicated.
        pub delete_marker_replication: Option<DeleteMarkerReplication>,
        /// Whether objects older than the rule are replicated.
        pub existing_object_replication: Option<ExistingObjectReplication>,
        /// Objects that are replicated only if the rule says so.
        pub source_selection_criteria: Option<SourceSelectionCriteria>,
    }

    /// The objects that a replication rule is for: one condition, or several in `and`.
    pub struct ReplicationRuleFilter {
        /// Prefix of their keys.
        pub prefix: Option<String>,
        /// A tag that they have.
        pub tag: Option<Tag>,
        /// Several conditions at once.
        pub and: Option<ReplicationRuleAndOperator>,
    }

    /// Conditions that hold together.
    pub struct ReplicationRuleAndOperator {
        /// Prefix of the keys.
        pub prefix: Option<String>,
        /// Tags that the objects have, all of them.
        #[serde(default)]
        pub tags: Tags,
    }

    /// Where replicas go.
    pub struct Destination {
        /// ARN of the bucket.
        pub bucket: Option<String>,
        /// The account that the bucket belongs to, where the rule names it.
        pub account: Option<String>,
        /// Storage class of the replicas; absent: that of the source.
        pub storage_class: Option<String>,
        /// Who owns the replicas; absent: the owner of the source.
        pub access_control_translation: Option<AccessControlTranslation>,
        /// How replicas of objects with KMS encryption are encrypted.
        pub encryption_configuration: Option<EncryptionConfiguration>,
        /// Replication time control.
        pub replication_time: Option<ReplicationTime>,
        /// Metrics of the replication.
        pub metrics: Option<Metrics>,
    }

    /// Who owns the replicas.
    pub struct AccessControlTranslation {
        /// `Destination`: the owner of the destination bucket.
        pub owner: Option<String>,
    }

    /// Encryption of replicas.
    pub struct EncryptionConfiguration {
        /// The KMS key in the destination's region.
        pub replica_kms_key_id: Option<String>,
    }

    /// Replication time control.
    pub struct ReplicationTime {
        /// `Enabled` or `Disabled`.
        pub status: Option<String>,
        /// The time within which objects should be replicated.
        pub time: Option<ReplicationTimeValue>,
    }

    /// A span of time.
    pub struct ReplicationTimeValue {
        /// In minutes; S3 knows 15.
        pub minutes: Option<i64>,
    }

    /// Metrics of the replication.
    pub struct Metrics {
        /// `Enabled` or `Disabled`.
        pub status: Option<String>,
        /// When S3 sends the event that replication is late.
        pub event_threshold: Option<ReplicationTimeValue>,
    }

    /// Replication of delete markers.
    pub struct DeleteMarkerReplication {
        /// `Enabled` or `Disabled`.
        pub status: Option<String>,
    }

    /// Replication of objects older than the rule.
    pub struct ExistingObjectReplication {
        /// `Enabled` or `Disabled`.
        pub status: Option<String>,
    }

    /// Objects that are replicated only if the rule says so.
    pub struct SourceSelectionCriteria {
        /// Objects encrypted with KMS.
        pub sse_kms_encrypted_objects: Option<SseKmsEncryptedObjects>,
        /// Changes that were made to replicas.
        pub replica_modifications: Option<ReplicaModifications>,
    }

    /// Replication of objects encrypted with KMS.
    pub struct SseKmsEncryptedObjects {
        /// `Enabled` or `Disabled`.
        pub status: Option<String>,
    }

    /// Replication of changes that were made to replicas.
    pub struct ReplicaModifications {
        /// `Enabled` or `Disabled`.
        pub status: Option<String>,
    }
}
