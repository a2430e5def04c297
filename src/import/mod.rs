//! Import: the JSON that the AWS CLI prints, as the facts of a snapshot, so that a rule can be
//! tried on what somebody else collected.
//!
//! There is no code per kind. `want` reads from a kind's shape what it is made of, `recognise`
//! finds out which call a file is the answer of, `place` where in an answer things are (the table
//! of kinds says so where names do not), `convert` turns names and values, `assemble` puts lists
//! and facts together, and `resources` makes resources of them. What was not imported is "not
//! collected", never "not configured".

mod answers;
mod assemble;
mod convert;
mod place;
mod recognise;
mod resources;
mod source;
#[cfg(test)]
mod tests;
mod want;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use crate::model::{AccountId, Demand, Gap, Partition, Region, Resource, text};
use crate::snapshot::{AccountHeader, AccountSnapshot, Listed};
use place::Place;

/// How a person says which call a file answers.
const HOW_TO_SAY: &str = "name it after the command (describe-vpcs.json, get-bucket-policy.BUCKET.json), or say what it is: \
                          KIND=FILE, KIND/FACT=FILE, KIND/FACT@RESOURCE=FILE (`rolecall facts` lists kinds and facts)";

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

/// Reads the files. Nothing is written; every fault of every file is in the error.
pub fn read(request: &Request<'_>, stdin: &mut dyn Read) -> Result<Imported, ImportError> {
    assemble::read(request, stdin)
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

/// Why files were not imported.
#[derive(Debug, thiserror::Error)]
pub struct ImportError(Vec<Fault>);

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 20;
        for (number, fault) in self.0.iter().take(SHOWN).enumerate() {
            write!(f, "{}{fault}", if number == 0 { "" } else { "\nerror: " })?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\nerror: … and {more} more"),
        }
    }
}

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    file: String,
    place: Option<Place>,
    message: String,
}

impl Fault {
    fn of(file: &str, message: impl Into<String>) -> Self {
        Self { file: text::one_line(file, 200), place: None, message: message.into() }
    }

    fn at(file: &str, place: &Place, message: impl Into<String>) -> Self {
        let place = (!place.is_top()).then(|| place.clone());
        Self { place, ..Self::of(file, message) }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{}: {place}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}
