//! What every run of the cases needs of the command line.

use crate::model::Globs;

/// What of the command line every run needs.
pub(super) struct Options {
    pub(super) filter: Option<Globs>,
    pub(super) coverage: bool,
    pub(super) color: bool,
}

impl Options {
    /// Whether a case is to be run.
    pub(super) fn wants(&self, rule: &str, case: &str) -> bool {
        self.filter
            .as_ref()
            .is_none_or(|filter| filter.matches(rule) || filter.matches(&format!("{rule}/{case}")))
    }
}
