//! What remediation must leave alone.

use serde_json::{Map, Value};

use crate::model::globs::Globs;
use crate::model::ids::AccountId;

/// Resources that no plan changes.
#[derive(Debug, Clone, PartialEq)]
pub struct HandsOff {
    /// Accounts, by id or name.
    pub account: Globs,
    /// Ids, names or ARNs of resources.
    pub resource: Globs,
    /// Patterns for `Key=Value`, each of which must match a tag of the resource.
    pub tags: Vec<Globs>,
    /// Why; shown in plans.
    pub reason: String,
}

impl HandsOff {
    /// Whether it covers a resource with one of these `names`, in the account with that id and name;
    /// `None` if this depends on tags that are not known.
    pub fn covers(
        &self,
        (account, name): (&AccountId, Option<&str>),
        names: &[&str],
        tags: Option<&Map<String, Value>>,
    ) -> Option<bool> {
        let is_account = self.account.matches(account.as_str())
            || name.is_some_and(|name| self.account.matches(name));
        if !is_account || !names.iter().any(|name| self.resource.matches(name)) {
            return Some(false);
        }
        if self.tags.is_empty() {
            return Some(true);
        }
        let tags: Vec<String> = tags?
            .iter()
            .filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?)))
            .collect();
        Some(self.tags.iter().all(|globs| tags.iter().any(|tag| globs.matches(tag))))
    }
}
