//! Parameters of a rule in some accounts: `[[rules."<id>".override]]`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::{AccountKeys, Globs};

/// Parameters that apply in some accounts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ParamOverride {
    /// Patterns for ids or names of accounts; `None`: all.
    pub accounts: Option<Globs>,
    /// Patterns for the values of labels, all of which an account must have.
    pub labels: BTreeMap<String, Globs>,
    /// The parameters.
    pub params: Map<String, Value>,
}

impl ParamOverride {
    /// Whether it applies in an account.
    pub fn covers(&self, account: AccountKeys<'_>) -> bool {
        let is_named = |globs: &Globs| {
            globs.matches(account.id.as_str())
                || account.name.is_some_and(|name| globs.matches(name))
        };
        self.accounts.as_ref().is_none_or(is_named)
            && self.labels.iter().all(|(key, globs)| {
                account.labels.get(key).is_some_and(|value| globs.matches(value))
            })
    }
}
