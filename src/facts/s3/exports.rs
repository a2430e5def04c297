//! What S3 writes or counts about the objects of a bucket, and moves them by: inventories, request
//! metrics, Intelligent-Tiering archives. Each is a list of configurations with ids.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Ssekms, Tag, shape};
use crate::facts::tags::Tags;

/// The inventories of a bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Inventories {
    /// All of them, disabled ones included.
    #[serde(default)]
    pub inventory_configuration_list: Vec<InventoryConfiguration>,
}

/// The request metrics of a bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequestMetrics {
    /// All of them.
    #[serde(default)]
    pub metrics_configuration_list: Vec<MetricsConfiguration>,
}

/// The Intelligent-Tiering archive configurations of a bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IntelligentTiering {
    /// All of them, disabled ones included.
    #[serde(default)]
    pub intelligent_tiering_configuration_list: Vec<IntelligentTieringConfiguration>,
}

/// How reports are encrypted; neither of the two: as the bucket that receives them says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportEncryption {
    /// Whether with keys of S3.
    #[serde(default)]
    pub sses3: bool,
    /// With a KMS key.
    pub ssekms: Option<Ssekms>,
}

/// The requests that a metric counts: one condition, or several in `and`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetricsFilter {
    /// Prefix of the objects' keys.
    pub prefix: Option<String>,
    /// A tag that the objects have.
    pub tag: Option<Tag>,
    /// ARN of the access point that the requests come by.
    pub access_point_arn: Option<String>,
    /// Several conditions at once.
    pub and: Option<MetricsAndOperator>,
}

shape! { exports_shapes:
    /// One inventory: a list of objects that S3 writes regularly.
    pub struct InventoryConfiguration {
        /// Its id.
        pub id: Option<String>,
        /// Whether it is written.
        pub is_enabled: Option<bool>,
        /// Where it is written to.
        pub destination: Option<InventoryDestination>,
        /// The objects in it; absent: all.
        pub filter: Option<InventoryFilter>,
        /// `All` or `Current`.
        pub included_object_versions: Option<String>,
        /// What it tells of each object beside its key: `EncryptionStatus`, `ObjectLockMode`, …
        #[serde(default)]
        pub optional_fields: Vec<String>,
        /// How often it is written.
        pub schedule: Option<InventorySchedule>,
    }

    /// Where an inventory is written to.
    pub struct InventoryDestination {
        /// The bucket.
        pub s3_bucket_destination: Option<InventoryS3BucketDestination>,
    }

    /// The bucket that receives an inventory.
    pub struct InventoryS3BucketDestination {
        /// ARN of the bucket.
        pub bucket: Option<String>,
        /// The account that the bucket must belong to, where the configuration names it.
        pub account_id: Option<String>,
        /// Prefix of the inventory's keys.
        pub prefix: Option<String>,
        /// `CSV`, `ORC` or `Parquet`.
        pub format: Option<String>,
        /// How it is encrypted; absent: as the bucket says.
        pub encryption: Option<ReportEncryption>,
    }

    /// The objects in an inventory.
    pub struct InventoryFilter {
        /// Prefix of their keys.
        pub prefix: Option<String>,
    }

    /// How often an inventory is written.
    pub struct InventorySchedule {
        /// `Daily` or `Weekly`.
        pub frequency: Option<String>,
    }

    /// Request metrics for some objects.
    pub struct MetricsConfiguration {
        /// Its id.
        pub id: Option<String>,
        /// The requests that are counted; absent: all.
        pub filter: Option<MetricsFilter>,
    }

    /// Conditions that hold together.
    pub struct MetricsAndOperator {
        /// Prefix of the objects' keys.
        pub prefix: Option<String>,
        /// Tags that the objects have, all of them.
        #[serde(default)]
        pub tags: Tags,
        /// ARN of the access point that the requests come by.
        pub access_point_arn: Option<String>,
    }

    /// Archive tiers for some objects.
    pub struct IntelligentTieringConfiguration {
        /// Its id.
        pub id: Option<String>,
        /// `Enabled` or `Disabled`.
        pub status: Option<String>,
        /// The objects that it is for; absent: all.
        pub filter: Option<IntelligentTieringFilter>,
        /// When objects move to which archive.
        #[serde(default)]
        pub tierings: Vec<Tiering>,
    }

    /// The objects that it is for: one condition, or several in `and`.
    pub struct IntelligentTieringFilter {
        /// Prefix of their keys.
        pub prefix: Option<String>,
        /// A tag that they have.
        pub tag: Option<Tag>,
        /// Several conditions at once.
        pub and: Option<IntelligentTieringAndOperator>,
    }

    /// Conditions that hold together.
    pub struct IntelligentTieringAndOperator {
        /// Prefix of the keys.
        pub prefix: Option<String>,
        /// Tags that the objects have, all of them.
        #[serde(default)]
        pub tags: Tags,
    }

    /// A move to an archive.
    pub struct Tiering {
        /// So many days without access.
        pub days: Option<i64>,
        /// `ARCHIVE_ACCESS` or `DEEP_ARCHIVE_ACCESS`.
        pub access_tier: Option<String>,
    }
}
