//! A fake AWS that is one handler function: sleeps are no-ops, and the clock is manual.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_config::{BehaviorVersion, Region as SdkRegion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use bytes::Bytes;
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::sync::Semaphore;

use crate::aws::clients::Clients;
use crate::aws::collector::Context;
use crate::aws::due::Due;
use crate::aws::meter::Meter;
use crate::aws::turns::Turns;
use crate::aws::{
    BaseSession, CollectOutcome, CollectRequest, ConcurrencyLimits, NoopObserver, Observer, assume,
    collect,
};
use crate::model::{Demand, ExternalId, Hop, Role, S3Addressing, Target};
use crate::snapshot::{AccountSnapshot, Collected, ManifestTarget, Reader, Writer};

/// A request as the SDK sent it.
#[derive(Debug, Clone)]
pub(in crate::aws) struct FakeRequest {
    pub(in crate::aws) uri: String,
    pub(in crate::aws) body: String,
    /// The access key id that it is signed with.
    pub(in crate::aws) key: String,
    /// The region that it is signed for.
    pub(in crate::aws) region: String,
    pub(in crate::aws) expected_owner: Option<String>,
    /// The call, if the protocol has it in a header: `AWSOrganizationsV20161128.ListRoots`.
    pub(in crate::aws) target: String,
}

impl FakeRequest {
    pub(in crate::aws) fn has(&self, text: &str) -> bool {
        self.uri.contains(text) || self.body.contains(text) || self.target.contains(text)
    }

    /// A parameter of an EC2 or STS call, percent-decoded.
    pub(in crate::aws) fn parameter(&self, name: &str) -> Option<String> {
        let pair =
            self.body.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        Some(
            percent_encoding::percent_decode_str(&pair.replace('+', " "))
                .decode_utf8_lossy()
                .into_owned(),
        )
    }
}

type Handler = dyn Fn(&FakeRequest) -> (u16, String) + Send + Sync;

/// The fake of a test. Clones share their state.
#[derive(Clone)]
pub(in crate::aws) struct Fake {
    handler: Arc<Handler>,
    log: Arc<Mutex<Vec<FakeRequest>>>,
    now: Arc<Mutex<SystemTime>>,
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fake")
    }
}

impl Fake {
    /// A response with this status is never sent.
    pub(in crate::aws) const HANGS: u16 = 0;
    /// A body that breaks off before its first byte.
    pub(in crate::aws) const CUT: &str = "cut";
    /// A body of a response that is from a proxy: it has no request id.
    pub(in crate::aws) const OF_A_PROXY: &str = "<html>proxy</html>";
    /// A body of this and a region is a response without a body, whose header names the region of the
    /// bucket.
    pub(in crate::aws) const BUCKET_REGION: &str = "x-amz-bucket-region: ";
    /// A URI with this text has a response only after everything else had time to go on.
    pub(in crate::aws) const SLOW: &str = "slow-bucket";

    /// Responds to AssumeRole, GetCallerIdentity and DescribeRegions by itself; `handler` takes
    /// precedence where it returns a response.
    pub(in crate::aws) fn new(
        handler: impl Fn(&FakeRequest) -> Option<(u16, String)> + Send + Sync + 'static,
    ) -> Self {
        let now = Arc::new(Mutex::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)));
        let clock = now.clone();
        let default = move |request: &FakeRequest| {
            if request.has("Action=AssumeRole") {
                let role = request.parameter("RoleArn").unwrap();
                let seconds: u64 = request.parameter("DurationSeconds").unwrap().parse().unwrap();
                (200, assumed(&role, *clock.lock().unwrap() + Duration::from_secs(seconds)))
            } else if request.has("Action=GetCallerIdentity") {
                (200, "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>999999999999</Account></GetCallerIdentityResult>\
                 </GetCallerIdentityResponse>"
                    .to_owned())
            } else if request.has("Action=DescribeRegions") {
                let item = "<item><regionName>eu-west-1</regionName></item>";
                (
                    200,
                    format!(
                        "<DescribeRegionsResponse><regionInfo>{item}</regionInfo></DescribeRegionsResponse>"
                    ),
                )
            } else {
                panic!("no response for {request:?}")
            }
        };
        let handler =
            move |request: &FakeRequest| handler(request).unwrap_or_else(|| default(request));
        Self { handler: Arc::new(handler), log: Arc::default(), now }
    }

    pub(in crate::aws) fn advance(&self, seconds: u64) {
        *self.now.lock().unwrap() += Duration::from_secs(seconds);
    }

    /// The requests so far that contain a text.
    pub(in crate::aws) fn requests(&self, text: &str) -> Vec<FakeRequest> {
        self.log.lock().unwrap().iter().filter(|request| request.has(text)).cloned().collect()
    }

    pub(in crate::aws) async fn base(&self) -> BaseSession {
        self.base_at("eu-west-1", false, false).await
    }

    /// The base session in a region, with settings for the form of endpoints.
    pub(in crate::aws) async fn base_at(
        &self,
        region: &str,
        fips: bool,
        dual_stack: bool,
    ) -> BaseSession {
        let fake = self.clone();
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(SdkRegion::new(region.to_owned()))
            .use_fips(fips)
            .use_dual_stack(dual_stack)
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "BASE", "secret", None, None, "test",
            )))
            .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(fake.clone())))
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .sleep_impl(SharedAsyncSleep::new(NoSleep))
            .time_source(self.clone())
            .build();
        BaseSession::from_config(config).await.unwrap()
    }

    /// A context to call collectors with: an account in eu-west-1.
    pub(in crate::aws) async fn context(&self, account: &str) -> Context {
        let (base, target) = (self.base().await, target(account));
        let meter = Meter::new(Arc::new(NoopObserver));
        let caller = assume::caller(&base, None, std::slice::from_ref(&target), "test", &meter)
            .await
            .unwrap();
        let policy = assume::SessionScope::of_demand(&Default::default());
        let config = assume::enter(&base, &caller, &target, &policy, "test", &meter).await.unwrap();
        Context {
            clients: Arc::new(Clients::new(config, S3Addressing::Auto, &target.account, &meter)),
            account: target.account,
            partition: target.partition,
            region: "eu-west-1".parse().unwrap(),
            home: "eu-west-1".parse().unwrap(),
            turns: Turns::new(Arc::new(Semaphore::new(8)), 8),
            limits: Arc::default(),
            call_counter: Default::default(),
            meter,
            due: Due::NEVER,
            sample: false,
        }
    }

    /// Collects, and reads the written snapshot.
    pub(in crate::aws) async fn collect(
        &self,
        targets: Vec<Target>,
        demand: &Demand,
    ) -> (CollectOutcome, Vec<AccountSnapshot>) {
        let dir = tempfile::tempdir().unwrap();
        let request = self.request(targets, demand).await;
        (collect_into(dir.path(), request, Arc::new(NoopObserver)).await, read(dir.path()))
    }

    pub(in crate::aws) async fn request(
        &self,
        targets: Vec<Target>,
        demand: &Demand,
    ) -> CollectRequest {
        CollectRequest {
            base: self.base().await,
            via: None,
            targets,
            demand: demand.clone(),
            fallback_regions: Vec::new(),
            accepted_gaps: Vec::new(),
            region_filter: None,
            concurrency: ConcurrencyLimits::default(),
            session_name: None,
            run_id: "test".to_owned(),
            clock: || jiff::Timestamp::from_second(1_800_000_000).unwrap(),
            stamp: None,
            deadline: None,
            account_timeout: None,
            upload: None,
        }
    }
}

pub(in crate::aws) async fn collect_into(
    dir: &Path,
    request: CollectRequest,
    observer: Arc<dyn Observer>,
) -> CollectOutcome {
    let target = |target: &Target| ManifestTarget {
        account: target.account.clone(),
        name: None,
        partition: Default::default(),
        role: None,
        labels: Default::default(),
    };
    let writer = Writer::create(
        dir,
        request.targets.iter().map(target).collect::<Vec<_>>(),
        &request.demand,
    )
    .unwrap();
    collect(request, &writer, observer, std::future::pending::<()>()).await.unwrap().0
}

pub(in crate::aws) fn read(dir: &Path) -> Vec<AccountSnapshot> {
    let reader = Reader::open(dir).unwrap();
    let read = |account| match reader.account(account).unwrap() {
        Collected::Whole(snapshot) => *snapshot,
        Collected::Missing(cause) => panic!("{cause}"),
    };
    reader.accounts().map(|target| read(&target.account)).collect()
}

impl HttpConnector for Fake {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let header = |name: &str| request.headers().get(name).map(str::to_owned);
        // `KEY/DATE/REGION/SERVICE/aws4_request`
        let signed = header("authorization").unwrap_or_default();
        let scope = |part| {
            let scope = signed.split("Credential=").nth(1);
            let part = scope.and_then(|scope| scope.split('/').nth(part));
            part.unwrap_or_default().to_owned()
        };
        let request = FakeRequest {
            uri: request.uri().to_owned(),
            body: String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned(),
            key: scope(0),
            region: scope(2),
            expected_owner: header("x-amz-expected-bucket-owner"),
            target: header("x-amz-target").unwrap_or_default(),
        };
        let (status, body) = (self.handler)(&request);
        if request.uri.contains(Self::SLOW) {
            let log = self.log.clone();
            return HttpConnectorFuture::new(async move {
                for _ in 0..10_000 {
                    tokio::task::yield_now().await;
                }
                log.lock().unwrap().push(request);
                Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body)))
            });
        }
        self.log.lock().unwrap().push(request);
        if status == Self::HANGS {
            return HttpConnectorFuture::new(std::future::pending());
        }
        let is_of_a_proxy = body == Self::OF_A_PROXY;
        let bucket_region = body.strip_prefix(Self::BUCKET_REGION).map(str::to_owned);
        let body = match body.as_str() {
            _ if bucket_region.is_some() => SdkBody::empty(),
            Self::CUT => {
                let cut = Err::<Frame<Bytes>, _>(std::io::Error::other("cut"));
                SdkBody::from_body_1_x(StreamBody::new(futures::stream::iter([cut])))
            }
            _ => SdkBody::from(body),
        };
        let mut response = HttpResponse::new(status.try_into().unwrap(), body);
        if !is_of_a_proxy {
            response.headers_mut().insert("x-amz-request-id", "REQUEST1");
        }
        if let Some(region) = bucket_region {
            response.headers_mut().insert("x-amz-bucket-region", region);
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl TimeSource for Fake {
    fn now(&self) -> SystemTime {
        *self.now.lock().unwrap()
    }
}

/// Backoffs are skipped; timeouts never expire.
#[derive(Debug)]
struct NoSleep;

impl AsyncSleep for NoSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        if duration < Duration::from_secs(60) {
            Sleep::new(std::future::ready(()))
        } else {
            Sleep::new(std::future::pending())
        }
    }
}

/// A response to AssumeRole. The access key id is `KEY` and the account of the role.
pub(in crate::aws) fn assumed(role: &str, until: SystemTime) -> String {
    let account = role.split(':').nth(4).unwrap();
    let until = jiff::Timestamp::try_from(until).unwrap();
    format!(
        "<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>A:b</AssumedRoleId>\
         <Arn>arn:aws:sts::{account}:assumed-role/audit/rolecall-test</Arn></AssumedRoleUser><Credentials>\
         <AccessKeyId>KEY{account}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
         <Expiration>{until}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )
}

/// An error of S3.
pub(in crate::aws) fn s3_error(code: &str, message: &str) -> Option<(u16, String)> {
    let status = if code == "SlowDown" { 503 } else { 403 };
    Some((
        status,
        format!(
            "<Error><Code>{code}</Code><Message>{message}</Message><RequestId>R</RequestId></Error>"
        ),
    ))
}

/// An error of S3 Control, which has one more element around it.
pub(in crate::aws) fn s3control_error(code: &str, message: &str) -> Option<(u16, String)> {
    s3_error(code, message)
        .map(|(status, body)| (status, format!("<ErrorResponse>{body}</ErrorResponse>")))
}

/// An error of Organizations.
pub(in crate::aws) fn json_error(code: &str, message: &str) -> Option<(u16, String)> {
    Some((400, serde_json::json!({ "__type": code, "Message": message }).to_string()))
}

/// An error of EC2.
pub(in crate::aws) fn ec2_error(code: &str, message: &str) -> Option<(u16, String)> {
    let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    Some((403, format!("<Response><Errors>{error}</Errors><RequestID>R</RequestID></Response>")))
}

pub(in crate::aws) fn ok(body: &str) -> Option<(u16, String)> {
    Some((200, body.to_owned()))
}

/// A response of EC2 with this content, and the token of the next page if there is one.
pub(in crate::aws) fn ec2(
    operation: &str,
    inside: &str,
    token: Option<&str>,
) -> Option<(u16, String)> {
    let token = token.map(|token| format!("<nextToken>{token}</nextToken>")).unwrap_or_default();
    ok(&format!("<{operation}Response>{inside}{token}</{operation}Response>"))
}

/// The EC2 lists whose resources have facts of their own.
const LISTS: &[(&str, &str)] = &[
    (
        "DescribeManagedPrefixLists",
        "<prefixListSet><item><prefixListId>pl-1</prefixListId><prefixListArn>arn:1</prefixListArn><ownerId>AWS</ownerId></item></prefixListSet>",
    ),
    (
        "DescribeVpcEndpointServiceConfigurations",
        "<serviceConfigurationSet><item><serviceId>vpce-svc-1</serviceId></item></serviceConfigurationSet>",
    ),
    ("DescribeVpcs", "<vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet>"),
];

/// One resource, for the EC2 lists whose resources have facts of their own.
pub(in crate::aws) fn one_listed(request: &FakeRequest) -> Option<(u16, String)> {
    let operation = request.parameter("Action")?;
    let (_, list) = LISTS.iter().find(|(list, _)| *list == operation)?;
    ec2(&operation, list, None)
}

/// The owner of the buckets of the list.
pub(in crate::aws) const CANONICAL_USER: &str =
    "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";

/// A response to ListBuckets.
pub(in crate::aws) fn buckets(names_and_regions: &[(&str, Option<&str>)]) -> Option<(u16, String)> {
    let bucket = |(name, region): &(&str, Option<&str>)| {
        let region = region
            .map(|region| format!("<BucketRegion>{region}</BucketRegion>"))
            .unwrap_or_default();
        format!(
            "<Bucket><Name>{name}</Name><CreationDate>2026-01-02T03:04:05.000Z</CreationDate>{region}</Bucket>"
        )
    };
    let buckets: String = names_and_regions.iter().map(bucket).collect();
    ok(&format!(
        "<ListAllMyBucketsResult><Owner><ID>{CANONICAL_USER}</ID></Owner><Buckets>{buckets}</Buckets>\
         </ListAllMyBucketsResult>"
    ))
}

pub(in crate::aws) fn target(account: &str) -> Target {
    Target {
        account: account.parse().unwrap(),
        name: None,
        partition: Default::default(),
        role: Role::Assume(Hop {
            role_arn: format!("arn:aws:iam::{account}:role/audit").parse().unwrap(),
            external_id: Some(ExternalId::new("s3cret".to_owned())),
            duration_seconds: 7200,
            source_identity: None,
        }),
        regions: vec!["eu-west-1".parse().unwrap()],
        labels: Default::default(),
    }
}

pub(in crate::aws) fn demand(kinds: &[(&str, &[&str])]) -> Demand {
    let mut demand = Demand::default();
    for (kind, facts) in kinds {
        demand.add_kind(kind);
        facts.iter().for_each(|fact| demand.add_fact(kind, fact));
    }
    demand
}

/// A response to DescribeVolumes.
pub(in crate::aws) fn volumes(ids: &[&str], token: &str) -> Option<(u16, String)> {
    let items: String = ids
        .iter()
        .map(|id| format!("<item><volumeId>{id}</volumeId><encrypted>true</encrypted></item>"))
        .collect();
    let token =
        if token.is_empty() { String::new() } else { format!("<nextToken>{token}</nextToken>") };
    ok(&format!(
        "<DescribeVolumesResponse><volumeSet>{items}</volumeSet>{token}</DescribeVolumesResponse>"
    ))
}
