//! Owns the fault script: which requests fail, and how. The choice is a function of the seed and of
//! what is asked for, so that a run with the same script meets the same failures in any order.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use serde::Deserialize;

use super::estate::draw::{fraction, number_of};
use super::hosts::Service;
use super::request::Request;
use super::response::{Framing, Response};
use super::routing::{malformed, permanent_redirect};

/// The failures of a run.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Chooses what is affected by a rate below 1.
    #[serde(default)]
    pub seed: u64,
    /// The first that applies to a request decides.
    #[serde(default, rename = "fault")]
    pub faults: Vec<Fault>,
}

/// A failure, and what it affects. Patterns are exact, or end with `*`; without one, everything is
/// meant.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The account whose credentials are used; for AssumeRole, the account of the role.
    #[serde(default)]
    pub account: Option<String>,
    #[serde(default)]
    pub region: Option<String>,
    /// `s3:GetBucketPolicy`, `ec2:*`.
    #[serde(default)]
    pub call: Option<String>,
    #[serde(default)]
    pub bucket: Option<String>,
    /// Which share of the requests is affected; by default all.
    #[serde(default = "always")]
    pub rate: f64,
    /// How many attempts of each affected request fail; by default all.
    #[serde(default)]
    pub attempts: Option<u32>,
    pub effect: Effect,
}

fn always() -> f64 {
    1.0
}

/// What happens instead of the answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// A service control policy denies the call.
    Deny,
    /// 500 `InternalError`.
    Internal,
    /// 503 `ServiceUnavailable`.
    Unavailable,
    /// The throttling error of the service.
    Throttle,
    /// Any other error.
    Error { status: u16, code: String, message: String },
    /// The connection is reset.
    Reset,
    /// Nothing is answered.
    Stall,
    /// The answer comes that much later.
    Delay { milliseconds: u64 },
    /// A complete HTTP response whose XML ends in the middle.
    TruncatedXml,
    /// The connection is closed before the end of the body.
    TruncatedBody,
    /// A page of HTML, as proxies send it, with status 200.
    Html,
    /// S3 says that the bucket is in this region.
    WrongRegion(String),
    /// The region is not enabled for the account: its credentials are not valid there.
    RegionOff,
    /// The bucket was deleted after it was listed.
    BucketDeleted,
    /// The credentials have expired.
    ExpiredToken,
    /// The clock of the client is wrong by more than AWS accepts.
    ClockSkew,
}

impl Effect {
    fn name(&self) -> String {
        format!("{self:?}").split([' ', '(', '{']).next().unwrap_or_default().to_owned()
    }

    /// Whether it is about a bucket or a region as a whole, instead of single requests.
    fn identity(&self, request: &Request) -> String {
        let (account, region) = (affected(request), &request.host.region);
        match self {
            Self::BucketDeleted => {
                format!("{account} {}", request.bucket.as_deref().unwrap_or_default())
            }
            Self::RegionOff => format!("{account} {region}"),
            _ => {
                let params: Vec<String> = request
                    .params
                    .iter()
                    .filter(|(name, _)| !["RoleSessionName", "Policy"].contains(&name.as_str()))
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                // In JSON, they are in the body.
                let body = match request.host.service {
                    Service::Organizations => String::from_utf8_lossy(&request.body),
                    _ => "".into(),
                };
                format!(
                    "{account} {region} {} {} {}{body}",
                    request.call,
                    request.bare_path(),
                    params.join("&")
                )
            }
        }
    }
}

/// The account that a request is about.
fn affected(request: &Request) -> &str {
    if request.call == "sts:AssumeRole" { request.role_account() } else { &request.account }
}

impl Fault {
    /// A failure of all requests.
    pub fn new(effect: Effect) -> Self {
        Self {
            account: None,
            region: None,
            call: None,
            bucket: None,
            rate: 1.0,
            attempts: None,
            effect,
        }
    }

    pub fn account(self, account: &str) -> Self {
        Self { account: Some(account.to_owned()), ..self }
    }

    pub fn region(self, region: &str) -> Self {
        Self { region: Some(region.to_owned()), ..self }
    }

    pub fn call(self, call: &str) -> Self {
        Self { call: Some(call.to_owned()), ..self }
    }

    pub fn bucket(self, bucket: &str) -> Self {
        Self { bucket: Some(bucket.to_owned()), ..self }
    }

    pub fn rate(self, rate: f64) -> Self {
        Self { rate, ..self }
    }

    pub fn attempts(self, attempts: u32) -> Self {
        Self { attempts: Some(attempts), ..self }
    }

    fn applies(&self, seed: u64, number: u64, request: &Request) -> bool {
        let account = affected(request);
        let matches = |pattern: &Option<String>, value: &str| match pattern {
            None => true,
            Some(pattern) => match pattern.strip_suffix('*') {
                Some(start) => value.starts_with(start),
                None => value == pattern,
            },
        };
        // Only a bucket's own calls can find that it is gone, or elsewhere.
        let of_bucket = matches!(self.effect, Effect::BucketDeleted | Effect::WrongRegion(_));
        // A role is assumed with other credentials than those of the account.
        let of_session = self.effect == Effect::ExpiredToken && self.call.is_none();
        // The base identity is not confined to a region.
        let of_region = self.effect == Effect::RegionOff;
        matches(&self.account, account)
            && matches(&self.region, &request.host.region)
            && matches(&self.call, &request.call)
            && matches(&self.bucket, request.bucket.as_deref().unwrap_or_default())
            && !(of_bucket && request.bucket.is_none())
            && !(of_session && request.call == "sts:AssumeRole")
            && !(of_region && matches!(request.host.service, Service::Sts | Service::Organizations))
            && (self.rate >= 1.0
                || fraction(&[seed, number, number_of(&self.effect.identity(request))]) < self.rate)
    }
}

/// The failures of a running script.
#[derive(Debug, Default)]
pub(super) struct Running {
    script: Script,
    /// How many attempts of a request have failed already.
    attempts: Mutex<HashMap<u64, u32>>,
}

impl Running {
    pub(super) fn new(script: Script) -> Self {
        Self { script, attempts: Mutex::default() }
    }

    /// The effect on a request, and its name.
    pub(super) fn effect(&self, request: &Request) -> Option<(&Effect, String)> {
        let mut numbered = self.script.faults.iter().zip(0..);
        let (fault, number) =
            numbered.find(|(fault, number)| fault.applies(self.script.seed, *number, request))?;
        if let Some(limit) = fault.attempts {
            let key = number_of(&format!("{number} {}", fault.effect.identity(request)));
            let mut attempts = self.attempts.lock().unwrap();
            let before = attempts.entry(key).or_default();
            if *before >= limit {
                return None;
            }
            *before += 1;
        }
        Some((&fault.effect, fault.effect.name()))
    }
}

impl Effect {
    /// The failed answer. `answer` returns the one without the failure.
    pub(super) fn apply(&self, request: &Request, answer: impl FnOnce() -> Response) -> Response {
        let error = |status: u16, code: &str, message: &str| {
            Response::error(request, status, code, message, &[])
        };
        match self {
            Self::Deny => Response::denied(
                request,
                &format!(
                    "User: arn:{}:sts::{}:assumed-role/audit/test is not authorized to perform: {} \
                     with an explicit deny in a service control policy: \
                     arn:aws:organizations::999999999999:policy/o-fakefakefa/service_control_policy/p-fake",
                    request.host.partition.name, request.account, request.call
                ),
            ),
            Self::Internal => {
                error(500, "InternalError", "We encountered an internal error. Please try again.")
            }
            Self::Unavailable => {
                error(503, "ServiceUnavailable", "Service is unable to handle request.")
            }
            Self::Throttle => Response::throttled(request),
            Self::Error { status, code, message } => error(*status, code, message),
            Self::Reset => Response::reset(),
            Self::Stall => Response::hang(),
            Self::Delay { milliseconds } => {
                Response { delay: Duration::from_millis(*milliseconds), ..answer() }
            }
            Self::TruncatedXml => {
                let mut response = answer();
                response.body.truncate(response.body.len() / 2);
                response
            }
            Self::TruncatedBody => answer().with_framing(Framing::LengthTooLong),
            Self::Html => Response::new(
                200,
                "text/html",
                "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to continue</body></html>",
            ),
            Self::WrongRegion(region) if request.host.region != *region => {
                permanent_redirect(request, region)
            }
            // Asked there, S3 says that it is elsewhere again.
            Self::WrongRegion(_) => malformed(request, "us-west-1"),
            Self::RegionOff => match request.host.service {
                Service::Ec2 => error(
                    401,
                    "AuthFailure",
                    "AWS was not able to validate the provided access credentials",
                ),
                _ => error(
                    400,
                    "InvalidToken",
                    "The provided token is malformed or otherwise invalid.",
                ),
            },
            Self::BucketDeleted => {
                error(404, "NoSuchBucket", "The specified bucket does not exist")
            }
            Self::ExpiredToken => expired(request),
            Self::ClockSkew => clock_skew(request, request.time + Duration::from_secs(3_600)),
        }
    }
}

/// How each service rejects expired credentials.
pub(super) fn expired(request: &Request) -> Response {
    let error = |status: u16, code: &str, message: &str| {
        Response::error(request, status, code, message, &[])
    };
    match request.host.service {
        Service::Ec2 => error(400, "RequestExpired", "Request has expired."),
        Service::Sts => {
            error(403, "ExpiredToken", "The security token included in the request is expired")
        }
        Service::Organizations => error(
            400,
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
        _ => error(400, "ExpiredToken", "The provided token has expired."),
    }
}

/// How each service rejects a request that was signed at a wrong time.
pub(super) fn clock_skew(request: &Request, now: SystemTime) -> Response {
    let date =
        jiff::Timestamp::try_from(now).unwrap().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let (status, code, message) = match request.host.service {
        Service::Ec2 => (400, "RequestExpired", "Request has expired."),
        Service::Sts | Service::Organizations => (
            403,
            "SignatureDoesNotMatch",
            "Signature expired: it is now later than the time of the request",
        ),
        _ => (
            403,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        ),
    };
    Response::error(request, status, code, message, &[]).with_header("date", &date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_from_toml() {
        let script: Script = toml::from_str(
            "seed = 7\n[[fault]]\naccount = \"1000*\"\ncall = \"s3:*\"\nrate = 0.5\nattempts = 2\neffect = \"reset\"\n\
             [[fault]]\neffect = { wrong-region = \"eu-west-1\" }\n\
             [[fault]]\neffect = { error = { status = 500, code = \"X\", message = \"m\" } }\n",
        )
        .unwrap();
        assert_eq!(script.seed, 7);
        let first = Fault::new(Effect::Reset).account("1000*").call("s3:*").rate(0.5).attempts(2);
        assert_eq!(script.faults[0], first);
        assert_eq!(script.faults[1].effect, Effect::WrongRegion("eu-west-1".to_owned()));
        assert_eq!(script.faults[2].effect.name(), "Error");
        assert!(toml::from_str::<Script>("[[fault]]\neffect = \"vanish\"").is_err());
        assert!(toml::from_str::<Script>("[[fault]]\neffect = \"deny\"\nuser = \"x\"").is_err());
    }
}
