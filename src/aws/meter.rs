//! Events of a collection: reported to an [`Observer`] as they happen, and counted in [`Stats`] for
//! `run.json`. None of this is in the snapshot, which does not depend on retries and throttling.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

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
use futures::future::BoxFuture;
use serde::Serialize;

use super::failure::{self, Failure};
use super::timing::{self, AttemptResponse, Course, Step};
use super::turns;
use crate::model::{AccountId, ApiUsage, Region};

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
    /// Whether it receives the course of every call and list, which takes a while to record.
    fn wants_courses(&self) -> bool {
        false
    }
    /// A call ended.
    fn call_ended(&self, _call: &CallRecord<'_>) {}
    /// A list was read, with the facts of its resources.
    fn list_ended(&self, _list: &ListRecord<'_>) {}
    /// An account's file is complete at `path`.
    fn account_finished(&self, _account: &AccountId, _path: &Path, _entered: bool, _gaps: usize) {}
}

/// A call that ended.
#[derive(Debug)]
pub struct CallRecord<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// The region that it is about; `global` for account-wide data.
    pub region: &'a Region,
    /// The API, `s3:GetBucketPolicy`.
    pub call: &'a str,
    /// The id of the resource that it reads; `None` for lists.
    pub resource: Option<&'a str>,
    /// When it began.
    pub begun: Instant,
    /// When it ended.
    pub ended: Instant,
    /// How it ended.
    pub outcome: &'a Outcome,
    /// Its attempts, and what it waited for, in the order in which they ended.
    pub steps: &'a [Step],
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// With an answer.
    Succeeded,
    /// With this error code. "Not configured" is an error, too.
    Failed(String),
    /// Not at all: the run ended before.
    Canceled,
}

/// A list that was read.
#[derive(Debug)]
pub struct ListRecord<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// The region; `global` for account-wide lists.
    pub region: &'a Region,
    /// The resource type.
    pub kind: &'a str,
    /// How many resources it has; `None` if it could not be read.
    pub resources: Option<usize>,
    /// When it began.
    pub begun: Instant,
    /// When it ended.
    pub ended: Instant,
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
    /// What the calls of each API took.
    pub apis: BTreeMap<String, ApiUsage>,
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

impl Stats {
    /// Adds what the calls of APIs took.
    pub fn add_apis(&mut self, apis: &BTreeMap<String, ApiUsage>) {
        for (call, usage) in apis {
            self.count(call, |sum| *sum += *usage);
        }
        self.add_up();
    }

    fn count(&mut self, call: &str, change: impl FnOnce(&mut ApiUsage)) {
        // The name is allocated once per API instead of once per call.
        match self.apis.get_mut(call) {
            Some(usage) => change(usage),
            None => change(self.apis.entry(call.to_owned()).or_default()),
        }
    }

    /// Computes the totals.
    fn add_up(&mut self) {
        self.calls = self.apis.iter().map(|(call, usage)| (call.clone(), usage.calls)).collect();
        self.calls.retain(|_, calls| *calls > 0);
        self.retries = self.apis.values().map(|usage| usage.retries).sum();
        self.throttled = self.apis.values().map(|usage| usage.throttled).sum();
    }
}

/// How many calls each API received for one account. It depends only on the demand and the size of
/// the account, since retries and renewed sessions do not count.
#[derive(Debug, Clone, Default)]
pub(super) struct CallCounter(Arc<Mutex<BTreeMap<String, u64>>>);

impl CallCounter {
    pub(super) fn count(&self, call: &str) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match calls.get_mut(call) {
            Some(count) => *count += 1,
            None => drop(calls.insert(call.to_owned(), 1)),
        }
    }

    /// All calls so far.
    pub(super) fn calls(&self) -> BTreeMap<String, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The observer and the counts, shared by everything that calls AWS.
#[derive(Clone)]
pub(super) struct Meter {
    observer: Arc<dyn Observer>,
    wants_courses: bool,
    stats: Arc<Mutex<Stats>>,
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter")
    }
}

impl Meter {
    pub(super) fn new(observer: Arc<dyn Observer>) -> Self {
        Self { wants_courses: observer.wants_courses(), observer, stats: Arc::default() }
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
        stats.add_up();
        stats
    }

    pub(super) fn call(&self, account: &AccountId, call: &str) {
        self.stats().count(call, |usage| usage.calls += 1);
        self.observer.call(account, call);
    }

    /// Makes a call, which must count itself by [`Self::call`], and records its course.
    pub(super) async fn record<T>(
        &self,
        account: &AccountId,
        region: &Region,
        call: &str,
        make: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let course = Course::new(call, self.wants_courses);
        let (begun, outcome) = (Instant::now(), Outcome::Canceled);
        let mut open =
            OpenCall { meter: self, account, region, call, course: &course, begun, outcome };
        let answer = course.clone().of(make).await;
        open.outcome = match &answer {
            Err(failure) if self.wants_courses => Outcome::Failed(failure.cause.code.clone()),
            _ => Outcome::Succeeded,
        };
        drop(open);
        answer
    }

    /// Reads facts of a resource with `work`.
    pub(super) fn about<'a, T: Send + 'a>(
        &self,
        resource: &'a str,
        work: impl Future<Output = T> + Send + 'a,
    ) -> BoxFuture<'a, T> {
        match self.wants_courses {
            true => Box::pin(timing::about(resource, work)),
            false => Box::pin(work),
        }
    }

    /// A list was read, which began at `begun`.
    pub(super) fn listed(
        &self,
        account: &AccountId,
        (kind, region): (&str, &Region),
        resources: Option<usize>,
        begun: Instant,
    ) {
        if self.wants_courses {
            let ended = Instant::now();
            let list = ListRecord { account, region, kind, resources, begun, ended };
            self.observer.list_ended(&list);
        }
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

/// A call that is being made. It is counted when it is dropped, even if that is before its end.
struct OpenCall<'a> {
    meter: &'a Meter,
    account: &'a AccountId,
    region: &'a Region,
    call: &'a str,
    course: &'a Course,
    begun: Instant,
    outcome: Outcome,
}

impl Drop for OpenCall<'_> {
    fn drop(&mut self) {
        let Self { account, region, call, begun, .. } = *self;
        let ended = Instant::now();
        let taken = self.course.take(ended);
        self.meter.stats().count(call, |usage| {
            usage.queued += taken.queued;
            usage.backoff += taken.backoff;
        });
        if self.meter.wants_courses {
            let (resource, outcome, steps) =
                (timing::resource(), &self.outcome, taken.steps.as_slice());
            let resource = resource.as_deref();
            let record =
                CallRecord { account, region, call, resource, begun, ended, outcome, steps };
            self.meter.observer.call_ended(&record);
        }
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
        timing::attempt_begins();
        let is_retry =
            cfg.load::<RequestAttempts>().is_some_and(|attempts| attempts.attempts() > 1);
        let call = counted_name(cfg);
        self.meter.stats().count(&call, |usage| {
            usage.attempts += 1;
            usage.retries += u64::from(is_retry);
        });
        if is_retry {
            self.meter.observer.retried(&self.account, &call);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let body = response.and_then(|response| response.body().bytes()).unwrap_or_default();
        let failed = response.filter(|response| !response.status().is_success());
        let code = failed.and_then(|_| failure::error_code(std::str::from_utf8(body).ok()?));
        let was_throttled = code.as_deref().is_some_and(failure::is_throttle);
        let call = counted_name(cfg);
        let bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
        self.meter.stats().count(&call, |usage| {
            usage.response_bytes += bytes;
            usage.throttled += u64::from(was_throttled);
        });
        if was_throttled {
            self.meter.observer.throttled(&self.account, &call);
        }
        timing::attempt_ends(|| AttemptResponse {
            status: response.map(|response| response.status().as_u16()),
            code,
            bytes,
        });
        turns::give_back(was_throttled);
        Ok(())
    }
}

/// The name under which a call is counted.
fn counted_name(cfg: &ConfigBag) -> String {
    let operation = cfg.load::<Metadata>().map_or("", Metadata::name);
    timing::name_of(operation).unwrap_or_else(|| call_name(cfg))
}

/// The name of the call in the form of the table of kinds: `s3control:GetPublicAccessBlock`.
pub(super) fn call_name(cfg: &ConfigBag) -> String {
    cfg.load::<Metadata>().map_or_else(String::new, |metadata| {
        format!("{}:{}", metadata.service().to_ascii_lowercase().replace(' ', ""), metadata.name())
    })
}
