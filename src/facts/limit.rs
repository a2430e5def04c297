//! The API rate limits that AWS publishes.

use crate::facts::kind::ApiCall;

/// A token bucket: its size and its refill rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Calls in a burst.
    pub burst: u32,
    /// Calls per second after that.
    pub per_second: u32,
}

impl Limit {
    /// The minimum number of seconds for that many calls.
    pub fn seconds(self, calls: u64) -> f64 {
        calls.saturating_sub(u64::from(self.burst)) as f64 / f64::from(self.per_second)
    }
}

impl ApiCall {
    /// The rate limit of this call, per account and region. `None`: the service publishes none, as S3
    /// and S3 Control for reads of configuration.
    ///
    /// For EC2, it is that of non-mutating actions. The lower one for unfiltered and unpaginated
    /// non-mutating actions does not matter, since these calls are made with a page size
    /// (<https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>).
    pub fn limit(&self) -> Option<Limit> {
        self.name.starts_with("ec2:").then_some(Limit { burst: 100, per_second: 20 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_beyond_the_burst_are_limited_by_the_refill_rate() {
        let limit = ApiCall::new("ec2:DescribeVolumes").element("volumeSet").limit().unwrap();
        assert_eq!(
            [0, 1, 100, 101, 140].map(|calls| limit.seconds(calls)),
            [0.0, 0.0, 0.0, 0.05, 2.0]
        );
        assert_eq!(ApiCall::new("s3:GetBucketAcl").element("AccessControlList").limit(), None);
    }
}
