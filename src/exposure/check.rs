//! Whether a component lets traffic through.

use super::obstacle::Obstacle;
use crate::model::Cause;

/// A component: whether it lets traffic through.
#[derive(Debug, Clone)]
pub(super) enum Check<T> {
    /// It does; with its part of the path.
    Open(T),
    /// It does not.
    Closed(Obstacle),
    /// It was not read.
    Unknown(Vec<Cause>),
}

impl<T> Check<T> {
    /// The part of a path; what is not one is added to `blocks` or `unknown`.
    pub(super) fn split(self, blocks: &mut Vec<Obstacle>, unknown: &mut Vec<Cause>) -> Option<T> {
        match self {
            Self::Open(part) => return Some(part),
            Self::Closed(obstacle) => blocks.push(obstacle),
            Self::Unknown(causes) => unknown.extend(causes),
        }
        None
    }
}
