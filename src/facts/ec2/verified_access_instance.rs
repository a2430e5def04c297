//! `ec2.verified_access_instance`: Verified Access instances. Their logging takes one call per
//! instance.

use super::shape;
use crate::facts::kind::{ApiCall, EmptyResponse, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.verified_access_instance",
    doc: "A Verified Access instance, which provides access to applications without a VPN.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeVerifiedAccessInstances").paged(200)],
    id: "verified_access_instance_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:verified-access-instance/{id}"),
    name_field: None,
    shape: Shape::of::<VerifiedAccessInstance>(),
    facts: &[FactSpec {
        name: "logging",
        doc: "The access logging configuration; absent if there is none.",
        // The response leaves out instances without one.
        call: ApiCall::new("ec2:DescribeVerifiedAccessInstanceLoggingConfigurations")
            .answer("LoggingConfigurations")
            .if_empty(EmptyResponse::Absent),
        shape: Shape::of::<VerifiedAccessInstanceLoggingConfiguration>(),
    }],
};

shape! { verified_access_instance_shapes:
    /// What DescribeVerifiedAccessInstances returns.
    pub struct VerifiedAccessInstance {
        /// The instance's id.
        pub verified_access_instance_id: String,
        /// The description set by the instance's owner.
        pub description: Option<String>,
        /// The attached trust providers.
        #[serde(default)]
        pub verified_access_trust_providers: Vec<VerifiedAccessTrustProviderCondensed>,
        /// When the instance was created.
        pub creation_time: Option<Time>,
        /// When the instance was last updated.
        pub last_updated_time: Option<Time>,
        /// Whether FIPS is enabled.
        pub fips_enabled: Option<bool>,
        /// The custom subdomain for network CIDR endpoints.
        pub cidr_endpoints_custom_sub_domain: Option<VerifiedAccessInstanceCustomSubDomain>,
        /// The instance's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// A summary of a trust provider.
    pub struct VerifiedAccessTrustProviderCondensed {
        /// The provider's id.
        pub verified_access_trust_provider_id: Option<String>,
        /// The description set by the trust provider's owner.
        pub description: Option<String>,
        /// `user` or `device`.
        pub trust_provider_type: Option<String>,
        /// For user trust providers: `iam-identity-center` or `oidc`.
        pub user_trust_provider_type: Option<String>,
        /// For device trust providers: `jamf`, `crowdstrike` or `jumpcloud`.
        pub device_trust_provider_type: Option<String>,
    }

    /// A custom subdomain.
    pub struct VerifiedAccessInstanceCustomSubDomain {
        /// The subdomain.
        pub sub_domain: Option<String>,
        /// The name servers.
        #[serde(default)]
        pub nameservers: Vec<String>,
    }

    /// The logging configuration of a Verified Access instance.
    pub struct VerifiedAccessInstanceLoggingConfiguration {
        /// The instance.
        pub verified_access_instance_id: Option<String>,
        /// The access logging settings.
        pub access_logs: Option<VerifiedAccessLogs>,
    }

    /// The access logging settings.
    pub struct VerifiedAccessLogs {
        /// The S3 destination.
        pub s3: Option<VerifiedAccessLogS3Destination>,
        /// The CloudWatch Logs destination.
        pub cloud_watch_logs: Option<VerifiedAccessLogCloudWatchLogsDestination>,
        /// The Data Firehose destination.
        pub kinesis_data_firehose: Option<VerifiedAccessLogKinesisDataFirehoseDestination>,
        /// The version of the log format.
        pub log_version: Option<String>,
        /// Whether logs include trust data from the trust providers.
        pub include_trust_context: Option<bool>,
    }

    /// The S3 destination.
    pub struct VerifiedAccessLogS3Destination {
        /// Whether logs are delivered to this destination.
        pub enabled: Option<bool>,
        /// The log delivery status.
        pub delivery_status: Option<VerifiedAccessLogDeliveryStatus>,
        /// The bucket.
        pub bucket_name: Option<String>,
        /// The prefix of the log objects.
        pub prefix: Option<String>,
        /// The account that owns the bucket.
        pub bucket_owner: Option<String>,
    }

    /// The CloudWatch Logs destination.
    pub struct VerifiedAccessLogCloudWatchLogsDestination {
        /// Whether logs are delivered to this destination.
        pub enabled: Option<bool>,
        /// The log delivery status.
        pub delivery_status: Option<VerifiedAccessLogDeliveryStatus>,
        /// The log group.
        pub log_group: Option<String>,
    }

    /// The Data Firehose destination.
    pub struct VerifiedAccessLogKinesisDataFirehoseDestination {
        /// Whether logs are delivered to this destination.
        pub enabled: Option<bool>,
        /// The log delivery status.
        pub delivery_status: Option<VerifiedAccessLogDeliveryStatus>,
        /// The Firehose stream.
        pub delivery_stream: Option<String>,
    }

    /// The log delivery status.
    pub struct VerifiedAccessLogDeliveryStatus {
        /// `success` or `failed`.
        pub code: Option<String>,
        /// A message about the status.
        pub message: Option<String>,
    }
}
