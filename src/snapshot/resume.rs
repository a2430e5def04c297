//! Whether what a snapshot already has is enough for what is requested now. It says which accounts
//! are complete, and what the others lack; `write` decides what to do about it.

use std::collections::BTreeMap;

use super::error::Lacking;
use super::format::{AccountHeader, Manifest};
use super::read::AccountSnapshot;
use crate::facts::{self, Scope};
use crate::model::{AccountId, Cause, Demand, Gap, Globs, Region};

/// What a resumed snapshot must contain.
#[derive(Debug, Clone, Copy)]
pub struct Needs<'a> {
    /// The lists and facts.
    pub demand: &'a Demand,
    /// The regions of each account; without an entry, those that are enabled.
    pub regions: &'a BTreeMap<AccountId, Vec<Region>>,
    /// Limits the regions.
    pub region_filter: Option<&'a Globs>,
}

impl Needs<'_> {
    /// Adds what the snapshot as a whole was not collected for.
    pub(super) fn check_manifest(&self, manifest: &Manifest, lacking: &mut Lacking) {
        self.check_demand(&manifest.demand, lacking);
        // Another version can read other fields of the same kinds.
        if manifest.tool != Manifest::TOOL {
            lacking.tool = Some(manifest.tool.clone());
        }
    }

    /// Adds what an account lacks. Returns whether it lacks anything.
    pub(super) fn check_account(&self, header: &AccountHeader, lacking: &mut Lacking) -> bool {
        let mut own = Lacking::default();
        self.check_demand(&header.demand, &mut own);
        self.check_regions(header, &mut own);
        let lacks = !own.is_empty();
        if lacks {
            own.accounts.insert(header.account.clone());
        }
        lacking.facts.append(&mut own.facts);
        lacking.regions.append(&mut own.regions);
        lacking.accounts.append(&mut own.accounts);
        lacks
    }

    fn check_demand(&self, known: &Demand, lacking: &mut Lacking) {
        for kind in self.demand.kinds() {
            if !known.wants_kind(kind) {
                lacking.facts.insert(kind.to_owned());
                continue;
            }
            let facts = self.demand.facts(kind).filter(|fact| !known.wants(kind, fact));
            lacking.facts.extend(facts.map(|fact| format!("{kind}/{fact}")));
        }
    }

    fn check_regions(&self, header: &AccountHeader, lacking: &mut Lacking) {
        let is_regional =
            |kind| facts::kind(kind).is_some_and(|kind| kind.scope == Scope::Regional);
        if !self.demand.kinds().any(is_regional) {
            return;
        }
        let named = self.regions.get(&header.account).filter(|regions| !regions.is_empty());
        if let Some(named) = named {
            let wanted = |region: &&Region| {
                self.region_filter.is_none_or(|globs| globs.matches(region.as_str()))
            };
            let missing = named.iter().filter(wanted).filter(|one| !header.regions.contains(*one));
            lacking.regions.extend(missing.map(|region| format!("`{region}`")));
            return;
        }
        // What was imported has the regions of its files. AWS was not called.
        if !header.calls.is_empty() && !self.has_enabled_regions(header) {
            lacking.regions.insert(Lacking::ENABLED.to_owned());
        }
    }

    /// Whether the account was collected in all enabled regions that the filter leaves.
    fn has_enabled_regions(&self, header: &AccountHeader) -> bool {
        let before = &header.region_filter;
        let is_covered = match self.region_filter {
            _ if before.is_empty() => true,
            None => false,
            Some(globs) => globs.patterns().iter().all(|pattern| before.contains(pattern)),
        };
        is_covered && header.calls.contains_key("ec2:DescribeRegions")
    }
}

/// Whether a deadline kept an account from being read.
pub(super) fn is_cut_short<R>(account: &AccountSnapshot<R>) -> bool {
    let by_deadline =
        |gap: &Gap| [Cause::OUT_OF_TIME, Cause::ACCOUNT_TIMEOUT].contains(&gap.cause.code.as_str());
    account.gaps.iter().any(by_deadline)
}
