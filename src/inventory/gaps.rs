//! What an account lacks: lists and facts that could not be read.

use std::collections::BTreeMap;

use super::account::{InventoryAccount, InventoryGap};
use super::query::{KindTable, Query};
use crate::facts::{self, Scope};
use crate::model::{AcceptedGap, Cause, DeniedBy, Extent, Gap, Region};
use crate::snapshot::{AccountSnapshot, ListGaps};

/// What identifies a group of unreadable facts: region, kind, fact, call, code, denying policy, and
/// the reason for accepting them.
type FactKey = (Region, &'static str, String, String, String, Option<DeniedBy>, Option<String>);

/// Unreadable facts of an account, in groups.
#[derive(Debug, Default)]
pub(super) struct FactGaps(BTreeMap<FactKey, (Cause, usize)>);

impl FactGaps {
    pub(super) fn add(
        &mut self,
        account: &InventoryAccount,
        accepted: &[AcceptedGap],
        (kind, region, id): (&'static str, &Region, &str),
        fact: &str,
        cause: &Cause,
    ) {
        let known = (&account.id, account.name.as_deref());
        let reason = accepted.iter().find(|gap| gap.covers(known, region, cause, Some(id)));
        let key = (
            region.clone(),
            kind,
            fact.to_owned(),
            cause.call.clone(),
            cause.code.clone(),
            cause.denied_by,
            reason.map(|gap| gap.reason.clone()),
        );
        self.0.entry(key).or_insert_with(|| (cause.clone(), 0)).1 += 1;
    }

    pub(super) fn into_gaps(self) -> impl Iterator<Item = InventoryGap> {
        self.0.into_iter().map(|((region, kind, fact, .., accepted), (cause, resources))| {
            InventoryGap {
                region,
                kind: Some(kind.to_owned()),
                fact: Some(fact),
                resources: Some(resources),
                cause,
                accepted,
            }
        })
    }
}

/// What the whole account lacks.
pub(super) fn whole_account(
    query: &Query,
    account: &InventoryAccount,
    cause: Cause,
) -> Vec<InventoryGap> {
    let gap = Gap { region: Region::global(), cause, extent: Extent::Account };
    let concerns = query.tables.values().any(|table| concerns(table, account, &gap.region));
    if concerns { vec![of_gap(query, account, gap, None)] } else { Vec::new() }
}

fn concerns(table: &KindTable, account: &InventoryAccount, region: &Region) -> bool {
    table.tests.iter().all(|test| test.concerns(account, region.as_str()))
}

fn of_gap(query: &Query, account: &InventoryAccount, gap: Gap, kind: Option<&str>) -> InventoryGap {
    let known = (&account.id, account.name.as_deref());
    let accepted = query.accepted_gaps.iter().find(|one| one.covers_gap(known, &gap));
    InventoryGap {
        accepted: accepted.map(|gap| gap.reason.clone()),
        region: gap.region,
        kind: kind.map(str::to_owned),
        fact: None,
        resources: None,
        cause: gap.cause,
    }
}

/// The lists that the account lacks, and the counts that are incomplete because of that.
pub(super) fn lists(
    query: &Query,
    account: &InventoryAccount,
    snapshot: &AccountSnapshot,
) -> (Vec<InventoryGap>, Vec<(Region, &'static str)>) {
    let lists = ListGaps::of(snapshot);
    let reported = |region: &Region| {
        let globs = query.regions.as_ref();
        region.is_global() || globs.is_none_or(|globs| globs.matches(region.as_str()))
    };
    let mut gaps = Vec::new();
    let mut incomplete = Vec::new();
    let global = Region::global();
    let unknown_regions = snapshot.gaps.iter().find(|gap| gap.extent == Extent::Regions);
    let is_regional = |table: &&KindTable| table.kind.scope == Scope::Regional;
    if let Some(gap) = unknown_regions
        && query.tables.values().filter(is_regional).any(|table| concerns(table, account, &global))
    {
        gaps.push(of_gap(query, account, gap.clone(), None));
    }
    for table in query.tables.values() {
        let regions: Vec<&Region> = match table.kind.scope {
            Scope::Global | Scope::Account => vec![&global],
            Scope::Regional if snapshot.header.regions.is_empty() => vec![&global],
            Scope::Regional => snapshot.header.regions.iter().collect(),
        };
        for region in regions.into_iter().filter(|region| reported(region)) {
            let Some(cause) = lists.get(table.kind.name, region) else { continue };
            if !concerns(table, account, region) {
                continue;
            }
            incomplete.push((region.clone(), table.kind.name));
            if unknown_regions.is_some_and(|gap| gap.cause == cause) {
                continue;
            }
            let extent = Extent::List { kind: table.kind.name.to_owned() };
            let gap = Gap { region: region.clone(), cause, extent };
            gaps.push(of_gap(query, account, gap, Some(table.kind.name)));
        }
    }
    (gaps, incomplete)
}

/// The list that a resource is from.
pub(super) fn list_region<'a>(
    kind: &facts::Kind,
    region: &'a Region,
    global: &'a Region,
) -> &'a Region {
    match kind.scope {
        Scope::Regional => region,
        Scope::Global | Scope::Account => global,
    }
}
