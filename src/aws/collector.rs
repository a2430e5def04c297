//! The trait [`Collector`], which each kind under `collect/` implements, the values that it returns,
//! and the [`Context`] that it calls AWS with. `collectors` is the table of all collectors.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde::Serialize;
use serde_json::{Map, Value};

use super::call_region::in_region;
use super::clients::Clients;
use super::due::Due;
use super::failure::{Failure, is_absent};
use super::limits::RateLimits;
use super::meter::{CallCounter, Meter};
use super::mirror::Received;
use super::paging::{self, Pages};
use super::timing::{self, Wait};
use super::turns::Turns;
use crate::facts::{ApiCall, FactSpec, Identity, Kind, is_not_offered, outermost};
use crate::model::{AccountId, Cause, Partition, Region};

/// Reads the resources of one kind.
#[async_trait]
pub(super) trait Collector: Send + Sync {
    /// The kind.
    fn kind(&self) -> &'static Kind;

    /// All resources of the kind in the context's region, or a failure: a list that failed halfway
    /// is not a list.
    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure>;

    /// One fact of a resource.
    async fn fact(
        &self,
        _cx: &Context,
        _resource: &ListedResource,
        fact: &'static FactSpec,
    ) -> FactResult {
        Err(no_collector(fact))
    }

    /// A fact that one call returns for all resources of the list ([`ApiCall::for_all`]). If the
    /// call fails, the fact is unreadable for each of them.
    async fn batch_fact(
        &self,
        _cx: &Context,
        fact: &'static FactSpec,
    ) -> Result<BatchFact, Failure> {
        Err(no_collector(fact))
    }
}

/// The value of a fact; `None` when AWS answered that it is not configured. A failure with one of
/// the call's "not configured" codes means the same; the caller of the collector handles it.
pub(super) type FactResult = Result<Option<Value>, Failure>;

/// A fact of all resources of a list.
#[derive(Debug)]
pub(super) struct BatchFact {
    by_id: BTreeMap<String, Value>,
    /// For resources that are not in the response. `None`: all should have been, and the fact is
    /// unreadable for one that is missing.
    otherwise: Option<Value>,
}

impl BatchFact {
    /// The values by resource id.
    pub(super) fn by_id<T: Serialize>(
        call: &ApiCall,
        by_id: impl IntoIterator<Item = (String, T)>,
    ) -> Result<Self, Failure> {
        let by_id = by_id
            .into_iter()
            .map(|(id, fact)| Ok((id, json(call, &fact)?)))
            .collect::<Result<_, Failure>>()?;
        Ok(Self { by_id, otherwise: None })
    }

    /// With the value of every resource that is not in the response.
    pub(super) fn otherwise(self, value: impl Into<Value>) -> Self {
        Self { otherwise: Some(value.into()), ..self }
    }

    /// The value of one resource.
    pub(super) fn value(&self, call: &ApiCall, id: &str) -> FactResult {
        let value = self.by_id.get(id).or(self.otherwise.as_ref()).cloned();
        value
            .map(Some)
            .ok_or_else(|| Failure::invalid(call.name, "the resource is not in the response"))
    }
}

/// The failure of a fact that is in the table of kinds but that no collector reads. A test makes
/// sure that there is none.
pub(super) fn no_collector(fact: &FactSpec) -> Failure {
    Failure::invalid(fact.call.name, "rolecall has no collector for this fact")
}

/// A resource as the list returned it.
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
    /// A resource with the typed fields of its kind. An item without an id makes the list
    /// unreliable, so it is a failure.
    pub(super) fn new<T: Serialize>(
        cx: &Context,
        kind: &Kind,
        fields: &T,
    ) -> Result<Self, Failure> {
        let invalid = |reason: &str| Failure::invalid(kind.list_call(), reason);
        let fields = match serde_json::to_value(fields) {
            Ok(Value::Object(fields)) => fields,
            Ok(_) => return Err(invalid("the fields are not an object")),
            Err(error) => return Err(invalid(&error.to_string())),
        };
        let identity = kind.identify(&fields, &cx.account, &cx.partition, &cx.region);
        let Identity { id, arn, name } = identity
            .ok_or_else(|| invalid(&format!("a {} without its `{}`", kind.name, kind.id)))?;
        let mut unreadable = BTreeMap::new();
        let item = Value::Object(fields);
        if let Some(call) = kind.list.first() {
            let missing = call.missing(&item).map(|path| (outermost(path), call.lacks(path)));
            unreadable.extend(missing);
        }
        let Value::Object(fields) = item else {
            return Err(invalid("the fields are not an object"));
        };
        Ok(Self { id, arn, name, region: cx.region.clone(), fields, unreadable })
    }

    /// The resources of a whole list, with the fields that AWS did not send although it always does.
    pub(super) fn received<T: Serialize>(
        cx: &Context,
        kind: &Kind,
        listed: &[Received<T>],
    ) -> Result<Vec<Self>, Failure> {
        let resource = |item: &Received<T>| {
            let mut resource = Self::new(cx, kind, &item.fields)?;
            if let Some(call) = kind.list.first() {
                let lost = call.always.iter().copied().filter(|path| item.lacks.contains(*path));
                resource.unreadable.extend(lost.map(|path| (outermost(path), call.lacks(path))));
            }
            Ok(resource)
        };
        listed.iter().map(resource).collect()
    }

    /// The resources of a whole list.
    pub(super) fn all<T: Serialize>(
        cx: &Context,
        kind: &Kind,
        listed: &[T],
    ) -> Result<Vec<Self>, Failure> {
        listed.iter().map(|fields| Self::new(cx, kind, fields)).collect()
    }
}

/// A fact's value in its snapshot form.
pub(super) fn known<T: Serialize>(call: &ApiCall, value: &T) -> FactResult {
    json(call, value).map(Some)
}

fn json<T: Serialize>(call: &ApiCall, value: &T) -> Result<Value, Failure> {
    serde_json::to_value(value).map_err(|error| Failure::invalid(call.name, &error.to_string()))
}

/// The largest page of a sample. It is the smallest that all lists of EC2 accept.
const SAMPLE_PAGE: i32 = 5;

/// One account and region, with everything that a collector needs to call AWS there.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) account: AccountId,
    pub(super) partition: Partition,
    /// The region; [`Region::global`] for global kinds.
    pub(super) region: Region,
    /// The region that receives account-wide calls.
    pub(super) home: Region,
    pub(super) clients: Arc<Clients>,
    /// Limits the requests in flight, of this account and of all together.
    pub(super) turns: Turns,
    pub(super) limits: Arc<RateLimits>,
    pub(super) call_counter: CallCounter,
    pub(super) meter: Meter,
    /// When reading ends; what is missing then is unreadable.
    pub(super) due: Due,
    /// Whether lists are only tried: one short page of each.
    pub(super) sample: bool,
}

impl Context {
    /// The same account in another region.
    pub(super) fn at(&self, region: Region) -> Self {
        Self { region, ..self.clone() }
    }

    /// Whether AWS does not offer in the region what a call is about. What answers at a custom endpoint may
    /// only not know the call.
    pub(super) fn is_not_offered(&self, cause: &Cause) -> bool {
        is_not_offered(cause) && !self.clients.has_custom_ec2_endpoint()
    }

    /// The size of a list's pages.
    pub(super) fn page_size(&self, call: &ApiCall) -> i32 {
        if self.sample { call.page_size().min(SAMPLE_PAGE) } else { call.page_size() }
    }

    /// The items of all pages of a list, as [`paging::all_pages`] returns them; in a sample, those of
    /// the first page.
    pub(super) async fn all_pages<T, F>(
        &self,
        call: &ApiCall,
        page: impl FnMut(Option<String>) -> F,
    ) -> Result<Vec<T>, Failure>
    where
        F: Future<Output = Result<(Option<Vec<T>>, Option<String>), Failure>>,
    {
        let pages = if self.sample { Pages::First } else { Pages::All };
        paging::pages(call.name, pages, page).await
    }

    /// Makes a call in the context's region, as [`Self::call_in`] does.
    pub(super) async fn call<T, E, F>(
        &self,
        call: &ApiCall,
        send: impl FnOnce() -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        self.call_in(&self.region, call, send).await
    }

    /// Makes a call in a region: waits for the rate limit and a turn, counts the call, records its
    /// course, and turns its error into a failure.
    pub(super) async fn call_in<T, E, F>(
        &self,
        region: &Region,
        call: &ApiCall,
        send: impl FnOnce() -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        // The future of an SDK call is large, and thousands of calls wait for their turns. So it is made
        // afterwards, and boxed: every layer around it would hold it again.
        let send = Box::new(send);
        let service = call.name.split_once(':').map(|(service, _)| service);
        let make = async {
            let turn = self.limits.turn(&self.region, call);
            let is_limited = timing::wait(Wait::Rate, turn).await;
            let send = async {
                self.call_counter.count(call.name);
                self.meter.call(&self.account, call.name);
                Box::pin(in_region(region, send())).await
            };
            let answer = self.turns.call(service.filter(|_| !is_limited), send).await;
            answer.map_err(|error| Failure::of(call.name, &error))
        };
        let answer = self.meter.record(&self.account, &self.region, call.name, make).await;
        answer.inspect_err(|failure| {
            // "Not configured" is an answer, not a failed request; so is "not offered here".
            if !is_absent(call.absent, &failure.cause.code) && !self.is_not_offered(&failure.cause)
            {
                self.meter.failed(&self.account, failure);
            }
        })
    }
}
