//! `s3.storage_lens_configuration`: Storage Lens dashboards, each in its home region.

use super::exports::ReportEncryption;
use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};

/// The table entry.
pub static KIND: Kind = Kind {
    name: "s3.storage_lens_configuration",
    doc: "A Storage Lens dashboard.",
    scope: Scope::Regional,
    list: &[ApiCall::new("s3control:ListStorageLensConfigurations")
        .action("s3:ListStorageLensConfigurations")
        .answer("StorageLensConfigurationList")],
    id: "id",
    arn: Some("arn:{partition}:s3:{region}:{account}:storage-lens/{id}"),
    name_field: None,
    shape: Shape::of::<ListStorageLensConfigurationEntry>(),
    facts: &[FactSpec {
        name: "configuration",
        doc: "What it looks at, what it measures, and where it exports to.",
        call: ApiCall::new("s3control:GetStorageLensConfiguration")
            .action("s3:GetStorageLensConfiguration")
            .answer("StorageLensConfiguration"),
        shape: Shape::of::<StorageLensConfiguration>(),
    }],
};

shape! { storage_lens_shapes:
    /// What ListStorageLensConfigurations returns.
    pub struct ListStorageLensConfigurationEntry {
        /// Its id.
        pub id: String,
        /// Its ARN.
        pub storage_lens_arn: Option<String>,
        /// The region that keeps its metrics.
        pub home_region: Option<String>,
        /// Whether it is on.
        pub is_enabled: Option<bool>,
    }

    /// The whole configuration.
    pub struct StorageLensConfiguration {
        /// Whether it is on.
        pub is_enabled: Option<bool>,
        /// The organization that it is for; absent: this account alone.
        pub aws_org: Option<StorageLensAwsOrg>,
        /// The only buckets and regions that it looks at.
        pub include: Option<Include>,
        /// Buckets and regions that it does not look at.
        pub exclude: Option<Exclude>,
        /// What it measures.
        pub account_level: Option<AccountLevel>,
        /// Where it exports to.
        pub data_export: Option<StorageLensDataExport>,
        /// What separates the folders in keys.
        pub prefix_delimiter: Option<String>,
    }

    /// The organization of a dashboard.
    pub struct StorageLensAwsOrg {
        /// Its ARN.
        pub arn: Option<String>,
    }

    /// What a dashboard looks at.
    pub struct Include {
        /// ARNs of buckets.
        #[serde(default)]
        pub buckets: Vec<String>,
        /// Regions.
        #[serde(default)]
        pub regions: Vec<String>,
    }

    /// What a dashboard does not look at.
    pub struct Exclude {
        /// ARNs of buckets.
        #[serde(default)]
        pub buckets: Vec<String>,
        /// Regions.
        #[serde(default)]
        pub regions: Vec<String>,
    }

    /// What is measured.
    pub struct AccountLevel {
        /// Requests.
        pub activity_metrics: Option<ActivityMetrics>,
        /// What could be saved.
        pub advanced_cost_optimization_metrics: Option<AdvancedCostOptimizationMetrics>,
        /// How data is protected.
        pub advanced_data_protection_metrics: Option<AdvancedDataProtectionMetrics>,
        /// HTTP status codes.
        pub detailed_status_codes_metrics: Option<DetailedStatusCodesMetrics>,
        /// How fast requests are answered.
        pub advanced_performance_metrics: Option<AdvancedPerformanceMetrics>,
        /// What is measured of each bucket.
        pub bucket_level: Option<BucketLevel>,
    }

    /// What is measured of each bucket.
    pub struct BucketLevel {
        /// Requests.
        pub activity_metrics: Option<ActivityMetrics>,
        /// What could be saved.
        pub advanced_cost_optimization_metrics: Option<AdvancedCostOptimizationMetrics>,
        /// How data is protected.
        pub advanced_data_protection_metrics: Option<AdvancedDataProtectionMetrics>,
        /// HTTP status codes.
        pub detailed_status_codes_metrics: Option<DetailedStatusCodesMetrics>,
        /// How fast requests are answered.
        pub advanced_performance_metrics: Option<AdvancedPerformanceMetrics>,
    }

    /// Metrics of requests.
    pub struct ActivityMetrics {
        /// Whether they are on.
        pub is_enabled: Option<bool>,
    }

    /// Metrics of what could be saved.
    pub struct AdvancedCostOptimizationMetrics {
        /// Whether they are on.
        pub is_enabled: Option<bool>,
    }

    /// Metrics of how data is protected.
    pub struct AdvancedDataProtectionMetrics {
        /// Whether they are on.
        pub is_enabled: Option<bool>,
    }

    /// Metrics of HTTP status codes.
    pub struct DetailedStatusCodesMetrics {
        /// Whether they are on.
        pub is_enabled: Option<bool>,
    }

    /// Metrics of how fast requests are answered.
    pub struct AdvancedPerformanceMetrics {
        /// Whether they are on.
        pub is_enabled: Option<bool>,
    }

    /// Where metrics are exported to.
    pub struct StorageLensDataExport {
        /// A bucket.
        pub s3_bucket_destination: Option<S3BucketDestination>,
        /// CloudWatch.
        pub cloud_watch_metrics: Option<CloudWatchMetrics>,
        /// A table that S3 keeps.
        pub storage_lens_table_destination: Option<StorageLensTableDestination>,
    }

    /// The bucket that receives the metrics.
    pub struct S3BucketDestination {
        /// Its ARN.
        pub arn: Option<String>,
        /// The account that owns it.
        pub account_id: Option<String>,
        /// Prefix of the files' keys.
        pub prefix: Option<String>,
        /// `CSV` or `Parquet`.
        pub format: Option<String>,
        /// How the files are encrypted; absent: as the bucket says.
        pub encryption: Option<ReportEncryption>,
    }

    /// Metrics in CloudWatch.
    pub struct CloudWatchMetrics {
        /// Whether they are sent there.
        pub is_enabled: Option<bool>,
    }

    /// Metrics in a table that S3 keeps.
    pub struct StorageLensTableDestination {
        /// Whether they are written there.
        pub is_enabled: Option<bool>,
        /// How the table is encrypted.
        pub encryption: Option<ReportEncryption>,
    }
}
