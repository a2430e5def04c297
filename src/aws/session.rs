//! The base session: credentials of the default AWS provider chain, and the settings that all
//! clients of the run share.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{AppName, BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::credential_feature::AwsCredentialFeature;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_types::retry::{RetryConfig, RetrySpec};
use aws_smithy_types::timeout::TimeoutConfig;

use super::credentials::CredentialCache;
use super::descriptors::Budget;
use super::failure::{self, Failure};
use super::http;
use super::response::ResponseValidator;
use crate::model::text::one_line;
use crate::model::{AccountId, Partition, Region, S3Addressing};

/// How to connect to AWS. The standard `AWS_*` environment variables and profiles apply as well.
#[derive(Debug, Clone)]
pub struct SessionSettings {
    /// Profile of `~/.aws/config`; `None`: `AWS_PROFILE`, or the default profile.
    pub profile: Option<String>,
    /// Region of the base credentials; `None`: `AWS_REGION`, or the profile's.
    pub region: Option<Region>,
    /// How many attempts a call has, including the first.
    pub max_attempts: u32,
    /// Timeout of establishing a connection.
    pub connect_timeout: Duration,
    /// Timeout of one attempt of a call.
    pub attempt_timeout: Duration,
    /// Timeout of a call with all its attempts and waits.
    pub operation_timeout: Duration,
    /// Certificates to trust in addition to the system's; `None`: those of `AWS_CA_BUNDLE`.
    pub ca_bundle: Option<PathBuf>,
    /// Path-style or virtual-hosted-style requests to S3.
    pub s3_addressing: S3Addressing,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            profile: None,
            region: None,
            max_attempts: 6,
            connect_timeout: Duration::from_secs(5),
            attempt_timeout: Duration::from_secs(30),
            operation_timeout: Duration::from_secs(180),
            ca_bundle: None,
            s3_addressing: S3Addressing::default(),
        }
    }
}

/// Why AWS cannot be called.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// There is no HTTP client.
    #[error(transparent)]
    Http(#[from] crate::http::TlsError),
    /// A custom endpoint is not a URL.
    #[error("{setting} is `{value}`, which is not a URL: begin it with https:// or http://")]
    Endpoint {
        /// The environment variable, or the setting of the profile.
        setting: &'static str,
        /// Its value.
        value: String,
    },
    /// The provider chain has no credentials.
    #[error(
        "no AWS credentials: {reason}; log in, set AWS_PROFILE, or run rolecall where an IAM role is attached"
    )]
    NoCredentials {
        /// The SDK's reason.
        reason: String,
    },
}

/// Where credentials come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialSource {
    /// Environment variables, which nothing renews.
    Environment,
    /// The instance metadata service of EC2.
    InstanceMetadata,
    /// An HTTP endpoint, as in ECS and EKS.
    Endpoint,
    /// A program.
    Process,
    /// IAM Identity Center.
    IdentityCenter,
    /// A role that was assumed with a web identity token.
    WebIdentity,
    /// A role of a profile.
    AssumedRole,
    /// `aws login`.
    Login,
    /// Keys in a profile.
    Profile,
    /// Something else.
    Other,
}

impl CredentialSource {
    fn of(credentials: &Credentials) -> Self {
        use AwsCredentialFeature as Feature;
        let features = credentials.get_property::<Vec<Feature>>().map(Vec::as_slice);
        let features = features.unwrap_or_default();
        let sources = [
            (Feature::CredentialsEnvVars, Self::Environment),
            (Feature::CredentialsImds, Self::InstanceMetadata),
            (Feature::CredentialsHttp, Self::Endpoint),
            (Feature::CredentialsProcess, Self::Process),
            (Feature::CredentialsProfileProcess, Self::Process),
            (Feature::CredentialsSso, Self::IdentityCenter),
            (Feature::CredentialsProfileSso, Self::IdentityCenter),
            (Feature::CredentialsEnvVarsStsWebIdToken, Self::WebIdentity),
            (Feature::CredentialsProfileStsWebIdToken, Self::WebIdentity),
            (Feature::CredentialsStsAssumeRoleWebId, Self::WebIdentity),
            (Feature::CredentialsStsAssumeRole, Self::AssumedRole),
            (Feature::CredentialsProfileLogin, Self::Login),
            (Feature::CredentialsLogin, Self::Login),
            (Feature::CredentialsProfile, Self::Profile),
        ];
        let found = sources.into_iter().find(|(feature, _)| features.contains(feature));
        found.map_or(Self::Other, |(_, source)| source)
    }

    /// In words, after "from".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "environment variables",
            Self::InstanceMetadata => "the instance metadata service of EC2",
            Self::Endpoint => "a credentials endpoint",
            Self::Process => "`credential_process`",
            Self::IdentityCenter => "IAM Identity Center",
            Self::WebIdentity => "a web identity token",
            Self::AssumedRole => "a role of the profile",
            Self::Login => "`aws login`",
            Self::Profile => "a profile",
            Self::Other => "another source",
        }
    }
}

/// The base credentials with their settings. Clones share connections and credentials.
#[derive(Debug, Clone)]
pub struct BaseSession {
    config: SdkConfig,
    /// Whether its credentials are temporary: then they usually belong to a role, and a role that they
    /// assume has a session of at most one hour.
    temporary: bool,
    /// Where its credentials come from.
    source: CredentialSource,
    /// When its first credentials expire, if known.
    expires: Option<SystemTime>,
    /// How much of the limit on open files its connections may use.
    budget: Budget,
    addressing: S3Addressing,
}

impl BaseSession {
    /// Loads settings and requests credentials from the provider chain once, so that a run without
    /// credentials fails early.
    pub async fn load(settings: SessionSettings) -> Result<Self, SessionError> {
        let bundle = settings.ca_bundle.or_else(|| {
            std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()).map(PathBuf::from)
        });
        let budget = Budget::raise();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(settings.connect_timeout)
            .operation_attempt_timeout(settings.attempt_timeout)
            .operation_timeout(settings.operation_timeout)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http::client(bundle.as_deref(), budget)?)
            .timeout_config(timeouts)
            .retry_config(retries(settings.max_attempts))
            .identity_cache(CredentialCache::default());
        if let Ok(name) = AppName::new(concat!("rolecall/", env!("CARGO_PKG_VERSION"))) {
            loader = loader.app_name(name);
        }
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = &settings.region {
            loader = loader.region(sdk_region(region));
        }
        let mut config = loader.load().await;
        check_endpoints(config.endpoint_url())?;
        // The provider chain prefers keys of the environment to the profile that was asked for.
        let has_keys = std::env::var_os("AWS_ACCESS_KEY_ID").is_some_and(|key| !key.is_empty());
        if let Some(profile) = settings.profile.as_deref().filter(|_| has_keys) {
            config = with_profile(config, profile);
        }
        let base =
            Self::from_config(config).await.map_err(|error| match (error, &settings.profile) {
                (SessionError::NoCredentials { reason }, Some(profile)) => {
                    let reason = format!("with profile `{}`: {reason}", one_line(profile, 100));
                    SessionError::NoCredentials { reason }
                }
                (error, _) => error,
            })?;
        Ok(Self { budget, addressing: settings.s3_addressing, ..base })
    }

    /// Fetches the credentials of `config`, and keeps them for its first use.
    pub(super) async fn from_config(config: SdkConfig) -> Result<Self, SessionError> {
        let none = |reason: String| SessionError::NoCredentials { reason };
        let provider = config
            .credentials_provider()
            .ok_or_else(|| none("the provider chain is empty".to_owned()))?;
        let first = provider.provide_credentials().await.map_err(|error| {
            none(failure::no_credentials("sts:GetCallerIdentity", &error).message)
        })?;
        let temporary = first.session_token().is_some();
        let (source, expires) = (CredentialSource::of(&first), first.expiry());
        let provider = SharedCredentialsProvider::new(PrefetchedCredentials::new(provider, first));
        let config = config.into_builder().credentials_provider(provider).build();
        Ok(Self {
            config,
            temporary,
            source,
            expires,
            budget: Budget::UNLIMITED,
            addressing: S3Addressing::default(),
        })
    }

    /// The region of the base credentials, if one is set.
    pub fn region(&self) -> Option<Region> {
        self.config.region().and_then(|region| region.as_ref().parse().ok())
    }

    /// Where its credentials come from.
    pub fn source(&self) -> CredentialSource {
        self.source
    }

    /// When its first credentials expire, if known.
    pub fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    /// Whether its credentials are temporary.
    pub fn is_temporary(&self) -> bool {
        self.temporary
    }

    pub(super) fn config(&self) -> &SdkConfig {
        &self.config
    }

    pub(super) fn temporary(&self) -> bool {
        self.temporary
    }

    pub(super) fn budget(&self) -> Budget {
        self.budget
    }

    #[cfg(test)]
    pub(super) fn with_addressing(self, addressing: S3Addressing) -> Self {
        Self { addressing, ..self }
    }

    pub(super) fn addressing(&self) -> S3Addressing {
        self.addressing
    }

    /// The same settings with different credentials, which have their own cache.
    pub(super) fn with_credentials(&self, provider: SharedCredentialsProvider) -> SdkConfig {
        self.config
            .to_builder()
            .credentials_provider(provider)
            .identity_cache(CredentialCache::default())
            .build()
    }

    /// The region whose STS serves a partition: the region of the base credentials if it is in it.
    pub(super) fn sts_region(&self, partition: &Partition, named: &[Region]) -> Region {
        let of_partition = |region: &Region| Partition::of_region(region) == *partition;
        self.region()
            .filter(of_partition)
            .or_else(|| named.iter().find(|region| of_partition(region)).cloned())
            .unwrap_or_else(|| partition.default_region())
    }
}

/// The same with the credentials of a profile, whatever the environment has.
fn with_profile(config: SdkConfig, profile: &str) -> SdkConfig {
    let mut chain = ProviderConfig::without_region()
        .with_region(config.region().cloned())
        .with_use_fips(config.use_fips())
        .with_use_dual_stack(config.use_dual_stack());
    if let Some(client) = config.http_client() {
        chain = chain.with_http_client(client);
    }
    let provider = ProfileFileCredentialsProvider::builder();
    let provider = provider.configure(&chain).profile_name(profile).build();
    config.into_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build()
}

/// The variables with the custom endpoints of services that are called, also for credentials.
const ENDPOINTS: [&str; 9] = [
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_EC2",
    "AWS_ENDPOINT_URL_ORGANIZATIONS",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_S3_CONTROL",
    "AWS_ENDPOINT_URL_SIGNIN",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
    "AWS_ENDPOINT_URL_STS",
];

/// Checks that custom endpoints are URLs. The SDK's message about another one shows the request, with
/// what is secret in it.
fn check_endpoints(of_all: Option<&str>) -> Result<(), SessionError> {
    let is_url = |value: &str| {
        let value = value.to_ascii_lowercase();
        value.starts_with("https://") || value.starts_with("http://")
    };
    let variables = ENDPOINTS
        .into_iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?.to_string_lossy().into_owned())));
    let of_profile = of_all.map(|value| ("endpoint_url", value.to_owned()));
    let wrong = variables.chain(of_profile).find(|(_, value)| !value.is_empty() && !is_url(value));
    match wrong {
        Some((setting, value)) => {
            Err(SessionError::Endpoint { setting, value: one_line(&value, 200) })
        }
        None => Ok(()),
    }
}

/// The account of credentials, from STS. The call needs no permission. `attempts` sees its attempts.
pub(super) async fn caller_account(
    config: &SdkConfig,
    region: &Region,
    attempts: Option<SharedInterceptor>,
) -> Result<AccountId, Failure> {
    const CALL: &str = "sts:GetCallerIdentity";
    let mut sts = aws_sdk_sts::config::Builder::from(config)
        .region(sdk_region(region))
        .interceptor(ResponseValidator);
    if let Some(attempts) = attempts {
        sts.push_interceptor(attempts);
    }
    let response = aws_sdk_sts::Client::from_conf(sts.build()).get_caller_identity().send().await;
    let account = response.map_err(|error| Failure::of(CALL, &error))?.account;
    account
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| Failure::invalid(CALL, "no account in the response"))
}

/// AWS's current retry behavior: a failed connection or a 5xx is retried after 50 ms, a throttled
/// call after one second; both delays double each time, with jitter.
fn retries(max_attempts: u32) -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(max_attempts.max(1))
        .with_retry_spec(RetrySpec::v2_1())
}

pub(super) fn sdk_region(region: &Region) -> aws_config::Region {
    aws_config::Region::new(region.as_str().to_owned())
}

/// A provider whose first credentials were already fetched, in order to check that the role can be
/// assumed and which account it belongs to.
#[derive(Debug)]
pub(super) struct PrefetchedCredentials<P> {
    inner: P,
    first: Mutex<Option<Credentials>>,
}

impl<P> PrefetchedCredentials<P> {
    pub(super) fn new(inner: P, first: Credentials) -> Self {
        Self { inner, first: Mutex::new(Some(first)) }
    }
}

impl<P: ProvideCredentials> ProvideCredentials for PrefetchedCredentials<P> {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        match self.first.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(first) => future::ProvideCredentials::ready(Ok(first)),
            None => self.inner.provide_credentials(),
        }
    }
}
