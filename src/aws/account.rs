//! One account: assume its role, find its regions, list its resources, read their facts. Whatever
//! fails becomes a gap that covers exactly what is unknown because of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::assume::{self, Caller};
use super::clients::Clients;
use super::collector::{Collector, Context};
use super::collectors::COLLECTORS;
use super::due::Due;
use super::failure::Failure;
use super::limits::RateLimits;
use super::list::{ListResult, collect_list};
use super::meter::{CallCounter, Meter};
use super::session::BaseSession;
use super::turns::Turns;
use crate::facts::{ApiCall, Scope};
use crate::model::{Cause, Demand, Extent, Gap, Globs, Partition, Region, Role, Target};
use crate::snapshot::{AccountHeader, ListLines, Listed, RunStamp};

/// Lists the regions that are enabled in an account.
pub(super) const DESCRIBE_REGIONS: ApiCall = ApiCall::new("ec2:DescribeRegions");

/// What all accounts of a run share.
#[derive(Debug, Clone)]
pub(super) struct CollectionPlan {
    pub(super) base: BaseSession,
    /// Who assumes the target roles, or why the hub role could not be assumed.
    pub(super) caller: Result<Caller, Cause>,
    pub(super) demand: Demand,
    pub(super) scope: assume::SessionScope,
    pub(super) session_name: String,
    pub(super) fallback_regions: Vec<Region>,
    pub(super) region_filter: Option<Globs>,
    /// How many calls of one account may run at once.
    pub(super) calls_per_account: usize,
    /// Limits the concurrent calls of all accounts together.
    pub(super) calls: Arc<Semaphore>,
    pub(super) meter: Meter,
    pub(super) clock: fn() -> jiff::Timestamp,
    /// The run, if several processes collect it.
    pub(super) stamp: Option<RunStamp>,
    /// When an account is written with what was read so far, and gaps for the rest; `None`: never.
    pub(super) cut_at: Option<Instant>,
    /// How long an account may take before the same happens; `None`: any time.
    pub(super) account_timeout: Option<Duration>,
    /// How many lists of one account are read at once.
    pub(super) lists_per_account: usize,
}

/// Everything that the snapshot keeps of an account.
#[derive(Debug)]
pub(super) struct CollectedAccount {
    pub(super) header: AccountHeader,
    pub(super) lists: Vec<ListLines>,
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
                region_filter: match &plan.region_filter {
                    Some(globs) if target.regions.is_empty() => globs.patterns().to_vec(),
                    _ => Vec::new(),
                },
                demand: plan.demand.clone(),
                calls: BTreeMap::new(),
                run: plan.stamp.clone(),
            },
            lists: Vec::new(),
            gaps: Vec::new(),
        }
    }

    /// An account that could not be entered: nothing is known about it.
    pub(super) fn not_entered(target: &Target, plan: &CollectionPlan, cause: Cause) -> Self {
        let mut collected = Self::begin(target, plan);
        collected.gaps.push(Gap { region: Region::global(), cause, extent: Extent::Account });
        collected
    }
}

/// Collects one account. It cannot fail: failures are gaps in the result.
pub(super) async fn collect(target: &Target, plan: &CollectionPlan) -> CollectedAccount {
    let due = Due::begin(plan.cut_at, plan.account_timeout);
    plan.meter.observer().account_started(&target.account);
    let mut collected = CollectedAccount::begin(target, plan);
    let call_counter = CallCounter::default();
    let entry_call = match target.role {
        Role::Assume(_) => "sts:AssumeRole",
        Role::Own => "sts:GetCallerIdentity",
    };
    call_counter.count(entry_call);
    let entering = async {
        let caller = plan.caller.as_ref().map_err(Cause::clone)?;
        assume::enter(&plan.base, caller, target, &plan.scope, &plan.session_name, &plan.meter)
            .await
    };
    let entered = due.in_time(entering).await.unwrap_or_else(|| Err(due.cause(entry_call)));
    let config = match entered {
        Ok(config) => config,
        Err(cause) => return CollectedAccount::not_entered(target, plan, cause),
    };
    collected.header.entered = true;

    let cx = Context { due, ..context(target, plan, config, &call_counter) };
    collected.add_lists(&cx, target, plan).await;
    collected.header.calls = call_counter.calls();
    collected
}

/// What collectors need to call AWS in an account, with the settings that [`assume::enter`] returned.
pub(super) fn context(
    target: &Target,
    plan: &CollectionPlan,
    config: SdkConfig,
    call_counter: &CallCounter,
) -> Context {
    let in_partition = |region: &&Region| Partition::of_region(region) == target.partition;
    // What is the same in all regions is asked of one that cannot be off.
    let regions = || target.regions.iter().filter(in_partition);
    let home = regions()
        .find(|region| region.is_always_enabled())
        .or_else(|| regions().next())
        .cloned()
        .unwrap_or_else(|| plan.base.sts_region(&target.partition, &[]));
    let clients =
        Arc::new(Clients::new(config, plan.base.addressing(), &target.account, &plan.meter));
    Context {
        account: target.account.clone(),
        partition: target.partition.clone(),
        region: Region::global(),
        home,
        limits: Arc::new(RateLimits::of(&clients)),
        clients,
        turns: Turns::new(plan.calls.clone(), plan.calls_per_account),
        call_counter: call_counter.clone(),
        meter: plan.meter.clone(),
        due: Due::NEVER,
        sample: false,
    }
}

impl CollectedAccount {
    /// Lists the kinds that are asked for, in every region of the account.
    async fn add_lists(&mut self, cx: &Context, target: &Target, plan: &CollectionPlan) {
        let wanted: Vec<&'static dyn Collector> = COLLECTORS
            .iter()
            .copied()
            .filter(|collector| plan.demand.wants_kind(collector.kind().name))
            .collect();
        if wanted.iter().any(|collector| collector.kind().scope == Scope::Regional) {
            let (regions, gap) = regions(cx, target, plan).await;
            self.header.regions = regions;
            self.gaps.extend(gap);
        }

        // Boxed one by one: a closure in the stream would not be general enough for a spawned task.
        let mut tasks: Vec<BoxFuture<'_, CollectedList>> = Vec::new();
        let mut list = |cx: Context, collector: &'static dyn Collector| {
            tasks.push(Box::pin(async move {
                // The future of a list is large, so only those that have begun have one.
                CollectedList::of(Box::pin(collect_list(cx, collector, &plan.demand)).await)
            }));
        };
        let (regional, other): (Vec<_>, Vec<_>) =
            wanted.into_iter().partition(|collector| collector.kind().scope == Scope::Regional);
        other.into_iter().for_each(|collector| list(cx.clone(), collector));
        // Each account has a host of its own for S3 in every region. Its lists follow each other, so
        // that they use the same connection. All others go to all regions in turn, so that the
        // connections are not all to the same host at a time.
        let (s3, ec2): (Vec<_>, Vec<_>) =
            regional.into_iter().partition(|collector| collector.kind().name.starts_with("s3."));
        for collector in ec2 {
            self.header.regions.iter().for_each(|region| list(cx.at(region.clone()), collector));
        }
        for region in &self.header.regions {
            s3.iter().for_each(|collector| list(cx.at(region.clone()), *collector));
        }
        let at_once = plan.lists_per_account.min(cx.turns.limit());
        let lists = stream::iter(tasks).buffer_unordered(at_once);
        let mut results: Vec<_> = lists.collect().await;
        results.sort_by(|a, b| (&a.kind, &a.region).cmp(&(&b.kind, &b.region)));
        for list in results {
            self.gaps.extend(list.gaps);
            self.lists.extend(list.lines);
        }
    }
}

/// A list with what the snapshot keeps of it.
struct CollectedList {
    kind: &'static str,
    region: Region,
    /// `None` when the list failed.
    lines: Option<ListLines>,
    gaps: Vec<Gap>,
}

impl CollectedList {
    fn of(list: ListResult) -> Self {
        let ListResult { kind, region, facts, resources, gaps } = list;
        let lines = resources.map(|resources| {
            let (kind, region, count) = (kind.to_owned(), region.clone(), resources.len());
            ListLines::new(Listed { kind, region, facts, count }, resources)
        });
        Self { kind, region, lines, gaps }
    }
}

/// The regions to scan, and a gap if the account's enabled regions could not be listed.
async fn regions(
    cx: &Context,
    target: &Target,
    plan: &CollectionPlan,
) -> (BTreeSet<Region>, Option<Gap>) {
    let (regions, gap) = if target.regions.is_empty() {
        let listing = cx.due.in_time(enabled_regions(cx)).await;
        match listing.unwrap_or_else(|| Err(cx.due.cause(DESCRIBE_REGIONS.name).into())) {
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
    (regions.into_iter().filter(|region| plan.selects(region)).collect(), gap)
}

impl CollectionPlan {
    /// Whether the filter includes a region.
    pub(super) fn selects(&self, region: &Region) -> bool {
        !region.is_global()
            && self.region_filter.as_ref().is_none_or(|globs| globs.matches(region.as_str()))
    }
}

/// The regions that are enabled in an account.
pub(super) async fn enabled_regions(cx: &Context) -> Result<Vec<Region>, Failure> {
    let request = cx.clients.ec2().describe_regions().all_regions(false);
    let response = cx.call_in(&cx.home, &DESCRIBE_REGIONS, || request.send()).await?;
    let name = |region: aws_sdk_ec2::types::Region| {
        let name = region.region_name.unwrap_or_default();
        // Ignoring an invalid region name would leave a region unscanned without notice.
        name.parse().map_err(|error: crate::model::InvalidId| {
            Failure::invalid(DESCRIBE_REGIONS.name, &error.to_string())
        })
    };
    let regions = response
        .regions
        .unwrap_or_default()
        .into_iter()
        .map(name)
        .collect::<Result<Vec<Region>, _>>()?;
    if regions.is_empty() {
        Err(Failure::invalid(DESCRIBE_REGIONS.name, "no regions in the response"))
    } else {
        Ok(regions)
    }
}
