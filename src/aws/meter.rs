//! Events of a collection: reported to an [`Observer`] as they happen, and counted in [`Stats`] for
//! `run.json`. None of this is in the snapshot, which does not depend on retries and throttling.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde::Serialize;

use super::failure::{self, Failure};
use super::turns;
use crate::model::{AccountId, Region};

/// How many failed requests are kept.
const MAX_FAILED_REQUESTS: usize = 1_000;

/// Receives the events of a collection. Every method may be called from any thread and must return
/// immediately.
pub trait Observer: Send + Sync {
    /// Collection of an account begins.
    fn account_started(&self, _account: &AccountId) {}
    /// An API call is made, `s3:GetBucketPolicy`.
    fn call(&self, _account: &AccountId, _call: &str) {}
    /// A call is retried.
    fn retried(&self, _account: &AccountId, _call: &str) {}
    /// AWS throttled a call.
    fn throttled(&self, _account: &AccountId, _call: &str) {}
    /// A resource was deleted between list and read, and is dropped.
    fn resource_gone(&self, _account: &AccountId, _region: &Region, _kind: &str, _id: &str) {}
    /// A list of the account's own resources also contained some of other accounts, which are left
    /// out.
    fn resources_of_others(
        &self,
        _account: &AccountId,
        _region: &Region,
        _kind: &str,
        _count: u64,
    ) {
    }
    /// An account's file is complete at `path`.
    fn account_finished(&self, _account: &AccountId, _path: &Path, _entered: bool, _gaps: usize) {}
}

/// An observer that ignores all events.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoopObserver;

impl Observer for NoopObserver {}

/// A request that failed, for a support case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FailedRequest {
    /// The account.
    pub account: AccountId,
    /// The API call.
    pub call: String,
    /// AWS's error code.
    pub code: String,
    /// AWS's id of the request.
    pub request_id: String,
}

/// Counts of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// How many calls each API received, without retries.
    pub calls: BTreeMap<String, u64>,
    /// Attempts beyond the first.
    pub retries: u64,
    /// Throttled attempts.
    pub throttled: u64,
    /// Accounts whose session was limited by the AWS-managed `SecurityAudit`, because our own policy
    /// was too large for STS.
    pub accounts_by_security_audit: BTreeSet<AccountId>,
    /// Resources deleted between list and read.
    pub gone: u64,
    /// Resources of other accounts that were left out of lists of the account's own.
    pub of_other_accounts: u64,
    /// Failed requests, the first thousand.
    pub failed_requests: Vec<FailedRequest>,
}

/// How many calls each API received for one account. It depends only on the demand and the size of
/// the account, since retries and renewed sessions do not count.
#[derive(Debug, Clone, Default)]
pub(super) struct CallCounter(Arc<Mutex<BTreeMap<String, u64>>>);

impl CallCounter {
    pub(super) fn count(&self, call: &str) {
        count(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner), call);
    }

    /// All calls so far.
    pub(super) fn calls(&self) -> BTreeMap<String, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn count(calls: &mut BTreeMap<String, u64>, call: &str) {
    // The name is allocated once per API instead of once per call.
    match calls.get_mut(call) {
        Some(count) => *count += 1,
        None => drop(calls.insert(call.to_owned(), 1)),
    }
}

/// The observer and the counts, shared by everything that calls AWS.
#[derive(Clone)]
pub(super) struct Meter {
    observer: Arc<dyn Observer>,
    stats: Arc<Mutex<Stats>>,
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter")
    }
}

impl Meter {
    pub(super) fn new(observer: Arc<dyn Observer>) -> Self {
        Self { observer, stats: Arc::default() }
    }

    pub(super) fn observer(&self) -> &dyn Observer {
        self.observer.as_ref()
    }

    /// The counts stay valid even if a thread panicked while it held the lock.
    fn stats(&self) -> MutexGuard<'_, Stats> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn snapshot(&self) -> Stats {
        let mut stats = self.stats().clone();
        stats.failed_requests.sort();
        stats
    }

    pub(super) fn call(&self, account: &AccountId, call: &str) {
        count(&mut self.stats().calls, call);
        self.observer.call(account, call);
    }

    pub(super) fn failed(&self, account: &AccountId, failure: &Failure) {
        let Some(request_id) = &failure.request_id else { return };
        let mut stats = self.stats();
        if stats.failed_requests.len() < MAX_FAILED_REQUESTS {
            stats.failed_requests.push(FailedRequest {
                account: account.clone(),
                call: failure.cause.call.clone(),
                code: failure.cause.code.clone(),
                request_id: request_id.to_string(),
            });
        }
    }

    pub(super) fn by_security_audit(&self, account: &AccountId) {
        self.stats().accounts_by_security_audit.insert(account.clone());
    }

    pub(super) fn gone(&self, account: &AccountId, region: &Region, kind: &str, id: &str) {
        self.stats().gone += 1;
        self.observer.resource_gone(account, region, kind, id);
    }

    pub(super) fn of_others(&self, account: &AccountId, region: &Region, kind: &str, count: u64) {
        if count > 0 {
            self.stats().of_other_accounts += count;
            self.observer.resources_of_others(account, region, kind, count);
        }
    }

    /// Counts the attempts behind the calls of one account.
    pub(super) fn interceptor(&self, account: &AccountId) -> AttemptCounter {
        AttemptCounter { meter: self.clone(), account: account.clone() }
    }
}

/// Sees every attempt of every call, which the callers of the SDK cannot.
#[derive(Debug)]
pub(super) struct AttemptCounter {
    meter: Meter,
    account: AccountId,
}

#[dyn_dispatch_hint]
impl Intercept for AttemptCounter {
    fn name(&self) -> &'static str {
        "AttemptCounter"
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if cfg.load::<RequestAttempts>().is_some_and(|attempts| attempts.attempts() > 1) {
            self.meter.stats().retries += 1;
            self.meter.observer.retried(&self.account, &call_name(cfg));
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // Each operation has its own error type, but all bodies have a `<Code>`.
        let failed = context.response().filter(|response| !response.status().is_success());
        let body = failed.and_then(|response| response.body().bytes());
        let body = body.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
        let was_throttled = failure::element(body, "Code").is_some_and(failure::is_throttle);
        let call = call_name(cfg);
        if was_throttled {
            self.meter.stats().throttled += 1;
            self.meter.observer.throttled(&self.account, &call);
        }
        turns::give_back(call.split(':').next().unwrap_or_default(), was_throttled);
        Ok(())
    }
}

/// The name of the call in the form of the table of kinds: `s3control:GetPublicAccessBlock`.
pub(super) fn call_name(cfg: &ConfigBag) -> String {
    cfg.load::<Metadata>().map_or_else(String::new, |metadata| {
        format!("{}:{}", metadata.service().to_ascii_lowercase().replace(' ', ""), metadata.name())
    })
}
