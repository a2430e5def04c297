//! What a collection took.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model;
use crate::report::CollectionUsage;

/// What a collection took.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Collection {
    /// Accounts that this run collected. With `--resume`, the report has more.
    pub accounts: usize,
    /// How long it took to collect them.
    pub seconds: f64,
    /// Accounts per minute; `null` if none was collected.
    pub accounts_per_minute: Option<f64>,
    /// Peak memory use of the process in KiB; `null` if the system does not report it.
    pub peak_memory_kib: Option<u64>,
    /// The sum over all APIs.
    pub total: ApiUsage,
    /// What the calls of each API took, for example of `ec2:DescribeVolumes`. This includes calls that
    /// are not made for an account of the report, such as those that read the organization.
    pub apis: BTreeMap<String, ApiUsage>,
}

impl From<&CollectionUsage> for Collection {
    fn from(usage: &CollectionUsage) -> Self {
        Self {
            accounts: usage.accounts,
            seconds: model::ApiUsage::seconds(usage.time),
            accounts_per_minute: usage.accounts_per_minute(),
            peak_memory_kib: usage.peak_memory_kib,
            total: ApiUsage::from(&usage.total()),
            apis: usage.apis.iter().map(|(call, api)| (call.clone(), api.into())).collect(),
        }
    }
}

/// What the calls of an API took.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ApiUsage {
    /// Calls, each with all its attempts.
    pub calls: u64,
    /// Requests that were sent, retries included.
    pub attempts: u64,
    /// Attempts beyond the first of a call.
    pub retries: u64,
    /// Attempts that AWS throttled.
    pub throttled: u64,
    /// How many seconds calls waited for a rate limit, or because too many others were in flight. Calls
    /// wait at the same time, so this can be longer than the run.
    pub queue_seconds: f64,
    /// How many seconds calls waited between two attempts.
    pub backoff_seconds: f64,
    /// Bytes in the bodies of complete responses.
    pub response_bytes: u64,
}

impl From<&model::ApiUsage> for ApiUsage {
    fn from(usage: &model::ApiUsage) -> Self {
        Self {
            calls: usage.calls,
            attempts: usage.attempts,
            retries: usage.retries,
            throttled: usage.throttled,
            queue_seconds: model::ApiUsage::seconds(usage.queued),
            backoff_seconds: model::ApiUsage::seconds(usage.backoff),
            response_bytes: usage.response_bytes,
        }
    }
}
