//! Which resources use a resource that fails: one finding on a shared resource names them, instead
//! of one finding for each of them. Missing data here changes no verdict; the evidence states that
//! it is missing.

use std::cell::RefCell;
use std::collections::HashMap;

use serde_json::{Value, json};

use crate::facts::{Kind, Reference};
use crate::model::{Region, Resource};
use crate::rules::values::account::{AccountFacts, reach};

/// How many are named; the count includes all.
const NAMED: usize = 50;

/// Ids that resources hold → the positions of those resources; by referring kind, referenced kind,
/// and region.
type ReferenceIndex = HashMap<(&'static str, &'static str, Region), HashMap<String, Vec<usize>>>;

/// Which resources of the current account refer to which, as far as requested.
#[derive(Default)]
pub(crate) struct References(RefCell<ReferenceIndex>);

impl References {
    /// One item of evidence for each kind with resources that use this one, or whose resources are
    /// unknown.
    pub(crate) fn evidence(
        &self,
        facts: &AccountFacts,
        kinds: &[&'static Kind],
        of: &Resource,
    ) -> Vec<Value> {
        let id_field = crate::facts::kind(&of.kind).map_or("", |kind| kind.id);
        let piece = |kind: &&'static Kind| {
            let region = reach(kind, &of.region);
            if let Some(cause) = (facts.list_gap)(kind.name, &region) {
                return Some(json!({ "used_by": kind.name, "not_read": cause.to_string() }));
            }
            let reference = Reference::find(kind.name, &of.kind)?;
            let mut holders = self.0.borrow_mut();
            let holders = holders
                .entry((reference.from, reference.to, region.clone()))
                .or_insert_with(|| {
                    let mut holders: HashMap<String, Vec<usize>> = HashMap::new();
                    for &position in facts.resources.of_kind_in(kind, &region) {
                        let Some(resource) = facts.resources.get(position) else { continue };
                        for id in reference.ids(&resource.facts) {
                            let holders = holders.entry(id.to_owned()).or_default();
                            if holders.last() != Some(&position) {
                                holders.push(position);
                            }
                        }
                    }
                    holders
                });
            let positions = holders.get(of.facts.get(id_field)?.as_str()?)?;
            let named =
                positions.iter().take(NAMED).filter_map(|&position| facts.resources.get(position));
            let names: Vec<String> = named.map(Resource::label).collect();
            Some(json!({ "used_by": kind.name, "count": positions.len(), "resources": names }))
        };
        kinds.iter().filter_map(piece).collect()
    }
}
