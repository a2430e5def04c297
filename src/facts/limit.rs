//! How often AWS lets itself be called, as far as it says so.

use crate::facts::kind::ApiCall;

/// A token bucket: how many calls at once when it is full, and how many more each second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Calls at once.
    pub burst: u32,
    /// Calls a second from then on.
    pub per_second: u32,
}

impl Limit {
    /// Seconds that so many calls take at least.
    pub fn seconds(self, calls: u64) -> f64 {
        calls.saturating_sub(u64::from(self.burst)) as f64 / f64::from(self.per_second)
    }
}

impl ApiCall {
    /// The allowance of this call, for each account and region by itself. `None`: the service
    /// publishes none; S3 and S3 Control do not for reads of configuration.
    ///
    /// EC2's is that of its calls that change nothing; the smaller one of a few calls without page
    /// size or filter does not matter, since those are made with a page size
    /// (<https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>).
    pub fn limit(&self) -> Option<Limit> {
        self.name.starts_with("ec2:").then_some(Limit { burst: 100, per_second: 20 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_at_once_and_the_rest_by_and_by() {
        let limit = ApiCall::new("ec2:DescribeVolumes").element("volumeSet").limit().unwrap();
        assert_eq!(
            [0, 1, 100, 101, 140].map(|calls| limit.seconds(calls)),
            [0.0, 0.0, 0.0, 0.05, 2.0]
        );
        assert_eq!(ApiCall::new("s3:GetBucketAcl").element("AccessControlList").limit(), None);
    }
}
