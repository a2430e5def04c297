//! What a rule declares, and what has to be collected for it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::facts::{self, Kind};
use crate::model::{Demand, Severity};

/// What a rule declares.
#[derive(Debug, Clone)]
pub struct Meta {
    /// What is wrong when it fails, in one line.
    pub title: String,
    /// The kind of resource it evaluates.
    pub kind: &'static Kind,
    /// What it reads beyond the list.
    pub needs: Needs,
    /// Kinds whose resources are named in a failure when they use the resource. They decide no
    /// verdict.
    pub used_by: Vec<&'static Kind>,
    /// How bad a failure is, unless the site says otherwise.
    pub severity: Severity,
    /// Parameters with their defaults.
    pub params: Map<String, Value>,
    /// Ids it had before, oldest first.
    pub aliases: Vec<String>,
}

/// What a rule reads beyond what the list of its kind returns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Facts of the resource itself.
    pub own: BTreeSet<&'static str>,
    /// Other kinds, with facts of theirs.
    pub related: BTreeMap<&'static str, BTreeSet<&'static str>>,
}

impl Needs {
    /// Whether a rule on `kind` with these needs may read `fact` of a resource of `of`.
    pub fn allows(&self, kind: &str, of: &str, fact: &str) -> bool {
        (kind == of && self.own.contains(fact))
            || self.related.get(of).is_some_and(|facts| facts.contains(fact))
    }
}

impl Meta {
    /// Everything that has to be collected for the rule: what decides its verdict, and who uses
    /// what fails.
    pub fn demand(&self) -> Demand {
        let mut demand = self.decisive_demand();
        self.used_by.iter().for_each(|kind| demand.add_kind(kind.name));
        demand
    }

    /// What decides its verdict.
    pub fn decisive_demand(&self) -> Demand {
        let mut demand = Demand::default();
        let mut add = |kind: &str, fact: &str| {
            demand.add_fact(kind, fact);
            if let Some(other) = facts::kind(kind).and_then(|kind| kind.fact(fact)?.read_with()) {
                demand.add_fact(kind, other);
            }
        };
        for fact in &self.needs.own {
            add(self.kind.name, fact);
        }
        for (kind, facts) in &self.needs.related {
            facts.iter().for_each(|fact| add(kind, fact));
        }
        demand.add_kind(self.kind.name);
        for kind in self.needs.related.keys() {
            demand.add_kind(kind);
        }
        demand
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_may_have_no_effect_is_never_read_alone() {
        let bucket = facts::kind("s3.bucket").unwrap();
        let own = Meta {
            title: String::new(),
            kind: bucket,
            used_by: Vec::new(),
            severity: Severity::Low,
            params: Map::new(),
            aliases: Vec::new(),
            needs: Needs { own: ["acl"].into(), related: BTreeMap::new() },
        };
        let related = Needs {
            own: BTreeSet::new(),
            related: BTreeMap::from([("s3.bucket", BTreeSet::from(["acl", "policy"]))]),
        };
        let related =
            Meta { kind: facts::kind("s3.account").unwrap(), needs: related, ..own.clone() };
        assert_eq!(
            own.demand().facts("s3.bucket").collect::<Vec<_>>(),
            ["acl", "ownership_controls"]
        );
        assert_eq!(
            related.demand().facts("s3.bucket").collect::<Vec<_>>(),
            ["acl", "ownership_controls", "policy"]
        );
        // What a rule may read is what it declares.
        assert!(!own.needs.allows("s3.bucket", "s3.bucket", "ownership_controls"));
    }
}
