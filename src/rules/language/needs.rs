//! What a rule declares that it reads.

use std::collections::{BTreeMap, BTreeSet};

/// The facts and kinds that a rule reads beyond the list fields of its kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Facts of the resource itself.
    pub own: BTreeSet<&'static str>,
    /// Other kinds, with the facts that are read.
    pub related: BTreeMap<&'static str, BTreeSet<&'static str>>,
    /// Those of the other kinds, and of the facts of the resource itself, that may be unknown: the
    /// verdict is `unknown` only if the rule looks the kind up, or reads the fact.
    pub optional: BTreeSet<&'static str>,
}

impl Needs {
    /// Both together. What one of them requires is not optional.
    pub fn with(&self, other: &Self) -> Self {
        let mut all = self.clone();
        all.own.extend(&other.own);
        for (kind, facts) in &other.related {
            all.related.entry(kind).or_default().extend(facts);
        }
        let is_optional = |needs: &Self, kind: &str| {
            !needs.related.contains_key(kind) || needs.optional.contains(kind)
        };
        let optional =
            all.related.keys().filter(|kind| is_optional(self, kind) && is_optional(other, kind));
        let is_optional =
            |needs: &Self, fact: &str| !needs.own.contains(fact) || needs.optional.contains(fact);
        let own = all.own.iter().filter(|fact| is_optional(self, fact) && is_optional(other, fact));
        all.optional = optional.chain(own).copied().collect();
        all
    }

    /// Whether a rule for `kind` with these needs may read `fact` of a resource of kind `of`.
    pub fn allows(&self, kind: &str, of: &str, fact: &str) -> bool {
        (kind == of && self.own.contains(fact))
            || self.related.get(of).is_some_and(|facts| facts.contains(fact))
    }
}
