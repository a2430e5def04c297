//! The three states of a fact.

use serde::Serialize;
use serde_json::Value;

use crate::model::Cause;

/// A fact about a resource, or why it is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact<T> {
    /// AWS returned a value.
    Known(T),
    /// AWS says that it is not configured.
    Absent,
    /// There is no usable response. It is never replaced by a default.
    Unreadable(Cause),
}

impl<T> Fact<T> {
    /// Maps a known value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known(value) => Fact::Known(f(value)),
            Self::Absent => Fact::Absent,
            Self::Unreadable(cause) => Fact::Unreadable(cause),
        }
    }
}

impl<T: Serialize> Fact<T> {
    /// The fact as it is stored in snapshots. A value that JSON cannot represent is unreadable, not
    /// absent.
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
