//! Client-side token buckets at AWS's published rates, per account, region and API, so that AWS
//! seldom throttles.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use governor::{DefaultDirectRateLimiter, Jitter, Quota};

use super::clients::Clients;
use crate::facts::{ApiCall, Limit};
use crate::model::Region;

/// The token buckets of one account.
#[derive(Debug, Default)]
pub(super) struct RateLimits {
    /// The rates of a custom endpoint are unknown.
    off: bool,
    buckets: Mutex<HashMap<(Region, &'static str), Arc<DefaultDirectRateLimiter>>>,
}

impl RateLimits {
    /// For an account's clients.
    pub(super) fn of(clients: &Clients) -> Self {
        Self { off: clients.has_custom_ec2_endpoint(), ..Self::default() }
    }

    /// Waits until AWS's limit allows another call. Returns whether there is a limit.
    pub(super) async fn turn(&self, region: &Region, call: &ApiCall) -> bool {
        let limit = call.limit().filter(|_| !self.off);
        let bucket = limit.and_then(|limit| self.bucket(region, call.name, limit));
        let Some(bucket) = bucket else { return false };
        // With jitter, calls that wait for the same token do not all continue at once.
        bucket.until_ready_with_jitter(Jitter::up_to(std::time::Duration::from_millis(20))).await;
        true
    }

    fn bucket(
        &self,
        region: &Region,
        name: &'static str,
        limit: Limit,
    ) -> Option<Arc<DefaultDirectRateLimiter>> {
        let quota = Quota::per_second(NonZeroU32::new(limit.per_second)?)
            .allow_burst(NonZeroU32::new(limit.burst)?);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets
            .entry((region.clone(), name))
            .or_insert_with(|| Arc::new(DefaultDirectRateLimiter::direct(quota)));
        Some(bucket.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_api_of_each_region_has_its_own_bucket() {
        let limits = RateLimits::default();
        let (call, region) =
            (ApiCall::new("ec2:DescribeVolumes"), |name: &str| name.parse::<Region>().unwrap());
        let limit = call.limit().unwrap();
        let bucket = limits.bucket(&region("eu-west-1"), call.name, limit).unwrap();
        for _ in 0..limit.burst {
            assert!(bucket.check().is_ok());
        }
        let same = limits.bucket(&region("eu-west-1"), call.name, limit).unwrap();
        assert!(same.check().is_err(), "the burst is used up");
        for (elsewhere, name) in [("us-east-1", call.name), ("eu-west-1", "ec2:DescribeVpcs")] {
            assert!(limits.bucket(&region(elsewhere), name, limit).unwrap().check().is_ok());
        }
    }
}
