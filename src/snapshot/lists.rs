//! Which lists of an account are known, and why the others are not.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use super::read::AccountSnapshot;
use crate::facts::{self, Scope};
use crate::model::{Cause, Extent, Region};

/// The lists of an account, indexed: rules ask for them with every look-up.
#[derive(Debug)]
pub struct ListGaps {
    /// The regions in which a kind was listed.
    listed: HashMap<String, BTreeSet<Region>>,
    /// Why a list is not known, by kind and region.
    failed: HashMap<String, HashMap<Region, Cause>>,
    /// The scanned regions.
    regions: BTreeSet<Region>,
    /// Why the regions of the account are not known.
    unknown_regions: Option<Cause>,
    /// The answers for all regions, by kind, which take a look at each region.
    everywhere: HashMap<&'static str, OnceLock<Option<Cause>>>,
}

impl ListGaps {
    /// The lists of an account.
    pub fn of<R>(snapshot: &AccountSnapshot<R>) -> Self {
        let mut listed: HashMap<String, BTreeSet<Region>> = HashMap::new();
        for (kind, region) in snapshot.lists.keys() {
            listed.entry(kind.clone()).or_default().insert(region.clone());
        }
        let mut failed: HashMap<String, HashMap<Region, Cause>> = HashMap::new();
        for gap in &snapshot.gaps {
            if let Extent::List { kind } = &gap.extent {
                let regions = failed.entry(kind.clone()).or_default();
                regions.entry(gap.region.clone()).or_insert_with(|| gap.cause.clone());
            }
        }
        let unknown_regions = snapshot.gaps.iter().find(|gap| gap.extent == Extent::Regions);
        Self {
            listed,
            failed,
            regions: snapshot.header.regions.clone(),
            unknown_regions: unknown_regions.map(|gap| gap.cause.clone()),
            everywhere: facts::KINDS.iter().map(|kind| (kind.name, OnceLock::new())).collect(),
        }
    }

    /// Why the list of `kind` in `region` is not known as a whole; `None` if it is known. Global
    /// kinds are listed in [`Region::global`]; for other kinds, that means all regions that were
    /// scanned. A list with a gap is incomplete, even if some of its resources are in the snapshot.
    pub fn get(&self, kind: &str, region: &Region) -> Option<Cause> {
        let scope = facts::kind(kind).map(|kind| kind.scope);
        if scope == Some(Scope::Account) {
            return None;
        }
        if scope == Some(Scope::Regional) && region.is_global() && !self.regions.is_empty() {
            // Fallback regions need not be all regions of the account.
            if self.unknown_regions.is_some() {
                return self.unknown_regions.clone();
            }
            let look = || {
                let gaps = self.regions.iter().filter_map(|region| self.in_region(kind, region));
                let mut gaps: Vec<Cause> = gaps.collect();
                // One that leaves more open takes precedence.
                gaps.sort_by_key(Cause::is_of_others);
                gaps.into_iter().next()
            };
            return match self.everywhere.get(kind) {
                Some(known) => known.get_or_init(look).clone(),
                None => look(),
            };
        }
        self.in_region(kind, region)
    }

    fn in_region(&self, kind: &str, region: &Region) -> Option<Cause> {
        if let Some(cause) = self.failed.get(kind).and_then(|regions| regions.get(region)) {
            return Some(cause.clone());
        }
        if self.listed.get(kind).is_some_and(|regions| regions.contains(region)) {
            return None;
        }
        let known = facts::kind(kind);
        let cause = Cause::not_collected(known.map_or(kind, |kind| kind.list_call()));
        let is_regional = known.is_some_and(|kind| kind.scope == Scope::Regional);
        if is_regional && !region.is_global() && !self.regions.contains(region) {
            let message = format!("region {region} was not scanned; add it to `regions`");
            return Some(Cause { message, ..cause });
        }
        Some(cause)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{Demand, Gap};
    use crate::snapshot::{AccountHeader, Listed};

    fn region(name: &str) -> Region {
        name.parse().unwrap()
    }

    fn snapshot(regions: &[Region], gaps: Vec<Gap>) -> AccountSnapshot {
        let listed = |region: &Region| {
            let listed = Listed {
                kind: "ec2.vpc".to_owned(),
                region: region.clone(),
                facts: BTreeSet::new(),
                count: 0,
            };
            (("ec2.vpc".to_owned(), region.clone()), listed)
        };
        AccountSnapshot {
            header: AccountHeader {
                account: "111122223333".parse().unwrap(),
                partition: Default::default(),
                collected_at: "2026-01-01T00:00:00Z".to_owned(),
                entered: true,
                regions: regions.iter().cloned().collect(),
                region_filter: Vec::new(),
                demand: Demand::default(),
                calls: BTreeMap::new(),
                run: None,
            },
            lists: regions.iter().map(listed).collect(),
            resources: Vec::new(),
            gaps,
        }
    }

    #[test]
    fn a_gap_takes_precedence_over_the_list() {
        let (one, two) = (region("eu-west-1"), region("eu-west-2"));
        let cause = Cause::new("ec2:DescribeVpcs", Cause::NOT_COLLECTED, "incomplete");
        let extent = Extent::List { kind: "ec2.vpc".to_owned() };
        let gap = Gap { region: two.clone(), cause: cause.clone(), extent };
        let lists = ListGaps::of(&snapshot(&[one.clone(), two.clone()], vec![gap]));
        assert_eq!(lists.get("ec2.vpc", &one), None);
        assert_eq!(lists.get("ec2.vpc", &two), Some(cause.clone()));
        assert_eq!(lists.get("ec2.vpc", &Region::global()), Some(cause.clone()));
        let elsewhere = lists.get("ec2.vpc", &region("eu-west-3")).unwrap();
        assert!(elsewhere.message.contains("eu-west-3 was not scanned"), "{elsewhere}");
        // Of several gaps, what leaves more open takes precedence.
        let extent = || Extent::List { kind: "ec2.vpc".to_owned() };
        let more = Cause::new("terraform:plan", Cause::MORE_NOT_KNOWN, "");
        let gaps = [(&one, &more), (&two, &cause)];
        let gaps = gaps.map(|(at, cause)| Gap {
            region: at.clone(),
            cause: cause.clone(),
            extent: extent(),
        });
        let both = ListGaps::of(&snapshot(&[one.clone(), two.clone()], gaps.into()));
        assert_eq!(both.get("ec2.vpc", &Region::global()), Some(cause));
        let other = lists.get("s3.bucket", &Region::global()).unwrap();
        assert_eq!((other.call.as_str(), other.code.as_str()), ("s3:ListBuckets", "NotCollected"));
    }

    #[test]
    fn all_regions_are_looked_at_once() {
        let regions = [region("eu-west-1"), region("eu-west-2")];
        let mut lists = ListGaps::of(&snapshot(&regions, Vec::new()));
        assert_eq!(lists.get("ec2.vpc", &Region::global()), None);
        assert!(lists.get("ec2.subnet", &Region::global()).is_some());
        // What is looked up a second time does not depend on the lists any more.
        lists.listed.clear();
        assert!(lists.get("ec2.vpc", &regions[0]).is_some());
        assert_eq!(lists.get("ec2.vpc", &Region::global()), None);
    }
}
