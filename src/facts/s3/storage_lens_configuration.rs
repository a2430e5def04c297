//! `s3.storage_lens_configuration`: S3 Storage Lens configurations, each in its home region.

use super::exports::ReportEncryption;
use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "s3.storage_lens_configuration",
    doc: "An S3 Storage Lens configuration (dashboard).",
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
        doc: "The configuration: its scope, its metrics and the destination of the metrics export.",
        call: ApiCall::new("s3control:GetStorageLensConfiguration")
            .action("s3:GetStorageLensConfiguration")
            .answer("StorageLensConfiguration"),
        shape: Shape::of::<StorageLensConfiguration>(),
    }],
};

shape! { storage_lens_shapes:
    /// What ListStorageLensConfigurations returns.
    pub struct ListStorageLensConfigurationEntry {
        /// The dashboard's id.
        pub id: String,
        /// The dashboard's ARN.
        pub storage_lens_arn: Option<String>,
        /// The home region, where the dashboard's metrics are stored.
        pub home_region: Option<String>,
        /// Whether the dashboard is enabled.
        pub is_enabled: Option<bool>,
    }

    /// The whole configuration.
    pub struct StorageLensConfiguration {
        /// Whether the dashboard is enabled.
        pub is_enabled: Option<bool>,
        /// The organization; if absent, the dashboard covers this account only.
        pub aws_org: Option<StorageLensAwsOrg>,
        /// The buckets and regions that are included.
        pub include: Option<Include>,
        /// The buckets and regions that are excluded.
        pub exclude: Option<Exclude>,
        /// The account-level metrics.
        pub account_level: Option<AccountLevel>,
        /// Where metrics are exported.
        pub data_export: Option<StorageLensDataExport>,
        /// The delimiter of the prefixes in object keys.
        pub prefix_delimiter: Option<String>,
    }

    /// The organization of a dashboard.
    pub struct StorageLensAwsOrg {
        /// The dashboard's ARN.
        pub arn: Option<String>,
    }

    /// The buckets and regions that are included.
    pub struct Include {
        /// The ARNs of buckets.
        #[serde(default)]
        pub buckets: Vec<String>,
        /// The regions.
        #[serde(default)]
        pub regions: Vec<String>,
    }

    /// The buckets and regions that are excluded.
    pub struct Exclude {
        /// The ARNs of buckets.
        #[serde(default)]
        pub buckets: Vec<String>,
        /// The regions.
        #[serde(default)]
        pub regions: Vec<String>,
    }

    /// The account-level metrics.
    pub struct AccountLevel {
        /// Activity metrics.
        pub activity_metrics: Option<ActivityMetrics>,
        /// Advanced cost optimization metrics.
        pub advanced_cost_optimization_metrics: Option<AdvancedCostOptimizationMetrics>,
        /// Advanced data protection metrics.
        pub advanced_data_protection_metrics: Option<AdvancedDataProtectionMetrics>,
        /// Detailed status code metrics.
        pub detailed_status_codes_metrics: Option<DetailedStatusCodesMetrics>,
        /// Advanced performance metrics.
        pub advanced_performance_metrics: Option<AdvancedPerformanceMetrics>,
        /// The bucket-level metrics.
        pub bucket_level: Option<BucketLevel>,
    }

    /// The bucket-level metrics.
    pub struct BucketLevel {
        /// Activity metrics.
        pub activity_metrics: Option<ActivityMetrics>,
        /// Advanced cost optimization metrics.
        pub advanced_cost_optimization_metrics: Option<AdvancedCostOptimizationMetrics>,
        /// Advanced data protection metrics.
        pub advanced_data_protection_metrics: Option<AdvancedDataProtectionMetrics>,
        /// Detailed status code metrics.
        pub detailed_status_codes_metrics: Option<DetailedStatusCodesMetrics>,
        /// Advanced performance metrics.
        pub advanced_performance_metrics: Option<AdvancedPerformanceMetrics>,
    }

    /// Activity metrics.
    pub struct ActivityMetrics {
        /// Whether the metrics are enabled.
        pub is_enabled: Option<bool>,
    }

    /// Advanced cost optimization metrics.
    pub struct AdvancedCostOptimizationMetrics {
        /// Whether the metrics are enabled.
        pub is_enabled: Option<bool>,
    }

    /// Advanced data protection metrics.
    pub struct AdvancedDataProtectionMetrics {
        /// Whether the metrics are enabled.
        pub is_enabled: Option<bool>,
    }

    /// Detailed status code metrics.
    pub struct DetailedStatusCodesMetrics {
        /// Whether the metrics are enabled.
        pub is_enabled: Option<bool>,
    }

    /// Advanced performance metrics.
    pub struct AdvancedPerformanceMetrics {
        /// Whether the metrics are enabled.
        pub is_enabled: Option<bool>,
    }

    /// Where metrics are exported.
    pub struct StorageLensDataExport {
        /// The S3 bucket destination.
        pub s3_bucket_destination: Option<S3BucketDestination>,
        /// Publishing to CloudWatch.
        pub cloud_watch_metrics: Option<CloudWatchMetrics>,
        /// The S3 table destination.
        pub storage_lens_table_destination: Option<StorageLensTableDestination>,
    }

    /// The bucket where metrics exports are stored.
    pub struct S3BucketDestination {
        /// The bucket's ARN.
        pub arn: Option<String>,
        /// The account that owns the bucket.
        pub account_id: Option<String>,
        /// The prefix of the export files.
        pub prefix: Option<String>,
        /// `CSV` or `Parquet`.
        pub format: Option<String>,
        /// The encryption of the files; if absent, the default encryption of the bucket applies.
        pub encryption: Option<ReportEncryption>,
    }

    /// Publishing of metrics to CloudWatch.
    pub struct CloudWatchMetrics {
        /// Whether metrics are published to CloudWatch.
        pub is_enabled: Option<bool>,
    }

    /// Export of metrics to an S3 table.
    pub struct StorageLensTableDestination {
        /// Whether metrics are exported to an S3 table.
        pub is_enabled: Option<bool>,
        /// The encryption of the table.
        pub encryption: Option<ReportEncryption>,
    }
}
