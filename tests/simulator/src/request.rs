//! Owns the request as tests see it: which call it is, who signed it for which region, and which
//! bucket it names.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use percent_encoding::percent_decode_str;

use super::hosts::{Host, Service};
use super::http::RawRequest;

/// How a request names its bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// It names none.
    Service,
    Path,
    Virtual,
}

/// A request that arrived.
#[derive(Debug, Clone)]
pub struct Request {
    pub host: Host,
    /// The API call as reports name it: `s3:GetBucketPolicy`, `s3control:GetPublicAccessBlock`,
    /// `s3express:ListDirectoryBuckets`.
    pub call: String,
    /// Whose credentials signed it.
    pub account: String,
    /// The region and the service that it is signed for; empty without a signature.
    pub region: String,
    pub signed_for: String,
    pub access_key: String,
    /// The bucket, in the host name or in the path.
    pub bucket: Option<String>,
    pub style: Style,
    pub method: String,
    /// The path and query as sent.
    pub path: String,
    /// The parameters of the query and of a form in the body.
    pub params: BTreeMap<String, String>,
    /// Headers, with names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    /// Which TCP connection it came on, counted from 1.
    pub connection: u64,
    /// Whether it came through TLS.
    pub tls: bool,
    /// Which request it is, counted from 1.
    pub number: u64,
    /// When it arrived, by the clock of AWS.
    pub time: SystemTime,
}

impl Request {
    /// Interprets a raw request. `account` returns the account of an access key.
    pub fn read(
        raw: RawRequest,
        host: Host,
        number: u64,
        account: impl Fn(&str) -> String,
    ) -> Self {
        let path = raw.path().to_owned();
        let RawRequest { method, headers, body, connection, tls, .. } = raw;
        let headers: BTreeMap<String, String> = headers.into_iter().collect();
        let (bare, query) = path.split_once('?').unwrap_or((&path, ""));
        let mut params = decode(query);
        if headers
            .get("content-type")
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
        {
            params.extend(decode(&String::from_utf8_lossy(&body)));
        }
        // AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, …
        let authorization = headers.get("authorization").map_or("", String::as_str);
        let scope: Vec<&str> = authorization
            .split_once("Credential=")
            .map_or("", |(_, rest)| rest)
            .split('/')
            .collect();
        let part = |index: usize| scope.get(index).copied().unwrap_or_default().to_owned();
        let access_key = part(0);

        let is_s3 = matches!(host.service, Service::S3 | Service::S3ExpressControl);
        let first = bare
            .trim_start_matches('/')
            .split('/')
            .next()
            .filter(|first| is_s3 && !first.is_empty());
        let (bucket, style, rest) = match (&host.bucket, first) {
            (Some(bucket), _) => (Some(bucket.clone()), Style::Virtual, bare),
            (None, Some(first)) => {
                let bucket = percent_decode_str(first).decode_utf8_lossy().into_owned();
                (Some(bucket), Style::Path, &bare[1 + first.len()..])
            }
            (None, None) => (None, Style::Service, bare),
        };
        let call = format!(
            "{}:{}",
            host.service.prefix(),
            operation(&host, &method, rest, bucket.is_some(), &params, &headers)
        );
        Self {
            call,
            account: account(&access_key),
            region: part(2),
            signed_for: part(3),
            access_key,
            bucket,
            style,
            method,
            path,
            params,
            headers,
            body,
            connection,
            tls,
            number,
            time: SystemTime::now(),
            host,
        }
    }

    /// Whether it is this call, by this account, signed for this region.
    pub fn is(&self, call: &str, account: &str, region: &str) -> bool {
        (self.call.as_str(), self.account.as_str(), self.region.as_str()) == (call, account, region)
    }

    /// By how much the time at which it was signed differs from the time of AWS.
    pub fn skew(&self) -> Duration {
        let signed = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", self.header("x-amz-date"))
            .and_then(|signed| signed.to_zoned(jiff::tz::TimeZone::UTC));
        let Ok(signed) = signed else { return Duration::ZERO };
        let signed = SystemTime::from(signed.timestamp());
        self.time.duration_since(signed).unwrap_or_else(|before| before.duration())
    }

    pub fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub fn body_contains(&self, text: &str) -> bool {
        String::from_utf8_lossy(&self.body).contains(text)
    }

    /// The account of the role that an AssumeRole asks for.
    pub fn role_account(&self) -> &str {
        self.param("RoleArn").split(':').nth(4).unwrap_or_default()
    }

    /// The name of the call without the service.
    pub fn operation(&self) -> &str {
        self.call.split_once(':').map_or("", |(_, operation)| operation)
    }

    /// The path without the query.
    pub fn bare_path(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// A request id that no two answers of this process share, in the form of the service.
    pub fn request_id(&self) -> String {
        match self.host.service {
            Service::S3
            | Service::S3ExpressControl
            | Service::S3ExpressZonal
            | Service::S3Control => {
                format!("{:08X}{:08X}", std::process::id(), self.number)
            }
            _ => format!("{:08x}-0000-4000-8000-{:012x}", std::process::id(), self.number),
        }
    }
}

/// The account in an access key of this fake: `ASIA<account>FAKE`.
pub fn account_of_key(key: &str) -> Option<&str> {
    key.strip_prefix("ASIA")?
        .get(..12)
        .filter(|account| account.bytes().all(|byte| byte.is_ascii_digit()))
}

fn decode(query: &str) -> BTreeMap<String, String> {
    let decoded =
        |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    };
    query.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

/// The operation of a request: by a parameter, by a header, or by method, path and subresource.
fn operation(
    host: &Host,
    method: &str,
    path: &str,
    of_bucket: bool,
    params: &BTreeMap<String, String>,
    headers: &BTreeMap<String, String>,
) -> String {
    let unknown = || format!("{method} {path}");
    match host.service {
        Service::Ec2 | Service::Sts => params.get("Action").cloned().unwrap_or_else(unknown),
        // Services with a JSON protocol have the call in a header:
        // AWSOrganizationsV20161128.ListRoots.
        Service::Organizations => {
            let target = headers.get("x-amz-target").and_then(|target| target.split_once('.'));
            target.map_or_else(unknown, |(_, operation)| operation.to_owned())
        }
        Service::S3Control => s3_control(method, path).map_or_else(unknown, str::to_owned),
        Service::S3ExpressControl if !of_bucket && method == "GET" => {
            "ListDirectoryBuckets".to_owned()
        }
        Service::S3 if !of_bucket && method == "GET" => "ListBuckets".to_owned(),
        Service::S3 | Service::S3ExpressControl | Service::S3ExpressZonal => {
            match (method, path.trim_matches('/')) {
                ("HEAD", "") => "HeadBucket".to_owned(),
                ("GET", "") => {
                    let named = SUBRESOURCES.iter().find(|(name, _)| params.contains_key(*name));
                    named.map_or("ListObjects", |(_, operation)| operation).to_owned()
                }
                ("GET", _) if params.contains_key("acl") => "GetObjectAcl".to_owned(),
                ("GET", _) => "GetObject".to_owned(),
                _ => unknown(),
            }
        }
    }
}

fn s3_control(method: &str, path: &str) -> Option<&'static str> {
    let path = path.strip_prefix("/v20180820/").filter(|_| method == "GET")?;
    Some(match path.split('/').collect::<Vec<_>>()[..] {
        ["configuration", "publicAccessBlock"] => "GetPublicAccessBlock",
        ["accesspoint"] => "ListAccessPoints",
        ["accesspoint", _] => "GetAccessPoint",
        ["accesspoint", _, "policy"] => "GetAccessPointPolicy",
        ["accesspoint", _, "policyStatus"] => "GetAccessPointPolicyStatus",
        ["accesspointforobjectlambda"] => "ListAccessPointsForObjectLambda",
        ["accesspointforobjectlambda", _] => "GetAccessPointForObjectLambda",
        ["accesspointforobjectlambda", _, "configuration"] => {
            "GetAccessPointConfigurationForObjectLambda"
        }
        ["accesspointforobjectlambda", _, "policy"] => "GetAccessPointPolicyForObjectLambda",
        ["accesspointforobjectlambda", _, "policyStatus"] => {
            "GetAccessPointPolicyStatusForObjectLambda"
        }
        ["mrap", "instances"] => "ListMultiRegionAccessPoints",
        ["mrap", "instances", _] => "GetMultiRegionAccessPoint",
        ["mrap", "instances", _, "policy"] => "GetMultiRegionAccessPointPolicy",
        ["mrap", "instances", _, "policystatus"] => "GetMultiRegionAccessPointPolicyStatus",
        ["storagelens"] => "ListStorageLensConfigurations",
        ["storagelens", _] => "GetStorageLensConfiguration",
        ["accessgrantsinstances"] => "ListAccessGrantsInstances",
        ["accessgrantsinstance", "resourcepolicy"] => "GetAccessGrantsInstanceResourcePolicy",
        _ => return None,
    })
}

/// The parameters that select an operation of a bucket.
pub(super) const SUBRESOURCES: [(&str, &str); 23] = [
    ("accelerate", "GetBucketAccelerateConfiguration"),
    ("acl", "GetBucketAcl"),
    ("cors", "GetBucketCors"),
    ("encryption", "GetBucketEncryption"),
    ("intelligent-tiering", "ListBucketIntelligentTieringConfigurations"),
    ("inventory", "ListBucketInventoryConfigurations"),
    ("lifecycle", "GetBucketLifecycleConfiguration"),
    ("list-type", "ListObjectsV2"),
    ("location", "GetBucketLocation"),
    ("logging", "GetBucketLogging"),
    ("metrics", "ListBucketMetricsConfigurations"),
    ("notification", "GetBucketNotificationConfiguration"),
    ("object-lock", "GetObjectLockConfiguration"),
    ("ownershipControls", "GetBucketOwnershipControls"),
    ("policy", "GetBucketPolicy"),
    ("policyStatus", "GetBucketPolicyStatus"),
    ("publicAccessBlock", "GetPublicAccessBlock"),
    ("replication", "GetBucketReplication"),
    ("requestPayment", "GetBucketRequestPayment"),
    ("session", "CreateSession"),
    ("tagging", "GetBucketTagging"),
    ("versioning", "GetBucketVersioning"),
    ("website", "GetBucketWebsite"),
];
