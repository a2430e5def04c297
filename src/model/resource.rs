//! A resource in an account, with its facts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::gap::{Cause, DeniedBy, Extent, Gap};
use crate::model::ids::Region;

/// One resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// Its kind.
    pub kind: String,
    /// Its id, unique within account, kind and region.
    pub id: String,
    /// Its region.
    pub region: Region,
    /// Its ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Its display name, if it has one beside its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the list call returned, and each requested fact: `null` means "not configured".
    pub facts: Map<String, Value>,
    /// Requested facts that could not be read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unreadable: BTreeMap<String, Cause>,
}

impl Resource {
    /// The label for people: name and id, or the id alone.
    pub fn label(&self) -> String {
        match &self.name {
            Some(name) if *name != self.id => format!("{name} ({})", self.id),
            _ => self.id.clone(),
        }
    }
}

impl Gap {
    /// Groups the unreadable facts that failed in the same way in the same region into gaps. Messages
    /// differ between resources; the gap has that of the first one by region and id, regardless of
    /// the order of responses.
    pub fn of_facts(kind: &str, resources: &[Resource]) -> Vec<Self> {
        type Key<'a> = (&'a Region, &'a str, &'a str, &'a str, Option<DeniedBy>);
        let mut gaps: BTreeMap<Key<'_>, (Cause, BTreeSet<String>)> = BTreeMap::new();
        for resource in resources {
            for (fact, cause) in &resource.unreadable {
                let key = (
                    &resource.region,
                    fact.as_str(),
                    cause.call.as_str(),
                    cause.code.as_str(),
                    cause.denied_by,
                );
                let (_, ids) = gaps.entry(key).or_insert_with(|| (cause.clone(), BTreeSet::new()));
                ids.insert(resource.id.clone());
            }
        }
        gaps.into_iter()
            .map(|((region, fact, ..), (cause, resources))| Self {
                region: region.clone(),
                cause,
                extent: Extent::Facts { kind: kind.to_owned(), fact: fact.to_owned(), resources },
            })
            .collect()
    }
}
