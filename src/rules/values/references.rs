//! Which resources use a resource that fails: one finding on a shared resource names them, instead
//! of one finding for each of them. Missing data here changes no verdict; the evidence states that
//! it is missing.

use serde_json::{Value, json};

use super::index::Index;
use crate::facts::{CompactResource, Kind, Reference};
use crate::rules::values::account::{AccountFacts, reach};

/// How many are named; the count includes all.
const NAMED: usize = 50;

/// One item of evidence for each kind with resources that use this one, or whose resources are
/// unknown.
pub(super) fn evidence(
    facts: &AccountFacts,
    kinds: &[&'static Kind],
    of: &CompactResource,
) -> Vec<Value> {
    let Some(of_kind) = of.kind else { return Vec::new() };
    let piece = |kind: &&'static Kind| {
        let region = reach(kind, &of.about.region);
        if let Some(cause) = (facts.list_gap)(kind.name, &region) {
            return Some(json!({ "used_by": kind.name, "not_read": cause.to_string() }));
        }
        let reference = Reference::find(kind.name, of_kind.name)?;
        let key = (reference.from, region.clone(), reference.to.to_owned());
        let holders = facts.resources.by_reference.get(key, || {
            let mut holders = Index::default();
            for &position in facts.resources.of_kind_in(kind, &region) {
                let Some(resource) = facts.resources.get(position) else { continue };
                for id in reference.ids_in(&resource.facts) {
                    holders.insert(id.to_owned(), position);
                }
            }
            holders
        });
        let positions = holders.get(of.facts.get(of_kind.id)?.as_str()?)?;
        let named =
            positions.iter().take(NAMED).filter_map(|&position| facts.resources.get(position));
        let names: Vec<String> = named.map(|resource| resource.about.label()).collect();
        Some(json!({ "used_by": kind.name, "count": positions.len(), "resources": names }))
    };
    kinds.iter().filter_map(piece).collect()
}
