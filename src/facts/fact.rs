//! The three states of knowledge.

use serde::Serialize;
use serde_json::Value;

use crate::model::Cause;

/// Something AWS told us about a resource, or why it did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact<T> {
    /// AWS's answer.
    Known(T),
    /// AWS says: not configured.
    Absent,
    /// No usable answer. Never a default in its place.
    Unreadable(Cause),
}

impl<T> Fact<T> {
    /// The same state with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known(value) => Fact::Known(f(value)),
            Self::Absent => Fact::Absent,
            Self::Unreadable(cause) => Fact::Unreadable(cause),
        }
    }
}

impl<T: Serialize> Fact<T> {
    /// The fact as snapshots keep it. A value that JSON cannot hold is unreadable, not absent.
    pub fn into_json(self, call: &str) -> Fact<Value> {
        match self {
            Self::Known(value) => match serde_json::to_value(value) {
                Ok(value) => Fact::Known(value),
                Err(error) => Fact::Unreadable(Cause {
                    call: call.to_owned(),
                    code: "InvalidResponse".to_owned(),
                    message: error.to_string(),
                    denied_by: None,
                }),
            },
            Self::Absent => Fact::Absent,
            Self::Unreadable(cause) => Fact::Unreadable(cause),
        }
    }
}
