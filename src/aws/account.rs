//! One account: enter it, find its regions, list what is wanted, read the facts. Whatever fails
//! becomes a gap of exactly the size of what is unknown because of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::assume::{self, Caller};
use super::clients::Clients;
use super::collector::{BatchFact, Collector, Context, ListedResource};
use super::collectors::COLLECTORS;
use super::failure::{Failure, is_absent, is_gone};
use super::limits::RateLimits;
use super::meter::{CallCounter, Meter};
use super::session::BaseSession;
use crate::facts::{ApiCall, FactSpec, Scope};
use crate::model::{Cause, Demand, Extent, Gap, Globs, Partition, Region, Role, Target};
use crate::snapshot::{AccountHeader, Listed, Resource};

/// Lists the regions that are enabled in an account.
const DESCRIBE_REGIONS: ApiCall = ApiCall::new("ec2:DescribeRegions");

/// What is the same for every account of a run.
#[derive(Debug)]
pub(super) struct CollectionPlan {
    pub(super) base: BaseSession,
    /// Who assumes the target roles, or why nobody can.
    pub(super) caller: Result<Caller, Cause>,
    pub(super) demand: Demand,
    pub(super) scope: assume::SessionScope,
    pub(super) session_name: String,
    pub(super) fallback_regions: Vec<Region>,
    pub(super) region_filter: Option<Globs>,
    /// Calls under way at once in one account.
    pub(super) calls_per_account: usize,
    /// Calls under way at once in all accounts.
    pub(super) calls: Arc<Semaphore>,
    pub(super) meter: Meter,
    pub(super) clock: fn() -> jiff::Timestamp,
}

/// Everything that the snapshot keeps of an account.
#[derive(Debug)]
pub(super) struct CollectedAccount {
    pub(super) header: AccountHeader,
    pub(super) lists: Vec<(Listed, Vec<Resource>)>,
    pub(super) gaps: Vec<Gap>,
}

impl CollectedAccount {
    fn begin(target: &Target, plan: &CollectionPlan) -> Self {
        let now = (plan.clock)();
        // Seconds are enough for rules, and the format promises them.
        let collected_at = jiff::Timestamp::from_second(now.as_second()).unwrap_or(now).to_string();
        Self {
            header: AccountHeader {
                account: target.account.clone(),
                partition: target.partition.clone(),
                collected_at,
                entered: false,
                regions: BTreeSet::new(),
                demand: plan.demand.clone(),
                calls: BTreeMap::new(),
            },
            lists: Vec::new(),
            gaps: Vec::new(),
        }
    }

    /// An account of which nothing is known.
    pub(super) fn not_entered(target: &Target, plan: &CollectionPlan, cause: Cause) -> Self {
        let mut record = Self::begin(target, plan);
        record.gaps.push(Gap { region: Region::global(), cause, extent: Extent::Account });
        record
    }
}

/// Collects one account. It cannot fail: what goes wrong is in the record.
pub(super) async fn collect(target: &Target, plan: &CollectionPlan) -> CollectedAccount {
    plan.meter.observer().account_started(&target.account);
    let mut record = CollectedAccount::begin(target, plan);
    let made = CallCounter::default();
    made.count(match target.role {
        Role::Assume(_) => "sts:AssumeRole",
        Role::Own => "sts:GetCallerIdentity",
    });
    let entered = match &plan.caller {
        Ok(caller) => {
            assume::enter(&plan.base, caller, target, &plan.scope, &plan.session_name, &plan.meter)
                .await
        }
        Err(cause) => Err(cause.clone()),
    };
    let config = match entered {
        Ok(entered) => entered.config,
        Err(cause) => return CollectedAccount::not_entered(target, plan, cause),
    };
    record.header.entered = true;

    let in_partition = |region: &&Region| Partition::of_region(region) == target.partition;
    let home = target
        .regions
        .iter()
        .find(in_partition)
        .cloned()
        .unwrap_or_else(|| plan.base.sts_region(&target.partition, &[]));
    let clients =
        Arc::new(Clients::new(config, plan.base.addressing(), &target.account, &plan.meter));
    let cx = Context {
        account: target.account.clone(),
        partition: target.partition.clone(),
        region: Region::global(),
        limits: Arc::new(RateLimits::of(&clients)),
        clients,
        calls: plan.calls.clone(),
        concurrency: plan.calls_per_account,
        calls_of_account: Arc::new(Semaphore::new(plan.calls_per_account)),
        made: made.clone(),
        meter: plan.meter.clone(),
        home,
    };

    let wanted: Vec<&'static dyn Collector> = COLLECTORS
        .iter()
        .copied()
        .filter(|collector| plan.demand.wants_kind(collector.kind().name))
        .collect();
    if wanted.iter().any(|collector| collector.kind().scope == Scope::Regional) {
        let (regions, gap) = regions(&cx, target, plan).await;
        record.header.regions = regions;
        record.gaps.extend(gap);
    }

    // Boxed one by one: a closure in the stream would not be general enough for a spawned task.
    let mut units: Vec<BoxFuture<'_, ListResult>> = Vec::new();
    for collector in wanted {
        match collector.kind().scope {
            Scope::Global => {
                units.push(Box::pin(collect_list(cx.clone(), collector, &plan.demand)))
            }
            Scope::Regional => {
                for region in &record.header.regions {
                    units.push(Box::pin(collect_list(
                        cx.at(region.clone()),
                        collector,
                        &plan.demand,
                    )));
                }
            }
        }
    }
    let mut result: Vec<_> = stream::iter(units).buffer_unordered(cx.concurrency).collect().await;
    result.sort_by(|a, b| (&a.kind, &a.region).cmp(&(&b.kind, &b.region)));
    for list in result {
        record.gaps.extend(list.gaps);
        if let Some(resources) = list.resources {
            let listed = Listed {
                kind: list.kind.to_owned(),
                region: list.region,
                facts: list.facts,
                count: resources.len(),
            };
            record.lists.push((listed, resources));
        }
    }
    record.header.calls = made.calls();
    record
}

/// The regions to scan, and the gap if the account's own could not be listed.
async fn regions(
    cx: &Context,
    target: &Target,
    plan: &CollectionPlan,
) -> (BTreeSet<Region>, Option<Gap>) {
    let (regions, gap) = if target.regions.is_empty() {
        match enabled_regions(cx).await {
            Ok(regions) => (regions, None),
            Err(failure) => {
                let of_partition =
                    |region: &&Region| Partition::of_region(region) == target.partition;
                let fallback = plan.fallback_regions.iter().filter(of_partition).cloned().collect();
                (
                    fallback,
                    Some(Gap {
                        region: Region::global(),
                        cause: failure.cause,
                        extent: Extent::Regions,
                    }),
                )
            }
        }
    } else {
        (target.regions.clone(), None)
    };
    let selected = |region: &Region| {
        !region.is_global()
            && plan.region_filter.as_ref().is_none_or(|globs| globs.matches(region.as_str()))
    };
    (regions.into_iter().filter(selected).collect(), gap)
}

async fn enabled_regions(cx: &Context) -> Result<Vec<Region>, Failure> {
    let request = cx.clients.ec2(&cx.home).describe_regions().all_regions(false);
    let answer = cx.call(&DESCRIBE_REGIONS, request.send()).await?;
    let name = |region: aws_sdk_ec2::types::Region| {
        let name = region.region_name.unwrap_or_default();
        // A region that is left out in silence would be a region that nobody looks at.
        name.parse().map_err(|error: crate::model::InvalidId| {
            Failure::invalid(DESCRIBE_REGIONS.name, &error.to_string())
        })
    };
    let regions = answer
        .regions
        .unwrap_or_default()
        .into_iter()
        .map(name)
        .collect::<Result<Vec<Region>, _>>()?;
    if regions.is_empty() {
        Err(Failure::invalid(DESCRIBE_REGIONS.name, "no region in the answer"))
    } else {
        Ok(regions)
    }
}

/// What one list and the facts of its resources gave.
struct ListResult {
    kind: &'static str,
    region: Region,
    facts: BTreeSet<String>,
    /// `None` when the list failed.
    resources: Option<Vec<Resource>>,
    gaps: Vec<Gap>,
}

/// Makes a list and reads the facts that are asked for of each resource.
async fn collect_list(
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
    let found = match collector.list(&cx).await {
        Ok(found) => found,
        Err(failure) => {
            let extent = Extent::List { kind: kind.name.to_owned() };
            result.gaps.push(Gap { region: cx.region, cause: failure.cause, extent });
            return result;
        }
    };
    // Pages of a list that changes meanwhile can overlap; the last word on a resource counts.
    let found: Vec<ListedResource> = found
        .into_iter()
        .map(|found| ((found.region.clone(), found.id.clone()), found))
        .collect::<BTreeMap<_, _>>()
        .into_values()
        .collect();

    let (of_all, of_each): (Vec<&'static FactSpec>, Vec<&'static FactSpec>) =
        facts.iter().partition(|fact| fact.call.for_all);
    let chains = chains(&of_each);
    let mut reads: Vec<BoxFuture<'_, Vec<Read>>> = Vec::with_capacity(found.len() * chains.len());
    for fact in of_all.into_iter().filter(|_| !found.is_empty()) {
        let (answer, found) = (collector.batch_fact(&cx, fact), &found);
        reads.push(Box::pin(async move { share(fact, answer.await, found) }));
    }
    for (index, found) in found.iter().enumerate() {
        for chain in &chains {
            let cx = &cx;
            reads.push(Box::pin(async move {
                let mut settled: Vec<Read> = Vec::with_capacity(chain.len());
                for fact in chain.iter().copied() {
                    let answer = match settled.first() {
                        Some((.., FactState::Known(first))) if fact.is_absent_by(first) => {
                            FactState::Known(Value::Null)
                        }
                        _ => fact_state(fact, collector.fact(cx, found, fact).await),
                    };
                    settled.push((index, fact, answer));
                }
                settled
            }));
        }
    }
    let answers: Vec<_> = stream::iter(reads).buffer_unordered(cx.concurrency).collect().await;

    let mut resources: Vec<Option<Resource>> =
        found.into_iter().map(|found| Some(resource(kind.name, found))).collect();
    for (index, fact, answer) in answers.into_iter().flatten() {
        // A slot is empty once another fact has found the resource gone.
        let Some(resource) = &mut resources[index] else { continue };
        match answer {
            FactState::Known(value) => drop(resource.facts.insert(fact.name.to_owned(), value)),
            // What is shared into the account can be hidden from this call, which is not the same
            // as deleted.
            FactState::Unreadable(cause)
                if is_gone(&cause.code)
                    && !kind.list.is_empty()
                    && !fact.call.for_all
                    && is_own(resource, &cx) =>
            {
                cx.meter.gone(&cx.account, &resource.region, kind.name, &resource.id);
                resources[index] = None;
            }
            FactState::Unreadable(cause) => {
                drop(resource.unreadable.insert(fact.name.to_owned(), cause))
            }
        }
    }
    let resources: Vec<Resource> = resources.into_iter().flatten().collect();
    result.gaps = Gap::of_facts(kind.name, &resources);
    result.resources = Some(resources);
    result
}

/// Facts that are read one after the other: the first of a chain can settle the others. Most are
/// alone in theirs.
fn chains(facts: &[&'static FactSpec]) -> Vec<Vec<&'static FactSpec>> {
    let leader = |fact: &FactSpec| {
        fact.settled_by().and_then(|name| facts.iter().position(|leader| leader.name == name))
    };
    let followers = |of: usize| facts.iter().copied().filter(move |fact| leader(fact) == Some(of));
    let leaders = facts.iter().copied().enumerate().filter(|(_, fact)| leader(fact).is_none());
    leaders.map(|(at, fact)| std::iter::once(fact).chain(followers(at)).collect()).collect()
}

/// Whether a resource belongs to the scanned account, as far as the list tells.
fn is_own(resource: &Resource, cx: &Context) -> bool {
    resource
        .facts
        .get("owner_id")
        .and_then(Value::as_str)
        .is_none_or(|owner| owner == cx.account.as_str())
}

fn resource(kind: &str, found: ListedResource) -> Resource {
    Resource {
        kind: kind.to_owned(),
        id: found.id,
        region: found.region,
        arn: found.arn,
        name: found.name,
        facts: found.fields,
        unreadable: found
            .unreadable
            .into_iter()
            .map(|(field, cause)| (field.to_owned(), cause))
            .collect(),
    }
}

/// Which resource of the list, which fact, and what is known of it.
type Read = (usize, &'static FactSpec, FactState);

/// The three states of a fact in snapshot terms: null is "not configured".
enum FactState {
    Known(Value),
    Unreadable(Cause),
}

fn fact_state(fact: &FactSpec, answer: Result<Option<Value>, Failure>) -> FactState {
    match answer {
        Ok(value) => FactState::Known(value.unwrap_or(Value::Null)),
        Err(failure) if is_absent(fact.call.absent, &failure.cause.code) => {
            FactState::Known(Value::Null)
        }
        Err(failure) => FactState::Unreadable(failure.cause),
    }
}

/// What one answer says about each resource of a list. Without an answer the fact is unreadable for
/// all of them.
fn share(
    fact: &'static FactSpec,
    answer: Result<BatchFact, Failure>,
    found: &[ListedResource],
) -> Vec<Read> {
    let one = |found: &ListedResource| match &answer {
        Ok(answer) => answer.value(&fact.call, &found.id),
        Err(failure) => Err(failure.clone()),
    };
    found
        .iter()
        .enumerate()
        .map(|(index, found)| (index, fact, fact_state(fact, one(found))))
        .collect()
}
