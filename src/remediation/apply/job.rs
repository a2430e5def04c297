//! An item to apply, and what planning again says about it.

use crate::fixes::Change;
use crate::model::Cause;

/// What planning again, with facts that were just collected, says about an item.
#[derive(Debug, Clone, PartialEq)]
pub enum Fresh {
    /// The same item would be planned.
    Same,
    /// None of its findings fails any more.
    Settled,
    /// It would not be planned, or would be different, in this way.
    Changed(String),
    /// Something that planning needs could not be read.
    Unread(Cause),
}

/// An item to apply.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// What to change.
    pub change: Change,
    /// Items that must be done before.
    pub depends_on: Vec<String>,
    /// What planning again says about it.
    pub fresh: Fresh,
}
