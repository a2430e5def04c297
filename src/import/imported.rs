//! The content of the imported files.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{ImportError, ImportProblem};
use crate::facts::{Kind, Scope};
use crate::model::{AccountId, Demand, Extent, Gap, Partition, Region, Resource, text};
use crate::snapshot::{AccountHeader, AccountSnapshot, Listed};

/// What to import, and for which account.
#[derive(Debug)]
pub struct Request<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// Its partition.
    pub partition: &'a Partition,
    /// The region of regional resources.
    pub region: &'a Region,
    /// The files: `FILE`, `KIND=FILE`, `KIND/FACT=FILE`, `KIND/FACT@RESOURCE=FILE`; `-` is stdin.
    pub files: &'a [String],
}

/// What the files contain.
#[derive(Debug, Default)]
pub struct Imported {
    /// The lists and facts in the files.
    pub demand: Demand,
    /// The lists with their resources.
    pub lists: Vec<(Listed, Vec<Resource>)>,
    /// Errors in the files: what could not be read.
    pub gaps: Vec<Gap>,
    /// Fields that rolecall does not know: AWS's names by kind, with the number of occurrences.
    pub ignored: BTreeMap<&'static str, BTreeMap<String, usize>>,
    /// Notes about how the files were interpreted. Untrusted text is sanitized.
    pub notes: Vec<String>,
    /// Files that were left out, and why. What they should have contained is unreadable.
    pub left_out: Vec<String>,
}

impl Imported {
    /// Adds what a snapshot already has of the account. A snapshot has each list at most once.
    pub fn added_to(
        mut self,
        header: &mut AccountHeader,
        known: AccountSnapshot,
    ) -> Result<Self, ImportError> {
        let lists = self.lists.iter().map(|(listed, _)| (&listed.kind, &listed.region));
        let listed = lists.filter(|(kind, region)| {
            let same = |gap: &Gap| gap.region == **region && gap.extent == of_list(kind);
            known.gaps.iter().any(same)
        });
        // An error instead of the list contradicts the list, too.
        let failed = self.gaps.iter().filter_map(|gap| match &gap.extent {
            Extent::List { kind } => Some((kind, &gap.region)),
            _ => None,
        });
        let lists = self.lists.iter().map(|(listed, _)| (&listed.kind, &listed.region));
        let again = lists.chain(failed).filter(|(kind, region)| {
            known.lists.contains_key(&((*kind).clone(), (*region).clone()))
        });
        let duplicates: BTreeSet<(&String, &Region)> = listed.chain(again).collect();
        let problems: Vec<ImportProblem> = duplicates
            .into_iter()
            .map(|(kind, region)| {
                ImportProblem::of(
                    kind,
                    format!(
                        "the snapshot already has this list for {region}; import into a new folder"
                    ),
                )
            })
            .collect();
        let in_two_regions = self.lists.iter().filter_map(|(listed, resources)| {
            let kind = crate::facts::kind(&listed.kind).filter(|kind| has_generated_ids(kind))?;
            let ids: BTreeSet<&str> = resources.iter().map(|one| one.id.as_str()).collect();
            let same = |one: &&Resource| {
                one.kind == kind.name && one.region != listed.region && ids.contains(one.id.as_str())
            };
            let same = known.resources.iter().find(same)?;
            let message = format!(
                "`{}` is already in the snapshot with region {}, and a resource has only one region; check --region",
                text::one_line(&same.id, 100),
                same.region
            );
            Some(ImportProblem::of(kind.name, message))
        });
        let problems: Vec<ImportProblem> = problems.into_iter().chain(in_two_regions).collect();
        if !problems.is_empty() {
            return Err(ImportError(problems));
        }
        header.regions.extend(known.header.regions);
        header.demand.merge(&known.header.demand);
        let mut resources: BTreeMap<(String, Region), Vec<Resource>> = BTreeMap::new();
        for resource in known.resources {
            let kind = crate::facts::kind(&resource.kind);
            let listed_in = match kind.map(|kind| kind.scope) {
                Some(Scope::Regional) => resource.region.clone(),
                _ => Region::global(),
            };
            resources.entry((resource.kind.clone(), listed_in)).or_default().push(resource);
        }
        for (key, listed) in known.lists {
            let resources = resources.remove(&key).unwrap_or_default();
            // The reader skips resources of kinds that this version does not know, so they cannot be
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

/// Whether AWS generates the ids of a kind, so that a resource in one region does not have that of
/// one in another.
fn has_generated_ids(kind: &Kind) -> bool {
    kind.scope == Scope::Regional
        && kind.service() == "ec2"
        && kind.id.ends_with("_id")
        && kind.list.first().is_some_and(|call| !call.two_regions)
        // What belongs to several regions has none in its ARN.
        && kind.arn.is_none_or(|arn| arn.contains("{region}"))
}

fn of_list(kind: &str) -> Extent {
    Extent::List { kind: kind.to_owned() }
}
