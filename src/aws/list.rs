//! One list and the facts of its resources.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};
use serde_json::Value;

use super::collector::{BatchFact, Collector, Context, FactResult, ListedResource};
use super::failure::{Failure, is_absent, is_gone};
use crate::facts::{Fact, FactSpec};
use crate::model::{Demand, Extent, Gap, Region};
use crate::snapshot::Resource;

/// The resources of a kind in a region with the facts that were asked for.
pub(super) struct ListResult {
    pub(super) kind: &'static str,
    pub(super) region: Region,
    pub(super) facts: BTreeSet<String>,
    /// `None` when the list failed.
    pub(super) resources: Option<Vec<Resource>>,
    pub(super) gaps: Vec<Gap>,
}

/// Lists the resources of a kind, and reads the facts that `demand` asks for of each.
pub(super) async fn collect_list(
    cx: Context,
    collector: &'static dyn Collector,
    demand: &Demand,
) -> ListResult {
    let (meter, account, begun) = (cx.meter.clone(), cx.account.clone(), Instant::now());
    let result = list_with_facts(cx, collector, demand).await;
    let count = result.resources.as_ref().map(Vec::len);
    meter.listed(&account, (result.kind, &result.region), count, begun);
    result
}

async fn list_with_facts(
    cx: Context,
    collector: &'static dyn Collector,
    demand: &Demand,
) -> ListResult {
    let kind = collector.kind();
    let facts: Vec<&'static FactSpec> =
        kind.facts.iter().filter(|fact| demand.wants(kind.name, fact.name)).collect();
    let mut result = ListResult {
        kind: kind.name,
        region: cx.region.clone(),
        facts: facts.iter().map(|fact| fact.name.to_owned()).collect(),
        resources: None,
        gaps: Vec::new(),
    };
    let listing = cx.due.in_time(collector.list(&cx)).await;
    let listed = match listing.unwrap_or_else(|| Err(cx.due.cause(kind.list_call()).into())) {
        Ok(listed) => listed,
        Err(failure) if cx.is_not_offered(&failure.cause) => Vec::new(),
        Err(failure) => {
            let extent = Extent::List { kind: kind.name.to_owned() };
            result.gaps.push(Gap { region: cx.region, cause: failure.cause, extent });
            return result;
        }
    };
    let before = listed.len();
    let listed: Vec<ListedResource> = listed
        .into_iter()
        .filter(|resource| {
            kind.list
                .first()
                .is_none_or(|call| !call.is_of_another_account(&resource.fields, &cx.account))
        })
        .collect();
    let of_others = u64::try_from(before - listed.len()).unwrap_or(u64::MAX);
    cx.meter.of_others(&cx.account, &cx.region, kind.name, of_others);
    // Pages of a list that changes meanwhile can overlap; the last item of a resource counts.
    let listed: Vec<ListedResource> = listed
        .into_iter()
        .map(|resource| ((resource.region.clone(), resource.id.clone()), resource))
        .collect::<BTreeMap<_, _>>()
        .into_values()
        .collect();

    let values = read_facts(&cx, collector, &facts, &listed).await;
    let mut resources: Vec<Option<Resource>> =
        listed.into_iter().map(|listed| Some(resource(kind.name, listed))).collect();
    for FactValue { index, fact, state } in values {
        // A slot is empty once another fact has found the resource gone.
        let Some(resource) = &mut resources[index] else { continue };
        match state {
            // This call may hide what another account shares with this one, which does not mean
            // that it was deleted.
            Fact::Unreadable(cause)
                if is_gone(&cause.code)
                    && !kind.list.is_empty()
                    && !fact.call.for_all
                    && is_own(resource, &cx) =>
            {
                cx.meter.gone(&cx.account, &resource.region, kind.name, &resource.id);
                resources[index] = None;
            }
            state => state.store(resource, fact.name),
        }
    }
    let resources: Vec<Resource> = resources.into_iter().flatten().collect();
    result.gaps = Gap::of_facts(kind.name, &resources);
    result.resources = Some(resources);
    result
}

/// One resource with these facts, read now; `None` if it does not exist. With `known`, what the list
/// returns is not read again.
#[cfg(feature = "remediate")]
pub(super) async fn read_resource(
    cx: &Context,
    collector: &'static dyn Collector,
    known: Option<ListedResource>,
    (id, region): (&str, &Region),
    facts: &[&'static FactSpec],
) -> Result<Option<Resource>, Failure> {
    let found = match known {
        Some(known) => Some(known),
        None => {
            let listed = collector.list(cx).await?;
            listed.into_iter().find(|resource| resource.id == id && resource.region == *region)
        }
    };
    let Some(listed) = found else { return Ok(None) };
    let listed = [listed];
    let values = read_facts(cx, collector, facts, &listed).await;
    let [listed] = listed;
    let mut resource = resource(collector.kind().name, listed);
    for FactValue { fact, state, .. } in values {
        match state {
            Fact::Unreadable(cause) if is_gone(&cause.code) => return Ok(None),
            state => state.store(&mut resource, fact.name),
        }
    }
    Ok(Some(resource))
}

/// One fact of one resource.
struct FactValue {
    /// Which resource of the list.
    index: usize,
    fact: &'static FactSpec,
    state: Fact<Value>,
}

/// The state of a fact after its call.
fn state(fact: &FactSpec, result: FactResult) -> Fact<Value> {
    match result {
        Ok(Some(value)) => {
            let missing = fact.call.missing(&value).next();
            missing.map_or_else(|| value.into(), |path| Fact::Unreadable(fact.call.lacks(path)))
        }
        Ok(None) => Fact::Absent,
        Err(failure) if is_absent(fact.call.absent, &failure.cause.code) => Fact::Absent,
        Err(failure) => Fact::Unreadable(failure.cause),
    }
}

/// Reads facts of every listed resource.
async fn read_facts(
    cx: &Context,
    collector: &'static dyn Collector,
    facts: &[&'static FactSpec],
    listed: &[ListedResource],
) -> Vec<FactValue> {
    let (batch, single): (Vec<&'static FactSpec>, Vec<&'static FactSpec>) =
        facts.iter().partition(|fact| fact.call.for_all);
    let chains = chains(&single);
    let mut reads: Vec<BoxFuture<'_, Vec<FactValue>>> =
        Vec::with_capacity(listed.len() * chains.len());
    for fact in batch.into_iter().filter(|_| !listed.is_empty()) {
        reads.push(Box::pin(async move {
            let batch = cx.due.in_time(collector.batch_fact(cx, fact)).await;
            let batch = batch.unwrap_or_else(|| Err(cx.due.cause(fact.call.name).into()));
            distribute(fact, batch, listed)
        }));
    }
    for (index, resource) in listed.iter().enumerate() {
        for chain in &chains {
            let read = read_chain(cx, collector, index, resource, chain);
            reads.push(cx.meter.about(&resource.id, read));
        }
    }
    let values: Vec<_> = stream::iter(reads).buffer_unordered(cx.turns.limit()).collect().await;
    values.into_iter().flatten().collect()
}

/// Facts that are read one after the other, since the first of a chain can settle the others. Most
/// chains have one fact.
fn chains(facts: &[&'static FactSpec]) -> Vec<Vec<&'static FactSpec>> {
    let leader = |fact: &FactSpec| {
        fact.settled_by().and_then(|name| facts.iter().position(|leader| leader.name == name))
    };
    let followers = |of: usize| facts.iter().copied().filter(move |fact| leader(fact) == Some(of));
    let leaders = facts.iter().copied().enumerate().filter(|(_, fact)| leader(fact).is_none());
    leaders.map(|(at, fact)| std::iter::once(fact).chain(followers(at)).collect()).collect()
}

/// Reads a chain of facts of one resource.
async fn read_chain(
    cx: &Context,
    collector: &'static dyn Collector,
    index: usize,
    resource: &ListedResource,
    chain: &[&'static FactSpec],
) -> Vec<FactValue> {
    let mut values: Vec<FactValue> = Vec::with_capacity(chain.len());
    for fact in chain.iter().copied() {
        let state = match values.first().map(|first| &first.state) {
            Some(first) if fact.is_absent_by(&first.as_ref()) => Fact::Absent,
            _ => {
                let read = cx.due.in_time(collector.fact(cx, resource, fact)).await;
                let read = read.unwrap_or_else(|| Err(cx.due.cause(fact.call.name).into()));
                state(fact, read)
            }
        };
        values.push(FactValue { index, fact, state });
    }
    values
}

/// The value of each resource in a response about all of them. If the call failed, the fact is
/// unreadable for all.
fn distribute(
    fact: &'static FactSpec,
    batch: Result<BatchFact, Failure>,
    listed: &[ListedResource],
) -> Vec<FactValue> {
    let of_resource = |resource: &ListedResource| match &batch {
        Ok(batch) => batch.value(&fact.call, &resource.id),
        Err(failure) => Err(failure.clone()),
    };
    let value =
        |(index, resource)| FactValue { index, fact, state: state(fact, of_resource(resource)) };
    listed.iter().enumerate().map(value).collect()
}

/// Whether a resource belongs to the scanned account, as far as the list returns its owner.
fn is_own(resource: &Resource, cx: &Context) -> bool {
    resource
        .facts
        .get("owner_id")
        .and_then(Value::as_str)
        .is_none_or(|owner| owner == cx.account.as_str())
}

fn resource(kind: &str, listed: ListedResource) -> Resource {
    Resource {
        kind: kind.to_owned(),
        id: listed.id,
        region: listed.region,
        arn: listed.arn,
        name: listed.name,
        facts: listed.fields,
        unreadable: listed
            .unreadable
            .into_iter()
            .map(|(field, cause)| (field.to_owned(), cause))
            .collect(),
    }
}
