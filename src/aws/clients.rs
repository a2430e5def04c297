//! The SDK clients of one account, made when a region is first asked and dropped with the account.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_config::SdkConfig;
use aws_sdk_s3control::config::endpoint::{DefaultResolver, Endpoint, EndpointFuture, Params, ResolveEndpoint};
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_types::service_config::ServiceConfigKey;

use super::compat::NamedAsS3Does;
use super::meter::Meter;
use super::session::sdk_region;
use crate::model::{AccountId, Region};

/// Clients of one account. All share its credentials and the process's connections.
#[derive(Debug)]
pub(super) struct Clients {
    config: SdkConfig,
    attempts: SharedInterceptor,
    /// Whether S3, and S3 Control, are at an endpoint of the site's own.
    own_s3: bool,
    own_s3control: bool,
    /// Retries are rationed per account and service: a storm in one account does not take those of the others.
    account: AccountId,
    s3: PerRegion<aws_sdk_s3::Client>,
    s3control: PerRegion<aws_sdk_s3control::Client>,
    ec2: PerRegion<aws_sdk_ec2::Client>,
}

type PerRegion<C> = Mutex<HashMap<Region, C>>;

impl Clients {
    pub(super) fn new(config: SdkConfig, account: &AccountId, meter: &Meter) -> Self {
        Self {
            own_s3: has_endpoint(&config, "S3"),
            own_s3control: has_endpoint(&config, "S3 Control"),
            attempts: SharedInterceptor::new(meter.interceptor(account)),
            account: account.clone(),
            config,
            s3: Mutex::default(),
            s3control: Mutex::default(),
            ec2: Mutex::default(),
        }
    }

    /// Whether S3 is called at an endpoint of the site's own.
    pub(super) fn own_s3_endpoint(&self) -> bool {
        self.own_s3
    }

    /// Whether EC2 is called at an endpoint of the site's own.
    pub(super) fn own_ec2_endpoint(&self) -> bool {
        has_endpoint(&self.config, "EC2")
    }

    pub(super) fn s3(&self, region: &Region) -> aws_sdk_s3::Client {
        cached(&self.s3, region, || {
            let mut builder = aws_sdk_s3::config::Builder::from(&self.config)
                .region(sdk_region(region))
                .retry_partition(aws_sdk_s3::config::retry::RetryPartition::new(format!("{}/s3", self.account)));
            // Endpoints other than AWS's seldom have a DNS name for every bucket. AWS itself gets the bucket in the host's name.
            if self.own_s3 {
                // Nor do they have the sessions by which AWS lets objects of directory buckets be read; their settings are read without.
                builder = builder.force_path_style(true).disable_s3_express_session_auth(true);
                builder.push_interceptor(SharedInterceptor::new(NamedAsS3Does));
            }
            builder.push_interceptor(self.attempts.clone());
            aws_sdk_s3::Client::from_conf(builder.build())
        })
    }

    pub(super) fn s3control(&self, region: &Region) -> aws_sdk_s3control::Client {
        cached(&self.s3control, region, || {
            let mut builder = aws_sdk_s3control::config::Builder::from(&self.config)
                .region(sdk_region(region))
                .endpoint_resolver(WithoutAccountPrefix::default())
                .retry_partition(aws_sdk_s3control::config::retry::RetryPartition::new(format!("{}/s3control", self.account)));
            if self.own_s3control {
                builder.push_interceptor(SharedInterceptor::new(NamedAsS3Does));
            }
            builder.push_interceptor(self.attempts.clone());
            aws_sdk_s3control::Client::from_conf(builder.build())
        })
    }

    pub(super) fn ec2(&self, region: &Region) -> aws_sdk_ec2::Client {
        cached(&self.ec2, region, || {
            let mut builder = aws_sdk_ec2::config::Builder::from(&self.config)
                .region(sdk_region(region))
                .retry_partition(aws_sdk_ec2::config::retry::RetryPartition::new(format!("{}/ec2", self.account)));
            builder.push_interceptor(self.attempts.clone());
            aws_sdk_ec2::Client::from_conf(builder.build())
        })
    }
}

fn cached<C: Clone>(clients: &PerRegion<C>, region: &Region, make: impl FnOnce() -> C) -> C {
    let mut clients = clients.lock().unwrap_or_else(PoisonError::into_inner);
    clients.entry(region.clone()).or_insert_with(make).clone()
}

/// Whether a service has an endpoint of the site's own: by `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_<SERVICE>` or the profile.
fn has_endpoint(config: &SdkConfig, service: &str) -> bool {
    let key = ServiceConfigKey::builder().service_id(service).env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    config.endpoint_url().is_some()
        || key.is_ok_and(|key| config.service_config().is_some_and(|settings| settings.load_config(key).is_some()))
}

/// S3 Control puts `<account>.` before the host of every endpoint, the site's own included, where neither an IP address nor most names can
/// take it. The account is in a header as well, so the prefix is left out there. AWS's own hosts, reached through a VPC endpoint or named
/// outright, expect it.
#[derive(Debug, Default)]
struct WithoutAccountPrefix(DefaultResolver);

impl ResolveEndpoint for WithoutAccountPrefix {
    fn resolve_endpoint<'a>(&'a self, params: &'a Params) -> EndpointFuture<'a> {
        EndpointFuture::new(async move {
            let endpoint: Endpoint = ResolveEndpoint::resolve_endpoint(&self.0, params).await?;
            let (Some(own), Some(account)) = (params.endpoint(), params.account_id()) else { return Ok(endpoint) };
            if own.contains(".vpce.") || own.contains("s3-control") {
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
    async fn s3_control_works_at_an_endpoint_that_cannot_take_a_prefix() {
        let resolver = WithoutAccountPrefix::default();
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
        for (own, expected) in table {
            let mut params = Params::builder().region("eu-west-1").account_id("111122223333").requires_account_id(true);
            if let Some(own) = own {
                params = params.endpoint(own);
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
