//! The metadata of a rule, and what must be collected for it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::facts::{self, Kind, Scope};
use crate::fixes::FixClass;
use crate::model::{Demand, Severity};
use crate::rules::language::fix::FixMeta;
use crate::rules::language::limits::Limits;
pub use crate::rules::language::needs::Needs;
use crate::rules::language::variants::Variant;

/// The metadata of a rule.
#[derive(Debug, Clone)]
pub struct Meta {
    /// The problem when it fails, in one line.
    pub title: String,
    /// The kind of resource it evaluates.
    pub kind: &'static Kind,
    /// The facts and kinds that it reads beyond the list fields of its kind.
    pub needs: Needs,
    /// The fields of its kind that `check` reads only as evidence, as paths: whether they could be
    /// read does not affect the verdict.
    pub evidence: BTreeSet<String>,
    /// Kinds whose resources are listed in a finding if they use the resource. They do not affect
    /// the verdict.
    pub used_by: Vec<&'static Kind>,
    /// The default severity, which the config can override.
    pub severity: Severity,
    /// Parameters with their defaults.
    pub params: Map<String, Value>,
    /// The allowed values of parameters.
    pub limits: BTreeMap<String, Limits>,
    /// Previous ids, oldest first.
    pub aliases: Vec<String>,
    /// The Terraform resource types in which a failure is fixed, in order of preference, possibly with
    /// an attribute. Empty: that of the resource itself.
    pub terraform: Vec<String>,
    /// What `fn fix` can propose; `None` if the rule has no such function.
    pub fix: Option<FixMeta>,
    /// Whether it is in no profile, and runs only if it is selected by its id: it costs calls that
    /// nobody should make without knowing.
    pub opt_in: bool,
    /// The rules that the script declares; empty if it is a rule itself.
    pub variants: Vec<Variant>,
}

impl Meta {
    /// Everything that must be collected for the rule: what its verdict depends on, and the kinds
    /// in `used_by`.
    pub fn demand(&self) -> Demand {
        let mut demand = self.decisive_demand();
        self.used_by.iter().for_each(|kind| demand.add_kind(kind.name));
        demand
    }

    /// Everything that must be collected for `check` and `fix`.
    pub fn fix_demand(&self) -> Demand {
        let mut demand = self.demand();
        demand.merge(&self.demand_of(&self.needs_with_fix()));
        demand
    }

    /// Whether `fix` can propose actions.
    pub fn is_fixable(&self) -> bool {
        self.fix.as_ref().is_some_and(|fix| fix.most != FixClass::ByHand)
    }

    /// What `check` and `fix` read beyond the list fields of the kind.
    pub fn needs_with_fix(&self) -> Needs {
        match &self.fix {
            Some(fix) => self.needs.with(&fix.needs),
            None => self.needs.clone(),
        }
    }

    /// What the verdict depends on.
    pub fn decisive_demand(&self) -> Demand {
        self.demand_of(&self.needs)
    }

    /// The metadata of a variant: those of the script with what the variant sets.
    pub fn of_variant(&self, variant: &Variant) -> Self {
        let mut params = self.params.clone();
        params.extend(variant.params.clone());
        Self {
            title: variant.title.clone(),
            severity: variant.severity,
            aliases: variant.aliases.clone(),
            terraform: variant.terraform.clone().unwrap_or_else(|| self.terraform.clone()),
            params,
            variants: Vec::new(),
            ..self.clone()
        }
    }

    /// The variant with this id.
    pub fn variant(&self, id: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.id == id)
    }

    fn demand_of(&self, needs: &Needs) -> Demand {
        let mut demand = Demand::default();
        let mut add = |kind: &str, fact: &str| {
            demand.add_fact(kind, fact);
            if let Some(other) = facts::kind(kind).and_then(|kind| kind.fact(fact)?.read_with()) {
                demand.add_fact(kind, other);
            }
        };
        for fact in &needs.own {
            add(self.kind.name, fact);
        }
        for (kind, facts) in &needs.related {
            facts.iter().for_each(|fact| add(kind, fact));
        }
        if self.kind.scope != Scope::Account {
            demand.add_kind(self.kind.name);
        }
        for kind in needs.related.keys() {
            demand.add_kind(kind);
        }
        demand
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acl_is_collected_together_with_ownership_controls() {
        let bucket = facts::kind("s3.bucket").unwrap();
        let own = Meta {
            title: String::new(),
            kind: bucket,
            used_by: Vec::new(),
            evidence: BTreeSet::new(),
            severity: Severity::Low,
            params: Map::new(),
            limits: BTreeMap::new(),
            aliases: Vec::new(),
            opt_in: false,
            terraform: Vec::new(),
            fix: None,
            variants: Vec::new(),
            needs: Needs { own: ["acl"].into(), ..Needs::default() },
        };
        let related = Needs {
            related: BTreeMap::from([("s3.bucket", BTreeSet::from(["acl", "policy"]))]),
            ..Needs::default()
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
        // A rule may read only what it declares.
        assert!(!own.needs.allows("s3.bucket", "s3.bucket", "ownership_controls"));
    }
}
