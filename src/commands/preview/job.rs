//! One account: evaluated before and after the change.

use std::collections::{BTreeMap, BTreeSet};

use super::decide::Decider;
use super::{destroyed, images, joined, parts, related};
use crate::evaluate::{Evaluation, demand};
use crate::model::{AccountId, Cause, Extent, Gap, Partition, Region, Resource};
use crate::preview::{
    Described, Finishing, ItemKey, Overlaid, Overlay, name_missing, name_unread, without_account,
    without_snapshot,
};
use crate::report::{AccountReport, Concerned, Destroyed};
use crate::run::error::CommandError;
use crate::snapshot::{AccountHeader, AccountSnapshot, Collected, ManifestTarget, Reader};

/// An account that the change concerns.
pub(super) struct Job<'a> {
    pub(super) account: &'a AccountId,
    pub(super) described: &'a Described,
    pub(super) source: &'a str,
    pub(super) reader: Option<&'a Reader>,
}

/// What exists in it.
struct Before {
    target: ManifestTarget,
    snapshot: AccountSnapshot,
    /// Whether the snapshot has it.
    is_collected: bool,
    /// Why nothing is known of it.
    missing: Option<Cause>,
    /// The regions of the change that were not read.
    unread: BTreeSet<Region>,
}

/// Its reports.
pub(super) struct Evaluated {
    /// Whether the snapshot has the account.
    pub(super) is_collected: bool,
    pub(super) before: AccountReport,
    pub(super) after: AccountReport,
    /// Without AWS's defaults, if they were assumed.
    pub(super) plain: Option<AccountReport>,
    /// Without what AWS refuses, if it refuses something.
    pub(super) without_refused: Option<AccountReport>,
    pub(super) concerned: Concerned,
    /// What the change destroys with its data.
    pub(super) destroyed: Vec<Destroyed>,
    pub(super) overlaid: (ManifestTarget, AccountSnapshot),
}

impl Job<'_> {
    pub(super) fn evaluate(
        &self,
        evaluation: &Evaluation,
        assume_defaults: bool,
    ) -> Result<Evaluated, CommandError> {
        let Before { target, mut snapshot, is_collected, missing, unread } = self.before()?;
        let images = images::add(&mut snapshot, self.described);
        let better = evaluation.targets.iter().find(|better| better.account == target.account);
        let target = better.cloned().unwrap_or(target);
        let overlay = |assume_defaults: bool| {
            let finishing = Finishing { source: self.source, assume_defaults };
            Overlay { described: self.described, finishing, missing: missing.as_ref() }
        };
        let mut existing = overlay(assume_defaults).before(snapshot.clone());
        name_unread(existing.resources.iter_mut(), &unread);
        let overlay = |assume_defaults: bool| {
            let mut overlaid = overlay(assume_defaults).account(snapshot.clone());
            let resources = overlaid.after.resources.iter_mut().chain(&mut overlaid.unchanged);
            name_unread(resources, &unread);
            if let Some(cause) = &missing {
                let Overlaid { after, unchanged, .. } = &mut overlaid;
                name_missing(after.resources.iter_mut().chain(unchanged), &mut after.gaps, cause);
            }
            overlaid
        };
        let after = overlay(assume_defaults);
        let concerned = self.concerned(&after);
        let joined = joined::groups(&existing.resources, &after.after.resources, &concerned);
        let inbound_rules = joined::inbound_rules(evaluation);
        let reads = related::reads(evaluation);
        let types = related::types(self.described);
        let mut concerned = Concerned { joined, inbound_rules, reads, types, ..concerned };
        concerned.created = self.created(&existing.resources);
        let resources = (&existing.resources[..], &after.after.resources[..]);
        related::add_related(&mut concerned, self.described, resources);
        let mut overlaid = (target.clone(), after.after.clone());
        images::remove(&mut overlaid.1, &images);
        let destroyed =
            destroyed::destroyed(self.described, self.account, &existing.resources, &after.after);
        let demand = demand(&evaluation.rules, &evaluation.waivers);
        let decider = Decider {
            described: self.described,
            evaluation,
            target: &target,
            demand: &demand,
            images: &images,
        };
        let before = decider.report(existing)?;
        let plain = match assume_defaults {
            true => Some(decider.decided(overlay(false).after)?),
            false => None,
        };
        let without_refused = match after.unchanged.as_slice() {
            [] => None,
            unchanged => {
                let mut without = after.after.clone();
                for one in &mut without.resources {
                    let is_it = |other: &&Resource| other.kind == one.kind && other.id == one.id;
                    if let Some(unchanged) = unchanged.iter().find(is_it) {
                        *one = unchanged.clone();
                    }
                }
                Some(decider.decided(without)?)
            }
        };
        let after = decider.decided(after.after)?;
        Ok(Evaluated {
            is_collected,
            before,
            after,
            plain,
            without_refused,
            concerned,
            destroyed,
            overlaid,
        })
    }

    /// What exists.
    fn before(&self) -> Result<Before, CommandError> {
        let regions = self.described.regions.get(self.account).cloned().unwrap_or_default();
        let target = |reader: &Reader| {
            let mut targets = reader.accounts();
            targets.find(|target| target.account == *self.account).cloned()
        };
        let collected = match self.reader.and_then(|reader| Some((reader, target(reader)?))) {
            Some((reader, target)) => Some((target, reader.account(self.account)?)),
            None => None,
        };
        let Some((target, Collected::Whole(mut whole))) = collected else {
            let time = self.described.timestamp.as_deref();
            let (target, snapshot) = nothing(self.account, time, regions);
            let missing = match self.reader {
                Some(_) => without_account(self.source, self.account),
                None => without_snapshot(self.source),
            };
            let (missing, unread) = (Some(missing), BTreeSet::new());
            return Ok(Before { target, snapshot, is_collected: false, missing, unread });
        };
        let mut unread = &regions - &whole.header.regions;
        whole.header.regions.extend(regions);
        // Of an account that could not be read, the change is all that is known.
        let is_account = |gap: &Gap| gap.extent == Extent::Account;
        let missing = whole.gaps.iter().find(|gap| is_account(gap));
        let missing = missing.map(|gap| gap.cause.clone());
        whole.gaps.retain(|gap| !is_account(gap));
        whole.header.entered |= missing.is_some();
        // Why the account was not read is said already.
        unread.retain(|_| missing.is_none());
        Ok(Before { target, snapshot: *whole, is_collected: true, missing, unread })
    }

    /// The resources that the change creates, by kind and id. `existing`: before it.
    fn created(&self, existing: &[Resource]) -> BTreeSet<(String, String)> {
        let exists: BTreeSet<(&str, &str)> =
            existing.iter().map(|one| (one.kind.as_str(), one.id.as_str())).collect();
        let items = self.described.after.items.iter();
        let created = items.filter(|(key, item)| {
            key.account == *self.account
                && (item.is_created || item.has_stand_in)
                && !exists.contains(&(key.kind, key.id.as_str()))
        });
        created.map(|(key, _)| (key.kind.to_owned(), key.id.clone())).collect()
    }

    /// What the change does to resources, as reports name them.
    fn concerned(&self, overlaid: &Overlaid) -> Concerned {
        let mut concerned =
            Concerned { planned: self.described.planned.clone(), ..Concerned::default() };
        let name = |key: &ItemKey| (key.kind.to_owned(), key.id.clone());
        let refused = overlaid.refused.iter();
        concerned.refused = refused.map(|(key, why)| (name(key), why.clone())).collect();
        for (key, addresses) in &overlaid.touched {
            concerned.addresses.entry(name(key)).or_default().extend(addresses.iter().cloned());
            concerned.fields.entry(name(key)).or_default().extend(self.described.fields_of(key));
        }
        // What cannot be deleted is not replaced.
        let resources = &overlaid.after.resources;
        let stays =
            |old: &ItemKey| resources.iter().any(|one| one.kind == old.kind && one.id == old.id);
        for (new, old) in self.described.replaced() {
            if new.account == *self.account && !stays(old) {
                concerned.replaces.insert(name(new), old.id.clone());
            }
        }
        let Described { before, after, .. } = self.described;
        for (key, item) in after.items.iter().chain(&before.items) {
            let is_here =
                key.account == *self.account && concerned.refused.contains_key(&name(key));
            if let Some(address) = item.declared.clone().filter(|_| is_here) {
                concerned.declared.entry(name(key)).or_insert(address);
            }
        }
        for gap in self.described.gaps.iter().filter(|gap| gap.location.account == *self.account) {
            let addresses = concerned.lists.entry(gap.kind.to_owned()).or_default();
            addresses.insert(gap.address.clone());
        }
        parts::add_parts(&mut concerned, self.described, resources);
        concerned
    }
}

/// An account of which nothing is known.
fn nothing(
    account: &AccountId,
    time: Option<&str>,
    regions: BTreeSet<Region>,
) -> (ManifestTarget, AccountSnapshot) {
    let partition = regions.first().map(Partition::of_region).unwrap_or_default();
    let target = ManifestTarget {
        account: account.clone(),
        name: None,
        partition: partition.clone(),
        role: None,
        labels: BTreeMap::new(),
    };
    let now = || jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let header = AccountHeader {
        account: account.clone(),
        partition,
        collected_at: time.map_or_else(now, str::to_owned),
        entered: true,
        regions,
        region_filter: Vec::new(),
        demand: Default::default(),
        calls: BTreeMap::new(),
        run: None,
    };
    let snapshot =
        AccountSnapshot { header, lists: BTreeMap::new(), resources: Vec::new(), gaps: Vec::new() };
    (target, snapshot)
}
