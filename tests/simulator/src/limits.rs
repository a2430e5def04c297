//! Owns the token buckets of the services: those that AWS publishes for EC2, and plausible ones
//! where it publishes none.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::hosts::Service;
use super::request::Request;

/// A token bucket: its size and its refill rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    pub burst: f64,
    pub per_second: f64,
}

/// The rates of each service. `None`: without a limit.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rates {
    /// Of each API of EC2, per account and region.
    pub ec2: Option<Rate>,
    /// The same for lists without a page size or filter.
    pub ec2_unpaged: Option<Rate>,
    /// Of all calls to S3 together, per account.
    pub s3: Option<Rate>,
    /// Of all calls to S3 Control together, per account.
    pub s3_control: Option<Rate>,
    /// Of all calls to STS together, per calling account and region.
    pub sts: Option<Rate>,
    /// Of each API of Organizations.
    pub organizations: Option<Rate>,
}

impl Rates {
    /// What AWS publishes: EC2 for actions that change nothing
    /// (<https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>), STS 600 a second,
    /// `ListAccounts` 8 a second with a burst of 15.
    pub fn published() -> Self {
        let rate = |burst: f64, per_second: f64| Some(Rate { burst, per_second });
        Self {
            ec2: rate(100.0, 20.0),
            ec2_unpaged: rate(50.0, 10.0),
            sts: rate(600.0, 600.0),
            organizations: rate(15.0, 8.0),
            s3: None,
            s3_control: None,
        }
    }

    /// The same, and that many calls a second to S3 from each account.
    pub fn with_s3(self, per_second: f64) -> Self {
        Self { s3: Some(Rate { burst: per_second, per_second }), ..self }
    }

    fn of(&self, request: &Request) -> Option<Rate> {
        match request.host.service {
            Service::Ec2 => {
                let unpaged = request.operation().starts_with("Describe")
                    && !request.params.keys().any(|name| {
                        name == "MaxResults"
                            || name == "NextToken"
                            || name.ends_with("Id")
                            || name.contains('.')
                    });
                if unpaged { self.ec2_unpaged.or(self.ec2) } else { self.ec2 }
            }
            Service::Sts => self.sts,
            Service::Organizations => self.organizations,
            Service::S3Control => self.s3_control,
            Service::S3 | Service::S3ExpressControl | Service::S3ExpressZonal => self.s3,
        }
    }
}

/// Account, region and API.
type Key = (String, String, String);

#[derive(Debug)]
struct TokenBucket {
    rate: Rate,
    tokens: f64,
    since: Instant,
    /// How many calls it let through.
    allowed: f64,
}

/// The buckets in use.
#[derive(Debug, Default)]
pub(super) struct TokenBuckets(Mutex<HashMap<Key, TokenBucket>>);

impl TokenBuckets {
    /// Whether a call is within its rate. It takes a token if so.
    pub(super) fn allow(&self, rates: &Rates, request: &Request) -> bool {
        let Some(rate) = rates.of(request) else { return true };
        let (region, api) = match request.host.service {
            Service::Ec2 | Service::Organizations => {
                (request.host.region.as_str(), request.call.as_str())
            }
            Service::Sts => (request.host.region.as_str(), "sts"),
            service => ("", service.prefix()),
        };
        let key = (request.account.clone(), region.to_owned(), api.to_owned());
        let now = Instant::now();
        let mut buckets = self.0.lock().unwrap();
        let bucket = buckets.entry(key).or_insert(TokenBucket {
            rate,
            tokens: rate.burst,
            since: now,
            allowed: 0.0,
        });
        let refill = now.duration_since(bucket.since).as_secs_f64() * rate.per_second;
        bucket.tokens = (bucket.tokens + refill).min(rate.burst);
        bucket.since = now;
        let allowed = bucket.tokens >= 1.0;
        if allowed {
            bucket.tokens -= 1.0;
            bucket.allowed += 1.0;
        }
        allowed
    }

    /// The least time in which the calls so far are within their rates.
    pub(super) fn bound(&self) -> Duration {
        let buckets = self.0.lock().unwrap();
        let seconds = buckets
            .values()
            .map(|bucket| (bucket.allowed - bucket.rate.burst).max(0.0) / bucket.rate.per_second);
        Duration::from_secs_f64(seconds.fold(0.0, f64::max))
    }
}
