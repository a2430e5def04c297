//! What the calls of one API took.

use std::ops::AddAssign;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// What the calls of one API took, in one run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ApiUsage {
    /// Calls, each with all its attempts.
    pub calls: u64,
    /// Requests that were sent, retries included.
    pub attempts: u64,
    /// Attempts beyond the first of a call.
    pub retries: u64,
    /// Attempts that AWS throttled.
    pub throttled: u64,
    /// How long calls waited for a rate limit, or because too many others were in flight.
    #[serde(rename = "queue_seconds", serialize_with = "seconds")]
    pub queued: Duration,
    /// How long calls waited between two attempts.
    #[serde(rename = "backoff_seconds", serialize_with = "seconds")]
    pub backoff: Duration,
    /// Bytes in the bodies of complete responses.
    pub response_bytes: u64,
}

impl ApiUsage {
    /// A duration in seconds, to the millisecond.
    pub fn seconds(time: Duration) -> f64 {
        (time.as_secs_f64() * 1e3).round() / 1e3
    }
}

impl AddAssign for ApiUsage {
    fn add_assign(&mut self, more: Self) {
        self.calls += more.calls;
        self.attempts += more.attempts;
        self.retries += more.retries;
        self.throttled += more.throttled;
        self.queued += more.queued;
        self.backoff += more.backoff;
        self.response_bytes += more.response_bytes;
    }
}

fn seconds<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(ApiUsage::seconds(*time))
}
