//! The plan of a collection: which calls it makes, how many, and how long they take at least. It is a
//! pure function of the demand and the number of resources, and uses the same table as the
//! collectors.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::facts::{self, ApiCall, FactSpec, Kind, Scope};
use crate::model::{Demand, Region};
use crate::snapshot::AccountSnapshot;

/// Starts the session in an account.
pub const ASSUME_ROLE: &str = "sts:AssumeRole";
/// Returns the account of the base credentials, if no role is assumed.
pub const GET_CALLER_IDENTITY: &str = "sts:GetCallerIdentity";

/// How often a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Once per account.
    Account,
    /// Once per account and region.
    Region,
    /// Once per resource.
    Resource,
}

/// One line of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedCall {
    /// The API call, `ec2:DescribeVpcs`.
    pub call: &'static str,
    /// The IAM action that allows it.
    pub action: &'static str,
    /// How often it is made.
    pub per: Per,
    /// The kind that it lists, or whose fact it returns; `None` for calls that every account needs.
    pub kind: Option<&'static str>,
    /// The fact that it returns; `None` for a list.
    pub fact: Option<&'static str>,
    /// The page size: each further page takes one more call. `None`: not paginated.
    pub page: Option<u16>,
    /// When it is not made, in words.
    pub unless: Option<&'static str>,
    /// The most times that it is made per account, region or resource.
    pub at_most: u16,
}

/// The calls of a demand, those per account first. `describe_regions`: whether enabled regions must be
/// listed.
pub fn calls(demand: &Demand, describe_regions: bool) -> Vec<PlannedCall> {
    let per_account = |call, action| PlannedCall {
        call,
        action,
        per: Per::Account,
        kind: None,
        fact: None,
        page: None,
        unless: None,
        at_most: 1,
    };
    let mut planned = vec![per_account(ASSUME_ROLE, ASSUME_ROLE)];
    if describe_regions {
        planned.push(per_account("ec2:DescribeRegions", "ec2:DescribeRegions"));
    }
    for kind in wanted(demand) {
        let once = match kind.scope {
            Scope::Global | Scope::Account => Per::Account,
            Scope::Regional => Per::Region,
        };
        let line = |call: &ApiCall, per, fact, unless| PlannedCall {
            call: call.name,
            action: call.action,
            per,
            kind: Some(kind.name),
            fact,
            page: (call.page > 0).then_some(call.page),
            unless,
            at_most: call.at_most,
        };
        for call in kind.list {
            match call.unless {
                None => planned.push(line(call, once, None, None)),
                unless => planned.push(line(call, Per::Resource, None, unless)),
            }
        }
        for fact in kind.facts.iter().filter(|fact| demand.wants(kind.name, fact.name)) {
            let is_skippable =
                fact.settled_by().is_some_and(|leader| demand.wants(kind.name, leader));
            let unless = match fact.settled_by().filter(|_| is_skippable) {
                Some(_) => Some("another fact makes it unnecessary"),
                None if fact.call.for_all => Some("the list is empty"),
                None => None,
            };
            // A singleton is not listed: its facts are read once.
            let per = if kind.list.is_empty() || fact.call.for_all { once } else { Per::Resource };
            let made = |call| line(call, per, Some(fact.name), unless);
            planned.extend(fact.calls().map(made));
        }
    }
    planned.sort_by_key(|call| call.per);
    planned
}

fn wanted(demand: &Demand) -> impl Iterator<Item = &'static Kind> {
    facts::KINDS.iter().copied().filter(|kind| demand.wants_kind(kind.name))
}

/// The number of resources in a list, and for how many of them a fact is requested.
pub trait Sizes {
    /// The number of resources of `kind` in `region` ([`Region::global`] for global kinds).
    fn resources(&self, kind: &Kind, region: &Region) -> u64;

    /// Of those, the number of resources whose `fact` is not settled by the fact `by`.
    fn unsettled(&self, kind: &Kind, region: &Region, fact: &FactSpec, by: &str) -> u64;
}

/// Assumed sizes: a default number of resources per list, and numbers for some kinds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AssumedSizes {
    /// The default number of resources in every list.
    pub every: u64,
    /// The number of resources per list, for some kinds.
    pub kinds: BTreeMap<String, u64>,
}

impl Sizes for AssumedSizes {
    fn resources(&self, kind: &Kind, _: &Region) -> u64 {
        if kind.list.is_empty() {
            1
        } else {
            self.kinds.get(kind.name).copied().unwrap_or(self.every)
        }
    }

    fn unsettled(&self, kind: &Kind, region: &Region, _: &FactSpec, _: &str) -> u64 {
        self.resources(kind, region)
    }
}

impl Sizes for AccountSnapshot {
    fn resources(&self, kind: &Kind, region: &Region) -> u64 {
        if kind.list.is_empty() { 1 } else { count(self, kind, region, |_| true) }
    }

    fn unsettled(&self, kind: &Kind, region: &Region, fact: &FactSpec, by: &str) -> u64 {
        // An unreadable fact settles nothing.
        count(self, kind, region, |resource| !fact.is_absent_by(&kind.fact_of(resource, by)))
    }
}

fn count(
    snapshot: &AccountSnapshot,
    kind: &Kind,
    region: &Region,
    having: impl Fn(&crate::model::Resource) -> bool,
) -> u64 {
    let here = |resource: &&crate::model::Resource| {
        resource.kind == kind.name
            && (region.is_global() || resource.region == *region)
            && having(resource)
    };
    snapshot.resources.iter().filter(here).count() as u64
}

/// The estimate for one account.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Estimate {
    /// The total number of calls.
    pub calls: u64,
    /// The number of calls by API.
    pub calls_by_api: BTreeMap<&'static str, u64>,
    /// The minimum number of seconds at AWS's published rate limits, which apply per API, account and
    /// region.
    pub seconds_at_published_limits: f64,
}

impl Estimate {
    /// The estimate for one account with these regions and sizes; `entry` is its first call:
    /// [`ASSUME_ROLE`] or [`GET_CALLER_IDENTITY`].
    pub fn of(
        demand: &Demand,
        entry: &'static str,
        describe_regions: bool,
        regions: &BTreeSet<Region>,
        sizes: &dyn Sizes,
    ) -> Self {
        let mut estimate = Self::default();
        estimate.add(&[(entry, 1), ("ec2:DescribeRegions", u64::from(describe_regions))]);
        let mut per_region: BTreeMap<(&Region, &'static str), (u64, Option<facts::Limit>)> =
            BTreeMap::new();
        let global = Region::global();
        for kind in wanted(demand) {
            let lists: Vec<&Region> = match kind.scope {
                Scope::Global | Scope::Account => vec![&global],
                Scope::Regional => regions.iter().collect(),
            };
            for region in lists {
                for (call, times) in list_calls(kind, region, demand, sizes) {
                    estimate.add(&[(call.name, times)]);
                    per_region.entry((region, call.name)).or_insert((0, call.limit())).0 += times;
                }
            }
        }
        let seconds =
            per_region.values().filter_map(|(times, limit)| Some((*limit)?.seconds(*times)));
        estimate.seconds_at_published_limits = seconds.fold(0.0, f64::max);
        estimate
    }

    fn add(&mut self, calls: &[(&'static str, u64)]) {
        for (call, times) in calls.iter().filter(|(_, times)| *times > 0) {
            self.calls += times;
            *self.calls_by_api.entry(call).or_default() += times;
        }
    }
}

/// The calls of one list and of the facts of its resources.
fn list_calls(
    kind: &'static Kind,
    region: &Region,
    demand: &Demand,
    sizes: &dyn Sizes,
) -> Vec<(&'static ApiCall, u64)> {
    let resources = sizes.resources(kind, region);
    let pages = |call: &ApiCall, items: u64| {
        if call.page == 0 { 1 } else { items.div_ceil(u64::from(call.page)).max(1) }
    };
    let mut calls: Vec<(&ApiCall, u64)> = kind
        .list
        .iter()
        .filter(|call| call.unless.is_none())
        .map(|call| (call, pages(call, resources)))
        .collect();
    for fact in kind.facts.iter().filter(|fact| demand.wants(kind.name, fact.name)) {
        let leader = fact.settled_by().filter(|leader| demand.wants(kind.name, leader));
        let times = match leader {
            Some(leader) => sizes.unsettled(kind, region, fact, leader),
            None if fact.call.for_all && resources == 0 => 0,
            // The number of pages depends on the response, which has at most all resources of the
            // list.
            None if fact.call.for_all => pages(&fact.call, resources),
            None => resources,
        };
        calls.extend(fact.calls().map(|call| (call, times * u64::from(call.at_most))));
    }
    calls
}
