//! What a collector is: the trait that every kind under `collect/` implements, and what it works with. The table of all
//! collectors is in `collectors`.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures::future::BoxFuture;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use super::clients::Clients;
use super::failure::Failure;
use super::limits::RateLimits;
use super::meter::{CallCounter, Meter};
use crate::facts::{ApiCall, FactSpec, Identity, Kind};
use crate::model::{AccountId, Cause, Partition, Region};

/// How the resources of one kind are read.
pub(super) trait Collector: Send + Sync {
    /// The kind.
    fn kind(&self) -> &'static Kind;

    /// All resources of the kind in the context's region, or none at all: a list that failed
    /// half-way is a failure.
    fn list<'a>(&'a self, cx: &'a Context) -> BoxFuture<'a, Result<Vec<ListedResource>, Failure>>;

    /// One fact of a resource. `None`: AWS answered that it is not configured. A failure with one
    /// of the call's "not configured" codes means the same, and is sorted out by the caller.
    fn fact<'a>(
        &'a self,
        _cx: &'a Context,
        _found: &'a ListedResource,
        fact: &'static FactSpec,
    ) -> Answer<'a> {
        Box::pin(async move { Err(no_collector(fact)) })
    }

    /// A fact that one call gives for all resources of the list ([`ApiCall::for_all`]). Its failure
    /// is that of each of them.
    fn batch_fact<'a>(&'a self, _cx: &'a Context, fact: &'static FactSpec) -> BatchFactFuture<'a> {
        Box::pin(async move { Err(no_collector(fact)) })
    }
}

/// What [`Collector::fact`] returns.
pub(super) type Answer<'a> = BoxFuture<'a, Result<Option<Value>, Failure>>;

/// What [`Collector::batch_fact`] returns.
pub(super) type BatchFactFuture<'a> = BoxFuture<'a, Result<BatchFact, Failure>>;

/// A fact of all resources of a list.
#[derive(Debug)]
pub(super) struct BatchFact {
    /// By resource id.
    pub(super) by_id: BTreeMap<String, Value>,
    /// For the resources that the answer does not name. `None`: it should have named them all, and
    /// the fact of one that is missing is unreadable.
    pub(super) otherwise: Option<Value>,
}

impl BatchFact {
    /// The values by id.
    pub(super) fn of<T: Serialize>(
        call: &ApiCall,
        by_id: impl IntoIterator<Item = (String, T)>,
    ) -> Result<Self, Failure> {
        let by_id = by_id
            .into_iter()
            .map(|(id, fact)| Ok((id, json(call, &fact)?)))
            .collect::<Result<_, Failure>>()?;
        Ok(Self { by_id, otherwise: None })
    }

    /// With what holds for all other resources.
    pub(super) fn otherwise(self, value: impl Into<Value>) -> Self {
        Self { otherwise: Some(value.into()), ..self }
    }

    /// The value of one resource.
    pub(super) fn value(&self, call: &ApiCall, id: &str) -> Result<Option<Value>, Failure> {
        let value = self.by_id.get(id).or(self.otherwise.as_ref()).cloned();
        value.map(Some).ok_or_else(|| Failure::invalid(call.name, "the answer does not name it"))
    }
}

/// A fact in the table that nothing reads, which a test keeps from happening.
pub(super) fn no_collector(fact: &FactSpec) -> Failure {
    Failure::invalid(fact.call.name, "rolecall has no collector for this fact")
}

/// A resource that was listed.
#[derive(Debug, Clone)]
pub(super) struct ListedResource {
    pub(super) id: String,
    pub(super) arn: Option<String>,
    pub(super) name: Option<String>,
    pub(super) region: Region,
    /// What the list returned: the fields of the kind's shape.
    pub(super) fields: Map<String, Value>,
    /// Fields that the list should have returned and did not.
    pub(super) unreadable: BTreeMap<&'static str, Cause>,
}

impl ListedResource {
    /// A resource with the typed fields of its kind. One without an id is no resource, and the list
    /// cannot be relied on.
    pub(super) fn of<T: Serialize>(cx: &Context, kind: &Kind, fields: &T) -> Result<Self, Failure> {
        let invalid = |reason: &str| Failure::invalid(kind.list_call(), reason);
        let fields = match serde_json::to_value(fields) {
            Ok(Value::Object(fields)) => fields,
            Ok(_) => return Err(invalid("fields are not an object")),
            Err(error) => return Err(invalid(&error.to_string())),
        };
        let identity = kind.identify(&fields, &cx.account, &cx.partition, &cx.region);
        let Identity { id, arn, name } = identity
            .ok_or_else(|| invalid(&format!("a {} without its `{}`", kind.name, kind.id)))?;
        Ok(Self { id, arn, name, region: cx.region.clone(), fields, unreadable: BTreeMap::new() })
    }
}

/// A fact's value in its snapshot form.
pub(super) fn known<T: Serialize>(call: &ApiCall, value: &T) -> Result<Option<Value>, Failure> {
    json(call, value).map(Some)
}

fn json<T: Serialize>(call: &ApiCall, value: &T) -> Result<Value, Failure> {
    serde_json::to_value(value).map_err(|error| Failure::invalid(call.name, &error.to_string()))
}

/// Where a collector works: one account, one region, with everything needed to call AWS there.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) account: AccountId,
    pub(super) partition: Partition,
    /// The region; [`Region::global`] for global kinds.
    pub(super) region: Region,
    /// The region to which account-wide calls go.
    pub(super) home: Region,
    pub(super) clients: Arc<Clients>,
    /// RateLimits the calls of all accounts together.
    pub(super) calls: Arc<Semaphore>,
    /// RateLimits the calls of this account.
    pub(super) calls_of_account: Arc<Semaphore>,
    /// How many calls of this account may be under way at once.
    pub(super) concurrency: usize,
    pub(super) limits: Arc<RateLimits>,
    pub(super) made: CallCounter,
    pub(super) meter: Meter,
}

impl Context {
    /// The same account in another region.
    pub(super) fn at(&self, region: Region) -> Self {
        Self { region, ..self.clone() }
    }

    /// Makes a call: waits for its turn, counts it, turns its error into a failure.
    pub(super) async fn call<T, E>(
        &self,
        call: &ApiCall,
        send: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        self.limits.turn(&self.region, call).await;
        // The semaphores are never closed; a permit that cannot be had only means no limit.
        let _turns = (self.calls_of_account.acquire().await, self.calls.acquire().await);
        self.made.count(call.name);
        self.meter.call(&self.account, call.name);
        send.await.map_err(|error| {
            let failure = Failure::of(call.name, &error);
            // "Not configured" is an answer, not a failure to report to AWS.
            if !super::failure::is_absent(call.absent, &failure.cause.code) {
                self.meter.failed(&self.account, &failure);
            }
            failure
        })
    }
}
