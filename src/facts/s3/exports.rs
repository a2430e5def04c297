//! Inventories, request metrics and Intelligent-Tiering configurations of a bucket. Each is a list
//! of configurations with ids.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Ssekms, Tag, shape};
use crate::facts::tags::Tags;

/// The S3 Inventory configurations of a bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Inventories {
    /// All configurations, including disabled ones.
    #[serde(default)]
    pub inventory_configuration_list: Vec<InventoryConfiguration>,
}

/// The request metrics configurations of a bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequestMetrics {
    /// All configurations.
    #[serde(default)]
    pub metrics_configuration_list: Vec<MetricsConfiguration>,
}

/// The S3 Intelligent-Tiering configurations of a bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IntelligentTiering {
    /// All configurations, including disabled ones.
    #[serde(default)]
    pub intelligent_tiering_configuration_list: Vec<IntelligentTieringConfiguration>,
}

/// The encryption of reports. If neither is set, the default encryption of the destination bucket
/// applies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportEncryption {
    /// Whether SSE-S3 is used.
    #[serde(default)]
    pub sses3: bool,
    /// SSE-KMS, if it is used.
    pub ssekms: Option<Ssekms>,
}

/// The filter for requests: one condition, or several in `and`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetricsFilter {
    /// The prefix of the object keys.
    pub prefix: Option<String>,
    /// A tag of the objects.
    pub tag: Option<Tag>,
    /// The ARN of the access point that requests are made through.
    pub access_point_arn: Option<String>,
    /// Several conditions, all of which must match.
    pub and: Option<MetricsAndOperator>,
}

shape! { exports_shapes:
    /// One S3 Inventory configuration.
    pub struct InventoryConfiguration {
        /// The configuration's id.
        pub id: Option<String>,
        /// Whether the inventory is enabled.
        pub is_enabled: Option<bool>,
        /// The destination.
        pub destination: Option<InventoryDestination>,
        /// The filter for objects; if absent, all objects are included.
        pub filter: Option<InventoryFilter>,
        /// The object versions that are included: `All` or `Current`.
        pub included_object_versions: Option<String>,
        /// The optional fields that are included for each object: `EncryptionStatus`,
        /// `ObjectLockMode`, …
        #[serde(default)]
        pub optional_fields: Vec<String>,
        /// The schedule.
        pub schedule: Option<InventorySchedule>,
    }

    /// The destination of an inventory.
    pub struct InventoryDestination {
        /// The bucket.
        pub s3_bucket_destination: Option<InventoryS3BucketDestination>,
    }

    /// The bucket where an inventory is published.
    pub struct InventoryS3BucketDestination {
        /// The ARN of the bucket.
        pub bucket: Option<String>,
        /// The account that must own the bucket, if specified.
        pub account_id: Option<String>,
        /// The prefix of the inventory results.
        pub prefix: Option<String>,
        /// `CSV`, `ORC` or `Parquet`.
        pub format: Option<String>,
        /// The encryption; if absent, the default encryption of the bucket applies.
        pub encryption: Option<ReportEncryption>,
    }

    /// The filter for the objects in an inventory.
    pub struct InventoryFilter {
        /// The prefix of the object keys.
        pub prefix: Option<String>,
    }

    /// The schedule of an inventory.
    pub struct InventorySchedule {
        /// `Daily` or `Weekly`.
        pub frequency: Option<String>,
    }

    /// One request metrics configuration.
    pub struct MetricsConfiguration {
        /// The configuration's id.
        pub id: Option<String>,
        /// The filter for requests; if absent, all requests are included.
        pub filter: Option<MetricsFilter>,
    }

    /// Conditions that must all match.
    pub struct MetricsAndOperator {
        /// The prefix of the object keys.
        pub prefix: Option<String>,
        /// The tags of the objects, all of which must match.
        #[serde(default)]
        pub tags: Tags,
        /// The ARN of the access point that requests are made through.
        pub access_point_arn: Option<String>,
    }

    /// One S3 Intelligent-Tiering configuration.
    pub struct IntelligentTieringConfiguration {
        /// The configuration's id.
        pub id: Option<String>,
        /// `Enabled` or `Disabled`.
        pub status: Option<String>,
        /// The filter for objects; if absent, all objects are included.
        pub filter: Option<IntelligentTieringFilter>,
        /// The archive tiers, and when objects move to them.
        #[serde(default)]
        pub tierings: Vec<Tiering>,
    }

    /// The filter for objects: one condition, or several in `and`.
    pub struct IntelligentTieringFilter {
        /// The prefix of the object keys.
        pub prefix: Option<String>,
        /// A tag of the objects.
        pub tag: Option<Tag>,
        /// Several conditions, all of which must match.
        pub and: Option<IntelligentTieringAndOperator>,
    }

    /// Conditions that must all match.
    pub struct IntelligentTieringAndOperator {
        /// The prefix of the object keys.
        pub prefix: Option<String>,
        /// The tags of the objects, all of which must match.
        #[serde(default)]
        pub tags: Tags,
    }

    /// An archive tier.
    pub struct Tiering {
        /// The number of consecutive days without access after which objects move to the tier.
        pub days: Option<i64>,
        /// `ARCHIVE_ACCESS` or `DEEP_ARCHIVE_ACCESS`.
        pub access_tier: Option<String>,
    }
}
