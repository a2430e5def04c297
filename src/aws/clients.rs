//! The SDK clients of one account, created when a service is first called and dropped with the
//! account. They serve all regions: [`super::call_region`] sets that of each call.

use std::collections::HashSet;
use std::sync::{Mutex, OnceLock, PoisonError};

use aws_config::SdkConfig;
use aws_sdk_s3::config::retry::{RetryPartition, TokenBucket};
use aws_sdk_s3control::config::endpoint::{
    DefaultResolver, Endpoint, EndpointFuture, Params, ResolveEndpoint,
};
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::retries::classifiers::SharedRetryClassifier;
use aws_types::service_config::ServiceConfigKey;

use super::call_region::CallRegion;
use super::credentials::RenewExpired;
use super::elements::KnownElements;
use super::meter::Meter;
use super::response::ResponseValidator;
use crate::model::{AccountId, Region, S3Addressing};

/// How many retry tokens one account has for one service. A retry takes [`RETRY_COST`] of them, or
/// [`THROTTLING_COST`] after a throttled call, and returns them when it succeeds. The SDK also returns
/// those of the last retry of a call that fails, so an outage that uses up all tokens makes up to
/// twice as many requests as calls. The SDK's 500 are meant for one client with a few concurrent
/// calls: a proxy that restarts during a hundred calls would use them up.
const RETRY_TOKENS: usize = 10_000;
/// What a retry costs in AWS's current retry behavior.
const RETRY_COST: u32 = 14;
const THROTTLING_COST: u32 = 5;

/// Limits the retries of one account and service, over all its clients: failures in one account do not
/// use up those of the others.
pub(super) fn retry_partition(account: &AccountId, service: &str) -> RetryPartition {
    // The builder's own defaults are those of the behavior before.
    let tokens = TokenBucket::builder()
        .capacity(RETRY_TOKENS)
        .retry_cost(RETRY_COST)
        .timeout_retry_cost(RETRY_COST)
        .throttling_retry_cost(THROTTLING_COST)
        .build();
    RetryPartition::custom(format!("{account}/{service}")).token_bucket(tokens).build()
}

/// Clients of one account. All share its credentials and the process's connections.
#[derive(Debug)]
pub(super) struct Clients {
    config: SdkConfig,
    attempts: SharedInterceptor,
    /// Whether S3 is called at a custom endpoint.
    custom_s3_endpoint: bool,
    /// Retries are limited per account and service: failures in one account do not use up those of
    /// the others.
    s3_retries: RetryPartition,
    s3control_retries: RetryPartition,
    ec2_retries: RetryPartition,
    organizations_retries: RetryPartition,
    addressing: S3Addressing,
    /// Regions whose S3 rejected a path-style request.
    without_path_style: Mutex<HashSet<Region>>,
    s3_by_path: OnceLock<aws_sdk_s3::Client>,
    s3_by_host_name: OnceLock<aws_sdk_s3::Client>,
    s3control: OnceLock<aws_sdk_s3control::Client>,
    ec2: OnceLock<aws_sdk_ec2::Client>,
    organizations: OnceLock<aws_sdk_organizations::Client>,
}

/// Where the requests of an S3 client name the bucket. Some bucket names are not valid in a host
/// name; S3 accepts those in the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BucketIn {
    Path,
    HostName,
}

impl Clients {
    pub(super) fn new(
        config: SdkConfig,
        addressing: S3Addressing,
        account: &AccountId,
        meter: &Meter,
    ) -> Self {
        Self {
            custom_s3_endpoint: has_custom_endpoint(&config, "S3"),
            attempts: SharedInterceptor::new(meter.interceptor(account)),
            s3_retries: retry_partition(account, "s3"),
            s3control_retries: retry_partition(account, "s3control"),
            ec2_retries: retry_partition(account, "ec2"),
            organizations_retries: retry_partition(account, "organizations"),
            addressing,
            without_path_style: Mutex::default(),
            // The region of the base credentials must not be that of a call.
            config: config.into_builder().region(None).build(),
            s3_by_path: OnceLock::new(),
            s3_by_host_name: OnceLock::new(),
            s3control: OnceLock::new(),
            ec2: OnceLock::new(),
            organizations: OnceLock::new(),
        }
    }

    /// The interceptors of a client: the region of calls, checks of responses, the counter of attempts,
    /// and the renewal of credentials.
    fn interceptors(&self) -> [SharedInterceptor; 5] {
        [
            SharedInterceptor::new(CallRegion),
            SharedInterceptor::new(ResponseValidator),
            SharedInterceptor::new(KnownElements),
            self.attempts.clone(),
            SharedInterceptor::new(RenewExpired),
        ]
    }

    /// Whether EC2 is called at a custom endpoint.
    pub(super) fn has_custom_ec2_endpoint(&self) -> bool {
        has_custom_endpoint(&self.config, "EC2")
    }

    /// Where requests to S3 in a region name their bucket. In the path, all buckets of the region
    /// share connections; in the host name, each needs its own.
    pub(super) fn bucket_in(&self, region: &Region) -> BucketIn {
        match self.addressing {
            S3Addressing::Path => BucketIn::Path,
            S3Addressing::Virtual => BucketIn::HostName,
            S3Addressing::Auto => {
                let rejected = self
                    .without_path_style
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .contains(region);
                if rejected { BucketIn::HostName } else { BucketIn::Path }
            }
        }
    }

    /// Whether an answer without a request id can be from S3: AWS always sends one.
    pub(super) fn answers_without_id(&self) -> bool {
        self.custom_s3_endpoint
    }

    /// Records that S3 in a region rejected a path-style request. Returns whether requests use the
    /// host name from now on.
    pub(super) fn leave_path_style(&self, region: &Region) -> bool {
        // Custom endpoints seldom have a host name for every bucket.
        let leave = self.addressing == S3Addressing::Auto && !self.custom_s3_endpoint;
        if leave {
            self.without_path_style
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(region.clone());
        }
        leave
    }

    /// The client for S3.
    pub(super) fn s3(&self, bucket_in: BucketIn) -> &aws_sdk_s3::Client {
        let client = match bucket_in {
            BucketIn::Path => &self.s3_by_path,
            BucketIn::HostName => &self.s3_by_host_name,
        };
        client.get_or_init(|| {
            let mut builder = aws_sdk_s3::config::Builder::from(&self.config)
                .force_path_style(bucket_in == BucketIn::Path)
                .retry_partition(self.s3_retries.clone());
            if self.custom_s3_endpoint {
                // At a custom endpoint, the SDK would request an S3 Express session for
                // ListDirectoryBuckets too, and fail since that call has no bucket. Only calls for
                // objects need one.
                builder = builder.disable_s3_express_session_auth(true);
            }
            for interceptor in self.interceptors() {
                builder.push_interceptor(interceptor);
            }
            builder.push_retry_classifier(SharedRetryClassifier::new(RenewExpired));
            aws_sdk_s3::Client::from_conf(builder.build())
        })
    }

    /// The client for S3 Control.
    pub(super) fn s3control(&self) -> &aws_sdk_s3control::Client {
        self.s3control.get_or_init(|| {
            let mut builder = aws_sdk_s3control::config::Builder::from(&self.config)
                .endpoint_resolver(S3ControlEndpoint::default())
                .retry_partition(self.s3control_retries.clone());
            for interceptor in self.interceptors() {
                builder.push_interceptor(interceptor);
            }
            builder.push_retry_classifier(SharedRetryClassifier::new(RenewExpired));
            aws_sdk_s3control::Client::from_conf(builder.build())
        })
    }

    /// The client for EC2.
    pub(super) fn ec2(&self) -> &aws_sdk_ec2::Client {
        self.ec2.get_or_init(|| {
            let mut builder = aws_sdk_ec2::config::Builder::from(&self.config)
                .retry_partition(self.ec2_retries.clone());
            for interceptor in self.interceptors() {
                builder.push_interceptor(interceptor);
            }
            builder.push_retry_classifier(SharedRetryClassifier::new(RenewExpired));
            aws_sdk_ec2::Client::from_conf(builder.build())
        })
    }

    /// The client for Organizations. Each partition has one endpoint, which the SDK derives from any
    /// of its regions.
    pub(super) fn organizations(&self) -> &aws_sdk_organizations::Client {
        self.organizations.get_or_init(|| {
            let mut builder = aws_sdk_organizations::config::Builder::from(&self.config)
                .retry_partition(self.organizations_retries.clone());
            for interceptor in self.interceptors() {
                builder.push_interceptor(interceptor);
            }
            builder.push_retry_classifier(SharedRetryClassifier::new(RenewExpired));
            aws_sdk_organizations::Client::from_conf(builder.build())
        })
    }
}

/// Whether a custom endpoint is set for a service: by `AWS_ENDPOINT_URL`,
/// `AWS_ENDPOINT_URL_<SERVICE>` or the profile.
pub(super) fn has_custom_endpoint(config: &SdkConfig, service: &str) -> bool {
    let key = ServiceConfigKey::builder()
        .service_id(service)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    config.endpoint_url().is_some()
        || key.is_ok_and(|key| {
            config.service_config().is_some_and(|settings| settings.load_config(key).is_some())
        })
}

/// The endpoint of S3 Control. The SDK puts `<account>.` in front of every host, also that of a
/// custom endpoint, which may be an IP address or a name without such subdomains. The account is in
/// a header as well, so the prefix is removed there. AWS's own hosts, reached through a VPC endpoint
/// or set explicitly, expect it.
#[derive(Debug, Default)]
struct S3ControlEndpoint(DefaultResolver);

impl ResolveEndpoint for S3ControlEndpoint {
    fn resolve_endpoint<'a>(&'a self, params: &'a Params) -> EndpointFuture<'a> {
        EndpointFuture::new(async move {
            let endpoint: Endpoint = ResolveEndpoint::resolve_endpoint(&self.0, params).await?;
            let (Some(custom), Some(account)) = (params.endpoint(), params.account_id()) else {
                return Ok(endpoint);
            };
            if custom.contains(".vpce.") || custom.contains("s3-control") {
                return Ok(endpoint);
            }
            let url = endpoint.url().replacen(&format!("://{account}."), "://", 1);
            Ok(endpoint.into_builder().url(url).build())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_account_prefix_is_removed_only_at_custom_endpoints() {
        let resolver = S3ControlEndpoint::default();
        let table = [
            (Some("http://127.0.0.1:5000"), "http://127.0.0.1:5000"),
            (Some("http://localhost:4566"), "http://localhost:4566"),
            (Some("http://[::1]:5000"), "http://[::1]:5000"),
            (
                Some("https://control.vpce-1a2b.s3.eu-west-1.vpce.amazonaws.com"),
                "https://111122223333.control.vpce-1a2b.s3.eu-west-1.vpce.amazonaws.com",
            ),
            (None, "https://111122223333.s3-control.eu-west-1.amazonaws.com"),
        ];
        for (custom, expected) in table {
            let mut params = Params::builder()
                .region("eu-west-1")
                .account_id("111122223333")
                .requires_account_id(true);
            if let Some(custom) = custom {
                params = params.endpoint(custom);
            }
            let params = params.build().unwrap();
            let endpoint = ResolveEndpoint::resolve_endpoint(&resolver, &params).await.unwrap();
            assert_eq!(endpoint.url(), expected);
            assert!(
                !endpoint.auth_schemes().is_empty() || !endpoint.properties().is_empty(),
                "the signing settings must survive"
            );
        }
    }
}
