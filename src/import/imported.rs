//! What the files held.

use std::collections::BTreeMap;

use super::error::{Fault, ImportError};
use crate::model::{AccountId, Demand, Gap, Partition, Region, Resource};
use crate::snapshot::{AccountHeader, AccountSnapshot, Listed};

/// What is imported, and whose it is.
#[derive(Debug)]
pub struct Request<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// Its partition.
    pub partition: &'a Partition,
    /// The region of everything regional.
    pub region: &'a Region,
    /// The files: `FILE`, `KIND=FILE`, `KIND/FACT=FILE`, `KIND/FACT@RESOURCE=FILE`; `-` is stdin.
    pub files: &'a [String],
}

/// What the files held.
#[derive(Debug, Default)]
pub struct Imported {
    /// The lists and facts that the files answer.
    pub demand: Demand,
    /// The lists with their resources.
    pub lists: Vec<(Listed, Vec<Resource>)>,
    /// What could not be read, by the files.
    pub gaps: Vec<Gap>,
    /// Fields that rolecall does not know, by kind, in AWS's names, with how often they were met.
    pub ignored: BTreeMap<&'static str, BTreeMap<String, usize>>,
    /// What a person should know of how the files were read. Untrusted text is cleaned.
    pub notes: Vec<String>,
}

impl Imported {
    /// With what a snapshot has already of the account. A list stands in a snapshot once.
    pub fn added_to(
        mut self,
        header: &mut AccountHeader,
        known: AccountSnapshot,
    ) -> Result<Self, ImportError> {
        let twice = self.lists.iter().map(|(listed, _)| listed).filter(|listed| {
            let same =
                |gap: &Gap| gap.region == listed.region && gap.extent == of_list(&listed.kind);
            known.lists.contains_key(&(listed.kind.clone(), listed.region.clone()))
                || known.gaps.iter().any(same)
        });
        let faults: Vec<Fault> = twice
            .map(|listed| {
                Fault::of(
                    &listed.kind,
                    format!(
                        "the snapshot has this list in {} already; import into a new folder",
                        listed.region
                    ),
                )
            })
            .collect();
        if !faults.is_empty() {
            return Err(ImportError(faults));
        }
        header.regions.extend(known.header.regions);
        header.demand.merge(&known.header.demand);
        let mut resources: BTreeMap<(String, Region), Vec<Resource>> = BTreeMap::new();
        for resource in known.resources {
            let kind = crate::facts::kind(&resource.kind);
            let listed_in = match kind.map(|kind| kind.scope) {
                Some(crate::facts::Scope::Regional) => resource.region.clone(),
                _ => Region::global(),
            };
            resources.entry((resource.kind.clone(), listed_in)).or_default().push(resource);
        }
        for (key, listed) in known.lists {
            let resources = resources.remove(&key).unwrap_or_default();
            // Resources of kinds that this version does not know are not read, so they cannot be
            // kept.
            if resources.len() == listed.count {
                self.lists.push((listed, resources));
            }
        }
        self.lists.sort_by(|(a, _), (b, _)| (&a.kind, &a.region).cmp(&(&b.kind, &b.region)));
        self.gaps.extend(known.gaps);
        Ok(self)
    }
}

fn of_list(kind: &str) -> crate::model::Extent {
    crate::model::Extent::List { kind: kind.to_owned() }
}
