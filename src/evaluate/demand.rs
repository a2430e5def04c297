//! What an evaluation needs to know about an account.

use std::sync::Arc;

use crate::model::Demand;
use crate::rules::{self, SelectedRule};
use crate::waivers::Waivers;

/// The fact with the tags of a resource, in resource types whose list does not return them.
pub const TAGS: &str = "tags";

/// The lists and facts that the rules need, and the tags that waivers select by.
pub fn demand(rules: &[Arc<SelectedRule>], waivers: &Waivers) -> Demand {
    let mut demand = rules::demand(rules);
    for selected in rules {
        let meta = &selected.rule.meta;
        if meta.kind.fact(TAGS).is_some() && waivers.read_tags(selected.rule.ids()) {
            demand.add_fact(meta.kind.name, TAGS);
        }
    }
    demand
}

/// The tags of what the rules evaluate, which name the code of a resource.
pub fn tags_demand(rules: &[Arc<SelectedRule>]) -> Demand {
    let mut demand = Demand::default();
    let kinds = rules.iter().map(|selected| selected.rule.meta.kind);
    for kind in kinds.filter(|kind| kind.fact(TAGS).is_some()) {
        demand.add_fact(kind.name, TAGS);
    }
    demand
}

/// What a plan of fixes needs: what the rules need to evaluate and to fix, and the tags of what they
/// evaluate, which tell who manages it.
pub fn fix_demand(rules: &[Arc<SelectedRule>], waivers: &Waivers) -> Demand {
    let mut demand = demand(rules, waivers);
    for selected in rules {
        let meta = &selected.rule.meta;
        demand.merge(&meta.fix_demand());
        if meta.fix.is_some() && meta.kind.fact(TAGS).is_some() {
            demand.add_fact(meta.kind.name, TAGS);
        }
    }
    demand
}
