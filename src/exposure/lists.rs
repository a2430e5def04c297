//! Prefix lists, whose entries can be unknown, and results that depend on what is unknown.

use crate::model::Cause;
use crate::model::text::one_line;

/// Where the entries of prefix lists come from.
pub trait PrefixLists {
    /// An error that ends the analysis.
    type Error;

    /// The ranges of a prefix list, or why they are unknown.
    fn ranges(&self, id: &str) -> Result<Result<Vec<String>, Cause>, Self::Error>;
}

/// What is known, and what is unknown and could change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithUnknown<T> {
    /// The result of what is known.
    pub known: T,
    /// What the result depends on, and why it is unknown.
    pub unknown: Vec<Cause>,
}

/// Why an address range is unknown: it is not valid, so it may be any.
pub fn malformed(call: &str, range: &str) -> Cause {
    let shown = one_line(range, 60);
    let message = format!("`{shown}` is not a valid address range");
    Cause::new(call, Cause::INVALID_RESPONSE, &message)
}
