//! Prefix lists, whose entries can be unknown, and results that depend on what is unknown.

use super::address_set::Family;
use crate::model::Cause;
use crate::model::text::one_line;

/// Where the entries of prefix lists come from.
pub trait PrefixLists {
    /// An error that ends the analysis.
    type Error;

    /// The ranges of a prefix list, or why they are unknown.
    fn ranges(&self, id: &str) -> Result<Result<Vec<String>, Cause>, Self::Error>;

    /// The address family of a prefix list, if it is known. All of its ranges are of this family.
    fn family(&self, _id: &str) -> Result<Option<Family>, Self::Error> {
        Ok(None)
    }
}

/// The address family that AWS calls `IPv4` or `IPv6`.
pub fn family_named(name: &str) -> Option<Family> {
    match name {
        "IPv4" => Some(Family::V4),
        "IPv6" => Some(Family::V6),
        _ => None,
    }
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
