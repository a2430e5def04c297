//! Tries in each account what a collection would do, without collecting: enters the account, lists
//! its regions, and makes each call once, for one short page in one region or for one resource.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::account::{CollectionPlan, DESCRIBE_REGIONS, context, enabled_regions};
use super::assume;
use super::collector::{Collector, Context, ListedResource};
use super::collectors::COLLECTORS;
use super::failure::{self, Failure, is_absent, is_gone};
use super::identity::{self, CallerIdentity};
use super::meter::{CallCounter, Meter, Observer, Stats};
use super::run::{CollectRequest, internal, prepare};
use crate::facts::{ApiCall, FactSpec, Scope};
use crate::model::{AccountId, Cause, Region, Role, Target};

/// The result for all accounts.
#[derive(Debug)]
pub struct DoctorOutcome {
    /// Why the hub role could not be assumed, if it could not; then no account was tried.
    pub hub: Option<Cause>,
    /// The accounts, sorted by id.
    pub accounts: Vec<CheckedAccount>,
    /// How many calls were made.
    pub stats: Stats,
}

/// The result for one account.
#[derive(Debug)]
pub struct CheckedAccount {
    /// The account.
    pub target: Target,
    /// Why it could not be entered, or else what was found in it.
    pub entered: Result<Entered, Cause>,
}

/// What was found in an account.
#[derive(Debug)]
pub struct Entered {
    /// Whom STS names as the owner of the session; `None` if no role was assumed.
    pub session: Option<Result<CallerIdentity, Cause>>,
    /// The regions that are enabled, if the rules need any.
    pub enabled: Option<Result<Vec<Region>, Cause>>,
    /// The calls, in the order of the table of kinds.
    pub calls: Vec<TriedAction>,
}

/// A call that was tried.
#[derive(Debug)]
pub struct TriedAction {
    /// The IAM action that allows it.
    pub action: &'static str,
    /// Where it was tried.
    pub region: Region,
    /// The result.
    pub result: Tried,
}

/// The result of a call.
#[derive(Debug)]
pub enum Tried {
    /// AWS answered; "not configured" is an answer.
    Allowed,
    /// AWS did not.
    Failed {
        /// Why.
        cause: Cause,
        /// The id of the resource that the call was about.
        resource: Option<String>,
    },
    /// It was not tried.
    No(NotTried),
}

/// Why a call was not tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotTried {
    /// It needs a resource of this kind, and the first page of the list had none.
    NoResource(&'static str),
    /// It needs a resource, and this call, which lists them, failed.
    NoList(&'static str),
    /// It is needed only in some cases, and this was none of them.
    NotNeeded,
    /// No region is known in which to try it.
    NoRegion,
}

/// Tries the calls of a collection in every account, with the same limits. `time_limit` is for each
/// account.
pub async fn check_accounts(
    request: CollectRequest,
    time_limit: Duration,
    observer: Arc<dyn Observer>,
) -> DoctorOutcome {
    let meter = Meter::new(observer);
    let plan = Arc::new(prepare(&request, &meter).await);
    if let Err(cause) = &plan.caller {
        let hub = Some(cause.clone());
        return DoctorOutcome { hub, accounts: Vec::new(), stats: meter.snapshot() };
    }
    let mut accounts = Vec::new();
    let mut waiting = request.targets.into_iter();
    let mut running = JoinSet::new();
    let mut targets: HashMap<_, Target> = HashMap::new();
    loop {
        while running.len() < request.concurrency.accounts.max(1) {
            let Some(target) = waiting.next() else { break };
            let (plan, own) = (plan.clone(), target.clone());
            let task = running.spawn(async move { check(&own, &plan, time_limit).await });
            targets.insert(task.id(), target);
        }
        let Some(done) = running.join_next_with_id().await else { break };
        let (id, entered) = match done {
            Ok((id, entered)) => (id, entered),
            Err(error) => (error.id(), Err(internal(error))),
        };
        let Some(target) = targets.remove(&id) else { continue };
        accounts.push(CheckedAccount { target, entered });
    }
    accounts.sort_by(|a, b| a.target.account.cmp(&b.target.account));
    DoctorOutcome { hub: None, accounts, stats: meter.snapshot() }
}

/// The end of the time for one account.
#[derive(Debug, Clone, Copy)]
struct Deadline {
    at: Instant,
    limit: Duration,
}

impl Deadline {
    /// What `work` returns, or a failure of the call that it is about.
    async fn within<T>(
        self,
        call: &str,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        timeout_at(self.at, work).await.unwrap_or_else(|_| {
            let reason = format!(
                "no response within {} s, the time limit for each account",
                self.limit.as_secs()
            );
            Err(failure::cause(call, "Timeout", &reason).into())
        })
    }
}

/// Tries everything in one account.
async fn check(target: &Target, plan: &CollectionPlan, limit: Duration) -> Result<Entered, Cause> {
    let deadline = Deadline { at: Instant::now() + limit, limit };
    let caller = plan.caller.as_ref().map_err(Cause::clone)?;
    let entering = async {
        assume::enter(&plan.base, caller, target, &plan.scope, &plan.session_name, &plan.meter)
            .await
            .map_err(Failure::from)
    };
    let call = match target.role {
        Role::Assume(_) => "sts:AssumeRole",
        Role::Own => "sts:GetCallerIdentity",
    };
    let config = deadline.within(call, entering).await.map_err(|failure| failure.cause)?;
    let session = match target.role {
        Role::Own => None,
        Role::Assume(_) => {
            const CALL: &str = "sts:GetCallerIdentity";
            plan.meter.call(&target.account, CALL);
            let region = plan.base.sts_region(&target.partition, &target.regions);
            let caller = deadline.within(CALL, identity::caller(&config, &region, None)).await;
            Some(caller.map_err(|failure| failure.cause))
        }
    };
    let call_counter = CallCounter::default();
    let cx = Context { sample: true, ..context(target, plan, config, &call_counter) };
    let wanted: Vec<&'static dyn Collector> = COLLECTORS
        .iter()
        .copied()
        .filter(|collector| plan.demand.wants_kind(collector.kind().name))
        .collect();
    let is_regional = |collector: &&dyn Collector| collector.kind().scope == Scope::Regional;
    let enabled = if wanted.iter().any(is_regional) {
        let listed = deadline.within(DESCRIBE_REGIONS.name, enabled_regions(&cx)).await;
        Some(listed.map_err(|failure| failure.cause))
    } else {
        None
    };
    let region = region(target, plan, enabled.as_ref(), &cx.home);
    let mut tasks: Vec<BoxFuture<'_, Vec<TriedAction>>> = Vec::new();
    for collector in wanted {
        let cx = match (collector.kind().scope, &region) {
            (Scope::Regional, Some(region)) => cx.at(region.clone()),
            (Scope::Regional, None) => {
                let calls = not_tried(collector, plan);
                tasks.push(Box::pin(async move { calls }));
                continue;
            }
            _ => cx.clone(),
        };
        tasks.push(Box::pin(try_kind(cx, collector, plan, deadline)));
    }
    let calls: Vec<Vec<TriedAction>> =
        stream::iter(tasks).buffered(cx.turns.limit()).collect().await;
    Ok(Entered { session, enabled, calls: calls.into_iter().flatten().collect() })
}

/// The region in which regional calls are tried: one that the scan reads and that is enabled.
fn region(
    target: &Target,
    plan: &CollectionPlan,
    enabled: Option<&Result<Vec<Region>, Cause>>,
    home: &Region,
) -> Option<Region> {
    let enabled = enabled.and_then(|listed| listed.as_ref().ok());
    let mut candidates: Vec<&Region> = match (target.regions.as_slice(), enabled) {
        ([], None) => plan.fallback_regions.iter().collect(),
        ([], Some(enabled)) => enabled.iter().collect(),
        (regions, _) => regions.iter().collect(),
    };
    candidates.retain(|region| plan.selects(region));
    if let Some(enabled) = enabled {
        candidates.retain(|region| enabled.contains(region));
    }
    let at_home = candidates.iter().find(|region| **region == home);
    at_home.or(candidates.first()).map(|region| (*region).clone())
}

/// The wanted facts of a kind.
fn facts(
    collector: &'static dyn Collector,
    plan: &CollectionPlan,
) -> impl Iterator<Item = &'static FactSpec> {
    let kind = collector.kind();
    kind.facts.iter().filter(|fact| plan.demand.wants(kind.name, fact.name))
}

/// The calls of a kind that has no region.
fn not_tried(collector: &'static dyn Collector, plan: &CollectionPlan) -> Vec<TriedAction> {
    let calls = collector.kind().list.iter().chain(facts(collector, plan).map(|fact| &fact.call));
    let region = Region::global();
    calls.map(|call| tried(call, &region, Tried::No(NotTried::NoRegion))).collect()
}

fn tried(call: &ApiCall, region: &Region, result: Tried) -> TriedAction {
    TriedAction { action: call.action, region: region.clone(), result }
}

/// Tries the list of a kind, and the wanted facts of its first resource.
async fn try_kind(
    cx: Context,
    collector: &'static dyn Collector,
    plan: &CollectionPlan,
    deadline: Deadline,
) -> Vec<TriedAction> {
    let kind = collector.kind();
    let own = CallCounter::default();
    let cx = Context { call_counter: own.clone(), ..cx };
    let listed = deadline.within(kind.list_call(), collector.list(&cx)).await;
    let (first, failed) = match listed {
        Ok(listed) => (first(listed, kind.list.first(), &cx.account), None),
        Err(failure) => (None, Some(failure.cause)),
    };
    let made = own.calls();
    let mut calls: Vec<TriedAction> = kind
        .list
        .iter()
        .map(|call| {
            // A list that fails makes no further calls.
            let lost = first.iter().flat_map(|first| first.unreadable.values());
            let lost = lost.filter(|cause| cause.call == call.name);
            let is_list = kind.list.first().is_some_and(|list| list.name == call.name);
            let failed = failed.iter().filter(|_| is_list);
            let result = match failed.chain(lost).next() {
                Some(cause) => Tried::Failed { cause: cause.clone(), resource: None },
                None if made.contains_key(call.name) => Tried::Allowed,
                None => Tried::No(NotTried::NotNeeded),
            };
            tried(call, &cx.region, result)
        })
        .collect();
    let reads = facts(collector, plan).map(|fact| {
        let (cx, first, failed) = (&cx, first.as_ref(), failed.as_ref());
        async move {
            let region = first.map_or(&cx.region, |first| &first.region);
            let result = if fact.call.for_all {
                let batch = deadline.within(fact.call.name, collector.batch_fact(cx, fact)).await;
                result(collector, fact, batch.map(|_| ()), None)
            } else if let Some(first) = first {
                let read = collector.fact(cx, first, fact);
                let read = deadline.within(fact.call.name, read).await;
                let resource = Some(first).filter(|_| !kind.list.is_empty());
                result(collector, fact, read.map(|_| ()), resource)
            } else if failed.is_some() {
                Tried::No(NotTried::NoList(kind.list_call()))
            } else {
                Tried::No(NotTried::NoResource(kind.name))
            };
            tried(&fact.call, region, result)
        }
    });
    let reads: Vec<BoxFuture<'_, TriedAction>> =
        reads.map(|read| Box::pin(read) as BoxFuture<'_, TriedAction>).collect();
    let facts: Vec<TriedAction> = stream::iter(reads).buffered(cx.turns.limit()).collect().await;
    calls.extend(facts);
    calls
}

/// The resource with which the calls for single resources are tried: the first one that belongs to
/// the account.
fn first(
    listed: Vec<ListedResource>,
    call: Option<&ApiCall>,
    account: &AccountId,
) -> Option<ListedResource> {
    let is_readable = |resource: &ListedResource| {
        call.is_none_or(|call| !call.is_of_another_account(&resource.fields, account))
    };
    let is_own = |resource: &ListedResource| {
        let owner = resource.fields.get("owner_id").and_then(serde_json::Value::as_str);
        owner.is_none_or(|owner| owner == account.as_str())
    };
    let (mut own, mut others): (Vec<_>, Vec<_>) =
        listed.into_iter().filter(is_readable).partition(is_own);
    if own.is_empty() { others.drain(..).next() } else { own.drain(..).next() }
}

fn result(
    collector: &'static dyn Collector,
    fact: &FactSpec,
    read: Result<(), Failure>,
    resource: Option<&ListedResource>,
) -> Tried {
    let kind = collector.kind();
    let Err(Failure { cause, .. }) = read else { return Tried::Allowed };
    if is_absent(fact.call.absent, &cause.code) {
        return Tried::Allowed;
    }
    // A resource can be deleted after it was listed.
    if resource.is_some() && is_gone(&cause.code) {
        return Tried::No(NotTried::NoResource(kind.name));
    }
    // The region of the bucket is not known.
    match kind.list.iter().find(|list| list.name == cause.call && list.name != fact.call.name) {
        Some(list) => Tried::No(NotTried::NoList(list.name)),
        None => Tried::Failed { cause, resource: resource.map(|resource| resource.id.clone()) },
    }
}

/// Each action once, sorted, with the worst of its results.
pub fn by_action(calls: Vec<TriedAction>) -> Vec<TriedAction> {
    let rank = |tried: &Tried| match tried {
        Tried::Failed { .. } => 0,
        Tried::Allowed => 1,
        Tried::No(_) => 2,
    };
    let mut actions: BTreeMap<&'static str, TriedAction> = BTreeMap::new();
    for call in calls {
        match actions.get(call.action) {
            Some(known) if rank(&known.result) <= rank(&call.result) => {}
            _ => drop(actions.insert(call.action, call)),
        }
    }
    actions.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_has_the_worst_of_its_results() {
        let (one, other) = (ApiCall::new("ec2:DescribeVpcs"), ApiCall::new("ec2:DescribeVolumes"));
        let failed = || Tried::Failed { cause: Cause::new(one.name, "X", ""), resource: None };
        let none = || Tried::No(NotTried::NoRegion);
        let table = [
            (vec![Tried::Allowed, failed()], "failed"),
            (vec![failed(), Tried::Allowed, none()], "failed"),
            (vec![none(), Tried::Allowed], "allowed"),
            (vec![none(), none()], "no"),
        ];
        for (results, expected) in table {
            let mut calls: Vec<TriedAction> = vec![tried(&other, &Region::global(), none())];
            calls.extend(results.into_iter().map(|result| tried(&one, &Region::global(), result)));
            let actions = by_action(calls);
            let names: Vec<&str> = actions.iter().map(|call| call.action).collect();
            assert_eq!(names, ["ec2:DescribeVolumes", "ec2:DescribeVpcs"]);
            let found = match actions[1].result {
                Tried::Failed { .. } => "failed",
                Tried::Allowed => "allowed",
                Tried::No(_) => "no",
            };
            assert_eq!(found, expected);
        }
    }
}
