//! What must be read of an account to look at the state of changes.

use super::action::Action;
use crate::facts::{self, TAGS};
use crate::model::Demand;

/// The lists and facts that these actions touch or read, on resources of these kinds, and the tags of
/// those, which can forbid a change.
pub fn demand<'a>(actions: impl IntoIterator<Item = (&'a str, &'a Action)>) -> Demand {
    let mut demand = Demand::default();
    for (kind, action) in actions {
        let spec = action.spec();
        demand.add_kind(kind);
        if facts::kind(kind).is_some_and(|kind| kind.fact(TAGS).is_some()) {
            demand.add_fact(kind, TAGS);
        }
        for name in spec.touches.iter().chain(spec.reads) {
            match name.split_once('/') {
                Some((kind, fact)) => demand.add_fact(kind, fact),
                None if name.contains('.') => demand.add_kind(name),
                None if facts::kind(kind).is_some_and(|kind| kind.fact(name).is_some()) => {
                    demand.add_fact(kind, name);
                }
                // A field of the list.
                None => {}
            }
        }
    }
    demand
}
