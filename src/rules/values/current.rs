//! The rule that is being evaluated.

use std::rc::Rc;

use crate::facts::Kind;
use crate::model::{Cause, Region};
use crate::rules::language::meta::Needs;

/// The rule that is being evaluated.
#[derive(Clone)]
pub(crate) struct CurrentRule {
    pub(crate) kind: &'static Kind,
    pub(crate) needs: Rc<Needs>,
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

    /// The `needs` entry for a fact of a kind.
    pub(crate) fn need_for(rule: Option<&Self>, kind: &Kind, fact: &str) -> String {
        let own = rule.is_some_and(|rule| rule.kind.name == kind.name);
        if own { fact.to_owned() } else { format!("{}/{fact}", kind.name) }
    }
}
