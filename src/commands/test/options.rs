//! The command-line options for running cases.

use crate::model::Globs;
use crate::rules::cases::Case;

/// The command-line options for running cases.
pub(super) struct Options {
    pub(super) filter: Option<Globs>,
    pub(super) coverage: bool,
    pub(super) color: bool,
}

impl Options {
    /// Whether a case of a rule is selected.
    pub(super) fn wants(&self, rule: &str, case: &Case) -> bool {
        let name = &case.name;
        self.filter.as_ref().is_none_or(|filter| {
            [Some(rule), case.variant.as_deref()]
                .into_iter()
                .flatten()
                .any(|id| filter.matches(id) || filter.matches(&format!("{id}/{name}")))
        })
    }
}
