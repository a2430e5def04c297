//! `ec2.verified_access_instance`: Verified Access instances; their logging is a call per instance.

use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape, Silence};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.verified_access_instance",
    doc: "A Verified Access instance: access to applications without a VPN.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeVerifiedAccessInstances").paged(200)],
    id: "verified_access_instance_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:verified-access-instance/{id}"),
    name_field: None,
    shape: Shape::of::<VerifiedAccessInstance>(),
    facts: &[FactSpec {
        name: "logging",
        doc: "Where the instance logs access to; absent when it has no logging configuration.",
        // An instance without one is left out of the answer.
        call: ApiCall::new("ec2:DescribeVerifiedAccessInstanceLoggingConfigurations")
            .answer("LoggingConfigurations")
            .silence(Silence::Absent),
        shape: Shape::of::<VerifiedAccessInstanceLoggingConfiguration>(),
    }],
};

shape! { verified_access_instance_shapes:
    /// What DescribeVerifiedAccessInstances returns.
    pub struct VerifiedAccessInstance {
        /// The instance's id.
        pub verified_access_instance_id: String,
        /// What its owner wrote about it.
        pub description: Option<String>,
        /// Who says whom to trust.
        #[serde(default)]
        pub verified_access_trust_providers: Vec<VerifiedAccessTrustProviderCondensed>,
        /// When it was created.
        pub creation_time: Option<Time>,
        /// When it was last changed.
        pub last_updated_time: Option<Time>,
        /// Whether it keeps to FIPS.
        pub fips_enabled: Option<bool>,
        /// Its own subdomain, for endpoints that are networks.
        pub cidr_endpoints_custom_sub_domain: Option<VerifiedAccessInstanceCustomSubDomain>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// A trust provider, in short.
    pub struct VerifiedAccessTrustProviderCondensed {
        /// The provider's id.
        pub verified_access_trust_provider_id: Option<String>,
        /// What its owner wrote about it.
        pub description: Option<String>,
        /// `user` or `device`.
        pub trust_provider_type: Option<String>,
        /// `iam-identity-center` or `oidc`, for users.
        pub user_trust_provider_type: Option<String>,
        /// `jamf`, `crowdstrike` or `jumpcloud`, for devices.
        pub device_trust_provider_type: Option<String>,
    }

    /// A subdomain of one's own.
    pub struct VerifiedAccessInstanceCustomSubDomain {
        /// The subdomain.
        pub sub_domain: Option<String>,
        /// Its name servers.
        #[serde(default)]
        pub nameservers: Vec<String>,
    }

    /// Logging of an instance.
    pub struct VerifiedAccessInstanceLoggingConfiguration {
        /// The instance.
        pub verified_access_instance_id: Option<String>,
        /// Logging of access.
        pub access_logs: Option<VerifiedAccessLogs>,
    }

    /// Logging of access.
    pub struct VerifiedAccessLogs {
        /// Logging to S3.
        pub s3: Option<VerifiedAccessLogS3Destination>,
        /// Logging to CloudWatch Logs.
        pub cloud_watch_logs: Option<VerifiedAccessLogCloudWatchLogsDestination>,
        /// Logging to Data Firehose.
        pub kinesis_data_firehose: Option<VerifiedAccessLogKinesisDataFirehoseDestination>,
        /// Version of the log format.
        pub log_version: Option<String>,
        /// Whether logs hold what the trust providers said.
        pub include_trust_context: Option<bool>,
    }

    /// Logging to S3.
    pub struct VerifiedAccessLogS3Destination {
        /// Whether it is on.
        pub enabled: Option<bool>,
        /// Whether logs arrive.
        pub delivery_status: Option<VerifiedAccessLogDeliveryStatus>,
        /// The bucket.
        pub bucket_name: Option<String>,
        /// Prefix of the log objects' keys.
        pub prefix: Option<String>,
        /// The account that owns the bucket.
        pub bucket_owner: Option<String>,
    }

    /// Logging to CloudWatch Logs.
    pub struct VerifiedAccessLogCloudWatchLogsDestination {
        /// Whether it is on.
        pub enabled: Option<bool>,
        /// Whether logs arrive.
        pub delivery_status: Option<VerifiedAccessLogDeliveryStatus>,
        /// The log group.
        pub log_group: Option<String>,
    }

    /// Logging to Data Firehose.
    pub struct VerifiedAccessLogKinesisDataFirehoseDestination {
        /// Whether it is on.
        pub enabled: Option<bool>,
        /// Whether logs arrive.
        pub delivery_status: Option<VerifiedAccessLogDeliveryStatus>,
        /// The stream.
        pub delivery_stream: Option<String>,
    }

    /// Whether logs arrive.
    pub struct VerifiedAccessLogDeliveryStatus {
        /// `success` or `failed`.
        pub code: Option<String>,
        /// What AWS says about it.
        pub message: Option<String>,
    }
}
