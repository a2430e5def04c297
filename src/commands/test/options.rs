//! The command-line options for running cases.

use crate::model::Globs;

/// The command-line options for running cases.
pub(super) struct Options {
    pub(super) filter: Option<Globs>,
    pub(super) coverage: bool,
    pub(super) color: bool,
}

impl Options {
    /// Whether a case is selected.
    pub(super) fn wants(&self, rule: &str, case: &str) -> bool {
        self.filter
            .as_ref()
            .is_none_or(|filter| filter.matches(rule) || filter.matches(&format!("{rule}/{case}")))
    }
}
