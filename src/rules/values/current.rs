//! The rule that is being evaluated.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::facts::Kind;
use crate::model::{Cause, Region};
use crate::rules::language::meta::Needs;

/// The rule that is being evaluated.
#[derive(Clone)]
pub(crate) struct CurrentRule {
    pub(crate) kind: &'static Kind,
    pub(crate) needs: Rc<Needs>,
    /// The fields that it reads only as evidence.
    pub(crate) evidence: Rc<BTreeSet<String>>,
    /// The region of the evaluated resource.
    pub(crate) region: Region,
    /// Why its region is not known: it is then in [`Region::global`].
    pub(crate) lost: Option<Cause>,
}

impl CurrentRule {
    /// Whether the rule declares that it reads a fact of a kind.
    pub(crate) fn may_read(&self, kind: &Kind, fact: &str) -> bool {
        self.needs.allows(self.kind.name, kind.name, fact)
    }

    /// Whether the rule reads a field of an object with this label only as evidence.
    pub(crate) fn is_evidence(&self, label: &str, field: &str) -> bool {
        let within = |path: &str| {
            let before = path.strip_suffix(field)?;
            let parent = if before.is_empty() { before } else { before.strip_suffix('.')? };
            let of_kind = label.strip_prefix(self.kind.name)?;
            Some(of_kind.strip_prefix('.').unwrap_or(of_kind) == parent)
        };
        self.evidence.iter().any(|path| within(path) == Some(true))
    }

    /// The `needs` entry for a fact of a kind.
    pub(crate) fn need_for(rule: Option<&Self>, kind: &Kind, fact: &str) -> String {
        let own = rule.is_some_and(|rule| rule.kind.name == kind.name);
        if own { fact.to_owned() } else { format!("{}/{fact}", kind.name) }
    }
}
